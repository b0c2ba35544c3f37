"""What goes wrong in a function that the stub gives is told at the line that calls it."""

import pytest

from grader.course.catalog import built_in_course
from grader.course.misconceptions import mutant_source
from grader.course.stubs import given_lines
from grader.judge.entered import function_at
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
    assert given_lines(SOURCE.encode(), GIVEN.encode()) == {2, 3}
    assert lines(SOURCE) == [7]


def test_a_given_function_that_was_changed_is_the_learners_own() -> None:
    changed = SOURCE.replace("len(x)", "len(x[1:])")
    assert given_lines(changed.encode(), GIVEN.encode()) == frozenset()
    assert lines(changed) == [7, 3]


def test_where_no_line_is_the_learners_own_the_given_one_is_told() -> None:
    assert lines(SOURCE, FRAMES[1:]) == [3]


@pytest.mark.parametrize("source", ["def mean(:\n", "\0", "(" * 10_000])
def test_a_text_that_does_not_parse_holds_nothing_given(source: str) -> None:
    assert given_lines(source.encode(), GIVEN.encode()) == frozenset()


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


WINDOWS = """
def fit_scaler(train):
    return _moments(train)


def prepare(series):
    filled = series
    return fit_scaler(filled)
"""


def test_a_function_is_found_by_a_line_of_its_body() -> None:
    found = [function_at(WINDOWS.encode(), line) for line in range(1, 11)]
    assert found == ["", "", "fit_scaler", "", "", "", "prepare", "prepare", "", ""]


@pytest.mark.parametrize("style", ["as it is", "with rows of its own"])
def test_no_line_is_shown_in_a_function_that_the_named_mistake_leaves_alone(
    grader, style: str
) -> None:
    """What the scaler is given is wrong; the lines of filling are right, if unusual."""
    kata = built_in_course().find("forecasting/windows")
    [item] = [one for one in kata.misconceptions if one.id == "scaler_of_filled_values"]
    wrong = mutant_source(item, kata.solution, kata.solutions)
    if style != "as it is":
        wrong += FILLING.encode()
    verdict = grader.attempt_source(kata, wrong).verdict()
    told = next(check for check in verdict.checks if check.diagnosis)
    assert told.diagnosis is not None
    assert told.diagnosis.id == item.id
    if told.suspect is not None:
        assert function_at(wrong, told.suspect.line) == "prepare"


FILLING = """

def fill_from_past(series, limit):
    filled = series.clone()
    age = torch.full((series.shape[1],), limit + 1)
    last = torch.full_like(series[0], torch.nan)
    for t, row in enumerate(series):
        there = ~row.isnan()
        last = torch.where(there, row, last)
        age = torch.where(there, 0, age + 1)
        filled[t] = torch.where(age <= limit, last, torch.nan)
        filled[t] = torch.where(there, row, filled[t])
    return filled
"""
