"""A malicious worker's bytes: an answer or one of our errors, in time, and in memory that is in
proportion.

Three layers are fuzzed: the codec (bytes in, message out), the judge's end of a worker (a socket
that says anything, at any pace), and what the judge then does with the values that it got.
"""

import contextlib
import itertools
import math
import os
import socket
import struct
import threading
import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, currently_in_test_context, event, example, given, settings
from hypothesis import strategies as st
from msgspec.msgpack import Ext, encode

from grader import wire
from grader.checks.compare import CheckFailed, expect, items
from grader.checks.submission import SubmissionError
from grader.course.catalog import Course
from grader.errors import WireError
from grader.judge.conversation import Conversation, RemoteHandle
from grader.judge.counterexample import described
from grader.judge.mishaps import LoadFailedError, Stopped
from grader.judge.transcript import Said, same_transcript
from grader.sandbox.worker import (
    MAX_PROGRESS,
    Worker,
    WorkerBrokenError,
    WorkerDeadError,
    WorkerLateError,
)
from grader.wire import (
    Answer,
    Call,
    Codec,
    Frame,
    HandleRef,
    Limits,
    Loaded,
    Progress,
    Raised,
    Reply,
)
from grader.worker.control import Exited, Fork

OURS = (WorkerBrokenError, WorkerDeadError, WorkerLateError)
PER_HEADER_BYTE = 200
"""An empty list costs one byte to send and some eighty to keep, with its place in another list."""
FIXED_BYTES = 2 << 20


def judge_codec() -> Codec:
    def refuse(value: object) -> HandleRef:
        raise WireError("no handles")

    return Codec(keep=refuse, find=lambda handle: handle, incoming=Reply)


def frame(header: bytes, body: bytes = b"") -> bytes:
    return struct.pack(">IQ", len(header), len(body)) + header + body


# -- what a worker may send ------------------------------------------------------------------------

numbers = st.integers(-(2**63), 2**64 - 1) | st.sampled_from(
    [0, 1, -1, 2**31, 2**32, 2**62, 2**63 - 1, 2**64 - 1, -(2**63)]
)
plain = (
    st.none() | st.booleans() | numbers | st.floats() | st.text(max_size=8) | st.binary(max_size=8)
)


@st.composite
def tensor_claims(draw: st.DrawFn) -> Ext:
    """What a tensor says of itself: mostly possible, sometimes a lie."""
    sizes = st.integers(0, 3) | (numbers if draw(st.integers(0, 3)) == 0 else st.integers(0, 3))
    kind = draw(st.sampled_from(["t", "n", "t", "n", "x", "", 1]))
    dtype = draw(st.sampled_from([*wire.ITEM_SIZES, "float64", "float32", "object", "O", "U8", ""]))
    shape = draw(st.lists(sizes, max_size=9))
    device = draw(st.sampled_from(["cpu", "cuda", "meta", ""]))
    return Ext(1, encode((kind, dtype, shape, device)))


handle_claims = st.tuples(numbers | plain, st.text(max_size=8) | plain).map(
    lambda t: Ext(2, encode(t))
)
codes = st.integers(-128, 127)


def wrap(inner: st.SearchStrategy) -> st.SearchStrategy:
    keys = plain.filter(lambda key: not isinstance(key, list))
    return (
        st.lists(inner, max_size=4)
        | st.dictionaries(keys, inner, max_size=3)
        | st.lists(inner, max_size=4).map(lambda value: Ext(3, encode(value)))
        | st.tuples(codes, inner).map(lambda pair: Ext(pair[0], encode(pair[1])))
        | st.tuples(codes, st.binary(max_size=12)).map(lambda pair: Ext(*pair))
    )


values = st.recursive(plain | tensor_claims() | handle_claims, wrap, max_leaves=12)
texts = st.text(max_size=20) | st.just("forbidden") | st.just("unavailable") | plain
places = st.fixed_dictionaries({"line": numbers | plain, "function": texts, "source": texts})
messages = st.one_of(
    st.fixed_dictionaries(
        {"type": st.just("Answer"), "number": st.just(1)},
        optional={"value": values, "inputs": values, "gradients": values, "warnings": values},
    ),
    st.fixed_dictionaries(
        {
            "type": st.just("Raised"),
            "number": st.just(1),
            "kind": texts,
            "exception": texts,
            "message": texts,
        },
        optional={"frames": st.lists(places, max_size=10) | values},
    ),
    st.fixed_dictionaries(
        {"type": st.just("Progress"), "number": st.just(1), "step": numbers | plain},
        optional={"numbers": st.dictionaries(st.text(max_size=8), st.floats() | plain) | values},
    ),
    st.fixed_dictionaries(
        {"type": st.sampled_from(["Loaded", "Call", "Verdict"]), "number": numbers}
    ),
    values,
)


def true_messages() -> list[tuple[bytes, bytes]]:
    """Header and body of honest answers."""
    found = []
    worker = Codec(
        keep=lambda value: HandleRef(0, "Model"), find=lambda h: h, incoming=wire.Request
    )
    for message in (
        Loaded(1),
        Answer(1, (torch.zeros(2, 3), torch.ones(2, 3, dtype=torch.float64))),
        Answer(1, {"a": [1, 2.5, None, "x", b"y"], "b": (np.arange(6).reshape(2, 3), True)}),
        Answer(1, (object(), [torch.tensor(True)]), inputs=(torch.zeros(0, 4),), gradients=(None,)),
        Answer(1, torch.zeros(3, dtype=torch.bfloat16), warnings=("RuntimeWarning: overflow",)),
        Raised(1, "exception", "ValueError", "no", (Frame(3, "lstm_cell", "raise ValueError"),)),
        Progress(1, 20, {"loss": 0.25}),
    ):
        _, header, *body = worker.encode(message)
        found.append((bytes(header), b"".join(body)))
    return found


TRUE = true_messages()


@st.composite
def mutated(draw: st.DrawFn) -> tuple[bytes, bytes]:
    """An honest frame with some of its bytes changed, cut, doubled, or from another frame."""
    header, body = draw(st.sampled_from(TRUE))
    data = bytearray(header)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(data)))
        match draw(st.integers(0, 4)):
            case 0:
                data[at : at + 1] = draw(st.binary(min_size=1, max_size=1))
            case 1:
                del data[at : at + draw(st.integers(1, 9))]
            case 2:
                data[at:at] = draw(st.binary(max_size=9))
            case 3:
                data[at:at] = data[at : at + draw(st.integers(1, 30))]
            case _:
                data[at:] = draw(st.sampled_from(TRUE))[0][at:]
    extra = draw(st.sampled_from([0, 0, 0, -1, 1, 8]))
    return bytes(data), body[:extra] if extra < 0 else body + bytes(extra)


@st.composite
def lies(draw: st.DrawFn) -> tuple[bytes, bytes]:
    """A well-formed message of any content, with a body of about the size that it claims."""
    header = encode(draw(messages))
    return header, draw(st.binary(max_size=8) | st.sampled_from([0, 24, 48, 72, 144]).map(bytes))


noise = st.tuples(st.binary(max_size=200), st.binary(max_size=50))
frames = lies() | mutated() | noise


def bomb(first: bytes, count: int, last: bytes = b"\xc0") -> tuple[bytes, bytes]:
    start = encode({"type": "Answer", "number": 1})
    return bytes([start[0] + 1]) + start[1:] + b"\xa5value" + first * count + last, b""


COLLIDING = b"".join(
    b"\xdc\0\x10" + bytes(0xFF if n >> bit & 1 else 0xFE for bit in range(16)) + b"\xc0"
    for n in range(30_000)
)
BOMBS = [
    bomb(b"\x91", 1_000_000),
    bomb(b"\x81\xc0", 500_000),
    bomb(b"\xdd\xff\xff\xff\xff", 20),
    bomb(b"\xdf\xff\xff\xff\xff", 20),
    bomb(b"\x90", 1, b""),
    bomb(b"\xdd\x00\x0f\x00\x00" + b"\x90" * 0xF0000, 1, b""),
    bomb(b"\xdd\x00\x01\x00\x00" + b"\x80" * 0x10000, 1, b""),
    bomb(b"\xdf\x00\x00\x75\x30" + COLLIDING, 1, b""),
    bomb(b"\xc9\xff\xff\xff\xff\x03", 100),
    bomb(b"\xc7\x00\x03", 1, b""),
    bomb(b"\xd6\xff\0\0\0\0", 1, b""),
    *(
        bomb(encode(Ext(1, encode(("t", "int64", [size] * 200_000, "cpu")))), 1, b"")
        for size in (0, 1, 2**62, -(2**63))
    ),
]


def examples(test):
    for one in BOMBS:
        test = example(sent=one)(test)
    return test


# -- the codec -------------------------------------------------------------------------------------


def nodes(value: object) -> Iterator[object]:
    waiting = [value]
    while waiting:
        node = waiting.pop()
        yield node
        if type(node) in (list, tuple):
            waiting.extend(node)
        elif type(node) is dict:
            waiting.extend(node)
            waiting.extend(node.values())


EXACT = {type(None), bool, int, float, str, bytes, list, tuple, dict, HandleRef}


@examples
@given(sent=frames)
@settings(max_examples=40, suppress_health_check=list(HealthCheck))
def test_bytes_are_a_message_or_a_wire_error(sent: tuple[bytes, bytes]) -> None:
    decode(*sent)


def test_what_a_fuzzer_found_is_a_message_or_a_wire_error() -> None:
    """`benchmarks/fuzz_wire.py` kept these, each for a way through the reader of its own."""
    found = sorted((Path(__file__).parent / "corpus").iterdir())
    assert len(found) > 50
    for path in found:
        data = path.read_bytes()
        prefix, rest = data[: wire.PREFIX.size], data[wire.PREFIX.size :]
        with contextlib.suppress(WireError):
            header, body = wire.sizes(prefix.ljust(wire.PREFIX.size), max_body=1 << 20)
            decode(rest[:header], rest[header : header + body])


@pytest.mark.full
@given(sent=frames)
@settings(max_examples=5000, suppress_health_check=list(HealthCheck))
def test_many_more_bytes_are_a_message_or_a_wire_error(sent: tuple[bytes, bytes]) -> None:
    decode(*sent)


def decode(header: bytes, body: bytes) -> None:
    """Decode a frame, and hold the result to all that the judge relies on."""
    tracemalloc.start()
    began = time.process_time()
    try:
        message = judge_codec().decode(header, body)
    except WireError as error:
        count("refused")
        message = None
        assert len(error.message) < 1000  # noqa: PT017  it need not be raised
    finally:
        took = time.process_time() - began
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert peak < FIXED_BYTES + PER_HEADER_BYTE * len(header) + 4 * len(body)
    assert took < 5 + 2e-5 * len(header), "time is in proportion to the size"
    if message is None:
        return
    count(type(message).__name__)
    assert isinstance(message, Reply)
    if isinstance(message, Answer):
        total = 0
        for node in nodes((message.value, message.inputs, message.gradients)):
            if isinstance(node, torch.Tensor):
                assert type(node) is torch.Tensor
                assert node.is_contiguous()
                assert not node.requires_grad
                total += node.numel() * node.element_size()
            elif isinstance(node, np.ndarray):
                assert type(node) is np.ndarray
                assert not node.dtype.hasobject
                total += node.nbytes
            else:
                assert type(node) in EXACT
        assert total == len(body), "no two tensors share bytes, and none are left over"


def count(what: str) -> None:
    """Count how often something came up, for Hypothesis' statistics."""
    if currently_in_test_context():
        event(what)


@given(prefix=st.binary(min_size=12, max_size=12), most=st.integers(0, 1 << 28))
@example(prefix=b"\xff" * 12, most=1 << 28)
@example(prefix=b"\0\x10\0\x01" + bytes(8), most=1 << 28)
def test_lengths_are_within_bounds_or_a_wire_error(prefix: bytes, most: int) -> None:
    try:
        header, body = wire.sizes(prefix, max_body=most)
    except WireError:
        return
    assert header <= wire.MAX_HEADER_BYTES
    assert body <= most


# -- the judge's end of a worker -------------------------------------------------------------------


class FakeZygote:
    """Hands the worker's ends of wire and output to a thread of the test's."""

    def __init__(self, play) -> None:
        self.play = play
        self.ended = threading.Event()

    def fork(self, fork: Fork, wire_fd: int, output_fd: int) -> None:
        ends = socket.socket(fileno=os.dup(wire_fd)), os.dup(output_fd)
        self.thread = threading.Thread(target=self._run, args=ends)
        self.thread.start()

    def _run(self, connection: socket.socket, output: int) -> None:
        try:
            with contextlib.suppress(OSError):
                self.play(connection, output, self.ended)
        finally:
            connection.close()
            with contextlib.suppress(OSError):
                os.close(output)

    def kill(self, token: int) -> None:
        self.ended.set()

    def exited(self, token: int, timeout_s: float) -> Exited | None:
        return Exited(token, signal=9)


TIMEOUT_S = 0.15


def play_script(script: list[tuple[str, object]]):
    """Do what a script says:

    send, wait, print, hang up in part or in whole, hand over descriptors.
    """

    def play(connection: socket.socket, output: int, ended: threading.Event) -> None:
        connection.settimeout(1.0)
        os.set_blocking(output, False)
        for what, value in script:
            if ended.is_set():
                return
            match what:
                case "send":
                    connection.sendall(value)
                case "drip":
                    for byte in value[:20]:
                        connection.send(bytes([byte]))
                        ended.wait(0.01)
                case "wait":
                    ended.wait(value)
                case "print":
                    with contextlib.suppress(BlockingIOError):
                        os.write(output, value)
                case "mute":
                    os.close(output)
                case "shut":
                    connection.shutdown(value)
                case "descriptors":
                    socket.send_fds(connection, [b"\0"], [0, 1, 2])
                case "read":
                    connection.recv(value)

    return play


def complete(sent: tuple[bytes, bytes]) -> bytes:
    return frame(*sent)


pieces = (
    frames.map(complete)
    | st.tuples(frames.map(complete), st.integers(0, 100)).map(lambda pair: pair[0][: pair[1]])
    | st.binary(max_size=40)
    | st.builds(struct.pack, st.just(">IQ"), st.integers(0, 2**32 - 1), st.integers(0, 2**64 - 1))
    | st.builds(struct.pack, st.just(">IQ"), st.integers(0, 1 << 20), st.integers(0, 1 << 22))
)
steps = st.one_of(
    st.tuples(st.just("send"), pieces),
    st.tuples(st.just("send"), st.sampled_from(TRUE).map(complete)),
    st.tuples(st.just("drip"), pieces),
    st.tuples(st.just("wait"), st.sampled_from([0.0, 0.01, 0.3])),
    st.tuples(st.just("print"), st.binary(max_size=100) | st.just(b"x" * 60_000)),
    st.tuples(st.just("shut"), st.sampled_from([socket.SHUT_RD, socket.SHUT_WR, socket.SHUT_RDWR])),
    st.tuples(st.sampled_from(["mute", "descriptors"]), st.none()),
    st.tuples(st.just("read"), st.integers(1, 1000)),
)
scripts = st.lists(steps, max_size=6)
LIMITS = Limits(answer_bytes=1 << 20, output_bytes=1000)


@given(script=scripts, large=st.booleans())
@settings(max_examples=120, suppress_health_check=list(HealthCheck))
@example(script=[], large=True)
@example(script=[("drip", bytes(100))], large=False)
@example(script=[("send", complete(TRUE[1])[:-1])], large=False)
@example(script=[("mute", None), ("send", complete(TRUE[1]))], large=False)
def test_a_worker_is_answered_in_time_or_given_up(script, large: bool) -> None:
    descriptors = len(os.listdir("/proc/self/fd"))
    zygote = FakeZygote(play_script(script))
    worker = Worker(zygote, Fork(1, LIMITS))
    request = Call(worker.next_number(), "f", args=(torch.zeros(1 << 17 if large else 4),))
    began = time.monotonic()
    try:
        reply = worker.ask(request, timeout_s=TIMEOUT_S)
        event("answered")
        assert reply.number == request.number
        assert isinstance(reply, Reply)
    except OURS as error:
        event(type(error).__name__)
        assert not worker.alive
    assert time.monotonic() - began < TIMEOUT_S + 2.0, "it waits no longer than its deadline"
    assert len(worker.printed()[0]) <= LIMITS.output_bytes
    worker.close()
    zygote.ended.set()
    zygote.thread.join(5)
    assert not zygote.thread.is_alive()
    assert len(os.listdir("/proc/self/fd")) == descriptors, "no descriptor is left, or was taken in"


# -- progress --------------------------------------------------------------------------------------


def word(step: int, *, number: int = 1, body: bytes = b"", **numbers: float) -> bytes:
    header = encode({"type": "Progress", "number": number, "step": step, "numbers": numbers})
    return frame(header, body)


ANSWER = frame(encode({"type": "Answer", "number": 1, "value": 7}))


def told(play, *, timeout_s: float) -> tuple[object, list[Progress], float]:
    """What came of one question to a worker that plays so, what it told, and how long it took."""
    zygote, words = FakeZygote(play), []
    worker = Worker(zygote, Fork(1, LIMITS))
    began = time.monotonic()
    try:
        request = Call(worker.next_number(), "train", progress="report")
        came: object = worker.ask(request, timeout_s=timeout_s, progress=words.append)
        assert worker.alive
    except OURS as error:
        came = error
        assert not worker.alive
    took = time.monotonic() - began
    worker.close()
    zygote.ended.set()
    zygote.thread.join(20)
    assert not zygote.thread.is_alive()
    return came, words, took


def test_progress_is_told_and_the_answer_still_arrives() -> None:
    script = [("send", word(step, loss=step / 2)) for step in range(3)]
    script += [("send", ANSWER), ("wait", 20.0)]
    came, words, _ = told(play_script(script), timeout_s=20)
    assert came == Answer(1, 7)
    assert words == [Progress(1, step, {"loss": step / 2}) for step in range(3)]


def forever(sent: bytes, pause_s: float = 0.0):
    def play(connection: socket.socket, output: int, ended: threading.Event) -> None:
        while not ended.wait(pause_s) if pause_s else not ended.is_set():
            connection.sendall(sent)

    return play


def test_a_flood_of_progress_is_bounded() -> None:
    came, words, _ = told(forever(word(1, loss=0.5) * 20), timeout_s=120)
    assert isinstance(came, WorkerBrokenError)
    assert f"more than {MAX_PROGRESS:,} words of progress" in str(came)
    assert len(words) == MAX_PROGRESS


def test_progress_puts_no_deadline_off() -> None:
    came, words, took = told(forever(word(1), pause_s=0.05), timeout_s=0.5)
    assert isinstance(came, WorkerLateError)
    assert words
    assert took < 3.0


@pytest.mark.parametrize(
    ("sent", "message"),
    [
        (word(1, number=2), "answer number 2 to question number 1"),
        (word(1, body=b"\0"), "bytes are left over"),
        (frame(encode({"type": "Progress", "number": 1, "step": "far"})), "Expected `int`"),
        (
            frame(encode({"type": "Progress", "number": 1, "step": 1, "numbers": {"a": [1]}})),
            "Expected `float`, got `array`",
        ),
        (struct.pack(">IQ", wire.MAX_HEADER_BYTES + 1, 0), "at most 1,048,576"),
    ],
)
def test_what_is_no_progress_ends_the_worker(sent: bytes, message: str) -> None:
    script = [("send", word(0)), ("send", sent), ("wait", 20.0)]
    came, words, _ = told(play_script(script), timeout_s=20)
    assert isinstance(came, WorkerBrokenError)
    assert message in str(came)
    assert words == [Progress(1, 0)]


# -- what the judge does with the values -----------------------------------------------------------


class FakeSandbox:
    """Every worker answers each question with the same frame."""

    device = "cpu"

    def __init__(self, header: bytes, body: bytes) -> None:
        self.sent = header, body

    def for_device(self, device: str) -> "FakeSandbox":
        return self

    def worker(self, limits: Limits, **_: object) -> "FakeWorker":
        return FakeWorker(self.sent)


class FakeWorker:
    def __init__(self, sent: tuple[bytes, bytes]) -> None:
        self.sent, self.alive, self.number = sent, True, 0

    def next_number(self) -> int:
        self.number += 1
        return self.number

    def ask(self, request: object, *, timeout_s: float, progress: object) -> object:
        if isinstance(request, wire.Load):
            return Loaded(request.number)
        try:
            return judge_codec().decode(*self.sent)
        except WireError as error:
            raise WorkerBrokenError(error.message) from None

    def printed(self) -> tuple[bytes, int]:
        return b"", 0

    def close(self) -> None:
        self.alive = False


@pytest.fixture(scope="module")
def lstm():
    from grader.course.catalog import built_in_course

    course: Course = built_in_course()
    return course.find("lstm/lstm_cell")


@given(sent=lies() | mutated())
@example(sent=BOMBS[0])
@example(sent=BOMBS[6])
@settings(max_examples=150, suppress_health_check=list(HealthCheck))
def test_whatever_the_values_are_the_judge_only_finds_fault(sent, lstm) -> None:
    conversation = Conversation(lstm, b"", FakeSandbox(*sent))
    lstm_cell = conversation["lstm_cell"]
    want = torch.zeros(2, 3, dtype=torch.float64)
    ways = (
        lambda: lstm_cell(want),
        lambda: lstm_cell.inputs(want),
        lambda: lstm_cell.warnings(want),
        lambda: lstm_cell.vjp(want, cotangents=(want,), wrt=(0,)),
    )
    for way in ways:
        try:
            got = way()
        except (SubmissionError, Stopped, LoadFailedError) as error:
            event(type(error).__name__)
            assert len(str(error)) < 10_000  # noqa: PT017  it need not be raised
            continue
        event("answered")
        assert same_transcript((Said("answer", got),), (Said("answer", got),)) in (True, False)
        for node in (got, *itertools.islice(nodes(got), 40)):
            described("got", node)
            for judge in (
                lambda node=node: expect(node, want, name="h", dtype=torch.float64),
                lambda node=node: expect(node, want.numpy(), name="h"),
                lambda node=node: expect(node, 3, name="n"),
                lambda node=node: expect(node, 0.5, name="n"),
                lambda node=node: expect(node, "text", name="n"),
                lambda node=node: items(node, "h", "c"),
            ):
                with contextlib.suppress(CheckFailed):
                    judge()
            assert not isinstance(node, RemoteHandle) or isinstance(node.number, int)


def test_the_bound_on_depth_leaves_room_for_honest_answers() -> None:
    value: object = 1.0
    for _ in range(wire.MAX_DEPTH):
        value = (value,)
    _, header, *_ = judge_codec().encode(Answer(1, value))
    got = judge_codec().decode(header, b"").value
    for _ in range(wire.MAX_DEPTH):
        [got] = got
    assert math.isclose(got, 1.0)


def test_honest_frames_are_read() -> None:
    for header, body in TRUE:
        message = judge_codec().decode(header, body)
        assert message.number == 1
        assert msgspec.msgpack.decode(header)["type"] == type(message).__name__
