"""From ABC to something that can be heard: notes, a MIDI file, samples, a WAV file."""

import numpy as np

Note = tuple[int, int, int]


def key_signature(key: str) -> dict[str, int]:
    """Say what is sharp and flat in a key.

    Args:
        key: a tonic and a mode: "G", "Bb", "F#m", "Ador", "E minor".

    Returns:
        For each letter that is not natural: 1 where it is sharp, -1 where it is flat.

    Raises:
        ValueError: there is no such key, or it has double signs.
    """
    raise NotImplementedError


def parse(abc: str, name: str = "tune.abc") -> tuple[list[Note], int]:
    """Read a tune.

    Args:
        abc: one tune.
        name: what the file is called, for errors.

    Returns:
        notes, each (start, end, pitch) in ticks of 480 a quarter note, in order of time, repeats
        played and ties joined; and the tempo, in microseconds of a quarter note.

    Raises:
        ValueError: it is not ABC as the task describes it. The message begins with "NAME:LINE: ".

    Source: Walshaw (2011), "The ABC music standard 2.1", sections 3 and 4.
    """
    raise NotImplementedError


def to_midi(notes: list[Note], tempo: int) -> bytes:
    """Write notes as a Standard MIDI file with 480 ticks per beat.

    Args:
        notes: each (start, end, pitch) in ticks.
        tempo: microseconds of a quarter note.

    Returns:
        The bytes of the file.
    """
    raise NotImplementedError


def synthesise(notes: list[Note], tempo: int, rate: int) -> np.ndarray:
    """Play notes.

    Args:
        notes: each (start, end, pitch) in ticks; notes may overlap.
        tempo: microseconds of a quarter note.
        rate: samples of a second.

    Returns:
        (S,) float64 from -1 to 1, S up to the end of the last note.
    """
    raise NotImplementedError


def to_wav(samples: np.ndarray, rate: int) -> bytes:
    """Write samples as a WAV file: one channel, 16 bits.

    Args:
        samples: (S,) float64. What is outside of -1 to 1 is cut off there.
        rate: samples of a second.

    Returns:
        The bytes of the file.
    """
    raise NotImplementedError
