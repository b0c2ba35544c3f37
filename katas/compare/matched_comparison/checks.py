"""Checks of `matched_hidden_size` and `compare`: torch's own counts, and planted effects."""

import math
from functools import lru_cache

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from grader.checks import (
    Case,
    Operation,
    Source,
    Submission,
    check,
    expect,
    expect_error,
    expect_true,
    observe,
    plain,
    sizes,
)
from grader.checks.counts import KINDS, layer, parameter_count


@st.composite
def budgets(draw: st.DrawFn) -> tuple[int, int]:
    """A budget and an input size.

    The budget is just enough for some H of some kind, one too few for it, or in between.
    """
    kind, input_size, h = draw(st.sampled_from(KINDS)), draw(sizes(1, 20)), draw(sizes(4, 60))
    enough, more = (cost(kind, input_size, size) for size in (h, h + 1))
    between = draw(st.integers(enough, more - 1))
    return draw(st.sampled_from((enough, enough - 1, more - 1, between))), input_size


def cost(kind: str, input_size: int, hidden_size: int) -> int:
    """Count the parameters of torch's own module."""
    return parameter_count(layer(kind, input_size, hidden_size))


def reference(scores_a: Tensor, scores_b: Tensor) -> tuple[float, float, float, str]:
    """Difference, interval and conclusion, from the formulas."""
    differences = (scores_a - scores_b).tolist()
    seeds = len(differences)
    mean = math.fsum(differences) / seeds
    variance = math.fsum((d - mean) ** 2 for d in differences) / (seeds - 1)
    half = student_t(seeds - 1) * math.sqrt(variance / seeds)
    low, high = mean - half, mean + half
    conclusion = "a is better" if low > 0 else "b is better" if high < 0 else "inconclusive"
    return mean, low, high, conclusion


@lru_cache(maxsize=64)
def student_t(freedom: int) -> float:
    """Student's t for 95%: with t = √ν·tan θ, its density is proportional to cos(θ)^(ν - 1)."""
    nodes, weights = np.polynomial.legendre.leggauss(64)

    def share(angle: float) -> float:
        heights = np.cos(angle * (nodes + 1) / 2) ** (freedom - 1)
        return angle * float(weights @ heights)

    low, high = 0.0, math.pi / 2
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if share(middle) < 0.95 * share(math.pi / 2) else (low, middle)
    return math.sqrt(freedom) * math.tan(low)


COMPARE = Operation(
    "compare",
    takes={"scores_a": ("S",), "scores_b": ("S",)},
    gives={"difference": None, "low": None, "high": None, "conclusion": None},
    reference=reference,
    # A seed moves both scores by 0.1, and a's alone by 0.03.
    fit=lambda case: case.put(
        scores_a=0.7 + 0.1 * case.scores_b + 0.03 * case.scores_a,
        scores_b=0.7 + 0.1 * case.scores_b,
    ),
    sizes=st.builds(dict, S=st.one_of(sizes(2, 6), sizes(2, 31))),
    batch="",
    dtypes=(np.float64,),
)
CONCLUSIONS = ("a is better", "b is better", "inconclusive")
EXPERIMENTS = st.builds(
    lambda case, effect: case.put(scores_a=case.scores_a + effect),
    COMPARE.cases(),
    st.sampled_from([-0.05, 0.0, 0.02]),
)
CLEAR_EXPERIMENTS = st.builds(
    lambda case, effect: case.put(
        scores_a=case.scores_b + effect + 0.1 * (case.scores_a - case.scores_b)
    ),
    COMPARE.cases(S=sizes(8, 20)),
    st.sampled_from([0.05, -0.05]),
)
"""The effect is far larger than the differences vary, and smaller than the scores vary."""


def expect_size(submission: Submission, kind: str, parameters: int, input_size: int) -> int:
    """The matched hidden size, which must be a whole number of at least 1."""
    size = plain(submission["matched_hidden_size"](kind, parameters, input_size))
    whole = isinstance(size, int) and not isinstance(size, bool) and size >= 1
    expect_true(whole, f"Expected a whole number of at least 1, got {size!r}.")
    # A wild answer must not make the judge build a wild module.
    return min(size, parameters) if whole else 1


@check(points=2, examples=20)
@given(budget=budgets())
def stays_within_the_budget(submission: Submission, budget: tuple[int, int]) -> None:
    """With the matched hidden size, torch's module has at most as many parameters as allowed."""
    parameters, input_size = budget
    for kind in KINDS:
        size = expect_size(submission, kind, parameters, input_size)
        observe(f"H of a {kind}", size)
        needed = cost(kind, input_size, size)
        expect_true(
            needed <= parameters,
            f"The budget is {parameters:,}, but a {kind} with I = {input_size} and H = {size} has "
            f"{needed:,} parameters.",
        )


@check(points=1, after=stays_within_the_budget, examples=24)
@given(budget=budgets())
def uses_the_budget_up(submission: Submission, budget: tuple[int, int]) -> None:
    """One unit more would need more parameters than allowed."""
    parameters, input_size = budget
    for kind in KINDS:
        size = expect_size(submission, kind, parameters, input_size)
        observe(f"H of a {kind}", size)
        needed = cost(kind, input_size, size + 1)
        expect_true(
            needed > parameters,
            f"Got H = {size}, but a {kind} with I = {input_size} and H = {size + 1} has "
            f"{needed:,} parameters, which the budget of {parameters:,} still pays for.",
        )


@check(points=1, after=uses_the_budget_up)
def matches_large_budgets(submission: Submission) -> None:
    """The size is also the largest that fits where the budget is hundreds of millions."""
    for kind in KINDS:
        enough = cost(kind, 300, 20_000)
        for parameters, want in ((enough, 20_000), (enough - 1, 19_999)):
            size = submission["matched_hidden_size"](kind, parameters, 300)
            observe("how far H is off", "far too small" if size < want / 2 else size - want)
            expect(size, want, name=f"H of a {kind} for {parameters:,} parameters and I = 300")


@check(points=1, after=uses_the_budget_up, examples=10)
@given(kind=st.sampled_from(KINDS), input_size=sizes(1, 40))
def refuses_too_small_a_budget(submission: Submission, kind: str, input_size: int) -> None:
    """A budget too small for H = 1 raises ValueError, and the smallest that is enough gives 1."""
    least = cost(kind, input_size, 1)
    size = submission["matched_hidden_size"](kind, least, input_size)
    expect(size, 1, name=f"H of a {kind} for {least:,} parameters and I = {input_size}")
    for parameters in (least - 1, 0):
        expect_error(
            submission["matched_hidden_size"],
            kind,
            parameters,
            input_size,
            type="ValueError",
            when=f"the budget is {parameters:,} and a {kind} with I = {input_size} and H = 1 has "
            f"{least:,} parameters",
        )


@check(points=1, examples=20)
@given(scores=EXPERIMENTS, most=COMPARE.cases(S=31))
def finds_the_mean_difference(submission: Submission, scores: Case, most: Case) -> None:
    """The difference is the mean of a's scores minus b's scores."""
    for case in (scores, most):
        difference, *_ = COMPARE.ask(submission, *case.values)
        want, *_ = COMPARE.run(*case.values)
        expect(difference, want, name="difference", terms=case.scores_a)
        observe("difference", difference)


@check(points=1, after=finds_the_mean_difference, examples=15)
@given(scores=CLEAR_EXPERIMENTS)
def pairs_by_seed(submission: Submission, scores: Case) -> None:
    """A spread that both models share does not hide an effect that each seed shows."""
    _, low, high, _ = plain(COMPARE.ask(submission, *scores.values))
    *_, better = COMPARE.run(*scores.values)
    expect_true(
        low > 0 if better == "a is better" else high < 0,
        f"{better} with every seed, by about 0.05; got an interval from {low:.4g} to {high:.4g}",
    )


@check(points=1, after=finds_the_mean_difference)
def holds_the_truth(submission: Submission) -> None:
    """Of 150 intervals from three seeds at least 130 hold the true difference."""
    # A fixed draw: whether a right answer passes must not be a matter of luck.
    source = Source(1908, np.float64)
    held, outermost, answers = 0, 0, []
    for _ in range(150):
        scores = COMPARE.draw(source, {"S": 3})
        _, low, high, conclusion = plain(COMPARE.ask(submission, *scores.values))
        held += low <= 0.0 <= high
        differences = scores.scores_a - scores.scores_b
        outermost += low == differences.min() and high == differences.max()
        answers.append({"low": low, "high": high, "conclusion": conclusion})
    # Of three seeds, a bootstrap nearly always gives the smallest and the largest difference.
    often = outermost > 120
    observe("from the smallest to the largest difference", often)
    for answer in [] if often else answers:
        for name, value in answer.items():
            observe(name, value)
    expect_true(
        held >= 130,
        f"On average a and b were equally good; {held} of 150 intervals hold the difference 0, "
        "expected about 142 and at least 130",
    )


def nearly_equal(scores: Case) -> Case:
    """The same experiment with differences a thousand times smaller: no difference is too small."""
    a, b = scores.scores_a, scores.scores_b
    return scores.put(scores_a=b + 1e-3 * (a - b))


def always_apart(scores: Case, effect: float) -> Case:
    """An experiment with the same difference for every seed, to the last bit: it has no spread."""
    b = np.round(256 * scores.scores_b) / 256
    return scores.put(scores_a=b + effect, scores_b=b)


def far_apart(scores: Case) -> Case:
    """An experiment with a large effect and a spread that is tiny beside it, without rounding."""
    b = np.round(256 * scores.scores_b) / 256
    spread = np.round(16 * scores.scores_a) / 2**24
    return scores.put(scores_a=b + 1024.0 + spread, scores_b=b)


def resampled(scores: Case, low: float, high: float) -> bool:
    """Whether an interval is about that of a bootstrap: each draws other numbers.

    One that has the mean in its middle is none. Of so few seeds that all may be drawn alike, it is
    the interval of all differences.
    """
    differences = scores.scores_a - scores.scores_b
    mean, seeds = differences.mean(), len(differences)
    error = differences.std() / math.sqrt(seeds)
    if abs((low + high) / 2 - mean) <= 1e-6 * error or seeds < 4:
        return False
    drawn = np.random.default_rng(0).choice(differences, (4000, seeds)).mean(axis=1)
    ends = np.percentile(drawn, [2.5, 97.5])
    return bool((np.abs(ends - (low, high)) < 0.35 * error).all())


@check(points=2, after=(pairs_by_seed, holds_the_truth), examples=30)
@given(scores=EXPERIMENTS, many=st.tuples(COMPARE.cases(S=30), COMPARE.cases(S=31)))
def gives_the_exact_interval(submission: Submission, scores: Case, many: tuple[Case, Case]) -> None:
    """Low and high are t standard errors away from the difference, for up to 31 seeds."""
    nine_digits = 1e-8 / np.finfo(np.float64).eps  # what the table of t gives
    still = always_apart(scores, 0.0), always_apart(scores, 0.25)
    for case in (scores, nearly_equal(scores), *many, *still):
        answer, want = COMPARE.ask(submission, *case.values), COMPARE.run(*case.values)
        terms = abs(want[0]) + want[2] - want[1]
        for index, name in ((1, "low"), (2, "high")):
            expect(answer[index], want[index], name=name, terms=terms, floor=nine_digits)
        _, low, high, _ = plain(answer)
        by_chance = resampled(case, low, high)
        observe("drawn again and again", by_chance)
        if not by_chance:
            observe("middle", (low + high) / 2 / (want[0] or 1))
            observe("width", (high - low) / (want[2] - want[1] or 1))
    # A difference of two large squares has lost this spread.
    case = far_apart(many[0])
    _, low, high, _ = plain(COMPARE.ask(submission, *case.values))
    _, least, most, _ = COMPARE.run(*case.values)
    near = isinstance(low, float) and isinstance(high, float)
    near = near and math.isclose(high - low, most - least, rel_tol=1e-3)
    observe("the width beside a large difference", near)
    expect_true(
        near,
        f"Thirty differences are 1,024 and about a millionth more or less: the interval goes from "
        f"{low} to {high}, expected {least} to {most}",
    )


@check(points=2, after=gives_the_exact_interval, examples=16)
@given(scores=st.one_of(EXPERIMENTS, CLEAR_EXPERIMENTS), level=COMPARE.cases())
def concludes_from_the_interval(submission: Submission, scores: Case, level: Case) -> None:
    """The better model is named only where 0 lies outside the interval."""
    a, b = scores.values
    turned = scores.put(scores_a=b, scores_b=a)
    still = always_apart(scores, 0.25), always_apart(scores, -0.25)
    for case in (scores, turned, scores.put(scores_a=b), nearly_equal(scores), level, *still):
        _, low, high, want = COMPARE.run(*case.values)
        conclusion = COMPARE.ask(submission, *case.values)[3]
        known = conclusion in CONCLUSIONS
        winner = known and conclusion != "inconclusive" and low == high
        told = "one of two equal models" if winner else conclusion
        observe("conclusion", told if known else f"a word of its own for {want!r}")
        expect_true(
            conclusion == want,
            f"The interval is {low:.4g} to {high:.4g}: expected {want!r}, got {conclusion!r}",
        )


@check(points=1, after=finds_the_mean_difference, examples=3)
@given(scores=COMPARE.cases(S=1))
def refuses_a_single_seed(submission: Submission, scores: Case) -> None:
    """A single seed raises ValueError."""
    when = "there is one seed, which shows no spread"
    expect_error(submission["compare"], *scores.values, type="ValueError", when=when)


leaves_inputs_unchanged = COMPARE.leaves_inputs_unchanged(
    "The arrays scores_a and scores_b are not modified.",
    after=finds_the_mean_difference,
    examples=5,
    cases=EXPERIMENTS,
)
