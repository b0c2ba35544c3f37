"""The fences around one worker: namespaces, private file systems, limits, capabilities, seccomp.

`guard` runs in the child that the zygote forked, the *guardian*. It takes new namespaces, forks the
worker (process 1 of them), waits for it, and reports how it ended; when the worker is gone, so is
everything that it started. Each fence is a small function, so that a test can take one away and see
what it held.
"""

import contextlib
import ctypes
import functools
import os
import resource
import shutil
import signal
import socket
import sys
import tempfile
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NoReturn

import msgspec
from msgspec import Struct

from grader.worker import landlock

if TYPE_CHECKING:
    from grader.wire import Limits
    from grader.worker.zygote import Fork

FENCES = (
    "namespaces",
    "private-filesystem",
    "rlimits",
    "no-new-privileges",
    "no-capabilities",
    "landlock",
    "seccomp",
)


class Setup(Struct, frozen=True):
    """How the judge wants its workers fenced in.

    Args:
        control_fd: the zygote's end of the control socket.
        fenced: the zygote is inside bubblewrap, and children are to take namespaces of their own.
        become: the user id to change to first (when started by root), or None.
        readable: what a worker may read, where Landlock is the only fence around files.
        below_tmp: what of Python is mounted below /tmp, and has to stay in sight there.
        worker_uid: the user id that a worker of root's changes to, without bubblewrap; None where
            that user could not reach Python.
        without: fences to leave out, so that a test can see what each of them holds.
    """

    control_fd: int
    fenced: bool = False
    become: int | None = None
    readable: tuple[str, ...] = ("/",)
    below_tmp: tuple[str, ...] = ()
    worker_uid: int | None = None
    without: tuple[str, ...] = ()


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
    _PR_SET_PDEATHSIG,
    _PR_SET_DUMPABLE,
    _PR_CAPBSET_DROP,
    _PR_SET_NO_NEW_PRIVS,
    _PR_SET_CHILD_SUBREAPER,
) = 1, 4, 24, 38, 36

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

_WIRE_FD = 3

_libc = ctypes.CDLL(None, use_errno=True)
_libseccomp: ctypes.CDLL | None = None


def _load_libseccomp() -> ctypes.CDLL | None:
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


def _call(result: int, what: str) -> None:
    if result != 0:
        error = ctypes.get_errno()
        raise OSError(error, f"{what}: {os.strerror(error)}")


def _prctl(option: int, value: int) -> None:
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
    _prctl(
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
    """Fresh, small /tmp and /dev/shm; no /proc at all (it would show the zygote's processes).

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
    proc = "size=4k,nr_inodes=2,mode=555"
    mount("tmpfs", "/proc", "tmpfs", safe | _MS_NOEXEC | _MS_RDONLY, proc)


def limits(limit: "Limits", *, mapped_bytes: int) -> None:
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
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)


def no_capabilities() -> None:
    """Give up every capability, for good."""
    for capability in range(64):
        if _libc.prctl(_PR_CAPBSET_DROP, ctypes.c_ulong(capability), 0, 0, 0) != 0:
            break
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    data = (ctypes.c_uint32 * 6)()
    _call(_libc.capset(header, data), "capset")


def deny_system_calls() -> bool:
    """Deny the calls in `DENIED_CALLS` with EPERM, and new processes and namespaces.

    False where libseccomp is missing.
    """
    library = _load_libseccomp()
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


def raise_fences(setup: Setup, limit: "Limits", scratch: str, *, nested: bool) -> tuple[str, ...]:
    """Put up every fence in this process, for good; returns the names of those that stand.

    Raises:
        OSError: one that this machine should have cannot be put up.
    """
    mapped = _mapped_bytes()

    def limited() -> None:
        limits(limit, mapped_bytes=mapped)

    def locked() -> bool:
        writable = [scratch, "/dev/null", *(["/dev/shm"] if nested else [])]
        return landlock.restrict(readable=setup.readable, writable=writable)

    fences: dict[str, Callable[[], bool | None]] = {}
    if setup.worker_uid is not None:
        fences["ordinary-user"] = functools.partial(_tried_to_become, setup.worker_uid)
    if nested:
        fences["private-filesystem"] = lambda: private_filesystem(limit.file_bytes, setup.below_tmp)
    fences["rlimits"] = limited
    if sys.platform == "linux":
        fences |= {
            "no-new-privileges": no_new_privileges,
            "no-capabilities": no_capabilities,
            "landlock": locked,
            "seccomp": deny_system_calls,
        }
    standing = [
        name for name, fence in fences.items() if name not in setup.without and fence() is not False
    ]
    return (*(("namespaces",) if nested else ()), *standing)


def probe(setup: Setup) -> tuple[tuple[str, ...], str]:
    """Put up the fences once in a throw-away child.

    Returns:
        The layers that stand, and, if namespaces are refused, the problem.
    """
    _load_libseccomp()
    if not setup.fenced:
        return ("process", *_try_fences(setup, nested=False).layers), ""
    left_out = "namespaces" in setup.without
    tried = _Tried(problem="left out") if left_out else _try_fences(setup, nested=True)
    if not tried.problem:
        return ("bubblewrap", *tried.layers), ""
    return ("bubblewrap", *_try_fences(setup, nested=False).layers), tried.problem


class _Tried(Struct, frozen=True):
    layers: tuple[str, ...] = ()
    problem: str = ""


def _try_fences(setup: Setup, *, nested: bool) -> _Tried:
    from grader.wire import Limits

    read_fd, write_fd = os.pipe()
    pid = os.fork()
    if pid == 0:
        tried = _Tried(problem="the probe died")
        try:
            if nested:
                new_namespaces()
            inner = os.fork()
            if inner == 0:
                tried = _Tried(layers=raise_fences(setup, Limits(), "/tmp", nested=nested))
            else:
                os.waitpid(inner, 0)
                os._exit(0)
        except OSError as error:
            tried = _Tried(problem=str(error))
        finally:
            os.write(write_fd, msgspec.msgpack.encode(tried))
            os._exit(0)
    os.close(write_fd)
    with os.fdopen(read_fd, "rb") as file:
        answer = file.read()
    os.waitpid(pid, 0)
    if not answer:
        return _Tried(problem="the probe died")
    return msgspec.msgpack.decode(answer, type=_Tried)


def guard(
    control: socket.socket,
    fork: "Fork",
    descriptors: tuple[int, int],
    setup: Setup,
    *,
    nested: bool,
) -> NoReturn:
    """Be the guardian of one worker: isolate, fork it, wait, report. Never returns."""
    from grader.worker.zygote import Exited

    def report(**fields: Any) -> None:
        control.send(msgspec.msgpack.encode(Exited(fork.token, **fields)))

    outer = None
    try:
        os.setsid()
        waiting = {signal.SIGTERM, signal.SIGCHLD}
        signal.pthread_sigmask(signal.SIG_BLOCK, waiting)
        if sys.platform == "linux":
            _prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
            # What a worker leaves behind becomes ours, and ends with it.
            _prctl(_PR_SET_CHILD_SUBREAPER, 1)
        if nested:
            new_namespaces()
        else:
            outer = tempfile.mkdtemp(prefix="kata-")
            if setup.worker_uid is not None:
                os.chown(outer, setup.worker_uid, setup.worker_uid)
        problem_r, problem_w = os.pipe()
        pid = os.fork()
        if pid == 0:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, waiting)
            _be_worker(fork.limits, (*descriptors, problem_w), setup, outer)
        os.close(problem_w)
        for descriptor in descriptors:
            os.close(descriptor)
        with os.fdopen(problem_r, "rb") as file:  # ends when every fence stands, or with the worker
            problem = file.read().decode("utf-8", "replace")
        while True:
            if signal.sigwait(waiting) == signal.SIGTERM:
                os.kill(pid, signal.SIGKILL)
            done, status, usage = os.wait4(pid, os.WNOHANG)
            if done == pid:
                break
        _end_orphans()
        report(
            code=os.WEXITSTATUS(status) if os.WIFEXITED(status) else 0,
            signal=os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0,
            cpu_s=usage.ru_utime + usage.ru_stime,
            problem=problem,
        )
    except BaseException as error:
        with contextlib.suppress(OSError):
            report(problem=f"{type(error).__name__}: {error}")
    finally:
        if outer is not None:
            shutil.rmtree(outer, ignore_errors=True)
        os._exit(0)


def _end_orphans() -> None:
    """Without a pid namespace.

    End what the worker left behind (it was re-parented to the guardian).
    """
    children = f"/proc/self/task/{os.getpid()}/children"
    for _ in range(100):
        try:
            with open(children) as file:
                left = [int(pid) for pid in file.read().split()]
        except OSError:
            return
        if not left:
            return
        for pid in left:
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        for pid in left:
            with contextlib.suppress(OSError):
                os.waitpid(pid, 0)


def _be_worker(
    limit: "Limits", descriptors: tuple[int, int, int], setup: Setup, outer: str | None
) -> NoReturn:
    """Put up every fence, then answer the judge.

    `outer` is the folder to work in, where /tmp is not the worker's own.
    """
    from grader.worker import serve

    wire_fd, output_fd, problem_fd = descriptors
    try:
        os.setsid()
        # A private /tmp is one of the fences; where it was left out, the shared one serves.
        raise_fences(setup, limit, outer or "/tmp", nested=outer is None)
        if sys.platform == "linux":  # after a change of user, which would undo it
            _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        scratch = os.path.join(outer or "/tmp", f"work-{os.getpid()}")
        os.mkdir(scratch)
        os.chdir(scratch)
        os.environ["TMPDIR"] = tempfile.tempdir = scratch
        for number in (signal.SIGINT, signal.SIGCHLD, signal.SIGPIPE):
            signal.signal(number, signal.SIG_DFL)
    except BaseException as error:
        os.write(problem_fd, f"{type(error).__name__}: {error}".encode())
        os._exit(1)
    _only_descriptors(wire_fd, output_fd)  # closes the pipe for problems too: there are none
    serve.serve(_WIRE_FD, scratch)


def _mapped_bytes() -> int:
    """What this process has mapped: limits on memory count from there."""
    try:
        with open("/proc/self/statm", "rb") as file:
            return int(file.read().split()[0]) * resource.getpagesize()
    except OSError:
        return 0  # no such figure outside Linux, and no such limit either


def _only_descriptors(wire_fd: int, output_fd: int) -> None:
    """Close every descriptor but stdin (empty), stdout and stderr (the pipe) and the wire."""
    null = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((null, 0), (output_fd, 1), (output_fd, 2), (wire_fd, _WIRE_FD)):
        os.dup2(source, target)
    os.closerange(_WIRE_FD + 1, 4096)
