"""Checks of `sequence_dropout`: what the mask looks like, and what it does to the values."""

from dataclasses import dataclass

import torch
from hypothesis import given
from hypothesis import strategies as st

from grader.checks import Source, Submission, check, expect, expect_true, observe, sources

DIMS = ("sequence", "step", "feature")
DTYPES = (torch.float32, torch.float64)
SMALL = ((1, 1, 1), (1, 3, 2), (3, 1, 2), (2, 3, 4), (3, 2, 1))
# Wide enough that chance alone never makes 40 sequences, or 40 features, all kept or all dropped.
WIDE = (40, 2, 40)
RATES = (0.2, 0.25, 0.3)


@dataclass(frozen=True)
class Case:
    """The arguments of one call, and a cotangent for its gradient."""

    x: torch.Tensor  # (N, T, I), no entry of which is 0: what was dropped can be seen
    p: float
    cotangent: torch.Tensor  # (N, T, I)


@st.composite
def cases(draw: st.DrawFn, dtype: torch.dtype | None = None) -> Case:
    """Draw a wide batch of sequences."""
    source: Source = draw(sources(dtype))
    return Case(source.normal(*WIDE), draw(st.sampled_from(RATES)), source.normal(*WIDE))


@dataclass(frozen=True)
class Mask:
    """What each entry of x was multiplied with."""

    factors: torch.Tensor  # (N, T, I), float64
    p: float

    def same_along(self, dim: str) -> bool:
        """Whether what is dropped is the same all along an axis."""
        zeros, axis = self.factors == 0, DIMS.index(dim)
        return bool((zeros == zeros.narrow(axis, 0, 1)).all())

    @property
    def share_dropped(self) -> float:
        """The share of entries that are 0."""
        return float((self.factors == 0).double().mean())

    @property
    def scale(self) -> str:
        """What the entries that are kept were multiplied with, in words."""
        scales = {"1": 1.0, "1/(1-p)": 1 / (1 - self.p), "1/p": 1 / self.p, "1-p": 1 - self.p}
        kept = float(self.factors.max())
        near = [name for name, scale in scales.items() if abs(kept - scale) < 1e-4 * scale]
        return near[0] if near else "another number"

    def observe(self) -> None:
        """Say what it is like: each draw is another mask, and all of them are right."""
        observe("scale", self.scale)
        for dim in DIMS:
            observe(f"the same for every {dim}", self.same_along(dim))
        if not self.same_along("sequence") and not self.same_along("feature"):
            observe("most are dropped", self.share_dropped > 0.5)


def draw_mask(submission: Submission, case: Case, *, training: bool = True) -> Mask:
    """Call the submission, and return the mask that it must have used."""
    y = submission["sequence_dropout"](case.x, case.p, training)
    expect(y, case.x, name="y", dtype=case.x.dtype, dims=DIMS, values=False)
    mask = Mask(y.double() / case.x.double(), case.p)
    mask.observe()
    return mask


@check(points=1)
def keeps_shape_and_dtype(submission: Submission) -> None:
    """The answer has the shape and dtype of x, in training and outside of it."""
    for index, shape in enumerate((*SMALL, WIDE)):
        for dtype in DTYPES:
            x = Source(index, dtype).normal(*shape)
            for training in (True, False):
                y = submission["sequence_dropout"](x, 0.5, training)
                got = (str(y.dtype), tuple(y.shape)) if isinstance(y, torch.Tensor) else type(y)
                observe(f"shape and dtype for {shape} of {dtype}", str(got))
                expect(y, x, name="y", dtype=dtype, dims=DIMS, values=False)


@check(points=1, after=keeps_shape_and_dtype, examples=5)
@given(case=cases())
def changes_nothing_outside_training(submission: Submission, case: Case) -> None:
    """With training False, x comes back as it is."""
    mask = draw_mask(submission, case, training=False)
    expect(mask.factors, torch.ones_like(mask.factors), name="y / x", dims=DIMS)


@check(points=2, after=keeps_shape_and_dtype, examples=10)
@given(case=cases())
def scales_what_it_keeps(submission: Submission, case: Case) -> None:
    """In training each entry is either 0 or x / (1 - p), so that the mean stays what it was."""
    mask = draw_mask(submission, case)
    want = (mask.factors != 0).double() / (1 - case.p)
    eps = torch.finfo(case.x.dtype).eps / torch.finfo(torch.float64).eps
    expect(mask.factors, want, name="y / x", terms=eps * want, dims=DIMS)


@check(points=2, after=scales_what_it_keeps, examples=10)
@given(case=cases())
def drops_the_same_at_every_step(submission: Submission, case: Case) -> None:
    """A feature that is dropped from a sequence is dropped at all of its time steps."""
    mask = draw_mask(submission, case)
    zeros = (mask.factors == 0).any(dim=1)
    partly = zeros & (mask.factors != 0).any(dim=1)
    expect_true(
        not bool(partly.any()),
        f"{int(partly.sum())} of {int(zeros.sum())} dropped features are dropped at some time "
        f"steps of their sequence and kept at others; expected 0.",
    )


@check(points=2, after=drops_the_same_at_every_step, examples=10)
@given(case=cases())
def draws_for_each_sequence_and_feature(submission: Submission, case: Case) -> None:
    """Each feature of each sequence is dropped or kept by itself, anew in every call."""
    first, second = draw_mask(submission, case), draw_mask(submission, case)
    for dim in ("sequence", "feature"):
        message = f"Every {dim} got the same mask; expected a draw for each."
        expect_true(not first.same_along(dim), message)
    anew = not torch.equal(first.factors, second.factors)
    observe("drawn anew", anew)
    expect_true(anew, "Two calls dropped exactly the same; expected a new mask in each call.")


@check(points=1, after=draws_for_each_sequence_and_feature, examples=10)
@given(case=cases())
def drops_the_share_p(submission: Submission, case: Case) -> None:
    """About the share p of all features is dropped."""
    dropped = draw_mask(submission, case).share_dropped
    # 1,600 draws: one standard deviation is 0.011 or less, so that 0.08 is out of reach for chance.
    message = f"Got a share of {dropped:.3f} dropped with p = {case.p}, expected {case.p} ± 0.08."
    expect_true(abs(dropped - case.p) < 0.08, message, got=f"{dropped:.3f}", expected=f"{case.p}")


@check(points=1, after=(changes_nothing_outside_training, drops_the_share_p))
def works_at_both_ends(submission: Submission) -> None:
    """With p = 0 everything is kept as it is, and with p = 1 everything is 0, and never nan."""
    x = Source(1, torch.float64).normal(2, 3, 4)
    for p, want in ((0.0, x), (1.0, torch.zeros_like(x))):
        y = submission["sequence_dropout"](x, p, True)
        expect(y, want, name=f"y with p = {p:g}", dims=DIMS)


@check(points=1, after=keeps_shape_and_dtype, examples=5)
@given(case=cases())
def leaves_inputs_unchanged(submission: Submission, case: Case) -> None:
    """The tensor that came in holds the same numbers after the call as before it."""
    _, (x, _, _) = submission["sequence_dropout"].inputs(case.x, case.p, True)
    same = torch.equal(x, case.x)
    observe("x is unchanged", same)
    expect_true(same, "x was changed by the call.")


@check(points=1, after=scales_what_it_keeps, examples=5)
@given(case=cases(dtype=torch.float64))
def gradient_follows_the_mask(submission: Submission, case: Case) -> None:
    """The gradient of x is the cotangent times the mask: what was dropped gets none."""
    y, (gradient,) = submission["sequence_dropout"].vjp(
        case.x, case.p, True, cotangents=[case.cotangent], wrt=[0]
    )
    observe("a gradient reaches x", gradient is not None)
    expect_true(gradient is not None, "No gradient reaches x.")
    want = y / case.x * case.cotangent
    expect(gradient, want, name="gradient of x", dtype=torch.float64, dims=DIMS)
