"""Checks of `abc_language_model`: its parts by hand, and its model on tunes that it never saw.

What a model has to keep, whatever its weights are, comes before any training.
"""

import math
import random
import statistics
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial

import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from grader.checks import (
    CheckFailed,
    CheckLimits,
    Handle,
    Source,
    Strategy,
    Submission,
    alike,
    check,
    data_path,
    expect,
    expect_call_changes_nothing,
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
from grader.checks.graphs import expect_old_ones_cleared, gradient_left
from grader.data.tunes import make_tunes, read_tunes

PAD, BEGIN, END = 0, 1, 2
FIRST = 3
close = partial(alike, within=1e-5)  # logits, up to what another order of summation does
MARGIN, REAL_MARGIN = 0.60, 0.65
"""Shares of the bigram's bits: on tunes that the judge makes, and on real ones."""
LONGEST, MOST_TUNES, HELD_BACK = 300, 500, 60
"""Of real tunes: the symbols that are judged of one, the tunes to train on, those to judge."""

HEAT = 0.5
"""The temperature at which a tune is written."""

ALPHABET = "ABCDEFGabcdefg23|:/ \n\xe9"
TUNES = st.lists(st.text(ALPHABET, min_size=1, max_size=6), min_size=1, max_size=4)


def ids_of(tune: str, characters: Sequence[str]) -> list[int]:
    """The ids of a tune, from BEGIN to END."""
    return [BEGIN, *(FIRST + characters.index(character) for character in tune), END]


def sequences(most: int = 4) -> Strategy:
    """Ids of a few tunes of different lengths."""
    ids = st.lists(st.integers(FIRST, 9), max_size=5)
    return st.lists(
        ids.map(lambda inner: torch.tensor([BEGIN, *inner, END])), min_size=1, max_size=most
    )


@check(points=1, examples=15)
@given(tunes=TUNES)
def lists_the_characters(submission: Submission, tunes: list[str]) -> None:
    """The vocabulary has each character that occurs once, in the order of their code points."""
    tunes = [*tunes, "E|a C\n"]
    want = [chr(point) for point in range(256) if any(chr(point) in tune for tune in tunes)]
    got = submission["vocabulary"](tunes)
    expect(tuple(got) if isinstance(got, list) else got, tuple(want), name="the vocabulary")


@check(points=1, examples=15)
@given(tune=st.text(ALPHABET, max_size=8))
def encodes_from_begin_to_end(submission: Submission, tune: str) -> None:
    """A tune becomes BEGIN, the ids of the characters from 3 on, and END."""
    tune, characters = f" {tune}\n", sorted(ALPHABET)
    want = torch.tensor(ids_of(tune, characters))
    expect(submission["encode"](tune, characters), want, name="the ids", dtype=torch.int64)


@check(points=1, after=encodes_from_begin_to_end, examples=4)
@given(tune=st.text("AB|", max_size=4), at=sizes(0, 4))
def refuses_unknown_characters(submission: Submission, tune: str, at: int) -> None:
    """A character that the vocabulary lacks raises ValueError, and the message holds it."""
    for unknown in "^#\xf8\n ":
        expect_error(
            submission["encode"],
            tune[:at] + unknown + tune[at:],
            sorted("AB|"),
            type="ValueError",
            says=(unknown,) if unknown.strip() else (),
            when=f"the tune has {unknown!r} and the vocabulary has not",
        )


@check(points=1, examples=15)
@given(tune=st.text(ALPHABET, max_size=6), begins=st.booleans())
def decodes_up_to_the_end(submission: Submission, tune: str, begins: bool) -> None:
    """Ids give the characters before the first END; BEGIN and PAD are none."""
    tune, characters = f" {tune}\n", sorted(ALPHABET)
    inner = ids_of(tune, characters)[0 if begins else 1 : -1]
    for behind in ([], [END], [END, PAD, PAD], [END, 5, 4, END, 6]):
        ids = torch.tensor([*inner[:-1], PAD, inner[-1], *behind], dtype=torch.int64)
        expect(submission["decode"](ids, characters), tune, name="the tune")


@check(points=2, examples=20)
@given(tunes=sequences())
def shifts_targets_by_one(submission: Submission, tunes: list[Tensor]) -> None:
    """The target of each step is the symbol behind its input, and the mask leaves out padding."""
    answer = submission["batch"](tunes)
    inputs, targets, mask = items(answer, "inputs", "targets", "mask")
    steps = max(len(tune) for tune in tunes) - 1
    rows = [tune.tolist() + [PAD] * (steps + 1 - len(tune)) for tune in tunes]
    there = [[step < len(tune) - 1 for step in range(steps)] for tune in tunes]
    dims = ("tune", "step")
    if isinstance(inputs, Tensor):  # END may stand behind a tune: nothing is asked there
        inputs = torch.where(inputs == END, PAD, inputs)
        observe("inputs", f"{inputs.dtype} {inputs.tolist()}")
        for name, part in (("targets", targets), ("mask", mask)):
            plain = isinstance(part, Tensor)
            observe(name, f"{part.dtype} {part.tolist()}" if plain else "no tensor")
    read = [[PAD if symbol == END else symbol for symbol in row[:-1]] for row in rows]
    expect(inputs, torch.tensor(read), name="inputs", dtype=torch.int64, dims=dims)
    want = torch.tensor([row[1:] for row in rows])
    expect(targets, want, name="targets", dtype=torch.int64, dims=dims)
    expect(mask, torch.tensor(there), name="mask", dtype=torch.bool, dims=dims)


def masked(source: Source, n: int, t: int, v: int) -> tuple[Tensor, Tensor, Tensor]:
    """Logits, targets and a mask of which the first row is whole and others are shorter."""
    lengths = torch.tensor([t, *(1 + index % t for index in range(n - 1))])
    mask = torch.arange(t) < lengths[:, None]
    mask[0, 0] = t < 3  # what does not count can stand in front, too
    logits = source.normal(n, t, v, scale=2.0)
    logits[~mask] *= 30.0
    return logits, source.integers(n, t, low=0, high=v), mask


def wanted_bits(logits: Tensor, targets: Tensor, mask: Tensor) -> Tensor:
    """The mean over all real steps, each worked out by itself in float64."""
    bits = []
    for n, t in mask.nonzero().tolist():
        row = logits[n, t].double()
        shifted = row - row.max().detach()
        bits.append(torch.log2(shifted.exp().sum()) - shifted[targets[n, t]] / math.log(2))
    return torch.stack(bits).mean()


@check(points=2, examples=20)
@given(source=sources(), n=sizes(1, 3), t=sizes(1, 4), v=sizes(2, 5))
def averages_bits_over_all_symbols(
    submission: Submission, source: Source, n: int, t: int, v: int
) -> None:
    """bits_per_character is the mean of -log2 p(target) over the symbols that are no padding."""
    logits, targets, mask = masked(source, n, t, v)
    got = submission["bits_per_character"](logits, targets, mask)
    want = wanted_bits(logits, targets, mask)
    expect(got, want, name="the bits", dtype=source.dtype, terms=logits[mask].abs().max() * 3)


@check(points=1, after=averages_bits_over_all_symbols, examples=8)
@given(source=sources(), large=st.sampled_from([200.0, 1000.0]))
def large_logits_stay_finite(submission: Submission, source: Source, large: float) -> None:
    """For logits up to 1,000 the bits are finite and right, however surprised the model is."""
    logits, targets, mask = source.normal(2, 3, 4), source.integers(2, 3, low=0, high=2), None
    logits[:, :, 3] = large
    logits[0, :, 3] = -large
    mask = torch.ones(2, 3, dtype=torch.bool)
    got = submission["bits_per_character"](logits, targets, mask)
    want = wanted_bits(logits, targets, mask)
    expect(got, want, name="the bits", dtype=source.dtype, terms=3 * large)


@check(points=1, after=averages_bits_over_all_symbols, examples=6)
@given(source=sources(torch.float64), n=sizes(2, 3), t=sizes(2, 4), v=sizes(2, 4))
def gradients(submission: Submission, source: Source, n: int, t: int, v: int) -> None:
    """The gradient of the bits reaches the logits, and is 0 at padding."""
    logits, targets, mask = masked(source, n, t, v)
    one = torch.tensor(1.0, dtype=torch.float64)
    asked = submission["bits_per_character"].vjp(logits, targets, mask, cotangents=[one], wrt=[0])
    leaf = logits.clone().requires_grad_()
    (want,) = gradients_of([wanted_bits(leaf, targets, mask)], [leaf], [one])
    (got,) = asked.gradients
    expect_true(got is not None, "No gradient reaches the logits.")
    expect(got, want, name="gradient", dtype=torch.float64, terms=1.0)


@check(points=1, examples=8)
@given(source=sources(), tunes=sequences())
def leaves_inputs_unchanged(submission: Submission, source: Source, tunes: list[Tensor]) -> None:
    """The calls of all functions but train do not modify their arguments."""
    parts = dict(zip(("logits", "targets", "mask"), masked(source, 3, 3, 3), strict=True))
    characters = ["B", "A", "|"]  # a vocabulary need not be sorted
    for name, arguments in (
        ("batch", {"tunes": tunes}),
        ("bits_per_character", parts),
        ("vocabulary", {"the tunes of vocabulary": ["BA", "A|"]}),
        ("encode", {"tune": "AB|", "characters": characters}),
        ("decode", {"ids": torch.tensor([BEGIN, 5, 3, END, 4]), "the vocabulary": characters}),
        ("early_stop", {"losses": [2.0, math.nan, 3.0, 1.0], "patience": 1}),
    ):
        expect_call_changes_nothing(submission[name], arguments)


LOSSES = st.sampled_from([1.0, 1.5, 2.0, 2.5, 3.0, math.nan])
DIVERGED = st.lists(LOSSES, min_size=1, max_size=6).map(lambda losses: [math.nan, *losses])


@check(points=2, examples=40)
@given(losses=st.lists(LOSSES, min_size=1, max_size=7) | DIVERGED)
def stops_when_patience_is_over(submission: Submission, losses: list[float]) -> None:
    """early_stop gives the first best epoch, and stops `patience` epochs after it."""
    want = 0
    for epoch, loss in enumerate(losses):
        if loss < losses[want] or (math.isnan(losses[want]) and not math.isnan(loss)):
            want = epoch
    for patience in (1, 2, 3):
        best, stop = items(submission["early_stop"](losses, patience), "best", "stop")
        shown = f"For the losses {losses}"
        expect_true(best == want, f"{shown} the best epoch is {best}.", got=str(best))
        over, shown = len(losses) - want > patience, f"{shown} and patience {patience}"
        expect_true(stop is over, f"{shown}, stop is {stop}.", got=str(stop))


@st.composite
def models(draw: st.DrawFn) -> tuple[tuple[int, int, int], Tensor]:
    """The sizes of a model, and a batch of ids for it."""
    sizes_of = draw(sizes(4, 6)), draw(sizes(2, 4)), draw(sizes(3, 5))
    source, n, t = draw(sources()), draw(sizes(2, 3)), draw(sizes(4, 6))
    return sizes_of, source.integers(n, t, low=0, high=sizes_of[0])


def new_model(submission: Submission, sizes_of: tuple[int, int, int]) -> Handle:
    """A model that is asked and not trained: where it has dropout, that is turned off."""
    model = submission["TuneModel"](*sizes_of)
    model["eval"]()
    return model


def read(model: Handle, inputs: Tensor, state: object = None) -> tuple[Tensor, object]:
    """Logits, finite and of the right shape, and the state, which stays in the worker."""
    logits, state = items(model(inputs, state, keep=(1,)), "logits", "state")
    if not isinstance(logits, Tensor) or logits.shape[:-1] != inputs.shape:
        raise CheckFailed(
            "The logits are no tensor of shape (N, T, V).",
            expected=f"a tensor of shape {(*inputs.shape, 'V')}",
            got=str(tuple(logits.shape)) if isinstance(logits, Tensor) else type(logits).__name__,
        )
    expect_true(bool(logits.isfinite().all()), "A logit is not finite.")
    return logits.double(), state


def same_logits(one: object, other: object) -> bool:
    """Whether two answers of a model have the same logits."""
    pairs = [answer[0] if isinstance(answer, tuple) else None for answer in (one, other)]
    return all(isinstance(part, Tensor) for part in pairs) and close(*pairs)


@check(points=1, examples=5)
@given(case=models())
def gives_logits_for_every_symbol(
    submission: Submission, case: tuple[tuple[int, int, int], Tensor]
) -> None:
    """The model gives logits (N, T, V), without a softmax, in the same way on every call."""
    sizes_of, inputs = case
    model = new_model(submission, sizes_of)
    logits, _ = read(model, inputs)
    again, _ = read(model, inputs)
    seeded = [model.seeded(1, inputs) for _ in range(2)]
    total = logits.exp().sum(dim=2)
    softmax = bool((logits >= 0).all()) and close(logits.sum(dim=2), torch.ones_like(total))
    one, _ = read(model, inputs[:1])
    observe("symbols", logits.shape[-1] - sizes_of[0])
    observe("softmax", softmax)
    observe("the same again", close(logits, again))
    observe("the same again but for chance", same_logits(*seeded))
    expect_true(
        logits.shape[-1] == sizes_of[0],
        f"There are logits for {logits.shape[-1]} symbols, expected {sizes_of[0]}.",
    )
    expect_true(not softmax, "The logits are probabilities: each row is positive and sums to 1.")
    expect_true(close(logits, again), "The same inputs give other logits in a second call.")
    _, afterwards = model.inputs(inputs, keep=(1,))
    expect_unchanged({"inputs": inputs}, afterwards)
    expect_true(close(logits[:1], one), "The first tune alone has other logits than in a batch.")


@check(points=2, after=gives_logits_for_every_symbol, examples=5)
@given(case=models(), cut=sizes(1, 3))
def reads_the_past_alone(
    submission: Submission, case: tuple[tuple[int, int, int], Tensor], cut: int
) -> None:
    """Logits depend on all symbols up to their step, and on none behind it or in another tune."""
    sizes_of, inputs = case
    model = new_model(submission, sizes_of)
    logits, _ = read(model, inputs)
    later, first, other = inputs.clone(), inputs.clone(), inputs.clone()
    later[:, cut:] = (later[:, cut:] + 1) % sizes_of[0]
    first[:, 0] = (first[:, 0] + 1) % sizes_of[0]
    other[1:] = (other[1:] + 1) % sizes_of[0]
    blind = close(read(model, later)[0][:, :cut], logits[:, :cut])
    moved = (read(model, first)[0][:, -1] - logits[:, -1]).abs().amax(dim=1)
    remembers = bool((moved > 1e-9).all())
    alone = inputs.clone()
    alone[0] = (alone[0] + 1) % sizes_of[0]
    apart = close(read(model, other)[0][:1], logits[:1]) and close(
        read(model, alone)[0][1:], logits[1:]
    )
    own = []
    for step in range(inputs.shape[1]):
        one = inputs.clone()
        one[:, step] = (one[:, step] + 1) % sizes_of[0]
        own.append(bool((read(model, one)[0][:, step] != logits[:, step]).any()))
    observe("one answer for all steps", close(logits, logits[:, :1].expand_as(logits)))
    observe("reads the symbol of the step", all(own))
    observe("blind to what comes", blind)
    observe("remembers", remembers)
    observe("tunes are apart", apart)
    expect_true(blind, "Other symbols behind a step change the logits at that step.")
    expect_true(
        all(own),
        f"Another symbol at step {[*own, False].index(False)} leaves the logits of that step.",
    )
    expect_true(remembers, "The first symbol of a tune does not reach the logits of its last step.")
    expect_true(apart, "The symbols of one tune change the logits of another in the batch.")


@check(points=2, after=reads_the_past_alone, examples=5)
@given(case=models(), cut=sizes(1, 3))
def goes_on_from_its_state(
    submission: Submission, case: tuple[tuple[int, int, int], Tensor], cut: int
) -> None:
    """Reading in pieces, with the state handed on, gives the logits of reading at once."""
    sizes_of, inputs = case
    model = new_model(submission, sizes_of)
    whole, _ = read(model, inputs)
    begun, state = read(model, inputs[:, :cut])
    rest = [begun]
    for step in range(cut, inputs.shape[1]):
        piece, state = read(model, inputs[:, step : step + 1], state)
        rest.append(piece)
    same = close(torch.cat(rest, dim=1), whole)
    goes_on = not close(read(model, inputs[:, -1:])[0], rest[-1])
    fresh = close(read(model, inputs)[0], whole)
    turned = torch.cat([inputs[:, 1:2], inputs[:, :1], inputs[:, 2:]], dim=1)
    observe("the order matters", not close(read(model, turned)[0][:, -1], whole[:, -1]))
    observe("pieces are the whole", same)
    observe("the state matters", goes_on)
    observe("begins anew", fresh)
    expect_true(same, f"Read in pieces ({cut} symbols, then one by one), the logits are others.")
    expect_true(fresh, "Without a state, the model goes on from an earlier call.")


def trained(
    submission: Submission,
    tunes: Sequence[str],
    validation: Sequence[str],
    epochs: int,
    patience: int,
    seed: int,
) -> tuple[Handle, list[float], list[str]]:
    """A model that was trained, its losses, and the vocabulary."""
    characters = sorted(set("".join([*tunes, *validation])))
    answer = submission["train"](
        list(tunes),
        list(validation),
        characters,
        epochs,
        patience,
        seed,
        keep=(0,),
        progress="report",
    )
    model, losses = items(answer, "model", "losses")
    fine = isinstance(losses, list) and all(isinstance(loss, float) for loss in losses) and losses
    if not fine or not isinstance(model, Handle):
        raise CheckFailed(
            "train did not give (model, losses): a model, and a list of numbers.",
            expected="a TuneModel and a list of floats",
            got=f"{type(model).__name__} and {str(losses)[:60]}",
        )
    return model, losses, characters


def bits_of(model: Handle, tunes: Sequence[str], characters: Sequence[str]) -> float:
    """The bits per character of tunes. A symbol is shown once all answers for it are in.

    All tunes are read side by side, one symbol a call; the state stays in the worker.
    """
    rows = [ids_of(tune, characters)[: LONGEST + 1] for tune in tunes]
    steps = max(map(len, rows)) - 1
    padded = torch.tensor([row + [PAD] * (steps + 1 - len(row)) for row in rows])
    there = torch.tensor([[step < len(row) - 1 for step in range(steps)] for row in rows])
    state: object = None
    bits = []
    for step in range(steps):
        logits, state = read(model, padded[:, step : step + 1], state)
        log_p = logits[:, 0].log_softmax(dim=1)
        bits.append(-log_p.gather(1, padded[:, step + 1 : step + 2])[:, 0] / math.log(2))
    return float(torch.stack(bits, dim=1)[there].mean())


def written(model: Handle, characters: Sequence[str], seed: int) -> str:
    """A tune, drawn symbol by symbol from what the model expects."""
    chance = torch.Generator().manual_seed(seed)
    symbol, state, text = BEGIN, None, ""
    while len(text) < LONGEST:
        logits, state = read(model, torch.tensor([[symbol]]), state)
        p = (logits[0, 0].double() / HEAT).softmax(dim=0)
        p[[PAD, BEGIN]] = 0.0
        symbol = int(torch.multinomial(p, 1, generator=chance)) if bool(p.sum() > 0) else END
        if symbol == END:
            break
        text += characters[symbol - FIRST]
    return text


def ngram_bits(tunes: Sequence[str], held_back: Sequence[str]) -> tuple[float, float]:
    """The bits per character of a unigram and a bigram that were counted on tunes.

    A pair of symbols that was never seen falls back to the share of its second one. Of a tune as
    many symbols are judged as of the model.
    """
    pairs, symbols = Counter[tuple[str, str]](), Counter[str]()
    for tune in tunes:
        symbols.update([*tune, "end"])
        pairs.update(zip(["begin", *tune], [*tune, "end"], strict=True))
    firsts = Counter(pair[0] for pair in pairs.elements())
    total, kinds = symbols.total(), len(symbols)
    one, two = [], []
    for tune in held_back:
        judged = list(zip(["begin", *tune], [*tune, "end"], strict=True))[:LONGEST]
        for before, symbol in judged:
            share = (symbols[symbol] + 0.1) / (total + 0.1 * kinds)
            one.append(-math.log2(share))
            two.append(-math.log2((pairs[before, symbol] + share) / (firsts[before] + 1)))
    return statistics.fmean(one), statistics.fmean(two)


def chance_counts(model: Handle) -> bool:
    """Whether a model in training mode gives other logits to the same symbols, as dropout does."""
    inputs = torch.tensor([[BEGIN, FIRST, FIRST]])
    model["train"]()
    one, other = (read(model, inputs)[0] for _ in range(2))
    model["eval"]()
    return not close(one, other)


def nan_last(loss: float) -> tuple[bool, float]:
    """A key that puts nan behind every number."""
    return math.isnan(loss), loss


SMALL = CheckLimits(check_s=60, call_s=30)
"""Times for training on a handful of tunes, which takes well below a second."""
ODD = (["BABA|BABA|ABAB|", "ABAB|ABAB|", "ABAB|"], ["AABB|BBAA|AABB|BBAA|", "BBBB|"])
"""Tunes to learn, and tunes that have their characters in another order: what is learnt by heart of
the first makes the second worse. The lengths differ, so that each symbol has to count alike.
"""


@check(
    points=2,
    after=(
        encodes_from_begin_to_end,
        shifts_targets_by_one,
        averages_bits_over_all_symbols,
        stops_when_patience_is_over,
        goes_on_from_its_state,
    ),
    limits=SMALL,
)
def keeps_the_best_epoch(submission: Submission) -> None:
    """Training stops in time, and its model has the weights of the best epoch."""
    tunes, validation = ODD
    model, losses, characters = trained(submission, tunes, validation, 14, 3, 1)
    best = min(range(len(losses)), key=lambda epoch: nan_last(losses[epoch]))
    stopped = len(losses) == min(14, best + 4)
    _, two, _ = trained(submission, tunes, validation, 2, 3, 1)
    # Two epochs behind the best one, `epochs` ends the training, and not early_stop.
    cut, cut_losses, _ = trained(submission, tunes, validation, min(14, best + 3), 3, 1)
    cut_now, cut_best = bits_of(cut, validation, characters), min(cut_losses, key=nan_last)
    now = bits_of(model, validation, characters)
    kept = abs(now - losses[best]) < 1e-3
    kept_at_the_end = abs(cut_now - cut_best) < 1e-3
    last = abs(now - losses[-1]) < 1e-3
    observe("as many losses as there should be", stopped)
    more = len(losses) - min(14, best + 4)
    observe("all losses that there may be", len(losses) >= 14)
    observe("losses too many", more if -2 < more < 2 else "more" if more > 0 else "fewer")
    observe("losses where epochs is 2", len(two))
    observe("the best is kept", kept)
    observe("the last is kept", last)
    observe("the best is kept where no early stop ends it", kept_at_the_end)
    observe("it is nats", abs(now * math.log(2) - losses[best]) < 1e-3)
    each = statistics.fmean(bits_of(model, [tune], characters) for tune in validation)
    observe("it is a mean over tunes", abs(each - losses[best]) < 1e-3 < abs(each - now))
    learnt = bits_of(model, tunes, characters)
    observe("it is that of the training", abs(learnt - losses[best]) < 1e-3 < abs(learnt - now))
    observe("chance counts in training mode", chance_counts(model))
    expect_true(
        stopped,
        f"There are {len(losses)} losses, of which number {best} is the best; epochs is 14 and "
        "patience is 3.",
        expected=str(min(14, best + 4)),
        got=str(len(losses)),
    )
    expect_true(
        len(two) == 2,
        f"There are {len(two)} losses where epochs is 2 and patience is 3.",
        expected="2",
        got=str(len(two)),
    )
    expect_true(
        kept,
        f"The model needs {now:.4f} bits per character for the validation part.",
        expected=f"{losses[best]:.4f}, the smallest of the losses",
        got=f"{now:.4f}",
    )
    expect_true(
        kept_at_the_end,
        f"Of {len(cut_losses)} epochs, no early stop comes before the last one. The model needs "
        f"{cut_now:.4f} bits per character for the validation part.",
        expected=f"{cut_best:.4f}, the smallest of the losses",
        got=f"{cut_now:.4f}",
    )


@check(points=1, after=keeps_the_best_epoch, limits=SMALL)
def learns_nothing_from_validation(submission: Submission) -> None:
    """The validation part decides when to stop, and nothing is learnt from it."""
    model, losses, characters = trained(submission, ["ABAB|"] * 3, ["dcdc|"] * 3, 30, 30, 2)
    last, own = losses[-1], bits_of(model, ["ABAB|"], characters)
    observe("knows validation", last < 1.0)
    expect_true(
        last > 1.0,
        f"After training on ABAB| alone, dcdc| takes {last:.3f} bits per character: the model has "
        f"learnt it (ABAB| takes {own:.3f}).",
    )


@check(points=1, after=keeps_the_best_epoch, limits=SMALL)
def learns_whole_tunes(submission: Submission) -> None:
    """The model is trained on every tune up to its end, and given in evaluation mode."""
    half = 150
    for tune, what in (("A" * half + "z" * half, "the end of a long tune"), ("zzz", "one tune")):
        model, _, characters = trained(submission, [tune], [tune], 25, 25, 4)
        ids = torch.tensor([ids_of(tune, characters)])
        surprise = -read(model, ids[:, :-1])[0][0].log_softmax(dim=1) / math.log(2)
        bits = {
            one: float(surprise[ids[0, 1:] == symbol, symbol].mean())
            for symbol, one in enumerate(characters, start=FIRST)
        }
        # A model that knows nothing is never so far below its bits by chance.
        most = math.log2(FIRST + len(characters)) - 0.3
        for one in characters:
            observe(f"knows the {one} of {what}", bits[one] < most)
        expect_true(
            bits["z"] < most,
            f"After training on {what}, a z takes {bits['z']:.3f} bits there, and a model that "
            f"has learned nothing {most + 0.3:.3f}.",
        )
    mode = model.attribute("training")
    observe("training mode", mode)
    expect_true(mode is False, "The model that train gives is in training mode.")


@check(points=1, after=keeps_the_best_epoch, limits=SMALL)
def leaves_tunes_unchanged(submission: Submission) -> None:
    """The call of train does not modify the lists that it is given."""
    tunes, validation = ODD
    lists = {"tunes": tunes, "validation": validation, "characters": ["B", "|", "A"]}
    _, after = submission["train"].inputs(*lists.values(), 2, 3, 1, keep=(0,), progress="report")
    expect_unchanged(lists, after[:3])


@check(points=1, after=keeps_the_best_epoch, limits=SMALL)
def repeats_itself_with_the_same_seed(submission: Submission) -> None:
    """The same seed gives the same losses, and another seed gives others."""
    tunes, validation = ODD
    runs = [trained(submission, tunes, validation, 2, 3, seed)[1] for seed in (5, 5, 6)]
    same = len(runs[0]) == len(runs[1]) and torch.allclose(
        torch.tensor(runs[0]), torch.tensor(runs[1]), atol=1e-4
    )
    other = runs[0] != runs[2]
    observe("same again", same)
    observe("another seed differs", other)
    expect_true(same, f"Seed 5 gave the losses {runs[0]}, and then {runs[1]}.")
    expect_true(other, f"Seeds 5 and 6 both gave the losses {runs[0]}.")


@check(points=1, after=keeps_the_best_epoch, limits=SMALL)
def clears_old_gradients(submission: Submission) -> None:
    """A step of the training follows the gradients of its own batch, and not those before it."""
    runs = ((4, 1), (4, 60), (800, 1))

    def trainings() -> Iterator[tuple[int, str, float, bool]]:
        for count, epochs in runs:
            model, losses, _ = trained(submission, ["AB"] * count, ["AB"], epochs, epochs, 3)
            state = model["state_dict"]()
            left = gradient_left(model, [*state] if isinstance(state, dict) else [])
            yield epochs, f"{count} tunes", left, losses[-1] < 0.1

    expect_old_ones_cleared(trainings(), where="of one tune, learned by heart")


def texts(seed: int) -> tuple[list[str], list[str], list[str]]:
    """Tunes to learn, to validate on, and to judge: fresh ones, or those of a file of one's own."""
    path = data_path()
    if path is None:
        made = [tune.text for tune in make_tunes(360, seed)]
        return made[:240], made[240:300], made[300:]
    real = [tune.text for tune in read_tunes(path)]
    random.Random(seed).shuffle(real)
    held_back, validation = real[:HELD_BACK], real[HELD_BACK : 2 * HELD_BACK]
    tunes = real[2 * HELD_BACK :][:MOST_TUNES]
    known = set("".join(tunes))
    return (
        tunes,
        [tune for tune in validation if set(tune) <= known],
        [tune for tune in held_back if set(tune) <= known],
    )


@check(
    points=4,
    trains=True,
    after=(learns_nothing_from_validation, repeats_itself_with_the_same_seed),
)
@pick("seed", tuple(range(20)))
def remembers_more_than_a_bigram(submission: Submission, seed: int) -> None:
    """On tunes that were held back, the model needs at most 0.60 of a bigram's bits."""
    tunes, validation, held_back = texts(seed)
    if not validation or not held_back:
        raise CheckFailed(f"{len(tunes)} tunes are too few to train and to judge on.")
    model, losses, characters = trained(submission, tunes, validation, 20, 3, seed)
    bits = bits_of(model, held_back, characters)
    unigram, bigram = ngram_bits(tunes, held_back)
    margin = MARGIN if data_path() is None else REAL_MARGIN
    record("seed of the tunes", seed)
    record("tunes held back", len(held_back))
    record("epochs", len(losses))
    record("bits per character", bits)
    record("unigram: bits per character", unigram)
    record("bigram: bits per character", bigram)
    record("share of the bigram's", bits / bigram)
    record("allowed share", margin)
    expect_true(
        bits <= margin * bigram,
        f"The model needs {bits:.3f} bits per character, which is {bits / bigram:.2f} of the "
        f"bigram's {bigram:.3f}; at most {margin} is allowed.",
        expected=f"{margin * bigram:.3f} or less",
        got=f"{bits:.3f}",
    )
    record_text("A tune that it writes (ABC)", written(model, characters, seed))
