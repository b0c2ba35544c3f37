"""A pool: many tasks over any executor, each with its result, as they are done."""

import math
import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from grader.judge.pool import each, processes


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
