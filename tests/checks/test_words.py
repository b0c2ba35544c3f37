"""Words for what an answer shows: the same mistake in another size has the same word."""

import pytest
import torch

from grader.checks.words import added_in_softmax, compared, nearest, short_of_one, spread


@pytest.mark.parametrize(
    ("marks", "word"),
    [
        ("", "all"),
        ("11", "all"),
        ("000", "none"),
        ("011", "all but the first"),
        ("1110", "all but the last"),
        ("100", "the first"),
        ("0001", "the last"),
        ("0100", "some"),
        ("01100", "some"),
    ],
)
def test_which_are_marked(marks: str, word: str) -> None:
    assert spread([mark == "1" for mark in marks]) == word


def test_what_is_wrong_with_numbers() -> None:
    want = torch.tensor([1.0, -2.0]).double()
    for got, word in [
        (want.float(), "right"),
        (want * 1.0005, "right"),
        (want / 2, "too small"),
        (want * 2, "too large"),
        (torch.tensor([1.0, torch.nan]), "nan"),
        (torch.tensor([1.0, -torch.inf]), "infinite"),
        (want[:1], "something else"),
        ([1.0, -2.0], "something else"),
    ]:
        assert compared(got, want) == word


def test_which_numbers_lie_nearest() -> None:
    known = {"even": torch.tensor([0.5, 0.5]), "sure": torch.tensor([1.0, 0.0])}
    assert nearest(torch.tensor([0.9, 0.1]), known, within=0.2) == "sure"
    assert nearest(torch.tensor([0.6, 0.4]), known, within=0.2) == "even"
    assert nearest(torch.tensor([0.75, 0.25]), known, within=0.25) == ""


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_sums_that_a_small_number_made_smaller(dtype: torch.dtype) -> None:
    shares = torch.linspace(0.0, 3.0, 15).view(3, 5).to(dtype).exp()
    sums = shares.sum(dim=1, keepdim=True)
    for added in (1e-4, 1e-8) if dtype == torch.float64 else (1e-3,):
        assert short_of_one(shares / (sums + added)), added
    assert not short_of_one(shares / sums), "rounding"
    assert not short_of_one(shares / (sums + sums)), "another scale"
    assert not short_of_one(shares / (sums - 1e-3)), "above 1"
    assert not short_of_one(torch.full((2, 3), torch.nan, dtype=dtype))
    for no_shares in (None, 0.9, torch.tensor(0.9999999), torch.tensor([0, 1])):
        assert not short_of_one(no_shares)


def test_where_a_small_number_is_added_in_a_softmax() -> None:
    logits = torch.linspace(-1.0, 1.0, 6).double().view(2, 3)

    def shares(to_heat: float, to_sum: float) -> torch.Tensor:
        powers = (logits / (0.5 + to_heat)).exp()
        return powers / (powers.sum(1, keepdim=True) + to_sum)

    for added in (1e-4, 1e-8, 1e-12):
        assert added_in_softmax(shares(added, 0.0), logits, 0.5) == "to the temperature", added
        assert added_in_softmax(shares(0.0, added), logits, 0.5) == "to the sum", added
    for other in (shares(0.0, 0.0), shares(0.1, 0.0), shares(0.0, 0.0).float(), logits[:1], None):
        assert added_in_softmax(other, logits, 0.5) == ""
