"""A conversation with one submission.

What checks ask goes to a sandboxed worker, what comes back is recorded.

Whatever goes wrong on the other side becomes one of two things. `StudentError` is an ordinary
failure: the check ends, and Hypothesis may look for a smaller case. `Stopped` ends the check at
once with a status of its own (late, dead, out of memory, forbidden): no smaller case is looked for,
since each would cost another worker. The next question then finds a fresh worker.
"""

import time
from collections.abc import Sequence
from typing import Any, NamedTuple

from grader.catalog import Kata
from grader.checks import StudentError, Vjp
from grader.errors import WireError
from grader.sandbox import Sandbox, Worker, WorkerBrokenError, WorkerDeadError, WorkerLateError
from grader.verdict import Location, Status
from grader.wire import Answer, Call, Describe, Forbidden, Frame, HandleRef, Load, Raised, Request


class Stopped(BaseException):
    """The check cannot go on.

    `status`, why, and where in the submission. Not an Exception, so that nothing on the way catches
    it.
    """

    def __init__(self, status: Status, message: str, *, location: Location | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.location = location


class LoadFailedError(Exception):
    """The submission's file cannot be loaded; no check can be run."""

    def __init__(self, status: Status, message: str, location: Location | None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.location = location


class Exchange(NamedTuple):
    """One question and what came of it."""

    call: Call | Describe
    label: str
    answer: Answer | None
    error: StudentError | None


class Conversation:
    """One submission, as its checks see it (a `grader.checks.Submission`).

    Args:
        kata: whose limits and forbidden names hold.
        source: the submission's text.
        sandbox: where workers come from.
        trusted: the source is ours (a solution, a misconception): nothing is forbidden to it.

    `log` holds the exchanges since `begin`.
    """

    def __init__(
        self,
        kata: Kata,
        source: bytes,
        sandbox: Sandbox,
        *,
        trusted: bool = False,
        file_name: str | None = None,
    ) -> None:
        self.device = sandbox.device
        self.log: list[Exchange] = []
        self.file_name = file_name or f"{kata.short}.py"
        self._kata = kata
        self._limits = kata.spec.limits
        self._forbidden = Forbidden() if trusted else kata.spec.forbidden.expanded
        self._source = source
        self._sandbox = sandbox
        self._worker: Worker | None = None
        self._printed = bytearray()
        self._dropped = 0
        self._losses = 0
        self._labels: dict[int, str] = {}
        self._check_ends = float("inf")
        self._kata_ends = time.monotonic() + self._limits.wall_s

    # -- what a check can ask ----------------------------------------------------------------------

    def call(self, name: str, *args: Any, keep: bool | Sequence[int] = False, **kwargs: Any) -> Any:
        """See `grader.checks.Submission`."""
        return self._ask(name, None, args, kwargs, keep=_keep(keep)).value

    def call_and_inputs(
        self, name: str, *args: Any, keep: bool | Sequence[int] = False, **kwargs: Any
    ) -> tuple[Any, tuple[Any, ...]]:
        """See `grader.checks.Submission`."""
        answer = self._ask(name, None, args, kwargs, keep=_keep(keep), inputs=True)
        return answer.value, _items(answer.inputs)

    def call_and_warnings(
        self, name: str, *args: Any, **kwargs: Any
    ) -> tuple[Any, tuple[str, ...]]:
        """See `grader.checks.Submission`."""
        answer = self._ask(name, None, args, kwargs, warnings=True)
        return answer.value, answer.warnings

    def vjp(
        self,
        name: str,
        *args: Any,
        cotangents: Sequence[Any],
        wrt: Sequence[int | str],
        **kwargs: Any,
    ) -> Vjp:
        """See `grader.checks.Submission`."""
        return _vjp(
            self._ask(name, None, args, kwargs, cotangents=tuple(cotangents), wrt=tuple(wrt)), wrt
        )

    def error(self, name: str, *args: Any, **kwargs: Any) -> StudentError | None:
        """See `grader.checks.Submission`."""
        try:
            self.call(name, *args, **kwargs)
        except StudentError as error:
            if error.kind == "exception":
                return error
            raise
        return None

    # -- for the engine ----------------------------------------------------------------------------

    def begin(self) -> None:
        """A new case begins: forget the exchanges so far."""
        self.log.clear()

    def begin_check(self) -> None:
        """A new check begins, with its own time and output."""
        self._check_ends = time.monotonic() + self._limits.check_s
        self._printed.clear()
        self._dropped = 0

    @property
    def time_left_s(self) -> float:
        """What is left of the kata's time."""
        return self._kata_ends - time.monotonic()

    def printed(self) -> str:
        """What was printed since `begin_check`, cut to the limit; it says so if it was."""
        self._collect()
        text = self._printed.decode("utf-8", "replace")
        return f"{text}\n[{self._dropped:,} more bytes were printed]" if self._dropped else text

    def load(self) -> None:
        """Make sure that a worker stands and the submission is loaded in it.

        Raises:
            LoadFailedError: it cannot be loaded.
        """
        if self._worker is not None and self._worker.alive:
            return
        self._labels.clear()
        self._worker = self._sandbox.worker(self._limits, preload=self._kata.spec.preload)
        self._load_into(self._worker)

    def _load_into(self, worker: Worker) -> None:
        request = Load(
            worker.next_number(),
            self._kata.short,
            self._source,
            self._kata.spec.arrays,
            self.device,
            self._forbidden,
        )
        timeout_s = min(self._limits.load_s, max(self.time_left_s, 0.05))
        try:
            reply = self._exchange(request, timeout_s, "importing it")
        except Stopped as stopped:
            raise LoadFailedError(stopped.status, stopped.message, stopped.location) from None
        if isinstance(reply, Raised):
            worker.close()
            status, message = self._explain(reply, "importing it")
            raise LoadFailedError(status, message, self._location(reply.frames))

    def reload(self, source: bytes | None = None) -> None:
        """Load the submission (or another source) anew, in the same worker if it still stands.

        Raises:
            LoadFailedError: it cannot be loaded.
        """
        self._source = self._source if source is None else source
        if self._worker is None or not self._worker.alive:
            self.load()
        else:
            self._load_into(self._worker)

    def renew(self) -> None:
        """Go on with a fresh worker."""
        self.close()

    def extend(self) -> None:
        """Start the kata's time anew (for our own sources, which answer many questions)."""
        self._kata_ends = time.monotonic() + self._limits.wall_s
        self._check_ends = float("inf")

    def close(self) -> None:
        """End the worker."""
        if self._worker is not None:
            self._collect()
            self._worker.close()
            self._worker = None

    # -- asking ------------------------------------------------------------------------------------

    def _ask(
        self,
        target: "str | RemoteHandle",
        method: str | None,
        args: Any,
        kwargs: Any,
        **options: Any,
    ) -> Answer:
        try:
            self.load()
        except LoadFailedError as error:  # it loaded before, in another worker
            raise Stopped(error.status, error.message, location=error.location) from None
        assert self._worker is not None
        request = Call(
            self._worker.next_number(),
            target if isinstance(target, str) else target.number,
            method,
            tuple(map(_outgoing, args)),
            {name: _outgoing(value) for name, value in kwargs.items()},
            **options,
        )
        label = (
            target if isinstance(target, str) else self._labels.get(target.number, target.type_name)
        )
        if method is not None:
            label = f"{label}.{method}"
        return self._answered(request, label)

    def describe(self, handle: "RemoteHandle") -> dict[str, Any]:
        """A figure that stays in the worker, as plain values."""
        assert self._worker is not None
        answer = self._answered(
            Describe(self._worker.next_number(), handle.number), f"describing {handle.type_name}"
        ).value
        if not isinstance(answer, dict):
            raise StudentError("answer", "", "the figure cannot be described")
        return answer

    def _answered(self, request: Call | Describe, label: str) -> Answer:
        left = {
            self._limits.call_s: f"one call may take {self._limits.call_s:g} s",
            self._check_ends - time.monotonic(): f"one check may take {self._limits.check_s:g} s",
            self.time_left_s: f"the whole kata may take {self._limits.wall_s:g} s",
        }
        timeout_s = min(left)
        reply = self._exchange(request, max(timeout_s, 0.01), f"{label}(...)", why=left[timeout_s])
        if isinstance(reply, Raised):
            status, message = self._explain(reply, label)
            if reply.kind in ("forbidden", "memory"):
                if reply.kind == "memory":
                    self.renew()
                raise Stopped(status, message, location=self._location(reply.frames))
            error = StudentError(reply.kind, reply.exception, reply.message, reply.frames, label)
            self.log.append(Exchange(request, label, None, error))
            raise error
        if not isinstance(reply, Answer):
            self.close()
            raise Stopped(
                Status.CRASHED, f"{label}(...) was not answered: the worker sent something else."
            )
        answer = Answer(
            reply.number,
            self._incoming(reply.value),
            self._incoming(reply.inputs),
            self._incoming(reply.gradients),
            reply.warnings,
        )
        self.log.append(Exchange(request, label, answer, None))
        return answer

    def _exchange(self, request: Request, timeout_s: float, what: str, *, why: str = "") -> Any:
        assert self._worker is not None
        worker = self._worker
        try:
            reply = worker.ask(request, timeout_s=timeout_s)
            return _bounded(reply, self._source) if isinstance(reply, Raised) else reply
        except WorkerLateError:
            self._collect()
            allowed = why or f"importing it may take {self._limits.load_s:g} s"
            raise Stopped(
                Status.TIMED_OUT,
                f"No answer from {what} after {timeout_s:.1f} s ({allowed}). Does a loop "
                "never end?",
            ) from None
        except WorkerBrokenError as error:
            self._collect()
            raise Stopped(
                Status.CRASHED, f"{what}: the worker sent a malformed answer ({error})."
            ) from None
        except WorkerDeadError as error:
            self._collect()
            raise self._died(error, what) from None
        except WireError as error:
            raise Stopped(Status.FAILED, f"{what}: {error.message}.") from None

    def _died(self, error: WorkerDeadError, what: str) -> Stopped:
        exited = error.exited
        if exited is None:
            # Once, that can happen to anybody; a submission that brings it about again pays for it.
            self._losses += 1
            status = Status.INTERNAL_ERROR if self._losses == 1 else Status.CRASHED
            return Stopped(status, f"The sandbox itself went down during {what}.")
        if error.closed and not exited.problem:
            return Stopped(Status.CRASHED, f"The process closed its connection during {what}.")
        if exited.problem:
            return Stopped(
                Status.INTERNAL_ERROR, f"The worker could not be set up: {exited.problem.strip()}"
            )
        if exited.signal == 9 and exited.cpu_s >= 0.9 * self._limits.cpu_s:
            return Stopped(
                Status.TIMED_OUT, f"{what} used up its {self._limits.cpu_s:g} s of processor time."
            )
        if exited.signal:
            name = _SIGNALS.get(exited.signal, f"signal {exited.signal}")
            return Stopped(Status.CRASHED, f"The process died during {what}: {name}.")
        return Stopped(
            Status.CRASHED,
            f"The process ended itself with exit code {exited.code} during {what}. That is "
            "no answer: return a value instead.",
        )

    def _explain(self, raised: Raised, label: str) -> tuple[Status, str]:
        """Status and sentence for something that the submission raised."""
        kind = raised.kind
        text = f"{raised.exception}: {raised.message}" if raised.message else raised.exception
        if kind == "not_implemented":
            return Status.NOT_IMPLEMENTED, f"{label} still raises NotImplementedError."
        if kind == "forbidden":
            where = f" (line {raised.frames[-1].line})" if raised.frames else ""
            name = raised.message if self._is_forbidden(raised.message) else "something"
            return (
                Status.FORBIDDEN,
                f"It uses {name}{where}, which this kata does not allow. "
                f"{self._kata.spec.forbidden.why}",
            )
        if kind == "memory":
            limit = self._limits.memory_bytes / 2**20
            return (
                Status.OUT_OF_MEMORY,
                f"{label} asked for more memory than the {limit:,.0f} MiB that it may use.",
            )
        if kind == "syntax":
            return Status.FAILED, f"{self.file_name} is not valid Python: {raised.message}."
        if kind == "import":
            return (
                Status.FAILED,
                f"{self.file_name} cannot be imported: {text}. A submission is one file: "
                "other files of yours are not there.",
            )
        return Status.FAILED, explain_student_error(
            StudentError(kind, raised.exception, raised.message, raised.frames, label), self._kata
        )

    def _is_forbidden(self, name: str) -> bool:
        """Whether a worker that says so can have stopped at this name: it may make up others."""
        rules = self._forbidden
        known = (*rules.names, *(f"torch.{name}" for name in rules.operators), *rules.watched)
        under = (*known, *rules.modules)
        return len(name) < 200 and any(name == k or name.startswith(f"{k}.") for k in under)

    def _location(self, frames: Sequence[Frame]) -> Location | None:
        return location_of(frames, self.file_name)

    def _incoming(self, value: Any) -> Any:
        """Handles become objects that a check can call."""
        if isinstance(value, HandleRef):
            handle = RemoteHandle(self, value.number, value.type_name[:100])
            self._labels.setdefault(value.number, value.type_name)
            return handle
        if isinstance(value, tuple):
            return tuple(map(self._incoming, value))
        if isinstance(value, list):
            return list(map(self._incoming, value))
        if isinstance(value, dict):
            return {key: self._incoming(item) for key, item in value.items()}
        return value

    def _collect(self) -> None:
        if self._worker is not None:
            text, dropped = self._worker.printed()
            room = max(0, self._limits.output_bytes - len(self._printed))
            self._printed += text[:room]
            self._dropped += dropped + max(0, len(text) - room)


class RemoteHandle:
    """An object that stays in the worker (a `grader.checks.Handle`)."""

    def __init__(self, conversation: Conversation, number: int, type_name: str) -> None:
        self.number = number
        self.type_name = type_name
        self._conversation = conversation

    def __repr__(self) -> str:
        return f"<{self.type_name}>"

    def __call__(self, *args: Any, keep: bool | Sequence[int] = False, **kwargs: Any) -> Any:
        """Call it."""
        return self._ask(None, args, kwargs, keep=_keep(keep)).value

    def method(
        self, name: str, *args: Any, keep: bool | Sequence[int] = False, **kwargs: Any
    ) -> Any:
        """Call one of its methods."""
        return self._ask(name, args, kwargs, keep=_keep(keep)).value

    def vjp(
        self, *args: Any, cotangents: Sequence[Any], wrt: Sequence[int | str], **kwargs: Any
    ) -> Vjp:
        """Call it, then the vector-Jacobian product."""
        return _vjp(
            self._ask(None, args, kwargs, cotangents=tuple(cotangents), wrt=tuple(wrt)), wrt
        )

    def call_and_inputs(
        self, *args: Any, keep: bool | Sequence[int] = False, **kwargs: Any
    ) -> tuple[Any, tuple[Any, ...]]:
        """Call it, and return its answer and the positional arguments as they are afterwards."""
        answer = self._ask(None, args, kwargs, keep=_keep(keep), inputs=True)
        return answer.value, _items(answer.inputs)

    def describe(self) -> dict[str, Any]:
        """A Matplotlib figure as plain values."""
        return self._conversation.describe(self)

    def _ask(self, method: str | None, args: Any, kwargs: Any, **options: Any) -> Answer:
        return self._conversation._ask(self, method, args, kwargs, **options)


def location_of(frames: Sequence[Frame], file_name: str) -> Location | None:
    """The innermost line of the submission's own file."""
    if not frames:
        return None
    last = frames[-1]
    return Location(file_name, last.line, last.function, last.source)


def explain_student_error(error: StudentError, kata: Kata) -> str:
    """One sentence for what a submission raised, or could not answer."""
    text = f"{error.type}: {error.message}" if error.message else error.type
    if error.kind == "not_implemented":
        return f"{error.called} still raises NotImplementedError."
    if error.kind == "missing":
        what = f"is {error.type}, which cannot be called" if error.type else "is not there"
        return f"`{error.message}` {what}. The kata asks for it under exactly this name."
    if error.kind == "signature":
        signature = kata.signatures.get(error.called)
        wanted = f" as {error.called}({signature.text})" if signature else ""
        return f"`{error.called}` cannot be called{wanted}: {text}."
    if error.kind == "answer":
        return f"{error.called}: {error.message}."
    return f"{error.called} raised {text}"


def _bounded(raised: Raised, source: bytes) -> Raised:
    """What a worker says it raised, cut: it may have been forged. The lines are our own copy's."""
    lines = source.decode("utf-8", "replace").splitlines() if raised.frames else []
    return Raised(
        raised.number,
        raised.kind if raised.kind in _KINDS else "exception",
        raised.exception[:100],
        raised.message[:2000],
        tuple(
            Frame(frame.line, frame.function[:100], lines[frame.line - 1].strip()[:200])
            for frame in raised.frames[-8:]
            if 1 <= frame.line <= len(lines)
        ),
    )


_KINDS = frozenset(
    [
        "exception",
        "not_implemented",
        "missing",
        "signature",
        "forbidden",
        "memory",
        "syntax",
        "import",
        "answer",
    ]
)

_SIGNALS = {
    4: "illegal instruction (SIGILL)",
    6: "it aborted (SIGABRT)",
    7: "bus error (SIGBUS)",
    8: "arithmetic error (SIGFPE)",
    9: "it was killed (SIGKILL), perhaps for want of memory",
    11: "segmentation fault (SIGSEGV)",
    25: "a file grew past its limit (SIGXFSZ)",
}


def _keep(keep: bool | Sequence[int]) -> bool | tuple[int, ...]:
    return keep if isinstance(keep, bool) else tuple(keep)


def _outgoing(value: Any) -> Any:
    if isinstance(value, RemoteHandle):
        return HandleRef(value.number, value.type_name)
    if isinstance(value, tuple) and not hasattr(value, "_fields"):
        return tuple(map(_outgoing, value))
    if isinstance(value, list):
        return list(map(_outgoing, value))
    if isinstance(value, dict):
        return {key: _outgoing(item) for key, item in value.items()}
    return value


def _items(value: Any) -> tuple[Any, ...]:
    return tuple(value) if isinstance(value, tuple | list) else ()


def _vjp(answer: Answer, wrt: Sequence[int | str]) -> Vjp:
    gradients = _items(answer.gradients)
    if len(gradients) != len(wrt):
        raise StudentError(
            "answer", "", f"{len(gradients)} gradients came back, expected {len(wrt)}"
        )
    return Vjp(answer.value, gradients)
