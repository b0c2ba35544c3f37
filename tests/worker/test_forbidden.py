"""Forbidden names in the source: found where they can run, free where they cannot."""

import functools

import pytest

from grader.course.catalog import built_in_course
from grader.wire import Forbidden
from grader.worker.forbidden import ForbiddenCall, _empty, find

GROUPS = built_in_course().groups
RECURRENT, TORCH = GROUPS["recurrent"], GROUPS["torch"]


def found(source: str, forbidden=RECURRENT) -> list[tuple[str, int]]:
    return [(name, frame.line) for name, frame in find(source.encode(), forbidden)]


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("import torch\ntorch.nn.LSTM(1, 2)", "torch.nn.LSTM"),
        ("from torch import nn\nnn.LSTMCell", "torch.nn.LSTMCell"),
        ("import torch.nn as n\nn.GRU(1, 2)", "torch.nn.GRU"),
        ("from torch.nn import LSTMCell as C\nC(1, 2)", "torch.nn.LSTMCell"),
        ("from torch.nn.modules.rnn import LSTM\nLSTM(1, 2)", "torch.nn.modules.rnn.LSTM"),
        ("import torch\ntorch.lstm_cell(1)", "torch.lstm_cell"),
        ("import torch\ntorch._VF.lstm(1)", "torch._VF.lstm"),
        ("import torch\ntorch.ops.aten.lstm.input(1)", "torch.ops.aten.lstm.input"),
        ("from torch import nn\nCell = nn.LSTMCell\nCell(1, 2)", "torch.nn.LSTMCell"),
        ("import torch\nn = torch.nn\nn.RNN(1, 2)", "torch.nn.RNN"),
        ("import torch\nnn = torch.nn\nm = nn\nm.RNN(1, 2)", "torch.nn.RNN"),
        ("from torch import nn\ngetattr(nn, 'LS' + 'TM')(1, 2)", "torch.nn.LSTM"),
        ("import importlib\nimportlib.import_module('torch').nn.LSTM", "torch.nn.LSTM"),
        ("from importlib import import_module\nimport_module('torch').nn.LSTM", "torch.nn.LSTM"),
        ("import importlib\nimportlib.import_module('torch.nn').LSTM", "torch.nn.LSTM"),
        ("__import__('torch').lstm(1)", "torch.lstm"),
        ("from torch import nn\nclass Mine(nn.LSTM): pass", "torch.nn.LSTM"),
        ("from torch import nn\n@nn.LSTM\ndef f(): pass", "torch.nn.LSTM"),
        ("from torch import nn\ndef f(cell=nn.LSTM): pass", "torch.nn.LSTM"),
        ("from torch import nn\nf = lambda: nn.LSTM", "torch.nn.LSTM"),
        ("from torch import nn\nisinstance(3, nn.LSTM)", "torch.nn.LSTM"),
        ("from torch import nn\nx: int = nn.LSTM", "torch.nn.LSTM"),
        ("from torch import nn\nif __name__ != '__main__':\n    nn.LSTM", "torch.nn.LSTM"),
        (
            "from torch import nn\nif __name__ == '__main__':\n    pass\nelse:\n    nn.LSTM",
            "torch.nn.LSTM",
        ),
    ],
)
def test_what_can_run_is_found(source: str, name: str) -> None:
    assert name in [hit for hit, _ in found(source)]


@pytest.mark.parametrize(
    "source",
    [
        "# torch.nn.LSTM(1, 2)",
        "'''torch.nn.LSTM'''",
        "x = 'torch.nn.LSTM'",
        "import torch\n# torch.lstm\ntorch.tanh(1)",
        "from torch import nn\ndef f(cell: nn.LSTM) -> nn.LSTM: pass",
        "from torch import nn\ncell: nn.LSTM",
        "from torch import nn\ncell: nn.LSTM = None",
        "from torch import nn\nif __name__ == '__main__':\n    nn.LSTM(1, 2)",
        "from torch import nn\nif '__main__' == __name__:\n    nn.LSTM(1, 2)",
        "from torch import nn\nnn.LSTMish(1, 2)",
        "def lstm_cell(x): return x\nlstm_cell(1)",
        "class nn: LSTM = 1\nnn.LSTM",
        "import torch\ntorch.nn.functional.linear",
        "from torch import nn\nnn.Linear, nn.Module, nn.Parameter",
        "",
    ],
)
def test_what_cannot_run_is_free(source: str) -> None:
    assert found(source) == []


def test_every_use_is_told_with_its_line() -> None:
    source = (
        "import torch\n\ndef step(x):\n    y = x + 1\n    return torch.lstm(y)\n\ntorch.gru(1)\n"
    )
    [(first, frame), (second, at_module)] = find(source.encode(), RECURRENT)
    assert (first, frame.line, frame.function) == ("torch.lstm", 5, "step")
    assert frame.source == "return torch.lstm(y)"
    assert (second, at_module.line, at_module.function) == ("torch.gru", 7, "<module>")


@pytest.mark.parametrize(
    ("source", "hits"),
    [
        ("import torch\nx = torch.tanh\n", [("torch.tanh", 2)]),
        ("import torch.nn.functional as F\nF.tanh(1)\n", [("torch.nn.functional.tanh", 2)]),
        ("import numpy as np\nnp.tanh(1)\n", []),
        ("import torchlight\ntorchlight.glow()\n", []),
    ],
)
def test_all_of_torch_may_be_forbidden(source: str, hits: list) -> None:
    assert found(source, TORCH) == hits


def test_single_names_may_be_forbidden_and_cover_what_is_below() -> None:
    forbidden = Forbidden(names=("torch.nn.functional", "numpy.errstate"))
    assert found("import torch\ntorch.nn.functional.tanh(1)", forbidden) == [
        ("torch.nn.functional.tanh", 2)
    ]
    assert found("from numpy import errstate as quiet\nquiet()", forbidden) == [
        ("numpy.errstate", 2)
    ]
    assert found("import torch\ntorch.nn.functionality", forbidden) == []


def test_source_that_does_not_parse_is_no_finding() -> None:
    with pytest.raises(SyntaxError):
        find(b"def (", RECURRENT)


def test_a_stopped_function_is_stopped_for_whoever_holds_it() -> None:
    factor = 2

    def within(x: int) -> int:
        return factor * x

    @functools.wraps(within)
    def around(x: int) -> int:
        return within(x)

    def stop() -> None:
        raise ForbiddenCall("around")

    held = [around, functools.partial(around, 2), {"table": around}["table"], within]
    _empty(around, stop)
    for one in held:
        with pytest.raises(ForbiddenCall, match="around"):
            one(x=3)
