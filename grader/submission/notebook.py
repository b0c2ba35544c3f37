"""Reading a submission out of a notebook: its code cells as one Python file.

Nothing of it is run, rendered or validated here: the few keys that matter are decoded from JSON,
whatever else the file holds. IPython's lines become Python, by IPython's own rules: what they are,
they are only at the beginning of a statement, outside strings and brackets. A magic that runs a
statement (`%time x = f()`) leaves that statement; any other line becomes one that does nothing.

Which of the cells a kata needs is decided in the worker, where they are parsed.
"""

import re
from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, Raw, Struct, UnsetType

MAX_SUBMISSION_BYTES = 1 << 20
MAX_NOTEBOOK_BYTES = 1 << 24
"""With all outputs, of which nothing is kept; the code is no longer than that of any submission."""
MAX_CELLS = 5_000

CELL_MARK = "# In ["
"""What the line above a cell begins with."""
TAG = "kata"
"""A cell with this tag answers whatever kata is asked, one with `kata:NAME` that kata."""

_BODY_STAYS = frozenset(
    (
        *("capture", "debug", "kata", "memit", "mprun", "prun", "pyinstrument", "snakeviz"),
        *("time", "timeit", "wandb"),
    )
)
"""Cell magics whose cell is Python that is run."""

_ESCAPED = re.compile(r"\s*([%!?]|[,;/](?=[A-Za-z_]))")
_RUNS = re.compile(r"%(?:memit|prun|time)\s+(?:-\S+\s+)*(?=[^\s-])")
_ASSIGNED = re.compile(r"(\s*[A-Za-z_][\w.,\s\[\]'\"*]*=\s*)(%[A-Za-z_]|!(?!=))")
_HELP = re.compile(r"\s*%{0,2}[A-Za-z_*][\w.*]*(?:\[[^\]]*\][\w.]*)*\?{1,2}\s*(#.*)?$")
_PROMPT = re.compile(r"(>>>|\.\.\.)( |$)|(In \[\d+\]|   \.{3,}): ?")
_DEFINES = re.compile(r"^(?:async )?(?:def|class) ", re.MULTILINE)
_CONFLICT = re.compile(r"^(?:<{7}|>{7}) ", re.MULTILINE)
_HIGH, _LOW = r"[dD][89abAB][0-9a-fA-F]{2}", r"[dD][c-fC-F][0-9a-fA-F]{2}"
_LONE = re.compile(rf"(?<!\\)(?<!\\u{_HIGH})((?:\\\\)*)\\u(?:{_HIGH}(?!\\u{_LOW})|{_LOW})")
"""Half of a sign: what browsers write where an output was cut in its middle."""
_HALF = re.compile(r"\\u[dD][89a-fA-F]")
_MAX_TAGS = 8
_MAX_NAME = 100


class NotebookError(Exception):
    """The file is no notebook that can be read; the message says why."""


class Cell(Struct, frozen=True):
    """A code cell.

    Args:
        line: the line of the module on which it begins.
        number: which code cell it is, from 1.
        answers: the katas that it says it answers, as its tags name them; `*` for any.
    """

    line: int
    number: int
    answers: tuple[str, ...] = ()

    def is_for(self, name: str) -> bool:
        """Whether its tags say that it answers a kata (`track/kata`)."""
        known = ("*", name.lower(), name.rpartition("/")[2].lower())
        return any(answer.lower() in known for answer in self.answers)


class Code(Struct, frozen=True):
    """The code of a notebook.

    Args:
        source: one module.
        cells: its code cells, in order.
    """

    source: bytes
    cells: tuple[Cell, ...]


def places_for(kata: str, cells: Sequence[Cell]) -> tuple[tuple[int, int, bool | None], ...]:
    """For each cell its line, its number, and whether it is tagged for a kata (`track/kata`).

    That is None for a cell that is tagged for others.
    """
    return tuple(
        (cell.line, cell.number, cell.is_for(kata) or (None if cell.answers else False))
        for cell in cells
    )


def tagged_cells(data: bytes) -> list[Cell]:
    """The cells of a notebook that are tagged for katas by name.

    None if it cannot be read: whoever reads it in earnest says why.
    """
    if TAG.encode() not in data or len(data) > MAX_NOTEBOOK_BYTES:
        return []
    try:
        cells = code_of_notebook(data).cells
    except NotebookError:
        return []
    return [cell for cell in cells if cell.answers and "*" not in cell.answers]


def place_in(cells: Sequence[Cell], line: int) -> tuple[int, int]:
    """The number of the cell that a line of the module is in, and its line there; 0 for neither."""
    before = [cell for cell in cells if cell.line <= line]
    return (before[-1].number, line - before[-1].line + 1) if before else (0, 0)


def line_words(cells: Sequence[Cell], line: int) -> str:
    """A line of a submission, as it is said: with its cell, if it is of a notebook."""
    number, inside = place_in(cells, line)
    return f"cell {number}, line {inside}" if number else f"line {line}"


def is_notebook(name: str) -> bool:
    """Whether a file's name is that of a notebook, also as browsers save one."""
    return name.lower().endswith((".ipynb", ".ipynb.json", ".ipynb.txt"))


def most_bytes(name: str) -> int:
    """How many bytes are read of a file of that name, at most: of a notebook more."""
    return MAX_NOTEBOOK_BYTES if is_notebook(name) else MAX_SUBMISSION_BYTES


class _Metadata(Struct):
    tags: list[Any] = []


class _Language(Struct, frozen=True):
    name: str = ""
    language: str = ""


class _About(Struct, frozen=True):
    kernelspec: _Language = _Language()
    language_info: _Language = _Language()


class _Cell(Struct):
    cell_type: str
    metadata: Raw = Raw()
    source: str | list[str] | UnsetType = UNSET
    input: str | list[str] | UnsetType = UNSET  # format 3


class _Worksheet(Struct):
    cells: list[_Cell] = []


class _Notebook(Struct):
    nbformat: Annotated[int, Meta(ge=1, le=99)]
    metadata: Raw = Raw()
    cells: list[_Cell] = []
    worksheets: Raw = Raw()  # format 3


def code_of_notebook(data: bytes) -> Code:
    """The code cells of a notebook (format 3 or 4) as the source of one module.

    Cells that another language's magic begins (`%%bash`) are left out; where they seem to define
    something in Python, they stay as comments. Line numbers within a cell stay what they were.

    Raises:
        NotebookError: it is not JSON, not a notebook, of another language, or holds too much code.
    """
    book = _decoded(data)
    language = _language(book.metadata)
    if language:
        raise NotebookError(f"the notebook is one for {language}, and the kata asks for Python")
    cells = [*book.cells, *_old_cells(book.worksheets)]
    code = [cell for cell in cells if cell.cell_type == "code"]
    if len(code) > MAX_CELLS:
        raise NotebookError(f"the notebook has {len(code):,} code cells; {MAX_CELLS:,} are read")
    lines: list[str] = []
    starts: list[Cell] = []
    length = 0
    for number, cell in enumerate(code, 1):
        text = cell.input if cell.source is UNSET else cell.source
        if text is UNSET:
            raise NotebookError(f"the notebook is malformed: code cell {number} holds no text")
        text = "".join(text) if isinstance(text, list) else text
        length += len(text)
        if length > MAX_SUBMISSION_BYTES:
            raise NotebookError(
                f"the notebook has more code than is read: {MAX_SUBMISSION_BYTES:,} characters"
            )
        source = plain_python(text)
        if source is None and _DEFINES.search(text):
            source = "\n".join(f"# {line}" for line in text.splitlines())
        if source is not None:
            lines.append(f"{CELL_MARK}{number}]")
            starts.append(Cell(len(lines) + 1, number, _answers(text, cell.metadata)))
            lines += [*source.split("\n"), ""]
    return Code("\n".join(lines).encode("utf-8", "surrogatepass"), tuple(starts))


def _decoded(data: bytes) -> _Notebook:
    """A notebook's JSON, taken apart.

    Raises:
        NotebookError: it is none; the message says what it is instead, as far as that can be seen.
    """
    try:
        text = data.decode("utf-8-sig")
        try:
            return msgspec.json.decode(text, type=_Notebook)
        except msgspec.ValidationError:
            raise
        except msgspec.DecodeError:
            mended = _LONE.sub(r"\1\\ufffd", text) if _HALF.search(text) else text
            if mended == text:
                raise
            return msgspec.json.decode(mended, type=_Notebook)
    except UnicodeDecodeError as error:
        raise NotebookError(f"the notebook is not UTF-8 text (byte {error.start:,})") from None
    except RecursionError:
        raise NotebookError("the notebook is nested too deeply") from None
    except msgspec.ValidationError as error:
        raise NotebookError(f"the notebook is malformed: {str(error)[:200]}") from None
    except msgspec.DecodeError as error:
        raise NotebookError(f"the notebook is not valid JSON: {_instead(text, error)}") from None


def _old_cells(worksheets: Raw) -> list[_Cell]:
    """The cells of a notebook of format 3, in which every worksheet costs its reader memory.

    Raises:
        NotebookError: they are malformed, or there is too much of them.
    """
    data = bytes(worksheets)
    if len(data) > MAX_SUBMISSION_BYTES:
        raise NotebookError(
            f"the notebook is of format 3, of which {MAX_SUBMISSION_BYTES:,} bytes are read; clear "
            "its outputs, or open it in Jupyter and save it"
        )
    try:
        sheets = msgspec.json.decode(data, type=list[_Worksheet]) if data else []
    except (msgspec.DecodeError, RecursionError) as error:
        raise NotebookError(f"the notebook is malformed: {str(error)[:200]}") from None
    return [cell for sheet in sheets for cell in sheet.cells]


def _instead(text: str, error: msgspec.DecodeError) -> str:
    """What a text that is no JSON seems to be, and what to do."""
    conflict = _CONFLICT.search(text)
    if not text.strip():
        return "the file is empty"
    if conflict:
        line = text.count("\n", 0, conflict.start()) + 1
        return f"line {line} has the mark of a merge conflict, which has to be resolved first"
    if text.lstrip().startswith("<"):
        return "it is a web page; download the notebook itself"
    if not text.lstrip().startswith("{"):
        return "it does not begin with {. If it is Python code, let its name end with .py"
    if "truncated" in str(error):
        return "it ends in the middle. Save it again"
    return str(error).removeprefix("JSON is malformed: ")[:200]


def _language(metadata: Raw) -> str:
    """The language that a notebook says it is in; empty for Python, and where it says nothing."""
    try:
        about = msgspec.json.decode(metadata, type=_About)
    except (msgspec.DecodeError, RecursionError):
        return ""
    said = [name for name in (about.language_info.name, about.kernelspec.language) if name]
    python = any(word in name.lower() for name in said for word in ("python", "sage"))
    return "" if python or not said else said[0][:40]


def _answers(text: str, metadata: Raw) -> tuple[str, ...]:
    """The katas that a cell says it answers: by tags, or by `%%kata NAME` in its first line."""
    found = []
    magic = re.match(r"\s*%%kata\b[ \t]*(\S*)", text)
    if magic is not None:
        found.append(magic[1] or "*")
    if b'"kata' in bytes(metadata):
        try:
            tags = msgspec.json.decode(metadata, type=_Metadata).tags
        except (msgspec.DecodeError, RecursionError):
            tags = []
        for tag in tags[:_MAX_TAGS]:
            kind, _, name = tag.partition(":") if isinstance(tag, str) else ("", "", "")
            if kind.strip() == TAG:
                found.append(name.strip() or "*")
    return tuple(name for name in found if len(name) <= _MAX_NAME)


def plain_python(cell: str) -> str | None:
    """A cell as Python, line by line; None where another language's magic begins it."""
    lines = _bare(cell.replace("\r\n", "\n").replace("\r", "\n").split("\n"))
    first = next((n for n, line in enumerate(lines) if line.strip()), 0)
    magic = re.match(r"%%(\w+)", lines[first])
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
            line = _RUNS.sub("", line, count=1) if "%" in line else line
            done = _without_magic(line)
        if done is None:
            scanner.read(line)
        else:
            continued = line.endswith("\\")
        plain.append(line if done is None else done)
    return "\n".join(plain)


def _bare(lines: list[str]) -> list[str]:
    """The lines without what IPython takes off: prompts, and the indent of the first line."""
    first = next((line for line in lines if line.strip()), "")
    if first.startswith(">>>") or re.match(r"In \[\d+\]: ?", first):
        return [_PROMPT.sub("", line, count=1) if _PROMPT.match(line) else line for line in lines]
    indent = first[: len(first) - len(first.lstrip(" \t"))]
    return [line.removeprefix(indent) for line in lines] if indent else lines


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
