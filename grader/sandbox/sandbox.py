"""The sandbox: one zygote and the workers that it forks."""

import sys
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

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
        if self._zygote is not None:
            self._zygote.close()
            self._zygote = None

    def worker(
        self,
        limits: Limits,
        *,
        preload: tuple[str, ...] = (),
        forbidden: Forbidden | None = None,
    ) -> "Worker":
        """Fork a fresh worker.

        Args:
            limits: what it may use.
            preload: modules to import before the fork, once for all workers.
            forbidden: what its submission must not use, to look for before the fork.

        Raises:
            SandboxError: no zygote can be started.
        """
        self._tokens += 1
        fork = Fork(self._tokens, limits, forbidden or Forbidden())
        for _ in tries():
            zygote = self._ready()
            # Where children cannot take namespaces of their own, each worker gets a sandbox of its
            # own instead, and that ends with it.
            alone = zygote.fenced and not zygote.nested
            try:
                zygote.preload(preload)
                worker = Worker(zygote, fork, alone=alone)
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
