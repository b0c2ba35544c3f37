"""The public corpus: odd but right submissions pass, wrong ones fail in the way that their header
says.
"""

import pytest

from grader.course.catalog import Course
from grader.judge.grader import Grader
from grader.submission.find import SubmissionFile

pytestmark = pytest.mark.usefixtures("time_enough")


def test_verdict_is_the_expected_one(example, course: Course, grader: Grader) -> None:
    verdict = grader.grade(SubmissionFile(course.find(example.kata), example.path))
    assert example.problems(verdict) == []
