# /// attack
# row = 30
# expect = ["FAILED", "CRASHED"]
# proof = "calls refused"
# never = ["CALL-WORKED"]
# invariant = "calls that no submission needs are refused"
# ///
"""mount, unshare, setns, ptrace, bpf, io_uring, userfaultfd, keyctl, perf_event_open and their kin, by their numbers."""

import ctypes
import os
import platform

libc = ctypes.CDLL(None, use_errno=True)
# x86_64; elsewhere the numbers of what both have
CALLS = {
    "ptrace": (101, 0, 0, 0, 0), "mount": (165, b"none", b"/tmp", b"tmpfs", 0, None), "umount2": (166, b"/tmp", 2),
    "pivot_root": (155, b"/tmp", b"/tmp"), "chroot": (161, b"/tmp"), "unshare user": (272, 0x10000000), "unshare all": (272, 0x7E020000),
    "setns": (308, 3, 0), "bpf": (321, 0, ctypes.create_string_buffer(72), 72), "io_uring_setup": (425, 8, ctypes.create_string_buffer(120)),
    "userfaultfd": (323, 0), "userfaultfd user": (323, 1), "keyctl": (250, 0, -3, 1), "add_key": (248, b"user", b"k", b"v", 1, -2),
    "perf_event_open": (298, ctypes.create_string_buffer(120), 0, -1, -1, 0), "kcmp": (312, os.getpid(), os.getpid(), 0, 0, 0),
    "fsopen": (430, b"tmpfs", 0), "open_tree": (428, -100, b"/tmp", 1), "move_mount": (429, -100, b"/", -100, b"/tmp", 0),
    "init_module": (175, b"", 0, b""), "kexec_load": (246, 0, 0, None, 0), "reboot": (169, 0xFEE1DEAD, 672274793, 0, None),
    "swapon": (167, b"/tmp/x", 0), "acct": (163, None), "personality": (135, 0x0040000), "sethostname": (170, b"x", 1),
    "name_to_handle_at": (303, -100, b"/tmp", ctypes.create_string_buffer(b"\x80", 140), ctypes.byref(ctypes.c_int()), 0), "syslog": (103, 3, ctypes.create_string_buffer(64), 64),
    "fanotify_init": (300, 0, 0), "process_vm_readv": (310, 1, 0, 0, 0, 0, 0), "iopl": (172, 3), "clone user": (56, 0x10000000 | 17, 0, 0, 0, 0),
    "clone3 user": (435, (ctypes.c_uint64 * 11)(0x10000000, 0, 0, 0, 17), 88), "memfd_secret": (447, 0), "landlock": (-1,),
}


def lstm_cell(*arguments):
    refused = 0
    if platform.machine() == "x86_64":
        for name, call in CALLS.items():
            got = libc.syscall(*call)
            if got == 0 and name.startswith("clone"):
                os._exit(0)
            if got >= 0:
                print("CALL-WORKED", name, got)
            refused += got < 0
    print("calls refused", refused)
