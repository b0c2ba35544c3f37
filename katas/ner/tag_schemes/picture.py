"""Why a scheme needs a B: two names side by side, with it and without it."""

from collections.abc import Sequence

from grader.checks import Submission, record_text

WORDS = ("Ajax", "Feyenoord", "and", "Real", "Madrid", "fans", "met", "in", "The", "Hague")
IOB1 = ("I-ORG", "B-ORG", "O", "I-ORG", "I-ORG", "O", "O", "O", "I-LOC", "I-LOC")
WIDTHS = [max(len(word), 5) + 1 for word in WORDS]


def picture(submission: Submission) -> None:
    """The sentence in both schemes, its entities, and those that are left if each B becomes I."""
    tags = submission["iob1_to_iob2"](list(IOB1))
    blurred = submission["iob1_to_iob2"]([tag.replace("B-", "I-") for tag in IOB1])
    rows = [
        ("", WORDS),
        ("IOB1", IOB1),
        ("IOB2", tags),
        ("entities", underlined(submission["to_spans"](tags))),
        ("no B", underlined(submission["to_spans"](blurred))),
    ]
    text = "\n".join(
        name.ljust(9) + "".join(map(str.ljust, map(str, cells), WIDTHS)).rstrip()
        for name, cells in rows
    )
    record_text("Your schemes on one sentence; without B, two clubs would be one", text)


def underlined(spans: Sequence[tuple[str, int, int]]) -> list[str]:
    """A cell for each word: the entity's type below its first word, and a line to its end."""
    cells = [""] * len(WORDS)
    for kind, start, end in spans:
        for place in range(start, end):
            width = WIDTHS[place] - (place == end - 1)
            cells[place] = (kind if place == start else "").ljust(width, "=")
    return cells
