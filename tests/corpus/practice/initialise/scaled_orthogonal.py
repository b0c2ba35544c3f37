# status: FAILED
# fails: recurrent_blocks_are_orthogonal
# told: recurrent_blocks_scaled_otherwise
# says: of weight_hh_l0 has wrong values
import math
import torch
from torch import nn
def initialise(state_dict, forget_bias):
    out = {}
    for k, v in state_dict.items():
        h = v.shape[0] // 4
        t = torch.empty_like(v)
        if "weight_ih" in k:
            for b in range(4):
                a = math.sqrt(6 / (v.shape[1] + h))
                t[b*h:(b+1)*h] = (torch.rand(h, v.shape[1], dtype=v.dtype) * 2 - 1) * a
        elif "weight_hh" in k:
            for b in range(4):
                q, r = torch.linalg.qr(torch.randn(h, h, dtype=v.dtype))
                t[b*h:(b+1)*h] = q * torch.sign(torch.diagonal(r)) * 0.9
        else:
            t.zero_()
            t[h:2*h] = forget_bias / 2
        out[k] = t
    return out
