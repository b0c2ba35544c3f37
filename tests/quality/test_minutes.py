"""The minutes of a kata are within a factor of two of an estimate from its task and its solution.

Nobody was timed. The estimate is a sum of three: reading the task at 150 words a minute; writing
the solution's own lines, half a minute each and an eighth more for each level; and three minutes of
thinking for each level. Lines that a kata before it has too are not counted, since one may begin
with one's own answer to that.
"""

import ast

import pytest

from grader.course.catalog import built_in_course
from grader.course.kata import Kata

COURSE = built_in_course()
WORDS_A_MINUTE = 150


def lines_of_code(source: str) -> list[str]:
    """The lines of a source without docstrings, comments and blank lines."""
    tree = ast.parse(source)
    told: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(
            node
        ):
            told |= set(range(node.body[0].lineno, node.body[0].end_lineno + 1))
    lines = enumerate(map(str.strip, source.splitlines()), start=1)
    return [line for number, line in lines if line and number not in told and line[0] != "#"]


def estimate(kata: Kata) -> float:
    """Minutes for a careful reader."""
    before: set[str] = set()
    for name in kata.spec.after:
        before |= set(lines_of_code(COURSE.find(name).solution.read_text("utf-8")))
    words = len(kata.readme.read_text("utf-8").split())
    lines = [line for line in lines_of_code(kata.solution.read_text("utf-8")) if line not in before]
    level = kata.spec.difficulty
    return words / WORDS_A_MINUTE + len(lines) * (1 / 2 + level / 8) + 3 * level


@pytest.mark.parametrize("kata", COURSE.katas, ids=lambda kata: kata.name)
def test_minutes_are_near_the_estimate(kata: Kata) -> None:
    ratio = kata.spec.minutes / estimate(kata)
    assert 1 / 2 <= ratio <= 2, f"{kata.spec.minutes} minutes, estimated {estimate(kata):.0f}"
