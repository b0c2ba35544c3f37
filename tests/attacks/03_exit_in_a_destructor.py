# /// attack
# row = 3
# expect = ["FAILED", "CRASHED"]
# invariant = "__del__ runs in the worker, when it likes"
# ///
"""SystemExit and os._exit(0) from __del__, while the answer is being packed."""

import os


class Bomb:
    def __del__(self):
        os._exit(0)


def lstm_cell(*arguments):
    def late():
        yield Bomb()

    next(late())
    raise SystemExit(0)
