"""Which courses of their own a user has named, on this machine.

A course's checks run with the rights of whoever grades. A workspace says which course it belongs
to, and a workspace can be handed in by a stranger. So the course that it names is opened only if
the user has named it, too: with `kata init DIR --course DIR`.
"""

import contextlib
import os
from pathlib import Path

import msgspec

from grader.data.files import from_json, read_file, write_whole
from grader.errors import DataError

FILE = "courses.json"
MOST_BYTES = 1 << 20


def state_folder() -> Path:
    """The user's folder for what programs remember; `XDG_STATE_HOME` decides on every system."""
    from platformdirs import user_state_path

    named = os.environ.get("XDG_STATE_HOME")
    if named:
        return Path(named) / "tensor-katas"
    return user_state_path("tensor-katas", appauthor=False)


def is_trusted(root: Path) -> bool:
    """Whether the user has named the course at this folder."""
    return os.path.realpath(root) in _named()


def trust(root: Path) -> None:
    """Remember a course that the user has named; where that cannot be kept, it is named anew."""
    named = _named()
    here = os.path.realpath(root)
    if here in named:
        return
    path = state_folder() / FILE
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        data = msgspec.json.encode([*named, os.fsencode(here).decode("utf-8", "replace")])
        write_whole(path, data, mode=0o600)


def _named() -> list[str]:
    with contextlib.suppress(DataError, msgspec.MsgspecError):
        data = read_file(state_folder() / FILE, most=MOST_BYTES)
        return from_json(data, list[str])
    return []
