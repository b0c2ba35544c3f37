"""What a stub gives need not be in a submission that does not use it."""

import contextlib
from collections.abc import Iterator

import pytest
import torch

from grader.checks.submission import SubmissionError
from grader.course.catalog import Course
from grader.judge.conversation import Conversation


@pytest.fixture
def asked(course: Course, grader) -> Iterator:
    kata = course.find("applications/seq2seq")
    with contextlib.ExitStack() as stack:

        def load(source: str) -> Conversation:
            conversation = Conversation(kata, source.encode(), grader.sandbox)
            stack.callback(conversation.close)
            return conversation

        yield load


def test_what_the_submission_leaves_out_is_there(asked) -> None:
    submission = asked("import torch")
    step = submission["planted"](torch.eye(3), keep=True)
    logits, _ = step(torch.tensor([1]), (torch.tensor([0]),))
    assert logits.tolist() == [[0.0, 1.0, 0.0]]


def test_its_own_comes_first(asked) -> None:
    assert asked("def planted(table):\n    return 7")["planted"](torch.eye(3)) == 7


def test_what_is_left_to_the_learner_is_missing(asked) -> None:
    with pytest.raises(SubmissionError, match="greedy"):
        asked("import torch")["greedy"](1)
