"""Strategies: readable numbers that repeat with their seed, and sizes that shrink."""

import numpy as np
import pytest
import torch
from hypothesis import find, given
from hypothesis import strategies as st

from grader.checks.strategies import Source, sizes, sources

KINDS = st.sampled_from([torch.float32, torch.float64, np.float32, np.float64])


@given(seed=st.integers(0, 2**32 - 1), dtype=KINDS, shape=st.lists(sizes(1, 4), max_size=3))
def test_numbers_have_two_decimals_and_are_never_zero(seed, dtype, shape) -> None:
    for values in (Source(seed, dtype).normal(*shape), Source(seed, dtype).uniform(*shape)):
        assert values.dtype == dtype
        assert tuple(values.shape) == tuple(shape)
        plain = np.asarray(values, dtype=np.float64).reshape(-1)
        assert (plain != 0).all()
        assert np.allclose(plain * 100, np.round(plain * 100), atol=1e-4)


@given(seed=st.integers(0, 2**32 - 1))
def test_the_same_seed_gives_the_same_numbers(seed: int) -> None:
    one, other = Source(seed, torch.float64), Source(seed, torch.float64)
    first = one.normal(2, 3)
    assert torch.equal(first, other.normal(2, 3))
    assert torch.equal(one.integers(4, low=2, high=5), other.integers(4, low=2, high=5))
    assert one.permutation(5) == other.permutation(5)
    assert not torch.equal(first, one.normal(2, 3)), "every call draws fresh values"


def test_values_differ_from_source_to_source() -> None:
    seen = {tuple(Source(seed, np.float64).normal(4)) for seed in range(100)}
    assert len(seen) == 100


@given(st.data())
def test_bounds(data) -> None:
    source = data.draw(sources(np.float64))
    assert isinstance(repr(source), str)
    assert np.abs(source.uniform(50, low=-0.5, high=0.25)).max() <= 0.5
    whole = source.integers(50, low=-2, high=3)
    assert whole.min() >= -2
    assert whole.max() <= 2
    assert sorted(source.permutation(6)) == list(range(6))


def test_sizes_shrink_to_the_smallest() -> None:
    assert find(sizes(1, 5), lambda size: size >= 3) == 3


@pytest.mark.parametrize(
    ("asked", "given_"),
    [
        (None, {torch.float32, torch.float64}),
        (torch.bfloat16, {torch.bfloat16}),
        ((np.float32, np.float64), {np.float32, np.float64}),
    ],
)
def test_dtypes(asked, given_) -> None:
    seen = set()

    @given(sources(asked))
    def draw(source: Source) -> None:
        seen.add(source.dtype)

    draw()
    assert seen == given_
