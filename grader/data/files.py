"""Files of the user's own: read to a bound, where a regular file lies, and written whole."""

import errno
import gzip
import hashlib
import os
import secrets
import stat
import zlib
from collections.abc import Iterable
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import TypeVar

import msgspec

from grader.errors import DataError

MOST_BYTES = 1 << 28
"""No file is larger, and none is unpacked to more."""
GZIP = b"\x1f\x8b"
Kind = TypeVar("Kind")


def read_file(path: Path, *, most: int = MOST_BYTES, advice: str = "") -> bytes:
    """A file's bytes.

    A link is followed, since the user has named it. A FIFO, a socket or a device is not waited
    for.

    Args:
        path: the file.
        most: how many bytes it may have.
        advice: what kind of file is expected, for errors.

    Raises:
        DataError: it cannot be read, is no regular file, or is too large.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb", closefd=True) as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise DataError(path, "is no regular file", advice=advice)
            data = file.read(most + 1)
    except OSError as error:
        raise DataError(path, f"cannot be read: {error.strerror}", advice=advice) from None
    if len(data) > most:
        raise DataError(path, f"has more than {most:,} bytes, and no more are read", advice=advice)
    return data


def from_json(data: bytes, kind: type[Kind]) -> Kind:
    """What JSON of anybody's holds.

    Raises:
        msgspec.MsgspecError: it is no JSON, not of this kind, or nested too deep to be read.
    """
    try:
        return msgspec.json.decode(data, type=kind)
    except (RecursionError, UnicodeDecodeError) as error:
        raise msgspec.DecodeError(f"it cannot be read: {error}") from None


def write_whole(path: Path, data: bytes, *, mode: int = 0o666) -> None:
    """Write a file whole or not at all: one that is there keeps what it says until then.

    A link is replaced and not followed: in a folder of somebody else's it may lead anywhere. A
    device or a pipe is written to, and so is a file whose folder takes no other one, or that is
    mounted by itself, as in a container.

    Args:
        path: the file.
        data: its bytes.
        mode: the rights of a new one, less what the process' mask takes.

    Raises:
        OSError: it cannot be written.
    """
    plain = path.is_file() and not path.is_symlink()
    stream = path.exists() and not path.is_file() and not path.is_symlink()
    if stream or path.absolute().parts[1:2] in _SYSTEMS:
        path.write_bytes(data)
        return
    beside = path.with_name(f".kata-{secrets.token_hex(8)}.new")
    try:
        if plain:
            mode = stat.S_IMODE(path.stat().st_mode) & mode
        with os.fdopen(os.open(beside, _NEW, mode), "wb") as file:
            file.write(data)
        os.replace(beside, path)
    except BaseException as error:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
        if not (plain and getattr(error, "errno", None) in _NO_PLACE_BESIDE):
            raise
        path.write_bytes(data)


_NO_PLACE_BESIDE = (errno.EACCES, errno.EPERM, errno.EROFS, errno.EBUSY)
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
_SYSTEMS = (("dev",), ("proc",))
"""What lies there is a stream or a window into the system, whatever it looks like."""


def unpacked(path: Path, data: bytes) -> bytes:
    """A file's bytes without gzip; as they are where they are not packed.

    Raises:
        DataError: they are broken, or would become more than MOST_BYTES.
    """
    if not data.startswith(GZIP):
        return data
    try:
        with gzip.GzipFile(fileobj=BytesIO(data)) as file:
            found = file.read(MOST_BYTES + 1)
    except (OSError, EOFError, zlib.error):
        raise DataError(
            path, "the gzip data are cut short or broken", advice="Get the file again."
        ) from None
    if len(found) > MOST_BYTES:
        raise DataError(path, f"unpacks to more than {MOST_BYTES:,} bytes")
    return found


def digest_of_folders(folders: Iterable[Path], pattern: str = "*") -> str:
    """The SHA-256 of the names and bytes of all files in some folders that fit a pattern."""
    digest = hashlib.sha256()
    for folder in folders:
        for path in sorted(folder.rglob(pattern)):
            if path.is_file() and "__pycache__" not in path.parts:
                digest.update(str(path.relative_to(folder)).encode())
                digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()
