"""Marks by people: what waits for whom, no double work, what counts, and the CSV."""

import csv
import io
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from grader.classroom import marking, prose
from grader.classroom.gradebook import Gradebook, Recorded
from grader.classroom.grading import digest_of
from grader.classroom.handed import Handed, Prose, sort_out
from grader.classroom.marking_sheet import sheet_of, take_sheet
from grader.classroom.members import Member
from grader.classroom.prose import Draft
from grader.classroom.roster import Student
from grader.course.rubric import State
from grader.errors import DataError, UsageError
from grader.present.feedback import write_words
from tests.present.test_pages import verdict
from tests.web.marked import KATA, asked_in, book_with, text

NOW = datetime(2026, 10, 1, 12, tzinfo=UTC)


@pytest.fixture
def asked(tmp_path: Path) -> dict[str, marking.Asked]:
    return asked_in(tmp_path)


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Gradebook]:
    with book_with(tmp_path / "class.sqlite", ada="c is kept", bob="h is shown", eve="") as made:
        yield made


def item(book: Gradebook, asked: dict[str, marking.Asked], student: str) -> marking.Item:
    found = marking.items_in(book, asked, NOW)
    return next(one for one in found if one.answer.student == student)


def decide(book, asked, student: str, *drafts: Draft, marker: str = "grace", seen: int = 99) -> int:
    found = item(book, asked, student)
    return marking.decide(book, asked[KATA], found, drafts, marker=marker, seen=seen, now=NOW)


def draft(book, asked, student: str, criterion: str, level: str, points: float, **more) -> Draft:
    answer = item(book, asked, student).answer
    mark = marking.fingerprint_of(asked[KATA], answer, criterion)
    return Draft(criterion, level, points, more.pop("comment", ""), mark, **more)


def member(path: str, data: bytes = b"text") -> Member:
    return Member(tuple(path.split("/")), data)


KATAS = ("lstm/lstm_cell", "talk/q1", "talk/q2")


@pytest.mark.parametrize(
    ("path", "graded", "expected"),
    [
        ("ada/talk/q1/answers.md", KATAS, ("ada", "talk/q1")),
        ("ada/Q2/answers.md", KATAS, ("ada", "talk/q2")),
        ("ada/answers.md", ("talk/q1",), ("ada", "talk/q1")),
        ("lovelaceada_12_34_answers (1).md", ("talk/q1",), ("12", "talk/q1")),
        ("lovelaceada_12_34_answers-1.md", ("talk/q1",), ("12", "talk/q1")),
        ("Ada_77_assignsubmission_file_/answers.md", ("talk/q2",), ("77", "talk/q2")),
        ("ada/answers.md", KATAS, "does not say for which kata"),
        ("answers.md", ("talk/q1",), "does not say whose"),
        ("ada/q2/answers.md", ("talk/q1",), None),
        ("ada/q1/answers.md", ("lstm/lstm_cell",), None),
    ],
)
def test_whose_text_it_is_and_for_which_kata(path, graded, expected) -> None:
    found = sort_out([member(path)], graded, prose_for=("talk/q1", "talk/q2"))
    if isinstance(expected, tuple):
        [one] = found.prose
        assert (one.student, one.kata) == expected
    elif expected is None:
        assert (found.prose, found.left_out) == ((), (path,))
    else:
        assert expected in found.troubles[0].what


def test_a_text_that_is_none_is_named() -> None:
    found = sort_out([member("ada/q1/answers.md", b"\xff\xfe\x00")], KATAS, prose_for=KATAS[1:])
    assert "no text in UTF-8" in found.troubles[0].what


def test_what_waits_is_given_to_one_marker_at_a_time(book, asked) -> None:
    items = marking.items_in(book, asked, NOW)
    assert [(one.answer.student, one.open) for one in items] == [("ada", 2), ("bob", 2), ("eve", 0)]
    first = marking.next_for(items, "grace")
    marking.open_for(book, first, "grace", NOW)
    items = marking.items_in(book, asked, NOW)
    assert marking.next_for(items, "alan").answer.student == "bob"
    assert marking.next_for(items, "grace").answer.student == "ada"
    assert marking.next_for(items, "grace", after=first.answer.id).answer.student == "bob"
    assert marking.open_for(book, first, "alan", NOW).reader == "grace"
    later = NOW + marking.READING + timedelta(seconds=1)
    assert marking.open_for(book, first, "alan", later).reader == "alan"


@pytest.mark.parametrize(
    ("back", "reader"), [(timedelta(seconds=5), "grace"), (timedelta(days=1), "alan")]
)
def test_a_clock_that_is_set_back_keeps_no_answer_for_a_day(book, asked, back, reader) -> None:
    first = item(book, asked, "ada")
    marking.open_for(book, first, "grace", NOW)
    items = marking.items_in(book, asked, NOW - back)
    [shown] = [one for one in items if one.answer.id == first.answer.id]
    assert shown.reader == ("grace" if reader == "grace" else "")
    assert marking.open_for(book, first, "alan", NOW - back).reader == reader


def test_nobody_overwrites_what_they_have_not_seen(book, asked) -> None:
    named = draft(book, asked, "ada", "roles", "named", 1)
    assert decide(book, asked, "ada", named, seen=0) == 1
    better = draft(book, asked, "ada", "roles", "explained", 3)
    with pytest.raises(UsageError, match="grace has marked this answer since"):
        decide(book, asked, "ada", better, marker="alan", seen=0)
    assert decide(book, asked, "ada", named, marker="alan", seen=1) == 0, "it says the same"
    assert decide(book, asked, "ada", better, marker="alan", seen=1) == 1
    [before, after] = prose.decisions_in(book)
    assert (before.marker, before.level, after.marker) == ("grace", "named", "alan")


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"criterion": "rôles"}, "there is no criterion"),
        ({"level": "great"}, "has no level"),
        ({"points": 4.0}, "gives 0 to 3 points"),
        ({"points": float("nan")}, "gives 0 to 3 points"),
        ({"points": 2.0}, "say in the comment why"),
        ({"comment": "x" * 20_000}, "at most"),
        ({"remarks": (7,)}, "about something else"),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_is_written(book, asked, wrong, says) -> None:
    right = draft(book, asked, "ada", "ranges", "named", 1)
    fields = {"criterion": "roles", "level": "named", "points": 1.0, "comment": "", "answer": ""}
    with pytest.raises(UsageError, match=says):
        decide(book, asked, "ada", right, Draft(**fields | wrong))
    assert prose.decisions_in(book) == []


def grade(book: Gradebook, student: str, points: int, data: bytes = b"") -> None:
    code = f"{student} {points}".encode()
    book.take([(Handed(student, KATA, 1, "why.py", "why.py", code), digest_of(code))])
    [one] = book.waiting(KATA, "rules")
    data = data or msgspec.json.encode(replace(verdict(), checks=()))
    book.record(one.handed, "rules", Recorded("PASSED", points, 10, data))


def counted(book, asked) -> dict[str, tuple[str, float, int]]:
    given_ = marking.given_in(book, asked)
    marks = marking.with_people(book.marks(), given_, asked, book.names())
    return {one.student: (one.status, one.points, one.max_points) for one in marks}


def test_who_has_handed_in_no_code_has_a_name_too(book, asked) -> None:
    decide(book, asked, "ada", draft(book, asked, "ada", "roles", "named", 1))
    book.enrol([Student("ada", "Ada Lovelace")])
    given_ = marking.given_in(book, asked)
    marks = marking.with_people(book.marks(), given_, asked, book.names())
    assert next(one.name for one in marks if one.student == "ada") == "Ada Lovelace"


def test_points_of_people_count_as_soon_as_somebody_is_marked(book, asked) -> None:
    for student in ("ada", "bob", "zoe"):
        grade(book, student, 10)
    assert counted(book, asked) == dict.fromkeys(("ada", "bob", "zoe"), ("PASSED", 10, 10))
    both = [draft(book, asked, "ada", name, "named", 1) for name in ("roles", "ranges")]
    decide(book, asked, "ada", *both)
    assert counted(book, asked) == {
        "ada": ("PASSED", 12, 19),
        "bob": ("PENDING", 10, 19),
        "eve": ("NOT_IMPLEMENTED", 0, 19),  # free text handed in, untouched, and no code
        "zoe": ("PASSED", 10, 19),  # handed in no free text
    }
    prose.take_prose(book, [Prose("ada", KATA, "again.md", text("c, once more"))])
    assert counted(book, asked)["ada"][0] == "PENDING", "it is another text than was marked"
    states = [one.state for one in item(book, asked, "ada").standings]
    assert states == [State.CHANGED, State.CHANGED, State.UNANSWERED]
    assert book.missing([KATA]) == []
    [(kata, found)] = marking.prose_stats(book, asked).items()
    assert (kata, found.waiting, found.criteria[0].levels[1]) == (KATA, 2, ("named", 1))


def test_a_remark_reaches_everybody_whom_it_was_given_to(book, asked) -> None:
    remark = prose.add_remark(book, KATA, "roles", "Look at c again.", "grace", NOW)
    assert prose.add_remark(book, KATA, "roles", "Look at c again.", "alan", NOW) == remark
    for student in ("ada", "bob"):
        given = draft(book, asked, student, "roles", "missing", 0, remarks=(remark,))
        decide(book, asked, student, given)
    prose.change_remark(book, remark, "Look at c and h.", "alan", NOW)
    words = marking.words_of_people(book, asked)
    said = [words[student, KATA].marks[0].comment for student in ("ada", "bob")]
    assert said == ["Look at c and h."] * 2
    with pytest.raises(UsageError, match="something else"):
        decide(book, asked, "ada", draft(book, asked, "ada", "one", "named", 1, remarks=(remark,)))


def test_a_comment_on_a_misconception_is_in_the_feedback_of_all_who_have_it(
    book, asked, tmp_path
) -> None:
    hostile = "</pre><script>alert(1)</script> \u202e```"
    for student in ("ada", "bob"):
        grade(book, student, 3, msgspec.json.encode(verdict()))
    grade(book, "eve", 10)
    [mistake] = marking.mistakes_in(book)
    assert mistake.students == ("ada", "bob")
    prose.remark_on_misconception(book, KATA, mistake.id, "first", "grace", NOW)
    prose.remark_on_misconception(book, KATA, mistake.id, hostile, "alan", NOW)
    words = marking.words_of_people(book, asked)
    assert set(words) == {("ada", KATA), ("bob", KATA)}
    assert write_words(tmp_path / "out", words, asked) == 2
    assert write_words(tmp_path / "out", words, asked) == 0, "they say the same"
    for student in ("ada", "bob"):
        page = (tmp_path / "out" / student / "toy-why" / "from-a-person.html").read_text()
        assert mistake.title.strip() in page
        assert "<script>" not in page
        assert "\u202e" not in page
    prose.remark_on_misconception(book, KATA, mistake.id, "", "alan", NOW)
    assert marking.words_of_people(book, asked) == {}


# -- the CSV ---------------------------------------------------------------------------------------


def rows_of(book, asked) -> list[dict[str, str]]:
    items = marking.items_in(book, asked, NOW)
    sheet = sheet_of(items, asked, prose.decisions_in(book))
    return list(csv.DictReader(io.StringIO(sheet)))


def taken(book, asked, path: Path, rows: list[dict[str, str]], marker: str = "grace") -> int:
    written = io.StringIO()
    made = csv.DictWriter(written, rows[0], lineterminator="\r\n")
    made.writeheader()
    made.writerows(rows)
    path.write_text(written.getvalue(), encoding="utf-16")  # as spreadsheets write it
    return take_sheet(book, asked, path, marker, NOW)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(comment=st.text(st.characters(codec="utf-8"), max_size=30), points=st.floats(0, 3))
def test_what_a_csv_says_is_what_the_book_says(
    tmp_path_factory, comment: str, points: float
) -> None:
    folder = tmp_path_factory.mktemp("sheet")
    asked = asked_in(folder)
    with book_with(folder / "class.sqlite", ada="=1+1") as book:
        rows = rows_of(book, asked)
        assert rows[0]["text"] == "'=1+1"
        rows[0] |= {"level": "named", "points": repr(points), "comment": f"Since {comment}"}
        assert taken(book, asked, folder / "marks.csv", rows) == 1
        [one] = prose.decisions_in(book)
        assert (one.points, one.marker) == (points, "grace")
        again = rows_of(book, asked)
        assert again[0]["level"] == "named"
        assert taken(book, asked, folder / "marks.csv", again) == 0
        for row in again:  # as programs write whole numbers that have an empty cell below them
            row |= {"answer": f"{row['answer']}.0", "decision": f"{row['decision']}.0"}
        again[0] |= {"comment": "Once more"}
        assert taken(book, asked, folder / "marks.csv", again) == 1


def fill(change: Callable[[list[dict[str, str]]], object]):
    return change


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (fill(lambda rows: rows[0].update(level="great")), ":2: roles has no level"),
        (fill(lambda rows: rows[0].update(level="named", points="9")), ":2: roles gives 0 to 3"),
        (fill(lambda rows: rows[0].update(points="1")), ":2: roles has points or a comment"),
        (fill(lambda rows: rows[0].update(answer="99")), ":2: the answer '99' is not there"),
        (fill(lambda rows: rows[0].update(criterion="x", level="named")), "no criterion"),
        (fill(lambda rows: rows.append(dict(rows[1]))), ":11: has ranges of this answer twice"),
        (fill(lambda rows: [row.pop("decision") for row in rows]), ":1: has no column decision"),
    ],
)
def test_a_csv_that_does_not_fit_changes_nothing(book, asked, tmp_path, change, says) -> None:
    rows = rows_of(book, asked)
    rows[1] |= {"level": "named"}
    change(rows)
    with pytest.raises(DataError, match=says):
        taken(book, asked, tmp_path / "marks.csv", rows)
    assert prose.decisions_in(book) == []


def test_a_csv_does_not_overwrite_what_was_marked_since(book, asked, tmp_path) -> None:
    rows = rows_of(book, asked)
    decide(book, asked, "ada", draft(book, asked, "ada", "roles", "explained", 3), marker="alan")
    rows[0] |= {"level": "named", "points": ""}
    with pytest.raises(DataError, match="alan has marked ada since this file was written"):
        taken(book, asked, tmp_path / "marks.csv", rows)
