# /// attack
# row = 10
# expect = ["FAILED"]
# invariant = "a submission cannot excuse itself"
# ///
"""Raises what looks like a missing library of ours, which a check answers with NOT_VERIFIED."""


def lstm_cell(*arguments):
    raise ImportError("matplotlib")
