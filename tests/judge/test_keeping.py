"""What our own sources answer, kept on disk: the same comes of it, or it is asked anew."""

import math
import sqlite3
import stat
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from grader.course.catalog import Course
from grader.course.kata import Kata
from grader.judge import bank as banks
from grader.judge import keeping
from grader.judge.grader import Grader
from grader.judge.keeping import Keeping
from grader.judge.pairs import Traces
from grader.judge.transcript import Held, Said, Transcript, numbers
from grader.sandbox.sandbox import Sandbox
from grader.verdict import Isolation, Verdict

BANK = """
[[misconception]]
id = "thrice"
title = "It is taken three times"
message = "Twice is enough."
caught_by = "doubles"
edits = [{ old = "2 * x", new = "3 * x" }]

[[misconception]]
id = "one_more"
title = "One is added"
message = "Nothing is added."
caught_by = "doubles"
edits = [{ old = "2 * x", new = "2 * x + 1" }]
"""
CHECKS = '''
@check()
@given(number=st.integers(2, 99))
def doubles(submission, number):
    """The answer is twice x."""
    expect(submission["double"](number), 2 * number, name="the answer")
'''
THRICE = b"def double(x):\n    return x + x + x\n"


@pytest.fixture
def kept(kata: Kata, tmp_path: Path) -> Iterator[Keeping]:
    one = Keeping(kata, lambda: tmp_path)
    yield one
    one.close()


VALUES = [
    None,
    [True, 1, 1.0, -0.0, math.inf, "a", b"a", -(1 << 63), (1 << 64) - 1],
    ((), [], {}, ([1], (2, (3,)))),
    {"a": 1, 2: ("b",)},
    np.arange(6, dtype=np.int16).reshape(2, 3),
    np.array(0.25),
    np.zeros((0, 4), bool),
    numbers(torch.tensor([[0.1, math.nan]], dtype=torch.bfloat16)),
    numbers(torch.tensor(1.5, dtype=torch.float64, requires_grad=True)),
    [(Said("answer", (numbers(torch.ones(2)), Held()), 1e-6, "f"), Said("error", ("a", "b", "c")))],
]


def alike(one, other) -> bool:
    """Equal values of equal types, bit for bit."""
    if type(one) is not type(other):
        return False
    if isinstance(one, np.ndarray):
        return (one.dtype, one.shape, one.tobytes()) == (other.dtype, other.shape, other.tobytes())
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(alike, one, other))
    if isinstance(one, dict):
        return list(one) == list(other) and all(alike(one[key], other[key]) for key in one)
    if hasattr(one, "__struct_fields__"):
        return all(alike(getattr(one, n), getattr(other, n)) for n in one.__struct_fields__)
    return str(one) == str(other)  # -0.0 is not 0.0


@pytest.mark.parametrize("value", VALUES[1:], ids=map(str, range(1, len(VALUES))))
def test_what_is_kept_is_found_by_another(kept, kata, tmp_path, value) -> None:
    assert kept.find("a", Any) is None
    kept.keep("a", value)
    with closing(Keeping(kata, lambda: tmp_path)) as other:
        assert alike(other.find("a", Any), value)
        assert other.find("b", Any) is None


@pytest.mark.parametrize(
    "value",
    [
        object(),
        {1},
        np.array([None]),
        torch.ones(2),
        1 << 64,
        np.float64(1),
        [[np.int8(1)]],
        "\ud800",
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_is_of_another_kind_is_left_out(kept, value) -> None:
    kept.keep("a", value)
    assert kept.find("a", Any) is None


def test_what_is_too_large_is_left_out(kept, monkeypatch) -> None:
    monkeypatch.setattr(keeping, "MAX_ENTRY_BYTES", 1000)
    kept.keep("a", "x" * 990)
    kept.keep("b", "x" * 1000)
    assert kept.find("a", Any)
    assert kept.find("b", Any) is None


def files_in(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.sqlite"))


@pytest.mark.parametrize(
    "value",
    [
        *("a", {}, [1], [[1]], [("a",)], [Said("answer", 1)]),
        *([(Said(1, 1),)], [(Said("a", 1, "b"),)], [(Said("a", 1, 0.5, 2),)]),
        [(Said("a", (numbers(torch.ones(2)), numbers(torch.ones(2)).dtype)),)],
    ],
    ids=repr,
)
def test_what_is_of_another_form_than_is_asked_for_is_not_there(kept, value) -> None:
    kept.keep("a", value)
    assert kept.find("a", list[Transcript]) is None


def test_what_misconceptions_leave_behind_is_found(kept) -> None:
    parts = [[numbers(torch.ones(2))], [], [numbers(torch.zeros(1))]]
    kept.keep("a", parts)
    found = kept.find("a", Traces)
    assert isinstance(found, Traces)
    assert alike([*found], parts)


def test_only_the_user_may_read_it(kept, tmp_path) -> None:
    kept.keep("a", 1)
    [file] = files_in(tmp_path)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "data",
    [b"", b"\xc1", b"\xc7\x00\x09", b"\xc7\x01\x03\x93", b"\xd4\x04\x90"],
    ids=bytes.hex,
)
def test_what_cannot_be_read_is_not_there(kept, tmp_path, data: bytes) -> None:
    kept.keep("a", 1)
    kept.close()
    [file] = files_in(tmp_path)
    with sqlite3.connect(file) as table:
        table.execute("UPDATE kept SET data = ?", (data,))
    table.close()
    with closing(Keeping(kept._kata, lambda: tmp_path)) as other:
        assert other.find("a", Any) is None


def no_database(file: Path) -> None:
    file.write_bytes(b"no database at all, but long enough to be taken for one" * 100)


def another_table(file: Path) -> None:
    file.unlink()
    with sqlite3.connect(file) as table:
        table.execute("CREATE TABLE kept (other TEXT)")
    table.close()


def a_folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


def a_link(file: Path) -> None:
    file.rename(file.with_name("elsewhere"))
    file.symlink_to("nowhere")


@pytest.mark.parametrize("spoilt", [no_database, another_table, a_folder, a_link])
def test_a_file_that_is_none_is_done_without(kept, tmp_path, spoilt) -> None:
    kept.keep("a", 1)
    kept.close()
    [file] = files_in(tmp_path)
    for rest in tmp_path.glob("*-*.sqlite-*"):
        rest.unlink()
    spoilt(file)
    with closing(Keeping(kept._kata, lambda: tmp_path)) as other:
        assert other.find("a", Any) is None
        other.keep("a", 2)
        other.find("a", Any)


def test_where_no_folder_can_be_made_nothing_is_kept(kata, tmp_path) -> None:
    (tmp_path / "file").write_text("")
    with closing(Keeping(kata, lambda: tmp_path / "file/folder")) as one:
        one.keep("a", 1)
        assert one.find("a", Any) is None


def test_nobody_waits_long_for_another_who_writes(kept, kata, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(keeping, "WAIT_S", 0.01)
    kept.keep("a", 1)
    [file] = files_in(tmp_path)
    writer = sqlite3.connect(file, isolation_level=None)
    writer.execute("BEGIN EXCLUSIVE")
    with closing(Keeping(kata, lambda: tmp_path)) as other:
        other.keep("b", 2)
        assert other.find("b", Any) is None
    writer.close()
    assert kept.find("a", Any) == 1


# -- in a bank -------------------------------------------------------------------------------------


@pytest.fixture
def opened(made, sandbox: Sandbox, tmp_path: Path) -> Iterator[Callable[..., Grader]]:
    """Graders of one course, each as a new process would have it."""
    course = made(CHECKS, bank=BANK).course
    graders: list[Grader] = []

    def opened(**options: object) -> Grader:
        graders.append(Grader(course, sandbox, keeps=tmp_path / "cache", **options))
        return graders[-1]

    yield opened
    for grader in graders:
        grader.close()


@pytest.fixture
def asked(monkeypatch) -> list[int]:
    """How many cases our own sources have been asked, each time that they were."""
    times: list[int] = []
    recorded = banks.recorded

    def counted(bodies, load, **options):
        times.append(len(bodies))
        return recorded(bodies, load, **options)

    monkeypatch.setattr(banks, "recorded", counted)
    return times


def graded(grader: Grader, source: bytes = THRICE) -> Verdict:
    [kata] = grader.course.katas
    return grader.attempt_source(kata, source).verdict()


def test_the_next_judge_asks_only_the_case_that_failed(opened, asked) -> None:
    first = graded(opened())
    before = asked.copy()
    second = graded(opened())
    again = asked[len(before) :]
    assert first.diagnosis.id == second.diagnosis.id == "thrice"
    assert max(before) == banks.CASES
    assert again
    assert set(again) == {1}
    assert first.checks == second.checks


@pytest.mark.parametrize(
    "change", ["katas/toy/double/checks.py", "solutions/toy/double/misconceptions.toml"]
)
def test_after_a_change_of_the_course_all_is_asked(opened, asked, tmp_path, change: str) -> None:
    grader = opened()
    graded(grader)
    first = len(asked)
    [old] = files_in(tmp_path / "cache")
    file = grader.course.root / change
    file.write_text(file.read_text() + "\n# changed\n")
    fresh = opened()
    fresh.course = Course(grader.course.root)
    graded(fresh)
    assert asked[first:] == asked[:first]
    [new] = files_in(tmp_path / "cache")
    assert new != old


def test_nothing_is_kept_of_hidden_checks(opened, tmp_path) -> None:
    graded(opened(hidden_checks=True))
    assert not (tmp_path / "cache").exists()


def test_nothing_is_kept_where_a_submission_could_come_to_it(opened, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(Sandbox, "isolation", Isolation(level="process"))
    graded(opened())
    assert not (tmp_path / "cache").exists()


def test_what_was_stopped_is_asked_again(made, sandbox, tmp_path, asked) -> None:
    never_ends = BANK.replace('"3 * x"', '"[0 for _ in iter(int, 1)]"')
    course = made(CHECKS, bank=never_ends, toml="[limits]\ncall_s = 0.2\n").course
    for _ in range(2):
        asked.clear()
        grader = Grader(course, sandbox, keeps=tmp_path / "cache")
        graded(grader)
        grader.close()
        assert 1 in asked
    with closing(Keeping(grader.course.katas[0], lambda: tmp_path / "cache")) as one:
        assert one.find("answers of one_more to doubles", list[Transcript])
        assert one.find("answers of thrice to doubles", list[Transcript]) is None


@pytest.mark.parametrize("number", [0, -1])
def test_the_verdict_is_the_same(course, sandbox, kata, tmp_path, number: int) -> None:
    source = banks.mutant_source(kata.misconceptions[number], kata.solution, kata.solutions)
    verdicts = []
    for _ in range(2):
        grader = Grader(course, sandbox, keeps=tmp_path)
        verdicts.append(grader.attempt_source(kata, source).verdict())
        grader.close()
    assert verdicts[0].checks == verdicts[1].checks
    assert files_in(tmp_path)
