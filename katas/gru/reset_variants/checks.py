"""Checks of the two forms of the GRU, and of when they agree."""

import torch
from hypothesis import given
from torch import Tensor

from grader.checks import (
    Case,
    Source,
    Submission,
    check,
    expect,
    expect_unchanged,
    sizes,
    sources,
)
from grader.checks.cells import cell, first_steps, saturated, widened


def reset_before(
    x: Tensor, h: Tensor, w_ih: Tensor, w_hh: Tensor, b_ih: Tensor, b_hh: Tensor
) -> Tensor:
    """Return the h of 2014, (N, H): its candidate is a plain recurrent cell that reads r ⊙ h."""
    from_input, from_memory = x @ w_ih.T + b_ih, h @ w_hh.T + b_hh
    r, z, _ = torch.sigmoid(from_input + from_memory).chunk(3, dim=1)
    w_in, w_hn, b_in, b_hn = (weight.chunk(3)[2] for weight in (w_ih, w_hh, b_ih, b_hh))
    n = torch.rnn_tanh_cell(x, r * h, w_in, w_hn, b_in, b_hn)
    return (1 - z) * n + z * h


BEFORE = cell("gru_reset_before", states=("h",), blocks=3, reference=reset_before)
AFTER = cell("gru_reset_after", states=("h",), blocks=3, reference=torch.gru_cell)
FORMS = (BEFORE, AFTER)


@check(points=1, examples=6)
@given(case=BEFORE.cases(torch.float64, N=3))
def keeps_shape_and_dtype(submission: Submission, case: Case) -> None:
    """Both forms return h of shape (N, H), also for a batch of one, in the dtype of the inputs."""
    for form in FORMS:
        form.expect_form(submission, case)


@check(points=1, after=keeps_shape_and_dtype, examples=8)
@given(pair=BEFORE.pairs())
def depends_on_its_arguments_alone(submission: Submission, pair: tuple[Case, Case]) -> None:
    """The same arguments give the same answer, whatever was called before."""
    for form in FORMS:
        form.expect_repeatable(submission, pair)


@check(points=1, after=keeps_shape_and_dtype, examples=8)
@given(case=BEFORE.cases())
def leaves_inputs_unchanged(submission: Submission, case: Case) -> None:
    """None of the three functions modifies its arguments."""
    # Whoever looks at the biases first looks at the weights where these are zero.
    asked = [(form.name, case.arguments) for form in FORMS]
    for b_hh in (case.b_hh, torch.zeros_like(case.b_hh)):
        asked.append(("interchangeable", {"w_hh": case.w_hh, "b_hh": b_hh}))
    for function, arguments in asked:
        _, afterwards = submission[function].inputs(*arguments.values())
        before = {f"{name} in {function}": value for name, value in arguments.items()}
        expect_unchanged(before, afterwards)


@check(points=2, after=depends_on_its_arguments_alone, examples=30)
@given(case=widened(AFTER.cases(), "h"))
def reset_after_matches_torch(submission: Submission, case: Case) -> None:
    """The new h of gru_reset_after is that of torch.nn.GRUCell."""
    AFTER.expect_case(submission, case, after=" of gru_reset_after")


@check(points=3, after=reset_after_matches_torch, examples=40)
@given(case=widened(BEFORE.cases(), "h"))
def reset_before_matches_2014(submission: Submission, case: Case) -> None:
    """The new h of gru_reset_before is that of the formulas of 2014."""
    BEFORE.expect_case(submission, case, after=" of gru_reset_before")


@check(points=2, after=(reset_before_matches_2014, leaves_inputs_unchanged), examples=14)
@given(case=first_steps(BEFORE, "h"))
def gradients(submission: Submission, case: Case) -> None:
    """In both forms, gradients reach x, h, all weights and biases, and are right where h is 0."""
    for form in FORMS:
        form.expect_gradients(submission, case, after=f" in {form.name}")


def with_rest(found: tuple[Case, ...]) -> tuple[Case, ...]:
    """Add steps with gates whose pre-activations are exactly 0: what is made of |a| is flat there.

    In the second of them those of the candidates are 0 too.
    """
    gates = slice(len(found[0].b_ih) // 3 * 2)
    names = ("w_hh", "b_ih", "b_hh")
    weights = {name: found[0].arguments[name].clone() for name in names}
    for weight in weights.values():
        weight[gates] = 0.0
    rest = found[0].put(x=0 * found[0].x, **weights)
    return (*found, rest, rest.put(**{name: 0 * weight for name, weight in weights.items()}))


@check(points=1, after=gradients, examples=1)
@given(cases=saturated(BEFORE, 3, 490.0).map(with_rest))
def stays_finite_when_saturated(submission: Submission, cases: tuple[Case, ...]) -> None:
    """With pre-activations of 0 and up to ±1000, h and all gradients are right in both forms."""
    for form in FORMS:
        for case in cases:
            form.expect_case(submission, case, after=f" of {form.name}", peer=False)
            form.expect_gradients(submission, case, after=f" in {form.name}")


@check(points=3, examples=2)
@given(size=sizes(3, 4), source=sources())
def says_when_the_forms_agree(submission: Submission, size: int, source: Source) -> None:
    """The answer of interchangeable is True exactly if both forms always give the same h'."""
    full = source.normal(size, size)
    diagonal, upper = full.diag().diag(), full.triu(diagonal=1)
    one, zero = torch.eye(size).to(full), torch.zeros(size, size).to(full)
    around, row = one.roll(1, dims=0), one[:, [0]] * (one[1] - one[2])
    differ = {
        "full": full,
        "symmetric": upper + upper.T + diagonal,
        "upper triangular": upper + diagonal,
        "lower triangular": upper.T + diagonal,
        "skew-symmetric": upper - upper.T,
        "with sums of zero": around - one,
        "diagonal but for 1e-30": diagonal + 1e-30 * around,
        "diagonal but for negative entries": diagonal - around,
        "diagonal but for a row of sum zero": diagonal + row,
        "diagonal but for a column of sum zero": diagonal + row.T,
    }
    agree = {"diagonal": diagonal, "the identity": one, "zero": zero}
    biases = {
        "zero": zero[0],
        "zero but for one entry": 0.25 * one[-1],
        "zero but for 1e-30": 1e-30 * one[-1],
        "zero but for a negative entry": -0.25 * one[0],
        "of sum zero": one[0] - one[-1],
        "the same for all units": 0.25 * one.sum(0),
    }
    w_gates, b_gates = source.normal(2 * size, size), source.normal(2 * size)
    found = [
        (
            f"W_hn {kind}, b_hn {bias}",
            w_gates,
            b_gates,
            w_hn,
            b_hn,
            kind in agree and bias == "zero",
        )
        for kind, w_hn in (differ | agree).items()
        for bias, b_hn in biases.items()
    ]
    z_rows, plain = w_gates[size:], torch.zeros(2 * size).to(full)
    half = torch.cat([zero[0], b_gates[size:]])
    for kind in ("full", "diagonal"):
        words, w_hn = f"W_hn {kind}, b_hn zero", (differ | agree)[kind]
        found += [
            (f"{words}, {gates}", w_rz, b_rz, w_hn, zero[0], kind in agree)
            for gates, w_rz, b_rz in (
                ("the gates' biases zero", w_gates, plain),
                (
                    "the gates' biases zero, their weights diagonal",
                    torch.cat([diagonal] * 2),
                    plain,
                ),
                ("b_hr zero, W_hr diagonal", torch.cat([diagonal, z_rows]), half),
                ("b_hr and W_hr zero", torch.cat([zero, z_rows]), half),
                ("b_hz and W_hz zero", torch.cat([z_rows, zero]), half.roll(size)),
            )
        ]
    # Each number that must be zero, alone.
    found += [
        (
            f"W_hn diagonal but for [{i}, {j}], b_hn zero",
            w_gates,
            b_gates,
            diagonal + one[:, [i]] * one[j],
            zero[0],
            False,
        )
        for i in range(size)
        for j in range(size)
        if i != j
    ]
    found += [
        (f"W_hn diagonal, b_hn zero but for [{i}]", w_gates, b_gates, diagonal, one[i], False)
        for i in range(size)
    ]
    # With a single unit every block is diagonal.
    one_unit = torch.tensor([0.5, -0.5]).to(full)
    found += [
        (f"H = 1, b_hn {words}", one_unit[:, None], one_unit, 0.25 * one[:1, :1], b_hn, same)
        for words, b_hn, same in (("zero", zero[0, :1], True), ("not zero", one_unit[:1], False))
    ]
    # Numbers of float64 that are 0 in float32, and whose squares are 0 in float64.
    tiny, wide = 1e-200, torch.float64
    exact = [
        (f"W_hn {kind}, b_hn {bias}, in float64", w_gates, b_gates, w_hn, b_hn, False)
        for kind, w_hn, bias, b_hn in (
            (
                "diagonal but for 1e-200",
                diagonal.to(wide) + tiny * around.to(wide),
                "zero",
                zero[0],
            ),
            ("diagonal", diagonal, "zero but for 1e-200", tiny * one[-1].to(wide)),
        )
    ]
    found += [(words, *(w.to(wide) for w in weights), same) for words, *weights, same in exact]
    # All are asked first: what a wrong rule answers to the others tells which rule it is.
    answers = [
        submission["interchangeable"](torch.cat([w_rz, w_hn]), torch.cat([b_rz, b_hn]))
        for _, w_rz, b_rz, w_hn, b_hn, _ in found
    ]
    for answer, (words, *_, same) in zip(answers, found, strict=True):
        expect(answer, same, name=f"interchangeable ({words})")
