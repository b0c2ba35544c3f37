"""Tensor Katas: a kata framework for deep learning whose verdicts can be trusted.

The worker calculates, the judge judges: a submission runs in a sandboxed process that knows no
expected value, and this package asks it questions, compares the answers with its own reference and
writes the verdict.
"""

__version__ = "0.1.0"
