"""An audit of several katas at once: through the same pool as a class, with the same findings."""

import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from grader.audit.audit import Task, audit, audit_task
from grader.audit.findings import Finding
from grader.course.catalog import Course
from grader.judge.opening import Opening

TOY = Path(__file__).parents[1] / "toy"
pytestmark = pytest.mark.xdist_group("pool")


@pytest.fixture
def two(tmp_path: Path) -> Course:
    """The toy course, with its kata twice; in the second one a misconception survives."""
    root = shutil.copytree(TOY, tmp_path / "two", ignore=shutil.ignore_patterns("__pycache__"))
    for top in ("katas", "solutions"):
        shutil.copytree(root / top / "toy/double", root / top / "toy/twice")
        (root / top / "toy/twice/double.py").rename(root / top / "toy/twice/twice.py")
    bank = root / "solutions/toy/twice/misconceptions.toml"
    bank.write_text(bank.read_text().replace('"x * x"', '"x + x"'))
    return Course(root)


def timeless(finding: Finding) -> dict[str, object]:
    kept = ("kata", "seeds", "problems", "rows", "catches", "alternatives")
    return {name: getattr(finding, name) for name in kept}


@pytest.mark.full
def test_katas_are_audited_side_by_side(two: Course) -> None:
    told: list[Finding] = []
    katas = two.katas[::-1]
    findings = audit(two, katas, seeds=1, jobs=2, level="process", found=told.append)
    assert [finding.kata for finding in findings] == ["toy/twice", "toy/double"], "as asked for"
    assert sorted(told, key=lambda finding: finding.kata) == findings[::-1]
    assert findings[1].clean
    assert not findings[0].clean
    assert [p for p in findings[0].problems if "squared is detected by doubles on 0 of 1" in p]

    opening = Opening(str(two.root), "process")
    here = [audit_task(Task(opening, kata.name, 1)) for kata in katas]
    assert [*map(timeless, here)] == [*map(timeless, findings)]


@pytest.mark.full
def test_what_is_done_is_written_though_the_rest_never_is(two: Course, tmp_path: Path) -> None:
    endless = "import time\nwhile True:\n    time.sleep(1)\n"
    (two.root / "katas/toy/twice/checks.py").write_text(endless)
    out = tmp_path / "out"
    command = [sys.executable, "-c", "from grader.cli.main import main; main()", "audit"]
    with out.open("wb") as file:
        running = subprocess.Popen([*command, "--course", two.root, "--jobs", "2"], stdout=file)
        try:
            while "toy/double" not in (said := out.read_text()):
                assert running.poll() is None, said
                time.sleep(0.1)
        finally:
            running.kill()
            running.wait()
    assert said.startswith("kata ")
    assert said.splitlines()[1].split()[:3] == ["toy/double", "3/3", "3/3"]


@pytest.mark.full
def test_one_broken_kata_does_not_stop_the_others(two: Course) -> None:
    (two.root / "katas/toy/twice/checks.py").write_text("import nothing_of_the_kind\n")
    double, twice = audit(two, two.katas, seeds=1, jobs=8, level="process")
    assert double.clean
    assert [p for p in twice.problems if "checks.py:1: cannot be imported" in p]
