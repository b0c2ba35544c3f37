"""The one seam: plain data in and out, in any process and any thread, and nothing left open that
failed.
"""

import contextlib
import pickle
import shutil
import threading
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path

import msgspec
import pytest

from grader.course.catalog import Course
from grader.course.kata import Kata
from grader.errors import NotFoundError, SandboxError, SpecError
from grader.judge import opening, pool
from grader.judge.grader import Grader
from grader.judge.opening import BUILT_IN, Opening, grade_source, lent_grader, open_grader
from grader.verdict import Verdict

TESTS = Path(__file__).parents[1]
TOY = Opening(str(TESTS / "toy"))
BARE = Opening(str(TESTS / "toy"), "process")
RIGHT = b"def double(x):\n    return x + x\n"
WRONG = b"def double(x):\n    return 3 * x\n"
FORBIDDEN = b"import operator\ndouble = operator.mul\n"


@pytest.fixture(autouse=True, scope="module")
def nothing_is_kept() -> Iterator[None]:
    """What one test opened is lent to the next; none is left for other tests."""
    yield
    close_kept()


def close_kept() -> None:
    kept = opening._kept.__dict__
    if "stack" in kept:
        kept["stack"].close()
    kept.clear()


def timeless(verdict: Verdict) -> Verdict:
    return msgspec.structs.replace(verdict, duration_s=0.0)


# -- open_grader -----------------------------------------------------------------------------------


def test_an_open_grader_grades_and_is_closed() -> None:
    with open_grader(Course(TESTS / "toy"), level="process", seed=7) as grader:
        [kata] = grader.course.katas
        verdict = grader.attempt_source(kata, WRONG).verdict()
        assert verdict.seed == 7
        assert verdict.isolation.level == "process"
        assert verdict.diagnosis is not None
        zygote = grader.sandbox._zygote.process
    assert zygote.poll() is not None


def test_an_open_grader_is_closed_after_an_error() -> None:
    with contextlib.ExitStack() as stack:
        stack.enter_context(contextlib.suppress(ZeroDivisionError))
        grader = stack.enter_context(open_grader(Course(TESTS / "toy"), level="process"))
        zygote = grader.sandbox._zygote.process
        _ = 1 / 0
    assert zygote.poll() is not None


def test_hidden_checks_are_run_where_they_are_asked_for(toy: Path) -> None:
    hidden = toy / "solutions/toy/double/hidden_checks.py"
    hidden.write_text(
        "from grader.checks import check, expect\n\n\n@check()\ndef hidden(submission):\n"
        '    """It doubles zero."""\n    expect(submission["double"](0), 0, name="the answer")\n'
    )
    shown = Opening(str(toy))
    verdicts = [
        grade_source("double", RIGHT, opening=msgspec.structs.replace(shown, hidden_checks=asked))
        for asked in (False, True)
    ]
    assert [verdict.max_points for verdict in verdicts] == [3, 4]
    assert [check.name for check in verdicts[1].checks][-1] == "hidden"


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    return shutil.copytree(
        TESTS / "toy", tmp_path / "toy", ignore=shutil.ignore_patterns("__pycache__")
    )


# -- grade_source ----------------------------------------------------------------------------------


def test_plain_data_goes_in_and_comes_out() -> None:
    verdict = grade_source("toy/double", WRONG, opening=TOY, seed=3, shown="ann/double.py")
    assert (verdict.kata, verdict.status, verdict.seed) == ("toy/double", "FAILED", 3)
    assert verdict.submission == "ann/double.py"
    assert verdict.diagnosis is not None
    assert verdict.diagnosis.id == "tripled"
    assert pickle.loads(pickle.dumps(verdict)) == verdict
    again = msgspec.json.decode(msgspec.json.encode(verdict), type=Verdict)
    assert again == verdict
    for sent in (TOY, BARE, BUILT_IN):
        assert pickle.loads(pickle.dumps(sent)) == sent


def test_the_same_arguments_give_the_same_verdict_whatever_came_before() -> None:
    def verdicts(seed: int) -> list[Verdict]:
        sources = (RIGHT, WRONG, FORBIDDEN, b"")
        return [
            timeless(grade_source("double", source, opening=TOY, seed=seed)) for source in sources
        ]

    first, other = verdicts(5), verdicts(6)
    assert verdicts(5) == first
    assert [v.status for v in first] == ["PASSED", "FAILED", "FORBIDDEN", "FAILED"]
    assert [v.status for v in other] == [v.status for v in first]
    assert other != first


def test_it_is_the_engine_behind_the_other_doors(grader: Grader, kata: Kata) -> None:
    path = TESTS / "corpus" / "lstm" / "lstm_cell" / "swapped_in_an_einsum.py"
    verdict = grade_source(kata.name, path.read_bytes(), shown=str(path))
    theirs = grader.attempt_source(kata, path.read_bytes(), shown=str(path)).verdict()
    assert timeless(verdict) == timeless(theirs)


@pytest.mark.full
def test_two_openings_in_one_process_do_not_mix() -> None:
    levels, zygotes = [], []
    for opened in (TOY, BARE, TOY):
        verdict = grade_source("double", WRONG, opening=opened)
        levels.append(verdict.isolation.level)
        assert verdict.diagnosis is not None
        zygotes.append(opening._kept.grader.sandbox._zygote.process)
        grade_source("double", RIGHT, opening=msgspec.structs.replace(opened))
        assert opening._kept.grader.sandbox._zygote.process is zygotes[-1], "it is lent again"
    assert levels[1] == "process"
    assert levels[0] == levels[2]
    assert [zygote.poll() is None for zygote in zygotes] == [False, False, True]


@pytest.mark.parametrize(
    ("kata", "opened", "error"),
    [
        ("halve", TOY, NotFoundError),
        ("double", Opening("/nowhere/at/all"), NotFoundError),
    ],
)
def test_what_is_not_there_is_an_error_that_travels(kata: str, opened: Opening, error) -> None:
    with pytest.raises(error):
        grade_source(kata, RIGHT, opening=opened)
    assert "grader" not in opening._kept.__dict__


# -- lent_grader -----------------------------------------------------------------------------------


def test_a_grader_that_failed_is_closed_and_the_next_is_a_new_one(toy: Path) -> None:
    opened = Opening(str(toy))
    with contextlib.suppress(ZeroDivisionError), lent_grader(opened) as failed:
        zygote = failed.sandbox._zygote.process
        _ = 1 / 0
    assert zygote.poll() is not None
    checks = toy / "katas/toy/double/checks.py"
    whole = checks.read_text()
    checks.write_text("import nothing_of_the_kind\n")
    with pytest.raises(SpecError, match=r"checks.py:1: cannot be imported"):
        grade_source("double", RIGHT, opening=opened)
    checks.write_text(whole)
    with lent_grader(opened) as grader:
        assert grader is not failed
        [kata] = grader.course.katas
        assert grader.attempt_source(kata, RIGHT).verdict().status == "PASSED"
    with lent_grader(opened) as again:
        assert again is grader


def test_an_opening_that_is_refused_leaves_nothing_behind(monkeypatch) -> None:
    monkeypatch.setattr("grader.sandbox.sandbox.fenced_commands", lambda *_: iter(()))
    refused = Opening(TOY.course, "full")
    for _ in range(2):
        with pytest.raises(SandboxError, match="full isolation was asked for"):
            grade_source("double", RIGHT, opening=refused)
        assert opening._kept.__dict__ == {}
    assert grade_source("double", RIGHT, opening=BARE).status == "PASSED"


class Opened:
    """Stands for a grader, and says whether it is open."""

    def __init__(self) -> None:
        self.open = True


@pytest.fixture
def opened(monkeypatch) -> Iterator[list[Opened]]:
    close_kept()
    made: list[Opened] = []

    @contextlib.contextmanager
    def fake(course, **options) -> Iterator[Opened]:
        grader = Opened()
        made.append(grader)
        yield grader
        grader.open = False

    monkeypatch.setattr(opening, "open_grader", fake)
    yield made
    close_kept()


def test_each_thread_has_a_grader_of_its_own(opened: list[Opened]) -> None:
    meet = threading.Barrier(3)

    def work(_: int) -> Opened:
        with lent_grader(TOY) as first:
            meet.wait(10)
        with lent_grader(TOY) as second:
            assert second is first
        close_kept()
        return first

    with ThreadPoolExecutor(3) as executor:
        assert len({*map(id, executor.map(work, range(3)))}) == 3
    assert len(opened) == 3


def test_a_fork_inherits_none_and_leaves_its_parents_open(opened, monkeypatch) -> None:
    with lent_grader(TOY) as parents:
        pass
    with monkeypatch.context() as child:
        child.setattr(opening.os, "getpid", lambda: -1)
        with lent_grader(TOY) as own:
            assert own is not parents
        assert parents.open
        close_kept()
    assert not own.open


# -- pools -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def processes() -> Iterator[Executor]:
    with pool.processes(2) as executor:
        yield executor


@pytest.mark.xdist_group("pool")
@pytest.mark.full
def test_in_a_pool_of_processes_the_verdicts_are_the_same(processes: Executor) -> None:
    sources = (RIGHT, WRONG, FORBIDDEN)
    futures = [
        processes.submit(grade_source, "double", source, opening=TOY, seed=2, shown="a.py")
        for source in sources
    ]
    there = [timeless(future.result(timeout=300)) for future in futures]
    here = [
        timeless(grade_source("double", source, opening=TOY, seed=2, shown="a.py"))
        for source in sources
    ]
    assert there == here


@pytest.mark.xdist_group("pool")
def test_an_error_in_a_pool_is_the_same_error(processes: Executor) -> None:
    error = processes.submit(grade_source, "halve", RIGHT, opening=TOY).exception(timeout=300)
    assert isinstance(error, NotFoundError)
    assert error.message == "there is no kata 'halve'"
    again = processes.submit(grade_source, "double", RIGHT, opening=TOY).result(timeout=300)
    assert again.status == "PASSED"


@pytest.mark.xdist_group("pool")
@pytest.mark.full
def test_a_spec_error_in_a_pool_keeps_its_file_and_line(processes: Executor, toy: Path) -> None:
    path = toy / "katas/course.toml"
    path.write_text("title = 3\n")
    opened = Opening(str(toy))
    error = processes.submit(grade_source, "double", RIGHT, opening=opened).exception(timeout=300)
    assert isinstance(error, SpecError)
    assert (error.path, error.line) == (path, 1)
