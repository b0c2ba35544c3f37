# /// attack
# row = 35
# kind = "build"
# expect = ["FAILED", "TIMED_OUT", "CRASHED", "OUT_OF_MEMORY"]
# invariant = "Python is parsed where it runs, with limits"
# ///
"""Python below 1 MiB that is slow, or deep, to parse: brackets, operators, a number, a line, many lines."""


def build(folder, secrets):
    path = folder / "lstm_cell.py"
    sources = [
        "(" * 400_000 + ")" * 400_000,
        "x = " + "-" * 1_000_000 + "1",
        "x = " + "1" * 1_000_000,
        "x = " + "1+" * 500_000 + "1",
        "x\n" * 500_000,
        "f(" * 90 + "lambda:" * 100_000 + "0" + ")" * 90,
        "x = f'" + "{f\"{" * 100_000,
    ]
    path.write_text(sources[len(str(folder)) % len(sources)])
    return path
