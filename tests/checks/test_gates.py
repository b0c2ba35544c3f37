"""Weights that a learner builds: the same mistake has its name however far the gates are driven."""

import pytest

from grader.course.catalog import built_in_course
from grader.course.misconceptions import mutant_source

COURSE = built_in_course()
FAR = {  # what drives the gates whose errors do not add up, in each solution
    "gates/write_on_cue": ["b_ih[INPUT] = -FAR", "w_ih[INPUT, FLAG] = 2 * FAR"],
    "gates/hide_and_reveal": ["b_ih[OUTPUT] = -FAR", "w_ih[OUTPUT, SHOW] = 2 * FAR"],
}
NEAR = {  # the same gates: as far open as one step asks for
    "gates/write_on_cue": ["b_ih[INPUT] = -FAR", "w_ih[INPUT, FLAG] = FAR + 6.0"],
    "gates/hide_and_reveal": ["b_ih[OUTPUT] = -6.0", "w_ih[OUTPUT, SHOW] = 12.0"],
}


def driven_less(name: str, source: str) -> bytes:
    for old, new in zip(FAR[name], NEAR[name], strict=True):
        assert source.count(old) <= 1
        source = source.replace(old, new)
    return source.encode()


@pytest.mark.parametrize("name", FAR)
def test_a_gate_that_is_far_enough_for_one_step_is_right(grader, name: str) -> None:
    kata = COURSE.find(name)
    source = driven_less(name, kata.solution.read_text("utf-8"))
    assert grader.attempt_source(kata, source).verdict().status == "PASSED"


@pytest.mark.parametrize(
    ("name", "mistake"),
    [
        ("gates/write_on_cue", "adds_to_what_was_there"),
        ("gates/write_on_cue", "writes_only_the_sign"),
        ("gates/write_on_cue", "forget_gate_half_open"),
        ("gates/hide_and_reveal", "half_hidden"),
        ("gates/hide_and_reveal", "adds_to_what_was_there"),
        ("gates/hide_and_reveal", "showing_erases"),
        ("gates/hide_and_reveal", "output_gate_opens_for_write_too"),
    ],
)
def test_a_gate_that_is_far_enough_for_one_step_hides_no_name(grader, name, mistake) -> None:
    kata = COURSE.find(name)
    [item] = [one for one in kata.misconceptions if one.id == mistake]
    source = driven_less(name, mutant_source(item, kata.solution, kata.solution.parent).decode())
    verdict = grader.attempt_source(kata, source).verdict()
    assert [one.diagnosis.id for one in verdict.checks if one.diagnosis] == [mistake]
