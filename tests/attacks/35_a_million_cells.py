# /// attack
# row = 35
# kind = "build"
# expect = ["FAILED"]
# invariant = "the number of cells and of lines is bounded by the file's size, and each costs little"
# ///
"""As many cells, or as many lines of IPython's, as fit into 1 MiB."""

import json


def build(folder, secrets):
    path = folder / "lstm_cell.ipynb"
    cells = [
        '{"cell_type":"code","source":""}',
        '{"cell_type":"code","source":["!\\n"]}',
        '{"cell_type":"x"}',
    ]
    kind = len(str(folder)) % 4
    if kind == 3:
        body = json.dumps({"cell_type": "code", "source": "!\n" * 340_000})
    else:
        body = ",".join([cells[kind]] * (1_000_000 // (len(cells[kind]) + 1)))
    path.write_text(f'{{"nbformat":4,"nbformat_minor":5,"metadata":{{}},"cells":[{body}]}}')
    return path
