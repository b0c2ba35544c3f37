"""`kata notebook`: katas as a Jupyter notebook (format 4.5), to be filled in and handed in.

For each kata the task, a cell for the code, tagged so that it is known wherever it is moved, and a
cell that checks it.
"""

from collections.abc import Sequence
from typing import Any

import nbformat
from msgspec import Struct

from grader.checks.load import PICTURE_FILE
from grader.course.kata import Kata
from grader.errors import NotFoundError
from grader.submission.notebook import TAG

_BEGIN = """\
Fill in the cell below each task and run it. Then run the cell behind it, which checks what you have
run. You may add cells of your own wherever you like: a cell that no kata needs is not graded.

To check this file from a shell: `kata check {file}`."""
_SET_UP = """\
# On a hosted notebook, first: %pip install tensor-katas
%load_ext grader"""
_CHECK = "%kata check {name}"
_PICTURE = """\
*After a pass the check also draws a picture with your own code. It is an image where Matplotlib is
installed, and text where it is not.*"""


class Filled(Struct, frozen=True):
    """A kata, and the code that its cell begins with: the stub, or what the learner has."""

    kata: Kata
    code: str


def notebook_of(katas: Sequence[Filled], *, file: str) -> bytes:
    """The notebook, as the bytes of its file.

    Args:
        katas: in the order in which they are to stand.
        file: what the file will be called, for the words at its beginning.

    Raises:
        NotFoundError: a task cannot be read.
    """
    cells = [
        _words("begin", _BEGIN.format(file=file)),
        _code("set-up", _SET_UP),
    ]
    for filled in katas:
        kata, name = filled.kata, filled.kata.name
        mark = name.replace("/", "-")[:50]
        cells += [
            _words(f"{mark}-task", _task(kata)),
            _code(f"{mark}-code", filled.code.rstrip("\n"), tags=[f"{TAG}:{name}"]),
            _code(f"{mark}-check", _CHECK.format(name=name)),
        ]
        if (kata.folder / PICTURE_FILE).is_file():
            cells.append(_words(f"{mark}-picture", _PICTURE))
    spec = {"display_name": "Python 3", "language": "python", "name": "python3"}
    book = {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {"kernelspec": spec, "language_info": {"name": "python"}},
        "cells": cells,
    }
    text: str = nbformat.writes(nbformat.from_dict(book))  # type: ignore[no-untyped-call]
    return text.encode("utf-8", "surrogatepass") + b"\n"


def _words(mark: str, text: str) -> dict[str, Any]:
    return {"id": mark, "cell_type": "markdown", "metadata": {}, "source": text}


def _code(mark: str, source: str, *, tags: Sequence[str] = ()) -> dict[str, Any]:
    return {
        "id": mark,
        "cell_type": "code",
        "metadata": {"tags": [*tags]} if tags else {},
        "source": source,
        "execution_count": None,
        "outputs": [],
    }


def _task(kata: Kata) -> str:
    try:
        return kata.readme.read_text(encoding="utf-8").rstrip()
    except OSError as error:
        raise NotFoundError(f"{kata.readme} cannot be read: {error.strerror}") from None
