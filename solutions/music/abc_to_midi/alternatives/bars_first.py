"""Another right way: the text is cut into bars, the bars are put in the order of play, then read.

Signs end at bar lines, so a bar can be read by itself once key and unit are known. What a bar needs
of the one before it is an open tie alone.
"""

import io
import re
import struct
from fractions import Fraction

import mido
import numpy as np

ORDER = ["F", "C", "G", "D", "A", "E", "B"]
CHROMATIC = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
LINE = re.compile(r":*\|[|\]:]*(?:\s*\[(?=[12]))?|::|\[\||\[(?=[12])")


def key_signature(key):
    """Say what is sharp and flat: the major key of the same notes tells."""
    found = re.match(r"^([A-G][#b]?)\s*([A-Za-z]*)$", key.strip())
    if not found:
        raise ValueError(f"no key: {key}")
    names = ["lyd", "maj", "mix", "dor", "min", "phr", "loc"]
    alike = {"": "maj", "ion": "maj", "m": "min", "aeo": "min"}
    mode = found[2].lower()[:3] if len(found[2]) != 1 else found[2].lower()
    mode = alike.get(mode, mode)
    if mode not in names:
        raise ValueError(f"no mode: {found[2]}")
    letter, sign = found[1][0], found[1][1:]
    place = ORDER.index(letter) - 1 + {"": 0, "#": 7, "b": -7}[sign]
    fifths = place + 1 - names.index(mode)
    if abs(fifths) > 7:
        raise ValueError(f"{key} has double signs")
    return dict.fromkeys(ORDER[:fifths], 1) if fifths > 0 else (
        dict.fromkeys(ORDER[fifths:], -1) if fifths else {})  # fmt: skip


def parse(abc, name="tune.abc"):
    """Read a tune."""
    key, unit, metre, tempo, bars, signs = None, None, Fraction(1), 500_000, [], {}
    lines = abc.split("\n")
    for number, line in enumerate(lines, 1):
        try:
            line = line.partition("%")[0].strip()
            field = re.match(r"([A-Za-z]):(?!\|)(.*)$", line)
            if field:
                value = field[2].strip()
                if field[1] == "K":
                    key = key_signature(value)
                    unit = unit or Fraction(1, 16 if metre < Fraction(3, 4) else 8)
                elif field[1] == "L":
                    unit = Fraction(*whole(value))
                elif field[1] == "M":
                    metre = Fraction(*whole(value)) if "/" in value else Fraction(1)
                elif field[1] == "Q":
                    beat, _, rate = value.partition("=")
                    above, below = whole(beat)
                    tempo = round(Fraction(60_000_000 * below, int(rate) * above * 4))
            elif key is not None:
                read_before = len(bars)
                cut(plain(line), (key, unit), bars)
                for bar in bars[read_before:]:
                    if bar[0] == "|":
                        signs = {}
                    elif len(bar) == 2:
                        bar.append(read(*bar, signs))
        except (ValueError, ZeroDivisionError) as error:
            raise ValueError(f"{name}:{number}: {error}") from None
    if key is None:
        raise ValueError(f"{name}:{len(lines)}: no key")
    return timed(in_order(bars)), tempo


def whole(text):
    """The two numbers of a fraction, neither of them 0."""
    above, below = (int(part) for part in text.split("/"))
    if above <= 0 or below <= 0:
        raise ValueError(f"no fraction: {text}")
    return above, below


def plain(line):
    """A line without what changes nothing."""
    for pattern in (r'"[^"]*"', r"![^!]*!", r"\{[^}]*\}"):
        line = re.sub(pattern, " ", line)
    return line


def cut(line, state, bars):
    """Add what stands in a line to the bars: texts with their state, and signs between them."""
    at = 0
    for sign in [*LINE.finditer(line), None]:
        text = line[at : sign.start()] if sign else line[at:]
        ending = re.match(r"\s*\[?([12])(?!\d)", text) if bars and bars[-1][0] == "|" else None
        if ending:
            bars.append(["ending", ending[1], None])
            text = text[ending.end() :]
        if text.strip():
            bars.append([text, state])
        if sign:
            at = sign.end()
            if sign[0].startswith(":"):
                bars.append(["back", None, None])
            if sign[0].rstrip("[ ").endswith(":"):
                bars.append(["here", None, None])
            bars.append(["|", None, None])


def read(text, state, signs):
    """The notes of a bar, or of its part in a line; `signs` are those of the bar so far."""
    key, unit = state
    notes, at, three, after = [], 0, 0, None
    while at < len(text):
        note = re.compile(r"(\^{0,2}|_{0,2}|=)([A-Ga-gz])([,']*)(\d*)(/*)(\d*)( *-)?").match(
            text, at
        )
        if note and note[2]:
            sign, letter, marks, above, slash, below, tie = note.groups()
            at = note.end()
            length = unit * int(above or 1)
            length /= int(below) if below else 2 ** len(slash)
            if three:
                three, length = three - 1, length * Fraction(2, 3)
            if after is not None:
                length, after = length * after, None
            pitch = own = base = None
            if letter != "z":
                base = 60 + CHROMATIC[letter.upper()] + 12 * letter.islower()
                base += 12 * (marks.count("'") - marks.count(","))
                if sign:
                    signs[letter.upper()] = "_=^".index(sign[0]) - 1
                    signs[letter.upper()] *= len(sign)
                pitch = base + signs.get(letter.upper(), key.get(letter.upper(), 0))
                own = None if sign else base
            notes.append([pitch, own, length, bool(tie), base])
            continue
        rhythm = re.compile(r"[<>]+").match(text, at)
        if rhythm:
            if not notes:
                raise ValueError("broken rhythm without a note")
            half = Fraction(1, 1 << len(rhythm[0]))
            pair = (half, 2 - half) if rhythm[0][0] == "<" else (2 - half, half)
            notes[-1][2] *= pair[0]
            after, at = pair[1], rhythm.end()
        elif text.startswith("(3", at):
            three, at = 3, at + 2
        elif text[at] in " ()~.uvTHLMPS`y\\\t\r":
            at += 1
        else:
            raise ValueError(f"{text[at]} is unknown")
    return notes


def in_order(bars):
    """The notes as they are played."""
    begin, at, second = 0, 0, False
    while at < len(bars):
        kind, value, notes = bars[at]
        at += 1
        if kind == "here":
            begin, second = at, False
        elif kind == "back":
            begin, at, second = (at, at, False) if second else (begin, begin, True)
        elif kind == "ending" and value == "1" and second:
            at = next(k for k in range(at, len(bars)) if bars[k][0] == "back") + 1
        elif kind == "ending" and value == "2":
            begin, second = at, False
        elif notes:
            yield from notes


def timed(notes):
    """Ticks, with ties joined."""
    found, now, open_tie = [], Fraction(0), None
    for pitch, own, length, tie, base in notes:
        if open_tie is not None and own == open_tie:
            pitch = found[-1][2]
        start, now = now, now + length * 1920
        if open_tie is not None and found[-1][2] == pitch:
            found[-1] = (found[-1][0], int(now), pitch)
        elif pitch is not None:
            found.append((int(start), int(now), pitch))
        open_tie = base if tie else None
    return found


def to_midi(notes, tempo):
    """Write a MIDI file whose ends are note_ons of velocity 0."""
    file = mido.MidiFile(ticks_per_beat=480)
    track = file.add_track()
    track.append(mido.MetaMessage("set_tempo", tempo=tempo))
    moments = [(end, 0, pitch) for _, end, pitch in notes]
    moments += [(start, 80, pitch) for start, _, pitch in notes]
    before = 0
    for tick, velocity, pitch in sorted(moments):
        track.append(mido.Message("note_on", note=pitch, velocity=velocity, time=tick - before))
        before = tick
    stream = io.BytesIO()
    file.save(file=stream)
    return stream.getvalue()


def synthesise(notes, tempo, rate):
    """Play notes as sines under a window, each softer where more of them sound."""
    edges = [
        (round(s * tempo * rate / 480e6), round(e * tempo * rate / 480e6)) for s, e, _ in notes
    ]
    out = np.zeros(max((last for _, last in edges), default=0))
    voices = np.zeros_like(out)
    for first, last in edges:
        voices[first:last] += 1
    scale = 0.9 / max(voices.max(initial=1.0), 1.0)
    for (first, last), (_, _, pitch) in zip(edges, notes, strict=True):
        n = np.arange(last - first)
        ramp = max(1.0, min(rate / 200, len(n) / 4))
        envelope = np.minimum(1.0, np.minimum(n, n[::-1]) / ramp)
        out[first:last] += scale * envelope * np.sin(n * (2 * np.pi * midi_hz(pitch) / rate))
    return out


def midi_hz(pitch):
    """The frequency of a pitch."""
    return 440.0 * np.exp2((pitch - 69) / 12)


def to_wav(samples, rate):
    """Write the head of a WAV file by hand, and the samples behind it."""
    data = np.rint(np.minimum(np.maximum(samples, -1), 1) * 32767).astype("<i2").tobytes()
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, rate, 2 * rate, 2, 16)
    body = b"WAVE" + form + struct.pack("<4sI", b"data", len(data)) + data
    return struct.pack("<4sI", b"RIFF", len(body)) + body
