"""The sandbox: one zygote and the workers that it forks."""

import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Literal, NamedTuple, Self

import msgspec

from grader.errors import SandboxError
from grader.sandbox import gpu
from grader.sandbox.bubblewrap import fenced_commands
from grader.sandbox.python import below_tmp, ordinary_user, readable
from grader.sandbox.tries import tries
from grader.sandbox.worker import Worker
from grader.sandbox.zygote import Zygote
from grader.verdict import Isolation
from grader.wire.messages import Forbidden, Limits
from grader.worker.control import (
    Fencing,
    Fork,
)

Level = Literal["full", "process"]


class Kind(NamedTuple):
    """Which worker: those of one kind are the same until they meet a submission.

    Args:
        limits: what it may use.
        preload: modules to import before the fork, once for all workers.
        forbidden: what its submission must not use, to look for before the fork.
    """

    limits: Limits
    preload: tuple[str, ...] = ()
    forbidden: Forbidden = Forbidden()


class Sandbox:
    """One zygote and the workers that it forks. Use as a context manager.

    Args:
        level: "full" refuses to run without namespaces; "process" does not try them; None takes
            what the machine gives.
        hidden: folders that a submission must never see, should they lie inside the Python
            installation.
        without: fences to leave out (`fences.FENCES`), so that tests can see what each one holds.
        devices: device files of a GPU that workers may use. Such a worker has a sandbox of its own,
            in which the driver finds what it reads of /proc and /sys, and its memory is limited by
            what is resident: CUDA reserves far more addresses than it uses.

    Starting is quick: the zygote imports torch in the background, and the first `worker` waits for
    it.
    """

    def __init__(
        self,
        *,
        level: Level | None = None,
        hidden: Iterable[Path] = (),
        without: Iterable[str] = (),
        devices: Iterable[str] = (),
    ) -> None:
        self.problems: list[str] = []
        self.restarts = 0
        self._level = level
        self._hidden = tuple(hidden)
        self._devices = tuple(devices)
        # With namespaces of its own, a worker would see nothing of /proc.
        self._without = (*without, *(("namespaces",) if self._devices else ()))
        self._with_gpu: Sandbox | None = None
        self._zygote: Zygote | None = None
        self._isolation: Isolation | None = None
        self._tokens = 0
        self._spare: tuple[Kind, Worker] | None = None
        self._last: Kind | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def isolation(self) -> Isolation:
        """Which fences the workers have (waits until the first zygote is ready)."""
        if self._isolation is None:
            self._ready()
            assert self._isolation is not None
        return self._isolation

    def start(self) -> None:
        """Start the zygote; returns as soon as it stands, before it has imported torch."""
        if self._zygote is None:
            self._zygote = self._launch()

    def for_device(self, device: str) -> "Sandbox":
        """The sandbox for workers that compute there: this one, or one that has the GPU.

        The one with the GPU has this one's level and lives as long; it is made when it is needed.
        """
        if device != "cuda" or self._devices:
            return self
        if self._with_gpu is None:
            self._with_gpu = Sandbox(
                level=self._level, hidden=self._hidden, devices=gpu.device_files()
            )
        return self._with_gpu

    def close(self) -> None:
        """End the zygote and every worker."""
        if self._with_gpu is not None:
            self._with_gpu.close()
            self._with_gpu = None
        self.end_spare()
        if self._zygote is not None:
            self._zygote.close()
            self._zygote = None

    def worker(self, kind: Kind, *, more: bool = False) -> Worker:
        """A worker that has met no submission yet.

        Args:
            kind: which.
            more: others of this kind may be asked for. From the second in a row on, the next one is
                forked while this one works.

        Raises:
            SandboxError: no zygote can be started.
        """
        worker = self._taken(kind) or self._forked(kind)
        if more:
            if kind == self._last:
                self._fork_spare(kind)
            self._last = kind
        return worker

    def expect(self, kind: Kind) -> bool:
        """Have a worker of that kind forked for the next who asks; False while torch is missing.

        Nothing is waited for.
        """
        if self._zygote is None or not self._zygote.is_ready:
            return False
        self._fork_spare(kind)
        return True

    def _fork_spare(self, kind: Kind) -> None:
        """Have a worker of a kind ready, where no other worker can reach it meanwhile."""
        self.end_spare()
        zygote = self._zygote
        if zygote is None or not zygote.nested:
            return
        with suppress(OSError):  # whoever asks for the next one finds out
            zygote.begin_preload(kind.preload)
            self._spare = kind, Worker(zygote, self._fork(kind))

    def end_spare(self) -> None:
        """End the worker that is forked and waits, if there is one."""
        spare, self._spare = self._spare, None
        if spare is not None:
            spare[1].leave()

    def _taken(self, kind: Kind) -> Worker | None:
        """The spare worker, if it is of that kind and nothing has happened to it."""
        if self._spare is None or self._spare[0] != kind:
            return None
        if self._zygote is not None and self._zygote.stands and self._spare[1].waits:
            with suppress(OSError, SandboxError):
                self._zygote.preload(kind.preload)
                (_, worker), self._spare = self._spare, None
                return worker
        self.end_spare()
        return None

    def _fork(self, kind: Kind) -> Fork:
        self._tokens += 1
        return Fork(self._tokens, kind.limits, kind.forbidden)

    def _forked(self, kind: Kind) -> Worker:
        for _ in tries():
            zygote = self._ready()
            # Where children cannot take namespaces of their own, each worker gets a sandbox of its
            # own instead, and that ends with it.
            alone = zygote.fenced and not zygote.nested
            try:
                zygote.preload(kind.preload)
                worker = Worker(zygote, self._fork(kind), alone=alone)
            except (OSError, SandboxError) as error:
                self.problems.append(str(error))
                self.close()
                self.restarts += 1
                continue
            if alone:
                self._zygote = None
            return worker
        raise SandboxError(
            f"no worker can be started: {self.problems[-1]}",
            advice="Run `kata doctor` to see what this machine allows.",
        )

    def _ready(self) -> "Zygote":
        for _ in tries():
            self.start()
            assert self._zygote is not None
            try:
                self._zygote.wait_ready()
                level: Level = "full" if self._zygote.fenced else "process"
                self._isolation = Isolation(level=level, layers=self._zygote.layers)
                self._level = level  # what has stood once is not given up for less
                return self._zygote
            except SandboxError as error:
                self.problems.append(error.message)
                self.close()
                self.restarts += 1
        raise SandboxError(
            f"the sandboxed process cannot start: {self.problems[-1]}",
            advice="Run `kata doctor` to see what this machine allows.",
        )

    def _launch(self) -> "Zygote":
        attempts: list[tuple[list[str], bool, int | None]] = []
        if self._level != "process":
            attempts = list(fenced_commands(self._hidden, self._devices))
            if not attempts:
                self.problems.append(
                    "bubblewrap (bwrap) is not installed"
                    if sys.platform == "linux"
                    else f"no namespaces on {sys.platform}"
                )
        if self._level != "full":
            attempts.append(([sys.executable, "-I", "-S", "-B"], False, None))
        for command, fenced, become in attempts:
            fencing = Fencing(
                -1,
                fenced,
                become,
                below_tmp=below_tmp(),
                without=self._without,
                devices=self._devices,
            )
            if not fenced:
                fencing = msgspec.structs.replace(
                    fencing,
                    readable=readable(self._hidden, with_gpu=bool(self._devices)),
                    worker_uid=ordinary_user(),
                )
            try:
                return Zygote(command, fencing, gpu.environment() if self._devices else {})
            except SandboxError as error:
                self.problems.append(error.message)
        raise SandboxError(
            "full isolation was asked for and this machine refuses it: " + "; ".join(self.problems),
            advice="Run `kata doctor` to see what is missing, and how to allow it.",
        )
