"""Workspaces: folders in which a learner answers katas."""

import json
import os
import shutil
from collections.abc import Iterator
from itertools import count
from pathlib import Path

from msgspec import Struct

from grader.course.catalog import Course, built_in_course, built_in_root
from grader.course.editors import FILES
from grader.course.kata import Kata
from grader.course.toml import read_toml
from grader.course.trust import is_trusted, trust
from grader.data.files import read_file, write_whole
from grader.errors import DataError, NotFoundError, UsageError

WORKSPACE_FILE = "kata-workspace.toml"
BUILT_IN = "built-in"
MOST_BYTES = 1 << 20
"""Of an answer: no more is read of a file that lies in its place."""


class WorkspaceSpec(Struct, frozen=True, forbid_unknown_fields=True):
    """A `kata-workspace.toml`: the folder of the course, or "built-in"."""

    course: str = BUILT_IN


def find_workspace(start: Path) -> Path | None:
    """The workspace that encloses a folder (made by `kata init`), or None."""
    return next(
        (folder for folder in (start, *start.parents) if (folder / WORKSPACE_FILE).is_file()), None
    )


def course_at(start: Path) -> Course:
    """The course of the workspace that encloses a folder; without one, the built-in course.

    Raises:
        SpecError: the workspace's file is no TOML, or says something else.
        NotFoundError: its course is not there.
        UsageError: it names a course that the user has never named; see `grader.course.trust`.
    """
    workspace = find_workspace(start)
    if workspace is None:
        return built_in_course()
    marker = workspace / WORKSPACE_FILE
    _, spec = read_toml(marker, WorkspaceSpec)
    if spec.course == BUILT_IN:
        return built_in_course()
    try:
        course = Course(workspace / spec.course)
    except NotFoundError as error:
        raise NotFoundError(
            f"{marker} names a course that is not there: {error.message}",
            advice=f'Correct `course` there, or write `course = "{BUILT_IN}"`.',
        ) from None
    if not is_trusted(course.root):
        raise UsageError(
            f"{marker} names a course that you have not named on this machine, {course.root}; its "
            "checks would run with your rights",
            advice=f"If you trust it, say so once: kata init {workspace} --course {course.root}. "
            f"To grade this folder, stand elsewhere and give --submission {workspace}.",
        )
    return course


def standing_in(course: Course, start: Path) -> tuple[Kata, ...]:
    """The katas of the workspace's folder that one stands in.

    One kata in or below its own folder, those of a track in the track's folder, else none.
    """
    workspace = find_workspace(start)
    if workspace is None:
        return ()
    parts = start.relative_to(workspace).parts
    mine = [kata for kata in course.katas if parts[:2] == (kata.track, kata.short)]
    return tuple(mine or [kata for kata in course.katas if parts == (kata.track,)])


def create_workspace(course: Course, folder: Path) -> Iterator[tuple[Path, bool]]:
    """Write a stub and its task for every kata; yields each file and whether it is new.

    What exists is left alone.

    A kata's folder gets all that the learner needs: stub, task, and where prose is asked for, the
    questions and the rubric. A track's folder gets the track's pages, `katas/<track>/*.md`: what
    several of its tasks refer to, such as a notation. The workspace gets a task for VS Code and a
    `.gitignore`.

    Raises:
        UsageError: the folder is the root, lies inside the course or another workspace, belongs to
            another course, or cannot be written.
    """
    place = Path(os.path.realpath(folder))  # a link in a circle is refused when it is made
    if place == place.parent:
        raise UsageError(
            f"{folder} is the root of all folders",
            advice="Choose a folder of its own: kata init ~/katas",
        )
    if place.is_relative_to(course.root.resolve()):
        raise UsageError(
            f"{folder} lies inside the course",
            advice="Choose a folder outside it, so that your answers and its stubs stay apart.",
        )
    around = find_workspace(place.parent)
    if around is not None:
        raise UsageError(
            f"{folder} lies inside the workspace {around}",
            advice="Choose a folder outside it: which one `kata check` is to look in would be "
            "unclear.",
        )
    if course.root != built_in_root():
        trust(course.root)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        marker = folder / WORKSPACE_FILE
        _refuse_odd_file(marker)
        if not marker.exists():
            built_in = course.root == built_in_root()
            told = BUILT_IN if built_in else str(course.root.resolve())
            marker.write_text(
                "# This folder holds answers to katas; `kata check` looks for them here.\n"
                f"course = {json.dumps(told, ensure_ascii=False)}\n",
                encoding="utf-8",
            )
        elif course_at(folder).root.resolve() != course.root.resolve():
            raise UsageError(
                f"{folder} is a workspace of another course, {course_at(folder).root}",
                advice="Choose another folder.",
            )
        for kata in course.katas:
            target = folder / kata.track / kata.short
            target.mkdir(parents=True, exist_ok=True)
            extras = (kata.folder / name for name in ("answers.md", "rubric.toml"))
            for source in (kata.stub, kata.readme, *extras):
                if source.is_file():
                    yield _copied(source, target)
        for track in dict.fromkeys(kata.track for kata in course.katas):
            for page in sorted((course.root / "katas" / track).glob("*.md")):
                yield _copied(page, folder / track)
        for name, text in FILES.items():
            yield _written(folder / name, text)
    except OSError as error:
        raise UsageError(
            f"{error.filename or folder} cannot be written: {error.strerror}"
        ) from None


def start_from(kata: Kata, other: Kata, workspace: Path) -> tuple[str, ...]:
    """Put the learner's answer to another kata into this kata's file, while that is still the stub.

    Nothing but an untouched stub is ever replaced. A file in which only line ends or white space at
    the end were changed is untouched.

    Args:
        kata: the kata to begin.
        other: the kata whose answer it begins with.
        workspace: the folder that holds both files.

    Returns:
        What the kata asks for and the other kata did not, or not with these arguments: signatures.

    Raises:
        NotFoundError: one of the files is not there.
        UsageError: there is work in this kata's file, none in the other, or it cannot be written.
    """
    if kata.name == other.name:
        raise UsageError(f"{kata.name} cannot start from itself", advice="Name another kata.")
    target, source = (file_in(workspace, one) for one in (kata, other))
    begun = _text(target)
    if _plain(begun) != _plain(kata.stub.read_text("utf-8")):
        raise UsageError(
            f"{target} is no longer the untouched stub, so it stays as it is",
            advice=f"To start over: kata reset {kata.short}. It keeps what is there beside it.",
        )
    text = _text(source)
    if _plain(text) == _plain(other.stub.read_text("utf-8")):
        raise UsageError(
            f"{source} is still the stub: there is nothing to start from",
            advice=f"Solve {other.name} first: kata show {other.short}",
        )
    _replace(target, text)
    known = other.signatures
    return tuple(
        f"{name}({signature.text.removeprefix('self').removeprefix(', ')})"
        for name, signature in kata.signatures.items()
        if name not in known or known[name].parameters != signature.parameters
    )


def put_stub_back(kata: Kata, workspace: Path) -> Path | None:
    """Put a kata's stub back in its place, and keep what was there under a name of its own.

    Args:
        kata: the kata.
        workspace: the folder that holds its file.

    Returns:
        Where the file that was there is now, byte for byte; None if there was none, or a stub that
        nobody had touched.

    Raises:
        UsageError: the answer is a notebook or a link, or the folder cannot be written.
    """
    path = file_in(workspace, kata)
    notebook = path.with_suffix(".ipynb")
    if os.path.lexists(notebook):
        raise UsageError(
            f"your answer to {kata.name} is a notebook, {notebook}",
            advice="Move it away first: a stub beside it would be a second answer.",
        )
    stub = kata.stub.read_text("utf-8")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        kept = _kept(path) if os.path.lexists(path) else None
    except OSError as error:
        raise UsageError(f"{path} cannot be kept: {error.strerror}") from None
    try:
        _replace(path, stub)
    except UsageError:
        if kept is not None:
            kept.unlink(missing_ok=True)
        raise
    if kept is not None and _is_stub(kept, stub):
        kept.unlink()
        return None
    return kept


def _kept(path: Path) -> Path:
    """A copy of a file beside it, under the first name `NAME.kept-N.py` that is free."""
    _refuse_odd_file(path)
    for number in count(1):
        copy = path.with_name(f"{path.stem}.kept-{number}{path.suffix}")
        try:
            file = copy.open("xb")
        except FileExistsError:
            continue
        try:
            with file, path.open("rb") as there:
                shutil.copyfileobj(there, file)
        except OSError:
            copy.unlink()
            raise
        return copy
    raise AssertionError  # `count` has no end


def file_in(workspace: Path, kata: Kata) -> Path:
    """Where a workspace has the file of a kata."""
    return workspace / kata.track / kata.short / kata.stub.name


def _refuse_odd_file(path: Path) -> None:
    """Refuse a link, a folder, a pipe."""
    if path.is_symlink() or (path.exists() and not path.is_file()):
        what = "a link" if path.is_symlink() else "no regular file"
        raise UsageError(f"{path} is {what}", advice="Put a file of your own in its place.")


def _is_stub(path: Path, stub: str) -> bool:
    """Whether a file says what a stub says."""
    try:
        data = read_file(path, most=MOST_BYTES)
    except DataError:
        return False
    return _plain(data.decode("utf-8", "replace")) == _plain(stub)


def _text(path: Path) -> str:
    """The text of a file, which is no link."""
    _refuse_odd_file(path)
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
        if len(data) > MOST_BYTES:
            raise UsageError(f"{path} has more than {MOST_BYTES:,} bytes, and is no answer")
        return data.decode("utf-8-sig")
    except FileNotFoundError:
        raise NotFoundError(
            f"{path} does not exist",
            advice="`kata init` on the workspace writes every stub that is missing. An answer in a "
            "notebook has to be copied by hand.",
        ) from None
    except UnicodeDecodeError:
        raise UsageError(f"{path} is not UTF-8", advice="Save it as UTF-8.") from None
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from None


def _plain(text: str) -> list[str]:
    """Its lines, without white space at their ends and empty lines at its end."""
    return [line.rstrip() for line in text.rstrip().splitlines()]


def _replace(path: Path, text: str) -> None:
    """Write a file in whose place another stands, whole or not at all."""
    try:
        write_whole(path, text.encode("utf-8"))
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}") from None


def _copied(source: Path, target: Path) -> tuple[Path, bool]:
    """Copy a file into a folder unless one is there; the copy, and whether it is new."""
    copy = target / source.name
    new = not os.path.lexists(copy)
    if new:
        shutil.copyfile(source, copy)
    return copy, new


def _written(path: Path, text: str) -> tuple[Path, bool]:
    """Write a file unless one is there; its path, and whether it is new."""
    new = not os.path.lexists(path)
    if new:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return path, new
