"""Notes as sound: read from ABC or MIDI, written as MIDI, played by a small synthesiser as WAV."""

import io
import wave
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from grader.data.abc import TICKS, notes_of_tune
from grader.data.files import read_file
from grader.data.midi import Note, note_off, note_on, read_midi, set_tempo, write_midi
from grader.data.tunes import Tune, read_tunes
from grader.errors import UsageError

RATE = 44_100
"""Samples of a second."""
MOST_S = 600.0
"""What is longer is cut off here."""
TEMPO = 500_000
"""Microseconds of a quarter note, where nothing else is said."""
MOST_SOUNDING_S = 10_000.0
"""All notes together sound no longer: some sixteen voices for ten minutes."""
MOST_MIDI = 1 << 24
"""A MIDI file of more bytes is not read."""
MIDI_ENDINGS = (".mid", ".midi")
OVERTONES = (1.0, 0.5, 0.25, 0.12)
FADE_S, HALF_LIFE_S = 0.008, 0.5
RINGS_S = 16 * HALF_LIFE_S
"""After that a note is below what 16 bits can say."""


class Score(NamedTuple):
    """Notes in ticks, tempos as (tick, microseconds of a quarter note), ticks of a quarter note."""

    notes: list[Note]
    tempos: list[tuple[int, int]]
    division: int

    def seconds(self, ticks: Sequence[int]) -> np.ndarray:
        """When ticks (N,) are: (N,) float64."""
        starts, tempos = np.array(self.tempos, dtype=np.float64).T
        passed = np.concatenate([[0.0], np.cumsum(np.diff(starts) * tempos[:-1])])
        wanted = np.array(ticks, dtype=np.float64)
        last = np.searchsorted(starts, wanted, side="right") - 1
        micros: np.ndarray = passed[last] + (wanted - starts[last]) * tempos[last]
        return micros / (1e6 * self.division)

    @property
    def midi(self) -> bytes:
        """The score as a Standard MIDI file."""
        events = [(tick, 1, set_tempo(tempo)) for tick, tempo in self.tempos]
        for start, end, pitch, velocity in self.notes:
            events += [(start, 2, note_on(pitch, velocity)), (end, 0, note_off(pitch))]
        track = [(tick, message) for tick, _, message in sorted(events)]
        return write_midi([track], self.division, format=0)


def read_score(path: Path, *, number: int = 1) -> Score:
    """A tune from a file: MIDI by its ending, else ABC.

    Args:
        path: the file.
        number: which tune of an ABC file, from 1.

    Raises:
        DataError: the file is broken; says where.
        UsageError: it does not have so many tunes.
    """
    if path.suffix.lower() in MIDI_ENDINGS:
        read = read_midi(read_file(path, most=MOST_MIDI), path)
        return Score(read.notes, read.tempos, read.division)
    tunes = read_tunes(path)
    if number > len(tunes):
        raise UsageError(f"{path} has {tunes_and_no(len(tunes), number)}")
    return score_of(tunes[number - 1])


def tunes_and_no(count: int, number: int) -> str:
    """How many tunes there are, where another one was asked for."""
    return f"{count} tune{'s' * (count != 1)}, and no number {number}"


def score_of(tune: Tune) -> Score:
    """A tune in ABC as a score."""
    return Score(notes_of_tune(tune), [(0, TEMPO)], TICKS)


def synthesise(score: Score, *, rate: int = RATE) -> np.ndarray:
    """Play a score: each note a few overtones that fade as a plucked string's do.

    Returns:
        (S,) float64 from -1 to 1, at most MOST_S long.

    Raises:
        UsageError: so much sounds at a time that it would take minutes to play.
    """
    starts = score.seconds([note.start for note in score.notes])
    ends = np.minimum(score.seconds([note.end for note in score.notes]), MOST_S)
    times = [one for one in zip(starts, ends, score.notes, strict=True) if one[0] < one[1]]
    sounding = sum(min(end - start, RINGS_S) for start, end, _ in times)
    if sounding > MOST_SOUNDING_S:
        raise UsageError(
            f"its notes sound for {sounding:,.0f} s in all; at most {MOST_SOUNDING_S:,.0f} are "
            "played"
        )
    samples = np.zeros(round(max((end for _, end, _ in times), default=0.0) * rate))
    for start, end, note in times:
        first, last = round(start * rate), round(min(end, start + RINGS_S) * rate)
        t = np.arange(last - first) / rate
        base = 440.0 * 2.0 ** ((note.pitch - 69) / 12)
        tone = np.zeros(last - first)
        for number, share in enumerate(OVERTONES, start=1):
            if number * base < rate / 2:
                tone += share * np.sin(2 * np.pi * number * base * t)
        fade = np.clip(np.minimum(t, t[-1:] - t) / FADE_S, 0.0, 1.0)
        samples[first:last] += tone * fade * 0.5 ** (t / HALF_LIFE_S) * note.velocity / 127
    peak = np.abs(samples).max(initial=0.0)
    return samples * 0.8 / peak if peak > 0 else samples


def to_wav(samples: np.ndarray, *, rate: int = RATE) -> bytes:
    """Samples (S,) from -1 to 1 as a WAV file: one channel, 16 bits."""
    stream = io.BytesIO()
    with wave.open(stream, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(np.round(np.clip(samples, -1.0, 1.0) * 32767).astype("<i2").tobytes())
    return stream.getvalue()
