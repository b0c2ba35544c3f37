"""A mistake in code that two functions of ours share, made by who writes that code twice."""

from typing import Any

from grader.judge.transcript import Said, Transcript, is_written_apart


def case(**answers: Any) -> list[Transcript]:
    """One case, in which each function gave an answer."""
    return [tuple(Said("answer", value, asked=name) for name, value in answers.items())]


RIGHT = case(total=1, shares=2, path=3)
MISTAKE = case(total=10, shares=20, path=3)


def test_the_mistake_in_the_first_function_alone_is_known() -> None:
    assert is_written_apart(MISTAKE, case(total=10, shares=2, path=3), RIGHT)


def test_the_function_that_it_is_named_after_has_to_be_wrong() -> None:
    assert not is_written_apart(MISTAKE, case(total=1, shares=20, path=3), RIGHT)


def test_another_wrong_answer_is_another_mistake() -> None:
    assert not is_written_apart(MISTAKE, case(total=10, shares=21, path=3), RIGHT)
    assert not is_written_apart(MISTAKE, case(total=10, shares=2, path=4), RIGHT)


def test_a_function_is_wrong_or_right_in_all_cases() -> None:
    ours, right = MISTAKE * 2, RIGHT * 2
    theirs = [*case(total=10, shares=2, path=3), *case(total=1, shares=2, path=3)]
    assert not is_written_apart(ours, theirs, right)


def test_right_answers_and_all_of_the_mistake_are_not_written_apart() -> None:
    assert not is_written_apart(MISTAKE, RIGHT, RIGHT)
    assert not is_written_apart(MISTAKE, MISTAKE, RIGHT)


def test_a_transcript_of_another_length_is_none() -> None:
    assert not is_written_apart(MISTAKE, case(total=10, shares=2), RIGHT)
