"""An error that is asked for: its type, or one that derives from it, as `except` would have it."""

import pytest

from grader.course.misconceptions import mutant_source
from grader.verdict import Status

CHECK = """
@check(points=1)
def refuses_text(submission):
    \"\"\"Text is refused.\"\"\"
    expect_error(submission["double"], "x", type="{type}", when="x is text", says=["text"])
"""
HEAD = "class Own(ValueError): pass\nclass Deeper(Own): pass\n\n\ndef double(x):\n"


@pytest.mark.parametrize(
    ("raised", "type", "status"),
    [
        ("ValueError('text')", "ValueError", Status.PASSED),
        ("Own('text')", "ValueError", Status.PASSED),
        ("Deeper('text')", "ValueError", Status.PASSED),
        ("UnicodeError('text')", "ValueError", Status.PASSED),
        ("Own('no')", "ValueError", Status.FAILED),
        ("TypeError('text')", "ValueError", Status.FAILED),
        ("Exception('text')", "ValueError", Status.FAILED),
        ("type('ValueError', (Exception,), {})('text')", "KeyError", Status.FAILED),
        ("NotImplementedError", "RuntimeError", Status.NOT_IMPLEMENTED),
    ],
)
def test_the_type_of_an_error(made, raised: str, type: str, status: Status) -> None:
    grader = made(CHECK.replace("{type}", type))
    source = f"{HEAD}    raise {raised}\n"
    verdict = grader.attempt_source(grader.course.find("double"), source.encode()).verdict()
    assert verdict.status is status, verdict.checks
    [location] = [check.location for check in verdict.checks]
    if status is Status.FAILED:
        assert location is not None
        assert location.source == f"raise {raised}"


def test_an_empty_text_stands_in_every_message(made) -> None:
    grader = made(CHECK.replace("{type}", "ValueError").replace('["text"]', '["", 3]'))
    for message, status in (("3", Status.PASSED), ("tag 3", Status.PASSED), ("4", Status.FAILED)):
        source = f"{HEAD}    raise ValueError({message!r})\n"
        verdict = grader.attempt_source(grader.course.find("double"), source.encode()).verdict()
        assert verdict.status is status, verdict.checks


def test_an_error_derived_from_the_right_one_hides_no_name(grader, course) -> None:
    kata = course.find("read_conll")
    item = next(one for one in kata.misconceptions if one.id == "columns_of_each_sentence")
    source = mutant_source(item, kata.solution, kata.solutions).decode()
    assert "raise ValueError(" in source
    own = source.replace("raise ValueError(", "raise BrokenFile(")
    own += "\n\nclass BrokenFile(ValueError):\n    pass\n"
    checks = grader.attempt_source(kata, own.encode()).verdict().checks
    assert {check.diagnosis.id for check in checks if check.diagnosis} == {item.id}


CARELESS = """

_{name} = {name}


def {name}(emissions, *others):
    lengths = others[{place}]
    if bool(((lengths < 1) | (lengths > emissions.shape[1])).any()):
        return {answer}
    return _{name}(emissions, *others)
"""
PLACES = {"score": 1, "log_partition": 0, "marginals": 0, "viterbi": 0, "nll": 1}


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (["viterbi"], "lengths_not_checked_in_viterbi"),
        (["marginals"], "lengths_not_checked_in_marginals"),
        ([*PLACES], None),  # where nothing is refused, all that is known is that
    ],
)
def test_what_is_answered_in_place_of_an_error_hides_no_name(grader, course, names, told) -> None:
    kata = course.find("crf")
    source = kata.solution.read_text("utf-8")
    for name in names:
        pair = "(emissions[..., 0].long() - 5, emissions[:, 0, 0])"
        answer = pair if name == "viterbi" else "0.5 * emissions[..., :1]"
        source += CARELESS.format(name=name, place=PLACES[name], answer=answer)
    checks = grader.attempt_source(kata, source.encode()).verdict().checks
    [failed] = [check for check in checks if check.status is Status.FAILED]
    assert failed.name == "refuses_impossible_lengths"
    found = failed.diagnosis
    assert (found and (found.id, found.partial)) == (told and (told, True))
