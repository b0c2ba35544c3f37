"""The checks of a kata as tests of otter-grader, a file each in its format of exceptions.

Each submission is graded by `otter run`, otter's way without a container. It runs the file and the
tests in one Jupyter kernel, which the submission can reach into.
"""

import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path

TEST = """\
import sys

OK_FORMAT = False
name = {check!r}
points = {points}

from otter.test_files import test_case


@test_case(points={points})
def test(env):
    sys.path[:0] = {path!r}
    from in_process import hold

    hold({kata!r}, {check!r}, env)
"""


class Otter:
    """otter-grader, in the virtual environment whose programs are in a folder."""

    name = "otter run"

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
        """Write the autograder and the submissions into a folder.

        Args:
            place: the folder.
            kata: whose checks these are.
            checks: names and points.
            sources: each student's submission.
            path: folders in which the tests find this project.
        """
        self.place = place
        with zipfile.ZipFile(place / "autograder.zip", "w") as archive:
            archive.writestr("otter_config.json", json.dumps({"lang": "python"}))
            for check, points in checks.items():
                text = TEST.format(kata=kata, check=check, points=points, path=path)
                archive.writestr(f"tests/{check}.py", text)
        self.files = []
        for student, source in sources.items():
            file = place / f"{student}.py"
            file.write_text(source)
            self.files.append(file)

    def grade(self) -> None:
        """Grade them all, one after the other."""
        for file in self.files:
            out = self.place / file.stem
            out.mkdir()
            command = [self.programs / "otter", "run", "--no-logo", "-a", "autograder.zip"]
            done = subprocess.run(
                [*command, "-o", out, file],
                cwd=self.place,
                env=os.environ | {"PATH": f"{self.programs}:{os.environ['PATH']}"},
                check=False,
                capture_output=True,
                text=True,
            )
            if done.returncode:
                sys.exit(done.stderr)

    def points(self) -> dict[str, float]:
        """Each student's points."""
        found = {}
        for file in self.files:
            results = json.loads((self.place / file.stem / "results.json").read_bytes())
            found[file.stem] = sum(test.get("score") or 0.0 for test in results["tests"])
        return found
