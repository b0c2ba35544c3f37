"""Taggers of named entities, judged: strict scores, kinds of errors, and a baseline to beat."""

import re
from collections import Counter
from collections.abc import Sequence

import torch

from grader.checks.tags import Span, strict_spans

Tags = Sequence[Sequence[str]]
NONE = "none"


def entities(tags: Tags) -> set[tuple[int, Span]]:
    """The entities of some sentences under the course's strict convention, each with its place."""
    return {(n, span) for n, row in enumerate(tags) for span in strict_spans(row)}


def f1(gold: Tags, predicted: Tags, kind: str | None = None) -> float:
    """Strict F1 of entities, of one type or of all."""
    true, found = (
        {one for one in entities(tags) if kind in (None, one[1][0])} for tags in (gold, predicted)
    )
    return 2 * len(true & found) / max(1, len(true) + len(found))


def errors(gold: Tags, predicted: Tags) -> Counter[str]:
    """How many entities have a wrong type or boundary, were missed, or are spurious."""
    true, found = entities(gold), entities(predicted)
    counts: Counter[str] = Counter()
    left = found - true
    for n, (kind, start, end) in sorted(true - found):
        same = {one for one in left if one[0] == n and one[1][1:] == (start, end)}
        near = {
            one
            for one in left - same
            if one[0] == n and one[1][0] == kind and one[1][1] < end and start < one[1][2]
        }
        counts["wrong type" if same else "wrong boundary" if near else "missed"] += 1
        left -= set(sorted(same or near)[:1])
    counts["spurious"] = len(left)
    return counts


def confusion(gold: Tags, predicted: Tags) -> str:
    """A table of entities: a row for each true type, a column for what the tagger says there.

    Only entities with the same start and end count as found; `none` is what is left on each side.
    """
    true, found = entities(gold), entities(predicted)
    types = sorted({span[0] for _, span in true | found})
    pairs: Counter[tuple[str, str]] = Counter()
    said = {(n, start, end): kind for n, (kind, start, end) in found}
    for n, (kind, start, end) in true:
        pairs[kind, said.get((n, start, end), NONE)] += 1
    places = {(n, start, end) for n, (_, start, end) in true}
    for place, kind in said.items():
        pairs[NONE, kind] += place not in places
    width = max(map(len, [*types, NONE])) + 2
    lines = ["".join(f"{name:>{width}}" for name in ("", *types, NONE))]
    for kind in (*types, NONE):
        counts = [str(pairs[kind, other]) for other in (*types, NONE)]
        if kind == NONE:
            counts[-1] = ""
        lines.append("".join(f"{cell:>{width}}" for cell in (kind, *counts)).rstrip())
    return "\n".join(lines)


def wrong_sentences(
    tokens: Sequence[Sequence[str]], gold: Tags, predicted: Tags, *, most: int = 4
) -> str:
    """Some sentences in which entities are wrong: the words, what is true, and what is said."""
    lines: list[str] = []
    for words, true, said in zip(tokens, gold, predicted, strict=True):
        if set(strict_spans(true)) != set(strict_spans(said)) and len(lines) < 3 * most:
            lines.append(" ".join(words))
            lines.append(f"  gold: {_named(words, true)}")
            lines.append(f"  said: {_named(words, said)}")
    return "\n".join(lines)


def _named(words: Sequence[str], tags: Sequence[str]) -> str:
    spans = strict_spans(tags)
    return ", ".join(f"{kind} {' '.join(words[a:b])}" for kind, a, b in spans) or NONE


class LinearTagger:
    """A tagger that sees one token at a time: a softmax over its word, shape, beginning and ending.

    Args:
        sentences: (tokens, tags) to train on.
        steps: of Adam, each over all tokens.
    """

    def __init__(
        self, sentences: Sequence[tuple[Sequence[str], Sequence[str]]], *, steps: int = 50
    ) -> None:
        self._tags = sorted({tag for _, tags in sentences for tag in tags})
        tokens = [token for row, _ in sentences for token in row]
        known = dict.fromkeys(part for token in tokens for part in self._parts(token))
        self._numbers = {part: number for number, part in enumerate(known, 1)}
        x = self._ids(tokens)
        y = torch.tensor([self._tags.index(tag) for _, tags in sentences for tag in tags])
        self._weights = torch.zeros(len(known) + 1, len(self._tags), requires_grad=True)
        optimiser = torch.optim.Adam([self._weights], lr=0.1)
        for _ in range(steps):
            optimiser.zero_grad()
            loss = torch.nn.functional.cross_entropy(self._weights[x].sum(1), y)
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
        self._weights = self._weights.detach()
        self._weights[0] = 0.0

    def predict(self, sentences: Sequence[Sequence[str]]) -> list[list[str]]:
        """The tag of each token, the best one for that token alone."""
        best = (self._weights[self._ids(row)].sum(1).argmax(1).tolist() for row in sentences)
        return [[self._tags[k] for k in row] for row in best]

    def _ids(self, tokens: Sequence[str]) -> torch.Tensor:
        return torch.tensor([[self._numbers.get(p, 0) for p in self._parts(t)] for t in tokens])

    def _parts(self, token: str) -> tuple[str, ...]:
        shape = re.sub(r"[^\W\d_]", lambda one: "X" if one[0].isupper() else "x", token)
        shape = re.sub(r"(.)\1+", r"\1", re.sub(r"\d", "d", shape))
        small = token.lower()
        return ("", f"word {small}", f"shape {shape}", f"begin {small[:3]}", f"end {small[-3:]}")
