"""Courses, katas and submissions: what there is and where it is.

Executes nothing, imports no torch.

A course is a folder with `katas/` and, beside it, `solutions/`. The built-in course ships inside
the installed package; in a checkout it is the repository itself.
"""

import os
import re
import shutil
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from grader.errors import AmbiguousError, NotFoundError, SpecError, UsageError
from grader.spec import (
    KataSpec,
    Misconception,
    Signature,
    read_kata,
    read_misconceptions,
    signatures,
)

MAX_SUBMISSION_BYTES = 1 << 20
WORKSPACE_FILE = "kata-workspace.toml"

_NAME = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True)
class Kata:
    """One kata: its two folders, and what its files say."""

    track: str
    short: str
    folder: Path
    solutions: Path

    @property
    def name(self) -> str:
        """`track/kata`."""
        return f"{self.track}/{self.short}"

    @property
    def stub(self) -> Path:
        """What the learner fills in."""
        return self.folder / f"{self.short}.py"

    @property
    def solution(self) -> Path:
        """The reference solution."""
        return self.solutions / f"{self.short}.py"

    @property
    def checks(self) -> Path:
        """The checks that everybody sees."""
        return self.folder / "checks.py"

    @property
    def hidden_checks(self) -> Path:
        """Checks that only the grader has; the file may be absent."""
        return self.solutions / "hidden_checks.py"

    @property
    def readme(self) -> Path:
        """The task."""
        return self.folder / "README.md"

    @property
    def alternatives(self) -> list[Path]:
        """Other right ways to write it."""
        return sorted((self.solutions / "alternatives").glob("*.py"))

    @cached_property
    def spec(self) -> KataSpec:
        """The `kata.toml`."""
        return read_kata(self.folder / "kata.toml")

    @cached_property
    def misconceptions(self) -> tuple[Misconception, ...]:
        """The bank of named wrong ways."""
        return read_misconceptions(self.solutions / "misconceptions.toml")

    @cached_property
    def signatures(self) -> dict[str, Signature]:
        """The signatures that the stub fixes."""
        try:
            return signatures(self.stub)
        except SyntaxError as error:
            raise SpecError(
                self.stub, f"the stub does not parse: {error.msg}", line=error.lineno
            ) from None
        except OSError as error:
            raise SpecError(self.stub, f"the stub cannot be read: {error.strerror}") from None


class Course:
    """The katas below one folder.

    Args:
        root: a folder that holds `katas/` (and `solutions/`).
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        if not (root / "katas").is_dir():
            raise NotFoundError(f"{root} is no course: there is no folder `katas` in it")

    @cached_property
    def katas(self) -> tuple[Kata, ...]:
        """Every kata, in the order in which they can be taken.

        Each behind those that it names in `after`.
        """
        found = {
            kata.name: kata
            for path in sorted((self.root / "katas").glob("*/*/kata.toml"))
            for kata in [
                Kata(
                    path.parts[-3],
                    path.parts[-2],
                    path.parent,
                    self.root / "solutions" / path.parts[-3] / path.parts[-2],
                )
            ]
        }
        order: dict[str, Kata] = {}

        def place(kata: Kata, waiting: tuple[str, ...]) -> None:
            if kata.name in order:
                return
            if kata.name in waiting:
                raise SpecError(
                    kata.folder / "kata.toml",
                    f"`after` goes round in a circle: {' -> '.join((*waiting, kata.name))}",
                )
            for before in kata.spec.after:
                if before in found:
                    place(found[before], (*waiting, kata.name))
            order[kata.name] = kata

        tracks = [track for track in _TRACKS if any(name.startswith(f"{track}/") for name in found)]
        position = {track: index for index, track in enumerate(tracks)}
        for kata in sorted(
            found.values(),
            key=lambda k: (
                position.get(k.track, len(position)),
                k.track,
                k.spec.difficulty,
                k.short,
            ),
        ):
            place(kata, ())
        return tuple(order.values())

    def find(self, name: str) -> Kata:
        """The kata of that name: `track/kata`, or the kata's own name where it is unique.

        Raises:
            NotFoundError: there is none; similar names are suggested.
            AmbiguousError: several tracks have one.
        """
        cleaned = name.strip().removeprefix("./").removeprefix("katas/").rstrip("/")
        hits = [kata for kata in self.katas if cleaned in (kata.name, kata.short)]
        if len(hits) == 1:
            return hits[0]
        if hits:
            raise AmbiguousError(
                f"{name!r} could be {' or '.join(kata.name for kata in hits)}",
                advice="Give the track too.",
            )
        import difflib

        names = [n for kata in self.katas for n in (kata.name, kata.short)]
        close = list(dict.fromkeys(difflib.get_close_matches(cleaned, names, n=3)))
        raise NotFoundError(
            f"there is no kata {name[:80]!r}",
            advice=f"Did you mean {' or '.join(close)}?"
            if close
            else "`kata list` shows them all.",
        )


# The order of the first course's tracks; tracks of other courses follow in the alphabet's.
_TRACKS = (
    *("memory", "lstm", "gates", "highway", "gru", "compare", "practice", "variants"),
    *("applications", "ner", "music", "forecasting", "interview"),
)


def built_in_course() -> Course:
    """The course that comes with this package.

    Inside it when installed from a wheel, beside it in a checkout.
    """
    package = Path(__file__).parent
    for root in (package / "course", package.parent):
        if (root / "katas").is_dir():
            return Course(root)
    raise NotFoundError(
        "the built-in course is missing from this installation",
        advice="Install tensor-katas again.",
    )


@dataclass(frozen=True)
class SubmissionFile:
    """One file handed in for one kata.

    `inside` is the folder that it must not lead out of (symlinks), if it was found in one.
    """

    kata: Kata
    path: Path
    inside: Path | None = None


def find_submissions(
    course: Course, names: Sequence[str], submission: Path | None, *, start: Path
) -> list[SubmissionFile]:
    """The files to grade.

    Args:
        course: where the katas are.
        names: the katas asked for; empty means all that the place holds.
        submission: `--submission`, or None for the enclosing workspace, else the course's own
            stubs.
        start: the current folder.

    Raises:
        NotFoundError: the path, or an asked kata in it, is missing.
        AmbiguousError: two candidates for one kata.
    """
    katas = [course.find(name) for name in names]
    if submission is None:
        submission = find_workspace(start) or course.root / "katas"
    if not os.path.lexists(submission):
        raise NotFoundError(
            f"{submission} does not exist",
            advice="Give --submission a .py or .ipynb file, or a folder.",
        )
    if not submission.is_dir():
        return [SubmissionFile(_kata_of_file(course, katas, submission), submission)]
    found: list[SubmissionFile] = []
    for kata in katas or course.katas:
        path = _candidate(kata, submission)
        if path is not None:
            found.append(SubmissionFile(kata, path, submission))
        elif katas:
            raise NotFoundError(
                f"{submission} holds no submission for {kata.name}",
                advice=(
                    f"Looked for {kata.short}.py, {kata.name}.py and {kata.name}/{kata.short}.py "
                    "(also .ipynb) there."
                ),
            )
    if not found:
        raise NotFoundError(
            f"{submission} holds no submission for any kata",
            advice="`kata list` shows the katas' names.",
        )
    return found


def _kata_of_file(course: Course, katas: list[Kata], path: Path) -> Kata:
    if len(katas) == 1:
        return katas[0]
    if katas:
        raise UsageError(
            f"one file cannot answer {len(katas)} katas", advice="Give a folder, or one kata."
        )
    hits = [kata for kata in course.katas if kata.short == path.stem]
    if len(hits) != 1:
        raise NotFoundError(
            f"{path.name} is not named after a kata",
            advice="Say which kata it is for: kata check KATA --submission FILE.",
        )
    return hits[0]


def _candidate(kata: Kata, folder: Path) -> Path | None:
    """The one file in a folder that answers a kata: flat, in its track, or mirroring `katas/`."""
    bases = [
        folder,
        folder / kata.track,
        folder / kata.track / kata.short,
        folder / "katas" / kata.track / kata.short,
    ]
    if folder.name == kata.short:
        bases = bases[:1]
    paths = [base / f"{kata.short}{suffix}" for base in bases for suffix in (".py", ".ipynb")]
    hits = [path for path in paths if os.path.lexists(path) and not path.is_dir()]
    if len(hits) > 1:
        raise AmbiguousError(
            f"two files answer {kata.name}: {hits[0]} and {hits[1]}",
            advice="Keep one of them, or name one with --submission.",
        )
    return hits[0] if hits else None


def read_submission(found: SubmissionFile) -> tuple[bytes | None, str]:
    """The submission's source, or None and the reason why it cannot be graded.

    Never blocks on a FIFO, never follows a link out.
    """
    path = found.path
    name = os.fsencode(path.name).decode("utf-8", "backslashreplace")
    try:
        if found.inside is not None and not path.resolve().is_relative_to(found.inside.resolve()):
            return None, f"{name} is a link that leads out of the submission's folder"
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, RuntimeError) as error:
        return None, f"{name} cannot be read: {getattr(error, 'strerror', None) or error}"
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            return None, f"{name} is not a regular file"
        if status.st_size > MAX_SUBMISSION_BYTES:
            return (
                None,
                f"{name} has {status.st_size:,} bytes; at most {MAX_SUBMISSION_BYTES:,} are read",
            )
        source = file.read(MAX_SUBMISSION_BYTES + 1)
    if len(source) > MAX_SUBMISSION_BYTES:
        return None, f"{name} grew while it was read"
    return source, ""


def find_workspace(start: Path) -> Path | None:
    """The workspace that encloses a folder (made by `kata init`), or None."""
    return next(
        (folder for folder in (start, *start.parents) if (folder / WORKSPACE_FILE).is_file()), None
    )


def create_workspace(course: Course, folder: Path) -> Iterator[tuple[Path, bool]]:
    """Write a stub and its task for every kata; yields each file and whether it is new.

    What exists is left alone.

    Raises:
        UsageError: the folder lies inside the course, or cannot be written.
    """
    if folder.resolve().is_relative_to(course.root.resolve()):
        raise UsageError(
            f"{folder} lies inside the course",
            advice="Choose a folder outside it, so that your answers and its stubs stay apart.",
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        marker = folder / WORKSPACE_FILE
        if not marker.exists():
            marker.write_text(
                "# This folder holds answers to katas; `kata check` looks for them "
                'here.\ncourse = "built-in"\n'
            )
        for kata in course.katas:
            target = folder / kata.track / kata.short
            target.mkdir(parents=True, exist_ok=True)
            for source in (kata.stub, kata.readme, kata.folder / "answers.md"):
                copy = target / source.name
                if source.is_file():
                    new = not os.path.lexists(copy)
                    if new:
                        shutil.copyfile(source, copy)
                    yield copy, new
    except OSError as error:
        raise UsageError(
            f"{error.filename or folder} cannot be written: {error.strerror}"
        ) from None
