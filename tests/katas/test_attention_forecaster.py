"""`forecasting/attention_forecaster`: its worked example, and why positions are sines."""

import re

import pytest
import torch

KATA = "forecasting/attention_forecaster"


def numbers(readme: str, name: str) -> list[float]:
    """The numbers of a line of the worked example."""
    example = readme[readme.index("## A worked example") :]
    (line,) = re.findall(rf"^    {name}  +([-\d. ]+?)(?:  +[a-z].*)?$", example, re.MULTILINE)
    return [float(word) for word in line.split()]


def test_the_lag_of_the_worked_example(answer, readme: str) -> None:
    weights = torch.tensor([[numbers(readme, f"weights of j = {j}") for j in (0, 1)]]).double()
    lag, share = answer.attended_lag(weights)
    assert f"The lag is {lag}, with a share of 1.10 / 2 = {share:.2f}." in readme
    distances = [int(number) for number in numbers(readme, "distance")]
    sums = numbers(readme, "sum over j")
    for distance, written in zip(distances, sums, strict=True):
        total = sum(
            weights[0, j, 5 + j - distance].item() for j in (0, 1) if 0 <= 5 + j - distance < 5
        )
        assert total == pytest.approx(written), distance
    columns = weights[0].sum(0)
    assert (
        f"step {int(columns.argmax())} of the past\nhas the largest sum, {columns.max():.2f}"
        in readme
    )


def test_the_gap_of_the_worked_example(answer, readme: str) -> None:
    query, keys = torch.ones(1, 1), torch.tensor([[[2.0], [1.0], [5.0]]])
    values = torch.tensor([[[10.0], [20.0], [90.0]]])
    context, weights = answer.attend(query, keys, values, torch.tensor([[True, True, False]]))
    first, second, gap = weights[0].tolist()
    assert gap == 0
    written = rf"weights +{first:.4f}  {second:.4f}  0 +context +{context.item():.2f}\n"
    assert re.search(written, readme)
    context, _ = answer.attend(query, keys, values, torch.ones(1, 3, dtype=torch.bool))
    assert re.search(rf"without the mask +context +{context.item():.2f}\n", readme)


def test_one_matrix_moves_every_position_by_a_lag(answer) -> None:
    """What the task says of sines."""
    table = answer.positions(0, 60).double()
    moved = torch.linalg.pinv(table[15:40], rtol=1e-3) @ table[:25]
    torch.testing.assert_close(table[15:] @ moved, table[:45], rtol=0, atol=1e-4)
    torch.testing.assert_close(table[32:], table[:28], rtol=0, atol=1e-4)


def test_a_window_is_forecast_alone_as_in_its_batch(answer) -> None:
    torch.manual_seed(0)
    model, x = answer.AttentionForecaster(8).double(), torch.randn(3, 7, 2, dtype=torch.float64)
    x[:, :, 1] = 1.0
    x[0, 2] = 0.0
    with torch.no_grad():
        forecasts, weights = model(x, 4)
        alone, looks = model(x[:1], 4)
    torch.testing.assert_close(alone, forecasts[:1], rtol=0, atol=1e-12)
    torch.testing.assert_close(looks, weights[:1], rtol=0, atol=1e-12)
    assert not weights[0, :, 2].any()
    torch.testing.assert_close(weights.sum(2), torch.ones(3, 4).double(), rtol=0, atol=1e-12)
