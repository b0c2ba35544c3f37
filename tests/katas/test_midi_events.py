"""`music/midi_events`: its worked example, mido's own messages, and real files."""

import io
import re

import mido
import pytest

from tests.katas.conftest import DATA

KATA = "music/midi_events"
FILES = ("ashover1.mid", "ashover10.mid")


def numbers(readme: str, name: str) -> list[tuple[int, ...]]:
    """The tuples of a row of the worked example."""
    row = re.search(rf"^    {name} +(\(.*\))$", readme, re.MULTILINE)
    assert row is not None
    found = re.findall(r"\(([\d, ]+)\)", row[1])
    return [tuple(int(number) for number in one.split(",")) for one in found]


def test_the_worked_example(answer, readme: str) -> None:
    lines = re.findall(r"^    ((?:[0-9A-F]{2} )+ ?)", readme, re.MULTILINE)
    data = bytes.fromhex("".join(lines))
    assert f"A whole file of {len(data)} bytes" in readme
    notes, tempos, beat = answer.read_midi(data)
    assert (notes, tempos, beat) == (numbers(readme, "notes"), numbers(readme, "tempos"), 96)
    at, told = re.search(r"^Tick (\d+) is at .* = ([\d.]+) seconds", readme, re.MULTILINE).groups()
    assert answer.seconds(int(at), tempos, beat) == pytest.approx(float(told), abs=1e-12)
    text = "v" + readme.partition("    events   v")[2].partition("\n\n")[0]
    events = [(kind, int(value)) for kind, value in re.findall(r"([a-z]+) (\d+)", text)]
    assert [tuple(event) for event in answer.encode(notes, 1000)] == events
    assert [tuple(note) for note in answer.decode(events)] == notes
    assert answer.read_midi(answer.write_midi(notes, tempos, beat)) == (notes, tempos, beat)


def test_a_reason_may_be_empty(grader, course) -> None:
    """Mido's error for a file that is cut short says nothing, and the place is told."""
    kata = course.find(KATA)
    source = kata.solution.read_text("utf-8")
    said = 'str(error) or "the file ends too early"'
    assert said in source
    other = source.replace(said, "str(error)").replace("the division is not a number of ticks", "")
    assert grader.attempt_source(kata, other.encode()).verdict().status == "PASSED"


@pytest.mark.parametrize("name", FILES)
def test_it_reads_real_files(answer, name: str) -> None:
    """Their length in seconds is mido's, and nothing is lost on the way to events and back."""
    path = DATA / "nottingham" / name
    if not path.is_file():
        pytest.skip(f"the Nottingham tunes are not at {path.parent}")
    data = path.read_bytes()
    notes, tempos, beat = answer.read_midi(data, name)
    messages = [m for track in mido.MidiFile(file=io.BytesIO(data)).tracks for m in track]
    starts = [m for m in messages if m.type == "note_on" and m.velocity]
    assert sorted(m.note for m in starts) == sorted(note[2] for note in notes)
    last = max(note[1] for note in notes)
    length = mido.MidiFile(file=io.BytesIO(data)).length
    assert answer.seconds(last, tempos, beat) == pytest.approx(length, rel=0.02)
    again = answer.decode(answer.encode(notes, beat))
    assert [tuple(note) for note in again] == notes
    assert answer.read_midi(answer.write_midi(notes, tempos, beat)) == (notes, tempos, beat)
    for cut in (0, 7, 20, len(data) // 2, len(data) - 1):
        with pytest.raises(ValueError, match=rf"^{name}, byte \d+: "):
            answer.read_midi(data[:cut], name)
