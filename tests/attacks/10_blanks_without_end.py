# /// attack
# row = 10
# expect = ["FAILED"]
# invariant = "a text costs the judge time that grows with its length alone"
# ///
"""Reports an exception whose text is a word, as many blanks as a message has room for, and a word."""

import sys

serve = sys.modules["grader.worker.serve"]
messages = sys.modules["grader.wire.messages"]


def raised(self, number, error):
    return messages.Raised(number, "exception", "ValueError", "a" + " " * 900_000 + "b")


serve.Server._raised = raised


def lstm_cell(x, h, c, *weights):
    raise ValueError
