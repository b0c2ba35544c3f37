"""Judges a derivation: does each line equal the one before, and is the last one what was asked for.

Lines are compared in the question's model. A few random points find almost every wrong line; a line
that survives them is proved with SymPy where that is cheap, and else compared at many more points.
The points are drawn from the text of the derivation itself, so nobody can write a line that is
right at just the points that will be drawn.

A line that leaves terms out says ≈ and names the approximation. From then on the approximation
holds, and the start of the derivation, worked out under it, is what the line must equal: so exactly
the named terms may go.
"""

import difflib
import hashlib
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import count, islice

from grader.checks.derivation.expressions import (
    Element,
    Expr,
    Symbol,
    holding,
    show,
    terms,
    walk,
)
from grader.checks.derivation.model import Approximation, Question, World
from grader.checks.derivation.notation import APPROXIMATE, EXACT, NotationError, parse_line
from grader.checks.derivation.numeric import CannotEvaluateError, Evaluator, Point, Work
from grader.checks.derivation.symbolic import proves_equal
from grader.text import cut

MAX_LINES = 40
FEW_POINTS = 4
MANY_POINTS = 32
RELATIVE_TOLERANCE = 1e-9
PROOF_SECONDS = 1.0
LONGEST = 120
"""Of an expression that is shown."""

WORDS = (
    "start",
    "definition",
    "substitute",
    "sum rule",
    "product rule",
    "quotient rule",
    "chain rule",
    "derivative",
    "algebra",
    "unroll",
)
"""The words that justify an exact step.

A word may go on: ``"definition: c[t]"``, ``"definition of σ"``.
"""

A_WORD = re.compile(rf"(?:(?:by|use|using|apply)\s+(?:the\s+)?)?(?:{'|'.join(WORDS)})(?!\w)")
"""A word, where a text begins with one: ``"by the chain rule"`` does."""

BETWEEN = re.compile(rf"[,;&+/]|\band\b(?=\s*{A_WORD.pattern})")
"""What stands between the words of a line that takes several steps: ``"sum rule, chain rule"``."""

EXAMPLE = (
    "Return a list of pairs (line, word), such as "
    '[("d(c[t], c[t-1])", "start"), ("= f[t] + ...", "product rule")].'
)


@dataclass(frozen=True)
class Problem:
    """What is wrong, and where.

    Attributes:
        line: its number, from 1; 0 stands for the answer as a whole.
        kind: answer, notation, word, sign, value, differs or form.
        message: for the learner; the first line is the sentence, the others are the details.
        fingerprint: the same for two derivations that go wrong in the same way, whatever their
            routes and their spelling. A label for `observe`.

    """

    line: int
    kind: str
    message: str
    fingerprint: str


@dataclass(frozen=True)
class Judgement:
    """The result: no problem, or the first one.

    Attributes:
        evidence: for each line that stands, "proved" or "at 32 points".
        problem: the first problem. One of kind "form" means that every line is right, but the last
            is not yet what was asked for.

    """

    evidence: tuple[str, ...]
    problem: Problem | None

    @property
    def sound(self) -> bool:
        """Whether every line equals the one before."""
        return self.problem is None or self.problem.kind == "form"

    @property
    def complete(self) -> bool:
        """Whether, besides, the last line has the form that the question asks for."""
        return self.problem is None

    @property
    def message(self) -> str:
        """The problem in words, or an empty string."""
        return "" if self.problem is None else self.problem.message

    @property
    def fingerprint(self) -> str:
        """A short label of what went wrong; "right" if nothing did."""
        return "right" if self.problem is None else self.problem.fingerprint


class _WrongError(Exception):
    """A derivation goes wrong: ends the walk down its lines."""

    def __init__(self, line: int, kind: str, message: str, fingerprint: str = "") -> None:
        super().__init__(message)
        self.fingerprint = fingerprint
        label = f"{kind}: {fingerprint}" if fingerprint else kind
        self.problem = Problem(line, kind, message, label)

    def after(self, held: int) -> "_WrongError":
        """The same, with the lines before it that hold."""
        problem = self.problem
        if not held or problem.kind in ("answer", "form"):
            return self
        lines = "Line 1 holds." if held == 1 else f"Lines 1 to {held} hold."
        return _WrongError(
            problem.line, problem.kind, f"{lines} {problem.message}", self.fingerprint
        )


def judge(question: Question, answer: object) -> Judgement:
    """Judge what a learner handed in.

    Args:
        question: what was asked.
        answer: anything; right is a list (or tuple) of pairs (line, word).

    Returns:
        The judgement. Nothing in the answer makes this raise, and it takes a bounded time.

    """
    try:
        lines = _lines(answer)
    except _WrongError as wrong:
        return Judgement((), wrong.problem)
    return _judge(question, lines)


def _lines(answer: object) -> tuple[tuple[str, str], ...]:
    if not isinstance(answer, list | tuple):
        kind = type(answer).__name__
        raise _WrongError(0, "answer", f"The derivation is a {kind}, not a list. {EXAMPLE}")
    if not 1 <= len(answer) <= MAX_LINES:
        found = f"The derivation has {len(answer)} lines; 1 to {MAX_LINES} are read."
        raise _WrongError(0, "answer", f"{found} {EXAMPLE}")
    lines: list[tuple[str, str]] = []
    for number, item in enumerate(answer, start=1):
        match item:
            case [str(line), str(word)]:
                lines.append((line, word))
            case _:
                found = f"Line {number} is not a pair of two strings (line, word)."
                raise _WrongError(number, "answer", f"{found} {EXAMPLE}")
    return tuple(lines)


@lru_cache(maxsize=64)
def _judge(question: Question, lines: tuple[tuple[str, str], ...]) -> Judgement:
    walk_down = _Walk(question, lines)
    try:
        walk_down.check_lines()
        walk_down.check_form()
    except _WrongError as wrong:
        evidence = tuple(walk_down.evidence)
        return Judgement(evidence, wrong.after(len(evidence)).problem)
    return Judgement(tuple(walk_down.evidence), None)


class _Walk:
    """Walks down a derivation, holding the expression that has been reached."""

    def __init__(self, question: Question, lines: tuple[tuple[str, str], ...]) -> None:
        self.question = question
        self.lines = lines
        self.world = World(question.model)
        self.reached = question.first
        self.reached_at = "the start"
        self.passed: list[Expr] = []
        self.evidence: list[str] = []
        self.work = Work()
        self.proofs_end = time.monotonic() + PROOF_SECONDS
        text = repr((question.start, lines)).encode("utf-8", "backslashreplace")
        seed = hashlib.sha256(text).hexdigest()
        steps = islice(_steps(question), MANY_POINTS)
        self.points = [Point(f"{seed}|{number}", values) for number, values in enumerate(steps)]
        self.evaluators: dict[tuple[int, int], Evaluator] = {}

    def check_lines(self) -> None:
        """Check that each line equals the one before.

        Raises:
            _WrongError: the first that does not.

        """
        for number, (text, word) in enumerate(self.lines, start=1):
            named = self._approximation(number, word)
            pieces = self._without_restated_start(number, self._parse(number, text))
            proved = True
            for place, (relation, expression) in enumerate(pieces, start=1):
                here = f"line {number}" if len(pieces) == 1 else f"line {number}, part {place}"
                making: Approximation | None = None
                if relation == APPROXIMATE:
                    if named is None and not self.world.made:
                        raise _WrongError(number, "sign", self._unnamed(number, word))
                    making = None if named in self.world.made else named
                if making is not None:
                    self.world = self.world.under(making)
                    self.reached, self.reached_at = self._start(self.world), "the start"
                proved &= self._check_equal(number, here, expression, making)
                self.passed.append(self.reached)
                self.reached, self.reached_at = expression, here
            if named is not None and named not in self.world.made:
                found = f"Line {number} leaves something out ({named.name})"
                raise _WrongError(number, "sign", f"{found}: write ≈ (or ~) instead of =.")
            self.evidence.append("proved" if proved else f"at {MANY_POINTS} points")

    def check_form(self) -> None:
        """Check that the last line is what was asked for, and so is one on the way for each form.

        Raises:
            _WrongError: it still holds something else, or no line on the way has a form.

        """
        left_over = self.question.left_over(self.reached, self.question.last)
        if left_over:
            message = (
                f"Every line is right, but the last one is not {self.question.last.sentence}.\n"
                f"  last line    {cut(show(self.reached), LONGEST)}\n"
                f"  still in it  {', '.join(left_over[:6])}"
            )
            raise _WrongError(len(self.lines), "form", message, " ".join(left_over)[:80])
        for form in self.question.through:
            if all(self.question.left_over(passed, form) for passed in self.passed):
                message = (
                    "Every line is right, but the task also asks for a line on the way that is "
                    f"{form.sentence}."
                )
                raise _WrongError(len(self.lines), "form", message, f"no line {form.names}")

    def _start(self, world: World) -> Expr:
        """Return what the derivation is about, as it is in a world."""
        return holding(self.question.first, world.held)

    # reading a line

    def _approximation(self, number: int, word: str) -> Approximation | None:
        plain = " ".join(word[:200].split(":", 1)[0].lower().split())
        if all(A_WORD.match(one.strip()) for one in BETWEEN.split(plain)):
            return None
        plain = plain[:60]
        approximation = self.question.approximation(plain)
        if approximation is None:
            names = [known.name for known in self.question.approximations]
            said = set(plain.split())
            near = [name for name in (*names, *WORDS) if said >= set(name.split())]
            near = near or difflib.get_close_matches(plain, [*WORDS, *names], n=1)
            meant = f" Did you mean {near[0]!r}?" if near else ""
            others = f"; what leaves something out is {_list(names)}" if names else ""
            found = f"Line {number}: {plain!r} is no word for a step.{meant}"
            raise _WrongError(number, "word", f"{found} The words are: {', '.join(WORDS)}{others}.")
        return approximation

    def _parse(self, number: int, text: str) -> list[tuple[str | None, Expr]]:
        try:
            return parse_line(text, self.question.vocabulary)
        except NotationError as error:
            raise _WrongError(number, "notation", f"Line {number}: {error}") from None

    def _without_restated_start(
        self, number: int, pieces: list[tuple[str | None, Expr]]
    ) -> list[tuple[str | None, Expr]]:
        """Drop the left side of a later line that says again what the derivation is about."""
        if number == 1 or len(pieces) == 1 or pieces[0] != (None, self.question.first):
            return pieces
        if self.world.made and pieces[1][0] == EXACT:
            message = (
                f"Line {number}: since {self.world.made[-1].name!r}, the two sides are no longer "
                "equal. Write ≈ between them, or leave the left side out."
            )
            raise _WrongError(number, "sign", message)
        return pieces[1:]

    def _unnamed(self, number: int, word: str) -> str:
        names = [known.name for known in self.question.approximations]
        advice = (
            f"If something is left out, make the line's word {_list(names)}."
            if names
            else "Nothing need be left out here: every step can be exact."
        )
        return f"Line {number} says ≈, but its word {word[:40]!r} is an exact step. {advice}"

    # one step

    def _check_equal(
        self, number: int, here: str, line: Expr, making: Approximation | None
    ) -> bool:
        """Compare a line with what was reached. True: it is proved. False: it holds at points."""
        if line == self.reached:
            return True
        self._compare(number, here, line, making, range(FEW_POINTS))
        in_time = time.monotonic() < self.proofs_end
        if in_time and proves_equal(self.world, self.reached, line):
            return True
        self._compare(number, here, line, making, range(FEW_POINTS, MANY_POINTS))
        return False

    def _compare(
        self, number: int, here: str, line: Expr, making: Approximation | None, points: range
    ) -> None:
        have = [self._value(number, line, point) for point in points]
        want = [self._value(number, self.reached, point) for point in points]
        if all(map(_close, have, want)):
            return
        gaps = [abs(h - w) / (abs(h) + abs(w) + 1e-9) for h, w in zip(have, want, strict=True)]
        worst = gaps.index(max(gaps))
        if making is None:
            before = self.reached_at
            head = f"{here.capitalize()} does not equal {before}."
        else:
            before = f"{self.reached_at}, approximated"
            head = (
                f"{here.capitalize()} makes the approximation {making.name!r}: {making.sentence}. "
                "Just that must be gone from the start, and the rest must stay."
            )
        labels = [f"{before} is {want[worst]:.6g}:", f"{here} is {have[worst]:.6g}:"]
        width = max(map(len, labels))
        message = [
            head,
            f"  {labels[0]:<{width}}  {cut(show(self.reached), LONGEST)}",
            f"  {labels[1]:<{width}}  {cut(show(line), LONGEST)}",
            f"  with {self._describe(number, line, points[worst])}",
            *self._explain(number, line, points, have, want),
        ]
        raise _WrongError(number, "differs", "\n".join(message), self._fingerprint(line))

    def _value(self, number: int, expression: Expr, point: int) -> float:
        key = (len(self.world.made), point)
        if key not in self.evaluators:
            self.evaluators[key] = Evaluator(self.world, self.points[point], self.work)
        try:
            return self.evaluators[key].value(expression)
        except CannotEvaluateError as error:
            raise _WrongError(number, "value", f"Line {number}: {error}.", error.label) from None

    # what is said about a line that differs

    def _describe(self, number: int, line: Expr, point: int) -> str:
        """Return the values of what occurs in the two lines."""
        steps = self.points[point].steps
        parts = {name: f"{step}" for name, step in steps.items()}
        for part in (*walk(self.reached), *walk(line)):
            shown = (
                {name for name, _ in part.index.variables} <= set(steps)
                if isinstance(part, Element)
                else isinstance(part, Symbol) and part.name in self.question.vocabulary.parameters
            )
            if shown and len(parts) < 10:
                parts[show(part)] = f"{self._value(number, part, point):.4g}"
        return ", ".join(f"{name} = {value}" for name, value in parts.items())

    def _explain(
        self, number: int, line: Expr, points: range, have: Sequence[float], want: Sequence[float]
    ) -> Iterator[str]:
        """Say what the difference looks like, where that can be told."""
        missing = [w - h for w, h in zip(want, have, strict=True)]
        for factor, side, text in (
            (1, self.reached, f"What is missing equals the term `{{}}` of {self.reached_at}."),
            (2, self.reached, f"The term `{{}}` of {self.reached_at} has changed its sign."),
            (-1, line, "What is too much equals your term `{}`."),
        ):
            among = terms(side)
            for sign, term in among if len(among) > 1 else ():
                values = [factor * sign * self._value(number, term, point) for point in points]
                if all(map(_close, values, missing)):
                    yield "  " + text.format(cut(show(term), LONGEST))
                    return
        for approximation in self.question.approximations:
            if approximation not in self.world.made and self._remains(approximation, points, have):
                yield f"  It is what remains under an approximation: {approximation.sentence}."
                yield f"  If you mean that, say so: ≈, and the word {approximation.name!r}."
                return

    def _remains(self, approximation: Approximation, points: range, have: Sequence[float]) -> bool:
        """Return whether a line is the start under an approximation that it does not name."""
        world = self.world.under(approximation)
        start = self._start(world)
        evaluators = [Evaluator(world, self.points[point], self.work) for point in points]
        try:
            return all(map(_close, have, [each.value(start) for each in evaluators]))
        except CannotEvaluateError:
            return False

    def _fingerprint(self, line: Expr) -> str:
        """Return the line's value at a point that is always the same."""
        steps = {name: low + 1 for name, low, _ in self.question.steps}
        try:
            value = Evaluator(self.world, Point("fingerprint", steps), self.work).value(line)
        except CannotEvaluateError:
            return "no value"
        # in whatever order the learner's route made them
        return " ".join((f"{value:.6g}", *sorted(made.name for made in self.world.made)))


def _steps(question: Question) -> Iterator[dict[str, int]]:
    """Yield values for the question's indices, through their whole ranges and again."""
    for number in count():
        yield {
            name: low + (number + offset) % (high - low + 1)
            for offset, (name, low, high) in enumerate(question.steps)
        }


def _close(one: float, other: float) -> bool:
    return abs(one - other) <= RELATIVE_TOLERANCE * max(abs(one), abs(other)) + 1e-13


def _list(names: Sequence[str]) -> str:
    return " or ".join(repr(name) for name in names)
