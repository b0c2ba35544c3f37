"""Weights of an LSTM that a learner returns: their form, and what the layer does with them.

w_ih (4H, I), w_hh (4H, H), b_ih (4H,), b_hh (4H,), in torch's order of blocks: i, f, g, o.
"""

from collections.abc import Mapping, Sequence
from itertools import zip_longest

import torch
from torch import Tensor

from grader.checks.compare import expect_true, items, kind_of
from grader.checks.hearing import observe
from grader.checks.strategies import DTYPES

Weights = tuple[Tensor, ...]


def expect_weights(
    answer: object,
    *,
    inputs: int,
    units: int = 1,
    more: Mapping[str, tuple[int | str, ...]] | None = None,
    dtypes: Sequence[torch.dtype] = DTYPES,
) -> tuple[Tensor, ...]:
    """Hold an answer to be the four weights of a layer, finite and of the right shapes.

    Args:
        answer: the learner's.
        inputs: I.
        units: H.
        more: shapes of the tensors that come after the weights; a letter stands for any size.
        dtypes: what each tensor may have.

    Returns:
        The weights, and what comes after them.
    """
    rows = 4 * units
    weights = {"w_ih": (rows, inputs), "w_hh": (rows, units), "b_ih": (rows,), "b_hh": (rows,)}
    shapes = {**weights, **(more or {})}
    shown = f"{len(answer)} parts" if isinstance(answer, tuple | list) else kind_of(answer)
    observe("the answer", shown)
    parts = items(answer, *shapes)
    for (name, shape), w in zip(shapes.items(), parts, strict=True):
        wrong = _flaw(name, w, shape, dtypes)
        expect_true(not wrong, wrong, at=name)
    return parts


def _sizes(found: Sequence[int], expected: tuple[int | str, ...]) -> str:
    """A shape in words, with the letters of the axes that may have any size."""
    letters = zip_longest(found, expected[: len(found)])
    axes = [letter if isinstance(letter, str) else str(size) for size, letter in letters]
    return f"({', '.join(axes)})"


def layer(weights: Weights) -> torch.nn.LSTM:
    """An `nn.LSTM` of one layer in float64 with these weights."""
    w_ih, w_hh, *_ = weights
    lstm = torch.nn.LSTM(w_ih.shape[1], w_hh.shape[1], dtype=torch.float64)
    lstm.load_state_dict(dict(zip(lstm.state_dict(), weights, strict=True)))
    return lstm


def gates(weights: Weights, xs: Tensor, hs: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Return i, f, g and o of one unit, (...) each, float64.

    Args:
        weights: the learner's, H = 1.
        xs: inputs, (..., I), float64.
        hs: the h before each, (..., 1), float64.
    """
    w_ih, w_hh, b_ih, b_hh = (w.double() for w in weights)
    i, f, g, o = (xs @ w_ih.mT + hs @ w_hh.mT + b_ih + b_hh).unbind(-1)
    return i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid()


def run(
    weights: Weights, xs: Tensor, h0: Tensor | None = None, c0: Tensor | None = None
) -> tuple[Tensor, Tensor, Tensor]:
    """Run an `nn.LSTM` of one unit; return f, c and h after each step, (T, N) each, float64.

    The module shows only its h. The gates follow from x and the h before, and c from the gates.

    Args:
        weights: the learner's, H = 1.
        xs: inputs, (T, N, I).
        h0: (N,); None for zeros.
        c0: (N,); None for zeros.
    """
    xs = xs.double()
    zeros = xs.new_zeros(xs.shape[1])
    before, c = (zeros if first is None else first.double() for first in (h0, c0))
    with torch.no_grad():
        hs, _ = layer(weights)(xs, (before[None, :, None], c[None, :, None]))
    i, kept, g, _ = gates(weights, xs, torch.cat((before[None, :, None], hs[:-1])))
    gated = zip(kept.T.tolist(), (i * g).T.tolist(), c.tolist(), strict=True)
    cs = [_held(*sequence) for sequence in gated]  # numbers: faster than tensors of a few entries
    return kept, torch.tensor(cs, dtype=torch.float64).T, hs.squeeze(-1)


def _held(keeps: list[float], writes: list[float], c: float) -> list[float]:
    """The cell state after each step, (T,), of one sequence."""
    return [c := keep * c + write for keep, write in zip(keeps, writes, strict=True)]


def _flaw(name: str, w: object, shape: tuple[int | str, ...], dtypes: Sequence[torch.dtype]) -> str:
    """What is wrong with one of the tensors, or an empty text."""
    if not isinstance(w, Tensor):
        observe(name, kind_of(w))
        return f"{name} is {kind_of(w)}, expected a tensor."
    number = "float" if w.dtype.is_floating_point else "integer"
    finite = "" if bool(w.isfinite().all()) else ", not finite"
    kind = number if w.dtype in dtypes or number == "integer" else str(w.dtype)
    observe(name, f"{kind} {_sizes(w.shape, shape)}{finite}")
    if w.dtype not in dtypes:
        return f"{name} has {w.dtype}, expected {' or '.join(map(str, dtypes))}."
    if len(w.shape) != len(shape) or not all(
        isinstance(axis, str) or axis == size for axis, size in zip(shape, w.shape, strict=True)
    ):
        wanted = str(shape).replace("'", "")
        return f"{name} has shape {tuple(w.shape)}, expected {wanted}."
    return f"{name} is not finite everywhere." if finite else ""
