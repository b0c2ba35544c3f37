"""Checks of `windows`: each oracle walks over the steps one by one, in plain numbers.

A future that changes must change nothing before it, and that needs no oracle.
"""

import math
from dataclasses import dataclass
from itertools import product

import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from grader.checks import (
    DTYPES,
    Submission,
    check,
    expect,
    expect_call_changes_nothing,
    expect_error,
    expect_true,
    items,
    observe,
    sizes,
    sources,
)
from grader.checks.forecasts import observe_added

WINDOW = ("window", "step", "feature")
STEP = ("step", "feature")
PARTS = ("train", "validation", "test")
NAN = math.nan
ENDS = ("negative lookback", "no lookback", "lookback", "order", "empty validation", "empty test")
# Of inputs and targets of parts: mostly unequal, and mostly with targets that reach over an end.
LENGTHS = ((3, 2), (3, 2), (3, 2), (2, 2), (2, 1), (3, 1))
LEVELS = (0.1, -7.3, 0.0, 1013.2, 0.7, 19.3, 3.3)


@dataclass(frozen=True)
class Made:
    """A series, and how it is cut.

    Args:
        series: (T, F).
        lookback: the steps of an input.
        horizon: the steps of a target.
        train_end: the first step of the validation's targets.
        validation_end: the first step of the test's targets.
    """

    series: Tensor
    lookback: int
    horizon: int
    train_end: int = 0
    validation_end: int = 0

    @property
    def ends(self) -> tuple[int, int, int]:
        """What a split takes after the series."""
        return self.lookback, self.train_end, self.validation_end

    def prepared_by(self, submission: Submission, series: Tensor, limit: int) -> tuple[object, ...]:
        """What `prepare` gives for a series that is cut in the same way."""
        ends = (self.train_end, self.validation_end)
        answer = submission["prepare"](series, self.lookback, self.horizon, *ends, limit)
        return items(answer, *PARTS, "scaler")


@st.composite
def made(draw: st.DrawFn, dtype: torch.dtype | None = None) -> Made:
    """A series without gaps, of one to three features, that has a few windows."""
    source, lookback, horizon = draw(sources(dtype)), draw(sizes(1, 4)), draw(sizes(1, 3))
    steps = lookback + horizon + draw(sizes(0, 6))
    return Made(source.normal(steps, draw(sizes(1, 3)), scale=3.0), lookback, horizon)


@st.composite
def gapped(draw: st.DrawFn) -> Made:
    """A series of a dozen windows, of which some have gaps in one feature or the other."""
    source, lookback, horizon = draw(sources()), draw(sizes(1, 3)), draw(sizes(2, 3))
    windows = 12
    series = source.normal(lookback + horizon + windows - 1, 2, scale=3.0)
    # Gaps far apart: one of the second feature at the start, one of the first at the end.
    series[draw(sizes(0, 3)), 1] = NAN
    series[len(series) - draw(sizes(1, 3)), 0] = NAN
    return Made(series, lookback, horizon)


@st.composite
def split(draw: st.DrawFn, gaps: bool = False) -> Made:
    """A series of three parts; with gaps, some that reach from a part into the next one."""
    source, (lookback, horizon) = draw(sources()), draw(st.sampled_from(LENGTHS))
    train_end = lookback + horizon + draw(sizes(4, 6))
    validation_end = train_end + horizon + draw(sizes(3, 5))
    steps = validation_end + horizon + draw(sizes(3, 5))
    # A level that rises from part to part: a scaler that has seen the future shows.
    level = torch.arange(steps, dtype=torch.float64)[:, None] // train_end * 8.0
    series = (source.normal(steps, 2, scale=3.0) + level).to(source.dtype)
    if gaps:
        series[0, 1] = NAN  # before the first value: nothing can fill it
        series[2:4, 0] = NAN  # within the training part, behind a value: its end is 2 steps old
        for end in (train_end, validation_end):
            # One of the next part's last inputs, and no input or target alone of a window that has
            # targets on both sides of the end.
            series[end - horizon, 1] = NAN
            series[end - lookback : end - lookback + 1, 0] = NAN  # the next one's first input
    return Made(series, lookback, horizon, train_end, validation_end)


def expect_windows(
    answer: object,
    series: Tensor,
    filled: Tensor,
    lookback: int,
    horizon: int,
    name: str = "",
    terms: float | None = None,
) -> None:
    """Hold inputs and targets, which are moved only: exactly, or where `terms` is given, nearly."""
    inputs, targets = [], []
    for first in range(len(series)):
        last = first + lookback + horizon
        if last > len(series):
            break
        rows = [filled[step].tolist() for step in range(first, first + lookback)]
        after = [series[step].tolist() for step in range(first + lookback, last)]
        if not any(math.isnan(value) for row in rows + after for value in row):
            inputs.append(rows)
            targets.append(after)
    features = series.shape[1]
    exact = {} if terms else {"floor": 0.0}
    for part, got, rows, steps in zip(
        ("x", "y"),
        items(answer, "x", "y", name=name or "the answer"),
        (inputs, targets),
        (lookback, horizon),
        strict=True,
    ):
        want = torch.tensor(rows, dtype=torch.float64).reshape(-1, steps, features)
        expect(
            got,
            want,
            name=f"{part} of {name}" if name else part,
            dtype=series.dtype,
            dims=WINDOW,
            terms=terms,
            **exact,
        )


@check(points=2, examples=15)
@given(case=made())
def cuts_every_window(submission: Submission, case: Made) -> None:
    """Every window of the series has its input and the target right behind it, in order."""
    answer = submission["windows"](case.series, case.lookback, case.horizon)
    expect_windows(answer, case.series, case.series, case.lookback, case.horizon)


@check(points=1, after=cuts_every_window, examples=5)
@given(case=made(), off=sizes(1, 4))
def refuses_what_does_not_fit(submission: Submission, case: Made, off: int) -> None:
    """A series without room for one window, and sizes below 1, raise ValueError."""
    lookback, horizon = case.lookback, case.horizon
    steps = max(lookback + horizon - off, 1)
    numbers = (steps, lookback, horizon)
    when = f"windows gets T = {steps}, lookback = {lookback}, horizon = {horizon}"
    target = submission["windows"]
    short = (case.series[:steps], lookback, horizon)
    expect_error(target, *short, type="ValueError", says=numbers, when=when)
    steps = len(case.series)
    for below in (0, -1):
        for lookback, horizon in ((below, case.horizon), (case.lookback, below)):
            when = f"windows gets T = {steps}, lookback = {lookback}, horizon = {horizon}"
            says = [number for number in (steps, lookback, horizon) if number >= 0]
            whole = (case.series, lookback, horizon)
            expect_error(target, *whole, type="ValueError", says=says, when=when)


@check(points=2, after=cuts_every_window, examples=12)
@given(case=gapped())
def leaves_out_windows_with_gaps(submission: Submission, case: Made) -> None:
    """A window is left out if one value of its input or of its target is missing."""
    empty = case.series.clone()
    empty[:, 0] = NAN
    for series in (case.series, empty.float(), empty.double()):
        answer = submission["windows"](series, case.lookback, case.horizon)
        expect_windows(answer, series, series, case.lookback, case.horizon)


@check(points=2, after=leaves_out_windows_with_gaps, examples=12)
@given(case=gapped(), far=st.booleans())
def targets_are_measured(submission: Submission, case: Made, far: bool) -> None:
    """With `filled`, inputs come from it, and targets from the series alone."""
    filled = torch.where(case.series.isnan(), 100.0, case.series)
    if far:
        # Nobody may look at what a target was filled with: here it is another series altogether.
        filled = filled + 1000.0
    answer = submission["windows"](case.series, case.lookback, case.horizon, filled=filled)
    sources = {"the series": case.series, "filled": filled}
    for name, got in zip(("x", "y"), items(answer, "x", "y"), strict=True):
        if isinstance(got, Tensor) and got.ndim == 3:
            values, gaps = {*got[~got.isnan()].tolist()}, int(got.isnan().any(2).any(1).sum())
            here = [one for one, each in sources.items() if values <= {*each.flatten().tolist()}]
            observe(f"{name} with filled", f"{list(got.shape)} of {here}, {gaps} with gaps")
    expect_windows(answer, case.series, filled, case.lookback, case.horizon)


@check(points=2, examples=10)
@given(case=split())
def splits_in_time(submission: Submission, case: Made) -> None:
    """Each part ends before the next one's targets, and begins one lookback before its own."""
    smallest = Made(case.series[:4], 1, case.horizon, 2, 3)  # no part can be shorter
    for one in (case, smallest):
        bounds = (0, one.train_end, one.validation_end, len(one.series))
        answer = submission["split_in_time"](one.series, *one.ends)
        for n, (part, got) in enumerate(zip(PARTS, items(answer, *PARTS), strict=True)):
            first = bounds[n] - one.lookback if n else 0
            want = torch.stack([one.series[step] for step in range(first, bounds[n + 1])])
            known = one.series.tolist()
            rows = got.tolist() if isinstance(got, Tensor) and got.ndim == 2 else []
            held = [known.index(row) if row in known else -1 for row in rows]
            ends = held[0::-1] + held[-1:] if held == sorted(held) else "another order"
            name = part if one is case else f"{part} of 4 steps"
            observe(f"the steps of {name}", f"{len(held)}, {ends}")
            dtype = one.series.dtype
            expect(got, want.double(), name=name, dtype=dtype, floor=0.0, dims=STEP)


@check(points=1, after=splits_in_time, examples=4)
@given(case=split(), wrong=st.permutations(ENDS))
def refuses_parts_out_of_order(submission: Submission, case: Made, wrong: list[str]) -> None:
    """Ends that do not follow each other within the series raise ValueError."""
    steps = len(case.series)
    for one in wrong:
        lookback, train_end, validation_end = {
            "negative lookback": (-1, case.train_end, case.validation_end),
            "no lookback": (0, case.train_end, case.validation_end),
            "lookback": (case.train_end, case.train_end, case.validation_end),
            "order": (case.lookback, case.validation_end, case.train_end),
            "empty validation": (case.lookback, case.train_end, case.train_end),
            "empty test": (case.lookback, case.train_end, steps),
        }[one]
        expect_error(
            submission["split_in_time"],
            case.series,
            lookback,
            train_end,
            validation_end,
            type="ValueError",
            says=[n for n in (lookback, train_end, validation_end, steps) if n >= 0],
            when=f"split_in_time gets lookback = {lookback}, train_end = {train_end}, "
            f"validation_end = {validation_end}, T = {steps}",
        )


def column(values: Tensor) -> list[float]:
    """The values of a feature that are there."""
    return [value for value in values.tolist() if not math.isnan(value)]


def moments(train: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and standard deviation of each feature, by exact sums of what is there."""
    means, stds = [], []
    for feature in range(train.shape[1]):
        values = column(train[:, feature])
        mean = math.fsum(values) / len(values)
        variance = math.fsum((value - mean) ** 2 for value in values) / len(values)
        means.append(mean)
        stds.append(1.0 if min(values) == max(values) else math.sqrt(variance))
    return torch.tensor(means, dtype=torch.float64), torch.tensor(stds, dtype=torch.float64)


def expect_scaler(answer: object, train: Tensor, name: str = "the answer") -> None:
    """Hold a mean and a standard deviation."""
    mean, std = items(answer, "mean", "std", name=name)
    exact_mean, exact_std = moments(train)
    size = float(train.nan_to_num().abs().max())
    dims = ("feature",)
    expect(mean, exact_mean, name="mean", dtype=train.dtype, terms=size, dims=dims)
    # A mean that is off by its own rounding hardly shows in the squares around it.
    expect(std, exact_std, name="std", dtype=train.dtype, terms=min(size, 100.0), dims=dims)


@st.composite
def trains(draw: st.DrawFn, gaps: bool = False) -> Tensor:
    """A training part of several features with means and spreads of their own."""
    source, steps, features = draw(sources()), draw(sizes(4, 9)), draw(sizes(2, 3))
    spread = torch.tensor([0.5, 4.0, 20.0], dtype=source.dtype)[:features]
    train = source.normal(steps, features) * spread + source.normal(features, scale=3.0)
    if gaps:
        for feature in range(features):
            train[(feature + draw(sizes(0, 1))) % steps, feature] = NAN
    return train


@check(points=2, examples=13)
@given(train=trains())
def measures_each_feature(submission: Submission, train: Tensor) -> None:
    """The scaler has the mean and the standard deviation of each feature."""
    answer = submission["fit_scaler"](train)
    std, exact = items(answer, "mean", "std")[1], moments(train)[1]
    observe_added("the std", std, exact)
    observe_added("the variance", std**2 if isinstance(std, Tensor) else None, exact**2)
    expect_scaler(answer, train)


@check(points=2, after=measures_each_feature, examples=8)
@given(train=trains(gaps=True))
def measures_what_is_there(submission: Submission, train: Tensor) -> None:
    """Missing values count neither in the sums nor in n."""
    expect_scaler(submission["fit_scaler"](train), train)


@check(points=1, after=measures_what_is_there, examples=4)
@given(drawn=trains(gaps=True))
def refuses_an_empty_feature(submission: Submission, drawn: Tensor) -> None:
    """A feature without any value raises ValueError with its position."""
    features = drawn.shape[1]
    for empty in (features - 1, 0):
        train = drawn.clone()
        train[:, empty] = NAN
        when = f"fit_scaler gets {features} features, and feature {empty} is missing throughout"
        expect_error(submission["fit_scaler"], train, type="ValueError", says=(empty,), when=when)


def level_of(std: object) -> str:
    """What stands for the std of constants; a rounding off 0 differs from one way to another."""
    if not isinstance(std, Tensor) or not std.is_floating_point():
        return "no numbers"
    if bool(std.isnan().any()):
        return "nan"
    if std.shape == (len(LEVELS),) and 0 < float(std[LEVELS.index(0.0)]) < 1e-2:
        return "a small number even at 0"
    one, small = std == 1.0, (std > 0) & (std.abs() < 1e-2) | (std == 0)
    if bool(one.all()):
        return "1"
    if bool(small.all()):
        return "0" if not bool(std.any()) else "near 0"
    return "some 1, some near 0" if bool((one | small).all()) else "something else"


@check(points=2, after=measures_what_is_there, examples=6)
@given(train=trains(gaps=True), steps=sizes(21, 25))
def survives_constants_and_levels(submission: Submission, train: Tensor, steps: int) -> None:
    """A constant feature has std 1, and a high level takes no digits from the std."""
    # Of so many equal values, the mean of one or the other is a rounding off them.
    constant = torch.tensor([LEVELS], dtype=train.dtype).repeat(steps, 1)
    constant[1, ::2] = NAN
    answer = submission["fit_scaler"](constant)
    observe("std of constants", level_of(items(answer, "mean", "std")[1]))
    expect_scaler(answer, constant)
    # A feature whose unit is small is no constant, however small it is.
    for unit in (1e-5, 1e-14):
        small = train * unit
        expect_scaler(submission["fit_scaler"](small), small)
    # What was measured once has one value throughout.
    once = train.clone()
    once[1:, 0] = NAN
    once[0, 0] = 7.3
    for one in (once, once[:1].nan_to_num(4.0)):
        expect_scaler(submission["fit_scaler"](one), one)
    # 3,000 times as far from 0 as the values are from each other.
    level = train.double() / moments(train)[1] + 3000.0
    for high in (level.float(), level):
        answer = submission["fit_scaler"](high)
        std, exact = items(answer, "mean", "std")[1], moments(high)[1]
        near = 1e4 * torch.finfo(high.dtype).eps
        fits = isinstance(std, Tensor) and std.shape == exact.shape
        if fits and not torch.allclose(std.double(), exact, rtol=near, atol=0.0):
            observe("digits of the std at a high level", f"lost in {high.dtype}")
        expect_scaler(answer, high)


@check(points=2, examples=14)
@given(train=trains(gaps=True), windows=sizes(1, 3))
def transforms_and_back(submission: Submission, train: Tensor, windows: int) -> None:
    """Each feature is scaled by transform, and inverse_transform leads back to the values."""
    mean, std = (part.to(train.dtype) for part in moments(train))
    stacked = torch.stack([train] * windows)
    stacked[0] *= -2000.0  # an outlier is a value like any other
    for series, dims in ((train, STEP), (stacked, WINDOW)):
        size = float(series.nan_to_num().abs().max() / std.min())
        scaled = (series.double() - mean.double()) / std.double()
        got = submission["transform"](series, mean, std)
        if isinstance(got, Tensor) and got.shape == scaled.shape:
            divisor = (series - mean) / got
            observe_added("the divisor", divisor, std.double().where(~divisor.isnan(), NAN))
        expect(got, scaled, name="transform(series)", dtype=train.dtype, dims=dims, terms=size)
        back = submission["inverse_transform"](scaled.to(train.dtype), mean, std)
        name, size_back = "inverse_transform(scaled)", float(series.nan_to_num().abs().max())
        terms = size_back + float(mean.abs().max())
        expect(back, series.double(), name=name, dtype=train.dtype, dims=dims, terms=terms)


@check(points=1, after=transforms_and_back, examples=4)
@given(train=trains())
def gradients(submission: Submission, train: Tensor) -> None:
    """Gradients reach the series through transform, and the scaled values through its inverse."""
    train = train.double()
    mean, std = moments(train)
    cotangent = train.flip(0) + 0.5
    for name, want in (
        ("transform", cotangent / std),
        ("inverse_transform", cotangent * std),
    ):
        asked = submission[name].vjp(train, mean, std, cotangents=[cotangent], wrt=[0])
        (got,) = asked.gradients
        expect_true(got is not None, f"No gradient reaches the first argument of {name}.")
        expect(got, want, name=f"gradient through {name}", dtype=torch.float64, dims=STEP)


@st.composite
def holes(draw: st.DrawFn) -> tuple[Tensor, int]:
    """A series with a gap of every kind, and a limit that some of them pass."""
    source, limit = draw(sources()), draw(sizes(1, 3))
    lead, between = draw(sizes(1, 2)), draw(sizes(1, 2))
    series = source.normal(lead + limit + 2 * between + 6 + limit, 2, scale=3.0)
    series[:lead, 0] = NAN  # before the first value
    at = lead + between
    series[at : at + limit, 0] = NAN  # as long as the limit
    at += limit + between
    series[at : at + limit + 2, 0] = NAN  # longer, and then a value
    series[-1, 0] = NAN  # at the end
    series[2 + draw(sizes(0, 1)), 1] = NAN
    series[0, 1] = NAN  # before the first value, and the last one is measured
    return series, limit


@check(points=2, examples=16)
@given(hole=holes())
def fills_from_the_past(submission: Submission, hole: tuple[Tensor, int]) -> None:
    """A gap holds the last value before it for `limit` steps, and is missing from then on."""
    series, limit = hole
    # Where both features are missing, one value is older than the other.
    apart = torch.tensor([[1.0, 2.0], [NAN, 3.0], [NAN, NAN], [NAN, NAN], [4.0, NAN]])
    apart = apart.to(series.dtype)
    # One feature begins with a gap and the other ends with a value, either way round.
    everywhere = len(series)
    for measured, allowed in (
        (series, limit),
        (series, 0),
        (series, everywhere),
        (series.flip(1), everywhere),
        (apart, 1),
        (apart, 2),
    ):
        got, want = submission["fill_from_past"](measured, allowed), filled_by(measured, allowed)
        name = f"fill_from_past(series, {allowed})"
        expect(got, want, name=name, dtype=series.dtype, floor=0.0, dims=STEP)


@check(points=1, after=fills_from_the_past, examples=3)
@given(case=made())
def fills_a_new_tensor(submission: Submission, case: Made) -> None:
    """The filled series is a new tensor, also where nothing is to be filled."""
    fill = submission["fill_from_past"]
    for limit, name in ((2, "a series without gaps"), (0, "a series and the limit 0")):
        series = case.series.clone()
        if limit == 0:
            series[-1] = NAN
        first = fill(series, limit, keep=True)
        again = fill(first, limit, keep=True)
        again["fill_"](-77.0)
        kept = first["tolist"]()[0] == series[0].tolist()
        observe(f"a new tensor for {name}", kept)
        expect_true(kept, f"For {name}, what fill_from_past gives is the series itself.")


def filled_by(series: Tensor, limit: int) -> Tensor:
    """Each step looks back for a value, in float64."""
    rows = series.double().tolist()
    filled = []
    for step in range(len(rows)):
        row = []
        for feature in range(series.shape[1]):
            earlier = [rows[at][feature] for at in range(step, max(step - limit, 0) - 1, -1)]
            row.append(next((value for value in earlier if not math.isnan(value)), NAN))
        filled.append(row)
    return torch.tensor(filled, dtype=torch.float64)


@check(points=1, after=(targets_are_measured, fills_from_the_past), examples=2)
@given(case=split(gaps=True))
def leaves_inputs_unchanged(submission: Submission, case: Made) -> None:
    """The arguments are not modified, by any of the functions."""
    ends = {"train_end": case.train_end, "validation_end": case.validation_end}
    lengths = {"lookback": case.lookback, "horizon": case.horizon}
    whole = case.series.nan_to_num(1.5)
    for dtype, values in product(DTYPES, (case.series, whole)):
        series = {"the series": values.to(dtype)}
        mean, std = (part.to(dtype) for part in moments(series["the series"]))
        scaled = series | {"mean": mean, "std": std}
        for name, arguments in (
            ("windows", series | lengths),
            ("split_in_time", series | dict(enumerate(case.ends))),
            ("fit_scaler", series),
            ("transform", scaled),
            ("inverse_transform", scaled),
            ("fill_from_past", series | {"limit": 2}),
            ("prepare", series | lengths | ends | {"limit": 2}),
        ):
            named = {f"{part}, in {name}": value for part, value in arguments.items()}
            expect_call_changes_nothing(submission[name], named)


@check(
    points=3,
    after=(splits_in_time, measures_what_is_there, leaves_inputs_unchanged),
    examples=7,
)
@given(case=split(gaps=True))
def the_future_changes_nothing(submission: Submission, case: Made) -> None:
    """Whatever the series does later, the scaler and the training windows stay the same."""
    dtype = case.series.dtype
    earlier = case.prepared_by(submission, case.series, 2)
    ends = ((case.train_end, (3, 0)), (case.validation_end, (3, 0, 1)))
    for (end, known), gapped in product(ends, (False, True)):
        # Another level and spread, and then gaps at every other step.
        future = case.series[end:] * -50.0 + 700.0
        if gapped:
            future[::2] = NAN
        series = torch.cat([case.series[:end], future])
        later = case.prepared_by(submission, series, 2)
        for n in known:
            name = (*PARTS, "scaler")[n]
            names = ("mean", "std") if n == 3 else ("x", "y")
            pairs = (items(answer[n], *names, name=name) for answer in (later, earlier))
            for part, new, old in zip(names, *pairs, strict=True):
                expect_true(isinstance(old, Tensor), f"{part} of {name} is no tensor.")
                words = f"{part} of {name}, with another future from step {end} on,"
                expect(new, old.double(), name=words, dtype=dtype, terms=1.0)


@check(points=3, after=the_future_changes_nothing, examples=6)
@given(case=split(gaps=True))
def prepares_each_part(submission: Submission, case: Made) -> None:
    """The parts of prepare are scaled windows, with gaps filled in inputs alone."""
    # A gap can also begin with a part's first target: it is an input later on.
    begun = torch.where(case.series.isnan(), 1.5, case.series)
    begun[[case.train_end, case.validation_end], 0] = NAN
    for series, limit in ((case.series, 1), (case.series, 2), (begun, 1)):
        *parts, scaler = case.prepared_by(submission, series, limit)
        train = series[: case.train_end]
        expect_scaler(scaler, train, "scaler")
        mean, std = moments(train)
        filled = filled_by(series, limit)
        scaled = [((values.double() - mean) / std) for values in (series, filled)]
        size = float(series.nan_to_num().abs().max() / std.min())
        bounds = (0, case.train_end, case.validation_end, len(series))
        for n, (name, got) in enumerate(zip(PARTS, parts, strict=True)):
            steps = slice(bounds[n] - case.lookback if n else 0, bounds[n + 1])
            # Only the dtype of the series counts below: the values are those of float64.
            expect_part(got, scaled[0][steps], scaled[1][steps], case, name, size)


def expect_part(
    got: object, series: Tensor, filled: Tensor, case: Made, name: str, size: float
) -> None:
    """Hold the scaled windows of one part."""
    answer = items(got, "x", "y", name=name)
    for part, one in zip(("x", "y"), answer, strict=True):
        empty = torch.empty(0, dtype=torch.float64)
        form = one.double() if isinstance(one, Tensor) else empty
        expect(one, form, name=f"{part} of {name}", dtype=case.series.dtype, values=False)
    rounded = [one.double() for one in answer]
    # The allowed difference is that of the answer's own dtype.
    tiny = torch.finfo(case.series.dtype).eps / torch.finfo(torch.float64).eps
    expect_windows(
        tuple(rounded), series, filled, case.lookback, case.horizon, name, terms=size * tiny
    )
