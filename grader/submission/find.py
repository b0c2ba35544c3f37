"""Which files answer which katas."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.course.catalog import Course
from grader.course.kata import Kata
from grader.course.workspace import find_workspace
from grader.errors import AmbiguousError, NotFoundError, UsageError


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
