"""Scratch space of a worker that has no file system of its own.

It is bounded, and removed whatever is in it.
"""

import contextlib
import os
import stat

MAX_FILES = 1024
"""As many as a private file system has room for."""


def overfull(folder: str, *, max_bytes: int) -> bool:
    """Whether a folder holds more files or bytes than allowed; looks no further than that."""
    files = size = 0
    waiting = [folder]
    while waiting:
        try:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    files += 1
                    with contextlib.suppress(OSError):
                        status = entry.stat(follow_symlinks=False)
                        size += status.st_blocks * 512
                        if stat.S_ISDIR(status.st_mode):
                            waiting.append(entry.path)
                    if files > MAX_FILES or size > max_bytes:
                        return True
        except OSError:
            continue  # without rights, or gone again
    return False


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
