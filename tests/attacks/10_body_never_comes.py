# /// attack
# row = 10
# expect = ["TIMED_OUT"]
# invariant = "the judge waits no longer than its deadline for the rest of a frame"
# ///
"""A large body is announced; then one byte comes every tenth of a second."""

import time

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


def reply(number):
    wire.sendall(struct.pack(">IQ", 100, 1 << 22))
    while True:
        wire.sendall(b"\0")
        time.sleep(0.1)


serve(reply)
