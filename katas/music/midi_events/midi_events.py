"""A MIDI file as notes, notes as a sequence of events for a model, and both ways back."""

Note = tuple[int, int, int, int]
Event = tuple[str, int]


def read_midi(
    data: bytes, name: str = "data", clip: bool = False
) -> tuple[list[Note], list[tuple[int, int]], int]:
    """Read the notes of a Standard MIDI file.

    Args:
        data: the bytes of the file.
        name: what the file is called, for errors.
        clip: whether a data byte above 127 is read as 127.

    Returns:
        notes, each (start, end, pitch, velocity), sorted; tempos, each (tick, microseconds of a
        beat), sorted, the first one at tick 0; and the ticks of a beat. All times are ticks from
        the start of the file.

    Raises:
        ValueError: the file is broken. The message begins with "NAME, byte K: ".

    Source: MIDI Manufacturers Association (1996), "Standard MIDI Files 1.0".
    """
    raise NotImplementedError


def seconds(tick: int, tempos: list[tuple[int, int]], ticks_per_beat: int) -> float:
    """Say when a tick is.

    Args:
        tick: from the start of the file.
        tempos: each (tick, microseconds of a beat), sorted, the first one at tick 0.
        ticks_per_beat: ticks of a beat.

    Returns:
        Seconds from the start of the file.
    """
    raise NotImplementedError


def encode(notes: list[Note], longest: int) -> list[Event]:
    """Write notes as events, as a model reads them.

    Args:
        notes: each (start, end, pitch, velocity), in any order.
        longest: the ticks that one "shift" can stand for, at least 1.

    Returns:
        Events (kind, value): "shift" with ticks from 1 to `longest`, "velocity", "on" and "off"
        with a pitch.

    Source: Simon and Oore (2017), "Performance RNN"; Oore et al. (2018), section 3.2.
    """
    raise NotImplementedError


def decode(events: list[Event]) -> list[Note]:
    """Read events back into notes; any sequence of events is some music.

    Args:
        events: as `encode` gives them, or as a model has drawn them.

    Returns:
        notes, each (start, end, pitch, velocity), sorted.
    """
    raise NotImplementedError


def write_midi(notes: list[Note], tempos: list[tuple[int, int]], ticks_per_beat: int) -> bytes:
    """Write notes as a Standard MIDI file.

    Args:
        notes: each (start, end, pitch, velocity), in any order.
        tempos: each (tick, microseconds of a beat), sorted, the first one at tick 0.
        ticks_per_beat: ticks of a beat.

    Returns:
        The bytes of the file.
    """
    raise NotImplementedError
