"""Marks and verdicts for other systems, whatever a submission says."""

import csv
import io
import json
import os
import re
import subprocess
import sys
import zipfile
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from grader.classroom.gradebook import Mark, Past
from grader.classroom.policy import Grade, KataGrade
from grader.course.catalog import built_in_course
from grader.errors import UsageError
from grader.present.exports import (
    as_markdown,
    autograder_zip,
    class_junit,
    classroom50,
    folder_name,
    gradescope,
    nbgrader,
)
from grader.present.feedback import as_html, write_feedback
from grader.verdict import CheckResult, Isolation, Status, Verdict, Versions, to_json

ABOUT = {
    "CLASSROOM": "c",
    "ASSIGNMENT": "a",
    "SUBMISSION_TAG": "submit/x",
    "COMMIT_URL": "https://example.org/c",
    "RELEASE_URL": "https://example.org/r",
}
HOSTILE = st.text(max_size=60) | st.sampled_from(
    [
        "</pre><script>alert(1)</script>",
        "```\n# forged\n<img src=x onerror=alert(1)>\n````",
        "\x1b[2J::error::x\x00\ud800\u202e",
        '"},"score": 99,{"',
    ]
)


def verdict(said: str = "wrong", status: Status = Status.FAILED, **more) -> Verdict:
    checks = (
        CheckResult("good", "A sentence.", Status.PASSED, 2, 2),
        CheckResult("bad", "Another.", status, 0, 3, message=said, output=said),
    )
    given_ = {
        "schema_version": 1,
        "kata": "lstm/lstm_cell",
        "status": status,
        "points": 2,
        "max_points": 5,
        "seed": 77777,
        "isolation": Isolation("full"),
        "versions": Versions("0", "3", "2", "2", "6"),
        "duration_s": 0.5,
        "checks": checks,
        "submission": "/home/ada/lstm_cell.py",
    }
    return Verdict(**(given_ | more))


@given(HOSTILE)
def test_gradescope_gets_plain_text_and_our_points(message: str) -> None:
    document = json.loads(gradescope([verdict(message)]))
    assert document["score"] == 2
    assert [test["score"] for test in document["tests"]] == [2, 0]
    assert [test["status"] for test in document["tests"]] == ["passed", "failed"]
    assert {test["output_format"] for test in document["tests"]} == {"text"}
    assert document["output_format"] == "text", "the default there is a markup"
    assert "stdout_visibility" not in document
    assert "\x1b" not in json.dumps(document, ensure_ascii=False)


def test_an_error_of_ours_is_no_score() -> None:
    ours = verdict(status=Status.INTERNAL_ERROR)
    with pytest.raises(UsageError, match="error of the grader"):
        gradescope([ours])
    with pytest.raises(UsageError):
        classroom50([ours], ABOUT, submitted="t", now="t")


def test_classroom_50_gets_whole_points_and_two_times() -> None:
    document = json.loads(classroom50([verdict()], ABOUT, submitted="then", now="now"))
    assert document["schema"] == "classroom50/result/v1"
    assert (document["datetime"], document["graded_at"]) == ("then", "now")
    assert (document["score"], document["max-score"]) == (2, 5)
    assert all(isinstance(test["score"], int) for test in document["tests"])
    assert document["review"] == ABOUT["COMMIT_URL"]
    with pytest.raises(UsageError, match="does not say CLASSROOM"):
        classroom50([verdict()], {**ABOUT, "CLASSROOM": ""}, submitted="then", now="now")


@pytest.mark.parametrize("name", ["Ada B. Wonder", "Wonder, Ada B."])
def test_nbgrader_gets_its_columns(name: str) -> None:
    part = KataGrade("lstm/lstm_cell", 2, 6.0, 10, 1, 0, 1.0)
    marks = [
        Mark("=ada", "Ada B. Wonder, PhD", "lstm/lstm_cell", 2, "f", False, "FAILED", 8, 10, "")
    ]
    [row] = csv.DictReader(
        io.StringIO(nbgrader([Grade("=ada", name, (part,), 0.6)], marks).decode())
    )
    assert (row["student_id"], row["first_name"], row["last_name"]) == ("'=ada", "Ada B.", "Wonder")
    assert [
        row[name] for name in ("raw_score", "late_submission_penalty", "score", "max_score")
    ] == [
        "8.00",
        "2.00",
        "6.00",
        "10.00",
    ]


@given(HOSTILE, st.text(max_size=20))
def test_a_class_in_junit_names_nobody(message: str, student: str) -> None:
    root = ElementTree.fromstring(
        class_junit([(f"Ada Wonder {student}", verdict(message)), ("ben", verdict())])
    )
    assert [suite.get("name") for suite in root] == [
        "lstm/lstm_cell, student 1",
        "lstm/lstm_cell, student 2",
    ]
    assert len(root.findall("*/testcase")) == 4
    assert "Wonder" not in ElementTree.tostring(root, "unicode")
    assert "/home" not in ElementTree.tostring(root, "unicode")


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.found.append(tag)


def tags(page: bytes) -> list[str]:
    parser = Tags()
    parser.feed(page.decode())
    return parser.found


@given(HOSTILE)
def test_feedback_is_text_whatever_was_printed(message: str) -> None:
    hostile = verdict(message, message=message, title=message)
    assert tags(as_html(hostile, "t")) == tags(as_html(verdict(), "t"))
    kinds = [token.type for token in MarkdownIt().parse(as_markdown(hostile, "t").decode())]
    assert kinds == ["heading_open", "inline", "heading_close", "fence"]


@given(st.text(min_size=1, max_size=120), st.text(min_size=1, max_size=120))
def test_a_students_folder_is_one_name_and_nobody_elses(one: str, other: str) -> None:
    name = folder_name(one)
    assert not set(name) & set("/\\\0:")
    assert name not in (".", "..")
    assert not name.startswith((".", "="))
    assert one == other or folder_name(other) != name


def test_feedback_keeps_what_it_wrote_and_hides_the_seed(tmp_path: Path) -> None:
    import msgspec

    past = Past("../eve", "lstm/lstm_cell", 1, "r", "FAILED", 2, 5, "t")
    secret = [("../eve", "lstm/lstm_cell", 1, msgspec.json.encode(verdict("input is 0.123")))]
    assert write_feedback(tmp_path, secret, [past], secret_seed=77777) == 1
    assert write_feedback(tmp_path, secret, [past], secret_seed=77777) == 0, "nothing new"
    assert write_feedback(tmp_path, secret, [past, past], secret_seed=77777) == 1
    files = sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.*"))
    [folder] = {name.split("/")[0] for name in files}
    assert folder == folder_name("../eve")
    assert [name.split("/")[-1] for name in files if name.endswith(".md")] == [
        "attempt-1-grading-2.md",
        "attempt-1.md",
    ]
    for path in tmp_path.rglob("attempt*"):
        assert "0.123" not in path.read_text(encoding="utf-8")
        assert "77777" not in path.read_text(encoding="utf-8")


# -- the autograder, as Gradescope's container runs it ---------------------------------------------


@pytest.fixture
def container(tmp_path: Path) -> Path:
    """What Gradescope unpacks, with this environment's own `kata`."""
    root = tmp_path / "autograder"
    with zipfile.ZipFile(io.BytesIO(autograder_zip(["lstm/lstm_cell"], None))) as archive:
        assert archive.namelist() == ["setup.sh", "run_autograder"]
        for entry in archive.infolist():
            assert entry.external_attr >> 16 & 0o111, "it can be run"
            assert archive.read(entry).startswith(b"#!/usr/bin/env bash\n")
        archive.extractall(root / "source")
    (root / "venv/bin").mkdir(parents=True)
    kata = root / "venv/bin/kata"
    kata.write_text(
        f"#!/bin/sh\nexec '{sys.executable}' -c "
        "'import sys; from grader.cli.main import main; sys.exit(main())' \"$@\"\n"
    )
    kata.chmod(0o755)
    (root / "submission").mkdir()
    return root


def run_autograder(root: Path) -> dict:
    environment = {**os.environ, "AUTOGRADER_ROOT": str(root)}
    if not Path(sys.prefix, "lib").exists():
        environment["PYTHONPATH"] = str(Path(__file__).parents[2])
    done = subprocess.run(
        ["bash", root / "source/run_autograder"],
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads((root / "results/results.json").read_text(encoding="utf-8"))


def test_an_autograder_grades_in_a_plain_container(container: Path) -> None:
    assert "Hand in one of: lstm_cell.py" in run_autograder(container)["output"]
    solution = built_in_course().find("lstm/lstm_cell").solution.read_bytes()
    handed_in = container / "submission/lstm_cell.py"
    handed_in.write_bytes(solution.replace(b"f * c + i * g", b"i * c + f * g"))
    document = run_autograder(container)
    assert 0 < document["score"] < 13
    assert "Which mistake it is: Forget" in "".join(test["output"] for test in document["tests"])


@pytest.mark.parametrize("name", ["setup.sh", "run_autograder"])
def test_the_scripts_are_bash(container: Path, name: str) -> None:
    subprocess.run(["bash", "-n", container / "source" / name], check=True)


@pytest.mark.parametrize(
    ("argv", "says"),
    [
        (["--format", "gradescope"], "is of one submission"),
        (["--format", "csv"], "is of a whole class"),
        (["--format", "gradescope", "--verdicts", "gone.json"], "cannot be read"),
        (["--format", "gradescope", "--verdicts", "bad.json"], "bad.json holds no verdicts"),
        (["--format", "classroom50", "--verdicts", "ok.json"], "when was it handed in?"),
        (
            ["--format", "classroom50", "--verdicts", "ok.json", "--submitted", "2026-10-01"],
            "is no time with a zone",
        ),
        (["--format", "gradescope-autograder"], "which katas"),
        (["--format", "csv", "--into", "their.csv"], "--format csv takes no --into"),
        (["--format", "moodle", "--column", "LSTM"], "--format moodle takes no --column"),
        (["--format", "junit", "--policy", "p.toml"], "--format junit takes no --policy"),
        (["--format", "markdown", "--take", "last"], "--format markdown takes no --take"),
        (
            ["--format", "gradescope-autograder", "--katas", "lstm_cell", "--wheel", "bad.json"],
            "is no wheel",
        ),
    ],
)
def test_what_cannot_be_exported_is_told(command, argv: list[str], says: str) -> None:
    Path("bad.json").write_text("{", encoding="utf-8")
    Path("ok.json").write_bytes(to_json([verdict()]))
    assert command("export", *argv) == 2
    assert re.search(re.escape(says), command.err)
