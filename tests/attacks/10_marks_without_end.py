# /// attack
# row = 10
# expect = ["FAILED"]
# never = ["::a"]
# invariant = "marks of a command are looked for in a time that grows with the text alone"
# ///
"""Reports an exception whose name begins a command to a CI runner again and again, and ends none."""

import sys

serve = sys.modules["grader.worker.serve"]
messages = sys.modules["grader.wire.messages"]


def raised(self, number, error):
    return messages.Raised(number, "exception", "::a " * 100_000 + "a" * 500_000, "why")


serve.Server._raised = raised


def lstm_cell(x, h, c, *weights):
    raise ValueError
