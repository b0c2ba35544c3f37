"""Reading TOML into typed records, with errors that name file and line."""

import re
import tomllib
from pathlib import Path
from typing import TypeVar

import msgspec
from msgspec import Struct

from grader.errors import SpecError

MAX_SPEC_BYTES = 1 << 18
Spec = TypeVar("Spec", bound=Struct)


def read_toml(path: Path, kind: type[Spec]) -> tuple[str, Spec]:
    """A TOML file's text, and what it holds.

    Raises:
        SpecError: it cannot be read, is no TOML, or not of this kind; with the line where that can
            be told.
    """
    try:
        if path.stat().st_size > MAX_SPEC_BYTES:
            raise SpecError(path, f"is larger than {MAX_SPEC_BYTES:,} bytes")
        text = path.read_bytes().decode().removeprefix("\ufeff")  # as some editors write it
        return text, msgspec.convert(tomllib.loads(text), kind)
    except OSError as error:
        raise SpecError(path, f"cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise SpecError(path, f"is not UTF-8 text (byte {error.start})") from None
    except RecursionError:
        raise SpecError(path, "is nested too deep to be read") from None
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"line (\d+)", str(error))  # or "at end of document"
        number = int(line[1]) if line else len(text.splitlines())
        raise SpecError(path, f"is not TOML: {error}", line=number) from None
    except msgspec.ValidationError as error:
        message, _, where = str(error).partition(" - at ")
        raise SpecError(
            path,
            f"{message}{f' (at {where})' if where else ''}",
            line=_line_of_fault(text, message, where),
        ) from None


def line_of(text: str, key: str, *, last: bool = False) -> int | None:
    """The line that sets a key or gives an id or name, else the first with it, else None."""
    name = re.escape(key)
    text_of_it = rf"[\"']{name}[\"']"
    for pattern in (
        rf"\s*\[*{name}\]*\s*(=|$)",
        rf"\s*(id|name)\s*=\s*{text_of_it}",
        rf".*{text_of_it}",
        rf".*{name}",
    ):
        found = [n for n, line in enumerate(text.splitlines(), 1) if re.match(pattern, line)]
        if found:
            return found[-1 if last else 0]
    return None


def line_in_table(text: str, table: str, key: str) -> int | None:
    """The line that sets a key in a table, else the table's own line, else None."""
    lines = text.splitlines()
    header = re.compile(rf"\s*\[\s*{re.escape(table)}\s*\]")
    start = next((n for n, line in enumerate(lines) if header.match(line)), None)
    if start is None:
        return line_of(text, table)
    sets = re.compile(rf"\s*([\"']?){re.escape(key)}\1\s*=")
    for number in range(start + 1, len(lines)):
        if sets.match(lines[number]):
            return number + 1
        if re.match(r"\s*\[", lines[number]):
            break
    return start + 1


def _line_of_fault(text: str, message: str, where: str) -> int | None:
    """The line of what msgspec finds wrong.

    Args:
        text: the file.
        message: what is wrong; it may name a field.
        where: the place, like `$.misconception[1].edits[0].old`.
    """
    lines = text.splitlines()
    steps = re.findall(r"([A-Za-z_]\w*)(?:\[(\d+)\])?", where)
    keys = [name for name, _ in steps] + re.findall(r"field `(\w+)`", message)
    if not keys:
        return None
    first, last, table, inside = 0, len(lines), "", False
    for name, index in steps:
        table = f"{table}.{name}" if table else name
        header = re.compile(rf"\s*\[\[\s*{re.escape(table)}\s*\]\]")
        starts = [n for n in range(first, last) if header.match(lines[n])]
        if not index or int(index) >= len(starts):
            break  # what follows is written inline
        first, last, inside = starts[int(index)], (*starts, last)[int(index) + 1], True
    if not inside:
        return line_of(text, keys[-1])
    key = re.escape(keys[-1])
    for pattern in (rf"\s*{key}\s*=", rf".*\b{key}\s*="):
        for number in range(first, last):
            if re.match(pattern, lines[number]):
                return number + 1
    return first + 1
