"""Checks of `clip_gradients`: one factor for all gradients, from one norm over all of them."""

import math
from dataclasses import dataclass

import torch
from hypothesis import given
from hypothesis import strategies as st

from grader.checks import Source, Submission, check, expect, expect_true, items, sizes, sources

# The largest entries that the task promises, and small ones whose squares underflow in float32.
EXTREMES = {torch.float32: (1e30, 1e-30), torch.float64: (1e150, 1e-150)}


@dataclass(frozen=True)
class Case:
    """The arguments of one call."""

    grads: list[torch.Tensor]  # of any shapes
    max_norm: float

    @property
    def norm(self) -> float:
        """The global norm, from entries in float64."""
        return math.sqrt(sum(float(g.double().square().sum()) for g in self.grads))

    @property
    def dtype(self) -> torch.dtype:
        """The dtype of the gradients."""
        return self.grads[0].dtype

    @property
    def wanted(self) -> list[torch.Tensor]:
        """The clipped gradients in float64."""
        factor = self.max_norm / self.norm if self.norm > self.max_norm else 1.0
        return [g.double() * factor for g in self.grads]


@st.composite
def gradients(draw: st.DrawFn, dtype: torch.dtype | None = None) -> list[torch.Tensor]:
    """Draw the gradients of a small model: tensors of different shapes and very different size."""
    source: Source = draw(sources(dtype))
    h, i = draw(sizes(1, 3)), draw(sizes(1, 3))
    shapes = [(4 * h, i), (4 * h,), (), (2, h, i)][: draw(sizes(1, 4))]
    scales = [draw(st.sampled_from([0.1, 1.0, 10.0])) for _ in shapes]
    return [source.normal(*shape, scale=scale) for shape, scale in zip(shapes, scales, strict=True)]


@st.composite
def cases(draw: st.DrawFn, *ratios: float) -> Case:
    """Draw gradients, and a limit at one of these ratios to their norm."""
    grads = draw(gradients())
    norm = Case(grads, 1.0).norm
    return Case(grads, norm * draw(st.sampled_from(ratios)))


@st.composite
def spoiled(draw: st.DrawFn) -> Case:
    """Draw gradients one entry of which is inf, -inf or nan."""
    grads = draw(gradients())
    spoilt = grads[draw(sizes(0, len(grads) - 1))].view(-1)
    spoilt[draw(sizes(0, len(spoilt) - 1))] = draw(st.sampled_from([math.inf, -math.inf, math.nan]))
    return Case(grads, draw(st.sampled_from([0.5, 1.0, 5.0])))


def scaled_to(size: float, dtype: torch.dtype, grads: list[torch.Tensor]) -> Case:
    """Return the gradients in a dtype, scaled so that their largest entry has a size."""
    largest = max(float(g.abs().max()) for g in grads)
    return Case([(g / largest * size).to(dtype) for g in grads], max_norm=1.0)


def ask(submission: Submission, case: Case) -> tuple[list[torch.Tensor], torch.Tensor]:
    """Return the clipped gradients, and the norm as a tensor of their dtype."""
    clipped, norm = items(
        submission["clip_global_norm"](case.grads, case.max_norm), "clipped", "norm"
    )
    return clipped, torch.as_tensor(norm, dtype=case.dtype)


def expect_clipped(got: list[torch.Tensor], case: Case, peers: list[torch.Tensor] | None) -> None:
    """Hold the clipped gradients against factor times gradient, for the same factor everywhere."""
    for index, want in enumerate(case.wanted):
        peer = None if peers is None else peers[index]
        expect(got[index], want, name=f"clipped[{index}]", dtype=case.dtype, peer=peer)


def clip_in_torch(case: Case) -> list[torch.Tensor]:
    """Return what torch's own clipping makes of the gradients; it adds 1e-6 to the norm."""
    parameters = [torch.nn.Parameter(torch.zeros_like(g)) for g in case.grads]
    for parameter, g in zip(parameters, case.grads, strict=True):
        parameter.grad = g.clone()
    torch.nn.utils.clip_grad_norm_(parameters, case.max_norm)
    return [parameter.grad for parameter in parameters]


@check(points=1, examples=6)
@given(case=cases(0.5, 2.0))
def keeps_shapes_and_dtypes(submission: Submission, case: Case) -> None:
    """Each gradient comes back in its place, its shape and its dtype; the norm is one number."""
    answer = submission["clip_global_norm"](case.grads, case.max_norm)
    clipped, norm = items(answer, "clipped", "norm")
    expect_true(
        isinstance(clipped, list | tuple) and len(clipped) == len(case.grads),
        f"clipped is {type(clipped).__name__}, expected a list of {len(case.grads)} tensors.",
    )
    for index, (got, g) in enumerate(zip(clipped, case.grads, strict=False)):
        kind, wanted = (
            (str(t.dtype), tuple(t.shape)) if isinstance(t, torch.Tensor) else type(t).__name__
            for t in (got, g)
        )
        expect_true(kind == wanted, f"clipped[{index}] is {kind}, expected {wanted}.")
    expect_true(
        isinstance(norm, float | int) or (isinstance(norm, torch.Tensor) and norm.ndim == 0),
        f"norm is {type(norm).__name__}, expected a float or a tensor of shape ().",
    )


@check(points=2, after=keeps_shapes_and_dtypes, examples=25)
@given(case=cases(0.1, 0.5, 2.0))
def norm_is_over_all_gradients(submission: Submission, case: Case) -> None:
    """The norm is the root of the sum of all squares, over all tensors, before clipping."""
    _, norm = ask(submission, case)
    expect(norm, torch.tensor(case.norm, dtype=torch.float64), name="norm", dtype=case.dtype)


@check(points=3, after=norm_is_over_all_gradients, examples=25)
@given(case=cases(0.01, 0.1, 0.5, 0.9))
def clips_to_max_norm(submission: Submission, case: Case) -> None:
    """Above max_norm all gradients shrink by one factor: the direction stays, the norm fits."""
    clipped, _ = ask(submission, case)
    expect_clipped(clipped, case, clip_in_torch(case))


@check(points=1, after=norm_is_over_all_gradients, examples=10)
@given(case=cases(1.1, 2.0, 100.0))
def leaves_small_gradients_alone(submission: Submission, case: Case) -> None:
    """Below max_norm, the gradients come back as they are."""
    clipped, _ = ask(submission, case)
    expect_clipped(clipped, case, None)


@check(points=1, after=keeps_shapes_and_dtypes, examples=6)
@given(case=cases(0.5))
def leaves_inputs_unchanged(submission: Submission, case: Case) -> None:
    """The tensors that came in hold the same numbers after the call as before it."""
    _, (grads, _) = submission["clip_global_norm"].inputs(case.grads, case.max_norm)
    for index, (before, after) in enumerate(zip(case.grads, grads, strict=True)):
        expect_true(torch.equal(before, after), f"grads[{index}] was changed by the call.")


@check(points=2, after=norm_is_over_all_gradients, examples=16)
@given(case=spoiled())
def refuses_what_is_not_finite(submission: Submission, case: Case) -> None:
    """An inf or nan anywhere in the gradients raises ValueError."""
    error = submission["clip_global_norm"].error(case.grads, case.max_norm)
    got = "an answer" if error is None else error.type
    expect_true(got == "ValueError", f"Got {got}, expected ValueError.", got=got)


@check(points=1, after=(clips_to_max_norm, leaves_small_gradients_alone), examples=5)
@given(grads=gradients(torch.float64))
def survives_extreme_gradients(submission: Submission, grads: list[torch.Tensor]) -> None:
    """Entries of 1e30 are clipped although their squares overflow float32; those of 1e-30 stay."""
    for dtype, sizes_in_dtype in EXTREMES.items():
        for size in sizes_in_dtype:
            case = scaled_to(size, dtype, grads)
            clipped, norm = ask(submission, case)
            expect(norm, torch.tensor(case.norm, dtype=torch.float64), name="norm", dtype=dtype)
            expect_clipped(clipped, case, None)


@check(points=1, after=keeps_shapes_and_dtypes)
def keeps_zeros(submission: Submission) -> None:
    """Gradients that are all zero have norm 0 and come back as zeros."""
    for dtype in EXTREMES:
        case = Case([torch.zeros(4, 3, dtype=dtype), torch.zeros(4, dtype=dtype)], max_norm=1.0)
        clipped, norm = ask(submission, case)
        expect(norm, torch.zeros((), dtype=torch.float64), name="norm", dtype=dtype)
        expect_clipped(clipped, case, None)
