# /// attack
# row = 10
# expect = ["CRASHED", "FAILED"]
# invariant = "anything that is no message is a malformed answer"
# ///
"""Messages of unknown, doubled, missing and mixed fields; a request for an answer; unknown extensions; timestamps."""

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


def reply(number):
    global count
    count += 1
    encode = msgspec.msgpack.encode
    kinds = [
        encode(["Answer", number]),
        encode({"type": "Call", "number": number, "target": "exit"}),
        encode({"type": "Verdict", "status": "PASSED"}),
        encode({"number": number}),
        encode({"type": "Answer", "number": number, "warnings": 5}),
        encode({"type": "Raised", "number": number, "kind": {}, "exception": [], "message": 1}),
        b"\xc1",
        b"",
        b"\xdf\xff\xff\xff\xff",
        b"\xdd\xff\xff\xff\xff",
        answer(number, ext(77, b"x"))[12:],
        answer(number, ext(2, b"\x92\x01"))[12:],
        answer(number, b"\xd6\xff\0\0\0\0")[12:],
    ]
    return frame(kinds[count % len(kinds)])


serve(reply)
