"""Claims: a learner returns numbers, shapes, words and yes/noes, and the judge measures the same.

A claim is never looked up: `measured` comes from running something, on the machine at hand.
"""

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache, wraps
from typing import Any

from grader.checks.check import Check, CheckLimits, check, pick
from grader.checks.compare import CheckFailed, expect_true, kind_of, number
from grader.checks.hearing import observe
from grader.checks.submission import Submission

LIMITS = CheckLimits(check_s=30.0, call_s=20.0)
"""A learner may measure as the judge does, and on a busy machine that takes long."""


@dataclass(frozen=True)
class Claim:
    """One entry of the dict that a learner returns.

    Args:
        key: its key.
        sentence: what it says, for messages ("the largest |h|").
        measured: what the judge measured: a bool for a yes/no, a number, a text, or a tuple of
            whole numbers (a shape, say).
        margin: how far a number may be off. All else must be equal.

    """

    key: str
    sentence: str
    measured: bool | float | str | tuple[int, ...]
    margin: float = 0.0


def check_claims(
    function: str = "claims",
    *,
    points: int = 1,
    after: Check | str | Sequence[Check | str] = (),
    pool: Sequence[str] = (),
) -> Callable[[Callable[[], Sequence[Claim]]], Check]:
    """Mark a function that measures as the check of what a learner claims about it.

    It measures once, however many submissions are asked. Its docstring's first line is the sentence
    that the learner reads.

    Args:
        function: the submission's, which returns a dict of claims.
        points: what the check is worth.
        after: a check, or several, that must have passed before.
        pool: the keys of all the claims, if the seed is to pick one of them. The others are not
            looked at then.
    """

    def mark(measure: Callable[[], Sequence[Claim]]) -> Check:
        measured = lru_cache(maxsize=1)(measure)

        @pick("key", tuple(pool) or ("",))
        @wraps(measure)
        def one_of_them(submission: Submission, key: str) -> None:
            found = {claim.key: claim for claim in measured()}
            expect_claims(submission[function](), [found[key]])

        if pool:
            return check(points=points, after=after, limits=LIMITS)(one_of_them)

        @wraps(measure)
        def body(submission: Submission) -> None:
            expect_claims(submission[function](), measured())

        return check(points=points, after=after, limits=LIMITS)(body)

    return mark


def expect_claims(answer: Any, claims: Sequence[Claim]) -> None:
    """Hold a dict of claims against what was measured. Further keys are welcome.

    Args:
        answer: what the learner's function returned.
        claims: what it must say.

    Raises:
        CheckFailed: the answer is no dict, or the first claim that is missing or wrong.

    """
    if not isinstance(answer, dict):
        raise CheckFailed(f"the claims are {kind_of(answer)}, expected a dict", got=kind_of(answer))
    for claim in claims:
        observe(claim.key, _label(answer.get(claim.key), claim, claims))
    for claim in claims:
        _expect(answer, claim)


def _expect(answer: dict[Any, Any], claim: Claim) -> None:
    expect_true(claim.key in answer, f"the claim {claim.key!r} is missing: {claim.sentence}")
    value = _plain(answer.get(claim.key))
    noun = _NOUNS[_kind(claim)]
    expect_true(
        _is_right_kind(value, claim),
        f"the claim {claim.key!r} is {kind_of(value)}, expected {noun}: {claim.sentence}",
        at=claim.key,
        expected=noun,
        got=str(value)[:60],
    )
    exact = _kind(claim) is not float
    expect_true(
        _holds(value, claim),
        f"the claim {claim.key!r} is not what is measured here: {claim.sentence}",
        at=claim.key,
        expected=str(claim.measured) if exact else number(float(claim.measured)),  # type: ignore[arg-type]
        got=str(value)[:60] if exact else number(value),
        allowed="" if exact else f"{claim.margin:.3g}",
    )


_NOUNS = {
    bool: "True or False",
    float: "a finite number",
    str: "a text",
    tuple: "a tuple of whole numbers",
}


def _kind(claim: Claim) -> type:
    """What kind of value a claim is: a key of `_NOUNS`."""
    kinds = (bool, str, tuple)
    return next((kind for kind in kinds if isinstance(claim.measured, kind)), float)


def _plain(value: Any) -> Any:
    """Return a tensor or array of one number as a number, and a row of whole numbers as a tuple."""
    if isinstance(value, list | tuple):
        return tuple(map(_plain, value))
    dimensions = getattr(value, "ndim", None)
    if dimensions == 0 and hasattr(value, "item"):
        return value.item()
    if dimensions == 1 and hasattr(value, "tolist"):
        entries = value.tolist()
        return tuple(entries) if all(type(entry) is int for entry in entries) else value
    return value


def _is_right_kind(value: Any, claim: Claim) -> bool:
    kind = _kind(claim)
    if kind is tuple:
        return isinstance(value, tuple) and all(type(entry) is int for entry in value)
    if kind is not float:
        return isinstance(value, kind)
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _holds(value: Any, claim: Claim) -> bool:
    if not _is_right_kind(value, claim):
        return False
    if isinstance(claim.measured, str):
        return _as_meant(value) == _as_meant(claim.measured)
    if _kind(claim) is not float:
        return bool(value == claim.measured)
    return bool(abs(value - claim.measured) <= claim.margin)


def _as_meant(text: str) -> str:
    """A word without its capitals; else a text without the spaces beside its signs.

    `Gradient` is `gradient`, and `out[:,0]` is `out[:, 0]`, but one letter may be a name: `H`, `h`.
    Spaces around a text mean nothing.
    """
    text = text.strip()
    if text.isalpha() and len(text) > 1:
        return text.lower()
    return re.sub(r"\s*([^\w\s])\s*", r"\1", text)


def _label(value: Any, claim: Claim, claims: Sequence[Claim]) -> str:
    """How a diagnosis sees a claim: a measurement is a little different each time.

    One that holds is like another that holds, and a wrong number is like the claim that it fits.
    """
    value = _plain(value)
    if _holds(value, claim):
        return "holds"
    if _kind(claim) is not float or not _is_right_kind(value, claim):
        return str(value)[:40]
    fits = (f"as {other.key}" for other in claims if _holds(value, other))
    return next(fits, f"{value:.1g}")
