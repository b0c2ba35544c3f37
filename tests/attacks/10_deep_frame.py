# /// attack
# row = 10
# expect = ["CRASHED", "FAILED"]
# invariant = "depth is bounded by the reader"
# ///
"""Lists nested 1,900 deep, tuples of lists of tuples, and a million opening brackets."""

import os
import socket
import struct

import msgspec

wire = socket.socket(fileno=os.dup(3))


def take(size):
    data = b""
    while len(data) < size:
        part = wire.recv(size - len(data))
        if not part:
            os._exit(0)
        data += part
    return data


def question():
    """The next question of the judge: (what it is, its number)."""
    header, body = struct.unpack(">IQ", take(12))
    asked = msgspec.msgpack.decode(take(header))
    take(body)
    return asked["type"], asked["number"]


def frame(header, body=b""):
    return struct.pack(">IQ", len(header), len(body)) + header + body


def answer(number, value, body=b""):
    """An Answer whose value is these bytes."""
    start = msgspec.msgpack.encode({"type": "Answer", "number": number})
    return frame(bytes([start[0] + 1]) + start[1:] + b"\xa5value" + value, body)


def ext(code, data):
    return b"\xc9" + struct.pack(">IB", len(data), code) + data


def tensor(*description):
    return ext(1, msgspec.msgpack.encode(description))


def serve(reply, first=1):
    """Pretend to be loaded, then answer every question with what `reply(number)` gives."""
    wire.sendall(frame(msgspec.msgpack.encode({"type": "Loaded", "number": first})))
    while True:
        kind, number = question()
        if kind == "Load":
            wire.sendall(frame(msgspec.msgpack.encode({"type": "Loaded", "number": number})))
        else:
            wire.sendall(reply(number))


count = 0
NESTED = b"\xc0"
for _ in range(30):
    NESTED = ext(3, b"\x91" + b"\x91" * 60 + NESTED)


def reply(number):
    global count
    count += 1
    return answer(number, [b"\x91" * 1900 + b"\xc0", b"\x91" * 900 + b"\xc0", NESTED, b"\x91" * 1_000_000, b"\x81\xc0" * 900 + b"\xc0"][count % 5])


serve(reply)
