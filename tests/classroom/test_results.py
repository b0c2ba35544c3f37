"""A `results.json` for each student of a gradebook: which attempt, what people gave, no secret."""

import json
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from grader.classroom import prose
from grader.classroom.gradebook import Gradebook, Recorded
from grader.classroom.grading import digest_of
from grader.classroom.handed import Handed, Prose
from grader.classroom.marking import asked_in
from grader.course.catalog import Course
from grader.verdict import Status, Verdict
from tests.present.test_pages import verdict

KATA = "interview/q1_lstm_equations"


def shown(points: int, *, seed: int = 0, status: Status = Status.FAILED) -> Verdict:
    return replace(verdict("hidden input"), kata=KATA, points=points, seed=seed, status=status)


@pytest.fixture
def book(tmp_path: Path) -> Path:
    path = tmp_path / "class.sqlite"
    with Gradebook(path) as made:
        secret = made.seed(None)
        attempts = [
            ("ada", shown(2, seed=secret)),
            ("ada", shown(1, seed=secret)),
            ("ada", shown(9, seed=secret, status=Status.INTERNAL_ERROR)),
            ("../=eve", shown(1)),
            ("broken", shown(0, status=Status.INTERNAL_ERROR)),
        ]
        for number, (who, told) in enumerate(attempts):
            data = str(number).encode()
            made.take([(Handed(who, KATA, 1, "q1.py", "q1.py", data), digest_of(data))])
            [one] = made.waiting(KATA, "r")
            kept = Recorded(told.status.value, told.points, 9, msgspec.json.encode(told))
            made.record(one.handed, "r", kept)
    return path


def results(command, book: Path, out: Path, *options: str) -> dict[str, dict]:
    format_ = ("--format", "gradescope", "-o", str(out))
    assert command("export", "--gradebook", str(book), *format_, *options) == 0
    return {path.parent.name: json.loads(path.read_text()) for path in out.glob("*/results.json")}


def test_each_student_gets_what_counts_and_nothing_secret(command, book, tmp_path) -> None:
    found = results(command, book, tmp_path / "out")
    [ada, eve] = sorted(found, key=len)
    assert (ada, found[ada]["score"], found[eve]["score"]) == ("ada", 2, 1)
    assert "f(x) hidden input" not in json.dumps(found[ada])
    assert "f(x) hidden input" in json.dumps(found[eve]), (
        "it was graded with a seed that is no secret"
    )
    assert "left out, through an error of the grader's: broken" in command.err
    assert results(command, book, tmp_path / "last", "--take", "last")["ada"]["score"] == 1


def test_who_waits_for_a_verdict_gets_no_results(command, book, tmp_path) -> None:
    """A part of what was handed in is no score."""
    with Gradebook(book) as made:
        one = Handed("ada", "lstm/lstm_cell", 1, "lstm_cell.py", "o", b"x")
        made.take([(one, digest_of(b"x"))])
    assert "ada" not in results(command, book, tmp_path / "out")
    assert "left out, since something waits for a verdict: ada" in command.err
    assert "ada" in results(command, book, tmp_path / "some", "--katas", KATA)


def test_what_people_gave_is_a_test_of_its_own(command, book, tmp_path, course: Course) -> None:
    asked = asked_in(course.katas)[KATA]
    with Gradebook(book) as made:
        text = asked.template.replace("## Why these", "c.\n\n## Why these")
        prose.take_prose(made, [Prose(who, KATA, "a.md", text) for who in ("ada", "../=eve")])
        answers = {one.student: one for one in prose.answers_in(made)}
        now = datetime.now(UTC)
        for criterion in asked.rubric.criterion:
            if criterion.section == "Why two states?":
                best = criterion.levels[-1]
                draft = prose.Draft(criterion.id, best.name, best.points, "", "")
                prose.write_decisions(made, [(answers["ada"], draft, "grace")], now)
    found = results(command, book, tmp_path / "out")
    assert found["ada"]["score"] == 2 + 3
    assert found["ada"]["tests"][-1]["max_score"] == asked.rubric.max_points
    [eve] = [one for name, one in found.items() if name != "ada"]
    assert eve["score"] == 1
    assert "waits for a person" in eve["output"]


def test_it_needs_a_folder_and_no_policy(command, book, tmp_path) -> None:
    options = ("export", "--gradebook", str(book), "--format", "gradescope")
    assert command(*options) == 2
    assert "-o FOLDER" in command.err
    assert command(*options, "-o", str(tmp_path / "o"), "--policy", "p.toml") == 2
    (tmp_path / "file").write_text("x")
    assert command(*options, "-o", str(tmp_path / "file")) == 2
