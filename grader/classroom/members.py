"""The files below a folder, or inside an archive, read to bounds and never unpacked to a disk."""

import os
import re
import stat
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import IO, Any, TypeAlias

from msgspec import Struct

from grader.errors import NotFoundError

MOST_FILES = 100_000
MOST_BYTES = 1 << 20
"""A submission is no larger; a larger file is named and not read."""
MOST_IN_ARCHIVE = 1 << 28
MOST_ARCHIVE = 1 << 28
DEEPEST = 2
"""An archive may lie in an archive (a system's download holds one a student); no deeper."""
_ARCHIVES = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.xz", ".tar.bz2")
_WANTED = (".py", ".ipynb")
_PROSE = re.compile(r".*answers[^/]*\.md", re.IGNORECASE)
_RUBBISH = ("__MACOSX", "__pycache__", ".git", ".ipynb_checkpoints", ".DS_Store")


Opened: TypeAlias = Callable[[], IO[Any]]
"""Opens an entry of an archive."""


class Member(Struct, frozen=True):
    """A file: where it lies below what was given, and its bytes."""

    parts: tuple[str, ...]
    data: bytes


class Trouble(Struct, frozen=True):
    """Something that could not be taken: where, and why."""

    origin: str
    what: str


def members_of(place: Path) -> Iterator[Member | Trouble]:
    """Every Python file, notebook and `answers.md` below a folder, or in an archive.

    Args:
        place: a folder, a zip or a tar.

    Raises:
        NotFoundError: there is nothing at that place, or it is neither.
    """
    if place.is_dir():
        yield from _in_folder(place)
    elif place.is_file() and _is_archive(place.name):
        data = _read_whole(place)
        if isinstance(data, Trouble):
            yield data
        else:
            yield from _in_archive(data, place.name, (), 1)
    else:
        raise NotFoundError(
            f"there is no folder and no archive at {place}",
            advice="Give a folder, a .zip or a .tar with a folder, an archive or a notebook for "
            "each student.",
        )


def _in_folder(folder: Path) -> Iterator[Member | Trouble]:
    count = 0
    for top, folders, files in os.walk(folder, followlinks=False):
        inner = tuple(
            os.fsencode(part).decode("utf-8", "replace")
            for part in Path(top).relative_to(folder).parts
        )
        for name in list(folders):
            if name in _RUBBISH:
                folders.remove(name)
            elif os.path.islink(os.path.join(top, name)):
                folders.remove(name)
                yield Trouble("/".join((*inner, name)), "is a link; it is not followed")
        folders.sort()
        for name in sorted(files):
            count += 1
            if count > MOST_FILES:
                yield Trouble(
                    str(folder), f"holds more than {MOST_FILES:,} files; the rest is left"
                )
                return
            yield from _file(
                Path(top) / name, (*inner, os.fsencode(name).decode("utf-8", "replace"))
            )


def _file(path: Path, parts: tuple[str, ...]) -> Iterator[Member | Trouble]:
    name = parts[-1]
    if name in _RUBBISH or name.startswith("._"):
        return
    where = "/".join(parts)
    if _is_archive(name):
        data = _read_whole(path)
        if isinstance(data, Trouble):
            yield Trouble(where, data.what)
            return
        yield from _in_archive(data, name, (*parts[:-1], _without_suffix(name)), 1)
    elif _is_wanted(name):
        read = _read_whole(path, MOST_BYTES)
        yield Trouble(where, read.what) if isinstance(read, Trouble) else Member(parts, read)


def _read_whole(path: Path, most: int = MOST_ARCHIVE) -> bytes | Trouble:
    """A regular file's bytes, read to a bound; no link, FIFO or device is opened."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        link = os.path.islink(path)
        why = "is a link; it is not followed" if link else f"cannot be read: {error.strerror}"
        return Trouble(str(path), why)
    with os.fdopen(descriptor, "rb") as file:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            return Trouble(str(path), "is no regular file")
        if found.st_size > most:
            return Trouble(str(path), f"has {found.st_size:,} bytes; at most {most:,} are read")
        try:
            return file.read(most)
        except OSError as error:
            return Trouble(str(path), f"cannot be read: {error.strerror}")


def _in_archive(
    data: bytes, name: str, before: tuple[str, ...], depth: int
) -> Iterator[Member | Trouble]:
    """The files of an archive; `before` is where they count as lying."""
    shown = "/".join((*before, "")) or name
    left = MOST_IN_ARCHIVE
    try:
        for count, (path, kind, size, opened) in enumerate(_entries(data, name)):
            if count >= MOST_FILES:
                yield Trouble(shown, f"holds more than {MOST_FILES:,} files; the rest is left")
                return
            parts = _parts(path)
            where = f"{shown}{path}"
            if parts is None:
                yield Trouble(where[:300], "would lie outside of its archive; it is left out")
                continue
            if kind:
                yield Trouble(where[:300], f"is {kind}; it is left out")
                continue
            last = parts[-1] if parts else ""
            if any(part in _RUBBISH for part in parts) or last.startswith("._"):
                continue
            nested = _is_archive(last)
            if not nested and not _is_wanted(last):
                continue
            if nested and depth >= DEEPEST:
                yield Trouble(where[:300], "is an archive in an archive in an archive; it is left")
                continue
            most = min(left, MOST_ARCHIVE if nested else MOST_BYTES)
            if size > most:
                yield Trouble(where[:300], f"has {size:,} bytes; at most {most:,} are read")
                continue
            with opened() as file:
                content = file.read(most + 1)
            left -= len(content)
            if len(content) > most:
                yield Trouble(
                    where[:300], f"has more bytes than it says; at most {most:,} are read"
                )
            elif nested:
                inner = (*before, *parts[:-1], _without_suffix(last))
                yield from _in_archive(content, last, inner, depth + 1)
            else:
                yield Member((*before, *parts), content)
    except (zipfile.BadZipFile, tarfile.TarError, EOFError, OSError, ValueError, RuntimeError,
            NotImplementedError, MemoryError) as error:  # fmt: skip
        yield Trouble(shown.rstrip("/"), f"is no archive that can be read: {type(error).__name__}")
    except Exception as error:  # zlib, lzma and bz2 have errors of their own
        yield Trouble(shown.rstrip("/"), f"is damaged: {type(error).__name__}")


def _entries(data: bytes, name: str) -> Iterator[tuple[str, str, int, Opened]]:
    """Path, what it is if it is no plain file, size, and how to open it."""
    if name.lower().endswith(".zip"):
        with zipfile.ZipFile(BytesIO(data)) as archive:
            for entry in archive.infolist():
                if entry.is_dir():
                    continue
                mode = entry.external_attr >> 16
                kind = (
                    "a link" if stat.S_ISLNK(mode) else "encrypted" if entry.flag_bits & 1 else ""
                )
                yield entry.filename, kind, entry.file_size, partial(archive.open, entry)
        return
    with tarfile.open(fileobj=BytesIO(data), mode="r:*") as archive:
        for item in archive:
            if item.isdir():
                continue
            kind = "" if item.isreg() else "a link" if item.issym() or item.islnk() else "a device"
            yield item.name, kind, item.size, partial(_extracted, archive, item)


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
