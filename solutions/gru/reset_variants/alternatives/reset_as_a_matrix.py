"""The two forms of the GRU with the reset gate as a diagonal matrix R: W R h against R W h."""

import torch


def _parts(
    x: torch.Tensor, h: torch.Tensor, w_ih: torch.Tensor, b_ih: torch.Tensor
) -> tuple[torch.Tensor, ...]:
    """Return what x brings to r, z and n, (N, H, 1) each, and h as columns (N, H, 1)."""
    columns = (w_ih @ x.unsqueeze(2)) + b_ih.unsqueeze(1)
    size = h.shape[1]
    return (*columns.split(size, dim=1), h.unsqueeze(2))


def _gate(brought: torch.Tensor, w: torch.Tensor, b: torch.Tensor, h: torch.Tensor) -> torch.Tensor:
    """Return one gate (N, H, 1), through a tanh."""
    return 0.5 + 0.5 * torch.tanh(0.5 * (brought + w @ h + b.unsqueeze(1)))


def gru_reset_before(
    x: torch.Tensor,
    h: torch.Tensor,
    w_ih: torch.Tensor,
    w_hh: torch.Tensor,
    b_ih: torch.Tensor,
    b_hh: torch.Tensor,
) -> torch.Tensor:
    """Return the new state (N, H) of the form W R h."""
    w_r, w_z, w_n = w_hh.reshape(3, -1, h.shape[1])
    b_r, b_z, b_n = b_hh.reshape(3, -1)
    x_r, x_z, x_n, column = _parts(x, h, w_ih, b_ih)
    reset = torch.diag_embed(_gate(x_r, w_r, b_r, column).squeeze(2))
    z = _gate(x_z, w_z, b_z, column)
    n = torch.tanh(x_n + w_n @ reset @ column + b_n.unsqueeze(1))
    return (n + z * (column - n)).squeeze(2)


def gru_reset_after(
    x: torch.Tensor,
    h: torch.Tensor,
    w_ih: torch.Tensor,
    w_hh: torch.Tensor,
    b_ih: torch.Tensor,
    b_hh: torch.Tensor,
) -> torch.Tensor:
    """Return the new state (N, H) of the form R (W h + b)."""
    w_r, w_z, w_n = w_hh.reshape(3, -1, h.shape[1])
    b_r, b_z, b_n = b_hh.reshape(3, -1)
    x_r, x_z, x_n, column = _parts(x, h, w_ih, b_ih)
    reset = torch.diag_embed(_gate(x_r, w_r, b_r, column).squeeze(2))
    z = _gate(x_z, w_z, b_z, column)
    n = torch.tanh(x_n + reset @ (w_n @ column + b_n.unsqueeze(1)))
    return (n + z * (column - n)).squeeze(2)


def interchangeable(w_hh: torch.Tensor, b_hh: torch.Tensor) -> bool:
    """Return whether R W = W R for every diagonal R; one R with distinct entries decides it."""
    size = w_hh.shape[1]
    w_n, b_n = w_hh[-size:], b_hh[-size:]
    reset = torch.diag(torch.arange(1, size + 1, dtype=w_hh.dtype))
    return torch.equal(reset @ w_n, w_n @ reset) and not b_n.any().item()
