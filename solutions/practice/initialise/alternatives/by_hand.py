"""Xavier from uniform numbers, orthogonal matrices from a QR decomposition, no nn.init."""

import math

import torch


def orthogonal(size: int, dtype: torch.dtype) -> torch.Tensor:
    """Return a random orthogonal matrix, (size, size), all of which are equally likely."""
    q, r = torch.linalg.qr(torch.randn(size, size, dtype=torch.float64))
    return (q * r.diagonal().sign()).to(dtype)


def xavier(rows: int, columns: int, dtype: torch.dtype) -> torch.Tensor:
    """Return a matrix from U(-a, a), (rows, columns)."""
    bound = math.sqrt(6 / (rows + columns))
    return (2 * torch.rand(rows, columns, dtype=dtype) - 1) * bound


def initialise(state_dict: dict[str, torch.Tensor], forget_bias: float) -> dict[str, torch.Tensor]:
    """Return new tensors, each put together from four blocks."""
    makers = {
        "weight_ih": lambda rows, old: xavier(rows, old.shape[1], old.dtype),
        "weight_hh": lambda rows, old: orthogonal(rows, old.dtype),
        "bias_ih": lambda rows, old: torch.zeros(rows, dtype=old.dtype),
        "bias_hh": lambda rows, old: torch.zeros(rows, dtype=old.dtype),
    }
    result = {}
    for name, old in state_dict.items():
        kind = name.partition("_l")[0]
        parts = [makers[kind](old.shape[0] // 4, old) for _ in range(4)]
        if kind == "bias_hh":
            parts[1] = parts[1] + forget_bias
        result[name] = torch.cat(parts)
    return result
