"""Checks of `midi_events`: the notes are drawn first and the file is made of them, by the judge.

What a submission writes is read by a reader that shares nothing with mido.
"""

import importlib.util
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from grader.checks import (
    NotVerified,
    Submission,
    check,
    expect,
    expect_true,
    expect_unchanged,
    items,
    observe,
    sizes,
)
from grader.data import midi
from grader.data.midi import Event, Note
from grader.errors import DataError

NAMES = ("tune.mid", "copy of jig.mid")
NOISE = (
    b"\xb0\x07\x64",
    b"\xc0\x28",
    b"\xd0\x40",
    b"\xe0\x00\x40",
    b"\xff\x01\x02hi",
    b"\xf0\x02\x41\xf7",
    b"\xf7\x01\x42",
    b"\xbf\x07\x64",
    b"\xdf\x40",
    b"\xa0\x46\x30",
    b"\xb0\x46\x00",
)
"""What is no note: volume, instrument, pressure, pitch bend, a text, two of a maker's own; volume
and pressure on the last channel; the pressure on one key, and a control with that key's number.
"""
HELD = 0x46
"""The key of these two."""
FAR = (128, 1000, 16_384, 20_000, 2_097_152, 3_000_000)
"""Ticks that are written with two, three and four bytes; each length with its smallest number."""
Tempos = list[tuple[int, int]]


@st.composite
def some_notes(draw: st.DrawFn, least: int = 1, *, apart: bool = False) -> list[Note]:
    """Notes that overlap; of one pitch, what begins first ends first.

    Args:
        draw: of Hypothesis.
        least: how many are drawn at least.
        apart: whether no two have the same pitch.
    """
    each = st.tuples(sizes(0, 400), sizes(1, 300), st.sampled_from([60, 64, 67]), sizes(1, 127))
    drawn = draw(st.lists(each, min_size=least, max_size=5))
    by_pitch: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
    for start, length, pitch, velocity in drawn:
        by_pitch[pitch].append((start, start + length, velocity))
    found = []
    for pitch, spans in by_pitch.items():
        spans = sorted(spans)[: 1 if apart else None]
        starts = {start: None for start, _, _ in spans}  # no two begin together
        ends = sorted({end for _, end, _ in spans})
        for (start, _, velocity), end in zip(
            (span for span in spans if starts.pop(span[0], 0) is None), ends, strict=False
        ):
            if end > start:
                found.append(Note(start, end, pitch, velocity))
    return sorted(found)


@st.composite
def with_a_chord(draw: st.DrawFn) -> list[Note]:
    """Notes, and behind them a chord of which the lowest note comes again.

    Two of its notes are equally loud, and the highest is softer. The middle pitch starts once more
    while it sounds, and both of its notes end together.
    """
    start, velocity = draw(sizes(800, 820)), draw(sizes(2, 127))
    end = start + draw(sizes(2, 120))
    chord = [Note(start, end, 72, velocity), Note(start, end, 76, velocity)]
    chord += [Note(start, end, 79, velocity - 1), Note(start + 1, end, 76, velocity)]
    return [*draw(some_notes(0)), *chord, Note(end, end + draw(sizes(1, 50)), 72, velocity)]


def events_of(notes: Sequence[Note], *, by_velocity: bool = False, channel: int = 0) -> list[Event]:
    """The events of notes, at one tick the ends first."""
    found = []
    for start, end, pitch, velocity in notes:
        off = midi.note_on(pitch, 0, channel) if by_velocity else midi.note_off(pitch, channel)
        found.append((end, 0, off))
        found.append((start, 1, midi.note_on(pitch, velocity, channel)))
    return [(tick, message) for tick, _, message in sorted(found, key=lambda event: event[:2])]


def merged(*events: Sequence[Event]) -> list[Event]:
    """Events in the order of time."""
    return sorted((event for some in events for event in some), key=lambda event: event[0])


def expect_file(
    submission: Submission,
    data: bytes,
    notes: Sequence[Note],
    tempos: Tempos | None = None,
    division: int = 480,
    *,
    clip: bool = False,
) -> None:
    """Hold what is read of a file against what was written into it."""
    if importlib.util.find_spec("mido") is None:
        raise NotVerified("mido is not installed (it comes with tensor-katas: pip install mido)")
    answer = submission["read_midi"](data, "tune.mid", clip)
    got, got_tempos, got_division = items(answer, "notes", "tempos", "ticks_per_beat")
    expect_notes(got, notes)
    expect([*map(tuple, got_tempos)], tempos or [(0, 500_000)], name="tempos")
    expect(got_division, division, name="ticks_per_beat")


def expect_notes(got: object, notes: Sequence[Note]) -> None:
    """Hold notes against those that they should be, one by one."""
    names = [f"note {n}" for n in range(len(notes))]
    for name, one, note in zip(names, items(got, *names, kind="list"), notes, strict=True):
        start, end, pitch, velocity = items(one, "start", "end", "pitch", "velocity", name=name)
        expect(start, note.start, name=f"start of {name}")
        expect(end, note.end, name=f"end of {name}")
        expect(pitch, note.pitch, name=f"pitch of {name}")
        expect(velocity, note.velocity, name=f"velocity of {name}")


@check(points=2, examples=10)
@given(
    notes=some_notes(apart=True),
    running=st.booleans(),
    division=st.sampled_from([96, 480, 24, 1]),
    length=st.sampled_from(FAR),
)
def reads_notes(
    submission: Submission, notes: list[Note], running: bool, division: int, length: int
) -> None:
    """A file gives its notes, each with start, end, pitch and velocity, in order."""
    high = Note(0, 900, 127, 20)  # is written before the lower one that begins and ends with it
    notes = [Note(0, 900, 126, 21), *notes, Note(0, length, 0, 33)]
    data = midi.write_midi([events_of([high, *notes])], division, running=running, format=0)
    notes = sorted([high, *notes])
    expect_file(submission, data, notes, division=division)
    # One tick a beat is the least; each run asks for it, whatever is drawn.
    expect_file(submission, midi.write_midi([[(length, midi.END_OF_TRACK)]], 1), [], division=1)


@check(points=1, after=reads_notes, examples=8)
@given(notes=some_notes(apart=True), running=st.booleans())
def velocity_0_ends_a_note(submission: Submission, notes: list[Note], running: bool) -> None:
    """A note_on with velocity 0 ends a note, as a note_off does."""
    data = midi.write_midi([events_of(notes, by_velocity=True)], 480, running=running)
    expect_file(submission, data, notes)


@check(points=1, after=reads_notes, examples=8)
@given(
    notes=some_notes(2, apart=True),
    ticks=st.lists(sizes(1, 400), min_size=len(NOISE), max_size=len(NOISE)),
)
def other_events_take_time_too(submission: Submission, notes: list[Note], ticks: list[int]) -> None:
    """What is no note changes none, and the ticks before it count."""
    noise = list(zip(ticks, NOISE, strict=True))
    notes = sorted([*notes, Note(0, 500, HELD, 40)])
    expect_file(submission, midi.write_midi([merged(events_of(notes), noise)], 480), notes)


@check(points=2, after=reads_notes, examples=12)
@given(
    notes=some_notes(apart=True),
    length=sizes(2, 200),
    gap=sizes(1, 60),
    held=sizes(1, 50),
    stray=st.sampled_from([60, 71]),
    channel=st.sampled_from([1, 2, 4, 8]),
)
def pairs_starts_with_ends(
    submission: Submission,
    notes: list[Note],
    length: int,
    gap: int,
    held: int,
    stray: int,
    channel: int,
) -> None:
    """An end belongs to the first open note of its pitch and channel; open ones end at the end."""
    late = 800  # behind the drawn notes
    first = Note(late, late + length + gap, 72, 50)
    second = Note(late + length, late + length + gap + held, 72, 90)  # begins before first ends
    lone = Note(late, late + 500, 76, 30)  # is never ended
    other = Note(late + 1, late + 400, 72, 70)  # of another channel
    empty = [(late, midi.note_on(79, 60)), (late, midi.note_off(79))]
    events = merged(
        [(0, midi.note_off(stray))],
        events_of([*notes, first, second]),
        events_of([other], channel=channel),
        [(late, midi.note_on(76, 30))],
        empty,
        [(late + 500, midi.END_OF_TRACK)],
    )
    expect_file(
        submission, midi.write_midi([events], 480), sorted([*notes, first, second, other, lone])
    )
    open_one = [(0, midi.note_on(stray, 30)), (held, midi.END_OF_TRACK)]
    expect_file(submission, midi.write_midi([open_one], 480), [Note(0, held, stray, 30)])


@check(points=2, after=(other_events_take_time_too, pairs_starts_with_ends), examples=10)
@given(
    notes=some_notes(apart=True),
    other=some_notes(apart=True),
    tick=sizes(1, 300),
    tempo=sizes(1, 0xFFFFFF),
)
def merges_tracks(
    submission: Submission, notes: list[Note], other: list[Note], tick: int, tempo: int
) -> None:
    """Every track begins at tick 0, and the notes of all of them make one list."""
    conductor = [(0, b"\xff\x03\x01t"), (tick, midi.set_tempo(tempo))]
    lone, later = Note(900, 950, 72, 50), Note(910, 1010, 72, 60)  # lone is never ended
    # The same note in two tracks: the louder one in the first, and once just as loud.
    twice = [Note(1020, 1040, 72, 90), Note(1050, 1060, 72, 40)]
    again = [Note(1020, 1040, 72, 30), Note(1050, 1060, 72, 40)]
    tracks = [
        conductor,
        [*events_of(notes), (900, midi.note_on(72, 50)), (950, midi.END_OF_TRACK)],
        [*events_of(other, channel=9), *events_of([later, *twice]), (1100, midi.END_OF_TRACK)],
        [*events_of(again), (1100, midi.END_OF_TRACK)],
    ]
    tempos = [(0, 500_000), (tick, tempo)]
    expect_file(
        submission,
        midi.write_midi(tracks, 480),
        sorted([*notes, *other, lone, later, *twice, *again]),
        tempos,
    )


@check(points=1, after=merges_tracks, examples=10)
@given(
    changes=st.dictionaries(sizes(0, 900), sizes(1, 0xFFFFFF), min_size=2, max_size=4),
    again=sizes(1, 0xFFFFFF),
    notes=some_notes(apart=True),
)
def reads_tempos(
    submission: Submission, changes: dict[int, int], again: int, notes: list[Note]
) -> None:
    """Tempos stand at their ticks; at one tick the last one counts, and before all 500,000."""
    last = max(changes)
    changes = {**changes, last + 10: again}  # a tempo that is said twice
    events = [(tick, midi.set_tempo(tempo)) for tick, tempo in sorted(changes.items())]
    early = [*events[:1], (last, midi.set_tempo(again))]  # in the last track
    data = midi.write_midi([events[1:], events_of(notes), early], 480)
    want = sorted(({0: 500_000} | changes | {last: again}).items())
    expect_file(submission, data, notes, want)


@check(points=2, examples=16)
@given(
    first=sizes(1, 2_000_000),
    changes=st.lists(st.tuples(sizes(1, 500), sizes(1, 2_000_000)), min_size=2, max_size=3),
    tick=sizes(0, 1500),
    division=st.sampled_from([24, 480, 10]),
)
def seconds_follow_the_tempos(
    submission: Submission, first: int, changes: list[tuple[int, int]], tick: int, division: int
) -> None:
    """A tick comes after the sum of all stretches before it, each at its own tempo."""
    tempos, at = [(0, first)], 0
    for wait, tempo in changes:
        at += wait
        tempos.append((at, tempo))
    for asked in (tick, at + tick):  # anywhere, and behind the last change
        micro = 0
        for step in range(asked):  # one by one
            micro += next(tempo for start, tempo in reversed(tempos) if start <= step)
        want = float(Fraction(micro, 1_000_000 * division))
        got = submission["seconds"](asked, tempos, division)
        expect_true(isinstance(got, float), f"seconds gives {got!r}, expected a float.")
        right = abs(got - want) <= 1e-9 * want
        expect_true(
            right,
            f"Tick {asked} is at {got:.9g} s, expected {want:.9g} s, with the tempos {tempos} and "
            f"{division} ticks per beat.",
            expected=f"{want:.9g}",
            got=f"{got:.9g}",
        )


@dataclass(frozen=True)
class Broken:
    """A broken file.

    Args:
        data: its bytes.
        first: where what is broken begins.
        last: where a reader may have noticed it at the latest.
        what: it, for messages.
    """

    data: bytes
    first: int
    last: int
    what: str


@st.composite
def broken(draw: st.DrawFn) -> list[Broken]:
    """Files with one thing broken in each of them."""
    notes = draw(some_notes(2))
    data = midi.write_midi([events_of(notes), events_of(notes)], 480, format=1)
    places = midi.read_midi(data, Path("made.mid")).places
    start, second = places[0][0], data.index(midi.TRACK, places[0][0])
    every = [0, 14, *places[0], second, *places[1]]
    end = draw(sizes(1, len(data) - 1))
    track = data[:second] + b"MTrx" + data[second + 4 :]
    frames = data[:12] + b"\xe7\x28" + data[14:]
    found = [
        Broken(data[:end], max(p for p in every if p <= end), end, "the file is cut short"),
        Broken(b"RIFF" + data[4:], 0, 14, "the file does not begin with MThd"),
        Broken(track, second, second + 8, "a track does not begin with MTrk"),
        Broken(frames, 0, 14, "the division counts frames of film"),
        Broken(data[:12] + bytes(2) + data[14:], 0, 14, "the division is 0"),
    ]
    bare = midi.chunk(midi.TRACK, b"\x00\x3c\x40\x00" + midi.END_OF_TRACK)
    what = "the first event of the second track has no status"
    found.append(Broken(data[:second] + bare, second + 8, second + 11, what))
    for event, what in (
        (b"\x90\x3c\xc8", "a velocity is 200"),
        (b"\x3c\x40", "the first event has no status"),
        (b"\xf5\x00", "0xf5 stands where a message should begin"),
        (b"\xff\x51\x01\x07", "a tempo has one byte"),
    ):
        body = midi.chunk(midi.TRACK, b"\x00" + event + b"\x00" + midi.END_OF_TRACK)
        found.append(Broken(data[: start - 8] + body, start, start + len(event) + 1, what))
    return found


@check(points=2, after=reads_notes, examples=6)
@given(files=broken(), name=st.sampled_from(NAMES))
def names_the_byte(submission: Submission, files: list[Broken], name: str) -> None:
    """A broken file is a ValueError whose message begins with its name and the byte."""
    for file in files:
        error = submission["read_midi"].error(file.data, name)
        kind = error.type if error else ""
        observe(f"where {file.what}", kind)
        expect_true(
            kind == "ValueError",
            f"Where {file.what}, " + (f"{kind} is raised." if kind else "nothing is raised."),
            expected="ValueError",
            got=kind or "an answer",
        )
        message = error.message if error else ""
        told = re.match(rf"{re.escape(name)}, byte (\d+):( |$)", message)
        place = int(told[1]) if told else None
        fits = place is not None and file.first <= place <= file.last
        unnamed = "no name" if re.search(r"byte \d+:( |$)", message) else "no byte"
        said = unnamed if place is None else "the byte" if fits else "another byte"
        observe(f"said where {file.what}", said)
        expect_true(
            fits,
            f"Where {file.what}, the message does not say where.",
            expected=f"{name}, byte K: ..., with K from {file.first} to {file.last}",
            got=message[:200],
        )
    error = submission["read_midi"].error(files[1].data)
    told_ = error.message[:11] if error else ""
    observe("said without a name", told_ == "data, byte ")
    expect_true(
        told_ == "data, byte ",
        "Where read_midi gets no name, the message does not begin with that of the signature.",
        expected="data, byte K: ...",
        got=error.message[:200] if error else "an answer",
    )


@check(points=1, after=names_the_byte, examples=6)
@given(notes=some_notes(), loud=sizes(128, 255))
def clips_where_asked(submission: Submission, notes: list[Note], loud: int) -> None:
    """With clip, a data byte above 127 is read as 127; without it the file is refused."""
    extra = Note(900, 1000, 62, 127)
    events = [*events_of(notes), (900, bytes([0x90, 62, loud])), (1000, midi.note_off(62))]
    data = midi.write_midi([events], 480)
    expect_file(submission, data, [*notes, extra], clip=True)
    error = submission["read_midi"].error(data, "tune.mid", False)
    expect_true(error is not None, f"Without clip, a velocity of {loud} raises nothing.")


@check(points=2, examples=14)
@given(notes=with_a_chord(), longest=st.sampled_from([1000, 100, 60]))
def encodes(submission: Submission, notes: list[Note], longest: int) -> None:
    """Notes become shifts, velocities, ons and offs, in one fixed order."""
    begin = max(note.end for note in notes) + 2 * longest
    notes = [*notes, Note(begin, begin + longest, 60, 64)]  # waits that leave no rest
    notes[0] = notes[0]._replace(velocity=64)
    got = submission["encode"]([tuple(note) for note in reversed(notes)], longest)
    want: list[tuple[str, int]] = []
    now, loud = 0, None
    for tick in sorted({tick for note in notes for tick in note[:2]}):
        whole, rest = divmod(tick - now, longest)
        want += [("shift", longest)] * whole + ([("shift", rest)] if rest else [])
        want += [("off", pitch) for pitch in sorted(n.pitch for n in notes if n.end == tick)]
        for pitch, velocity in sorted((n.pitch, n.velocity) for n in notes if n.start == tick):
            want += [("velocity", velocity)] if velocity != loud else []
            want.append(("on", pitch))
            loud = velocity
        now = tick
    expect([(str(kind), value) for kind, value in got], want, name="events")
    twins = [(0, 9, 60, 50), (0, 9, 60, 70), (0, 9, 64, 60)]
    orders = [submission["encode"](order, longest) for order in (twins, [*twins[1::-1], twins[2]])]
    observe("twins in any order", orders[0] == orders[1])
    expect_true(
        orders[0] == orders[1],
        f"Two notes of one pitch begin together, and their events depend on which is given first: "
        f"{orders[0]} or {orders[1]}.",
    )


@check(points=2, after=encodes, examples=16)
@given(notes=some_notes(0), longest=st.sampled_from([1000, 50]))
def decodes(submission: Submission, notes: list[Note], longest: int) -> None:
    """Decoding what was encoded gives the notes back, in order."""
    notes = [*notes, Note(900, 1000, 72, 40), Note(910, 950, 71, 30)]  # the first ends last
    events = submission["encode"]([tuple(note) for note in notes], longest)
    expect_notes(submission["decode"](events), notes)


@check(points=1, after=decodes, examples=14)
@given(
    drawn=st.lists(
        st.one_of(
            st.tuples(st.just("shift"), sizes(1, 9)),
            st.tuples(st.just("velocity"), sizes(1, 127)),
            st.tuples(st.sampled_from(["on", "on", "off"]), st.sampled_from([60, 64])),
        ),
        max_size=8,
    )
)
def decodes_whatever_a_model_draws(submission: Submission, drawn: list[tuple[str, int]]) -> None:
    """Any sequence of events is some music: stray ends do nothing, open notes end at the end."""
    track: list[Event] = []
    now, velocity = 0, 64
    for kind, value in drawn:
        if kind == "shift":
            now += value
        elif kind == "velocity":
            velocity = value
        else:
            on = midi.note_on(value, velocity)
            track.append((now, on if kind == "on" else midi.note_off(value)))
    want = sorted(midi.notes_of([*track, (now, midi.END_OF_TRACK)]))
    expect_notes(submission["decode"](drawn), want)
    # An end without a start does nothing, and what has no length is no note.
    odd = [("off", 60), ("shift", 2), ("on", 64), ("off", 64), ("on", 60), ("shift", 3), ("on", 67)]
    expect_notes(submission["decode"](odd), [Note(2, 5, 60, 64)])
    # Before the first velocity it is 64.
    bare = [("on", 62), ("shift", 2), ("off", 62)]
    expect_notes(submission["decode"](bare), [Note(0, 2, 62, 64)])
    # A velocity holds for more than one note, and what was never ended ends at the end.
    two = [("velocity", 80), ("on", 60), ("shift", 2), ("on", 64), ("shift", 3), ("off", 64)]
    expect_notes(submission["decode"](two), [Note(0, 5, 60, 80), Note(2, 5, 64, 80)])


@check(points=2, after=reads_notes, examples=12)
@given(
    notes=with_a_chord(),
    changes=st.dictionaries(sizes(1, 900), sizes(1, 0xFFFFFF), max_size=2),
    first=sizes(1, 0xFFFFFF),
    division=st.sampled_from([96, 480]),
    wait=st.sampled_from(FAR),
)
def writes_a_file(
    submission: Submission,
    notes: list[Note],
    changes: dict[int, int],
    first: int,
    division: int,
    wait: int,
) -> None:
    """The file that is written holds these notes, tempos and ticks, and ends come before starts."""
    tempos = [(0, first), *sorted(changes.items())]
    begin = max(note.end for note in notes) + wait
    expect_written(submission, [], tempos, division)
    expect_written(submission, sorted([*notes, Note(begin, begin + 10, 60, 64)]), tempos, division)


def expect_written(
    submission: Submission, notes: list[Note], tempos: Tempos, division: int
) -> None:
    """Hold a file that is written against the notes, the tempos and the ticks for it."""
    data = submission["write_midi"]([tuple(note) for note in notes][::-1], tempos, division)
    expect_true(isinstance(data, bytes), f"write_midi gives {type(data).__name__}, expected bytes.")
    try:
        file = midi.read_midi(data, Path("written.mid"))
    except DataError as error:
        observe("broken", True)
        expect_true(False, f"What write_midi gives is no MIDI file: {error.message}.")
        raise
    ended = all(track[-1:] and track[-1][1] == midi.END_OF_TRACK for track in file.tracks)
    lengths = whole(data)
    early = [begun for track in file.tracks for begun in started_before_ended(track)]
    for what, found in (
        ("format", file.format in (0, 1)),
        ("tracks are ended", ended),
        ("chunks have the lengths that they say", lengths),
        ("notes", str([tuple(note) for note in file.notes])[:2000]),
        ("tempos", str(file.tempos)[:500]),
        ("division", file.division),
        ("a pitch starts before it is ended", bool(early)),
    ):
        observe(what, found)
    expect_true(file.format in (0, 1), f"The file has format {file.format}, expected 0 or 1.")
    expect_true(ended, "A track does not end with FF 2F 00, the end of a track.")
    expect_true(lengths, "A chunk has another length than the four bytes behind its name say.")
    expect_notes([tuple(note) for note in file.notes], notes)
    expect(file.tempos, tempos, name="tempos")
    expect(file.division, division, name="ticks_per_beat")
    for tick, pitch in early:
        expect_true(
            False,
            f"At tick {tick}, pitch {pitch} is started before it is ended. A player would end the "
            "note that has just begun.",
        )


def whole(data: bytes) -> bool:
    """Whether the chunks of a file, each as long as it says, end where the file does."""
    at = 0
    while at < len(data):
        at += 8 + int.from_bytes(data[at + 4 : at + 8], "big")
    return at == len(data)


def started_before_ended(track: Sequence[Event]) -> list[tuple[int, int]]:
    """Each tick and pitch at which a track starts a note and ends one behind it."""
    found, started = [], dict[int, int]()
    for tick, message in track:
        if message[0] & 0xE0 != 0x80:
            continue
        if message[0] & 0xF0 == 0x90 and message[2] > 0:
            started[message[1]] = tick
        elif started.get(message[1]) == tick:
            found.append((tick, message[1]))
    return found


@check(points=1, after=(seconds_follow_the_tempos, decodes, writes_a_file), examples=6)
@given(notes=some_notes(), change=sizes(1, 900))
def leaves_inputs_unchanged(submission: Submission, notes: list[Note], change: int) -> None:
    """Lists of notes, events and tempos are the caller's, and stay as they are."""
    some = [tuple(note) for note in (Note(500, 600, 64, 9), Note(0, 40, 60, 9), *notes)]
    tempos = [(0, 500_000), (change, 400_000)]
    events = [("on", 60), ("shift", 5), ("off", 60), ("on", 64), ("shift", 2)]
    for name, arguments in (
        ("seconds", {"tick": 1000, "tempos": tempos, "ticks_per_beat": 480}),
        ("encode", {"notes": some, "longest": 100}),
        ("decode", {"events": events}),
        ("write_midi", {"notes": some, "tempos": tempos, "ticks_per_beat": 480}),
    ):
        _, afterwards = submission[name].inputs(*arguments.values())
        before = {f"{argument} of {name}": value for argument, value in arguments.items()}
        expect_unchanged(before, afterwards)
