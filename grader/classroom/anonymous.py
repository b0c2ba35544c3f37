"""Lines of students' code that can be shown to others: nothing in them says who wrote them."""

import io
import re
import tokenize
from collections.abc import Iterable, Set

SHORTEST_NAME = 3
MAX_LINE = 200
_PARTS = re.compile(r"[^\W\d_]+|\d+")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")


def words_of(names: Iterable[str]) -> frozenset[str]:
    """The words that names and ids are made of, in lower case; very short ones are left out."""
    return frozenset(word for name in names for word in _words(name) if len(word) >= SHORTEST_NAME)


def anonymous(line: str, names: Set[str]) -> str:
    """A line of Python without comments and texts; empty where it still says a name.

    Args:
        line: the line, or an expression of it.
        names: see `words_of`.

    Returns:
        The line with `...` in the place of what texts say; empty too where it is no Python.
    """
    shown, end = "", 0
    try:
        for token in tokenize.generate_tokens(io.StringIO(line).readline):
            if token.start[0] > 1 or token.type in (tokenize.COMMENT, tokenize.NEWLINE):
                break
            if token.type in (tokenize.INDENT, tokenize.NL):
                continue
            text = '"..."' if token.type == tokenize.STRING else token.string
            if token.type == _FSTRING_MIDDLE:
                text = "..."
            shown += line[end : token.start[1]] + text if token.start[1] >= end else text
            end = token.end[1]
    except (tokenize.TokenError, SyntaxError, ValueError):
        if not shown or '"' in line or "'" in line:
            return ""
    shown = shown.strip()[:MAX_LINE]
    return "" if names & set(_words(shown)) else shown


_FSTRING_MIDDLE = getattr(tokenize, "FSTRING_MIDDLE", -1)
"""What an f-string says between its braces, a token of its own since Python 3.12."""


def _words(text: str) -> list[str]:
    return [word.lower() for word in _PARTS.findall(_CAMEL.sub(" ", text))]
