"""System calls that are denied to a worker."""

import contextlib
import ctypes

# Calls that no submission needs, and that reach into the kernel or into other processes.
# fmt: off
DENIED_CALLS = (
    "execve", "execveat", "fork", "vfork", "socket", "memfd_create", "memfd_secret", "shmget",
    "shmat", "msgget", "semget", "ptrace", "process_vm_readv", "process_vm_writev", "kcmp",
    "pidfd_getfd", "mount", "umount2", "pivot_root", "chroot", "fsopen", "fsmount", "fsconfig",
    "fspick", "open_tree", "move_mount", "mount_setattr", "unshare", "setns", "bpf",
    "io_uring_setup", "io_uring_enter", "io_uring_register", "userfaultfd", "keyctl", "add_key",
    "request_key", "perf_event_open", "fanotify_init", "init_module", "finit_module",
    "delete_module", "kexec_load", "kexec_file_load", "reboot", "swapon", "swapoff", "acct",
    "quotactl", "open_by_handle_at", "name_to_handle_at", "personality", "lookup_dcookie",
    "iopl", "ioperm", "settimeofday", "clock_settime", "adjtimex", "clock_adjtime", "syslog",
    "vhangup", "sethostname", "setdomainname", "nfsservctl", "mbind", "migrate_pages",
    "move_pages", "set_mempolicy",
)
# fmt: on


# What namespaces would keep apart: without them, these reach the files and the processes of others.
# Landlock knows no right for any of them. A message with control data can hold open files, where
# nobody counts what they take.
# fmt: off
DENIED_WITHOUT_NAMESPACES = (
    "chmod", "fchmod", "fchmodat", "fchmodat2", "chown", "fchown", "lchown", "fchownat",
    "utime", "utimes", "futimesat", "utimensat", "setxattr", "lsetxattr", "fsetxattr",
    "setxattrat", "removexattr", "lremovexattr", "fremovexattr", "removexattrat",
    "setpriority", "ioprio_set", "sched_setaffinity", "sched_setscheduler", "sched_setparam",
    "sched_setattr", "connect", "bind", "listen", "accept", "accept4", "mq_open", "mq_unlink",
    "mq_timedsend", "mq_timedreceive", "mq_notify", "mq_getsetattr", "process_madvise",
    "process_mrelease", "pidfd_open", "pidfd_send_signal", "sendmsg", "sendmmsg",
)
# fmt: on
NEWER_CALLS = range(450, 512)
"""Calls that kernels have since Linux 6.0, the same number on every architecture.

libseccomp knows only the names of its own time, and the newest calls are often old ones in a new
form (`fchmodat2`, `setxattrat`, `file_setattr`). What runs here needs none of them: libraries ask
whether they exist, and are told that they do not.
"""
_SOCK_TYPE_MASK, _SOCK_STREAM = 0xF, 1
_CLONE_NEW_ANY = 0x7E020080  # every CLONE_NEW* flag that clone(2) takes
_CLONE_THREAD = 0x10000
_libseccomp: ctypes.CDLL | None = None


def load_libseccomp() -> ctypes.CDLL | None:
    """libseccomp, loaded once in the zygote: a worker no longer sees where libraries live."""
    global _libseccomp
    if _libseccomp is None:
        with contextlib.suppress(OSError):
            library = ctypes.CDLL("libseccomp.so.2")
            library.seccomp_init.restype = ctypes.c_void_p
            library.seccomp_load.argtypes = [ctypes.c_void_p]
            library.seccomp_rule_add_array.argtypes = [
                ctypes.c_void_p,
                ctypes.c_uint32,
                ctypes.c_int,
                ctypes.c_uint,
                ctypes.c_void_p,
            ]
            _libseccomp = library
    return _libseccomp


class _ArgCompare(ctypes.Structure):
    _fields_ = (
        ("arg", ctypes.c_uint),
        ("op", ctypes.c_int),
        ("a", ctypes.c_uint64),
        ("b", ctypes.c_uint64),
    )


def deny_system_calls(*, namespaces: bool) -> bool:
    """Deny calls with EPERM: `DENIED_CALLS`, and new processes and namespaces.

    `NEWER_CALLS` do not exist (ENOSYS).

    Args:
        namespaces: the worker has namespaces of its own. Where it has none, calls that reach the
            files and processes of others are denied too.

    Returns:
        Whether the filter stands; False where libseccomp is missing.
    """
    library = load_libseccomp()
    if library is None:
        return False
    allow, eperm, enosys = 0x7FFF0000, 0x00050001, 0x00050000 | 38
    context = library.seccomp_init(ctypes.c_uint32(allow))
    if not context:
        return False

    def deny(name: str, action: int, *compare: _ArgCompare) -> None:
        number = library.seccomp_syscall_resolve_name(name.encode())
        if number >= 0:
            arguments = (_ArgCompare * len(compare))(*compare) if compare else None
            library.seccomp_rule_add_array(context, action, number, len(compare), arguments)

    for number in NEWER_CALLS:
        library.seccomp_rule_add_array(context, enosys, number, 0, None)
    for name in DENIED_CALLS:
        deny(name, eperm)
    # Threads may be made, processes and namespaces may not: a process of its own would have limits
    # of its own, and a program that is executed anew has no guard.
    masked_equal = 7
    deny("clone", eperm, _ArgCompare(0, masked_equal, _CLONE_THREAD, 0))
    for bit in (1 << shift for shift in range(32)):
        if _CLONE_NEW_ANY & bit:
            deny("clone", eperm, _ArgCompare(0, masked_equal, bit, bit))
    if not namespaces:
        for name in DENIED_WITHOUT_NAMESPACES:
            deny(name, eperm)
        not_equal = 1
        deny("prlimit64", eperm, _ArgCompare(0, not_equal, 0, 0))  # of another process
        deny("sendto", eperm, _ArgCompare(4, not_equal, 0, 0))  # to an address
        for kind in range(_SOCK_TYPE_MASK + 1):
            if kind != _SOCK_STREAM:  # a datagram socket can send to any address
                deny("socketpair", eperm, _ArgCompare(1, masked_equal, _SOCK_TYPE_MASK, kind))
    # clone3 passes its flags in memory, where a filter cannot look: it does not exist, and libc
    # uses clone.
    deny("clone3", enosys)
    loaded = bool(library.seccomp_load(context) == 0)
    library.seccomp_release(ctypes.c_void_p(context))
    return loaded
