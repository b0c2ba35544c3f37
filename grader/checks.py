"""Checks: what a right answer is, in a kata author's words, and how it is held over many cases.

A check is a plain function of a `Submission` (and of what Hypothesis draws), marked with `@check`.
It asks the submission for values and holds them against its own reference with `expect`. It never
learns whether it talks to a sandboxed worker, to a solution or to a misconception.
"""

import contextlib
import hashlib
import importlib.util
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple, Protocol, TypeAlias

from grader.errors import SpecError
from grader.strategies import Source
from grader.wire import Frame


class Vjp(NamedTuple):
    """A value and the vector-Jacobian product.

    One gradient for each entry of `wrt`, None where nothing connects.
    """

    value: Any
    gradients: tuple[Any, ...]


class Handle(Protocol):
    """An object that stays in the worker."""

    type_name: str

    def __call__(self, *args: Any, keep: bool | Sequence[int] = False, **kwargs: Any) -> Any:
        """Call it."""
        ...

    def method(
        self, name: str, *args: Any, keep: bool | Sequence[int] = False, **kwargs: Any
    ) -> Any:
        """Call one of its methods."""
        ...

    def vjp(
        self, *args: Any, cotangents: Sequence[Any], wrt: Sequence[int | str], **kwargs: Any
    ) -> Vjp:
        """Call it, then the vector-Jacobian product."""
        ...

    def call_and_inputs(
        self, *args: Any, keep: bool | Sequence[int] = False, **kwargs: Any
    ) -> tuple[Any, tuple[Any, ...]]:
        """Call it, and return its answer and the positional arguments as they are afterwards."""
        ...

    def describe(self) -> dict[str, Any]:
        """A Matplotlib figure as plain values."""
        ...


class Submission(Protocol):
    """What a check can ask of a submission.

    Every answer is made of plain builtins and of tensors that the judge rebuilt itself.

    An exception in the submission ends the check as a failure; a missing name, a timeout or a dead
    worker end it with their own status.
    """

    device: str

    def call(self, name: str, *args: Any, keep: bool | Sequence[int] = False, **kwargs: Any) -> Any:
        """Call a function or construct an object.

        `keep` leaves the answer (or those items of it) in the worker as a handle.
        """
        ...

    def call_and_inputs(
        self, name: str, *args: Any, keep: bool | Sequence[int] = False, **kwargs: Any
    ) -> tuple[Any, tuple[Any, ...]]:
        """Call it, and return its answer and the positional arguments as they are afterwards."""
        ...

    def call_and_warnings(
        self, name: str, *args: Any, **kwargs: Any
    ) -> tuple[Any, tuple[str, ...]]:
        """Call it, and return its answer and its warnings (underflow gives none)."""
        ...

    def vjp(
        self,
        name: str,
        *args: Any,
        cotangents: Sequence[Any],
        wrt: Sequence[int | str],
        **kwargs: Any,
    ) -> Vjp:
        """Call it, then the vector-Jacobian product.

        `cotangents` has one entry for each tensor of the answer, None to leave that one out.

        `wrt` gives positions among the tensors of the arguments, in the order in which they occur.
        """
        ...

    def error(self, name: str, *args: Any, **kwargs: Any) -> "StudentError | None":
        """Call it, and return the exception that it raised, or None."""
        ...


class StudentError(Exception):
    """The submission raised, or answered in a way that the call cannot use. Data only.

    Args:
        kind: see `grader.wire.Raised`.
        type_name: the exception's type.
        message: its text, cut.
        frames: lines of the submission's file, outermost first.
        called: what was called, for messages.
    """

    def __init__(
        self,
        kind: str,
        type_name: str,
        message: str,
        frames: tuple[Frame, ...] = (),
        called: str = "",
    ) -> None:
        super().__init__(f"{type_name}: {message}" if type_name else message)
        self.kind = kind
        self.type = type_name
        self.message = message
        self.frames = frames
        self.called = called


class NotVerified(Exception):
    """The check cannot be made on this machine (no GPU, no Matplotlib).

    The message says what is missing.
    """


Body: TypeAlias = Callable[[Submission], None]
"""A check's body on one case, ready to be run on any submission."""


def derive(seed: int, *names: str) -> int:
    """A seed for one purpose: the same seed and names give the same number, other names another."""
    digest = hashlib.sha256("/".join((str(seed), *names)).encode()).digest()
    return int.from_bytes(digest[:8])


class DrawnCases:
    """The cases that a check draws with one seed, as far as they are known, in order.

    Drawing a case takes longer than asking a submission about it, and every submission is asked
    about the same ones.
    """

    def __init__(self) -> None:
        self.bodies: list[Body] = []
        self.complete = False


class Check:
    """One check: a function, the sentence that it stands for, and what it is worth.

    Args:
        function: takes a submission, and by keyword what Hypothesis draws.
        points: what it is worth, at least 1.
        after: names of checks of the same file that must have passed.
        examples: how many cases to draw.
    """

    def __init__(
        self, function: Callable[..., None], *, points: int, after: tuple[str, ...], examples: int
    ) -> None:
        self.name = function.__name__
        self.sentence = _first_line(function.__doc__)
        self.points = points
        self.after = after
        self.examples = examples
        self._function = function
        if self._draws:
            self._inner: Callable[..., None] = function.hypothesis.inner_test  # type: ignore[attr-defined]
            _settings(examples)(function)

    def __repr__(self) -> str:
        return f"Check({self.name!r}, points={self.points})"

    def run(
        self, *, seed: int, each: "Callable[[Body], None]", drawn: "DrawnCases | None" = None
    ) -> None:
        """Run it over its cases, and after a failure over smaller ones.

        Args:
            seed: the same seed draws the same cases.
            each: is given the body of every case, and runs it on the submission.
            drawn: the cases that are known from earlier runs with this seed. It grows.

        Raises:
            CheckFailed, StudentError: the smallest failing case's.
            hypothesis.errors.Flaky: a case failed and then passed.
        """
        if not self._draws:
            each(self._function)
            return
        drawn = DrawnCases() if drawn is None else drawn
        passed, failure = 0, None
        for body in drawn.bodies:
            try:
                each(body)
            except Exception as error:
                failure = error
                break
            passed += 1
        if failure is None and drawn.complete:
            return
        number, failed = -1, failure is not None

        def ask(**case: Any) -> None:
            """Follow Hypothesis through what was asked above, and go on from there."""
            nonlocal number, failed
            number += 1
            if number < passed:
                return
            if number == passed and failure is not None:
                raise failure
            body = self._body(case)
            if not failed:
                drawn.bodies.append(body)
            try:
                each(body)
            except Exception:
                failed = True
                raise

        self._drive(seed, ask)
        drawn.complete = not failed

    def cases(self, *, seed: int, count: int) -> "list[Body]":
        """The check's body on `count` fresh cases, each ready to be run on any submission."""
        if not self._draws:
            return [self._function]
        drawn: list[dict[str, Any]] = []

        def collect(**case: Any) -> None:
            drawn.append(case)
            if len(drawn) == count:
                raise _EnoughCases

        with contextlib.suppress(_EnoughCases):
            self._drive(seed, collect)
        return [self._body(case) for case in drawn]

    def _body(self, case: dict[str, Any]) -> "Body":
        """The body on one case; however often it is run, it sees the same numbers."""

        def body(submission: Submission) -> None:
            for value in case.values():
                if isinstance(value, Source):
                    value.rewind()
            self._inner(submission, **case)

        return body

    @property
    def _draws(self) -> bool:
        return hasattr(self._function, "hypothesis")

    def _drive(self, seed: int, body: Callable[..., None]) -> None:
        """Let Hypothesis draw cases for `body` instead (through the hook that it documents)."""
        from hypothesis import seed as with_seed

        hook = self._function.hypothesis  # type: ignore[attr-defined]
        hook.inner_test = lambda submission, **case: body(**case)
        try:
            with_seed(seed)(self._function)(None)
        finally:
            hook.inner_test = self._inner


class _EnoughCases(BaseException):
    """Ends a run of Hypothesis that was only to draw."""


def _settings(examples: int) -> Any:
    from hypothesis import HealthCheck, Phase, Verbosity, settings

    return settings(
        max_examples=examples,
        phases=(Phase.generate, Phase.shrink),  # no explain phase: it costs more than all the rest
        deadline=None,
        database=None,
        derandomize=False,
        print_blob=False,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
        verbosity=Verbosity.quiet,
    )


def check(
    *, points: int = 1, after: "Check | str | Sequence[Check | str]" = (), examples: int = 50
) -> Callable[[Callable[..., None]], Check]:
    """Mark a function as a check.

    Its docstring's first line is the sentence that the learner reads.

    Args:
        points: what it is worth, at least 1.
        after: a check, or several, of the same file that must have passed before this one is run.
        examples: how many cases Hypothesis draws.

    Raises:
        ValueError: no docstring, or points or examples below 1.
    """
    before = (after,) if isinstance(after, Check | str) else tuple(after)
    names = tuple(item.name if isinstance(item, Check) else item for item in before)

    def mark(function: Callable[..., None]) -> Check:
        if not _first_line(function.__doc__):
            raise ValueError(
                f"check {function.__name__} has no docstring; its first line is what the "
                "learner reads"
            )
        if points < 1 or examples < 1:
            raise ValueError(
                f"check {function.__name__}: points={points}, examples={examples}; both must "
                "be at least 1"
            )
        return Check(function, points=points, after=names, examples=examples)

    return mark


_observations: ContextVar[list[tuple[str, Any]] | None] = ContextVar("observations", default=None)


def observe(label: str, value: bool | int | float | str) -> None:
    """Describe the behaviour of an answer, where many different answers are right.

    A diagnosis then compares these alone.
    """
    current = _observations.get()
    if current is not None:
        current.append((label, value))


@contextmanager
def observing() -> Iterator[list[tuple[str, Any]]]:
    """Collect what `observe` says inside the block."""
    seen: list[tuple[str, Any]] = []
    token = _observations.set(seen)
    try:
        yield seen
    finally:
        _observations.reset(token)


def load_checks(path: Path, *, name: str) -> tuple[Check, ...]:
    """Import a `checks.py`, trusted code.

    The course's own) and collect its checks, in the order of the file.

    Raises:
        SpecError: it cannot be imported, holds no check, or an `after` names none of them.
    """
    module = _import(path, name)
    checks = tuple(value for value in vars(module).values() if isinstance(value, Check))
    if not checks:
        raise SpecError(path, "holds no check; expected at least one function marked @check")
    known: set[str] = set()
    for item in checks:
        for before in item.after:
            if before not in known:
                raise SpecError(
                    path, f"check {item.name} comes after {before!r}, which is not defined above it"
                )
        known.add(item.name)
    return checks


def _import(path: Path, name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None or not path.is_file():
        raise SpecError(path, "there are no checks here")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        del sys.modules[name]
        lines = [
            frame.lineno
            for frame in traceback.extract_tb(error.__traceback__)
            if frame.filename == str(path)
        ]
        line = error.lineno if isinstance(error, SyntaxError) else lines[-1] if lines else None
        raise SpecError(
            path, f"cannot be imported: {type(error).__name__}: {error}", line=line
        ) from error
    return module


def _first_line(text: str | None) -> str:
    return (text or "").strip().partition("\n")[0].strip()
