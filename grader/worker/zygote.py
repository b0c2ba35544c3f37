"""The zygote: imports torch once, then forks a worker for each submission that the judge sends.

Judge and zygote share a control socket (SOCK_SEQPACKET). The judge sends `Fork` with two
descriptors, the worker's wire and the pipe for its output; or `Kill`. Each worker's *guardian*, the
child between zygote and worker, answers with `Exited`. The zygote holds no secret, takes no part in
any answer, and never touches autograd or CUDA.
"""

import contextlib
import gc
import importlib
import io
import os
import select
import signal
import socket
import sys
import warnings

import msgspec

from grader.worker import fences, forbidden, guardian
from grader.worker.control import Fencing, Hello, Kill, Preload, Preloaded, Ready, ToZygote


def run(argument: str) -> None:
    """Entry point: the fencing as JSON; runs until the judge goes away."""
    fencing = msgspec.json.decode(argument, type=Fencing)
    if fencing.become is not None:
        fences.become(fencing.become)
    control = socket.socket(fileno=fencing.control_fd)
    control.send(msgspec.msgpack.encode(Hello(os.getuid())))
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # what a worker prints arrives, whatever it is
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    probed = fences.probe(fencing)
    gc.disable()  # importing makes much and frees little: a sixth of the time is collecting
    _warm_up()
    gc.freeze()  # what is here now is shared with every child; do not touch its pages
    gc.enable()
    layers, problem = probed()
    nested = fencing.fenced and not problem
    if "ordinary-user" not in layers:
        fencing = msgspec.structs.replace(fencing, worker_uid=None)
    control.send(msgspec.msgpack.encode(Ready(layers, nested, problem)))
    _serve(control, fencing, nested=nested)
    sys.exit(0)


def _warm_up() -> None:
    """Import what submissions use, on one thread, so that a fork finds it ready."""
    import numpy as np
    import torch

    torch.set_num_threads(1)
    with torch.no_grad(), warnings.catch_warnings():
        torch.ones(2, 2) @ torch.ones(
            2, 2
        )  # CPU detection reads /proc, which children no longer see
    np.ones((2, 2)) @ np.ones((2, 2))
    from grader.worker import serve

    serve.warm_up()


def _serve(control: socket.socket, fencing: Fencing, *, nested: bool) -> None:
    wake_r, wake_w = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    signal.set_wakeup_fd(wake_w, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    guardians: dict[int, int] = {}
    decoder = msgspec.msgpack.Decoder(ToZygote)
    while True:
        readable, _, _ = select.select([control.fileno(), wake_r], [], [])
        if wake_r in readable:
            os.read(wake_r, 4096)
            _reap(guardians)
        if control.fileno() not in readable:
            continue
        data, fds, _, _ = socket.recv_fds(control, 65536, 2)
        if not data:
            return
        message = decoder.decode(data)
        if isinstance(message, Kill):
            for pid, token in guardians.items():
                if token == message.token:
                    os.kill(pid, signal.SIGTERM)
            continue
        if isinstance(message, Preload):
            for name in message.modules:
                with contextlib.suppress(ImportError):  # the submission that needs it is told
                    importlib.import_module(name)
            forbidden.forget()
            gc.freeze()
            control.send(msgspec.msgpack.encode(Preloaded()))
            continue
        with contextlib.suppress(Exception):  # a worker looks for itself, and says what it is
            forbidden.prepare(message.forbidden)
        wire_fd, output_fd = fds
        # Whoever is ended before it is ready for that would end without a report.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
        pid = os.fork()
        if pid == 0:
            signal.set_wakeup_fd(-1)
            os.close(wake_r)
            os.close(wake_w)
            guardian.guard(control, message, (wire_fd, output_fd), fencing, nested=nested)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
        guardians[pid] = message.token
        os.close(wire_fd)
        os.close(output_fd)


def _reap(guardians: dict[int, int]) -> None:
    while guardians:
        pid, _ = os.waitpid(-1, os.WNOHANG)
        if pid == 0:
            return
        guardians.pop(pid, None)
