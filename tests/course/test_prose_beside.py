"""The free text beside a submission: which state each criterion has, whatever the files hold."""

import os
from pathlib import Path

import pytest

from grader.course.catalog import built_in_course
from grader.course.rubric import (
    ANSWERS_FILE,
    MARKS_FILE,
    MAX_FILE_BYTES,
    Mark,
    answer_to,
    encode_marks,
    fingerprint,
    standings_in,
)
from grader.present.prose import prose_lines

KATA = "interview/q3_additive_highway"
RUBRIC = built_in_course().find(KATA).folder / "rubric.toml"
TEMPLATE = RUBRIC.with_name(ANSWERS_FILE).read_text("utf-8")
SECTION = "## Why do gradients survive?"
ANSWERED = TEMPLATE.replace(SECTION, f"{SECTION}\n\nThey meet f, and no matrix.\n")
READ = fingerprint(answer_to(SECTION.removeprefix("## "), ANSWERED, TEMPLATE))


def states(folder: Path) -> dict[str, str]:
    return {item.criterion.id: item.state.value for item in standings_in(KATA, RUBRIC, folder)}


def mark(**changes: object) -> Mark:
    given = {"submission": "ada", "kata": KATA, "criterion": "mechanism", "level": "path"}
    return Mark(**{**given, "points": 1, "answer": READ, "marker": "grace", **changes})


UNANSWERED = dict.fromkeys(("mechanism", "likeness", "difference", "figure"), "unanswered")


def test_each_state_has_its_turn(tmp_path: Path) -> None:
    assert states(tmp_path) == UNANSWERED, "no file"
    answers, marks = tmp_path / ANSWERS_FILE, tmp_path / MARKS_FILE
    answers.write_text(TEMPLATE)
    assert states(tmp_path) == UNANSWERED
    answers.write_text(ANSWERED)
    assert states(tmp_path) == {**UNANSWERED, "mechanism": "waiting"}
    marks.write_bytes(encode_marks([mark()]))
    assert states(tmp_path) == {**UNANSWERED, "mechanism": "marked"}
    answers.write_text(ANSWERED.replace("no matrix", "nothing else"))
    assert states(tmp_path) == {**UNANSWERED, "mechanism": "changed"}


@pytest.mark.parametrize(
    "line",
    [
        encode_marks([mark(kata="interview/q1_lstm_equations")]),
        encode_marks([mark(points=9)]),
        encode_marks([mark(criterion="charm")]),
        b"{}\n[]\nnot json\n\xff\n",
    ],
)
def test_a_mark_that_does_not_fit_is_not_shown(tmp_path: Path, line: bytes) -> None:
    (tmp_path / ANSWERS_FILE).write_text(ANSWERED)
    (tmp_path / MARKS_FILE).write_bytes(line)
    assert states(tmp_path)["mechanism"] == "waiting"


def test_odd_files_count_as_missing(tmp_path: Path) -> None:
    answers = tmp_path / ANSWERS_FILE
    target = tmp_path / "secret"
    target.write_text(ANSWERED)
    answers.symlink_to(target)
    assert states(tmp_path) == UNANSWERED, "a link"
    answers.unlink()
    os.mkfifo(answers)
    assert states(tmp_path) == UNANSWERED, "a pipe"
    answers.unlink()
    answers.mkdir()
    assert states(tmp_path) == UNANSWERED, "a folder"
    answers.rmdir()
    answers.write_bytes(ANSWERED.encode() + b"x" * MAX_FILE_BYTES)
    assert states(tmp_path) == UNANSWERED, "too large"
    answers.write_bytes(ANSWERED.encode() + b"\xff")
    assert states(tmp_path) == UNANSWERED, "no UTF-8"


def test_the_courses_own_template_is_nobodys_answer() -> None:
    assert standings_in(KATA, RUBRIC, RUBRIC.parent) == []
    assert list(prose_lines([])) == []


def test_the_lines_count_the_states_and_show_marks(tmp_path: Path) -> None:
    (tmp_path / ANSWERS_FILE).write_text(ANSWERED)
    (tmp_path / MARKS_FILE).write_bytes(encode_marks([mark(comment="Under which\ncondition?")]))
    assert list(prose_lines(standings_in(KATA, RUBRIC, tmp_path))) == [
        "answers.md: of 4 criteria, 3 unanswered, 1 marked",
        "mechanism 1/2 path: Under which condition?",
    ]


def test_kata_check_says_what_was_answered(command, tmp_path: Path) -> None:
    submission = tmp_path / "q3_additive_highway.py"
    submission.write_text("def many_steps():\n    return []\n")
    answers = tmp_path / ANSWERS_FILE
    for text, says in ((TEMPLATE, "4 unanswered"), (ANSWERED, "1 waiting for a person")):
        answers.write_text(text)
        assert command("check", KATA, "--submission", submission) == 1
        shown = " ".join(command.out.split())
        assert says in shown
        assert ("answers.md waits for a person" in shown) == (text is ANSWERED)
