# /// attack
# row = 15
# kind = "build"
# expect = ["FAILED"]
# invariant = "nothing beside a submission is ever imported"
# ///
"""torch.py, numpy.py, conftest.py, sitecustomize.py, pytest.ini, a grader package and its own checks lie beside it."""


def build(folder, secrets):
    evil = "import pathlib; pathlib.Path('@ARENA@/katas-attack-was-imported').touch()\nraise SystemExit(0)\n"
    evil = evil.replace("@ARENA@", str(secrets["arena"]))
    for name in ("torch", "numpy", "conftest", "sitecustomize", "usercustomize", "checks", "hypothesis", "msgspec", "__init__", "typing"):
        (folder / f"{name}.py").write_text(evil)
    for package in ("grader", "torch"):
        (folder / package).mkdir()
        (folder / package / "__init__.py").write_text(evil)
    (folder / "pytest.ini").write_text("[pytest]\naddopts = -p conftest\n")
    (folder / "kata.toml").write_text("title = 'mine'\n")
    (folder / "pyproject.toml").write_text("[tool.pytest.ini_options]\naddopts = '-p conftest'\n")
    (folder / "lstm_cell.py").write_text("import checks\n")
    return folder
