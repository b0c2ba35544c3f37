"""Another right way: a scanner that looks at one character at a time, and plays as it reads.

Repeats are played by reading the text again: the reader keeps the place to go back to.
"""

import io
import re
import wave
from fractions import Fraction
from math import pi

import mido
import numpy as np

PITCHES = dict(zip("CDEFGABcdefgab", (60, 62, 64, 65, 67, 69, 71, 72, 74, 76, 77, 79, 81, 83),
                   strict=True))  # fmt: skip
ENDING = re.compile(r"\s*\|?\[?([12])(?![\d:])")
STEPS = {"maj": 0, "dor": 1, "phr": 2, "lyd": 3, "mix": 4, "min": 5, "loc": 6}
MAJOR = (0, 2, 4, 5, 7, 9, 11)
ALIKE = {"": "maj", "ion": "maj", "aeo": "min", "m": "min"}


def key_signature(key):
    """Say what is sharp and flat: build the scale of the mode, step by step."""
    key = key.strip()
    tonic, rest = key[:1], key[1:]
    shift = 0
    if rest[:1] in ("#", "b") and rest:
        shift, rest = (1 if rest[0] == "#" else -1), rest[1:]
    rest = rest.strip().lower()
    mode = "min" if rest == "m" else ALIKE.get(rest[:3], rest[:3])
    if tonic not in tuple("ABCDEFG") or mode not in STEPS or not (rest.isalpha() or not rest):
        raise ValueError(f"{key!r} is no key")
    turn = STEPS[mode]
    scale = [(MAJOR[(turn + k) % 7] - MAJOR[turn]) % 12 for k in range(7)]
    home = "CDEFGAB".index(tonic)
    found = {}
    for k in range(7):
        letter = "CDEFGAB"[(home + k) % 7]
        there = (MAJOR[home] + shift + scale[k] - MAJOR[(home + k) % 7] + 6) % 12 - 6
        if abs(there) > 1:
            raise ValueError(f"{key!r} has double signs")
        if there:
            found[letter] = there
    return found


class Reader:
    """The text of a tune, a place in it, and all that has been played so far."""

    def __init__(self, text):
        self.text, self.at = text, 0
        self.key, self.unit, self.metre, self.tempo = None, None, Fraction(1), 500_000
        self.signs, self.notes, self.now = {}, [], Fraction(0)
        self.back, self.time = 0, 1
        self.last = None  # of the last note: its length and its place in the list
        self.tied, self.factor, self.three = False, Fraction(1), 0
        self.natural = None  # what the last note is without a sign

    def line(self):
        """The line of the present place."""
        return self.text.count("\n", 0, min(self.at, len(self.text))) + 1

    def peek(self, count=1):
        """What comes next."""
        return self.text[self.at : self.at + count]

    def skip_to(self, end):
        """Go behind the next `end` on this line."""
        place = self.text.find(end, self.at + 1)
        stop = self.text.find("\n", self.at)
        if place < 0 or (0 <= stop < place):
            raise ValueError(f"there is no {end} to end it")
        self.at = place + 1

    def run(self):
        """Read all of it."""
        while self.at < len(self.text):
            start = self.at == 0 or self.text[self.at - 1] == "\n"
            if start and self.peek(2)[1:] == ":" and self.peek().isalpha():
                self.field()
            elif self.peek() == "%" or (self.key is None and self.peek() != "\n"):
                self.to_line_end()
            else:
                self.music()
        if self.key is None:
            raise ValueError("K: is missing")

    def to_line_end(self):
        """Go to the line's end, and give what was passed."""
        stop = self.text.find("\n", self.at)
        stop = len(self.text) if stop < 0 else stop
        passed, self.at = self.text[self.at : stop], stop
        return passed

    def field(self):
        """Read a field; an error leaves the place where it is."""
        start = self.at
        text = self.to_line_end().split("%")[0]
        end, self.at = self.at, start
        kind, value = text[0], text[2:].strip()
        if kind == "K":
            self.key = key_signature(value)
            if self.unit is None:
                self.unit = Fraction(1, 8) if self.metre >= Fraction(3, 4) else Fraction(1, 16)
        elif kind == "L":
            self.unit = fraction(value)
        elif kind == "M" and value[:1].isdigit():
            self.metre = fraction(value)
        elif kind == "Q":
            beat, equals, rate = value.rpartition("=")
            if not equals or not rate.strip().isdigit():
                raise ValueError("a tempo is 1/4=120")
            self.tempo = round(15_000_000 / (fraction(beat.strip()) * int(rate)))
        self.at = end

    def music(self):
        """Read what comes next in the music."""
        one = self.peek()
        if one in "^_=" or one in PITCHES or one == "z":
            self.note()
        elif one in "<>":
            while self.peek() == one:
                self.at += 1
                self.factor /= 2
            short = self.factor
            first, self.factor = (2 - short, short) if one == ">" else (short, 2 - short)
            self.stretch(first)
        elif one in ":|" or self.peek(2) in ("[|", "[1", "[2"):
            self.bar()
        elif one in '"!':
            self.skip_to(one)
        elif one == "{":
            self.skip_to("}")
        elif self.peek(2) == "(3":
            self.three, self.at = 3, self.at + 2
        elif one.isspace() or one in "()~.uvTHLMPS`y\\":
            self.at += 1
        else:
            raise ValueError(f"what is {one!r}?")

    def number(self, default):
        """A number, if there is one."""
        start = self.at
        while self.peek().isdigit():
            self.at += 1
        return int(self.text[start : self.at] or default)

    def note(self):
        """Read and play a note or a rest."""
        sign = ""
        while self.peek() in ("^", "_", "="):
            sign += self.peek()
            self.at += 1
        letter = self.peek()
        if letter not in PITCHES and letter != "z":
            raise ValueError("a sign without a note")
        self.at += 1
        pitch, marks = PITCHES.get(letter), 0
        while self.peek() in ("'", ","):
            marks += 1 if self.peek() == "'" else -1
            self.at += 1
        length = Fraction(self.number(1)) * self.unit
        halves = 0
        while self.peek() == "/":
            halves += 1
            self.at += 1
        length /= self.number(2**halves) if halves else 1
        if self.three:
            self.three, length = self.three - 1, length * 2 / 3
        length, self.factor = length * self.factor, Fraction(1)
        start, self.now = self.now, self.now + length * 1920
        joins, self.tied = self.tied, False
        if pitch is not None:
            natural = pitch + 12 * marks
            joined, self.natural = self.natural == natural, natural
            if sign:
                self.signs[letter.upper()] = {"^": 1, "_": -1, "=": 0}[sign[0]] * len(sign)
            pitch = natural + self.signs.get(letter.upper(), self.key.get(letter.upper(), 0))
            if joins and not sign and joined:
                pitch = self.notes[-1][2]
        if joins and self.notes and self.notes[-1][2] == pitch:
            self.notes[-1][1] = self.now
        elif pitch is not None:
            self.notes.append([start, self.now, pitch])
        self.last = (length, pitch is not None)
        tie = re.compile(r" *-").match(self.text, self.at)
        if tie is not None:
            self.at = tie.end()
            self.tied = pitch is not None

    def stretch(self, factor):
        """Make the last note or rest longer or shorter."""
        if self.last is None:
            raise ValueError("no note to make longer")
        length, sounds = self.last
        change = length * 1920 * (factor - 1)
        self.now += change
        if sounds:
            self.notes[-1][1] += change

    def bar(self):
        """Read a bar line, and go back where it says so."""
        self.signs = {}
        start = self.at
        if self.peek(2) == "[|":
            self.at += 2
        while self.peek() in ("|", ":", "]") and self.peek():
            self.at += 1
        sign = self.text[start : self.at]
        if sign.startswith(":") and self.time == 1:
            self.at, self.time = self.back, 2
            return
        if sign.startswith(":"):
            self.back, self.time = self.at, 1
        if sign.endswith(":"):
            self.back, self.time = self.at, 1
        ending = self.ending()
        if ending == "1" and self.time == 2:
            self.at = self.text.index(":|", self.at) + 2
            self.ending()
            self.back, self.time = self.at, 1
        elif ending == "2":
            self.back, self.time = self.at, 1

    def ending(self):
        """Go behind the number of an ending, if there is one, and give it."""
        found = ENDING.match(self.text, self.at)
        if found is None:
            return ""
        self.at = found.end()
        return found[1]


def fraction(text):
    """A fraction of two numbers, neither of them 0."""
    above, _, below = text.partition("/")
    if not (above.isdigit() and below.isdigit() and int(above) and int(below)):
        raise ValueError(f"{text!r} is no fraction")
    return Fraction(int(above), int(below))


def parse(abc, name="tune.abc"):
    """Read a tune."""
    reader = Reader(abc)
    try:
        reader.run()
    except (ValueError, ZeroDivisionError) as error:
        raise ValueError(f"{name}:{reader.line()}: {error}") from None
    return [(int(start), int(end), pitch) for start, end, pitch in reader.notes], reader.tempo


def to_midi(notes, tempo):
    """Write a MIDI file of two tracks."""
    file = mido.MidiFile(type=1, ticks_per_beat=480)
    file.tracks.append(mido.MidiTrack([mido.MetaMessage("set_tempo", tempo=tempo)]))
    events = sorted(
        [(start, "note_on", pitch) for start, _, pitch in notes]
        + [(end, "note_off", pitch) for _, end, pitch in notes]
    )  # "note_off" is before "note_on"
    last, track = 0, file.add_track("tune")
    for tick, kind, pitch in events:
        track.append(mido.Message(kind, note=pitch, velocity=90, time=tick - last))
        last = tick
    out = io.BytesIO()
    file.save(file=out)
    return out.getvalue()


def synthesise(notes, tempo, rate):
    """Play notes: a sine under half a sine, limited softly at the end."""
    beat = 480 * 1_000_000
    total = round(max([end for _, end, _ in notes] or [0]) * tempo * rate / beat)
    mix = np.zeros(total)
    for start, end, pitch in notes:
        a, b = round(start * tempo * rate / beat), round(end * tempo * rate / beat)
        n = np.arange(b - a) + 0.5
        wave_of_note = np.sin(2 * pi * 440 * 2 ** ((pitch - 69) / 12) * n / rate)
        mix[a:b] += 0.5 * np.sin(pi * n / (b - a)) * wave_of_note
    return mix / max(1.0, float(np.abs(mix).max(initial=0.0)))


def to_wav(samples, rate):
    """Write a WAV file."""
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setparams((1, 2, rate, len(samples), "NONE", "not compressed"))
        file.writeframes(
            b"".join(
                round(max(-1.0, min(1.0, float(x))) * 32767).to_bytes(2, "little", signed=True)
                for x in samples
            )
        )
    return out.getvalue()
