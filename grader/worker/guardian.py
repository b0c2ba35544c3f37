"""The guardian of one worker: the child that the zygote forks for it.

`guard` takes new namespaces, forks the worker (process 1 of them), waits for it, and reports how it
ended; when the worker is gone, so is everything that it started.
"""

import contextlib
import os
import signal
import socket
import sys
import tempfile
from typing import Any, NoReturn

import msgspec

from grader.worker import scratch, serve
from grader.worker.control import Exited, Fencing, Fork
from grader.worker.fences import (
    PR_SET_CHILD_SUBREAPER,
    PR_SET_PDEATHSIG,
    new_namespaces,
    prctl,
    raise_fences,
    resident_bytes,
)

_WIRE_FD = 3
SCRATCH_EVERY_S = 0.2
"""How often the guardian looks how much is in the scratch space, where that is a plain folder, and
how much memory a worker with a GPU has."""
GPU_HOST_BYTES = 4 << 30
"""What CUDA and its libraries may take of the host's memory, on top of what a submission may."""


def guard(
    control: socket.socket,
    fork: Fork,
    descriptors: tuple[int, int],
    fencing: Fencing,
    *,
    nested: bool,
) -> NoReturn:
    """Be the guardian of one worker: isolate, fork it, wait, report. Never returns."""

    def report(**fields: Any) -> None:
        control.send(msgspec.msgpack.encode(Exited(fork.token, **fields)))

    outer = None
    overfull = overgrown = False
    most_bytes = resident_bytes(os.getpid()) + fork.limits.memory_bytes + GPU_HOST_BYTES
    try:
        os.setsid()
        waiting = {signal.SIGTERM, signal.SIGCHLD}
        signal.pthread_sigmask(signal.SIG_BLOCK, waiting)
        if sys.platform == "linux":
            prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
            # What a worker leaves behind becomes ours, and ends with it.
            prctl(PR_SET_CHILD_SUBREAPER, 1)
        if nested:
            new_namespaces()
        else:
            outer = tempfile.mkdtemp(prefix="kata-")
            if fencing.worker_uid is not None:
                os.chown(outer, fencing.worker_uid, fencing.worker_uid)
        problem_r, problem_w = os.pipe()
        pid = os.fork()
        if pid == 0:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, waiting)
            _be_worker(fork, (*descriptors, problem_w), fencing, outer)
        os.close(problem_w)
        for descriptor in descriptors:
            os.close(descriptor)
        with os.fdopen(problem_r, "rb") as file:  # ends when every fence stands, or with the worker
            problem = file.read().decode("utf-8", "replace")
        while True:
            if outer is None:
                ended = signal.sigwait(waiting) == signal.SIGTERM
            else:
                caught = signal.sigtimedwait(waiting, SCRATCH_EVERY_S)
                ended = caught is not None and caught.si_signo == signal.SIGTERM
                full = scratch.overfull(outer, max_bytes=2 * fork.limits.file_bytes, holder=pid)
                overfull = overfull or full
                if fencing.devices and resident_bytes(pid) > most_bytes:
                    overgrown = True
                ended = ended or full or overgrown
            if ended:
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
            overfull=overfull,
            overgrown=overgrown,
        )
    except BaseException as error:
        with contextlib.suppress(OSError):
            report(problem=f"{type(error).__name__}: {error}")
    finally:
        if outer is not None:
            scratch.remove(outer)
        os._exit(0)


def _end_orphans() -> None:
    """Without a pid namespace.

    End what the worker left behind (it was re-parented to the guardian).
    """
    children = f"/proc/self/task/{os.getpid()}/children"
    for _ in range(100):
        try:
            with open(children, encoding="ascii") as file:
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
    fork: Fork, descriptors: tuple[int, int, int], fencing: Fencing, outer: str | None
) -> NoReturn:
    """Put up every fence, then answer the judge.

    `outer` is the folder to work in, where /tmp is not the worker's own.
    """
    wire_fd, output_fd, problem_fd = descriptors
    try:
        os.setsid()
        # A private /tmp is one of the fences; where it was left out, the shared one serves.
        raise_fences(fencing, fork.limits, outer or "/tmp", nested=outer is None)
        if sys.platform == "linux":  # after a change of user, which would undo it
            prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        folder = os.path.join(outer or "/tmp", f"work-{os.getpid()}")
        os.mkdir(folder)
        os.chdir(folder)
        os.environ["TMPDIR"] = tempfile.tempdir = folder
        for number in (signal.SIGINT, signal.SIGCHLD, signal.SIGPIPE):
            signal.signal(number, signal.SIG_DFL)
    except BaseException as error:
        os.write(problem_fd, f"{type(error).__name__}: {error}".encode())
        os._exit(1)
    _only_descriptors(wire_fd, output_fd)  # closes the pipe for problems too: there are none
    # CUDA begins with a backward pass of its own, which a guard may stop.
    serve.serve(_WIRE_FD, folder, refused=None if fencing.devices else fork.forbidden)


def _only_descriptors(wire_fd: int, output_fd: int) -> None:
    """Close every descriptor but stdin (empty), stdout and stderr (the pipe) and the wire."""
    null = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((null, 0), (output_fd, 1), (output_fd, 2), (wire_fd, _WIRE_FD)):
        os.dup2(source, target)
    os.closerange(_WIRE_FD + 1, 4096)
