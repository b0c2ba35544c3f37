"""Checks of `direct_path` and `full_jacobian`: how c_T depends on c_0."""

from functools import reduce
from operator import mul

import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from grader.checks import Case, Operation, Submission, check, expect, sizes


def by_autograd(xs: Tensor, h0: Tensor, c0: Tensor, *weights: Tensor) -> Tensor:
    """Run torch's cell once for each unit of c_T, as one batch, and go back: (H, H)."""
    size = len(c0)
    starts = c0.repeat(size, 1)
    starts = starts if starts.requires_grad else starts.requires_grad_()
    h, c = h0.repeat(size, 1), starts
    for x in xs:
        h, c = torch.lstm_cell(x.repeat(size, 1), (h, c), *weights)
    return torch.autograd.grad(c.diagonal().sum(), starts, create_graph=True)[0]


def terms(xs: Tensor, h0: Tensor, c0: Tensor, w_ih: Tensor, w_hh: Tensor, *biases: Tensor) -> float:
    """Bound a product of T Jacobians: each step multiplies by so much at most."""
    through_gates = 0.25 * len(c0) * float(w_hh.max()) * (float(c0.max()) + len(xs) + 4.0)
    return float(min((1.0 + through_gates) ** min(len(xs) - 1, 2), 1e4))


def with_large_cell(case: Case, *, forget_bias: float = 0.0) -> Case:
    """The same case with a c_0 of 100 in one unit, and forget gates that keep more of it."""
    b_ih = case.b_ih.clone()
    b_ih.view(4, -1)[1] += forget_bias
    return case.put(c0=torch.cat([0.0 * case.c0[:1] + 100.0, case.c0[1:]]), b_ih=b_ih)


PATH = Operation(
    "direct_path",
    takes={"f": ("T", "H")},
    gives={"direct path": ("H",)},
    reference=lambda f: reduce(mul, f),
    fit=lambda case: case.put(f=(1.0 + case.f.sigmoid()) / 2),  # no product hides a factor
    sizes=st.fixed_dictionaries({"T": sizes(1, 6), "H": sizes(1, 4)}),
    batch="",
)
FULL = Operation(
    "full_jacobian",
    takes={
        "xs": ("T", "I"),
        "h0": ("H",),
        "c0": ("H",),
        "w_ih": ("4H", "I"),
        "w_hh": ("4H", "H"),
        "b_ih": ("4H",),
        "b_hh": ("4H",),
    },
    gives={"full Jacobian": ("H", "H")},
    reference=by_autograd,
    terms=terms,
    sizes=st.fixed_dictionaries({"T": sizes(1, 5), "I": sizes(1, 3), "H": sizes(1, 4)}),
    batch="",
    dims=("c_T unit", "c_0 unit"),
)


@check(points=1, examples=8)
@given(gates=PATH.cases(torch.float64), case=FULL.cases(torch.float64))
def keeps_shape_and_dtype(submission: Submission, gates: Case, case: Case) -> None:
    """direct_path returns (H,) and full_jacobian (H, H), in the dtype of their arguments."""
    PATH.expect_form(submission, gates)
    FULL.expect_form(submission, case)


@check(points=1, after=keeps_shape_and_dtype, examples=10)
@given(gates=PATH.pairs(), pair=FULL.pairs())
def depends_on_its_arguments_alone(
    submission: Submission, gates: tuple[Case, Case], pair: tuple[Case, Case]
) -> None:
    """The same arguments give the same answer, whatever was called before."""
    PATH.expect_repeatable(submission, gates)
    FULL.expect_repeatable(submission, pair)


matches_reference = PATH.matches_reference(
    "The direct path is the product of all T forget gates, unit by unit.",
    after=depends_on_its_arguments_alone,
    examples=12,
)


@check(points=2, after=matches_reference, examples=6)
@given(case=FULL.cases(torch.float64, T=sizes(2, 4)))
def equal_without_recurrence(submission: Submission, case: Case) -> None:
    """If w_hh = 0, and also if T = 1, the full Jacobian is the direct path and nothing else."""
    cut, short = case.put(w_hh=0 * case.w_hh), case.put(xs=case.xs[:1])
    for which, label in ((cut, "w_hh = 0"), (short, "T = 1")):
        rows = which.xs @ which.w_ih.T + which.b_ih + which.b_hh + which.w_hh @ which.h0
        f = rows.chunk(4, dim=1)[1].sigmoid()
        PATH.expect(submission, f, after=f" where {label}")
        (full,) = FULL.ask(submission, *which.values)
        name = f"full Jacobian where {label}"
        expect(full, torch.diag(f.prod(dim=0)), name=name, terms=1.0, dims=FULL.dims)


matches_torch = FULL.matches_reference(
    "The full Jacobian is the one that autograd finds through torch's LSTM cell.",
    name="matches_torch",
    points=4,
    after=equal_without_recurrence,
    examples=20,
)


@check(points=1, after=keeps_shape_and_dtype, examples=8)
@given(gates=PATH.cases(), case=FULL.cases())
def leaves_inputs_unchanged(submission: Submission, gates: Case, case: Case) -> None:
    """The arguments of both functions are not modified."""
    PATH.expect_inputs_unchanged(submission, gates)
    FULL.expect_inputs_unchanged(submission, case)


@check(points=1, after=(matches_reference, leaves_inputs_unchanged), examples=6)
@given(case=PATH.cases(torch.float64, T=sizes(2, 5)))
def direct_path_survives_a_closed_gate(submission: Submission, case: Case) -> None:
    """Where a forget gate is exactly 0, the direct path is 0 and its gradient is still right."""
    f = case.f.clone()
    f[1, 0] = 0.0
    PATH.expect(submission, f)
    PATH.expect_gradients(submission, case.put(f=f))


def at_rest(case: Case) -> Case:
    """The same case with a first step whose gates have pre-activations of exactly 0.

    What is made of |a| has no slope there.
    """
    still = {name: 0 * case.arguments[name] for name in ("xs", "h0", "b_ih", "b_hh")}
    still["b_ih"].view(4, -1)[2] = 0.7  # of the candidates
    return case.put(**still)


gradients = FULL.gradients(
    "Gradients pass through the full Jacobian to every argument, so it can be used in training.",
    after=(matches_torch, leaves_inputs_unchanged),
    examples=5,
    cases=FULL.cases(torch.float64, T=sizes(2, 4), H=sizes(1, 3)),
)
stays_finite_when_saturated = FULL.stays_finite_when_saturated(
    "With pre-activations of 0 or ±1,000, or a cell state of 100, values and gradients are right.",
    cases=st.tuples(
        FULL.cases().map(lambda case: case.put(b_ih=1000.0 * case.b_ih.sign())),
        FULL.cases(torch.float64, T=sizes(2, 4), H=sizes(2, 4)).map(with_large_cell),
        # Kept at 100, where cosh is infinite in float32.
        FULL.cases(torch.float32, T=sizes(2, 4), H=sizes(2, 4)).map(
            lambda case: with_large_cell(case, forget_bias=9.0)
        ),
        FULL.cases(torch.float64, T=sizes(2, 4), H=sizes(2, 4)).map(at_rest),
    ),
    gradients=True,
    after=gradients,
    examples=6,
)
