"""A pool: many tasks over any executor, each with its result, as they are done."""

import math
import os
import signal
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader.judge import pool
from grader.judge.pool import Lanes, each, processes


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
def test_a_lane_that_dies_is_told_and_can_be_replaced() -> None:
    with Lanes(1) as lanes:
        with pytest.raises(BrokenProcessPool):
            list(lanes.each(os._exit, [3], kind=str))
        lanes.renew()
        assert list(lanes.each(math.factorial, [4], kind=str)) == [(4, 24)]
