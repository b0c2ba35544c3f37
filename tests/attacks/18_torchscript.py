# /// attack
# row = 18
# expect = ["FORBIDDEN", "FAILED"]
# invariant = "a compiled graph meets the same kernels"
# ///
"""TorchScript compiled from a text, and saved to bytes and loaded again."""

import io

import torch

TEXT = """
def step(x: Tensor, h: Tensor, c: Tensor, a: Tensor, b: Tensor, d: Tensor, e: Tensor) -> Tuple[Tensor, Tensor]:
    return torch.lstm_cell(x, [h, c], a, b, d, e)
"""
unit = torch.jit.CompilationUnit(TEXT)


def lstm_cell(*arguments):
    return unit.step(*arguments)
