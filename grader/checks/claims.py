"""Claims: a learner returns numbers and yes/noes, and the judge measures the same itself.

A claim is never looked up: `measured` comes from running something, on the machine at hand.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from grader.checks.compare import CheckFailed, expect_true, kind_of, number
from grader.checks.hearing import observe


@dataclass(frozen=True)
class Claim:
    """One entry of the dict that a learner returns.

    Args:
        key: its key.
        sentence: what it says, for messages ("the largest |h|").
        measured: what the judge measured: a bool for a yes/no, else a number.
        margin: how far a number may be off.

    """

    key: str
    sentence: str
    measured: bool | float
    margin: float = 0.0


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
        observe(claim.key, _label(answer.get(claim.key), claim))
    for claim in claims:
        _expect(answer, claim)


def _expect(answer: dict[Any, Any], claim: Claim) -> None:
    expect_true(claim.key in answer, f"the claim {claim.key!r} is missing: {claim.sentence}")
    value = _plain(answer.get(claim.key))
    noun = "True or False" if isinstance(claim.measured, bool) else "a finite number"
    expect_true(
        _is_right_kind(value, claim),
        f"the claim {claim.key!r} is {kind_of(value)}, expected {noun}: {claim.sentence}",
        at=claim.key,
        expected=noun,
        got=str(value)[:60],
    )
    yes_no = isinstance(claim.measured, bool)
    expect_true(
        _holds(value, claim),
        f"the claim {claim.key!r} is not what is measured here: {claim.sentence}",
        at=claim.key,
        expected=str(claim.measured) if yes_no else number(claim.measured),
        got=str(value) if yes_no or not _is_right_kind(value, claim) else number(value),
        allowed="" if yes_no else f"{claim.margin:.3g}",
    )


def _plain(value: Any) -> Any:
    """Return a tensor or array of one number as that number."""
    single = getattr(value, "ndim", None) == 0 and hasattr(value, "item")
    return value.item() if single else value


def _is_right_kind(value: Any, claim: Claim) -> bool:
    if isinstance(claim.measured, bool):
        return isinstance(value, bool)
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _holds(value: Any, claim: Claim) -> bool:
    if not _is_right_kind(value, claim):
        return False
    if isinstance(claim.measured, bool):
        return bool(value == claim.measured)
    return bool(abs(value - claim.measured) <= claim.margin)


def _label(value: Any, claim: Claim) -> str:
    """Return how a diagnosis sees a claim: one that holds is like another that holds."""
    value = _plain(value)
    if _holds(value, claim):
        return "holds"
    if isinstance(value, bool) or not _is_right_kind(value, claim):
        return str(value)[:40]
    return f"{value:.1g}"  # coarse: a measurement is a little different each time
