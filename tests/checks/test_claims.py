"""Claims: what holds, what does not, and what a diagnosis sees of it."""

import numpy as np
import pytest
import torch

from grader.checks.claims import Claim, check_claims, expect_claims
from grader.checks.compare import CheckFailed
from grader.checks.hearing import Hearing, hearing

CLAIMS = (
    Claim("bound", "the supremum of |h|", 1.0, 0.01),
    Claim("grows", "c grows without a bound", True),
    Claim("limit", "where counting stops", 256),
)
RIGHT = {"bound": 0.995, "grows": True, "limit": 256}


@pytest.mark.parametrize(
    "answer",
    [
        RIGHT,
        {**RIGHT, "more": object()},
        {**RIGHT, "bound": 1},
        {**RIGHT, "bound": torch.tensor(1.0), "limit": np.array(256)},
        {**RIGHT, "limit": 256.0},
    ],
)
def test_what_holds(answer: dict[str, object]) -> None:
    expect_claims(answer, CLAIMS)


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (None, "the claims are None, expected a dict"),
        ([1.0], "the claims are a list, expected a dict"),
        ({}, "the claim 'bound' is missing: the supremum of |h|"),
        ({**RIGHT, "bound": 0.98}, "'bound' is not what is measured here"),
        ({**RIGHT, "bound": float("nan")}, "'bound' is a float, expected a finite number"),
        ({**RIGHT, "bound": "1"}, "'bound' is a str, expected a finite number"),
        ({**RIGHT, "bound": True}, "'bound' is a bool, expected a finite number"),
        ({**RIGHT, "bound": torch.ones(2)}, "'bound' is a torch.Tensor"),
        ({**RIGHT, "grows": False}, "'grows' is not what is measured here"),
        ({**RIGHT, "grows": 1}, "'grows' is an int, expected True or False"),
        ({**RIGHT, "limit": 255}, "'limit' is not what is measured here"),
    ],
)
def test_what_does_not_hold_says_why(answer: object, says: str) -> None:
    with pytest.raises(CheckFailed) as caught:
        expect_claims(answer, CLAIMS)
    assert says in caught.value.headline


def test_the_measured_value_is_in_the_details_alone() -> None:
    with pytest.raises(CheckFailed) as caught:
        expect_claims({**RIGHT, "limit": 128}, CLAIMS)
    assert "256" not in caught.value.headline
    assert (caught.value.expected, caught.value.got) == ("256", "128")


def test_a_diagnosis_sees_which_claims_hold() -> None:
    with hearing(Hearing()) as heard, pytest.raises(CheckFailed):
        expect_claims({"bound": 0.5, "grows": False}, CLAIMS)
    assert heard.observations == [("bound", "0.5"), ("grows", "False"), ("limit", "None")]
    with hearing(Hearing()) as heard:
        expect_claims(RIGHT, CLAIMS)
    assert {label for _, label in heard.observations} == {"holds"}


def test_a_wrong_number_that_fits_another_claim_is_seen_as_that_one() -> None:
    with hearing(Hearing()) as heard, pytest.raises(CheckFailed):
        expect_claims({**RIGHT, "bound": 256.0}, CLAIMS)
    assert heard.observations[0] == ("bound", "as limit")


def test_a_check_of_claims_measures_once() -> None:
    measured = []

    @check_claims("what_i_claim", points=2)
    def claims_of_something() -> tuple[Claim, ...]:
        """The claims are what the judge measures."""
        measured.append(1)
        return CLAIMS

    assert (claims_of_something.name, claims_of_something.points) == ("claims_of_something", 2)
    assert claims_of_something.sentence == "The claims are what the judge measures."
    submission = {"what_i_claim": lambda: RIGHT}
    for _ in range(2):
        claims_of_something.run(seed=0, each=lambda body: body(submission))
    assert len(measured) == 1
    with pytest.raises(CheckFailed):
        claims_of_something.run(seed=0, each=lambda body: body({"what_i_claim": dict}))


SHAPES = (
    Claim("shape", "the shape of out", (5, 3, 6)),
    Claim("slice", "what feeds a classifier", "h_n[-1]"),
)
FITTING = {"shape": (5, 3, 6), "slice": "h_n[-1]"}


@pytest.mark.parametrize(
    "shape",
    [
        (5, 3, 6),
        [5, 3, 6],
        torch.Size((5, 3, 6)),
        torch.tensor([5, 3, 6]),
        np.array([5, 3, 6]),
        [np.int64(5), torch.tensor(3), 6],
    ],
)
def test_a_shape_is_a_row_of_whole_numbers(shape: object) -> None:
    expect_claims({**FITTING, "shape": shape}, SHAPES)


@pytest.mark.parametrize(
    "word", ["out[:, 0, H:]", "out[:,0,H:]", "out[ : , 0 , H: ]", " out[:, 0, H:]\n"]
)
def test_a_word_holds_with_other_spaces_beside_its_signs(word: str) -> None:
    claims = (Claim("slice", "which slice", "out[:, 0, H:]"), Claim("text", "a text", "to be"))
    expect_claims({"slice": word, "text": "to be"}, claims)
    with pytest.raises(CheckFailed, match="'text' is not what is measured here"):
        expect_claims({"slice": word, "text": "tobe"}, claims)


def test_a_word_holds_with_capitals_and_a_letter_does_not() -> None:
    claims = (Claim("more", "which has more", "gradient"), Claim("size", "which size", "H"))
    expect_claims({"more": "Gradient", "size": "H"}, claims)
    expect_claims({"more": " gradient ", "size": "H "}, claims)
    with pytest.raises(CheckFailed, match="'size' is not what is measured here"):
        expect_claims({"more": "GRADIENT", "size": "h"}, claims)


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ({**FITTING, "shape": (3, 5, 6)}, "'shape' is not what is measured here"),
        ({**FITTING, "shape": (5.0, 3.0, 6.0)}, "expected a tuple of whole numbers"),
        ({**FITTING, "shape": torch.ones(3)}, "expected a tuple of whole numbers"),
        ({**FITTING, "shape": (True, 3, 6)}, "expected a tuple of whole numbers"),
        ({**FITTING, "shape": "(5, 3, 6)"}, "'shape' is a str, expected a tuple"),
        ({**FITTING, "shape": 5}, "'shape' is an int, expected a tuple"),
        ({**FITTING, "slice": "h_n[0]"}, "'slice' is not what is measured here"),
        ({**FITTING, "slice": 1}, "'slice' is an int, expected a text"),
    ],
)
def test_a_shape_or_a_word_that_does_not_hold_says_why(answer: object, says: str) -> None:
    with pytest.raises(CheckFailed) as caught:
        expect_claims(answer, SHAPES)
    assert says in caught.value.headline


def test_a_diagnosis_sees_the_shape_and_the_word() -> None:
    with hearing(Hearing()) as heard, pytest.raises(CheckFailed):
        expect_claims({"shape": [3, 6], "slice": "out[:, -1]"}, SHAPES)
    assert heard.observations == [("shape", "(3, 6)"), ("slice", "out[:, -1]")]


def test_a_seed_picks_one_claim_and_looks_at_no_other() -> None:
    @check_claims("answers", pool=("shape", "slice"))
    def shapes() -> tuple[Claim, ...]:
        """One of two answers is what is measured."""
        return SHAPES

    def fails(answer: dict[str, object]) -> list[int]:
        failed = []
        for seed in range(12):
            try:
                shapes.run(seed=seed, each=lambda body: body({"answers": lambda: answer}))
            except CheckFailed:
                failed.append(seed)
        return failed

    wrong_shape, wrong_slice = fails({**FITTING, "shape": 0}), fails({**FITTING, "slice": ""})
    assert wrong_shape
    assert wrong_slice
    assert sorted(wrong_shape + wrong_slice) == list(range(12))
