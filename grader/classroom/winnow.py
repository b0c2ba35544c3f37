"""Fingerprints of Python code that survive other names, comments and spacing.

Winnowing, after Schleimer, Wilkerson, Aiken: Winnowing, SIGMOD 2003. A file becomes tokens, each
run of `GRAM` tokens becomes a hash, and of each `WINDOW` hashes in a row the least is kept. So two
files that share `GRAM + WINDOW - 1` tokens in a row share a fingerprint, wherever those stand.
"""

import hashlib
import io
import keyword
import tokenize
from collections.abc import Iterator, Sequence, Set

from msgspec import Struct

GRAM = 9
WINDOW = 5
MOST_TOKENS = 50_000
"""What comes later in a file is not compared."""
_SKIPPED = frozenset((tokenize.COMMENT, tokenize.NL, tokenize.INDENT, tokenize.DEDENT,
                      tokenize.ENDMARKER, tokenize.ENCODING))  # fmt: skip


class Token(Struct, frozen=True):
    """A token as it is compared, and the line that it stands in, from 1."""

    text: str
    line: int


class Print(Struct, frozen=True):
    """A fingerprint, and the lines that it was made of."""

    hash: bytes
    first: int
    last: int


def tokens_of(source: str, *, as_written: bool = False) -> list[Token]:
    """The tokens of a source, names and values made alike; as far as it is Python.

    A name is `n`, a number `0`, a text `""`. What stands behind a dot keeps its name: it says which
    operation is asked for. Documentation and comments are left out.

    Args:
        source: Python.
        as_written: names and values stay what they are.
    """
    found: list[Token] = []
    try:
        for one in _tokens(source, as_written=as_written):
            found.append(one)
            if len(found) == MOST_TOKENS:
                break
    except (tokenize.TokenError, SyntaxError, ValueError):
        pass  # what was read before still counts
    return found


def _tokens(source: str, *, as_written: bool) -> Iterator[Token]:
    before, begins = "", True
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type in _SKIPPED:
            continue
        if token.type == tokenize.NEWLINE:
            before, begins = "", True
            continue
        if token.type == tokenize.STRING and begins:
            begins = False  # a text that begins a statement says something to people
            continue
        begins = False
        text = token.string if as_written else _alike(token, before)
        yield Token(text, token.start[0])
        before = text


def _alike(token: tokenize.TokenInfo, before: str) -> str:
    """A token's text, names and values made alike."""
    text = token.string
    if token.type == tokenize.NAME and before != "." and not keyword.iskeyword(text):
        return "n"
    if token.type == tokenize.NUMBER:
        return "0"
    return '""' if token.type == tokenize.STRING else text


def grams_of(tokens: Sequence[Token]) -> list[Print]:
    """The hash of each run of `GRAM` tokens, in order."""
    return [
        Print(
            hashlib.blake2b(
                "\0".join(one.text for one in tokens[at : at + GRAM]).encode("utf-8", "replace"),
                digest_size=8,
            ).digest(),
            tokens[at].line,
            tokens[at + GRAM - 1].line,
        )
        for at in range(len(tokens) - GRAM + 1)
    ]


def winnowed(grams: Sequence[Print], *, without: Set[bytes] = frozenset()) -> list[Print]:
    """The least hash of each window, the last of equal ones; each place once, in order.

    Args:
        grams: see `grams_of`.
        without: hashes that are nobody's: those of the stub.
    """
    kept: dict[int, Print] = {}
    for at in range(max(1, len(grams) - WINDOW + 1)) if grams else ():
        window = range(at, min(at + WINDOW, len(grams)))
        least = min(window, key=lambda place: (grams[place].hash, -place))
        kept[least] = grams[least]
    return [kept[place] for place in sorted(kept) if kept[place].hash not in without]
