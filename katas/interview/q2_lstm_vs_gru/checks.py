"""Checks of `q2_lstm_vs_gru`: derivations line by line, a counter that is run, claims measured."""

import time
from functools import lru_cache

import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from grader.checks import (
    Claim,
    Submission,
    check,
    check_claims,
    expect_true,
    kind_of,
    observe,
    plot,
    sizes,
)
from grader.checks.derivation import Approximation, Form, Question, check_derivation
from grader.checks.derivation.models import GRU, LSTM
from grader.checks.weights import Weights, expect_weights, gates, run

MOST = 1_000
ALLOWED = 0.1  # of what one a adds


@check_derivation("lstm_to_gru", points=3)
def turns_an_lstm_into_a_gru() -> Question:
    """The lines from an LSTM's h[t] name what they remove, and end in f, g and h[t-1]."""
    return Question(
        LSTM,
        "h[t]",
        Form("a mixture of h[t-1] and g[t], with f[t] as its share", "f[t] g[t] h[t-1]"),
        steps=(("t", 3, 5),),
        approximations=(
            Approximation("tied gates", "the input gate is 1 - f", equations=("i[t] = 1 - f[t]",)),
            Approximation("open output", "the output gate is 1", equations=("o[t] = 1",)),
            Approximation(
                "no output tanh",
                "the output is o*c, not o*tanh(c)",
                equations=("h[t] = o[t]*c[t]",),
            ),
        ),
    )


@check_derivation("gru_without_reset", points=2)
def opens_the_reset_gate() -> Question:
    """The lines from a GRU's h[t] name what they remove, and end without r and n."""
    opened = Approximation("open reset", "the reset gate is 1", equations=("r[t] = 1",))
    last = Form("free of the reset gate and of n[t]", "z[t] h[t-1] x[t] w_n u_n b_in b_hn")
    return Question(GRU, "h[t]", last, steps=(("t", 3, 5),), approximations=(opened,))


def memory(weights: Weights, ups: int, downs: int) -> list[float]:
    """The cell's c after each step of a^ups b^downs."""
    xs = torch.eye(2)[[0] * ups + [1] * downs]
    return run(weights, xs[:, None])[1][:, 0].tolist()


KEPT = ((1 - 2e-7, "all"), (0.9985, "nearly all"), (0.75, "most"), (0.25, "half"), (0.01, "little"))
"""Shares of the count that a step keeps: what shows in a thousand steps, and what in twelve."""


def observe_counting(weights: Weights) -> None:
    """Say in words what the cell keeps and writes at each symbol: many weights do the same."""
    i, f, g, _ = gates(weights, torch.eye(2).double(), torch.zeros(2, 1).double())
    up, down = (i * g).tolist()
    observe("an a writes", str([abs(up) >= least for least in (1e-6, 0.1)]))
    for symbol, kept in zip("ab", f.tolist(), strict=True):
        word = next((word for above, word in KEPT if kept > above), "nothing")
        observe(f"kept of the count at {symbol}", word)
    after_h = gates(weights, torch.eye(2).double(), torch.full((2, 1), 0.7).double())
    pairs = zip((i, f, g), after_h[:3], strict=True)
    observe("c reads h", any(bool((a - b).abs().max() > 0.01) for a, b in pairs))
    share = down / up if abs(up) > 1e-6 else down
    observe("a b next to an a", str([share < limit for limit in (-1.0001, -0.9999, -1e-3, 1e-3)]))


def expect_counted(weights: Weights, ups: int, downs: int) -> None:
    """Hold c against the count, after every step of a^ups b^downs."""
    cs = memory(weights, ups, downs)
    unit = cs[0]
    expect_true(
        abs(unit) >= 0.1,
        f"After the first a, c is {unit:.4f}. That is too little to count with.",
        at="c after the first a",
        expected="at least 0.1 in size",
        got=f"{unit:.6g}",
    )
    counts = [*range(1, ups + 1), *range(ups - 1, ups - downs - 1, -1)]
    wrong = [abs(c / unit - count) > ALLOWED for c, count in zip(cs, counts, strict=True)]
    at = wrong.index(True) if True in wrong else 0
    picture = plot({"count": counts, "c / u": [c / unit for c in cs]}, height=7)
    expect_true(
        not any(wrong),
        f"After {min(at + 1, ups)} a's and {max(at + 1 - ups, 0)} b's, c / u is "
        f"{cs[at] / unit:.4f}.\n{picture}",
        at=f"c / u after step {at + 1}",
        expected=f"{counts[at]}",
        got=f"{cs[at] / unit:.6g}",
        allowed=f"{ALLOWED}",
    )


@check(points=1, examples=14)
@given(ups=sizes(1, 12), share=st.floats(0, 1))
def counts_a_few(submission: Submission, ups: int, share: float) -> None:
    """After n a's, n up to 12, and m b's, c is (n - m) times the first a's part, within a tenth."""
    weights = expect_weights(submission["counter"](), inputs=2)
    observe_counting(weights)
    expect_counted(weights, ups, round(share * ups))


@check(points=2, after=counts_a_few)
def counts_to_a_thousand(submission: Submission) -> None:
    """It counts as exactly over a thousand a's and a thousand b's."""
    weights = expect_weights(submission["counter"](), inputs=2)
    observe_counting(weights)
    expect_counted(weights, MOST, MOST)


@check(points=2)
def bounds_a_gru(submission: Submission) -> None:
    """gru_bound(h_0) is the largest |h_t| that any GRU reaches from h_0."""
    starts = (0.0, 0.5, -0.9, 1.0, 1.5, -3.0, 7.0)
    bounds = [submission["gru_bound"](h_0) for h_0 in starts]
    generator = torch.Generator().manual_seed(1)
    units, steps, far = 64, 12, 40.0
    gru = nn.GRU(1, units, dtype=torch.float64)
    blocks, w_ih = (torch.randn(3, units, 1, generator=generator).double() * 6 for _ in range(2))
    blocks[1:, :2, 0] = torch.tensor([[-far, far], [far, far]])  # takes n at once; keeps h_0
    w_ih[:, :2] = 0
    with torch.no_grad():
        for name, parameter in gru.named_parameters():
            drawn = {"weight_ih_l0": w_ih, "bias_ih_l0": blocks}.get(name, parameter * 0)
            parameter.copy_(drawn.reshape(parameter.shape))
        xs = torch.randn(steps, 1, 1, generator=generator).double().expand(-1, len(starts), -1)
        first = torch.tensor(starts).double()[None, :, None].expand(-1, -1, units)
        hs, _ = gru(xs, first.contiguous())
    largest = torch.cat((first, hs)).abs().amax(dim=(0, 2))
    for h_0, bound, seen in zip(starts, bounds, largest.tolist(), strict=True):
        expect_true(
            isinstance(bound, int | float) and not isinstance(bound, bool),
            f"gru_bound({h_0}) is {kind_of(bound)}, expected a number.",
        )
        less = "A GRU that was run reached more." if bound < seen else "A smaller bound holds too."
        expect_true(
            abs(bound - seen) <= 0.01 * max(seen, 1.0),
            f"gru_bound({h_0}) is {bound:.4g}. {less}",
            at=f"h_0 = {h_0}",
            expected=f"{seen:.6g}",
            got=f"{bound:.6g}",
            allowed="1%",
        )


def turns() -> tuple[float, float]:
    """Time an LSTM and a GRU in turns, warm, on one thread: the extremes of the turns' ratios."""
    x = torch.randn(50, 8, 32)
    lstm, gru = nn.LSTM(32, 64), nn.GRU(32, 64)
    ratios = []
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    with torch.no_grad():
        for _ in range(11):
            begin = time.perf_counter()
            lstm(x)
            middle = time.perf_counter()
            gru(x)
            ratios.append((middle - begin) / (time.perf_counter() - middle))
    torch.set_num_threads(threads)
    return min(ratios[2:]), max(ratios[2:])


first_turns = lru_cache(maxsize=1)(turns)  # once for all submissions


@check(points=2)
def measures_the_speed(submission: Submission) -> None:
    """speed_ratio() gives a new number each time, and one that fits this machine."""
    ratios = [submission["speed_ratio"]() for _ in range(2)]
    usable = all(isinstance(r, int | float) and not isinstance(r, bool) for r in ratios)
    observe("between 0.01 and 100", usable and all(0.01 < r < 100 for r in ratios))
    observe("measured anew", len(set(map(str, ratios))) > 1)
    expect_true(
        usable and all(0 < r < float("inf") for r in ratios),
        f"speed_ratio() is {', '.join(str(r)[:20] for r in ratios)}, expected a positive number.",
    )
    expect_true(
        ratios[0] != ratios[1],
        f"Two calls give exactly {ratios[0]!r}. A number that is measured is never the same twice.",
    )
    # A busy machine stretches single turns, so the judge's own extremes widen what it allows; and
    # one of two measurements, made at two moments, is enough.
    fits = False
    for measure in (first_turns, turns):
        low, high = (extreme * factor for extreme, factor in zip(measure(), (0.5, 2), strict=True))
        fits = fits or any(low <= ratio <= high for ratio in ratios)
        if fits:
            break
    inverse = usable and all(ratio and low <= 1 / ratio <= high for ratio in ratios)
    advice = (
        "The inverse lies there: the ratio is the LSTM's time over the GRU's."
        if inverse
        else "Warm up first, time the layers in turns, and compare medians."
    )
    expect_true(
        fits,
        f"speed_ratio() gives {ratios[0]:.3g} and {ratios[1]:.3g}. On this machine it is between "
        f"{low:.3g} and {high:.3g}. {advice}",
        expected=f"{low:.3g} to {high:.3g}",
        got=f"{ratios[0]:.3g}, {ratios[1]:.3g}",
    )


@check_claims(points=1)
def claims_where_they_are_one() -> tuple[Claim, ...]:
    """The claims about where an LSTM is a GRU are what the judge finds when it runs both."""
    generator = torch.Generator().manual_seed(2)
    size, steps, tiny = 3, 20, 1e-9
    gru = nn.GRUCell(size, size, dtype=torch.float64)
    with torch.no_grad():
        for parameter in gru.parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=generator).double())
    xs = torch.randn(steps, 1, size, generator=generator).double()

    def equal(*, reset_open: bool, output_tanh: bool) -> bool:
        """Whether a tied LSTM gives the h of the GRU, at each step."""
        w_ih, w_hh, b_ih, b_hh = (p.detach().clone() for p in gru.parameters())
        if reset_open:
            b_ih[:size] = 1_000.0
        h = c = theirs = torch.zeros(1, size).double()
        worst = 0.0
        for x in xs:
            z, n = ((x @ w_ih.T + b_ih) + (h @ w_hh.T + b_hh))[:, size:].chunk(2, dim=1)
            f = z.sigmoid()
            c = f * c + (1 - f) * n.tanh()
            h = c.tanh() if output_tanh else c
            theirs = torch.gru_cell(x, theirs, w_ih, w_hh, b_ih, b_hh)
            worst = max(worst, float((h - theirs).abs().max()))
        return worst < tiny

    return (
        Claim(
            "tied_lstm_is_gru_with_open_reset",
            "the changed LSTM equals a GRU with r = 1",
            equal(reset_open=True, output_tanh=False),
        ),
        Claim(
            "tied_lstm_is_any_gru",
            "the changed LSTM equals any GRU",
            equal(reset_open=False, output_tanh=False),
        ),
        Claim(
            "tied_lstm_with_output_tanh_is_gru",
            "with h = tanh(c) it equals a GRU with r = 1",
            equal(reset_open=True, output_tanh=True),
        ),
    )


@check_claims(points=2)
def claims_sizes_and_limits() -> tuple[Claim, ...]:
    """The claims about parameters and about counting in low precision are what is measured."""

    def parameters(*modules: nn.Module) -> int:
        return sum(parameter.numel() for module in modules for parameter in module.parameters())

    def counts_up_to(dtype: torch.dtype) -> float:
        """Where c = 1·c + 1·1 stops growing, found by halving between powers of two."""
        one = torch.ones((), dtype=dtype)

        def stuck(n: int) -> bool:
            c = torch.tensor(float(n), dtype=dtype)
            return bool(one * c + one * one == c)

        high = 1
        while not stuck(high):
            high *= 2
        low = high // 2
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if stuck(middle) else (middle, high)
        return float(high)

    lstm, gru = nn.LSTM(128, 256, device="meta"), nn.GRU(128, 256, device="meta")
    rest = (nn.Embedding(10_000, 128, device="meta"), nn.Linear(256, 10_000, device="meta"))
    whole = parameters(gru, *rest) / parameters(lstm, *rest)
    layer = parameters(gru) / parameters(lstm)
    dtypes = {"bf16": torch.bfloat16, "fp16": torch.float16, "fp32": torch.float32}
    return (
        Claim("layer_ratio", "parameters of a GRU layer over an LSTM layer's", layer, 0.001),
        Claim("model_ratio", "the same for the whole model", whole, 0.001),
        *(
            Claim(f"{name}_limit", f"where counting by 1 stops in {dtype}", counts_up_to(dtype))
            for name, dtype in dtypes.items()
        ),
    )


@check_claims(points=2)
def claims_costs() -> tuple[Claim, ...]:
    """The claims about recurrence against attention are what the judge counts."""
    length, width = 1_000, 256
    Matrix = tuple[int, int, int]  # rows, columns, how many products had to come before it
    spent = 0

    def product(left: Matrix, right: Matrix) -> Matrix:
        nonlocal spent
        spent += left[0] * left[1] * right[1]
        return left[0], right[1], max(left[2], right[2]) + 1

    def run_lstm(steps: int, width: int) -> tuple[int, int]:
        """The multiply-adds and the longest chain of products of an LSTM layer."""
        nonlocal spent
        spent, h, w = 0, (1, width, 0), (width, 4 * width, 0)
        for _ in range(steps):
            from_x, from_h = product((1, width, 0), w), product(h, w)
            h = (1, width, max(from_x[2], from_h[2]))
        return spent, h[2]

    def run_attention(steps: int, width: int) -> tuple[int, int]:
        """The same of a self-attention layer of one head."""
        nonlocal spent
        spent, x, w = 0, (steps, width, 0), (width, width, 0)
        q, (rows, columns, chain), v = (product(x, w) for _ in range(3))
        scores = product(q, (columns, rows, chain))
        out = product(product(scores, v), w)
        return spent, out[2]

    step, _ = run_lstm(1, width)
    overtakes = (n for n in range(1, 4_000) if run_attention(n, width)[0] > n * step)
    lstm, attention = run_lstm(length, width)[0], run_attention(length, width)[0]
    h, (_, c) = nn.LSTM(width, width)(torch.zeros(1, width))
    grows = [layer(8, 4)[1] < layer(16, 4)[1] for layer in (run_lstm, run_attention)]
    return (
        Claim("lstm_multiply_adds", "multiply-adds of the LSTM layer", lstm, 0.001 * lstm),
        Claim("attention_multiply_adds", "of the attention layer", attention, 0.001 * attention),
        Claim("crossover", "the length from which on attention needs more", next(overtakes), 1),
        Claim("attention_scores", "how many scores there are", length * length),
        Claim("lstm_state", "numbers carried from step to step", h.numel() + c.numel()),
        Claim("lstm_chain_grows", "the LSTM's longest chain grows with the length", grows[0]),
        Claim("attention_chain_grows", "attention's longest chain does", grows[1]),
    )
