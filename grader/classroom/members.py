"""The files below a folder, or inside an archive, read to bounds and never unpacked to a disk."""

import bz2
import lzma
import os
import re
import stat
import struct
import tarfile
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import IO, Any, TypeAlias, cast

from msgspec import Struct

from grader.errors import NotFoundError

MOST_FILES = 100_000
"""In one student's place, which costs no other student anything."""
MOST_BYTES = 1 << 20
"""A submission is no larger; a larger file is named and not read."""
MOST_OF_ONE = 1 << 27
"""As much of one student's is kept, from files and archives."""
MOST_WORK = 1 << 30
"""As much of one student's archives is unpacked."""
MOST_IN_ARCHIVE = 1 << 28
MOST_ARCHIVE = 1 << 28
MOST_IN_CLASS = 1 << 36
"""An archive of a whole class is read from its file, entry by entry."""
MOST_STREAMS = 1_000
"""A packed tar may be several streams, one behind the other; of xz each is a copy of the rest."""
LONGEST_HEADER = 1 << 16
"""Of what a tar says beside an entry (a long name, attributes); no longer row of digits in it."""
LONGEST_DIGITS = 200
MOST_MEMORY = 1 << 28
"""So much memory a compressed tar may ask for while it is unpacked."""
LONGEST_NAME = 255
"""No file system knows longer names; patterns over names take time that grows with them."""
DEEPEST = 2
"""An archive may lie in an archive (a system's download holds one a student); no deeper."""
LONGEST_PATH = 300
_RECORD = b"PK\1\2"
"""Begins what a zip says of an entry."""
_LONGEST_MAGIC = 6
_PIECE = 1 << 20
_LINK = "is a link; it is not followed"
_EXTENDED_TIME = 0x5455
_NO_TIME = datetime(1980, 1, 1, tzinfo=UTC)
"""What a zip says that keeps no times; a tar says 1970."""
_ARCHIVES = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.xz", ".tar.bz2")
_WANTED = (".py", ".ipynb")
_PROSE = re.compile(r".*answers[^/]*\.md", re.IGNORECASE)
_RUBBISH = ("__MACOSX", "__pycache__", ".git", ".ipynb_checkpoints", ".DS_Store")


class _Room:
    """What each place at the top of a class may still hold, so that one costs no other anything."""

    def __init__(self) -> None:
        self._files: Counter[str] = Counter()
        self._kept: Counter[str] = Counter()
        self._work: Counter[str] = Counter()

    def files(self, top: str, more: int = 0) -> int:
        """How many files are left, after some more."""
        self._files[top] += more
        return MOST_FILES - self._files[top]

    def kept(self, top: str, more: int = 0) -> int:
        """How many bytes can still be kept, after some more."""
        self._kept[top] += more
        return max(0, MOST_OF_ONE - self._kept[top])

    def work(self, top: str, more: int = 0) -> int:
        """How many bytes can still be unpacked, after some more."""
        self._work[top] += more
        return max(0, MOST_WORK - self._work[top])


class _CutError(Exception):
    """A tar has no end, or one that is behind what is read."""


Opened: TypeAlias = Callable[[], IO[Any]]
"""Opens an entry of an archive."""


class Member(Struct, frozen=True):
    """A file: where it lies below what was given, and its bytes.

    `at` is when it was last changed, in ISO 8601, as an archive of the whole class says; empty
    where it says nothing. An archive that lies in that one is a student's own, so what it says
    about times does not count: its files have the time that it has itself.
    """

    parts: tuple[str, ...]
    data: bytes
    at: str = ""


class Other(Struct, frozen=True):
    """A file that is not read, since it is no Python file, notebook, free text or archive."""

    origin: str


class Trouble(Struct, frozen=True):
    """Something that could not be taken: where, and why."""

    origin: str
    what: str


Found: TypeAlias = Member | Trouble | Other


def members_of(place: Path) -> Iterator[Found]:
    """Every file below a folder, or in an archive; what systems leave behind is passed by.

    Args:
        place: a folder, a zip or a tar.

    Raises:
        NotFoundError: there is nothing at that place, or it is neither.
    """
    room = _Room()
    if place.is_dir():
        yield from _in_folder(place, room)
    elif place.is_file() and _is_archive(place.name):
        opened = _opened(place, MOST_IN_CLASS)
        if isinstance(opened, Trouble):
            yield opened
        else:
            with opened:
                yield from _in_archive(opened, place.name, (), 1, room, timed=True)
    else:
        raise NotFoundError(
            f"there is no folder and no archive at {place}",
            advice="Give a folder, a .zip or a .tar with a folder, an archive or a notebook for "
            "each student.",
        )


def _in_folder(folder: Path, room: _Room) -> Iterator[Found]:
    """The files below a folder: those in it first, then folder by folder, each in order."""
    waiting: list[tuple[str, ...]] = [()]
    while waiting:
        inner = waiting.pop()
        top = inner[0] if inner else ""
        left = room.files(top)
        if left < 0:
            continue
        shown = tuple(map(_readable, inner))
        where = "/".join(shown)[:LONGEST_PATH] or str(folder)
        try:
            with os.scandir(folder.joinpath(*inner)) as found:
                entries = sorted(islice(found, left + 1), key=lambda entry: entry.name)
        except OSError as error:
            yield Trouble(where, f"is a folder that cannot be read: {error.strerror}")
            continue
        below = []
        for entry in entries[:left]:
            if entry.name in _RUBBISH:
                continue
            if entry.is_symlink() and os.path.isdir(entry.path):
                yield Trouble("/".join((*shown, _readable(entry.name))), _LINK)
            elif entry.is_dir(follow_symlinks=False):
                below.append((*inner, entry.name))
            else:
                yield from _file(Path(entry.path), (*shown, _readable(entry.name)), room)
        if room.files(top, len(entries)) < 0:
            yield Trouble(where, f"holds more than {MOST_FILES:,} files; the rest is left")
            continue
        waiting += reversed(below)


def _readable(name: str) -> str:
    """A name as text: bytes in it that are no UTF-8 are replaced."""
    return os.fsencode(name).decode("utf-8", "replace")


def _file(path: Path, parts: tuple[str, ...], room: _Room) -> Iterator[Found]:
    name, top = parts[-1], parts[0]
    if name in _RUBBISH or name.startswith("._"):
        return
    where = "/".join(parts)
    if _is_archive(name):
        data = _read_whole(path)
        if isinstance(data, Trouble):
            yield Trouble(where, data.what)
            return
        before = (*parts[:-1], _without_suffix(name))
        yield from _in_archive(BytesIO(data), name, before, 1, room)
    elif _is_wanted(name):
        read = _read_whole(path, min(MOST_BYTES, room.kept(top)))
        if isinstance(read, Trouble):
            yield Trouble(where, read.what)
        else:
            room.kept(top, len(read))
            yield Member(parts, read)
    else:
        yield Other(where)


def _read_whole(path: Path, most: int = MOST_ARCHIVE) -> bytes | Trouble:
    """A regular file's bytes, read to a bound."""
    opened = _opened(path, most)
    if isinstance(opened, Trouble):
        return opened
    with opened:
        try:
            return opened.read(most)
        except OSError as error:
            return Trouble(str(path), f"cannot be read: {error.strerror}")


def _opened(path: Path, most: int) -> IO[bytes] | Trouble:
    """A regular file of at most so many bytes; no link, FIFO or device is opened."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        link = os.path.islink(path)
        why = _LINK if link else f"cannot be read: {error.strerror}"
        return Trouble(str(path), why)
    found = os.fstat(descriptor)
    if not stat.S_ISREG(found.st_mode):
        os.close(descriptor)
        return Trouble(str(path), "is no regular file")
    if found.st_size > most:
        os.close(descriptor)
        return Trouble(str(path), f"has {found.st_size:,} bytes; at most {most:,} are read")
    return os.fdopen(descriptor, "rb")


def _in_archive(
    file: IO[bytes],
    name: str,
    before: tuple[str, ...],
    depth: int,
    room: _Room,
    *,
    timed: bool = False,
    at: str = "",
) -> Iterator[Found]:
    """The files of an archive.

    Args:
        file: its bytes.
        name: its name, whose end says what it is.
        before: where its files count as lying.
        depth: how many archives it lies in, with itself.
        room: what each student's place may still hold.
        timed: whether it is the class': its own times count.
        at: the time of each file otherwise.
    """
    shown = "/".join((*before, ""))
    try:
        most_of_it = MOST_IN_ARCHIVE if before else MOST_IN_CLASS
        spend = partial(room.work, before[0]) if before else None
        for path, kind, size, changed, opened in _entries(file, name, most_of_it, spend):
            parts = _parts(path)
            where = f"{shown}{path}"
            top = (*before, *(parts or (path,)))[0]
            left = room.files(top, 1)
            if left < 0:
                if left == -1:
                    much = f"holds more than {MOST_FILES:,} files; the rest is left"
                    yield Trouble(top[:LONGEST_PATH], much)
                continue
            if parts is not None and max(map(len, parts)) > LONGEST_NAME:
                yield Trouble(where[:LONGEST_PATH], "has a name that is too long; it is left out")
                continue
            if parts is None:
                yield Trouble(
                    where[:LONGEST_PATH], "would lie outside of its archive; it is left out"
                )
                continue
            if kind:
                yield Trouble(where[:LONGEST_PATH], f"is {kind}; it is left out")
                continue
            last = parts[-1] if parts else ""
            if any(part in _RUBBISH for part in parts) or last.startswith("._"):
                continue
            nested = _is_archive(last)
            if not nested and not _is_wanted(last):
                yield Other(where)
                continue
            if nested and depth >= DEEPEST:
                yield Trouble(
                    where[:LONGEST_PATH], "is an archive in an archive in an archive; it is left"
                )
                continue
            most = MOST_ARCHIVE if nested else MOST_BYTES
            most = min(most, room.work(top) if nested else room.kept(top))
            if size > most:
                yield Trouble(
                    where[:LONGEST_PATH], f"has {size:,} bytes; at most {most:,} are read"
                )
                continue
            try:
                with opened() as entry:
                    content = entry.read(most + 1)
            except Exception as error:  # of zlib, bz2 and lzma too; the next entry may be whole
                yield Trouble(where[:LONGEST_PATH], f"cannot be read: {type(error).__name__}")
                continue
            (room.work if nested else room.kept)(top, len(content))
            if len(content) > most:
                yield Trouble(
                    where[:LONGEST_PATH], f"has more bytes than it says; at most {most:,} are read"
                )
            elif nested:
                inner = (*before, *parts[:-1], _without_suffix(last))
                time = changed() if timed else at
                yield from _in_archive(BytesIO(content), last, inner, depth + 1, room, at=time)
            else:
                yield Member((*before, *parts), content, changed() if timed else at)
    except _CutError:
        yield Trouble(
            shown.rstrip("/") or name, "is an archive that is cut off; files of it may be missing"
        )
    except (zipfile.BadZipFile, tarfile.TarError, EOFError, OSError, ValueError, RuntimeError,
            NotImplementedError, MemoryError) as error:  # fmt: skip
        yield Trouble(
            shown.rstrip("/") or name, f"is no archive that can be read: {type(error).__name__}"
        )
    except Exception as error:  # zlib, lzma and bz2 have errors of their own
        yield Trouble(shown.rstrip("/") or name, f"is damaged: {type(error).__name__}")


class _Entry(tarfile.TarInfo):
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


def _entries(
    file: IO[bytes], name: str, most: int, spend: Callable[[int], int] | None
) -> Iterator[tuple[str, str, int, Callable[[], str], Opened]]:
    """Path, what it is if it is no plain file, size, its time, and how to open it.

    Raises:
        ValueError: it says that it has more entries than are looked at.
    """
    if name.lower().endswith(".zip"):
        if not zipfile.is_zipfile(file):
            raise zipfile.BadZipFile
        if _entries_said(file) > 10 * MOST_FILES:  # Python makes a record of each
            raise ValueError
        with zipfile.ZipFile(file) as archive:
            for entry in archive.infolist():
                if entry.is_dir():
                    continue
                mode = entry.external_attr >> 16
                kind = (
                    "a link" if stat.S_ISLNK(mode) else "encrypted" if entry.flag_bits & 1 else ""
                )
                time = partial(_zip_time, entry)
                yield entry.filename, kind, entry.file_size, time, partial(archive.open, entry)
        return
    plain = _plain(file, most, spend)
    with tarfile.open(fileobj=plain, mode="r:", tarinfo=_Entry) as archive:
        at = -1
        for item in archive:
            if item.offset <= at:
                raise tarfile.ReadError("goes back")
            at = item.offset
            if item.isdir():
                continue
            kind = "" if item.isreg() else "a link" if item.issym() or item.islnk() else "a device"
            name = os.fsencode(item.name).decode("utf-8", "replace")
            time = partial(_instant, item.mtime)
            yield name, kind, item.size, time, partial(_extracted, archive, item)
        plain.seek(archive.offset)
        if plain.read(tarfile.BLOCKSIZE) != bytes(tarfile.BLOCKSIZE):
            raise _CutError  # tarfile keeps quiet about it


def _entries_said(file: IO[bytes]) -> int:
    """How many records of entries a zip may have, at most."""
    found, end = 0, b""
    file.seek(0)
    while piece := file.read(_PIECE):
        found += (end + piece).count(_RECORD)
        end = piece[-len(_RECORD) + 1 :]
    return found


def _zip_time(entry: zipfile.ZipInfo) -> str:
    """An entry's time: with a zone where the archive keeps one, else the clock of who packed it."""
    extra = entry.extra
    while len(extra) >= 4:
        kind, size = struct.unpack_from("<HH", extra)
        if kind == _EXTENDED_TIME and 5 <= size <= len(extra) - 4 and extra[4] & 1:
            return _instant(struct.unpack_from("<i", extra, 5)[0])
        extra = extra[4 + size :]
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


def _parts(path: str) -> tuple[str, ...] | None:
    """A path's parts; None where it would lead out of the archive."""
    plain = path.replace("\\", "/")
    if plain.startswith("/") or (len(plain) > 1 and plain[1] == ":"):
        return None
    parts = tuple(part for part in plain.split("/") if part not in ("", "."))
    return None if ".." in parts or not parts else parts


def _is_wanted(name: str) -> bool:
    return name.lower().endswith(_WANTED) or _PROSE.fullmatch(name) is not None


def _is_archive(name: str) -> bool:
    return name.lower().endswith(_ARCHIVES)


def _without_suffix(name: str) -> str:
    ending = next(
        (one for one in sorted(_ARCHIVES, key=len)[::-1] if name.lower().endswith(one)), ""
    )
    return name[: len(name) - len(ending)]
