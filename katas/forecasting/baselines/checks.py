"""Checks of `baselines`: closed forms, value by value in plain Python."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import product

import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from grader.checks import (
    Submission,
    check,
    expect,
    expect_error,
    expect_unchanged,
    observe,
    sizes,
    sources,
)

FORECAST = ("series", "step")
METRICS = ("mae", "rmse", "smape", "mase")


@dataclass(frozen=True)
class Pair:
    """Forecasts, what came, and what came before.

    Args:
        forecast: (N, H).
        actual: (N, H).
        train: (N, T).
        season: of the training part.
    """

    forecast: Tensor
    actual: Tensor
    train: Tensor
    season: int

    def arguments(self, metric: str) -> tuple[object, ...]:
        """What a metric takes."""
        more = (self.train, self.season) if metric == "mase" else ()
        return self.forecast, self.actual, *more

    def times(self, factor: float) -> "Pair":
        """The same in another unit."""
        more = (self.forecast * factor, self.actual * factor, self.train * factor)
        return Pair(*more, self.season)

    @property
    def pairs(self) -> list[tuple[float, float, int]]:
        """Forecast, what came, and the series, one after the other."""
        one, other = self.forecast.double().tolist(), self.actual.double().tolist()
        return [
            (f, a, n)
            for n, rows in enumerate(zip(one, other, strict=True))
            for f, a in zip(*rows, strict=True)
        ]


@st.composite
def pasts(draw: st.DrawFn, least: int = 3) -> tuple[Tensor, int]:
    """Some series on levels of their own, and a horizon."""
    source, n = draw(sources()), draw(sizes(1, 3))
    past = source.normal(n, least + draw(sizes(0, 5)), scale=4.0) + source.normal(n, 1, scale=20.0)
    return past, draw(sizes(1, 7))


@st.composite
def compared(draw: st.DrawFn) -> Pair:
    """Forecasts of two or three series whose sizes differ by far."""
    source, n, horizon = draw(sources()), draw(sizes(2, 3)), draw(sizes(2, 4))
    sizes_of = torch.tensor([[1.0], [30.0], [6.0]], dtype=source.dtype)[:n]
    season = draw(sizes(2, 3))
    steps = season + draw(sizes(3, 6))
    forecast, actual = (source.normal(n, horizon, scale=3.0) * sizes_of for _ in range(2))
    # A season, and little beside it: the step from one value to the next says nothing.
    wave = torch.tensor([0.0, 9.0, -6.0], dtype=source.dtype)[:season].repeat(steps)[:steps]
    train = (source.normal(n, steps) + wave) * sizes_of
    # No two values a season apart are the same throughout.
    train[:, -1] += 2.5 * sizes_of[:, 0]
    return Pair(forecast, actual, train, season)


def expect_forecast(
    got: object, past: Tensor, horizon: int, value: Callable[[list[float], int], float], name: str
) -> None:
    """Hold a forecast; `value` says what it is, for a series and h = 1, 2, ..."""
    want = [[value(series, h) for h in range(1, horizon + 1)] for series in past.double().tolist()]
    exact = torch.tensor(want, dtype=torch.float64)
    terms = float(past.abs().max()) * (2 + horizon)
    expect(got, exact, name=name, dtype=past.dtype, dims=FORECAST, terms=terms)


@check(points=1, examples=10)
@given(drawn=pasts(1))
def repeats_the_last_value(submission: Submission, drawn: tuple[Tensor, int]) -> None:
    """The last value of each series is its forecast for every step."""
    past, horizon = drawn
    answer = submission["last_value"](past, horizon)
    expect_forecast(answer, past, horizon, lambda series, h: series[-1], "last_value")


@check(points=2, examples=15)
@given(drawn=pasts(), season=sizes(2, 3))
def repeats_the_last_season(submission: Submission, drawn: tuple[Tensor, int], season: int) -> None:
    """Each step has the last known value of its phase, also beyond one season."""
    past, horizon = drawn
    for m in (season, past.shape[1], 1):

        def value(series: list[float], h: int, m: int = m) -> float:
            """Go back by whole seasons until a value is known."""
            step = len(series) - 1 + h
            while step >= len(series):
                step -= m
            return series[step]

        answer = submission["seasonal_naive"](past, horizon, m)
        expect_forecast(answer, past, horizon, value, f"seasonal_naive with season {m}")


@check(points=2, examples=10)
@given(drawn=pasts())
def extends_the_line(submission: Submission, drawn: tuple[Tensor, int]) -> None:
    """The drift goes on along the line through the first and the last value."""
    drawn_past, horizon = drawn

    def value(series: list[float], h: int) -> float:
        """The height of the line."""
        return series[-1] + h * (series[-1] - series[0]) / (len(series) - 1)

    for past in (drawn_past, 1e4 * drawn_past[:, :2]):
        answer = submission["drift"](past, horizon)
        shape, steps = (len(past), horizon), past.shape[1]
        if isinstance(answer, Tensor) and answer.shape == shape and min(horizon, steps) > 2:
            # Of any straight line: what a step adds, and where it stands at h = 0.
            line, series = answer.double(), past.double()
            step, whole = line[:, 1] - line[:, 0], series[:, -1] - series[:, 0]
            slope = whole / (steps - 1)
            slopes = {
                "over T - 1": slope,
                "over T": whole / steps,
                "over T + 1": whole / (steps + 1),
                "never down": slope.abs(),
                "turned round": -slope,
            }
            starts = {"last": 0 * step, "a step back": -step, "a step ahead": step, "first": -whole}
            asked = ((line.diff(dim=1), slopes), (line[:, :1] - series[:, -1:], starts))
            allowed = 1e3 * torch.finfo(past.dtype).eps * float(past.abs().max())
            found = []
            for got, known in asked:
                less = step if known is starts else 0 * step
                off = {word: got - (one + less)[:, None] for word, one in known.items()}
                found += [[word for word, one in off.items() if float(one.abs().max()) < allowed]]
            words = [one[0] for one in found if one]
            if words[1:] and words != ["over T - 1", "last"]:
                observe("the slope", words[0])
                observe("where the line begins", words[1])
        expect_forecast(answer, past, horizon, value, f"drift for T = {past.shape[1]}")


@check(points=2, examples=12)
@given(drawn=pasts(), window=sizes(2, 3))
def averages_the_window(submission: Submission, drawn: tuple[Tensor, int], window: int) -> None:
    """The mean of the last `window` values is the forecast for every step."""
    past, horizon = drawn
    for w in (window, past.shape[1], 1):

        def value(series: list[float], h: int, w: int = w) -> float:
            """The mean, whatever h is."""
            return math.fsum(series[-w:]) / w

        answer = submission["moving_average"](past, horizon, w)
        earlier = past[:, -w - 1 : -1].mean(dim=1, keepdim=True).repeat(1, horizon)
        fits = isinstance(answer, Tensor) and answer.shape == earlier.shape and w < past.shape[1]
        if fits and torch.allclose(answer.double(), earlier.double(), rtol=1e-5):
            observe("the window", "ends a step early")
        expect_forecast(answer, past, horizon, value, f"moving_average with window {w}")


def expect_metric(submission: Submission, name: str, case: Pair, want: float, terms: float) -> None:
    """Hold one number."""
    got = submission[name](*case.arguments(name))
    exact = torch.tensor(want, dtype=torch.float64)
    expect(got, exact, name=name, dtype=case.forecast.dtype, terms=terms)


@check(points=1, examples=8)
@given(case=compared())
def takes_the_mean_of_sizes(submission: Submission, case: Pair) -> None:
    """MAE is the mean of |forecast - actual| over all series and steps."""
    errors = [abs(f - a) for f, a, _ in case.pairs]
    expect_metric(submission, "mae", case, math.fsum(errors) / len(errors), max(errors))


@check(points=1, examples=11)
@given(case=compared())
def takes_the_root_of_the_mean(submission: Submission, case: Pair) -> None:
    """RMSE is the root of the mean of the squares over all series and steps."""
    squares = [(f - a) ** 2 for f, a, _ in case.pairs]
    want = math.sqrt(math.fsum(squares) / len(squares))
    expect_metric(submission, "rmse", case, want, want)


def smape_of(case: Pair) -> float:
    """The mean of the shares, in percent."""
    shares = [abs(f - a) / (abs(f) + abs(a)) if f or a else 0.0 for f, a, _ in case.pairs]
    return 200 * math.fsum(shares) / len(shares)


@check(points=2, examples=10)
@given(case=compared())
def takes_percent_of_both(submission: Submission, case: Pair) -> None:
    """SMAPE divides by the sizes of forecast and actual, and lies between 0 and 200."""
    for each in (case, case.times(1e-9), case.times(1e-15)):
        expect_metric(submission, "smape", each, smape_of(each), 200.0)


@check(points=1, after=takes_percent_of_both, examples=8)
@given(case=compared(), alone=st.booleans())
def survives_zeros(submission: Submission, case: Pair, alone: bool) -> None:
    """Where forecast and actual are both 0, the error of sMAPE is 0 and counts in the mean."""
    case = Pair(case.forecast.clone(), case.actual.clone(), case.train, case.season)
    case.forecast[0, 0] = 0.0
    case.actual[0, 0] = 0.0
    case.actual[1, 0] = 0.0
    if alone:
        case.forecast[:] = 0.0
        case.actual[:] = 0.0
    expect_metric(submission, "smape", case, smape_of(case), 200.0)


@check(points=3, after=takes_the_mean_of_sizes, examples=12)
@given(case=compared())
def scales_by_the_training_part(submission: Submission, case: Pair) -> None:
    """MASE divides each series' errors by its seasonal naive error in its training part."""
    for season in (case.season, 1, case.train.shape[1] - 1):
        one = replace(case, season=season)
        scales = []
        for series in one.train.double().tolist():
            naive = [abs(series[t] - series[t - season]) for t in range(season, len(series))]
            scales.append(math.fsum(naive) / len(naive))
        errors = [abs(f - a) / scales[n] for f, a, n in one.pairs]
        # A difference of neighbours is a rounding of their size off.
        sharpest = float((one.train.double().abs().amax(dim=1) / torch.tensor(scales)).max())
        terms = max(errors) * max(1.0, sharpest)
        for each in (one, one.times(1e-9), one.times(1e-15)):  # a unit changes nothing
            expect_metric(submission, "mase", each, math.fsum(errors) / len(errors), terms)


def expect_refused(
    submission: Submission, name: str, arguments: tuple[object, ...], says: Sequence[int], when: str
) -> None:
    """Hold that a call raises ValueError, and that its message has the numbers."""
    if submission[name].error(*arguments) is None:
        answer = submission[name](*arguments)
        finite = isinstance(answer, Tensor) and bool(answer.isfinite().all())
        observe(f"{name} gives finite numbers", finite)
    when = f"{name} gets {when}"
    expect_error(submission[name], *arguments, type="ValueError", says=says, when=when)


@check(points=1, after=scales_by_the_training_part, examples=3)
@given(case=compared())
def refuses_a_scale_of_zero(submission: Submission, case: Pair) -> None:
    """A series that repeats itself in its training part raises ValueError with its position."""
    series = len(case.train) - 1
    season = torch.tensor([9.0, -6.0, 2.5], dtype=case.train.dtype)[: case.season]
    kinds = ((season[:1] * 0, "value"), (season, "season"))
    for (values, words), level in product(kinds, (0.0, 0.1, 7.0)):
        train = case.train.clone()
        train[series] = (level + values).repeat(train.shape[1])[: train.shape[1]]
        case = Pair(case.forecast, case.actual, train, case.season)
        when = f"a training part whose series {series} has the same {words} throughout"
        expect_refused(submission, "mase", case.arguments("mase"), (series,), when)


@check(
    points=1,
    after=(repeats_the_last_season, extends_the_line, averages_the_window),
    examples=5,
)
@given(drawn=pasts(), too_long=sizes(1, 3), case=compared())
def refuses_a_short_past(
    submission: Submission, drawn: tuple[Tensor, int], too_long: int, case: Pair
) -> None:
    """A season or a window that the past has no room for raises ValueError."""
    past, horizon = drawn
    steps = past.shape[1]
    for size in (steps + too_long, 0, -1):
        says = (steps, size)[: 2 if size >= 0 else 1]
        for name, word in (("seasonal_naive", "season"), ("moving_average", "window")):
            when = f"T = {steps} and {word} = {size}"
            expect_refused(submission, name, (past, horizon, size), says, when)
    expect_refused(submission, "drift", (past[:, :1], horizon), (1,), "T = 1")
    steps = case.train.shape[1]
    for season in (steps, 0, -1):
        when = f"a training part of T = {steps} and season = {season}"
        arguments = (case.forecast, case.actual, case.train, season)
        says = (steps, season)[: 2 if season >= 0 else 1]
        expect_refused(submission, "mase", arguments, says, when)


@check(
    points=1,
    after=(takes_the_root_of_the_mean, takes_percent_of_both, scales_by_the_training_part),
    examples=6,
)
@given(
    case=compared(),
    which=st.permutations(["one series", "one step", "one row", "no steps", "one axis more"]),
)
def refuses_other_shapes(submission: Submission, case: Pair, which: list[str]) -> None:
    """Forecasts and actual values of different shapes raise ValueError with both shapes."""
    for word in which:
        _refuses_shape(submission, case, word)


def _refuses_shape(submission: Submission, case: Pair, word: str) -> None:
    others = {
        "one series": case.actual[:1],
        "one step": case.actual[:, :1],
        "no steps": case.actual[:, 0],
        "one axis more": case.actual[:, :, None],
    }
    actual = others.get(word, case.actual.reshape(1, -1))
    other = Pair(case.forecast, actual, case.train, case.season)
    shapes = (tuple(case.forecast.shape), tuple(actual.shape))
    for name in METRICS:
        when = f"forecasts of shape {shapes[0]} and actual values of shape {shapes[1]}"
        says = (*shapes[0], *shapes[1])
        expect_refused(submission, name, other.arguments(name), says, when)


@check(points=1, after=refuses_other_shapes, examples=4)
@given(drawn=pasts(), case=compared())
def leaves_inputs_unchanged(submission: Submission, drawn: tuple[Tensor, int], case: Pair) -> None:
    """No argument is modified."""
    past, horizon = drawn
    for name, more in (
        ("last_value", ()),
        ("seasonal_naive", (2,)),
        ("drift", ()),
        ("moving_average", (2,)),
    ):
        _, afterwards = submission[name].inputs(past, horizon, *more)
        expect_unchanged({f"past, in {name}": past}, afterwards[:1])
    for name in METRICS:
        arguments = case.arguments(name)
        _, afterwards = submission[name].inputs(*arguments)
        tensors = zip(("forecast", "actual", "train"), arguments, strict=False)
        before = {f"{word}, in {name}": value for word, value in tensors}
        expect_unchanged(before, afterwards[: len(before)])
