"""The marks of Markdown in a course's own sentences: `` `code` `` and `*emphasis*`, no others."""

import re
from collections.abc import Iterator

_MARKS = re.compile(r"`([^`]+)`|(?<![\w)\]])\*(\w(?:[^*]*\w)?)\*(?![\w(\[])")
"""A star between two factors is none: it stands behind a name, a number or a bracket."""


def inline(text: str) -> Iterator[tuple[str, str]]:
    """The pieces of a sentence, each with the element of HTML that it belongs in.

    Yields:
        "code", "em" or "", and the text without its marks.
    """
    at = 0
    for found in _MARKS.finditer(text):
        yield "", text[at : found.start()]
        yield ("code", found[1]) if found[1] else ("em", found[2])
        at = found.end()
    yield "", text[at:]
