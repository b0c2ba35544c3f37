# /// attack
# row = 35
# kind = "build"
# expect = ["FAILED"]
# invariant = "what a notebook holds beside its code costs the judge nothing"
# ///
"""Tags that are compared with each other, outputs that are no outputs, and a huge number; all below 1 MiB."""

import json

CELL = {"cell_type": "code", "id": "a", "metadata": {}, "outputs": [], "source": "x = 1"}


def build(folder, secrets):
    path = folder / "lstm_cell.ipynb"
    kinds = [
        {"metadata": {"tags": [{"a": n} for n in range(80_000)]}},
        {"outputs": [{"output_type": "stream"}] * 40_000},
        {"metadata": {"n": 0}, "execution_count": 1},
    ]
    kind = kinds[len(str(folder)) % 3]
    book = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [{**CELL, **kind}]}
    text = json.dumps(book, separators=(",", ":"))
    if "execution_count" in kind:
        text = text.replace('"execution_count":1', f'"execution_count":1{"0" * 1_000_000}')
    assert len(text) < 1 << 20
    path.write_text(text)
    return path
