"""A look at a message before it is decoded."""

from functools import lru_cache

from grader.errors import WireError
from grader.wire.format import HANDLE, MAX_DEPTH, TENSOR, TUPLE

KEPT_BYTES = 1024
"""How long a message may be, beside its tensors, to be known again."""


def scan(header: bytes | bytearray | memoryview) -> None:
    """Walk over a message without building anything.

    The submissions of a class answer the same questions in messages that differ only in the
    tensors' bytes, which lie elsewhere: a short message that was right once is not walked again.

    Raises:
        WireError: see `_walk`.
    """
    if len(header) <= KEPT_BYTES:
        _walk_once(bytes(header))
    else:
        _walk(header)


def _walk(header: bytes | bytearray | memoryview) -> None:
    """Hold that a message may be decoded.

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
                if code == TUPLE:  # its content is a message of its own
                    left.append(1)
                    keys.append(False)
                    ends.append(position + count)
                elif code in (TENSOR, HANDLE):
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


_walk_once = lru_cache(maxsize=4096)(_walk)
"""An exception is not kept, so a wrong message is walked each time."""


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
