"""Checks of `encoder_decoder`: torch's own modules, driven step by step in plain Python.

What has been learned is measured on a series of which the judge keeps the end.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import pairwise, product

import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn

from grader.checks import (
    DTYPES,
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
    sizes,
    sources,
)
from grader.checks.forecasts import (
    EPS,
    Training,
    contest_of,
    expect_parameters,
    mean_square,
    size_for,
    step_down,
)
from grader.checks.modules import load_parameters
from grader.data.series import Split, planted_series

BATCH_SIZE, LEARNING_RATE, MAX_NORM, HIDDEN = 64, 0.01, 1.0, 16
STEP = ("window", "step")
UNIT = ("window", "unit")
NAN = float("nan")


class Reference(nn.Module):
    """The modules of the task, under its names."""

    def __init__(self, hidden_size: int) -> None:
        super().__init__()
        self.encoder = nn.LSTM(2, hidden_size, batch_first=True)
        self.decoder = nn.LSTMCell(1, hidden_size)
        self.head = nn.Linear(hidden_size, 1)

    def forward(self, x: Tensor, horizon: int, targets: Tensor | None = None) -> Tensor:
        """The forecasts, (N, H)."""
        h, c = (part.squeeze(0) for part in self.encoder(x)[1])
        columns = [x[:, -1, :1]]
        for step in range(horizon):
            fed = columns[-1]
            if targets is not None and step > 0:
                known = ~targets[:, step - 1 : step].isnan()
                fed = torch.where(known, targets[:, step - 1 : step].nan_to_num(), fed)
            h, c = self.decoder(fed, (h, c))
            columns.append(self.head(h))
        return torch.cat(columns[1:], dim=1)


@dataclass(frozen=True)
class Case:
    """A model's weights in float64, and windows for it."""

    hidden_size: int
    weights: dict[str, Tensor]
    x: Tensor  # (N, L, 2)
    y: Tensor  # (N, H)
    state: tuple[Tensor, Tensor]  # (N, D) each

    @property
    def horizon(self) -> int:
        """H."""
        return self.y.shape[1]

    def reference(self) -> Reference:
        """The judge's model with these weights."""
        model = Reference(self.hidden_size).double()
        model.load_state_dict(self.weights)
        return model

    def built(self, submission: Submission) -> Handle:
        """The submission's model with these weights."""
        model = submission["EncoderDecoder"](self.hidden_size)
        model["double"]()
        load_parameters(model, self.weights)
        return model

    def with_gaps(self, every: int) -> "Case":
        """The same case, with nothing measured at every second or third target."""
        gaps = torch.arange(self.y.numel()).reshape(self.y.shape) % every == 1
        return Case(
            self.hidden_size, self.weights, self.x, self.y.masked_fill(gaps, NAN), self.state
        )


@st.composite
def cases(draw: st.DrawFn, horizon: int = 1) -> Case:
    """A model with weights far from zero, and windows whose last value was measured or not."""
    hidden_size, source = draw(sizes(2, 4)), draw(sources(torch.float64))
    weights = {
        name: source.normal(*value.shape, scale=0.6)
        for name, value in Reference(hidden_size).state_dict().items()
    }
    n, lookback = draw(sizes(1, 3)), draw(sizes(2, 5))
    x, y = source.normal(n, lookback, 2), source.normal(n, draw(sizes(horizon, 5)), scale=2.0)
    x[:, :, 1] = x[:, :, 1] > -0.5
    x[0, -1, 1] = draw(st.booleans())
    x[:, :, 0] *= x[:, :, 1]
    state = (source.normal(n, hidden_size), source.normal(n, hidden_size))
    return Case(hidden_size, weights, x, y, state)


@check(points=2, examples=10)
@given(case=cases(horizon=2), dtype=st.sampled_from(DTYPES))
def measures_what_is_there(submission: Submission, case: Case, dtype: torch.dtype) -> None:
    """The loss is the mean squared error over the measured targets of all windows."""
    forecast = (case.y.flip(1) + 1.0).to(dtype)
    few, none = case.y.clone(), case.y.clone()
    few[0, 1:] = NAN  # one target, beside windows that have all
    none[-1] = NAN  # no target, beside windows that have all
    targets = (case.y.clone(), case.with_gaps(2).y, case.with_gaps(3).y, few, none)
    # An outlier is a value like any other.
    for y, far in product(targets, (1.0, 1e3)):
        target = y.to(dtype)
        target[0, 0] = 0.0  # measured, and no gap
        got = submission["masked_loss"](far * forecast, target)
        want = mean_square(far * forecast.double(), target.double())
        expect(got, want, name="the loss", dtype=dtype, terms=100.0 * far**2)


@check(points=2, after=measures_what_is_there, examples=4)
@given(case=cases())
def loss_has_a_gradient(submission: Submission, case: Case) -> None:
    """The gradient of the loss is finite and right beside gaps; without a value, both are 0."""
    for target in (case.y, case.with_gaps(2).y, case.with_gaps(3).y, case.y * NAN):
        nothing = bool(target.isnan().all())
        leaf = (case.y.flip(1) + 1.0).requires_grad_()
        loss = mean_square(leaf, target)
        one = torch.ones((), dtype=torch.float64)
        (want,) = gradients_of([loss], [leaf], [one])
        answer = submission["masked_loss"].vjp(leaf.detach(), target, cotangents=[one], wrt=[0])
        expect(answer.value, loss.detach(), name="the loss", dtype=torch.float64, terms=100.0)
        (got,) = answer.gradients
        got = torch.zeros_like(want) if got is None and nothing else got
        expect_true(got is not None, "No gradient of the loss reaches the forecasts.")
        expect(got, want, name="the gradient of the loss", terms=100.0, dims=STEP)


@check(points=1)
def has_the_parameters(submission: Submission) -> None:
    """The state dict has the names and shapes of the three modules."""
    model = submission["EncoderDecoder"](5)
    expect_parameters(model, Reference(5), "EncoderDecoder(5)")


@check(points=2, after=has_the_parameters, examples=10)
@given(case=cases())
def encodes_the_past(submission: Submission, case: Case) -> None:
    """The encoder's state behind the last step is (h, c), each (N, D)."""
    with torch.no_grad():
        want = case.reference().encoder(case.x)[1]
    got = items(case.built(submission)["encode"](case.x), "h", "c")
    for name, one, exact in zip("hc", got, want, strict=True):
        expect(one, exact[0], name=name, dtype=torch.float64, terms=20.0, dims=UNIT)


@check(points=2, after=has_the_parameters, examples=13)
@given(case=cases())
def takes_a_step_of_the_decoder(submission: Submission, case: Case) -> None:
    """A step gives the forecast that the head reads from the new h, and the new state."""
    reference = case.reference()
    with torch.no_grad():
        h, c = reference.decoder(case.y[:, :1], case.state)
        forecast = reference.head(h).squeeze(1)
    answer = case.built(submission)["step"](case.y[:, 0], case.state)
    got, state = items(answer, "forecast", "state")
    expect(got, forecast, name="the forecast", dtype=torch.float64, terms=20.0, dims=STEP[:1])
    for name, one, exact in zip("hc", items(state, "h", "c"), (h, c), strict=True):
        expect(one, exact, name=f"the new {name}", dtype=torch.float64, terms=20.0, dims=UNIT)


@check(points=3, after=(encodes_the_past, takes_a_step_of_the_decoder), examples=12)
@given(case=cases(horizon=3))
def feeds_its_forecasts_back(submission: Submission, case: Case) -> None:
    """Without targets, each step is fed with the forecast before it, the first with x's last."""
    with torch.no_grad():
        want = case.reference()(case.x, case.horizon)
    got = case.built(submission)(case.x, case.horizon)
    expect(got, want, name="the forecasts", dtype=torch.float64, terms=50.0, dims=STEP)


@check(points=2, after=feeds_its_forecasts_back, examples=12)
@given(case=cases(horizon=3))
def is_forced_by_targets(submission: Submission, case: Case) -> None:
    """With targets, each step is fed with the target before it, and sees none that comes later."""
    with torch.no_grad():
        want = case.reference()(case.x, case.horizon, case.y)
    model = case.built(submission)
    for mode in ("train", "eval"):
        model[mode]()
        got = model(case.x, case.horizon, case.y)
        name = "the forced forecasts" + " after eval()" * (mode == "eval")
        expect(got, want, name=name, dtype=torch.float64, terms=50.0, dims=STEP)


@check(points=2, after=is_forced_by_targets, examples=8)
@given(case=cases(horizon=3))
def stands_in_for_missing_targets(submission: Submission, case: Case) -> None:
    """Where the target before a step is missing, the step is fed with the model's own forecast."""
    reference, model = case.reference(), case.built(submission)
    for targets in (case.with_gaps(2).y, case.with_gaps(3).y):
        with torch.no_grad():
            want = reference(case.x, case.horizon, targets)
        got = model(case.x, case.horizon, targets)
        expect(got, want, name="the forced forecasts", dtype=torch.float64, terms=50.0, dims=STEP)


@check(points=1, after=(stands_in_for_missing_targets, measures_what_is_there), examples=3)
@given(case=cases(horizon=3))
def leaves_inputs_unchanged(submission: Submission, case: Case) -> None:
    """Neither the loss nor the model modifies its arguments."""
    gapped = case.with_gaps(2).y
    loss = {"forecast": case.y.flip(1), "target": gapped}
    expect_call_changes_nothing(submission["masked_loss"], loss)
    given_ = {"x": case.x, "horizon": case.horizon, "targets": gapped}
    expect_call_changes_nothing(case.built(submission), given_)


def loss_of(model: nn.Module, x: Tensor, y: Tensor, forced: bool) -> Tensor:
    """The loss of a model's forecasts, where y are right."""
    return mean_square(model(x, y.shape[1], y if forced else None), y)


def loss_off_by(
    model: nn.Module, x: Tensor, near: Tensor, way: Tensor, forced: bool, size: float
) -> Tensor:
    """The loss of a model whose forecasts should have been off in some way, by so much."""
    return loss_of(model, x, near + size * way, forced)


@check(points=3, after=(stands_in_for_missing_targets, loss_has_a_gradient), examples=5)
@given(case=cases(horizon=3), forced=st.booleans())
def takes_one_step(submission: Submission, case: Case, forced: bool) -> None:
    """A step takes Adam down the clipped gradient of its own batch, forced or not."""
    for how, large in ((forced, True), (not forced, False)):
        model = case.built(submission)
        training = Training(case.reference, LEARNING_RATE, MAX_NORM)
        reference = training.model
        optimizer = submission["make_optimizer"](model)
        gapped = case.with_gaps(3).y
        for number, (order, norm) in enumerate(((1, 0.9), (-1, 1.1), (1, 0.1))):
            # Far targets have gradients that are clipped, near ones are on both sides of the limit.
            near = reference(case.x, case.horizon).detach()
            way = order * (3.0 * gapped + 5.0 - near if large else gapped)
            off_by = partial(loss_off_by, reference, case.x, near, way, how)
            size = 1.0 if large else size_for(norm * MAX_NORM, reference, off_by)
            y = near + size * way
            want, apart = training.step(partial(loss_of, x=case.x, y=y, forced=how))
            got = submission["train_step"](model, optimizer, case.x, y, how)
            if isinstance(got, Tensor):
                observe("train_step returns", "a tensor")
            expect_true(isinstance(got, float), "train_step does not return a Python float.")
            floor = 1e7 + apart / ((1.0 + want) * EPS)
            expect(got, want, name=f"the loss of step {number}", terms=1.0 + want, floor=floor)
            state = model["state_dict"]()
            for name, (value, most) in training.weights().items():
                what, floor = f"{name} after step {number}", most / EPS
                expect(state[name], value, name=what, dtype=torch.float64, terms=1.0, floor=floor)
        # A batch of gaps alone is rare, and must not end the training.
        got = submission["train_step"](model, optimizer, case.x, gapped * NAN, how)
        expect(got, 0.0, name="the loss of a batch without a measured target")


@check(points=2, after=takes_one_step)
def forces_in_the_first_half(submission: Submission) -> None:
    """The first half of the training is forced, the second is not, with one optimiser for all."""
    generator = torch.Generator().manual_seed(5)
    x, y = (torch.randn(1, *shape, generator=generator) for shape in ((4, 2), (5,)))
    reference, model, steps = Reference(4), submission["EncoderDecoder"](4), 8
    weights = {
        name: torch.randn(value.shape, generator=generator)
        for name, value in reference.state_dict().items()
    }
    reference.load_state_dict(weights)
    load_parameters(model, weights)
    adam = torch.optim.Adam(reference.parameters(), lr=LEARNING_RATE)
    # All windows are the same one, so every batch is.
    losses = submission["train"](
        model, x.repeat(3, 1, 1), y.repeat(3, 1), steps, 1, progress="report"
    )
    expect_true(
        isinstance(losses, list | tuple) and len(losses) == steps,
        f"train(..., steps={steps}) does not return a list of {steps} losses.",
    )
    for number, got in enumerate(losses):
        forced = number < steps // 2
        loss = mean_square(reference(x, 5, y if forced else None), y)
        want = step_down(reference, adam, loss, MAX_NORM)
        name = f"the loss of step {number}, {'forced' if forced else 'not forced'}"
        expect(got, want, name=name, terms=want, floor=1e-3 / 2.0**-52)


@check(points=1, after=forces_in_the_first_half)
def draws_from_all_windows(submission: Submission) -> None:
    """Each step draws other windows, from all that there are, and the seed decides which."""
    zeros = {name: torch.zeros_like(one) for name, one in Reference(2).state_dict().items()}

    def losses_of(y: Tensor, steps: int, seed: int = 1) -> list[float]:
        model = submission["EncoderDecoder"](2)
        load_parameters(model, zeros)  # it forecasts a constant that begins with 0
        x = torch.zeros(len(y), 2, 2)
        return list(submission["train"](model, x, y[:, None], steps, seed, progress="report"))

    for wrong, right in drawing(losses_of):
        observe(wrong, not right)
        expect_true(right, wrong)
        if not right:  # what comes later would depend on chance
            return


def drawing(losses_of: Callable[..., list[float]]) -> Iterator[tuple[str, bool]]:
    """What could be wrong with the windows of the batches, and whether it is right."""
    count = 100
    numbers = torch.arange(float(count))
    first, again, other = (losses_of(numbers, 6, seed) for seed in (1, 1, 2))
    for word, windows in (("first", numbers[:BATCH_SIZE]), ("all", numbers)):
        near = abs(first[0] - float(windows.square().mean())) < 1.0
        observe(f"the first batch has the {word} windows", near)
    observe("a batch is one window", (first[0] ** 0.5).is_integer())
    jumps = max(abs(a - b) / b for a, b in pairwise(first))
    yield "The batches of all steps have the same windows.", jumps > 0.02
    late = 100.0 * (torch.arange(1000) >= 500)
    starts = [losses_of(late, 3, seed) for seed in range(5)]
    seen = max(map(max, starts)) > 50.0
    yield "Of 1000 windows, 3 steps of training draw none of the second half.", seen
    # Of 64 windows that are drawn one by one, some are from either half.
    mixed = all(500.0 < losses[0] < 9500.0 for losses in starts)
    yield "Of 1000 windows, a batch holds those of one half alone, as neighbours are.", mixed
    for word, number in (("last", count - 1), ("first", 0)):
        seen = max(losses_of(100.0 * (numbers == number), 20)) > 50.0
        yield f"In 20 steps of training, the {word} of {count} windows is in no batch.", seen
    yield "Two trainings with the same seed draw other windows.", first == again
    yield "Trainings with different seeds draw the same windows.", first != other
    # Half of the targets are 8, and the model forecasts 0 and then 0.01: a loss tells how many of
    # a batch are 8. Smaller batches would have counts that are no whole number, or even ones alone.
    eights = [losses_of(8.0 * (numbers % 2 == 0), 2, seed) for seed in range(20)]
    for step, word in enumerate(("first", "second")):
        b = step * LEARNING_RATE
        counts = [BATCH_SIZE * (losses[step] - b**2) / (64.0 - 16.0 * b) for losses in eights]
        fits = all(abs(n - round(n)) < 1e-3 for n in counts) and any(round(n) % 2 for n in counts)
        yield f"The {word} batch does not hold BATCH_SIZE = {BATCH_SIZE} windows.", fits
    few = [losses_of(8.0 * (numbers[:11] % 2 == 0), 2, seed)[0] for seed in range(5)]
    fits = all(abs(loss - round(loss)) < 1e-3 for loss in few)
    yield f"Drawn from 11 windows, a batch does not hold {BATCH_SIZE} of them.", fits


@check(points=1, after=forces_in_the_first_half, examples=1)
@given(source=sources(torch.float32))
def trains_with_their_own_targets(submission: Submission, source: Source) -> None:
    """Each window of a batch is trained with the target that followed on it."""
    reference, model = Reference(3), submission["EncoderDecoder"](3)
    weights = {name: source.normal(*value.shape) for name, value in reference.state_dict().items()}
    reference.load_state_dict(weights)
    load_parameters(model, weights)
    x = source.normal(100, 3, 2)
    with torch.no_grad():
        y = reference(x, 1)  # what the model forecasts, so that nothing is left to learn
    first, *_ = submission["train"](model, x, y, 2, 1, progress="report")
    loss = float(first)
    observe("its own targets", loss < 1e-6)
    expect_true(
        loss < 1e-6,
        f"The targets are the model's own forecasts, and the first loss is {loss:.3g} in place of "
        "0: windows are trained with the targets of others.",
    )


@check(points=4, after=(draws_from_all_windows, trains_with_their_own_targets), trains=True)
@pick("seed", range(20))
def beats_the_baselines(submission: Submission, seed: int) -> None:
    """After training, its forecasts are better than the last value's and the last season's."""
    planted = Split(planted_series(4000, seed, lag=1, season=12), lookback=24, horizon=6, season=12)
    contest = contest_of(planted)
    model = submission["EncoderDecoder"].seeded(seed, HIDDEN)
    train, steps = contest.train, 600 if contest.real else 300
    submission["train"](model, train.x, train.y, steps, seed, progress="report")
    answer = model(contest.test.x, contest.split.horizon)
    contest.expect_better(answer, "EncoderDecoder", margin=0.8)
