# /// attack
# row = 42
# kind = "build"
# expect = ["FAILED", "USAGE"]
# invariant = "of names that differ by case or by Unicode's form, only the kata's own counts"
# ///
"""Right answers under names that look like the kata's, beside a wrong one under its own."""


def build(folder, secrets):
    right = secrets["solution"].read_bytes()
    for name in ("LSTM_CELL.py", "Lstm_cell.PY", "lstm_cell.py ", "lstm\u005fcell\u200b.py", "\uff4cstm_cell.py", "lstm_ce\u217c\u217c.py"):
        (folder / name).write_bytes(right)
    (folder / "lstm_cell.py").write_text("def lstm_cell(*arguments):\n    return None\n")
    return folder
