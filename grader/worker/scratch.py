"""Scratch space of a worker that has no file system of its own.

It is bounded, and removed whatever is in it.
"""

import contextlib
import errno
import os
import stat

MAX_FILES = 1024
"""As many as a private file system has room for."""


_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


def overfull(folder: str, *, max_bytes: int, holder: int | None = None) -> bool:
    """Whether a folder holds more files or bytes than allowed; looks no further than that.

    Folders are opened one in the other: a path may be longer than one that can be opened, and a
    name may become a link while it is looked at. Folders that cannot be listed are made so.

    Args:
        folder: where to look.
        max_bytes: how much may be in it.
        holder: a process whose deleted files count too, as long as it keeps them open.
    """
    files, size = 0, 0 if holder is None else _deleted_bytes(holder)
    waiting = [os.open(folder, _FOLDER)]
    try:
        while waiting:
            opened = waiting.pop()
            try:
                with os.scandir(opened) as entries:
                    for entry in entries:
                        files += 1
                        with contextlib.suppress(FileNotFoundError):
                            status = entry.stat(follow_symlinks=False)
                            size += status.st_blocks * 512
                            if stat.S_ISDIR(status.st_mode):
                                waiting += _inner(entry.name, opened)
                        if files > MAX_FILES or size > max_bytes:
                            return True
            finally:
                os.close(opened)
    except OSError as error:
        return error.errno == errno.EMFILE  # more folders than can be open at once
    finally:
        for opened in waiting:
            os.close(opened)
    return size > max_bytes


def _inner(name: str, folder: int) -> list[int]:
    """A folder in an open folder, opened for listing; none if it is a folder no longer."""
    try:
        found = os.open(name, os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)
    except FileNotFoundError:
        return []
    try:
        if not stat.S_ISDIR(os.fstat(found).st_mode):
            return []
        with contextlib.suppress(OSError):
            os.chmod(f"/proc/self/fd/{found}", 0o700)
        return [os.open(".", _FOLDER, dir_fd=found)]
    except (FileNotFoundError, PermissionError):
        return []
    finally:
        os.close(found)


def _deleted_bytes(process: int) -> int:
    """What the files hold that a process has open and that have no name any more."""
    size = 0
    folder = f"/proc/{process}/fd"
    with contextlib.suppress(OSError):
        for number in os.listdir(folder):
            with contextlib.suppress(OSError):
                status = os.stat(f"{folder}/{number}")
                if stat.S_ISREG(status.st_mode) and status.st_nlink == 0:
                    size += status.st_blocks * 512
    return size


def remove(folder: str) -> None:
    """Remove a folder and all in it, however deep it is and whatever rights its folders have.

    Folders are moved up before they are emptied, so that no path grows longer than two names.
    """
    number = 0
    while True:
        folders = []
        with contextlib.suppress(OSError):
            os.chmod(folder, 0o700)
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        folders.append(entry.path)
                    else:
                        os.unlink(entry.path)
        except OSError:
            return
        if not folders:
            break
        for inner in folders:
            with contextlib.suppress(OSError):
                os.chmod(inner, 0o700)
                with os.scandir(inner) as entries:
                    for entry in entries:
                        if entry.is_dir(follow_symlinks=False):
                            number += 1
                            os.chmod(entry.path, 0o700)  # a folder without rights cannot be moved
                            os.rename(entry.path, os.path.join(folder, f"..{number}"))
                        else:
                            os.unlink(entry.path)
                os.rmdir(inner)
    with contextlib.suppress(OSError):
        os.rmdir(folder)
