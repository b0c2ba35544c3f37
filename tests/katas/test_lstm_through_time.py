"""`lstm/lstm_through_time`: its worked example, torch's layer, and what one may rely on."""

import re

import pytest
import torch

KATA = "lstm/lstm_through_time"


def halves(layer: torch.nn.Module) -> torch.nn.Module:
    """The layer of the worked examples: gates of 1/2, and a candidate that sees the input."""
    with torch.no_grad():
        for name, parameter in layer.named_parameters():
            parameter.zero_()
            if name.startswith("weight_ih"):
                parameter[2] = 1.0
    return layer


def row(readme: str, name: str) -> list[float]:
    """The first row of that name in the task's tables."""
    found = re.search(rf"^    {re.escape(name)}  +([-\d. ]+?)$", readme, re.MULTILINE)
    assert found is not None, name
    return [float(number) for number in found[1].split()]


def test_the_worked_example(answer, readme: str) -> None:
    x = torch.tensor([2.0, 0.0, -1.0], dtype=torch.float64).view(3, 1, 1)
    layer = halves(answer.LSTM(1, 1)).double()
    out, (h, c) = layer(x)
    assert out.flatten().tolist() == pytest.approx(row(readme, "h = out"), abs=5e-5)
    cell = halves(answer.LSTMCell(1, 1)).double()
    state, cs = None, []
    for step in x:
        state = cell(step, state)
        cs.append(state[1].item())
    assert cs == pytest.approx(row(readme, "c"), abs=5e-5)
    assert (h.shape, c.item()) == ((1, 1, 1), pytest.approx(cs[-1]))
    _, carried = layer(x[:2])
    second = readme.partition("t = 2, state passed on")[2]
    for column, start in enumerate((carried, None)):
        out, (_, c) = layer(x[2:], start)
        assert out.item() == pytest.approx(row(second, "h = out")[column], abs=5e-5)
        assert c.item() == pytest.approx(row(second, "c")[column], abs=5e-5)


@pytest.mark.parametrize("batch_first", [False, True])
def test_it_equals_torch_over_a_long_sequence(answer, batch_first: bool) -> None:
    """A thousand steps, a state far from zero, and the same state dict."""
    torch.manual_seed(0)
    theirs = torch.nn.LSTM(3, 5, batch_first=batch_first).double()
    ours = answer.LSTM(3, 5, batch_first=batch_first).double()
    ours.load_state_dict(theirs.state_dict())
    x = torch.randn(*((2, 1000) if batch_first else (1000, 2)), 3, dtype=torch.float64)
    state = (torch.randn(1, 2, 5).double(), 50 * torch.randn(1, 2, 5).double())
    out, last = ours(x, state)
    want, want_last = theirs(x, state)
    torch.testing.assert_close((out, *last), (want, *want_last), rtol=0, atol=1e-12)
