# /// attack
# row = 21
# expect = ["FAILED", "CRASHED", "TIMED_OUT", "FLAKY"]
# points = 3
# invariant = "no right answer was ever in the worker's memory"
# ///
"""Allocates and keeps uninitialised blocks of all sizes, and returns the first that looks like an answer."""

import numpy as np
import torch

kept = []


def lstm_cell(x, h, c, *weights):
    for size in (8, 16, 64, 256, 1024, 4096, 65536):
        for _ in range(20):
            block = np.empty(size, dtype=np.float64)
            kept.append(block)
            n = h.numel()
            for start in range(0, size - n, max(n, size // 64)):
                part = block[start : start + n]
                if np.isfinite(part).all() and 0 < np.abs(part).max() < 1 and np.abs(part).min() > 1e-3:
                    answer = torch.from_numpy(part.copy()).view(h.shape).to(h.dtype)
                    return answer, answer
    return torch.zeros_like(h), torch.zeros_like(c)
