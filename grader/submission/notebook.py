"""Reading a submission out of a notebook: its code cells as one Python file.

Nothing of it is run, rendered or validated here: the few keys that matter are decoded from JSON,
whatever else the file holds. IPython's lines become Python that does nothing, by IPython's own
rules: what they are, they are only at the beginning of a statement, outside strings and brackets.
"""

import re
from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

MAX_CELLS = 5_000

_BODY_STAYS = ("time", "timeit", "capture", "prun")
"""Cell magics whose cell is Python that is run."""

_ESCAPED = re.compile(r"\s*([%!?]|[,;/](?=[A-Za-z_]))")
_ASSIGNED = re.compile(r"(\s*[A-Za-z_][\w.,\s\[\]'\"*]*=\s*)(%[A-Za-z_]|!(?!=))")
_HELP = re.compile(r"\s*%{0,2}[A-Za-z_*][\w.*]*\?{1,2}\s*(#.*)?$")


class NotebookError(Exception):
    """The file is no notebook that can be read; the message says why."""


class Code(Struct, frozen=True):
    """The code of a notebook.

    Args:
        source: one module.
        cells: for each cell the line of the module on which it begins, and its number, from 1.
    """

    source: bytes
    cells: tuple[tuple[int, int], ...]


class _Cell(Struct):
    cell_type: str
    source: str | list[str] | UnsetType = UNSET
    input: str | list[str] | UnsetType = UNSET  # format 3


class _Worksheet(Struct):
    cells: list[_Cell] = []


class _Notebook(Struct):
    nbformat: Annotated[int, Meta(ge=1, le=99)]
    cells: list[_Cell] = []
    worksheets: list[_Worksheet] = []


def code_of_notebook(data: bytes) -> Code:
    """The code cells of a notebook (format 3 or 4) as the source of one module.

    Cells that another language's magic begins (`%%bash`) are left out. Lines of IPython's become
    statements that do nothing, so that line numbers within a cell stay what they were.

    Raises:
        NotebookError: it is not JSON, or not a notebook.
    """
    try:
        book = msgspec.json.decode(data.decode("utf-8-sig"), type=_Notebook)
    except UnicodeDecodeError as error:
        raise NotebookError(f"the notebook is not UTF-8 text (byte {error.start:,})") from None
    except RecursionError:
        raise NotebookError("the notebook is nested too deeply") from None
    except msgspec.ValidationError as error:
        raise NotebookError(f"the notebook is malformed: {str(error)[:200]}") from None
    except msgspec.DecodeError:
        raise NotebookError("the notebook is not valid JSON") from None
    cells = [*book.cells, *(cell for sheet in book.worksheets for cell in sheet.cells)]
    code = [cell for cell in cells if cell.cell_type == "code"]
    if len(code) > MAX_CELLS:
        raise NotebookError(f"the notebook has {len(code):,} code cells; {MAX_CELLS:,} are read")
    lines: list[str] = []
    starts: list[tuple[int, int]] = []
    for number, cell in enumerate(code, 1):
        text = cell.input if cell.source is UNSET else cell.source
        if text is UNSET:
            raise NotebookError(f"the notebook is malformed: code cell {number} holds no text")
        source = plain_python("".join(text) if isinstance(text, list) else text)
        if source is not None:
            lines.append(f"# In [{number}]")
            starts.append((len(lines) + 1, number))
            lines += [*source.split("\n"), ""]
    return Code("\n".join(lines).encode("utf-8", "surrogatepass"), tuple(starts))


def plain_python(cell: str) -> str | None:
    """A cell as Python, line by line; None where another language's magic begins it."""
    lines = cell.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    first = next((n for n, line in enumerate(lines) if line.strip()), 0)
    magic = re.match(r"%%(\w+)", lines[first]) if lines else None
    if magic is not None:
        if magic[1] not in _BODY_STAYS:
            return None
        lines[first] = f"# {lines[first]}"
    scanner = _Scanner()
    plain = []
    continued = False  # the line before was IPython's, and ends with a backslash
    for line in lines:
        done = f"# {line}" if continued else None
        if done is None and scanner.at_statement:
            done = _without_magic(line)
        if done is None:
            scanner.read(line)
        else:
            continued = line.endswith("\\")
        plain.append(line if done is None else done)
    return "\n".join(plain)


def _without_magic(line: str) -> str | None:
    """A line of IPython's as a statement that does nothing; None if it is Python."""
    indent = line[: len(line) - len(line.lstrip())]
    assigned = _ASSIGNED.match(line)
    if assigned:
        return f"{assigned[1]}[]  # {line.strip()}"
    if _ESCAPED.match(line) or _HELP.match(line):
        return f"{indent}pass  # {line.strip()}"
    return None


class _Scanner:
    """Knows, line by line, whether the next one begins a statement.

    It does not inside a string of three quotes, inside brackets, or after a backslash.
    """

    def __init__(self) -> None:
        self._depth = 0
        self._quote = ""
        self._continued = False

    @property
    def at_statement(self) -> bool:
        """Whether the next line begins a statement."""
        return not (self._depth or self._quote or self._continued)

    def read(self, line: str) -> None:
        """Take in one line of Python."""
        self._continued = False
        position = 0
        while position < len(line):
            char = line[position]
            if self._quote:
                if char == "\\":
                    position += 1
                elif line.startswith(self._quote, position):
                    position += len(self._quote) - 1
                    self._quote = ""
            elif char == "#":
                break
            elif char in "\"'":
                self._quote = char * 3 if line.startswith(char * 3, position) else char
                position += len(self._quote) - 1
            elif char in "([{":
                self._depth += 1
            elif char in ")]}":
                self._depth = max(0, self._depth - 1)
            elif char == "\\" and position == len(line) - 1:
                self._continued = True
            position += 1
        if len(self._quote) == 1:  # such a string ends with its line, unless a backslash goes on
            self._continued = line.endswith("\\")
            self._quote = self._quote if self._continued else ""
