"""Where a number may be a tensor of shape (), a mistake is told in either."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from grader.checks import Submission, expect, plain_numbers
from grader.judge.conversation import Conversation, Exchange
from grader.judge.transcript import Numbers, transcript
from grader.wire.messages import Answer, Call

MEAN = """\
import torch


def clip_global_norm(grads, max_norm):
    norm = torch.cat([g.double().flatten() for g in grads]).square().mean().sqrt()
    if not norm.isfinite():
        raise ValueError
    return [g * min(1.0, max_norm / float(norm)) if norm else g.clone() for g in grads], norm
"""


def test_a_mistake_is_told_where_the_norm_is_a_tensor(grader, course) -> None:
    verdict = grader.attempt_source(course.find("practice/clip_gradients"), MEAN.encode()).verdict()
    told = {check.diagnosis.id for check in verdict.checks if check.diagnosis}
    assert told == {"root_mean_square"}


class Answering(Conversation):
    """A conversation in which one answer was given."""

    def __init__(self, value: object) -> None:
        self.log = [Exchange(Call(1, "f"), "f", Answer(1, value), None)]

    def begin(self) -> None:
        """Nothing is asked."""


def said(value: object, *said_of_it: Callable[[], None]) -> Any:
    """What a transcript keeps of an answer."""

    def body(_: Submission) -> None:
        for say in said_of_it:
            say()

    [found] = transcript(body, Answering(value))
    return found.values[0]


@pytest.mark.parametrize("value", [torch.tensor(2.5), np.array(2.5)])
def test_it_is_the_check_that_says_so(value: object) -> None:
    answer = (value, torch.ones(2))
    number, tensor = said(answer, plain_numbers)
    assert number == 2.5
    assert type(number) is float
    assert isinstance(tensor, Numbers)
    assert type(said(answer)[0]) is not float


def test_a_number_beside_it_keeps_its_dtype() -> None:
    total, count = torch.tensor(2.5), torch.tensor(3)
    kept = said((total, count), lambda: expect(count, 3, name="count"))
    assert kept[1] == 3
    assert kept[0].dtype is torch.float32


def test_a_number_with_a_graph_is_none() -> None:
    loss = torch.tensor(2.5, requires_grad=True)
    assert said(loss, plain_numbers).tracked
    assert said((loss,), lambda: expect((loss,), (2.5,), name="loss"))[0].tracked


def test_expect_says_so_where_it_holds_an_answer_against_a_plain_number() -> None:
    value = torch.tensor(2.5)
    assert type(said(value, lambda: expect(value, 2.5, name="loss"))) is float
    assert type(said(value, lambda: expect(value, value.double(), name="loss"))) is Numbers
