"""Each kata's worked example: its numbers are the task's, the solution gives them, the stub not."""

import pytest

from grader.audit.files import worked_example
from grader.checks.example import stands_in
from grader.course.catalog import built_in_course
from grader.course.kata import Kata
from grader.judge.attempt import WorkedExample
from grader.judge.grader import Grader
from grader.verdict import Status

KATAS = [kata for kata in built_in_course().katas if not kata.spec.no_example]


def result_of(grader: Grader, kata: Kata, source: bytes) -> WorkedExample:
    attempt = grader.attempt_source(kata, source)
    try:
        return attempt.example()
    finally:
        attempt.close()


@pytest.mark.parametrize("kata", KATAS, ids=lambda kata: kata.name)
def test_a_worked_example(kata: Kata, grader: Grader) -> None:
    task = worked_example(kata.readme.read_text("utf-8"))
    right = result_of(grader, kata, kata.solution.read_bytes())
    assert right.lines
    assert [line for line in right.lines if not stands_in(line.expected, task)] == []
    assert [line for line in right.lines if not line.right] == []
    assert (right.status, right.message) == (Status.PASSED, "")

    stub = result_of(grader, kata, kata.stub.read_bytes())
    assert stub.status is Status.NOT_IMPLEMENTED
    assert not any(line.right for line in stub.lines)


def test_only_interviews_have_none() -> None:
    none = [kata.name for kata in built_in_course().katas if kata not in KATAS]
    assert {name.partition("/")[0] for name in none} == {"interview"}
