"""Taggers of named entities, judged: strict scores, kinds of errors, and a baseline to beat."""

import re
from collections import Counter
from collections.abc import Sequence

import torch

from grader.checks.tags import Span, strict_spans

Tags = Sequence[Sequence[str]]


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
