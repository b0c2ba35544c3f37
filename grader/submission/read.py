"""Reading what was handed in: one file, once, to a bound, into a record."""

import os
import stat
from pathlib import Path

from msgspec import Struct

from grader.submission.find import SubmissionFile
from grader.submission.notebook import NotebookError, code_of_notebook

MAX_SUBMISSION_BYTES = 1 << 20


class ReadSubmission(Struct, frozen=True):
    """What a file that was handed in holds.

    Args:
        shown: the path, as text that can be shown.
        source: the Python source; empty where it cannot be graded.
        problem: why it cannot be graded, or an empty text.
    """

    shown: str
    source: bytes = b""
    problem: str = ""

    @property
    def file_name(self) -> str:
        """The file's own name, for messages."""
        return Path(self.shown).name


class _UnreadableError(Exception):
    """The file cannot be graded; the message says why, after the file's name."""


def read_submission(found: SubmissionFile) -> ReadSubmission:
    """Read a submission: links that lead out, FIFOs, devices and large files are problems."""
    shown = os.fsencode(found.path).decode("utf-8", "backslashreplace")
    name = Path(shown).name
    try:
        source = _content(found)
        if found.path.suffix == ".ipynb":
            source = code_of_notebook(source)
    except _UnreadableError as error:
        return ReadSubmission(shown, problem=f"{name} {error}")
    except NotebookError as error:
        return ReadSubmission(shown, problem=f"{name}: {error}")
    return submission_text(source, shown)


def submission_text(source: bytes, shown: str) -> ReadSubmission:
    """A submission that is given as text: empty, binary and wrongly encoded ones are problems."""
    name = Path(shown).name
    problem = ""
    if not source.strip():
        problem = f"{name} is empty"
    elif b"\0" in source:
        problem = f"{name} is not a text file: it has a zero byte at {source.index(0):,}"
    else:
        try:
            source.decode("utf-8")
        except UnicodeDecodeError as error:
            line = source[: error.start].count(b"\n") + 1
            byte = source[error.start]
            problem = f"{name} is not UTF-8 text: byte {byte:#04x} in line {line}"
    return ReadSubmission(shown, b"" if problem else source, problem)


def _content(found: SubmissionFile) -> bytes:
    path = found.path
    try:
        if found.inside is not None and not path.resolve().is_relative_to(found.inside.resolve()):
            raise _UnreadableError("is a link that leads out of the submission's folder")
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, RuntimeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise _UnreadableError(f"cannot be read: {reason}") from None
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise _UnreadableError("is not a regular file")
        if status.st_size > MAX_SUBMISSION_BYTES:
            raise _UnreadableError(
                f"has {status.st_size:,} bytes; at most {MAX_SUBMISSION_BYTES:,} are read"
            )
        try:
            source = file.read(MAX_SUBMISSION_BYTES + 1)
        except OSError as error:
            raise _UnreadableError(f"cannot be read: {error.strerror}") from None
    if len(source) > MAX_SUBMISSION_BYTES:
        raise _UnreadableError("grew while it was read")
    return source
