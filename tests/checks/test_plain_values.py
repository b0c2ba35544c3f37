"""Plain values: NumPy's and torch's numbers are numbers, and a list will do for a tuple."""

import re

import numpy as np
import pytest
import torch
from hypothesis import strategies as st

from grader.checks import CheckFailed, Operation, expect, items, plain
from grader.checks.counts import KINDS, layer, parameter_count


@pytest.mark.parametrize(
    ("got", "want"),
    [
        (np.asarray(4), 4),
        (torch.tensor(4), 4),
        (np.asarray(4, dtype=np.int32), 4),
        (np.asarray(0.5), 0.5),
        ([np.asarray(1), 2], (1, 2)),
        ((1, "lstm"), (1, "lstm")),
    ],
)
def test_a_number_is_a_number_whoever_made_it(got, want) -> None:
    expect(got, want, name="n")


@pytest.mark.parametrize(
    ("got", "want", "headline"),
    [
        (np.asarray(4.0), 4, "n is a float, expected an int"),
        (True, 1, "n is a bool, expected an int"),
        (np.asarray([4]), 4, "n is a NumPy array, expected an int"),
        ((1, 3), (1, 2), "n[1] is wrong"),
        ((1,), (1, 2), "n has 1 items, expected 2: (n[0], n[1])"),
    ],
)
def test_what_is_no_such_number_is_told(got, want, headline: str) -> None:
    with pytest.raises(CheckFailed) as caught:
        expect(got, want, name="n")
    assert caught.value.headline == headline


def test_plain_leaves_arrays_alone() -> None:
    array = np.ones(3)
    assert plain((np.asarray(2), [torch.tensor(0.5)], "x", array)) == (2, [0.5], "x", array)


def test_items_says_which_answer_it_is_and_what_is_asked_for() -> None:
    said = re.escape("clipped is None, expected the list [a, b]; is a `return` missing?")
    with pytest.raises(CheckFailed, match=f"^{said}$"):
        items(None, "a", "b", name="clipped", kind="list")


def test_precision_is_what_rounding_is_allowed_for() -> None:
    got = torch.tensor([1.0 + 1e-7], dtype=torch.float64)
    want = torch.ones(1, dtype=torch.float64)
    with pytest.raises(CheckFailed):
        expect(got, want, name="h")
    expect(got, want, name="h", precision=torch.float32)


def test_an_operation_may_give_plain_values() -> None:
    mean = Operation(
        "mean",
        takes={"x": ("n",)},
        gives={"mean": None, "sign": None},
        reference=lambda x: (float(x.mean()), "up" if x.mean() > 0 else "down"),
        sizes=st.just({"n": 3}),
        batch="",
        dtypes=(np.float64,),
    )
    assert mean.problem(["x"]) == ""
    assert mean.run(np.ones(3)) == (1.0, "up")
    mean.expect({"mean": lambda x, keep: (np.asarray(x.mean()), "up")}, np.ones(3))
    with pytest.raises(CheckFailed, match="sign is wrong"):
        mean.expect({"mean": lambda x, keep: (1.0, "down")}, np.ones(3))


def test_parameters_are_counted_on_torch_modules() -> None:
    assert [parameter_count(layer(kind, 3, 5)) for kind in KINDS] == [50, 200, 150]
    assert parameter_count(layer("gru", 3, 5), matrices_only=True) == 120
