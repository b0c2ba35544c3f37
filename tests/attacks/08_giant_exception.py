# /// attack
# row = 8
# expect = ["FAILED"]
# invariant = "an exception's text is cut"
# ///
"""An exception of 50 MB, whose str() prints, and whose cause is itself."""


class Loud(Exception):
    def __str__(self):
        print("loud " * 10_000)
        return "X" * 50_000_000


def lstm_cell(*arguments):
    error = Loud()
    error.__cause__ = error
    raise error
