"""Checks of `sigmoid`: the logistic function in NumPy, for every finite number."""

import math
from decimal import Decimal

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from grader.checks import (
    Case,
    Operation,
    Source,
    Submission,
    check,
    expect,
    expect_true,
    observe,
    sizes,
    sources,
)

SIGMOID = Operation(
    "sigmoid",
    takes={"x": ("T",)},
    gives={"σ(x)": ("T",)},
    reference=torch.sigmoid,
    scales={"x": 4.0},
    sizes=st.builds(dict, T=sizes(4, 9)),
    batch="",
    dims=("entry",),
    dtypes=(np.float32, np.float64),
)


@st.composite
def shaped(draw: st.DrawFn) -> Case:
    """An x in float64 with one to three axes."""
    shape = draw(st.lists(sizes(1, 3), min_size=1, max_size=3))
    x = draw(sources(np.float64)).normal(*shape)
    return Case({"x": x}, (x,))


@st.composite
def far(draw: st.DrawFn) -> Case:
    """An x whose entries are of any size, up to 1e32."""
    case = draw(SIGMOID.cases())
    size = 10.0 ** draw(st.integers(0, 31))
    return case.map(lambda x: (x * size).astype(x.dtype))


keeps_shape_and_dtype = SIGMOID.keeps_shape_and_dtype(
    "The result is an array with the shape and the dtype of x.", cases=shaped()
)
leaves_inputs_unchanged = SIGMOID.leaves_inputs_unchanged(
    "The call does not modify x, however large its entries are.",
    after=keeps_shape_and_dtype,
    cases=far(),
)


@check(points=1, after=leaves_inputs_unchanged, examples=15)
@given(case=SIGMOID.cases())
def treats_each_entry_alone(submission: Submission, case: Case) -> None:
    """Each entry of the result depends on the same entry of x alone, and on no earlier call."""
    x, half = case.x, len(case.x) // 2
    whole = submission["sigmoid"](x)
    turned = submission["sigmoid"](x[::-1].copy())
    part = submission["sigmoid"](x[:half].copy())
    expect(turned, whole[::-1].copy(), name="σ(x in reverse order)", terms=1.0)
    expect(part, whole[:half].copy(), name="σ(the first half of x)", terms=1.0)


@check(points=1, after=treats_each_entry_alone, examples=15)
@given(case=SIGMOID.cases(np.float64))
def is_symmetric(submission: Submission, case: Case) -> None:
    """σ(x) + σ(-x) is 1, at x = 0 too."""
    x = np.append(case.x, 0.0)
    right, left = submission["sigmoid"](x), submission["sigmoid"](-x)
    total = right + left
    for number, one, off in zip(x[:-1], right, 1 - total, strict=False):
        observe(f"σ({number})", float(one))
        observe(f"1 - σ - σ at {number}", "0" if abs(off) < 1e-13 else f"{off:.2g}")  # 1e-8 counts
    observe("σ(0) is a half", bool(abs(right[-1] - 0.5) < 1e-3))
    expect(total, np.ones_like(x), name="σ(x) + σ(-x)", terms=2.0)


@check(points=1, after=is_symmetric, examples=15)
@given(case=SIGMOID.cases())
def rises(submission: Submission, case: Case) -> None:
    """A larger x never has a smaller σ(x)."""
    x = np.unique(case.x)
    steps = np.diff(submission["sigmoid"](x))
    # Two neighbours may differ by the rounding of either.
    falls = np.flatnonzero(steps < -8 * np.finfo(x.dtype).eps)
    if len(falls):
        first = falls[0]
        expect_true(False, f"σ falls by {-steps[first]:.3g} from x = {x[first]} to {x[first + 1]}.")


matches_reference = SIGMOID.matches_reference(
    "σ(x) is 1 / (1 + e^-x), computed in float64 by torch.", points=3, after=rises
)


def _about_right(got: object, x: np.ndarray) -> bool:
    """Whether σ(x) has about the right size, down to the smallest numbers of the dtype."""
    tail = math.exp(-abs(float(x[0])))
    want = (tail if x[0] < 0 else 1.0) / (1.0 + tail)
    allowed = 0.1 * want + 4.0 * float(np.finfo(x.dtype).smallest_subnormal)
    return isinstance(got, np.ndarray) and bool((np.abs(got - want) <= allowed).all())


@check(points=3, after=matches_reference)
def raises_no_warning(submission: Submission) -> None:
    """NumPy shows no warning for any finite x, from -1.7e308 to 1.7e308."""
    for dtype in SIGMOID.dtypes:
        for side, sign in (("left", -1), ("right", 1)):
            warned, right = False, True
            for size in (1.0, 20.0, 89.0, 100.0, 710.0, 1000.0, 1e6, 1e30, np.finfo(dtype).max):
                x = np.array([sign * size], dtype=dtype)
                got, warnings = submission["sigmoid"].warnings(x)
                warned = warned or bool(warnings)
                right = right and _about_right(got, x)
                given_x = f"σ({x[0]:.6g}) in {x.dtype}"
                expect_true(not warnings, f"{given_x}: NumPy shows {' and '.join(warnings)}.")
            observe(f"warns on the {side} in {np.dtype(dtype)}", warned)
            # An infinite number that is used spoils the value. One that is not chosen does not.
            observe(f"values are right on the {side} in {np.dtype(dtype)}", right)
        mixed = np.array([-1000.0, -89.0, 0.0, 89.0, 1000.0, np.finfo(dtype).max], dtype=dtype)
        _, warnings = submission["sigmoid"].warnings(mixed)
        observe(f"warns on both signs in one array of {np.dtype(dtype)}", bool(warnings))
        expect_true(
            not warnings,
            f"σ of an array in {mixed.dtype} that holds -1000 and 1000: NumPy shows "
            f"{' and '.join(warnings)}.",
        )


@check(points=2, after=raises_no_warning, examples=10)
@given(source=sources(np.float64))
def has_true_tails(submission: Submission, source: Source) -> None:
    """Far to the left, σ(x) has the right digits down to the smallest number, and then it is 0."""

    def left(x: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """What the submission gives, what is right, and how far apart the two may be."""
        got, form = submission["sigmoid"](x), np.finfo(x.dtype)
        want = np.array([float(1 / (1 + (-Decimal(float(number))).exp())) for number in x])
        expect(got, want, name="σ(x)", dtype=x.dtype, values=False)
        allowed = 100.0 * float(form.eps) * want + 4.0 * float(form.smallest_subnormal)
        return got.astype(np.float64), want, allowed

    shares = np.append(np.abs(source.uniform(8)), [0.03, 0.05, 0.2])
    # σ of the first is about the smallest number above 0; from the second on, σ is exactly 0 or 1.
    for dtype, last, zero_from in ((np.float32, 103.2, 110.0), (np.float64, 744.4, 800.0)):
        # Whoever leaves the denominator out from some number on is wrong next to that number.
        x = np.append(-last * shares, -np.arange(1.0, 40.0)).astype(dtype)
        got, want, allowed = left(x)
        off = np.abs(got - want)
        wrong = int((off > allowed).argmax())
        expect_true(
            bool((off <= allowed).all()),
            f"σ({x[wrong]:.6g}) in {x.dtype} is {got[wrong]:.6g}. Its digits are wrong.",
            at=f"σ({x[wrong]:.6g})",
            expected=f"{want[wrong]:.6g}",
            got=f"{got[wrong]:.6g}",
            difference=f"{off[wrong]:.3g}",
            allowed=f"{allowed[wrong]:.3g}",
        )
        expect(submission["sigmoid"](-x), 1.0 - want, name="σ(x)", terms=1.0)
        end = np.array([-zero_from, zero_from, -1e6, 1e6], dtype=dtype)
        ends, warnings = submission["sigmoid"].warnings(end)
        for number, one, exactly in zip(end, ends, (0, 1, 0, 1), strict=True):
            text = f"σ({number:g}) in {end.dtype} is {one}, expected exactly {exactly}."
            expect_true(one == exactly, text)

        # Limits differ from learner to learner: here behaviour is compared, left of zero, and not
        # numbers.
        rough = (off > allowed) & (off < 1e-3 * want)  # the first digits are right there
        got, want, allowed = left(-np.linspace(1.0, last, 80).astype(dtype))
        near, near_want, near_allowed = left(-np.linspace(5.0, 11.0, 6).astype(dtype))
        kind = str(end.dtype)
        stops = bool((ends[::2] > 0).any() or (got > 4 * want).any())
        early = want[(got == 0) & (want > allowed)]
        observe(f"{kind}: stops before 0", stops)
        observe(f"{kind}: stops before 1", not stops and bool((ends[1::2] < 1).any()))
        observe(f"{kind}: 0 too early", bool(early.any()))
        observe(f"{kind}: 0 for normal numbers", bool((early > np.finfo(dtype).tiny).any()))
        observe(f"{kind}: digits lost", bool((np.abs(near - near_want) > near_allowed).any()))
        observe(f"{kind}: last digits lost", bool(rough.any()))
        observe(f"{kind}: warns", bool(warnings))
        observe(f"{kind}: dtype", str(ends.dtype))
