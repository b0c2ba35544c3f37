"""Arguments and outputs as they come: tensors, arrays, and dicts or lists of them."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
from torch import Tensor


def is_array(value: object) -> bool:
    """Whether it is a tensor of torch or an array of NumPy."""
    return isinstance(value, Tensor | np.ndarray)


def each_array(change: Callable[[Any], Any], value: Any) -> Any:
    """The same value with every tensor or array in it changed."""
    if is_array(value):
        return change(value)
    if isinstance(value, Mapping):
        return {key: each_array(change, item) for key, item in value.items()}
    if type(value) in (tuple, list):
        return type(value)(each_array(change, item) for item in value)
    return value


def arrays_in(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Every tensor or array in a value, with its name: `x`, `weights['bias_hh_l0']`, `state[0]`."""
    return ((inner, leaf) for inner, leaf in leaves_in(value, name) if is_array(leaf))


def tensors_in(value: Any) -> Iterator[Tensor]:
    """Every tensor of torch in a value."""
    return (leaf for _, leaf in leaves_in(value) if isinstance(leaf, Tensor))


LONGEST_KEY = 100


def index_of(key: object) -> str:
    """How an entry of a dict is written: `['bias_hh_l0']`; a long key is cut.

    A hostile answer can have a long key above many entries.
    """
    shown = repr(key[:LONGEST_KEY] if isinstance(key, str) else key)
    return f"[{shown}{'...' if isinstance(key, str) and len(key) > LONGEST_KEY else ''}]"


def leaves_in(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Everything in a value that is no dict, tuple or list, with its name."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from leaves_in(item, f"{name}{index_of(key)}")
    elif isinstance(value, tuple | list):
        for index, item in enumerate(value):
            yield from leaves_in(item, f"{name}[{index}]")
    else:
        yield name, value
