"""Checks of `sigmoid`: the logistic function in NumPy, for every finite number."""

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from grader.checks import Source, Submission, check, expect, expect_true, observe, sizes, sources

DTYPES = (np.float32, np.float64)
# From here on float32 and float64 have nothing between the true value and 0.
ZERO_FROM = {np.float32: 110.0, np.float64: 800.0}


def oracle(x: np.ndarray) -> np.ndarray:
    """Return torch's own sigmoid in float64, shaped as x."""
    return torch.sigmoid(torch.from_numpy(x.astype(np.float64))).numpy()


@st.composite
def shaped(draw: st.DrawFn) -> np.ndarray:
    """Draw a float64 array with one to three axes."""
    shape = draw(st.lists(sizes(1, 3), min_size=1, max_size=3))
    return draw(sources(np.float64)).normal(*shape)


@st.composite
def lines(draw: st.DrawFn, dtypes: tuple[type, ...] = DTYPES) -> np.ndarray:
    """Draw four to nine numbers on both sides of zero, near it or up to about 12 away."""
    source: Source = draw(sources(dtypes))
    return source.uniform(draw(sizes(4, 9)), low=-1.0, high=1.0) * draw(
        st.sampled_from([1, 3, 6, 12])
    )


@check(points=1, examples=8)
@given(x=shaped())
def keeps_shape_and_dtype(submission: Submission, x: np.ndarray) -> None:
    """The answer is an array with the shape and the dtype of x."""
    for dtype in DTYPES:
        answer = submission["sigmoid"](x.astype(dtype))
        expect(answer, x, name="σ(x)", dtype=dtype, values=False)


@check(points=1, after=keeps_shape_and_dtype, examples=8)
@given(x=lines())
def leaves_x_unchanged(submission: Submission, x: np.ndarray) -> None:
    """The array x holds the same numbers after the call as before it."""
    _, (afterwards,) = submission["sigmoid"].inputs(x)
    expect_true(np.array_equal(x, afterwards), f"x = {x} was changed to {afterwards}.")


@check(points=1, after=leaves_x_unchanged, examples=15)
@given(x=lines())
def treats_each_entry_alone(submission: Submission, x: np.ndarray) -> None:
    """Each entry of the answer depends on the same entry of x alone, and on no earlier call."""
    whole = submission["sigmoid"](x)
    turned = submission["sigmoid"](x[::-1].copy())
    half = submission["sigmoid"](x[: len(x) // 2].copy())
    expect(turned, whole[::-1].copy(), name="σ(x in reverse order)", terms=1.0)
    expect(half, whole[: len(x) // 2].copy(), name="σ(the first half of x)", terms=1.0)


@check(points=1, after=treats_each_entry_alone, examples=15)
@given(x=lines(dtypes=(np.float64,)))
def is_symmetric(submission: Submission, x: np.ndarray) -> None:
    """σ(x) + σ(-x) is 1, at x = 0 too."""
    x = np.append(x, 0.0)
    total = submission["sigmoid"](x) + submission["sigmoid"](-x)
    expect(total, np.ones_like(x), name="σ(x) + σ(-x)", terms=2.0)


@check(points=1, after=is_symmetric, examples=15)
@given(x=lines())
def rises(submission: Submission, x: np.ndarray) -> None:
    """A larger x never has a smaller σ(x)."""
    x = np.unique(x)
    steps = np.diff(submission["sigmoid"](x))
    # Two neighbours may differ by the rounding of either.
    falls = np.flatnonzero(steps < -8 * np.finfo(x.dtype).eps)
    if len(falls):
        first = falls[0]
        expect_true(False, f"σ falls by {-steps[first]:.3g} from x = {x[first]} to {x[first + 1]}.")


@check(points=3, after=rises)
@given(x=lines())
def matches_the_formula(submission: Submission, x: np.ndarray) -> None:
    """σ(x) is 1 / (1 + e^-x), computed in float64 by torch."""
    answer = submission["sigmoid"](x)
    peer = torch.sigmoid(torch.from_numpy(x)).numpy()
    expect(answer, oracle(x), name="σ(x)", dtype=x.dtype, peer=peer, terms=1.0)


@check(points=3, after=matches_the_formula)
def raises_no_warning(submission: Submission) -> None:
    """No finite x makes NumPy warn, from -1.7e308 to 1.7e308."""
    for dtype in DTYPES:
        for side, sign in (("left", -1), ("right", 1)):
            warned = False
            for size in (1.0, 20.0, 89.0, 100.0, 710.0, 1000.0, 1e6, 1e30, np.finfo(dtype).max):
                x = np.array([sign * size], dtype=dtype)
                _, warnings = submission["sigmoid"].warnings(x)
                warned = warned or bool(warnings)
                given_x = f"σ({x[0]:.6g}) in {x.dtype}"
                expect_true(not warnings, f"{given_x}: NumPy gives {' and '.join(warnings)}")
            observe(f"warns on the {side} in {np.dtype(dtype)}", warned)


@st.composite
def far_out(draw: st.DrawFn) -> np.ndarray:
    """Draw four numbers from 15 to 33, where σ(-x) is tiny, but float64 can tell it from 0."""
    return draw(sources(np.float64)).uniform(4, low=15.0, high=33.0)


@check(points=2, after=raises_no_warning, examples=15)
@given(x=far_out())
def has_true_tails(submission: Submission, x: np.ndarray) -> None:
    """Far out σ keeps its shape, and is exactly 0 or 1 where the dtype has nothing nearer."""
    x = np.append(x, 21.0)
    allowed = 8 * np.finfo(np.float64).eps
    left, want_left = submission["sigmoid"](-x), oracle(-x)
    expect(left, want_left, name="σ(x)", terms=1.0)
    expect(submission["sigmoid"](x), oracle(x), name="σ(x)", terms=1.0)
    stuck = bool((left > want_left + allowed).any())
    cut = bool((left < want_left - allowed).any())
    warned, kinds = False, set()
    for dtype, zero_from in ZERO_FROM.items():
        end = np.array([-zero_from, zero_from, -1e6, 1e6], dtype=dtype)
        answer, warnings = submission["sigmoid"].warnings(end)
        for number, got, want in zip(end, answer, (0, 1, 0, 1), strict=True):
            exactly = f"σ({number:g}) in {end.dtype} is {got:.3g}, expected exactly {want}"
            expect_true(got == want, exactly)
        stuck = stuck or bool((answer[::2] > 0).any())
        warned = warned or bool(warnings)
        kinds.add(str(answer.dtype))
    middle = np.linspace(-2.0, 2.0, 8)
    bent = np.abs(submission["sigmoid"](middle) - oracle(middle)) > allowed
    # Limits differ from learner to learner: here behaviour is compared, left of zero, not numbers.
    observe("stops before it reaches 0", stuck)
    observe("is 0 too early", cut)
    observe("is wrong in the middle", bool(bent.any()))
    observe("warns", warned)
    observe("dtypes", " ".join(sorted(kinds)))
