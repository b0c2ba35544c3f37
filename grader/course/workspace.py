"""Workspaces: folders in which a learner answers katas."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from grader.course.catalog import Course
from grader.errors import UsageError

WORKSPACE_FILE = "kata-workspace.toml"


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
