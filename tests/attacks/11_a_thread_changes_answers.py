# /// attack
# row = 11
# expect = ["FAILED", "CRASHED", "FLAKY"]
# points = 3
# invariant = "an answer is what arrived, not what it becomes"
# ///
"""A thread goes on writing into the answers that were returned, with the numbers of later inputs."""

import threading

import torch

answers = []


def change():
    while True:
        for tensor in answers[-20:]:
            tensor.add_(1.0)


threading.Thread(target=change, daemon=True).start()


def lstm_cell(x, h, c, *weights):
    pair = torch.zeros_like(h), torch.zeros_like(c)
    answers.extend(pair)
    return pair
