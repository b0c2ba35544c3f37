"""What a check observes where a small number was added to what is right."""

import pytest
import torch

from grader.checks.forecasts import observe_added
from grader.checks.hearing import Hearing, hearing

WANT = torch.tensor([0.5, 20.0, 3.7], dtype=torch.float64)


@pytest.mark.parametrize(
    ("got", "word"),
    [
        (WANT + 1e-8, "1e-08"),
        (WANT + 1e-6, "1e-06"),
        (WANT + 0.5, None),  # not small
        (WANT - 1e-8, None),  # nothing is added
        (WANT * (1 + 1e-8), None),  # not the same for all
        (WANT + 2e-16, None),  # a rounding
        (WANT.clone(), None),
        ((WANT + 1e-3).float(), None),  # there, a rounding looks alike
        (WANT[:2] + 1e-8, None),
        (0.5, None),
    ],
)
def test_a_number_that_was_added_is_observed_by_its_size(got: object, word: str | None) -> None:
    with hearing(Hearing(judging=False)) as heard:
        observe_added("the std", got, WANT)
    assert heard.observations == ([("added to the std", word)] if word else [])


def test_what_is_missing_is_left_out() -> None:
    want = torch.tensor([0.5, float("nan"), 3.7], dtype=torch.float64)
    with hearing(Hearing(judging=False)) as heard:
        observe_added("the std", want.nan_to_num(7.0) + 1e-7, want)
    assert heard.observations == [("added to the std", "1e-07")]
