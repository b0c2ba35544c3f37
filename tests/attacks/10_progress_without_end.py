# /// attack
# row = 10
# expect = ["CRASHED", "TIMED_OUT"]
# invariant = "what is told while a call runs is bounded, and is no answer"
# ///
"""Words of progress without an end, faster than anybody could read them, with escapes for names."""

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


def serve(reply, first=1):
    """Pretend to be loaded, then send what `reply(number)` gives to every question, again and again."""
    wire.sendall(frame(msgspec.msgpack.encode({"type": "Loaded", "number": first})))
    while True:
        kind, number = question()
        if kind == "Load":
            wire.sendall(frame(msgspec.msgpack.encode({"type": "Loaded", "number": number})))
        while kind == "Call":
            wire.sendall(reply(number))


def reply(number):
    names = {f"\x1b[31m{n}\u202e" * 20: float("nan") for n in range(4)}
    word = {"type": "Progress", "number": number, "step": 2**63 - 1, "numbers": names}
    return frame(msgspec.msgpack.encode(word)) * 20


serve(reply)
