"""The command that makes a notebook of katas."""

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING

from grader.cli.common import OK, Add, course_of
from grader.course.workspace import file_in, find_workspace
from grader.data.files import write_whole
from grader.errors import UsageError
from grader.submission.find import SubmissionFile, is_found_for
from grader.submission.read import read_submission

if TYPE_CHECKING:
    from grader.course.kata import Kata


def add(command: Add) -> None:
    """Add the command."""
    made = command(
        "notebook",
        notebook,
        "katas as a Jupyter notebook, with what you have written so far",
        examples=(
            "kata notebook lstm_cell gru_cell -o cells.ipynb",
            "kata notebook lstm -o lstm.ipynb",
            "kata check cells.ipynb",
        ),
    )
    made.add_argument("kata", nargs="+", metavar="KATA", help="a kata or a track, in this order")
    made.add_argument(
        "-o", "--output", type=Path, required=True, metavar="FILE.ipynb", help="the notebook"
    )
    made.add_argument(
        "--force", action="store_true", help="replace a file that is there, with all work in it"
    )


def notebook(arguments: argparse.Namespace) -> int:
    """`kata notebook`."""
    from grader.present.notebook import Filled, notebook_of
    from grader.present.report import Writer
    from grader.present.text import console

    course = course_of(arguments)
    path: Path = arguments.output
    asked = [kata for name in arguments.kata for kata in course.select(name)]
    katas = list(dict.fromkeys(kata.name for kata in asked))
    workspace = find_workspace(Path.cwd())
    if path.suffix != ".ipynb":
        raise UsageError(f"{path} is no name of a notebook", advice="It must end with .ipynb.")
    filled = []
    for kata in map(course.find, katas):
        _refuse_second(kata, workspace, path)
        filled.append(Filled(kata, _code_of(kata, workspace)))
    _write(path, notebook_of(filled, file=path.name), force=arguments.force)
    writer = Writer(console())
    many = f"{len(filled)} katas" if len(filled) > 1 else filled[0].kata.name
    writer.line(f"{path}: written, with {many}.")
    writer.line(f"Open it in Jupyter. From a shell: kata check {path}", style="dim")
    return OK


def _code_of(kata: "Kata", workspace: Path | None) -> str:
    """The learner's code in the workspace, or the stub.

    Raises:
        UsageError: there is a file of theirs, and it cannot be read as Python text.
    """
    path = file_in(workspace, kata) if workspace is not None else kata.stub
    if not os.path.lexists(path):
        path = kata.stub
    read = read_submission(SubmissionFile(kata, path))
    if read.problem:
        raise UsageError(read.problem, advice=f"Mend {path}, or move it away to get the stub.")
    return read.source.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")


def _refuse_second(kata: "Kata", workspace: Path | None, path: Path) -> None:
    """Refuse to make a second answer where `kata check` would look for one.

    Raises:
        UsageError: it would be one.
    """
    if workspace is None or not is_found_for(kata, path, workspace):
        return
    answer = file_in(workspace, kata)
    if os.path.lexists(answer):
        raise UsageError(
            f"{path} would be a second answer to {kata.name}, beside {answer}",
            advice="Choose another name or folder, such as "
            f"{path.with_name('notebooks') / path.name}.",
        )


def _write(path: Path, data: bytes, *, force: bool) -> None:
    """Write the file, whole or not at all.

    Raises:
        UsageError: something is there that is not to be replaced, or it cannot be written.
    """
    if os.path.lexists(path) and not (force and path.is_file() and not path.is_symlink()):
        advice = "Choose another name, or give --force to replace it, with all work in it."
        if not path.is_file() or path.is_symlink():
            advice = "It is no regular file. Choose another name."
        raise UsageError(f"{path} is there already", advice=advice)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, data)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}") from None
