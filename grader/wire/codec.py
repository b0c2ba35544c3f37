"""Values to bytes and back, with nothing on the way that executes.

Values are trees of None, bool, int, float, str, bytes, list, tuple, dict, tensors and arrays. What
is rebuilt from a frame is made of exact builtins and of tensors that this module makes itself from
dtype, shape and bytes. NumPy and torch are imported only when a tensor passes.
"""

import math
import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
from msgspec.msgpack import Ext

from grader.errors import WireError
from grader.wire.format import (
    HANDLE,
    ITEM_SIZES,
    MAX_BODY_BYTES,
    MAX_DEPTH,
    MAX_DIMS,
    MAX_ELEMENTS,
    MAX_HEADER_BYTES,
    PREFIX,
    TENSOR,
    TUPLE,
)
from grader.wire.messages import HandleRef, Reply, Request, Value
from grader.wire.scan import scan

if TYPE_CHECKING:
    import numpy as np
    import torch


class _Body:
    """The tensors' bytes, consumed in order."""

    def __init__(self, data: memoryview) -> None:
        self.data = data
        self.position = 0

    def take(self, count: int) -> bytearray:
        end = self.position + count
        if end > len(self.data):
            raise WireError("a tensor claims more bytes than the frame has")
        chunk = bytearray(self.data[self.position : end])
        self.position = end
        return chunk


def pack(
    value: Value, body: list[bytes], *, keep: Callable[[object], HandleRef], depth: int = 0
) -> Value:
    """Turn a tree into what MessagePack can carry.

    Tensors go to `body`, anything that is no value through `keep`.

    Args:
        value: any object; the exact types of the tree's nodes decide.
        body: the tensors' bytes are appended here, in order.
        keep: called with each object that is no value; returns the handle that stands for it.
        depth: how deep in the tree this node is.

    Raises:
        WireError: the tree is deeper than `MAX_DEPTH`.
    """
    if value is None or type(value) in (bool, float, str, bytes):
        return value
    if type(value) is int:
        return (
            value
            if -(1 << 63) <= value < 1 << 64
            else float(value)
            if abs(value) < 1 << 1023
            else math.inf
        )
    if depth > MAX_DEPTH:
        raise WireError(f"nested more than {MAX_DEPTH} deep")
    if isinstance(value, HandleRef):
        return Ext(HANDLE, msgspec.msgpack.encode((value.number, value.type_name[:200])))

    def inner(item: Value) -> Value:
        return pack(item, body, keep=keep, depth=depth + 1)

    if isinstance(value, list):
        return [inner(item) for item in value]
    if isinstance(value, tuple):
        return Ext(TUPLE, msgspec.msgpack.encode([inner(item) for item in value]))
    torch = sys.modules.get("torch")
    if torch is None or type(value) is not torch.Tensor:  # most often it is one, and none of these
        if isinstance(value, Mapping) and all(type(key) in (str, int) for key in value):
            return {key: inner(item) for key, item in value.items()}
        if isinstance(value, bool | float | int | str):  # subclasses: their plain value
            return inner(
                next(base for base in (bool, float, int, str) if isinstance(value, base))(value)
            )
    described = _describe_array(value)
    if described is None:
        return inner(keep(value))
    kind, dtype, shape, device, data = described
    body.append(data)
    return Ext(TENSOR, msgspec.msgpack.encode((kind, dtype, shape, device)))


def _describe_array(value: object) -> tuple[str, str, tuple[int, ...], str, bytes] | None:
    """Kind, dtype, shape, device and bytes of a tensor or array that can travel, else None."""
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(value, torch.Tensor):
        with torch._C.DisableTorchFunctionSubclass():
            name = str(value.dtype).removeprefix("torch.")
            plain = (
                value.layout == torch.strided
                and not value.is_meta
                and not value.is_nested
                and not value.is_quantized
            )
            if not plain or name not in ITEM_SIZES or value.dim() > MAX_DIMS:
                return None
            if name == "bfloat16":  # which NumPy does not have: its bits, as int16
                # A clone, since "contiguous" says nothing about the stride of a single element.
                whole = value.detach().cpu().clone(memory_format=torch.contiguous_format)
                data = whole.view(torch.int16).numpy().tobytes()
            else:
                data = value.numpy(force=True).tobytes()
            return "t", name, tuple(value.shape), value.device.type, data
    numpy = sys.modules.get("numpy")
    if numpy is not None and isinstance(value, numpy.ndarray | numpy.generic):
        array: np.ndarray[Any, Any] = numpy.asarray(value)
        if array.dtype.name not in ITEM_SIZES or array.ndim > MAX_DIMS:
            return None
        array = array.astype(array.dtype.newbyteorder("="), order="C", copy=False)
        return "n", array.dtype.name, array.shape, "cpu", array.tobytes()
    return None


class Packed(NamedTuple):
    """A message as it travels, but for its number: its trees are packed, its tensors bytes."""

    message: Request | Reply
    body: list[bytes]

    def frame(self) -> list[bytes]:
        """The frame's parts, to be sent one after the other.

        Raises:
            WireError: it is too large to travel.
        """
        header = _ENCODER.encode(self.message)
        size = sum(map(len, self.body))
        if len(header) > MAX_HEADER_BYTES:
            raise WireError(
                f"a message of {len(header):,} bytes beside its tensors; at most "
                f"{MAX_HEADER_BYTES:,} can travel"
            )
        if size > MAX_BODY_BYTES:
            raise WireError(
                f"tensors of {size:,} bytes in one message; at most {MAX_BODY_BYTES:,} can travel"
            )
        return [PREFIX.pack(len(header), size), header, *self.body]

    def numbered(self, number: int) -> list[bytes]:
        """The frame's parts, under another number."""
        return Packed(msgspec.structs.replace(self.message, number=number), self.body).frame()


def packed(message: Request | Reply, keep: Callable[[object], HandleRef] | None = None) -> Packed:
    """A message, ready to be framed.

    Args:
        message: what is said.
        keep: see `pack`; without it, an object that is no value is refused.

    Raises:
        WireError: there is such an object, or it is nested too deeply.
    """
    body: list[bytes] = []
    fields = {
        name: pack(field, body, keep=keep or refuse) if name in _TREES else field
        for name, field in ((name, getattr(message, name)) for name in message.__struct_fields__)
    }
    return Packed(type(message)(**fields), body)


def refuse(value: object) -> HandleRef:
    """What the judge does with an object that is no value.

    Raises:
        WireError: always.
    """
    raise WireError(f"a {type(value).__name__} cannot be sent to a submission")


class Codec:
    """Encodes and decodes frames. One codec belongs to one side of one connection.

    Args:
        keep: what to do with an object that is no value (the worker keeps it and sends a handle;
            the judge refuses).
        find: what a handle becomes when it arrives (the worker looks the object up; the judge makes
            a reference).
        incoming: the type of the messages that arrive: `Request` or `Reply`.
        device: where tensors are rebuilt; "cpu" on the judge's side.
    """

    def __init__(
        self,
        *,
        keep: Callable[[object], HandleRef],
        find: Callable[[HandleRef], object],
        incoming: Any,
        device: str = "cpu",
    ) -> None:
        self.device = device
        self._keep = keep
        self._find = find
        self._depth = 0
        self._body = _Body(memoryview(b""))
        self._decoder = msgspec.msgpack.Decoder(incoming, ext_hook=self._rebuild)
        self._tree = msgspec.msgpack.Decoder(list[Any], ext_hook=self._rebuild)

    def encode(self, message: Request | Reply) -> list[bytes]:
        """The frame's parts, to be sent one after the other."""
        return packed(message, self._keep).frame()

    def decode(
        self, header: bytes | bytearray | memoryview, body: bytes | bytearray | memoryview
    ) -> Any:
        """The message of a frame.

        Raises:
            WireError: anything at all is wrong with the bytes.
        """
        self._body = _Body(memoryview(body))
        self._depth = 0
        try:
            scan(header)
            message = self._decoder.decode(header)
        except WireError:
            raise
        except (
            msgspec.MsgspecError,
            RecursionError,
            OverflowError,
            TypeError,
            ValueError,
        ) as error:
            raise WireError(f"not a message: {str(error)[:200]}") from None
        if self._body.position != len(self._body.data):
            raise WireError("bytes are left over behind the last tensor")
        return message

    def _rebuild(self, code: int, data: memoryview) -> Any:
        if code == TENSOR:
            return self._tensor(data)
        if code == HANDLE:
            number, type_name = _HANDLE_DECODER.decode(data)
            return self._find(HandleRef(number, type_name))
        if code == TUPLE:
            self._depth += 1
            if self._depth > MAX_DEPTH + 1:
                raise WireError(f"nested more than {MAX_DEPTH} deep")
            items = tuple(self._tree.decode(data))
            self._depth -= 1
            return items
        raise WireError(f"unknown extension {code}")

    def _tensor(self, data: memoryview) -> "torch.Tensor | np.ndarray[Any, Any]":
        kind, dtype, shape, _ = _TENSOR_DECODER.decode(data)
        item_size = ITEM_SIZES.get(dtype)
        if kind not in ("n", "t") or not item_size or (kind, dtype) == ("n", "bfloat16"):
            raise WireError(f"unknown tensor of kind {kind[:20]!r} and dtype {dtype[:20]!r}")
        if (
            len(shape) > MAX_DIMS  # first: the product of very many takes very long
            or min(shape, default=0) < 0
            or math.prod(size or 1 for size in shape) > MAX_ELEMENTS
        ):
            raise WireError(f"impossible shape {shape[:10]}")
        import numpy as np

        # Any byte but 0 is True: a byte of another value would not be a bool at all.
        stored = {"bool": "uint8", "bfloat16": "int16"}.get(dtype, dtype)
        array = np.ndarray(shape, stored, self._body.take(math.prod(shape) * item_size))
        if dtype == "bool":
            array = array.astype(bool)
        if kind == "n":
            return array
        import torch

        tensor = torch.from_numpy(array)
        if dtype == "bfloat16":
            tensor = tensor.view(torch.bfloat16)
        return tensor if self.device == "cpu" else tensor.to(self.device)


_ENCODER = msgspec.msgpack.Encoder()
_TENSOR_DECODER = msgspec.msgpack.Decoder(tuple[str, str, tuple[int, ...], str])
_HANDLE_DECODER = msgspec.msgpack.Decoder(tuple[int, str])
_TREES = frozenset({"args", "kwargs", "cotangents", "value", "inputs", "gradients", "step_values"})
