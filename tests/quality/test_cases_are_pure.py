"""A check's cases are asked of every submission: running one leaves it as it was."""

import pytest

from grader.course.catalog import built_in_course
from grader.judge.conversation import Conversation
from grader.judge.transcript import Said, Transcript, same_transcript, transcript
from grader.wire import Call, HandleRef
from tests.gate import each

KATAS = built_in_course().katas
CASES = 3


@pytest.mark.parametrize("kata", each(KATAS, 6), ids=lambda kata: kata.name)
def test_a_case_asks_the_same_however_often_it_is_run(kata, sandbox, grader) -> None:
    conversation = Conversation(kata, kata.solution.read_bytes(), sandbox, trusted=True)

    def asked_and_answered(body) -> Transcript:
        conversation.extend()
        conversation.reload()
        answers = transcript(body, conversation)
        calls = [e.call for e in conversation.log if isinstance(e.call, Call)]
        return (*(Said("asked", unnumbered((call.args, call.kwargs))) for call in calls), *answers)

    try:
        # One that trains asks for minutes, and no diagnosis runs it.
        checks = grader.prepared(kata).checks.values()
        for check in (check for check in checks if not check.trains):
            for body in check.cases(seed=1, count=CASES):
                first, again = asked_and_answered(body), asked_and_answered(body)
                labels = [said.kind for said in first]
                assert "asked" in labels or "observed" in labels, check.name
                assert same_transcript(first, again), check.name
    finally:
        conversation.close()


def unnumbered(value):
    """Handles without their numbers: the same object has another one each time it is made."""
    if isinstance(value, HandleRef):
        return value.type_name
    if isinstance(value, tuple | list):
        return [unnumbered(item) for item in value]
    if isinstance(value, dict):
        return {name: unnumbered(item) for name, item in value.items()}
    return value
