# /// attack
# row = 3
# expect = ["FAILED", "CRASHED"]
# invariant = "an exit code is no answer"
# ///
"""sys.exit(0) while it is imported."""

import sys

sys.exit(0)
