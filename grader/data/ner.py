"""Named entities: sentences whose names have a type by their context alone, and CoNLL files.

Each sentence is a pair (tokens, tags) with tags in IOB2. Made names belong to no type: the same
word is a person, a place or a firm by what stands around it, also by a word that comes later.
"""

import random
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TypeAlias

from grader.data.files import read_file
from grader.errors import DataError

Sentence: TypeAlias = tuple[list[str], list[str]]

TYPES = ("LOC", "ORG", "PER")

_GRAMMAR = {
    "S": [
        *["ONE ."] * 5,
        *["TWO ."] * 2,
        *["PAIR ."] * 2,
        *["SEEN ."] * 3,
        "SPEAKER said that ONE .",
        "SPEAKER heard that PAIR .",
        "WHEN , ONE .",
    ],
    "ONE": [
        "PER DOES",
        "LOC LIES",
        "ORG SELLS",
        *["PER , MIDDLE , DOES"] * 2,
        *["LOC , MIDDLE , LIES"] * 2,
        *["ORG , MIDDLE , SELLS"] * 2,
    ],
    "TWO": [
        "PER and PER , two old friends , met again",
        "LOC and LOC , two small towns , share a church",
        "ORG and ORG , two large firms , share a lawyer",
        "between PER and PER there was no love",
        "between LOC and LOC there is no train",
        "between ORG and ORG there is a contract",
    ],
    "PAIR": [
        "the FULL letters were found",
        "the FULL wedding was quiet",
        "the LOC LOC road was closed",
        "the LOC LOC bridge was closed",
        "the ORG ORG merger was stopped",
        "the ORG ORG deal was stopped",
    ],
    "SEEN": [
        "they saw PER , a friend from school",
        "they saw LOC , a town in the north",
        "they saw ORG , a firm in trouble",
        "we wrote to PER , who never answered",
        "we went to LOC , where it never rained",
        "we spoke about ORG , which never paid",
        "the mayor of LOC thanked PER",
        "the shares of ORG hurt PER",
        "the aunt of PER lived in LOC",
        "nobody in LOC had met PER",
        "ORG sued PER over a field near LOC",
    ],
    "SPEAKER": ["the teacher", "a neighbour", "PER", "the mayor of LOC", "a lawyer for ORG"],
    "WHEN": ["last April", "last May", "this June", "in the end", "years later"],
    "MIDDLE": [
        "after a long winter",
        "as the papers say",
        "in spite of the war",
        "to the surprise of PER",
        "in the words of a teacher from LOC",
        "as the lawyers of ORG say",
        "for the third time",
    ],
    "DOES": ["sings at night", "reads slowly", "married twice", "was born blind", "broke a leg"],
    "LIES": ["lies on a hill", "has a harbour", "was flooded twice", "is full of bakers"],
    "SELLS": ["sells ships", "hires clerks", "was bought twice", "owes us money"],
    "PER": [*["NAME"] * 3, "FULL"],
    "FULL": ["NAME NAME"],
    "LOC": [*["NAME"] * 5, "Port NAME"],
    "ORG": [*["NAME"] * 5, "Bank of NAME"],
}
_NAMED = {"PER": "PER", "FULL": "PER", "LOC": "LOC", "ORG": "ORG"}
_ORDINARY = ("April", "May", "June")
"""Months are no entities here, and are names of people and places too."""

_FIRST = "Al Bar Cor Dun El Fen Gar Hol Is Jor Kes Lan Mar Nor Os Pen Quin Ros Sel Tor Ul Ver Wes"
_LAST = (
    "a an bury by da den don dra field ford ia ina is ley low man mont more ney son ton vale wick"
)


def names(count: int, rng: random.Random, *, without: Iterable[str] = ()) -> list[str]:
    """Different made names.

    Args:
        count: how many; there are about 12,000.
        rng: what draws them.
        without: names that must not be among them.
    """
    taken = set(without)
    found: list[str] = []
    firsts, lasts = _FIRST.split(), _LAST.split()
    while len(found) < count:
        parts = [
            rng.choice(firsts),
            *(rng.choice(firsts).lower() for _ in range(rng.random() < 0.5)),
        ]
        name = "".join([*parts, rng.choice(lasts)])
        if name not in taken:
            taken.add(name)
            found.append(name)
    return found


def made(count: int, rng: random.Random, *, of: Sequence[str]) -> list[Sentence]:
    """Sentences of the grammar.

    Args:
        count: how many.
        rng: what draws them.
        of: names, the frequent ones first: name k is drawn with a weight of 1 / (k + 10).
    """
    ranked = [*of[: len(of) // 8], *_ORDINARY, *of[len(of) // 8 :]]
    weights = [1.0 / (rank + 10.0) for rank in range(len(ranked))]

    def name() -> str:
        return rng.choices(ranked, weights)[0]

    sentences = []
    for _ in range(count):
        tokens, tags = _expanded("S", rng, name)
        sentences.append(([tokens[0][0].upper() + tokens[0][1:], *tokens[1:]], tags))
    return sentences


def _expanded(symbol: str, rng: random.Random, name: Callable[[], str]) -> Sentence:
    """The tokens and tags of a symbol of the grammar, drawn."""
    if symbol == "NAME":
        return [name()], ["O"]
    if symbol not in _GRAMMAR:
        return [symbol], ["O"]
    parts = [_expanded(part, rng, name) for part in rng.choice(_GRAMMAR[symbol]).split()]
    tokens = [token for part in parts for token in part[0]]
    tags = [tag for part in parts for tag in part[1]]
    if symbol in _NAMED:
        kind = _NAMED[symbol]
        tags = [f"B-{kind}", *[f"I-{kind}"] * (len(tokens) - 1)]
    return tokens, tags


def training_and_held_back(
    seed: int, *, train: int = 800, held_back: int = 300
) -> tuple[list[Sentence], list[Sentence]]:
    """Sentences to train on, and others to judge with: there, half of the names were never seen.

    Args:
        seed: the same seed gives the same sentences.
        train: how many to train on.
        held_back: how many to judge with.
    """
    rng = random.Random(seed)
    known = names(400, rng)
    fresh = names(200, rng, without=known)
    sentences = made(train, rng, of=known)
    mixed = [name for pair in zip(known, fresh, strict=False) for name in pair]
    return sentences, made(held_back, rng, of=mixed)


# -- files -----------------------------------------------------------------------------------------

_PARTS = (
    ("train.conll", "dev.conll"),
    ("train.txt", "dev.txt"),
    ("train.txt", "valid.txt"),
    ("eng.train", "eng.testa"),
)
"""What the two files of a folder are called: WNUT 2017, and copies of CoNLL-2003."""


def read(path: Path) -> tuple[list[Sentence], list[Sentence]]:
    """Read sentences to train on and others to judge with.

    Args:
        path: a folder with two files, or one file, whose last fifth is what one judges with.

    Raises:
        DataError: no such files, or one of them is broken.
    """
    if not path.is_dir():
        sentences = read_conll(path)
        cut = len(sentences) - max(1, len(sentences) // 5)
        if cut < 1:
            raise DataError(path, "one sentence alone, expected two or more")
        return sentences[:cut], sentences[cut:]
    for one, other in _PARTS:
        if (path / one).is_file() and (path / other).is_file():
            return read_conll(path / one), read_conll(path / other)
    wanted = ", or ".join(f"{one} and {other}" for one, other in _PARTS)
    raise DataError(path, "no training and development file", advice=f"Expected {wanted}.")


def read_conll(path: Path) -> list[Sentence]:
    """Read a CoNLL file of two or more columns: the token first, its tag last.

    Tags in IOB1 come back in IOB2. A file is IOB1 where an I begins an entity.

    Raises:
        DataError: the file cannot be read, or a line of it is broken.
    """
    data = read_file(path, advice="Give a CoNLL file.")
    # The line of each token stands beside it, for messages.
    sentences: list[tuple[Sentence, list[int]]] = [(([], []), [])]
    columns = 0
    for number, raw in enumerate(data.removeprefix(b"\xef\xbb\xbf").split(b"\n"), 1):
        cells = _cells(path, number, raw)
        if not cells or cells[0] == "-DOCSTART-":
            sentences.append((([], []), []))
            continue
        columns = columns or len(cells)
        if len(cells) != columns or columns < 2:
            raise DataError(
                path,
                f"{len(cells)} columns, expected {max(columns, 2)}",
                line=number,
                advice="Each line holds a token, perhaps more columns, and a tag.",
            )
        if cells[-1] != "O" and (cells[-1][:2] not in ("B-", "I-") or len(cells[-1]) < 3):
            raise DataError(
                path, f"the tag {cells[-1]!r}, expected O, B-TYPE or I-TYPE", line=number
            )
        (tokens, tags), lines = sentences[-1]
        tokens.append(cells[0])
        tags.append(cells[-1])
        lines.append(number)
    found = [one for one in sentences if one[1]]
    if not found:
        raise DataError(path, "no token", advice="Is this a CoNLL file?")
    return [(tokens, tags) for tokens, tags in _in_iob2(path, found)]


def _cells(path: Path, number: int, raw: bytes) -> list[str]:
    """The columns of one line.

    Raises:
        DataError: it is no UTF-8, or has a carriage return inside.
    """
    try:
        text = raw.removesuffix(b"\r").decode("utf-8")
    except UnicodeDecodeError as error:
        raise DataError(
            path,
            f"the byte 0x{raw[error.start]:02x} is no UTF-8",
            line=number,
            advice="Write the file in UTF-8.",
        ) from None
    if "\r" in text:
        raise DataError(
            path,
            "a carriage return within a line",
            line=number,
            advice="End lines with LF or CR LF.",
        )
    return [cell for cell in text.replace("\t", " ").split(" ") if cell]


def _in_iob2(path: Path, sentences: Sequence[tuple[Sentence, list[int]]]) -> Iterable[Sentence]:
    """The sentences of a file in IOB2, from whichever scheme the file is in.

    Raises:
        DataError: some tags are no IOB2, and others no IOB1.
    """
    not_iob2 = not_iob1 = 0
    for (_, tags), lines in sentences:
        for before, tag, line in zip(["O", *tags], tags, lines, strict=False):
            same = before != "O" and before[2:] == tag[2:]
            not_iob2 = not_iob2 or (line if tag[0] == "I" and not same else 0)
            not_iob1 = not_iob1 or (line if tag[0] == "B" and not same else 0)
    if not_iob2 and not_iob1:
        raise DataError(
            path,
            f"an I begins an entity here, which IOB2 does not allow, and a B in line {not_iob1} "
            "where IOB1 has none",
            line=not_iob2,
            advice="Write all tags in one scheme.",
        )
    for (tokens, tags), _ in sentences:
        befores = ["O", *tags]
        first = [
            tag[0] == "I" and before[2:] != tag[2:]
            for before, tag in zip(befores, tags, strict=False)
        ]
        yield tokens, [f"B{tag[1:]}" if new else tag for tag, new in zip(tags, first, strict=True)]
