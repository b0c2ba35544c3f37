"""What a check says of an argument that a call has changed."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from grader.checks.afterwards import AS_IT_WAS, described

X = torch.tensor([[0.5, -1.5], [2.0, 0.25]])
TREES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.lists(st.floats(width=32), max_size=4).map(torch.tensor)
    | st.lists(st.floats() | st.text(max_size=3), max_size=4).map(np.array),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (lambda x: x.clone(), AS_IT_WAS),
        (lambda x: x.requires_grad_(), "requires gradients"),
        (lambda x: x.resize_(4), "has another shape"),
        (lambda x: x.zero_(), "holds zeros"),
        (lambda x: x.fill_diagonal_(0), "holds zeros in places"),
        (lambda x: x.clamp_(max=1), "is clipped"),
        (lambda x: x.clamp_(-1, 0), "holds other numbers, -0.25 on average"),
        (lambda x: x.add_(2), "is shifted by 2"),
        (lambda x: x.div_(2), "is scaled by 0.5"),
        (lambda x: x.copy_(x.flip(0)), "is in another order"),
        (lambda x: x.pow_(2), "holds other numbers, 1.6 on average"),
        (lambda x: x[0].pow_(2), "holds other numbers in places, 1.2 on average"),
        (lambda x: x[0].fill_(float("nan")), "holds no finite numbers in places"),
    ],
)
def test_a_tensor_is_described_by_what_became_of_it(change, word: str) -> None:
    after = X.clone()
    change(after)
    assert described(X, after) == word
    parts = described({"w": [X, X]}, {"w": [X, after]})
    assert parts == (word if word == AS_IT_WAS else f"['w'][1] {word}")


@pytest.mark.parametrize("moved", [-6.55, -6.55 - 1e-14, -6.55 + 1e-14])
def test_a_last_digit_changes_no_word(moved: float) -> None:
    assert described(X, X + moved) == "is shifted by -6.6"


def test_a_state_that_holds_an_answer_is_told_by_that_whatever_the_answer() -> None:
    answer = (X.unsqueeze(0), (3 * X, 7 * X))
    assert described((X, X), (7 * X, X), answer) == "[0] holds an answer"
    assert described((X, X), (X, X), (X, X)) == AS_IT_WAS


@pytest.mark.parametrize(
    ("old", "new", "word"),
    [
        (["B-x", "O"], ["B-x", "O", "O"], "is longer"),
        (["B-x", "O"], ["O", "B-x"], "is in another order"),
        (["B-x", "O"], ["B-x", "o"], "[1] is another value"),
        ([float("nan"), 1.0], [float("nan"), 1.0], AS_IT_WAS),
        ([float("nan"), 1.0], [1.0, float("nan")], "is in another order"),
        ([float("nan"), 1.0], [0.0, 1.0], "[0] is another value"),
        ({"a": 1, "b": 2}, {"a": 1}, "loses entries"),
        ({"a": 1}, {"a": 1, "b": 2}, "gains entries"),
        (X, "x", "is no array"),
        ([None, 1], [None, np.zeros(0)], "[1] is another value"),
        ([None, 1], [np.zeros(3), torch.zeros(2)], "[0] is another value, [1] is another value"),
        (
            [0] * 20,
            [1] * 20,
            ", ".join([f"[{n}] is another value" for n in range(16)] + ["4 more"]),
        ),
    ],
)
def test_lists_and_dicts_are_described_by_their_parts(old, new, word: str) -> None:
    assert described(old, new) == word


@given(old=TREES, new=TREES, answer=TREES)
def test_whatever_comes_back_is_described_in_bounded_words(old, new, answer) -> None:
    assert 0 < len(described(old, new, answer)) < 4000
