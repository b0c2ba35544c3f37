"""Checks of `sentiment_classifier`: the oracle reads each sentence alone, so it has no padding.

What is trained is asked about sentences whose labels stay here, beside a bag of words that is
fitted on the same training sentences.
"""

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from grader.checks import (
    DTYPES,
    Handle,
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
from grader.checks.bags import bag_of_words
from grader.checks.graphs import expect_old_ones_cleared, gradient_left
from grader.checks.modules import load_parameters, parameter_shapes
from grader.checks.sequences import run_lstm
from grader.checks.words import compared
from grader.data.sentiment import Sentence, make_pairs, make_sentences, read_sentences

WORDS = ("not", "good", "Good", "the", "film", "don't", ",")
UNEQUAL = ((2, 3), (3, 2), (1, 3), (3, 1))


@st.composite
def texts(draw: st.DrawFn) -> tuple[list[list[str]], dict[str, int]]:
    """Sentences of different lengths, and a vocabulary that lacks two of their words."""
    known = draw(st.permutations(WORDS))
    vocabulary = {word: number for number, word in enumerate(known[:-2], 2)}
    inside = [known[0], known[-1], known[1], known[-2], known[2]]
    sentences = [inside[: draw(sizes(2, 4))], [known[3]], inside]
    return draw(st.sampled_from([sentences, sentences[::-1], [inside[:3]]])), vocabulary


@check(points=1, examples=10)
@given(words=st.permutations(WORDS), again=st.booleans())
def numbers_words(submission: Submission, words: list[str], again: bool) -> None:
    """Words that occur min_count times get the ids 2, 3, ..., in the order in which they come."""
    once, twice, both, last = words[:4]
    sentences = [[once, twice, both, twice], [both, last, *([words[4]] * again)]]
    flat = [word for sentence in sentences for word in sentence]
    for given_ in ((1,), (2,), ()):
        least = sum(given_) or 1  # without it, each word has an id
        kept = [w for n, w in enumerate(flat) if w not in flat[:n] and flat.count(w) >= least]
        got = submission["make_vocabulary"](sentences, *given_)
        name = f"make_vocabulary({', '.join(['sentences', *map(str, given_)])})"
        expect_true(isinstance(got, dict), f"{name} is no dict.", at=name)
        want = {word: kept.index(word) + 2 for word in kept}
        expect_true(got == want, f"{name} is wrong.", at=name, expected=str(want), got=str(got))


@check(points=2, examples=12)
@given(case=texts())
def encodes_batches(submission: Submission, case: tuple[list[list[str]], dict[str, int]]) -> None:
    """Ids stand at the front, 0 behind them, 1 for unknown words; lengths count the words."""
    sentences, vocabulary = case
    expect_encoded(submission, sentences, vocabulary)
    expect_encoded(submission, [*sentences, 60 * sentences[0]], vocabulary)


def expect_encoded(
    submission: Submission, sentences: list[list[str]], vocabulary: dict[str, int]
) -> None:
    """Hold the ids and the lengths of some sentences."""
    ids, lengths = items(submission["encode"](sentences, vocabulary), "ids", "lengths")
    longest = max(map(len, sentences))
    rows = [
        [vocabulary.get(words[t], 1) if t < len(words) else 0 for t in range(longest)]
        for words in sentences
    ]
    expect(ids, torch.tensor(rows), name="ids", dims=("sentence", "place"))
    want = torch.tensor([len(words) for words in sentences])
    expect(lengths, want, name="lengths", dims=("sentence",))


@check(points=1, after=encodes_batches, examples=4)
@given(case=texts(), at=sizes(0, 2))
def refuses_empty_sentences(
    submission: Submission, case: tuple[list[list[str]], dict[str, int]], at: int
) -> None:
    """A sentence without words raises ValueError with its position."""
    sentences, vocabulary = case
    at = min(at, len(sentences))
    given_ = [*sentences[:at], [], *sentences[at:]]
    when = f"encode gets a sentence without words, at position {at} of {len(given_)}"
    target = submission["encode"]
    expect_error(target, given_, vocabulary, type="ValueError", says=(at,), when=when)
    when = "encode gets one sentence, without words"
    expect_error(target, [[]], vocabulary, type="ValueError", says=(0,), when=when)


@dataclass(frozen=True)
class States:
    """States of a padded batch.

    Args:
        states: (N, T, H).
        lengths: (N,).
        cotangent: (N, H).
    """

    states: Tensor
    lengths: Tensor
    cotangent: Tensor

    @property
    def alone(self) -> list[Tensor]:
        """The states of each sentence, (lengths[n], H) in float64."""
        return [s[:n].double() for s, n in zip(self.states, self.lengths.tolist(), strict=True)]


@st.composite
def states(draw: st.DrawFn) -> States:
    """States of one sentence or of three, with padding that is nothing like a state."""
    source, size, longest = draw(sources()), draw(sizes(1, 3)), draw(sizes(3, 5))
    lengths = torch.tensor(draw(st.sampled_from([[2], [1, longest, 2], [longest - 1, 1, 2]])))
    made = source.normal(len(lengths), longest, size)
    padding = torch.arange(longest) >= lengths[:, None]
    return States(
        torch.where(padding[:, :, None], 50.0 + made, made),
        lengths,
        source.normal(len(lengths), size),
    )


def expect_pooled(submission: Submission, function: str, case: States, weights: Tensor) -> None:
    """Hold one vector for each sentence, a sum over steps with weights (N, T), and gradients."""
    want = torch.einsum("nt,nth->nh", weights, case.states.double())
    dims, dtype = ("sentence", "unit"), case.states.dtype
    asked = submission[function].vjp(
        case.states, case.lengths, cotangents=[case.cotangent], wrt=[0]
    )
    expect(asked.value, want, name=function, dtype=dtype, terms=4.0, dims=dims)
    (got,) = asked.gradients
    expect_true(got is not None, f"No gradient reaches the states through {function}.")
    gradient = weights[:, :, None] * case.cotangent.double()[:, None]
    name = f"gradient through {function}"
    expect(got, gradient, name=name, dtype=dtype, terms=4.0, dims=("sentence", "step", "unit"))


@check(points=1, examples=10)
@given(case=states())
def takes_the_last_real_state(submission: Submission, case: States) -> None:
    """last_real gives the state at the last word of each sentence, and gradients go there alone."""
    weights = torch.zeros(case.states.shape[:2], dtype=torch.float64)
    for row, length in zip(weights, case.lengths.tolist(), strict=True):
        row[length - 1] = 1.0
    expect_pooled(submission, "last_real", case, weights)


@check(points=2, examples=10)
@given(case=states())
def takes_the_mean_of_real_states(submission: Submission, case: States) -> None:
    """masked_mean gives the mean over the words of each sentence; padding counts nothing."""
    weights = torch.zeros(case.states.shape[:2], dtype=torch.float64)
    for row, length in zip(weights, case.lengths.tolist(), strict=True):
        row[:length] = 1.0 / length
    expect_pooled(submission, "masked_mean", case, weights)


@st.composite
def scored(draw: st.DrawFn, size: float = 1.0) -> tuple[Tensor, Tensor]:
    """Logits of a few sentences, and labels of both kinds."""
    source = draw(sources())
    logits = source.normal(draw(st.sampled_from([1, 3, 4])), scale=size)
    labels = torch.arange(len(logits)) + draw(sizes(0, 1))
    return logits, labels % 2


def expect_loss(submission: Submission, logits: Tensor, labels: Tensor, told: str = "") -> None:
    """Hold the loss against exact sums of ln(1 + exp(-s)), s positive where the label is right.

    Args:
        submission: whom to ask.
        logits: (N,).
        labels: (N,).
        told: what the logits are called, where what is wrong is observed in a word.
    """
    signed = [z if label else -z for z, label in zip(logits.tolist(), labels.tolist(), strict=True)]
    each = [math.log1p(math.exp(-abs(s))) + max(-s, 0.0) for s in signed]
    want = torch.tensor(math.fsum(each) / len(each), dtype=torch.float64)
    one = torch.ones((), dtype=logits.dtype)
    asked = submission["binary_loss"].vjp(logits, labels, cotangents=[one], wrt=[0])
    (got,) = asked.gradients
    gradient = (logits.double().sigmoid() - labels) / len(labels)
    if told:
        observe(f"the loss of {told}", compared(asked.value, want))
        observe(f"its gradient at {told}", compared(got, gradient))
    terms = 1.0 + float(logits.abs().max())
    expect(asked.value, want, name="the loss", dtype=logits.dtype, terms=terms)
    expect_true(got is not None, "No gradient reaches the logits.")
    expect(got, gradient, name="gradient of the loss", dtype=logits.dtype, terms=1.0)


@check(points=2, examples=22)
@given(case=scored(2.0))
def measures_the_loss(submission: Submission, case: tuple[Tensor, Tensor]) -> None:
    """The loss of logits is the mean of -ln p(label), and its gradient is (p - label) / N."""
    expect_loss(submission, *case)


@check(points=1, after=measures_the_loss, examples=8)
@given(case=scored(), up=st.booleans())
def survives_large_logits(submission: Submission, case: tuple[Tensor, Tensor], up: bool) -> None:
    """With logits of ±60 and ±1,000 the loss and its gradient are finite and right."""
    logits, labels = case
    sign = 1.0 if up else -1.0
    for size in (60.0, 1000.0):
        far = torch.full_like(logits, sign * size)
        expect_loss(submission, far, labels, told=f"±{size:g}")


@dataclass(frozen=True)
class Batch:
    """A padded batch, and a model that reads it.

    Args:
        ids: (N, T).
        lengths: (N,).
        weights: the model's state dict.
        pooling: "last" or "mean".
    """

    ids: Tensor
    lengths: Tensor
    weights: dict[str, Tensor]
    pooling: str

    @property
    def sizes(self) -> tuple[int, int, int]:
        """Those of the vocabulary, of a word's vector and of a state."""
        words, embedding = self.weights["embedding.weight"].shape
        return words, embedding, self.weights["output.weight"].shape[1]

    def model(self, submission: Submission, dropout: float = 0.0, training: bool = False) -> Handle:
        """The submission's model with these weights, in eval mode unless it trains."""
        asked = {"pooling": "mean"} if self.pooling == "mean" else {}  # "last" is the default
        asked |= {"dropout": dropout} if dropout else {}
        made = submission["SentimentLSTM"](*self.sizes, **asked)
        made["double"]()
        load_parameters(made, self.weights)
        made["train"](training)
        return made

    def logits(self) -> Tensor:
        """(N,) what torch's LSTM says of each sentence alone."""
        embedding, *lstm, line, bias = self.weights.values()
        said = []
        for row, length in zip(self.ids, self.lengths.tolist(), strict=True):
            zeros = embedding.new_zeros(1, line.shape[1])
            read, *_ = run_lstm(embedding[row[:length]][None], zeros, zeros, *lstm)
            vector = read[0, -1] if self.pooling == "last" else read[0].mean(0)
            said.append(line @ vector + bias)
        return torch.cat(said)


@st.composite
def batches(draw: st.DrawFn, least: int = 1) -> Batch:
    """One sentence or, mostly, three; a vocabulary of seven, in float64."""
    source, (e, h) = draw(sources(torch.float64)), draw(st.sampled_from(UNEQUAL))
    choices = [[3], [3, 5, 4]] if least > 1 else [[1, 4, 2], [1, 4, 2], [2]]
    lengths = torch.tensor(draw(st.sampled_from(choices)))
    longest = int(lengths.max()) + draw(sizes(0, 1))
    ids = source.integers(len(lengths), longest, low=1, high=7)
    ids = torch.where(torch.arange(longest) < lengths[:, None], ids, 0)
    shapes = {
        "embedding.weight": (7, e),
        "lstm.weight_ih_l0": (4 * h, e),
        "lstm.weight_hh_l0": (4 * h, h),
        "lstm.bias_ih_l0": (4 * h,),
        "lstm.bias_hh_l0": (4 * h,),
        "output.weight": (1, h),
        "output.bias": (1,),
    }
    weights = {name: source.normal(*shape) for name, shape in shapes.items()}
    return Batch(ids, lengths, weights, draw(st.sampled_from(["last", "mean"])))


@check(points=1)
def has_the_named_parameters(submission: Submission) -> None:
    """The state dict has the names and the shapes of an embedding, an LSTM and a linear layer."""
    for pooling in ("last", "mean"):
        model = submission["SentimentLSTM"](7, 3, 2, pooling=pooling)
        want = {
            "embedding.weight": (7, 3),
            "lstm.weight_ih_l0": (8, 3),
            "lstm.weight_hh_l0": (8, 2),
            "lstm.bias_ih_l0": (8,),
            "lstm.bias_hh_l0": (8,),
            "output.weight": (1, 2),
            "output.bias": (1,),
        }
        got = parameter_shapes(model, want)
        observe("shapes", str(sorted(got.values())))
        observe("names", sorted(got) == sorted(want))
        expect_true(
            got == want,
            "The state dict of SentimentLSTM(7, 3, 2) has other names or shapes.",
            expected=str(want),
            got=str(got),
        )


@check(points=1, after=has_the_named_parameters)
def gives_one_logit_for_each_sentence(submission: Submission) -> None:
    """Logits have shape (N,), also for a batch of one."""
    for count in (3, 1):
        ids, lengths = torch.full((count, 4), 2), torch.tensor([4, 2, 1])[:count]
        got = submission["SentimentLSTM"](7, 3, 2)(ids, lengths)
        observe("shape", str(tuple(getattr(got, "shape", ()))))
        zeros = torch.zeros(count, dtype=torch.float64)
        expect(got, zeros, name="the logits", dtype=torch.float32, values=False)


@check(points=3, after=gives_one_logit_for_each_sentence, examples=10)
@given(batch=batches(), more=sizes(1, 3))
def padding_changes_nothing(submission: Submission, batch: Batch, more: int) -> None:
    """More padding, and other ids in it, leave every logit as it is."""
    model = batch.model(submission)
    first = model(batch.ids, batch.lengths)
    wider = torch.nn.functional.pad(batch.ids, (0, more))
    padding = torch.arange(wider.shape[1]) >= batch.lengths[:, None]
    for words, ids in (
        ("with more padding", wider),
        ("with other ids at padding", torch.where(padding, 1 + wider.roll(1, 0) % 6, wider)),
    ):
        got = model(ids, batch.lengths)
        expect_true(isinstance(first, Tensor), "The model's answer is no tensor.")
        expect(got, first.double(), name=f"the logits {words}", terms=100.0, dims=("sentence",))


@check(points=2, after=padding_changes_nothing, examples=6)
@given(batch=batches(least=2))
def order_matters(submission: Submission, batch: Batch) -> None:
    """A sentence whose words change places has another logit."""
    turned = batch.ids.clone()
    turned[:, :2] = torch.tensor([2, 3])
    turned[:, 2] = 4
    other = turned.clone()
    other[:, [0, 2]] = turned[:, [2, 0]]
    model = batch.model(submission)
    first, second = (model(ids, batch.lengths) for ids in (turned, other))
    for got in (first, second):
        expect(got, torch.zeros(len(batch.ids)).double(), name="the logits", values=False)
    # Of such weights, two orders that agree to 9 digits are no accident.
    least = float((first - second).abs().min())
    expect_true(
        least > 1e-9,
        "Two words of a sentence changed places, and its logit is the same.",
        expected="another logit",
        got=f"a difference of {least:.3g}",
    )


@check(points=3, after=order_matters, examples=13)
@given(batch=batches())
def matches_sentences_alone(submission: Submission, batch: Batch) -> None:
    """The logits are those of torch's LSTM on each sentence alone, with either pooling."""
    got = batch.model(submission)(batch.ids, batch.lengths)
    dtype, dims = torch.float64, ("sentence",)
    expect(got, batch.logits(), name="the logits", dtype=dtype, terms=100.0, dims=dims)


@check(points=1, after=matches_sentences_alone, examples=6)
@given(batch=batches(least=2))
def gradients(submission: Submission, batch: Batch) -> None:
    """Gradients reach every parameter, and are right."""
    leaves = {name: value.clone().requires_grad_() for name, value in batch.weights.items()}
    said = replace(batch, weights=leaves).logits()
    cotangent = torch.ones_like(said)
    want = gradients_of([said], list(leaves.values()), [cotangent])
    model = batch.model(submission, training=True)
    asked = model.vjp(batch.ids, batch.lengths, cotangents=[cotangent], wrt=list(leaves))
    for name, got, exact in zip(leaves, asked.gradients, want, strict=True):
        expect_true(got is not None, f"No gradient reaches {name}.", at=name)
        expect(got, exact, name=f"gradient of {name}", dtype=torch.float64, terms=1000.0)


@check(points=1, after=matches_sentences_alone, examples=2)
@given(source=sources(torch.float64))
def drops_in_two_places(submission: Submission, source: Any) -> None:
    """Dropout acts on the words' vectors and on the sentence's, and only while the model trains."""
    for pooling in ("last", "mean"):
        # One word with one number in its vector, one unit: it can only be there or not.
        weights = {
            "embedding.weight": torch.tensor([[0.2], [-0.4], *[[0.7]] * 5]).double(),
            "lstm.weight_ih_l0": 1.0 + source.uniform(4, 1, low=0.1),
            "lstm.weight_hh_l0": torch.zeros(4, 1).double(),
            "lstm.bias_ih_l0": source.uniform(4, low=0.5),
            "lstm.bias_hh_l0": torch.zeros(4).double(),
            "output.weight": torch.ones(1, 1).double(),
            "output.bias": torch.full((1,), 0.25).double(),
        }
        count, ids = 60, torch.full((60, 1), 2)
        batch = Batch(ids, torch.ones(count, dtype=torch.int64), weights, pooling)
        model = batch.model(submission, dropout=0.5, training=True)
        got = model(batch.ids, batch.lengths)
        expect(got, torch.zeros(count).double(), name="the logits", values=False)
        logits = {"whose vector is dropped": 0.25}
        for word, scale in (("dropped", 0.0), ("kept as it is", 1.0), ("kept and scaled", 2.0)):
            embedding = scale * weights["embedding.weight"]
            one = replace(batch, ids=ids[:1], lengths=batch.lengths[:1])
            logit = replace(one, weights=weights | {"embedding.weight": embedding}).logits()
            for vector, factor in (("kept as it is", 1.0), ("kept and scaled", 2.0)):
                name = f"whose word is {word}, and whose vector is {vector}"
                logits[name] = 0.25 + factor * (float(logit) - 0.25)
        occurs = {name: bool(((got - value).abs() < 1e-9).any()) for name, value in logits.items()}
        for name, found in occurs.items():
            observe(f"a sentence {name}", found)
        for name, other in (("PADDING", 0), ("UNKNOWN", 1)):
            one = replace(batch, ids=ids[:1] * 0 + other, lengths=batch.lengths[:1])
            logit = 0.25 + 2.0 * (one.logits() - 0.25)
            observe(f"a sentence whose word is {name}", bool(((got - logit).abs() < 1e-9).any()))
        model["eval"]()
        later = model(batch.ids, batch.lengths)
        same = isinstance(later, Tensor) and bool((later - batch.logits()).abs().max() < 1e-9)
        observe("no dropout in eval mode", same)
        for name, found in occurs.items():
            # Of 60 draws, 15 or 30 on average are of each kind that can be: none 1 time in 10^7.
            expect_true(
                found == ("as it is" not in name),
                f"With dropout=0.5, {'a' if found else 'no'} logit in {count} is that of a "
                f"sentence {name}.",
            )
        expect_true(
            same, "In eval mode with dropout=0.5, the logits are not those without dropout."
        )
    expect_single_entries(submission, source)


def expect_single_entries(submission: Submission, source: Any) -> None:
    """Hold that each entry of a word's vector is dropped by itself, and a sentence's as a whole.

    A sentence is one word, twice, and its vector is the mean of two states with one number each.
    A quarter is dropped, where it was half of the numbers before.
    The four vectors that dropout can leave of the word belong to words of their own, so that every
    logit can be said in advance.
    """
    word = torch.tensor([0.7, -0.4]).double()
    scale = 4 / 3
    left = [[0.0, 0.0], [scale, 0.0], [0.0, scale], [scale, scale]]  # of the word
    weights = {
        "embedding.weight": torch.cat([word[None], torch.tensor(left, dtype=word.dtype) * word]),
        "lstm.weight_ih_l0": 1.0 + source.uniform(4, 2, low=0.1),
        "lstm.weight_hh_l0": source.uniform(4, 1, low=0.1),
        "lstm.bias_ih_l0": source.uniform(4, low=0.5),
        "lstm.bias_hh_l0": torch.zeros(4).double(),
        "output.weight": torch.ones(1, 1).double(),
        "output.bias": torch.full((1,), 0.25).double(),
    }
    both = torch.tensor([[one, other] for one in range(1, 5) for other in range(1, 5)])
    lengths = torch.full((len(both),), 2)
    kept = scale * (Batch(both, lengths, weights, "mean").logits() - 0.25) + 0.25
    count = 60
    batch = Batch(torch.zeros(count, 2).long(), torch.full((count,), 2), weights, "mean")
    got = batch.model(submission, dropout=0.25, training=True)(batch.ids, batch.lengths)
    expect(got, torch.zeros(count).double(), name="the logits", values=False)
    each = (got[:, None] - kept).abs() < 1e-9
    single = ((both == 2) | (both == 3)).any(1)
    known = bool((each.any(1) | ((got - 0.25).abs() < 1e-9)).all())
    parts = bool(each[:, single].any())
    observe("a sentence's vector is dropped as a whole", known)
    observe("a word's vector is dropped in part", parts)
    expect_true(
        known,
        "With dropout=0.25, a logit is none that dropout on the words' vectors and on the "
        "sentence's vector can give.",
    )
    # Of 60 sentences, 27 on average have a word with one entry left, and none 1 time in 10^15.
    expect_true(
        parts, f"In {count} sentences, no word has lost one entry of its vector and kept another."
    )


VOCABULARY = {word: number for number, word in enumerate(WORDS[:5], 2)}
SPELT = {number: word for word, number in VOCABULARY.items()} | {1: "unheard-of"}


@check(points=2, after=(encodes_batches, matches_sentences_alone), examples=8)
@given(batch=batches(), dtype=st.sampled_from(DTYPES))
def predicts_probabilities(submission: Submission, batch: Batch, dtype: torch.dtype) -> None:
    """Predictions are σ(logit) of each sentence, in the order in which the sentences came."""
    sentences = [
        [SPELT[number] for number in row[:length].tolist()]
        for row, length in zip(batch.ids, batch.lengths.tolist(), strict=True)
    ]
    model = batch.model(submission)
    if dtype == torch.float32:
        model["float"]()
    got = submission["predict"](model, VOCABULARY, sentences)
    want = batch.logits().sigmoid()
    expect(got, want, name="predict", dtype=dtype, terms=20.0, dims=("sentence",))
    sure = replace(batch, weights=batch.weights | {"output.bias": torch.full((1,), 12.0).double()})
    got = submission["predict"](sure.model(submission), VOCABULARY, sentences)
    expect(got, sure.logits().sigmoid(), name="predict, of a model that is sure,", terms=20.0)


@check(points=1, after=(predicts_probabilities, drops_in_two_places), examples=2)
@given(batch=batches(least=2))
def predicts_in_eval_mode(submission: Submission, batch: Batch) -> None:
    """A prediction drops nothing, also where the model was training."""
    sentences = [["good", "film"]] * 30
    want = submission["predict"](batch.model(submission), VOCABULARY, sentences)
    model = batch.model(submission, dropout=0.5, training=True)
    got = submission["predict"](model, VOCABULARY, sentences)
    observe("nothing is dropped", bool(torch.allclose(got, want, rtol=0, atol=1e-9)))
    expect(got, want, name="predict, of a model that was training,", terms=20.0)


MANY = [s.words for s in make_sentences(8, 0)]
LABELS = torch.tensor([s.label for s in make_sentences(8, 0)])


KNOWN = {word for words in MANY for word in words}


@check(points=1, after=predicts_in_eval_mode)
def training_follows_its_seed(submission: Submission) -> None:
    """The same seed gives the same model, another seed or more epochs another one."""

    def trained(seed: int, epochs: int, labels: Tensor = LABELS) -> Tensor:
        options = {"seed": seed, "epochs": epochs}
        answer = submission["train"](MANY, labels, **options, keep=(0,), progress="report")
        model, vocabulary = items(answer, "model", "vocabulary")
        known = isinstance(vocabulary, dict) and {*vocabulary} <= KNOWN
        observe("the words are those of the sentences", known)
        expect_true(known, "The vocabulary holds something that no training sentence does.")
        got = submission["predict"](model, vocabulary, MANY)
        expect(got, torch.zeros(len(MANY)).double(), name="predict", values=False)
        return got.double()

    first = trained(1, 1)
    for seed, epochs, words, alike in (
        (1, 1, "the same seed", True),
        (4097, 1, "another seed", False),
        (1, 2, "more epochs", False),
    ):
        same = torch.allclose(trained(seed, epochs), first, rtol=0, atol=1e-6)
        observe(words, same)
        if same and not alike:
            untrained = torch.allclose(trained(1, 1, 1 - LABELS), first, rtol=0, atol=1e-6)
            observe("other labels", untrained)
        expect_true(
            same == alike,
            f"A second training with {words} gives {'the same' if same else 'other'} predictions.",
        )


@check(points=1, after=training_follows_its_seed, examples=2)
@given(case=states(), batch=batches(), given_=texts())
def leaves_inputs_unchanged(
    submission: Submission,
    case: States,
    batch: Batch,
    given_: tuple[list[list[str]], dict[str, int]],
) -> None:
    """No function modifies its arguments."""
    logits, labels = case.states[0, :, 0], torch.arange(case.states.shape[1]) % 2
    sentences, vocabulary = given_
    options = {"kwargs": {"seed": 1, "epochs": 1}, "progress": "report", "keep": (0,)}
    ids = torch.cat([batch.ids, batch.ids], dim=1)  # what is behind a sentence is no PADDING
    _, afterwards = batch.model(submission).inputs(ids, batch.lengths)
    expect_unchanged({"ids of the model": ids, "lengths of the model": batch.lengths}, afterwards)
    for name, arguments, more in (
        ("make_vocabulary", (sentences,), {}),
        ("encode", (sentences, vocabulary), {}),
        ("last_real", (case.states, case.lengths), {}),
        ("masked_mean", (case.states, case.lengths), {}),
        ("binary_loss", (logits, labels), {}),
        ("predict", (batch.model(submission), vocabulary, sentences), {}),
        ("train", (MANY, LABELS), options),
    ):
        asked = {"kwargs": {}, **more}
        answer = submission[name].ask(arguments, inputs=True, **asked)
        before = {f"argument {n} of {name}": value for n, value in enumerate(arguments)}
        expect_unchanged(before, items(answer.inputs, *before, name="the arguments"))


@check(points=1, after=(training_follows_its_seed, measures_the_loss))
def every_sentence_is_seen(submission: Submission) -> None:
    """In each epoch, each sentence is seen."""
    # A word that only one sentence has moves with that sentence's label, if it is seen.
    count = 70
    sentences = [[f"word{n}", f"other{n}"] * 6 for n in range(count)]
    labels = torch.arange(count) % 2

    def missed_in(epochs: int) -> list[int]:
        tables, vocabulary = [], None
        for given_ in (labels, 1 - labels):
            answer = submission["train"](
                sentences, given_, seed=3, epochs=epochs, keep=(0,), progress="report"
            )
            model, vocabulary = items(answer, "model", "vocabulary")
            state = model["state_dict"]() if isinstance(model, Handle) else {}
            tables.append(state.get("embedding.weight") if isinstance(state, dict) else None)
        moved = seen_words(*tables, vocabulary)
        return [n for n, words in enumerate(sentences) if not moved & {*words}]

    missed = missed_in(1)
    if len(missed) == count:
        observe("two epochs move the vectors", len(missed_in(2)) < count)
    share = len(missed) / count
    words = {"none": 0.0, "a few": 0.3, "many": 0.99, "all": 1.0}
    observe("not seen", next(word for word, most in words.items() if share <= most))
    expect_true(
        not missed,
        f"One epoch over {count} sentences: {len(missed)} of them leave the model as it is.",
    )


@check(points=1, after=(training_follows_its_seed, measures_the_loss))
def clears_old_gradients(submission: Submission) -> None:
    """A step of the training follows the gradients of its own batch, and not those before it."""
    runs = ((4, 1), (4, 30), (600, 1))

    def trainings() -> Iterator[tuple[int, str, float, bool]]:
        for count, epochs in runs:
            sentences = [["good", f"film{n % 4}"] for n in range(count)]
            labels = torch.ones(count, dtype=torch.int64)
            answer = submission["train"](
                sentences, labels, seed=5, epochs=epochs, keep=(0,), progress="report"
            )
            model, vocabulary = items(answer, "model", "vocabulary")
            expect_true(isinstance(model, Handle), "The model is no module.")
            probabilities = submission["predict"](model, vocabulary, sentences[:4])
            expect(probabilities, labels[:4].double(), name="the probabilities", values=False)
            learned = float(probabilities.min()) > 0.95
            yield epochs, f"{count} sentences", gradient_left(model, ["output.bias"]), learned

    expect_old_ones_cleared(trainings(), where="of sentences whose labels are all 1")


def seen_words(one: object, other: object, vocabulary: object) -> set[object]:
    """The words of a vocabulary whose vectors differ between two tables."""
    if not (isinstance(one, Tensor) and isinstance(other, Tensor) and isinstance(vocabulary, dict)):
        return set()
    if one.shape != other.shape:
        return {*vocabulary}
    rows = (one != other).any(1).tolist()
    return {word for word, n in vocabulary.items() if n < len(rows) and rows[n]}


TRAIN, TEST, PAIRS = 1600, 400, 200
OVER_BAG, OVER_CHANCE, OVER_MAJORITY = 0.12, 0.3, 0.15


def split(draw: int) -> tuple[list[Sentence], list[Sentence], list[Sentence]]:
    """Sentences to train on, sentences to be asked about, and pairs of those."""
    path = data_path()
    if path is None:
        pairs = [sentence for pair in make_pairs(PAIRS, draw) for sentence in pair]
        return make_sentences(TRAIN, draw), make_sentences(TEST, -1 - draw), pairs
    sentences = read_sentences(path)
    random.Random(draw).shuffle(sentences)
    test, train = sentences[: len(sentences) // 5], sentences[len(sentences) // 5 :]
    seen = {tuple(sentence.words) for sentence in train}
    return train, [sentence for sentence in test if tuple(sentence.words) not in seen], []


def said_of(group: list[Sentence], got: Tensor, *, most: int = 6) -> str:
    """Some sentences, each with its probability and its label."""
    first = zip(got.tolist(), group[:most], strict=False)
    return "\n".join(f"{p:.2f}  {one.label}  {' '.join(one.words)}" for p, one in first)


@check(points=4, trains=True, after=(training_follows_its_seed, gradients, survives_large_logits))
@pick("draw", range(1000))
def learns_what_a_bag_cannot(submission: Submission, draw: int) -> None:
    """Trained, it labels new sentences better than a bag of words does, and pairs of one bag."""
    train, test, pairs = split(draw)
    labels = torch.tensor([sentence.label for sentence in train])
    words = [sentence.words for sentence in train]
    answer = submission["train"](words, labels, seed=draw, keep=(0,), progress="report")
    model, vocabulary = items(answer, "model", "vocabulary")
    groups = {"test": test, "pairs": pairs} if pairs else {"test": test}
    asked = [[sentence.words for sentence in group] for group in groups.values()]
    bags = bag_of_words(words, labels, asked)
    reached: dict[str, tuple[float, float, float]] = {}
    for (name, group), sentences, bag in zip(groups.items(), asked, bags, strict=True):
        got = submission["predict"](model, vocabulary, sentences)
        truth = torch.tensor([sentence.label for sentence in group])
        expect(got, torch.zeros(len(group)).double(), name="predict", values=False)
        right, by_bag = (
            float((said == truth).double().mean()) for said in ((got > 0.5).long(), bag.long())
        )
        majority = max(float(truth.double().mean()), 1 - float(truth.double().mean()))
        reached[name] = (right, by_bag, majority)
        record(f"accuracy, {name}", right)
        record(f"accuracy of a bag of words, {name}", by_bag)
        record(f"margin over the bag, {name}", right - by_bag)
        record_text(f"The first of the {name}: p of label 1, and the label", said_of(group, got))
    right, by_bag, majority = reached["test"]
    least = by_bag + OVER_BAG if pairs else majority + OVER_MAJORITY
    expect_true(
        right >= least,
        f"{right:.1%} of {len(test)} new sentences are labelled right. A bag of words has "
        f"{by_bag:.1%}, always the same label {majority:.1%}.",
        expected=f"{least:.1%} at least",
        got=f"{right:.1%}",
    )
    if pairs:
        right, by_bag, _ = reached["pairs"]
        expect_true(
            right >= by_bag + OVER_CHANCE,
            f"Of {len(pairs)} sentences in pairs with the same words, {right:.1%} are labelled "
            f"right. A bag of words has {by_bag:.1%}.",
            expected=f"{by_bag + OVER_CHANCE:.1%} at least",
            got=f"{right:.1%}",
        )
