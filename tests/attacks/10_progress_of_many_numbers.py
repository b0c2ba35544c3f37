# /// attack
# row = 10
# expect = ["CRASHED", "TIMED_OUT"]
# invariant = "of a word of progress the judge keeps no more than it shows"
# ///
"""Words of progress that each hold as many numbers as a message has room for."""

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


NUMBERS = {f"{n:x}": 1.0 for n in range(66_000)}


def reply(number):
    word = {"type": "Progress", "number": number, "step": 1, "numbers": NUMBERS}
    return frame(msgspec.msgpack.encode(word))


serve(reply)
