"""Checks of `abc_to_midi`: tunes are drawn as notes and then written, so the answer is known.

What a submission writes is read by the judge's own reader of MIDI, and its sound by a Fourier
transform.
"""

import importlib.util
import io
import re
import wave
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from grader.checks import (
    NotVerified,
    Submission,
    check,
    expect,
    expect_error,
    expect_true,
    expect_unchanged,
    items,
    observe,
    plain,
    sizes,
)
from grader.checks.notation import (
    GRACES,
    KEYS,
    SPELLINGS,
    Group,
    Played,
    Section,
    Tone,
    Written,
    bars,
    groups,
    signature,
)
from grader.data import midi
from grader.errors import DataError

EIGHTH = Fraction(1, 8)
LENGTHS = tuple(Fraction(*pair) for pair in ((1, 1), (2, 1), (3, 1), (1, 2), (3, 2), (3, 4)))
PLAIN = bars(groups())
NAMES = ("tune.abc", "jigs.abc")
FIELDS = ("K:H", "K:Gxyz", "K:G#", "K:Fb", "L:1/0", "L:0/8", "L:1/8x", "L:x", "Q:fast", "Q:1/4=0")
SPOILT = ("?", "@", "C/0", '"Am', "!trill", *FIELDS)


def expect_notes(got: object, want: Sequence[Played]) -> None:
    """Hold notes against those that were drawn, one by one."""
    names = [f"note {n}" for n in range(len(want))]
    for name, one, note in zip(names, items(got, *names, kind="list"), want, strict=True):
        parts = items(one, "start", "end", "pitch", name=name)
        for part, number, right in zip(
            ("pitch", "start", "end"), (parts[2], *parts[:2]), (note[2], *note[:2]), strict=True
        ):
            expect(number, right, name=f"{part} of {name}")


def expect_parsed(submission: Submission, tune: Written, tempo: int = 500_000) -> None:
    """Hold what is read of a tune against what was drawn."""
    notes, got = items(submission["parse"](tune.text), "notes", "tempo")
    expect_notes(notes, tune.notes)
    expect(got, tempo, name="tempo")


def expect_music(
    submission: Submission, music: str, *tones: tuple[int | Fraction, int | None], key: str = "C"
) -> None:
    """Hold what is read of some music in eighths against its notes.

    Args:
        submission: what reads it.
        music: as it is written.
        tones: how many eighths each lasts, and its pitch; None is a rest.
        key: of the music.
    """
    now, want = Fraction(0), []
    for eighths, pitch in tones:
        start, now = now, now + 240 * eighths
        if pitch is not None:
            want.append((int(start), int(now), pitch))
    notes, _ = items(
        submission["parse"](f"X:1\nM:4/4\nL:1/8\nK:{key}\n{music}\n"), "notes", "tempo"
    )
    expect_notes(notes, want)


def once(some: tuple[tuple[Group, ...], ...]) -> tuple[Section, ...]:
    """A tune without a repeat."""
    return (Section(some),)


@check(points=2, examples=10)
@given(tonic=st.sampled_from(sorted({tonic for tonic, _ in KEYS})))
def knows_the_keys(submission: Submission, tonic: str) -> None:
    """A key's signature is that of its scale, in every mode."""
    for mode, spellings in SPELLINGS.items():
        for spelled in spellings if (tonic, mode) in KEYS else ():
            got = submission["key_signature"](tonic + spelled)
            expect_true(isinstance(got, dict), "key_signature does not give a dict.")
            want = signature(tonic, mode)
            expect_true(
                {letter: plain(sign) for letter, sign in got.items()} == want,
                "The signature is wrong.",
                at=tonic + spelled,
                expected=str(want),
                got=str(got)[:100],
            )


@check(points=1, examples=13)
@given(some=bars(groups(octaves=(-2, -1, 0, 1, 2, 3), rests=True)))
def reads_pitches(submission: Submission, some: tuple[tuple[Group, ...], ...]) -> None:
    """Letters and octave marks give pitches, each note is one by itself, and z is a rest."""
    again = Group((Tone("A", 0, 0, EIGHTH),))
    expect_parsed(submission, Written(once(((again, again), *some))))
    marks = {"C'": 72, "c,": 60, "C''": 84, "c,,": 48, "c'": 84, "C,": 48}
    expect_music(submission, f"|{' '.join(marks)}|]", *((1, pitch) for pitch in marks.values()))


@st.composite
def of_a_unit(draw: st.DrawFn) -> Written:
    """A tune with all kinds of lengths, in one unit or another."""
    unit = draw(st.sampled_from([EIGHTH, Fraction(1, 4), Fraction(1, 16)]))
    return Written(once(draw(bars(groups(lengths=LENGTHS, unit=unit, rests=True)))), unit=unit)


@check(points=1, after=reads_pitches, examples=12)
@given(tune=of_a_unit())
def reads_lengths(submission: Submission, tune: Written) -> None:
    """A length multiplies the unit of the field L."""
    lengths = {"C//": 0.25, "D/4": 0.25, "E3//": 0.75, "F3/": 1.5, "G/2": 0.5, "A12": 12, "B": 1}
    tones = zip(map(Fraction, lengths.values()), (60, 62, 64, 65, 67, 69, 71), strict=True)
    head, sevenths = "X:1\nM:4/4\nL:1/8\nK:C\n", "C/7" * 7
    # How one seventh is rounded, the task leaves open. So it is not observed.
    for name, text in (("tune", tune.text), ("lengths", f"{head}|{' '.join(lengths)}|]\n")):
        answer = submission["parse"](text)
        observe(f"what is read of the {name}", str(plain(answer))[:2000])
    notes, _ = items(submission["parse"](f"{head}|{sevenths}D|]\n"), "notes", "tempo")
    if isinstance(notes, list):
        observe("notes of seven sevenths and one", len(notes))
        observe("the note behind seven sevenths", str(plain(notes[-1:]))[:100])
    expect_parsed(submission, tune)
    expect_music(submission, f"|{' '.join(lengths)}|]", *tones)
    names = [f"note {n}" for n in range(8)]
    expect_notes([items(notes, *names, kind="list")[-1]], [(240, 480, 62)])


@st.composite
def in_a_key(draw: st.DrawFn) -> Written:
    """A tune of the notes of its key."""
    key = draw(st.sampled_from(KEYS))
    return Written(once(draw(bars(groups(keys=signature(*key), octaves=(-1, 0, 1, 2))))), *key)


@check(points=1, after=(knows_the_keys, reads_pitches), examples=14)
@given(tune=in_a_key())
def applies_the_key(submission: Submission, tune: Written) -> None:
    """A letter without a sign is sharp or flat where the key says so, in every octave."""
    expect_parsed(submission, tune)


@st.composite
def with_signs(draw: st.DrawFn) -> Written:
    """Two bars: a sign, another, often a natural, and then the letter as the key has it.

    Behind each sign stands its letter an octave higher. Mostly the key changes the letter.
    """
    key = draw(st.sampled_from(KEYS))
    keys = signature(*key)
    letter = draw(st.sampled_from([*sorted(keys), *"CDEFGAB"]))
    some = groups(keys=keys, signs=(-2, -1, 0, 1, 2))
    signs = draw(st.sampled_from([-2, -1, 0, 1, 2])), draw(st.sampled_from([0, 0, 0, -1, 1]))
    tone, other = (Tone(letter, 0, sign, EIGHTH) for sign in signs)
    pairs = ((Group((one,)), Group((replace(one, octave=1),))) for one in (tone, other))
    first = tuple(group for one, higher in pairs for group in (one, draw(some), higher))
    own = replace(tone, sign=keys.get(letter, 0))
    return Written(once((first, (Group((own,)), draw(some)))), *key)


@check(points=2, after=applies_the_key, examples=20)
@given(tune=with_signs())
def signs_hold_for_the_bar(submission: Submission, tune: Written) -> None:
    """A sign holds for its letter in all octaves up to the bar line, and no further."""
    expect_parsed(submission, tune)
    bar = (1, 61), (1, 61), (1, 60)
    expect_music(submission, "|^C C||C|]", *bar)
    expect_music(submission, "|^C C|:C:|]", *bar, (1, 60))
    expect_music(submission, "|^C C:|C|]", *bar[:2], *bar)
    expect_music(submission, "|^C\n^D C D|C|]", (1, 61), (1, 63), (1, 61), (1, 63), (1, 60))


@check(points=1, after=reads_lengths, examples=10)
@given(some=bars(groups(graces=GRACES, lengths=LENGTHS)), remark=st.booleans())
def leaves_out_what_is_no_note(
    submission: Submission, some: tuple[tuple[Group, ...], ...], remark: bool
) -> None:
    """Chord symbols, ornaments, grace notes, remarks and other fields change nothing."""
    marked = tuple(Group((Tone("G", 0, 0, EIGHTH),), before=mark) for mark in GRACES)
    tune = Written(once((*some, marked)))
    text = tune.text
    if remark:
        text = text.replace("K:", "% a remark: G|\nC:nobody\nK:")
        text = text.replace("|]\n", "|] % CDE|\n") + "% abc\nw: la la\n"
    notes, _ = items(submission["parse"](text), "notes", "tempo")
    expect_notes(notes, tune.notes)
    expect_music(submission, "|C D%E|\n% F|\n|G|]% A", (1, 60), (1, 62), (1, 67))


@check(points=1, after=reads_lengths, examples=12)
@given(
    some=bars(groups(kinds=("tie", "tie", ""), lengths=LENGTHS)),
    repeated=st.sampled_from("CDEFGAB"),
)
def joins_ties(submission: Submission, some: tuple[tuple[Group, ...], ...], repeated: str) -> None:
    """Two notes that are tied are one, and two equal notes that are not tied are two."""
    twice = Group((Tone(repeated, 0, 0, EIGHTH),))
    expect_parsed(submission, Written(once((*some, (twice, twice)))))
    expect_music(submission, "|C-C2-C C|]", (4, 60), (1, 60))
    expect_music(submission, "|C-D|]", (1, 60), (1, 62))  # there is nothing to join


@check(points=1, after=joins_ties, examples=8)
@given(letter=st.sampled_from("CDEFGAB"), sign=st.sampled_from([-1, 1]), again=st.booleans())
def ties_carry_signs(submission: Submission, letter: str, sign: int, again: bool) -> None:
    """A note that is tied across a bar line keeps its sign; the next of its letter doesn't."""
    mark = {-1: "_", 1: "^"}[sign]
    second = f"{mark if again else ''}{letter}"
    text = (
        f"X:1\nM:4/4\nL:1/8\nK:C\n{mark}{letter}4-|{second}2 z2 {'=' if again else ''}{letter}|]\n"
    )
    notes, _ = items(submission["parse"](text), "notes", "tempo")
    own = Tone(letter, 0, 0, EIGHTH).pitch
    expect_notes(notes, [(0, 1440, own + sign), (1920, 2160, own)])


@check(points=1, after=reads_lengths, examples=14)
@given(some=bars(groups(kinds=(">", "<", ">>", "<<"), lengths=LENGTHS[:4])))
def breaks_rhythm(submission: Submission, some: tuple[tuple[Group, ...], ...]) -> None:
    """> makes a note longer by half and the next shorter by half; < does it the other way round."""
    expect_parsed(submission, Written(once(some)))


@check(points=1, after=reads_lengths, examples=12)
@given(some=bars(groups(kinds=("(3", "(3", ""), lengths=LENGTHS[:4])), slur=st.booleans())
def plays_triplets(submission: Submission, some: tuple[tuple[Group, ...], ...], slur: bool) -> None:
    """The three notes behind (3 last two thirds; a slur is no triplet."""
    slurred = tuple(Group((Tone(letter, 0, 0, EIGHTH),)) for letter in "GAB")
    tune = Written(once((slurred, *some)))
    text = tune.text.replace("K:C\n|", "K:C\n|(").replace("|]", ")|]") if slur else tune.text
    notes, _ = items(submission["parse"](text), "notes", "tempo")
    expect_notes(notes, tune.notes)
    third = Fraction(2, 3)
    expect_music(submission, "|(3zGA B|]", (third, None), (third, 67), (third, 69), (1, 71))
    inner = [(third, pitch) for pitch in (65, 64, 62)]
    expect_music(submission, "|(AG)((3FED)C|]", (1, 69), (1, 67), *inner, (1, 60))
    many = [(third, pitch) for pitch in (60, 62, 64)] * 60  # no tick gets lost
    expect_music(submission, f"|{'(3CDE' * 60}|]", *many)


@check(points=2, after=applies_the_key, examples=12)
@given(first=PLAIN, second=PLAIN, opened=st.booleans(), form=sizes(0, 2))
def plays_repeats(
    submission: Submission,
    first: tuple[tuple[Group, ...], ...],
    second: tuple[tuple[Group, ...], ...],
    opened: bool,
    form: int,
) -> None:
    """What stands up to :| is played twice, from the last |: or from the beginning."""
    sections = (Section(first, twice=form > 0), Section(second, twice=form != 1))
    tune = Written(sections, opened=opened, fine="|")
    expect_parsed(submission, tune)
    if form == 2:
        notes, _ = items(submission["parse"](tune.text.replace(":|\n|:", "::")), "notes", "tempo")
        expect_notes(notes, tune.notes)
    twice = [(1, 60), (1, 60), (1, 62), (1, 62)]  # the second repeat begins where the first ended
    expect_music(submission, "|C:|D:|E|]", *twice, (1, 64))
    expect_music(submission, "|:C:|D:|\nE|]", *twice, (1, 64))
    expect_music(submission, "|:C::D:|\nE|]", *twice, (1, 64))
    expect_music(submission, "|C::D:|\nE|]", *twice, (1, 64))


@check(points=2, after=plays_repeats, examples=12)
@given(
    some=PLAIN,
    ends=st.tuples(bars(groups(), most=2), bars(groups(), most=2)),
    more=PLAIN,
    twice=st.booleans(),
)
def plays_endings(
    submission: Submission,
    some: tuple[tuple[Group, ...], ...],
    ends: tuple[tuple[tuple[Group, ...], ...], ...],
    more: tuple[tuple[Group, ...], ...],
    twice: bool,
) -> None:
    """The first time ends with what stands behind 1, the second time with what stands behind 2."""
    sections = (Section(some, twice=True, ends=ends), Section(more, twice=twice))
    tune = Written(sections)
    expect_parsed(submission, tune)
    for between in (" ", "\n"):
        spaced = tune.text.replace("|1 ", f"|{between}[1 ").replace(":|2 ", f":|{between}[2 ")
        notes, _ = items(submission["parse"](spaced), "notes", "tempo")
        expect_notes(notes, tune.notes)


METRES = dict.fromkeys(("4/4", "6/8", "3/4", "C", "C|"), EIGHTH)
METRES |= dict.fromkeys(("2/4", "5/8"), EIGHTH / 2)
"""The unit of a tune that says a metre and no unit."""


@st.composite
def with_fields(draw: st.DrawFn) -> tuple[Written, Written, int]:
    """A tune with fields as it is written, the same as it sounds, and its tempo.

    In the second section a letter has the length that the change before it gives it.
    """
    metre, unit = draw(st.sampled_from(tuple(METRES.items())))
    change = draw(st.sampled_from(["K:D", "K:Bb", "L:1/16", "M:3/4"]))
    later = Fraction(1, 16) if change[0] == "L" else unit
    keys = signature(change[2:], "") if change[0] == "K" else {}
    some, more = draw(bars(groups(unit=unit))), draw(bars(groups(unit=unit, keys=keys)))
    above, below = draw(st.sampled_from([(1, 4), (3, 8), (1, 2), (1, 8)]))
    rate = draw(sizes(30, 240))
    tune = Written(
        (Section(some), Section(more)),
        metre=metre,
        unit=unit,
        unit_said=False,
        tempo=f"{above}/{below}={rate}",
        changes=(change,),
        fine="|",
    )
    scaled = tuple(
        tuple(
            replace(g, tones=tuple(replace(t, written=t.written * later / unit) for t in g.tones))
            for g in bar
        )
        for bar in more
    )
    heard = replace(tune, sections=(Section(some), Section(scaled)))
    return tune, heard, round(Fraction(60_000_000 * below, rate * above * 4))


@check(points=2, after=reads_lengths, examples=16)
@given(made=with_fields())
def follows_the_fields(submission: Submission, made: tuple[Written, Written, int]) -> None:
    """M gives the unit where L is missing, Q the tempo, and fields between lines act from there."""
    tune, heard, tempo = made
    notes, got = items(submission["parse"](tune.text), "notes", "tempo")
    expect_notes(notes, heard.notes)
    expect(got, tempo, name="tempo")
    for metre, unit in METRES.items():
        notes, _ = items(submission["parse"](f"X:1\nM:{metre}\nK:C\n|C|]\n"), "notes", "tempo")
        expect_notes(notes, [(0, int(1920 * unit), 60)])
    # A unit between lines holds from there.
    expect_music(submission, "|C\nL:1/16\n|D2 C|]", (1, 60), (1, 62), (Fraction(1, 2), 60))
    # A metre between lines leaves the unit as it is.
    expect_music(submission, "|C\nM:2/4\n|C D|]", (1, 60), (1, 60), (1, 62))
    # A key takes the place of the one before it, and is not added to it.
    expect_music(submission, "|F\nK:F\n|F B|]", (1, 66), (1, 65), (1, 70), key="G")
    # What stands behind % is no part of a field, and a key leaves the unit as it is.
    head = "X:1 % a\nM:4/4 % b\nL:1/4 % c\nQ:1/4=100 % d\nK:G % e\n"
    answer = submission["parse"](head + "|F F|\nK:F % f\n|F B|]\n")
    notes, got = items(answer, "notes", "tempo")
    expect_notes(
        notes, [(480 * n, 480 * n + 480, pitch) for n, pitch in enumerate((66, 66, 65, 70))]
    )
    expect(got, 600_000, name="tempo")
    # The tune that follows has a tempo of its own.
    _, got = items(submission["parse"]("X:1\nL:1/4\nK:C\n|C|]\n"), "notes", "tempo")
    expect(got, 500_000, name="tempo of a tune without Q")


@check(points=2, after=reads_lengths, examples=4)
@given(some=PLAIN, name=st.sampled_from(NAMES), before=sizes(0, 3))
def names_the_line(
    submission: Submission, some: tuple[tuple[Group, ...], ...], name: str, before: int
) -> None:
    """What is no ABC is a ValueError whose message begins with file and line."""
    head, music = Written(once(some)).text.split("K:C\n")
    for spoilt in SPOILT:
        lines = [*head.splitlines(), *["% a remark"] * before]
        lines += [spoilt, "K:C"] if spoilt in FIELDS else ["K:C", "CDEF|", f"GA {spoilt} B|"]
        line = lines.index(spoilt) + 1 if spoilt in FIELDS else len(lines)
        expect_error(
            submission["parse"],
            "\n".join([*lines, music]),
            name,
            type="ValueError",
            says=(line,),
            begins=f"{name}:{line}:",
            when=f"line {line} of {name} is `{lines[line - 1]}`",
        )
    for text, what in ((head + music, "Without a field K"), (head, "Without music and a field K")):
        error = submission["parse"].error(text, name)
        kind, message = (error.type, error.message) if error else ("nothing", "")
        told = re.match(rf"{re.escape(name)}:\d+:( |$)", message) is not None
        observe(what, f"{kind} {told}")
        expect_true(kind == "ValueError", f"{what}, {kind} is raised, expected ValueError.")
        expect_true(
            told,
            f"{what}, the message does not begin with file and line.",
            expected=f"{name}:LINE: ...",
            got=message[:200],
        )
    expect_error(
        submission["parse"],
        "\n".join([*lines, music]),
        type="ValueError",
        says=(line,),
        begins=f"tune.abc:{line}:",
        when=f"parse gets no name, and line {line} is `{lines[line - 1]}`",
    )


@st.composite
def played(draw: st.DrawFn, most: int = 3, pitches: tuple[int, int] = (48, 84)) -> list[Played]:
    """Notes one after the other, some with a rest before them, some repeated."""
    now, found = 0, []
    for _ in range(draw(sizes(1, most))):
        now += draw(st.sampled_from([0, 0, 480]))
        length = draw(st.sampled_from([480, 960, 720]))
        again = bool(found) and draw(st.booleans())
        pitch = found[-1][2] if again else draw(sizes(*pitches))
        found.append((now, now + length, pitch))
        now += length
    return found


@check(points=2, examples=10)
@given(notes=played(), tempo=sizes(100_000, 2_000_000))
def writes_a_midi_file(submission: Submission, notes: list[Played], tempo: int) -> None:
    """The MIDI file has these notes at 480 ticks a beat, and the tempo."""
    if importlib.util.find_spec("mido") is None:
        raise NotVerified("mido is not installed (it comes with tensor-katas: pip install mido)")
    last = notes[-1][1]
    for some in ([], [*notes, (last, last + 480, notes[-1][2])]):
        expect_written(submission, some, tempo)


def expect_written(submission: Submission, notes: list[Played], tempo: int) -> None:
    """Hold a MIDI file that is written against the notes and the tempo for it."""
    data = submission["to_midi"](notes, tempo)
    expect_true(isinstance(data, bytes), f"to_midi gives {type(data).__name__}, expected bytes.")
    try:
        file = midi.read_midi(data, Path("tune.mid"))
    except DataError as error:
        observe("broken", True)
        expect_true(False, f"What to_midi gives is no MIDI file: {error.message}.")
        raise
    read = [(note.start, note.end, note.pitch) for note in file.notes]
    early = started_before_ended(file.tracks)
    for what, found in (
        ("notes", str(read)[:2000]),
        ("tempos", str(file.tempos)[:500]),
        ("480 ticks of a beat", file.division == 480),
        ("a pitch starts before it has ended", bool(early)),
    ):
        observe(what, found)
    expect_notes(read, notes)
    expect(file.tempos, [(0, tempo)], name="tempos")
    expect(file.division, 480, name="ticks of a beat")
    expect_true(not early, f"At the ticks {early} a pitch starts before it has ended.")


def started_before_ended(tracks: Sequence[Sequence[midi.Event]]) -> list[int]:
    """The ticks at which a track starts a note and then ends one of the same pitch."""
    found = []
    for track in tracks:
        begun: set[tuple[int, int]] = set()
        for tick, message in track:
            if message[0] & 0xF0 == 0x90 and message[2] > 0:
                begun.add((tick, message[1]))
            elif message[0] & 0xE0 == 0x80 and (tick, message[1]) in begun:
                found.append(tick)
    return found


def window(notes: list[Played], index: int, tempo: int, rate: int) -> slice:
    """The samples of a note."""
    per_tick = tempo * rate / 480e6
    return slice(round(notes[index][0] * per_tick), round(notes[index][1] * per_tick))


def strongest(samples: np.ndarray, rate: int) -> float:
    """The frequency that is strongest."""
    size = 8 * len(samples)
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples)), size))
    return float(np.argmax(spectrum) * rate / size)


def sound(submission: Submission, notes: list[Played], tempo: int, rate: int) -> np.ndarray:
    """The samples that the submission makes, once they are seen to be some."""
    samples = submission["synthesise"](notes, tempo, rate)
    right = isinstance(samples, np.ndarray) and samples.ndim == 1
    expect_true(right, "synthesise gives no array with one axis.")
    expect(str(samples.dtype), "float64", name="dtype of the samples")
    expect_true(bool(np.isfinite(samples).all()), "A sample is not finite.")
    return samples


@check(points=1, examples=8)
@given(
    notes=played(),
    tempo=sizes(300_000, 600_000),
    rate=st.sampled_from([8000, 11025]),
)
def lasts_as_long_as_the_tune(
    submission: Submission, notes: list[Played], tempo: int, rate: int
) -> None:
    """The sound ends with the last note, and rests are silent."""
    count = len(sound(submission, [], tempo, rate))
    observe("samples without notes", count)
    expect_true(count == 0, f"Without notes there are {count} samples, expected none.")
    end = notes[-1][1]
    for some in (notes, [*notes, (end + 240, end + 480, notes[-1][2])]):  # once more, behind a rest
        samples = sound(submission, some, tempo, rate)
        want = round(some[-1][1] * tempo * rate / 480e6)
        close = abs(len(samples) - want) <= 1
        observe("length", "right" if close else "short" if len(samples) < want else "long")
        expect_true(close, f"There are {len(samples)} samples, expected {want}.")
        silent = np.ones(len(samples), dtype=bool)
        for index in range(len(some)):
            part = window(some, index, tempo, rate)
            silent[max(0, part.start - 1) : part.stop + 1] = False
        loudest = float(np.abs(samples[silent]).max(initial=0.0))
        observe("rests are silent", loudest < 1e-3)
        expect_true(loudest < 1e-3, f"In a rest, a sample is {loudest:.3g}, expected 0.")


@check(points=2, after=lasts_as_long_as_the_tune, examples=10)
@given(
    notes=played(pitches=(57, 81)),
    tempo=sizes(300_000, 600_000),
    rate=st.sampled_from([8000, 11025]),
)
def sounds_at_the_right_pitch(
    submission: Submission, notes: list[Played], tempo: int, rate: int
) -> None:
    """Each note is heard, and its strongest frequency is that of its pitch."""
    samples = sound(submission, notes, tempo, rate)
    for index, (_, _, pitch) in enumerate(notes):
        part = samples[window(notes, index, tempo, rate)]
        heard = float(np.sqrt(np.mean(part**2))) > 0.02
        observe("silent", not heard)
        expect_true(heard, f"Note {index} cannot be heard.")
        want = 440.0 * 2.0 ** ((pitch - 69) / 12)
        got = strongest(part, rate)
        semitones = round(12 * np.log2(max(got, 1.0) / want))
        observe("semitones", int(semitones))
        near = abs(got / want - 1) < 0.02
        expect_true(
            near,
            f"Note {index} has the pitch {pitch}. Its strongest frequency is {got:.1f} Hz, "
            f"expected {want:.1f} Hz.",
        )
    lower = notes[0][2]
    chord = sound(submission, [(0, 960, lower), (0, 960, lower + 7)], tempo, rate)
    shares = [share_at(chord, rate, 440.0 * 2.0 ** ((p - 69) / 12)) for p in (lower, lower + 7)]
    observe("heard in a chord", str([share > 0.2 for share in shares]))
    expect_true(
        min(shares) > 0.2,
        f"Of the pitches {lower} and {lower + 7} at once, "
        f"{'the lower' if shares[0] < shares[1] else 'the higher'} one cannot be heard.",
    )


def share_at(samples: np.ndarray, rate: int, frequency: float) -> float:
    """How strong a frequency is, as a share of the strongest one."""
    size = 8 * len(samples)
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples)), size))
    near = slice(int(0.98 * frequency * size / rate), int(1.02 * frequency * size / rate) + 1)
    return float(spectrum[near].max() / max(spectrum.max(), 1e-12))


CHROMATIC = [(480 * n + 3360, 480 * n + 3840, 57 + n) for n in range(12)]
"""Twelve notes behind those that are drawn: where a wave is cut off, one of them shows it."""


@check(points=1, after=sounds_at_the_right_pitch, examples=6)
@given(
    notes=played(pitches=(57, 81)),
    voices=sizes(0, 5),
    tempo=sizes(300_000, 600_000),
)
def is_neither_too_loud_nor_cut_off(
    submission: Submission, notes: list[Played], voices: int, tempo: int
) -> None:
    """Samples stay between -1 and 1, also where notes overlap, and no note begins with a click."""
    rate = 8000
    chord = [(start, end, pitch + 3 * voice) for start, end, pitch in notes for voice in range(6)]
    samples = sound(submission, sorted(chord[: 6 * (voices + 1)]), tempo, rate)
    largest = float(np.abs(samples).max(initial=0.0))
    observe("too loud", largest > 1.0)
    expect_true(largest <= 1.0, f"A sample is {largest:.3g}. All lie between -1 and 1.")
    notes = [*notes, *CHROMATIC]
    samples = sound(submission, notes, tempo, rate)
    parts = [np.abs(samples[window(notes, index, tempo, rate)]) for index in range(len(notes))]
    for which, at in (("begins", 0), ("ends", -1)):
        clicks = [float(part[at] / part.max(initial=1e-9)) for part in parts]
        worst = int(np.argmax(clicks))
        observe(f"a note {which} with a click", clicks[worst] > 0.1)
        expect_true(
            clicks[worst] <= 0.1,
            f"Note {worst} {which} at {clicks[worst]:.0%} of its largest sample: that is a click.",
        )


@check(points=2, examples=10)
@given(
    values=st.lists(st.floats(-1.5, 1.5), min_size=1, max_size=30),
    rate=st.sampled_from([8000, 22050, 44100]),
)
def writes_a_wav_file(submission: Submission, values: list[float], rate: int) -> None:
    """The WAV file has one channel of 16 bits, the rate, and the samples, cut off at ±1."""
    data = submission["to_wav"](np.array([*values, 1.0, -1.0, 1.2, -1.2]), rate)
    expect_true(isinstance(data, bytes), f"to_wav gives {type(data).__name__}, expected bytes.")
    try:
        with wave.open(io.BytesIO(data)) as file:
            form = (file.getnchannels(), 8 * file.getsampwidth(), file.getframerate())
            frames = file.readframes(file.getnframes())
    except (wave.Error, EOFError) as error:
        observe("broken", True)
        expect_true(False, f"What to_wav gives is no WAV file: {error}.")
        raise
    observe("form", f"{form[:2]} {form[2] == rate}")
    expect(form, (1, 16, rate), name="channels, bits and rate")
    got = np.frombuffer(frames, dtype="<i2").astype(np.float64)
    want = np.clip([*values, 1.0, -1.0, 1.2, -1.2], -1.0, 1.0) * 32767
    expect_true(len(got) == len(want), f"There are {len(got)} samples, expected {len(want)}.")
    observe("at ±1 and ±1.2", str(got[-4:].tolist()))
    worst = int(np.argmax(np.abs(got - want)))
    observe("worst", bool(abs(got[worst] - want[worst]) <= 1.5))
    expect_true(
        bool(abs(got[worst] - want[worst]) <= 1.5),
        f"Sample {worst} is {got[worst]:.0f}, expected {want[worst]:.0f}.",
    )
    for sample, level, right in zip((1, -1, 1.2, -1.2), got[-4:], want[-4:], strict=True):
        expect_true(
            bool(level == right), f"A sample of {sample} is {level:.0f}, expected {right:.0f}."
        )


@check(
    points=1,
    after=(writes_a_midi_file, lasts_as_long_as_the_tune, writes_a_wav_file),
    examples=6,
)
@given(notes=played(), values=st.lists(st.floats(-1.5, 1.5), min_size=1, max_size=9))
def leaves_inputs_unchanged(
    submission: Submission, notes: list[Played], values: list[float]
) -> None:
    """Notes and samples are the caller's, and stay as they are."""
    some = [(5000, 5480, 60), *reversed(notes)]
    for name, arguments in (
        ("to_midi", {"notes": some, "tempo": 500_000}),
        ("synthesise", {"notes": some, "tempo": 500_000, "rate": 2000}),
        ("to_wav", {"samples": np.array([*values, 1.2, -1.2]), "rate": 8000}),
    ):
        _, afterwards = submission[name].inputs(*arguments.values())
        before = {f"{argument} of {name}": value for argument, value in arguments.items()}
        expect_unchanged(before, afterwards)
