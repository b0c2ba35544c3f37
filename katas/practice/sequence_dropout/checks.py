"""Checks of `sequence_dropout`: what the mask looks like, and what it does to the values."""

from dataclasses import dataclass

import torch
from hypothesis import given
from hypothesis import strategies as st

from grader.checks import Submission, check, observe
from grader.compare import expect, expect_true
from grader.strategies import Source, sizes, sources

DIMS = ("sequence", "step", "feature")
RATES = (0.2, 0.3, 0.7, 0.8)
WIDE = (6, 3, 64)  # a mask of 384 entries is never the same twice, and never all 0 or all 1


@dataclass(frozen=True)
class Case:
    """The arguments of one call in training, and a cotangent."""

    x: torch.Tensor  # (N, T, I), no entry is 0
    p: float
    cotangent: torch.Tensor  # (N, T, I)


@st.composite
def cases(draw: st.DrawFn, dtype: torch.dtype | None = None, *, wide: bool = True) -> Case:
    """Draw sequences: wide ones, of which a mask can be read off, or of any size."""
    source: Source = draw(sources(dtype))
    shape = WIDE if wide else (draw(sizes(1, 3)), draw(sizes(1, 4)), draw(sizes(1, 5)))
    return Case(source.normal(*shape), draw(st.sampled_from(RATES)), source.normal(*shape))


def mask_of(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """Return what each entry was multiplied with, (N, T, I), in float64."""
    return y.double() / x.double()


def observe_mask(mask: torch.Tensor, p: float) -> None:
    """Say in words what the mask is like: every draw is another one, and all are right."""
    kept = float(mask.max())
    scales = {"kept as it is": 1.0, "1 / (1 - p)": 1 / (1 - p), "1 / p": 1 / p, "1 - p": 1 - p}
    names = [name for name, scale in scales.items() if abs(kept - scale) < 1e-4 * scale]
    observe("scale of what is kept", " ".join(names) or "another one")
    if mask.shape == WIDE:
        dropped = float((mask == 0).double().mean())
        nearest = min((0.0, 1.0, p, 1 - p), key=lambda share: abs(share - dropped))
        # 18 sequence-features (one per sequence and three of its features, say) say nothing about p.
        names = {0.0: "nothing", 1.0: "everything", p: "p", 1 - p: "1 - p"}
        observe("the same at every step", same_along(mask, 1))
        observe("the same in every sequence", same_along(mask, 0))
        observe("the same in every feature", same_along(mask, 2))
        if not same_along(mask, 2):
            observe("share that is dropped", names[nearest])


def same_along(mask: torch.Tensor, axis: int) -> bool:
    """Return whether the zeros of a mask are the same ones all along an axis."""
    zeros = mask == 0
    return bool((zeros == zeros.narrow(axis, 0, 1)).all())
