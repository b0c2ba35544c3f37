# /// attack
# row = 32
# expect = ["FAILED"]
# proof = "metadata tried"
# invariant = "no right, owner, time or attribute of a file that is not its own is changed"
# ///
"""chmod, chown, utime and setxattr on everybody's files, by path, by descriptor and without following links."""

import os

PLACES = [*"@PATHS@".split(":"), "@ARENA@", "@SOCKET@", "/etc/passwd", "..", "../..", "/tmp", "/dev/null", "/", "/judge"]


def tried(act, *arguments, **options):
    try:
        act(*arguments, **options)
    except (OSError, NotImplementedError, ValueError):
        pass


def lstm_cell(*arguments):
    for path in PLACES:
        tried(os.chmod, path, 0)
        tried(os.chown, path, 65534, 65534)
        tried(os.chown, path, os.getuid(), os.getgid())
        tried(os.lchown, path, 65534, 65534)
        tried(os.utime, path, (0, 0))
        tried(os.utime, path, (0, 0), follow_symlinks=False)
        tried(os.setxattr, path, "user.katas", b"1")
        tried(os.removexattr, path, "user.katas")
        for flags in (os.O_RDONLY, os.O_PATH):
            try:
                descriptor = os.open(path, flags)
            except OSError:
                continue
            tried(os.fchmod, descriptor, 0)
            tried(os.fchown, descriptor, 65534, 65534)
            tried(os.utime, descriptor, (0, 0))
            tried(os.setxattr, descriptor, "user.katas", b"1")
            os.close(descriptor)
    print("metadata tried", flush=True)
