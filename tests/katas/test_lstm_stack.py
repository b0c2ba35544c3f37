"""`lstm/lstm_stack`: its worked example, and torch's layers."""

import re

import pytest
import torch

KATA = "lstm/lstm_stack"


def test_the_worked_example(answer, readme: str) -> None:
    layer = answer.LSTM(1, 1, num_layers=2, bidirectional=True).double()
    with torch.no_grad():
        for name, parameter in layer.named_parameters():
            parameter.zero_()
            if name.startswith("weight_ih"):
                parameter[2] = 1.0
    one = answer.LSTM(1, 1, bidirectional=True).double()
    one.load_state_dict({name: layer.state_dict()[name] for name in one.state_dict()})
    x = torch.tensor([2.0, 0.0, -1.0], dtype=torch.float64).view(3, 1, 1)
    rows = re.findall(
        r"^    (?:forward h|reverse r|input h \+ r) ([-\d. ]+\d)", readme, re.MULTILINE
    )
    told = [[float(number) for number in row.split()] for row in rows]
    below, _ = one(x)
    out, (h, _) = layer(x)
    found = [*below[:, 0].T.tolist(), below.sum(2).flatten().tolist(), *out[:, 0].T.tolist()]
    assert len(told) == len(found) == 5
    for row, values in zip(told, found, strict=True):
        assert row == pytest.approx(values, abs=5e-5)
    final = re.search(r"final h = \((.*)\)", readme)
    assert final is not None
    assert h.flatten().tolist() == pytest.approx([float(v) for v in final[1].split(",")], abs=5e-5)


@pytest.mark.parametrize("bias", [True, False])
def test_it_equals_torch_in_a_deep_stack(answer, bias: bool) -> None:
    torch.manual_seed(0)
    options = {"num_layers": 4, "bidirectional": True, "batch_first": True, "bias": bias}
    theirs = torch.nn.LSTM(3, 5, **options).double()
    ours = answer.LSTM(3, 5, **options).double()
    ours.load_state_dict(theirs.state_dict())
    x = torch.randn(2, 60, 3, dtype=torch.float64)
    state = (torch.randn(8, 2, 5).double(), torch.randn(8, 2, 5).double())
    out, last = ours(x, state)
    want, want_last = theirs(x, state)
    torch.testing.assert_close((out, *last), (want, *want_last), rtol=0, atol=1e-12)
