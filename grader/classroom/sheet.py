"""A CSV of whatever system, to be read, or to have single cells changed and not one other byte."""

import re
from pathlib import Path

from grader.data.files import read_file
from grader.errors import DataError

SHORTENED = re.compile(r"\d[.,]\d+E\+\d+", re.IGNORECASE)
"""A long number as spreadsheets show it, and write it: what it was is lost."""


class Sheet:
    """A CSV, cell by cell as it is written.

    Args:
        path: the file; UTF-8 or UTF-16 (with or without a mark) or Windows' encoding, commas,
            semicolons or tabs, any line ends. A line `sep=;` in front, as Excel knows it, and empty
            lines before the titles are no rows.

    Raises:
        DataError: it cannot be read, is empty or no text, or a quotation mark is never closed;
            with the line.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        data = read_file(path)
        if data.startswith(_OF_A_PROGRAM):
            raise DataError(
                path,
                "is an archive or a file of a spreadsheet program, and no CSV",
                advice="Save it as CSV.",
            )
        self._encoding, self._mark = _encoding(data)
        try:
            text = data[len(self._mark) :].decode(self._encoding)
        except UnicodeDecodeError as error:
            at = len(self._mark) + error.start
            raise DataError(path, f"is no text in {self._encoding}", byte=at) from None
        before = _BEFORE.match(text)
        self._before = before[0] if before else ""
        self._delimiter = (before and before[1]) or _delimiter(text[len(self._before) :])
        self._rows: list[list[str]] = []  # raw cells, the last one of a row with its line end
        self.lines: list[int] = []
        self._split(text, len(self._before))
        if not self._rows:
            raise DataError(path, "is empty; expected a line of titles and one for each student")

    def _split(self, text: str, at: int) -> None:
        """Part the text from a place on into rows and cells."""
        row: list[str] = []
        line = first_line = 1 + len(_LINE_END.findall(text, 0, at))
        space = r"[^\S\r\n" + self._delimiter + "]*"  # a tab is none where it parts columns
        rest = r"[^\r\n" + self._delimiter + "]*"
        opening = re.compile(space + '"')
        quoted = re.compile(space + '"(?:[^"]|"")*"' + rest)
        plain = re.compile(rest)
        while at < len(text):
            if not row:
                first_line = line
            match = (quoted if opening.match(text, at) else plain).match(text, at)
            if match is None:
                raise DataError(self.path, "a quotation mark is never closed", line=line)
            cell = match[0]
            at = match.end()
            line += cell.count("\n")
            if text.startswith(self._delimiter, at):
                row.append(cell)
                at += 1
                if at == len(text):
                    row.append("")
                continue
            end = _LINE_END.match(text, at)
            row.append(cell + (end[0] if end else ""))
            at += len(end[0]) if end else 0
            line += bool(end)
            self._rows.append(row)
            self.lines.append(first_line)
            row = []
        if row:
            self._rows.append(row)
            self.lines.append(first_line)

    def __len__(self) -> int:
        return len(self._rows)

    def cell(self, row: int, column: int) -> str:
        """What a cell says; empty where the row is shorter."""
        cells = self._rows[row]
        return _said(cells[column]) if column < len(cells) else ""

    def row(self, row: int) -> list[str]:
        """What the cells of a row say."""
        return [_said(cell) for cell in self._rows[row]]

    def put(self, row: int, column: int, value: str) -> None:
        """Change one cell; its quotation marks and its row's end stay.

        A row that ends before it, as some programs leave out what is empty, is made longer.
        """
        cells = self._rows[row]
        if column >= len(cells):
            last = cells[-1].rstrip("\r\n")
            end = cells[-1][len(last) :]
            cells[-1:] = [last, *[""] * (column - len(cells)), end]
        raw = cells[column]
        end = raw[len(raw.rstrip("\r\n")) :]
        quotes = '"' if raw.strip().startswith('"') else ""
        cells[column] = f"{quotes}{value}{quotes}{end}"

    def encoded(self) -> bytes:
        """The whole file, in its own encoding."""
        text = "".join(self._delimiter.join(row) for row in self._rows)
        return self._mark + (self._before + text).encode(self._encoding)


_OF_A_PROGRAM = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
"""How the files of spreadsheet programs begin: .xlsx and .ods, which are archives, and .xls."""
_LINE_END = re.compile(r"\r\n|\r|\n")
_BEFORE = re.compile(r"(?:sep=([,;\t])[^\S\r\n]*(?:\r\n|\r|\n))?(?:[^\S\r\n]*(?:\r\n|\r|\n))*")


def _delimiter(text: str) -> str:
    """What parts the titles of columns: what a title holds in quotation marks does not."""
    plain = re.sub(r'"(?:[^"]|"")*"', "", text[:_LONGEST_TITLES])
    return max(",;\t", key=_LINE_END.split(plain, 1)[0].count)


_LONGEST_TITLES = 1 << 17


def _said(raw: str) -> str:
    cell = raw.rstrip("\r\n").strip()
    if len(cell) >= 2 and cell[0] == cell[-1] == '"':
        return cell[1:-1].replace('""', '"')
    return cell


def _encoding(data: bytes) -> tuple[str, bytes]:
    """The encoding, and the mark in front."""
    for mark, name in (
        (b"\xef\xbb\xbf", "utf-8"),
        (b"\xff\xfe", "utf-16-le"),
        (b"\xfe\xff", "utf-16-be"),
    ):
        if data.startswith(mark):
            return name, mark
    for name, even in (("utf-16-le", 1), ("utf-16-be", 0)):  # a third is letters of Latin
        if data[even::2].count(0) * 3 > len(data) // 2 and data[1 - even :: 2].count(0) == 0:
            return name, b""
    for name in ("utf-8", "cp1252"):
        try:
            data.decode(name)
        except UnicodeDecodeError:
            continue
        return name, b""
    return "latin-1", b""  # which has a character for every byte
