"""A CSV of whatever system, to be read, or to have single cells changed and not one other byte."""

import re
from pathlib import Path

from grader.data.files import read_file
from grader.errors import DataError


class Sheet:
    """A CSV, cell by cell as it is written.

    Args:
        path: the file; UTF-8 (with or without a mark), UTF-16 or Windows' encoding, commas,
            semicolons or tabs, any line ends.

    Raises:
        DataError: it cannot be read, is empty or no text, or a quotation mark is never closed;
            with the line.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        data = read_file(path)
        self._encoding, self._mark = _encoding(data)
        try:
            text = data[len(self._mark) :].decode(self._encoding)
        except UnicodeDecodeError as error:
            at = len(self._mark) + error.start
            raise DataError(path, f"is no text in {self._encoding}", byte=at) from None
        self._delimiter = max(",;\t", key=text.split("\n", 1)[0].count)
        self._rows: list[list[str]] = []  # raw cells, the last one of a row with its line end
        self.lines: list[int] = []
        self._split(text)
        if not self._rows:
            raise DataError(path, "is empty; expected a line of titles and one for each student")

    def _split(self, text: str) -> None:
        row: list[str] = []
        line = first_line = 1
        quoted = re.compile(r'\s*"(?:[^"]|"")*"[^\r\n' + self._delimiter + "]*")
        plain = re.compile(r"[^\r\n" + self._delimiter + "]*")
        at = 0
        while at < len(text):
            if not row:
                first_line = line
            opened = re.compile(r'[^\S\r\n]*"').match(text, at)
            match = quoted.match(text, at) if opened else plain.match(text, at)
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
            end = re.compile(r"\r\n|\r|\n|").match(text, at)
            assert end is not None
            row.append(cell + end[0])
            at = end.end()
            line += bool(end[0])
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

        Raises:
            DataError: the row has no such cell.
        """
        cells = self._rows[row]
        if column >= len(cells):
            raise DataError(self.path, f"has no column {column + 1}", line=self.lines[row])
        raw = cells[column]
        end = raw[len(raw.rstrip("\r\n")) :]
        quotes = '"' if raw.strip().startswith('"') else ""
        cells[column] = f"{quotes}{value}{quotes}{end}"

    def encoded(self) -> bytes:
        """The whole file, in its own encoding."""
        text = "".join(self._delimiter.join(row) for row in self._rows)
        return self._mark + text.encode(self._encoding)


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
    for name in ("utf-8", "cp1252"):
        try:
            data.decode(name)
        except UnicodeDecodeError:
            continue
        return name, b""
    return "latin-1", b""  # which has a character for every byte
