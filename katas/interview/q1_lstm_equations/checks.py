"""Checks of `q1_lstm_equations`: derivations line by line, cells that are run, claims measured."""

from functools import lru_cache
from typing import Any

import torch
from hypothesis import given
from hypothesis import strategies as st

from grader.checks import (
    Claim,
    Source,
    Submission,
    check,
    expect_claims,
    expect_true,
    items,
    observe,
    plot,
    sizes,
    sources,
)
from grader.checks.derivation import Form, Question, judge
from grader.checks.derivation.models import LSTM

OUTSIDE = f"x[t] h[t-1] c[t-1] {LSTM.parameters}"
WRITTEN_OUT = Form("written out in x[t], h[t-1], c[t-1] and weights alone", OUTSIDE)
CELL_STATE = Question(LSTM, "c[t]", WRITTEN_OUT, steps=(("t", 3, 5),))
HIDDEN_STATE = Question(LSTM, "h[t]", WRITTEN_OUT, steps=(("t", 3, 5),))
UNROLLED = Question(
    LSTM,
    "c[T]",
    Form("written out in gates, candidates and c[0] alone", "f i g c[0]"),
    steps=(("T", 3, 6),),
)

Weights = tuple[torch.Tensor, ...]  # w_ih (4, I), w_hh (4, 1), b_ih (4,), b_hh (4,)
NAMES = ("w_ih", "w_hh", "b_ih", "b_hh")
LONGEST = 1000
FAR = 20.0


def expect_derivation(question: Question, lines: object) -> None:
    """Judge a derivation, and say how it goes wrong in a way that depends on no spelling."""
    judgement = judge(question, lines)
    observe(question.start, judgement.fingerprint)
    expect_true(judgement.complete, judgement.message)


def weights_of(answer: Any, input_size: int, *more: str) -> tuple[Any, ...]:
    """Unpack the weights of a cell of one unit (and what comes with them), each of its shape."""
    parts = items(answer, *NAMES, *more)
    shapes = ((4, input_size), (4, 1), (4,), (4,))
    for name, w, shape in zip(NAMES, parts, shapes, strict=False):
        form = (str(w.dtype), tuple(w.shape)) if isinstance(w, torch.Tensor) else ("no tensor", ())
        fine = form[0] in ("torch.float32", "torch.float64") and form[1] == shape
        observe(name, fine)
        expect_true(
            fine and bool(w.isfinite().all()),
            f"{name} is {form[0]} {form[1]}, expected a finite float tensor of shape {shape}",
            at=name,
        )
    return parts


def hidden(weights: Weights, xs: torch.Tensor) -> torch.Tensor:
    """Run a cell of one unit in torch's `nn.LSTM` from zero over xs (T, N, I): h, (T, N)."""
    lstm = torch.nn.LSTM(xs.shape[2], 1, dtype=torch.float64)
    lstm.load_state_dict(dict(zip(lstm.state_dict(), weights, strict=True)))
    with torch.no_grad():
        return lstm(xs.double())[0][:, :, 0]


def run(weights: Weights, xs: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Return f, c and h after every step, each (T,), of a cell of one unit over xs (T, I).

    The module shows only h; the gates follow from x and the h before, and c from the gates.
    """
    w_ih, w_hh, b_ih, b_hh = (w.double() for w in weights)
    hs = hidden(weights, xs[:, None])
    before = torch.cat((torch.zeros(1, 1).double(), hs[:-1]))
    i, f, g, _ = (xs.double() @ w_ih.T + before @ w_hh.T + b_ih + b_hh).unbind(-1)
    kept, written = f.sigmoid(), i.sigmoid() * g.tanh()
    c, cs = 0.0, []
    for keep, write in zip(kept.tolist(), written.tolist(), strict=True):
        c = keep * c + write
        cs.append(c)
    return kept, torch.tensor(cs, dtype=torch.float64), hs[:, 0]


def size_of(value: float) -> str:
    """Return a size as a person would put it: many weights do the same."""
    steps = ((0.011, "nothing"), (0.49, "a little"), (1.5, "one"))
    return next((name for limit, name in steps if abs(value) < limit), "more")


def side_of(value: float, bit: int) -> str:
    """Return a value's size, and whether it is on the bit's side."""
    size = size_of(value)
    return (
        size if size == "nothing" else f"{size} {'for' if value * bit > 0 else 'against'} {bit:+d}"
    )


def bits(draw: st.DrawFn, steps: int, source: Source) -> torch.Tensor:
    """Draw bits, (T,): all alike, alternating or random."""
    random = torch.tensor([1.0 if u > 0 else -1.0 for u in source.uniform(steps).tolist()])
    ones = torch.ones(steps)
    alternating = torch.tensor([(-1.0) ** step for step in range(steps)])
    return draw(st.sampled_from([random, ones, -ones, alternating]))


@st.composite
def flagged(draw: st.DrawFn, *, stored: bool) -> torch.Tensor:
    """Draw xs (T, 2): bits, and a flag that is up now and then (at step 1, if `stored`)."""
    steps, source = draw(sizes(1, 20)), draw(sources(torch.float64))
    flags = torch.zeros(steps)
    flags[source.permutation(steps)[: draw(sizes(1, 3))]] = 1.0
    if stored:
        flags[0] = 1.0
    return torch.stack((bits(draw, steps, source), flags), dim=1)


def observe_traces(weights: Weights) -> None:
    """Say what the cell holds and shows over a few steps of each kind: many weights do the same."""
    bit, flag = (1, -1, -1, 1, 1, -1), (1, 0, 1, 0, 0, 0)
    _, c, h = run(weights, torch.tensor([bit, flag], dtype=torch.float64).T)
    for name, trace in (("c", c), ("h", h)):
        observe(name, ", ".join(side_of(v, b) for v, b in zip(trace.tolist(), bit, strict=True)))


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
        f"h is {float(h[step]):.4f} after step {step + 1} of {len(xs)}, and the bit that was "
        f"stored last is {stored[step]:+.0f}.\n{picture}",
        at=f"h after step {step + 1}",
        expected=f"{stored[step]:+.0f} times at least 0.5",
        got=f"{float(h[step]):.6g}",
    )


@check(points=2)
def derives_the_cell_state(submission: Submission) -> None:
    """The derivation of c[t] holds line by line, and ends in x[t], h[t-1], c[t-1] and weights."""
    expect_derivation(CELL_STATE, submission["cell_state"]())


@check(points=2)
def derives_the_hidden_state(submission: Submission) -> None:
    """The derivation of h[t] holds line by line, and ends in x[t], h[t-1], c[t-1] and weights."""
    expect_derivation(HIDDEN_STATE, submission["hidden_state"]())


@check(points=3)
def unrolls_the_memory(submission: Submission) -> None:
    """The derivation of c[T] holds line by line, and ends in f, i, g and c[0] at all steps."""
    expect_derivation(UNROLLED, submission["unrolled_memory"]())


@check(points=1, examples=12)
@given(xs=flagged(stored=True))
def latches_a_bit(submission: Submission, xs: torch.Tensor) -> None:
    """The latch shows the bit that was stored last, with |h| >= 0.5, over up to 20 steps."""
    weights = weights_of(submission["latch"](), 2)
    observe_traces(weights)
    expect_latched(hidden(weights, xs[:, None])[:, 0], xs)


@check(points=1, after=latches_a_bit)
def latches_for_a_thousand_steps(submission: Submission) -> None:
    """The latch holds its bit over 1,000 steps of bits that it must not take."""
    weights = weights_of(submission["latch"](), 2)
    observe_traces(weights)
    stored = torch.tensor([1.0, -1.0, 1.0])
    xs = torch.zeros(LONGEST, len(stored), 2)
    xs[:, :, 0] = torch.tensor([-1.0, 1.0, 1.0])  # bits that nobody asked to store
    xs[0, :, 0], xs[0, :, 1] = stored, 1.0
    h = hidden(weights, xs)
    observe("after 1,000 steps", " ".join(size_of(v) for v in h[-1].tolist()))
    for sequence in range(len(stored)):
        expect_latched(h[:, sequence], xs[:, sequence])


@check(points=2)
def memory_falls_while_nothing_is_forgotten(submission: Submission) -> None:
    """With f >= 0.999 at every step the memory rises to 1 or more, and falls to half its peak."""
    *weights, xs = weights_of(submission["falling_memory"](), 1, "xs")
    fine = isinstance(xs, torch.Tensor) and xs.is_floating_point() and xs.shape[1:] == (1,)
    observe("xs", bool(fine))
    expect_true(
        fine and 1 <= len(xs) <= 100 and bool(xs.isfinite().all()),
        "xs must be a finite float tensor of shape (T, 1), with T from 1 to 100",
    )
    kept, c, _ = run(tuple(weights), xs)
    peak = c.cummax(0).values
    least, top = float(kept.min()), float(c.max())
    share = float((c / peak.clamp(min=1e-9)).min()) if top > 0 else 1.0
    fell = bool(((c <= peak / 2) & (peak >= 1)).any())
    observe("f stays open", least >= 0.999)
    observe("the memory rises to 1", top >= 1)
    observe("the memory falls to half", fell)
    observe("the lowest is below 0", float(c.min()) < -0.01)
    expect_true(
        least >= 0.999,
        f"the forget gate goes down to {least:.6f}; then falling is forgetting",
        expected="f >= 0.999 at every step",
        got=f"{least:.6f}",
    )
    expect_true(
        fell,
        f"the memory's peak is {top:.4f}, and it never falls to half of a peak of at least 1 (the "
        f"lowest it comes to is {max(share, -99):.2f} of the peak before)",
        got=" ".join(f"{v:.2f}" for v in c[:12].tolist()),
    )


@check(points=2, examples=12)
@given(xs=flagged(stored=False))
def hides_what_it_holds(submission: Submission, xs: torch.Tensor) -> None:
    """The cell holds the step's bit in c, and h shows it only while the flag says so."""
    weights = weights_of(submission["hidden_cell"](), 2)
    observe_traces(weights)
    _, c, h = run(weights, xs)
    bit, show = xs.T
    for name, wrong, want in (
        ("c", c * bit < 0.5, "the sign of the bit, and at least 0.5 in size"),
        ("h", (show == 1) & (h * bit < 0.5), "shown: the bit's sign, and at least 0.5 in size"),
        ("h", (show == 0) & (h.abs() > 0.01), "hidden: at most 0.01 in size"),
    ):
        step = int(wrong.int().argmax())
        value = float((c if name == "c" else h)[step])
        expect_true(
            not bool(wrong.any()),
            f"{name} is {value:.4f} after step {step + 1}, where the bit is {float(bit[step]):+.0f}"
            f" and show is {float(show[step]):.0f}",
            at=f"{name} after step {step + 1}",
            expected=want,
            got=f"{value:.6g}",
        )


def cell(**rows: tuple[float, float]) -> Weights:
    """Build a cell of one unit: for each gate the weight of its input, and its bias (else 0)."""
    w, b = (torch.tensor([rows.get(gate, (0, 0))[k] for gate in "ifgo"]).double() for k in (0, 1))
    return w[:, None], torch.zeros(4, 1).double(), b, torch.zeros(4).double()


@lru_cache(maxsize=1)
def measured() -> tuple[Claim, ...]:
    """Measure the claims on torch's own LSTM, driven as far as it will go."""
    sweep = torch.linspace(-50, 50, 201).double()[:, None]
    gate, _, _ = run(cell(f=(1, 0)), sweep)
    _, candidate, _ = run(cell(f=(0, -1000), i=(0, FAR), g=(1, 0)), sweep)  # c is the step's g
    open_all = cell(i=(0, FAR), f=(0, FAR), g=(0, FAR), o=(0, FAR))
    _, c, h = run(open_all, torch.zeros(LONGEST, 1))
    grows = float(c[-1]) > 1.9 * float(c[LONGEST // 2 - 1])  # as much late as early
    ranges = [("gate", "a gate", gate), ("candidate", "the candidate g", candidate)]
    return (
        *(
            Claim(f"{key}_{end}", f"the {bound} of {name}", float(value), 0.01)
            for key, name, trace in ranges
            for end, bound, value in (
                ("low", "infimum", trace.min()),
                ("high", "supremum", trace.max()),
            )
        ),
        Claim("hidden_high", "the supremum of |h_t|", float(h.abs().max()), 0.01),
        Claim("memory_after_100", "c_100 with i = f = g = 1", float(c[99]), 0.01),
        Claim("hidden_after_100", "h_100 with i = f = g = o = 1", float(h[99]), 0.01),
        Claim("hidden_after_100_without_tanh", "h_100 there as o*c", float(c[99]), 0.01),
        Claim("memory_is_bounded", "|c_t| is bounded, whatever the weights", not grows),
        Claim("bounded_without_tanh", "o*c is bounded, whatever the weights", not grows),
    )


@check(points=2)
def claims_ranges(submission: Submission) -> None:
    """The claims about ranges, and about the last tanh, are what the judge measures."""
    expect_claims(submission["claims"](), measured())
