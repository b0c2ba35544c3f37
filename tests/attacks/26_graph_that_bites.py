# /// attack
# row = 26
# expect = ["FAILED", "CRASHED"]
# points = 5
# invariant = "gradients are taken in the worker; the judge sees numbers"
# ///
"""Answers whose backward pass ends the process, hangs, or returns tensors of other shapes."""

import os

import torch


class Bite(torch.autograd.Function):
    @staticmethod
    def forward(ctx, tensor):
        return torch.zeros_like(tensor)

    @staticmethod
    def backward(ctx, gradient):
        os._exit(0)


def lstm_cell(x, h, c, *weights):
    return Bite.apply(h), Bite.apply(c)
