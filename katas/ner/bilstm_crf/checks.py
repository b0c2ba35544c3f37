"""Checks of `bilstm_crf`: each part by itself, and then what a trained tagger finds.

The CRF's loss and best path are held against a list of all paths, from the tagger's own scores.
"""

import functools
import itertools
import math
import random
import re
from collections.abc import Iterator
from itertools import product, repeat

import torch
from hypothesis import given
from hypothesis import strategies as st

from grader.checks import (
    CheckFailed,
    CheckLimits,
    Handle,
    Strategy,
    Submission,
    check,
    data_path,
    entries,
    expect,
    expect_true,
    expect_unchanged,
    items,
    observe,
    pick,
    record,
    record_text,
    sizes,
)
from grader.checks.graphs import expect_old_ones_cleared, gradient_left
from grader.checks.modules import parameters_among
from grader.checks.tagging import LinearTagger, confusion, errors, f1, wrong_sentences
from grader.data import ner

MARGIN = 0.6
"""How much higher the F1 must be than that of the linear tagger. On real data: higher at all."""

LETTERS = "aAbBéÉ7-'"
TAGS = ["B-PER", "I-PER", "O"]
KNOWN = ["anna", "met", "paris", "in", "rain", "42nd", "they", "left"]
VOCABULARIES = [
    {word: number for number, word in enumerate(texts, 2)}
    for texts in (
        KNOWN,
        ["x", "Xx", "dx"],
        ["ann", "met", "par", "in", "rai", "42n", "the"],
        ["nna", "met", "ris", "in", "ain", "2nd", "hey"],
    )
]
WORDS = [*KNOWN, "Anna", "Paris", "Korsak", "MIX-7"]
CRF = ("transitions", "start", "stop")
FIRST = ["Anna", "Rose", "Jordan", "Florence"]
Paths = list[tuple[tuple[int, ...], float]]


def texts(letters: str = "abcA", least: int = 1) -> Strategy:
    """Sequences of short texts, of which many are the same."""
    text = st.text(letters, min_size=1, max_size=2)
    return st.lists(st.lists(text, min_size=1, max_size=5), min_size=least, max_size=4)


def sentences(least: int = 1, longest: int = 5) -> Strategy:
    """Sentences of known and unknown words, mostly of different lengths."""
    sentence = st.lists(st.sampled_from(WORDS), min_size=1, max_size=longest)
    return st.lists(sentence, min_size=least, max_size=3)


def new(
    submission: Submission, source: random.Random | None = None, *, large: bool = False
) -> Handle:
    """A new tagger without dropout; with a source, its CRF has scores that are not 0.

    Args:
        submission: whose tagger.
        source: of the scores.
        large: whether the scores are so far apart that no emission matters beside them. Then no tag
            follows itself in a best path, as it often does in the tags of an untrained tagger.
    """
    tagger: Handle = submission["Tagger"].seeded(0, VOCABULARIES, TAGS)
    tagger["eval"]()
    if source is not None:
        state = tagger["state_dict"]()
        missing = [name for name in CRF if not isinstance(state, dict) or name not in state]
        observe("no parameters", " ".join(missing))
        if missing:
            raise CheckFailed(f"The state dict of a Tagger lacks {', '.join(missing)}.")
        shapes = [(3, 3), (3,), (3,)]
        for name, shape in zip(CRF, shapes, strict=True):
            expect(state[name], torch.zeros(shape, dtype=torch.float64), name=name, values=False)
            count = 9 if len(shape) == 2 else 3
            small = [source.choice([-2.0, -1.0, 1.0, 2.0]) for _ in range(count)]
            far = [source.uniform(-100.0, 100.0) for _ in range(count)]
            drawn = torch.tensor(far if large else small).view(shape)
            state[name] = drawn - 400.0 * torch.eye(3) if large and len(shape) == 2 else drawn
        tagger["load_state_dict"](state)
    return tagger


def scores_of(tagger: Handle, batch: list[list[str]], name: str = "emissions") -> torch.Tensor:
    """The emissions of a batch, once their form is known to be right."""
    got = tagger["emissions"](batch)
    form = torch.zeros(len(batch), max(map(len, batch)), len(TAGS), dtype=torch.float64)
    expect(got, form, name=name, dtype=torch.float32, values=False)
    if not isinstance(got, torch.Tensor) or got.shape != form.shape:
        raise CheckFailed(f"{name} is no tensor of shape {tuple(form.shape)}")
    return got.double()


def paths_of(scores: torch.Tensor, state: dict[str, torch.Tensor]) -> Paths:
    """Every path of one sentence, scores (T, K), with its score under the CRF."""
    moves, start, stop = (state[name].double().tolist() for name in CRF)
    rows = scores.tolist()
    found = []
    for path in itertools.product(range(len(start)), repeat=len(rows)):
        inside = sum(row[k] for row, k in zip(rows, path, strict=True))
        inside += sum(moves[one][other] for one, other in itertools.pairwise(path))
        found.append((path, start[path[0]] + inside + stop[path[-1]]))
    return found


def likelihood(paths: Paths, path: tuple[int, ...]) -> float:
    """Minus the logarithm of a path's share of all."""
    every = torch.tensor([score for _, score in paths], dtype=torch.float64)
    return float(every.logsumexp(0)) - dict(paths)[path]


def others(state: dict[str, torch.Tensor]) -> dict[str, dict[str, torch.Tensor]]:
    """The scores of a CRF as they are often taken by mistake."""
    behind_o, first = state["transitions"].clone(), state["start"].clone()
    behind_o[TAGS.index("O"), TAGS.index("I-PER")] = -math.inf
    first[TAGS.index("I-PER")] = -math.inf
    return {
        "no I behind an O": state | {"transitions": behind_o},
        "no entity that begins with I": state | {"transitions": behind_o, "start": first},
        "the transitions turned round": state | {"transitions": state["transitions"].T},
        "start and stop swapped": state | {"start": state["stop"], "stop": state["start"]},
        "no start": state | {"start": 0 * state["start"]},
        "no stop": state | {"stop": 0 * state["stop"]},
        "no transitions": state | {"transitions": 0 * state["transitions"]},
    }


@check(points=1, examples=30)
@given(word=st.text(LETTERS, min_size=1, max_size=8))
def describes_words(submission: Submission, word: str) -> None:
    """A word is described by itself in small letters, its shape, its beginning and its ending."""
    for one in (word, "--'' 77AAbb-"):  # several equal ones of each kind in a row
        expect_features(submission, one)
    # A letter that is neither capital nor small is itself, and small letters keep their number.
    for one, features in (
        ("M\u4e2d\u4e2d7", ("m\u4e2d\u4e2d7", "X\u4e2dd", "m\u4e2d\u4e2d", "\u4e2d\u4e2d7")),
        ("Stra\xdfe", ("stra\xdfe", "Xx", "str", "a\xdfe")),
    ):
        expect(submission["word_features"](one), features, name=f"features of {one}")


def expect_features(submission: Submission, word: str) -> None:
    """Hold the four features of a word."""
    kinds = {"d": "7", "X": "[ABÉ]", "x": "[abé]"}
    shape = word
    for kind in ("d", "X", "x"):  # by classes of letters, one class after the other
        shape = re.sub(f"(?:{kinds[kind]})+", {"d": "0", "X": "1", "x": "2"}[kind], shape)
    shape = re.sub(r"([-' ])\1+", r"\1", shape).translate(str.maketrans("012", "dXx"))
    small = word.lower()
    got = submission["word_features"](word)
    ends = "".join(itertools.islice(small, 3)), small[max(0, len(small) - 3) :]
    expect(got, (small, shape, *ends), name="features")


@check(points=1, examples=30)
@given(sequences=texts())
def numbers_what_is_frequent(submission: Submission, sequences: list[list[str]]) -> None:
    """A vocabulary numbers what occurs often enough from 2 on, in the order of first occurrence."""
    every = list(itertools.chain(*sequences))
    for least in (1, 2, 3):
        wanted = [text for text in dict.fromkeys(every) if every.count(text) >= least]
        options = {} if least == 1 else {"least": least}  # 1 is the default
        got = submission["build_vocabulary"](sequences, **options)
        found = entries(got, *wanted, name="the vocabulary")
        for text, number, want in zip(wanted, found, itertools.count(2), strict=False):
            expect(number, want, name=f"the id of {text!r}")


@check(points=1, examples=30)
@given(
    sequences=texts("abcd"), known=st.lists(st.text("abcd", min_size=1, max_size=2), unique=True)
)
def pads_and_knows_unknown_texts(
    submission: Submission, sequences: list[list[str]], known: list[str]
) -> None:
    """A batch holds ids, 1 for what is unknown, 0 behind each end, and the lengths."""
    vocabulary = {text: number for number, text in enumerate(known, 2)}
    answer = submission["make_batch"](sequences, vocabulary)
    ids, lengths = items(answer, "ids", "lengths")
    longest = max(map(len, sequences))
    rows = [[vocabulary.get(text, 1) for text in one] for one in sequences]
    want = torch.tensor([row + [0] * (longest - len(row)) for row in rows])
    expect(ids, want, name="ids", dims=("sequence", "step"))
    wanted = torch.tensor([len(row) for row in rows])
    expect(lengths, wanted, name="lengths", dims=("sequence",))


@check(points=2, after=(describes_words, pads_and_knows_unknown_texts), examples=6)
@given(batch=sentences(least=2))
def scores_each_sentence_alone(submission: Submission, batch: list[list[str]]) -> None:
    """The scores of a sentence do not depend on the other sentences of the batch."""
    longest = max(batch, key=len)
    batch = [*batch, [*longest, "met", "Anna"]]  # so that every other sentence is padded
    tagger = new(submission)
    together = scores_of(tagger, batch)
    # What chance changes is changed in an equal call too; what the batch changes is not.
    observe("an equal call gives the same", torch.equal(together, scores_of(tagger, batch)))
    for n, sentence in enumerate(batch):
        alone = scores_of(tagger, [sentence], "emissions of one sentence")
        got, want = together[n, : len(sentence)], alone[0]
        near = (got - want).abs().amax(1) < 1e-4
        observe("the first token stays", bool(near[0]))
        observe("the last token stays", bool(near[-1]))
        expect(
            got,
            want,
            name=f"emissions of sentence {n} in a batch",
            terms=1.0,
            dims=("token", "tag"),
            precision=torch.float32,
        )


@check(points=2, after=scores_each_sentence_alone, examples=2)
@given(size=sizes(3, 6))
def reads_both_sides(submission: Submission, size: int) -> None:
    """The scores of a token depend on all tokens before it, on itself, and on all later ones."""
    sentence = ["in", "they", "42nd", "left", "met", "rain"] * 2
    tagger = new(submission)
    for at in (0, size // 2, size - 1):
        expect_moves(tagger, sentence[:size], at)
    # From one end of a longer sentence to the other: a window of a few tokens is not enough.
    for at in (0, len(sentence) - 1):
        expect_moves(tagger, sentence, at)
    long = sentence * 20
    before = scores_of(tagger, [long], "emissions of a sentence of 240 tokens")[0]
    after = scores_of(tagger, [[*long[:200], "Korsak", *long[201:]]])[0]
    moved = not torch.equal(before[200], after[200])
    observe("token 200 of 240 counts", moved)
    expect_true(moved, "Token 200 of 240 is another word, and its scores stay as they are.")


def expect_moves(tagger: Handle, sentence: list[str], at: int) -> None:
    """Hold that another word moves the scores of every token."""
    size = len(sentence)
    changed = [*sentence[:at], "Korsak", *sentence[at + 1 :]]
    before, after = (scores_of(tagger, [one])[0] for one in (sentence, changed))
    moved = ((before - after).abs().amax(1) > 0).tolist()
    for side, part in (("before", moved[:at]), ("at", [moved[at]]), ("after", moved[at + 1 :])):
        observe(f"tokens {side} the change move", all(part))
        still = part.index(False) if False in part else 0
        expect_true(
            all(part),
            f"Token {at} of {size} is another word, and the scores of a token {side} it stay "
            "as they are.",
            at=f"emissions[token {still if side == 'before' else at + (side != 'at') + still}]",
        )


FEATURES = (
    ("the word alone", "paris", "parzris", True),
    ("the word alone, behind a capital", "Paris", "Parzris", True),
    ("the shape alone", "anna", "Anna", True),
    ("the beginning alone", "parqqris", "annqqris", True),
    ("the ending alone", "xxxris", "xxxain", True),
    ("a beginning that could be an ending", "metqqris", "parqqris", True),
    ("an ending that could be a beginning", "xxxmet", "xxxain", True),
    ("the word, and both are unknown", "parqris", "parzris", False),
)
"""What differs between two words, the words, and whether their scores have to."""


@check(points=2, after=scores_each_sentence_alone)
def uses_all_features(submission: Submission) -> None:
    """All four features change the scores, and unknown words that share the rest score alike."""
    tagger = new(submission)
    for beside, (what, one, other, want) in product(("in", "they", "42nd"), FEATURES):
        first, second = (scores_of(tagger, [[beside, word]])[0] for word in (one, other))
        got = not torch.equal(first, second)
        observe(f"another score: {what}", got)
        expect_true(
            got is want,
            f"{one!r} and {other!r} differ in {what}, and their scores "
            + ("are the same." if want else "differ."),
        )


@check(points=2, after=scores_each_sentence_alone, examples=6)
@given(batch=sentences(least=2, longest=4), seed=st.integers(0, 999))
def loss_is_the_likelihood(submission: Submission, batch: list[list[str]], seed: int) -> None:
    """The loss is the mean over the sentences of minus the log-likelihood of their tags."""
    draw = random.Random(seed)
    batch = [*batch, [*max(batch, key=len), "left"]]
    tagger = new(submission, draw)
    tags = [[draw.choice(TAGS) for _ in sentence] for sentence in batch]
    scores, state = scores_of(tagger, batch), tagger["state_dict"]()
    got = tagger["loss"](batch, tags)
    each, tokens, padded = [], [], []
    for row, gold in zip(scores, tags, strict=True):
        path = tuple(map(TAGS.index, gold))
        each.append(likelihood(paths_of(row[: len(path)], state), path))
        padding = (0,) * (len(row) - len(path))
        padded.append(likelihood(paths_of(row, state), path + padding))
        inside = row[: len(path)].log_softmax(1)
        tokens += [-float(inside[t, k]) for t, k in enumerate(path)]
    mean = sum(each) / len(each)
    right = torch.tensor(mean, dtype=torch.float64)
    number = float(got) if isinstance(got, torch.Tensor) and got.numel() == 1 else 0.0
    for what, value in {
        "the mean": mean,
        "the sum": sum(each),
        "by tokens": sum(each) / len(tokens),
        "no CRF": sum(tokens) / len(tokens),
        "the padding too": sum(padded) / len(padded),
        "the sign": -mean,
    }.items():
        observe(what, abs(number - value) < 1e-3)
    if abs(number - mean) >= 1e-3:
        for what, other in others(state).items():
            observe(what, abs(number - mean_loss(scores, tags, other)) < 1e-3)
    terms = float(scores.abs().max()) * len(scores[0]) + 4.0 * len(scores[0])
    expect(got, right, name="loss", dtype=torch.float32, terms=terms)
    # The last one has two words at least, so its mean over tokens is another number.
    got, right = tagger["loss"](batch[-1:], tags[-1:]), torch.tensor(each[-1], dtype=torch.float64)
    expect(got, right, name="loss of one sentence", dtype=torch.float32, terms=terms)


def mean_loss(scores: torch.Tensor, tags: list[list[str]], state: dict[str, torch.Tensor]) -> float:
    """The mean over the sentences of minus the log-likelihood of their tags."""
    paths = [tuple(map(TAGS.index, gold)) for gold in tags]
    each = [
        likelihood(paths_of(row[: len(path)], state), path)
        for row, path in zip(scores, paths, strict=True)
    ]
    return sum(each) / len(each)


@check(points=2, after=scores_each_sentence_alone, examples=6)
@given(batch=sentences(least=2, longest=4), seed=st.integers(0, 999))
def predicts_the_best_sequence(submission: Submission, batch: list[list[str]], seed: int) -> None:
    """A prediction is the sequence of tags with the highest score, one tag for each token."""
    batch = [*batch, [*max(batch, key=len), "left"]]
    for large in (False, True):  # emissions and the CRF decide, and then the CRF alone
        tagger = new(submission, random.Random(seed), large=large)
        expect_best_paths(tagger, batch, telling=large)
        expect_best_paths(tagger, batch[-1:], telling=False)


def expect_best_paths(tagger: Handle, batch: list[list[str]], *, telling: bool) -> None:
    """Hold that the predictions are the best sequences under the tagger's own scores.

    Args:
        tagger: whose predictions.
        batch: sentences.
        telling: whether to observe which rule the predictions follow. Where emissions matter, two
            taggers with one mistake may be right by chance in different cases.
    """
    scores, state = scores_of(tagger, batch), tagger["state_dict"]()
    answer = tagger["predict"](batch)
    rows = items(answer, *(f"sentence {n}" for n in range(len(batch))), kind="list")
    whole = [
        isinstance(row, list) and len(row) == len(sentence) and all(tag in TAGS for tag in row)
        for row, sentence in zip(rows, batch, strict=True)
    ]
    observe("a tag for each token", all(whole))
    sizes_of = [len(row) if isinstance(row, list) else 0 for row in rows]
    true_sizes = [len(sentence) for sentence in batch]
    turned = sizes_of != true_sizes and sorted(sizes_of) == sorted(true_sizes)
    observe("answers in another order", turned)
    observe("tags alone", all(tag in TAGS for row in rows if isinstance(row, list) for tag in row))
    for n, (row, fits) in enumerate(zip(rows, whole, strict=True)):
        expect_true(fits, f"Sentence {n} has {len(batch[n])} tokens; its tags are {row!r:.200}.")
    if not all(whole):
        return
    ids = [tuple(map(TAGS.index, row)) for row in rows]
    tables = [dict(paths_of(scores[n, : len(sentence)], state)) for n, sentence in enumerate(batch)]
    below = [max(table.values()) - table[path] for table, path in zip(tables, ids, strict=True)]
    if telling:
        alone = scores.argmax(2).tolist()
        single = all(tuple(alone[n][: len(path)]) == path for n, path in enumerate(ids))
        observe("the best paths", max(below) < 1e-4)
        observe("each tag by itself", single)
        # Tags by themselves hang on the emissions, which another tagger has not: what else they
        # are, they are by chance.
        for what, other in () if single else others(state).items():
            tables = [dict(paths_of(scores[n, : len(one)], other)) for n, one in enumerate(batch)]
            gaps = [max(t.values()) - t[path] for t, path in zip(tables, ids, strict=True)]
            observe(f"the best paths with {what}", max(gaps) < 1e-4)
        if not single:
            stepped = [*map(step_by_step, scores, repeat(state), ids)]
            observe("the best step after step", ids == stepped)
    for n, gap in enumerate(below):
        expect_true(
            gap < 1e-4,
            f"Another sequence of tags of sentence {n} has a higher score than the predicted one.",
            at=f"prediction[{n}]",
            got=str(rows[n]),
            difference=f"{gap:.3g}",
        )


def step_by_step(
    scores: torch.Tensor, state: dict[str, torch.Tensor], like: tuple[int, ...]
) -> tuple[int, ...]:
    """The path that takes the best next tag each time, as long as another path."""
    path: list[int] = []
    for row in scores[: len(like)].float():
        before = state["transitions"][path[-1]] if path else state["start"]
        last = len(path) + 1 == len(like)
        path.append(int((before + row + (state["stop"] if last else 0.0)).argmax()))
    return tuple(path)


@check(points=1, after=predicts_the_best_sequence, examples=2)
@given(seed=st.integers(0, 999))
def predicts_without_dropout(submission: Submission, seed: int) -> None:
    """A tagger that is being trained predicts the same tags each time."""
    draw = random.Random(seed)
    batch = [[draw.choice(WORDS) for _ in range(30)] for _ in range(5)]
    tagger = new(submission)
    once = tagger["predict"](batch)
    for _ in range(3):
        tagger["train"]()
        again = tagger["predict"](batch)
        observe("the same", once == again)
        expect_true(once == again, "In training mode, predict gives other tags than in eval mode.")


def floats(losses: object, epochs: int) -> list[float]:
    """What fit gives, once it is known to be a float for each epoch."""
    rows = [*losses] if isinstance(losses, list | tuple) else []
    observe("one for each epoch", len(rows) == epochs)
    numbers = all(isinstance(loss, float) for loss in rows)
    observe("kinds", " ".join(sorted({type(loss).__name__ for loss in rows})))
    if len(rows) != epochs:
        what = f"{len(rows)} losses" if rows else f"a {type(losses).__name__}"
        raise CheckFailed(f"fit gives {what} for {epochs} epochs, expected a list of {epochs}")
    if not numbers:
        raise CheckFailed("fit gives losses that are no floats")
    return rows


COUNT = 95  # the last batch of 8, 16, 32 or 64 lacks a sentence


def losses_where(submission: Submission, dear: set[int], epochs: int = 8) -> list[float]:
    """The losses of epochs where some of 95 sentences cost a million, and the others nothing.

    A sentence that alone costs something is a long one, and each of the others has an equal one. No
    step of training changes that.
    """
    tagger = new(submission, random.Random(0))
    state = tagger["state_dict"]()
    state["start"] = torch.tensor([-1e6, -1e6, 0.0])
    state["stop"], state["transitions"] = torch.zeros(3), torch.zeros(3, 3)
    tagger["load_state_dict"](state)
    more = [70 if dear == {n} else 1 for n in range(COUNT)]
    tokens = [["rain", f"left{n // 2}", *["left"] * (more[n] - 1)] for n in range(COUNT)]
    tags = [["I-PER" if n in dear else "O", *["O"] * more[n]] for n in range(COUNT)]
    return floats(submission["fit"](tagger, tokens, tags, epochs=epochs), epochs)


def observe_half(losses: list[float]) -> None:
    """Say what losses look like where half of the sentences are dear: the mean is 1/2 each time."""
    parts = [loss / 1e6 for loss in losses]
    observe("each epoch costs nothing", max(parts) < 0.01)
    observe("each epoch costs the same", max(parts) - min(parts) < 1e-3)
    falls = all(later < one + 0.01 for one, later in itertools.pairwise(parts))
    observe("no epoch costs more than the one before", falls)
    observe("shares of a batch", all(abs(32 * part - round(32 * part)) < 1e-2 for part in parts))


@check(
    points=1,
    after=loss_is_the_likelihood,
    examples=1,
    limits=CheckLimits(check_s=60.0, call_s=30.0),
)
@given(at=st.sampled_from([20, 40, COUNT - 1]))
def gives_mean_losses(submission: Submission, at: int) -> None:
    """For each epoch fit gives the mean loss of all sentences, whatever the batches are."""
    losses = losses_where(submission, {at}, 24)  # by chance, a batch may hold it again and again
    every = functools.cache(lambda: losses_where(submission, {*range(COUNT)}))
    parts = [loss / (1e6 / COUNT) for loss in losses]
    # Also a mean of the means of batches, the last of which holds fewer sentences.
    fits = all(0.4 < part < 6.0 for part in parts)
    observe("the mean of an epoch", fits)
    if not fits:
        observe("some epochs cost nothing", any(part < 0.01 for part in parts))
        observe("too much", all(part > 6.0 for part in parts))
        most = max(parts)
        whole = all(part < 0.01 * most or part > 0.99 * most for part in parts)
        observe("an epoch has all of the loss or nothing", whole)
        observe_half(losses_where(submission, {*range(0, COUNT, 2)}))
        observe("half of the loss at most", max(every()) < 0.5e6)
    expect_true(
        fits,
        f"The mean loss of {COUNT} sentences is {1e6 / COUNT:.6g} in each epoch. fit gives losses "
        f"from {min(losses):.6g} to {max(losses):.6g}.",
    )
    # Where all sentences cost the same, no size of the batches makes the mean another one.
    losses = every()
    known = all(abs(loss / 1e6 - 1.0) < 0.01 for loss in losses)
    observe("the loss that each sentence has", known)
    observe("more than each sentence has", min(losses) > 1.01e6)
    observe("nearly what each sentence has", min(losses) > 0.9e6)
    expect_true(
        known,
        f"Each of {COUNT} sentences has a loss of {1e6:.6g} in each epoch. fit gives losses "
        f"from {min(losses):.6g} to {max(losses):.6g}.",
    )


def few(first: str, second: str) -> tuple[list[list[str]], list[list[str]]]:
    """Four sentences in which two names are people and places."""
    rows = [  # by length, neither up nor down
        ([first, "sings", "loudly"], ["B-PER", "O", "O"]),
        (["they", "met", first, second], ["O", "O", "B-PER", "I-PER"]),
        ([first, "lies", "north"], ["B-LOC", "O", "O"]),
        (["in", second, "it", "rains"], ["O", "B-LOC", "O", "O"]),
    ]
    return [tokens for tokens, _ in rows], [tags for _, tags in rows]


@check(
    points=1,
    after=(scores_each_sentence_alone, gives_mean_losses),
    limits=CheckLimits(check_s=60.0, call_s=30.0),
)
def clears_old_gradients(submission: Submission) -> None:
    """A step of fit follows the gradients of its own batch, and not those before it."""
    tokens, _ = few(*FIRST[:2])
    tags = [["O"] * len(row) for row in tokens]
    words = dict.fromkeys(word.lower() for row in tokens for word in row)
    vocabularies = [{word: n for n, word in enumerate(words, 2)}, {"x": 2, "Xx": 3}, {}, {}]
    runs = ((1, 1), (1, 60), (60, 1))

    def trainings() -> Iterator[tuple[int, str, float, bool]]:
        for copies, epochs in runs:
            tagger = submission["Tagger"](vocabularies, ["B-LOC", "B-PER", "I-PER", "O"])
            start = tagger["state_dict"]()
            submission["fit"](tagger, tokens * copies, tags * copies, epochs=epochs)
            state = tagger["state_dict"]()
            if not isinstance(start, dict) or not isinstance(state, dict):
                raise CheckFailed("state_dict() gives no dict")
            moved = [name for name in start if str(start[name]) != str(state.get(name))]
            left = gradient_left(tagger, moved)  # what is not trained is no step's
            tagger["eval"]()
            loss = tagger["loss"](tokens, tags)
            expect(loss, torch.tensor(0.0), name="loss", values=False)
            yield epochs, f"{4 * copies} sentences", left, float(loss) < 0.1

    expect_old_ones_cleared(trainings(), where="of sentences whose tags are all O")


@check(
    points=2,
    after=(reads_both_sides, uses_all_features, clears_old_gradients, predicts_the_best_sequence),
    examples=1,
    limits=CheckLimits(check_s=60.0, call_s=30.0),
)
@given(names=st.permutations(FIRST), epochs=sizes(40, 45))
def learns_a_few_sentences(submission: Submission, names: list[str], epochs: int) -> None:
    """The losses of fit fall, one for each epoch, and in the end each tag is right."""
    tokens, tags = few(*names[:2])
    words = dict.fromkeys(word.lower() for row in tokens for word in row)
    vocabularies = [{word: n for n, word in enumerate(words, 2)}, {"x": 2, "Xx": 3}, {}, {}]
    tagger = submission["Tagger"](vocabularies, ["B-LOC", "B-PER", "I-PER", "O"])
    start = tagger["state_dict"]()
    losses = submission["fit"](tagger, tokens, tags, epochs=epochs)
    losses = floats(losses, epochs)
    falls = losses[-1] < 0.25 * losses[0]
    observe("the loss falls", falls)
    observe("losses of 0", not any(losses))
    observe("the loss stands still", losses[-1] > 0.9 * losses[0])
    expect_true(
        falls,
        f"The loss of four sentences is {losses[0]:.3g} in the first of {epochs} epochs, and "
        f"{losses[-1]:.3g} in the last one.",
    )
    state = tagger["state_dict"]()
    if not isinstance(start, dict) or not isinstance(state, dict):
        raise CheckFailed("state_dict() gives no dict")
    still = [name for name in start if str(start[name]) == str(state.get(name))]
    still = parameters_among(tagger, still)
    for name in CRF:
        observe(f"{name} is trained", name not in still)
    observe("all other parameters are trained", not set(still) - set(CRF))
    for name in still:
        expect_true(False, f"fit leaves {name} as it was.")
    right = tagger["predict"](tokens) == tags
    observe("each tag is right", right)
    expect_true(right, f"After {epochs} epochs, the four sentences have other tags than the true.")


@check(points=1, after=learns_a_few_sentences, examples=2)
@given(names=st.permutations(FIRST))
def keeps_rare_words_unknown(submission: Submission, names: list[str]) -> None:
    """What occurs once is unknown to a tagger that train made, and what occurs twice is known."""
    tokens, tags = few(*names[:2])
    # Pairs that differ in what occurs once alone; the first two differ in the beginning, too.
    pairs = {
        "rare words and beginnings": ("bora", "cora"),
        "rare words": ("edadora", "ediadora"),
        "rare words that begin alike": ("munidora", "muniadora"),
        "rare endings": ("zukamo", "zukale"),
        "rare shapes": ("qit+fora", "qit*fora"),
    }
    for one, other in pairs.values():
        for word in (one, other):
            tokens.append([word, "met", "dora" if one == "bora" else "it"])
            tags.append(["O", "O", "O"])
    tagger = submission["train"](tokens, tags, epochs=1, keep=True)
    tagger["eval"]()

    def alike(one: str, other: str) -> bool:
        first, second = (tagger["emissions"]([[word, "met"]]) for word in (one, other))
        if not isinstance(first, torch.Tensor) or not isinstance(second, torch.Tensor):
            raise CheckFailed("emissions is no tensor")
        return torch.equal(first, second)

    same = {what: alike(*pair) for what, pair in pairs.items()}
    for what, one in same.items():
        observe(f"{what} score alike", one)
    for what, (one, other) in pairs.items():
        expect_true(
            same[what],
            f"{one!r} and {other!r} occur once, and the tagger scores them differently.",
        )
    known = not alike("bora", "dora")
    observe("words that occur twice are known", known)
    expect_true(known, "'dora' occurs twice, and the tagger scores it like an unknown word.")


@check(
    points=1,
    after=learns_a_few_sentences,
    examples=1,
    limits=CheckLimits(check_s=60.0, call_s=30.0),
)
@given(names=st.permutations(FIRST))
def trains_what_it_gives(submission: Submission, names: list[str]) -> None:
    """The tagger that train gives is trained, has all tags that occur, and knows its endings."""
    tokens, tags = few(*names[:2])
    tokens, tags = [*tokens, *tokens], [*tags, *tags]  # so that no word is rare
    tagger = submission["train"](tokens, tags, epochs=40, keep=True)
    tagger["eval"]()
    one, other = (tagger["emissions"]([[word]]) for word in ("zzzngs", "zzzfff"))
    if not isinstance(one, torch.Tensor) or not isinstance(other, torch.Tensor):
        raise CheckFailed("emissions is no tensor")
    known = not torch.equal(one, other)
    observe("an ending is known", known)
    expect_true(known, "'ngs' ends two words, and the tagger scores it like an unknown ending.")
    observe("a score for each tag", one.shape[-1] == 4)
    observe("more scores than tags", one.shape[-1] > 4)
    expect_true(
        one.shape[-1] == 4,
        f"4 tags occur, and the tagger that train gives has scores for {one.shape[-1]}.",
    )
    right = tagger["predict"](tokens) == tags
    observe("each tag is right", right)
    expect_true(right, "After 40 epochs of train, the sentences have other tags than the true.")


@check(points=1, after=learns_a_few_sentences, examples=2)
@given(names=st.permutations(FIRST))
def leaves_inputs_unchanged(submission: Submission, names: list[str]) -> None:
    """The lists of tokens and tags are not modified, by any of the functions."""
    tokens, tags = few(*names[:2])
    vocabulary = {word: number for number, word in enumerate(names, 2)}
    tagger, afterwards = submission["train"].inputs(tokens, tags, epochs=1, keep=True)
    expect_left("train", (tokens, tags), afterwards)
    _, afterwards = submission["fit"].inputs(tagger, tokens, tags, epochs=2)
    expect_left("fit", (tokens, tags), afterwards[1:])
    for name, target, arguments in (
        ("build_vocabulary", submission["build_vocabulary"], (tokens,)),
        ("make_batch", submission["make_batch"], (tokens, vocabulary)),
        ("emissions", tagger["emissions"], (tokens,)),
        ("loss", tagger["loss"], (tokens, tags)),
        ("predict", tagger["predict"], (tokens,)),
    ):
        _, afterwards = target.inputs(*arguments)
        expect_left(name, arguments, afterwards)


def expect_left(name: str, arguments: tuple[object, ...], afterwards: tuple[object, ...]) -> None:
    """Hold that a function leaves its arguments as they were."""
    observe(f"{name} leaves the lists", list(afterwards) == [*arguments])
    before = {f"argument {n} of {name}": one for n, one in enumerate(arguments, 1)}
    expect_unchanged(before, afterwards)


@check(
    points=4,
    after=(
        learns_a_few_sentences,
        numbers_what_is_frequent,
        keeps_rare_words_unknown,
        trains_what_it_gives,
        leaves_inputs_unchanged,
        predicts_without_dropout,
    ),
    trains=True,
)
@pick("seed", range(1000))
def finds_entities(submission: Submission, seed: int) -> None:
    """Trained, it finds entities in new sentences far better than a tagger of single tokens."""
    path = data_path()
    known, new_ones = ner.read(path) if path else ner.training_and_held_back(seed)
    tokens, gold = [row for row, _ in new_ones], [tags for _, tags in new_ones]
    baseline = f1(gold, LinearTagger(known).predict(tokens))
    tagger = submission["train"](
        [row for row, _ in known], [tags for _, tags in known], progress="report", keep=True
    )
    rows = items(tagger["predict"](tokens), *map(str, range(len(tokens))), kind="list")
    whole = all(isinstance(row, list) for row in rows) and [*map(len, rows)] == [*map(len, gold)]
    expect_true(whole, "The predictions are not a list of tags for each sentence.")
    predicted = [[str(tag) for tag in row] for row in rows]
    reached, wanted = f1(gold, predicted), baseline + (0.0 if path else MARGIN)
    record("F1", reached)
    record("F1 of the linear tagger", baseline)
    record("F1 to exceed", wanted)
    for kind in sorted({tag[2:] for row in gold for tag in row if tag != "O"}):
        record(f"F1 of {kind}", f1(gold, predicted, kind))
    for kind, count in errors(gold, predicted).items():
        record(f"errors: {kind}", count)
    record_text(
        "Entities by type: a row for what is true, a column for what is said",
        confusion(gold, predicted),
    )
    record_text("Sentences that are not right", wrong_sentences(tokens, gold, predicted))
    expect_true(
        reached > wanted,
        f"F1 is {reached:.3f} on {len(gold)} new sentences, expected more than {wanted:.3f}. "
        f"A tagger of single tokens reaches {baseline:.3f}.",
    )
