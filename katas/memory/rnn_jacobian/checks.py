"""Checks of `jacobian_norms`: how strongly the last state depends on each earlier one."""

import math
from itertools import pairwise

import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from grader.checks import Case, Operation, Submission, check, expect, observe, sizes


def by_autograd(w_hh: Tensor, hs: Tensor) -> Tensor:
    """Run a network through the states `hs` and let autograd go back: the norms, (T,)."""
    states = [hs[0] if hs.requires_grad else hs[0].clone().requires_grad_()]
    for earlier, h in pairwise(hs):
        # The inputs are those that lead to h: there the pre-activation is atanh(h).
        state = torch.tanh(torch.atanh(h) + w_hh @ (states[-1] - earlier))
        # Without its rounding error, which would grow with every step where weights stretch.
        states.append(state + (h - state).detach())
    rows = [
        torch.stack(
            torch.autograd.grad(unit, states[:-1], retain_graph=True, create_graph=hs.requires_grad)
        )
        for unit in states[-1]
    ]
    return torch.linalg.matrix_norm(torch.stack(rows, dim=1), ord=2)


def contracting(case: Case) -> Case:
    """Weights that shrink every vector, to 0.9 at most, and states that a tanh can give."""
    w_hh = (90 * case.w_hh / torch.linalg.matrix_norm(case.w_hh, ord=2)).round() / 100
    return case.put(w_hh=w_hh, hs=torch.cat([case.hs[:1], 0.9 * case.hs[1:].tanh()]))


def flat(case: Case, units: int | None = None) -> Case:
    """The same case with states of exactly -1 or 1 in step 2: the first units, or all."""
    hs = case.hs.clone()
    hs[2, :units] = hs[2, :units].sign()
    return case.put(hs=hs)


NORMS = Operation(
    "jacobian_norms",
    takes={"w_hh": ("H", "H"), "hs": ("T+1", "H")},
    gives={"norms": ("T",)},
    reference=by_autograd,
    fit=contracting,
    sizes=st.fixed_dictionaries({"T": sizes(1, 5), "H": st.sampled_from([1, 2, 3, 4, 2, 3])}),
    batch="",
    dims=("t",),
    low_precision=(),  # torch has no norms of matrices there
)

keeps_shape_and_dtype = NORMS.keeps_shape_and_dtype(
    "T+1 states give T norms, in the dtype of the inputs."
)
depends_on_its_arguments_alone = NORMS.depends_on_its_arguments_alone(
    after=keeps_shape_and_dtype, examples=14
)
leaves_inputs_unchanged = NORMS.leaves_inputs_unchanged(
    "The arguments w_hh and hs are not modified.", after=keeps_shape_and_dtype
)


@check(points=2, after=depends_on_its_arguments_alone, examples=25)
@given(case=NORMS.cases())
def measures_one_step(submission: Submission, case: Case) -> None:
    """The last entry is the spectral norm of a single step, d h_T / d h_{T-1}."""
    (norms,) = NORMS.ask(submission, *case.values)
    (want,) = NORMS.run(*case.put(hs=case.hs[-2:]).to(torch.float64).values)
    expect(norms[-1:], want, name="the last of the norms", dtype=case.dtype, terms=1.0)


matches_reference = NORMS.matches_reference(
    "Over several steps, each entry is the norm of the Jacobian that autograd finds.",
    points=3,
    after=measures_one_step,
    examples=25,
    cases=NORMS.cases(T=sizes(2, 5)),
)


@check(points=2, after=matches_reference, examples=5)
@given(case=NORMS.cases(torch.float64, T=40))
def shrinks_and_grows(submission: Submission, case: Case) -> None:
    """Over 40 steps the norms vanish where the weights shrink and explode where they stretch."""
    rotation, _ = torch.linalg.qr(case.w_hh)
    found = {}
    for gain in (0.5, 2.0, 0.01, 100.0):  # norms from 1e-80 to 1e80
        near_zero = case.put(w_hh=gain * rotation, hs=case.hs / 3)
        (norms,) = NORMS.ask(submission, *near_zero.values)
        (want,) = NORMS.run(*near_zero.values)
        found[gain] = norms, want
    # A limit other than 1 is one mistake, whatever number it is.
    for gain, where in ((0.01, "below"), (100.0, "above")):
        first, second = (float(norm) for norm in found[gain][0][:2])
        if first == second and first not in (0.0, 1.0, math.inf):
            observe("norms are cut off", where)
    for gain, (norms, want) in found.items():
        # Each entry is held relative to its own size: they differ by many powers of ten.
        name = f"norms / expected (‖w_hh‖ = {gain})"
        expect(norms / want, torch.ones_like(want), name=name, terms=40.0, dims=NORMS.dims)


stays_finite_when_saturated = NORMS.stays_finite_when_saturated(
    "Where all states of a step are exactly -1 or 1, earlier norms are 0 and not nan. Where one of "
    "them is, the norms are right.",
    cases=NORMS.cases(T=sizes(2, 5)).map(lambda case: (flat(case), flat(case, units=1))),
    after=matches_reference,
    examples=10,
)
gradients = NORMS.gradients(
    "The norms can be differentiated with respect to the weights and to the states.",
    after=(matches_reference, leaves_inputs_unchanged),
    examples=15,
    cases=NORMS.cases(torch.float64, T=sizes(1, 3)),
    floor=1e4,  # the direction of strongest stretch is known less well than its size
)
