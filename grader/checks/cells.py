"""What the katas of one recurrent step share: shapes, and the size of what a gate sums."""

from collections.abc import Callable
from typing import Any

import torch
from hypothesis import strategies as st
from torch import Tensor

from grader.checks.operations import Case, Operation
from grader.checks.strategies import UNEQUAL, Strategy

WIDE = tuple(pair for pair in UNEQUAL if pair[1] > 1)
"""Sizes of I and H with more than one unit."""


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
        dims=("batch", "unit"),
    )


def with_block(
    case: Case,
    blocks: int,
    block: int,
    value: float | Tensor,
    *,
    biases: tuple[str, ...] = ("b_ih", "b_hh"),
) -> Case:
    """The same case with one block of every bias set to a value.

    Args:
        case: a cell's.
        blocks: how many blocks of H entries a bias has.
        block: which.
        value: a number, or (H,).
        biases: names of the biases.
    """
    changed = {}
    for name in biases:
        bias = case.arguments[name].clone()
        bias.view(blocks, -1)[block] = value
        changed[name] = bias
    return case.put(**changed)


CANDIDATE = 2
"""The block of the candidate, in an LSTM and in a GRU."""


def saturated(
    step: Operation,
    blocks: int,
    size: float,
    *,
    biases: tuple[str, ...] = ("b_ih", "b_hh"),
    still: tuple[str, ...] = (),
) -> Strategy:
    """Cases that carry each block far into both of its flat ends, in float64 and in float32.

    In a last one all blocks are carried there at once, by biases that have opposite signs.

    Args:
        step: the cell.
        blocks: how many blocks of H entries a bias has.
        size: what each of the biases is there, up to its sign.
        biases: names of the biases.
        still: what is 0 in further cases, so that pre-activations are exactly 0: all of them, and
            all but the candidate's. What is made of |a| has no slope there.
    """
    shares = (1.5, -0.5) if len(biases) == 2 else (1.0,)

    @st.composite
    def drawn(draw: st.DrawFn) -> tuple[Case, ...]:
        sizes = dict(zip("IH", draw(st.sampled_from(WIDE)), strict=True))
        case = draw(step.cases(torch.float64, **sizes))
        rows = len(case.arguments[biases[0]])
        ends = torch.tensor([-size, size]).repeat(rows)[:rows].view(blocks, -1)  # both in a block
        ends[draw(st.integers(0, blocks - 1))] *= -1  # blocks are not always at the same end
        found = [with_block(case, blocks, k, ends[k], biases=biases) for k in range(blocks)]
        every = ends.flatten().double()
        found.append(
            case.put(**{n: share * every for n, share in zip(biases, shares, strict=True)})
        )
        found += [one.to(torch.float32) for one in found]
        if still:
            found.append(case.put(**{name: 0 * case.arguments[name] for name in still}))
        if still and blocks > 1:
            found.append(with_block(found[-1], blocks, CANDIDATE, 0.7, biases=biases))
        return tuple(found)

    return drawn()


def first_steps(step: Operation, *states: str) -> Strategy:
    """Cases in float64, half of them first steps: their states are zeros.

    An initial state that is learned often starts there, and needs its gradient all the same.

    Args:
        step: the cell.
        states: names of the states.
    """

    def begun(case: Case, first: bool) -> Case:
        return case.put(**{name: 0 * case.arguments[name] for name in states}) if first else case

    return st.builds(begun, step.cases(torch.float64), st.booleans())


LARGE_BIAS = 18.0
"""Two of them and a sum are less than 44, beyond which exp(2a) is infinite in float32."""


def widened(cases: Strategy, *states: str, weights: tuple[str, ...] = ("w_hh",)) -> Strategy:
    """The cases, a part of them with large states, sums or inputs, or with states of zeros.

    Args:
        cases: draws cases of a cell, or tuples of cases.
        states: names of the states.
        weights: names of the weights of states.
    """

    def scales(case: Case, kind: str) -> dict[str, float]:
        """What each argument is multiplied with."""
        biases = {name: 12.0 for name in case.arrays if name.startswith("b")}
        return {
            "as drawn": {},
            "large states": _traded(states, weights, 100.0),
            "very large states": _traded(states, weights, 1e5),
            "large sums": biases,
            "large states and sums": _traded(states, weights, 100.0) | biases,
            "large inputs": _traded(("x",), ("w_ih",), 100.0),
            "very large inputs": _traded(("x",), ("w_ih",), 1e4),
            "states of zeros": dict.fromkeys(states, 0.0),
        }[kind]

    def change(case: Case, kind: str) -> Case:
        larger = {name: by * case.arguments[name] for name, by in scales(case, kind).items()}
        for name in larger:
            if name.startswith("b"):  # where exponentials overflow is another check's question
                larger[name] = larger[name].clamp(-LARGE_BIAS, LARGE_BIAS)
        return case.put(**larger)

    def changed(drawn: Any, kind: str) -> Any:
        if isinstance(drawn, tuple):
            return tuple(change(case, kind) for case in drawn)
        return change(drawn, kind)

    large = ("large states", "very large states", "large sums", "large states and sums")
    inputs = ("large inputs", "very large inputs")
    kinds = st.sampled_from([*["as drawn", "states of zeros"] * 2, *large, *inputs])
    return st.builds(changed, cases, kinds)


def _traded(values: tuple[str, ...], weights: tuple[str, ...], factor: float) -> dict[str, float]:
    """Values that are larger, and weights that are smaller: the sums stay as drawn."""
    return dict.fromkeys(values, factor) | dict.fromkeys(weights, 1 / factor)
