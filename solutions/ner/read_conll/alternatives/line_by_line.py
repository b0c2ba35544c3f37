"""Each line is decoded by itself; a generator hands the sentences on."""


def read_conll(data, name="data", encoding="utf-8"):
    """Return the sentences of a file."""
    return list(_sentences(data, name, encoding))


def _sentences(data, name, encoding):
    tokens, tags, width = [], [], None
    for number, raw in enumerate(data.split(b"\n"), start=1):
        here = f"{name}:{number}: "
        try:
            line = raw.decode(encoding)
        except UnicodeDecodeError as error:
            raise ValueError(f"{here}cannot be decoded: {error.reason}") from error
        if number == 1:
            line = line.lstrip("\ufeff")
        if "\r" in line[:-1]:
            raise ValueError(f"{here}a carriage return in the middle")
        cells = [cell for cell in line.rstrip("\r").replace("\t", " ").split(" ") if cell]
        if cells and cells[0] != "-DOCSTART-":
            if len(cells) < 2 or width not in (None, len(cells)):
                raise ValueError(f"{here}the number of columns is {len(cells)}")
            width = len(cells)
            prefix, dash, kind = cells[-1].partition("-")
            if cells[-1] != "O" and not (prefix in ("B", "I") and dash and kind):
                raise ValueError(f"{here}{cells[-1]} is no tag")
            tokens.append(cells[0])
            tags.append(cells[-1])
        elif tokens:
            yield tokens, tags
            tokens, tags = [], []
    if tokens:
        yield tokens, tags
