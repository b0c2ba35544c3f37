"""Read sentences and their tags from a file in a CoNLL format."""


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
    raise NotImplementedError
