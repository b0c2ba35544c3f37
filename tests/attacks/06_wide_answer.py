# /// attack
# row = 6
# expect = ["FAILED", "TIMED_OUT", "OUT_OF_MEMORY"]
# invariant = "the number of values in an answer is bounded"
# ///
"""Five million small values, a dictionary of as many keys, a text of 100 MB, an integer of a million digits."""


def lstm_cell(*arguments):
    return [0] * 5_000_000, {n: None for n in range(500_000)}, "x" * 100_000_000, 7**1_000_000
