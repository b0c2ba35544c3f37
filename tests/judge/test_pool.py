"""A pool: many tasks over any executor, each with its result, as they are done."""

import math
import os
import signal
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import nullcontext
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader.judge import pool
from grader.judge.pool import Lanes, LostError, each, processes


def test_every_task_comes_with_its_result_as_it_is_done() -> None:
    def slow(delay_s: float) -> float:
        time.sleep(delay_s)
        return 2 * delay_s

    with ThreadPoolExecutor(3) as executor:
        done = list(each(executor, slow, [0.3, 0.0, 0.15]))
    assert done == [(0.0, 0.0), (0.15, 0.3), (0.3, 0.6)]


def test_an_error_is_not_swallowed() -> None:
    with ThreadPoolExecutor(2) as executor, pytest.raises(ZeroDivisionError):
        list(each(executor, lambda task: 1 // task, [1, 0]))


@pytest.mark.xdist_group("pool")
def test_processes_work_and_end_with_the_block() -> None:
    with processes(2) as executor:
        assert dict(each(executor, math.factorial, range(5))) == {0: 1, 1: 1, 2: 2, 3: 6, 4: 24}
        pids = {executor.submit(os.getpid).result() for _ in range(20)}
        assert os.getpid() not in pids
        assert len(pids) <= 2
    assert not any(Path(f"/proc/{pid}").exists() for pid in pids)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_waits_until_a_process_has_started(
    monkeypatch: pytest.MonkeyPatch, number: signal.Signals
) -> None:
    """Ended halfway, one that is told what to do by a pipe would end in a traceback."""
    seen: list[str] = []

    def start(self: object) -> None:
        os.kill(os.getpid(), number)
        time.sleep(0.05)
        seen.append("started")

    class Ended(BaseException):
        pass

    def end(*_: object) -> None:
        seen.append("ended")
        raise Ended

    monkeypatch.setattr("multiprocessing.context.SpawnProcess.start", start)
    before = signal.signal(number, end)
    try:
        with pytest.raises(Ended):
            pool._Process().start()
        assert signal.getsignal(number) is end
    finally:
        signal.signal(number, before)
    assert seen == ["started", "ended"]


@pytest.fixture
def threads(monkeypatch: pytest.MonkeyPatch) -> list[Executor]:
    """Lanes of threads in the place of processes; one named after its number, in order."""
    made: list[Executor] = []

    def start(jobs: int) -> Executor:
        made.append(ThreadPoolExecutor(jobs, f"lane {len(made)} "))
        return made[-1]

    monkeypatch.setattr(pool, "processes", start)
    return made


def lane_of(task: str) -> str:
    return threading.current_thread().name


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tasks=st.lists(st.sampled_from("aabbcd").map(str), max_size=20), jobs=st.integers(1, 4))
def test_every_task_of_every_kind_is_done_once(threads: Callable, tasks: list, jobs: int) -> None:
    with Lanes(jobs) as lanes:
        done = list(lanes.each(lane_of, tasks, kind=str))
    assert sorted(task for task, _ in done) == sorted(tasks)
    assert len({lane for _, lane in done}) <= jobs


def test_a_lane_stays_with_its_kind_and_goes_on_where_nobody_is(threads: list) -> None:
    side_by_side = threading.Barrier(2)

    def work(task: str) -> str:
        side_by_side.wait()
        return lane_of(task)

    at: dict[str, set[str]] = defaultdict(set)
    with Lanes(2) as lanes:
        for task, lane in lanes.each(work, ["c1", "b1", "b2", "a1", "a2", "a3"], kind=_letter):
            at[_letter(task)].add(lane)
        assert list(lanes.each(work, [], kind=_letter)) == []
    assert at["b"] == at["c"] != at["a"]
    assert len(threads) == 2, "the lanes stay for the next tasks"


def _letter(task: str) -> str:
    return task[0]


@pytest.mark.xdist_group("pool")
def test_a_task_that_kills_its_process_keeps_no_other_from_a_result() -> None:
    with Lanes(2) as lanes:
        done = lanes.each(_whole, ["a1", "b0", "b2", "c3"], kind=_letter)
        assert sorted(next(done) for _ in range(3)) == [("a1", 1), ("b2", 2), ("c3", 3)]
        with pytest.raises(LostError) as lost:
            next(done)
        assert lost.value.tasks == ["b0"]
        assert list(lanes.each(math.factorial, [4], kind=str)) == [(4, 24)]


def _whole(task: str) -> int:
    return int(task[1]) or os._exit(3)


@pytest.mark.xdist_group("pool")
def test_a_task_whose_process_is_killed_once_is_done_again(tmp_path: Path) -> None:
    with Lanes(1) as lanes:
        assert list(lanes.each(_second_time, [tmp_path / "seen"], kind=str)) == [
            (tmp_path / "seen", "done")
        ]


def _second_time(seen: Path) -> str:
    if not seen.exists():
        seen.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return "done"


def test_where_every_process_dies_it_ends_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    begun = []

    class Broken:
        def submit(self, function: object, task: str) -> Future[str]:
            begun.append(task)
            future: Future[str] = Future()
            future.set_exception(BrokenProcessPool())
            return future

    monkeypatch.setattr(pool, "processes", lambda jobs: nullcontext(Broken()))
    with Lanes(2) as lanes, pytest.raises(LostError) as lost:
        list(lanes.each(lane_of, [f"a{n}" for n in range(100)], kind=_letter))
    assert len(lost.value.tasks) == 100
    assert len(begun) <= pool.MOST_DEATHS + 1
