"""Read sentences and their tags from a file in a CoNLL format."""

import re


def read_conll(
    data: bytes, name: str = "data", encoding: str = "utf-8"
) -> list[tuple[list[str], list[str]]]:
    """Read the sentences of a CoNLL file: one token a line, and a blank line after each sentence.

        Brazil NNP I-NP I-LOC      four columns (CoNLL-2003), or any other number from 2 on:
        beat   VBD I-VP O          the first column is the token, the last one is its tag

    Args:
        data: the bytes of the file. May be empty.
        name: of the file, for messages.
        encoding: of the file; every encoding in the checks has ASCII's 128 characters as bytes.

    Returns:
        A pair (tokens, tags) for each sentence: two lists of text of the same length, at least 1.
        Tokens and tags are those of the file, unchanged.

    Raises:
        ValueError: a byte that the encoding does not have, a line with another number of columns
            than the first token's line or with fewer than 2, a carriage return within a line, or a
            tag that is not O, B-TYPE or I-TYPE. The message begins with name and line, counted
            from 1: "data:17: ".

    Source: Tjong Kim Sang and De Meulder (2003), section 2.1, and the files of CoNLL-2003.
    """
    sentences: list[tuple[list[str], list[str]]] = []
    tokens: list[str] = []
    tags: list[str] = []
    columns = 0
    for number, line in enumerate(_text(data, name, encoding).split("\n"), start=1):
        line = line.removesuffix("\r")
        if "\r" in line:
            raise ValueError(
                f"{name}:{number}: a carriage return stands within the line; "
                "does the file end its lines with CR alone?"
            )
        # Only spaces and tabs part columns: a no-break space may stand in a token.
        cells = re.findall(r"[^ \t]+", line)
        if not cells or cells[0] == "-DOCSTART-":
            if tokens:
                sentences.append((tokens, tags))
                tokens, tags = [], []
            continue
        columns = columns or max(len(cells), 2)
        if len(cells) != columns:
            raise ValueError(
                f"{name}:{number}: {len(cells)} columns, expected {columns}; is the file cut short?"
            )
        if not re.fullmatch(r"O|[BI]-.+", cells[-1]):
            raise ValueError(
                f"{name}:{number}: the tag {cells[-1]!r} is not O, B-TYPE or I-TYPE; "
                "does the tag stand in the last column?"
            )
        tokens.append(cells[0])
        tags.append(cells[-1])
    if tokens:
        sentences.append((tokens, tags))
    return sentences


def _text(data: bytes, name: str, encoding: str) -> str:
    """Decode the file, without the mark that some editors put at its beginning.

    Args:
        data: the bytes of the file.
        name: of the file, for messages.
        encoding: of the file.

    Returns:
        The text.

    Raises:
        ValueError: a byte that the encoding does not have.
    """
    try:
        return data.decode(encoding).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = 1 + data.count(b"\n", 0, error.start)
        raise ValueError(
            f"{name}:{line}: byte {data[error.start]:#04x} is not {encoding}; "
            "pass the file's own encoding"
        ) from None
