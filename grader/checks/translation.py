"""Translations, judged: what a linear model makes of the words alone, word for word, and chrF."""

from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import suppress

import torch

from grader.checks.compare import CheckFailed
from grader.checks.hearing import observe
from grader.checks.searches import BOS, EOS
from grader.checks.submission import Handle, Submission, SubmissionError

Lists = list[list[str]]
Texts = Sequence[str]
Pairs = Sequence[tuple[Texts, Texts]]


class BagOfWords:
    """A linear softmax for each place of the target, over which words the source has.

    Args:
        pairs: sources and targets to train on.
        steps: of Adam, each over all pairs.
    """

    def __init__(self, pairs: Pairs, *, steps: int = 60) -> None:
        self._words = {w: n for n, w in enumerate(dict.fromkeys(w for s, _ in pairs for w in s))}
        self._texts = ["", *dict.fromkeys(text for _, target in pairs for text in target)]
        longest = max(len(target) for _, target in pairs)
        number = {text: n for n, text in enumerate(self._texts)}
        x = self._counts([source for source, _ in pairs])
        y = torch.tensor(
            [[number[t] for t in self._padded(target, longest)] for _, target in pairs]
        )
        self._weights = torch.zeros(x.shape[1], longest * len(self._texts), requires_grad=True)
        optimiser = torch.optim.Adam([self._weights], lr=0.1)
        for _ in range(steps):
            optimiser.zero_grad()
            logits = (x @ self._weights).view(-1, len(self._texts))
            torch.nn.functional.cross_entropy(logits, y.flatten()).backward()  # type: ignore[no-untyped-call]
            optimiser.step()

    def translate(self, sources: Sequence[Texts]) -> list[list[str]]:
        """The best text for each place, each by itself."""
        logits = (self._counts(sources) @ self._weights.detach()).view(
            len(sources), -1, len(self._texts)
        )
        return [[self._texts[n] for n in row if n] for row in logits.argmax(2).tolist()]

    def _counts(self, sources: Sequence[Texts]) -> torch.Tensor:
        x = torch.zeros(len(sources), len(self._words) + 1)
        x[:, -1] = 1.0
        for row, source in zip(x, sources, strict=True):
            for word in source:
                if word in self._words:
                    row[self._words[word]] += 1.0
        return x

    def _padded(self, target: Texts, longest: int) -> list[str]:
        return [*target, *[""] * (longest - len(target))]


class WordForWord:
    """A translation of each word by itself, in the order of the source.

    The word that goes with a word is the one that occurs in the same pairs most: the count of pairs
    with both, twice, over the sum of both counts (Dice).

    Args:
        pairs: sources and targets to count in.
    """

    def __init__(self, pairs: Pairs) -> None:
        ours, theirs, both = Counter[str](), Counter[str](), Counter[tuple[str, str]]()
        for source, target in pairs:
            ours.update(set(source))
            theirs.update(set(target))
            both.update((one, other) for one in set(source) for other in set(target))
        best: dict[str, tuple[float, str]] = {}
        for (one, other), count in both.items():
            score = (2 * count / (ours[one] + theirs[other]), other)
            best[one] = max(best.get(one, score), score)
        self._best = {word: other for word, (_, other) in best.items()}

    def translate(self, sources: Sequence[Texts]) -> list[list[str]]:
        """The word that goes with each known word."""
        return [[self._best[word] for word in source if word in self._best] for source in sources]


def exact(wanted: Sequence[Texts], got: Sequence[Texts]) -> float:
    """The share of translations that are the wanted ones."""
    same = sum(list(one) == list(other) for one, other in zip(wanted, got, strict=True))
    return same / max(1, len(wanted))


def chrf(references: Iterable[Sequence[str]], answers: Sequence[str], *, most: int = 6) -> float:
    """The F-score of characters in common, from 0 to 100 (Popović 2015, with β = 2).

    N-grams of 1 to 6 characters without spaces, counted over all sentences; precision and recall
    are means over the orders. Of several references of a sentence the one that fits best counts.

    Args:
        references: for each sentence the right translations.
        answers: one for each sentence.
        most: the longest n-gram.
    """
    totals = [[0, 0, 0] for _ in range(most)]
    for rights, answer in zip(references, answers, strict=True):
        every = [[_common(right, answer, n) for n in range(1, most + 1)] for right in rights]
        best = max(every, key=_f2)
        for total, counts in zip(totals, best, strict=True):
            for place, count in enumerate(counts):
                total[place] += count
    return 100.0 * _f2(totals)


def _common(right: str, answer: str, n: int) -> tuple[int, int, int]:
    """How many n-grams both have, and how many each has."""
    one, other = (
        Counter(text[k : k + n] for k in range(len(text) - n + 1))
        for text in ("".join(right.split()), "".join(answer.split()))
    )
    return (one & other).total(), one.total(), other.total()


def _f2(counts: Sequence[Sequence[int]]) -> float:
    """The F-score of orders that both sides have."""
    orders = [row for row in counts if row[1] and row[2]]
    if not orders:
        return 0.0
    recall = sum(both / ours for both, ours, _ in orders) / len(orders)
    precision = sum(both / theirs for both, _, theirs in orders) / len(orders)
    return 5.0 * precision * recall / (4.0 * precision + recall) if precision + recall else 0.0


def ids_of(rows: Lists) -> dict[str, int]:
    """The ids that the given `build_vocabulary` makes."""
    return {
        text: n for n, text in enumerate(dict.fromkeys(text for row in rows for text in row), 4)
    }


def what_is_learned(submission: Submission, trained: Handle, read: Lists, targets: Lists) -> str:
    """What a trained model answers to the true tokens, or which ids greedy search makes of it.

    Args:
        submission: whose `greedy`.
        trained: its translator.
        read: the sources, all of one length.
        targets: their translations, all of one length.
    """
    known, wanted = (
        [[ids_of(rows)[text] for text in row] for row in rows] for rows in (read, targets)
    )
    sources, lengths = torch.tensor(known), torch.tensor([len(row) for row in known])
    first = torch.tensor([[BOS, *row] for row in wanted])
    last = torch.tensor([[*row, EOS] for row in wanted])
    with suppress(SubmissionError, CheckFailed):
        got = trained["model"](sources, lengths, first)
        answers, others = got.argmax(2), trained["model"](sources, lengths, last).argmax(2)
        model = trained.attribute("model", keep=True)
        step = model.attribute("step", keep=True)
        found = submission["greedy"](step, model["encode"](sources, lengths, keep=True), most=3)
        learned = {
            "what it reads": torch.equal(others, last),
            "what came before": torch.equal(others, first),
            "nothing": float(got.softmax(2).amax(2)[:, -1].min()) < 0.5,
            "something else": not torch.equal(answers, last),
            "ids that are no numbers": not all(
                type(token) is int for row in found for token in row
            ),
        }
        return next((word for word, true in learned.items() if true), "the targets")
    return ""


def observe_translations(got: object, targets: Lists) -> None:
    """Say what is wrong with translations."""
    rows = got if isinstance(got, list) else [got]
    lists = all(isinstance(row, list) for row in rows)
    observe("lists", lists)
    observe("as many as sources", len(rows) == len(targets))
    observe("nothing", not any(rows))
    observe("the first answer for all", rows == targets[:1] * len(targets))
    every = [one for row in rows if isinstance(row, list) for one in row]
    observe("texts", not lists or all(isinstance(one, str) for one in every))
