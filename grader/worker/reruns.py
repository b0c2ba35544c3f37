"""Keeps a library's code from being run anew: reloaded, or loaded from its file by another name.

What the guard has replaced in a module stands again in a fresh copy of that module. Python tells an
audit hook of whatever is executed, and a hook cannot be taken off. Reading a file is free: a
traceback shows lines of torch's too.
"""

import contextlib
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from types import CodeType
from typing import TypeAlias

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
    inside = tuple(
        (os.path.join(entry, package), package)
        for entry in sys.path
        if os.path.isabs(entry)
        for package in packages
    )
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
        if event in ("exec", "function.__new__") and isinstance(arguments[0], CodeType):
            path: object = arguments[0].co_filename
        elif event == "import":  # of an extension: it comes with its file
            path = arguments[1]
        elif event == "ctypes.dlopen":
            path = arguments[0]
        else:
            return
        name = forbidden_in(path) if isinstance(path, str) else None
        if name is not None:
            stop(name)()

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
