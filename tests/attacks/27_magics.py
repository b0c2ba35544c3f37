# /// attack
# row = 27
# kind = "build"
# expect = ["FAILED"]
# invariant = "no cell is run by a shell, and no magic works"
# ///
"""%%bash and %%python cells, !rm, %run, %load_ext, ?, and Python that is hidden behind a magic's line end."""

import json


def build(folder, secrets):
    touch = f"touch {secrets['arena']}/katas-attack-shell"
    sources = [
        f"%%bash\n{touch}",
        f"%%python\nimport os; os.system({touch!r})",
        f"!{touch}",
        f"%run {secrets['arena']}/x.py\n%load_ext evil\n%system {touch}\nlstm_cell?",
        f"x = !{touch}",
        f"   %%sh\n{touch}",
        "def lstm_cell(*a):\n    !rm -rf ~\n    return None",
    ]
    cells = [{"cell_type": "code", "metadata": {}, "execution_count": None, "outputs": [], "source": source} for source in sources if not source.startswith("x = ")]
    path = folder / "lstm_cell.ipynb"
    path.write_text(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    return path
