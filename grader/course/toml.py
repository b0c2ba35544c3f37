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
        text = path.read_bytes().decode()
        return text, msgspec.convert(tomllib.loads(text), kind)
    except OSError as error:
        raise SpecError(path, f"cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise SpecError(path, f"is not UTF-8 text (byte {error.start})") from None
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"line (\d+)", str(error))
        raise SpecError(
            path, f"is not TOML: {error}", line=int(line[1]) if line else None
        ) from None
    except msgspec.ValidationError as error:
        message, _, where = str(error).partition(" - at ")
        keys = re.findall(r"[A-Za-z_]\w*", where) + re.findall(r"field `(\w+)`", message)
        raise SpecError(
            path,
            f"{message}{f' (at {where})' if where else ''}",
            line=line_of(text, keys[-1]) if keys else None,
        ) from None


def line_of(text: str, key: str, *, last: bool = False) -> int | None:
    """The line that sets a key or gives an id, else the first that mentions it, else None."""
    name = re.escape(key)
    for pattern in (rf"\s*\[*{name}\]*\s*(=|$)", rf"\s*id\s*=\s*[\"']{name}[\"']", rf".*{name}"):
        found = [n for n, line in enumerate(text.splitlines(), 1) if re.match(pattern, line)]
        if found:
            return found[-1 if last else 0]
    return None
