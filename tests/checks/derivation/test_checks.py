"""A check that is made of a question."""

import pytest

from grader.checks.compare import CheckFailed
from grader.checks.derivation import Form, Question, check_derivation
from grader.checks.derivation.models import RESIDUAL


@check_derivation("blocks", points=2)
def differentiates_blocks() -> Question:
    """The derivation ends without d."""
    last = Form("free of derivatives d(...)", "x")
    return Question(RESIDUAL, "d(x[l], x[l-1])", last, steps=(("l", 2, 4),))


def test_the_check_has_the_functions_name_and_sentence() -> None:
    assert differentiates_blocks.name == "differentiates_blocks"
    assert differentiates_blocks.sentence == "The derivation ends without d."
    assert differentiates_blocks.points == 2


def test_the_check_judges_what_the_submission_returns() -> None:
    right = [("d(x[l], x[l-1])", "start"), ("= 1 + F[l]'(x[l-1])", "derivative")]
    differentiates_blocks.run(seed=0, each=lambda body: body({"blocks": lambda: right}))
    with pytest.raises(CheckFailed, match="Every line is right, but the last one is not free of"):
        differentiates_blocks.run(seed=0, each=lambda body: body({"blocks": lambda: right[:1]}))
