"""What a task promises or forbids, and which check holds it: `[promises]` in a `kata.toml`.

A promise is a quotation of the task (`README.md`, or a docstring of the stub), so that it cannot
say something else than the learner reads. Each sentence of a list in the section *The task* is one.
"""

import re
from collections.abc import Iterator

from msgspec import Struct

FORBIDDEN = "forbidden"
"""Instead of a check: the promise is a prohibition, and the kata's table `[forbidden]` holds it."""

_MARKUP = re.compile(r"[`*]")
_TASK = re.compile(r"^##\s+The task\s*$")
_ITEM = re.compile(r"^(?:[-*+]|\d+[.)])\s+(?P<text>.*)$")
_END = re.compile(r"(?<=[^\s.][.!?;])(?<!e\.g\.)(?<!i\.e\.)\s+|(?<=[.!?]\))\s+")


class Sentence(Struct, frozen=True):
    """A sentence of a list in the section *The task*, and the line on which its item begins."""

    text: str
    line: int


def plain(text: str) -> str:
    """A text without Markdown's marks for emphasis and code, and with single spaces."""
    return " ".join(_MARKUP.sub("", text).split())


def sentences(readme: str) -> list[Sentence]:
    """The sentences of the lists in a README's section *The task*."""
    found = []
    for line, item in _items(readme):
        found += [Sentence(part, line) for part in _END.split(plain(item)) if part]
    return found


def unpromised(readme: str, quotes: list[str]) -> list[Sentence]:
    """The sentences of the task's lists of which no part is quoted."""
    known = [plain(quote) for quote in quotes]
    return [
        sentence
        for sentence in sentences(readme)
        if not any(quote in sentence.text or sentence.text in quote for quote in known)
    ]


def _items(readme: str) -> Iterator[tuple[int, str]]:
    """The items of the lists in the section *The task*, each with its line."""
    inside, line, item = False, 0, ""
    for number, text in enumerate((*readme.splitlines(), ""), start=1):
        start = _ITEM.match(text) if inside else None
        if item and (start or not text.startswith(" ") or not text.strip()):
            yield line, item
            item = ""
        if text.startswith("#"):
            inside = bool(_TASK.match(text))
        if start:
            line, item = number, start["text"]
        elif item:
            item += f" {text}"
