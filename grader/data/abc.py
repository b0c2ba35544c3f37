"""The notes of a tune in ABC, as they are played: repeats, ties, tuplets, signs.

What takes no time (chord symbols, decorations, grace notes) is left out, and so is whatever is no
ABC: a tune that a model has written may hold anything.
"""

import re
from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple

from grader.data.midi import Note
from grader.data.tunes import Tune, metre_of, multiple

TICKS = 480
"""Of a quarter note."""
VELOCITY = 80
MOST_NOTES = 20_000
MOST_QUARTERS = 64
"""The longest note that is played."""
GRID = 2**12 * 3**4 * 5**2 * 7**2
"""Parts of a quarter note. Lengths that fall between them are moved there, so that the sum of many
odd ones stays a short number."""

_SHARPS, _FLATS = "FCGDAEB", "BEADGCF"
_STEPS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_SIGNS = {"^": 1, "^^": 2, "_": -1, "__": -2, "=": 0}
_MODES = {"": 0, "maj": 0, "ion": 0, "mix": -1, "dor": -2, "m": -3, "min": -3, "aeo": -3}
_MODES |= {"phr": -4, "lyd": 1, "loc": -5}
_IN_TIME_OF = {2: 3, 3: 2, 4: 3, 6: 2, 8: 3}
_PITCH = re.compile(r"(\^\^|__|[\^_=])?([A-Ga-g])([,']*)")
_FIELD = re.compile(r"([MLK]):(.*)")
_LENGTH = r"\d*(?:/+\d*)?"
_ONE = rf"(?:[_=^]{{0,2}}[A-Ga-g][,']*|[zx])(?:{_LENGTH})"
_EVENT = re.compile(
    r'"[^"]{0,200}"|![^!]{0,200}!|\{[^}]{0,200}\}'  # bounded: it may never be closed
    r"|\[(?P<field>[MLK]):(?P<value>[^\]]{0,200})\]|\[[A-Za-z]:[^\]]{0,200}\]"
    r"|(?P<bar>:{0,4}\|[|\]:]*|:{2,})|(?:\[|(?<=\|))(?P<ending>[12])"
    r"|\((?P<tuplet>[2-9])(?::\d*)*"
    rf"|(?:\[(?P<chord>(?:{_ONE}\s*)+)\]|(?P<sound>[_=^]{{0,2}}[A-Ga-g][,']*|[zx]))"
    rf"(?P<length>{_LENGTH})(?P<tie>-?)"
    r"|(?P<broken>[<>]+)"
)


class Sound(NamedTuple):
    """Notes that begin together; a rest has none. `length` is in quarter notes."""

    pitches: tuple[int, ...]
    length: Fraction
    tied: bool


class Bar(NamedTuple):
    """A bar line as it is written, or the number of an ending."""

    text: str


def notes_of_tune(tune: Tune) -> list[Note]:
    """Its notes in order, in ticks of which a quarter note has TICKS."""
    notes: list[Note] = []
    open_ties: dict[int, int] = {}  # pitch -> its place in notes
    now = Fraction(0)
    for sound in _played(list(_items(tune))):
        start, end = round(now * TICKS), round((now + sound.length) * TICKS)
        going_on = {}
        for pitch in sound.pitches:
            place = open_ties.get(pitch)
            if place is None:
                place = len(notes)
                notes.append(Note(start, end, pitch, VELOCITY))
            else:
                notes[place] = notes[place]._replace(end=end)
            if sound.tied:
                going_on[pitch] = place
        open_ties, now = going_on, now + sound.length
        if len(notes) >= MOST_NOTES:
            break
    return [note for note in notes if note.end > note.start]


def key_signature(key: str) -> dict[str, int]:
    """For each letter that is not natural in a key 1 or -1; nothing for what is no key."""
    match = re.match(r"([A-G])([#b]?)\s*([A-Za-z]*)", key)
    if not match:
        return {}
    mode = match[3].lower()
    fifths = _SHARPS.index(match[1]) - 1 + 7 * {"#": 1, "b": -1, "": 0}[match[2]]
    fifths += _MODES.get(mode, _MODES.get(mode[:3], 0))
    letters = _SHARPS[: max(fifths, 0)] + _FLATS[: max(-fifths, 0)]
    return dict.fromkeys(letters, 1 if fifths > 0 else -1)


def _items(tune: Tune) -> Iterator[Sound | Bar]:
    """The sounds and bar lines as they are written."""
    key, metre, unit = key_signature(tune.key), metre_of(tune.metre), tune.unit
    signs: dict[str, int] = {}
    tuplet, scale, swing = 0, Fraction(1), Fraction(1)
    waiting: Sound | None = None  # a > or < behind a sound changes it
    for line in tune.body.splitlines():
        field = _FIELD.match(line)
        for event in _EVENT.finditer(line) if field is None else [field]:
            name = event[1] if field else event["field"]
            if name:
                value = (event[2] if field else event["value"]).strip()
                key = key_signature(value) if name == "K" else key
                unit = _fraction(value) or unit if name == "L" else unit
                metre = _fraction(value) if name == "M" else metre
            elif event["bar"] or event["ending"]:
                if waiting:
                    yield waiting
                waiting = None
                signs = signs if event["ending"] else {}
                yield Bar(event["bar"] or event["ending"])
            elif event["tuplet"]:
                tuplet = int(event["tuplet"])
                compound = metre is not None and metre.numerator % 3 == 0
                scale = Fraction(_IN_TIME_OF.get(tuplet, 3 if compound else 2), tuplet)
            elif event["broken"] and waiting:
                short = Fraction(1, 2 ** min(len(event["broken"]), 4))
                mine, swing = (
                    (2 - short, short) if event["broken"][0] == ">" else (short, 2 - short)
                )
                waiting = waiting._replace(length=waiting.length * mine)
            elif event["sound"] or event["chord"]:
                if waiting:
                    yield waiting
                written = event["chord"] or event["sound"]
                own = multiple(event["length"])
                if event["chord"]:
                    inner = re.match(rf"{_ONE}", written)
                    own *= multiple(re.sub(r"^[^\d/]*", "", inner[0]) if inner else "")
                length = min(
                    own * unit * 4 * swing * (scale if tuplet else 1), Fraction(MOST_QUARTERS)
                )
                length = Fraction(round(length * GRID), GRID)
                pitches = tuple(_pitch(one, key, signs) for one in _PITCH.findall(written))
                waiting = Sound(pitches, length, bool(event["tie"]))
                swing, tuplet = Fraction(1), max(tuplet - 1, 0)
    if waiting:
        yield waiting


def _pitch(written: tuple[str, str, str], key: dict[str, int], signs: dict[str, int]) -> int:
    """The MIDI number of a note; a sign holds for its letter and octave to the end of the bar."""
    sign, letter, octave = written
    name = letter + octave
    if sign:
        signs[name] = _SIGNS[sign]
    change = signs.get(name, key.get(letter.upper(), 0))
    octaves = octave.count("'") - octave.count(",") + letter.islower()
    return min(max(60 + _STEPS[letter.upper()] + 12 * octaves + change, 0), 127)


def _played(items: list[Sound | Bar]) -> Iterator[Sound]:
    """The sounds in the order in which they are played: repeats twice, each with its ending."""
    begin, at, turn, skipping = 0, 0, 1, False
    while at < len(items):
        item = items[at]
        at += 1
        if isinstance(item, Sound):
            if not skipping:
                yield item
        elif item.text.isdigit():
            skipping = int(item.text) != turn
        elif item.text.startswith(":") and not skipping and turn == 1:
            at, turn = begin, 2
        elif item.text.endswith(":") or (":" in item.text and not skipping):
            begin, turn, skipping = at, 1, False
        elif item.text in ("||", "|]"):
            turn, skipping = 1, False


def _fraction(text: str) -> Fraction | None:
    try:
        return metre_of(text)
    except ValueError:
        return None
