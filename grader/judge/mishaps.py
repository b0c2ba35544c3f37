"""What can go wrong in a conversation, and how a learner is told."""

import importlib.util
import re
from collections.abc import Sequence

from grader.checks.submission import SubmissionError
from grader.course.kata import Kata
from grader.submission.notebook import Cell, line_words
from grader.text import lines_of, one_line
from grader.verdict import Location, Status
from grader.wire.messages import Frame, Raised


class Stopped(BaseException):
    """The check cannot go on.

    `status`, why, and where in the submission; `reason` says as much of the why as depends on no
    case. Not an Exception, so that nothing on the way catches it.
    """

    def __init__(
        self,
        status: Status,
        message: str,
        *,
        location: Location | None = None,
        reason: str = "",
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = one_line(message)
        self.location = location
        self.reason = one_line(reason)


class LoadFailedError(Exception):
    """The submission's file cannot be loaded; no check can be run."""

    def __init__(self, status: Status, message: str, location: Location | None) -> None:
        super().__init__(message)
        self.status = status
        self.message = one_line(message)
        self.location = location


def location_of(frames: Sequence[Frame], file_name: str) -> Location | None:
    """The innermost line of the submission's own file."""
    if not frames:
        return None
    last = frames[-1]
    return Location(file_name, last.line, last.function, last.source, last.column)


def explain_submission_error(error: SubmissionError, kata: Kata, cells: Sequence[Cell] = ()) -> str:
    """One sentence for what a submission raised, or could not answer.

    Args:
        error: the error.
        kata: whose signatures are named.
        cells: a notebook's cells.
    """
    text = f"{error.type}: {error.message}" if error.message else error.type
    if error.kind == "not_implemented":
        return f"{error.called} still raises NotImplementedError."
    if error.kind == "missing":
        what = f"is {error.type}, which cannot be called" if error.type else "is not there"
        alike = error.frames[-1] if error.frames and not error.type else None
        beside = ""
        if alike:
            where = line_words(cells, alike.line)
            beside = f", but there is `{alike.function}` ({where})"
        return f"`{error.message}` {what}{beside}. {EXACTLY}"
    if error.kind == "signature":
        signature = kata.signatures.get(error.called)
        wanted = f" as {error.called}({signature.text})" if signature else ""
        return f"`{error.called}` cannot be called{wanted}: {text}."
    if error.kind == "answer":
        return f"{error.called}: {error.message}."
    return f"{error.called} raised {text}"


CUTS = {
    "detach": "`.detach()` takes this out of the graph.",
    "data": "`.data` takes this out of the graph.",
    "tensor": "`torch.tensor(...)` copies the values and leaves the graph behind.",
    "item": "`.item()` makes a plain number, and a number has no graph.",
    "float": "A tensor is made a plain number here, and a number has no graph.",
    "tolist": "`.tolist()` makes plain numbers, and numbers have no graph.",
    "numpy": "NumPy takes over here, and its arrays have no graph.",
    "no_grad": "Gradients are switched off here (`torch.no_grad`), so no graph is made.",
    "inference_mode": "Gradients are switched off here (`torch.inference_mode`), so no graph is "
    "made.",
}
"""How an answer can lose its history, as the learner reads it."""


def missing_name(error: SubmissionError) -> str:
    """That a name which the judge has asked for is not there, in words that depend on no case."""
    if error.kind != "missing" or error.type or "." in error.message:
        return ""
    return f"`{error.message}` is not there. {EXACTLY}"


EXACTLY = "The kata asks for it under exactly this name."


def explain_import(exception: str, message: str, file_name: str) -> str:
    """One sentence for an import that failed while a submission was imported."""
    package = re.fullmatch(r"No module named '([\w.]{1,100})'(?:;.*)?", message)
    if exception == "ModuleNotFoundError" and package is not None:
        return (
            f"{file_name} imports `{package[1]}`, which is not there: no such package is installed "
            "where it runs. A submission is one file: other files of yours are not there."
        )
    text = f"{exception}: {message}" if message else exception
    return (
        f"{file_name} cannot be imported: {text}. A submission is one file: "
        "other files of yours are not there."
    )


def not_installed(exception: str, message: str, kata: Kata) -> str:
    """The package that an import did not find, that the kata asks for and this machine lacks.

    Empty where there is none. What a submission says is not believed: it could raise the same
    error, and a kata that cannot be verified costs nothing.
    """
    package = re.fullmatch(r"No module named '(\w{1,100})'", message)
    if exception != "ModuleNotFoundError" or package is None:
        return ""
    needed = {name.partition(".")[0] for name in kata.spec.preload}
    lacking = package[1] in needed and importlib.util.find_spec(package[1]) is None
    return package[1] if lacking else ""


def bounded(raised: Raised, source: bytes) -> Raised:
    """What a worker says it raised, as neutral lines, cut: it may have been forged.

    The lines of the source are our own copy's.
    """
    return Raised(
        raised.number,
        raised.kind if raised.kind in _KINDS else "exception",
        one_line(raised.exception)[:100],
        one_line(raised.message)[:2000],
        bounded_frames(raised.frames, source),
        tuple(one_line(name)[:100] for name in raised.bases[:MOST_BASES]),
    )


def bounded_frames(frames: Sequence[Frame], source: bytes) -> tuple[Frame, ...]:
    """Frames as a worker gives them, with our own copy's lines, cut: they may have been forged."""
    lines = lines_of(source.decode("utf-8", "replace")) if frames else []
    return tuple(
        _bounded_frame(frame, lines[frame.line - 1])
        for frame in frames[-8:]
        if 1 <= frame.line <= len(lines)
    )


def _bounded_frame(frame: Frame, line: str) -> Frame:
    """A frame with our own copy of its line, and its column in what is shown of that."""
    shown = one_line(line)[:200]
    text = line.lstrip()
    column = frame.column - (len(line) - len(text))
    if not (text.startswith(shown) and 1 <= column <= len(shown) + 1):
        column = 0
    return Frame(frame.line, one_line(frame.function)[:100], shown, column)


MOST_BASES = 16
_KINDS = frozenset(
    [
        "exception",
        "not_implemented",
        "missing",
        "signature",
        "device",
        "forbidden",
        "memory",
        "syntax",
        "import",
        "late",
        "answer",
    ]
)


SIGNALS = {
    4: "illegal instruction (SIGILL)",
    6: "it aborted (SIGABRT)",
    7: "bus error (SIGBUS)",
    8: "arithmetic error (SIGFPE)",
    9: "it was killed (SIGKILL), perhaps for want of memory",
    11: "segmentation fault (SIGSEGV)",
    25: "a file grew past its limit (SIGXFSZ)",
}
