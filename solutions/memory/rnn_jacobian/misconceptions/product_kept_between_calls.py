"""Wrong on purpose: the running product starts where the last call left it."""

import torch

_products: dict[tuple[torch.Size, torch.dtype], torch.Tensor] = {}


def jacobian_norms(w_hh: torch.Tensor, hs: torch.Tensor) -> torch.Tensor:
    """Return norms (T,) of products that are never reset."""
    key = (w_hh.shape, w_hh.dtype)
    product = _products.get(key, torch.eye(len(w_hh), dtype=w_hh.dtype))
    norms = []
    for slope in (1 - hs[1:] ** 2).flip(0):
        product = product @ (slope[:, None] * w_hh)
        norms.append(torch.linalg.matrix_norm(product, ord=2))
    _products[key] = product.detach()
    return torch.stack(norms[::-1])
