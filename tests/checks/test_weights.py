"""Weights of one LSTM unit: their form, and what the layer does with them."""

import pytest
import torch
from torch import Tensor

from grader.checks.compare import CheckFailed
from grader.checks.hearing import Hearing, hearing
from grader.checks.weights import expect_weights, layer, run

WEIGHTS = (torch.ones(4, 2), torch.ones(4, 1), torch.zeros(4), torch.zeros(4))


def test_right_weights_are_returned_with_what_follows_them() -> None:
    xs = torch.ones(7, 1)
    *weights, more = expect_weights((*WEIGHTS, xs), inputs=2, more={"xs": ("T", 1)})
    assert more is xs
    assert len(weights) == 4


@pytest.mark.parametrize("shape", [("T", 1), ("T",), (1, "T")])
def test_a_diagnosis_does_not_see_a_size_that_the_learner_chooses(
    shape: tuple[int | str, ...],
) -> None:
    def said(steps: int) -> list[tuple[str, object]]:
        xs = torch.ones([steps if isinstance(axis, str) else axis for axis in shape])
        with hearing(Hearing()) as heard:
            expect_weights((*WEIGHTS, xs), inputs=2, more={"xs": shape})
        return heard.observations

    assert said(6) == said(21)
    assert dict(said(6))["w_ih"] == "float (4, 2)"


def test_a_size_that_the_task_sets_is_seen() -> None:
    with hearing(Hearing()) as heard, pytest.raises(CheckFailed):
        expect_weights((*WEIGHTS, torch.ones(6, 2)), inputs=2, more={"xs": ("T", 1)})
    assert heard.observations[-1] == ("xs", "float (T, 2)")


@pytest.mark.parametrize(
    ("place", "w", "says"),
    [
        (0, [[1.0]], "w_ih is a list, expected a tensor."),
        (0, torch.ones(4, 2, dtype=torch.int64), "w_ih has torch.int64, expected torch.float32 or"),
        (1, torch.ones(4), "w_hh has shape (4,), expected (4, 1)."),
        (2, torch.ones(3), "b_ih has shape (3,), expected (4,)."),
        (3, torch.full((4,), torch.nan), "b_hh is not finite everywhere."),
    ],
)
def test_other_weights_say_what_is_wrong(place: int, w: Tensor, says: str) -> None:
    given = (*WEIGHTS[:place], w, *WEIGHTS[place + 1 :])
    with pytest.raises(CheckFailed) as caught:
        expect_weights(given, inputs=2)
    assert caught.value.headline.startswith(says)


def test_a_run_gives_the_layers_own_states() -> None:
    torch.manual_seed(0)
    weights = tuple(torch.randn_like(w) for w in WEIGHTS)
    xs, h0, c0 = torch.randn(5, 3, 2), torch.randn(3), torch.randn(3)
    kept, cs, hs = run(weights, xs, h0, c0)
    states = (h0.double()[None, :, None], c0.double()[None, :, None])
    out, (_, c) = layer(weights)(xs.double(), states)
    assert kept.shape == cs.shape == hs.shape == (5, 3)
    assert torch.equal(hs, out[:, :, 0])
    assert torch.allclose(cs[-1], c[0, :, 0], atol=1e-12)
