"""The judge's own step of a training: as torch clips, and as the formula has it."""

import pytest
import torch
from torch import nn

from grader.checks.forecasts import Training, step_down


def stepped(norm: float, **options: float) -> torch.Tensor:
    """The weights of a model whose gradient has some norm, after a step of at most 0.5."""
    model = nn.Linear(2, 1, bias=False).double()
    nn.init.zeros_(model.weight)
    optimizer = torch.optim.SGD(model.parameters(), lr=1.0)
    way = torch.tensor([3.0, 4.0], dtype=torch.float64) * norm / 5
    assert step_down(model, optimizer, 1.0 - model(way).sum(), 0.5, **options) == 1.0
    return model.weight.detach()[0]


def test_a_long_gradient_is_clipped_as_torch_does_it() -> None:
    wanted = nn.Parameter(torch.zeros(2, dtype=torch.float64))
    wanted.grad = torch.tensor([1.2, 1.6], dtype=torch.float64)
    nn.utils.clip_grad_norm_([wanted], 0.5)
    assert stepped(2.0) == pytest.approx(wanted.grad, rel=1e-15)
    assert float(stepped(2.0).norm()) < 0.5 * (1 - 1e-7)


def test_the_formula_adds_nothing_to_the_norm() -> None:
    assert float(stepped(2.0, added=0.0).norm()) == pytest.approx(0.5, rel=1e-15)


@pytest.mark.parametrize("added", [0.0, 1e-6])
def test_a_short_gradient_stays(added: float) -> None:
    assert stepped(0.25, added=added).tolist() == pytest.approx([0.15, 0.2], rel=1e-15)


def model() -> nn.Module:
    made = nn.Linear(2, 1).double()
    for parameter in made.parameters():
        nn.init.constant_(parameter, 0.5)
    return made


def far_off(one: nn.Module) -> torch.Tensor:
    return (one(torch.tensor([1.0, 2.0], dtype=torch.float64)) - 90.0).square().sum()


def test_a_training_allows_for_whoever_clips_by_the_formula_alone() -> None:
    training = Training(model, 0.05, 0.1)
    own, by_formula = model(), model()
    optimizers = [torch.optim.Adam(one.parameters(), lr=0.05) for one in (own, by_formula)]
    for _ in range(4):
        loss, apart = training.step(far_off)
        assert step_down(own, optimizers[0], far_off(own), 0.1) == loss
        other = step_down(by_formula, optimizers[1], far_off(by_formula), 0.1, added=0.0)
        assert abs(other - loss) <= apart
        for name, (value, most) in training.weights().items():
            assert torch.equal(own.state_dict()[name], value)
            assert float((by_formula.state_dict()[name] - value).abs().max()) <= most
            assert 1e-4 * 0.05 <= most < 1e-4 * 0.05 + 1e-6
    assert apart > 0
