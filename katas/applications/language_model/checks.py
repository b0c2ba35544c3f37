"""Checks of `language_model`: plain sums and torch's LSTM in float64, read step by step.

What is trained is asked symbol by symbol. It is shown the next symbol when its answer is in.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from grader.checks import (
    CheckLimits,
    Handle,
    Source,
    Submission,
    check,
    data_path,
    expect,
    expect_error,
    expect_true,
    expect_unchanged,
    gradients_of,
    items,
    observe,
    pick,
    record,
    record_text,
    sizes,
    sources,
)
from grader.checks.graphs import expect_old_ones_cleared, gradient_left, is_joined
from grader.checks.modules import load_parameters, parameter_shapes
from grader.checks.ngrams import bigram_bits
from grader.checks.sequences import run_lstm
from grader.checks.words import added_in_softmax, nearest
from grader.data.text import least_bits, make_text, read_text

UNEQUAL = ((2, 3), (3, 2), (1, 3), (3, 1))
ONE = torch.ones((), dtype=torch.float64)
ROWS = ("row", "symbol")


@check(points=2, examples=12)
@given(
    source=sources(),
    rows=st.sampled_from([1, 2, 3]),
    columns=sizes(3, 7),
    steps=sizes(2, 3),
    rest=sizes(0, 1),
)
def cuts_rows_that_go_on(
    submission: Submission, source: Source, rows: int, columns: int, steps: int, rest: int
) -> None:
    """Rows go on from chunk to chunk, and the target of a step is the symbol behind it."""
    rest = min(rest, rows - 1)
    # Whoever takes L // N and not (L - 1) // N for the columns has no target for the last one.
    ids = source.integers(rows * columns + 1 + rest, low=0, high=50).tolist()
    got = submission["cut"](torch.tensor(ids), rows, steps)
    expect_true(isinstance(got, list | tuple), "The answer of cut is no list.")
    starts = range(0, columns, steps)
    expect_true(
        len(got) == len(starts),
        f"There are {len(got)} chunks, expected {len(starts)}.",
        at=f"cut, with {rows} rows of {columns} columns in steps of {steps}",
    )
    for place, (pair, start) in enumerate(zip(got, starts, strict=True)):
        parts = items(pair, "inputs", "targets", name=f"chunk {place}")
        for name, part, shift in zip(("inputs", "targets"), parts, (0, 1), strict=True):
            ends = min(start + steps, columns)
            want = [ids[n * columns + shift :][start:ends] for n in range(rows)]
            expect(part, torch.tensor(want), name=f"{name} of chunk {place}", dims=("row", "step"))


@dataclass(frozen=True)
class Scored:
    """Logits (N, T, V) in any dtype, targets (N, T), and how many of each row are real (N,)."""

    logits: Tensor
    targets: Tensor
    lengths: Tensor

    def surprise(self) -> tuple[Tensor, Tensor]:
        """The loss of each step, in exact sums, and its gradient; 0 at padding."""
        losses = torch.zeros(self.targets.shape, dtype=torch.float64)
        gradient = torch.zeros(self.logits.shape, dtype=torch.float64)
        for n, length in enumerate(self.lengths.tolist()):
            for t in range(length):
                row = self.logits[n, t].tolist()
                largest = max(row)
                parts = [math.exp(value - largest) for value in row]
                whole, target = math.fsum(parts), int(self.targets[n, t])
                losses[n, t] = math.log(whole) + largest - row[target]
                gradient[n, t] = torch.tensor(parts, dtype=torch.float64) / whole
                gradient[n, t, target] -= 1.0
        return losses, gradient


@st.composite
def scored(draw: st.DrawFn, scale: float = 2.0) -> Scored:
    """A padded batch, whose padding is nothing like the rest."""
    source, symbols = draw(sources()), draw(sizes(2, 5))
    lengths = torch.tensor(draw(st.sampled_from([[2], [1, 4, 2], [3, 0, 1]])))
    steps = int(lengths.max()) + 1
    logits = source.normal(len(lengths), steps, symbols, scale=scale)
    padding = torch.arange(steps) >= lengths[:, None]
    logits[padding] *= 4.0
    return Scored(logits, source.integers(*padding.shape, low=0, high=symbols), lengths)


def expect_loss(submission: Submission, case: Scored) -> None:
    """Hold total, count and gradient."""
    losses, gradient = case.surprise()
    arguments = (case.logits, case.targets, case.lengths)
    total, count = items(submission["cross_entropy"](*arguments), "total", "count")
    dtype = case.logits.dtype
    terms = float(losses.sum()) + float(case.logits.abs().max())
    expect(total, losses.sum(), name="total", dtype=dtype, terms=terms)
    expect(count, int(case.lengths.sum()), name="count")
    one = torch.ones((), dtype=dtype)
    pulls = [one, None] if isinstance(count, Tensor) else [one]
    (got,) = submission["cross_entropy"].vjp(*arguments, cotangents=pulls, wrt=[0]).gradients
    expect_true(got is not None, "No gradient reaches the logits.")
    dims = ("row", "step", "symbol")
    # The logarithm of a sum of exponentials is rounded to the size of the logits.
    size = 1.0 + float(case.logits.abs().max())
    expect(got, gradient, name="gradient of total", dtype=dtype, terms=size, dims=dims)


@check(points=3, examples=15)
@given(case=scored())
def sums_the_loss(submission: Submission, case: Scored) -> None:
    """The total is the sum of -ln p over real targets, count their number; padding is not in it."""
    expect_loss(submission, case)


@check(points=1, after=sums_the_loss, examples=8)
@given(case=scored())
def survives_large_logits(submission: Submission, case: Scored) -> None:
    """With logits of ±1,000 the total and its gradient are finite and right."""
    large = 1000.0 * case.logits.sign()
    expect_loss(submission, Scored(large, case.targets, case.lengths))


@check(points=2, examples=10)
@given(
    means=st.permutations([0.25, 1.5, 3.0]), counts=st.permutations([1, 4, 20]), many=st.booleans()
)
def pools_losses(submission: Submission, means: list[float], counts: list[int], many: bool) -> None:
    """Perplexity and bits come from the loss of all symbols together."""
    size = 3 if many else 2
    totals = [mean * count for mean, count in zip(means, counts, strict=True)][:size]
    mean = math.fsum(totals) / sum(counts[:size])
    expect(submission["perplexity"](totals, counts[:size]), math.exp(mean), name="perplexity")
    bits = submission["bits_per_character"](totals, counts[:size])
    expect(bits, mean / math.log(2), name="bits_per_character")


@st.composite
def lines(draw: st.DrawFn) -> Tensor:
    """Logits of a few rows, (N, V), whose entries are far enough apart."""
    source, symbols = draw(sources()), draw(sizes(3, 5))
    rows = [source.permutation(symbols) for _ in range(draw(st.sampled_from([1, 3])))]
    return (torch.tensor(rows) * 0.75 + source.uniform(1, low=0.1)).to(source.dtype)


@check(points=2, examples=12)
@given(logits=lines(), temperature=st.sampled_from([0.5, 1.0, 2.0, 0.8]))
def sharpens_and_flattens(submission: Submission, logits: Tensor, temperature: float) -> None:
    """The probabilities are the softmax of logits that were divided by the temperature."""
    # Near 0 too, if the logits are that close to each other.
    for scale, heat in ((1.0, temperature), (0.02, 0.04)):
        lines_of = logits * scale
        want = (lines_of.double() / heat).exp()
        want /= want.sum(dim=1, keepdim=True)
        got = submission["probabilities"](lines_of, heat)
        observe("a small number is added", added_in_softmax(got, lines_of, heat))
        name = f"probabilities(logits, {heat})"
        expect(got, want, name=name, dtype=logits.dtype, terms=8.0, dims=ROWS)


@check(points=1, after=sharpens_and_flattens, examples=16)
@given(logits=lines(), scale=st.sampled_from([1.0, -200.0, 200.0]))
def is_greedy_at_zero(submission: Submission, logits: Tensor, scale: float) -> None:
    """At a temperature of 0, and near 0, the largest logit has all of the probability."""
    logits = logits * scale + 9.0 * torch.arange(len(logits))[:, None]
    want = torch.nn.functional.one_hot(logits.argmax(dim=1), logits.shape[1]).double()
    for temperature in (1e-3, 1e-6, 0.0, 0):
        got = submission["probabilities"](logits, temperature)
        name = f"probabilities(logits, {temperature})"
        expect(got, want, name=name, dtype=logits.dtype, terms=1.0, dims=ROWS)


@check(points=1, after=sharpens_and_flattens, examples=2)
@given(logits=lines())
def refuses_negative_temperatures(submission: Submission, logits: Tensor) -> None:
    """A temperature below 0 raises ValueError, and the message holds it."""
    for name, heat, number in (
        *(("probabilities", -3, 3), ("probabilities", -17, 17), ("probabilities", -0.5, "-0.5")),
        ("probabilities", -0.0001, "-0.0001"),
        ("sample", -4, 4),
    ):
        when = f"{name} gets the temperature {heat}"
        expect_error(submission[name], logits, heat, type="ValueError", says=(number,), when=when)


@check(points=2, after=is_greedy_at_zero, examples=3)
@given(source=sources(), seed=sizes(1, 1000))
def draws_by_probability(submission: Submission, source: Source, seed: int) -> None:
    """Symbols are drawn for each row by its probabilities, with torch's generator."""
    count, temperature = 2000, 0.5
    lines_of = torch.tensor([[0.0, 0.5, 1.0, -0.4], [1.0, -0.4, 0.2, 0.6]], dtype=source.dtype)
    logits = lines_of.repeat_interleave(count, dim=0)
    draws = [submission["sample"].seeded(n, logits, temperature) for n in (seed, seed, seed + 1)]
    greedy = submission["sample"](lines_of, 0)
    alone = submission["sample"](lines_of[:1], 0)
    expect(alone, torch.zeros(1, dtype=torch.int64), name="sample of one row", values=False)
    observe("one row", str(tuple(getattr(alone, "shape", ()))))
    for got in (*draws, greedy):
        rows = torch.zeros(2 if got is greedy else 2 * count, dtype=torch.int64)
        expect(got, rows, name="sample", values=False)
        expect_true(bool(((got >= 0) & (got < 4)).all()), "A symbol is none of 0 ... V - 1.")
    one_hot = torch.nn.functional.one_hot(draws[0].view(2, count), 4)
    shares = one_hot.double().mean(dim=1)
    known = {
        "as asked for": temperature,
        "of temperature 1": 1.0,
        "of 1 / temperature": 1 / temperature,
        "of temperature 0": 1e-6,
        "of equal chances": 1e6,
    }
    likely = {words: (lines_of.double() / t).softmax(1) for words, t in known.items()}
    likely["of a second softmax"] = likely["as asked for"].softmax(1)
    # Of 2,000 draws a share is off by 0.011 at most in one standard deviation.
    drawn = nearest(shares, likely, within=0.06)
    observe("the shares", drawn or "none of these")
    observe("the same seed draws the same", torch.equal(draws[0], draws[1]))
    observe("another seed draws others", not torch.equal(draws[0], draws[2]))
    observe("at 0 it is the largest", greedy.tolist() == [2, 0])
    expect_true(
        drawn == "as asked for",
        f"Of {count} draws at temperature {temperature}, the shares are not those of the "
        f"probabilities{f', but those {drawn}' if drawn else ''}.",
        expected=str((lines_of.double() / temperature).softmax(1).tolist()),
        got=str(shares.tolist()),
    )
    expect_true(
        torch.equal(draws[0], draws[1]), "After the same torch.manual_seed it draws others."
    )
    expect_true(
        not torch.equal(draws[0], draws[2]), "It draws the same after any torch.manual_seed."
    )
    expect_true(greedy.tolist() == [2, 0], "At temperature 0 it does not take the largest logit.")


@dataclass(frozen=True)
class Reader:
    """A model, what it reads, and a state to begin with.

    Args:
        weights: the model's state dict, in float64.
        ids: (N, T).
        h: (1, N, H).
        c: (1, N, H).
    """

    weights: dict[str, Tensor]
    ids: Tensor
    h: Tensor
    c: Tensor

    @property
    def sizes(self) -> tuple[int, int, int]:
        """Those of the alphabet, of a symbol's vector and of a state."""
        return *self.weights["embedding.weight"].shape, self.h.shape[2]

    @property
    def targets(self) -> Tensor:
        """(N, T) symbols that are mostly no inputs of their own step."""
        return (self.ids + 1 + self.ids.roll(1, 0)) % self.sizes[0]

    def model(self, submission: Submission) -> Handle:
        """The submission's model with these weights."""
        made = submission["CharLSTM"](*self.sizes)
        made["double"]()
        load_parameters(made, self.weights)
        return made

    def read(self, ids: Tensor, fresh: bool = False) -> tuple[Tensor, Tensor, Tensor]:
        """What torch's LSTM gives: logits (N, T, V), h and c (N, H)."""
        embedding, *lstm, line, bias = self.weights.values()
        zeros = torch.zeros(len(ids), self.h.shape[2], dtype=torch.float64)
        h, c = (zeros, zeros) if fresh else (self.h[0], self.c[0])
        states, h, c = run_lstm(embedding[ids], h, c, *lstm)
        return states @ line.T + bias, h, c

    def loss(self, ids: Tensor, targets: Tensor, fresh: bool = False) -> Tensor:
        """() the mean loss, in nats."""
        log_p = self.read(ids, fresh)[0].log_softmax(2)
        return -log_p.gather(2, targets[:, :, None]).mean()


@st.composite
def readers(draw: st.DrawFn, rows: tuple[int, ...] = (1, 3)) -> Reader:
    """A model of three to five symbols, and a few rows for it."""
    source, symbols = draw(sources(torch.float64)), draw(sizes(3, 5))
    (e, h), n, t = draw(st.sampled_from(UNEQUAL)), draw(st.sampled_from(rows)), draw(sizes(3, 4))
    shapes = {
        "embedding.weight": (symbols, e),
        "lstm.weight_ih_l0": (4 * h, e),
        "lstm.weight_hh_l0": (4 * h, h),
        "lstm.bias_ih_l0": (4 * h,),
        "lstm.bias_hh_l0": (4 * h,),
        "output.weight": (symbols, h),
        "output.bias": (symbols,),
    }
    weights = {name: source.normal(*shape) for name, shape in shapes.items()}
    state = [source.uniform(1, n, h) for _ in range(2)]
    return Reader(weights, source.integers(n, t, low=0, high=symbols), *state)


def near(got: Any, want: Tensor, name: str, dims: tuple[str, ...] = ()) -> None:
    """Hold what a model gives in float64: sums of a few products behind a few steps of an LSTM."""
    expect(got, want, name=name, dtype=torch.float64, terms=100.0, dims=dims)


@check(points=1)
def has_the_named_parameters(submission: Submission) -> None:
    """The state dict has the names and the shapes of an embedding, an LSTM and a linear layer."""
    want = {
        "embedding.weight": (5, 3),
        "lstm.weight_ih_l0": (8, 3),
        "lstm.weight_hh_l0": (8, 2),
        "lstm.bias_ih_l0": (8,),
        "lstm.bias_hh_l0": (8,),
        "output.weight": (5, 2),
        "output.bias": (5,),
    }
    got = parameter_shapes(submission["CharLSTM"](5, 3, 2), want)
    observe("names and shapes", str(got))
    expect_true(
        got == want,
        "The state dict of CharLSTM(5, 3, 2) has other names or shapes.",
        expected=str(want),
        got=str(got),
    )


@check(points=2, after=has_the_named_parameters, examples=10)
@given(case=readers(), fresh=st.booleans())
def matches_torch(submission: Submission, case: Reader, fresh: bool) -> None:
    """Logits and state are those of torch's LSTM, from a state or from none."""
    arguments = (case.ids,) if fresh else (case.ids, (case.h, case.c))
    logits, state = items(case.model(submission)(*arguments), "logits", "state")
    want, h, c = case.read(case.ids, fresh)
    parts = items(state, "h", "c", name="the state")
    near(logits, want, "logits", ("row", "step", "symbol"))
    for name, part, exact in zip(("h", "c"), parts, (h, c), strict=True):
        near(part, exact[None], name)


@check(points=2, after=(matches_torch, sums_the_loss), examples=12)
@given(case=readers(), fresh=st.booleans())
def gives_the_loss_of_a_chunk(submission: Submission, case: Reader, fresh: bool) -> None:
    """The loss of a chunk is the mean over its targets; its state is that after the chunk."""
    model, state = case.model(submission), None if fresh else (case.h, case.c)
    answer = submission["chunk_loss"](model, case.ids, case.targets, state)
    loss, after = items(answer, "loss", "state")
    near(loss, case.loss(case.ids, case.targets, fresh), "the loss")
    _, h, c = case.read(case.ids, fresh)
    parts = items(after, "h", "c", name="the state")
    for name, part, exact in zip(("h", "c"), parts, (h, c), strict=True):
        near(part, exact[None], name)


@check(points=2, after=gives_the_loss_of_a_chunk, examples=3)
@given(case=readers())
def cuts_the_graph_between_chunks(submission: Submission, case: Reader) -> None:
    """Each chunk's loss can be taken backward by itself, once the one before has been."""
    model, state = case.model(submission), None
    leaves = {name: value.clone().requires_grad_() for name, value in case.weights.items()}
    exact = replace(case, weights=leaves).loss(case.ids, case.targets, fresh=True)
    wanted = gradients_of([exact], list(leaves.values()), [ONE])
    for place in (1, 2, 3):
        answer = submission["chunk_loss"](model, case.ids, case.targets, state, keep=(0, 1))
        loss, state = items(answer, "loss", "state")
        expect_true(isinstance(loss, Handle), "The loss is no tensor.")
        h = state["__getitem__"](0, keep=True) if isinstance(state, Handle) else None
        joined = is_joined(h)
        observe(f"the state after chunk {place} is cut off", not joined)
        expect_true(not joined, f"The state after chunk {place} is still part of its graph.")
        error = loss["backward"].error()
        observe(f"backward of chunk {place}", "works" if error is None else error.type)
        expect_true(
            error is None,
            f"loss.backward() of chunk {place} raises "
            f"{error.type if error else ''}: {error.message[:150] if error else ''}",
        )
        for name, want in zip(leaves, wanted if place == 1 else (), strict=False):
            got = model["get_parameter"](name, keep=True).attribute("grad")
            reached = isinstance(got, Tensor) and bool(got.any())
            observe(f"{name} has a gradient", reached or not bool(want.any()))
            expect_true(isinstance(got, Tensor), f"The loss does not reach {name}.", at=name)
            near(got, want, f"gradient of {name}")


@check(points=2, after=(matches_torch, sums_the_loss, cuts_rows_that_go_on), examples=4)
@given(case=readers(rows=(3,)))
def evaluates_a_whole_text(submission: Submission, case: Reader) -> None:
    """The loss of a text is the same in chunks of any size: the state is handed on."""
    ids, model = case.ids.flatten(), case.model(submission)
    want = case.loss(ids[None, :-1], ids[None, 1:], fresh=True) * (len(ids) - 1)
    answers = [submission["evaluate"](model, ids, steps) for steps in (2, 3, 5, 50)]
    for answer in answers:
        total, count = items(answer, "total", "count")
        expect(count, len(ids) - 1, name="count")
        expect(total, float(want), name="total", terms=100.0)


@check(points=2, after=matches_torch, examples=11)
@given(case=readers())
def steps_symbol_by_symbol(submission: Submission, case: Reader) -> None:
    """Each step gives ln p of the next symbol, given all symbols that were read before."""
    model, state = case.model(submission), None
    want = case.read(case.ids, fresh=True)[0].log_softmax(2)
    for t in range(case.ids.shape[1]):
        answer = submission["step"](model, case.ids[:, t], state, keep=(1,))
        log_p, state = items(answer, "log_p", "state")
        near(log_p, want[:, t], f"log_p after {t + 1} symbols", ROWS)
    # A model that is sure: most symbols are so unlikely that exp(ln p) is 0.
    bias = 900.0 * torch.arange(case.sizes[0]).double()
    sure = replace(case, weights=case.weights | {"output.bias": bias})
    answer = submission["step"](sure.model(submission), case.ids[:, 0], None, keep=(1,))
    log_p, _ = items(answer, "log_p", "state")
    exact = sure.read(case.ids[:, :1], fresh=True)[0][:, 0].log_softmax(1)
    expect(log_p, exact, name="log_p of a sure model", dtype=torch.float64, terms=1e4, dims=ROWS)
    # Two texts in turn: what one has read is in its own state, and nowhere else.
    texts, states = (case.ids, case.targets), [None, None]
    exact = [case.read(text, fresh=True)[0].log_softmax(2) for text in texts]
    for t in range(2):
        for n, text in enumerate(texts):
            answer = submission["step"](model, text[:, t], states[n], keep=(1,))
            log_p, states[n] = items(answer, "log_p", "state")
            near(log_p, exact[n][:, t], f"log_p after {t + 1} symbols of one of two texts", ROWS)


def written(case: Reader, prompts: Tensor, length: int, forgets: bool = False) -> Tensor:
    """What the likeliest symbols write on prompts (M, P): (M, length), each after all before it."""
    text = prompts
    for place in range(length):
        seen = text[:, -1:] if forgets and place else text
        following = case.read(seen, fresh=True)[0][:, -1].argmax(1, keepdim=True)
        text = torch.cat([text, following], dim=1)
    return text[:, prompts.shape[1] :]


def prompts_with_a_past(case: Reader, length: int) -> list[list[int]]:
    """Four symbols each, on which another text follows if one forgets them, or reads one twice."""
    every = torch.cartesian_prod(*[torch.arange(case.sizes[0])] * 4)
    few = every[:: 1 + len(every) // 64]
    wrong = (
        (every, every[:, 3:], 1, False),
        (every, torch.cat([every, every[:, 3:]], dim=1), 1, False),
        (few, few, length, True),
    )
    found = []
    for prompts, read, many, forgets in wrong:
        differs = written(case, prompts, many) != written(case, read, many, forgets)
        found.append(prompts[int(differs.any(1).long().argmax())].tolist())
    return found


def keeper() -> Reader:
    """A model that never forgets: symbol 1 is the likeliest if symbol 0 was read, and else 2."""
    on = torch.tensor([20.0, 0.0, 0.0])
    gates = torch.stack([on, 0 * on, 0 * on, 0 * on])
    weights = {
        "embedding.weight": torch.eye(3),
        "lstm.weight_ih_l0": gates,
        "lstm.weight_hh_l0": torch.zeros(4, 1),
        "lstm.bias_ih_l0": torch.tensor([-10.0, 20.0, 20.0, 20.0]),
        "lstm.bias_hh_l0": torch.zeros(4),
        "output.weight": torch.tensor([[0.0], [5.0], [0.0]]),
        "output.bias": torch.tensor([0.0, 0.0, 2.0]),
    }
    nothing = torch.zeros(1, 1, 1, dtype=torch.float64)
    ids = torch.tensor([[0, *[2] * 200]])
    return Reader({name: value.double() for name, value in weights.items()}, ids, nothing, nothing)


# A state may be all that was read, which is then read again for each symbol.
@check(
    points=2,
    after=(steps_symbol_by_symbol, draws_by_probability),
    examples=16,
    limits=CheckLimits(check_s=30.0),
)
@given(case=readers(), length=sizes(4, 7))
def writes_on(submission: Submission, case: Reader, length: int) -> None:
    """At temperature 0, the likeliest symbol follows on the prompt, then on what was written."""
    weights = case.weights | {"output.bias": 0.1 * case.weights["output.bias"]}
    forget = torch.tensor([0.0, 2.0, 0.0, 1.0]).repeat_interleave(case.sizes[2])
    weights["lstm.bias_ih_l0"] = weights["lstm.bias_ih_l0"] + forget  # it remembers well
    case = replace(case, weights=weights)
    model = case.model(submission)
    prompts = prompts_with_a_past(case, length)
    for begun in (*prompts, prompts[0][:1]):
        got = submission["generate"](model, torch.tensor(begun), length, 0.0)
        want = written(case, torch.tensor([begun]), length)[0]
        expect(got, want, name=f"what follows on {begun}", dims=("place",))
    long = keeper()
    got = submission["generate"](long.model(submission), long.ids[0], 2, 0.0)
    expect(got, torch.tensor([1, 1]), name="what follows on 201 symbols", dims=("place",))


@check(points=1, after=writes_on, examples=3)
@given(case=readers(), seed=sizes(1, 1000))
def writes_with_a_temperature(submission: Submission, case: Reader, seed: int) -> None:
    """At temperature 0 each text is the same; at others, symbols come as often as they should."""
    expect_shares(submission, case, seed)
    model, prompt = case.model(submission), case.ids[0]
    texts = {
        heat: [submission["generate"].seeded(n, model, prompt, 40, heat) for n in (seed, seed + 1)]
        for heat in (0.0, 50.0)
    }
    for heat, alike in ((0.0, True), (50.0, False)):
        for text in texts[heat]:
            expect(text, torch.zeros(40, dtype=torch.int64), name="generate", values=False)
        same = torch.equal(*texts[heat])
        observe(f"the same text at {heat:g}", same)
        expect_true(
            same == alike,
            f"At temperature {heat:g}, two seeds write {'the same' if same else 'different'} texts "
            "of 40 symbols.",
        )


def expect_shares(submission: Submission, case: Reader, seed: int) -> None:
    """Hold what is written at 0.5 by a model whose logits are the same at every step."""
    logits, count = 0.75 * torch.arange(case.sizes[0]).double(), 800
    nothing = torch.zeros_like(case.weights["output.weight"])
    flat = replace(case, weights=case.weights | {"output.weight": nothing, "output.bias": logits})
    text = submission["generate"].seeded(seed, flat.model(submission), case.ids[0], count, 0.5)
    expect(text, torch.zeros(count, dtype=torch.int64), name="generate", values=False)
    shares = torch.stack([(text == symbol).double().mean() for symbol in range(len(logits))])
    heats = (("at 0.5", 0.5), ("at 1", 1.0), ("at 2", 2.0), ("at 0", 1e-6))
    likely = {words: (logits / heat).softmax(0) for words, heat in heats}
    likely["of a second softmax"] = (logits.softmax(0) / 0.5).softmax(0)
    # Of 800 draws a share is off by 0.018 at most in one standard deviation.
    written = nearest(shares, likely, within=0.1)
    observe("symbols come as often as", written or "at none of these")
    expect_true(
        written == "at 0.5",
        f"Of {count} symbols that are written at temperature 0.5, the shares are not those of the "
        f"probabilities{f', but those {written}' if written else ''}.",
        expected=str((logits / 0.5).softmax(0).tolist()),
        got=str(shares.tolist()),
    )


SHORT = torch.arange(60) ** 2 % 7
LONG = torch.arange(4000) // 4


@check(points=1, after=(steps_symbol_by_symbol, cuts_the_graph_between_chunks))
def training_follows_its_seed(submission: Submission) -> None:
    """The same seed gives the same model, another seed or more epochs another one."""

    def trained(seed: int, epochs: int) -> Tensor:
        options = {"seed": seed, "epochs": epochs}
        model = submission["train"](SHORT, 7, **options, keep=True, progress="report")
        log_p, _ = items(submission["step"](model, SHORT[:4], None, keep=(1,)), "log_p", "state")
        expect(log_p, torch.zeros(4, 7).double(), name="log_p", values=False)
        return log_p.double()

    first = trained(1, 1)
    for seed, epochs, words, alike in (
        (1, 1, "the same seed", True),
        (4097, 1, "another seed", False),
        (1, 2, "more epochs", False),
    ):
        same = torch.allclose(trained(seed, epochs), first, rtol=0, atol=1e-6)
        observe(words, same)
        expect_true(
            same == alike,
            f"A second training with {words} gives {'the same' if same else 'another'} model.",
        )
    tables = []
    for text in (LONG, LONG ^ 1):  # the vector of a symbol that is not read stays the same
        model = submission["train"](text, 1000, seed=1, epochs=1, keep=True, progress="report")
        state = model["state_dict"]() if isinstance(model, Handle) else {}
        tables.append(state.get("embedding.weight") if isinstance(state, dict) else None)
    one, other = tables
    if isinstance(one, Tensor) and isinstance(other, Tensor) and one.shape == other.shape:
        read = int((one != other).any(1).sum())
        observe("the text is read", read >= 500)
        expect_true(
            read >= 500,
            f"One epoch over a text with 1000 symbols, each in one place, changes the vectors of "
            f"{read}.",
        )


@check(points=1, after=training_follows_its_seed)
def clears_old_gradients(submission: Submission) -> None:
    """A step of the training follows the gradients of its own chunk, and not those before it."""
    runs = ((60, 1), (60, 40), (6000, 1))

    def trainings() -> Iterator[tuple[int, str, float, bool]]:
        for length, epochs in runs:
            ids = torch.zeros(length, dtype=torch.int64)
            model = submission["train"](ids, 2, seed=5, epochs=epochs, keep=True, progress="report")
            expect_true(isinstance(model, Handle), "The model is no module.")
            log_p, _ = items(submission["step"](model, ids[:1], None, keep=(1,)), "log_p", "state")
            expect(log_p, torch.zeros(1, 2).double(), name="log_p", values=False)
            learned = -math.expm1(float(log_p[0, 0])) < 0.06
            yield epochs, f"{length} symbols", gradient_left(model, ["output.bias"]), learned

    expect_old_ones_cleared(trainings(), where="of a text of one symbol")


@check(points=1, after=training_follows_its_seed, examples=2)
@given(case=readers(), loss=scored(), logits=lines())
def leaves_inputs_unchanged(
    submission: Submission, case: Reader, loss: Scored, logits: Tensor
) -> None:
    """No function modifies its arguments."""
    model, state = case.model(submission), (case.h, case.c)
    options = {"kwargs": {"seed": 1, "epochs": 1}, "progress": "report", "keep": True}
    for name, arguments, more in (
        ("cut", (SHORT, 3, 4), {}),
        ("cross_entropy", (loss.logits, loss.targets, loss.lengths), {}),
        ("perplexity", ([3.0, 1.0], [2, 1]), {}),
        ("bits_per_character", ([3.0, 1.0], [2, 1]), {}),
        ("probabilities", (logits, 0.7), {}),
        ("probabilities", (logits, 0), {}),
        ("sample", (logits, 0.7), {"seed": 0}),
        ("chunk_loss", (model, case.ids, case.targets, state), {}),
        ("evaluate", (model, SHORT % 3, 4), {}),
        ("generate", (model, case.ids[0], 3, 0.0), {}),
        ("train", (SHORT, 7), options),
    ):
        answer = submission[name].ask(arguments, inputs=True, **{"kwargs": {}, **more})
        before = {f"argument {n} of {name}": value for n, value in enumerate(arguments)}
        expect_unchanged(before, items(answer.inputs, *before, name="the arguments"))


SEEN, ASKED, MOST_SEEN = 20_000, 4_000, 80_000
SIDE_BY_SIDE = 20
SHARE, REAL_SHARE = 0.55, 0.85
MOST_SYMBOLS = 200


def ids_of(draw: int) -> tuple[Tensor, Tensor, list[str], float | None]:
    """Text to train on, text to be asked about, the alphabet, and the bits nobody can go below."""
    path = data_path()
    if path is None:
        text = make_text(SEEN + ASKED, draw)
        bound = least_bits(text[SEEN:])
    else:
        text, bound = read_text(path), None
        # Another draw asks about another place; text behind that place is not used.
        end = len(text) - draw % 5 * (len(text) // 10)
        text = text[max(0, end - MOST_SEEN - ASKED) : end]
    by_count = sorted(set(text), key=lambda symbol: (-text.count(symbol), symbol))
    alphabet = by_count[:MOST_SYMBOLS]
    number = {symbol: place for place, symbol in enumerate(alphabet)}
    ids = torch.tensor([number.get(symbol, len(alphabet)) for symbol in text])
    asked = min(ASKED, len(ids) // 6)
    rare = ["\N{REPLACEMENT CHARACTER}"] if len(by_count) > len(alphabet) else []
    return ids[:-asked], ids[-asked:], alphabet + rare, bound


@check(
    points=4,
    trains=True,
    after=(training_follows_its_seed, survives_large_logits, evaluates_a_whole_text, pools_losses),
)
@pick("draw", range(1000))
def beats_a_bigram(submission: Submission, draw: int) -> None:
    """Trained, it needs far fewer bits for a symbol of a new text than a bigram does."""
    seen, asked, alphabet, bound = ids_of(draw)
    symbols = len(alphabet)
    model = submission["train"](seen, symbols, seed=draw, keep=True, progress="report")
    rows = asked[: len(asked) // SIDE_BY_SIDE * SIDE_BY_SIDE].view(SIDE_BY_SIDE, -1)
    state, bits = None, []
    for t in range(rows.shape[1] - 1):
        # It reads the symbol at t, and answers before it reads the one at t + 1.
        answer = submission["step"](model, rows[:, t], state, keep=(1,))
        log_p, state = items(answer, "log_p", "state")
        expect(log_p, torch.zeros(SIDE_BY_SIDE, symbols).double(), name="log_p", values=False)
        off = float(log_p.double().logsumexp(dim=1).abs().max())
        expect_true(
            off < 1e-3, f"The probabilities of a step sum to {math.exp(off):.4f}, not to 1."
        )
        log_p = log_p.double().log_softmax(dim=1)
        bits.append(-log_p.gather(1, rows[:, t + 1 : t + 2]) / math.log(2))
    reached = float(torch.cat(bits).mean())
    bigram = bigram_bits(seen, rows, symbols)
    record("bits per character", reached)
    record("bits per character of a bigram", bigram)
    record("share of the bigram's bits", reached / bigram)
    if bound is not None:
        record("bits per character that nobody can go below", bound)
    for heat in (0.0, 0.5, 1.0):
        text = submission["generate"].seeded(draw, model, rows[0, :10], 60, heat)
        expect(text, torch.zeros(60, dtype=torch.int64), name="generate", values=False)
        known = bool(((text >= 0) & (text < symbols)).all())
        expect_true(known, "A symbol that is written is none of 0 ... V - 1.")
        written = "".join(alphabet[symbol] for symbol in [*rows[0, :10], *text])
        record_text(f"Written at temperature {heat:g}", written)
    share = SHARE if bound is not None else REAL_SHARE
    expect_true(
        reached <= share * bigram,
        f"A new text takes {reached:.3f} bits per character. A bigram takes {bigram:.3f}.",
        expected=f"{share * bigram:.3f} at most, {share:.0%} of a bigram's",
        got=f"{reached:.3f}",
    )
