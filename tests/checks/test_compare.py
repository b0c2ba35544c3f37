"""Comparing: dtype before shape before finiteness before values, allowed differences that are
derived, and messages.
"""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from grader.checks.compare import (
    ArgumentModified,
    CheckFailed,
    allowed_difference,
    expect,
    expect_true,
    expect_unchanged,
    gradients_of,
    items,
)
from grader.checks.hearing import Hearing, Policy, hearing
from grader.wire import HandleRef

NAN, INF = math.nan, math.inf
WANT = torch.tensor([[1.0, 2.0]], dtype=torch.float64)


def t(values, dtype=torch.float32) -> torch.Tensor:
    return torch.tensor(values, dtype=dtype)


def failure(got, want=WANT, **options) -> CheckFailed:
    options = {"name": "h", "dtype": torch.float32, "dims": ("batch", "unit")} | options
    with pytest.raises(CheckFailed) as caught:
        expect(got, want, **options)
    return caught.value


@pytest.mark.parametrize(
    ("got", "headline"),
    [
        # each of these is wrong in everything that comes after, too
        (None, "h is None, expected a torch.Tensor; is a `return` missing?"),
        ([[1.0, 2.0]], "h is a list, expected a torch.Tensor"),
        (np.ones((1, 2)), "h is a NumPy array, expected a torch.Tensor"),
        (HandleRef(1, "LSTMCell"), "h is an object of type LSTMCell, expected a torch.Tensor"),
        (t([NAN], torch.float64), "h has dtype float64, expected float32"),
        (t([1], torch.int64), "h has dtype int64, expected float32"),
        (t([NAN, 9.0]), "h has shape (2,), expected (1, 2) = (batch, unit)"),
        (t([[NAN, 9.0]]), "h is not finite: nan"),
        (t([[9.0, -INF]]), "h is not finite: -inf"),
        (t([[1.0, 9.0]]), "h has wrong values"),
    ],
)
def test_the_first_property_that_does_not_hold_is_told(got, headline: str) -> None:
    assert failure(got).headline == headline


def test_a_wrong_value_is_told_with_place_size_and_allowance() -> None:
    found = failure(t([[1.0, 2.5], [0.0, 1.0]]), t([[1.0, 2.0], [3.0, 1.0]], torch.float64))
    assert (found.at, found.expected, found.got) == ("h[batch 0, unit 1]", "2", "2.5")
    assert (found.difference, found.mismatched) == ("3 at most", "2 of 4 entries")
    assert found.allowed == f"{16 * 2.0**-23 * 3.0:.1e}"
    assert "2.5" not in found.headline, "a headline is shown in exams"


@pytest.mark.parametrize(
    ("got", "want", "options"),
    [
        (t([[1.0, 2.0]]), WANT, {}),
        (t([[1.0, 2.0 + 1e-6]]), WANT, {}),
        (t([[1.0, INF]]), t([[1.0, INF]], torch.float64), {}),
        (t([[1.0, NAN]]), t([[1.0, NAN]], torch.float64), {}),
        (t([[7.0, 7.0]]), WANT, {"values": False}),
        (t([[1.0, 2.0]], torch.float64), WANT, {"dtype": None}),
        (t([[1.0, 2.0]]), WANT, {"dtype": None, "peer": t([[1.0, 2.0]])}),
        (t([3, 4], torch.int64), t([3, 4], torch.int64), {"dtype": None}),
        (t([True]), t([True]), {"dtype": None}),
        (np.float32([1.5]), np.array([1.5]), {"dtype": np.float32}),
        (torch.empty(0, 3), torch.empty(0, 3, dtype=torch.float64), {}),
    ],
)
def test_right_answers_pass(got, want, options) -> None:
    expect(got, want, **({"name": "h", "dtype": torch.float32} | options))


@pytest.mark.parametrize(
    ("got", "want", "headline"),
    [
        (True, 1, "count is a bool, expected an int"),
        (1.0, 1, "count is a float, expected an int"),
        ("1", 1, "count is a str, expected an int"),
        (2, 1, "count is wrong"),
        (1, True, "count is an int, expected a bool"),
        (None, 0.5, "count is None, expected a float; is a `return` missing?"),
        (NAN, 0.5, "count is wrong"),
        ("b", "a", "count is wrong"),
        (t(2, torch.int64), 1, "count is wrong"),
    ],
)
def test_plain_values_are_compared_exactly(got, want, headline: str) -> None:
    assert failure(got, want, name="count").headline == headline


@pytest.mark.parametrize(
    ("got", "want"), [(1, 1), (1, 1.0), (0.5 + 1e-16, 0.5), (t(1, torch.int64), 1), (NAN, NAN)]
)
def test_equal_plain_values_pass(got, want) -> None:
    expect(got, want, name="count")


def test_an_empty_batch_of_the_wrong_shape_fails() -> None:
    assert "shape (0, 2)" in failure(torch.empty(0, 2), torch.empty(0, 3).double()).headline


EPS = {"float16": 2.0**-10, "bfloat16": 2.0**-7, "float32": 2.0**-23, "float64": 2.0**-52}


@given(
    dtype=st.sampled_from(sorted(EPS)),
    size=st.floats(1e-6, 1e6),
    terms=st.none() | st.floats(1e-6, 1e6),
    error=st.none() | st.floats(0, 1e-2),
    factor=st.floats(1, 100),
    floor=st.floats(1, 100),
)
def test_what_is_allowed_follows_from_the_peer_and_the_terms(
    dtype, size, terms, error, factor, floor
) -> None:
    want = np.array([size / 2, -size])
    peer = None if error is None else want + np.array([error, 0.0])
    peer_error = 0.0 if peer is None else float(np.abs(peer - want).max())
    got = allowed_difference(want, dtype, peer=peer, terms=terms, factor=factor, floor=floor)
    assert got == pytest.approx(
        max(factor * peer_error, floor * EPS[dtype] * max(size, terms or 0))
    )


def test_what_is_not_finite_allows_nothing_more() -> None:
    want, peer = np.array([1.0, INF]), np.array([1.0, NAN])
    assert allowed_difference(want, "float64", peer=peer) == 16 * 2.0**-52


def test_the_katas_policy_holds_unless_the_check_says_otherwise() -> None:
    want = np.array([1.0])
    with hearing(Hearing(Policy(factor=2.0, floor=4.0))):
        assert allowed_difference(want, "float32") == 4 * 2.0**-23
        assert allowed_difference(want, "float32", peer=want + 1) == 2.0
        assert allowed_difference(want, "float32", floor=1.0) == 2.0**-23
    assert allowed_difference(want, "float32") == 16 * 2.0**-23


@given(st.sampled_from([torch.float32, torch.float64]), st.floats(-1e3, 1e3), st.floats(1.01, 1e3))
def test_just_inside_passes_and_just_outside_fails(dtype, value, beyond) -> None:
    value = float(torch.tensor(value, dtype=dtype))
    want = torch.tensor([value], dtype=torch.float64)
    allowed = allowed_difference(want.numpy(), str(dtype)[6:], terms=1.0)
    expect(t([value + 0.5 * allowed], dtype), want, name="h", terms=1.0)
    off = torch.tensor([value + 2 * beyond * allowed], dtype=dtype)
    assert failure(off, want, dtype=dtype, terms=1.0).headline == "h has wrong values"


@given(st.floats(0.1, 1e3))
def test_what_lost_half_of_its_digits_is_told_so(value: float) -> None:
    want = torch.tensor([value], dtype=torch.float64).float().double() * (1 + 2.0**-26)
    failed = failure(want.float().double(), want, dtype=torch.float64, terms=1.0)
    assert failed.headline == (
        "h has wrong values: the difference is as small as float32 would round"
    )
    assert failed.expected != failed.got
    wrong = failure(want * 1.01, want, dtype=torch.float64, terms=1.0)
    assert wrong.headline == "h has wrong values"
    assert wrong.got == f"{want.item() * 1.01:.6g}"


@pytest.mark.parametrize(
    ("answer", "headline"),
    [
        (t([1.0]), "the answer is a torch.Tensor, expected the tuple (h, c)"),
        ({"h": 1, "c": 2}, "the answer is a dict, expected the tuple (h, c)"),
        ("hc", "the answer is a str, expected the tuple (h, c)"),
        ((1,), "the answer has 1 items, expected 2: (h, c)"),
    ],
)
def test_items_of_no_pair(answer, headline: str) -> None:
    with pytest.raises(CheckFailed) as caught:
        items(answer, "h", "c")
    assert caught.value.headline == headline


def test_items_of_a_list() -> None:
    assert items([1, 2], "h", "c") == (1, 2)


def test_an_invariant_and_its_details() -> None:
    expect_true(True, "never said")
    with pytest.raises(CheckFailed) as caught:
        expect_true(False, "c grew", at="c[0]", expected="1", got="2")
    assert (str(caught.value), caught.value.at, caught.value.got) == ("c grew", "c[0]", "2")


def test_while_a_diagnosis_listens_nothing_is_judged() -> None:
    with hearing(Hearing(judging=False)):
        expect(None, WANT, name="h")
        expect_true(False, "never said")
    with pytest.raises(CheckFailed):
        expect_true(False, "said again")


def test_gradients_for_oracles_are_those_of_autograd() -> None:
    x, y, unused = (torch.randn(3, dtype=torch.float64, requires_grad=True) for _ in range(3))
    v, w = torch.randn(3, dtype=torch.float64), torch.randn(3, dtype=torch.float64)
    got = gradients_of((x * y, x.exp()), (x, y, unused), (v, w))
    torch.testing.assert_close(got, (v * y + w * x.exp(), v * x, torch.zeros_like(x)))


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("ndarray of dtype object", "y is a NumPy array of dtype object, expected a NumPy array"),
        ("Foo", "y is an object of type Foo, expected a NumPy array"),
    ],
)
def test_an_array_that_cannot_be_sent_says_why(kind: str, said: str) -> None:
    with pytest.raises(CheckFailed, match=said):
        expect(HandleRef(0, kind), np.zeros(2), name="y")


def test_nan_in_a_list_is_unchanged_and_what_replaces_it_is_not() -> None:
    with hearing(Hearing(Policy())):
        expect_unchanged({"losses": [1.0, float("nan")]}, [[1.0, float("nan")]])
        with pytest.raises(ArgumentModified, match="losses"):
            expect_unchanged({"losses": [1.0, float("nan")]}, [[1.0, INF]])
