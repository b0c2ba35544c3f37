"""`grader.check` and `grader.open`: grading from a script or a notebook.

Both are handed on by the package itself. What they take and give is a public contract, like the
command line: paths and text go in, a `grader.verdict.Verdict` comes out.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from grader.course.catalog import Course
from grader.course.workspace import course_at
from grader.errors import UsageError
from grader.judge.opening import open_grader
from grader.submission.find import find_submissions

if TYPE_CHECKING:
    from grader.judge.grader import Grader
    from grader.verdict import Verdict

PathLike = str | os.PathLike[str]


class Session:
    """An open grader: the first verdict waits for the sandbox and torch, the next ones do not.

    Made by `open`; it is of use inside its `with` block only.

    Args:
        grader: the engine.
    """

    def __init__(self, grader: "Grader") -> None:
        self._grader = grader

    @property
    def katas(self) -> tuple[str, ...]:
        """The names of the course's katas, in the order in which they can be taken."""
        return tuple(kata.name for kata in self._grader.course.katas)

    def check(
        self, kata: str, submission: PathLike | None = None, *, source: str | bytes | None = None
    ) -> "Verdict":
        """Grade one submission to one kata.

        Args:
            kata: the kata's name, in any case, as far as it is unique.
            submission: a .py or .ipynb file, or a folder with one; by default what `kata check`
                would find from the current folder.
            source: the submission's text instead.

        Returns:
            The verdict, also where the file is empty, does not parse, hangs or dies.

        Raises:
            NotFoundError: there is no such kata, or no such file.
            AmbiguousError: the name, or the folder, leaves a choice.
            UsageError: both a file and a text are given.
        """
        found = self._grader.course.find(kata)
        if source is not None:
            if submission is not None:
                raise UsageError("a submission is a file or a text, not both")
            text = source.encode("utf-8", "surrogatepass") if isinstance(source, str) else source
            return self._grader.attempt_source(found, text).verdict()
        path = None if submission is None else Path(submission)
        [file] = find_submissions(self._grader.course, [found.name], path, start=Path.cwd())
        return self._grader.grade(file)


@contextmanager
def open_session(
    course: PathLike | None = None,
    *,
    seed: int = 0,
    isolation: Literal["full", "process"] | None = None,
    training: bool = True,
) -> Iterator[Session]:
    """Open a grader for several submissions, and close it at the end of the block.

    Args:
        course: a folder with `katas/` and `solutions/`; by default the course of the workspace
            that one stands in, or else the built-in one.
        seed: cases derive from it. The same seed gives the same verdict.
        isolation: "full" refuses to run without namespaces, "process" does without them, None
            takes the best that works.
        training: also run the checks in which a submission trains. Without it they are
            NOT_VERIFIED and give no points.

    Raises:
        NotFoundError: there is no such course.
        SandboxError: the isolation that was asked for cannot be had here.
    """
    found = course_at(Path.cwd()) if course is None else Course(Path(course))
    with open_grader(found, level=isolation, seed=seed, training=training) as grader:
        yield Session(grader)


def check(
    kata: str,
    submission: PathLike | None = None,
    *,
    source: str | bytes | None = None,
    course: PathLike | None = None,
    seed: int = 0,
    isolation: Literal["full", "process"] | None = None,
    training: bool = True,
) -> "Verdict":
    """Grade one submission; see `Session.check` and `open_session` for what is what.

    Each call starts a sandbox, which takes about as long as importing torch. For more than one
    submission use `grader.open`.
    """
    opened = open_session(course, seed=seed, isolation=isolation, training=training)
    with opened as session:
        return session.check(kata, submission, source=source)
