# /// attack
# row = 37
# kind = "build"
# expect = ["TIMED_OUT", "FAILED"]
# invariant = "the cells of a notebook share one time for importing"
# ///
"""A thousand cells that each sleep, and fail."""

import json


def build(folder, secrets):
    path = folder / "lstm_cell.ipynb"
    source = "import time\ntime.sleep(0.4)\n1 / 0"
    cell = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None, "source": source}
    path.write_text(json.dumps({"nbformat": 4, "nbformat_minor": 0, "metadata": {}, "cells": [cell] * 1000}))
    return path
