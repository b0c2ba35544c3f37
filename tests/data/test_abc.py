"""The notes of a tune: equal to those of the course's own solution, and bounded for any text."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.course.catalog import built_in_root
from grader.data.abc import MOST_NOTES, key_signature, notes_of_tune
from grader.data.midi import Note
from grader.data.sound import MOST_S, Score, read_score, score_of, synthesise, to_wav
from grader.data.tunes import Tune, make_tunes, read_tunes
from grader.errors import DataError, UsageError
from tests.katas.conftest import load

SOLUTION = load(built_in_root() / "solutions" / "music" / "abc_to_midi" / "abc_to_midi.py")
WRITTEN = (
    "|:F^c>c f|1 G4-:|2 G2 (3zGA|]",
    "C2 z/ _B3/2|=B4 :|: c'8 ::C,8 :|",
    "A<B c2-|c2 (3ABc|^f/f/ =f f2||",
)


@pytest.mark.parametrize("key", ["G", "Bb", "F#m", "Ador", "Em", "Dmix", "C"])
def test_keys(key: str) -> None:
    assert key_signature(key) == SOLUTION.key_signature(key)


@pytest.mark.parametrize(
    "tune",
    [*make_tunes(12, 3), *(Tune("", "4/4", Fraction(1, 8), "D", f"{b}\n") for b in WRITTEN)],
)
def test_the_notes_are_those_of_the_solution(tune: Tune) -> None:
    wanted, _ = SOLUTION.parse(f"X:1\n{tune.text}")
    assert sorted(note[:3] for note in notes_of_tune(tune)) == sorted(map(tuple, wanted))


def test_chords_grace_notes_and_words_between() -> None:
    body = '"Am"[ACE]2 {g}[c2e2]-[c2e2] !trill!z2|\\n'
    notes = notes_of_tune(Tune("", "4/4", Fraction(1, 8), "C", body))
    assert [note[:3] for note in notes] == [
        *((0, 480, pitch) for pitch in (69, 60, 64)),
        *((480, 1440, pitch) for pitch in (72, 76)),
    ]


@given(st.text("ABcdz^_='/,:|[]()<>-123{}!\"MLK \n", max_size=200))
def test_any_text_has_notes_in_order(body: str) -> None:
    notes = notes_of_tune(Tune("", "6/8", Fraction(1, 8), "G", body))
    assert all(0 <= note.pitch <= 127 and note.start < note.end for note in notes)
    assert [note.start for note in notes] == sorted(note.start for note in notes)


def test_what_is_endless_is_cut() -> None:
    notes = notes_of_tune(Tune("", "4/4", Fraction(1), "C", "|:" + "c9999999" * MOST_NOTES + ":|"))
    assert len(notes) == MOST_NOTES
    score = Score([Note(0, 10**9, 60, 80)], [(0, 500_000)], 480)
    assert len(synthesise(score, rate=100)) == MOST_S * 100


def test_a_midi_file_keeps_its_times_and_a_pitch_its_frequency(tmp_path: Path) -> None:
    tempos = [(0, 500_000), (480, 1_000_000)]
    score = Score([Note(0, 480, 69, 80), Note(480, 960, 57, 80)], tempos, 480)
    (tmp_path / "tune.mid").write_bytes(score.midi)
    assert read_score(tmp_path / "tune.mid") == score
    assert score.seconds([0, 240, 480, 960]).tolist() == [0, 0.25, 0.5, 1.5]
    samples = synthesise(score, rate=8000)
    assert len(samples) == 12_000
    for part, pitch in ((samples[:4000], 440), (samples[4000:], 220)):
        assert np.abs(np.fft.rfft(part, 8000)).argmax() == pitch
    assert to_wav(samples, rate=8000)[:4] == b"RIFF"


def test_a_tune_of_several(tmp_path: Path) -> None:
    path = tmp_path / "tunes.abc"
    path.write_text("X:1\nK:C\nC|\n\nX:2\nK:C\nD|\n")
    assert read_score(path, number=2) == score_of(read_tunes(path)[1])
    with pytest.raises(UsageError, match="has 2 tunes, and no number 3"):
        read_score(path, number=3)
    for name, data in (("cut.mid", b"MThd\0\0"), ("none.abc", b"words\n")):
        (tmp_path / name).write_bytes(data)
        with pytest.raises(DataError, match=name):
            read_score(tmp_path / name)
