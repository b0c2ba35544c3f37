"""Words for what an answer shows, for `observe`: many wrong answers are wrong in the same way."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor


def spread(marks: Sequence[bool]) -> str:
    """Which of several are marked, in words that do not depend on how many there are."""
    if all(marks) or not any(marks):
        return "all" if all(marks) else "none"
    if all(marks[1:]) or all(marks[:-1]):
        return "all but the first" if all(marks[1:]) else "all but the last"
    if sum(marks) == 1 and (marks[0] or marks[-1]):
        return "the first" if marks[0] else "the last"
    return "some"


def compared(got: object, want: Tensor) -> str:
    """What is wrong with numbers, in a word; `right` up to a thousandth.

    Args:
        got: what a submission gave.
        want: any shape, float64.
    """
    if not isinstance(got, Tensor) or got.shape != want.shape:
        return "something else"
    got = got.double()
    if not bool(got.isfinite().all()):
        return "nan" if bool(got.isnan().any()) else "infinite"
    if bool(((got - want).abs() <= 1e-3 * (1 + want.abs())).all()):
        return "right"
    return "too small" if bool((got.abs() <= want.abs() + 1e-3).all()) else "too large"


def nearest(got: Tensor, known: Mapping[str, Tensor], *, within: float) -> str:
    """The word for the numbers that lie nearest; empty where none of them lies within so much.

    Args:
        got: what was found, any shape.
        known: by their words, numbers of the same shape.
        within: how far the largest difference may be, exclusive.
    """
    apart = {word: float((got - one).abs().max()) for word, one in known.items()}
    word = min(apart, key=lambda word: apart[word])
    return word if apart[word] < within else ""


def another(got: Tensor | Sequence[object] | float) -> str:
    """The word for numbers that have none: their mean, so that only the same ones are like them.

    A word for all that is left would make one mistake of the many that it stands for.

    Args:
        got: what was found; what is no number is left out.
    """
    if isinstance(got, Tensor):
        got = got.double().flatten().tolist()
    entries = got if isinstance(got, Sequence) else [got]
    numbers = [float(one) for one in entries if isinstance(one, int | float)]
    return f"another, {sum(numbers) / max(len(numbers), 1):.4g} on average"


def short_of_one(shares: object) -> bool:
    """Whether the sums of shares, along the last axis, are all a little below 1.

    By more than rounding: a small number was added to the sum by which they are divided.

    Args:
        shares: (..., steps), of any float dtype; of anything else no sum is taken.
    """
    if not isinstance(shares, Tensor) or not shares.is_floating_point() or not shares.dim():
        return False
    short = 1.0 - shares.double().sum(-1)
    rounding = 64 * torch.finfo(shares.dtype).eps
    return bool(((short > rounding) & (short < 1e-3)).all())


def added_in_softmax(got: object, logits: Tensor, temperature: float) -> str:
    """Where something like 1e-8 was added in a softmax along the last axis; empty if nowhere.

    Args:
        got: what a submission gave.
        logits: what it was asked about, any shape.
        temperature: by which the logits are divided, above 0.
    """
    if short_of_one(got):
        return "to the sum"
    if not isinstance(got, Tensor) or got.shape != logits.shape:
        return ""
    want = (logits.double() / temperature).softmax(-1)
    for power in range(4, 13):
        one = (logits.double() / (temperature + 10.0**-power)).softmax(-1)
        if bool((got - one).abs().max() < 1e-2 * (one - want).abs().max()):
            return "to the temperature"
    return ""
