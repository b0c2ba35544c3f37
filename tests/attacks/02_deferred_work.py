# /// attack
# row = 2
# expect = ["FAILED"]
# invariant = "work that is put off until somebody looks is never done by the judge"
# ///
"""Answers that promise to be computed when the grader looks: futures, generators, properties, __await__, __array__."""

import torch


class Later:
    def __init__(self, work):
        self.work = work

    def __getattr__(self, name):
        raise SystemExit(0)

    def __array__(self, *args, **kwargs):
        return self.work()

    def __iter__(self):
        yield self.work()


def lstm_cell(x, h, c, *weights):
    future = torch.futures.Future()
    return future, Later(lambda: h)
