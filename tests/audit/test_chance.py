"""How likely it is that a seed misses a misconception: found where it is, and told."""

from pathlib import Path

import pytest

from grader.audit.chance import Chance, Chances, chances_of
from grader.course.catalog import Course
from grader.judge.grader import Grader
from grader.sandbox.sandbox import Sandbox

MORE = """
[[misconception]]
id = "{id}"
title = "One more"
caught_by = "doubles"
message = "Why."
edits = [{{ old = "2 * x", new = "{new}" }}]
"""


def found(toy: Path, sandbox: Sandbox, seeds: int = 5, **more: str) -> Chances:
    with (toy / "solutions/toy/double/misconceptions.toml").open("a") as bank:
        for id, new in more.items():
            bank.write(MORE.format(id=id, new=new))
    course = Course(toy)
    [kata] = course.katas
    return chances_of(Grader(course, sandbox), kata, seeds=seeds)


def test_what_every_case_shows_is_never_missed(toy: Path, sandbox: Sandbox) -> None:
    one = found(toy, sandbox)
    assert [(row.id, row.cases, row.asked, row.failed) for row in one.rows] == [
        ("squared", 10, 50, 50),
        ("sign_lost", 10, 50, 50),
        ("tripled", 10, 50, 50),
    ]
    assert one.missed == 0
    assert one.problems == ()


def test_what_few_cases_show_is_told(toy: Path, sandbox: Sandbox) -> None:
    one = found(toy, sandbox, rare="2 * x + (x % 7 == 5)", simplest="2 * x + (x == 3)")
    rare, simplest = one.rows[-2:]
    assert 0 < rare.failed < 20
    assert rare.missed == pytest.approx((1 - rare.failed / 50) ** 10)
    assert one.missed == rare.missed  # the first case is always 3
    assert simplest.failed >= 5
    assert simplest.missed == 0
    [problem] = one.problems
    assert problem.startswith(f"misconception rare fails in {rare.failed} of 50 cases of doubles")
    assert f"or draw {rare.needed}" in problem
    assert rare.needed
    assert (
        (1 - rare.failed / 50) ** rare.needed <= 0.002 < (1 - rare.failed / 50) ** (rare.needed - 1)
    )


def test_what_no_case_shows_is_told(toy: Path, sandbox: Sandbox) -> None:
    [problem] = found(toy, sandbox, seeds=1, never="2 * x + (x > 50)").problems
    assert "no seed may ever catch it" in problem


def test_what_stops_is_asked_no_more_on_its_seed(toy: Path, sandbox: Sandbox) -> None:
    row = found(toy, sandbox, seeds=2, dies="exec('import os; os._exit(3)') or x").rows[-1]
    assert (row.asked, row.failed, row.missed) == (2, 2, 0)


def test_what_cannot_be_loaded_is_left_out(toy: Path, sandbox: Sandbox) -> None:
    assert len(found(toy, sandbox, seeds=1, broken="2 *").rows) == 3


def test_a_broken_bank_is_told(toy: Path, sandbox: Sandbox) -> None:
    (toy / "solutions/toy/double/misconceptions.toml").write_text("[[misconception")
    course = Course(toy)
    [kata] = course.katas
    one = chances_of(Grader(course, sandbox), kata, seeds=1)
    assert "misconceptions.toml" in one.problems[0]


def test_needed_where_it_is_shown_by_all_or_by_none() -> None:
    assert Chance("a", "b", cases=3, asked=6, failed=6, simplest=True).needed == 1
    assert Chance("a", "b", cases=3, asked=6, failed=0, simplest=False).needed is None
