"""Checks of `q1_lstm_equations`: derivations line by line, cells that are run, claims measured."""

import torch
from hypothesis import given
from hypothesis import strategies as st

from grader.checks import (
    Claim,
    Submission,
    check,
    check_claims,
    expect_true,
    observe,
    plot,
    sizes,
    sources,
)
from grader.checks.derivation import Form, Question, check_derivation
from grader.checks.derivation.models import LSTM, coupled, peepholes
from grader.checks.weights import Weights, expect_weights, run

GATES = Form("written in a_f[t], a_i[t], a_g[t] and c[t-1] alone", "a_f[t] a_i[t] a_g[t] c[t-1]")
STATE = Form("written in o[t], f[t], i[t], g[t] and c[t-1] alone", "o[t] f[t] i[t] g[t] c[t-1]")
TWO_STEPS = Form(
    "written in c[T-2] and in f, i and g of the steps T-1 and T alone",
    "c[T-2] f[T] i[T] g[T] f[T-1] i[T-1] g[T-1]",
)
WRITTEN_OUT = Form(
    "written out in x[t], h[t-1], c[t-1] and weights alone",
    f"x[t] h[t-1] c[t-1] {LSTM.parameters}",
)
LONGEST = 1000


@check_derivation("cell_state", points=2)
def derives_the_cell_state() -> Question:
    """Each line for c[t] equals the line before; the last has x[t], h[t-1], c[t-1] and weights."""
    return Question(LSTM, "c[t]", WRITTEN_OUT, through=(GATES,), steps=(("t", 3, 5),))


@check_derivation("hidden_state", points=2)
def derives_the_hidden_state() -> Question:
    """Each line for h[t] equals the line before; the last has x[t], h[t-1], c[t-1] and weights."""
    return Question(LSTM, "h[t]", WRITTEN_OUT, through=(STATE,), steps=(("t", 3, 5),))


@check_derivation("unrolled_memory", points=3)
def unrolls_the_memory() -> Question:
    """Each line for c[T] equals the line before; the last has f, i and g of all steps, and c[0]."""
    last = Form("written out in gates, candidates and c[0] alone", "f i g c[0]")
    return Question(LSTM, "c[T]", last, through=(TWO_STEPS,), steps=(("T", 3, 6),))


COUPLED = {"i[t] = 1 - f[t]": "f", "f[t] = 1 - i[t]": "i"}  # each twist, and the gate left free


@check_derivation("coupled_memory", points=2, twists=tuple(COUPLED))
def unrolls_the_coupled_memory(twist: str) -> Question:
    """With one gate tied to another, c[T] is written out in the free gate, g and c[0]."""
    gate = COUPLED[twist]
    on_the_way = f"c[T-2] {gate}[T] g[T] {gate}[T-1] g[T-1]"
    return Question(
        coupled(twist),
        "c[T]",
        Form(f"written out in {gate}, g and c[0] alone", f"{gate} g c[0]"),
        through=(
            Form(f"written in c[T-2] and in {gate} and g of the steps T-1 and T alone", on_the_way),
        ),
        steps=(("T", 3, 6),),
    )


@check_derivation("peephole_state", points=3, twists=("f, o", "i, o", "i, f, o"))
def derives_the_state_with_peepholes(twist: str) -> Question:
    """With gates that see the memory, h[t] is written in x[t], h[t-1], c[t-1] and weights."""
    model = peepholes(twist.replace(", ", ""))
    last = Form(
        "written out in x[t], h[t-1], c[t-1] and weights alone",
        f"x[t] h[t-1] c[t-1] {model.parameters}",
    )
    return Question(model, "h[t]", last, through=(STATE,), steps=(("t", 3, 5),))


@st.composite
def flagged(draw: st.DrawFn, *, stored: bool) -> torch.Tensor:
    """Inputs (T, 2): a bit, and a flag that is 1 at a few steps (at step 1 too, if `stored`)."""
    steps, source = draw(sizes(1, 20)), draw(sources(torch.float64))
    ones, alternating = torch.ones(steps), (-1.0) ** torch.arange(steps)
    bits = draw(st.sampled_from([source.uniform(steps).sign(), ones, -ones, alternating]))
    flags = torch.zeros(steps)
    flags[source.permutation(steps)[: draw(sizes(1, 3))]] = 1.0
    if stored:
        flags[0] = 1.0
    return torch.stack((bits.double(), flags.double()), dim=1)


def coarse(values: torch.Tensor) -> str:
    """Numbers from -3 to 3, by sign and size: cells with other weights give the same numbers."""
    sizes_of = torch.bucketize(values.abs(), torch.tensor([0.011, 0.49, 1.5]).double())
    return str((sizes_of * values.sign()).int().tolist())


def observe_traces(weights: Weights) -> None:
    """Say what the cell holds and shows over a few steps of each kind, as seen from the bit."""
    bits, flags = torch.tensor([[1, -1, -1, 1, 1, -1], [1, 0, 1, 0, 0, 0]]).double()
    _, c, h = run(weights, torch.stack((bits, flags), dim=1)[:, None])
    observe("c", coarse(c[:, 0] * bits))
    observe("h", coarse(h[:, 0] * bits))


def kept_bits(steps: int) -> torch.Tensor:
    """Inputs (T, 3, 2) that store a bit at step 1; later bits must not be stored."""
    xs = torch.tensor([[-1.0, 0.0], [1.0, 0.0], [1.0, 0.0]]).repeat(steps, 1, 1)
    xs[0] = torch.tensor([[1.0, 1.0], [-1.0, 1.0], [1.0, 1.0]])
    return xs


def expect_latched(h: torch.Tensor, xs: torch.Tensor) -> None:
    """Hold h (T,) against the bit that was stored last, over xs (T, 2)."""
    stored, last = [], 0.0
    for bit, flag in xs.tolist():
        last = bit if flag else last
        stored.append(last)
    wrong = h * torch.tensor(stored) < 0.5
    step = int(wrong.int().argmax())
    picture = plot(
        {"bit stored last": stored, "h": h.tolist()},
        height=7,
        marks={"store": [index for index, flag in enumerate(xs[:, 1].tolist()) if flag]},
    )
    expect_true(
        not bool(wrong.any()),
        f"After step {step + 1} of {len(xs)}, h is {float(h[step]):.4f}. The bit that was stored "
        f"last is {stored[step]:+.0f}.\n{picture}",
        at=f"h after step {step + 1}",
        expected=f"the sign of {stored[step]:+.0f}, and at least 0.5 in size",
        got=f"{float(h[step]):.6g}",
    )


@check(points=1, examples=15)
@given(xs=flagged(stored=True))
def latches_a_bit(submission: Submission, xs: torch.Tensor) -> None:
    """Over up to 20 steps, h has the sign of the bit that was stored last, and |h| >= 0.5."""
    weights = expect_weights(submission["latch"](), inputs=2)
    observe_traces(weights)
    observe("h after 20 steps", coarse(run(weights, kept_bits(20))[2][-1]))
    expect_latched(run(weights, xs[:, None])[2][:, 0], xs)


@check(points=1, after=latches_a_bit)
def latches_for_a_thousand_steps(submission: Submission) -> None:
    """The latch keeps its bit over 1,000 steps, while it must not store the bits that come in."""
    weights = expect_weights(submission["latch"](), inputs=2)
    observe_traces(weights)
    xs = kept_bits(LONGEST)
    _, _, h = run(weights, xs)
    observe("h after 1,000 steps", coarse(h[-1]))
    for sequence in range(h.shape[1]):
        expect_latched(h[:, sequence], xs[:, sequence])


@check(points=2)
def memory_falls_while_nothing_is_forgotten(submission: Submission) -> None:
    """With f >= 0.999 at every step, c rises to 1 or more and later falls to half its peak."""
    answer = submission["falling_memory"]()
    *weights, xs = expect_weights(answer, inputs=1, more={"xs": ("T", 1)})
    steps = len(xs)
    observe("xs has 1 to 100 steps", 1 <= steps <= 100)
    expect_true(1 <= steps <= 100, f"xs has {steps} steps, expected 1 to 100.", at="xs")
    kept, c, _ = (trace[:, 0] for trace in run(tuple(weights), xs[:, None]))
    peak = c.cummax(0).values
    least, top = float(kept.min()), float(c.max())
    fell = bool(((c <= peak / 2) & (peak >= 1)).any())
    observe("f stays open", least >= 0.999)
    observe("f stays mostly open", least >= 0.9)
    observe("the memory rises to 1", top >= 1)
    observe("the memory falls", bool((c <= 0.99 * peak).any()))
    observe("the memory falls to half", fell)
    observe("the lowest is below 0", float(c.min()) < -0.01)
    expect_true(
        least >= 0.999,
        f"The forget gate goes down to {least:.6f}, so the memory falls because it is forgotten.",
        expected="f >= 0.999 at every step",
        got=f"{least:.6f}",
    )
    expect_true(
        fell,
        f"The largest c is {top:.4f}. After a peak of at least 1, c never falls to half of it.",
        got=" ".join(f"{v:.2f}" for v in c[:12].tolist()),
    )


@check(points=2, examples=12)
@given(xs=flagged(stored=False))
def hides_what_it_holds(submission: Submission, xs: torch.Tensor) -> None:
    """The cell holds the step's bit in c, and h shows the bit only while show is 1."""
    weights = expect_weights(submission["hidden_cell"](), inputs=2)
    observe_traces(weights)
    _, c, h = (trace[:, 0] for trace in run(weights, xs[:, None]))
    bit, show = xs.T
    for name, trace, wrong, want in (
        ("c", c, c * bit < 0.5, "the sign of the bit, and at least 0.5 in size"),
        ("h", h, (show == 1) & (h * bit < 0.5), "the sign of the bit, and at least 0.5 in size"),
        ("h", h, (show == 0) & (h.abs() > 0.01), "at most 0.01 in size"),
    ):
        step = int(wrong.int().argmax())
        expect_true(
            not bool(wrong.any()),
            f"After step {step + 1}, {name} is {float(trace[step]):.4f}. The bit is "
            f"{float(bit[step]):+.0f} and show is {float(show[step]):.0f}.",
            at=f"{name} after step {step + 1}",
            expected=want,
            got=f"{float(trace[step]):.6g}",
        )


@check_claims(points=2)
def claims_ranges() -> tuple[Claim, ...]:
    """The claims about ranges, and about the last tanh, are what the judge measures."""
    far = 20.0

    def traces(xs: torch.Tensor, **rows: tuple[float, float]) -> tuple[torch.Tensor, ...]:
        """f, c and h, (T,), of a cell whose rows have an input weight and a bias, or else 0."""
        w, b = torch.tensor([rows.get(block, (0.0, 0.0)) for block in "ifgo"]).double().T
        weights = (w[:, None], torch.zeros(4, 1), b, torch.zeros(4))
        return tuple(trace[:, 0] for trace in run(weights, xs[:, None, None]))

    sweep = torch.linspace(-50, 50, 201)
    gate, _, _ = traces(sweep, f=(1, 0))
    _, candidate, _ = traces(sweep, f=(0, -1000), i=(0, far), g=(1, 0))  # c is the step's g
    opened = {block: (0.0, far) for block in "ifgo"}
    _, c, h = traces(torch.zeros(LONGEST), **opened)
    grows = float(c[-1]) > 1.9 * float(c[LONGEST // 2 - 1])  # as much late as early
    return (
        Claim("gate_low", "the infimum of a gate", float(gate.min()), 0.01),
        Claim("gate_high", "the supremum of a gate", float(gate.max()), 0.01),
        Claim("candidate_low", "the infimum of the candidate g", float(candidate.min()), 0.01),
        Claim("candidate_high", "the supremum of the candidate g", float(candidate.max()), 0.01),
        Claim("hidden_high", "the supremum of |h_t|", float(h.abs().max()), 0.01),
        Claim("memory_after_100", "c_100 with i = f = g = 1", float(c[99]), 0.01),
        Claim("hidden_after_100", "h_100 with i = f = g = o = 1", float(h[99]), 0.01),
        Claim("hidden_after_100_without_tanh", "h_100 there as o*c", float(c[99]), 0.01),
        Claim("memory_is_bounded", "|c_t| is bounded, whatever the weights", not grows),
        Claim("bounded_without_tanh", "o*c is bounded, whatever the weights", not grows),
    )
