"""Files of the user's own: read once, to a bound, and only where a regular file lies."""

import gzip
import os
import stat
import zlib
from io import BytesIO
from pathlib import Path

from grader.errors import DataError

MOST_BYTES = 1 << 28
"""No file is larger, and none is unpacked to more."""
GZIP = b"\x1f\x8b"


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
