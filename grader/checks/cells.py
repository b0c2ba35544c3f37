"""What the katas of one recurrent step share: shapes, and the size of what a gate sums."""

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st
from torch import Tensor

from grader.checks.operations import Case, Operation
from grader.checks.strategies import Strategy


def cell(
    name: str, *, states: tuple[str, ...], blocks: int, reference: Callable[..., Any]
) -> Operation:
    """The operation of one recurrent step with torch's layout of weights.

    Args:
        name: the submission's function.
        states: names of the states, each (N, H).
        blocks: how many blocks of H rows a weight has.
        reference: torch's own, of x, the states and the four weights.
    """
    rows = f"{blocks}H" if blocks > 1 else "H"

    def terms(x: Tensor, h: Tensor, *rest: Tensor) -> float:
        *more, w_ih, w_hh, b_ih, b_hh = rest
        carried = float((more[0] if more else h).max()) if blocks > 1 else 0.0
        return 1.0 + float((x @ w_ih.T + b_ih + h @ w_hh.T + b_hh).max()) + carried

    return Operation(
        name,
        takes={
            "x": ("N", "I"),
            **{state: ("N", "H") for state in states},
            "w_ih": (rows, "I"),
            "w_hh": (rows, "H"),
            "b_ih": (rows,),
            "b_hh": (rows,),
        },
        gives={state: ("N", "H") for state in states},
        reference=reference,
        terms=terms,
        scales={"w_ih": 0.5, "w_hh": 0.5},  # few units saturate and hide a mistake
    )


def with_block(
    case: Case, blocks: int, block: int, value: float | Tensor, *, biases: tuple[str, ...] = ()
) -> Case:
    """The same case with one block of *both* biases set to a value.

    Args:
        case: a cell's.
        blocks: how many blocks of H entries a bias has.
        block: which.
        value: a number, or (H,).
        biases: names of the biases, where they are not torch's two.
    """
    changed = {}
    for name in biases or ("b_ih", "b_hh"):
        bias = case.arguments[name].clone()
        bias.view(blocks, -1)[block] = value
        changed[name] = bias
    return case.put(**changed)


def saturated(
    step: Operation, blocks: int, size: float, *, biases: tuple[str, ...] = ()
) -> Strategy:
    """Cases in which the biases carry one block far into its flat ends.

    Args:
        step: the cell.
        blocks: how many blocks of H entries a bias has.
        size: what each of the biases is there, up to its sign.
        biases: names of the biases, where they are not torch's two.
    """

    @st.composite
    def drawn(draw: st.DrawFn) -> Case:
        case = draw(step.cases())
        block = draw(st.integers(0, blocks - 1))
        first = case.arguments[(biases or ("b_ih",))[0]]
        sign = first.view(blocks, -1)[block].sign()
        return with_block(case, blocks, block, size * sign, biases=biases)

    return drawn()
