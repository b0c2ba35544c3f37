"""Pairs of sentences in two languages, as Tatoeba has them: one pair a line, parted by tabs.

Go on.	Continue.	CC-BY 2.0 (France) Attribution: tatoeba.org ...
"""

import random
import re
from pathlib import Path
from typing import TypeAlias

from grader.data.files import read_file, unpacked
from grader.errors import DataError

Words: TypeAlias = list[str]

_TOKEN = re.compile(r"\w+|[^\w\s]")
_ADVICE = "Expected source, tab, target, and perhaps a tab and more, in UTF-8, or the same in gzip."


def words(text: str) -> Words:
    """The words and marks of a sentence, in small letters."""
    return _TOKEN.findall(text.lower())


def read(path: Path) -> list[tuple[str, str]]:
    """The pairs of a file, in its order.

    Raises:
        DataError: the file cannot be read, or a line of it is broken.
    """
    data = unpacked(path, read_file(path, advice=_ADVICE))
    pairs = []
    for number, raw in enumerate(data.removeprefix(b"\xef\xbb\xbf").split(b"\n"), 1):
        try:
            line = raw.removesuffix(b"\r").decode("utf-8")
        except UnicodeDecodeError as error:
            raise DataError(
                path, f"the byte 0x{raw[error.start]:02x} is no UTF-8", line=number, advice=_ADVICE
            ) from None
        if not line.strip():
            continue
        cells = line.split("\t")
        if len(cells) < 2 or not words(cells[0]) or not words(cells[1]):
            raise DataError(
                path, "no source and target with a tab between them", line=number, advice=_ADVICE
            )
        pairs.append((cells[0].strip(), cells[1].strip()))
    if not pairs:
        raise DataError(path, "no pair", advice=_ADVICE)
    return pairs


def split(
    pairs: list[tuple[str, str]], seed: int, *, longest: int = 6, held_back: int = 200
) -> tuple[list[tuple[Words, Words]], list[tuple[Words, list[str]]]]:
    """Short pairs to train on, and other sources with all their translations to judge with.

    Args:
        pairs: as read.
        seed: the same seed gives the same parts.
        longest: how many words and marks a source and a target have at most.
        held_back: how many sources to judge with, a fifth of all at most.

    Returns:
        Pairs of words, and pairs of the words of a source and the texts of its translations.
    """
    found: dict[tuple[str, ...], list[str]] = {}
    for source, target in pairs:
        if max(len(words(source)), len(words(target))) <= longest:
            found.setdefault(tuple(words(source)), []).append(" ".join(words(target)))
    sources = sorted(found)
    random.Random(f"pairs {seed}").shuffle(sources)
    cut = min(held_back, len(sources) // 5)
    asked = [(list(source), found[source]) for source in sources[:cut]]
    known = [(list(source), text.split()) for source in sources[cut:] for text in found[source]]
    return known, asked
