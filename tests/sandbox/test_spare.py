"""A worker that is forked before it is needed."""

import signal
from collections.abc import Iterator

import pytest

from grader.errors import SandboxError
from grader.sandbox.sandbox import Kind, Sandbox
from grader.sandbox.worker import Worker
from grader.wire.messages import Answer, Call, Forbidden, Limits, Load, Loaded
from grader.worker.control import Hello

KIND = Kind(Limits())
OTHER = Kind(Limits(cpu_s=7.0))


@pytest.fixture(scope="module")
def own() -> Iterator[Sandbox]:
    """A sandbox that nobody else asks for workers."""
    with Sandbox() as made:
        if "namespaces" not in made.isolation.layers:
            pytest.skip("no namespaces here")
        yield made


@pytest.fixture(autouse=True)
def _none_before(own: Sandbox) -> None:
    own.end_spare()
    own._last = None


def answers(worker: Worker, source: str = "def double(x):\n    return 2 * x\n") -> object:
    """What a worker's submission answers to 21; the worker is ended."""
    load = Load(
        worker.next_number(), "double", source.encode(), "", "cpu", Forbidden(), ("double",)
    )
    assert isinstance(worker.ask(load, timeout_s=20), Loaded)
    call = Call(worker.next_number(), "double", None, (21,), {})
    answer = worker.ask(call, timeout_s=20)
    worker.leave()
    assert isinstance(answer, Answer)
    return answer.value


def spare(own: Sandbox) -> Worker | None:
    return own._spare[1] if own._spare else None


def test_from_the_second_in_a_row_on_the_next_one_is_forked_ahead(own: Sandbox) -> None:
    first = own.worker(KIND, more=True)
    assert spare(own) is None
    second = own.worker(KIND, more=True)
    ready = spare(own)
    assert ready is not None
    third = own.worker(KIND, more=True)
    assert third is ready
    assert spare(own) not in (None, third)
    assert [answers(one) for one in (first, second, third)] == [42, 42, 42]


def test_none_is_forked_for_who_asks_once(own: Sandbox) -> None:
    for _ in range(3):
        own.worker(KIND).close()
    assert spare(own) is None


def test_another_kind_gets_its_own(own: Sandbox) -> None:
    assert own.expect(KIND)
    ready = spare(own)
    other = own.worker(OTHER)
    assert other is not ready
    assert other.limits == OTHER.limits
    again = own.worker(KIND)
    assert again is ready
    assert [answers(one) for one in (other, again)] == [42, 42]


def test_what_was_expected_is_ready_with_its_imports(own: Sandbox) -> None:
    kind = Kind(Limits(), ("colorsys",))
    assert own.expect(kind)
    source = "import sys\nthere = 'colorsys' in sys.modules\ndef double(x):\n    return there\n"
    assert answers(own.worker(kind), source) is True


def test_a_spare_that_was_killed_is_replaced(own: Sandbox) -> None:
    assert own.expect(KIND)
    ready = spare(own)
    assert ready is not None
    ready._zygote.kill(ready._token)
    assert ready._zygote.exited(ready._token, 10.0) is not None
    worker = own.worker(KIND)
    assert worker is not ready
    assert answers(worker) == 42


def test_one_that_goes_down_with_its_sandbox_is_replaced_too(own: Sandbox) -> None:
    assert own.expect(KIND)
    assert own._zygote is not None
    own._zygote.process.send_signal(signal.SIGKILL)
    own._zygote.process.wait(10.0)
    with pytest.raises(SandboxError):  # what was below it is gone too
        own._zygote._await(Hello, 10.0)
    assert answers(own.worker(KIND)) == 42


def test_nothing_is_expected_of_a_sandbox_that_is_not_ready() -> None:
    with Sandbox() as made:
        made.close()
        assert not made.expect(KIND)


def test_a_worker_imports_nothing_that_its_zygote_could_have_imported(own: Sandbox) -> None:
    """What the zygote leaves out, each worker imports anew: NumPy's generators took 15 ms."""
    source = """
import sys
before = set(sys.modules)
def double(x):
    return sorted(set(sys.modules) - before - {"double"}) + [
        name for name in ("numpy.random", "torch.utils._device") if name not in before
    ]
"""
    assert answers(own.worker(KIND), source) == []


def test_none_waits_where_another_submission_could_stop_it() -> None:
    with Sandbox(level="process") as made:
        assert made.isolation.level == "process"
        assert made.expect(KIND)
        assert spare(made) is None
