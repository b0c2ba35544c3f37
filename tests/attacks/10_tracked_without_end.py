# /// attack
# row = 10
# expect = ["FAILED"]
# invariant = "two long lists in one answer are not held against each other, one by one"
# ///
"""Answers with thousands of tensors, and hundreds of thousands of places that require gradients."""

import sys

import torch

serve = sys.modules["grader.worker.serve"]
messages = sys.modules["grader.wire.messages"]


def call(self, request):
    many = [torch.zeros(0)] * 15_000
    return messages.Answer(request.number, None, inputs=many, tracked=(127,) * 500_000)


serve.Server._call = call


def lstm_cell(x, h, c, *weights):
    return h, c
