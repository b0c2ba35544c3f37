"""Where the command's own words go: streams that are closed, full, or cannot show every sign."""

import codecs
import contextlib
import errno
import io
import os
import sys
from typing import TextIO

from grader.text import one_line

MARKS = {
    "✓": "+",
    "✗": "x",
    "○": "o",
    "●": "*",
    "·": "-",
    "•": "*",
    "≈": "~",
    "≠": "!=",
    "≤": "<=",
    "≥": ">=",
    "→": "->",
    "←": "<-",
    "…": "...",
    "−": "-",
    "–": "-",
    "—": "-",
    "×": "x",
    "⊙": "*",
    "∏": "prod",
    "Σ": "sum",
    "σ": "sigma",
    "²": "^2",
    "³": "^3",
    "‘": "'",
    "’": "'",
    "“": '"',
    "”": '"',
    "─": "-",
    "━": "-",
    "│": "|",
}
"""What stands in for a sign where the output's encoding has none for it; others are escaped."""

_LOST = (errno.ENOSPC, errno.EPIPE, errno.EBADF, errno.EIO, errno.EDQUOT, errno.EFBIG)


def _stand_in(error: UnicodeError) -> tuple[str | bytes, int]:
    """What to write in the place of signs that cannot be encoded."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    signs = error.object[error.start : error.end]
    shown = "".join(
        MARKS.get(sign) or sign.encode("ascii", "backslashreplace").decode() for sign in signs
    )
    return shown, error.end


codecs.register_error("kata-marks", _stand_in)


def prepare() -> bool:
    """Make the standard streams ready to be written to; False if the output is closed.

    The descriptors of closed streams are filled, so that nothing that is opened later takes their
    numbers.
    """
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            with contextlib.suppress(OSError):  # the lowest number that is free
                os.open(os.devnull, os.O_RDWR)
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115  for good
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="kata-marks")
    return sys.stdout is not None


def say(*lines: str) -> None:
    """Write to standard error, if anybody can read it."""
    with contextlib.suppress(OSError):
        for line in lines:
            print(line, file=sys.stderr, flush=True)


def lost(error: OSError) -> str:
    """Why the output cannot be written, or an empty text if the error is about something else."""
    if error.errno not in _LOST:
        return ""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
            os.write(stream.fileno(), b"\n")  # a stream without a buffer has forgotten what failed
        except OSError as again:
            _give_up(stream)
            return _reason(again)
        except ValueError:  # no stream of the system's
            continue
    return ""


_REFUSED = (
    errno.ENAMETOOLONG,
    errno.ELOOP,
    errno.EACCES,
    errno.EPERM,
    errno.EROFS,
    errno.ENOSPC,
    errno.EDQUOT,
    errno.ENOTDIR,
    errno.EISDIR,
    errno.EFBIG,
)


def refused(error: OSError) -> str:
    """What the system refuses about which file, or an empty text if it may be our own doing."""
    if error.errno not in _REFUSED or not isinstance(error.filename, str | bytes):
        return ""
    return f"{one_line(os.fsdecode(error.filename))[:200]}: {error.strerror}"


def finish() -> str:
    """Write what is still to be written; why that cannot be done, or an empty text."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError as error:
            _give_up(stream)
            return _reason(error)
    return ""


def _reason(error: OSError) -> str:
    if isinstance(error, BrokenPipeError):
        return "whoever read it has closed it"
    return error.strerror or "it is closed"


def _give_up(stream: TextIO) -> None:
    """Let what is left go nowhere, so that Python's own end does not stumble over it."""
    with contextlib.suppress(OSError, ValueError):
        number = stream.fileno()
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, number)
        os.close(null)
        stream.flush()
