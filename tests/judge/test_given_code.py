"""What goes wrong in a function that the stub gives is told at the line that calls it."""

import pytest

from grader.course.catalog import built_in_course
from grader.course.stubs import given_lines
from grader.judge.mishaps import bounded_frames
from grader.wire.messages import Frame

GIVEN = "def mean(x):\n    return sum(x) / len(x)"
SOURCE = """# A comment moves the lines.
def mean(x):  # as it was given
    return sum(x) / len(x)


def spread(x):
    return max(x) - mean(x[:0])
"""
FRAMES = (Frame(7, "spread", "", 0), Frame(3, "mean", "", 0))


def lines(source: str, frames: tuple[Frame, ...] = FRAMES) -> list[int]:
    return [frame.line for frame in bounded_frames(frames, source.encode(), GIVEN.encode())]


def test_frames_end_at_the_learners_own_line() -> None:
    assert given_lines(SOURCE, GIVEN) == {2, 3}
    assert lines(SOURCE) == [7]


def test_a_given_function_that_was_changed_is_the_learners_own() -> None:
    changed = SOURCE.replace("len(x)", "len(x[1:])")
    assert given_lines(changed, GIVEN) == frozenset()
    assert lines(changed) == [7, 3]


def test_where_no_line_is_the_learners_own_the_given_one_is_told() -> None:
    assert lines(SOURCE, FRAMES[1:]) == [3]


@pytest.mark.parametrize("source", ["def mean(:\n", "\0", "(" * 10_000])
def test_a_text_that_does_not_parse_holds_nothing_given(source: str) -> None:
    assert given_lines(source, GIVEN) == frozenset()


def test_the_call_of_a_given_function_is_told(grader) -> None:
    kata = built_in_course().find("ner/bilstm_crf")
    right = kata.solution.read_text(encoding="utf-8")
    call = "return crf_nll(scores, ids, lengths, "
    assert right.count(call) == 1
    wrong = right.replace(call, "return crf_nll(scores, ids[:, :0], lengths, ")
    verdict = grader.attempt_source(kata, wrong.encode()).verdict()
    failed = next(check for check in verdict.checks if check.location)
    assert failed.name == "loss_is_the_likelihood"
    assert failed.location is not None
    assert failed.location.source.startswith("return crf_nll(scores, ids[:, :0]")
