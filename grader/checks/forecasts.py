"""What katas that train a forecaster share: the series, the baselines, and the margin.

contest = contest_of(Split(planted_series(...), ...), real=("T", 48, 12, 24))
forecast = model(contest.test.x, contest.split.horizon)
contest.expect_better(forecast, "EncoderDecoder", margin=0.85)
"""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor, nn

from grader.checks.compare import expect, expect_true
from grader.checks.hearing import data_path, observe, record, record_figure
from grader.checks.modules import parameter_shapes
from grader.checks.submission import Handle
from grader.data.series import Split, Windows, read_measured

SHOWN = 60  # windows in the figure
EPS = torch.finfo(torch.float64).eps


def expect_parameters(model: Handle, reference: nn.Module, call: str) -> None:
    """Hold the names and shapes of a module's parameters; say and observe the first that differ."""
    want = {name: tuple(value.shape) for name, value in reference.state_dict().items()}
    got = parameter_shapes(model, want)
    wrong = [name for name in want if got.get(name) != want[name]]
    extra = sorted(set(got) - set(want))
    observe("wrong", ", ".join(f"{name} {got.get(name)}" for name in wrong))
    observe("too many", ", ".join(extra))
    for name in wrong:
        expect_true(
            False,
            f"{call}: {name} has shape {got[name]}, expected {want[name]}."
            if name in got
            else f"{call}: {name} is missing in the state dict.",
        )
    expect_true(not extra, f"{call}: {', '.join(extra)} is too much in the state dict.")


def step_down(
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
    loss: Tensor,
    max_norm: float,
    *,
    added: float = 1e-6,
) -> float:
    """One step of the judge's own copy down a loss, with the norm of the gradient clipped.

    Args:
        model: the copy.
        optimizer: of its parameters.
        loss: of its answers.
        max_norm: of the gradient.
        added: to the norm where it is divided by; torch adds 1e-6, and the formula nothing.
    """
    optimizer.zero_grad()
    loss.backward()  # type: ignore[no-untyped-call]
    slopes = [parameter.grad for parameter in model.parameters() if parameter.grad is not None]
    factor = max_norm / (float(nn.utils.get_total_norm(slopes)) + added)
    for slope in slopes:
        slope *= min(factor, 1.0)
    optimizer.step()
    return loss.item()


class Training:
    """The judge's own training of a model, beside one that clips by the formula alone.

    Torch adds 1e-6 to the norm that it divides by, and the formula adds nothing. What comes of that
    grows from step to step. Both are right, so that what is apart in the two is allowed.

    Args:
        reference: makes the model, each time with the same weights.
        learning_rate: of Adam.
        max_norm: of the gradient.
    """

    def __init__(
        self, reference: Callable[[], nn.Module], learning_rate: float, max_norm: float
    ) -> None:
        self.model, self._exact = reference(), reference()
        self._max_norm = max_norm
        self._rounding = 1e-4 * learning_rate  # Adam moves an entry by the learning rate at most
        self._adam, self._adam_of_exact = (
            torch.optim.Adam(one.parameters(), lr=learning_rate)
            for one in (self.model, self._exact)
        )

    def step(self, loss_of: Callable[[nn.Module], Tensor]) -> tuple[float, float]:
        """Take one step.

        Args:
            loss_of: the loss of a model.

        Returns:
            The loss before the step, and how far a right one may be from it.
        """
        loss = step_down(self.model, self._adam, loss_of(self.model), self._max_norm)
        exact = loss_of(self._exact)
        other = step_down(self._exact, self._adam_of_exact, exact, self._max_norm, added=0.0)
        return loss, 2.0 * abs(loss - other)

    def weights(self) -> dict[str, tuple[Tensor, float]]:
        """Each of the weights as it is now, and how far a right one may be from it.

        The norm may be clipped in float32.
        """
        others = self._exact.state_dict()
        return {
            name: (
                value.clone(),
                self._rounding + 2.0 * float((value - others[name]).abs().max()),
            )
            for name, value in self.model.state_dict().items()
        }


def size_for(norm: float, model: nn.Module, loss_of: Callable[[float], Tensor]) -> float:
    """The size of errors for which the gradient of a loss has about some norm.

    Whether a gradient is clipped where it has to be shows just above the limit and just below.

    Args:
        norm: which.
        model: the judge's own copy.
        loss_of: the loss, for the size of errors. Its gradient grows about as they do.
    """
    size = 1.0
    for _ in range(4):
        slopes = torch.autograd.grad(loss_of(size), [*model.parameters()])
        size *= norm / float(nn.utils.get_total_norm(slopes))
    return size


def mean_square(forecast: Tensor, target: Tensor) -> Tensor:
    """The mean squared error over what was measured; 0 if nothing was."""
    pairs = [
        (one, other)
        for one, other in zip(forecast.flatten(), target.flatten(), strict=True)
        if not math.isnan(other)
    ]
    total = sum(((one - other) ** 2 for one, other in pairs), forecast.sum() * 0.0)
    return total / max(len(pairs), 1)


def observe_added(to: str, got: object, want: Tensor) -> None:
    """Observe a small number that was added to each of several right ones: "1e-08".

    Only in float64, where it is far above a rounding. Nothing is observed where nothing was added,
    and then answers themselves are compared.

    Args:
        to: what it was added to.
        got: what a submission gave, or what follows from that.
        want: the right numbers, in float64; nan is left out.
    """
    if not isinstance(got, Tensor) or got.dtype != torch.float64 or got.shape != want.shape:
        return
    off = (got - want)[~want.isnan()]
    size = float(off.mean()) if off.numel() else 0.0
    if 1e-13 < size < 0.01 and float((off - size).abs().max()) < 0.02 * size:
        observe(f"added to {to}", f"{size:.0e}")


@dataclass(frozen=True)
class Contest:
    """A series that only the judge knows to its end, and the forecasts that are to be beaten.

    Args:
        split: the series, and where it is cut.
        real: whether it was measured, and not made.
    """

    split: Split
    real: bool

    @cached_property
    def train(self) -> Windows:
        """What a submission may see."""
        return self.split.train

    @cached_property
    def test(self) -> Windows:
        """What its forecasts are measured on."""
        return self.split.test

    @property
    def baselines(self) -> dict[str, Tensor]:
        """The forecasts (N, H) of the last value and of the last season."""
        past, horizon, season = self.test.past, self.split.horizon, self.split.season
        phases = [past.shape[1] - season + step % season for step in range(horizon)]
        return {
            "last value": past[:, -1:].repeat(1, horizon),
            "seasonal naive": past[:, phases],
        }

    def mase(self, forecast: Tensor) -> float:
        """The mean absolute error over the measured values, in units of MASE's scale."""
        return float((forecast - self.test.actual).abs().nanmean()) / self.split.scale

    def expect_better(self, answer: Tensor, name: str, margin: float) -> None:
        """Hold a model's scaled forecasts (N, H) against the best baseline, and record all.

        Args:
            answer: what the model says for `test.x`.
            name: of the model, for messages.
            margin: the share of the best baseline's error that passes; on real data, all of it.
        """
        expect(
            answer,
            self.test.actual.nan_to_num(),
            name=f"the forecasts of {name}",
            dtype=torch.float32,
            dims=("window", "step"),
            values=False,
        )
        margin = 1.0 if self.real else margin
        errors = {kind: self.mase(one) for kind, one in self.baselines.items()}
        best = min(errors, key=lambda kind: errors[kind])
        forecast = self.test.unscale(answer)
        error = self.mase(forecast)
        for kind, one in {name: error, **errors}.items():
            record(f"MASE of {kind}", one)
        record("most that passes", margin * errors[best])
        shown = {"measured": self.test.actual, name: forecast, **self.baselines}
        record_figure(
            f"The last of {self.split.horizon} steps, on the judge's series",
            {kind: _points(one[:SHOWN, -1].tolist()) for kind, one in shown.items()},
        )
        self._record_window(shown)
        expect_true(
            error <= margin * errors[best],
            f"The MASE of {name} is {error:.3f} after training. The best baseline, {best}, has "
            f"{errors[best]:.3f}, and at most {margin * errors[best]:.3f} passes.",
            expected=f"at most {margin * errors[best]:.3f}",
            got=f"{error:.3f}",
        )

    def _record_window(self, shown: Mapping[str, Tensor]) -> None:
        """One window of the test as a figure: its past up to step 0, and all that follows on it."""
        whole = (self.test.x[:, :, 1] == 1).all(dim=1) & ~self.test.actual.isnan().any(dim=1)
        window = int(whole.long().argmax())  # the first without a gap
        past = self.test.past[window].tolist()
        lines = {"past": list(enumerate(past, start=1 - len(past)))}
        for kind, forecasts in shown.items():
            lines[kind] = list(enumerate([past[-1], *forecasts[window].tolist()]))
        record_figure("One window: what it sees, and what follows", lines)


def contest_of(planted: Split, *, column: str = "T") -> Contest:
    """The contest on a planted series, or with `--data` on a measured one.

    Args:
        planted: the series that the judge made.
        column: of the air quality file, where that is given.
    """
    path = data_path()
    if path is None:
        return Contest(planted, real=False)
    return Contest(read_measured(path, column).split, real=True)


def _points(values: Iterable[float]) -> list[tuple[float, float]]:
    return [(float(step), value) for step, value in enumerate(values)]
