"""The two forms of the GRU, spelled out for each sequence and unit."""

from collections.abc import Callable

import torch

_Recall = Callable[[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor, int], torch.Tensor]


def _step(
    x: torch.Tensor,
    h: torch.Tensor,
    w_ih: torch.Tensor,
    w_hh: torch.Tensor,
    b_ih: torch.Tensor,
    b_hh: torch.Tensor,
    recall: _Recall,
) -> torch.Tensor:
    """Return the new state (H,) of one sequence."""
    size = len(h)

    def gate(block: int, unit: int) -> torch.Tensor:
        row = block * size + unit
        return torch.sigmoid(w_ih[row].dot(x) + b_ih[row] + w_hh[row].dot(h) + b_hh[row])

    r = torch.stack([gate(0, unit) for unit in range(size)])
    new_h = []
    for unit in range(size):
        row, z = 2 * size + unit, gate(1, unit)
        n = torch.tanh(w_ih[row].dot(x) + b_ih[row] + recall(r, h, w_hh[row], b_hh[row], unit))
        new_h.append(h[unit] + (1 - z) * (n - h[unit]))
    return torch.stack(new_h)


def gru_reset_before(
    x: torch.Tensor,
    h: torch.Tensor,
    w_ih: torch.Tensor,
    w_hh: torch.Tensor,
    b_ih: torch.Tensor,
    b_hh: torch.Tensor,
) -> torch.Tensor:
    """Return the new state (N, H): each old unit is scaled by its own reset gate."""

    def recall(
        r: torch.Tensor, h_n: torch.Tensor, w: torch.Tensor, b: torch.Tensor, unit: int
    ) -> torch.Tensor:
        return (w * r * h_n).sum() + b

    pairs = zip(x, h, strict=True)
    return torch.stack([_step(x_n, h_n, w_ih, w_hh, b_ih, b_hh, recall) for x_n, h_n in pairs])


def gru_reset_after(
    x: torch.Tensor,
    h: torch.Tensor,
    w_ih: torch.Tensor,
    w_hh: torch.Tensor,
    b_ih: torch.Tensor,
    b_hh: torch.Tensor,
) -> torch.Tensor:
    """Return the new state (N, H): each sum is scaled by the reset gate of the unit it goes to."""

    def recall(
        r: torch.Tensor, h_n: torch.Tensor, w: torch.Tensor, b: torch.Tensor, unit: int
    ) -> torch.Tensor:
        return r[unit] * ((w * h_n).sum() + b)

    pairs = zip(x, h, strict=True)
    return torch.stack([_step(x_n, h_n, w_ih, w_hh, b_ih, b_hh, recall) for x_n, h_n in pairs])


def interchangeable(w_hh: torch.Tensor, b_hh: torch.Tensor) -> bool:
    """Return whether no unit listens to another, and none has a bias."""
    size = w_hh.shape[1]
    for i in range(size):
        if b_hh[2 * size + i] != 0:
            return False
        for j in range(size):
            if i != j and w_hh[2 * size + i, j] != 0:
                return False
    return True
