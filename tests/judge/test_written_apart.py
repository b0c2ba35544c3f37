"""A mistake in code that two functions of ours share, made by who writes that code twice."""

from typing import Any

from grader.judge.transcript import Said, Transcript, is_written_apart, may_be_apart


def case(**answers: Any) -> list[Transcript]:
    """One case, in which each function gave an answer."""
    return [tuple(Said("answer", value, asked=name) for name, value in answers.items())]


RIGHT = case(total=1, shares=2, path=3)
MISTAKE = case(total=10, shares=20, path=3)


def apart(said: list[Transcript], times: int = 1) -> bool:
    return is_written_apart([*zip(MISTAKE * times, said, RIGHT * times, strict=True)])


def test_the_mistake_in_the_first_function_alone_is_known() -> None:
    assert apart(case(total=10, shares=2, path=3))


def test_the_function_that_it_is_named_after_has_to_be_wrong() -> None:
    assert not apart(case(total=1, shares=20, path=3))


def test_another_wrong_answer_is_another_mistake() -> None:
    assert not apart(case(total=10, shares=21, path=3))
    assert not apart(case(total=10, shares=2, path=4))


def test_a_function_is_wrong_or_right_in_all_cases() -> None:
    theirs = [*case(total=10, shares=2, path=3), *case(total=1, shares=2, path=3)]
    assert not apart(theirs, times=2)


def test_what_speaks_against_it_in_the_first_case_speaks_against_it() -> None:
    def may(said: list[Transcript]) -> bool:
        return may_be_apart([*zip(MISTAKE, said, RIGHT, strict=True)])

    assert may(case(total=10, shares=2, path=3))
    assert may(MISTAKE)  # another case may spare one of them
    assert not may(case(total=1, shares=20, path=3))
    assert not may(case(total=10, shares=21, path=3))


def test_right_answers_and_all_of_the_mistake_are_not_written_apart() -> None:
    assert not apart(RIGHT)
    assert not apart(MISTAKE)


def test_a_transcript_of_another_length_is_none() -> None:
    assert not apart(case(total=10, shares=2))
