"""From ABC to something that can be heard: notes, a MIDI file, samples, a WAV file."""

import io
import re
import wave
from fractions import Fraction

import mido
import numpy as np

Note = tuple[int, int, int]
TICKS = 480  # of a quarter note
SHARPS = "FCGDAEB"
FIFTHS = {"F": -1, "C": 0, "G": 1, "D": 2, "A": 3, "E": 4, "B": 5}
MODES = {
    "": 0, "maj": 0, "ion": 0, "m": -3, "min": -3, "aeo": -3,
    "dor": -2, "phr": -4, "lyd": 1, "mix": -1, "loc": -5,
}  # fmt: skip
NATURALS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
SIGNS = {"": None, "^": 1, "^^": 2, "_": -1, "__": -2, "=": 0}
TOKEN = re.compile(
    r"""
    (?P<skip>[\s\\~.()uvTHLMPS`y]+(?<!\()|\((?!\d)|"[^"]*"|![^!]*!|\{[^}]*\})
    |(?P<note>(?P<sign>\^\^?|__?|=)?(?P<letter>[A-Ga-gzx])(?P<marks>[,']*)
        (?P<above>\d*)(?P<slash>/*)(?P<below>\d*)(?P<tie>\s*-)?)
    |(?P<broken>>+|<+)
    |(?P<triplet>\(3)
    |(?P<bar>(?:\[\||::|:?\|(?:[|\]]|\[(?!\d))*:?)\s*(?P<ending>\[?[12])?|\[(?P<other>[12]))
    """,
    re.VERBOSE,
)


def key_signature(key: str) -> dict[str, int]:
    """Say what is sharp and flat in a key.

    Args:
        key: a tonic and a mode: "G", "Bb", "F#m", "Ador", "E minor".

    Returns:
        For each letter that is not natural: 1 where it is sharp, -1 where it is flat.

    Raises:
        ValueError: there is no such key, or it has double signs.
    """
    found = re.fullmatch(r"([A-G])([#b]?) *([A-Za-z]*)", key.strip())
    mode = found[3].lower() if found else ""
    if found is None or (mode not in MODES and mode[:3] not in MODES):
        raise ValueError(f"there is no key {key!r}")
    shift = MODES[mode] if mode in MODES else MODES[mode[:3]]
    count = FIFTHS[found[1]] + {"": 0, "#": 7, "b": -7}[found[2]] + shift
    if abs(count) > 7:
        raise ValueError(f"the key {key!r} has double signs")
    if count >= 0:
        return {letter: 1 for letter in SHARPS[:count]}
    return {letter: -1 for letter in SHARPS[count:]}


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
    tune = _Tune()
    for number, line in enumerate(abc.splitlines(), 1):
        try:
            tune.read(line.split("%", 1)[0])
        except ValueError as error:
            raise ValueError(f"{name}:{number}: {error}") from None
    if tune.keys is None:
        raise ValueError(f"{name}:{abc.count(chr(10)) + 1}: there is no K: field")
    return _timed(_unrolled(tune.events)), tune.tempo


class _Tune:
    """What has been read of a tune: fields, and events in the order in which they are written.

    An event is [pitch, length, tied, pitch without sign or key] for a note, the same with None for
    a rest, or a text for what a bar line says.
    """

    def __init__(self) -> None:
        self.keys: dict[str, int] | None = None
        self.unit: Fraction | None = None
        self.metre = Fraction(1)
        self.tempo = 500_000
        self.held: dict[str, int] = {}
        self.tied: tuple[str, str] | None = None
        self.events: list = []
        self.triplet = 0
        self.pending: Fraction | None = None

    def read(self, line: str) -> None:
        field = re.match(r"\s*([A-Za-z]):(?![|:])(.*)", line)
        if field is not None:
            self.field(field[1], field[2].strip())
        elif self.keys is not None:
            self.music(line)

    def field(self, letter: str, value: str) -> None:
        if letter == "K":
            self.keys = key_signature(value)
            if self.unit is None:
                self.unit = Fraction(1, 16) if self.metre < Fraction(3, 4) else Fraction(1, 8)
        elif letter == "L":
            self.unit = _fraction(value)
        elif letter == "M" and value not in ("C", "C|", "none", ""):
            self.metre = _fraction(value)
        elif letter == "Q":
            told = re.fullmatch(r'(?:"[^"]*" *)?(\d+/\d+) *= *(\d+)(?: *"[^"]*")?', value)
            if told is None or int(told[2]) == 0:
                raise ValueError(f"there is no tempo {value!r}")
            beat = _fraction(told[1])
            self.tempo = round(Fraction(60_000_000, int(told[2])) / (4 * beat))

    def music(self, line: str) -> None:
        at = 0
        while at < len(line):
            inline = re.compile(r"\[([A-Za-z]):([^\]]*)\]").match(line, at)
            if inline is not None:
                self.field(inline[1], inline[2].strip())
                at = inline.end()
                continue
            token = TOKEN.match(line, at)
            if token is None:
                raise ValueError(f"{line[at]!r} is no music")
            at = token.end()
            if token["bar"]:
                self.bar(token["bar"], token["ending"] or token["other"] or "")
            elif token["broken"]:
                self.broken(token["broken"])
            elif token["triplet"]:
                self.triplet = 3
            elif token["note"]:
                self.note(token)

    def bar(self, sign: str, ending: str) -> None:
        self.held = {}
        bare = sign.removesuffix(ending).strip()
        if bare.startswith(":"):
            self.events.append("end")
        if bare.endswith(":"):
            self.events.append("start")
        if ending:
            self.events.append(ending.strip("["))

    def broken(self, sign: str) -> None:
        short = Fraction(1, 2 ** len(sign))
        first, second = (2 - short, short) if sign[0] == ">" else (short, 2 - short)
        if not self.events or isinstance(self.events[-1], str):
            raise ValueError(f"{sign} stands behind no note")
        self.events[-1][1] *= first
        self.pending = second

    def note(self, token: re.Match) -> None:
        length = Fraction(int(token["above"] or 1))
        if token["slash"]:
            below = int(token["below"] or 2 ** len(token["slash"]))
            if below == 0:
                raise ValueError("a length is divided by 0")
            length /= below
        length *= self.unit
        if self.triplet:
            self.triplet -= 1
            length *= Fraction(2, 3)
        if self.pending is not None:
            length *= self.pending
            self.pending = None
        pitch, natural = self.pitch(token)
        self.events.append([pitch, length, bool(token["tie"]), natural])

    def pitch(self, token: re.Match) -> tuple[int | None, int | None]:
        letter, sign = token["letter"].upper(), SIGNS[token["sign"] or ""]
        if letter in "ZX":
            return None, None
        marks = token["marks"]
        octave = marks.count("'") - marks.count(",") + token["letter"].islower()
        natural = 60 + NATURALS[letter] + 12 * octave
        before = next((e for e in reversed(self.events) if not isinstance(e, str)), None)
        if sign is not None:
            self.held[letter] = sign
        elif before and before[2] and before[3] == natural:
            return before[0], natural
        return natural + self.held.get(letter, self.keys.get(letter, 0)), natural


def _fraction(text: str) -> Fraction:
    found = re.fullmatch(r"(\d+)/(\d+)", text.strip())
    if found is None or int(found[1]) == 0 or int(found[2]) == 0:
        raise ValueError(f"{text!r} is no fraction such as 1/8")
    return Fraction(int(found[1]), int(found[2]))


def _unrolled(events: list) -> list:
    """The notes and rests in the order in which they are played."""
    played, begin, at, time = [], 0, 0, 1
    while at < len(events):
        event = events[at]
        at += 1
        if event == "start":
            begin, time = at, 1
        elif event == "end":
            if time == 1:
                at, time = begin, 2
            else:
                begin, time = at, 1
        elif event == "1" and time == 2:
            while at < len(events) and events[at - 1] != "end":
                at += 1
        elif event == "2":
            begin, time = at, 1
        elif not isinstance(event, str):
            played.append(event)
    return played


def _timed(events: list) -> list[Note]:
    """Notes with their ticks; tied ones are one."""
    notes: list[Note] = []
    now, tied = Fraction(0), False
    for pitch, length, ties, _ in events:
        end = now + length * 4 * TICKS
        if tied and notes and notes[-1][2] == pitch:
            notes[-1] = (notes[-1][0], int(end), pitch)
        elif pitch is not None:
            notes.append((int(now), int(end), pitch))
        now, tied = end, ties
    return notes


def to_midi(notes: list[Note], tempo: int) -> bytes:
    """Write notes as a Standard MIDI file with 480 ticks per beat.

    Args:
        notes: each (start, end, pitch) in ticks.
        tempo: microseconds of a quarter note.

    Returns:
        The bytes of the file.
    """
    moments = [(end, 0, mido.Message("note_off", note=pitch)) for _, end, pitch in notes]
    moments += [(start, 1, mido.Message("note_on", note=pitch)) for start, _, pitch in notes]
    track = mido.MidiTrack([mido.MetaMessage("set_tempo", tempo=tempo)])
    now = 0
    for tick, _, message in sorted(moments, key=lambda moment: moment[:2]):
        track.append(message.copy(time=tick - now))
        now = tick
    stream = io.BytesIO()
    mido.MidiFile(type=0, ticks_per_beat=TICKS, tracks=[track]).save(file=stream)
    return stream.getvalue()


def synthesise(notes: list[Note], tempo: int, rate: int) -> np.ndarray:
    """Play notes.

    Args:
        notes: each (start, end, pitch) in ticks; notes may overlap.
        tempo: microseconds of a quarter note.
        rate: samples of a second.

    Returns:
        (S,) float64 from -1 to 1, S up to the end of the last note.
    """
    per_tick = tempo * rate / (1e6 * TICKS)
    samples = np.zeros(round(max((end for _, end, _ in notes), default=0) * per_tick))
    for start, end, pitch in notes:
        first, last = round(start * per_tick), round(end * per_tick)
        time = np.arange(last - first) / rate
        phase = 2 * np.pi * 440 * 2 ** ((pitch - 69) / 12) * time
        tone = np.sin(phase) + 0.3 * np.sin(2 * phase)
        fade = min(0.01, (last - first) / rate / 4)
        left = time[-1:] - time
        tone *= np.clip(time / fade, 0, 1) * np.clip(left / fade, 0, 1)
        samples[first:last] += tone
    peak = np.abs(samples).max(initial=0.0)
    return samples * 0.8 / peak if peak > 0 else samples


def to_wav(samples: np.ndarray, rate: int) -> bytes:
    """Write samples as a WAV file: one channel, 16 bits.

    Args:
        samples: (S,) float64. What is outside of -1 to 1 is cut off there.
        rate: samples of a second.

    Returns:
        The bytes of the file.
    """
    levels = np.round(np.clip(samples, -1.0, 1.0) * 32767).astype("<i2")
    stream = io.BytesIO()
    with wave.open(stream, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(levels.tobytes())
    return stream.getvalue()
