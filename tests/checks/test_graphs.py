"""Which parameters are cut off, by the gradients that arrive at them."""

import torch

from grader.checks.graphs import cut_off

ONES, ZEROS, NOISE = torch.ones(2), torch.zeros(2), torch.full((2,), 1e-9)


def test_what_is_cut_off_has_no_gradient_or_none_of_this_step() -> None:
    first = {"encoder": ONES, "decoder": ONES, "bias of scores": NOISE, "unused": None}
    later = {"encoder": ZEROS, "decoder": -ONES, "bias of scores": ZEROS, "unused": None}
    assert cut_off(first, first) == ["unused"]
    assert cut_off(later, first) == ["encoder", "unused"]


def test_nothing_is_cut_off_where_one_entry_moves() -> None:
    assert cut_off({"w": torch.tensor([0.0, 1e-8])}, {"w": ONES}) == []
