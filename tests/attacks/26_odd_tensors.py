# /// attack
# row = 26
# expect = ["FAILED"]
# invariant = "a tensor that is not plain numbers is an object, and no answer"
# ///
"""Meta, sparse, quantised, nested, mkldnn, float8, conjugated, negated, bit and zero-size tensors, one after the other."""

import torch

calls = 0


def kinds(like):
    yield lambda: like.to("meta")
    yield lambda: like.to_sparse()
    yield lambda: like.to_sparse_csr()
    yield lambda: torch.quantize_per_tensor(like.float(), 0.1, 0, torch.qint8)
    yield lambda: torch.nested.nested_tensor([like, like])
    yield lambda: like.float().to_mkldnn()
    yield lambda: like.to(torch.float8_e4m3fn)
    yield lambda: torch.complex(like, like).conj()
    yield lambda: torch._neg_view(like)
    yield lambda: like[:0]
    yield lambda: like.expand(2, 2, 2, 2, 2, 2, 2, 2, *like.shape)
    yield lambda: torch.empty(like.shape, dtype=torch.bits8)
    yield lambda: torch.nn.Parameter(like)
    yield lambda: torch.nn.parameter.UninitializedParameter()
    yield lambda: torch._functorch.pyfunctorch and torch.func.vmap(lambda t: t)(like)


def lstm_cell(x, h, c, *weights):
    global calls
    made = list(kinds(h.detach()))
    calls += 1
    return made[calls % len(made)](), made[(calls + 1) % len(made)]()
