"""What a check observes decides first, and the answers behind it where that is too coarse."""

import pytest

from grader.judge.attempt import Attempt
from grader.submission.read import submission_text

BANK = """
[[misconception]]
id = "{name}"
title = "The answer is {new}"
caught_by = "doubles"
message = "Look at the sum."
members = [
    {{ name = "squared", new = "x ** 2" }},
    {{ name = "tripled", new = "3 * x" }},
]
edits = [{{ old = "2 * x", new = "{new}" }}]
""".replace("{{", "{").replace("}}", "}")
CHECK = '''
@check()
def doubles(submission):
    """The answer is twice x."""
    got = submission["double"](5)
    observe("what", {observed})
    expect(got, 10, name="the answer")
'''


def told(made, observed: str, answer: str) -> list[str]:
    grader = made(CHECK.replace("{observed}", observed), bank=BANK)
    [kata] = grader.course.katas
    source = submission_text(f"def double(x):\n    return {answer}\n".encode(), "double.py")
    verdict = Attempt(grader.prepared(kata), source).verdict()
    assert verdict.status == "FAILED"
    return [one.diagnosis.id for one in verdict.checks if one.diagnosis]


COARSE = "type(got).__name__"  # as of a right answer
HALF = '"right" if got == 10 else "wrong"'  # of all wrong answers alike
FINE = '"odd" if got % 3 else "threefold"'


@pytest.mark.parametrize("observed", [COARSE, HALF])
@pytest.mark.parametrize(
    ("answer", "names"),
    [("x * x", ["squared"]), ("x + x + x", ["tripled"])],
)
def test_answers_tell_what_an_observation_does_not(made, observed, answer, names) -> None:
    assert told(made, observed, answer) == names


@pytest.mark.parametrize("observed", [COARSE, HALF])
def test_an_answer_of_no_misconception_has_no_name(made, observed) -> None:
    assert told(made, observed, "x + 2") == []


def test_an_observation_that_fits_one_alone_needs_no_equal_answers(made) -> None:
    """Many answers may show the same mistake: any start of a random net, say."""
    assert told(made, FINE, "6 * x") == ["tripled"]


TWO = """
[[misconception]]
id = "{name}"
title = "The {name} is wrong"
caught_by = "doubles"
message = "Look at the {name}."
members = [
    {{ name = "sum", old = "2 * x", new = "3 * x" }},
    {{ name = "sign", old = "return ", new = "return -" }},
]
edits = [{{ old = "{old}", new = "{new}" }}]
""".replace("{{", "{").replace("}}", "}")
MORE_OF_WHAT_IS_WRONG = '''
@check()
def doubles(submission):
    """The answer is twice x."""
    got = submission["double"](5)
    observe("size", abs(got))
    if abs(got) != 10:
        observe("how often x", abs(got) / 5)
    observe("sign", "positive" if got > 0 else "negative")
    expect(got, 10, name="the answer")
'''


def test_two_are_told_where_one_of_them_is_observed_more_closely(made) -> None:
    grader = made(MORE_OF_WHAT_IS_WRONG, bank=TWO)
    [kata] = grader.course.katas
    source = submission_text(b"def double(x):\n    return 0 - x - x - x\n", "double.py")
    [diagnosis] = [one.diagnosis for one in Attempt(grader.prepared(kata), source).verdict().checks]
    assert (diagnosis.second.id, diagnosis.id) == ("sum", "sign")


ONE_AND_MANY = '''
@check()
def doubles(submission):
    """The answer is twice x."""
    got = submission["double"](5)
    observe("what", "odd" if got % 3 else "threefold")
    expect(got, 10, name="the answer")


@check(points=3, after=doubles)
def doubles_many(submission):
    """The answer is twice x, for every x."""
    for x in range(1, 9):
        got = submission["double"](x)
        observe("got", got)
        expect(got, 2 * x, name="the answer")
'''


@pytest.mark.parametrize(
    ("answer", "names"),
    [("3 * x", ["tripled"]), ("3 * x if x < 7 else 0", ["tripled"]), ("15 if x == 5 else 7", [])],
)
def test_what_one_case_shows_is_not_told_where_most_others_speak_against_it(
    made, answer, names
) -> None:
    """Python's numbers leave no trace: only what is observed can speak for a misconception."""
    grader = made(ONE_AND_MANY, bank=BANK)
    [kata] = grader.course.katas
    source = submission_text(f"def double(x):\n    return {answer}\n".encode(), "double.py")
    verdict = Attempt(grader.prepared(kata), source).verdict()
    assert [one.diagnosis.id for one in verdict.checks if one.diagnosis] == names


def test_a_check_that_was_passed_does_not_speak_against_a_name(made) -> None:
    """What is observed there may be a matter of chance, as the features that dropout drops."""
    one, many = ONE_AND_MANY.split("\n\n\n")
    passed = many.replace(", after=doubles", "").replace(
        'expect(got, 2 * x, name="the answer")', 'expect_true(got > 0, "no answer above 0")'
    )
    grader = made(f"{passed}\n\n{one}\n", bank=BANK)
    [kata] = grader.course.katas
    source = submission_text(b"def double(x):\n    return 15 if x == 5 else 7\n", "double.py")
    verdict = Attempt(grader.prepared(kata), source).verdict()
    assert [one.status for one in verdict.checks] == ["PASSED", "FAILED"]
    assert [one.diagnosis.id for one in verdict.checks if one.diagnosis] == ["tripled"]
