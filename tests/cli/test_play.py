"""`kata play`: sound from files and from a learner's own tune, with and without other programs."""

import io
import shutil
import wave
from pathlib import Path

import pytest

from grader.cli import play
from grader.course.catalog import built_in_course

TUNE = "X:1\nM:2/4\nL:1/8\nK:G\n|:GABc|d4:|\n"


@pytest.fixture
def alone(monkeypatch) -> None:
    """No other program is on this machine."""
    monkeypatch.setattr(shutil, "which", lambda name: None)


def length_s(data: bytes) -> float:
    with wave.open(io.BytesIO(data)) as file:
        return file.getnframes() / file.getframerate()


def test_a_file_becomes_a_wav(command, alone) -> None:
    Path("tune.abc").write_text(TUNE)
    assert command("play", "tune.abc", "-o", "tune.wav") == 0
    assert "tune.wav: 10 notes, played by the grader's own synthesiser" in command.out
    assert length_s(Path("tune.wav").read_bytes()) == pytest.approx(4.0)


def test_without_a_player_it_says_where_the_sound_is(command, alone) -> None:
    Path("tune.abc").write_text(TUNE)
    assert command("play", "tune.abc") == 0
    path = Path(command.out.split("It is in ")[1].strip())
    assert length_s(path.read_bytes()) == pytest.approx(4.0)
    path.unlink()


def test_with_a_player_nothing_is_left(command, monkeypatch, tmp_path: Path) -> None:
    player = tmp_path / "aplay"
    player.write_text(f'#!/bin/sh\nfor file; do :; done\nls "$file" > {tmp_path}/played\n')
    player.chmod(0o755)
    monkeypatch.setattr(shutil, "which", lambda name: str(player) if name == "aplay" else None)
    Path("tune.abc").write_text(TUNE)
    assert command("play", "tune.abc") == 0
    played = (tmp_path / "played").read_text().strip()
    assert played.endswith(".wav")
    assert not Path(played).exists()


def test_fluidsynth_plays_where_it_is(command) -> None:
    fonts = [font for folder in play.FONTS for font in Path(folder).glob("*.sf[23]")]
    if not shutil.which("fluidsynth") or not fonts:
        pytest.skip("FluidSynth or a sound font is not installed")
    Path("tune.abc").write_text(TUNE)
    assert command("play", "tune.abc", "-o", "tune.wav") == 0
    assert "played by FluidSynth with " in command.out
    assert 3.5 < length_s(Path("tune.wav").read_bytes()) < 20.0  # with what the strings ring on


@pytest.mark.full
def test_the_tune_of_a_cell_that_passed(command, alone) -> None:
    kata = built_in_course().find("lstm_cell")
    own = Path("lstm_cell.py")
    shutil.copy(kata.solution, own)
    argv = ["play", "lstm_cell", "--submission", str(own), "-o", "own.wav"]
    assert command(*argv) == 0
    assert length_s(Path("own.wav").read_bytes()) > 1
    assert command(*argv, "--number", "2") == 2
    assert "has written 1 tune, and no number 2" in command.err
    shutil.copy(kata.stub, own)
    assert command(*argv) == 2
    assert "is not passed, so there is no tune of it yet" in command.err
    other = built_in_course().find("rnn_cell")
    shutil.copy(other.solution, "rnn_cell.py")
    assert command("play", "rnn_cell", "--submission", "rnn_cell.py", "-o", "own.wav") == 2
    assert "memory/rnn_cell writes no tune" in command.err


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("no.mid", None, "no.mid: cannot be read"),
        ("cut.mid", b"MThd\0\0\0\6\0", "cut.mid, byte 8: the file ends here"),
        ("words.abc", b"once upon a time\n", "words.abc:1: there is no tune"),
        ("rest.abc", b"X:1\nK:C\nz4|\n", "there is no note in rest.abc"),
    ],
)
def test_what_cannot_be_played(command, name: str, data: bytes | None, message: str) -> None:
    if data is not None:
        Path(name).write_bytes(data)
    assert command("play", name) == 2
    assert message in command.err
