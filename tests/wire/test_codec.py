"""The wire: what goes in comes out, with exact types, and what is too large is refused before it
costs anything.
"""

import itertools
import math
from collections import OrderedDict, namedtuple

import hypothesis.extra.numpy as hnp
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from grader import wire
from grader.errors import WireError
from grader.wire import (
    Answer,
    Call,
    Codec,
    Frame,
    HandleRef,
    Load,
    Loaded,
    Progress,
    Raised,
    Reply,
    Request,
)


def refuse(value: object) -> HandleRef:
    raise WireError(f"no handle for {type(value).__name__}")


def codec(incoming=Reply) -> Codec:
    return Codec(keep=refuse, find=lambda handle: handle, incoming=incoming)


def travel(message):
    """A message as the other side reads it."""
    incoming = Reply if isinstance(message, Reply) else Request
    prefix, header, *body = codec(incoming).encode(message)
    data = b"".join(body)
    assert wire.sizes(prefix, max_body=1 << 30) == (len(header), len(data))
    return codec(incoming).decode(header, data)


def same(left, right) -> bool:
    """Equal values of exactly equal types, bit for bit."""
    if type(left) is not type(right):
        return False
    if isinstance(left, list | tuple):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, dict):
        return list(left) == list(right) and all(same(left[key], right[key]) for key in left)
    if isinstance(left, torch.Tensor):
        if left.dtype != right.dtype or left.shape != right.shape:
            return False
        left, right = (t.contiguous().reshape(-1).view(torch.uint8).numpy() for t in (left, right))
    if isinstance(left, np.ndarray):
        form = left.dtype == right.dtype and left.shape == right.shape
        return form and left.tobytes() == right.tobytes()
    if isinstance(left, float):
        return left == right or (math.isnan(left) and math.isnan(right))
    return left == right


TORCH_DTYPES = [getattr(torch, name) for name in wire.ITEM_SIZES]
NUMPY_DTYPES = [np.dtype(name) for name in wire.ITEM_SIZES if name != "bfloat16"]
SHAPES = hnp.array_shapes(min_dims=0, max_dims=wire.MAX_DIMS, min_side=0, max_side=3)


@st.composite
def tensors(draw) -> torch.Tensor:
    dtype, shape = draw(st.sampled_from(TORCH_DTYPES)), draw(SHAPES)
    count = math.prod(shape)
    if dtype is torch.bool:
        bits = draw(st.lists(st.booleans(), min_size=count, max_size=count))
        return torch.tensor(bits, dtype=torch.bool).reshape(shape)
    size = count * wire.ITEM_SIZES[str(dtype).removeprefix("torch.")]
    data = draw(st.binary(min_size=size, max_size=size))
    if not size:
        return torch.empty(shape, dtype=dtype)
    return torch.frombuffer(bytearray(data), dtype=dtype).reshape(shape)


arrays = st.sampled_from(NUMPY_DTYPES).flatmap(lambda dtype: hnp.arrays(dtype, SHAPES))
leaves = (
    st.none()
    | st.booleans()
    | st.integers(-(1 << 63), (1 << 64) - 1)
    | st.floats()
    | st.text()
    | st.binary()
    | tensors()
    | arrays
    | st.builds(HandleRef, st.integers(0, 1 << 31), st.text(max_size=200))
)
trees = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(st.text() | st.integers(0, 99), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(args=st.lists(trees, max_size=3).map(tuple), kwargs=st.dictionaries(st.text(), trees))
def test_a_request_arrives_as_it_was_sent(args, kwargs) -> None:
    sent = Call(7, "lstm_cell", args=args, kwargs=kwargs, keep=(0, 2), wrt=(1, "weight"))
    got = travel(sent)
    assert (got.number, got.target, got.keep, got.wrt) == (7, "lstm_cell", (0, 2), (1, "weight"))
    assert same(list(got.args), list(args))
    assert same(got.kwargs, kwargs)


@given(value=trees, inputs=trees, gradients=trees)
def test_an_answer_arrives_as_it_was_sent(value, inputs, gradients) -> None:
    got = travel(Answer(3, value, inputs, gradients, ("RuntimeWarning: overflow",)))
    assert same([got.value, got.inputs, got.gradients], [value, inputs, gradients])
    assert got.warnings == ("RuntimeWarning: overflow",)


@pytest.mark.parametrize(
    "message",
    [
        Loaded(1),
        Progress(5, 1 << 40, {"loss": 0.25, "": math.inf}),
        Raised(2, "exception", "ValueError", "no", (Frame(3, "f", "raise ValueError('no')"),)),
        Load(4, "lstm_cell", b"\x00\xff", "torch", "cpu", wire.Forbidden(("torch.nn.LSTM",))),
    ],
)
def test_messages_without_trees(message) -> None:
    assert travel(message) == message


Point = namedtuple("Point", "h c")


class Text(str):
    pass


@pytest.mark.parametrize(
    ("value", "arrives"),
    [
        (Point(1, 2.5), (1, 2.5)),
        (OrderedDict(a=1), {"a": 1}),
        (Text("x"), "x"),
        (True, True),
        (1 << 80, float(1 << 80)),
        (10**400, math.inf),
        (np.float32(0.5), np.array(0.5, dtype=np.float32)),
        (np.arange(3, dtype=">i4"), np.arange(3, dtype=np.int32)),
        (np.arange(6).reshape(2, 3).T, np.arange(6).reshape(2, 3).T.copy()),
        (torch.arange(6).view(2, 3).T, torch.tensor([[0, 3], [1, 4], [2, 5]])),
        (torch.ones(2, requires_grad=True), torch.ones(2)),
        (torch.tensor([1 + 2j]).conj(), torch.tensor([1 - 2j])),
        (torch.ones(1).expand(2, 3), torch.ones(2, 3)),
        (torch.nn.Parameter(torch.ones(2)), torch.ones(2)),
    ],
    ids=lambda value: type(value).__name__,
)
def test_relatives_of_values_arrive_as_plain_values(value, arrives) -> None:
    assert same(travel(Answer(1, value)).value, arrives)


@pytest.mark.parametrize(
    "value",
    [
        object(),
        {1, 2},
        torch.ones(2).to_sparse(),
        torch.ones(2, device="meta"),
        torch.ones((1,) * (wire.MAX_DIMS + 1)),
        np.array(["text"]),
        np.array([object()]),
        {(1, 2): 3},
        lambda: None,
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_is_no_value_needs_a_handle(value) -> None:
    with pytest.raises(WireError, match=f"no handle for {type(value).__name__}"):
        codec().encode(Answer(1, value))


def nested(depth: int, wrap):
    value = 0
    for _ in range(depth):
        value = wrap(value)
    return value


WRAPS = [lambda v: [v], lambda v: (v,), lambda v: {"a": v}]


@pytest.mark.parametrize("wrap", WRAPS, ids=["list", "tuple", "dict"])
def test_depth_is_bounded(wrap) -> None:
    deep = nested(wire.MAX_DEPTH, wrap)
    assert same(travel(Answer(1, deep)).value, deep)
    with pytest.raises(WireError, match="nested more than 32 deep"):
        codec().encode(Answer(1, nested(wire.MAX_DEPTH + 2, wrap)))


def test_one_message_is_bounded() -> None:
    with pytest.raises(WireError, match="beside its tensors; at most"):
        codec().encode(Answer(1, "x" * (wire.MAX_HEADER_BYTES + 1)))
    with pytest.raises(WireError, match=r"tensors of .* at most"):
        codec().encode(Answer(1, torch.empty(wire.MAX_BODY_BYTES + 1, dtype=torch.uint8)))


def test_sizes_are_refused_before_anything_is_allocated() -> None:
    with pytest.raises(WireError, match="4,294,967,295 bytes"):
        wire.sizes(wire.PREFIX.pack(0xFFFFFFFF, 0), max_body=10)
    with pytest.raises(WireError, match="11 bytes in one answer; at most 10"):
        wire.sizes(wire.PREFIX.pack(1, 11), max_body=10)


def test_a_tensor_cannot_claim_bytes_that_are_not_there() -> None:
    _, header, *body = codec().encode(Answer(1, torch.ones(4)))
    data = b"".join(body)
    with pytest.raises(WireError, match="claims more bytes"):
        codec().decode(header, data[:-1])
    with pytest.raises(WireError, match="left over"):
        codec().decode(header, data + b"\0")
    with pytest.raises(WireError, match="cut off"):
        codec().decode(header[:-1], data)
    with pytest.raises(WireError, match="not a message"):
        codec().decode(codec(Request).encode(Call(1, "f"))[1], b"")


def test_two_tensors_share_nothing() -> None:
    shared = torch.ones(3)
    first, second = travel(Answer(1, (shared, shared))).value
    first.add_(1)
    assert second.tolist() == [1, 1, 1]


@given(st.lists(st.integers(0, 3 * wire.PACKET_BYTES // 2), max_size=8))
def test_packets_are_the_same_bytes_in_fewer_pieces(lengths) -> None:
    parts = [bytes([number]) * length for number, length in enumerate(lengths)]
    packets = list(wire.packets(parts))
    assert b"".join(packets) == b"".join(parts)
    assert all(
        len(one) + len(other) > wire.PACKET_BYTES for one, other in itertools.pairwise(packets)
    )


@pytest.mark.parametrize("header", [b"\x81\xc0\x01", b"\x92\x01", b"\x91" * 200])
def test_a_wrong_message_is_refused_each_time(header: bytes) -> None:
    """What was walked once is known, and only what was right."""
    for _ in range(2):
        with pytest.raises(WireError):
            wire.scan(header)
        wire.scan(b"\x92\x01\x02")
