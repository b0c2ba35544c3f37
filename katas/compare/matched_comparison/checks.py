"""Checks of `matched_hidden_size` and `compare`: torch's own counts, and planted effects."""

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from grader.checks import Source, Submission, check, expect, expect_true, items, sizes, sources

MODULES = {"rnn": torch.nn.RNN, "lstm": torch.nn.LSTM, "gru": torch.nn.GRU}
PARTS = ("difference", "low", "high", "conclusion")
NINE_DIGITS = 1e-8 / np.finfo(np.float64).eps  # what the table of t gives, in eps


def count(kind: str, input_size: int, hidden_size: int) -> int:
    """Count the parameters of torch's own module."""
    module = MODULES[kind](input_size, hidden_size, device="meta")
    return sum(parameter.numel() for parameter in module.parameters())


@dataclass(frozen=True)
class Budget:
    """How many parameters there are to spend on a layer of each kind."""

    parameters: int
    input_size: int


@dataclass(frozen=True)
class Scores:
    """Two models' scores with the same seeds."""

    scores_a: np.ndarray  # (S,)
    scores_b: np.ndarray  # (S,)


@st.composite
def budgets(draw) -> Budget:
    """Budgets that are just enough for some H of some kind, one too few for it, or in between."""
    kind, input_size = draw(st.sampled_from(tuple(MODULES))), draw(sizes(1, 20))
    hidden_size = draw(sizes(4, 60))
    enough, more = (count(kind, input_size, h) for h in (hidden_size, hidden_size + 1))
    between = draw(st.integers(enough, more - 1))
    return Budget(draw(st.sampled_from((enough, enough - 1, more - 1, between))), input_size)


def draw_scores(source: Source, seeds: int, effect: float) -> Scores:
    """Draw scores around 0.7: a seed moves both by 0.1, and each of them alone by 0.02."""
    shared = 0.7 + source.normal(seeds, scale=0.1)
    alone = source.normal(2, seeds, scale=0.02)
    return Scores(shared + effect + alone[0], shared + alone[1])


@st.composite
def experiments(draw) -> Scores:
    """Two to 31 seeds, with an effect of any kind or none."""
    seeds = draw(st.one_of(sizes(2, 6), sizes(2, 31)))
    effect = draw(st.sampled_from((-0.05, 0.0, 0.02)))
    return draw_scores(draw(sources(np.float64)), seeds, effect)


@st.composite
def clear_experiments(draw) -> tuple[Scores, str]:
    """Experiments whose effect is far larger than what it varies by, but not than a seed's."""
    seeds, sign = draw(sizes(8, 20)), draw(st.sampled_from((1, -1)))
    scores = draw_scores(draw(sources(np.float64)), seeds, 0.0)
    exact = scores.scores_b + sign * 0.05
    own = 0.1 * (scores.scores_a - scores.scores_b)
    return Scores(exact + own, scores.scores_b), "a is better" if sign > 0 else "b is better"


def ask(submission: Submission, scores: Scores) -> tuple[float, float, float, str]:
    """Ask for a comparison."""
    return items(submission["compare"](scores.scores_a, scores.scores_b), *PARTS)


@lru_cache(maxsize=64)
def student_t(freedom: int) -> float:
    """Find Student's t by bisection in the series of Abramowitz and Stegun (1964), 26.7.3 and 4."""

    def within(t: float) -> float:
        angle = math.atan2(t, math.sqrt(freedom))
        cosine = math.cos(angle)
        if freedom % 2:
            term, total = cosine, 0.0
            for i in range(3, freedom + 1, 2):
                total += term
                term *= cosine**2 * (i - 1) / i
            return 2 / math.pi * (angle + math.sin(angle) * total)
        term, total = 1.0, 0.0
        for i in range(2, freedom + 1, 2):
            total += term
            term *= cosine**2 * (i - 1) / i
        return math.sin(angle) * total

    low, high = 1.0, 20.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if within(middle) < 0.95 else (low, middle)
    return low


def oracle(scores: Scores) -> tuple[float, float, float]:
    """Return difference, low and high."""
    differences = [a - b for a, b in zip(scores.scores_a, scores.scores_b, strict=True)]
    seeds = len(differences)
    mean = math.fsum(differences) / seeds
    variance = math.fsum((d - mean) ** 2 for d in differences) / (seeds - 1)
    half = student_t(seeds - 1) * math.sqrt(variance / seeds)
    return mean, mean - half, mean + half


@check(points=2, examples=20)
@given(budget=budgets())
def stays_within_the_budget(submission: Submission, budget: Budget) -> None:
    """With the matched hidden size, torch's module costs no more than the budget."""
    for kind in MODULES:
        size = submission["matched_hidden_size"](kind, budget.parameters, budget.input_size)
        is_size = isinstance(size, int) and not isinstance(size, bool) and size >= 1
        expect_true(is_size, f"expected a whole number of at least 1, got {size!r}")
        # A wild answer must not make the judge build a wild module.
        cost = count(kind, budget.input_size, min(size, budget.parameters))
        expect_true(
            cost <= budget.parameters,
            f"the budget is {budget.parameters:,}, but a {kind} with I = {budget.input_size} and "
            f"H = {size} has {cost:,} parameters",
        )


@check(points=1, after=stays_within_the_budget, examples=20)
@given(budget=budgets())
def uses_the_budget_up(submission: Submission, budget: Budget) -> None:
    """One unit more would cost more than the budget."""
    for kind in MODULES:
        size = submission["matched_hidden_size"](kind, budget.parameters, budget.input_size)
        cost = count(kind, budget.input_size, size + 1)
        expect_true(
            cost > budget.parameters,
            f"got H = {size}, but a {kind} with I = {budget.input_size} and H = {size + 1} has "
            f"{cost:,} parameters, which the budget of {budget.parameters:,} still pays for",
        )


@check(points=1, after=stays_within_the_budget, examples=10)
@given(kind=st.sampled_from(tuple(MODULES)), input_size=sizes(1, 40))
def refuses_too_small_a_budget(submission: Submission, kind: str, input_size: int) -> None:
    """Budgets that don't even pay for H = 1 raise ValueError."""
    parameters = count(kind, input_size, 1) - 1
    error = submission["matched_hidden_size"].error(kind, parameters, input_size)
    got = "an answer came back" if error is None else f"got {error.type}"
    expect_true(
        error is not None and error.type == "ValueError",
        f"a {kind} with I = {input_size} and H = 1 has {parameters + 1:,} parameters, the budget "
        f"is {parameters:,}: expected a ValueError; {got}",
    )


@check(points=1, examples=20)
@given(scores=experiments())
def finds_the_mean_difference(submission: Submission, scores: Scores) -> None:
    """The difference is the mean of a's scores minus b's."""
    difference, *_ = ask(submission, scores)
    expect(difference, oracle(scores)[0], name="difference", terms=scores.scores_a)


@check(points=1, after=finds_the_mean_difference, examples=15)
@given(experiment=clear_experiments())
def pairs_by_seed(submission: Submission, experiment: tuple[Scores, str]) -> None:
    """Seeds that move both scores don't hide an effect that each seed shows."""
    scores, better = experiment
    _, low, high, _ = ask(submission, scores)
    expect_true(
        low > 0 if better == "a is better" else high < 0,
        f"{better} with every seed, by about 0.05; got an interval from {low:.4g} to {high:.4g}",
    )


@check(points=1, after=finds_the_mean_difference)
def holds_the_truth(submission: Submission) -> None:
    """Of 150 intervals from three seeds at least 130 hold the true difference."""
    # A fixed draw: whether a right answer passes must not be a matter of luck.
    source = Source(1908, np.float64)
    held = 0
    for _ in range(150):
        _, low, high, _ = ask(submission, draw_scores(source, 3, effect=0.01))
        held += low <= 0.01 <= high
    expect_true(
        held >= 130,
        f"a was better by 0.01 on average; {held} of 150 intervals hold that value, expected "
        "about 142 and at least 130",
    )


@check(points=2, after=(pairs_by_seed, holds_the_truth), examples=30)
@given(scores=experiments())
def gives_the_exact_interval(submission: Submission, scores: Scores) -> None:
    """Low and high are t standard errors away from the difference."""
    _, low, high, _ = ask(submission, scores)
    mean, want_low, want_high = oracle(scores)
    terms = np.array([abs(mean) + want_high - want_low])
    expect(low, want_low, name="low", terms=terms, floor=NINE_DIGITS)
    expect(high, want_high, name="high", terms=terms, floor=NINE_DIGITS)


@check(points=2, after=gives_the_exact_interval, examples=20)
@given(scores=st.one_of(experiments(), clear_experiments().map(lambda pair: pair[0])))
def concludes_from_the_interval(submission: Submission, scores: Scores) -> None:
    """The better one is named only where 0 lies outside the interval."""
    equal = Scores(scores.scores_b, scores.scores_b)
    for pair in (scores, equal):
        _, low, high = oracle(pair)
        want = "a is better" if low > 0 else "b is better" if high < 0 else "inconclusive"
        conclusion = ask(submission, pair)[3]
        expect_true(
            conclusion == want,
            f"the interval is {low:.4g} to {high:.4g}: expected {want!r}, got {conclusion!r}",
        )


@check(points=1, after=finds_the_mean_difference, examples=3)
@given(scores=sources(np.float64).map(lambda source: draw_scores(source, 1, effect=0.02)))
def refuses_a_single_seed(submission: Submission, scores: Scores) -> None:
    """One seed raises ValueError."""
    error = submission["compare"].error(scores.scores_a, scores.scores_b)
    got = "an answer came back" if error is None else f"got {error.type}"
    expect_true(
        error is not None and error.type == "ValueError",
        f"one seed shows no spread: expected a ValueError; {got}",
    )


@check(points=1, after=finds_the_mean_difference, examples=5)
@given(scores=experiments())
def leaves_the_scores_alone(submission: Submission, scores: Scores) -> None:
    """The caller's arrays are as they were."""
    _, afterwards = submission["compare"].inputs(scores.scores_a, scores.scores_b)
    for before, after, name in zip(
        (scores.scores_a, scores.scores_b), afterwards, ("scores_a", "scores_b"), strict=True
    ):
        expect_true(np.array_equal(before, after), f"{name} was changed by the call")
