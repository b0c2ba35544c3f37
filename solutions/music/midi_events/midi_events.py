"""A MIDI file as notes, notes as a sequence of events for a model, and both ways back."""

import io
from collections import defaultdict

import mido

Note = tuple[int, int, int, int]
Event = tuple[str, int]
DEFAULT_TEMPO = 500_000


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
    stream = io.BytesIO(data)
    try:
        file = mido.MidiFile(file=stream, clip=clip)
    except Exception as error:  # mido raises EOFError, OSError, ValueError and others
        reason = str(error) or "the file ends too early"
        raise ValueError(f"{name}, byte {stream.tell()}: {reason}") from error
    if file.ticks_per_beat <= 0:
        raise ValueError(f"{name}, byte 12: the division is not a number of ticks")
    notes: list[Note] = []
    tempos = {0: DEFAULT_TEMPO}
    for track in file.tracks:
        tick = 0
        sounding: dict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
        for message in track:
            tick += message.time
            if message.type == "set_tempo":
                tempos[tick] = message.tempo
            if message.type not in ("note_on", "note_off"):
                continue
            started = sounding[message.channel, message.note]
            if message.type == "note_on" and message.velocity > 0:
                started.append((tick, message.velocity))
            elif started:
                start, velocity = started.pop(0)
                notes.append((start, tick, message.note, velocity))
        for (_, pitch), started in sounding.items():
            notes += [(start, tick, pitch, velocity) for start, velocity in started]
    heard = sorted(note for note in notes if note[1] > note[0])
    return heard, sorted(tempos.items()), file.ticks_per_beat


def seconds(tick: int, tempos: list[tuple[int, int]], ticks_per_beat: int) -> float:
    """Say when a tick is.

    Args:
        tick: from the start of the file.
        tempos: each (tick, microseconds of a beat), sorted, the first one at tick 0.
        ticks_per_beat: ticks of a beat.

    Returns:
        Seconds from the start of the file.
    """
    total = 0
    ends = [start for start, _ in tempos[1:]] + [tick]
    for (start, tempo), end in zip(tempos, ends, strict=True):
        total += max(0, min(end, tick) - start) * tempo
    return total / (1e6 * ticks_per_beat)


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
    moments = [(end, 0, pitch, 0) for _, end, pitch, _ in notes]
    moments += [(start, 1, pitch, velocity) for start, _, pitch, velocity in notes]
    events: list[Event] = []
    now, loudness = 0, None
    for tick, begins, pitch, velocity in sorted(moments):
        while now < tick:
            step = min(longest, tick - now)
            events.append(("shift", step))
            now += step
        if not begins:
            events.append(("off", pitch))
            continue
        if velocity != loudness:
            events.append(("velocity", velocity))
            loudness = velocity
        events.append(("on", pitch))
    return events


def decode(events: list[Event]) -> list[Note]:
    """Read events back into notes; any sequence of events is some music.

    Args:
        events: as `encode` gives them, or as a model has drawn them.

    Returns:
        notes, each (start, end, pitch, velocity), sorted.
    """
    now, velocity = 0, 64
    sounding: dict[int, list[tuple[int, int]]] = defaultdict(list)
    notes: list[Note] = []
    for kind, value in events:
        if kind == "shift":
            now += value
        elif kind == "velocity":
            velocity = value
        elif kind == "on":
            sounding[value].append((now, velocity))
        elif sounding[value]:
            start, loud = sounding[value].pop(0)
            notes.append((start, now, value, loud))
    for pitch, started in sounding.items():
        notes += [(start, now, pitch, loud) for start, loud in started]
    return sorted(note for note in notes if note[1] > note[0])


def write_midi(notes: list[Note], tempos: list[tuple[int, int]], ticks_per_beat: int) -> bytes:
    """Write notes as a Standard MIDI file.

    Args:
        notes: each (start, end, pitch, velocity), in any order.
        tempos: each (tick, microseconds of a beat), sorted, the first one at tick 0.
        ticks_per_beat: ticks of a beat.

    Returns:
        The bytes of the file.
    """
    moments = [(tick, 0, mido.MetaMessage("set_tempo", tempo=tempo)) for tick, tempo in tempos]
    for start, end, pitch, velocity in notes:
        moments.append((end, 1, mido.Message("note_off", note=pitch)))
        moments.append((start, 2, mido.Message("note_on", note=pitch, velocity=velocity)))
    track = mido.MidiTrack()
    now = 0
    for tick, _, message in sorted(moments, key=lambda moment: moment[:2]):
        track.append(message.copy(time=tick - now))
        now = tick
    stream = io.BytesIO()
    mido.MidiFile(type=0, ticks_per_beat=ticks_per_beat, tracks=[track]).save(file=stream)
    return stream.getvalue()
