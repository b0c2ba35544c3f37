"""Many tasks over an executor: processes on this machine, or whatever else runs functions."""

import concurrent.futures
import multiprocessing
import os
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from typing import TypeVar

Task = TypeVar("Task")
Result = TypeVar("Result")


@contextmanager
def processes(jobs: int) -> Iterator[Executor]:
    """An executor of so many processes, which end with this one, however it ends.

    After an error, what has not begun is not begun.
    """
    context = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(
        jobs, mp_context=context, initializer=_end_with_parent
    ) as executor:
        try:
            yield executor
        except BaseException:
            executor.shutdown(cancel_futures=True)
            raise


def each(
    executor: Executor, function: Callable[[Task], Result], tasks: Iterable[Task]
) -> Iterator[tuple[Task, Result]]:
    """Run a function on every task; yields each task and its result as it is done.

    Args:
        executor: where to run it. Only the function's name, the tasks and the results travel.
        function: a function of a module.
        tasks: plain data.
    """
    futures = {executor.submit(function, task): task for task in tasks}
    for future in concurrent.futures.as_completed(futures):
        yield futures[future], future.result()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None

    def watch() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
