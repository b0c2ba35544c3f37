"""The fences around one worker: namespaces, private file systems, limits, capabilities, seccomp.

Each fence is a small function, so that a test can take one away and see what it held.
"""

import ctypes
import functools
import os
import resource
import signal
import sys
from collections.abc import Callable

import msgspec
from msgspec import Struct

from grader.wire.messages import Limits
from grader.worker import landlock
from grader.worker.control import Fencing
from grader.worker.seccomp import deny_system_calls, load_libseccomp

FENCES = (
    "namespaces",
    "private-filesystem",
    "rlimits",
    "no-new-privileges",
    "no-capabilities",
    "landlock",
    "seccomp",
)


GPU_OPEN_FILES = 512
"""CUDA opens a GPU's device files many times over."""

_CLONE = {
    "mount": 0x20000,
    "uts": 0x4000000,
    "ipc": 0x8000000,
    "user": 0x10000000,
    "pid": 0x20000000,
    "net": 0x40000000,
}


_MS_NOSUID, _MS_NODEV, _MS_NOEXEC, _MS_RDONLY, _MS_BIND, _MS_REC = 2, 4, 8, 1, 4096, 16384


(
    PR_SET_PDEATHSIG,
    _PR_SET_DUMPABLE,
    _PR_CAPBSET_DROP,
    _PR_SET_NO_NEW_PRIVS,
    PR_SET_CHILD_SUBREAPER,
) = 1, 4, 24, 38, 36


_libc = ctypes.CDLL(None, use_errno=True)


def _call(result: int, what: str) -> None:
    if result != 0:
        error = ctypes.get_errno()
        raise OSError(error, f"{what}: {os.strerror(error)}")


def prctl(option: int, value: int) -> None:
    """Change an attribute of this process; an OSError where that fails."""
    _call(_libc.prctl(option, ctypes.c_ulong(value), 0, 0, 0), f"prctl({option})")


def become(uid: int) -> None:
    """Drop root for good: limits on processes bind nothing for root."""
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)


def _tried_to_become(uid: int) -> bool:
    """Whether root could be dropped: not where that user does not exist (a namespace of root's)."""
    try:
        become(uid)
    except OSError:
        return False
    return True


def new_namespaces() -> None:
    """Take user, pid, mount, network, ipc and host-name namespaces.

    The next fork is their process 1.
    """
    prctl(
        _PR_SET_DUMPABLE, 1
    )  # a process that changed its user id may not write its own maps otherwise
    uid, gid = os.getuid(), os.getgid()
    flags = 0
    for flag in _CLONE.values():
        flags |= flag
    _call(_libc.unshare(flags), "unshare")
    for name, text in (
        ("setgroups", "deny"),
        ("uid_map", f"{uid} {uid} 1"),
        ("gid_map", f"{gid} {gid} 1"),
    ):
        with open(f"/proc/self/{name}", "w") as file:
            file.write(text)


def private_filesystem(file_bytes: int, keep: tuple[str, ...] = ()) -> None:
    """Fresh, small /tmp and /dev/shm; no /proc (it shows the zygote's processes), no terminals.

    `keep` names what is mounted below /tmp and has to stay in sight (Python itself, sometimes).
    """

    def mount(source: str, target: str, kind: str, flags: int, options: str) -> None:
        words = (source.encode(), target.encode(), kind.encode(), flags, options.encode() or None)
        _call(_libc.mount(*words), f"mount {target}")

    safe = _MS_NOSUID | _MS_NODEV
    kept = {path: os.open(path, os.O_PATH | os.O_DIRECTORY) for path in keep}
    mount("tmpfs", "/tmp", "tmpfs", safe, f"size={2 * file_bytes},nr_inodes=1024,mode=700")
    for path, descriptor in kept.items():
        os.makedirs(path)
        mount(f"/proc/self/fd/{descriptor}", path, "", _MS_BIND | _MS_REC, "")
        os.close(descriptor)
    shm = f"size={file_bytes},nr_inodes=64,mode=700"
    mount("tmpfs", "/dev/shm", "tmpfs", safe | _MS_NOEXEC, shm)
    nothing = "size=4k,nr_inodes=2,mode=555"
    for path in ("/proc", "/dev/pts"):
        if os.path.isdir(path):
            mount("tmpfs", path, "tmpfs", safe | _MS_NOEXEC | _MS_RDONLY, nothing)


def limits(limit: Limits, *, mapped_bytes: int) -> None:
    """Memory on top of what is mapped now, CPU time, processes, open files, file size.

    No core dumps.
    """
    cpu = max(1, round(limit.cpu_s))
    for which, value in (
        (
            resource.RLIMIT_AS,
            mapped_bytes + limit.memory_bytes if mapped_bytes else resource.RLIM_INFINITY,
        ),
        (resource.RLIMIT_CPU, cpu),
        (resource.RLIMIT_NPROC, limit.processes),
        (resource.RLIMIT_NOFILE, limit.open_files),
        (resource.RLIMIT_FSIZE, limit.file_bytes),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_MEMLOCK, 0),
    ):
        _, hard = resource.getrlimit(which)
        if hard != resource.RLIM_INFINITY:
            value = hard if value == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(which, (value, value))
    signal.signal(
        signal.SIGXFSZ, signal.SIG_IGN
    )  # a write past the limit is an OSError, not a death


def no_new_privileges() -> None:
    """No program that is executed from here on can gain a privilege."""
    prctl(_PR_SET_NO_NEW_PRIVS, 1)


def no_capabilities() -> None:
    """Give up every capability, for good."""
    for capability in range(64):
        if _libc.prctl(_PR_CAPBSET_DROP, ctypes.c_ulong(capability), 0, 0, 0) != 0:
            break
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    data = (ctypes.c_uint32 * 6)()
    _call(_libc.capset(header, data), "capset")


def raise_fences(fencing: Fencing, limit: Limits, scratch: str, *, nested: bool) -> tuple[str, ...]:
    """Put up every fence in this process, for good; returns the names of those that stand.

    Raises:
        OSError: one that this machine should have cannot be put up.
    """
    # CUDA reserves far more addresses than it uses: what is resident counts then, for the guardian.
    mapped = 0 if fencing.devices else _mapped_bytes()
    if fencing.devices:
        limit = msgspec.structs.replace(limit, open_files=max(limit.open_files, GPU_OPEN_FILES))

    def limited() -> None:
        limits(limit, mapped_bytes=mapped)

    def locked() -> bool:
        writable = [scratch, "/dev/null", *fencing.devices, *(["/dev/shm"] if nested else [])]
        return landlock.restrict(readable=fencing.readable, writable=writable)

    fences: dict[str, Callable[[], bool | None]] = {}
    if fencing.worker_uid is not None:
        fences["ordinary-user"] = functools.partial(_tried_to_become, fencing.worker_uid)
    if nested:
        fences["private-filesystem"] = lambda: private_filesystem(
            limit.file_bytes, fencing.below_tmp
        )
    fences["rlimits"] = limited
    if sys.platform == "linux":
        fences |= {
            "no-new-privileges": no_new_privileges,
            "no-capabilities": no_capabilities,
            "landlock": locked,
            "seccomp": functools.partial(deny_system_calls, namespaces=nested),
        }
    standing = [
        name
        for name, fence in fences.items()
        if name not in fencing.without and fence() is not False
    ]
    return (*(("namespaces",) if nested else ()), *standing)


def probe(fencing: Fencing) -> Callable[[], tuple[tuple[str, ...], str]]:
    """Put up the fences once in a throw-away child, which takes its time beside the caller.

    Returns:
        What waits for the child, and gives the layers that stand, and, if namespaces are refused,
        the problem.
    """
    load_libseccomp()
    left_out = "namespaces" in fencing.without
    nested = _try_fences(fencing, nested=True) if fencing.fenced and not left_out else None

    def found() -> tuple[tuple[str, ...], str]:
        tried = nested() if nested else _Tried(problem="left out" if fencing.fenced else "")
        if nested and not tried.problem:
            return ("bubblewrap", *tried.layers), ""
        layers = _try_fences(fencing, nested=False)().layers
        return ("bubblewrap" if fencing.fenced else "process", *layers), tried.problem

    return found


class _Tried(Struct, frozen=True):
    layers: tuple[str, ...] = ()
    problem: str = ""


def _try_fences(fencing: Fencing, *, nested: bool) -> Callable[[], _Tried]:
    """Begin to put them up in a child; what waits for how that went."""
    read_fd, write_fd = os.pipe()
    pid = os.fork()
    if pid == 0:
        tried = _Tried(problem="the probe died")
        try:
            if nested:
                new_namespaces()
            inner = os.fork()
            if inner == 0:
                tried = _Tried(layers=raise_fences(fencing, Limits(), "/tmp", nested=nested))
            else:
                os.waitpid(inner, 0)
                os._exit(0)
        except OSError as error:
            tried = _Tried(problem=str(error))
        finally:
            os.write(write_fd, msgspec.msgpack.encode(tried))
            os._exit(0)
    os.close(write_fd)

    def tried_so() -> _Tried:
        with os.fdopen(read_fd, "rb") as file:
            answer = file.read()
        os.waitpid(pid, 0)
        if not answer:
            return _Tried(problem="the probe died")
        return msgspec.msgpack.decode(answer, type=_Tried)

    return tried_so


def resident_bytes(pid: int) -> int:
    """How much memory of a process is resident, what it shares with others too; 0 if unknown."""
    try:
        with open(f"/proc/{pid}/statm", "rb") as file:
            return int(file.read().split()[1]) * resource.getpagesize()
    except (OSError, ValueError):
        return 0


def _mapped_bytes() -> int:
    """What this process has mapped: limits on memory count from there."""
    try:
        with open("/proc/self/statm", "rb") as file:
            return int(file.read().split()[0]) * resource.getpagesize()
    except OSError:
        return 0  # no such figure outside Linux, and no such limit either
