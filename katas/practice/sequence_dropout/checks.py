"""Checks of `sequence_dropout`: what the mask looks like, and what it does to the values."""

import math

import torch
from hypothesis import given
from hypothesis import strategies as st

from grader.checks import (
    DTYPES,
    Case,
    Operation,
    Source,
    Submission,
    check,
    expect,
    expect_true,
    expect_unchanged,
    observe,
)
from grader.checks.words import another

DIMS = ("sequence", "step", "feature")
DROPOUT = Operation(
    "sequence_dropout",
    takes={
        "x": ("N", "T", "I"),  # without zeros, so what was dropped can be seen
        # No share of N · I entries is p by chance, so that no scale is right by chance.
        "p": st.sampled_from([0.25031, 0.35031, 0.20031]),
        "training": st.just(False),  # what training gives is a matter of chance
    },
    gives={"y": ("N", "T", "I")},
    reference=lambda x, p, training: x,
    # So many that chance alone never keeps or drops all sequences, or all features.
    sizes=st.builds(dict, N=st.just(40), T=st.just(2), I=st.just(40)),
    dims=DIMS,
)
TRAINING = DROPOUT.cases(training=True)


def draw_mask(submission: Submission, case: Case) -> torch.Tensor:
    """Ask for an answer; return what each entry of x was multiplied with, (N, T, I), float64.

    Each draw is another mask, and all of them are right: what is observed is what they are like.
    """
    (y,) = DROPOUT.ask(submission, *case.values)
    expect(y, case.x, name="y", dtype=case.dtype, dims=DIMS, values=False)
    mask, p = y.double() / case.x.double(), case.p
    zeros, kept = mask == 0, float(mask.max())
    scales = {"1": 1.0, "1/(1-p)": 1 / (1 - p), "1/p": 1 / p, "1-p": 1 - p}
    scales |= {"1/(1-p)²": (1 - p) ** -2, "1/√(1-p)": (1 - p) ** -0.5, "1+p": 1 + p}
    scales |= {"1/what was kept": 1 / max(float((~zeros).double().mean()), 1e-9)}
    near = [name for name, scale in scales.items() if abs(kept - scale) < 2e-6 * scale]
    observe("scale", near[0] if near else another(kept))
    scaled = mask[~zeros]
    observe("one scale", bool(((scaled - kept).abs() < 1e-4 * abs(kept)).all()))
    others = scaled[(scaled - kept).abs() >= 1e-4 * abs(kept)]
    observe(
        "what is not scaled is x", bool(len(others)) and bool(((others - 1).abs() < 1e-4).all())
    )
    same = {d: bool((zeros == zeros.narrow(a, 0, 1)).all()) for a, d in enumerate(DIMS)}
    for dim, alike in same.items():
        observe(f"the same for every {dim}", alike)
    if not same["sequence"] and not same["feature"]:  # else chance says at which steps
        observe("steps at which something is dropped", str(zeros.any(dim=2).any(dim=0).tolist()))
        observe("most are dropped", bool(zeros.double().mean() > 0.5))
    return mask


@check(points=1)
def keeps_shape_and_dtype(submission: Submission) -> None:
    """The answer has the shape and dtype of x, in training and outside of it."""
    shapes = ((1, 1, 1), (1, 3, 2), (3, 1, 2), (2, 3, 4), (3, 2, 1), (40, 2, 40))
    for index, shape in enumerate(shapes):
        for dtype in DTYPES:
            x = Source(index, dtype).normal(*shape)
            for training in (True, False):
                y = submission["sequence_dropout"](x, 0.5, training)
                got = (str(y.dtype), tuple(y.shape)) if isinstance(y, torch.Tensor) else type(y)
                observe(f"shape and dtype for {shape} of {dtype}", str(got))
                expect(y, x, name="y", dtype=dtype, dims=DIMS, values=False)


@check(points=1, after=keeps_shape_and_dtype, examples=5)
@given(case=DROPOUT.cases())
def changes_nothing_outside_training(submission: Submission, case: Case) -> None:
    """With training=False, the answer is x."""
    mask = draw_mask(submission, case)
    expect(mask, torch.ones_like(mask), name="y / x", dims=DIMS)


@check(points=2, after=keeps_shape_and_dtype, examples=10)
@given(case=TRAINING, high=DROPOUT.cases(training=True, p=0.97031))
def scales_what_it_keeps(submission: Submission, case: Case, high: Case) -> None:
    """In training, each entry is either 0 or x / (1 - p), so that the mean does not change."""
    for drawn in (case, high):  # a large p, too: there a scale that is limited shows
        mask = draw_mask(submission, drawn)
        want = (mask != 0).double() / (1 - drawn.p)
        expect(mask, want, name="y / x", precision=drawn.dtype, dims=DIMS)


@check(points=2, after=scales_what_it_keeps, examples=10)
@given(case=TRAINING, long=DROPOUT.cases(training=True, N=3, T=300, I=20))
def drops_the_same_at_every_step(submission: Submission, case: Case, long: Case) -> None:
    """A feature that is dropped from a sequence is dropped at all of its time steps."""
    for drawn in (case, long):
        mask = draw_mask(submission, drawn)
        zeros = (mask == 0).any(dim=1)
        partly = zeros & (mask != 0).any(dim=1)
        observe(f"kept at some of {mask.shape[1]} steps", bool(partly.any()))
        expect_true(
            not bool(partly.any()),
            f"Of x with {mask.shape[1]} time steps, {int(partly.sum())} of {int(zeros.sum())} "
            f"dropped features are dropped at some steps of their sequence and kept at others; "
            f"expected 0.",
        )


@check(points=2, after=drops_the_same_at_every_step, examples=5)
@given(case=DROPOUT.cases(training=True, N=200, I=200))
def draws_for_each_sequence_and_feature(submission: Submission, case: Case) -> None:
    """Each feature of each sequence is dropped or kept by itself, anew in every call."""
    first, second = draw_mask(submission, case), draw_mask(submission, case)
    dropped = (first == 0)[:, 0].double()
    for dim, rows in (("sequence", dropped), ("feature", dropped.T)):
        # Two independent rows agree in this share of 200 places. One standard deviation is 0.035 or
        # less, so that 0.27 is out of reach for chance; two equal rows are 0.32 away or more.
        share = float(dropped.mean())  # whether it is p, another check asks
        usual = share**2 + (1 - share) ** 2
        agreement = (rows @ rows.T + (1 - rows) @ (1 - rows).T) / 200
        equal = agreement > 0.99  # also where so few are dropped that equal rows are usual
        linked = (((agreement - usual).abs() > 0.27) | equal).fill_diagonal_(False)
        observe(f"each {dim} by itself", not bool(linked.any()))
        message = f"Some {dim}s are not dropped independently; expected a draw for each {dim}."
        expect_true(not linked.any(), message)
    anew = not torch.equal(first, second)
    observe("drawn anew", anew)
    expect_true(anew, "Two calls dropped exactly the same; expected a new mask in each call.")
    if not anew:
        return
    # Chance alone drops exactly one of two features in 40 calls out of 40 in one case of 10^12.
    two = case.x[:1, :1, :2]
    answers = (submission["sequence_dropout"](two, 0.5, True) for _ in range(40))
    counts = {int((y == 0).sum()) for y in answers}
    observe("always one of two features", counts == {1})
    expect_true(
        counts != {1},
        "With p = 0.5, each of 40 calls dropped exactly one of two features. With a draw for each "
        "feature, both are dropped at times, and at times none.",
    )


@check(points=1, after=draws_for_each_sequence_and_feature, examples=3)
@given(case=TRAINING)
def draws_from_torch_generator(submission: Submission, case: Case) -> None:
    """The mask is drawn from torch's global generator: the same seed gives the same mask."""
    first, again = (submission["sequence_dropout"].seeded(7, *case.values) for _ in range(2))
    repeats = torch.equal(first, again)
    observe("repeats with torch's seed", repeats)
    message = "After torch.manual_seed(7), two calls dropped different features; expected the same."
    expect_true(repeats, message)


@check(points=1, after=draws_for_each_sequence_and_feature, examples=10)
@given(
    case=DROPOUT.cases(training=True, N=200, I=200),
    high=DROPOUT.cases(training=True, N=200, I=200, p=0.75031),
    narrow=DROPOUT.cases(training=True, N=1600, I=1),
    alone=DROPOUT.cases(training=True, N=1, I=1600),
    short=DROPOUT.cases(training=True, N=1600, T=1, I=1),
)
def drops_the_share_p(
    submission: Submission, case: Case, high: Case, narrow: Case, short: Case, alone: Case
) -> None:
    """About the share p is dropped: above 1/2 too, and of one feature, step or sequence."""
    # One standard deviation is 0.0024 or less in 40,000 draws, and 0.012 or less in 1,600, so that
    # both are out of reach for chance.
    few = ((narrow, 0.1), (short, 0.1), (alone, 0.1))
    for drawn, allowed in ((case, 0.02), (high, 0.02), *few):
        dropped = float((draw_mask(submission, drawn) == 0).double().mean())
        observe("nothing is dropped", dropped == 0)
        below = [0.5 * (1 + math.erf(x / math.sqrt(2))) for x in (drawn.p, drawn.p - 1)]
        shares = {"p": drawn.p, "1-p": 1 - drawn.p, "1/2": 0.5}
        shares |= {"of normal numbers below p": below[0], "of those above 1-p": below[1]}
        word, share = min(shares.items(), key=lambda each: abs(each[1] - dropped))
        if allowed < 0.1:
            observe("share", word if abs(share - dropped) < 0.012 else "another")
        expect_true(
            abs(dropped - drawn.p) < allowed,
            f"For x of shape {tuple(drawn.x.shape)} and p = {drawn.p}, a share of {dropped:.3f} is "
            f"dropped, expected {drawn.p} ± {allowed}.",
            got=f"{dropped:.3f}",
            expected=f"{drawn.p}",
        )
    # An average over many masks, to see how sure a model is, is taken without gradients.
    y, _ = submission["sequence_dropout"].inputs(*case.values, gradients=False)
    same = torch.equal(y, case.x)
    observe("nothing is dropped under torch.no_grad()", same)
    expect_true(not same, "With training=True under torch.no_grad(), nothing is dropped.")


@check(points=1, after=(changes_nothing_outside_training, drops_the_share_p))
def works_at_both_ends(submission: Submission) -> None:
    """With p = 0 everything is kept, with p = 1 all is 0 in training: never nan, nor its slope."""
    x = Source(1, torch.float64).normal(2, 3, 4)
    for p, training, want in (
        (0.0, True, x),
        (1.0, True, torch.zeros_like(x)),
        (0.0, False, x),
        (1.0, False, x),
    ):
        y = submission["sequence_dropout"](x, p, training)
        zero, finite = not bool(y.any()), bool(y.isfinite().all())
        kind = "zero" if zero else "x" if torch.equal(y, x) else "other" if finite else "not finite"
        observe(f"p = {p:g}, training={training}", kind)
        what = f"y with p = {p:g} and training={training}"
        expect(y, want, name=what, dtype=torch.float64, dims=DIMS)
    for p, slope in ((0.0, 1.0), (1.0, 0.0)):  # x / 0 is hidden from the answer, not from its slope
        v = torch.ones_like(x)
        answer = submission["sequence_dropout"].vjp(x, p, True, cotangents=[v], wrt=[0])
        (gradient,) = answer.gradients
        reached = torch.zeros_like(x) if gradient is None else gradient
        observe(f"finite gradient with p = {p:g}", bool(reached.isfinite().all()))
        expect(reached, slope * v, name=f"gradient of x with p = {p:g}", dims=DIMS)


@check(points=1, after=keeps_shape_and_dtype, examples=5)
@given(case=TRAINING)
def leaves_inputs_unchanged(submission: Submission, case: Case) -> None:
    """The tensor x is not modified."""
    _, afterwards = submission["sequence_dropout"].inputs(*case.values)
    observe("x is unchanged", torch.equal(afterwards[0], case.x))
    expect_unchanged(case.arguments, afterwards)


@check(points=1, after=scales_what_it_keeps, examples=5)
@given(case=DROPOUT.cases(torch.float64, training=True))
def gradients(submission: Submission, case: Case) -> None:
    """The gradient of x is the cotangent times the mask, and outside training the cotangent."""
    y, (gradient,) = submission["sequence_dropout"].vjp(
        *case.values, cotangents=case.cotangents, wrt=[0]
    )
    observe("a gradient reaches x", gradient is not None)
    expect_true(gradient is not None, "No gradient reaches x.")
    want = y / case.x * case.cotangents[0]
    plain = bool((gradient - case.cotangents[0]).abs().max() < 1e-9)
    observe("the gradient is the cotangent", plain)
    expect(gradient, want, name="gradient of x", dtype=torch.float64, dims=DIMS)
    _, (plain,) = submission["sequence_dropout"].vjp(
        case.x, case.p, False, cotangents=case.cotangents, wrt=[0]
    )
    observe("a gradient reaches x outside training", plain is not None)
    expect_true(plain is not None, "Outside training, no gradient reaches x.")
    name = "gradient of x outside training"
    expect(plain, case.cotangents[0], name=name, dtype=torch.float64, dims=DIMS)
