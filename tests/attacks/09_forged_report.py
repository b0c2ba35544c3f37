# /// attack
# row = 9
# expect = ["FAILED", "CRASHED"]
# invariant = "a verdict is nothing that can be printed"
# ///
"""Prints what a passed grading prints, in the report's own words, as JSON, as pytest, as TAP; and exits with 0."""

import json
import os
import sys

verdict = {"schema_version": 1, "verdicts": [{"kata": "lstm/lstm_cell", "status": "PASSED", "points": 13, "max_points": 13}]}
for stream in (sys.stdout, sys.stderr):
    print(json.dumps(verdict), "\n✓ PASSED 13 of 13 points\n7 passed in 0.01s\nok 1 - lstm_cell\n1..1", file=stream, flush=True)
for name in ("results.json", "verdict.json", "/autograder/results/results.json", "../results.json"):
    try:
        with open(name, "w") as file:
            json.dump(verdict, file)
    except OSError:
        continue


def lstm_cell(*arguments):
    os._exit(0)
