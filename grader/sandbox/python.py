"""Where Python and its libraries are, and what a worker may see of them."""

import importlib.util
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from grader.errors import SandboxError
from grader.sandbox import gpu

PACKAGE = Path(__file__).parents[1]
"""This package's folder."""

NOBODY = 65534
_DEVICES = ("/dev/null", "/dev/zero", "/dev/urandom")
SYSTEM_LIBRARIES = ("/usr/lib", "/usr/lib64", "/lib", "/lib64", "/usr/lib32", "/lib32")


def python_path() -> list[str]:
    """The folders that hold torch, NumPy and msgspec, found without importing them."""
    found: dict[str, None] = {}
    for name in ("torch", "numpy", "msgspec"):
        spec = importlib.util.find_spec(name)
        if spec is None or spec.origin is None:
            raise SandboxError(
                f"{name} is not installed", advice="Install tensor-katas with its dependencies."
            )
        found[str(Path(spec.origin).parent.parent)] = None
    return list(found)


def below_tmp() -> tuple[str, ...]:
    """What of Python lies below /tmp, where a worker gets a file system of its own."""
    mounted = [os.path.realpath(path) for path in (sys.base_prefix, *python_path())]
    return tuple(path for path in dict.fromkeys(mounted) if Path(path).is_relative_to("/tmp"))


def ordinary_user() -> int | None:
    """Whom a worker of root's can be without bubblewrap: nobody, if they can reach Python."""
    if os.geteuid() != 0:
        return None
    for path in map(os.path.realpath, (sys.base_prefix, *python_path())):
        inside = os.stat(path).st_mode & 0o005 == 0o005
        if not inside or not all(os.stat(p).st_mode & 0o001 for p in Path(path).parents):
            return None
    return NOBODY


def readable(hidden: tuple[Path, ...], *, with_gpu: bool = False) -> tuple[str, ...]:
    """What a worker may read where Landlock is the only fence: libraries and Python, less ours.

    With a GPU that is its driver too, and what that reads of /proc and /sys.

    A rule of Landlock's covers all below a folder, so a folder that holds something hidden is given
    by its entries.
    """
    found = [PACKAGE, *hidden, *(Path(folder, "grader") for folder in python_path())]
    secret = [path.resolve() for path in found]
    shown = [*_DEVICES, "/etc/ld.so.cache"]
    if with_gpu:
        shown += [*gpu.PROC, gpu.SYS, *gpu.driver_folders()]
    for folder in (*SYSTEM_LIBRARIES, sys.base_prefix, *python_path()):
        shown += _around(Path(os.path.realpath(folder)), secret)
    return tuple(dict.fromkeys(shown))


def _around(path: Path, secret: Sequence[Path]) -> Iterator[str]:
    """A path, or those of its entries that are not secret and hold nothing that is."""
    if path in secret:
        return
    if not any(hidden.is_relative_to(path) for hidden in secret):
        yield str(path)
        return
    try:
        with os.scandir(path) as entries:
            inside = [Path(entry.path) for entry in entries]
    except OSError:
        return
    for entry in inside:
        if entry.resolve() not in secret:  # a link to what is secret too
            yield from _around(entry, secret)
