# /// attack
# row = 5
# expect = ["TIMED_OUT"]
# invariant = "a hang at import ends the kata at once"
# ///
"""while True at import."""

while True:
    pass
