# /// attack
# row = 27
# kind = "build"
# expect = ["FAILED"]
# invariant = "a notebook of the wrong form is a verdict"
# ///
"""Version 3 with worksheets, version 2**70, cells that are numbers, sources that are objects."""

import json


def build(folder, secrets):
    path = folder / "lstm_cell.ipynb"
    books = [
        {"nbformat": 3, "nbformat_minor": 0, "metadata": {"name": ""}, "worksheets": [{"cells": [{"cell_type": "code", "language": "python", "input": {"a": 1}, "outputs": []}]}]},
        {"nbformat": 2**70, "cells": {"a": 1}},
        {"nbformat": 4, "cells": [1, None, {"cell_type": "code"}, {"cell_type": "code", "source": 7}]},
    ]
    path.write_text(json.dumps(books[len(str(folder)) % 3]))
    return path
