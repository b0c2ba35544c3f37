"""Checks of `clip_gradients`: one factor for all gradients, from one norm over all of them."""

import math
from collections.abc import Sequence

import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from grader.checks import (
    DTYPES,
    Case,
    Submission,
    check,
    expect,
    expect_error,
    expect_true,
    expect_unchanged,
    items,
    observe,
    plain_numbers,
    sizes,
    sources,
)

# Both dtypes alone, and mixed in one list.
MIXES = ((torch.float32,), (torch.float64,), (torch.float32, torch.float64))


@st.composite
def cases(draw: st.DrawFn, *ratios: float, mixes: Sequence[Sequence[torch.dtype]] = MIXES) -> Case:
    """The gradients of a small model, of very different size; max_norm is a ratio of their norm."""
    source, mix = draw(sources(torch.float64)), draw(st.sampled_from(mixes))
    h, i = draw(sizes(1, 3)), draw(sizes(1, 3))
    grads = []
    for index, shape in enumerate([(4 * h, i), (4 * h,), (), (2, h, i)][: draw(sizes(1, 4))]):
        g = source.normal(*shape, scale=draw(st.sampled_from([0.1, 1.0, 10.0])))
        grads.append(g.to(mix[index % len(mix)]))
    return Case({"grads": grads, "max_norm": norm_of(grads) * draw(st.sampled_from(ratios))}, ())


def norm_of(grads: Sequence[Tensor]) -> float:
    """The global norm, from entries in float64."""
    return math.sqrt(sum(float(g.double().square().sum()) for g in grads))


def expect_norm(submission: Submission, case: Case) -> Sequence[Tensor]:
    """Hold the norm before clipping against the exact one; return the clipped gradients."""
    clipped, norm = items(submission["clip_global_norm"](*case.values), "clipped", "norm")
    want = torch.tensor(norm_of(case.grads), dtype=torch.float64)
    found = torch.as_tensor(norm, dtype=torch.float64)
    plain_numbers()
    expect(found, want, name="norm", precision=coarsest(case))
    return clipped


def coarsest(case: Case) -> torch.dtype:
    """The dtype in which a norm of these gradients may be computed."""
    return min((g.dtype for g in case.grads), key=DTYPES.index)


def expect_clipped(submission: Submission, case: Case, *, peers: bool = True) -> None:
    """Hold the norm, and every gradient against factor times gradient.

    Args:
        submission: whom to ask.
        case: the arguments.
        peers: whether the error of torch's own clipping, which adds 1e-6 to the norm, counts for
            what is allowed.
    """
    clipped, exact = expect_norm(submission, case), norm_of(case.grads)
    factor = min(1.0, case.max_norm / exact) if exact else 1.0
    parameters = [torch.nn.Parameter(torch.zeros_like(g)) for g in case.grads]
    for parameter, g in zip(parameters, case.grads, strict=True):
        parameter.grad = g.clone()
    torch.nn.utils.clip_grad_norm_(parameters, case.max_norm)
    for index, (g, parameter) in enumerate(zip(case.grads, parameters, strict=True)):
        expect(
            clipped[index],
            factor * g.double(),
            name=f"clipped[{index}]",
            dtype=g.dtype,
            peer=parameter.grad if peers else None,
            precision=coarsest(case),
        )


@check(points=1, examples=16)
@given(case=cases(0.5, 2.0))
def keeps_shape_and_dtype(submission: Submission, case: Case) -> None:
    """Each gradient comes back in its place, its shape and its dtype; the norm is one number."""
    plain_numbers()
    for mix in MIXES:
        grads = [g.to(mix[index % len(mix)]) for index, g in enumerate(case.grads)]
        answer = submission["clip_global_norm"](grads, case.max_norm)
        clipped, norm = items(answer, "clipped", "norm")
        names = [f"clipped[{index}]" for index in range(len(grads))]
        results = items(clipped, *names, name="clipped", kind="list")
        for name, got, g in zip(names, results, grads, strict=True):
            expect(got, g.double(), name=name, dtype=g.dtype, values=False)
        expect_true(
            isinstance(norm, float | int) or (isinstance(norm, Tensor) and norm.ndim == 0),
            f"norm is {type(norm).__name__}, expected a float or a tensor of shape ().",
        )


@check(points=2, after=keeps_shape_and_dtype, examples=25)
@given(case=cases(0.1, 0.5, 2.0))
def norm_is_over_all_gradients(submission: Submission, case: Case) -> None:
    """The norm is the root of the sum of all squares, over all tensors, before clipping."""
    # 3, 4 and 12 have the norm 13, and float32 has nothing between 12 and 12.000001. All are
    # negative: an entry is as large as its absolute value.
    grads = [torch.tensor(g, dtype=torch.float64) for g in ([-3.0, -4.0], -12.0 - 4e-7)]
    _, norm = items(submission["clip_global_norm"](grads, 6.5), "clipped", "norm")
    if rounded := isinstance(norm, float | Tensor) and abs(float(norm) - 13.0) < 1e-9:
        observe("a norm of float64 gradients", "rounded to float32")
    expect_true(
        not rounded,
        f"The norm of -3, -4 and -12.0000004 in float64 is 13, expected {norm_of(grads):.10f}. It "
        "is as exact as float32.",
    )
    expect_norm(submission, Case({"grads": grads, "max_norm": 6.5}, ()))
    expect_norm(submission, case)
    # The gradient of a transposed matrix is often a view, of which no other view has one axis.
    matrix = torch.tensor([[1.0, 2.0], [4.0, 10.0], [0.0, 20.0]])
    kept, _ = items(submission["clip_global_norm"]([matrix], 100.0, keep=[0]), "clipped", "norm")
    turned = kept["__getitem__"](0, keep=True)["t"](keep=True)
    _, norm = items(submission["clip_global_norm"]([turned], 100.0), "clipped", "norm")
    found = torch.as_tensor(norm, dtype=torch.float64)
    # Whether it should be 22.8 is for the checks of what comes back.
    want = torch.tensor(norm_of([kept["__getitem__"](0)]), dtype=torch.float64)
    expect(found, want, name="norm of a transposed gradient", precision=torch.float32)


@check(points=3, after=norm_is_over_all_gradients, examples=25)
@given(case=cases(0.01, 0.1, 0.5, 0.9))
def clips_to_max_norm(submission: Submission, case: Case) -> None:
    """Above max_norm, one factor shrinks all gradients: the direction stays, the norm fits."""
    expect_clipped(submission, case)
    # The norm 0.5 is above max_norm, and its square is below; one dtype alone is not above it.
    small = [torch.tensor([0.3], dtype=torch.float64), torch.tensor([0.4])]
    expect_clipped(submission, Case({"grads": small, "max_norm": 0.3}, ()))


@check(points=1, after=norm_is_over_all_gradients, examples=10)
@given(case=cases(1.1, 2.0, 100.0))
def leaves_small_gradients_alone(submission: Submission, case: Case) -> None:
    """Up to max_norm, and where the norm is max_norm, the gradients keep their values."""
    expect_clipped(submission, case)
    for dtype in DTYPES:
        grads = [torch.tensor([3.0, 4.0], dtype=dtype), torch.tensor(12.0, dtype=dtype)]
        expect_clipped(submission, Case({"grads": grads, "max_norm": 13.0}, ()))


@check(points=1, after=keeps_shape_and_dtype, examples=6)
@given(case=cases(0.5))
def leaves_inputs_unchanged(submission: Submission, case: Case) -> None:
    """The list grads and its tensors are not modified."""
    plain_numbers()
    _, afterwards = submission["clip_global_norm"].inputs(*case.values)
    expect_unchanged(case.arguments, afterwards)


@check(points=1, after=(leaves_small_gradients_alone, leaves_inputs_unchanged), examples=4)
@given(case=cases(2.0))
def returns_new_tensors(submission: Submission, case: Case) -> None:
    """The results are new tensors, also where nothing is clipped: writing into one is safe."""
    clip = submission["clip_global_norm"]
    plain_numbers()
    for when, grads in (
        ("the norm is below max_norm", case.grads),
        ("all gradients are 0", [torch.zeros_like(g) for g in case.grads]),
    ):
        given, _ = items(clip(grads, case.max_norm, keep=[0]), "clipped", "norm")
        clipped, _ = items(clip(given, case.max_norm, keep=[0]), "clipped", "norm")
        for index, g in enumerate(grads):
            clipped["__getitem__"](index, keep=True)["fill_"](7.0)
            kept = given["__getitem__"](index)
            expect_true(
                torch.equal(kept, g),
                f"Where {when}, clipped[{index}] shares its memory with grads[{index}]: after "
                f"clipped[{index}].fill_(7.0) the gradient is 7 too.",
            )


@check(points=2, after=norm_is_over_all_gradients, examples=8)
@given(case=cases(0.5, 2.0), places=st.tuples(*[st.tuples(sizes(0, 3), sizes(0, 20))] * 3))
def refuses_what_is_not_finite(
    submission: Submission, case: Case, places: tuple[tuple[int, int], ...]
) -> None:
    """An inf or nan anywhere in the gradients raises ValueError."""
    clip = submission["clip_global_norm"]
    plain_numbers()
    for value, (tensor, entry) in zip((math.inf, -math.inf, math.nan), places, strict=True):
        grads = [g.clone() for g in case.grads]
        spoiled = grads[tensor % len(grads)].view(-1)
        spoiled[entry % len(spoiled)] = value
        when = f"an entry is {value}"
        expect_error(clip, grads, case.max_norm, type="ValueError", when=when)


@check(points=1, after=(clips_to_max_norm, leaves_small_gradients_alone), examples=5)
@given(case=cases(1.0, mixes=[(torch.float64,)]))
def survives_extreme_gradients(submission: Submission, case: Case) -> None:
    """Entries of 1e30 are clipped although their squares overflow float32; those of 1e-30 stay."""
    largest = max(float(g.abs().max()) for g in case.grads)
    # The largest entries that the task promises, and small ones whose squares underflow.
    for dtype, extremes in ((torch.float32, (1e30, 1e-30)), (torch.float64, (1e150, 1e-150))):
        for size in extremes:
            grads = [(g / largest * size).to(dtype) for g in case.grads]
            extreme = case.put(grads=grads, max_norm=1.0)
            expect_clipped(submission, extreme, peers=False)
    both = [torch.tensor([3e30, 4e30]), torch.tensor([3e150, -4e150], dtype=torch.float64)]
    expect_clipped(submission, case.put(grads=both, max_norm=1e150), peers=False)


@check(points=1, after=keeps_shape_and_dtype)
def keeps_zeros(submission: Submission) -> None:
    """Gradients that are all zero have norm 0 and come back as zeros."""
    for dtype in DTYPES:
        grads = [torch.zeros(4, 3, dtype=dtype), torch.zeros(4, dtype=dtype)]
        expect_clipped(submission, Case({"grads": grads, "max_norm": 1.0}, ()))
