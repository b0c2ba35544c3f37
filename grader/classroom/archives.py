"""What a zip or a tar holds, entry by entry, without trust in what it says of itself."""

import bz2
import lzma
import os
import re
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from io import BytesIO
from typing import IO, Any, NamedTuple, cast

MOST_ENTRIES = 1_000_000
MOST_STREAMS = 1_000
"""A packed tar may be several streams, one behind the other; of xz each is a copy of the rest."""
LONGEST_HEADER = 1 << 16
"""Of what a tar says beside an entry (a long name, attributes); no longer row of digits in it."""
LONGEST_DIGITS = 200
MOST_MEMORY = 1 << 28
"""So much memory a compressed tar may ask for while it is unpacked."""
_RECORD = b"PK\1\2"
"""Begins what a zip says of an entry."""
_LONGEST_MAGIC = 6
_PIECE = 1 << 20
_EXTENDED_TIME, _UNICODE_PATH = 0x5455, 0x7075
_SAYS_UTF_8 = 0x800
_NO_TIME = datetime(1980, 1, 1, tzinfo=UTC)
"""What a zip says that keeps no times; a tar says 1970."""


class CutError(Exception):
    """A tar has no end, or one that is behind what is read."""


class Entry(NamedTuple):
    """Something in an archive.

    Args:
        path: where it says that it lies.
        kind: what it is, if it is no plain file.
        size: how many bytes it says that it has.
        changed: when it was last changed, in ISO 8601; empty where the archive says nothing.
        opened: opens it.
    """

    path: str
    kind: str
    size: int
    changed: Callable[[], str]
    opened: Callable[[], IO[Any]]


FOLDER = "a folder"


def _folder(path: str) -> Entry:
    return Entry(path, FOLDER, 0, str, BytesIO)


def entries(
    file: IO[bytes], name: str, most: int, spend: Callable[[int], int] | None
) -> Iterator[Entry]:
    """What an archive holds, in its order; of folders the path and the kind.

    Args:
        file: its bytes.
        name: its name, whose end says what it is.
        most: as many bytes of a packed tar are unpacked.
        spend: is told of each piece of it, and answers how many more may be unpacked.

    Raises:
        CutError: it ends too early.
        ValueError: it says that it has more entries than are looked at.
    """
    if name.lower().endswith(".zip"):
        if not zipfile.is_zipfile(file):
            raise zipfile.BadZipFile
        if _entries_said(file) > MOST_ENTRIES:  # Python makes a record of each
            raise ValueError
        with zipfile.ZipFile(file) as archive:
            for entry in archive.infolist():
                if entry.is_dir() or entry.filename.endswith("\\"):
                    yield _folder(_zip_name(entry))
                    continue
                mode = entry.external_attr >> 16
                kind = (
                    "a link" if stat.S_ISLNK(mode) else "encrypted" if entry.flag_bits & 1 else ""
                )
                time = partial(_zip_time, entry)
                opened = partial(archive.open, entry)
                yield Entry(_zip_name(entry), kind, entry.file_size, time, opened)
        return
    plain = _plain(file, most, spend)
    with tarfile.open(fileobj=plain, mode="r:", tarinfo=_TarEntry) as archive:
        at = -1
        for item in archive:
            if item.offset <= at:
                raise tarfile.ReadError("goes back")
            at = item.offset
            name = name_of(os.fsencode(item.name))
            if item.isdir():
                yield _folder(name)
                continue
            kind = "" if item.isreg() else "a link" if item.issym() or item.islnk() else "a device"
            time = partial(_instant, item.mtime)
            yield Entry(name, kind, item.size, time, partial(_extracted, archive, item))
        plain.seek(archive.offset)
        if plain.read(tarfile.BLOCKSIZE) != bytes(tarfile.BLOCKSIZE):
            raise CutError  # tarfile keeps quiet about it


def _entries_said(file: IO[bytes]) -> int:
    """How many records of entries a zip may have, at most."""
    found, end = 0, b""
    file.seek(0)
    while piece := file.read(_PIECE):
        found += (end + piece).count(_RECORD)
        end = piece[-len(_RECORD) + 1 :]
    return found


def name_of(data: bytes) -> str:
    """A name that is bytes, as text: two names that are not equal stay so."""
    for encoding in ("utf-8", "cp1252"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode("latin-1")


def _zip_name(entry: zipfile.ZipInfo) -> str:
    """An entry's name: some archivers write UTF-8 and do not say so, some say it beside it."""
    if entry.flag_bits & _SAYS_UTF_8:
        return entry.filename
    written = entry.orig_filename.encode("cp437")
    for kind, said in _extras(entry):
        if kind == _UNICODE_PATH and said[:5] == struct.pack("<BI", 1, zlib.crc32(written)):
            return name_of(said[5:])
    with suppress(UnicodeDecodeError):
        return written.decode("utf-8")
    return entry.filename


def _extras(entry: zipfile.ZipInfo) -> Iterator[tuple[int, bytes]]:
    """What stands beside an entry of a zip, piece by piece: its kind and its bytes."""
    extra = entry.extra
    while len(extra) >= 4:
        kind, size = struct.unpack_from("<HH", extra)
        if len(extra) < 4 + size:
            return
        yield kind, extra[4 : 4 + size]
        extra = extra[4 + size :]


def _zip_time(entry: zipfile.ZipInfo) -> str:
    """An entry's time: with a zone where the archive keeps one, else the clock of who packed it."""
    for kind, said in _extras(entry):
        if kind == _EXTENDED_TIME and len(said) >= 5 and said[0] & 1:
            return _instant(struct.unpack_from("<i", said, 1)[0])
    if entry.date_time[0] <= _NO_TIME.year:
        return ""
    try:
        return datetime(*entry.date_time).isoformat()
    except ValueError:
        return ""


def _instant(seconds: float) -> str:
    """A time in seconds since 1970; empty where there is none."""
    try:
        at = datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):
        return ""
    return at.isoformat(timespec="seconds") if at > _NO_TIME else ""


def _plain(file: IO[bytes], most: int, spend: Callable[[int], int] | None) -> IO[bytes]:
    """A tar without its compression, if it has one."""
    packed = _unpacker(file.read(_LONGEST_MAGIC)) is not None
    file.seek(0)
    return cast("IO[bytes]", _Plain(file, most, spend)) if packed else file


class _Plain:
    """What a packed tar unpacks to, in pieces, as far as it is asked for.

    `tarfile` goes forward in it, but for a header that it has just read: that much is kept.

    Args:
        file: the packed tar: one stream or several, one behind the other.
        most: as many bytes are unpacked.
        spend: is told of each piece, and answers how many more may be unpacked.
    """

    def __init__(self, file: IO[bytes], most: int, spend: Callable[[int], int] | None) -> None:
        self._file = file
        self._left = most if spend is None else min(most, spend(0))
        self._spend = spend
        self._packed = file.read(_PIECE)
        self._unpacker = _unpacker(self._packed)
        self._streams = 1
        self._kept = bytearray()
        self._at = self._begins = 0

    def tell(self) -> int:
        """Where the next byte is read."""
        return self._at

    def seek(self, at: int) -> int:
        """Go to a place: forward to any, and back over what is kept.

        Raises:
            tarfile.ReadError: it lies further back.
        """
        if at < self._begins:
            raise tarfile.ReadError("goes back")
        self._at = at
        while self._at > self._end and self._more():
            self._forget()
        return self._at

    def read(self, size: int) -> bytes:
        """As many bytes, or fewer at the end."""
        while self._at + size > self._end and self._more():
            pass
        begin = self._at - self._begins
        found = bytes(self._kept[begin : begin + size])
        self._at += len(found)
        self._forget()
        return found

    @property
    def _end(self) -> int:
        return self._begins + len(self._kept)

    def _forget(self) -> None:
        """Keep no more than what `tarfile` may go back over."""
        gone = min(self._at, self._end) - self._begins - 2 * LONGEST_HEADER
        if gone > _PIECE:
            del self._kept[:gone]
            self._begins += gone

    def _more(self) -> bool:
        """Unpack another piece; whether there was one."""
        while self._left > 0 and self._streams <= MOST_STREAMS:
            if self._unpacker.eof:
                self._packed = self._unpacker.unused_data
                if len(self._packed) < _LONGEST_MAGIC:
                    self._packed += self._file.read(_PIECE)
                self._unpacker = _unpacker(self._packed)
                self._streams += 1
                if self._unpacker is None:
                    self._left = 0
                    break
            elif not self._packed and getattr(self._unpacker, "needs_input", True):
                self._packed = self._file.read(_PIECE)
            fed = self._packed
            piece = self._unpacker.decompress(fed, min(self._left, _PIECE))
            self._packed = getattr(self._unpacker, "unconsumed_tail", b"")
            if piece:
                self._kept += piece
                self._left -= len(piece)
                if self._spend is not None:
                    self._left = min(self._left, self._spend(len(piece)))
                return True
            if not fed and not self._unpacker.eof:
                break
        return False


def _unpacker(data: bytes) -> Any:
    """What unpacks a stream that begins so; None where it is none."""
    if data.startswith(b"\x1f\x8b"):
        return zlib.decompressobj(wbits=31)
    if data.startswith(b"BZh"):
        return bz2.BZ2Decompressor()
    if data.startswith(b"\xfd7zXZ\x00"):
        return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=MOST_MEMORY)
    return None


def _extracted(archive: tarfile.TarFile, item: tarfile.TarInfo) -> IO[bytes]:
    file = archive.extractfile(item)
    if file is None:
        raise tarfile.TarError("has no content")
    return file


def what_is_wrong(error: Exception) -> str:
    """What an error says about the archive that was read."""
    if isinstance(error, CutError):
        return "an archive that is cut off; files of it may be missing"
    if isinstance(error, _NO_ARCHIVE):
        return f"no archive that can be read: {type(error).__name__}"
    return f"damaged: {type(error).__name__}"


_NO_ARCHIVE = (
    *(zipfile.BadZipFile, tarfile.TarError, EOFError, OSError, ValueError, RuntimeError),
    MemoryError,
)


class _TarEntry(tarfile.TarInfo):
    """An entry of a tar that goes on behind itself, and whose headers are read in a short time."""

    def _proc_member(self, archive: tarfile.TarFile) -> tarfile.TarInfo:
        beside = self.type in _BESIDE
        if self.size < 0 or (beside and self.size > LONGEST_HEADER):
            raise tarfile.ReadError("impossible size")
        if beside and archive.fileobj is not None:
            at = archive.fileobj.tell()
            if re.search(rb"\d{%d}" % LONGEST_DIGITS, archive.fileobj.read(self.size)):
                raise tarfile.ReadError("impossible number")
            archive.fileobj.seek(at)
        return super()._proc_member(archive)  # type: ignore[misc, no-any-return]


_BESIDE = (
    *(tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK, tarfile.XHDTYPE, tarfile.XGLTYPE),
    tarfile.SOLARIS_XHDTYPE,
)
