"""`forecasting/encoder_decoder`: its worked example, and a forecast that forces itself."""

import re

import pytest
import torch

KATA = "forecasting/encoder_decoder"


def numbers(readme: str, name: str) -> list[float]:
    """The numbers of a line of the worked example."""
    example = readme[readme.index("## A worked example") :]
    (line,) = re.findall(rf"^    {name}  +([-\d. ]+?)(?:  +[a-z].*)?$", example, re.MULTILINE)
    return [float(word) for word in line.split()]


def test_the_worked_example(answer, readme: str) -> None:
    forecast = torch.tensor([[2.0, 4.0, 6.0]])
    target = torch.tensor([[3.0, float("nan"), 5.0]])
    loss = answer.masked_loss(forecast, target).item()
    assert f"((2 - 3)² + (6 - 5)²) / 2 = {loss:.2f}" in readme
    zero = (forecast - target.nan_to_num()).square().mean().item()
    counted = (forecast - target).square().nansum().item() / 3
    assert re.search(rf"nan taken for 0 +{zero:.2f} +nan .* in the mean +{counted:.2f}\n", readme)


def test_what_is_fed(answer, readme: str) -> None:
    """A model of the example's forecasts says what it was fed with."""

    class Told(answer.EncoderDecoder):
        def step(self, value, state):
            fed.append(value.item())
            return torch.full_like(value, 2.0 * len(fed)), state

    model, x = Told(2), torch.tensor([[[5.0, 1.0], [1.0, 1.0]]])
    for name, targets in (
        ("fed, without targets", None),
        ("fed, with targets", torch.tensor([[3.0, float("nan"), 5.0]])),
    ):
        fed: list[float] = []
        assert model(x, 3, targets).tolist() == [[2.0, 4.0, 6.0]]
        assert fed == numbers(readme, name)


def test_exposure_bias_in_numbers(readme: str) -> None:
    forced = [10 * 1.1] * 4
    alone = [10 * 1.1**step for step in range(1, 5)]
    for name, values in (("forced", forced), ("alone", alone)):
        loss = sum((value - 10) ** 2 for value in values) / 4
        assert numbers(readme, name) == pytest.approx([*values, loss], abs=0.006), name


def test_forcing_with_its_own_forecasts_changes_nothing(answer) -> None:
    torch.manual_seed(0)
    model, x = answer.EncoderDecoder(8).double(), torch.randn(3, 7, 2, dtype=torch.float64)
    with torch.no_grad():
        alone = model(x, 6)
        torch.testing.assert_close(model(x, 6, alone), alone, rtol=0, atol=1e-12)
        torch.testing.assert_close(model(x, 4), alone[:, :4], rtol=0, atol=1e-12)
        torch.testing.assert_close(model(x[1:2], 6), alone[1:2], rtol=0, atol=1e-12)
