"""Pages: templates, code and pictures for one HTML file that needs nothing else.

Nothing of a submission's becomes markup. Templates escape every value, and each text is made
neutral first (`grader.text`). Pictures are images of their own, beside a text that says what they
show. A page loads nothing and runs nothing: its content security policy says so too.
"""

import base64
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from msgspec import Struct
from pygments.lexers.python import PythonLexer
from pygments.token import Comment, Keyword, Name, Number, String, is_token_subtype

from grader.errors import UsageError
from grader.present.inline import inline
from grader.present.picture import describe, draw_svg, text_plot
from grader.text import lines_of, neutral, one_line
from grader.verdict import Status

MAX_LINE = 300
MAX_COLOURED = 50_000
"""A longer source is not coloured as a whole: what is shown of it is, by itself."""
AROUND = 3
PLOT_WIDTH = 76

_KINDS = ((Comment, "comment"), (String, "string"), (Keyword, "keyword"), (Number, "number"),
          (Name.Function, "name"), (Name.Class, "name"))  # fmt: skip
_SIGNS = {
    Status.PASSED: ("good", "✓"),
    Status.NOT_IMPLEMENTED: ("none", "○"),
    Status.NOT_RUN: ("none", "·"),
    Status.NOT_VERIFIED: ("none", "?"),
    Status.INTERNAL_ERROR: ("warn", "!"),
}


class Part(Struct, frozen=True):
    """A piece of a line: its text, the class of its colour, whether it is what is meant."""

    text: str
    kind: str
    marked: bool


class CodeLine(Struct, frozen=True):
    """A line of code: its number, its parts, whether it is the one that is meant."""

    number: int
    parts: tuple[Part, ...]
    meant: bool


class Picture(Struct, frozen=True):
    """A figure on a page.

    Args:
        title: its title.
        described: what it shows, in words.
        light, dark: images as data URLs; empty where there is only a text.
        text: the figure as lines of text; empty where there are images.
    """

    title: str
    described: str
    light: str = ""
    dark: str = ""
    text: str = ""


def page(template: str, **values: Any) -> bytes:
    """A page as HTML.

    Args:
        template: its file in `templates/`.
        values: what it shows, plain data.
    """
    made = _environment().get_template(template).render(values)
    return made.encode("utf-8", "backslashreplace")


@cache
def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(Path(__file__).with_name("templates")),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["sign"] = lambda status: _SIGNS.get(Status(status), ("bad", "✗"))
    made.filters["word"] = lambda status: str(status).replace("_", " ").lower()
    made.filters["inline"] = inline
    made.filters["scoped"] = _scoped
    made.filters["themed"] = _themed
    made.filters["percent"] = lambda share: f"{share:.0%}"
    return made


def style() -> str:
    """The style sheet of the pages."""
    return Path(__file__).with_name("templates").joinpath("style.css").read_text(encoding="utf-8")


def _scoped(css: str) -> Markup:
    """A style sheet of ours for the inside of a rule: what it says of a page is said of that."""
    return Markup(re.sub(r"^( *)(?::root|body) \{", r"\1& {", css, flags=re.MULTILINE))


def _themed(css: str) -> Markup:
    """The colours of a style sheet of ours as JupyterLab's own theme wants them.

    For the inside of a rule, behind what `_scoped` gives. The theme may differ from the system's.
    """
    light, dark = re.findall(r":root \{([^}]*--ground[^}]*)\}", css)
    light, dark = light.replace("light dark", "light"), f"color-scheme: dark; {dark}"
    return Markup(
        "\n".join(
            f'body[data-jp-theme-light="{is_light}"] & {{{colours}}}'
            for is_light, colours in (("true", light), ("false", dark))
        )
    )


def _shown(value: Any) -> Any:
    """Every text that a template writes passes here, before it is escaped."""
    return neutral(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def excerpt(source: str, line: int, column: int = 0, end: int = 0) -> tuple[CodeLine, ...]:
    """A line of a source with those around it, coloured; nothing if there is no such line.

    Args:
        source: the text.
        line: the line that is meant, from 1.
        column: where in it what is meant begins, from 1; 0 where it is not known.
        end: the column behind it.
    """
    lines = lines_of(source)
    if not 1 <= line <= len(lines):
        return ()
    first, last = max(1, line - AROUND), min(len(lines), line + AROUND)
    begin = 1
    if len(source) > MAX_COLOURED:
        begin, lines = first, [text[:MAX_LINE] for text in lines[first - 1 : last]]
    coloured = _coloured(lines)
    return tuple(
        CodeLine(
            number,
            tuple(_parts(coloured[number - begin], *((column, end) if number == line else (0, 0)))),
            number == line,
        )
        for number in range(first, last + 1)
    )


def _coloured(lines: list[str]) -> list[list[tuple[str, str]]]:
    """For each line its pieces, as class and text."""
    found: list[list[tuple[str, str]]] = [[]]
    lexer = PythonLexer(stripnl=False, ensurenl=False)
    for token, text in lexer.get_tokens("\n".join(lines)):
        kind = next((name for family, name in _KINDS if is_token_subtype(token, family)), "")
        for number, piece in enumerate(text.split("\n")):
            if number:
                found.append([])
            if piece:
                found[-1].append((kind, piece))
    return found + [[] for _ in range(len(lines) - len(found))]


def _parts(pieces: list[tuple[str, str]], column: int, end: int) -> Iterator[Part]:
    """The pieces of a line, cut where what is meant begins and ends, and at the longest line."""
    begin, stop = (column - 1, end - 1) if column and end else (0, 0)
    at = 0
    for kind, text in pieces:
        text = text[: max(0, MAX_LINE - at)]
        inside = [cut - at for cut in (begin, stop) if at < cut < at + len(text)]
        for left, right in zip([0, *inside], [*inside, len(text)], strict=True):
            marked = begin <= at + left < stop
            if left < right:
                yield Part(text[left:right], kind, marked)
        at += len(text)


def pictures(figures: "tuple[dict[str, Any], ...]") -> list[Picture]:
    """The figures of a verdict; drawn as text where Matplotlib is not installed."""
    found = []
    for figure in figures:
        title = one_line(figure["title"])
        if "text" in figure:
            found.append(Picture(title, title, text=figure["text"]))
            continue
        if not any(line["points"] for line in figure["lines"]):
            continue
        try:
            light, dark = (
                _data_url(draw_svg(figure, dark=dark, titled=False)) for dark in (False, True)
            )
            found.append(Picture(title, describe(figure), light, dark))
        except UsageError:
            drawn = "\n".join(text_plot(figure, PLOT_WIDTH).split("\n")[1:])
            found.append(Picture(title, describe(figure), text=drawn))
    return found


def _data_url(svg: bytes) -> str:
    return f"data:image/svg+xml;base64,{base64.b64encode(svg).decode()}"


def counted(statuses: Mapping[str, int]) -> list[tuple[str, int]]:
    """Statuses and how often they are, in the order in which `Status` has them."""
    order = [status.value for status in Status]
    return sorted(statuses.items(), key=lambda item: order.index(item[0]))
