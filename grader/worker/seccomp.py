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


def deny_system_calls() -> bool:
    """Deny the calls in `DENIED_CALLS` with EPERM, and new processes and namespaces.

    False where libseccomp is missing.
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

    for name in DENIED_CALLS:
        deny(name, eperm)
    # Threads may be made, processes and namespaces may not: a process of its own would have limits
    # of its own, and a program that is executed anew has no guard.
    masked_equal = 7
    deny("clone", eperm, _ArgCompare(0, masked_equal, _CLONE_THREAD, 0))
    for bit in (1 << shift for shift in range(32)):
        if _CLONE_NEW_ANY & bit:
            deny("clone", eperm, _ArgCompare(0, masked_equal, bit, bit))
    # clone3 passes its flags in memory, where a filter cannot look: it does not exist, and libc
    # uses clone.
    deny("clone3", enosys)
    loaded = bool(library.seccomp_load(context) == 0)
    library.seccomp_release(ctypes.c_void_p(context))
    return loaded
