"""Keeps a library's code from being run anew: reloaded, or loaded from its file by another name.

What the guard has replaced in a module stands again in a fresh copy of that module. Python tells an
audit hook of whatever is executed, and a hook cannot be taken off. Reading a file is free: a
traceback shows lines of torch's too. Compiled code is not loaded from where a submission writes:
it could only be a copy.
"""

import contextlib
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from types import CodeType
from typing import TypeAlias

_CODE = {
    "exec": 0,
    "function.__new__": 0,
    "object.__setattr__": 2,  # of a function's code, among few others
    "import": 1,  # of an extension: it comes with its file
    "ctypes.dlopen": 0,
}
"""For each event that tells of code, which argument that is: the code itself, or its file."""
_COMPILED = ("import", "ctypes.dlopen")

FirstRun: TypeAlias = Callable[[], AbstractContextManager[None]]
"""Makes a block in which such a file may run: its import, after which the guard sees to it."""


def refuse(
    files: Mapping[str, str], packages: Sequence[str], stop: Callable[[str], Callable[[], object]]
) -> FirstRun:
    """From here on, stop code of these files and packages before it runs.

    Args:
        files: paths of files in Python, each with the name of what is forbidden in it.
        packages: names of packages, wherever Python looks for packages.
        stop: makes the function that stops something, by its name.

    Returns:
        What makes a block in which the files may run; the packages never may.
    """
    here = os.getcwd()
    names = {os.path.basename(path) for path in files}
    places = [entry for entry in sys.path if os.path.isabs(entry)]
    inside = tuple(
        (os.path.join(entry, package), package) for entry in places for package in packages
    )
    own = (f"{os.path.dirname(here)}/", "/dev/shm/")
    theirs = tuple(f"{os.path.normpath(entry)}/" for entry in places)
    allowed: list[bool] = []

    def forbidden_in(path: str) -> str | None:
        """What is forbidden in a file, if anything is."""
        path = os.path.normpath(os.path.join(here, path))
        for start, package in inside:
            if path.startswith((f"{start}/", f"{start}.")):
                return package
        if os.path.basename(path) not in names or allowed:
            return None
        return files.get(path) or files.get(os.path.realpath(path))

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        place = _CODE.get(event)
        if place is None:
            return
        code = arguments[place]
        path = code.co_filename if isinstance(code, CodeType) else code
        if not isinstance(path, str):
            return
        name = forbidden_in(path)
        if name is not None:
            stop(name)()
        if event not in _COMPILED or os.sep not in path:  # a bare name is the system's library
            return
        path = os.path.normpath(os.path.join(here, path))
        if path.startswith(own) and not path.startswith(theirs):
            raise ImportError("compiled code is not loaded from where a submission can write")

    @contextlib.contextmanager
    def first_run() -> Iterator[None]:
        allowed.append(True)
        try:
            yield
        finally:
            allowed.pop()

    if files or packages:
        sys.addaudithook(hook)
    return first_run
