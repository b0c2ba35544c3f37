# /// attack
# row = 39
# kind = "special"
# expect = ["FAILED"]
# invariant = "nothing of the folder that one stands in is imported, read as settings, or kept there"
# ///
"""Files that Python, pytest and Hypothesis look for in the current folder; see `test_the_folder_one_stands_in`."""

NOISY = "open(MARKER, 'a').write(__name__ + chr(10))\n"


def build(folder, secrets):
    noisy = NOISY.replace("MARKER", repr(str(secrets["marker"])))
    for name in ("torch", "numpy", "hypothesis", "pytest", "msgspec", "rich", "json", "random", "sitecustomize", "usercustomize", "conftest", "checks"):
        (folder / f"{name}.py").write_text(noisy)
    for name in ("grader", "judge", "katas"):
        (folder / name).mkdir()
        (folder / name / "__init__.py").write_text(noisy)
    (folder / "pytest.ini").write_text("[pytest]\naddopts = --collect-only\npython_files = *.py\n")
    (folder / "pyproject.toml").write_text('[tool.pytest.ini_options]\naddopts = ["--co"]\n')
    (folder / "setup.cfg").write_text("[tool:pytest]\naddopts = --co\n")
    (folder / "tox.ini").write_text("[pytest]\naddopts = --co\n")
    (folder / "hook.pth").write_text(f"import builtins; exec({noisy!r})\n")
    examples = folder / ".hypothesis" / "examples"
    examples.mkdir(parents=True)
    (folder / ".hypothesis" / "constants").mkdir()
    path = folder / "lstm_cell.py"
    path.write_text("def lstm_cell(*arguments):\n    return None\n")
    return path
