"""The files below a folder, or inside an archive, read to bounds and never unpacked to a disk."""

import os
import re
import stat
from collections import Counter
from collections.abc import Iterator
from functools import partial
from io import BytesIO
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import IO, NamedTuple, TypeAlias

from msgspec import Struct

from grader.classroom import gradescope
from grader.classroom.archives import FOLDER, Entry, entries, name_of, what_is_wrong
from grader.errors import NotFoundError
from grader.submission.notebook import MAX_NOTEBOOK_BYTES

MOST_FILES = 100_000
"""In one student's place, which costs no other student anything."""
MOST_BYTES = 1 << 20
"""A submission is no larger, unless it is a notebook with its outputs; see `_most`."""
MOST_OF_ONE = 1 << 27
"""As much of one student's is kept, from files and archives."""
MOST_WORK = 1 << 30
"""As much of one student's archives is unpacked."""
MOST_IN_ARCHIVE = 1 << 28
MOST_ARCHIVE = 1 << 28
MOST_IN_CLASS = 1 << 36
"""An archive of a whole class is read from its file, entry by entry."""
LONGEST_NAME = 255
"""No file system knows longer names; patterns over names take time that grows with them."""
DEEPEST = 2
"""An archive may lie in an archive (a system's download holds one a student); no deeper."""
LONGEST_PATH = 300
_LINK = "is a link; it is not followed"
_ARCHIVES = (*(".zip", ".tar", ".tar.gz", ".tgz", ".tar.xz", ".txz", ".tar.bz2", ".tbz2", ".tbz"),)
_OTHER_ARCHIVES = (".rar", ".7z", ".zipx", ".tar.zst", ".tzst")
_WANTED = (".py", ".ipynb", ".py.txt", ".ipynb.txt", ".ipynb.json")  # as browsers save them, too
_PROSE = re.compile(r".*answers[^/]*\.md", re.IGNORECASE)
_RUBBISH = frozenset(
    {
        *("__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini", ".git", ".idea", ".vscode"),
        *("__pycache__", ".ipynb_checkpoints", ".hypothesis", ".mypy_cache", ".pytest_cache"),
        *(".ruff_cache", ".venv", "site-packages", "node_modules"),
    }
)
"""What systems, editors and installers leave behind, and no student has written."""


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
    """Something that could not be taken: where, and why.

    `place` is a path below it, where it is a folder or an archive of which nothing is known: it
    says whose that is.
    """

    origin: str
    what: str
    place: tuple[str, ...] = ()


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
                yield from _in_archive(opened, place.name, _Within((), 1, room, timed=True))
    else:
        raise NotFoundError(
            f"there is no folder and no archive at {place}",
            advice="Give a folder, a .zip or a .tar with a folder, an archive or a notebook for "
            "each student.",
        )


def _in_folder(folder: Path, room: _Room) -> Iterator[Found]:
    """The files below a folder: those in it first, then folder by folder, each in order."""
    waiting: list[tuple[str, ...]] = [()]
    seen = _Seen()
    while waiting:
        inner = waiting.pop()
        top = inner[0] if inner else ""
        left = room.files(top)
        if left < 0:
            continue
        shown = tuple(map(_readable, inner))
        where = "/".join(shown)[:LONGEST_PATH] or str(folder)
        seen.folder(shown)
        try:
            with os.scandir(folder.joinpath(*inner)) as found:
                entries = sorted(islice(found, left + 1), key=lambda entry: entry.name)
        except OSError as error:
            seen.file((*shown, ""))
            why = f"is a folder that cannot be read: {error.strerror}"
            yield Trouble(where, why, (*shown, "") if shown else ())
            continue
        below = []
        for entry in entries[:left]:
            if entry.name in _RUBBISH:
                continue
            if not entry.is_dir(follow_symlinks=False):
                seen.file((*shown, _readable(entry.name)))
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
    yield from seen.empty()


class _Seen:
    """What lies at the top of a class: a folder in which nothing does is somebody's, too."""

    def __init__(self) -> None:
        self._folders: set[tuple[str, ...]] = set()
        self._held: set[tuple[str, ...]] = set()

    def folder(self, parts: tuple[str, ...]) -> None:
        """There is a folder."""
        if 0 < len(parts) <= _TOPS and _RUBBISH.isdisjoint(parts):
            self._folders.add(parts)

    def file(self, parts: tuple[str, ...]) -> None:
        """There is a file, or whatever is no folder."""
        if _RUBBISH.isdisjoint(parts) and not parts[-1].startswith("._"):
            self._held.update(parts[:n] for n in range(1, min(len(parts), _TOPS + 1)))

    def empty(self) -> Iterator[Trouble]:
        """The folders that are empty, also in the only one that there is."""
        alone = len({parts[0] for parts in self._folders | self._held}) == 1
        for parts in sorted(self._folders - self._held):
            if len(parts) == 1 or alone:
                yield Trouble("/".join(parts)[:LONGEST_PATH], _EMPTY, (*parts, ""))


_TOPS = 2
_EMPTY = "is empty"


def _readable(name: str) -> str:
    """A name of a file system as text."""
    return name_of(os.fsencode(name))


def _file(path: Path, parts: tuple[str, ...], room: _Room) -> Iterator[Found]:
    name, top = parts[-1], parts[0]
    if name in _RUBBISH or name.startswith("._"):
        return
    where = "/".join(parts)
    if _is_archive(name):
        data = _read_whole(path)
        if isinstance(data, Trouble):
            yield Trouble(where, data.what, (*parts[:-1], _without_suffix(name), ""))
            return
        before = (*parts[:-1], _without_suffix(name))
        yield from _in_archive(BytesIO(data), name, _Within(before, 1, room))
    elif _is_wanted(parts):
        read = _read_whole(path, min(_most(parts), room.kept(top)))
        if isinstance(read, Trouble):
            yield Trouble(where, read.what)
        else:
            room.kept(top, len(read))
            yield Member(parts, read)
    elif name.lower().endswith(_OTHER_ARCHIVES):
        yield _of_another_kind(where, parts)
    else:
        yield Other(where)


def _of_another_kind(where: str, parts: tuple[str, ...]) -> Trouble:
    name = PurePosixPath(parts[-1])
    return Trouble(
        where,
        f"is an archive of a kind that is not read ({name.suffix}); pack it as a zip",
        (*parts[:-1], name.stem, ""),
    )


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


class _Within(NamedTuple):
    """The archive in which an entry lies.

    Args:
        before: where its files count as lying.
        depth: how many archives it lies in, with itself.
        room: what each student's place may still hold.
        timed: whether it is the class': its own times count.
        at: the time of each file otherwise.
    """

    before: tuple[str, ...]
    depth: int
    room: _Room
    timed: bool = False
    at: str = ""

    def shown(self, path: str) -> str:
        """Where an entry lies, as a summary says it."""
        return "/".join((*self.before, path))[:LONGEST_PATH]


def _in_archive(file: IO[bytes], name: str, within: _Within) -> Iterator[Found]:
    """The files of an archive.

    Args:
        file: its bytes.
        name: its name, whose end says what it is.
        within: where it lies.
    """
    before, room = within.before, within.room
    most = MOST_IN_ARCHIVE if before else MOST_IN_CLASS
    place = (*before, "") if before else ()
    seen, held = _Seen(), False
    try:
        for entry in entries(file, name, most, partial(room.work, before[0]) if before else None):
            parts = _parts(entry.path)
            if entry.kind == FOLDER:
                seen.folder(parts or ())
                continue
            held = True
            seen.file(parts or ("",))
            yield from _of_entry(entry, within)
    except Exception as error:  # zlib, bz2 and lzma have errors of their own
        yield Trouble("/".join(before) or name, f"is {what_is_wrong(error)}", place)
        return
    if not before:
        yield from seen.empty()
    elif not held:
        yield Trouble("/".join(before)[:LONGEST_PATH], _EMPTY, place)


def _of_entry(entry: Entry, within: _Within) -> Iterator[Found]:
    """What an entry of an archive holds."""
    before, depth, room, timed, at = within
    shown = within.shown(entry.path)
    parts = _parts(entry.path)
    if parts is not None and (not _RUBBISH.isdisjoint(parts) or parts[-1].startswith("._")):
        return
    top = (*before, *(parts or (entry.path,)))[0]
    left = room.files(top, 1)
    if left < 0:
        if left == -1:
            much = f"holds more than {MOST_FILES:,} files; the rest is left"
            yield Trouble(top[:LONGEST_PATH], much)
        return
    why = _why_left_out(entry, parts)
    if why or parts is None:
        yield Trouble(shown, why)
        return
    last = parts[-1]
    nested = _is_archive(last)
    if last.lower().endswith(_OTHER_ARCHIVES):
        yield _of_another_kind(shown, (*before, *parts))
        return
    if not nested and not _is_wanted((*before, *parts)):
        yield Other("/".join((*before, entry.path)))
        return
    if nested and depth >= DEEPEST:
        yield Trouble(shown, "is an archive in an archive in an archive; it is left")
        return
    read = _most((*before, *parts))
    most = min(MOST_ARCHIVE, room.work(top)) if nested else min(read, room.kept(top))
    if entry.size > most:
        yield Trouble(shown, f"has {entry.size:,} bytes; at most {most:,} are read")
        return
    try:
        with entry.opened() as file:
            content = file.read(most + 1)
    except Exception as error:  # of zlib, bz2 and lzma too; the next entry may be whole
        yield Trouble(shown, f"cannot be read: {type(error).__name__}")
        return
    (room.work if nested else room.kept)(top, len(content))
    time = entry.changed() if timed else at
    if len(content) > most:
        yield Trouble(shown, f"has more bytes than it says; at most {most:,} are read")
    elif nested:
        inner = (*before, *parts[:-1], _without_suffix(last))
        yield from _in_archive(BytesIO(content), last, _Within(inner, depth + 1, room, at=time))
    else:
        yield Member((*before, *parts), content, time)


def _why_left_out(entry: Entry, parts: tuple[str, ...] | None) -> str:
    """Why an entry is not even looked at; empty if it is."""
    if parts is None:
        return "would lie outside of its archive; it is left out"
    if max(map(len, parts)) > LONGEST_NAME:
        return "has a name that is too long; it is left out"
    return f"is {entry.kind}; it is left out" if entry.kind else ""


def _parts(path: str) -> tuple[str, ...] | None:
    """A path's parts; None where it would lead out of the archive."""
    plain = path.replace("\\", "/")
    if plain.startswith("/") or (len(plain) > 1 and plain[1] == ":"):
        return None
    parts = tuple(part for part in plain.split("/") if part not in ("", "."))
    return None if ".." in parts or not parts else parts


def _most(parts: tuple[str, ...]) -> int:
    """How many bytes of a file are read; a larger one is named and not read."""
    if _is_of_gradescope(parts):
        return gradescope.MOST_BYTES
    return MAX_NOTEBOOK_BYTES if ".ipynb" in parts[-1].lower() else MOST_BYTES


def _is_wanted(parts: tuple[str, ...]) -> bool:
    name = parts[-1]
    return (
        name.lower().endswith(_WANTED)
        or _PROSE.fullmatch(name) is not None
        or _is_of_gradescope(parts)
    )


def _is_of_gradescope(parts: tuple[str, ...]) -> bool:
    """Whether it may say whose the submissions are, which it does beside their folders."""
    return parts[-1] == gradescope.FILE and len(parts) <= 2


def _is_archive(name: str) -> bool:
    return name.lower().endswith(_ARCHIVES)


def _without_suffix(name: str) -> str:
    ending = next(
        (one for one in sorted(_ARCHIVES, key=len)[::-1] if name.lower().endswith(one)), ""
    )
    return name[: len(name) - len(ending)]
