"""Text for character models: made from a seed, and read from a file of the user's own.

A made text is a list of short sentences over a few words that the seed makes:

    (taro mina taro) [lesi dora lesi] (mina lesi mina)

The words share their letters, so one letter says little about the next one. What comes next
depends on the word that was begun. The third word repeats the first, and the closing bracket is
that of the opening one: both lie more than a word back.
"""

import math
import random
from pathlib import Path

from grader.data.files import read_file
from grader.errors import DataError

CONSONANTS, VOWELS = "dlmnrst", "aeio"
BRACKETS = (("(", ")"), ("[", "]"), ("<", ">"))
WORDS = 10


def make_text(length: int, seed: int) -> str:
    """A text of so many characters; the same seed makes the same one, with the same words."""
    rng = random.Random(f"text {seed}")
    words = sorted({_word(rng) for _ in range(4 * WORDS)})
    rng.shuffle(words)
    sentences: list[str] = []
    size = 0
    while size < length:
        opening, closing = rng.choice(BRACKETS)
        first, second = rng.choice(words[:WORDS]), rng.choice(words[:WORDS])
        sentences.append(f"{opening}{first} {second} {first}{closing} ")
        size += len(sentences[-1])
    return "".join(sentences)[:length]


def least_bits(text: str) -> float:
    """The bits per character that nobody can go below: those of the choices behind a made text."""
    choices = math.log2(len(BRACKETS)) + 2 * math.log2(WORDS)
    sentences = sum(text.count(opening) for opening, _ in BRACKETS)
    return sentences * choices / len(text)


def _word(rng: random.Random) -> str:
    """Two or three syllables of two letters."""
    syllables = rng.choice((2, 2, 3))
    return "".join(rng.choice(CONSONANTS) + rng.choice(VOWELS) for _ in range(syllables))


def read_text(path: Path) -> str:
    """Read a text file in UTF-8, with or without a byte order mark; line ends become line feeds.

    Raises:
        DataError: it cannot be read, is not UTF-8 (which byte), or is empty.
    """
    path = Path(path)
    advice = "Give a plain text file in UTF-8, with some thousand characters."
    data = read_file(path, advice=advice)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        message = f"byte {error.start} of the file is not UTF-8"
        raise DataError(path, message, line=line, advice=advice) from None
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        raise DataError(path, "there is no text in it", advice=advice)
    return text
