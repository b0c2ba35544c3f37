"""Hypothesis strategies for tensors and arrays.

A case is a few small sizes and one *source* of numbers: shrinking then makes the sizes small in a
few steps, and the numbers, which have two decimals and are never zero, stay readable (and nothing
hides behind a zero).
"""

from collections.abc import Sequence
from functools import cache
from typing import Any, TypeAlias

import numpy as np
import torch
from hypothesis import strategies as st

DTYPES = (torch.float32, torch.float64)
UNEQUAL = ((1, 1), (1, 3), (3, 1), (2, 3), (3, 2), (4, 3), (2, 4), (4, 2), (3, 5), (5, 3))
"""Pairs of sizes, mostly unequal and above 1: there a transposed or reshaped matrix shows."""

Strategy: TypeAlias = st.SearchStrategy[Any]


class Source:
    """Numbers for one case: every call draws fresh values from one generator.

    Args:
        seed: of the generator.
        dtype: a torch dtype makes tensors, a NumPy dtype makes arrays.
    """

    def __init__(self, seed: int, dtype: Any) -> None:
        self.seed = seed
        self.dtype = dtype
        self.rewind()

    def __repr__(self) -> str:
        return f"Source({self.seed}, {self.dtype})"

    def rewind(self) -> None:
        """Begin again with the first number."""
        self._generator = np.random.Generator(np.random.PCG64(self.seed))

    def normal(self, *shape: int, scale: float = 1.0) -> Any:
        """Normal values times `scale`; two decimals before scaling, never zero."""
        values = np.round(self._generator.standard_normal(shape), 2)
        return self._as_dtype(np.where(values == 0, 0.01, values) * scale)

    def uniform(self, *shape: int, low: float = -1.0, high: float = 1.0) -> Any:
        """Uniform values between `low` and `high`, two decimals, never zero."""
        values = np.round(self._generator.uniform(low, high, shape), 2)
        return self._as_dtype(np.where(values == 0, 0.01, values))

    def integers(self, *shape: int, low: int, high: int) -> Any:
        """Integers from `low` to `high - 1`, int64."""
        values = self._generator.integers(low, high, shape)
        return torch.from_numpy(values) if isinstance(self.dtype, torch.dtype) else values

    def permutation(self, size: int) -> list[int]:
        """The numbers 0 to size - 1 in random order."""
        return [int(index) for index in self._generator.permutation(size)]

    def _as_dtype(self, values: "np.ndarray[Any, Any]") -> Any:
        if isinstance(self.dtype, torch.dtype):
            return torch.from_numpy(np.asarray(values, dtype=np.float64)).to(self.dtype)
        return np.asarray(values, dtype=self.dtype)


@cache
def sizes(minimum: int = 1, maximum: int = 4) -> st.SearchStrategy[int]:
    """A size of a dimension."""
    return st.integers(minimum, maximum)


def sources(dtype: Any | Sequence[Any] | None = None) -> st.SearchStrategy[Source]:
    """A source of numbers.

    `dtype` is one dtype, several to choose from, or None for float32 and float64 of torch.
    """
    choices = (
        DTYPES if dtype is None else tuple(dtype) if isinstance(dtype, list | tuple) else (dtype,)
    )
    return _sources(choices)


@cache
def _sources(dtypes: tuple[Any, ...]) -> st.SearchStrategy[Source]:
    """The same strategy each time: what is made anew in each case is also looked through anew."""
    return st.builds(Source, st.integers(0, 2**32 - 1), st.sampled_from(dtypes))


def unequal(one: str, other: str, **choices: Sequence[int]) -> Strategy:
    """Sizes of named axes: two that are mostly unequal, and some from choices.

    Args:
        one: the first letter of the pair, "I".
        other: the second, "H".
        choices: further letters, each with the sizes that it can have.
    """
    drawn = {letter: st.sampled_from(list(values)) for letter, values in choices.items()}
    return st.builds(
        lambda pair, **rest: {one: pair[0], other: pair[1], **rest},
        st.sampled_from(UNEQUAL),
        **drawn,
    )
