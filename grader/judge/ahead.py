"""Questions asked ahead: in a class it is known what a check will ask.

A check asks every right submission the same questions, unless an answer changes what is asked. The
first that passes leaves a script. With the next one, the script's questions are sent before their
answers are needed, so that neither side waits for the other. Each question is still asked, and has
to be the script's; where one is not, or an answer is wrong, all of it is thrown away, and the check
is judged question by question in a worker that was brought to where this one was.

Many right answers agree in every bit. What a check is answered decides what comes of it, so who
answers all of a script byte for byte as somebody did who passed the check has passed it too.
"""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import numpy as np
import torch

from grader import wire
from grader.sandbox.worker import Worker
from grader.wire.messages import Call, HandleRef, Request

MAX_SCRIPT_BYTES = 1 << 23
"""Of what is asked in one check; one that asks more is not asked ahead."""


FIRST_ONE_BY_ONE = 4
"""Questions of each check."""
MANY, NAP_S = 6, 0.002
"""While so many questions are on their way, so long is slept before the next answer is waited for.

It costs a worker more to wake its judge than to answer.
"""
MOST_KNOWN = 32
"""Ways to answer a script rightly that are kept."""


class NotAsAsked(BaseException):
    """A check asks something else than its script says.

    Not an Exception, so that no check catches it.
    """


class Script:
    """What a right submission was asked in one check, in order."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self._frames: list[wire.Packed] = []
        self.sizes: list[int] = []
        self.cases = 0
        """How many cases begin while it is asked."""
        self.giving_away: frozenset[int] | None = None
        """The places of the questions that hold an earlier answer; None while that is not known."""
        self.passed: set[bytes] = set()
        """Digests of all answers of those who passed; see `Worker.heard_sum`."""
        self._so_far: set[bytes] = set()
        self._framed: dict[int, tuple[int, list[bytes]]] = {}
        self._bytes = 0

    def add(self, call: Call) -> bool:
        """Take down a question as it is now; False where that would be too much."""
        packed = wire.packed(call)
        self.sizes.append(sum(map(len, packed.frame())))
        self._bytes += self.sizes[-1]
        self._frames.append(packed)
        self.calls.append(_copied(call))
        return self._bytes <= MAX_SCRIPT_BYTES

    def holds(self, place: int, request: Request) -> bool:
        """Whether its question at that place is this one."""
        return (
            isinstance(request, Call)
            and place < len(self.calls)
            and _same_call(request, self.calls[place])
        )

    def frame(self, place: int, number: int) -> list[bytes]:
        """The parts of a question's frame, under a number."""
        was, parts = self._framed.get(place, (-1, []))
        if was != number:  # it is the same for nearly all
            parts = self._frames[place].numbered(number)
            self._framed[place] = number, parts
        return parts

    def waits(self, place: int) -> bool:
        """Whether a question is not sent before all before it are answered."""
        return self.giving_away is None or place in self.giving_away

    def learn(self, sums: Sequence[bytes]) -> None:
        """Keep what somebody answered who passed the kata; see `Ahead.sums`."""
        if sums and len(self.passed) < MOST_KNOWN:
            self._so_far.update(sums)
            self.passed.add(sums[-1])

    def knows(self, so_far: bytes) -> bool:
        """Whether somebody who passed had answered the same, up to some question."""
        return so_far in self._so_far


class Ahead:
    """A script on its way to a worker.

    The first questions go one by one, since most wrong answers are found out by these. Then as much
    is sent ahead as a socket takes at once, so that the judge never waits to send while the worker
    waits to answer.

    Args:
        script: what to ask.
        worker: whom.
        trusting: the first questions need not go one by one either.
    """

    def __init__(self, script: Script, worker: Worker, *, trusting: bool = False) -> None:
        self._script = script
        self._one_by_one = 0 if trusting else FIRST_ONE_BY_ONE
        self._worker = worker
        self._numbers: list[int] = []
        self._met = 0
        self._heard = 0
        self._under_way = 0
        self._sums: list[bytes] = []
        self.was_ahead = False
        """Whether anything was sent or heard ahead so far."""
        worker.begin_sum()

    @property
    def cases(self) -> int:
        """How many cases the script has."""
        return self._script.cases

    @property
    def is_ahead(self) -> bool:
        """Whether more was sent than was needed so far."""
        return len(self._numbers) > self._met

    def comes_now(self, request: Request) -> bool:
        """Whether it is the script's next question."""
        return self._script.holds(self._met, request)

    def ask(self, timeout_s: float) -> int:
        """See to it that the next question is sent, and that something was heard of its answer.

        Returns:
            The number that the answer carries.

        Raises:
            WorkerLateError, WorkerDeadError, WorkerBrokenError: see `Worker.ask`.
        """
        if self._met and not self._worker.has_heard:  # else there is more to some answer
            self._sums.append(self._worker.heard_sum)
        if self._met == self._heard:
            self._hear(timeout_s)
        self._met += 1
        return self._numbers[self._met - 1]

    def is_known(self, timeout_s: Callable[[], float]) -> bool:
        """Ask the questions for as long as their answers are known; whether all are.

        Those that were asked by then are not asked again.

        Args:
            timeout_s: how long the next answer may take.

        Raises:
            WorkerLateError, WorkerDeadError, WorkerBrokenError: see `Worker.ask`.
        """
        script, worker = self._script, self._worker
        known = bool(script.passed)
        while known and self._heard < len(script.sizes):
            self._hear(timeout_s())
            known = script.knows(worker.heard_sum)
        self.was_ahead |= self._heard > 1
        if not known or worker.heard_sum not in script.passed:
            return False
        self._met = self._heard
        worker.forget_heard()
        return True

    @property
    def sums(self) -> Sequence[bytes]:
        """The digest after each answer; none where not all are known that were heard."""
        whole = 0 < self._met == len(self._script.sizes) and not self._worker.has_heard
        return [*self._sums, self._worker.heard_sum] if whole else ()

    def _hear(self, timeout_s: float) -> None:
        """Send what may be sent by now, and wait for the next answer."""
        sizes = self._script.sizes
        room = wire.PACKET_BYTES if self._heard >= self._one_by_one else 0
        parts: list[bytes] = []
        while (place := len(self._numbers)) < len(sizes) and (
            place == self._heard
            or (self._under_way + sizes[place] <= room and not self._script.waits(place))
        ):
            self._numbers.append(self._worker.next_number())
            parts += self._script.frame(place, self._numbers[-1])
            self._under_way += sizes[place]
        self.was_ahead |= len(self._numbers) > self._heard + 1
        if parts:
            self._worker.send(parts, timeout_s=timeout_s)
        nap_s = NAP_S if len(self._numbers) - self._heard >= MANY else 0.0
        self._worker.hear(timeout_s=timeout_s, nap_s=nap_s)
        self._under_way -= sizes[self._heard]
        self._heard += 1


def _copied(value: Any) -> Any:
    """A tree whose tensors and arrays nobody else can change."""
    if isinstance(value, Call):
        return msgspec.structs.replace(
            value,
            args=_copied(value.args),
            kwargs=_copied(value.kwargs),
            cotangents=_copied(value.cotangents),
        )
    if isinstance(value, torch.Tensor):
        return value.detach().clone()
    if isinstance(value, np.ndarray):
        return value.copy()
    if type(value) in (tuple, list):
        return type(value)(map(_copied, value))
    if isinstance(value, dict):
        return {key: _copied(item) for key, item in value.items()}
    return value


def _same_call(one: Call, other: Call) -> bool:
    return all(_same(getattr(one, name), getattr(other, name)) for name in _FIELDS)


_FIELDS = tuple(name for name in Call.__struct_fields__ if name != "number")


def _bits(value: torch.Tensor) -> bytes:
    return wire.packed(Call(0, "", args=value)).body[0]


def _same(one: Any, other: Any) -> bool:
    """Whether two trees ask the same, bit for bit."""
    if one is other:
        return True
    if type(one) is not type(other):
        return False
    if isinstance(one, torch.Tensor):
        return (
            one.dtype == other.dtype
            and one.shape == other.shape
            and (torch.equal(one, other) or _bits(one) == _bits(other))  # nan equals no nan
        )
    if type(one) in (tuple, list):
        return len(one) == len(other) and all(map(_same, one, other))
    if isinstance(one, np.ndarray):
        same_form = one.dtype == other.dtype and one.shape == other.shape
        return bool(same_form and one.tobytes() == other.tobytes())
    if isinstance(one, HandleRef):  # what its class is called is the submission's affair
        return bool(one.number == other.number)
    if isinstance(one, dict):
        return list(one) == list(other) and all(map(_same, one.values(), other.values()))
    return bool(one == other or (one != one and other != other))
