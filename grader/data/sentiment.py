"""Sentences with a sentiment: made from a seed, and read from the UCI Sentiment Labelled Sentences.

A made sentence has one or two clauses about a thing, and every clause says the same of it. What a
clause says is the sentiment of its adjective, turned round once by each negation:

    the soup was not good , it was bad       0
    the soup was not bad , it was good       1

The two above are a *pair*: the same words in another order, with opposite labels. Whatever looks at
the words of a sentence and not at their order gives both the same answer, so of each pair it gets
exactly one right.
"""

import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from grader.data.files import read_file
from grader.errors import DataError

GOOD = ("good", "great", "lovely", "clever", "fresh", "funny", "warm", "solid", "charming", "fine")
BAD = ("bad", "awful", "dull", "stupid", "stale", "boring", "cold", "flimsy", "rude", "poor")
THINGS = ("soup", "film", "phone", "room", "waiter", "book", "play", "coat", "tea", "song")
DEGREES = ("", "", "", "very", "really", "quite", "so very")
NEGATIONS = ("not", "not", "never", "hardly")
DENIALS = ("i would not say that", "nobody would say that", "it is not true that")
CLAIMS = ("", "", "i think that", "everybody said that")
LINKS = (",", "and", ";")
TAILS = (
    "",
    "",
    "last monday",
    "when we were there",
    "as far as i remember",
    "on the first evening of our long trip",
)


class Sentence(NamedTuple):
    """The words of a sentence, and 1 if it is positive, 0 if it is negative."""

    words: list[str]
    label: int


def make_pairs(count: int, seed: int) -> list[tuple[Sentence, Sentence]]:
    """Pairs of the same words in another order: first the positive sentence, then the negative one.

    Args:
        count: how many pairs.
        seed: the same seed makes the same pairs.
    """
    rng = random.Random(f"pairs {seed}")
    return [_pair(rng) for _ in range(count)]


def make_sentences(count: int, seed: int) -> list[Sentence]:
    """Sentences in random order: half of them in pairs, half with one clause and no negation.

    Args:
        count: how many, a multiple of 4: then each label is given to half of them.
        seed: the same seed makes the same sentences.
    """
    rng = random.Random(f"sentences {seed}")
    made = [sentence for _ in range(count // 4) for sentence in _pair(rng)]
    for number in range(count - len(made)):
        label = number % 2
        adjective = rng.choice(GOOD if label else BAD)
        clause = _clause(rng, adjective, negations=0, subject=f"the {rng.choice(THINGS)}")
        made.append(Sentence(f"{clause} {rng.choice(TAILS)}".split(), label))
    rng.shuffle(made)
    return made


def _pair(rng: random.Random) -> tuple[Sentence, Sentence]:
    """One clause is turned round and the other is not; the adjectives change places."""
    good, bad = rng.choice(GOOD), rng.choice(BAD)
    subject, odd_first = f"the {rng.choice(THINGS)}", rng.random() < 0.5
    state = rng.getstate()

    def made(odd: str, even: str) -> list[str]:
        rng.setstate(state)  # the same words around the adjectives
        adjectives = (odd, even) if odd_first else (even, odd)
        clauses = [
            _clause(
                rng,
                adjective,
                negations=1 if (place == 0) == odd_first else rng.choice((0, 0, 2)),
                subject=subject if place == 0 else "it",
            )
            for place, adjective in enumerate(adjectives)
        ]
        return f" {rng.choice(LINKS)} ".join(clauses).split() + rng.choice(TAILS).split()

    return Sentence(made(bad, good), 1), Sentence(made(good, bad), 0)


def _clause(rng: random.Random, adjective: str, *, negations: int, subject: str) -> str:
    """A clause whose adjective is turned round so many times, 0 to 2."""
    denied = negations == 2 or (negations == 1 and rng.random() < 0.4)
    negated = negations - denied == 1
    opening = rng.choice(DENIALS if denied else CLAIMS)
    negation = rng.choice(NEGATIONS) if negated else ""
    return f"{opening} {subject} was {negation} {rng.choice(DEGREES)} {adjective}"


def words_of(text: str) -> list[str]:
    """The words of a text in small letters, and its punctuation; `don't` is one word."""
    return re.findall(r"[^\W_]+(?:'[^\W_]+)*|[^\w\s]", text.lower())


def read_sentences(path: Path) -> list[Sentence]:
    """Read the UCI Sentiment Labelled Sentences: one of the files, or the folder that has them.

    A line is a sentence, a tab and 0 or 1. There is no header, and quotes are text. Blank lines
    are skipped. The files of a folder are those that end in `labelled.txt`, in the order of their
    names.

    Raises:
        DataError: the file and the line that is broken, and what was expected.
    """
    path = Path(path)
    files = sorted(path.glob("*labelled.txt")) if path.is_dir() else [path]
    if not files:
        raise DataError(
            path,
            "the folder has no file whose name ends in labelled.txt",
            advice="The set has amazon_cells_labelled.txt, imdb_labelled.txt and "
            "yelp_labelled.txt; name their folder or one of them.",
        )
    found = [sentence for file in files for sentence in _sentences_in(file)]
    if not found:
        raise DataError(path, "there is no sentence in it", advice=_ADVICE)
    return found


_ADVICE = "A line is a sentence, one tab, and 0 or 1, in UTF-8."


def _sentences_in(file: Path) -> Iterator[Sentence]:
    data = read_file(file, advice=_ADVICE)
    # A sentence of the set holds U+0085, at which str.splitlines would cut it in two.
    for number, raw in enumerate(data.removeprefix(b"\xef\xbb\xbf").split(b"\n"), 1):
        try:
            line = raw.removesuffix(b"\r").decode("utf-8")
        except UnicodeDecodeError as error:
            message = f"byte {error.start + 1} of the line is not UTF-8"
            raise DataError(file, message, line=number, advice=_ADVICE) from None
        if not line.strip():
            continue
        text, tab, label = line.rpartition("\t")
        if not tab:
            raise DataError(
                file,
                "there is no tab between a sentence and its label",
                line=number,
                advice=_ADVICE,
            )
        if label.strip() not in ("0", "1"):
            shown = label.strip()[:40]
            message = f"the label is {shown!r}, expected 0 or 1"
            raise DataError(file, message, line=number, advice=_ADVICE)
        words = words_of(text)
        if not words:
            raise DataError(file, "there is no word before the label", line=number, advice=_ADVICE)
        yield Sentence(words, int(label))
