"""Where an answer is cut from its graph, or its gradient overflows: by name, at its own line."""

import textwrap

import pytest
import torch

from grader.judge.conversation import Conversation
from grader.judge.explain import CAUSES
from grader.worker.cuts import first_cut, first_not_finite, own_backward
from grader.worker.watch import Place

ENDS = {
    "detach": "return y.detach()",
    "data": "return y.data",
    "tensor": "return torch.tensor(y)",
    "item": "return torch.tensor([v.item() for v in y])",
    "float": "return torch.tensor([float(v) for v in y])",
    "tolist": "return torch.tensor(y.tolist())",
    "no_grad": "with torch.no_grad(): return y * 2",
    "inference_mode": "with torch.inference_mode(): return y * 2",
}


pytestmark = pytest.mark.filterwarnings(
    "ignore:Converting a tensor", "ignore:To copy construct from a tensor"
)


def function(body: str):
    source = "def f(x):\n" + textwrap.indent(body, "    ")
    space = {"torch": torch}
    exec(compile(source, "own.py", "exec"), space)
    return space["f"]


def called(body: str):
    x = torch.ones(2, requires_grad=True)
    return line_of(*first_cut(torch, lambda: function(body)(x), "own.py"))


def overflow(body: str, *values: float):
    x = torch.tensor(values, requires_grad=True)
    found = first_not_finite(
        torch,
        lambda: function(body)(x),
        lambda answer: torch.autograd.grad(answer.sum(), [x], allow_unused=True),
        "own.py",
    )
    return line_of(*found)


def line_of(how: str, place: Place | None):
    return how, place and (place.line, place.function)


@pytest.mark.parametrize("how", ENDS)
def test_each_way_has_its_name_and_line(how: str) -> None:
    assert called(f"y = x * 3\n{ENDS[how]}") == (how, (3, "f"))


@pytest.mark.parametrize("how", ["detach", "no_grad", "data"])
def test_what_is_looked_at_by_the_way_is_no_cut(how: str) -> None:
    """A number that is printed and a copy that is dropped are not where the answer comes from."""
    looks = "shown = (x.detach().sum().item(), x.data + 1)\ny = x * 3\n"
    assert called(looks + ENDS[how]) == (how, (4, "f"))


def test_a_cut_is_followed_through_what_is_made_of_it() -> None:
    assert called("y = x.detach() * 3\nz = y.exp()\nreturn z[:1].clone()") == ("detach", (2, "f"))
    through_numpy = "y = x.detach()\nreturn torch.tensor(y.numpy().tolist())"
    assert called(through_numpy) == ("detach", (2, "f"))
    filled = "y = torch.zeros(2)\ny[0] = x[0].detach()\nreturn y + 1"
    assert called(filled) == ("detach", (3, "f"))


def test_a_part_that_is_cut_is_found() -> None:
    assert called("y = x * 3\nz = x.detach() * y\nreturn z + y") == ("detach", (3, "f"))
    assert called("y = x.detach()\nshown = y + 1\nreturn x * 2") == ("", None)


def test_a_gradient_is_no_part_of_a_tensor() -> None:
    """`.grad` is read like `.data`, and holds other values."""
    assert called("(x * 3).sum().backward()\nreturn x.grad * 2") == ("", None)


def test_an_answer_with_its_history_has_no_cut() -> None:
    assert called("if x.sum() > 0: return x * 2") == ("", None)


TWICE = """
class Twice(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        y = x.clone()
        return y * 2

    @staticmethod
    def backward(ctx, g):
        return None
"""


def test_a_backward_of_ones_own_needs_no_graph_in_its_forward() -> None:
    """Torch itself switches gradients off there."""
    assert called(f"{TWICE}\nreturn Twice.apply(x)") == ("", None)
    assert called(f"{TWICE}\nreturn Twice.apply(x.detach())") == ("detach", (13, "f"))


@pytest.mark.parametrize(
    ("ends", "told"),
    [
        ("return Twice.apply(x) * 3", ("backward", (11, "backward"))),
        ("return x * 3", ("", None)),
    ],
)
def test_a_backward_of_ones_own_returns_the_gradient(ends: str, told: object) -> None:
    x = torch.ones(2, requires_grad=True)
    found = own_backward(
        lambda: function(f"{TWICE}\n{ends}")(x),
        lambda answer: torch.autograd.grad(answer.sum(), [x], allow_unused=True),
        "own.py",
    )
    assert line_of(*found) == told


def test_a_judge_hears_of_it(kata, sandbox) -> None:
    source = b"import torch\n\ndef f(x):\n    return x.detach() * 2\n"
    conversation = Conversation(kata, source, sandbox, trusted=True)
    try:
        x = torch.ones(2)
        found = conversation["f"].vjp(x, cotangents=[x], wrt=[0])
    finally:
        exchange = conversation.log[-1]
        conversation.close()
    assert found.gradients == (None,)
    assert exchange.answer.cause == "detach"
    [frame] = exchange.answer.frames
    assert (frame.line, frame.source, frame.column) == (4, "return x.detach() * 2", 8)


@pytest.mark.parametrize(
    ("body", "value"),
    [
        ("y = x * 1\nz = 1 / (1 + torch.exp(-y))\nreturn z * 3", -1000.0),
        ("y = x * 1\nz = torch.where(y < 9, y.exp(), y)\nreturn z * 3", 1000.0),
        ("y = x * 1\nz = y.sqrt()\nreturn z * 3", 0.0),
        ("y = x * 1\nz = y.pow(0.5) + y.sin()\nreturn z * 3 + y", 0.0),
        ("y = x * 1\nz = y.var(correction=0).sqrt() / 2\nreturn z * 3 + y", 1.0),
        ("y = x * 1\ny[:1] = y[:1].sqrt()\nreturn y * 3", 0.0),
        ("y = x * 1\nz = sum(part / part.pow(2).sum().sqrt() for part in y)\nreturn z * 3", 0.0),
    ],
)
def test_the_derivative_that_is_not_finite_is_found(body: str, value: float) -> None:
    """Lines before it and behind it are finite themselves."""
    assert overflow(body, value, 1.0) == ("not_finite", (3, "f"))


def test_the_last_of_two_is_the_first_on_the_way_back() -> None:
    assert overflow("y = x.sqrt()\nreturn y.sqrt()", 0.0) == ("not_finite", (3, "f"))


def test_a_gradient_that_is_finite_or_none_has_no_such_line() -> None:
    assert overflow("return (x * 3).exp()", 1.0, -1000.0) == ("", None)
    assert overflow("return torch.ones(2, requires_grad=True)", 1.0) == ("", None)


def test_an_overflow_is_told_with_its_line(kata, grader) -> None:
    right = kata.solution.read_text(encoding="utf-8")
    own = right.replace("torch.sigmoid(o)", "1 / (1 + torch.exp(-o))")
    verdict = grader.attempt_source(kata, own.encode()).verdict()
    [failed] = [check for check in verdict.checks if check.location is not None]
    assert failed.name == "stays_finite_when_saturated"
    assert failed.message.endswith(CAUSES["not_finite"])
    place = failed.location
    assert place.source[place.column - 1 :].startswith("torch.exp(-o)")
