"""A call that is seeded: torch's generator starts anew, and what else is drawn does not."""

import torch

from grader.judge.conversation import Conversation

SOURCE = b"""
import numpy
import torch

def double(x):
    return torch.rand(4), torch.from_numpy(numpy.random.rand(4))
"""


def test_the_same_seed_draws_the_same_from_torch(kata, sandbox) -> None:
    conversation = Conversation(kata, SOURCE, sandbox, trusted=True)
    draw = conversation["double"]
    try:
        (one, numpys), (same, others), (other, _) = (draw.seeded(s, 0) for s in (7, 7, 8))
    finally:
        conversation.close()
    assert torch.equal(one, same)
    assert not torch.equal(one, other)
    assert not torch.equal(numpys, others)
