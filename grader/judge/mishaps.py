"""What can go wrong in a conversation. `grader.judge.explain` says how a learner is told."""

from collections.abc import Sequence

from grader.course.stubs import given_lines
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


def bounded(raised: Raised, source: bytes, given: bytes = b"") -> Raised:
    """What a worker says it raised, as neutral lines, cut: it may have been forged.

    The lines of the source are our own copy's.
    """
    return Raised(
        raised.number,
        raised.kind if raised.kind in _KINDS else "exception",
        one_line(raised.exception)[:100],
        one_line(raised.message)[:2000],
        bounded_frames(raised.frames, source, given),
        tuple(one_line(name)[:100] for name in raised.bases[:MOST_BASES]),
    )


def bounded_frames(frames: Sequence[Frame], source: bytes, given: bytes = b"") -> tuple[Frame, ...]:
    """Frames as a worker gives them, with our own copy's lines, cut: they may have been forged.

    The innermost is a line of the learner's own. What goes wrong in a function that the stub gives
    goes wrong in its call.
    """
    if not frames:
        return ()
    lines = lines_of(source.decode("utf-8", "replace"))
    kept = [frame for frame in frames[-8:] if 1 <= frame.line <= len(lines)]
    theirs = given_lines(source, given)
    own = [n for n, frame in enumerate(kept, 1) if frame.line not in theirs]
    last = own[-1] if own else len(kept)
    return tuple(_bounded_frame(frame, lines[frame.line - 1]) for frame in kept[:last])


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
