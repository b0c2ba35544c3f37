"""Checks: what a right answer is, in a kata author's words, held over many cases.

A check is a plain function of a `Submission` (and of what Hypothesis draws), marked with `@check`.
It asks the submission for values and holds them against its own reference with `expect`. It never
learns whether it talks to a sandboxed worker, to a solution or to a misconception.
"""

import contextlib
import hashlib
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from msgspec import Struct

from grader.checks.strategies import Source
from grader.checks.submission import Body, Submission
from grader.wire.places import Place


class NotVerified(Exception):
    """The check cannot be made on this machine (no GPU, no Matplotlib).

    The message says what is missing.
    """


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


class CheckLimits(Struct, frozen=True, forbid_unknown_fields=True):
    """What one check may use, in place of the kata's limits; None takes the kata's. Seconds."""

    check_s: float | None = None
    call_s: float | None = None


NO_LIMITS = CheckLimits()


class Check:
    """One check: a function, the sentence that it stands for, and what it is worth.

    Args:
        function: takes a submission, and by keyword what Hypothesis draws.
        points: what it is worth, at least 1; 0 in another place.
        after: names of checks of the same file that must have passed.
        examples: how many cases to draw.
        limits: its own times, in place of the kata's.
        trains: whether it trains: it has the kata's training budget, and no diagnosis asks it
            again, of the submission or of misconceptions.
        place: where it asks, if that is not in the usual dtypes on the CPU. No diagnosis asks it
            again either.
    """

    def __init__(
        self,
        function: Callable[..., None],
        *,
        points: int,
        after: tuple[str, ...],
        examples: int,
        limits: CheckLimits = NO_LIMITS,
        trains: bool = False,
        place: Place | None = None,
    ) -> None:
        self.name = function.__name__
        self.sentence = _first_line(function.__doc__)
        self.points = points
        self.after = after
        self.examples = examples
        self.limits = limits
        self.trains = trains
        self.place = place
        self._function = function
        self._pool: Pool | None = getattr(function, "pool", None)
        if self.draws:
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
            CheckFailed, SubmissionError: the smallest failing case's.
            hypothesis.errors.Flaky: a case failed and then passed.
        """
        drawn = DrawnCases() if drawn is None else drawn
        if not self.draws:
            for body in self.known(seed=seed, drawn=drawn) or ():
                each(body)
            return
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

    def draw_all(self, *, seed: int, drawn: "DrawnCases") -> None:
        """Draw the cases that `run` would draw, before there is anybody to be asked."""
        if self.draws and not drawn.complete:
            drawn.bodies[:] = self.cases(seed=seed, count=self.examples)
            drawn.complete = True

    def known(self, *, seed: int, drawn: "DrawnCases") -> "list[Body] | None":
        """The bodies that `run` runs where all pass; None while they are not all known."""
        if self._pool is not None:
            return self._pool.bodies(self._function, self._pool.picked(seed))
        if not self.draws:
            return [self._function]
        return drawn.bodies if drawn.complete else None

    def cases(self, *, seed: int, count: int) -> "list[Body]":
        """The check's body on `count` fresh cases, each ready to be run on any submission.

        A check that picks from a pool gives the whole of it, whatever `count` is: a diagnosis then
        knows a mistake that is made in all of it by the same answers under every seed.
        """
        if self._pool is not None:
            return self._pool.bodies(self._function, self._pool.items)
        if not self.draws:
            return [self._function]
        return [self._body(case) for case in self.draw(seed, count)]

    def draw(self, seed: int, count: int) -> list[dict[str, Any]]:
        """What Hypothesis draws for so many cases, by keyword."""
        drawn: list[dict[str, Any]] = []

        def collect(**case: Any) -> None:
            drawn.append(case)
            if len(drawn) == count:
                raise _EnoughCases

        with contextlib.suppress(_EnoughCases):
            self._drive(seed, collect)
        return drawn

    def _body(self, case: dict[str, Any]) -> "Body":
        """The body on one case; however often it is run, it sees the same numbers."""

        def body(submission: Submission) -> None:
            for value in case.values():
                if isinstance(value, Source):
                    value.rewind()
            self._inner(submission, **case)

        return body

    @property
    def draws(self) -> bool:
        """Whether its cases are drawn, so that each seed has others."""
        return hasattr(self._function, "hypothesis")

    @property
    def picks(self) -> bool:
        """Whether the seed picks what it asks about, out of a pool."""
        return self._pool is not None

    def _drive(self, seed: int, body: Callable[..., None]) -> None:
        """Let Hypothesis draw cases for `body` instead (through the hook that it documents)."""
        from hypothesis import seed as with_seed

        hook = self._function.hypothesis  # type: ignore[attr-defined]
        hook.inner_test = lambda submission, **case: body(**case)
        try:
            with _the_same_everywhere(), _each_by_itself(), _no_tensor_written():
                with_seed(seed)(self._function)(None)
        finally:
            hook.inner_test = self._inner


class Pool(Struct, frozen=True):
    """What a seed picks from.

    Args:
        name: the parameter of the check that takes one item.
        items: the pool, in the order in which the task lists it.
        count: how many of them a seed picks.
    """

    name: str
    items: tuple[Any, ...]
    count: int

    def picked(self, seed: int) -> tuple[Any, ...]:
        """The items that a seed picks, in the pool's order: the same on every machine."""
        order = sorted(range(len(self.items)), key=lambda index: derive(seed, str(index)))
        return tuple(self.items[index] for index in sorted(order[: self.count]))

    def bodies(self, function: Callable[..., None], items: Sequence[Any]) -> "list[Body]":
        """A check's function on each of some items."""
        return [partial(function, **{self.name: item}) for item in items]


def pick(
    name: str, items: Sequence[Any], *, count: int = 1
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Let the seed pick what a check asks about, out of a few things that the task lists.

    It stands between `@check` and the function, where `@given` stands in other checks. Nothing is
    drawn by Hypothesis, and nothing is made smaller after a failure.

    Args:
        name: the parameter of the function that takes one item.
        items: the pool.
        count: how many a seed picks; the function runs once for each.

    Raises:
        ValueError: the pool holds fewer items than are to be picked, or none is.
    """
    if not 1 <= count <= len(items):
        raise ValueError(f"pick {name}: {count} of {len(items)}; expected 1 to {len(items)}")

    def mark(function: Callable[..., None]) -> Callable[..., None]:
        function.pool = Pool(name, tuple(items), count)  # type: ignore[attr-defined]
        return function

    return mark


class _EnoughCases(BaseException):
    """Ends a run of Hypothesis that was only to draw."""


@contextlib.contextmanager
def _the_same_everywhere() -> Iterator[None]:
    """Draw the cases that a seed has on every machine.

    Hypothesis feeds strategies with constants that it finds in modules of one's own and keeps in
    `.hypothesis/` of the current folder. So what is installed how, and where one stands, would
    change the cases of a seed. Meanwhile its folder is one that cannot be: it finds nothing there,
    goes without, and a process that is killed leaves nothing.
    """
    from hypothesis import configuration
    from hypothesis.internal.conjecture import providers

    home = vars(configuration).get("__hypothesis_home_directory")
    inside: Any = providers  # no part of its interface; a test holds that it does what it should
    find, nothing = inside._get_local_constants, inside.Constants()
    configuration.set_hypothesis_home_dir(Path(__file__) / "below a file")
    inside._get_local_constants = lambda: nothing
    inside.CONSTANTS_CACHE.cache.clear()
    try:
        yield
    finally:
        configuration.set_hypothesis_home_dir(home)
        inside._get_local_constants = find
        inside.CONSTANTS_CACHE.cache.clear()


@contextlib.contextmanager
def _each_by_itself() -> Iterator[None]:
    """Draw each case apart from those before it.

    Behind the tenth, Hypothesis makes five out of each by repeating parts of that. They find where
    code stumbles over equal values, and are of one kind: of eighteen layers of an LSTM the last
    eight had the same layers, directions and states.
    """
    from hypothesis.internal.conjecture.engine import ConjectureRunner

    inside: Any = ConjectureRunner  # no part of its interface either; a test holds that too
    mutate = inside.generate_mutations_from
    inside.generate_mutations_from = lambda runner, data: None
    try:
        yield
    finally:
        inside.generate_mutations_from = mutate


@contextlib.contextmanager
def _no_tensor_written() -> Iterator[None]:
    """Hypothesis writes out each case that fails, twice and for nobody: tensors are slow to write.

    A judge spent 15 ms on that for each check that failed.
    """
    from hypothesis.vendor import pretty

    printers: Any = pretty._deferred_type_pprinters
    before = dict(printers)
    for module, name in (("torch", "Tensor"), ("numpy", "ndarray")):
        pretty.for_type_by_name(module, name, lambda _, printer, cycle: printer.text("..."))
    try:
        yield
    finally:
        printers.clear()
        printers.update(before)


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
    *,
    points: int = 1,
    after: "Check | str | Sequence[Check | str]" = (),
    examples: int = 50,
    limits: CheckLimits = NO_LIMITS,
    trains: bool = False,
) -> Callable[[Callable[..., None]], Check]:
    """Mark a function as a check.

    Its docstring's first line is the sentence that the learner reads.

    Args:
        points: what it is worth, at least 1.
        after: a check, or several, of the same file that must have passed before this one is run.
        examples: how many cases Hypothesis draws.
        limits: its own times, in place of the kata's.
        trains: for a check that has the submission train. Its calls may take the budget of
            `[training]` in the kata.toml, what they report becomes a curve in the verdict, and a
            diagnosis never asks it again: what the checks before it observed has to say which
            mistake it is.

    Raises:
        ValueError: no docstring, points or examples below 1, or it draws with `st.data()`.
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
        if _draws_later(function):
            raise ValueError(
                f"check {function.__name__} draws with st.data(), so that a case is not known "
                "before it is asked and cannot be asked again; draw it all in @given, with "
                "st.composite if need be"
            )
        return Check(
            function,
            points=points,
            after=names,
            examples=examples,
            limits=limits,
            trains=trains,
        )

    return mark


def _draws_later(function: Callable[..., None]) -> bool:
    """Whether a function draws while it runs, and not before."""
    from hypothesis import strategies as st

    given = getattr(getattr(function, "hypothesis", None), "_given_kwargs", {})
    return any(isinstance(strategy, type(st.data())) for strategy in given.values())


def _first_line(text: str | None) -> str:
    return (text or "").strip().partition("\n")[0].strip()
