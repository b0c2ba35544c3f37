"""The checks of a kata as an assignment of nbgrader: a cell for the answer, and one for each check.

All submissions are graded by one `nbgrader autograde`. It runs each notebook in a Jupyter kernel of
its own, answer and checks in one process, which the submission can reach into.
"""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import nbformat

CHECK = """\
import sys

sys.path[:0] = {path!r}
from in_process import hold

hold({kata!r}, {check!r}, globals())
"""
CONFIG = """\
c = get_config()
c.Execute.startup_timeout = c.Execute.timeout = 600  # a busy machine is no fault of a notebook's
"""
POINTS = """
SELECT s.student_id, sum(coalesce(g.auto_score, 0)) FROM grade g
JOIN submitted_notebook n ON n.id = g.notebook_id
JOIN submitted_assignment s ON s.id = n.assignment_id GROUP BY s.student_id
"""


class Nbgrader:
    """nbgrader, in the virtual environment whose programs are in a folder."""

    name = "nbgrader autograde"

    def __init__(self, programs: Path) -> None:
        self.programs = programs.absolute()

    def prepare(
        self,
        place: Path,
        kata: str,
        checks: Mapping[str, int],
        sources: Mapping[str, str],
        path: list[str],
    ) -> None:
        """Make a course in a folder, with the assignment generated and the submissions collected.

        Arguments are those of `with_otter`.
        """
        self.place = place
        answer = _cell("# your answer", "answer", solution=True)
        tests = [
            _cell(CHECK.format(kata=kata, check=check, path=path), check, points=points)
            for check, points in checks.items()
        ]
        self._write(place / "source/homework/answer.ipynb", [answer, *tests])
        (place / "nbgrader_config.py").write_text(CONFIG)
        self._run("generate_assignment", "homework", "--create")
        released = nbformat.read(place / "release/homework/answer.ipynb", as_version=4)
        for student, source in sources.items():
            released.cells[0].source = source
            self._write(place / f"submitted/{student}/homework/answer.ipynb", released.cells)

    def grade(self) -> None:
        """Grade them all."""
        self._run("autograde", "homework", "--create")

    def points(self) -> dict[str, float]:
        """Each student's points."""
        with closing(sqlite3.connect(self.place / "gradebook.db")) as db:
            return dict(db.execute(POINTS))

    def _run(self, *command: str) -> None:
        done = subprocess.run(
            [self.programs / "nbgrader", *command],
            cwd=self.place,
            env=os.environ | {"PATH": f"{self.programs}:{os.environ['PATH']}"},
            check=False,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            sys.exit(done.stderr)

    def _write(self, path: Path, cells: list[Any]) -> None:
        path.parent.mkdir(parents=True)
        kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
        book = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
        nbformat.write(book, path)


def _cell(source: str, name: str, *, points: int = 0, solution: bool = False) -> Any:
    about = {
        "grade_id": name,
        "grade": bool(points),
        "solution": solution,
        "locked": bool(points),
        "task": False,
        "schema_version": 3,
    }
    if points:
        about["points"] = points
    return nbformat.v4.new_code_cell(source, metadata={"nbgrader": about})
