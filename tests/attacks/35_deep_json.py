# /// attack
# row = 35
# kind = "build"
# expect = ["FAILED"]
# invariant = "nesting ends in a verdict, not in the judge's stack"
# ///
"""JSON nested half a million deep, where a key is needed and where it is not."""


def build(folder, secrets):
    path = folder / "lstm_cell.ipynb"
    depth = 500_000
    deep = b"[" * depth + b"]" * depth
    if len(str(folder)) % 2:
        path.write_bytes(b'{"nbformat":4,"metadata":' + deep + b',"cells":[]}')
    else:
        path.write_bytes(b'{"nbformat":4,"cells":[{"cell_type":"code","source":' + deep + b"}]}")
    return path
