r"""Text of a submission's, made harmless wherever it goes: a terminal, JSON, XML, a CI log.

Control characters, marks that reverse the direction of writing, separators of lines and lone
surrogates are shown as escapes (`\x1b`). So are the marks by which the runners of CI services
recognise a command in a log: `::error::` and `##[group]`.
"""

import re
import unicodedata
from collections.abc import Callable

import msgspec

_COMMAND = re.compile(
    r"(?P<alone>(?<!\S)::(?=[A-Za-z_])"  # at the beginning of a line, once it is wrapped
    r"|##(?=\w*\[))"  # ##[group], ##vso[task...]
    r"|::(?=[A-Za-z_][\w-]*(?:::|[ \t]))"  # ::error file=a.py::text, if its end is in the line
)

_FORMULA = (*"=+-@\t\r\n", *"\uff1d\uff0b\uff0d\uff20")
"""What may begin a formula; the last four are wide forms, which some spreadsheets read alike."""


def neutral(text: str) -> str:
    """A text with nothing in it that acts on a terminal or on a log; newlines and tabs stay."""
    text = _without_commands(text, lambda mark: f"{mark[0]}\\x{ord(mark[1]):02x}")
    if text.isprintable():
        return text
    return "".join(char if _is_plain(char) else _escaped(char) for char in text)


def one_line(text: str) -> str:
    """A text as one neutral line: line feeds and tabs are blanks."""
    parts = re.split(r"\r\n|[\n\t]", text.strip(" \n\t"))
    return neutral(" ".join(plain for part in parts if (plain := part.strip(" "))))


def cut(text: str, most: int) -> str:
    """A text of no more than so many characters; where something is left out, it ends in dots."""
    return text if len(text) <= most else f"{text[: most - 3]}..."


def cell(text: str) -> str:
    """A text as a cell of a table that no spreadsheet takes for a formula."""
    plain = neutral(text)
    return f"'{plain}" if plain.lstrip(" ").startswith(_FORMULA) else plain


def json_escaped(text: str) -> str:
    """A JSON document that says the same and holds no character or mark that acts on anything."""
    text = _without_commands(text, lambda mark: f"{mark[0]}\\u{ord(mark[1]):04x}")
    if text.isascii() and "\x7f" not in text:
        return text
    return "".join(char if char == "\n" or _is_plain(char) else _units(char) for char in text)


def json_document(document: object) -> bytes:
    """A document as indented JSON, in which nothing acts on a terminal or a log that shows it."""
    written = msgspec.json.format(msgspec.json.encode(document), indent=2)
    return json_escaped(written.decode()).encode() + b"\n"


def lines_of(source: str) -> list[str]:
    """The lines of a source as Python counts them: a form feed ends none."""
    return re.split(r"\r\n|\r|\n", source)


def _without_commands(text: str, broken: Callable[[str], str]) -> str:
    """A text whose marks of a command are broken, in a time that grows with its length alone."""
    if "::" not in text and "##" not in text:
        return text

    def in_line(line: str) -> str:
        last = line.rfind("::")

        def seen(found: re.Match[str]) -> str:
            is_mark = found["alone"] is not None or last > found.start()
            return broken(found[0]) if is_mark else found[0]

        return _COMMAND.sub(seen, line)

    return "\n".join(map(in_line, text.split("\n")))


def _is_plain(char: str) -> bool:
    return char.isprintable() or char in "\n\t" or unicodedata.category(char) == "Zs"


def _escaped(char: str) -> str:
    return char.encode("unicode_escape", "backslashreplace").decode("ascii")


def _units(char: str) -> str:
    """A character as JSON escapes it, in units of UTF-16."""
    data = char.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{data[at] << 8 | data[at + 1]:04x}" for at in range(0, len(data), 2))
