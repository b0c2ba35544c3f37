"""The judge's own reader and writer of MIDI: they agree with mido, and a broken byte is told."""

import io
from pathlib import Path

import mido
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.data import midi
from grader.data.midi import END_OF_TRACK, Note, note_off, note_on, set_tempo, variable
from grader.errors import DataError

HERE = Path("tune.mid")
messages = st.one_of(
    st.builds(note_on, st.integers(0, 127), st.integers(0, 127), st.integers(0, 15)),
    st.builds(note_off, st.integers(0, 127), st.integers(0, 15)),
    st.builds(set_tempo, st.integers(0, 0xFFFFFF)),
    st.sampled_from(
        [b"\xc3\x05", b"\xd0\x40", b"\xe1\x00\x40", b"\xb0\x07\x7f", b"\xf0\x02\x01\xf7"]
    ),
)
tracks = st.lists(
    st.lists(st.tuples(st.integers(0, 40_000), messages), max_size=8).map(
        lambda events: sorted(events, key=lambda event: event[0])
    ),
    min_size=1,
    max_size=3,
)


@given(tracks=tracks, running=st.booleans(), division=st.integers(1, 0x7FFF))
def test_what_is_written_is_read_here_and_by_mido(tracks, running: bool, division: int) -> None:
    data = midi.write_midi(tracks, division, running=running)
    file = midi.read_midi(data, HERE)
    assert file.division == division
    assert [track[:-1] for track in file.tracks] == [list(track) for track in tracks]
    assert all(track[-1][1] == END_OF_TRACK for track in file.tracks)
    theirs = mido.MidiFile(file=io.BytesIO(data))
    assert theirs.ticks_per_beat == division
    for track, other in zip(file.tracks, theirs.tracks, strict=True):
        now, ticks = 0, []
        for message in other:
            now += message.time
            ticks.append(now)
        assert ticks == [tick for tick, _ in track]
        names = {0x80: "note_off", 0x90: "note_on", 0xC0: "program_change"}
        for (_, message), their in zip(track, other, strict=True):
            if message[0] & 0xF0 in names and message[0] < 0xF0:
                assert their.type == names[message[0] & 0xF0]
                assert bytes(their.bytes()) == message


@pytest.mark.parametrize(
    ("number", "written"),
    [(0, "00"), (0x7F, "7f"), (0x80, "8100"), (0x3FFF, "ff7f"), (0x0FFFFFFF, "ffffff7f")],
)
def test_numbers_are_written_as_the_standard_shows(number: int, written: str) -> None:
    assert variable(number).hex() == written


def test_notes_end_first_in_first_out_and_open_ones_with_the_track() -> None:
    events = [(0, note_on(60, 9)), (5, note_on(60, 8)), (7, note_on(60, 0)), (9, END_OF_TRACK)]
    assert midi.notes_of(events) == [Note(0, 7, 60, 9), Note(5, 9, 60, 8)]
    file = midi.read_midi(midi.write_midi([events, [(4, set_tempo(7))]], 96), HERE)
    assert file.tempos == [(0, 500_000), (4, 7)]
    assert [note.end for note in file.notes] == [7, 9]


GOOD = midi.write_midi([[(0, note_on(60, 9)), (96, note_off(60))]], 96)


@pytest.mark.parametrize(
    ("data", "byte", "says"),
    [
        (b"", 0, "8 bytes too early"),
        (GOOD[:-1], 33, "ends here"),
        (b"RIFF" + GOOD[4:], 0, "begins with MThd"),
        (GOOD[:12] + b"\xe7\x28" + GOOD[14:], 12, "no number of ticks"),
        (GOOD.replace(b"\x90\x3c\x09", b"\x3c\x09\x00", 1), 22, "without a status"),
        (GOOD.replace(b"\x3c\x09", b"\x3c\x89", 1), 22, "larger than 127"),
        (GOOD.replace(b"\x90\x3c", b"\xf5\x3c", 1), 22, "no file may hold"),
        (GOOD.replace(b"\x00\x90", b"\xff\xff\xff\xff\x90", 1), 22, "more than four bytes"),
    ],
)
def test_a_broken_file_is_told_by_its_byte(data: bytes, byte: int, says: str) -> None:
    with pytest.raises(DataError, match=f"tune.mid, byte {byte}: .*{says}") as caught:
        midi.read_midi(data, HERE)
    assert caught.value.advice


def test_other_chunks_are_left_out() -> None:
    data = GOOD[:14] + midi.chunk(b"XYZ1", b"abc") + GOOD[14:]
    assert midi.read_midi(data, HERE).notes == midi.read_midi(GOOD, HERE).notes
