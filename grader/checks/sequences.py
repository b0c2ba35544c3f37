"""What katas of one whole LSTM or RNN layer share: the weights' shapes, and torch's own run."""

import torch
from torch import Tensor

from grader.checks.operations import Case, Shape


def layer_weights(blocks: int) -> dict[str, Shape]:
    """Shapes of one layer's weights, by torch's names and in its order.

    Args:
        blocks: how many blocks of H rows a weight has.
    """
    rows = f"{blocks}H" if blocks > 1 else "H"
    return {
        "weight_ih_l0": (rows, "I"),
        "weight_hh_l0": (rows, "H"),
        "bias_ih_l0": (rows,),
        "bias_hh_l0": (rows,),
    }


def run_lstm(x: Tensor, h: Tensor, c: Tensor, *weights: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Run torch's LSTM over batch-first sequences.

    Args:
        x: (N, T, I).
        h: the first hidden state, (N, H).
        c: the first cell state, (N, H).
        weights: w_ih (4H, I), w_hh (4H, H), b_ih (4H,), b_hh (4H,).

    Returns:
        The hidden states (N, T, H), the last hidden state and the last cell state, (N, H) each.
    """
    hs, h_last, c_last = torch.lstm(
        x, (h[None], c[None]), weights, True, 1, 0.0, False, False, True
    )
    return hs, h_last[0], c_last[0]


def saturated(case: Case) -> Case:
    """A case of `layer_weights` whose biases of ±1,000 drive every block to one of its ends."""
    bias = case.weights["bias_ih_l0"]
    return case.put(weights=case.weights | {"bias_ih_l0": 1000.0 * bias.sign()})


def loud(case: Case) -> Case:
    """A case whose loss, and so every gradient, is ten thousand times larger."""
    return case.put(v=1e4 * case.v)


def counting(case: Case) -> Case:
    """A case of an LSTM whose cell states count up by one at each step, then down again.

    All cells begin and end near 0, and are as large as T / 2 in between. The gates stay open, and
    h is not read.
    """
    x = torch.ones_like(case.x)
    x[:, x.shape[1] // 2 :] *= -1.0
    weights = {name: torch.zeros_like(weight) for name, weight in case.weights.items()}
    candidate = weights["weight_ih_l0"].chunk(4)[2]
    candidate += 20.0 / candidate.shape[1]
    weights["bias_ih_l0"] += torch.tensor([40.0, 40.0, 0.0, 0.5]).repeat_interleave(len(candidate))
    return case.put(x=x, weights=weights)
