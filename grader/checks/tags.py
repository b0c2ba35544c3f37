"""What katas of named entities share: sentences whose entities are drawn first, and their tags.

A span is (type, start, end), `end` exclusive. Tags are made from spans, never read back, so that
nothing here does what a learner is asked to write.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from hypothesis import strategies as st

from grader.checks.strategies import Strategy, sizes

Span: TypeAlias = tuple[str, int, int]

TYPES = ("X", "TRIBE", "creative-work")
"""One has one letter, one holds B and I, and one has a hyphen, as a type of WNUT 2017 has."""


@dataclass(frozen=True)
class Entities:
    """A sentence of `length` tokens with its entities, left to right and without overlap."""

    length: int
    spans: tuple[Span, ...]

    def iob2(self) -> list[str]:
        """Tags in which every entity begins with B."""
        return self._tags(["B"] * len(self.spans))

    def iob1(self) -> list[str]:
        """Tags in which an entity begins with B only right after one of its own type."""
        ends = {(kind, end) for kind, _, end in self.spans}
        return self._tags(["B" if span[:2] in ends else "I" for span in self.spans])

    def _tags(self, firsts: Sequence[str]) -> list[str]:
        tags = ["O"] * self.length
        for first, (kind, start, end) in zip(firsts, self.spans, strict=True):
            tags[start:end] = [f"{first}-{kind}"] + [f"I-{kind}"] * (end - start - 1)
        return tags


def sentences(pieces: int = 5, types: Sequence[str] = TYPES, least: int = 1) -> Strategy:
    """Sentences of a few entities and gaps, often side by side, of one to three tokens each.

    Args:
        pieces: how many entities and gaps at most.
        types: of the entities.
        least: how many entities and gaps at least.
    """
    piece = st.tuples(st.sampled_from([None, *types]), sizes(1, 3))
    return st.lists(piece, min_size=least, max_size=pieces).map(joined)


def any_tags(types: Sequence[str] = TYPES, most: int = 8) -> Strategy:
    """Tags in any order, legal or not, as a model may answer them."""
    tags = ["O", *(f"{letter}-{kind}" for kind in types for letter in "BI")]
    return st.lists(st.sampled_from(tags), min_size=1, max_size=most)


def strict_spans(tags: Sequence[str]) -> list[Span]:
    """The entities of IOB2 tags under the course's convention, for tags that may be illegal.

    An entity is a B and the I of the same type right behind it. Every other I is part of none.
    """
    spans = []
    for start, tag in enumerate(tags):
        if tag.startswith("B-"):
            rest = [other == f"I-{tag[2:]}" for other in tags[start + 1 :]]
            spans.append((tag[2:], start, start + 1 + [*rest, False].index(False)))
    return spans


def joined(pieces: Sequence[tuple[str | None, int]]) -> Entities:
    """The sentence of some entities and gaps, one after the other."""
    spans, at = [], 0
    for kind, size in pieces:
        if kind is not None:
            spans.append((kind, at, at + size))
        at += size
    return Entities(at, tuple(spans))
