"""Checks of `q3_additive_highway`: derivations line by line, cells that are run, rates measured."""

from functools import lru_cache
from typing import Any

import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from grader.checks import (
    Claim,
    Submission,
    check,
    expect_claims,
    expect_true,
    items,
    kind_of,
    observe,
    sizes,
    sources,
)
from grader.checks.derivation import Approximation, Form, Question, judge
from grader.checks.derivation.models import LSTM, RESIDUAL

DIRECT_PATH = Approximation(
    "direct path only", "no derivative passes through the hidden state h", hold="h"
)
ONE_STEP = Question(
    LSTM,
    "d(c[t], c[t-1])",
    Form("free of derivatives d(...)", " ".join((*LSTM.sequences, LSTM.parameters))),
    steps=(("t", 3, 5),),
)
MANY_STEPS = Question(
    LSTM,
    "d(c[T], c[0])",
    Form("a product of forget gates", "f"),
    steps=(("T", 3, 6),),
    approximations=(DIRECT_PATH,),
)
RESIDUAL_BLOCKS = Question(
    RESIDUAL,
    "d(x[L], x[0])",
    Form("free of derivatives d(...)", "x"),
    steps=(("L", 1, 4),),
)

BLOCKS = 12
CLOSE = 1e-6  # what the task allows
STEPS, INPUTS, UNITS, DRAWS = 50, 16, 32, 16


def expect_derivation(question: Question, lines: object) -> None:
    """Judge a derivation, and say how it goes wrong in a way that depends on no spelling."""
    judgement = judge(question, lines)
    observe(question.start, judgement.fingerprint)
    expect_true(judgement.complete, judgement.message)


def tensors_of(answer: Any, shapes: dict[str, tuple[int, ...]], *, double: bool) -> tuple[Any, ...]:
    """Unpack tensors, each finite, floating and of its shape."""
    dtypes = ("torch.float64",) if double else ("torch.float32", "torch.float64")
    parts = items(answer, *shapes)
    for (name, shape), w in zip(shapes.items(), parts, strict=True):
        form = (str(w.dtype), tuple(w.shape)) if isinstance(w, torch.Tensor) else (kind_of(w), ())
        fine = form[0] in dtypes and form[1] == shape
        observe(f"{name} has its form", fine)
        expect_true(
            fine and bool(w.isfinite().all()),
            f"{name} is {form[0]} {form[1]}, expected finite {' or '.join(dtypes)} {shape}",
            at=name,
        )
    return parts


@check(points=4)
def differentiates_one_step(submission: Submission) -> None:
    """The derivation of d c[t] / d c[t-1] holds line by line, by all paths, and ends without d."""
    expect_derivation(ONE_STEP, submission["one_step"]())


@check(points=3)
def follows_the_direct_path(submission: Submission) -> None:
    """The derivation of d c[T] / d c[0] names what it leaves out, and ends in forget gates."""
    expect_derivation(MANY_STEPS, submission["many_steps"]())


@check(points=2)
def differentiates_residual_blocks(submission: Submission) -> None:
    """The derivation of d x[L] / d x[0] holds line by line, and ends without d."""
    expect_derivation(RESIDUAL_BLOCKS, submission["residual_blocks"]())


@st.composite
def blocks(draw: st.DrawFn) -> dict[str, torch.Tensor]:
    """Draw u (H, H), b (H,), c_0 (H,) and inputs (12, 1)."""
    size, source = draw(sizes(1, 4)), draw(sources(torch.float64))
    return {
        "u": source.normal(size, size),
        "b": source.normal(size),
        "c_0": source.normal(size),
        "xs": source.normal(BLOCKS, 1),
    }


def cell_of(weights: tuple[torch.Tensor, ...], size: int) -> nn.LSTMCell:
    """Load weights into torch's own cell."""
    cell = nn.LSTMCell(1, size, dtype=torch.float64)
    cell.load_state_dict(dict(zip(cell.state_dict(), weights, strict=True)))
    return cell


@check(points=3, examples=10)
@given(case=blocks())
def builds_a_resnet(submission: Submission, case: dict[str, torch.Tensor]) -> None:
    """The cell's memory is the residual network c + tanh(U tanh(c) + b), over 12 blocks."""
    u, b, c = case["u"], case["b"], case["c_0"]
    size = len(b)
    shapes = {"w_ih": (4 * size, 1), "w_hh": (4 * size, size), "b_ih": (4 * size,)}
    answer = submission["resnet_from_lstm"](u, b)
    weights = tensors_of(answer, {**shapes, "b_hh": (4 * size,)}, double=True)
    cell = cell_of(weights, size)
    state, want = (c.tanh()[None], c[None]), c
    with torch.no_grad():
        for block, x in enumerate(case["xs"], start=1):
            state = cell(x[None], state)
            want = want + (u @ want.tanh() + b).tanh()
            off = (state[1][0] - want).abs()
            if block <= 2:
                observe(f"after block {block}", " ".join(f"{v:.4g}" for v in state[1][0].tolist()))
            unit = int(off.argmax())
            expect_true(
                float(off[unit]) <= CLOSE,
                f"after block {block}, c[unit {unit}] is {float(state[1][0, unit]):.6g}, and the "
                f"residual network has {float(want[unit]):.6g}",
                at=f"c[unit {unit}] after block {block}",
                expected=f"{float(want[unit]):.8g}",
                got=f"{float(state[1][0, unit]):.8g}",
                difference=f"{float(off[unit]):.3g}",
                allowed=f"{CLOSE}",
            )


@check(points=2)
def opens_and_shuts_the_path(submission: Submission) -> None:
    """One LSTM keeps |d c_20 / d c_0| above 0.9 on one input, and below 0.001 on the other."""
    shapes = {"w_ih": (4, 1), "w_hh": (4, 1), "b_ih": (4,), "b_hh": (4,)}
    inputs = {"keep": (20, 1), "kill": (20, 1)}
    *weights, keep, kill = tensors_of(
        submission["not_identical"](), {**shapes, **inputs}, double=False
    )
    cell = cell_of(tuple(weights), 1)
    slopes = {}
    for name, xs in (("keep", keep), ("kill", kill)):
        c_0 = torch.full((1, 1), 0.5, dtype=torch.float64, requires_grad=True)
        state = (torch.zeros(1, 1).double(), c_0)
        for x in xs.double():
            state = cell(x[None], state)
        (slope,) = torch.autograd.grad(state[1].sum(), c_0)
        slopes[name] = abs(float(slope))
        observe(name, "open" if slopes[name] >= 0.9 else "shut" if slopes[name] <= 1e-3 else "half")
    for name, fine, want in (
        ("keep", slopes["keep"] >= 0.9, "at least 0.9"),
        ("kill", slopes["kill"] <= 1e-3, "at most 0.001"),
    ):
        expect_true(
            fine,
            f"on the input {name}, |d c_20 / d c_0| is {slopes[name]:.3g}, expected {want}",
            at=name,
            expected=want,
            got=f"{slopes[name]:.6g}",
        )


def rates(forget_bias: float | None) -> tuple[float, float, float]:
    """Measure, over all draws at once: the direct rate, the full rate, and their disagreement.

    The Jacobians of c_t and h_t by c_0 are carried along, (N, H, H) each: no autograd.
    """
    generator = torch.Generator().manual_seed(3)
    bound = UNITS**-0.5  # torch's default: uniform between -1/√H and 1/√H

    def uniform(*shape: int) -> torch.Tensor:
        return (2 * torch.rand(DRAWS, *shape, generator=generator, dtype=torch.float64) - 1) * bound

    w_ih, w_hh = uniform(4 * UNITS, INPUTS), uniform(4 * UNITS, UNITS)
    bias = uniform(4 * UNITS) + uniform(4 * UNITS)
    if forget_bias is not None:
        bias[:, UNITS : 2 * UNITS] = forget_bias
    xs = torch.randn(STEPS, DRAWS, INPUTS, generator=generator, dtype=torch.float64)
    from_x = torch.einsum("tni,nki->tnk", xs, w_ih) + bias[None]
    u_i, u_f, u_g, u_o = w_hh.chunk(4, dim=1)
    h = c = torch.zeros(DRAWS, UNITS, dtype=torch.float64)
    d_c = torch.eye(UNITS, dtype=torch.float64).expand(DRAWS, UNITS, UNITS)
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
        d_h = (
            c.tanh()[:, :, None] * (output_gate @ d_h) + (o * (1 - c.tanh() ** 2))[:, :, None] * d_c
        )
        h = o * c.tanh()
        log_direct += f.log()
    full = torch.linalg.matrix_norm(d_c, 2)
    off = torch.linalg.matrix_norm(d_c - torch.diag_embed(log_direct.exp()), 2) / full
    direct_rate = (log_direct.mean(1) / STEPS).exp().mean()
    return float(direct_rate), float((full ** (1 / STEPS)).mean()), float(off.mean())


@lru_cache(maxsize=1)
def measured() -> tuple[Claim, ...]:
    """Measure both paths at both initialisations."""
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


@check(points=3)
def claims_rates(submission: Submission) -> None:
    """The claims about direct path and total derivative are what the judge measures."""
    expect_claims(submission["claims"](), measured())
