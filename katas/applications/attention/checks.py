"""Checks of `attend`: the oracle is torch's own attention, which is also asked for its weights.

Torch's function gives no weights. But with the identity for values, what is read is the weights.
"""

import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor
from torch.nn.functional import scaled_dot_product_attention

from grader.checks import (
    Case,
    Operation,
    Strategy,
    Submission,
    check,
    expect,
    expect_true,
    observe,
    unequal,
)
from grader.checks.words import short_of_one


def by_torch(q: Tensor, k: Tensor, v: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
    """The context (N, L, H) and the weights (N, L, T) of torch's attention."""
    steps = torch.eye(k.shape[1]).to(k).expand(len(k), -1, -1)
    context, weights = (
        scaled_dot_product_attention(q, k, values, attn_mask=mask[:, None]) for values in (v, steps)
    )
    return context, weights


def terms(q: Tensor, k: Tensor, v: Tensor, mask: Tensor) -> tuple[float, float]:
    """Bound the terms behind context and weights: a score's error becomes one of exp(score)."""
    real = mask[:, :, None]
    score = 1.0 + float((q @ (k * real).mT).max()) / q.shape[2] ** 0.5
    return score * float((v * real).max()), score


def with_padding(case: Case) -> Case:
    """Numbers made a mask: at least one real step, and where there are several, some padding."""
    real = case.mask > -0.5
    if real.shape[1] > 1:
        real = real.scatter(1, case.mask.argmin(1, keepdim=True), False)
    return case.put(mask=real.scatter(1, case.mask.argmax(1, keepdim=True), True))


ATTEND = Operation(
    "attend",
    takes={
        "q": ("N", "L", "D"),
        "k": ("N", "T", "D"),
        "v": ("N", "T", "H"),
        "mask": ("N", "T"),
    },
    gives={"context": ("N", "L", "H"), "weights": ("N", "L", "T")},
    reference=by_torch,
    terms=terms,
    fit=with_padding,
    sizes=unequal("D", "H", N=(1, 3), L=(1, 2, 4), T=(1, 3, 5)),
)


def whole(case: Case) -> Case:
    """The same case without padding."""
    return case.put(mask=torch.ones_like(case.mask))


def one_empty(case: Case) -> Case:
    """The same case, with nothing but padding in the first sequence."""
    others = torch.arange(len(case.mask))[:, None] > 0
    return case.put(mask=case.mask & others)


keeps_shape_and_dtype = ATTEND.keeps_shape_and_dtype(
    "The answer is (context, weights), (N, L, H) and (N, L, T), in the dtype of the inputs.",
    examples=10,
)
depends_on_its_arguments_alone = ATTEND.depends_on_its_arguments_alone(
    after=keeps_shape_and_dtype,
    cases=ATTEND.pairs(T=st.sampled_from([3, 5])).map(
        # Two masks that are never the same.
        lambda pair: (pair[0], pair[1].put(mask=pair[0].mask.roll(1, 1)))
    ),
)


@check(points=1, after=depends_on_its_arguments_alone, examples=20)
@given(case=ATTEND.cases(T=st.sampled_from([3, 5])).map(whole))
def shares_out_one(submission: Submission, case: Case) -> None:
    """Without padding, the weights of each query are at least 0, and their sum is 1."""
    _, weights = ATTEND.ask(submission, *case.values)
    lowest = float(weights.min())
    expect_true(lowest >= 0, f"A weight is {lowest:.4g}, which is below 0.", at="weights")
    sums = weights.double().sum(2)
    one = torch.ones_like(sums)
    observe("every sum is a little below 1", short_of_one(weights))
    name = "the sum of the weights over the steps"
    expect(sums, one, name=name, precision=case.dtype, dims=("batch", "query"))


@check(points=1, after=shares_out_one, examples=12)
@given(
    case=ATTEND.cases(torch.float64, L=st.sampled_from([2, 4]), T=st.sampled_from([3, 5])).map(
        whole
    ),
    turn=st.integers(1, 2),
)
def follows_a_permutation(submission: Submission, case: Case, turn: int) -> None:
    """If steps or queries change places, the results follow, and nothing else changes."""
    context, weights = ATTEND.ask(submission, *case.values)
    turned = {name: case.arguments[name].roll(turn, 1) for name in ("k", "v", "mask")}
    for what, moved, along in (
        ("the steps", case.put(**turned), lambda weights: weights.roll(turn, 2)),
        ("the queries", case.put(q=case.q.flip(1)), None),
    ):
        got = ATTEND.ask(submission, *moved.values)
        wanted = (context, along(weights)) if along else (context.flip(1), weights.flip(1))
        sizes = ATTEND.sizes_of_outputs(*moved.values)
        for name, one, want, size in zip(ATTEND.gives, got, wanted, sizes, strict=True):
            after = f"{name} after {what} changed places"
            expect(one, want, name=after, terms=size, dims=ATTEND.axes(name))


@check(points=3, after=follows_a_permutation, examples=30)
@given(case=ATTEND.cases(T=st.sampled_from([3, 5])), size=st.sampled_from([1.0, 30.0, 1000.0]))
def gives_padding_no_weight(submission: Submission, case: Case, size: float) -> None:
    """Padding has a weight of exactly 0, and nothing depends on what it holds."""
    padding = ~case.mask[:, :, None]
    first = ATTEND.ask(submission, *case.values)
    other = case.put(
        k=torch.where(padding, size * case.k.flip(2) - size, case.k),
        v=torch.where(padding, size * case.v.flip(2) + size, case.v),
    )
    second = ATTEND.ask(submission, *other.values)
    for _, weights in (first, second):
        most = float(weights.mT[~case.mask].abs().max())
        expect_true(
            most == 0,
            f"A step that is padding gets a weight of {most:.4g}.",
            at="weights",
            expected="exactly 0 at padding",
            got=f"{most:.4g}",
        )
    for name, one, want, bound in zip(
        ATTEND.gives, second, first, ATTEND.sizes_of_outputs(*case.values), strict=True
    ):
        after = f"{name} with other numbers at padding"
        expect(one, want, name=after, terms=bound, dims=ATTEND.axes(name))


matches_torch = ATTEND.matches_reference(
    "Context and weights are those of torch's scaled dot-product attention.",
    name="matches_torch",
    points=3,
    after=gives_padding_no_weight,
)
reads_nothing_from_nothing = ATTEND.matches_reference(
    "A sequence without a real step has weights of 0 and a context of 0, and disturbs no other.",
    name="reads_nothing_from_nothing",
    points=2,
    after=matches_torch,
    examples=12,
    cases=ATTEND.cases().map(one_empty),
)
leaves_inputs_unchanged = ATTEND.leaves_inputs_unchanged(
    after=keeps_shape_and_dtype, cases=ATTEND.cases(D=st.sampled_from([2, 3]))
)


@check(points=3, after=(reads_nothing_from_nothing, leaves_inputs_unchanged), examples=13)
@given(case=ATTEND.cases(torch.float64))
def gradients(submission: Submission, case: Case) -> None:
    """Gradients reach q, k and v, and are right, also where a sequence has no real step."""
    ATTEND.expect_gradients(submission, case)
    # Where every sequence is empty nothing depends on anything, and no gradient is a right one.
    if len(case.mask) > 1:
        ATTEND.expect_gradients(submission, one_empty(case))


def far_out() -> Strategy:
    """Cases whose scores are all about -980, all about 980, or on both sides.

    Every other query is turned round, so that scores of a batch lie 2000 apart.
    """

    def moved(case: Case, size: float, both: bool) -> Case:
        q = case.q[:, :1]
        unit = q * q.shape[2] ** 0.5 / (q**2).sum(2, keepdim=True)
        signs = torch.ones(case.k.shape[1], 1).to(q)
        signs[1::2] = -1.0 if both else 1.0
        # Every step scores ±size with every query, but for a small part across.
        across = case.k - unit * (case.k * q).sum(2, keepdim=True) / q.shape[2] ** 0.5
        near = torch.linspace(0.0, 2.0, len(signs)).to(q)[:, None]
        n, queries, _ = case.q.shape
        turn = 1.0 - 2.0 * ((torch.arange(n)[:, None] + torch.arange(queries)) % 2)
        return case.put(
            q=q.expand_as(case.q) * turn[:, :, None].to(q), k=across + unit * (signs * size + near)
        )

    return st.builds(
        moved,
        ATTEND.cases(T=st.sampled_from([3, 5])),
        st.sampled_from([-998.0, 980.0]),
        st.booleans(),
    )


@check(points=1, after=gradients, examples=12)
@given(case=far_out())
def stays_finite_when_saturated(submission: Submission, case: Case) -> None:
    """With scores of up to ±1000, both results and all gradients are right, never nan."""
    ATTEND.expect_case(submission, case, peer=False)
    ATTEND.expect_gradients(submission, case.to(torch.float64))


works_in_half_precision = ATTEND.matches_reference(
    "float16 inputs give a float16 result that is right.",
    name="works_in_half_precision",
    after=matches_torch,
    examples=10,
    cases=ATTEND.cases(torch.float16),
)
