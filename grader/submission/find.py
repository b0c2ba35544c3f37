"""Which files answer which katas."""

import os
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.course.catalog import Course, built_in_root
from grader.course.kata import Kata
from grader.course.workspace import find_workspace, standing_in
from grader.errors import AmbiguousError, NotFoundError, UsageError
from grader.submission.notebook import MAX_NOTEBOOK_BYTES, is_notebook, tagged_cells


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
        names: what is asked for: katas, tracks, files or folders. One file beside one kata answers
            it, unless it is named after another. None: all that the place holds, or where one
            stands in the folder of a kata or a track of a workspace, that.
        submission: `--submission`, or None for the enclosing workspace, else the stubs of the
            course that one stands in, or of one's own, else the current folder.
        start: the current folder.

    Raises:
        NotFoundError: the path, or an asked kata in it, is missing, or nothing can be meant.
        AmbiguousError: two candidates for one kata, or two katas of that name.
        UsageError: one file for several katas, or a file beside `--submission`.
    """
    paths = [name for name in names if _is_path(course, name, start)]
    if paths and submission is not None:
        raise UsageError(
            f"{paths[0]} and --submission {submission} both say what to grade",
            advice="Give one of them.",
        )
    asked = [course.select(name) for name in names if name not in paths]
    katas = [kata for selected in asked for kata in selected]
    if len(paths) == len(katas) == 1 and _may_answer(course, katas[0], start / paths[0]):
        return _found_in(course, katas, start / paths[0])
    found = [item for name in paths for item in _found_in(course, [], start / name)]
    if katas or not paths:
        needed = {kata.name for selected in asked if len(selected) == 1 for kata in selected}
        katas = katas or [*(standing_in(course, start) if submission is None else ())]
        found += _found_in(course, katas, submission or _place(course, katas, start), needed)
    return [item for number, item in enumerate(found) if item not in found[:number]]


def _is_path(course: Course, name: str, start: Path) -> bool:
    """Whether a name is that of a file or folder, and of no kata and no track."""
    if name in (".", "..") or name.lower().endswith((".py", ".ipynb")):
        return True
    if not os.path.exists(start / name):
        return False
    try:
        course.select(name)
    except AmbiguousError:
        return False
    except NotFoundError:
        return True
    return False


def _place(course: Course, katas: Sequence[Kata], start: Path) -> Path:
    """The folder to look in where none is given."""
    workspace = find_workspace(start)
    if workspace is not None:
        return workspace
    own = course.root != built_in_root()  # one's own course is named by --course
    if own or start.resolve().is_relative_to(course.root.resolve()):
        return course.root / "katas"
    if any(_candidate(kata, start) for kata in katas or course.katas):
        return start
    raise NotFoundError(
        f"{start} is no workspace and holds no submission",
        advice="`kata init DIR` makes a workspace, with all the stubs to fill in. To grade a file, "
        "name it: kata check FILE.",
    )


def _found_in(
    course: Course, katas: list[Kata], submission: Path, needed: Collection[str] = ()
) -> list[SubmissionFile]:
    """What a file or folder holds, for these katas or for all; the needed ones must be there."""
    if not os.path.lexists(submission):
        named = any(kata.short == submission.stem for kata in course.katas)
        own = f" Your answer in a workspace: kata check {submission.stem}" if named else ""
        raise NotFoundError(
            f"{submission} does not exist", advice=f"Give a .py or .ipynb file, or a folder.{own}"
        )
    if not submission.is_dir():
        given = _katas_of_file(course, katas, submission, needed)
        return [SubmissionFile(kata, submission) for kata in given]
    found: list[SubmissionFile] = []
    for kata in katas or course.katas:
        path = _candidate(kata, submission)
        if path is not None:
            found.append(SubmissionFile(kata, path, submission))
        elif kata.name in needed:
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


def _katas_of_file(
    course: Course, katas: list[Kata], path: Path, needed: Collection[str]
) -> list[Kata]:
    """The katas that a file answers: one, or of a notebook all that its cells are tagged for."""
    if len(katas) == 1:
        return katas
    tagged = _tagged(course, path) if is_notebook(path.name) else []
    if katas and tagged:
        katas = [kata for kata in katas if kata in tagged or kata.name in needed]
        if katas:
            return katas
        raise NotFoundError(
            f"{path.name} has no cell that is tagged for any of these katas",
            advice=f"It has: {', '.join(kata.name for kata in tagged)}.",
        )
    if tagged:
        return tagged
    if katas:
        raise UsageError(
            f"one file cannot answer {len(katas)} katas", advice="Give a folder, or one kata."
        )
    hits = _named_after(course, path)
    if len(hits) != 1:
        tag = ", or tag its cell kata:KATA" if is_notebook(path.name) else ""
        raise NotFoundError(
            f"{path.name} is not named after a kata",
            advice=f"Say which kata it is for: kata check KATA FILE{tag}.",
        )
    return hits


def _may_answer(course: Course, kata: Kata, path: Path) -> bool:
    """Whether a path is that of a file, and of none that is named after other katas."""
    named = _named_after(course, path)
    return path.is_file() and (not named or kata in named)


def _named_after(course: Course, path: Path) -> list[Kata]:
    return [kata for kata in course.katas if kata.short.lower() == _plain_stem(path)]


def _plain_stem(path: Path) -> str:
    """A file's name as that of a kata, however it was written or saved (`Lstm-Cell (1).py.txt`)."""
    name = re.sub(r"(?i)(?:\.(?:py|ipynb))?\.\w+$", "", path.name)
    return re.sub(r" ?\(\d+\)$", "", name).replace("-", "_").lower()


def _tagged(course: Course, path: Path) -> list[Kata]:
    """The katas that cells of a notebook are tagged for, in the course's order."""
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        with os.fdopen(os.open(path, flags), "rb") as file:
            data = file.read(MAX_NOTEBOOK_BYTES + 1)
    except OSError:
        return []
    cells = tagged_cells(data)
    return [kata for kata in course.katas if any(cell.is_for(kata.name) for cell in cells)]


def is_found_for(kata: Kata, path: Path, folder: Path) -> bool:
    """Whether a file, were it there, would be found in a folder as the answer to a kata."""
    places = [base.resolve() for base in _bases(kata, folder)]
    return path.stem == kata.short and path.parent.resolve() in places


def _bases(kata: Kata, folder: Path) -> list[Path]:
    """Where in a folder the answer to a kata may lie: flat, in its track, mirroring `katas/`."""
    bases = [
        folder,
        folder / kata.track,
        folder / kata.track / kata.short,
        folder / "katas" / kata.track / kata.short,
    ]
    if folder.resolve().name == kata.track:
        bases.append(folder / kata.short)
    if folder.resolve().name == kata.short:
        bases = bases[:1]
    return bases


def _candidate(kata: Kata, folder: Path) -> Path | None:
    """The one file in a folder that answers a kata."""
    bases = _bases(kata, folder)
    paths = [base / f"{kata.short}{suffix}" for base in bases for suffix in (".py", ".ipynb")]
    hits = [path for path in paths if os.path.lexists(path) and not path.is_dir()]
    if len(hits) > 1:
        raise AmbiguousError(
            f"two files answer {kata.name}: {hits[0]} and {hits[1]}",
            advice="Keep one of them, or name one with --submission.",
        )
    return hits[0] if hits else None
