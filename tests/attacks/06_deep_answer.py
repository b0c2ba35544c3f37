# /// attack
# row = 6
# expect = ["FAILED", "CRASHED", "TIMED_OUT", "OUT_OF_MEMORY"]
# invariant = "depth is bounded"
# ///
"""An answer nested a million deep, and one that contains itself."""


def lstm_cell(*arguments):
    deep = ()
    for _ in range(1_000_000):
        deep = (deep,)
    ring = []
    ring.append(ring)
    return [ring], deep
