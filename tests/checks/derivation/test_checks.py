"""A check that is made of a question."""

import pytest

from grader.checks.compare import CheckFailed
from grader.checks.derivation import Form, Question, check_derivation
from grader.checks.derivation.models import RESIDUAL, coupled


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


@check_derivation("memory", twists=("i[t] = 1 - f[t]", "f[t] = 1 - i[t]"))
def derives_the_tied_memory(twist: str) -> Question:
    """The lines hold in the cell with the twist."""
    return Question(coupled(twist), "c[t]", Form("in gates", "f i g c"))


def test_the_seed_picks_the_twist_and_the_submission_is_told() -> None:
    told: list[str] = []

    def memory(twist: str) -> list[tuple[str, str]]:
        told.append(twist)
        written = "(1 - f[t])" if twist.startswith("i") else "i[t]"
        kept = "f[t]" if twist.startswith("i") else "(1 - i[t])"
        return [("c[t]", "start"), (f"= {kept}*c[t-1] + {written}*g[t]", "definition")]

    for seed in range(10):
        derives_the_tied_memory.run(seed=seed, each=lambda body: body({"memory": memory}))
    assert len(told) == 10
    assert set(told) == {"i[t] = 1 - f[t]", "f[t] = 1 - i[t]"}


def test_a_wrong_line_comes_with_the_twist_that_was_picked() -> None:
    lines = [("c[t] = f[t]*c[t-1] + (1 - i[t])*g[t]", "definition")]
    with pytest.raises(CheckFailed, match=r"The seed picked the twist '.*'\. Line 1"):
        derives_the_tied_memory.run(seed=0, each=lambda body: body({"memory": lambda _: lines}))
