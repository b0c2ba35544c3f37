"""Tunes that are drawn as notes first and then written in ABC, so that the answer is known.

A tune is made of sections, those of bars, those of groups. A group is what stands together: a note,
a rest, two notes of broken rhythm, a triplet, two notes that are tied.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from hypothesis import strategies as st

from grader.checks.strategies import sizes

WHOLE = 1920
"""Ticks of a whole note."""
SEMITONES = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
LETTERS = "CDEFGAB"
MODES = {
    "": (0, 2, 4, 5, 7, 9, 11),
    "m": (0, 2, 3, 5, 7, 8, 10),
    "dor": (0, 2, 3, 5, 7, 9, 10),
    "phr": (0, 1, 3, 5, 7, 8, 10),
    "lyd": (0, 2, 4, 6, 7, 9, 11),
    "mix": (0, 2, 4, 5, 7, 9, 10),
    "loc": (0, 1, 3, 5, 6, 8, 10),
}
"""Semitones of each step above the tonic."""
SPELLINGS = {
    "": ("", "maj", " major", "ion", "Maj"),
    "m": ("m", "min", " minor", "aeo", "Min"),
    "dor": ("dor", "Dor", " dorian"),
    "phr": ("phr", " phrygian"),
    "lyd": ("lyd", "Lyd", " lydian"),
    "mix": ("mix", "Mix", " mixolydian"),
    "loc": ("loc", " locrian"),
}
SIGNS = {-2: "__", -1: "_", 0: "=", 1: "^", 2: "^^"}
GRACES = ('"Am"', "~", "{ge}", "!trill!", ".", "u", "v", "T", '"^slow"')
"""What stands before a note and changes neither its pitch nor its length."""

Played = tuple[int, int, int]


def signature(tonic: str, mode: str) -> dict[str, int]:
    """The sharps (1) and flats (-1) of a key: a scale of seven letters has to fit its steps."""
    home = LETTERS.index(tonic[0])
    first = SEMITONES[tonic[0]] + {"#": 1, "b": -1}.get(tonic[1:], 0)
    found = {}
    for step, semitones in enumerate(MODES[mode]):
        letter = LETTERS[(home + step) % 7]
        natural = SEMITONES[letter] + 12 * ((home + step) // 7)
        found[letter] = first + semitones - natural
    return {letter: sign for letter, sign in found.items() if sign}


KEYS = tuple(
    (tonic, mode)
    for tonic in (f"{letter}{sign}" for letter in LETTERS for sign in ("", "#", "b"))
    for mode in MODES
    if all(abs(sign) == 1 for sign in signature(tonic, mode).values())
)
"""Every key whose signature has no double signs."""


@dataclass(frozen=True)
class Tone:
    """A note or a rest.

    Args:
        letter: C to B; z is a rest.
        octave: 0 from middle C to the B above it.
        sign: -2 to 2 semitones.
        written: the length that is written, in whole notes.
        factor: what makes the length that is played of it.
    """

    letter: str
    octave: int
    sign: int
    written: Fraction
    factor: Fraction = Fraction(1)

    @property
    def pitch(self) -> int:
        """As MIDI counts."""
        return 60 + SEMITONES[self.letter] + self.sign + 12 * self.octave

    @property
    def ticks(self) -> int:
        """How long it lasts."""
        ticks = self.written * self.factor * WHOLE
        assert ticks.denominator == 1, self
        return int(ticks)


@dataclass(frozen=True)
class Group:
    """Notes that stand together.

    Args:
        tones: one to three.
        kind: "", "tie", "(3", or signs of broken rhythm such as ">" and "<<".
        before: what stands before it without changing it.
    """

    tones: tuple[Tone, ...]
    kind: str = ""
    before: str = ""


Bar = tuple[Group, ...]


@dataclass(frozen=True)
class Section:
    """Bars, and how often they are played.

    Args:
        bars: what is played each time.
        twice: whether there is a second time.
        ends: the bars of the first and of the second ending, if there are two.
    """

    bars: tuple[Bar, ...]
    twice: bool = False
    ends: tuple[tuple[Bar, ...], ...] = ()

    @property
    def played(self) -> Iterator[Bar]:
        """Every bar in the order in which it sounds."""
        for time in range(2 if self.twice else 1):
            yield from self.bars
            if self.ends:
                yield from self.ends[time]


@dataclass(frozen=True)
class Written:
    """A tune, and how it is written."""

    sections: tuple[Section, ...]
    tonic: str = "C"
    mode: str = ""
    spelled: str = ""
    unit: Fraction = Fraction(1, 8)
    unit_said: bool = True
    metre: str = "4/4"
    tempo: str = ""
    opened: bool = True
    """Whether the first repeat has a sign where it begins."""
    fine: str = "|]"
    changes: tuple[str, ...] = ()
    """Lines before the sections behind the first, such as a change of key."""

    @property
    def notes(self) -> list[Played]:
        """The notes: start, end and pitch, in ticks."""
        found: list[Played] = []
        now = 0
        for bar in (bar for section in self.sections for bar in section.played):
            for group in bar:
                start = now
                for tone in group.tones:
                    if tone.letter != "z" and group.kind != "tie":
                        found.append((now, now + tone.ticks, tone.pitch))
                    now += tone.ticks
                if group.kind == "tie":
                    found.append((start, now, group.tones[0].pitch))
        return found

    @property
    def text(self) -> str:
        """The tune in ABC."""
        head = ["X:1", "T:drawn", f"M:{self.metre}"]
        head += [f"L:{self.unit}"] if self.unit_said else []
        head += [f"Q:{self.tempo}"] if self.tempo else []
        head.append(f"K:{self.tonic}{self.spelled or SPELLINGS[self.mode][0]}")
        return "\n".join([*head, *self._body()]) + "\n"

    def _body(self) -> Iterator[str]:
        keys = signature(self.tonic, self.mode)
        for number, section in enumerate(self.sections):
            if number and number <= len(self.changes):
                change = self.changes[number - 1]
                yield change
                if change.startswith("K:"):
                    keys = signature(change[2:], "")
            opens = section.twice and (number > 0 or self.opened)
            # No line begins with a note: a letter and a colon there would be a field.
            line = ("|:" if opens else "|") + self._bars(section.bars, keys)
            if section.ends:
                first, second = (self._bars(end, keys) for end in section.ends)
                line += f"|1 {first}:|2 {second}||"
            else:
                line += ":|" if section.twice else self.fine
            yield line

    def _bars(self, bars: Sequence[Bar], keys: dict[str, int]) -> str:
        return "|".join(" ".join(self._groups(bar, keys)) for bar in bars)

    def _groups(self, bar: Bar, keys: dict[str, int]) -> Iterator[str]:
        held: dict[str, int] = {}
        for group in bar:
            texts = []
            for place, tone in enumerate(group.tones):
                text = name_of(tone, held, keys) + length(tone.written / self.unit)
                texts.append(text + ("-" if group.kind == "tie" and place == 0 else ""))
            broken = group.kind if group.kind[:1] in ("<", ">") else ""
            start = "(3" if group.kind == "(3" else ""
            yield group.before + start + broken.join(texts)


def name_of(tone: Tone, held: dict[str, int], keys: dict[str, int]) -> str:
    """A note without its length, with a sign only where it is needed; what holds is kept."""
    if tone.letter == "z":
        return "z"
    now = held.get(tone.letter, keys.get(tone.letter, 0))
    sign = "" if tone.sign == now else SIGNS[tone.sign]
    held[tone.letter] = tone.sign if sign else now
    letter = tone.letter.lower() if tone.octave > 0 else tone.letter
    marks = "'" * (tone.octave - 1) if tone.octave > 0 else "," * -tone.octave
    return sign + letter + marks


def length(units: Fraction) -> str:
    """A length as it stands behind a note."""
    above, below = units.numerator, units.denominator
    if below == 1:
        return "" if above == 1 else str(above)
    if above == 1 and below == 2:
        return "/"
    return f"{'' if above == 1 else above}/{below}"


# -- drawing ---------------------------------------------------------------------------------------


@st.composite
def groups(
    draw: st.DrawFn,
    *,
    kinds: Sequence[str] = ("",),
    octaves: Sequence[int] = (0, 1),
    signs: Sequence[int] | None = None,
    keys: dict[str, int] | None = None,
    lengths: Sequence[Fraction] = (Fraction(1),),
    unit: Fraction = Fraction(1, 8),
    rests: bool = False,
    graces: Sequence[str] = ("",),
) -> Group:
    """A group: of the key's own notes, or with any of the signs."""
    kind = draw(st.sampled_from(kinds))
    count = {"": 1, "(3": 3}.get(kind, 2)
    written = draw(st.sampled_from(lengths)) * unit
    tones = []
    for place in range(count):
        letter = draw(st.sampled_from(LETTERS))
        own = (keys or {}).get(letter, 0)
        sign = own if signs is None else draw(st.sampled_from((own, *signs)))
        factor = Fraction(1)
        if kind == "(3":
            factor = Fraction(2, 3)
        elif kind[:1] in ("<", ">"):
            short = Fraction(1, 2 ** len(kind))
            factor = short if (place == 0) == (kind[0] == "<") else 2 - short
        tones.append(Tone(letter, draw(st.sampled_from(octaves)), sign, written, factor))
    if kind == "tie":
        tones[1] = replace(tones[0], written=draw(st.sampled_from(lengths)) * unit)
    if kind == "" and rests and draw(sizes(0, 2)) == 0:
        tones = [replace(tones[0], letter="z", sign=0)]
        return Group((tones[0],))
    return Group(tuple(tones), kind, draw(st.sampled_from(graces)))


def bars(group: st.SearchStrategy[Group], *, least: int = 1, most: int = 3) -> st.SearchStrategy:
    """Some bars of one to four groups. They need not fill their metre."""
    bar = st.lists(group, min_size=1, max_size=4).map(tuple)
    return st.lists(bar, min_size=least, max_size=most).map(tuple)
