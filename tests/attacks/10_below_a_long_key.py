# /// attack
# row = 10
# expect = ["FAILED"]
# invariant = "what lies below a long key costs no copy of the key"
# ///
"""Answers with one key of half a megabyte above thousands of objects, and above thousands of tensors."""

import sys

import torch

serve = sys.modules["grader.worker.serve"]
messages = sys.modules["grader.wire.messages"]
calls = 0


def call(self, request):
    global calls
    calls += 1
    if calls % 2:
        below = [messages.HandleRef(number, "") for number in range(30_000)]
    else:
        below = [torch.zeros(1)] * 15_000
    return messages.Answer(request.number, {"k" * 500_000: below}, inputs={"k" * 100_000: below[:5_000]})


serve.Server._call = call


def lstm_cell(x, h, c, *weights):
    return h, c
