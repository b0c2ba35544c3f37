"""What a course's own sources answer, kept in the user's cache for the judges that come later.

A first wrong answer is held against up to two hundred misconceptions, and the judge of each command
and each job would have to ask them anew. They answer as long as nothing that they depend on
changes: the kata, its solutions, the grader, the libraries, the processor. All of that is in the
name of the file.

It only saves time: what cannot be read, or written, is asked. No submission comes to it, since it
is used only behind full isolation. Nothing of hidden checks or of a seed goes into it.
"""

import hashlib
import os
import platform
import sqlite3
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import numpy as np
import torch
from msgspec.msgpack import Ext
from platformdirs import user_cache_path

import grader
from grader.course.kata import Kata
from grader.data.files import digest_of_folders
from grader.judge.transcript import Held, Numbers, Said

Kind = TypeVar("Kind")

LIBRARIES = ("torch", "numpy", "hypothesis", "msgspec")
"""On which it depends what is drawn and answered."""
MAX_ENTRY_BYTES = 1 << 24
WAIT_S = 0.5
"""For another process that writes. After that, nothing more is read or kept."""
_DTYPES = {str(one)[6:]: one for one in vars(torch).values() if isinstance(one, torch.dtype)}
_TUPLE, _SAID, _NUMBERS, _ARRAY, _HELD = range(1, 6)


def cache_folder() -> Path:
    """The user's folder for what can be made again; `XDG_CACHE_HOME` decides on every system."""
    named = os.environ.get("XDG_CACHE_HOME")
    if named:
        return Path(named) / "tensor-katas"
    return user_cache_path("tensor-katas", appauthor=False)


class Keeping:
    """A table on disk: by name, what a kata's own sources answered.

    Args:
        kata: whose they are. What was kept of another state of it is removed.
        folder: gives the folder of the file, or None where nothing is to be kept. It is asked when
            the first thing is looked for.
    """

    def __init__(self, kata: Kata, folder: Callable[[], Path | None]) -> None:
        self._kata = kata
        self._folder = folder
        self._gone = False

    def find(self, name: str, kind: type[Kind]) -> Kind | None:
        """What is kept under a name; None for nothing, and for what is not of the kind."""
        found = "SELECT data FROM kept WHERE name = ? AND length(data) <= ?"
        rows = self._done(found, name, MAX_ENTRY_BYTES)
        try:
            return msgspec.convert(_unpacked(rows[0][0]), kind) if rows else None
        except Exception:  # what is in the file may be anything
            return None

    def keep(self, name: str, value: Any) -> None:
        """Keep something under a name, in place of what was there.

        What is not made of plain values and NumPy's arrays alone is left out.
        """
        if self._table is None:
            return
        try:
            data = msgspec.msgpack.encode(_packed(value))
        except (TypeError, ValueError, OverflowError, RecursionError):
            return
        if len(data) <= MAX_ENTRY_BYTES:
            self._done("INSERT OR REPLACE INTO kept VALUES (?, ?)", name, data)

    def close(self) -> None:
        """Close the file; nothing is found or kept from now on."""
        self._gone = True
        if (table := self.__dict__.get("_table")) is not None:
            with suppress(sqlite3.Error):
                table.close()

    def _done(self, statement: str, *values: str | bytes | int) -> list[Any]:
        table = None if self._gone else self._table
        if table is not None:
            try:
                return table.execute(statement, values).fetchall()
            except sqlite3.Error:  # the disk is full, another process writes and writes, ...
                self.close()
        return []

    @cached_property
    def _table(self) -> sqlite3.Connection | None:
        folder = self._folder()
        if folder is None:
            return None
        stem = self._kata.name.replace("/", "-")
        path = folder / f"{stem}.{_state_of(self._kata)}.sqlite"
        try:
            if not path.is_file():
                folder.mkdir(parents=True, exist_ok=True, mode=0o700)
                for old in folder.glob(f"{stem}.*"):
                    old.unlink(missing_ok=True)
                os.close(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_NOFOLLOW, 0o600))
            table = sqlite3.connect(path, timeout=WAIT_S, isolation_level=None)
            table.execute("PRAGMA journal_mode = WAL")
            table.execute("PRAGMA synchronous = OFF")  # what a power cut takes is asked again
            table.execute(
                "CREATE TABLE IF NOT EXISTS kept (name TEXT PRIMARY KEY, data BLOB) WITHOUT ROWID"
            )
        except (OSError, sqlite3.Error):
            return None
        return table


def _state_of(kata: Kata) -> str:
    """A name for all that an answer depends on."""
    parts = (
        digest_of_folders([kata.folder, kata.solutions]),
        digest_of_folders([Path(grader.__file__).parent], "*.py"),
        *(f"{name} {version(name)}" for name in LIBRARIES),
        sys.version,
        platform.machine(),
        torch.backends.cpu.get_cpu_capability(),
    )
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]


def _packed(value: Any) -> Any:
    """A tree as MessagePack carries it.

    Raises:
        TypeError: it holds something else than what is named here.
    """
    kind = type(value)
    if value is None or kind in (bool, int, float, str, bytes):
        return value
    if kind is list:
        return [*map(_packed, value)]
    if kind is dict:
        return {_packed(key): _packed(item) for key, item in value.items()}
    if kind is tuple:
        return _ext(_TUPLE, [*map(_packed, value)])
    if kind is Said:
        return _ext(_SAID, [value.kind, _packed(value.values), value.rounding, value.asked])
    if kind is Numbers:
        return _ext(_NUMBERS, [str(value.dtype)[6:], value.tracked, _packed(value.array)])
    if kind is np.ndarray and not value.dtype.hasobject:
        return _ext(_ARRAY, [value.dtype.str, value.shape, value.tobytes()])
    if kind is Held:
        return _ext(_HELD, None)
    raise TypeError(kind)


def _ext(code: int, parts: Any) -> Ext:
    return Ext(code, msgspec.msgpack.encode(parts))


def _unpacked(data: bytes | memoryview) -> Any:
    return _DECODER.decode(data)


def _rebuilt(code: int, data: memoryview) -> Any:
    parts = _unpacked(data)
    if code == _TUPLE:
        return tuple(parts)
    if code == _SAID:
        return Said(*msgspec.convert(parts, tuple[str, Any, float, str]))
    if code == _NUMBERS:
        name, tracked, array = msgspec.convert(parts, tuple[str, bool, np.ndarray])
        return Numbers(_DTYPES[name], tracked, array)
    if code == _ARRAY:
        dtype, shape, numbers = parts
        return np.frombuffer(numbers, dtype).reshape(shape)
    if code == _HELD:
        return Held()
    raise ValueError(code)


_DECODER = msgspec.msgpack.Decoder(ext_hook=_rebuilt)
