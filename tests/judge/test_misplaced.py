"""Where that was chosen which a right operation should not have been given."""

import pytest
import torch

from grader.judge.conversation import Exchange
from grader.judge.misplaced import chosen_wrongly
from grader.judge.suspect import Compared
from grader.wire.messages import Answer, Call, Step

SOURCE = "def f(x):\n    return x\n"
X = torch.linspace(0.1, 2.3, 12, dtype=torch.float64).reshape(2, 6)
W = torch.linspace(0.7, 0.9, 6, dtype=torch.float64)


def traced(*steps: tuple[str, tuple[int, ...], torch.Tensor]) -> Exchange:
    """A call that answers its last step; each stands in a line of its own."""
    told = [Step(n, "f", 1, 2, name, given) for n, (name, given, _) in enumerate(steps, 1)]
    values = tuple(value for _, _, value in steps)
    answer = Answer(1, values[-1], steps=tuple(told), step_values=values, ends=(len(steps) - 1,))
    return Exchange(Call(1, "f", None, (X, W)), "f", answer, None)


def line(theirs: Exchange, right: Exchange) -> int | None:
    found = chosen_wrongly(Compared(theirs, [right], SOURCE))
    return found.step.line if found else None


TANH = ("tanh", (-2,), W.tanh())


def row(n: int) -> tuple[str, tuple[int, ...], torch.Tensor]:
    return "__getitem__", (-1,), X[n]


def product(*given: int, of: torch.Tensor) -> tuple[str, tuple[int, ...], torch.Tensor]:
    return "mul", given, of


RIGHT = traced(TANH, row(0), product(1, 0, of=X[0] * W.tanh()))


def test_a_wrong_index_is_shown_where_it_stands() -> None:
    assert line(traced(TANH, row(1), product(1, 0, of=X[1] * W.tanh())), RIGHT) == 2


def test_what_only_moves_what_was_taken_belongs_to_it() -> None:
    taken, moved = row(1), ("reshape", (1,), X[1])
    assert line(traced(TANH, taken, moved, product(2, 0, of=X[1] * W.tanh())), RIGHT) == 3


def test_an_operation_of_its_own_is_to_blame() -> None:
    assert line(traced(TANH, row(0), ("add", (1, 0), X[0] + W.tanh())), RIGHT) is None


def test_who_uses_another_variable_is_to_blame_itself() -> None:
    sigmoid = ("sigmoid", (-2,), W.sigmoid())
    right = traced(TANH, sigmoid, product(0, 1, of=W.tanh() * W.sigmoid()))
    assert line(traced(TANH, sigmoid, product(0, 0, of=W.tanh() ** 2)), right) is None
    argument = traced(TANH, sigmoid, product(0, -2, of=W.tanh() * W))
    assert line(argument, right) is None, "an argument is handed in at that very place"


@pytest.mark.parametrize("picks", ["where", "masked_fill"])
def test_what_is_picked_is_followed_through_what_was_made_of_it(picks: str) -> None:
    """A state that is dropped shows in the next step, in a line that is right."""
    mask = torch.tensor([True, True, False, False, True, True])
    kept, dropped = torch.where(mask, W.tanh(), W), torch.where(mask, W.tanh(), 0.0)
    right, theirs = (
        traced(TANH, (picks, (0,), state), ("addcmul", (1, -2), after), ("add", (2, 0), end))
        for state in (kept, dropped)
        for after in (state * W + W,)
        for end in (after + W.tanh(),)
    )
    assert line(theirs, right) == 2


def test_where_two_things_differ_nobody_can_tell() -> None:
    theirs = traced(TANH, row(1), ("__getitem__", (-1,), X[1]), product(1, 2, of=X[1] * X[1]))
    right = traced(TANH, row(0), ("__getitem__", (-1,), X[0]), product(1, 2, of=X[0] * X[0]))
    assert line(theirs, right) is None


def test_a_single_operand_counts_where_it_comes_of_the_same_argument() -> None:
    right = traced(row(0), ("exp", (0,), X[0].exp()))
    assert line(traced(row(1), ("exp", (0,), X[1].exp())), right) == 1
    assert line(traced(("relu", (-2,), W), ("exp", (0,), W.exp())), right) is None


def test_a_long_way_back_ends() -> None:
    states, theirs = [W], [X[1]]
    for _ in range(3_000):
        states.append(states[-1] * 0.999 + 0.001)
        theirs.append(theirs[-1] * 0.999 + 0.001)
    each = [
        traced(row(n), *(("addcmul", (k, -2), value) for k, value in enumerate(values[1:])))
        for n, values in ((1, theirs), (0, states))
    ]
    assert line(*each) in (None, 1)
