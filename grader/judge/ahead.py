"""Questions asked ahead: in a class it is known what a check will ask.

A check asks every right submission the same questions, unless an answer changes what is asked. The
first that passes leaves a script. With the next one, the script's questions are sent before their
answers are needed, so that neither side waits for the other. Each question is still asked, and has
to be the script's; where one is not, or an answer is wrong, all of it is thrown away, and the check
is judged question by question in a worker that was brought to where this one was.
"""

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
        return self._frames[place].numbered(number)


class Ahead:
    """A script on its way to a worker.

    The first questions go one by one, since most wrong answers are found out by these. Then as much
    is sent ahead as a socket takes at once, so that the judge never waits to send while the worker
    waits to answer.
    """

    def __init__(self, script: Script, worker: Worker) -> None:
        self._script = script
        self._worker = worker
        self._numbers: list[int] = []
        self._met = 0
        self._under_way = 0
        self.was_ahead = False
        """Whether anything was sent ahead so far."""

    @property
    def is_ahead(self) -> bool:
        """Whether more was sent than was needed so far."""
        return len(self._numbers) > self._met

    def comes_now(self, request: Request) -> bool:
        """Whether it is the script's next question."""
        return self._script.holds(self._met, request)

    def ask(self, timeout_s: float) -> int:
        """See to it that the next question is sent; the number that its answer carries.

        Raises:
            WorkerLateError, WorkerDeadError: see `Worker.send`.
        """
        sizes = self._script.sizes
        if self._met:
            self._under_way -= sizes[self._met - 1]
        room = wire.PACKET_BYTES if self._met >= FIRST_ONE_BY_ONE else 0
        parts: list[bytes] = []
        while (place := len(self._numbers)) < len(sizes) and (
            place == self._met or self._under_way + sizes[place] <= room
        ):
            self._numbers.append(self._worker.next_number())
            parts += self._script.frame(place, self._numbers[-1])
            self._under_way += sizes[place]
        self.was_ahead |= len(self._numbers) > self._met + 1
        if parts:
            self._worker.send(parts, timeout_s=timeout_s)
        self._met += 1
        return self._numbers[self._met - 1]


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
