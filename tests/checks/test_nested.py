"""Tensors and arrays, however deep they lie in an argument or an answer."""

import numpy as np
import pytest
import torch

from grader.checks import CheckFailed, entries
from grader.checks.nested import arrays_in, each_array

X, W = torch.ones(2), np.zeros(3)
VALUE = ("rnn", {"x": X, "state": (W, None)}, [X])


def test_every_array_has_a_name() -> None:
    found = [name for name, _ in arrays_in(VALUE, "a")]
    assert found == ["a[1]['x']", "a[1]['state'][0]", "a[2][0]"]


def test_only_arrays_are_changed() -> None:
    kind, named, [last] = each_array(lambda value: value + 1, VALUE)
    assert kind == "rnn"
    assert named["state"][1] is None
    assert isinstance(named["state"], tuple)
    assert all(float(value.min()) == 2 for value in (named["x"], last))
    assert float(W.max()) == 0


def test_entries_come_in_the_order_that_was_asked() -> None:
    assert entries({"b": 2, "a": 1}, "a", "b") == (1, 2)


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ([1, 2], "grads is a list, expected a dict with the keys a, b"),
        ({"a": 1}, "grads has other keys than expected"),
        ({"a": 1, "b": 2, "c": 3}, "grads has other keys than expected"),
    ],
)
def test_another_dict_is_refused(answer, says) -> None:
    with pytest.raises(CheckFailed) as caught:
        entries(answer, "a", "b", name="grads")
    assert caught.value.headline == says
