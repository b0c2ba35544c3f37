"""The layout of a frame, and the bounds on what may travel.

A frame is ``header length (u32) | body length (u64) | header | body``, big-endian. The header is
one MessagePack message of at most `MAX_HEADER_BYTES`; the body is the raw bytes of its tensors, one
after the other, in the order in which the header mentions them. Both lengths are checked before
anything is allocated, and no two tensors can share bytes, so what a frame costs its reader is
bounded by what it says in its first twelve bytes.
"""

import struct
from collections.abc import Iterable, Iterator

from grader.errors import WireError

MAX_HEADER_BYTES = 1 << 20
MAX_BODY_BYTES = 1 << 28
MAX_DEPTH = 32
MAX_DIMS = 8
MAX_ELEMENTS = 1 << 40
PACKET_BYTES = 1 << 16
PREFIX = struct.Struct(">IQ")
TENSOR, HANDLE, TUPLE = 1, 2, 3  # MessagePack extensions


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


def packets(parts: Iterable[bytes]) -> Iterator[bytes]:
    """The parts of a frame, small ones joined: each send wakes whoever waits at the other end."""
    waiting: list[bytes] = []
    size = 0
    for part in parts:
        if waiting and size + len(part) > PACKET_BYTES:
            yield b"".join(waiting)
            waiting, size = [], 0
        waiting.append(part)
        size += len(part)
    if waiting:
        yield b"".join(waiting)


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
