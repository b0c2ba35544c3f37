"""Reading what was handed in: one file, once, to a bound, into a record."""

import codecs
import errno
import hashlib
import os
import re
import stat
import time
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from grader.submission.find import SubmissionFile
from grader.submission.notebook import (
    Cell,
    NotebookError,
    code_of_notebook,
    is_notebook,
    most_bytes,
)

ENCODINGS = frozenset(
    ["utf-8", "utf-8-sig", "ascii", "koi8-r", "koi8-u", "gb2312", "gbk", "gb18030", "big5"]
    + ["shift_jis", "euc_jp", "euc_kr", "mac-roman"]
    + [f"iso8859-{n}" for n in (*range(1, 12), 13, 14, 15, 16)]
    + [f"cp125{n}" for n in range(9)]
)
"""Encodings that editors have written, each read in a time that grows with the file alone."""
_COOKIE = re.compile(rb"^[ \t\f]*#[^\r\n]*?coding[:=][ \t]*([-\w.]+)")  # PEP 263


class ReadSubmission(Struct, frozen=True):
    """What a file that was handed in holds.

    Args:
        shown: the path, as text that can be shown.
        source: the Python source; empty where it cannot be graded.
        problem: why it cannot be graded, or an empty text.
        sha256: of the file's bytes, which are read once; empty if they could not be.
        cells: a notebook's cells; empty for a Python file.
        unread: the machine did not let us read it. That is no learner's fault.
        read_s: how long it took to read it. That is part of the kata's time.
    """

    shown: str
    source: bytes = b""
    problem: str = ""
    sha256: str = ""
    cells: tuple[Cell, ...] = ()
    unread: bool = False
    read_s: float = 0.0

    @property
    def file_name(self) -> str:
        """The file's own name, for messages."""
        return Path(self.shown).name


class _RefusedError(Exception):
    """The file cannot be graded; the message says why, after the file's name."""


def read_submission(found: SubmissionFile) -> ReadSubmission:
    """Read a submission, once. Links of any kind, FIFOs, devices and large files are problems.

    No link is followed below the folder that was named, so what is read is what lies there.
    """
    began = time.monotonic()
    read = _read(found)
    return replace(read, read_s=time.monotonic() - began)


def _read(found: SubmissionFile) -> ReadSubmission:
    shown = os.fsencode(found.path).decode("utf-8", "backslashreplace")
    name = Path(shown).name
    try:
        data = _content(found)
    except _RefusedError as error:
        return ReadSubmission(shown, problem=f"{name} {error}")
    except (OSError, RuntimeError) as error:
        reason = getattr(error, "strerror", None) or error
        return ReadSubmission(shown, problem=f"{name} cannot be read: {reason}", unread=True)
    return submission_file(data, shown)


def submission_file(data: bytes, shown: str) -> ReadSubmission:
    """A submission that is given as the bytes of its file, a notebook or Python.

    Args:
        data: the bytes, already bounded.
        shown: its path, for messages; its suffix says what it is.
    """
    if not is_notebook(shown):
        return submission_text(data, shown)
    try:
        code = code_of_notebook(data)
    except NotebookError as error:
        digest = hashlib.sha256(data).hexdigest()
        return ReadSubmission(shown, problem=f"{Path(shown).name}: {error}", sha256=digest)
    return submission_text(code.source, shown, data=data, cells=code.cells)


def submission_text(
    source: bytes,
    shown: str,
    *,
    data: bytes | None = None,
    cells: tuple[Cell, ...] = (),
    read_s: float = 0.0,
) -> ReadSubmission:
    """A submission that is given as text: empty, binary and wrongly encoded ones are problems.

    Args:
        source: the text.
        shown: its path, for messages.
        data: the bytes of the file that it comes from; the text itself by default.
        cells: a notebook's cells.
        read_s: how long it took to read it.
    """
    name = Path(shown).name
    digest = hashlib.sha256(source if data is None else data).hexdigest()
    problem = ""
    if not source.strip():
        what = ": it has no code cell with anything in it" if data is not None else ""
        problem = f"{name} is empty{what}"
    elif source.startswith((b"\xff\xfe", b"\xfe\xff")) or _is_utf_16(source):
        problem = f"{name} is UTF-16 text; save it as UTF-8"
    elif b"\0" in source:
        problem = f"{name} is not a text file: it has a zero byte at {source.index(0):,}"
    else:
        try:
            source = _as_utf_8(source, told=data is None)
        except _RefusedError as error:
            problem = f"{name} {error}"
    return ReadSubmission(shown, b"" if problem else source, problem, digest, cells, read_s=read_s)


def _is_utf_16(source: bytes) -> bool:
    """Whether every other byte is zero, as in UTF-16 text of Latin letters without a mark."""
    head = source[:400]
    most = max(head[0::2].count(0), head[1::2].count(0))
    return len(head) >= 8 and most > 0.4 * len(head)


def _as_utf_8(source: bytes, *, told: bool) -> bytes:
    """The text in UTF-8, with as many lines: an encoding that its first two lines name is honoured.

    Args:
        source: the text.
        told: whether it can name its encoding; a notebook's is always UTF-8.

    Raises:
        _RefusedError: it is in another encoding than it names, or names one that is not taken.
    """
    lines = source.split(b"\n", 2)
    number, cookie = 0, None
    for line in lines[:2] if told else ():
        number += 1
        cookie = _COOKIE.match(line.removeprefix(codecs.BOM_UTF8))
        if cookie is not None or line.strip().removeprefix(codecs.BOM_UTF8)[:1] not in (b"", b"#"):
            break
    encoding = cookie[1].decode("ascii") if cookie is not None else "utf-8"
    try:
        known = codecs.lookup(encoding).name
    except LookupError:
        known = ""
    marked = source.startswith(codecs.BOM_UTF8) and not known.startswith("utf-8")
    if known not in ENCODINGS or marked:
        raise _RefusedError(
            f"names the encoding {encoding[:40]} in line {number}, which is not taken; save it as "
            "UTF-8, and leave that line out"
        )
    try:
        text = source.decode(known)
    except UnicodeDecodeError as error:
        line_number = source[: error.start].count(b"\n") + 1
        what = "UTF-8" if known == "utf-8" else encoding
        raise _RefusedError(
            f"is not {what} text: byte {source[error.start]:#04x} in line {line_number}"
        ) from None
    if cookie is None or known.startswith("utf-8"):
        return source
    kept = text.split("\n")
    kept[number - 1] = lines[number - 1][: cookie.start(1)].decode("ascii", "replace") + "utf-8"
    return "\n".join(kept).encode("utf-8")


def _content(found: SubmissionFile) -> bytes:
    """The file's bytes, read to a bound.

    Raises:
        _RefusedError: it is a link (also a hard one), no regular file, or too large.
        OSError: the machine does not let us read it.
    """
    folder = found.inside or found.path.parent
    *parents, name = found.path.relative_to(folder).parts
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for parent in parents:
            inner = _open(parent, os.O_DIRECTORY, opened)
            os.close(opened)
            opened = inner
        descriptor = _open(name, os.O_NONBLOCK, opened)
    finally:
        os.close(opened)
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise _RefusedError("is not a regular file")
        if status.st_nlink > 1 and found.path != found.kata.stub:
            raise _RefusedError(
                "is a hard link: the same file has another name elsewhere; hand in a copy "
                f"(cp {name} copy.py; mv copy.py {name})"
            )
        most = most_bytes(name)
        if status.st_size > most:
            advice = "; clear its outputs and save it" if is_notebook(name) else ""
            raise _RefusedError(f"has {status.st_size:,} bytes; at most {most:,} are read{advice}")
        source = file.read(most + 1)
    if len(source) > most:
        raise _RefusedError("grew while it was read")
    return source


def _open(name: str, flags: int, folder: int) -> int:
    """Open a name in an open folder, unless it is a link."""
    try:
        return os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | flags, dir_fd=folder)
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENOTDIR):  # whatever lies there by now
            raise _RefusedError("is a link, or lies behind one; hand in the file itself") from None
        if error.errno == errno.ENOENT:
            raise _RefusedError("was there a moment ago, and is gone") from None
        if error.errno == errno.ENXIO:  # a socket
            raise _RefusedError("is not a regular file") from None
        raise
