# /// attack
# row = 36
# kind = "special"
# expect = ["FAILED"]
# invariant = "what was looked at is what is read, however fast the name changes"
# ///
"""A name that is a file, a link to the solution and nothing at all in turns; see `test_a_name_that_changes`."""

import os

MINE = "def lstm_cell(*arguments):\n    return None\n"


def build(folder, secrets):
    name, link, mine = (str(folder / n) for n in ("lstm_cell.py", "link", "mine"))
    while True:
        with open(mine, "w") as file:
            file.write(MINE)
        os.replace(mine, name)
        os.symlink(secrets["solution"], link)
        os.replace(link, name)
        os.unlink(name)
