"""Checks of `q3_additive_highway`: derivations line by line, cells that are run, rates measured."""

import torch
from hypothesis import given

from grader.checks import (
    Claim,
    Source,
    Submission,
    check,
    check_claims,
    expect_true,
    observe,
    sizes,
    sources,
)
from grader.checks.derivation import Approximation, Form, Question, check_derivation
from grader.checks.derivation.models import LSTM, RESIDUAL, RNN, coupled, peepholes
from grader.checks.weights import expect_weights, layer

START = "d(c[t], c[t-1])"
COUPLED = {"i[t] = 1 - f[t]": "f", "f[t] = 1 - i[t]": "i"}  # each twist, and the gate left free


def taken_apart(gates: str) -> Form:
    """A line that the product rule has been through: d(...) of gates, g and h alone."""
    names = f"{gates}, g[t], c[t-1] and h[t-1]"
    return Form(
        f"written in {names} alone, with each d(...) of one of them",
        names.replace(",", "").replace(" and", ""),
        derivatives=True,
        split=True,
    )


@check_derivation("one_step", points=4)
def differentiates_one_step() -> Question:
    """Each line for d c[t] / d c[t-1] equals the line before, by all paths; the last has no d."""
    last = Form("free of derivatives d(...)", " ".join((*LSTM.sequences, LSTM.parameters)))
    through = (taken_apart("f[t], i[t]"),)
    return Question(LSTM, START, last, through, steps=(("t", 3, 5),))


@check_derivation("coupled_step", points=3, twists=tuple(COUPLED))
def differentiates_the_coupled_step(twist: str) -> Question:
    """With one gate tied to another, the last line has no d and no trace of the tied gate."""
    free = COUPLED[twist]
    tied = "i" if free == "f" else "f"
    gone = {tied, *(f"{part}_{tied}" for part in "awub")}
    names = {*LSTM.sequences, *LSTM.parameters.split()} - gone
    return Question(
        coupled(twist),
        START,
        Form(f"free of derivatives d(...) and of the gate {tied}", " ".join(sorted(names))),
        (taken_apart(f"{free}[t]"),),
        steps=(("t", 3, 5),),
    )


@check_derivation("peephole_step", points=3, twists=("f, o", "i, o", "i, f, o"))
def differentiates_the_peephole_step(twist: str) -> Question:
    """With gates that see the memory, the lines follow every path, and the last has no d."""
    model = peepholes(twist.replace(", ", ""))
    last = Form("free of derivatives d(...)", " ".join((*model.sequences, model.parameters)))
    return Question(model, START, last, (taken_apart("f[t], i[t]"),), steps=(("t", 3, 5),))


@check_derivation("rnn_steps", points=2)
def multiplies_the_rnns_slopes() -> Question:
    """Each line for a plain RNN's d h[T] / d h[0] equals the line before; u and h are left."""
    last = Form("written in u and h alone, without d(...)", "u h")
    return Question(RNN, "d(h[T], h[0])", last, steps=(("T", 2, 5),))


@check_derivation("many_steps", points=3)
def follows_the_direct_path() -> Question:
    """The lines for d c[T] / d c[0] name what they leave out, and end in forget gates."""
    return Question(
        LSTM,
        "d(c[T], c[0])",
        Form("a product of forget gates", "f"),
        steps=(("T", 3, 6),),
        approximations=(
            Approximation(
                "direct path only", "no derivative passes through the hidden state h", hold="h"
            ),
        ),
    )


@check_derivation("residual_blocks", points=2)
def differentiates_residual_blocks() -> Question:
    """Each line for d x[L] / d x[0] equals the line before; the last has no d."""
    last = Form("free of derivatives d(...)", "x")
    return Question(RESIDUAL, "d(x[L], x[0])", last, steps=(("L", 1, 4),))


@check(points=3, examples=10)
@given(size=sizes(1, 4), source=sources(torch.float64))
def builds_a_resnet(submission: Submission, size: int, source: Source) -> None:
    """Over 12 blocks, the cell's memory is the residual network c + tanh(U tanh(c) + b)."""
    blocks, allowed = 12, 1e-6  # what the task says
    u, b, c = source.normal(size, size), source.normal(size), source.normal(size)
    answer = submission["resnet_from_lstm"](u, b)
    weights = expect_weights(answer, inputs=1, units=size, dtypes=(torch.float64,))
    lstm, state, want = layer(weights), (c.tanh().view(1, 1, -1), c.view(1, 1, -1)), c
    for block in range(1, blocks + 1):
        with torch.no_grad():
            _, state = lstm(source.normal(1, 1, 1), state)
        got = state[1].flatten()
        want = want + (u @ want.tanh() + b).tanh()
        off = (got - want).abs()
        if block <= 2:
            observe(f"after block {block}", " ".join(f"{v:.4g}" for v in got.tolist()))
        unit = int(off.argmax())
        expect_true(
            float(off[unit]) <= allowed,
            f"After block {block}, c[unit {unit}] is {float(got[unit]):.6g}, but the residual "
            f"network has {float(want[unit]):.6g}.",
            at=f"c[unit {unit}] after block {block}",
            expected=f"{float(want[unit]):.8g}",
            got=f"{float(got[unit]):.8g}",
            difference=f"{float(off[unit]):.3g}",
            allowed=f"{allowed}",
        )


@check(points=2)
def opens_and_shuts_the_path(submission: Submission) -> None:
    """One LSTM keeps |d c_20 / d c_0| above 0.9 on one input, and below 0.001 on the other."""
    answer, inputs = submission["not_identical"](), {"keep": (20, 1), "kill": (20, 1)}
    *weights, keep, kill = expect_weights(answer, inputs=1, more=inputs)
    lstm, slopes = layer(tuple(weights)), {}
    for name, xs in (("keep", keep), ("kill", kill)):
        c_0 = torch.full((1, 1), 0.5, dtype=torch.float64, requires_grad=True)
        _, (_, c) = lstm(xs.double(), (torch.zeros(1, 1).double(), c_0))
        (slope,) = torch.autograd.grad(c.sum(), c_0)
        slopes[name] = abs(float(slope))
        observe(name, "open" if slopes[name] >= 0.9 else "shut" if slopes[name] <= 1e-3 else "half")
    for name, fine, want in (
        ("keep", slopes["keep"] >= 0.9, "at least 0.9"),
        ("kill", slopes["kill"] <= 1e-3, "at most 0.001"),
    ):
        expect_true(
            fine,
            f"On the input {name}, |d c_20 / d c_0| is {slopes[name]:.3g}, expected {want}.",
            at=name,
            expected=want,
            got=f"{slopes[name]:.6g}",
        )


@check_claims(points=3)
def claims_rates() -> tuple[Claim, ...]:
    """The claims about direct path and total derivative are what the judge measures."""
    steps, inputs, units, draws = 50, 16, 32, 16

    def rates(forget_bias: float | None) -> tuple[float, float, float]:
        """The direct rate, the full rate and their disagreement, over all draws at once.

        The Jacobians of c_t and h_t by c_0 are carried along, (N, H, H) each: no autograd.
        """
        generator = torch.Generator().manual_seed(3)
        bound = units**-0.5  # torch's default: uniform between -1/√H and 1/√H

        def uniform(*shape: int) -> torch.Tensor:
            drawn = torch.rand(draws, *shape, generator=generator, dtype=torch.float64)
            return (2 * drawn - 1) * bound

        w_ih, w_hh = uniform(4 * units, inputs), uniform(4 * units, units)
        bias = uniform(4 * units) + uniform(4 * units)
        if forget_bias is not None:
            bias[:, units : 2 * units] = forget_bias
        xs = torch.randn(steps, draws, inputs, generator=generator, dtype=torch.float64)
        from_x = torch.einsum("tni,nki->tnk", xs, w_ih) + bias[None]
        u_i, u_f, u_g, u_o = w_hh.chunk(4, dim=1)
        h = c = torch.zeros(draws, units, dtype=torch.float64)
        d_c = torch.eye(units, dtype=torch.float64).expand(draws, units, units)
        d_h = torch.zeros_like(d_c)
        log_direct = torch.zeros_like(c)
        for pre in from_x:
            a_i, a_f, a_g, a_o = (pre + (w_hh @ h[:, :, None])[:, :, 0]).chunk(4, dim=1)
            i, f, g, o = a_i.sigmoid(), a_f.sigmoid(), a_g.tanh(), a_o.sigmoid()
            through_gates = (
                (c * f * (1 - f))[:, :, None] * u_f
                + (g * i * (1 - i))[:, :, None] * u_i
                + (i * (1 - g * g))[:, :, None] * u_g
            )
            output_gate = (o * (1 - o))[:, :, None] * u_o
            d_c = f[:, :, None] * d_c + through_gates @ d_h
            c = f * c + i * g
            shown = c.tanh()
            d_h = shown[:, :, None] * (output_gate @ d_h) + (o * (1 - shown**2))[:, :, None] * d_c
            h = o * shown
            log_direct += f.log()
        full = torch.linalg.matrix_norm(d_c, 2)
        off = torch.linalg.matrix_norm(d_c - torch.diag_embed(log_direct.exp()), 2) / full
        direct_rate = (log_direct.mean(1) / steps).exp().mean()
        return float(direct_rate), float((full ** (1 / steps)).mean()), float(off.mean())

    direct_default, full_default, off = rates(None)
    direct_bias_3, full_bias_3, _ = rates(3.0)
    kept = float(torch.full((500,), 0.99, dtype=torch.float64).prod())
    return (
        Claim("direct_rate_default", "the forget gates' mean at the start", direct_default, 0.03),
        Claim("full_rate_default", "the total derivative's rate there", full_default, 0.03),
        Claim("direct_rate_bias_3", "the forget gates' mean with bias 3", direct_bias_3, 0.01),
        Claim("full_rate_bias_3", "the total derivative's rate there", full_bias_3, 0.02),
        Claim("kept_after_500", "0.99 kept at each of 500 steps", kept, 0.0005),
        Claim("direct_equals_full", "direct path and total derivative agree", off < 0.01),
        Claim("full_can_grow", "the total derivative can exceed 1", full_bias_3 > 1),
    )
