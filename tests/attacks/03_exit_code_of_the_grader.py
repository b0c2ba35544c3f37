# /// attack
# row = 3
# expect = ["CRASHED"]
# invariant = "no exit code of the submission's is taken for an error of ours"
# ///
"""Ends with each exit code that the worker itself uses to report, 86 ("could not isolate") first, with its words."""

import os

print("could not isolate: OSError: no more namespaces", flush=True)
os._exit(86)
