# /// attack
# row = 27
# kind = "build"
# expect = ["FAILED"]
# invariant = "a notebook that cannot be read is a verdict"
# ///
"""JSON nested 200,000 deep, with NaN and lone surrogates before it."""


def build(folder, secrets):
    path = folder / "lstm_cell.ipynb"
    path.write_text('{"nbformat": 4, "metadata": {"n": NaN, "s": "\\ud800"}, "cells": ' + "[" * 200_000)
    return path
