# /// attack
# row = 15
# expect = ["FAILED", "CRASHED"]
# invariant = "what a worker imports, only that worker imports"
# ///
"""Import hooks, sys.modules full of impostors, and sitecustomize, .pth and usercustomize files wherever they can be written."""

import os
import site
import sys
import types


class Impostor(types.ModuleType):
    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return lambda *args, **kwargs: True


for name in ("hypothesis", "pytest", "_pytest", "grader.grade", "grader.compare", "grader.checks", "checks"):
    sys.modules[name] = Impostor(name)
for folder in (*sys.path, site.getusersitepackages(), "/judge/grader", "/judge", ".", "..", "/tmp", os.path.expanduser("~")):
    for name, text in (
        ("sitecustomize.py", "raise SystemExit(0)"),
        ("usercustomize.py", "raise SystemExit(0)"),
        ("katas-attack.pth", "import os; os._exit(0)"),
        ("torch.py", "raise SystemExit(0)"),
        ("conftest.py", "raise SystemExit(0)"),
    ):
        try:
            os.makedirs(folder, exist_ok=True)
            with open(os.path.join(folder, name), "w") as file:
                file.write(text)
            print("written", os.path.join(folder, name))
        except OSError:
            continue


def lstm_cell(*arguments):
    return None
