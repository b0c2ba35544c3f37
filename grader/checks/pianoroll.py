"""Notes as a text: a row for each pitch, a column for each small step of time."""

from collections.abc import Iterable

LETTERS = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
MOST_COLUMNS = 70
MOST_ROWS = 24


def piano_roll(notes: Iterable[tuple[int, int, int]], ticks: int) -> str:
    """Draw notes: `o` where one begins, `-` as long as it sounds.

    Args:
        notes: each (start, end, pitch), in ticks; pitch 60 is C4.
        ticks: of a column. What lies behind the last column is left out, and so is a pitch below
            the lowest row.

    Returns:
        The rows, from high to low, one for each pitch that occurs.
    """
    rows: dict[int, list[str]] = {}
    for start, end, pitch in notes:
        row = rows.setdefault(pitch, [" "] * MOST_COLUMNS)
        first, last = start // ticks, max(start + 1, end - 1) // ticks
        for column in range(first, min(last + 1, MOST_COLUMNS)):
            row[column] = "o" if column == first else "-"
    return "\n".join(
        f"{LETTERS[pitch % 12]}{pitch // 12 - 1}".ljust(4) + "|" + "".join(rows[pitch]).rstrip()
        for pitch in sorted(rows, reverse=True)[:MOST_ROWS]
    )
