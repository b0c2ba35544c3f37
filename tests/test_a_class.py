"""`make class`: a class is graded with a kill in the middle, and nothing is lost."""

import csv
import subprocess
import sys
from pathlib import Path

import pytest

CLASS = Path(__file__).parents[1] / "examples" / "a_class.py"


@pytest.mark.full
def test_a_class_is_graded_through_a_kill(tmp_path: Path) -> None:
    students = 8
    folder = tmp_path / "class"
    done = subprocess.run(
        [sys.executable, CLASS, "--students", str(students), "--folder", folder],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "killed after" in done.stdout
    assert "1. 1000 and 1001\n" in done.stdout, "the one who has it from the other"
    assert (folder / "alike.html").is_file()
    assert "3 new marks" in done.stdout
    for name, column in (("canvas", "Cells (77)"), ("moodle", "Grade")):
        with open(folder / f"{name}-filled.csv", newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))[-students:]
        marks = [row[column] for row in rows]
        assert all(0 <= float(mark) <= 100 for mark in marks), marks
        assert len(set(marks)) > 1
    page = (folder / "class.html").read_text(encoding="utf-8")
    assert "lstm/lstm_cell" in page
    assert "Ada" not in page, "no student is named"
