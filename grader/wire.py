"""The wire between judge and worker: bounded frames of MessagePack, and nothing that executes.

A frame is ``header length (u32) | body length (u64) | header | body``, big-endian. The header is
one MessagePack message of at most `MAX_HEADER_BYTES`; the body is the raw bytes of its tensors, one
after the other, in the order in which the header mentions them. Both lengths are checked before
anything is allocated, and no two tensors can share bytes, so what a frame costs its reader is
bounded by what it says in its first twelve bytes.

Values are trees of None, bool, int, float, str, bytes, list, tuple, dict, tensors and arrays. What
is rebuilt from a frame is made of exact builtins and of tensors that this module makes itself from
dtype, shape and bytes.

This module runs on both sides; it imports NumPy and torch only when a tensor passes.
"""

import math
import struct
import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec
from msgspec import Struct
from msgspec.msgpack import Ext

from grader.errors import WireError

if TYPE_CHECKING:
    import numpy as np
    import torch

MAX_HEADER_BYTES = 1 << 20
MAX_BODY_BYTES = 1 << 28
MAX_DEPTH = 32
MAX_DIMS = 8
MAX_ELEMENTS = 1 << 40

PREFIX = struct.Struct(">IQ")

_TENSOR, _HANDLE, _TUPLE = 1, 2, 3

# Names shared by torch and NumPy; bfloat16 is torch's alone.
ITEM_SIZES = {
    "bool": 1,
    "uint8": 1,
    "int8": 1,
    "int16": 2,
    "int32": 4,
    "int64": 8,
    "float16": 2,
    "bfloat16": 2,
    "float32": 4,
    "float64": 8,
    "complex64": 8,
    "complex128": 16,
}

Value: TypeAlias = Any
"""A tree of plain values, tensors, arrays and handles."""


class HandleRef(Struct, frozen=True):
    """An object that stays in the worker.

    Its number there, and the name of its type, for messages.
    """

    number: int
    type_name: str


class Frame(Struct, frozen=True):
    """One line of a traceback, in the submission's own file."""

    line: int
    function: str
    source: str


class Forbidden(Struct, frozen=True):
    """What a submission must not use.

    `names` are dotted (each forbids what is below it too), `operators` are torch's, `modules` are
    not to be imported at all, and in `watched` modules all that is named after an operator is
    stopped.
    """

    names: tuple[str, ...] = ()
    operators: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()
    watched: tuple[str, ...] = ()


class Limits(Struct, frozen=True, forbid_unknown_fields=True):
    """What one submission may use. Seconds and bytes."""

    wall_s: float = 20.0
    check_s: float = 10.0
    call_s: float = 4.0
    load_s: float = 4.0
    cpu_s: float = 30.0
    memory_bytes: int = 1 << 30
    file_bytes: int = 1 << 24
    processes: int = 24
    open_files: int = 64
    output_bytes: int = 1 << 16
    answer_bytes: int = 1 << 23


class Load(Struct, frozen=True, tag=True):
    """Judge to worker: this is the submission; write it to a file and import it."""

    number: int
    name: str
    source: bytes
    arrays: str
    device: str
    forbidden: Forbidden


class Call(Struct, frozen=True, tag=True):
    """Judge to worker: call a name of the submission, or a handle, or a handle's method.

    `keep`: True keeps the whole answer as a handle, a tuple of indices keeps those items of it.
    `cotangents` asks for the vector-Jacobian product with respect to `wrt` (positions among the
    tensors of the arguments, or parameter names). `inputs` asks for the arguments as they are
    afterwards, `warnings` for the warnings raised (NumPy's floating-point ones among them).
    """

    number: int
    target: str | int
    method: str | None = None
    args: Value = ()
    kwargs: Value = {}
    keep: bool | tuple[int, ...] = False
    inputs: bool = False
    warnings: bool = False
    cotangents: Value = None
    wrt: tuple[int | str, ...] = ()


class Describe(Struct, frozen=True, tag=True):
    """Judge to worker: describe a Matplotlib figure (a handle) as plain values."""

    number: int
    target: int


class Loaded(Struct, frozen=True, tag=True):
    """Worker to judge: the submission is imported."""

    number: int


class Answer(Struct, frozen=True, tag=True):
    """Worker to judge.

    What the call returned, the arguments afterwards, and the gradients, as far as asked for.
    """

    number: int
    value: Value = None
    inputs: Value = None
    gradients: Value = None
    warnings: tuple[str, ...] = ()


class Raised(Struct, frozen=True, tag=True):
    """Worker to judge: it did not work. `kind` says in which way, the rest is for the learner.

    Kinds: exception, not_implemented, missing, signature, forbidden, memory, syntax, import,
    gradient, answer, unavailable.
    """

    number: int
    kind: str
    exception: str
    message: str
    frames: tuple[Frame, ...] = ()


Request: TypeAlias = Load | Call | Describe
Reply: TypeAlias = Loaded | Answer | Raised


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
        return Ext(_HANDLE, msgspec.msgpack.encode((value.number, value.type_name[:200])))

    def inner(item: Value) -> Value:
        return pack(item, body, keep=keep, depth=depth + 1)

    if isinstance(value, list):
        return [inner(item) for item in value]
    if isinstance(value, tuple):
        return Ext(_TUPLE, msgspec.msgpack.encode([inner(item) for item in value]))
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
    return Ext(_TENSOR, msgspec.msgpack.encode((kind, dtype, shape, device)))


def _describe_array(value: object) -> tuple[str, str, tuple[int, ...], str, bytes] | None:
    """Kind, dtype, shape, device and bytes of a tensor or array that can travel, else None."""
    numpy = sys.modules.get("numpy")
    if numpy is not None and isinstance(value, numpy.ndarray | numpy.generic):
        array: np.ndarray[Any, Any] = numpy.asarray(value)
        if array.dtype.name not in ITEM_SIZES or array.ndim > MAX_DIMS:
            return None
        array = array.astype(array.dtype.newbyteorder("="), order="C", copy=False)
        return "n", array.dtype.name, array.shape, "cpu", array.tobytes()
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
    return None


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
        self._encoder = msgspec.msgpack.Encoder()
        self._decoder = msgspec.msgpack.Decoder(incoming, ext_hook=self._rebuild)
        self._tree = msgspec.msgpack.Decoder(list[Any], ext_hook=self._rebuild)

    def encode(self, message: Request | Reply) -> list[bytes]:
        """The frame's parts, to be sent one after the other."""
        body: list[bytes] = []
        fields = {
            name: pack(field, body, keep=self._keep) if name in _TREES else field
            for name, field in (
                (name, getattr(message, name)) for name in message.__struct_fields__
            )
        }
        header = self._encoder.encode(type(message)(**fields))
        size = sum(map(len, body))
        if len(header) > MAX_HEADER_BYTES:
            raise WireError(
                f"a message of {len(header):,} bytes beside its tensors; at most "
                f"{MAX_HEADER_BYTES:,} can travel"
            )
        if size > MAX_BODY_BYTES:
            raise WireError(
                f"tensors of {size:,} bytes in one message; at most {MAX_BODY_BYTES:,} can travel"
            )
        return [PREFIX.pack(len(header), size), header, *body]

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
        if code == _TENSOR:
            return self._tensor(data)
        if code == _HANDLE:
            number, type_name = _HANDLE_DECODER.decode(data)
            return self._find(HandleRef(number, type_name))
        if code == _TUPLE:
            self._depth += 1
            if self._depth > MAX_DEPTH + 1:
                raise WireError(f"nested more than {MAX_DEPTH} deep")
            items = tuple(self._tree.decode(data))
            self._depth -= 1
            return items
        raise WireError(f"unknown extension {code}")

    def _tensor(self, data: memoryview) -> "torch.Tensor | np.ndarray[Any, Any]":
        kind, dtype, shape, _ = _TENSOR_DECODER.decode(data)
        if kind not in ("n", "t") or dtype not in ITEM_SIZES or (kind, dtype) == ("n", "bfloat16"):
            raise WireError(f"unknown tensor of kind {kind[:20]!r} and dtype {dtype[:20]!r}")
        bound = 1
        for size in shape:
            bound *= max(size, 1)
        if len(shape) > MAX_DIMS or bound > MAX_ELEMENTS or (shape and min(shape) < 0):
            raise WireError(f"impossible shape {shape[:10]}")
        chunk = self._body.take(math.prod(shape) * ITEM_SIZES[dtype])
        import numpy as np

        # Any byte but 0 is True: a byte of another value would not be a bool at all.
        stored = {"bool": "uint8", "bfloat16": "int16"}.get(dtype, dtype)
        array = np.frombuffer(chunk, dtype=stored).reshape(shape)
        if dtype == "bool":
            array = array.astype(bool)
        if kind == "n":
            return array
        import torch

        tensor = torch.from_numpy(array)
        if dtype == "bfloat16":
            tensor = tensor.view(torch.bfloat16)
        return tensor if self.device == "cpu" else tensor.to(self.device)


def scan(header: bytes | bytearray | memoryview) -> None:
    """Walk over a message without building anything.

    Nesting is bounded, and keys are kinds whose hashes nobody can choose (str and int): decoding
    then takes time and memory in proportion to the header's length.

    Raises:
        WireError: nested too deeply, another kind of key, or cut off.
    """
    data = memoryview(header)
    left = [1]  # for each level: how many values are still to come
    keys = [False]  # whether every other one of them is a key
    ends = [-1]  # where an extension has to end, or -1
    position, end = 0, len(data)
    try:
        while left:
            if left[-1] == 0:
                left.pop()
                keys.pop()
                if ends.pop() not in (-1, position):
                    raise WireError("not a message: an extension of the wrong length")
                continue
            is_key = keys[-1] and left[-1] % 2 == 0
            left[-1] -= 1
            first = data[position]
            position += 1
            kind, size, count = _TOKENS[first]
            if is_key and kind not in ("int", "str"):
                raise WireError("a key that is neither text nor a whole number")
            if size:
                number = int.from_bytes(data[position : position + size])
                position += size
                if kind == "int":
                    continue
                count = number
            if kind in ("array", "map"):
                left.append(count if kind == "array" else 2 * count)
                keys.append(kind == "map")
                ends.append(-1)
            elif kind == "ext":
                code = data[position]
                position += 1
                if code == _TUPLE:  # its content is a message of its own
                    left.append(1)
                    keys.append(False)
                    ends.append(position + count)
                elif code in (_TENSOR, _HANDLE):
                    position += count
                else:
                    raise WireError(f"unknown extension {code}")
            else:
                position += count
            if len(left) > 2 * (MAX_DEPTH + 2):  # a tuple takes two
                raise WireError(f"nested more than {MAX_DEPTH} deep")
            if position > end:
                raise WireError("not a message: it is cut off")
    except IndexError:
        raise WireError("not a message: it is cut off") from None


def _tokens() -> tuple[tuple[str, int, int], ...]:
    """What each first byte means: the kind, how many bytes of length follow, the length in it."""
    table: list[tuple[str, int, int]] = []
    for byte in range(256):
        if byte <= 0x7F or byte >= 0xE0:
            table.append(("int", 0, 0))
        elif byte <= 0x8F:
            table.append(("map", 0, byte & 0x0F))
        elif byte <= 0x9F:
            table.append(("array", 0, byte & 0x0F))
        elif byte <= 0xBF:
            table.append(("str", 0, byte & 0x1F))
        else:
            table.append(_LONG[byte])
    return tuple(table)


_LONG: dict[int, tuple[str, int, int]] = {
    **{byte: ("plain", 0, 0) for byte in (0xC0, 0xC1, 0xC2, 0xC3)},
    **{0xC4 + i: ("plain", 1 << i, 0) for i in range(3)},  # bin 8, 16, 32
    **{0xC7 + i: ("ext", 1 << i, 0) for i in range(3)},
    0xCA: ("plain", 0, 4),
    0xCB: ("plain", 0, 8),
    **{0xCC + i: ("int", 1 << i, 0) for i in range(4)},
    **{0xD0 + i: ("int", 1 << i, 0) for i in range(4)},
    **{0xD4 + i: ("ext", 0, 1 << i) for i in range(5)},
    **{0xD9 + i: ("str", 1 << i, 0) for i in range(3)},
    **{0xDC + i: ("array", 2 << i, 0) for i in range(2)},
    **{0xDE + i: ("map", 2 << i, 0) for i in range(2)},
}
_TOKENS = _tokens()

_TENSOR_DECODER = msgspec.msgpack.Decoder(tuple[str, str, tuple[int, ...], str])
_HANDLE_DECODER = msgspec.msgpack.Decoder(tuple[int, str])
_TREES = frozenset({"args", "kwargs", "cotangents", "value", "inputs", "gradients"})


def sizes(prefix: bytes | bytearray, *, max_body: int) -> tuple[int, int]:
    """Header and body length of a frame, checked before anything of it is allocated.

    Raises:
        WireError: the frame would be larger than it may be.
    """
    header, body = PREFIX.unpack(prefix)
    if header > MAX_HEADER_BYTES:
        raise WireError(
            f"a message of {header:,} bytes beside its tensors; at most {MAX_HEADER_BYTES:,} "
            "can travel"
        )
    if body > max_body:
        raise WireError(
            f"tensors of {body:,} bytes in one answer; at most {max_body:,} are allowed"
        )
    return header, body
