"""What a class' marks count: the arithmetic by hand, and what holds for every class."""

import contextlib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.classroom.gradebook import Mark, Past
from grader.classroom.policy import (
    Late,
    Policy,
    as_totals,
    days_late,
    grades,
    penalised,
    read_policy,
    settled,
)
from grader.classroom.times import archive_times, moment, no_times, read_extensions, read_times
from grader.errors import DataError, KataError, UsageError

A, B = "lstm/lstm_cell", "gru/gru_cell"
KNOWN = [A, B, "lstm", "gru"]
DUE = datetime(2026, 10, 1, 22, 0, tzinfo=UTC)


def mark(
    points: int, *, student: str = "ada", kata: str = A, attempt: int = 1, status: str = "FAILED"
) -> Mark:
    return Mark(student, "", kata, attempt, "a.py", False, status, points, 10, "")


def one(marks: list[Mark], policy: Policy, late: dict[int, timedelta] | None = None, **more):
    """The grade of the one student; each attempt is so late as its number says."""
    late = late or {}
    [grade] = grades(
        marks,
        more.pop("katas", [A]),
        policy,
        handed_at=lambda student, kata, attempt: DUE + late.get(attempt, timedelta(0)),
        **more,
    )
    return grade


@pytest.mark.parametrize(
    ("over", "grace", "days"),
    [
        (timedelta(hours=-5), 0, 0),
        (timedelta(0), 0, 0),
        (timedelta(microseconds=1), 0, 1),
        (timedelta(minutes=15), 15, 0),
        (timedelta(minutes=15, seconds=1), 15, 1),
        (timedelta(days=1), 0, 1),
        (timedelta(days=1, seconds=1), 0, 2),
        (timedelta(days=1, seconds=1), 15, 2),
    ],
)
def test_a_day_that_has_begun_is_a_day(over: timedelta, grace: int, days: int) -> None:
    assert days_late(DUE + over, DUE, grace) == days


def test_lateness_by_hand() -> None:
    late = Late(penalty_per_day=0.1, floor=0.5)
    assert [penalised(8, days, late) for days in (0, 1, 3)] == pytest.approx([8, 7.2, 5.6])
    assert penalised(8, 9, late) == 4, "the floor"
    assert penalised(8, 20, Late(penalty_per_day=0.1)) == 0, "and never below nothing"


def test_which_attempt_counts_is_decided_after_lateness() -> None:
    marks = [mark(7), mark(9, attempt=2), mark(2, attempt=3)]
    late = {2: timedelta(days=2), 3: timedelta(days=3)}
    cost = {"due": {A: DUE}, "late": Late(penalty_per_day=0.2)}
    for take, attempt, points in (("best", 1, 7), ("first", 1, 7), ("last", 3, 2 * 0.4)):
        [part] = one(marks, Policy(take=take, **cost), late).katas
        assert (part.attempt, part.points) == (attempt, pytest.approx(points))
    free = Policy(due={A: DUE}, late=Late(penalty_per_day=0.2, tokens=2))
    [part] = one(marks, free, late).katas
    assert (part.attempt, part.points, part.days_late, part.tokens) == (2, 9, 2, 2)


def test_tokens_go_to_what_is_due_first() -> None:
    policy = Policy(
        due={A: DUE + timedelta(days=1), B: DUE},
        late=Late(penalty_per_day=0.1, tokens=3),
    )
    marks = [mark(10), mark(10, kata=B)]
    grade = one(marks, policy, {1: timedelta(days=2)}, katas=[A, B])
    # B is two days late and takes two tokens; A is one day late and takes the third.
    assert [(part.days_late, part.tokens) for part in grade.katas] == [(1, 1), (2, 2)]
    assert grade.share == 1.0


def test_weights_and_the_lowest_by_hand() -> None:
    marks = [mark(10), mark(5, kata=B)]
    assert one(marks, Policy(weights={A: 3.0}), katas=[A, B]).share == (3 * 1 + 0.5) / 4
    dropped = one(marks, Policy(weights={A: 3.0}, drop_lowest=1), katas=[A, B])
    assert dropped.share == 1.0
    assert [part.dropped for part in dropped.katas] == [False, True]
    assert one(marks, Policy(drop_lowest=9), katas=[A, B]).share == 1.0, "one always stays"
    assert as_totals([dropped])[0].points == 100


def test_nothing_handed_in_counts_nothing_and_what_waits_counts_not() -> None:
    others = [mark(10, student="bob"), mark(10, student="bob", kata=B)]
    found = grades([mark(8), *others], [A, B], Policy(), handed_at=no_times)
    assert [grade.share for grade in found] == [0.4, 1.0]
    waits = mark(0, kata=B, status="WAITING")
    found = grades([mark(8), waits, *others], [A, B], Policy(), handed_at=no_times)
    assert found[0].share == 0.8
    assert found[0].katas[1].pending
    assert grades([waits], [B], Policy(), handed_at=no_times) == []


def test_a_longer_time_for_one_student() -> None:
    policy = Policy(due={A: DUE}, late=Late(penalty_per_day=0.5))
    late = {1: timedelta(hours=30)}
    assert one([mark(10)], policy, late).share == 0.0
    longer = one([mark(10)], policy, late, extended=lambda who, kata: DUE + timedelta(days=1))
    assert longer.share == 0.5
    shorter = one([mark(10)], policy, late, extended=lambda who, kata: DUE - timedelta(days=9))
    assert shorter.share == 0.0, "an extension takes nothing away"


def test_no_mark_falls_by_a_regrade_where_none_may() -> None:
    def past(points: int, status: str = "FAILED") -> Past:
        return Past("ada", A, 1, "rules", status, points, 10, "")

    history = [past(7), past(9), past(4), past(0, "INTERNAL_ERROR")]
    assert settled([mark(4)], history, may_fall=True)[0].points == 4
    assert settled([mark(4)], history, may_fall=False)[0].points == 9


attempts = st.lists(st.tuples(st.integers(0, 10), st.integers(-3, 12)), min_size=1, max_size=4)
late_rules = st.builds(
    Late,
    grace_minutes=st.integers(0, 3000),
    penalty_per_day=st.sampled_from([0.0, 0.1, 0.34, 1.0]),
    floor=st.sampled_from([0.0, 0.5, 1.0]),
    tokens=st.integers(0, 5),
)


@given(attempts, attempts, late_rules, st.integers(0, 3))
def test_what_holds_for_every_class(first, second, late, drop) -> None:
    marks, days = [], {}
    for kata, given_ in ((A, first), (B, second)):
        for number, (points, over) in enumerate(given_, 1):
            marks.append(mark(points, kata=kata, attempt=number))
            days[kata, number] = timedelta(days=over)

    def share(take: str, late: Late = late, drop: int = drop) -> float:
        policy = Policy(take=take, drop_lowest=drop, due={A: DUE, B: DUE}, late=late)
        [grade] = grades(marks, [A, B], policy, handed_at=lambda who, kata, n: DUE + days[kata, n])
        assert sum(part.tokens for part in grade.katas) <= late.tokens
        assert all(0 <= part.points <= 10 for part in grade.katas)
        return grade.share

    best = share("best")
    assert 0 <= best <= 1
    assert best <= share("best", Late()) + 1e-9, "lateness gives nothing"
    assert share("best", drop=drop + 1) >= best - 1e-9, "to drop one more takes nothing"
    none = Late(late.grace_minutes, late.penalty_per_day, late.floor, 0)
    assert best >= share("best", none) - 1e-9, "tokens take nothing"
    for take in ("first", "last"):
        assert share("best", none) >= share(take, none) - 1e-9


# -- files -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("tokenz = 3\n", "p.toml:1: Object contains unknown field `tokenz`"),
        ("[late]\nfloor = 2\n", "p.toml:2: Expected `float` <= 1.0"),
        ('take = "worst"\n', "p.toml:1: Invalid enum value 'worst'"),
        ('[weights]\n"no/such" = 1\n', "p.toml:2: [weights] names 'no/such'"),
        ("[due]\ngru = 2026-10-01T23:59:00\n", "p.toml:2: gru is due at a time without a zone"),
        ('zone = "Mars/Olympus"\n', "names the zone 'Mars/Olympus'"),
        ("due = 3\n", "p.toml:1: Expected `object`"),
        ("[weights]\ngru = inf\n", "p.toml:1: Expected `float` <= 1000000.0"),
        ("[late]\ngrace_minutes = 99999999999999\n", "p.toml:2: Expected `int` <= 1000000"),
        ("due =\n", "p.toml:1: is not TOML"),
    ],
)
def test_a_policy_that_is_none_is_told_with_its_line(tmp_path: Path, text, says) -> None:
    path = tmp_path / "p.toml"
    path.write_text(text)
    with pytest.raises(UsageError) as raised:
        read_policy(path, KNOWN)
    assert says in raised.value.message


def test_a_track_is_due_and_a_zone_is_for_all(tmp_path: Path) -> None:
    path = tmp_path / "p.toml"
    path.write_text('zone = "Europe/Berlin"\n[due]\nlstm = 2026-10-02T00:00:00\n')
    assert read_policy(path, KNOWN).due_at(A) == DUE
    assert read_policy(path, KNOWN).due_at(B) is None


@pytest.mark.parametrize("said", ["2026-10-01", "23:59:00", '"1 October"'])
def test_a_due_time_is_a_day_and_a_time(tmp_path: Path, said: str) -> None:
    path = tmp_path / "p.toml"
    path.write_text(f'zone = "UTC"\n[due]\ngru = {said}\n')
    with pytest.raises(UsageError) as raised:
        read_policy(path, KNOWN)
    assert "p.toml:2: " in raised.value.message
    assert raised.value.advice == "Write a day and a time: gru = 2026-10-08T23:59:00."


def test_a_policy_that_an_editor_has_marked(tmp_path: Path) -> None:
    path = tmp_path / "p.toml"
    path.write_bytes(b'\xef\xbb\xbftake = "last"\r\n')
    assert read_policy(path, KNOWN).take == "last"


@pytest.mark.parametrize(
    ("due", "handed_in", "grace", "days"),
    [
        ("2026-03-29T01:59:00", "2026-03-29T03:05", 15, 0),  # the clock skips an hour between
        ("2026-03-28T23:00:00", "2026-03-30T00:00", 0, 1),
        ("2026-10-24T23:59:00", "2026-10-25T23:59", 0, 2),  # 25 hours
        ("2026-10-25T02:30:00", "2026-10-25T02:30", 0, 0),
    ],
)
def test_lateness_is_real_time_where_clocks_change(tmp_path, due, handed_in, grace, days) -> None:
    """In one zone, and with the offsets written out, it is the same."""
    path = tmp_path / "p.toml"
    path.write_text(f'zone = "Europe/Berlin"\n[due]\ngru = {due}\n')
    at = read_policy(path, KNOWN).due_at(B)
    assert at is not None
    berlin = ZoneInfo("Europe/Berlin")
    given_ = moment(handed_in, berlin, path, 2)
    assert days_late(given_, at, grace) == days
    packed = archive_times({("ada", B, 1): f"{handed_in}:00"}, berlin)
    assert packed("ada", B, 1) == given_


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:00-12:00"])
def test_times_at_the_ends_of_the_calendar(text: str) -> None:
    assert days_late(moment(text, None, Path("t.csv"), 2), DUE) >= 0
    assert days_late(DUE, moment(text, None, Path("t.csv"), 2)) >= 0


@pytest.mark.parametrize(
    "text",
    ["2026-10-01T22:00:00Z", "2026-10-02 00:00:00+02:00", "2026-10-01 22:00 UTC", "20261001T22Z"],
)
def test_times_in_several_zones_are_one_moment(text: str) -> None:
    assert moment(text, None, Path("t.csv"), 2) == DUE


def test_times_and_extensions_from_files(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(
        "Student;Kata;Attempt;Submitted\nada;lstm_cell;2;2026-10-01T22:00Z\n"
        "ada;;;2026-10-01T21:00Z\n".encode("utf-16")
    )
    handed_at = read_times(path, [A, B], None)
    assert handed_at("ada", A, 2) == DUE
    assert handed_at("ada", B, 1) == DUE - timedelta(hours=1)
    with pytest.raises(UsageError, match="does not say when bob handed in attempt 1"):
        handed_at("bob", A, 1)
    path.write_text("student,until\nada,2026-10-02T00:00:00+02:00\n")
    extended = read_extensions(path, [A], None)
    assert (extended("ada", A), extended("bob", A)) == (DUE, None)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("student,time\nada,2026-10-01 22:00\n", "t.csv:2: has the time .* without a zone"),
        ("student,time\nada,2026-10-01\n", "t.csv:2: has the day '2026-10-01' and no time of day"),
        ("student,time\n\nada,yesterday\n", "t.csv:3: has the time 'yesterday'"),
        ("student,time\nada,\n", "t.csv:2: has no student, or no time"),
        ("who,time\nada,x\n", "t.csv:1: has the columns who, time"),
        ("student,kata,time\nada,nope,2026-10-01T22Z\n", "t.csv:2: names 'nope'"),
        ("student,attempt,time\nada,x,2026-10-01T22Z\n", "t.csv:2: has the attempt"),
        ("student,time\na,2026-10-01T22Z\na,2026-10-01T22Z\n", "t.csv:3: .* second time"),
        ("", "is empty"),
    ],
)
def test_a_line_that_is_wrong_is_named(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "t.csv"
    path.write_text(text)
    with pytest.raises(DataError, match=says):
        read_times(path, [A], None)


def test_who_is_written_otherwise_is_the_same(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("student,until\nAda@X.org,2026-10-01T22:00Z\n0012,2026-10-02T22:00Z\n")
    extended = read_extensions(path, [A], None)
    assert extended("ada@x.org", A) == DUE
    assert extended("12", A) == DUE + timedelta(days=1)
    assert extended.strangers(["12"]) == ["Ada@X.org"]
    path.write_text("student,time\nzoe\u0308,2026-10-01T22:00Z\n")
    assert read_times(path, [A], None)("zo\xeb", A, 1) == DUE


def test_ids_that_differ_in_their_capitals_alone_are_two(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("student,until\nann,2026-10-01T22:00Z\nANN,2026-10-02T22:00Z\n")
    extended = read_extensions(path, [A], None)
    assert [extended(who, A) for who in ("ann", "ANN", "Ann")] == [
        DUE,
        DUE + timedelta(days=1),
        None,
    ]


@given(st.binary(max_size=200))
def test_no_file_of_times_is_a_crash(tmp_path_factory, data: bytes) -> None:
    path = tmp_path_factory.mktemp("t") / "t.csv"
    path.write_bytes(b"student,time\n" + data)
    with contextlib.suppress(KataError):
        read_times(path, [A], UTC)
