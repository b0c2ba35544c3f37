"""Rows first, then groups of neighbours that are tokens; the standard library reads the lines."""

import io
import itertools


def _is_tag(text):
    return text == "O" or (text[:2] in ("B-", "I-") and len(text) > 2)


def read_conll(data, name="data", encoding="utf-8"):
    """Return the sentences of a file."""
    try:
        text = str(data, encoding)
    except UnicodeDecodeError as error:
        line = len(data[: error.start].split(b"\n"))
        message = f"{name}:{line}: {error}"
        raise ValueError(message) from None
    if text.startswith("\ufeff"):
        text = text[1:]
    for line, content in enumerate(text.split("\n"), 1):
        if "\r" in content.removesuffix("\r"):
            raise ValueError(f"{name}:{line}: CR in it")
    rows = [line.strip("\r\n \t").replace(" ", "\t") for line in io.StringIO(text, newline="\n")]
    rows = [[cell for cell in row.split("\t") if cell] for row in rows]
    widths = {len(row) for row in rows if row and row[0] != "-DOCSTART-"}
    width = next((len(row) for row in rows if row and row[0] != "-DOCSTART-"), 2)
    if widths and (min(widths) < 2 or len(widths) > 1):
        line = next(
            number
            for number, row in enumerate(rows, 1)
            if row and row[0] != "-DOCSTART-" and len(row) != max(width, 2)
        )
        raise ValueError(f"{name}:{line}: expected {max(width, 2)} columns")
    for number, row in enumerate(rows, 1):
        if row and row[0] != "-DOCSTART-" and not _is_tag(row[-1]):
            raise ValueError(f"{name}:{number}: no tag: {row[-1]}")
    groups = itertools.groupby(rows, key=lambda row: bool(row) and row[0] != "-DOCSTART-")
    found = [list(group) for inside, group in groups if inside]
    return [([row[0] for row in group], [row[-1] for row in group]) for group in found]
