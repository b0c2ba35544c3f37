# /// attack
# row = 20
# secret = true
# expect = ["FAILED"]
# invariant = "under a secret seed nothing that a submission says reaches the student's copy"
# ///
"""Puts the inputs into everything that a report could show: exception, type, function name, source line, missing name."""

import linecache


def lstm_cell(x, h, c, *weights):
    text = "INPUT " + str(x.flatten().tolist())
    print(text, flush=True)
    code = f"def leak():\n    raise type({text!r}, (Exception,), {{}})({text!r})\n"
    scope = {}
    exec(compile(code.replace("leak", "leak"), __file__, "exec"), scope)
    with open(__file__, "w") as file:
        file.write((text + "\n") * 40)
    scope["leak"]()
