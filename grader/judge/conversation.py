"""A conversation with one submission: questions go to a sandboxed worker, answers are recorded.

Whatever goes wrong on the other side becomes one of two things. `SubmissionError` is an ordinary
failure: the check ends, and Hypothesis may look for a smaller case. `Stopped` ends the check at
once with a status of its own (late, dead, out of memory, forbidden): no smaller case is looked for,
since each would cost another worker. The next question then finds a fresh worker.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any, NamedTuple

from msgspec.structs import replace

from grader.checks.check import NO_LIMITS, CheckLimits
from grader.checks.nested import tensors_in
from grader.checks.submission import Handle, SubmissionError, Target
from grader.course.kata import Kata
from grader.errors import WireError
from grader.judge.ahead import Ahead, NotAsAsked, Script
from grader.judge.budget import PATIENCE, budget_s, limits_here
from grader.judge.clock import Clock
from grader.judge.explain import CAUSES, IMPORTING, Allowed, Explainer
from grader.judge.mishaps import (
    LoadFailedError,
    Stopped,
    bounded,
    bounded_frames,
    location_of,
)
from grader.judge.prints import Prints
from grader.sandbox.sandbox import Kind, Sandbox
from grader.sandbox.worker import Worker, WorkerBrokenError, WorkerDeadError, WorkerLateError
from grader.submission.notebook import Cell, places_for
from grader.text import one_line
from grader.verdict import Status
from grader.wire.messages import (
    Answer,
    Call,
    Change,
    Changes,
    Describe,
    Forbidden,
    HandleRef,
    Load,
    Loaded,
    Progress,
    Raised,
    Request,
)
from grader.wire.places import HERE, Place
from grader.worker.trace import MOST_STEPS

OURS_S = 86_400.0
"""What our own sources may use of the processor: one worker answers for all of them."""
CELLS_SHARE = 0.8
"""The part of the time for an import in which a notebook's cells run."""
MOST_NOTES, MAX_NOTE = 20, 300
MOST_LABELS = 10_000
"""Names of handles that are remembered; a worker keeps no more objects than that."""
STOPPING_S = 0.5
"""So long is waited for the place at which a submission was interrupted, when its time is over."""
GPU_START_S = 60.0
"""What a worker may take to begin with CUDA: the driver, its libraries, the first kernels."""
META_IMPORTS = "torch._dynamo"
"""What torch imports at the first operation on the device meta; it takes seconds."""


class Exchange(NamedTuple):
    """One question and what came of it."""

    call: Call | Describe
    label: str
    answer: Answer | None
    error: SubmissionError | None


class Asked(NamedTuple):
    """What a check has asked.

    `script` is None where it cannot be asked ahead. `sums` are digests of the answers, if it was;
    see `Ahead.sums`.
    """

    script: Script | None
    sums: Sequence[bytes] = ()


def worker_kind(kata: Kata, place: Place = HERE, *, trusted: bool = False) -> Kind:
    """Which worker a submission to a kata gets; see `Conversation` for the arguments."""
    limits = limits_here(kata.spec)
    if trusted:
        limits = replace(limits, cpu_s=OURS_S)
    preload = (*kata.spec.preload, *((META_IMPORTS,) if place.device == "meta" else ()))
    return Kind(limits, preload, Forbidden() if trusted else kata.forbidden)


class Conversation:
    """One submission, as its checks see it (a `grader.checks.Submission`).

    Args:
        kata: whose limits and forbidden names hold.
        source: the submission's text.
        sandbox: where workers come from.
        trusted: the source is ours (a solution, a misconception): nothing is forbidden to it.
        file_name: what the submission's file is called, for messages.
        cells: a notebook's cells.
        progress: given each word of progress that a long call sends.
        place: in which dtype and on which device it is asked.
        clock: counts what the submission uses of the kata's time; whoever asks lets it run.
        changes: its text has these in it; see `grader.worker.changes`.

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
        cells: tuple[Cell, ...] = (),
        progress: Callable[[Progress], None] = lambda _: None,
        place: Place = HERE,
        clock: Clock | None = None,
        changes: Changes | None = None,
    ) -> None:
        self._changes = changes
        self.changes: tuple[Change, ...] = ()
        """Once it is loaded: the changes that are in its text."""
        self.clock = clock or Clock()
        self.device = place.device
        self._tf32 = place.tf32
        self._kind = worker_kind(kata, place, trusted=trusted)
        self._many = not trusted
        self.log: list[Exchange] = []
        self.tracing = False
        """Whether calls that are asked say how they came to their answers."""
        self.file_name = one_line(file_name or f"{kata.short}.py")
        self._kata = kata
        self._limits, self._forbidden = self._kind.limits, self._kind.forbidden
        self._training_s = PATIENCE * budget_s(kata.spec)
        self._progress = progress
        self._source = source
        self._cells = cells
        self.notes: tuple[str, ...] = ()
        """What the last import met in a notebook."""
        self._sandbox = sandbox.for_device(place.device)
        self.explainer = Explainer(
            kata, self._limits, self._forbidden, place.device, self.file_name, cells
        )
        self._worker: Worker | None = None
        self._prints = Prints(self._limits.output_bytes)
        self._losses = 0
        self._cases = 0
        self._script: Script | None = None
        self.said: list[Exchange] = []
        """While a script is taken down: what was asked and answered so far."""
        self._ahead: Ahead | None = None
        self._known = False  # whether all of the last script was
        self._labels: dict[int, str] = {}
        self._check_s, self._call_s = self._limits.check_s, self._limits.call_s
        self._check_ends_s = float("inf")  # on the clock

    def __getitem__(self, name: str) -> Target:
        """See `grader.checks.Submission`."""
        return _Target(self, name)

    # -- for the engine ----------------------------------------------------------------------------

    def begin(self) -> None:
        """A new case begins: forget the exchanges so far, and start chance anew.

        A submission's own draws then depend on the case's number alone, so that a diagnosis finds
        the same draws in a misconception as in the submission.
        """
        self._collect()
        self._prints.begin_case()
        self.log.clear()
        self._cases += 1

    def begin_check(self, limits: CheckLimits = NO_LIMITS, *, trains: bool = False) -> None:
        """A new check begins, with its own time and output; one that trains has more time."""
        self.allow(limits, trains=trains)
        self._prints = Prints(self._limits.output_bytes)

    def allow(self, limits: CheckLimits = NO_LIMITS, *, trains: bool = False) -> None:
        """From here on, so much time as a check has."""
        more = self._training_s if trains else 0.0
        self._check_s = (limits.check_s or self._limits.check_s) + more
        self._call_s = (limits.call_s or self._limits.call_s) + more
        self._check_ends_s = self.clock.used_s + self._check_s

    @contextmanager
    def asked_as_in(self, script: Script | None) -> Iterator[Callable[[], Asked]]:
        """In this block a script is asked, ahead of where its answers are needed.

        Without a script, what is asked is taken down. Call what it gives at the end of the block:
        it says what was asked. That call raises `NotAsAsked` where more was asked than was needed,
        or where something was printed, since it cannot be told at which question.
        """
        place = self._cases
        if script is None:
            self._script = script = Script()
            self.said = []
        elif self._worker is not None and self._worker.alive:
            self._ahead = Ahead(script, self._worker, trusting=self._known)

        def asked() -> Asked:
            ahead, taken_down = self._ahead, self._script
            self.one_by_one()
            if ahead is not None:
                return Asked(script, ahead.sums)
            if taken_down is not None:
                taken_down.cases = self._cases - place
            return Asked(taken_down)

        try:
            yield asked
        except NotAsAsked:
            self._cases = place
            raise
        finally:
            self._script = self._ahead = None
            self.said = []

    def one_by_one(self) -> None:
        """From here on, nothing is asked ahead.

        Raises:
            NotAsAsked: something has been, whose answer was not needed yet, or it printed.
        """
        ahead, self._ahead = self._ahead, None
        if ahead is not None and (ahead.is_ahead or (ahead.was_ahead and self.printed())):
            raise NotAsAsked

    def is_known_to_pass(self) -> bool:
        """Ask a script for as long as others who passed answered the same; whether all of it is.

        Raises:
            NotAsAsked: it cannot be asked all of it.
        """
        if self._ahead is None:
            return False

        def timeout_s() -> float:
            return max(min(self._left_s), 0.01) + STOPPING_S

        try:
            self._known = self._ahead.is_known(timeout_s)
        except (WorkerLateError, WorkerDeadError, WorkerBrokenError):
            raise NotAsAsked from None
        if self._known:
            self._cases += self._ahead.cases
        return self._known

    def go_back(self, scripts: Sequence[Script]) -> None:
        """Go on in a fresh worker that has been asked some scripts, within the kata's time.

        Raises:
            LoadFailedError, Stopped: it cannot be brought there.
        """
        self._check_ends_s = float("inf")
        self.renew()
        self.load()
        assert self._worker is not None
        try:
            for script in scripts:
                self._ahead = Ahead(script, self._worker, trusting=True)
                for call in script.calls:
                    with suppress(SubmissionError):
                        self._answered(call, "")
        finally:
            self._ahead = None
            self.log.clear()

    @property
    def time_left_s(self) -> float:
        """What is left of the kata's time."""
        return self._limits.wall_s - self.clock.used_s

    @property
    def check_left_s(self) -> float:
        """What is left of the check's time."""
        return min(self._check_ends_s - self.clock.used_s, self.time_left_s)

    @property
    def _stop_s(self) -> float:
        """After how long a call is interrupted, to tell where it stands."""
        return min(self._call_s, self._check_s)

    def printed(self) -> str:
        """What was printed since `begin_check`, case by case, cut to the limit."""
        self._collect()
        return self._prints.whole

    def printed_in_case(self) -> str:
        """What was printed since `begin`, cut to the limit."""
        self._collect()
        return self._prints.of_case

    def load(self) -> None:
        """Make sure that a worker stands and the submission is loaded in it.

        Raises:
            LoadFailedError: it cannot be loaded.
        """
        if self._worker is not None and self._worker.alive:
            return
        self._labels.clear()
        with self.clock.paused():  # a sandbox that starts takes no time of the submission's
            self._worker = self._sandbox.worker(self._kind, more=self._many)
        self._load_into(self._worker)

    def _load_into(self, worker: Worker) -> None:
        request = Load(
            0,
            self._kata.short,
            self._source,
            self._kata.spec.arrays,
            self.device,
            self._forbidden,
            tuple(name for name in self._kata.signatures if "." not in name),
            places_for(self._kata.name, self._cells),
            CELLS_SHARE * self._limits.load_s,
            self._tf32,
            self._changes,
            0.0 if self._cells or self.device == "cuda" else self._limits.load_s,
            self._kata.given,
        )
        timeout_s = min(self._limits.load_s, max(self.time_left_s, 0.05))
        if self.device == "cuda":
            timeout_s += GPU_START_S
        try:
            reply = self._exchange(request, timeout_s, IMPORTING, self._time_to_import)
        except Stopped as stopped:
            raise LoadFailedError(stopped.status, stopped.message, stopped.location) from None
        if isinstance(reply, Raised):
            worker.close()
            if reply.kind == "late" and not self._cells:
                late = self.explainer.late(IMPORTING, timeout_s, self._time_to_import, reply.frames)
                raise LoadFailedError(late.status, late.message, late.location)
            status, message = self.explainer.raised(reply, IMPORTING)
            raise LoadFailedError(status, message, location_of(reply.frames, self.file_name))
        notes = reply.notes if isinstance(reply, Loaded) else ()
        self.changes = reply.changes if isinstance(reply, Loaded) else ()
        self.notes = tuple(one_line(note)[:MAX_NOTE] for note in notes[:MOST_NOTES])

    def reload(self, source: bytes | None = None) -> None:
        """Load the submission (or another source) anew, in the same worker if it still stands.

        Raises:
            LoadFailedError: it cannot be loaded.
        """
        self._source = self._source if source is None else source
        self._cases = 0
        self.begin()
        if self._worker is None or not self._worker.alive:
            self.load()
        else:
            self._load_into(self._worker)

    def renew(self) -> None:
        """Go on with a fresh worker."""
        self.close()

    def extend(self, limits: CheckLimits = NO_LIMITS) -> None:
        """Start the kata's time anew (for our own sources, which answer many questions)."""
        self.clock.restart()
        self.allow(limits)
        self._check_ends_s = float("inf")

    def close(self) -> None:
        """End the worker, and wait until it is gone."""
        if self._worker is not None:
            self._collect()
            self._worker.close()
            self._worker = None

    def leave(self) -> None:
        """End the worker; see `Worker.leave`."""
        if self._worker is not None:
            self._collect()
            self._worker.leave()
            self._worker = None

    # -- asking ------------------------------------------------------------------------------------

    def ask(
        self,
        target: str | int,
        method: str | None,
        args: Sequence[Any],
        kwargs: Mapping[str, Any],
        **options: Any,
    ) -> Answer:
        """Call a name of the submission, or a handle (by its number), or one of its methods."""
        try:
            self.load()
        except LoadFailedError as error:  # it loaded before, in another worker
            raise Stopped(error.status, error.message, location=error.location) from None
        if self.tracing and not options.get("warnings"):
            options["trace"] = True
        if not self.log:
            options["chance"] = self._cases
        request = Call(
            0,
            target,
            method,
            tuple(map(_outgoing, args)),
            {name: _outgoing(value) for name, value in kwargs.items()},
            stop_s=self._stop_s,
            **options,
        )
        if self._script is not None and not self._script.add(request):
            self._script = None
        label = target if isinstance(target, str) else self._labels.get(target, "")
        if method is not None:
            label = f"{label}.{method}"
        return self._answered(request, label)

    def describe(self, handle: "RemoteHandle") -> dict[str, Any]:
        """A figure that stays in the worker, as plain values."""
        self._script = None
        request = Describe(0, handle.number, self._stop_s)
        answer = self._answered(request, f"describing {handle.type_name}").value
        if not isinstance(answer, dict):
            raise SubmissionError("answer", "", "the figure cannot be described")
        return answer

    def _answered(self, request: Call | Describe, label: str) -> Answer:
        left = self._left_s
        timeout_s = min(left)
        what, allowed = f"{label}(...)", left[timeout_s]
        reply = self._exchange(request, max(timeout_s, 0.01), what, allowed)
        if isinstance(reply, Raised):
            if reply.kind == "late":
                self.renew()
                raise self.explainer.late(what, timeout_s, allowed, reply.frames)
            status, message = self.explainer.raised(reply, label)
            if reply.kind in ("forbidden", "memory"):
                if reply.kind == "memory":
                    self.renew()
                reason = self.explainer.uses(reply.message) if reply.kind == "forbidden" else ""
                raise Stopped(
                    status,
                    message,
                    location=location_of(reply.frames, self.file_name),
                    reason=reason,
                )
            name = reply.message
            if reply.kind == "missing" and "." not in name:
                # Without a dot it is a name that we asked for: the copy of a secret seed shows it.
                own = isinstance(request, Call) and isinstance(request.target, str)
                name = label if own else f"{label}.__call__"
            error = SubmissionError(
                reply.kind, reply.exception, name, reply.frames, label, reply.bases
            )
            self._take_down(Exchange(request, label, None, error))
            raise error
        if not isinstance(reply, Answer):
            self.close()
            raise Stopped(
                Status.CRASHED, f"{label}(...) was not answered: the worker sent something else."
            )
        answer = Answer(
            reply.number,
            self._incoming(reply.value),
            _tracking(self._incoming(reply.inputs), reply.tracked),
            self._incoming(reply.gradients),
            tuple(map(one_line, reply.warnings)),
            reply.cause if reply.cause in CAUSES else "",
            bounded_frames(reply.frames, self._source, self._kata.given),
            reply.steps[:MOST_STEPS],
            self._incoming(reply.step_values),
            reply.ends,
        )
        self._take_down(Exchange(request, label, answer, None))
        return answer

    @property
    def _left_s(self) -> dict[float, Allowed]:
        """How long an answer may take, by what allows it so much."""
        return {
            self._call_s: Allowed("one call", self._call_s),
            self._check_ends_s - self.clock.used_s: Allowed("one check", self._check_s),
            self.time_left_s: Allowed("the whole kata", self._limits.wall_s),
        }

    def _take_down(self, exchange: Exchange) -> None:
        self.log.append(exchange)
        if self._script is not None:
            self.said.append(exchange)

    def _exchange(self, request: Request, timeout_s: float, what: str, allowed: Allowed) -> Any:
        assert self._worker is not None
        worker = self._worker
        try:
            more_s = STOPPING_S if 0 < request.stop_s <= timeout_s else 0.0
            reply = self._reply(worker, request, timeout_s + more_s)
            if not isinstance(reply, Raised):
                return reply
            return bounded(reply, self._source, self._kata.given)
        except WorkerLateError:
            self._collect()
            raise self.explainer.late(what, timeout_s, allowed) from None
        except WorkerBrokenError as error:
            self._collect()
            raise Stopped(
                Status.CRASHED, f"{what}: the worker sent a malformed answer ({error})."
            ) from None
        except WorkerDeadError as error:
            self._collect()
            self._losses += error.exited is None
            raise self.explainer.died(error, what, losses=self._losses) from None
        except WireError as error:
            raise Stopped(Status.FAILED, f"{what}: {error.message}.") from None

    @property
    def _time_to_import(self) -> Allowed:
        return Allowed(IMPORTING, self._limits.load_s)

    def _reply(self, worker: Worker, request: Request, timeout_s: float) -> Any:
        if self._ahead is not None and not self._ahead.comes_now(request):
            self.one_by_one()
        if self._ahead is not None:
            number = self._ahead.ask(timeout_s)
            return worker.reply(number, timeout_s=timeout_s, progress=self._progress)
        request = replace(request, number=worker.next_number())
        return worker.ask(request, timeout_s=timeout_s, progress=self._progress)

    def _incoming(self, value: Any) -> Any:
        """Handles become objects that a check can call."""
        if isinstance(value, HandleRef):
            handle = RemoteHandle(self, value.number, one_line(value.type_name)[:100])
            if len(self._labels) < MOST_LABELS:
                self._labels.setdefault(value.number, handle.type_name)
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
            self._prints.add(*self._worker.printed())


def _tracking(inputs: Any, tracked: Sequence[int]) -> Any:
    """The arguments, of which those tensors require gradients that do so in the worker."""
    those = frozenset(tracked)
    for position, tensor in enumerate(tensors_in(inputs)):
        if position in those and tensor.is_floating_point():
            tensor.requires_grad_()
    return inputs


class _Target(Target):
    """A name of the submission, or a method of an object that stays in the worker."""

    def __init__(
        self, conversation: Conversation, target: str | int, method: str | None = None
    ) -> None:
        self._conversation = conversation
        self._target = target
        self._method = method

    def ask(self, args: Sequence[Any], kwargs: Mapping[str, Any], **options: Any) -> Answer:
        """Call it."""
        return self._conversation.ask(self._target, self._method, args, kwargs, **options)


class RemoteHandle(_Target, Handle):
    """An object that stays in the worker (a `grader.checks.Handle`)."""

    def __init__(self, conversation: Conversation, number: int, type_name: str) -> None:
        super().__init__(conversation, number)
        self.number = number
        self.type_name = type_name

    def __repr__(self) -> str:
        return f"<{self.type_name}>"

    def __getitem__(self, method: str) -> Target:
        """One of its methods."""
        return _Target(self._conversation, self.number, method)

    def describe(self) -> dict[str, Any]:
        """A Matplotlib figure as plain values."""
        return self._conversation.describe(self)


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
