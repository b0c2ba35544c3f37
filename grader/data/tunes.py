"""Folk tunes in ABC: made from a seed, and read from collections such as O'Neill's.

A made tune is a jig, a reel or a waltz in the form A A' B A'. A asks: it ends on the chord of the
fifth step (or, in modes without a leading note, on the seventh). A' answers: it is A up to its last
bar, which comes to rest on the tonic. B contrasts. There is one phrase a line:

    M:6/8
    L:1/8
    K:G
    GAB dBG|AFA d3|          A
    GAB dBG|AFD G3|          A'
    Bcd efg|fdB A3|          B
    GAB dBG|AFD G3|]         A'

Every bar sums to the metre, and no note leaves the key.
"""

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

from grader.data.files import read_file
from grader.errors import DataError

LETTERS = "CDEFGABcdefgab"
"""The notes of two octaves, as ABC writes them."""
KEYS = ("G", "D", "C", "A", "Em", "Am", "Ador", "Dmix")
PLAIN = ("", "maj", "ion")
"""Endings of keys that have a leading note below the tonic."""


@dataclass(frozen=True)
class Tune:
    """One tune.

    Args:
        title: its first title; may be empty.
        metre: `6/8`, `4/4`, `C|` or `none`.
        unit: the length of a note without a number, in whole notes.
        key: the tonic and, behind it, the mode: `G`, `Em`, `Ador`.
        body: lines of music, each with its end. Fields that change metre, unit or key are lines
            of it.
        line: where it begins in its file, from 1; 0 for a made one.
    """

    title: str
    metre: str
    unit: Fraction
    key: str
    body: str
    line: int = 0

    @property
    def text(self) -> str:
        """What there is to learn of a tune: metre, unit, key and music, without title or number."""
        return f"M:{self.metre}\nL:{self.unit}\nK:{self.key}\n{self.body}"


# -- made from a seed ------------------------------------------------------------------------------


class Kind(NamedTuple):
    """A kind of dance: its metre, and how a bar of it is cut.

    Args:
        metre: the time signature.
        beats: groups of notes in a bar.
        group: eighths in a group.
        rhythms: the lengths of the notes of a group, often more than once.
    """

    metre: str
    beats: int
    group: int
    rhythms: tuple[tuple[int, ...], ...]


KINDS = (
    Kind("6/8", 2, 3, ((1, 1, 1), (1, 1, 1), (1, 1, 1), (2, 1))),
    Kind("4/4", 2, 4, ((1, 1, 1, 1), (1, 1, 1, 1), (2, 1, 1), (1, 1, 2))),
    Kind("3/4", 3, 2, ((2,), (1, 1))),
)


def make_tunes(count: int, seed: int, *, bars: int = 2) -> list[Tune]:
    """Tunes of all kinds and keys, no two alike.

    Args:
        count: how many.
        seed: the same seed makes the same tunes.
        bars: of a phrase, at least 2. A tune has four phrases.
    """
    rng = random.Random(f"tunes {seed}")
    made: dict[str, Tune] = {}
    while len(made) < count:
        tune = _tune(rng, bars)
        made.setdefault(tune.text, tune)
    return list(made.values())


def _tune(rng: random.Random, bars: int) -> Tune:
    kind, key = rng.choice(KINDS), rng.choice(KEYS)
    home = LETTERS.index(key[0])
    open_end = 4 if key[1:] in PLAIN else 6

    def phrase(start: int) -> tuple[list[str], int]:
        """All bars of a phrase but its last, and the note at which they end."""
        found, at = [], start
        for _ in range(bars - 1):
            bar, at = _bar(rng, kind, home, [rng.choice((0, 0, 3, 4, 5)) for _ in "123"], at)
            found.append(bar)
        return found, at

    first, at = phrase(home + rng.choice((0, 2, 4)))
    question = _close(rng, kind, home, open_end, at)
    answer = _close(rng, kind, home, 0, at)
    other, at = phrase(home + rng.choice((4, 5, 7)))
    contrast = _close(rng, kind, home, open_end, at)
    lines = ["|".join([*first, question]), "|".join([*first, answer])]
    lines += ["|".join([*other, contrast]), lines[1]]
    body = "|\n".join(lines) + "|]\n"
    return Tune(f"{kind.metre} in {key}", kind.metre, Fraction(1, 8), key, body)


def _bar(
    rng: random.Random, kind: Kind, home: int, chords: Sequence[int], at: int
) -> tuple[str, int]:
    """A bar whose groups begin on notes of their chords; also its last note."""
    groups = []
    for chord in chords[: kind.beats]:
        at = _near(home, chord, at + rng.choice((-2, -1, 1, 2)))
        step, notes = rng.choice((-1, 1, 0)), []
        for length in rng.choice(kind.rhythms):
            notes.append(_note(at, length))
            at = _near(home, chord, at + rng.choice((-2, 2))) if step == 0 else _inside(at + step)
        groups.append("".join(notes))
    return " ".join(groups), at


def _close(rng: random.Random, kind: Kind, home: int, end: int, at: int) -> str:
    """A last bar: it ends with a long note on that step of the scale."""
    if kind.beats == 3:
        return f"{_bar(rng, kind, home, [4], at)[0]} {_goal(home, end, at, 4)}"
    moving, at = _bar(rng, kind._replace(beats=1), home, [4 if end == 0 else 0], at)
    return f"{moving} {_goal(home, end, at, kind.group)}"


def _goal(home: int, step: int, at: int, length: int) -> str:
    """The long note on a step of the scale, in the octave next to where the tune is."""
    return _note(min(_octaves(home + step), key=lambda note: abs(note - at)), length)


def _near(home: int, chord: int, at: int) -> int:
    """The note of the triad on a step of the scale that is next to `at`."""
    notes = [note for third in (0, 2, 4) for note in _octaves(home + chord + third)]
    return min(sorted(notes), key=lambda note: abs(note - at))


def _octaves(note: int) -> range:
    return range(note % 7, len(LETTERS), 7)


def _inside(note: int) -> int:
    return min(max(note, 1), len(LETTERS) - 1)


def _note(at: int, length: int) -> str:
    return LETTERS[at] + (str(length) if length > 1 else "")


# -- what a tune keeps -----------------------------------------------------------------------------

_SILENT = r'"[^"]{0,200}"|![^!]{0,200}!|\{[^}]{0,200}\}|\[[A-Za-z]:[^\]]{0,200}\]'
"""Chord symbols, decorations, grace notes and fields within a line: they take no time.

Each is bounded, so that one which is never closed is not looked for to the end of the line.
"""
_LENGTH = r"(\d*)(/*)(\d*)"
_SOUND = r"(?:[_=^]{0,2}[A-Ga-g][,']*|[zx])"
_EVENT = re.compile(
    rf"(?P<silent>{_SILENT})|(?P<bar>:{{0,4}}\|[|\]:]*|\[\||::)"
    r"|\((?P<tuplet>[2-9])(?P<rest>:\d*:?\d*)?"
    rf"|(?P<chord>\[{_SOUND}(?:[\d/]*-?\s*{_SOUND})*[\d/]*-?\s*\])(?P<of_chord>[\d/]*)"
    rf"|(?P<sound>{_SOUND})(?P<of_sound>[\d/]*)|(?P<broken>[<>]+)"
)
_IN_TIME_OF = {2: 3, 3: 2, 4: 3, 6: 2, 8: 3}
"""So many notes of a tuplet last as long as how many; 5, 7 and 9 depend on the metre."""


def bar_lengths(tune: Tune) -> list[tuple[Fraction, Fraction | None]]:
    """The length of each bar that has notes, and what the metre asks, both in whole notes.

    The metre asks for nothing where it is `none`. A tune may begin with an upbeat, and a part of a
    bar may stand before a repeat: such bars are shorter.
    """
    found: list[tuple[Fraction, Fraction | None]] = []
    metre, unit = metre_of(tune.metre), tune.unit
    length, notes = Fraction(0), 0
    tuplet, scale, swing = 0, Fraction(1), Fraction(1)
    last = Fraction(0)
    for line in tune.body.splitlines():
        field = _FIELD.match(line)
        if field:
            metre = metre_of(field[2].strip()) if field[1] == "M" else metre
            unit = Fraction(field[2].strip()) if field[1] == "L" else unit
            continue
        for event in _EVENT.finditer(line):
            if event["bar"]:
                found += [(length, metre)] if notes else []
                length, notes, last = Fraction(0), 0, Fraction(0)
            elif event["tuplet"]:
                tuplet = int(event["tuplet"])
                compound = metre is not None and metre.numerator % 3 == 0
                scale = Fraction(_IN_TIME_OF.get(tuplet, 3 if compound else 2), tuplet)
            elif event["broken"]:
                factor = Fraction(1, 2 ** len(event["broken"]))
                long, short = 2 - factor, factor
                mine, swing = (long, short) if event["broken"][0] == ">" else (short, long)
                length += last * (mine - 1)
            elif event["sound"] or event["chord"]:
                own = multiple(event["of_sound"] or event["of_chord"] or "")
                if event["chord"]:
                    inner = re.search(rf"{_SOUND}([\d/]*)", event["chord"])
                    own *= multiple(inner[1] if inner else "")
                last = own * unit * swing * (scale if tuplet else 1)
                swing, tuplet = Fraction(1), max(tuplet - 1, 0)
                length, notes = length + last, notes + 1
    return [*found, (length, metre)] if notes else found


def multiple(text: str) -> Fraction:
    """How many units `2`, `3/2`, `/`, `//` or nothing is."""
    match = re.fullmatch(_LENGTH, text)
    if not match:
        return Fraction(1)
    # Nine digits are more than any note has.
    over, slashes, under = match[1][:9], min(len(match[2]), 9), match[3][:9]
    return Fraction(int(over or 1), int(under or 2**slashes) or 1)


def metre_of(text: str) -> Fraction | None:
    """A metre in whole notes; None for `none`.

    Raises:
        ValueError: it is no metre.
    """
    if text in ("C", "C|"):
        return Fraction(1)
    if text in ("none", ""):
        return None
    match = re.fullmatch(r"\(?(\d+(?:\+\d+)*)\)?/(\d+)", text.replace(" ", ""))
    if not match or int(match[2]) == 0:
        raise ValueError(f"{text!r} is no metre")
    return Fraction(sum(map(int, match[1].split("+"))), int(match[2]))


def longest_copy(tune: Sequence[Any], others: Sequence[Sequence[Any]]) -> int:
    """The length of the longest run of a tune that is also a run of one of the others."""
    low, high = 0, len(tune)
    while low < high:  # whoever shares a run of n shares one of n - 1
        size = (low + high + 1) // 2
        runs = {tuple(tune[at : at + size]) for at in range(len(tune) - size + 1)}
        if any(
            tuple(other[at : at + size]) in runs
            for other in others
            for at in range(len(other) - size + 1)
        ):
            low = size
        else:
            high = size - 1
    return low


# -- read from a file ------------------------------------------------------------------------------

_FIELD = re.compile(r"([A-Za-z+]):(?![|:])(.*)")  # `A:|` is a note at the end of a part
_KEY = re.compile(r"([A-G][#b]?\s*[A-Za-z]*)\b.*|(HP|Hp|none)?")
_KEPT = "MLK"
"""Fields in a body that change how it is read; others, such as parts and words, are left out."""


def read_tunes(path: Path) -> list[Tune]:
    """Read a collection in ABC: a file of many tunes, or a folder with such files.

    A tune begins with `X:`; `K:` ends its header. Files are UTF-8 or else Latin-1; lines end in any
    way. Comments, titles, parts and words are left out, and a line that ends in a backslash goes on
    in the next. The files of a folder are those that end in `.abc`, in the order of their names.

    Raises:
        DataError: with file and line: a tune without key or music, a metre, unit or key that is
            none, music outside of any tune, a file that is not text, or no tune at all.
    """
    files = sorted(path.glob("*.abc")) if path.is_dir() else [path]
    if not files:
        raise DataError(path, "the folder has no file that ends in .abc")
    return [tune for file in files for tune in tunes_in(file, read_file(file))]


def tunes_in(path: Path, data: bytes) -> list[Tune]:
    """The tunes of one file.

    Args:
        path: its name, for errors.
        data: its bytes.

    Raises:
        DataError: as for `read_tunes`.
    """
    blocks: list[list[tuple[int, str]]] = []
    loose = True  # whether what comes belongs to no tune
    for number, line in _lines(path, data):
        if line.startswith("X:"):
            blocks.append([])
            loose = False
        elif not line:
            loose = loose or _has_key(blocks[-1])
            continue
        if not loose:
            blocks[-1].append((number, line))
        elif blocks and "|" in line:
            raise DataError(
                path,
                "there is music behind a blank line, outside of any tune",
                line=number,
                advice="Remove the blank line if the tune goes on here, or begin the line with %.",
            )
    if not blocks:
        raise DataError(
            path, "there is no tune: no line begins with X:", line=1, advice="Is this file ABC?"
        )
    return [_tune_of(path, block) for block in blocks]


def _has_key(block: list[tuple[int, str]]) -> bool:
    return any(line.startswith("K:") for _, line in block)


def _lines(path: Path, data: bytes) -> Iterator[tuple[int, str]]:
    """The lines of a file with their numbers, without comments, joined where one goes on."""
    bad = re.search(rb"[\x00-\x08\x0e-\x1f]", data)
    if bad:
        raise DataError(
            path,
            f"there is byte {bad[0][0]:#04x}, which no text in UTF-8 or Latin-1 has",
            line=1 + len(re.findall(rb"\r\n|\n|\r", data[: bad.start()])),
            advice="Is the file UTF-16, or not text at all? Save it as UTF-8.",
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    begun, kept = 0, ""
    for number, raw in enumerate(re.split(r"\r\n|\n|\r", text), start=1):
        comment = re.search(r"(?<!\\)%", raw)
        line = re.sub(r"[\t\f\v ]+", " ", raw[: comment.start()] if comment else raw).strip()
        if comment and not line:
            continue  # a line that is all comment is no blank line
        if kept and _FIELD.match(line):  # a change of key in the middle of a line of music
            yield begun, kept
            kept = ""
        begun = begun if kept else number
        if line.endswith("\\"):
            kept += line[:-1]
            continue
        yield begun, kept + line
        kept = ""
    if kept:
        yield begun, kept


def _tune_of(path: Path, block: list[tuple[int, str]]) -> Tune:
    """One tune from its lines, the first of which is its X:."""
    start = block[0][0]
    fields: dict[str, str] = {}
    body: list[str] = []
    for number, line in block:
        match = _FIELD.match(line)
        music = any(not _FIELD.match(one) for one in body)
        if match is None:
            if "K" not in fields:
                raise DataError(
                    path,
                    f"{line[:30]!r} stands in the header of a tune, before K:",
                    line=number,
                    advice="A header has one field a line, such as T:Title, and ends with K:.",
                )
            body.append(line)
            continue
        name, value = match[1], match[2].strip()
        if name in _KEPT:
            value = _value(path, number, name, value)
        if name in _KEPT and music:
            body.append(f"{name}:{value}")
        elif name in _KEPT or name not in fields:
            fields[name] = value  # of fields before the music the last one holds
    missing = {"no key: K: is missing": "K" not in fields, "no music": not body}
    for what, so in missing.items():
        if so:
            raise DataError(
                path,
                f"the tune that begins here has {what}",
                line=start,
                advice="Is the file cut short? Complete the tune, or remove it.",
            )
    metre = metre_of(fields.get("M", "none"))
    usual = Fraction(1, 16 if metre is not None and metre < Fraction(3, 4) else 8)
    return Tune(
        fields.get("T", ""),
        fields.get("M", "none"),
        Fraction(fields["L"]) if "L" in fields else usual,
        fields["K"],
        "".join(line + "\n" for line in body),
        start,
    )


def _value(path: Path, number: int, name: str, value: str) -> str:
    """A metre, a unit or a key as it is kept.

    Raises:
        DataError: it is none.
    """
    key = _KEY.fullmatch(value) if name == "K" else None
    if name == "M":
        try:
            metre_of(value)
        except ValueError:
            pass
        else:
            return value or "none"
    elif name == "L" and re.fullmatch(r"1/[1-9]\d{0,8}|1", value):
        return value
    elif key:
        return (key[1] or key[2] or "none").replace(" ", "")
    what, example = {"M": ("metre", "6/8"), "L": ("unit", "1/8"), "K": ("key", "Em")}[name]
    raise DataError(
        path,
        f"{value[:30]!r} is no {what}",
        line=number,
        advice=f"Write it as {name}:{example}, for example.",
    )
