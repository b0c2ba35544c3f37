"""Checks of `attention_forecaster`: torch's own attention and modules, driven step by step.

At the end the judge plants a lag in a series, and sees whether the weights find it.
"""

import math
from dataclasses import dataclass, replace
from typing import Any

import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn.functional import scaled_dot_product_attention

from grader.checks import (
    Handle,
    Source,
    Submission,
    check,
    expect,
    expect_call_changes_nothing,
    expect_true,
    gradients_of,
    items,
    observe,
    pick,
    record,
    record_text,
    sizes,
    sources,
)
from grader.checks.forecasts import contest_of, expect_parameters
from grader.checks.modules import load_parameters
from grader.checks.textplot import heat_map
from grader.checks.words import short_of_one
from grader.data.series import Split, planted_series

POSITION_SIZE, HIDDEN, LAG, SEASON = 10, 16, 15, 12
STEP, LOOK = ("window", "step"), ("window", "step", "past step")
# Positions are float32, also where all else is float64.
NEARLY: dict[str, Any] = {"precision": torch.float32, "terms": 5.0}


def place(step: int) -> list[float]:
    """The numbers of a position."""
    angles = [math.pi * step / 2**k for k in range(POSITION_SIZE // 2)]
    return [math.sin(angle) for angle in angles] + [math.cos(angle) for angle in angles]


class Reference(nn.Module):
    """The modules of the task, under its names."""

    def __init__(self, hidden_size: int) -> None:
        super().__init__()
        size = hidden_size + POSITION_SIZE
        self.encoder = nn.LSTM(2, hidden_size, batch_first=True)
        self.decoder = nn.LSTMCell(1, hidden_size)
        self.query = nn.Linear(size, size, bias=False)
        self.head = nn.Linear(hidden_size, 1)

    def forward(self, x: Tensor, horizon: int, targets: Tensor | None) -> tuple[Tensor, Tensor]:
        """The forecasts (N, H) and the weights (N, H, L)."""
        n, lookback, _ = x.shape
        hidden, state = self.encoder(x)
        h, c = (part.squeeze(0) for part in state)
        table = torch.tensor([place(step) for step in range(lookback + horizon)], dtype=x.dtype)
        keys = torch.cat([hidden, table[None, :lookback].repeat(n, 1, 1)], dim=2)
        mask = (x[:, :, 1] == 1)[:, None]
        # With the identity for values, what is read is the weights.
        read = torch.cat([x[:, :, :1], torch.eye(lookback).to(x).repeat(n, 1, 1)], dim=2)
        fed, columns, looks = x[:, -1, :1], [], []
        for step in range(horizon):
            h, c = self.decoder(fed, (h, c))
            query = self.query(torch.cat([h, table[lookback + step].repeat(n, 1)], dim=1))
            seen = scaled_dot_product_attention(query[:, None], keys, read, attn_mask=mask)[:, 0]
            columns.append(seen[:, :1] + self.head(h))
            looks.append(seen[:, 1:])
            fed = columns[-1]
            if targets is not None:
                known = ~targets[:, step : step + 1].isnan()
                fed = torch.where(known, targets[:, step : step + 1].nan_to_num(), fed)
        return torch.cat(columns, dim=1), torch.stack(looks, dim=1)


@dataclass(frozen=True)
class Case:
    """A model's weights in float64, and windows for it, of which some have gaps."""

    hidden_size: int
    weights: dict[str, Tensor]
    x: Tensor  # (N, L, 2)
    y: Tensor  # (N, H)

    def reference(self) -> Reference:
        """The judge's model with these weights."""
        model = Reference(self.hidden_size).double()
        model.load_state_dict(self.weights)
        return model

    def built(self, submission: Submission) -> Handle:
        """The submission's model with these weights."""
        model = submission["AttentionForecaster"](self.hidden_size)
        model["double"]()
        load_parameters(model, self.weights)
        return model

    def compare(self, submission: Submission, targets: Tensor | None) -> None:
        """Hold forecasts and weights."""
        with torch.no_grad():
            want = self.reference()(self.x, self.y.shape[1], targets)
        given = () if targets is None else (targets,)
        model = self.built(submission)
        for mode in ("train", "eval") if given else ("train",):
            model[mode]()
            answer = items(model(self.x, self.y.shape[1], *given), "forecasts", "weights")
            for name, got, exact, dims in zip(
                ("forecasts", "weights"), answer, want, (STEP, LOOK), strict=True
            ):
                what = name + " after eval()" * (mode == "eval")
                expect(got, exact, name=what, dtype=torch.float64, dims=dims, **NEARLY)


@st.composite
def cases(draw: st.DrawFn, fewest: int = 1) -> Case:
    """A model with weights far from zero, and windows with one gap each, `fewest` to 3 of them."""
    hidden_size, source = draw(sizes(2, 4)), draw(sources(torch.float64))
    weights = {
        name: source.normal(*value.shape, scale=0.5)
        for name, value in Reference(hidden_size).state_dict().items()
    }
    n, lookback = draw(sizes(fewest, 3)), draw(sizes(3, 6))
    x, y = source.normal(n, lookback, 2), source.normal(n, draw(sizes(2, 4)), scale=2.0)
    x[:, :, 1] = 1.0
    x[:, 1, 0] = 0.0  # measured, and no gap
    x[torch.arange(n), torch.arange(n) + 1 - n] = 0.0
    return Case(hidden_size, weights, x, y)


@check(points=1, examples=8)
@given(first=sizes(0, 30), steps=sizes(1, 5))
def describes_positions(submission: Submission, first: int, steps: int) -> None:
    """The rows are the sines and cosines of the positions, from the first one on."""
    dims = ("step", "number")
    for begin in (first, -1 - first):
        want = torch.tensor([place(begin + step) for step in range(steps)], dtype=torch.float64)
        got = submission["positions"](begin, steps)
        name = f"positions from {begin}"
        expect(got, want, name=name, dtype=torch.float32, terms=150.0, dims=dims)


@st.composite
def readings(draw: st.DrawFn) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Queries, keys, values, and which steps were measured: at least one of each window."""
    source, n, steps = draw(sources()), draw(sizes(1, 3)), draw(sizes(2, 5))
    query, keys = source.normal(n, 6), source.normal(n, steps, 6)
    measured = source.integers(n, steps, low=0, high=2) == 1
    measured[torch.arange(n), torch.arange(1, n + 1) % steps] = draw(st.booleans())
    measured[torch.arange(n), torch.arange(n) % steps] = True
    return query, keys, source.normal(n, steps, 3), measured


@check(points=2, examples=10)
@given(case=readings())
def reads_what_fits(submission: Submission, case: tuple[Tensor, ...]) -> None:
    """Context and weights are those of the formula, with a weight of 0 at gaps."""
    drawn, near, read, measured = case
    # Keys and values of gaps are far larger than the others, and the keys fit the query.
    fits = torch.where(near @ drawn[:, :, None] < 0, -1e12, 1e12).to(near)
    far = torch.where(measured[:, :, None], torch.ones_like(fits), fits)
    for query, keys, values in (
        (2.0 * drawn, near, read),
        (200.0 * drawn, near, read),
        (2.0 * drawn, near * far, read * far),
        # No key fits the query: all scores are far below 0, and a gap's must be lower still.
        (-2e4 * drawn.abs(), near.abs(), read),
    ):
        steps = torch.eye(keys.shape[1], dtype=torch.float64).repeat(len(keys), 1, 1)
        context, weights = (
            scaled_dot_product_attention(
                query.double()[:, None], keys.double(), one, attn_mask=measured[:, None]
            )[:, 0]
            for one in (values.double(), steps)
        )
        scores = (keys.double() @ query.double()[:, :, None])[:, :, 0][measured]
        terms = 30.0 + 10.0 * float(scores.abs().max())
        answer = items(submission["attend"](query, keys, values, measured), "context", "weights")
        given = answer[1]
        if (
            isinstance(given, Tensor)
            and given.shape == measured.shape
            and given.is_floating_point()
        ):
            observe("every sum is a little below 1", short_of_one(given))
            # The score that stands for a gap follows from its weight and from a measured step's.
            logs, fits = (
                given.double().clamp(min=0).log(),
                (keys.double() @ query.double()[:, :, None]),
            )
            at = (fits[:, :, 0] / math.sqrt(query.shape[1]) - logs).masked_fill(~measured, math.nan)
            instead = (logs + at.nanmean(dim=1, keepdim=True))[~measured & logs.isfinite()]
            if len(instead) and float((instead - instead.mean()).abs().max()) < 1e-2:
                zero = abs(float(instead.mean())) < 1e-2
                observe("the score of every gap", "0" if zero else "a number")
        for name, got, want, dims in zip(
            ("context", "weights"),
            answer,
            (context, weights),
            (("window", "value"), STEP),
            strict=True,
        ):
            expect(got, want, name=name, dtype=query.dtype, terms=terms, dims=dims)
        most = float(answer[1][~measured].abs().sum())
        expect_true(most == 0, f"Gaps get weights of {most:.3g} together; expected exactly 0.")


def planted(scores: Tensor, lag: int) -> Tensor:
    """Weights with these scores, of which those at one distance are far larger."""
    _, horizon, lookback = scores.shape
    there = lookback + torch.arange(horizon)[:, None] - torch.arange(lookback) == lag
    return (scores + 8.0 * there).softmax(dim=2)


def lags_at_the_ends() -> tuple[Tensor, ...]:
    """Weights (1, 4, 6) whose lag is one that a single step has, and some whose lag is no such."""
    even = torch.full((1, 4, 6), 1 / 6, dtype=torch.float64)
    near, far, middle = even.clone(), even.clone(), even.clone()
    near[0, 0] = torch.arange(6) == 5  # distance 1
    far[0, 3] = torch.arange(6) == 0  # distance 9
    # The steps share distance 5, and a single weight at distance 1 is larger than each of its.
    middle[0] = 0.6 * torch.eye(6)[1:5] + 0.4 / 6
    middle[0, 0] = torch.tensor([0.05, 0.1, 0.05, 0.05, 0.05, 0.7])
    return near, far, middle


@check(points=2, examples=9)
@given(
    source=sources(torch.float64),
    n=sizes(1, 3),
    horizon=sizes(1, 4),
    lookback=sizes(2, 6),
    at=sizes(0, 8),
)
def finds_the_distance(
    submission: Submission, source: Source, n: int, horizon: int, lookback: int, at: int
) -> None:
    """The distance with the largest sum of weights is found, with its mean weight."""
    for weights in (
        source.normal(n, horizon, lookback, scale=2.0).softmax(dim=2),
        planted(source.normal(n, horizon, lookback, scale=0.5), 1 + at % (horizon + lookback - 1)),
        *lags_at_the_ends(),
    ):
        sums: dict[int, float] = {}
        for window in weights.tolist():
            for step, row in enumerate(window):
                for past, weight in enumerate(row):
                    distance = len(row) + step - past
                    sums[distance] = sums.get(distance, 0.0) + weight
        lag = max(sums, key=lambda one: sums[one])
        got, share = items(submission["attended_lag"](weights), "lag", "share")
        best = weights.shape[2] + torch.arange(weights.shape[1]) - weights.argmax(dim=2)
        votes = best.flatten().bincount().tolist()
        of = votes[got] if type(got) is int and 0 <= got < len(votes) else 0
        if of == max(votes) and type(share) is float and abs(share - of / best.numel()) < 1e-6:
            observe("the lag and its share", "those of most best steps")
        expect(got, lag, name="the lag")
        mean = sums[lag] / (weights.shape[0] * weights.shape[1])
        # A sum may be kept in float32, torch's default, whatever the weights are.
        expect(share, mean, name="the share", terms=1.0, floor=1e-6 / 2.0**-52)


@check(points=1)
def has_the_parameters(submission: Submission) -> None:
    """The state dict has the names and shapes of the four modules."""
    model = submission["AttentionForecaster"](5)
    expect_parameters(model, Reference(5), "AttentionForecaster(5)")


@check(points=3, after=(has_the_parameters, reads_what_fits, describes_positions), examples=10)
@given(case=cases())
def looks_back_at_each_step(submission: Submission, case: Case) -> None:
    """The first forecast and its weights are right: keys, query, context and head."""
    replace(case, y=case.y[:, :1]).compare(submission, None)


@check(points=2, after=looks_back_at_each_step, examples=5)
@given(case=cases(fewest=2))
def feeds_on(submission: Submission, case: Case) -> None:
    """Later steps are fed with forecasts, or with targets where these are given and measured."""
    case.compare(submission, None)
    case.compare(submission, case.y)
    places = torch.arange(case.y.numel()).reshape(case.y.shape)
    alone = replace(case, x=case.x[:1], y=case.y[:1])
    # At step 0 the first window has a gap and the others have none.
    for some, gaps in ((case, places % 2 == 0), (alone, places % 3 == 0), (case, places == 0)):
        some.compare(submission, some.y.masked_fill(gaps[: len(some.y)], math.nan))


@check(points=1, after=feeds_on, examples=3)
@given(case=cases(fewest=2))
def leaves_inputs_unchanged(submission: Submission, case: Case) -> None:
    """No function modifies its arguments."""
    measured = case.x[:, :, 1] == 1.0
    parts = {"query": case.x[:, 0], "keys": case.x, "values": case.x[:, :, :1] + 1.0}
    expect_call_changes_nothing(submission["attend"], {**parts, "measured": measured})
    weights = torch.full((2, 3, 4), 0.25)
    expect_call_changes_nothing(submission["attended_lag"], {"weights": weights})
    targets = case.y.clone()
    targets[0] = math.nan
    given_ = {"x": case.x, "horizon": case.y.shape[1], "targets": targets}
    expect_call_changes_nothing(case.built(submission), given_)


@check(points=2, after=feeds_on, examples=6)
@given(case=cases())
def gradients(submission: Submission, case: Case) -> None:
    """Gradients of forecasts and weights reach all parameters, and are right."""
    reference = case.reference()
    leaves = dict(reference.named_parameters())
    want = reference(case.x, case.y.shape[1], None)
    pulls = [torch.linspace(-1.0, 1.5, one.numel()).view_as(one).double() for one in want]
    exact = gradients_of(want, list(leaves.values()), pulls)
    answer = case.built(submission).vjp(case.x, case.y.shape[1], cotangents=pulls, wrt=list(leaves))
    for name, got, gradient in zip(leaves, answer.gradients, exact, strict=True):
        expect_true(got is not None, f"No gradient reaches {name}.")
        what = f"the gradient of {name}"
        expect(got, gradient, name=what, dtype=torch.float64, **(NEARLY | {"terms": 30.0}))


@check(points=4, after=(gradients, finds_the_distance), trains=True)
@pick("seed", range(20))
def finds_the_planted_lag(submission: Submission, seed: int) -> None:
    """After training, its weights lie at the lag of the series, and it beats both baselines."""
    planted = Split(
        planted_series(3000, seed, lag=LAG, season=SEASON), lookback=24, horizon=4, season=SEASON
    )
    contest = contest_of(planted)
    model = submission["AttentionForecaster"].seeded(seed, HIDDEN)
    train, steps = contest.train, 300
    submission["train"](model, train.x, train.y, steps, seed, progress="report")
    answer, weights = items(model(contest.test.x, contest.split.horizon), "forecasts", "weights")
    contest.expect_better(answer, "AttentionForecaster", margin=0.75)
    lag, share = items(submission["attended_lag"](weights), "lag", "share")
    record("attended lag", lag)
    record("share of the weights there", share)
    looks = {f"step {j + 1}": row for j, row in enumerate(weights[0].tolist())}
    first = f"past steps {1 - weights.shape[2]} to 0"
    record_text("Where it looks in the first window", heat_map(looks, span=first))
    if contest.real:
        return
    _, horizon, lookback = weights.shape
    there = [weights[:, step, lookback + step - LAG].double() for step in range(horizon)]
    mass = float(torch.stack(there).mean())
    record("weight at the planted lag", mass)
    expect_true(
        mass >= 0.5,
        f"After training, the weight at the planted lag of {LAG} steps is {mass:.2f} on average; "
        f"expected 0.5 or more. Equal weights would be {1 / lookback:.2f}.",
        expected="at least 0.5",
        got=f"{mass:.2f}",
    )
    expect(lag, LAG, name="the attended lag")
