"""The loop that answers the judge: load a submission, call what is asked for, send values back.

All of this shares a process with the submission, which may rewrite any of it. That is expected:
whatever arrives at the judge is an answer of the submission's, to be compared, and nothing more.
"""

import ast
import codecs
import contextlib
import difflib
import functools
import importlib.util
import inspect
import math
import os
import socket
import sys
import time
import traceback
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib.machinery import SourceFileLoader
from types import CodeType, ModuleType
from typing import Any, NoReturn

from msgspec.structs import replace

from grader import wire
from grader.errors import WireError
from grader.wire.messages import (
    Answer,
    Call,
    Changes,
    Describe,
    Forbidden,
    Frame,
    HandleRef,
    Load,
    Loaded,
    Progress,
    Raised,
    Reply,
    Request,
)
from grader.worker import cells, chance, cuts, forbidden, lines, trace, writes
from grader.worker.alarm import Alarm, OutOfTime
from grader.worker.changes.writer import changeable
from grader.worker.figures import describe_figure
from grader.worker.granted import grant_words
from grader.worker.settings import LeftChangedError, Settings
from grader.worker.watch import Place, tensors

MAX_MESSAGE = 2_000
REPORT_EVERY_S = 0.1
MAX_FRAMES = 8
MAX_BASES = 16
MAX_HANDLES = 10_000
MAX_WARNINGS = 20


def serve(descriptor: int, folder: str, *, refused: Forbidden | None = None) -> NoReturn:
    """Answer requests until the judge closes the wire, then end at once, without any clean-up.

    Args:
        descriptor: of the wire.
        folder: where the submission's file is written.
        refused: what `Load` will forbid, if it can be guarded before that comes.
    """
    with socket.socket(fileno=descriptor) as connection:
        connection.setblocking(True)
        worker = Server(folder, connection)
        if refused is not None:
            worker.guard(refused)
        while True:
            prefix = _read(connection, wire.PREFIX.size)
            if prefix is None:
                os._exit(0)
            header_size, body_size = wire.PREFIX.unpack(prefix)
            header, body = _read(connection, header_size), _read(connection, body_size)
            if header is None or body is None:
                os._exit(0)
            for packet in wire.packets(worker.answer(header, body)):
                connection.sendall(packet)


def warm_up() -> None:
    """Do once what else each worker does first, while its judge waits: late imports, message types.

    To be called before any fork. Nothing of it runs backwards.
    """
    with contextlib.closing(socket.socket()) as nobody:
        server = Server("", nobody)
    x = server.torch.ones(2, 2)
    frame = wire.packed(Call(0, "", args=(x, x.numpy()))).frame()
    request = server.codec.decode(frame[1], b"".join(frame[2:]))
    with server.torch.no_grad():
        kept = Settings(()).kept_by(server.torch.nn.functional.linear)
        answer = kept(request.args[0], request.args[0]).sigmoid().tanh().chunk(2)
    server.codec.encode(Answer(0, answer))
    codecs.lookup("utf-8-sig")


def _read(connection: socket.socket, size: int) -> bytearray | None:
    data = bytearray(size)
    view = memoryview(data)
    while view:
        count = connection.recv_into(view)
        if count == 0:
            return None
        view = view[count:]
    return data


class _Loader(SourceFileLoader):
    """Loads a file whose text is at hand; the same text is compiled once.

    Diagnosis loads each of a kata's misconceptions anew for each case.
    """

    def __init__(self, name: str, path: str, source: bytes) -> None:
        super().__init__(name, path)
        self.source = source

    def get_code(self, fullname: str) -> CodeType:
        """The module's code."""
        return _compiled(self.source, self.path)


@functools.lru_cache(maxsize=256)
def _compiled(source: bytes, path: str) -> CodeType:
    return compile(source, path, "exec", dont_inherit=True)


class Server:
    """One submission: its module, the objects it made, and how to call them."""

    def __init__(self, folder: str, connection: socket.socket) -> None:
        self.folder = folder
        self._connection = connection
        self.module: ModuleType | None = None
        self.path = ""
        self.handles: dict[int, object] = {}
        self._numbers: dict[int, int] = {}
        self._stopped: dict[int, int] = {}
        self._source = b""
        self._given = b""
        self.codec = wire.Codec(keep=self._keep, find=self._find, incoming=Request)
        # Kept here, so that a submission that patches these (or is forbidden them) cannot break the
        # worker by accident.
        self.arrays = ""
        self._settings: Settings | None = None
        self.torch: Any = sys.modules.get("torch")
        self.backward: Callable[..., Any] | None = None
        self._seeders = chance.seeders()
        if self.torch:
            self.backward = self.torch.autograd.Variable._execution_engine.run_backward

    def answer(self, header: bytearray, body: bytearray) -> list[bytes]:
        """The frame that answers a frame."""
        request: Request = self.codec.decode(header, body)
        try:
            reply: Reply = self._perform(request)
            _flush()
            if forbidden.used:
                reply = Raised(request.number, "forbidden", "ForbiddenCall", forbidden.used[0])
            return self.codec.encode(reply)
        except MemoryError:
            return self.codec.encode(
                Raised(request.number, "memory", "MemoryError", "out of memory")
            )
        except WireError as error:
            return self.codec.encode(Raised(request.number, "answer", "", error.message))
        except Exception as error:  # an answer that will not be turned into values
            text = f"its answer cannot be read: {_type_name(error)}: {_text(error)}"
            return self.codec.encode(Raised(request.number, "answer", "", text))

    def _perform(self, request: Request) -> Reply:
        try:
            with Alarm(request.stop_s):
                if isinstance(request, Describe):
                    return Answer(request.number, describe_figure(self.handles[request.target]))
                return self._load(request) if isinstance(request, Load) else self._call(request)
        except BaseException as error:
            return self._raised(request.number, error)

    # -- requests ----------------------------------------------------------------------------------

    def _start_chance(self, seed: int) -> None:
        """What is drawn from here on depends on nothing that was drawn before."""
        for start in self._seeders:
            start(seed)
        if self.codec.device.startswith("cuda"):
            self.torch.cuda.manual_seed_all(seed)

    def guard(self, refused: Forbidden) -> None:
        """See to it that what is forbidden stays unused, once for all that is loaded here."""
        if self._settings is None:
            self._settings = Settings(refused.modules)
            forbidden.install(refused, device=self.codec.device)

    def _load(self, request: Load) -> Reply:
        self.path = os.path.join(self.folder, f"{request.name}.py")
        with open(self.path, "wb") as file:
            file.write(request.source)
        plan = None
        if request.cells:
            plan = cells.plan(request.source, self.path, request.cells, request.names)
        self._source = plan.source if plan else request.source
        self._given = request.given
        found = forbidden.find(self._source, request.forbidden)
        if found:
            name, frame = found[0]
            return Raised(request.number, "forbidden", "ForbiddenCall", name, (frame,))
        self.codec.device = request.device
        if request.device == "cuda":
            try:
                self._start_cuda()
            except Exception as error:
                return Raised(request.number, "device", _type_name(error), _text(error))
            self.torch.backends.cuda.matmul.allow_tf32 = request.tf32
            self.torch.backends.cudnn.allow_tf32 = request.tf32
        self._start_chance(0)
        self.arrays = request.arrays
        self.guard(request.forbidden)
        loader = _Loader(request.name, self.path, request.source)
        spec = importlib.util.spec_from_file_location(request.name, self.path, loader=loader)
        assert spec is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[request.name] = module
        grant_words()
        notes: tuple[str, ...] = ()
        if request.changes:
            return self._load_changed(request, request.changes, module)
        if plan:
            notes = cells.run(
                module, plan, request.names, seconds=request.cells_s, stopped=self._stopped
            )
        else:
            loader.exec_module(module)
        self.module = module
        return Loaded(request.number, tuple(map(_sendable, notes)))

    def _load_changed(self, request: Load, wanted: Changes, module: ModuleType) -> Loaded:
        """Import the text with changes in it."""
        source = self._source.decode("utf-8-sig", "replace")
        changed = changeable(source, wanted, self.path)
        if changed is None:
            return Loaded(request.number)
        exec(changed.code, module.__dict__)
        self.module = module
        return Loaded(request.number, changes=changed.changes)

    def _start_cuda(self) -> None:
        """Have CUDA and its libraries ready before the submission's time counts."""
        ones = self.torch.ones(2, 2, device="cuda", requires_grad=True)
        (ones @ ones).sum().backward()
        self.torch.cuda.synchronize()

    def _call(self, request: Call) -> Reply:
        target = self._target(request)
        if isinstance(target, Raised):
            return target
        args, kwargs = request.args, request.kwargs
        if self._settings:
            target = self._settings.kept_by(target)
        if not request.gradients and self.torch:
            target = functools.partial(self._without_gradients, target)
        if request.chance is not None:
            self._start_chance(request.chance)
        if request.seed is not None and self.torch:
            self.torch.manual_seed(request.seed)
        if request.progress:
            kwargs = {**kwargs, request.progress: self._reporter(request.number)}
        if request.cotangents is not None:
            return self._vjp(request, target)
        if request.trace:
            return self._traced(request, target, kwargs)
        if self.codec.device == "meta" and isinstance(target, type):
            with self.torch.device("meta"):  # `.to("meta")` makes others
                return self._answer(request, target(*args, **kwargs))
        if request.warnings:
            value, seen = _with_warnings(lambda: target(*args, **kwargs))
            return self._answer(request, value, warnings=seen)
        return self._answer(request, target(*args, **kwargs))

    def _traced(
        self, request: Call, target: Callable[..., Any], kwargs: Mapping[str, Any]
    ) -> Reply:
        """The answer, and the steps to it; where an argument was written into, if it was."""
        args = request.args
        before = writes.copied(args) if request.inputs else ()
        call = functools.partial(target, *args, **kwargs)
        value, traced = (
            trace.traced(self.torch, call, (args, kwargs), self.path)
            if self.torch and self.arrays == "torch"
            else lines.traced_lines(call, (args, kwargs), self.path)
        )
        cause: str = ""
        frames: tuple[Frame, ...] = ()
        if changed := [b for a, b in zip(args, before, strict=False) if not writes.same(a, b)]:
            again = functools.partial(target, *before, **kwargs)
            cause, frames = self._told(
                functools.partial(writes.first_write, again, changed, self.path)
            )
        reply = self._answer(request, value, cause=cause, frames=frames)
        return reply if isinstance(reply, Raised) else _with_steps(reply, traced)

    def _answer(self, request: Call, value: Any, **more: Any) -> Answer | Raised:
        """What a call has returned, as far as it leaves the worker."""
        if elsewhere := self._elsewhere(request.number, value):
            return elsewhere
        if request.keep is True:
            value = self._keep(value)
        elif request.keep:
            if not isinstance(value, tuple | list) or max(request.keep) >= len(value):
                size = (
                    f"{len(value)} values"
                    if isinstance(value, tuple | list)
                    else f"a {type(value).__name__}"
                )
                return Raised(
                    request.number,
                    "answer",
                    "",
                    f"it returned {size}; a tuple of at least {max(request.keep) + 1} was "
                    "asked for",
                )
            value = tuple(
                self._keep(item) if index in request.keep else item
                for index, item in enumerate(value)
            )
        inputs = request.args if request.inputs else None
        tracked = self._tracked(inputs)
        return Answer(request.number, value, inputs=inputs, tracked=tracked, **more)

    def _without_gradients(self, target: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        with self.torch.no_grad():
            return target(*args, **kwargs)

    def _tracked(self, args: object) -> tuple[int, ...]:
        """The positions, among the tensors of the arguments, of those that require gradients."""
        if not self.torch:
            return ()
        return tuple(n for n, one in enumerate(tensors(args, self.torch)) if one.requires_grad)

    def _target(self, request: Call) -> Callable[..., Any] | Raised:
        if isinstance(request.target, int):
            target: Any = self.handles[request.target]
            name = type(target).__name__
            if request.method is not None:
                target, name = getattr(target, request.method, None), f"{name}.{request.method}"
        else:
            name = request.target
            target = getattr(self.module, name, None)
            if target is None:
                target = self._from_the_stub.get(name)
        if target is None:
            return Raised(request.number, "missing", "", name, self._alike(request))
        if not callable(target):
            return Raised(request.number, "missing", type(target).__name__, name)
        return target  # type: ignore[no-any-return]

    @functools.cached_property
    def _from_the_stub(self) -> dict[str, Any]:
        """What the stub gives, by name: a submission may have left it out."""
        names: dict[str, Any] = {"__name__": "given"}
        exec(_compiled(self._given, "given"), names)
        return names

    def _alike(self, request: Call) -> tuple[Frame, ...]:
        """Where something of the submission's stands whose name is much like the one asked for."""
        if not isinstance(request.target, str) or self.module is None:
            return ()
        own = {
            _bare(name): value
            for name, value in vars(self.module).items()
            if callable(value) and getattr(value, "__module__", None) == self.module.__name__
        }
        close = difflib.get_close_matches(_bare(request.target), own, n=1, cutoff=0.8)
        if not close:
            return self._further_in(request.target)
        value = own[close[0]]
        try:
            line = inspect.getsourcelines(value)[1]
        except (OSError, TypeError):
            line = 1
        return (Frame(line, _sendable(value.__name__[:100]), ""),)

    def _further_in(self, name: str) -> tuple[Frame, ...]:
        """Where the submission defines a name in a class or a function, or in what was not run."""
        waiting: list[tuple[ast.AST, str]] = []
        with contextlib.suppress(SyntaxError, ValueError, RecursionError, MemoryError):
            waiting.append((ast.parse(self._source), ""))
        while waiting:
            node, around = waiting.pop()
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                if node.name == name:
                    return (Frame(node.lineno, _sendable(f"{around}{name}"[:100]), ""),)
                around = f"{around}{node.name}."
            waiting += [(child, around) for child in ast.iter_child_nodes(node)]
        return ()

    def _vjp(self, request: Call, target: Callable[..., Any]) -> Reply:
        torch = self.torch
        leaves = [t for t in tensors((request.args, request.kwargs), torch)]
        wrt: list[Any] = []
        for which in request.wrt:
            if isinstance(which, int):
                leaves[which].requires_grad_()
                wrt.append(leaves[which])
            else:
                owner = self.handles[request.target] if isinstance(request.target, int) else None
                parameters = (
                    dict(owner.named_parameters()) if isinstance(owner, torch.nn.Module) else {}
                )
                if which not in parameters:
                    return Raised(request.number, "missing", "", f"{type(owner).__name__}.{which}")
                wrt.append(parameters[which])
        with torch.enable_grad():
            call = functools.partial(target, *request.args, **request.kwargs)
            traced: trace.Traced | None = None
            if request.trace:
                given = (request.args, request.kwargs)
                value, traced = trace.traced(torch, call, given, self.path)
            else:
                value = call()
            if elsewhere := self._elsewhere(request.number, value):
                return elsewhere
            outputs = list(tensors(value, torch))
            cotangents = list(request.cotangents)
            pairs = [(o, v) for o, v in zip(outputs, cotangents, strict=False) if v is not None]
            if len(outputs) != len(cotangents) or any(o.shape != v.shape for o, v in pairs):
                shapes = ", ".join(str(tuple(o.shape)) for o in outputs) or "no tensor"
                return Raised(
                    request.number,
                    "answer",
                    "",
                    f"it returned {shapes}, of which no gradient of the right shape can be taken",
                )

            def pull(answer: object) -> Sequence[Any]:
                return self._gradients(tensors(answer, torch), cotangents, wrt)

            def lost() -> tuple[str, Place | None]:
                how, place = cuts.first_cut(torch, call, self.path)
                return (how, place) if how else cuts.own_backward(call, pull, self.path)

            gradients = pull(value)
            cause: str = ""
            frames: tuple[Frame, ...] = ()
            if wrt and pairs and (request.trace or not any(o.requires_grad for o, _ in pairs)):
                finite = all(one is None or bool(one.isfinite().all()) for one in gradients)
                cause, frames = self._told(
                    lost
                    if finite
                    else functools.partial(cuts.first_not_finite, torch, call, pull, self.path)
                )
        answer = Answer(
            request.number, value, gradients=tuple(gradients), cause=cause, frames=frames
        )
        return _with_steps(answer, traced) if traced else answer

    def _elsewhere(self, number: int, value: object) -> Raised | None:
        """The complaint about a tensor of an answer that is not where the inputs are."""
        want = self.codec.device
        if want == "cpu":
            return None
        devices = (tensor.device.type for tensor in tensors(value, self.torch))
        other = next((device for device in devices if device != want), None)
        if other is None:
            return None
        return Raised(number, "answer", "", f"a tensor of its answer is on {other}, not on {want}")

    def _gradients(
        self, outputs: Iterable[Any], cotangents: Iterable[Any], wrt: Sequence[Any]
    ) -> Sequence[Any]:
        """The vector-Jacobian product for some leaves; None for those that nothing reaches."""
        pairs = zip(outputs, cotangents, strict=True)
        parts = [(o * v.to(o.dtype)).sum() for o, v in pairs if v is not None and o.requires_grad]
        if not parts:
            return [None] * len(wrt)
        assert self.backward is not None
        # The product as one number: `grad_outputs` would import SymPy, half a second.
        total = sum(parts)
        start = (self.torch.ones_like(total),)
        with forbidden.the_judge_asks():
            found: Sequence[Any] = self.backward(
                (total,), start, False, False, tuple(wrt), True, accumulate_grad=False
            )
        return found

    def _told(self, find: Callable[[], tuple[str, Place | None]]) -> tuple[str, tuple[Frame, ...]]:
        """What has gone wrong, and where; nothing where that cannot be told."""
        try:
            cause, place = find()
        except Exception:
            return "", ()
        return cause, self._shown([place] if place else [])

    def _reporter(self, number: int) -> Callable[..., None]:
        """A function that tells the judge how far a call is, a few times a second at most."""
        told_at = -math.inf

        def report(step: int, **numbers: float) -> None:
            nonlocal told_at
            now = time.monotonic()
            if now - told_at < REPORT_EVERY_S:
                return
            told_at = now
            values = {name: float(value) for name, value in numbers.items()}
            for packet in wire.packets(self.codec.encode(Progress(number, int(step), values))):
                self._connection.sendall(packet)

        return report

    # -- objects -----------------------------------------------------------------------------------

    def _keep(self, value: object) -> HandleRef:
        if len(self.handles) >= MAX_HANDLES:
            raise MemoryError
        number = self._numbers.setdefault(id(value), len(self.handles))
        self.handles[number] = value
        return HandleRef(number, _type_name(value) + _why_no_value(value))

    def _find(self, handle: HandleRef) -> object:
        return self.handles[handle.number]

    # -- errors ------------------------------------------------------------------------------------

    def _raised(self, number: int, error: BaseException) -> Raised:
        frames = self._frames(error)
        kind = "exception"
        name = _type_name(error)
        message = _text(error)
        if isinstance(error, LeftChangedError):
            return Raised(number, "answer", "", message)
        if forbidden.used:
            kind, message = "forbidden", forbidden.used[0]
        elif isinstance(error, NotImplementedError):
            kind = "not_implemented"
        elif (
            isinstance(error, MemoryError)
            or "DefaultCPUAllocator" in message
            or "CUDA out of memory" in message
        ):
            kind = "memory"
        elif isinstance(error, OutOfTime) or (
            self.module is None and isinstance(error, cells.StillRunning)
        ):
            kind = "late"
        elif self.module is None and isinstance(error, SyntaxError):
            kind = "syntax"
            if error.filename in (self.path, "<unknown>"):
                frames = (Frame(error.lineno or 0, "", "", error.offset or 0),)
            message = _sendable(str(error.msg or message))
        elif self.module is None and isinstance(error, ImportError):
            kind = "import"
        elif isinstance(error, TypeError) and not frames:
            kind = "signature"
        bases = tuple(_sendable(one.__name__[:100]) for one in type(error).__mro__[1:MAX_BASES])
        return Raised(number, kind, name, message[:MAX_MESSAGE], frames, bases)

    def _frames(self, error: BaseException) -> tuple[Frame, ...]:
        """The lines of the submission's own file on the way to the error, outermost first."""
        own = [
            Place(line, frame.f_code.co_name)
            for frame, line in traceback.walk_tb(error.__traceback__)
            if frame.f_code.co_filename == self.path
        ]
        return self._shown(own)

    def _shown(self, own: Sequence[Place]) -> tuple[Frame, ...]:
        """Places in the submission's file as frames."""
        lines: list[str] = []
        if own:
            with open(self.path, encoding="utf-8", errors="replace") as file:
                lines = file.read().splitlines()
        return tuple(
            _frame(place, lines[place.line - 1] if 0 < place.line <= len(lines) else "")
            for place in [*own[:2], *own[2:][-(MAX_FRAMES - 2) :]]
        )


def _frame(place: Place, line: str) -> Frame:
    """A place with its line; Python counts columns in bytes, and a frame in characters."""
    column = place.column
    if column:
        column = len(line.encode()[: column - 1].decode("utf-8", "ignore")) + 1
    return Frame(place.line, _sendable(place.function[:100]), line.strip()[:200], column)


def _with_warnings(call: Callable[[], Any]) -> tuple[Any, tuple[str, ...]]:
    """What a call returns, and the warnings that it raised; underflow is no reason to warn.

    NumPy writes its own to us, and not by way of `warnings`, where they can be silenced.
    """
    import warnings

    import numpy as np

    written = _Written()
    with (
        warnings.catch_warnings(record=True) as seen,
        np.errstate(over="log", divide="log", invalid="log", under="ignore", call=written),
    ):
        warnings.simplefilter("always")
        value = call()
    others = [f"{item.category.__name__}: {item.message}" for item in seen]
    found = [*written.lines, *others][:MAX_WARNINGS]
    return value, tuple(_sendable(line[:200]) for line in found)


class _Written:
    """Keeps what NumPy says of its floating-point errors."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def write(self, text: str) -> None:
        """Take "Warning: overflow encountered in exp", which else is a RuntimeWarning."""
        if len(self.lines) < MAX_WARNINGS:
            self.lines.append(f"RuntimeWarning: {text.removeprefix('Warning: ').strip()}")


def _bare(name: str) -> str:
    """A name without what spellings differ in."""
    return name.replace("_", "").lower()


def _why_no_value(value: object) -> str:
    """What keeps an array or a tensor from being sent: its dtype, or how it is stored.

    Of anything else nothing is asked: to look at an attribute can run its owner's code.
    """
    numpy, torch = sys.modules.get("numpy"), sys.modules.get("torch")
    if numpy is not None and issubclass(type(value), numpy.ndarray):
        return _sendable(f" of dtype {numpy.ndarray.dtype.__get__(value)}"[:80])
    if torch is not None and issubclass(type(value), torch.Tensor):
        with torch._C.DisableTorchFunctionSubclass():
            shape = tuple(torch.Tensor.size(value))
            dtype = str(torch.Tensor.dtype.__get__(value)).removeprefix("torch.")
            layout = str(torch.Tensor.layout.__get__(value)).removeprefix("torch.")
            stored = f"meta {shape}" if torch.Tensor.is_meta.__get__(value) else layout
        return f" of dtype {dtype}" + ("" if stored == "strided" else f", {stored}")
    return ""


def _type_name(value: object) -> str:
    return _sendable(type(value).__name__[:100])


def _text(error: BaseException) -> str:
    try:
        return _sendable(str(error)[:MAX_MESSAGE])
    except Exception:
        return "(its message could not be read)"


def _with_steps(answer: Answer, traced: trace.Traced) -> Answer:
    """An answer with how the call came to it."""
    ends = traced.ends(answer.value)
    return replace(answer, steps=traced.steps, step_values=traced.values, ends=ends)


def _sendable(text: str) -> str:
    """A text as it can travel: a lone surrogate as an escape."""
    return text.encode("utf-8", "backslashreplace").decode()


def _flush() -> None:
    """Push out what was printed, so that the judge finds it with the answer."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except Exception:
            continue
