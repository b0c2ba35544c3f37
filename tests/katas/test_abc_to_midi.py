"""`music/abc_to_midi`: its worked example, abc2midi on drawn and on real tunes, and sound."""

import io
import random
import re
import shutil
import subprocess
import wave
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from grader.checks.notation import KEYS, WHOLE, Group, Section, Tone, Written, signature
from grader.data import midi
from tests.katas.conftest import DATA

KATA = "music/abc_to_midi"
EIGHTH = Fraction(1, 8)


def test_the_worked_example(answer, readme: str) -> None:
    lines = readme.partition("## A worked example\n")[2].partition("\n\n    time")[0]
    tune = "".join(f"{line.strip()}\n" for line in lines.splitlines() if line.startswith("    "))
    notes, tempo = answer.parse(tune)
    told = [
        tuple(int(number) for number in note)
        for note in re.findall(r"\((\d+), (\d+), (\d+)\)", readme)
    ]
    assert len(told) == 12
    assert notes == told
    samples = re.search(r"([\d,]+) ticks are (\d+) seconds: ([\d,]+) samples", readme)
    assert samples is not None
    ticks, seconds, count = (int(number.replace(",", "")) for number in samples.groups())
    assert notes[-1][1] == ticks
    assert ticks * tempo / 480e6 == seconds
    assert len(answer.synthesise(notes, tempo, 22_050)) == count


def drawn(rng: random.Random) -> Written:
    """A tune with everything in it, whose bars are full."""
    tonic, mode = rng.choice([key for key in KEYS if key[1] in ("", "m", "dor", "mix")])
    keys = signature(tonic, mode)

    def tone(written: Fraction, factor: Fraction = Fraction(1)) -> Tone:
        letter = rng.choice("CDEFGAB")
        sign = rng.choice([keys.get(letter, 0)] * 6 + [-1, 0, 1])
        return Tone(letter, rng.choice([-1, 0, 0, 1, 1, 2]), sign, written, factor)

    def beat() -> list[Group]:
        """Groups of a quarter note."""
        kind = rng.choice(["", "", "half", "(3", ">", "<", "quarter", "rest"])
        if kind == "(3":
            return [Group(tuple(tone(EIGHTH, Fraction(2, 3)) for _ in "abc"), "(3")]
        if kind in ("<", ">"):
            long, short = Fraction(3, 2), Fraction(1, 2)
            pair = (long, short) if kind == ">" else (short, long)
            return [Group(tuple(tone(EIGHTH, factor) for factor in pair), kind)]
        if kind == "rest":
            return [Group((Tone("z", 0, 0, EIGHTH),)), Group((tone(EIGHTH),))]
        parts = {"half": 4, "quarter": 1}.get(kind, 2)
        return [Group((tone(Fraction(1, 4 * parts)),)) for _ in range(parts)]

    def some_bars(count: int):
        return tuple(tuple(g for _ in range(4) for g in beat()) for _ in range(count))

    sections = (
        Section(some_bars(2), twice=True),
        Section(some_bars(2), twice=True, ends=(some_bars(1), some_bars(1))),
        Section(some_bars(1)),
    )
    return Written(sections, tonic, mode, tempo=f"1/4={rng.randint(60, 200)}")


def abc2midi(tunes: list[str], folder: Path) -> list[midi.MidiFile]:
    """What abc2midi makes of tunes."""
    program = shutil.which("abc2midi")
    if program is None:
        pytest.skip("abc2midi (Debian's package abcmidi) is not installed")
    texts = [re.sub(r"^X:.*", f"X:{n}", tune, count=1) for n, tune in enumerate(tunes, 1)]
    (folder / "t.abc").write_text("\n\n".join(texts))
    subprocess.run([program, "t.abc", "-silent"], cwd=folder, capture_output=True, check=False)
    paths = [folder / f"t{n}.mid" for n in range(1, len(tunes) + 1)]
    return [midi.read_midi(path.read_bytes(), path) for path in paths]


def starts(notes) -> list[tuple[int, int]]:
    """Start and pitch. abc2midi begins a note behind another one a tick late."""
    return sorted(
        (start - start % 5 % 2 if start % 5 == 1 else start, pitch) for start, _, pitch in notes
    )


def test_it_plays_drawn_tunes_as_abc2midi_does(answer, tmp_path: Path) -> None:
    rng = random.Random(0)
    tunes = [drawn(rng) for _ in range(40)]
    for tune in tunes:
        notes, _ = answer.parse(tune.text)
        assert notes == tune.notes
        assert notes[-1][1] <= WHOLE * 2 * 9
    files = abc2midi([tune.text for tune in tunes], tmp_path)
    for tune, file in zip(tunes, files, strict=True):
        notes, tempo = answer.parse(tune.text)
        assert starts(notes) == starts(note[:3] for note in file.notes), tune.text
        assert file.tempos[0][1] == pytest.approx(tempo, abs=1)


def test_it_plays_the_nottingham_tunes_as_abc2midi_does(answer, tmp_path: Path) -> None:
    """Those without parts (P), chords in brackets and swing, which abc2midi gives to hornpipes."""
    folder = DATA / "nottingham"
    if not folder.is_dir():
        pytest.skip(f"the Nottingham tunes are not at {folder}")
    tunes = []
    for path in sorted(folder.glob("*.abc")):
        for tune in re.split(r"\n\s*\n", path.read_text("utf-8", errors="replace")):
            plain = re.sub(r'"[^"]*"', "", tune.strip())
            if "X:" in plain and not re.search(r"^P:|\[[A-Ga-g^_=]", plain, re.MULTILINE):
                tunes.append(re.sub(r"^R:.*\n", "", plain, flags=re.MULTILINE) + "\n")
    tunes = tunes[::5]
    assert len(tunes) > 50
    files = abc2midi(tunes, tmp_path)
    same = 0
    for tune, file in zip(tunes, files, strict=True):
        notes, _ = answer.parse(tune)
        same += starts(notes) == starts(note[:3] for note in file.notes)
    assert same / len(tunes) > 0.95


def test_a_tune_becomes_a_file_to_hear(answer) -> None:
    notes, tempo = answer.parse("X:1\nL:1/4\nQ:1/4=100\nK:D\nDEFG|A2 d2|]\n")
    with wave.open(
        io.BytesIO(answer.to_wav(answer.synthesise(notes, tempo, 22_050), 22_050))
    ) as file:
        assert file.getnframes() / file.getframerate() == pytest.approx(8 * 0.6, abs=1e-4)
        levels = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2")
    assert 8_000 < abs(levels.astype(int)).max() <= 32_767
    spectrum = np.abs(np.fft.rfft(levels[-22_050:]))
    assert np.argmax(spectrum) == pytest.approx(587.33, abs=2)  # d
