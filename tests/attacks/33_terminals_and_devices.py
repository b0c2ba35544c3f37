# /// attack
# row = 33
# expect = ["FAILED"]
# proof = "devices tried"
# never = ["OPENED"]
# invariant = "no terminal and no device but null, zero, full, random and urandom can be opened"
# ///
"""Opens every device that there is, takes a controlling terminal, and types into it (TIOCSTI)."""

import fcntl
import os
import stat
import termios

KNOWN = ["kmsg", "mem", "kmem", "port", "sda", "vda", "nvme0n1", "loop0", "kvm", "fuse", "net/tun", "console", "tty0", "tty1", "ttyS0", "pts/0", "pts/1", "hpet", "input/event0", "dri/card0", "nvidia0", "userfaultfd", "uinput", "vhost-net", "vsock", "snapshot", "watchdog"]
HARMLESS = {"null", "zero", "full", "random", "urandom", "tty", "ptmx"}


def lstm_cell(*arguments):
    seen = set(KNOWN)
    for folder, _, names in os.walk("/dev"):
        seen.update(os.path.relpath(os.path.join(folder, name), "/dev") for name in names)
    for name in sorted(seen - HARMLESS):
        path = os.path.join("/dev", name)
        try:
            mode = os.stat(path).st_mode
            if stat.S_ISCHR(mode) or stat.S_ISBLK(mode):
                for flags in (os.O_RDONLY, os.O_WRONLY, os.O_RDWR):
                    os.close(os.open(path, flags | os.O_NONBLOCK | os.O_NOCTTY))
                    print("OPENED", path, flush=True)
        except OSError:
            continue
    for descriptor in range(8):
        try:
            fcntl.ioctl(descriptor, termios.TIOCSCTTY, 1)
            fcntl.ioctl(descriptor, termios.TIOCSTI, b"k")
            print("OPENED a terminal", descriptor, flush=True)
        except OSError:
            continue
    try:
        fcntl.ioctl(os.open("/dev/tty", os.O_RDWR), termios.TIOCSTI, b"k")
        print("OPENED the terminal", flush=True)
    except OSError:
        pass
    print("devices tried", flush=True)
