"""Many tasks over an executor: processes on this machine, or whatever else runs functions."""

import concurrent.futures
import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import (
    Callable,
    Container,
    Generator,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
    Sized,
)
from concurrent.futures import FIRST_COMPLETED, Executor, Future
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack, contextmanager
from multiprocessing.context import SpawnContext, SpawnProcess
from typing import Any, Self, TypeVar

from grader.signals import handling

Task = TypeVar("Task")
Result = TypeVar("Result")


MOST_DEATHS = 8
"""So many processes that die one after the other are no fault of what they had."""


class LostError(Exception):
    """Some tasks have no result, since each process that had them died.

    Args:
        tasks: which.
    """

    def __init__(self, tasks: Sequence[Any]) -> None:
        super().__init__(f"{len(tasks)} tasks")
        self.tasks = tasks


class _Process(SpawnProcess):
    """A process to which a terminal's Ctrl+C says nothing from its first moment on."""

    def start(self) -> None:
        """Start it; what is blocked here is blocked in it, until `_end_with_parent` ignores it.

        A signal that ends this process waits until it has started: one that is told half of what
        it is to do would end in a traceback.
        """
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            with _signals_later():
                super().start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _signals_later() -> Iterator[None]:
    """Signals that end this process, and come in the block, are handled behind it."""
    came: list[signal.Signals] = []
    ending = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    caught = [number for number in ending if callable(signal.getsignal(number))]
    with handling(dict.fromkeys(caught, lambda one, _: came.append(signal.Signals(one)))):
        yield
    for one in came[:1]:
        signal.raise_signal(one)


class _Context(SpawnContext):
    Process = _Process


@contextmanager
def processes(jobs: int) -> Iterator[Executor]:
    """An executor of so many processes, which end with this one, however it ends.

    After an error, what has not begun is not begun; after an interrupt, what has begun is ended.
    """
    with concurrent.futures.ProcessPoolExecutor(
        jobs, mp_context=_Context(), initializer=_end_with_parent
    ) as executor:
        try:
            yield executor
        except BaseException as error:
            if not isinstance(error, Exception | GeneratorExit):  # nobody waits for them
                for process in multiprocessing.active_children():
                    process.kill()
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


class Lanes:
    """So many processes, each with tasks of its own kind as long as there are some.

    What a process has learned from a task serves it for the next one of that kind. The processes
    start when they are first needed, and stay for the next tasks. Use as a context manager.
    """

    def __init__(self, jobs: int) -> None:
        self._jobs = jobs
        self._stack = ExitStack()
        self._executors: list[Executor] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: Any) -> None:
        self._executors.clear()
        self._stack.__exit__(*error)

    def each(
        self,
        function: Callable[[Task], Result],
        tasks: Iterable[Task],
        *,
        kind: Callable[[Task], str],
    ) -> Iterator[tuple[Task, Result]]:
        """Run a function on every task; yields each task and its result as it is done.

        Where a process dies, another one takes its place, and what it had is done once more, behind
        all others: it may have been killed from outside.

        Args:
            function: a function of a module.
            tasks: plain data.
            kind: of a task.

        Raises:
            LostError: behind all others, where some tasks took a process with them again; at once,
                where one process after the other dies.
        """
        lost = yield from self._round(function, tasks, kind)
        lost = yield from self._round(function, lost, kind)
        if lost:
            raise LostError(lost)

    def _round(
        self,
        function: Callable[[Task], Result],
        tasks: Iterable[Task],
        kind: Callable[[Task], str],
    ) -> Generator[tuple[Task, Result], None, list[Task]]:
        """Run it on every task once; returns the tasks whose process died."""
        left: dict[str, deque[Task]] = {}
        lost: list[Task] = []
        in_a_row = 0
        for task in tasks:
            left.setdefault(kind(task), deque()).append(task)
        while len(self._executors) < self._jobs:
            self._executors.append(self._stack.enter_context(processes(1)))
        at: dict[int, str] = {}
        running: dict[Future[Result], tuple[int, Task]] = {}
        free = [*range(self._jobs)]
        while left or running:
            while free and left:
                lane = free.pop(0)
                at[lane] = chosen = _kind_for(at.pop(lane, ""), left, set(at.values()))
                task = left[chosen].popleft()
                if not left[chosen]:
                    del left[chosen]
                running[self._submit(lane, function, task)] = lane, task
            done, _ = concurrent.futures.wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                lane, task = running.pop(future)
                free.append(lane)
                try:
                    result = future.result()
                except BrokenProcessPool:
                    lost.append(task)
                    in_a_row += 1
                    if in_a_row == MOST_DEATHS:
                        others = [one for waiting in left.values() for one in waiting]
                        begun = [had for _, had in running.values()]
                        raise LostError([*lost, *begun, *others]) from None
                    continue
                in_a_row = 0
                yield task, result
        return lost

    def _submit(self, lane: int, function: Callable[[Task], Result], task: Task) -> Future[Result]:
        """Have a lane run it, with another process where its own has died."""
        try:
            return self._executors[lane].submit(function, task)
        except BrokenProcessPool:
            self._executors[lane] = self._stack.enter_context(processes(1))
            return self._executors[lane].submit(function, task)


def _kind_for(last: str, left: Mapping[str, Sized], elsewhere: Container[str]) -> str:
    """The kind to go on with: the last one, else the one with the most tasks that nobody has."""
    if last in left:
        return last
    return max(left, key=lambda kind: (kind not in elsewhere, len(left[kind])))


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None

    def watch() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal's Ctrl+C is for the parent
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
