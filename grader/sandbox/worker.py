"""A worker, seen from the judge: questions go out, answers come back, always under a deadline."""

import os
import select
import socket
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import blake2b
from typing import Any

from grader import wire
from grader.errors import WireError
from grader.sandbox.zygote import GOODBYE_S, Zygote
from grader.wire.messages import HandleRef, Progress, Reply, Request
from grader.worker.control import (
    Exited,
    Fork,
)

SOON_S = 0.2
MAX_PROGRESS = 10_000


class WorkerLateError(Exception):
    """No answer within the deadline."""


class WorkerDeadError(Exception):
    """The worker process ended.

    `exited` says how; None: whoever could tell is gone too. `closed`: it hung up first, and lived
    on.
    """

    def __init__(self, exited: Exited | None, *, closed: bool = False) -> None:
        super().__init__(f"{exited}")
        self.exited = exited
        self.closed = closed


class WorkerBrokenError(Exception):
    """The worker sent something that is no answer to what was asked."""


class Worker:
    """One forked child: the process in which one submission runs.

    Raises from `ask`: `WorkerLateError`, `WorkerDeadError`, `WorkerBrokenError`; after any of them
    the worker is gone.
    """

    def __init__(self, zygote: Zygote, fork: Fork, *, alone: bool = False) -> None:
        self.limits = fork.limits
        self.alive = True
        self._zygote = zygote
        self._token = fork.token
        self._alone = alone
        self._number = 0
        self._printed = bytearray()
        self._dropped = 0
        self._heard: deque[tuple[bytearray, bytearray]] = deque()
        self._sum = blake2b(digest_size=16)
        self._wire, theirs = socket.socketpair()
        self._output, output = os.pipe2(os.O_CLOEXEC)
        os.set_blocking(self._output, False)
        self._wire.setblocking(False)
        self.codec = wire.Codec(keep=wire.refuse, find=_keep_reference, incoming=Reply)
        try:
            zygote.fork(fork, theirs.fileno(), output)
        except OSError:
            self._release()
            raise
        finally:
            theirs.close()
            os.close(output)

    def next_number(self) -> int:
        """The number of the next request; an answer must carry the same."""
        self._number += 1
        return self._number

    def ask(
        self,
        request: Request,
        *,
        timeout_s: float,
        progress: Callable[[Progress], None] = lambda _: None,
    ) -> Any:
        """Send a request and wait for its reply.

        Args:
            request: what to ask.
            timeout_s: how long the reply may take.
            progress: given each word of progress that comes before it, at most `MAX_PROGRESS`.

        Raises:
            WireError: the request itself is too large to travel (the worker lives on).
            WorkerLateError, WorkerDeadError, WorkerBrokenError: see the class.
        """
        deadline = time.monotonic() + timeout_s
        parts = self.codec.encode(request)
        self.send(parts, timeout_s=timeout_s)
        left_s = deadline - time.monotonic()
        return self.reply(request.number, timeout_s=left_s, progress=progress)

    def send(self, parts: list[bytes], *, timeout_s: float) -> None:
        """Send the parts of frames.

        Raises:
            WorkerLateError, WorkerDeadError: see the class.
        """
        with self._ended_by_errors():
            self._send(parts, time.monotonic() + timeout_s)

    def reply(
        self,
        number: int,
        *,
        timeout_s: float,
        progress: Callable[[Progress], None] = lambda _: None,
    ) -> Any:
        """Wait for the reply to the request of that number; see `ask`."""
        deadline = time.monotonic() + timeout_s
        with self._ended_by_errors():
            for _ in range(MAX_PROGRESS):
                reply = self._reply(deadline)
                if not isinstance(reply, Progress) or reply.number != number:
                    break
                progress(reply)
            else:
                raise WireError(f"more than {MAX_PROGRESS:,} words of progress")
        if reply.number != number:
            self.close()
            raise WorkerBrokenError(f"answer number {reply.number} to question number {number}")
        return reply

    def hear(self, *, timeout_s: float, nap_s: float = 0.0) -> None:
        """Wait for the next frame, whatever it is, and leave it for `reply`; see `ask`.

        Args:
            timeout_s: how long that may take.
            nap_s: sleep so long if it is not there. It costs a worker more to wake its judge than
                to answer.
        """
        with self._ended_by_errors():
            if nap_s and not self._has_word:
                time.sleep(nap_s)
            self._hear(time.monotonic() + timeout_s)

    @property
    def has_heard(self) -> bool:
        """Whether there is something that was heard and not read."""
        return bool(self._heard)

    def forget_heard(self) -> None:
        """Leave out what was heard and not read."""
        self._heard.clear()

    def begin_sum(self) -> None:
        """From here on, add up anew what arrives."""
        self._sum = blake2b(digest_size=16)

    @property
    def heard_sum(self) -> bytes:
        """A digest of all frames that have arrived since `begin_sum`, byte for byte."""
        return self._sum.digest()

    @contextmanager
    def _ended_by_errors(self) -> Iterator[None]:
        try:
            yield
        except WireError as error:
            self.close()
            raise WorkerBrokenError(error.message) from None
        except WorkerLateError:
            self.close()
            raise

    def _reply(self, deadline: float) -> Any:
        if not self._heard:
            self._hear(deadline)
        return self.codec.decode(*self._heard.popleft())

    def _hear(self, deadline: float) -> None:
        prefix = self._receive(wire.PREFIX.size, deadline)
        header_size, body_size = wire.sizes(prefix, max_body=self.limits.answer_bytes)
        header = self._receive(header_size, deadline)
        body = self._receive(body_size, deadline)
        self._drain()
        for part in (prefix, header, body):
            self._sum.update(part)
        self._heard.append((header, body))

    def printed(self) -> tuple[bytes, int]:
        """What was printed since the last call of this, cut to the limit, and how much was cut."""
        text, dropped = bytes(self._printed), self._dropped
        self._printed.clear()
        self._dropped = 0
        return text, dropped

    def close(self) -> Exited | None:
        """End the worker and all that it started, and wait until it is gone."""
        if not self.alive:
            return None
        self.alive = False
        self._zygote.kill(self._token)
        exited = self._zygote.exited(self._token, GOODBYE_S)
        self._drain()
        self._release()
        return exited

    def leave(self) -> None:
        """End the worker and all that it started.

        Where that is certain without waiting, because it has namespaces of its own, nobody waits.
        """
        if not self._zygote.nested or self._alone:
            self.close()
        elif self.alive:
            self._drain()
            self._zygote.leave(self._token)
            self._release()

    @property
    def waits(self) -> bool:
        """Whether it still stands, and has said nothing."""
        return self.alive and not self._has_word

    @property
    def _has_word(self) -> bool:
        poll = select.poll()
        poll.register(self._wire, select.POLLIN)
        return bool(poll.poll(0))

    def _release(self) -> None:
        self.alive = False
        self._wire.close()
        if self._output >= 0:
            os.close(self._output)
            self._output = -1
        if self._alone:
            self._zygote.close()

    def _dead(self) -> WorkerDeadError:
        """The wire is closed: say how the process ended, and see to it that it has."""
        exited = self._zygote.exited(self._token, SOON_S)
        closed = exited is None
        if exited is None:
            self._zygote.kill(self._token)
            exited = self._zygote.exited(self._token, GOODBYE_S)
        self._drain()
        self._release()
        return WorkerDeadError(exited, closed=closed)

    def _wait(self, event: int, deadline: float) -> None:
        """Wait until the wire is ready, reading what is printed meanwhile."""
        poll = select.poll()
        poll.register(self._wire, event)
        poll.register(self._output, select.POLLIN)
        while True:
            left = deadline - time.monotonic()
            if left <= 0:
                raise WorkerLateError
            ready = dict(poll.poll(left * 1000))
            if self._output in ready:
                self._drain()
                if ready[self._output] & select.POLLHUP:
                    poll.unregister(self._output)
            if self._wire.fileno() in ready:
                return

    def _send(self, parts: list[bytes], deadline: float) -> None:
        for packet in wire.packets(parts):
            view = memoryview(packet)
            while view:
                try:
                    view = view[self._wire.send(view) :]
                except BlockingIOError:
                    self._wait(select.POLLOUT, deadline)
                except OSError:
                    raise self._dead() from None

    def _receive(self, size: int, deadline: float) -> bytearray:
        data = bytearray(size)
        view = memoryview(data)
        while view:
            try:
                count = self._wire.recv_into(view)
            except BlockingIOError:
                self._wait(select.POLLIN, deadline)
                continue
            except OSError:
                count = 0
            if count == 0:
                raise self._dead()
            view = view[count:]
        return data

    def _drain(self) -> None:
        """Read what was printed; keep the first `output_bytes` of it."""
        for _ in range(64):
            try:
                chunk = os.read(self._output, 65536)
            except (BlockingIOError, OSError):
                return
            if not chunk:
                return
            room = max(0, self.limits.output_bytes - len(self._printed))
            self._printed += chunk[:room]
            self._dropped += max(0, len(chunk) - room)


def _keep_reference(handle: HandleRef) -> HandleRef:
    return handle
