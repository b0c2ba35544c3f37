"""The command `kata play`: a tune as sound."""

import argparse
import resource
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grader.cli.common import OK, Add, add_submission, begun, count, course_of, progress, write
from grader.errors import DataError, UsageError
from grader.text import one_line

if TYPE_CHECKING:
    from grader.data.sound import Score

ENDINGS = (".abc", ".mid", ".midi")
PLAYERS = (
    ("paplay",),
    ("aplay", "-q"),
    ("ffplay", "-nodisp", "-autoexit", "-loglevel", "error"),
    ("afplay",),
)
FONTS = ("/usr/share/sounds/sf2", "/usr/share/soundfonts")
FLUIDSYNTH_S = 120.0


def add(command: Add) -> None:
    """Add the command."""
    made = command(
        "play",
        play,
        "a tune as sound: an ABC or MIDI file, or what your code has written",
        examples=(
            "kata play tune.abc",
            "kata play tune.mid -o tune.wav",
            "kata play lstm_cell     the tune that your cell writes once it has passed",
        ),
    )
    made.add_argument("what", metavar="KATA | FILE", help="a kata, or a .abc, .mid or .midi file")
    made.add_argument(
        "-o", "--output", metavar="FILE.wav", help="write the sound, and play nothing"
    )
    made.add_argument(
        "--number", type=count, default=1, metavar="N", help="which tune of several (default 1)"
    )
    add_submission(made)


def play(arguments: argparse.Namespace) -> int:
    """`kata play`."""
    from grader.data.sound import read_score

    if Path(arguments.what).suffix.lower() in ENDINGS:
        score = read_score(Path(arguments.what), number=arguments.number)
    else:
        score = _own_tune(arguments)
    if not score.notes:
        raise UsageError(f"there is no note in {arguments.what}")
    sound, by = _sound(score)
    if arguments.output:
        write(arguments.output, sound)
        if arguments.output != "-":
            print(f"{arguments.output}: {len(score.notes)} notes, played by {by}")
        return OK
    with tempfile.NamedTemporaryFile(prefix="kata-", suffix=".wav", delete=False) as file:
        file.write(sound)
    path = Path(file.name)
    print(f"{len(score.notes)} notes, played by {by}", flush=True)
    if _played(path):
        path.unlink()
    else:
        names = ", ".join(player for player, *_ in PLAYERS)
        print(f"No program here could play it ({names}). It is in {path}")
    return OK


def _sound(score: "Score") -> tuple[bytes, str]:
    """A score as a WAV file, and by whom: FluidSynth if it and a sound font are here."""
    from grader.data.sound import RATE, synthesise, to_wav

    fonts = [font for folder in FONTS for font in sorted(Path(folder).glob("*.sf[23]"))]
    program = shutil.which("fluidsynth")
    if program and fonts:
        with tempfile.TemporaryDirectory(prefix="kata-play-") as folder:
            tune, sound = Path(folder) / "tune.mid", Path(folder) / "tune.wav"
            tune.write_bytes(score.midi)
            command = [program, "-ni", "-q", "-F", str(sound), "-r", str(RATE)]
            command += [str(fonts[0]), str(tune)]
            try:
                subprocess.run(
                    command,
                    capture_output=True,
                    timeout=FLUIDSYNTH_S,
                    check=True,
                    preexec_fn=_short_sound,  # a tune may say that it lasts for years
                )
                return sound.read_bytes(), f"FluidSynth with {fonts[0].name}"
            except (OSError, subprocess.SubprocessError):
                pass  # it is there and does not work: our own is always here
    return to_wav(synthesise(score)), "the grader's own synthesiser"


def _short_sound() -> None:
    """Let this process write no more than our own synthesiser would, in two channels."""
    from grader.data.sound import MOST_S, RATE

    most = int(4 * RATE * MOST_S)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))


def _played(path: Path) -> bool:
    """Whether a program of this machine has played a file."""
    for player, *options in PLAYERS:
        program = shutil.which(player)
        if (
            program
            and not subprocess.run(
                [program, *options, path], stderr=subprocess.DEVNULL, check=False
            ).returncode
        ):
            return True
    return False


def _own_tune(arguments: argparse.Namespace) -> "Score":
    """The tune that a learner's code writes after a pass.

    Raises:
        UsageError: the kata is not passed, or writes no tune.
    """
    from grader.cli.look import one_submission
    from grader.data.sound import tunes_and_no
    from grader.judge.opening import open_grader

    course = course_of(arguments)
    found = one_submission(course, arguments.what, arguments.submission, "play")
    with (
        begun(open_grader(course, level=arguments.isolation, seed=arguments.seed)) as grader,
        progress(found.kata.name) as show,
    ):
        verdict = grader.grade(found, progress=show, picture=True)
    if verdict.status != "PASSED":
        raise UsageError(
            f"{found.kata.name} is not passed, so there is no tune of it yet",
            advice=f"kata check {found.kata.short} says what is missing.",
        )
    tunes = map(_score_of, verdict.figures)
    scores = [score for score in tunes if score is not None]
    number: int = arguments.number
    if not scores:
        raise UsageError(
            f"{found.kata.name} writes no tune",
            advice="The katas lstm_cell and those of the track music do.",
        )
    if number > len(scores):
        raise UsageError(f"{found.kata.name} has written {tunes_and_no(len(scores), number)}")
    return scores[number - 1]


def _score_of(figure: dict[str, Any]) -> "Score | None":
    """The tune in a text of a verdict; None where there is none."""
    from grader.data.sound import score_of
    from grader.data.tunes import tunes_in

    text = figure.get("text", "")
    if "K:" not in text:
        return None
    try:
        [tune, *_] = tunes_in(Path(one_line(figure["title"])), f"X:1\n{text}\n".encode())
    except DataError:
        return None
    return score_of(tune)
