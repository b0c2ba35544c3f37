"""Files that a user names, or that a model has written: read to a bound, or refused in a line.

Bombs, links, FIFOs, devices, huge numbers, other encodings and endless repetitions, for each reader
in turn. What would take years is a hang here.
"""

import gzip
import os
import socket
import struct
from contextlib import suppress
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.classroom.sheet import Sheet
from grader.data import files, midi, ner, pairs, sentiment, series, sound, text
from grader.data.abc import MOST_NOTES, notes_of_tune
from grader.data.midi import Note, chunk, note_off, note_on, set_tempo, write_midi
from grader.data.tunes import Tune, read_tunes, tunes_in
from grader.errors import LONGEST, DataError, UsageError

HOURS = "Date;Time;T\n" + "".join(f"10/03/2004;{h:02}.00.00;1,5\n" for h in range(24))
TUNE = "X:1\nM:6/8\nL:1/8\nK:G\n|:G>B (3ABc|[Ac]2 z/:|\n"
MIDI = write_midi([[(0, set_tempo(9)), (0, note_on(60, 9)), (96, note_off(60))]], 96, running=True)
READERS = {
    "text": (text.read_text, b"some words\n" * 30),
    "pairs": (pairs.read, b"Go.\tVa !\tCC-BY\n" * 3),
    "ner": (ner.read_conll, b"Ada B-PER\nsang O\n\nBob B-PER\n"),
    "sentiment": (sentiment.read_sentences, b"Good film.\t1\nBad film.\t0\n"),
    "series": (series.read_air_quality, HOURS.encode()),
    "tunes": (read_tunes, TUNE.encode()),
    "midi": (lambda path: sound.read_score(path.rename(path.with_suffix(".mid"))), MIDI),
    "sheet": (lambda path: Sheet(path).encoded(), b"id,name\nada,Ada\n"),
}
reader = pytest.mark.parametrize("name", READERS)


def refused(read, path: Path) -> DataError:
    with pytest.raises(DataError) as caught:
        read(path)
    assert len(caught.value.message) < LONGEST + len(str(path)) + 50
    return caught.value


@reader
def test_what_is_no_file_is_not_waited_for(name: str, tmp_path: Path) -> None:
    read, good = READERS[name]
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "nowhere").symlink_to("gone")
    (tmp_path / "endless").symlink_to("/dev/zero")
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(str(tmp_path / "socket"))
    for odd in ("pipe", "loop", "nowhere", "endless", "socket", "gone"):
        refused(read if odd != "gone" or name != "midi" else sound.read_score, tmp_path / odd)
    listening.close()
    (tmp_path / "good").write_bytes(good)
    (tmp_path / "link").symlink_to("good")
    read(tmp_path / "link")  # the user has named it


@reader
def test_what_is_larger_than_anything_is_refused(name: str, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(files, "MOST_BYTES", 1 << 16)
    monkeypatch.setattr(sound, "MOST_MIDI", 1 << 16)
    monkeypatch.setattr(files.read_file, "__kwdefaults__", {"most": 1 << 16, "advice": ""})
    read, _ = READERS[name]
    path = tmp_path / "large"
    with path.open("wb") as file:
        file.truncate(1 << 34)
    assert "more than 65,536 bytes" in refused(read, path).message
    if name in ("pairs", "series"):
        path.write_bytes(gzip.compress(bytes(1 << 17)))
        assert "unpacks to more than 65,536 bytes" in refused(read, path).message


changes = st.lists(
    st.tuples(st.integers(0, 400), st.integers(0, 4), st.binary(max_size=6)), max_size=4
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("files")


@reader
@given(changes=changes, encoding=st.sampled_from(("", "", "utf-8-sig", "utf-16", "cp1252", "\r\n")))
def test_a_file_that_was_changed_is_read_or_refused(name: str, folder, changes, encoding) -> None:
    read, data = READERS[name]
    if encoding == "\r\n":
        data = data.replace(b"\n", b"\r\n")
    elif encoding:
        data = data.decode("latin-1").encode(encoding, "replace")
    for at, cut, put in changes:
        data = data[:at] + put + data[at + cut :]
    path = folder / name
    path.write_bytes(data)
    with suppress(DataError):
        read(path)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("series", HOURS.replace("1,5", "1e999", 1)),
        ("series", HOURS.replace("1,5", "9" * 5000, 1)),
        ("series", HOURS.replace("1,5", "x" * 5000, 1)),
        ("series", "Date;Time;T\n31/12/9999;23.00.00;1\n01/01/0001;00.00.00;1\n"),
        ("ner", f"Ada {'x' * 100_000}\n"),
        ("tunes", TUNE.replace("1/8", f"1/{'9' * 5000}")),
        ("tunes", TUNE.replace("6/8", f"{'9' * 5000}/8")),
        ("tunes", TUNE.replace("K:G", f"K:{'H' * 5000}")),
    ],
)
def test_numbers_and_words_without_end(name: str, data: str, tmp_path: Path) -> None:
    (tmp_path / "odd").write_text(data)
    refused(READERS[name][0], tmp_path / "odd")


# -- tunes -----------------------------------------------------------------------------------------

atoms = st.sampled_from(
    [
        *"ABcz^_='/,:|[](){}<>-1238!\" \\",
        "A1",
        "A//",
        "[A1",
        "c'",
        "[K:",
        "[L:1/7]",
        "(3:",
        "::",
        "9",
    ]
)


@settings(max_examples=60)
@given(unit=st.lists(atoms, min_size=1, max_size=3), before=atoms, after=atoms)
def test_a_tune_that_repeats_without_end(unit: list[str], before: str, after: str) -> None:
    body = before + "".join(unit) * 1000 + after
    notes = notes_of_tune(Tune("", "6/8", Fraction(1, 8), "G", f"{body}\n"))
    assert len(notes) < MOST_NOTES + 10
    with suppress(DataError):
        tunes_in(Path("x"), f"X:1\nK:C\n{body}\n".encode())


def test_lengths_that_have_nothing_in_common_stay_short() -> None:
    odd = "".join(f"A{n}/{n + 2}" for n in range(10_001, 30_001, 2))
    *_, last = notes_of_tune(Tune("", "6/8", Fraction(1, 8), "G", odd))
    assert last.end == pytest.approx(10_000 * 240, rel=1e-3)


# -- MIDI ------------------------------------------------------------------------------------------


def in_a_track(body: bytes, count: int = 1) -> bytes:
    return chunk(b"MThd", struct.pack(">HHH", 1, count, 96)) + chunk(b"MTrk", body)


@pytest.mark.parametrize(
    "body",
    [
        b"\x00\xff\x01\x88\x00" + b"\x00\xff\x2f\x00",
        b"\x00\xf0\x09abc",
        b"\x00\xff",
        b"\x81",
        b"\x00\x90\x3c",
    ],
)
def test_an_event_does_not_reach_behind_its_track(body: bytes) -> None:
    """Else each of 65,535 tracks could hold the rest of the file once more."""
    data = in_a_track(body, 2) + chunk(b"MTrk", bytes(1 << 17))
    with pytest.raises(DataError, match="the track ends here") as caught:
        midi.read_midi(data, Path("x.mid"))
    assert 14 < caught.value.byte <= 22 + len(body)


def test_a_track_that_says_it_is_endless_ends_with_its_file() -> None:
    data = in_a_track(b"\x00\x90\x3c\x40").replace(struct.pack(">I", 4), b"\xff\xff\xff\xff")
    with pytest.raises(DataError, match="the file ends here"):
        midi.read_midi(data, Path("x.mid"))


def test_many_notes_and_many_tempos_are_quick() -> None:
    events = [(tick, set_tempo(tick % 7)) for tick in range(60_000)]
    events += [(60_000, note_on(60, 9))] * 200_000 + [(60_001, note_off(60))] * 200_000
    read = midi.read_midi(write_midi([events], 96, running=True), Path("x.mid"))
    assert len(read.notes) == 200_000
    score = sound.Score(read.notes, read.tempos, read.division)
    assert len(score.seconds([note.start for note in score.notes])) == 200_000


@pytest.mark.parametrize("tempo", [0, 1, 0xFFFFFF])
def test_any_tempo_is_played_to_a_bound(tempo: int) -> None:
    score = sound.Score([Note(0, 1 << 60, 0, 1), Note(5, 6, 127, 127)], [(0, tempo)], 1)
    samples = sound.synthesise(score, rate=100)
    assert len(samples) <= sound.MOST_S * 100
    assert sound.to_wav(samples, rate=100)


def test_what_would_take_minutes_to_play_is_refused() -> None:
    score = sound.Score([Note(0, 10**6, 60, 9)] * 100_000, [(0, 500_000)], 96)
    with pytest.raises(UsageError, match="at most 10,000 are played"):
        sound.synthesise(score)
