# /// attack
# row = 27
# kind = "build"
# expect = ["FAILED"]
# invariant = "outputs of a notebook are neither read into a verdict nor shown"
# ///
"""Outputs of many megabytes, HTML, JavaScript and escapes in outputs, metadata and cell ids."""

import json


def build(folder, secrets):
    evil = "<script>fetch('http://127.0.0.1:1')</script>\x1b[2J"
    cell = {
        "cell_type": "code", "id": evil, "metadata": {"title": evil}, "execution_count": 1,
        "source": "def lstm_cell(*a):\n    return None\n",
        "outputs": [{"output_type": "display_data", "metadata": {}, "data": {"text/html": evil * 20_000, "application/javascript": evil}}],
    }
    book = {"cells": [cell, cell, cell], "metadata": {"kernelspec": {"name": evil, "display_name": evil}}, "nbformat": 4, "nbformat_minor": 5}
    path = folder / "lstm_cell.ipynb"
    path.write_text(json.dumps(book))
    return folder
