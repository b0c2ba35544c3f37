"""The drawing of the imports in docs/design.md is the one of the code."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_the_drawing_of_the_imports_is_up_to_date() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "docs" / "draw_imports.py", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout + done.stderr) == (0, "")
