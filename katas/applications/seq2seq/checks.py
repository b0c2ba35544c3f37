"""Checks of `seq2seq`: framing, loss, the model step by step, both searches, then a whole training.

Searches are asked on planted tables, of which plain Python lists every answer.
"""

import math
import random
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from itertools import product

import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from grader.checks import (
    CheckFailed,
    CheckLimits,
    Handle,
    Source,
    Submission,
    SubmissionError,
    alike,
    check,
    data_path,
    expect,
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
from grader.checks.graphs import cut_off, parameter_gradients
from grader.checks.searches import beam_answer, every_answer, greedy_answer, scored
from grader.checks.translation import (
    BagOfWords,
    Pairs,
    WordForWord,
    chrf,
    exact,
    ids_of,
    observe_translations,
    what_is_learned,
)
from grader.checks.words import spread
from grader.data import dates, pairs

MARGIN = 0.25
"""How much more of the dates must be right than with the linear model of the source's words."""

PAD, BOS, EOS, UNKNOWN = 0, 1, 2, 3
SOURCES, TARGETS = 9, 7
"""How many ids the small models have."""

NEAR = 1e-4
NEVER = -40.0
"""A logit of what no answer holds: padding and BOS."""

same = partial(alike, within=NEAR)
Lists = list[list[str]]


def sequences(low: int = 4, high: int = TARGETS) -> st.SearchStrategy[list[list[int]]]:
    """Sequences of ids, mostly of different lengths."""
    return st.lists(
        st.lists(st.integers(low, high - 1), min_size=1, max_size=4), min_size=1, max_size=4
    )


def batch_of(rows: list[list[int]]) -> tuple[Tensor, Tensor]:
    """Rows with padding behind, and their lengths."""
    longest = max(map(len, rows))
    ids = torch.tensor([row + [PAD] * (longest - len(row)) for row in rows])
    return ids, torch.tensor([len(row) for row in rows])


def new(submission: Submission) -> Handle:
    """A new model in eval mode, the same one each time."""
    model: Handle = submission["Seq2Seq"].seeded(0, SOURCES, TARGETS)
    model["eval"]()
    return model


def logits_of(model: Handle, sources: list[list[int]], inputs: Tensor) -> Tensor:
    """The logits of teacher forcing, once their form is known to be right."""
    got = model(*batch_of(sources), inputs)
    form = torch.zeros(*inputs.shape, TARGETS, dtype=torch.float64)
    expect(got, form, name="logits", dtype=torch.float32, values=False)
    if not isinstance(got, Tensor) or got.shape != form.shape:
        raise CheckFailed(f"logits is no tensor of shape {tuple(form.shape)}")
    return got.double()


def table_of(source: Source, rows: int = 11, tokens: int = 3, ends: float = 0.0) -> Tensor:
    """Logits for a planted model: EOS, 3 and 4 are possible; `ends` is added to those of EOS."""
    # No two tokens of a row are equally good: the drawn numbers have two decimals.
    table = 1.5 * source.normal(rows, EOS + tokens).float() + 0.003 * torch.arange(EOS + tokens)
    table[:, EOS] += ends
    table[:, [PAD, BOS]] = torch.tensor([NEVER, NEVER - 0.5])
    return table


def search(
    submission: Submission, table: Tensor, start: int, *, width: int, most: int, alpha: float
) -> tuple[list[int], float]:
    """What beam_search gives on a planted model."""
    step = submission["planted"](table, keep=True)
    state = (torch.tensor([start]),)
    options = {} if alpha == 1.0 else {"alpha": alpha}  # 1 is the default
    got = submission["beam_search"](step, state, width=width, most=most, **options)
    tokens, score = items(got, "tokens", "score")
    score = float(score) if isinstance(score, Tensor) and score.numel() == 1 else score
    whole = isinstance(tokens, list) and all(type(token) is int for token in tokens)
    if not whole or not isinstance(score, float):
        raise CheckFailed("beam_search gives no list of ints and a float", got=f"{got!r:.150}")
    return tokens, score


@check(points=1, examples=20)
@given(targets=sequences())
def frames_targets(submission: Submission, targets: list[list[int]]) -> None:
    """The decoder reads BOS and the target, and is to answer the target and EOS."""
    inputs, wanted = items(submission["frame"](targets), "inputs", "wanted")
    first, _ = batch_of([[BOS, *target] for target in targets])
    last, _ = batch_of([[*target, EOS] for target in targets])
    expect(inputs, first, name="inputs", dims=("sequence", "step"))
    expect(wanted, last, name="wanted", dims=("sequence", "step"))


@check(points=2, examples=15)
@given(source=sources(), n=sizes(1, 3), t=sizes(1, 4), v=sizes(5, 7))
def averages_over_real_tokens(
    submission: Submission, source: Source, n: int, t: int, v: int
) -> None:
    """The loss is the mean of -log p over the tokens that are no padding, also for the gradient."""
    logits = 2.0 * source.normal(n, t + 1, v)
    wanted = source.integers(n, t + 1, low=1, high=v)
    for row, length in zip(wanted, source.integers(n, low=1, high=t + 2), strict=True):
        row[int(length) :] = PAD
    wanted[0, 0] = v - 1
    got = submission["sequence_loss"].vjp(
        logits, wanted, cotangents=[torch.ones((), dtype=logits.dtype)], wrt=[0]
    )
    leaf = logits.double().requires_grad_()
    each = [
        -leaf[k, s].log_softmax(0)[wanted[k, s]]
        for k in range(n)
        for s in range(t + 1)
        if wanted[k, s] != PAD
    ]
    loss = torch.stack(each).mean()
    (gradient,) = gradients_of([loss], [leaf], [torch.ones_like(loss)])
    terms = 2.0 * float(logits.detach().abs().max()) + 2.0
    expect(got.value, loss.detach(), name="loss", dtype=logits.dtype, terms=terms)
    expect_true(got.gradients[0] is not None, "No gradient reaches the logits.")
    if got.gradients[0] is not None:
        expect(got.gradients[0], gradient, name="gradient of the loss", terms=terms)


def changed_by(
    model: Handle, rows: list[list[int]], together: Tensor, alone: Sequence[Tensor]
) -> str:
    """What it is that makes the logits of sources in a batch other ones than each has alone."""
    inputs = torch.tensor([[BOS, 4, 5]])
    if not same(logits_of(model, rows, inputs.repeat(len(rows), 1)), together):
        return "every call"
    if all(any(same(got, one) for one in alone) for got in together):
        return "the order"
    long = [rows[-1], rows[-1][::-1], [*rows[-1][1:], 4]]
    each = [logits_of(model, [row], inputs)[0] for row in long]
    apart = all(map(same, logits_of(model, long, inputs.repeat(3, 1)), each))
    return "padding" if apart else "other sources"


@check(points=2, examples=5)
@given(rows=sequences(3, SOURCES))
def reads_whole_sources(submission: Submission, rows: list[list[int]]) -> None:
    """The logits depend on every word of the source, and on nothing behind its end."""
    longest = max(rows, key=len)
    rows = [*rows, [*longest, 5, 6]]
    model = new(submission)
    inputs = torch.tensor([[BOS, 4, 5]]).expand(len(rows), -1).contiguous()
    together = logits_of(model, rows, inputs)
    alone = [logits_of(model, [row], inputs[:1])[0] for row in rows]
    whole = all(same(got, want) for got, want in zip(together, alone, strict=True))
    moved = []
    for at in range(len(rows[-1])):
        other = [token if k != at else 3 + (token - 2) % 6 for k, token in enumerate(rows[-1])]
        moved.append(not torch.equal(logits_of(model, [other], inputs[:1])[0], alone[-1]))
    observe(
        "what a batch changes", "nothing" if whole else changed_by(model, rows, together, alone)
    )
    observe("words that change the logits", spread(moved))
    expect_true(whole, "The logits of a source differ between a batch and that source alone.")
    expect_true(
        all(moved),
        f"Word {[*moved, False].index(False)} of the source is another one, and no logit changes.",
    )


@check(points=1, after=reads_whole_sources, examples=2)
@given(rows=sequences(3, SOURCES))
def scores_what_comes_next(submission: Submission, rows: list[list[int]]) -> None:
    """Logits are no probabilities, and their gradients reach every parameter."""
    rows = [*rows, [5, 6, 7]]  # a source of one word does not use what goes from word to word
    model = new(submission)
    inputs = torch.tensor([[BOS, 4, 5]]).expand(len(rows), -1).contiguous()
    logits = logits_of(model, rows, inputs)
    shares = bool((logits >= 0).all()) and same(logits.sum(2), torch.ones(len(rows), 3).double())
    observe("probabilities", shares)
    names = model["state_dict"]()
    names = list(names) if isinstance(names, dict) else []
    unreached, first = {}, {}
    for step in (0, 2):
        cotangent = torch.zeros(*inputs.shape, TARGETS)
        cotangent[:, step] = torch.linspace(-1.0, 1.0, TARGETS)
        gradients = parameter_gradients(
            model, *batch_of(rows), inputs, cotangent=cotangent, parameters=names
        )
        first = first or gradients
        unreached[step] = cut_off(gradients, first)
        number = len(unreached[step])
        observe(f"cut off from step {step}", "none" if not number else str(number < len(names)))
    cut = [name for name in unreached[0] if name in unreached[2]]
    if cut:
        state = model["state_dict"]()
        model["load_state_dict"](state | {name: state[name] + 1.0 for name in cut})
        observe("what is cut off counts", not same(logits_of(model, rows, inputs), logits))
    expect_true(
        not shares, "All logits are above 0, and those of a step add up to 1: a softmax was taken."
    )
    for step, names in unreached.items():
        expect_true(
            not names, f"No gradient of the logits at step {step} reaches {', '.join(names)[:120]}."
        )


def read_by(model: Handle, size: int) -> str:
    """What step has to be fed with for the logits that forward gives, if it is not the inputs."""
    sources = [[3, 5, 4]] * TARGETS
    inputs = (torch.arange(TARGETS)[:, None] + torch.arange(size)) % TARGETS
    logits = logits_of(model, sources, inputs)
    for word in ("its own answers", "the first input"):
        with suppress(SubmissionError, CheckFailed):
            state, tokens, steps = model["encode"](*batch_of(sources), keep=True), inputs[:, 0], []
            for _ in range(size):
                got, state = items(model["step"](tokens, state, keep=(1,)), "logits", "state")
                steps.append(got.double())
                tokens = got.argmax(1) if word == "its own answers" else tokens
            if same(torch.stack(steps, dim=1), logits):
                return word
    return "something else"


@check(points=2, after=reads_whole_sources, examples=7)
@given(size=sizes(2, 4), at=sizes(0, 3))
def sees_no_later_input(submission: Submission, size: int, at: int) -> None:
    """Logits depend on the inputs up to their own step, and on no later one."""
    at = min(at, size - 1)
    model, source = new(submission), [[3, 5, 4]]
    inputs = torch.tensor([[BOS, 4, 5, 6][:size]])
    changed = inputs.clone()
    changed[0, at] = 6 if at < 3 else 4
    one, other = (logits_of(model, source, each)[0] for each in (inputs, changed))
    early, now = same(one[:at], other[:at]), not torch.equal(one[at], other[at])
    observe("earlier logits stay", early)
    observe("the logits of the step itself change", now)
    later = at + 1 == size or not torch.equal(one[at + 1 :], other[at + 1 :])
    observe("later logits change", later)
    observe("what it reads", "" if early and now and later else read_by(model, size))
    expect_true(early, f"Input {at} is another one, and logits before step {at} change.")
    expect_true(now, f"Input {at} is another one, and the logits at step {at} stay.")
    expect_true(later, f"Input {at} is another one, and the logits behind step {at} stay.")


def observe_state(model: Handle, state: object, tokens: Tensor, want: Tensor) -> None:
    """Say what one step makes of the state that it is given, if that is a tuple of tensors."""
    if not isinstance(state, tuple) or not all(isinstance(part, Tensor) for part in state):
        return
    _, (_, after) = model["step"].inputs(tokens, state)
    observe("the state stays", all(map(torch.equal, state, after)))
    if len(state) == 2 and state[0].shape == state[1].shape:
        got, _ = items(model["step"](tokens, state[::-1]), "logits", "state")
        observe("the parts are swapped", isinstance(got, Tensor) and same(got.double(), want))


@check(points=2, after=sees_no_later_input, examples=5)
@given(rows=sequences(3, SOURCES), seed=st.integers(0, 99))
def steps_like_teacher_forcing(submission: Submission, rows: list[list[int]], seed: int) -> None:
    """Fed with the same inputs one by one, step gives the logits that forward gives at once."""
    draw, model = random.Random(seed), new(submission)
    inputs = torch.tensor([[BOS, *(draw.randrange(3, TARGETS) for _ in range(3))] for _ in rows])
    want = logits_of(model, rows, inputs)
    state = first = model["encode"](*batch_of(rows), keep=True)
    right, firsts = [], []
    for t in range(4):
        answer = model["step"](inputs[:, t], state, keep=(1,))
        got, state = items(answer, "logits", "state")
        right.append(isinstance(got, Tensor) and same(got.double(), want[:, t]))
        firsts.append(got)
    anew, again = (
        same(got, before)
        for t, before in ((1, firsts[1]), (0, firsts[0]))
        for got, _ in [items(model["step"](inputs[:, t], first, keep=(1,)), "logits", "state")]
    )
    observe("the second step begins anew", anew)
    observe("the first step", right[0])
    observe("the first step once more", again)
    observe("later steps", all(right[1:]))
    if not (all(right) and again):
        observe_state(model, model["encode"](*batch_of(rows)), inputs[:, 0], want[:, 0])
    expect_true(
        all(right),
        f"At step {[*right, False].index(False)} the logits of step are not those of forward.",
    )
    expect_true(again, "Asked again with the encoder's state, step gives other logits.")


@check(points=2, examples=12)
@given(source=sources(torch.float64), starts=st.lists(sizes(0, 10), min_size=1, max_size=6))
def greedy_takes_the_best(submission: Submission, source: Source, starts: list[int]) -> None:
    """Greedy search takes the best token of each step, for each sequence up to its own EOS."""
    # Mostly short answers, some that do not end beside some that do, and limits that are met.
    for ends, most in ((0.0, 6), (-1.0, 6), (-4.0, 1), (-4.0, 14)):
        table = table_of(source, ends=ends)
        step = submission["planted"](table, keep=True)
        got = submission["greedy"](step, (torch.tensor(starts),), most=most)
        want = [greedy_answer(table, start, most) for start in starts]
        if isinstance(got, list) and all(isinstance(answer, list) for answer in got):
            observe("answers", "; ".join(" ".join(map(str, answer)) for answer in got))
        expect(got, want, name="answers")


@check(points=1, after=greedy_takes_the_best, examples=10)
@given(source=sources(torch.float64), start=sizes(0, 10))
def beam_of_one_is_greedy(submission: Submission, source: Source, start: int) -> None:
    """A beam of width 1 gives what greedy search gives."""
    # Mostly short answers, and mostly ones that do not end. With an alpha of 3 a longer answer has
    # the higher score nearly always, so a search that goes on behind EOS gives that.
    for ends, alpha, most in (
        *((0.0, 0.0, 5), (0.0, 3.0, 5), (-4.0, 0.0, 5), (-4.0, 1.0, 5)),
        *((-4.0, 1.0, 1), (-4.0, 1.0, 14)),
    ):
        table = table_of(source, ends=ends)
        tokens, _ = search(submission, table, start, width=1, most=most, alpha=alpha)
        observe("tokens", " ".join(map(str, tokens)))
        expect(tokens, greedy_answer(table, start, most), name="tokens")


def told(table: Tensor, start: int, tokens: list[int], score: float) -> None:
    """Observe an answer, as exactly as two ways to add logarithms agree.

    Where the last token alone is scored, answers that come to one row are equally good.
    """
    row = start
    for token in (BOS, *tokens):
        row = (7 * row + token) % len(table)
    observe("tokens", len(tokens))
    observe("row behind the last", row)
    observe("score", f"{score:.3g}")


@check(points=3, after=beam_of_one_is_greedy, examples=17)
@given(
    source=sources(torch.float64),
    start=sizes(0, 10),
    most=st.sampled_from([2, 3, 4, 5]),
    alphas=st.permutations([0.6, 1.0, 2.0]),
)
def wide_beam_finds_the_best(
    submission: Submission, source: Source, start: int, most: int, alphas: list[float]
) -> None:
    """A beam that is wide enough finds the answer of the highest score, and gives that score."""
    # Mostly short answers, mostly long ones, and mostly ones that end behind a token or two.
    for ends, at_first, alpha in zip((0.0, -4.0, 2.0), (0.0, 0.0, -8.0), alphas, strict=True):
        table = table_of(source, ends=ends)
        table[(7 * start + BOS) % len(table), EOS] += at_first
        every = every_answer(table, start, most)
        scores = scored(every, alpha)
        tokens, score = search(submission, table, start, width=999, most=most, alpha=alpha)
        known = tuple(tokens) in scores
        best = max(scores.values())
        own = scores.get(tuple(tokens), -math.inf)
        told(table, start, tokens, score)
        what = f"most={most}, alpha={alpha:g} and a width that drops nothing"
        expect_true(known, f"With {what}, {tokens} is no answer of at most {most} tokens.")
        expect_true(
            best - own < NEAR,
            f"With {what}, the answer {tokens} has the score {own:.5g}, and another one has more.",
            difference=f"{best - own:.3g}",
        )
        expect_true(
            abs(score - own) < NEAR,
            f"The score of {tokens} comes back as {score:.5g}, with {what}.",
            got=f"{score:.6g}",
            expected=f"{own:.6g}",
        )


def garden_path(first: float, then: float, seed: int) -> Tensor:
    """A table whose best first token leads to bad answers, and whose second best to a good one.

    From state 0 the rows after BOS, (BOS, 3), (BOS, 4) and (BOS, 4, 4) are 1, 10, 0 and 4 of 11.
    """
    table = torch.tensor([NEVER, NEVER, -0.3, 0.3, 0.1 - 0.01 * seed]).repeat(11, 1)
    table[1, EOS:] = torch.tensor([-6.0, first, 0.0])
    table[0, EOS:] = torch.tensor([0.0, 0.5, then])
    table[4, EOS:] = torch.tensor([then, 0.0, 0.5])
    return table


def fork(first: float, then: float, seed: int) -> Tensor:
    """A table in which the best answer is the second best continuation of the best first token.

    From state 0 the rows after BOS, (BOS, 3), (BOS, 3, 3) and (BOS, 3, 4) are 1, 10, 7 and 8 of 11.
    """
    table = torch.tensor([NEVER, NEVER, -0.3, 0.3, 0.1 - 0.01 * seed]).repeat(11, 1)
    table[1, EOS:] = torch.tensor([-6.0, 3.0, 0.0])
    table[10, EOS:] = torch.tensor([-6.0, first, 0.0])
    table[8, EOS:] = torch.tensor([then, 0.0, 0.5])
    return table


@check(points=2, after=beam_of_one_is_greedy, examples=8)
@given(first=st.sampled_from([0.2, 0.5]), then=st.sampled_from([4.0, 6.0]), seed=sizes(0, 6))
def beam_of_two_looks_further(submission: Submission, first: float, then: float, seed: int) -> None:
    """A beam of width 2 finds a better answer than greedy search where the best token misleads."""
    for table in (made(first, then, seed) for made in (garden_path, fork)):
        scores = scored(every_answer(table, 0, 4), 0.0)
        tokens, score = search(submission, table, 0, width=2, most=4, alpha=0.0)
        own, plain = scores.get(tuple(tokens), -math.inf), scores[tuple(greedy_answer(table, 0, 4))]
        told(table, 0, tokens, score)
        expect_true(
            own > plain,
            f"Greedy search finds log p {plain:.4g}. With width 2, {tokens} has {own:.4g}.",
        )
        expect_true(abs(score - own) < NEAR, f"The log p of {tokens} comes back as {score:.5g}.")


def where_answers_end(first: float, then: float) -> dict[str, Tensor]:
    """Tables that show what a beam of 2 keeps, beside answers that have ended early.

    From state 0 the rows after BOS, (BOS, 3), (BOS, 4), (BOS, 3, 3), (BOS, 3, 4), (BOS, 4, 3) and
    (BOS, 3, 4, 4) are 1, 10, 0, 7, 8, 3 and 5 of 11.
    """
    table = torch.tensor([NEVER, NEVER, 0.0, 0.2, 0.1]).repeat(11, 1)
    table[1, EOS:] = torch.tensor([0.6, 1.0, -4.0])
    # EOS is put aside at once. The best answer is 3 4 EOS, and 4 is second best behind 3.
    second = table.clone()
    second[10, EOS:] = torch.tensor([-6.0, first, 0.0])
    second[8, EOS:] = torch.tensor([then, 0.0, 0.0])
    # 3 EOS is put aside too, and 3 4 4 EOS is better.
    longer = table.clone()
    longer[10, EOS:] = torch.tensor([first, -6.0, 0.0])
    longer[8, EOS:] = torch.tensor([0.0, 0.0, then])
    longer[5, EOS:] = torch.tensor([then, 0.0, 0.0])
    # 4 3 EOS would be best, but 3 3 and 3 4 have the places.
    lost = table.clone()
    lost[1, EOS:] = torch.tensor([-6.0, 1.0, 0.0])
    lost[10, EOS:] = torch.tensor([-6.0, first, 0.0])
    lost[0, EOS:] = torch.tensor([-6.0, 0.0, -0.2])
    lost[3, EOS:] = torch.tensor([then, 0.0, 0.0])
    # 3 4 3 EOS would be best, but 3 3 3 and 3 3 4 have the places: EOS has left none behind.
    more = table.clone()
    more[10, EOS:] = torch.tensor([-6.0, first, 0.0])
    more[7, EOS:] = torch.tensor([-6.0, 0.5, 0.45])
    more[8, EOS:] = torch.tensor([-6.0, 0.3, 0.0])
    more[4, EOS:] = torch.tensor([then, 0.0, 0.0])
    return {
        "the second best of one beginning": second,
        "no place more for what has ended": more,
        "a longer answer": longer,
        "what has no place": lost,
    }


@check(points=2, after=(wide_beam_finds_the_best, beam_of_two_looks_further))
def keeps_its_width(submission: Submission) -> None:
    """A beam of 2 keeps two continuations at each step, also where answers have ended."""
    for first, then in product((0.2, 0.4), (5.0, 7.0)):
        for name, table in where_answers_end(first, then).items():
            tokens, score = search(submission, table, 0, width=2, most=4, alpha=1.0)
            told(table, 0, tokens, score)
            want = beam_answer(table, width=2, most=4)
            says = f"A beam of width 2 gives {tokens}, expected {want}."
            expect_true(tokens == want, says, at=name)


@check(points=1, after=(wide_beam_finds_the_best, beam_of_two_looks_further), examples=6)
@given(source=sources(torch.float64), starts=st.lists(sizes(0, 10), min_size=2, max_size=3))
def leaves_states_unchanged(submission: Submission, source: Source, starts: list[int]) -> None:
    """Both searches leave the state unchanged that they are given, and frame its targets."""
    targets = [[4] * (1 + start % 3) for start in starts]
    _, after_frame = submission["frame"].inputs(targets)
    expect_unchanged({"targets": targets}, after_frame)
    step = submission["planted"](table_of(source), keep=True)
    for name, options, states in (
        ("greedy", {}, (torch.tensor(starts),)),
        ("beam_search", {"width": 2}, (torch.tensor(starts[:1]),)),
    ):
        _, afterwards = submission[name].inputs(step, states, most=3, **options)
        expect_unchanged({"state": states}, afterwards[1:])


def strangers(read: Lists) -> Lists:
    """Sources of two and three words that hold one that training has not seen."""
    words = [*sorted({text for row in read for text in row}), "snow"]
    return [[*row] for n in (2, 3) for row in product(words, repeat=n) if "snow" in row]


def stands_for(
    submission: Submission, trained: Handle, sources: Lists, read: Lists, targets: Lists
) -> str:
    """What translate puts in the place of unknown words; nothing if the model cannot be asked."""
    ids, texts = ids_of(read), {number: text for text, number in ids_of(targets).items()}
    with suppress(SubmissionError, CheckFailed):
        model = trained.attribute("model", keep=True)
        model["eval"]()
        step = model.attribute("step", keep=True)
        got = submission["translate"](trained, sources, most=3)
        for word, place in {"UNKNOWN": [UNKNOWN], "PAD": [PAD], "left out": [], "4": [4]}.items():
            rows = [
                [n for text in row for n in ([ids[text]] if text in ids else place)]
                for row in sources
            ]
            state = model["encode"](*batch_of([row or [UNKNOWN] for row in rows]), keep=True)
            found = submission["greedy"](step, state, most=3)
            if got == [[texts[token] for token in row if token in texts] for row in found]:
                return word
        return "something else"
    return ""


def few(draw: random.Random) -> tuple[Lists, Lists]:
    """Six pairs: the targets are two letters for two words, in the opposite order."""
    words = dict(zip(["sun", "rain", "wind"], draw.sample("abc", 3), strict=True))
    both = [[one, other] for one in words for other in words if one != other]
    return both, [[words[other], words[one]] for one, other in both]


@check(
    points=2,
    after=(
        frames_targets,
        averages_over_real_tokens,
        steps_like_teacher_forcing,
        leaves_states_unchanged,
    ),
    examples=1,
    limits=CheckLimits(check_s=60.0, call_s=30.0),
)
@given(seed=st.integers(0, 999))
def learns_a_few_pairs(submission: Submission, seed: int) -> None:
    """After 80 epochs, a few pairs are translated without a mistake, greedily and with a beam."""
    read, targets = few(random.Random(seed))
    trained = submission["train"].seeded(seed, read, targets, epochs=80, keep=True)
    for width in (1, 2):
        got = submission["translate"](trained, read, width=width)
        right = got == targets
        observe(f"right with width {width}", right)
        learned = "" if right else what_is_learned(submission, trained, read, targets)
        observe("learned", learned)
        if learned in ("", "the targets"):
            observe_translations(got, targets)
        expect_true(
            right,
            f"After 80 epochs on six pairs, width {width} gives {got!r:.150}, expected {targets}.",
        )
    wanted = [row[:1] for row in targets]
    for width in (1, 2):
        short = submission["translate"](trained, read, width=width, most=1)
        observe(f"at most `most` tokens with width {width}", short == wanted)
        expect_true(
            short == wanted,
            f"With width={width} and most=1, translate gives {short!r:.150}, expected {wanted}.",
        )
    for source in (["snow", "sun"], ["snow"]):
        strange = submission["translate"](trained, [source], most=3)
        fine = isinstance(strange, list) and len(strange) == 1
        observe("an unknown word has a translation", fine)
        expect_true(fine, f"The source {source} with an unknown word gives {strange!r:.100}.")
    sources = strangers(read)
    taken_for = stands_for(submission, trained, sources, read, targets)
    observe("unknown words are", taken_for)
    expect_true(
        taken_for in ("UNKNOWN", ""),
        "Sources with a word that training has not seen are not translated as sources with the id "
        "UNKNOWN in its place.",
    )
    # Of several lengths, and in no order.
    mixed = [["sun", "rain", "wind"], ["rain"], ["wind", "sun"]]
    answers = [["b"], ["a", "c", "b"], ["c", "a"]]
    _, after_train = submission["train"].inputs(mixed, answers, epochs=1, keep=True)
    expect_unchanged({"sources of train": mixed, "targets of train": answers}, after_train)
    _, after_translate = submission["translate"].inputs(trained, mixed)
    expect_unchanged({"sources of translate": mixed}, after_translate[1:])


@check(
    points=1,
    after=learns_a_few_pairs,
    examples=1,
    limits=CheckLimits(check_s=60.0, call_s=30.0),
)
@given(letters=st.permutations("abcdef"))
def translates_with_its_beam(submission: Submission, letters: list[str]) -> None:
    """With a width of 2, translate finds an answer that greedy search misses."""
    # Of 25 translations of one source, 14 begin with the first letter, in four ways, and greedy
    # search finds one of those. 6 are the second letter alone, which a beam finds that does not
    # count the length, and 5 a long answer behind it: log 0.2 / 5 is more than log 0.24 / 2.
    first, second, *rest = letters
    targets = [[first, rest[n % 4]] for n in range(14)]
    targets += [[second]] * 6 + [[second, *rest[1:]]] * 5
    trained = submission["train"].seeded(0, [["sun"]] * 25, targets, epochs=80, keep=True)
    narrow = submission["translate"](trained, [["sun"]])  # a width of 1 is the default
    wide, wider = (submission["translate"](trained, [["sun"]], width=w) for w in (2, 3))
    best = [[second, *rest[1:]]]
    observe("the best answer", wide == best)
    observe("what greedy search gives", wide == narrow)
    observe("the best answer with a width of 3", wider == best)
    greedy = isinstance(narrow, list) and [row[:1] for row in narrow] == [[first]]
    observe("a width of 1 begins with the best token", greedy)
    if wide != best:
        observe("what beam_search gives", wide == [searched(submission, trained, targets)])
    expect_true(
        wide == best,
        f"5 of 25 equal sources have the translation {best[0]}, and 6 have {[second]}: the scores "
        f"are about log 0.2 / 5 and log 0.24 / 2. After 80 epochs, width 2 gives {wide!r:.100}.",
    )
    expect_true(
        greedy,
        f"14 of 25 equal sources have a translation that begins with {first!r}. After 80 epochs, "
        f"width 1 gives {narrow!r:.100}, and greedy search begins with the best token.",
    )


def searched(submission: Submission, trained: Handle, targets: Lists) -> list[str]:
    """What the submission's own beam of 2 makes of the one source that it was trained on."""
    texts = {number: text for text, number in ids_of(targets).items()}
    with suppress(SubmissionError, CheckFailed):
        model = trained.attribute("model", keep=True)
        step = model.attribute("step", keep=True)
        state = model["encode"](*batch_of([[4]]), keep=True)
        found = submission["beam_search"](step, state, width=2, most=30)
        tokens, _ = items(found, "tokens", "score")
        return [texts.get(token, "") for token in tokens]
    return []


@check(points=4, after=(learns_a_few_pairs, translates_with_its_beam), trains=True)
@pick("draw", range(1000))
def translates_dates(submission: Submission, draw: int) -> None:
    """Trained, it writes many more new dates right than a linear model of the source's words."""
    path = data_path()
    if path is not None:
        expect_real_pairs(submission, *pairs.split(pairs.read(path), draw))
        return
    known = dates.made(3000, draw)
    asked = dates.made(200, draw, held_back=True)
    sources, right = [source for source, _ in asked], [target for _, target in asked]
    baseline = exact(right, BagOfWords(known, steps=30).translate(sources))
    answers = trained_answers(submission, known, sources)
    record_text("What it makes of new dates", beside(sources, right, answers))
    reached = exact(right, answers)
    wanted = baseline + MARGIN
    record("share of dates that are right", reached)
    record("share with a linear model of words", baseline)
    record("share to exceed", wanted)
    expect_true(
        reached > wanted,
        f"{reached:.1%} of {len(right)} new dates are right, expected more than {wanted:.1%}. "
        f"A linear model of which words there are has {baseline:.1%}.",
    )


def beside(sources: Lists, right: Lists, answers: Lists, *, most: int = 8) -> str:
    """Some sources, each with the answer and, where that is another one, the reference."""
    lines = []
    for source, wanted, got in list(zip(sources, right, answers, strict=True))[:most]:
        lines.append(" ".join(source))
        lines.append(f"  {' '.join(got)}")
        if got != wanted:
            lines.append(f"  reference: {' '.join(wanted)}")
    return "\n".join(lines)


def trained_answers(submission: Submission, known: Pairs, sources: list[list[str]]) -> Lists:
    """What a model that the submission trains on some pairs makes of new sources."""
    trained = submission["train"](
        [list(source) for source, _ in known],
        [list(target) for _, target in known],
        progress="report",
        keep=True,
    )
    got = submission["translate"](trained, sources)
    rows = items(got, *map(str, range(len(sources))), kind="list")
    return [[str(text) for text in row] if isinstance(row, list) else [] for row in rows]


def expect_real_pairs(
    submission: Submission, known: Pairs, asked: list[tuple[list[str], list[str]]]
) -> None:
    """Hold that answers fit their own sources better than others; record chrF word for word."""
    sources, right = [source for source, _ in asked], [texts for _, texts in asked]
    answers = [*map(" ".join, trained_answers(submission, known, sources))]
    references = [[texts[0]] for texts in right]
    record_text(
        "What it makes of new sentences", beside(sources, references, [[a] for a in answers])
    )
    reached, mixed = chrf(right, answers), chrf(right, [*answers[1:], *answers[:1]])
    record("chrF", reached)
    record("chrF of answers to other sources", mixed)
    record(
        "chrF word for word", chrf(right, [*map(" ".join, WordForWord(known).translate(sources))])
    )
    expect_true(
        reached > mixed,
        f"chrF is {reached:.1f} on {len(sources)} new sentences. With the answer of another source "
        f"for each, it is {mixed:.1f}.",
    )
