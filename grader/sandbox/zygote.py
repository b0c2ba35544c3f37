"""The zygote, seen from the judge: a process, and the control socket to it."""

import contextlib
import os
import select
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Mapping

import msgspec

from grader.errors import SandboxError
from grader.sandbox.python import PACKAGE, python_path
from grader.worker.control import (
    Exited,
    Fencing,
    Fork,
    Hello,
    Kill,
    Preload,
    Preloaded,
    Ready,
    ToJudge,
)

HELLO_S = 20.0
READY_S = 120.0
GOODBYE_S = 5.0
_BOOT = (
    "import sys; sys.path[:0] = {path!r}; from grader.worker.zygote import run; run(sys.argv[1])"
)


class Zygote:
    """The process that forks workers, and the control socket to it.

    Args:
        command: Python inside the sandbox.
        fencing: how it fences its workers in.
        environment: variables beside the usual ones.
    """

    def __init__(
        self, command: list[str], fencing: Fencing, environment: Mapping[str, str]
    ) -> None:
        self.fenced = fenced = fencing.fenced
        self.nested = False
        self.layers: tuple[str, ...] = ()
        self._ready = False
        self._exits: dict[int, Exited] = {}
        self._left: set[int] = set()
        self._preloaded: set[str] = set()
        self._preloads = 0
        self._decoder = msgspec.msgpack.Decoder(ToJudge)
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.control = ours
        path = (
            ["/judge", *map(os.path.realpath, python_path())]
            if fenced
            else [str(PACKAGE.parent), *python_path()]
        )
        command = [*command, "-c", _BOOT.format(path=path)]
        environment = {
            **environment,
            "OMP_NUM_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1",
            "MKL_NUM_THREADS": "1",
            "TORCHDYNAMO_DISABLE": "1",  # there is no compiler, so `torch.compile` changes nothing
            "LANG": "C.UTF-8",
            "HOME": "/tmp",
            "USER": "nobody",  # some of torch asks for a name, and no file of users is there
        }
        environment |= {
            name: os.environ[name] for name in ("OPENBLAS_CORETYPE",) if name in os.environ
        }
        self._log = tempfile.TemporaryFile()  # noqa: SIM115  closed with the zygote
        with theirs:
            fencing = msgspec.structs.replace(fencing, control_fd=theirs.fileno())
            command.append(msgspec.json.encode(fencing).decode())
            try:
                self.process = subprocess.Popen(
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=self._log,
                    stderr=self._log,
                    pass_fds=(theirs.fileno(),),
                    env=environment,
                    cwd="/",
                    start_new_session=True,
                )
            except OSError as error:
                ours.close()
                raise SandboxError(f"{command[0]} cannot be started: {error}") from None
        try:
            self._await(Hello, HELLO_S)
        except SandboxError:
            self.close()
            raise

    def wait_ready(self) -> None:
        """Wait until torch is imported there.

        Raises:
            SandboxError: it died, or took more than `READY_S`.
        """
        if not self._ready:
            ready = self._await(Ready, READY_S)
            assert isinstance(ready, Ready)
            self.layers, self.nested, self._ready = ready.layers, ready.nested, True

    def begin_preload(self, modules: tuple[str, ...]) -> None:
        """Have modules imported, unless they are; every fork from now on comes after that.

        Raises:
            OSError: it died.
        """
        missing = tuple(name for name in modules if name not in self._preloaded)
        if missing:
            self.control.send(msgspec.msgpack.encode(Preload(missing)))
            self._preloads += 1
            self._preloaded |= {*missing}

    def preload(self, modules: tuple[str, ...]) -> None:
        """Have modules imported, and wait until they are.

        Raises:
            OSError, SandboxError: it died, or took more than `READY_S`.
        """
        self.begin_preload(modules)
        deadline = time.monotonic() + READY_S
        while self._preloads:
            self._note(self._receive(deadline))

    @property
    def stands(self) -> bool:
        """Whether its process has not ended."""
        return self.process.poll() is None

    @property
    def is_ready(self) -> bool:
        """Whether torch is imported there, as far as is known without waiting."""
        with contextlib.suppress(SandboxError):
            if not self._ready and self._has_word():
                self.wait_ready()
        return self._ready

    def fork(self, fork: Fork, wire_fd: int, output_fd: int) -> None:
        """Ask for a worker that talks on `wire_fd` and prints to `output_fd`."""
        with contextlib.suppress(SandboxError):  # if it is dead, the next line says so
            while self._left and self._has_word():
                self._note(self._receive(time.monotonic()))
        socket.send_fds(self.control, [msgspec.msgpack.encode(fork)], [wire_fd, output_fd])

    def kill(self, token: int) -> None:
        """End a worker and all that it started."""
        with contextlib.suppress(OSError):
            self.control.send(msgspec.msgpack.encode(Kill(token)))

    def leave(self, token: int) -> None:
        """End a worker and all that it started; how it ends is nobody's concern."""
        self._left.add(token)
        self.kill(token)

    def exited(self, token: int, timeout_s: float) -> Exited | None:
        """How that worker ended, or None if it has not within the time."""
        deadline = time.monotonic() + timeout_s
        while token not in self._exits:
            try:
                message = self._receive(deadline)
            except SandboxError:
                return None
            self._note(message)
        return self._exits.pop(token)

    def _note(self, message: ToJudge) -> None:
        """Keep what nobody waits for now: how a worker ended, and that modules are imported."""
        if isinstance(message, Preloaded):
            self._preloads -= 1
        elif isinstance(message, Exited):
            if message.token in self._left:
                self._left.remove(message.token)
            else:
                self._exits[message.token] = message

    def close(self) -> None:
        """End it, and with it every worker: its pid namespace, or its process group."""
        with contextlib.suppress(OSError):
            self.control.close()
        try:
            self.process.wait(0.0 if self.fenced else GOODBYE_S)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(OSError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(GOODBYE_S)
        self._log.close()

    def _await(self, kind: type, timeout_s: float) -> ToJudge:
        deadline = time.monotonic() + timeout_s
        while True:
            message = self._receive(deadline)
            if isinstance(message, kind):
                return message
            self._note(message)

    def _has_word(self) -> bool:
        """Whether there is a message, or an end of them."""
        return self.control.fileno() >= 0 and bool(select.select([self.control], [], [], 0)[0])

    def _receive(self, deadline: float) -> ToJudge:
        if self.control.fileno() < 0:
            raise SandboxError("the sandboxed process has been ended")
        readable, _, _ = select.select(
            [self.control], [], [], max(0.0, deadline - time.monotonic())
        )
        try:
            data = self.control.recv(65536) if readable else None
        except OSError:
            data = b""
        if data is None:
            raise SandboxError("the sandboxed process did not answer in time")
        if not data:
            raise SandboxError(self._last_words())
        message: ToJudge = self._decoder.decode(data)
        return message

    def _last_words(self) -> str:
        with contextlib.suppress(OSError, subprocess.TimeoutExpired):
            self.process.wait(1.0)
        self._log.seek(0)
        lines = self._log.read(20_000).decode("utf-8", "replace").strip().splitlines()
        return (
            lines[-1][:300]
            if lines
            else f"the sandboxed process ended with code {self.process.returncode}"
        )
