"""Notes as a text: whatever the notes, its rows fit a terminal and stand in order."""

from hypothesis import given
from hypothesis import strategies as st

from grader.checks.pianoroll import MOST_COLUMNS, MOST_ROWS, piano_roll

NOTES = st.lists(
    st.builds(
        lambda start, length, pitch: (start, start + length, pitch),
        st.integers(0, 10**5),
        st.integers(0, 5_000),
        st.integers(0, 127),
    ),
    max_size=60,
)


def test_a_note_begins_lasts_and_ends() -> None:
    notes = [(0, 240, 60), (240, 360, 60), (120, 121, 61)]
    assert piano_roll(notes, 120) == "C#4 | o\nC4  |o-o"
    assert piano_roll([], 120) == ""


@given(NOTES, st.integers(1, 480))
def test_it_fits_whatever_the_notes(notes, ticks: int) -> None:
    rows = piano_roll(notes, ticks).splitlines()
    assert len(rows) == min(MOST_ROWS, len({pitch for _, _, pitch in notes}))
    assert all(len(row) <= 5 + MOST_COLUMNS for row in rows)
    drawn = sum(row.count("o") for row in rows)
    assert drawn <= len(notes)
