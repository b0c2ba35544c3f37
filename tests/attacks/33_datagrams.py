# /// attack
# row = 33
# expect = ["FAILED"]
# proof = "datagrams tried"
# never = ["REACHED"]
# invariant = "no datagram reaches a socket by path or by abstract name, from a socketpair either"
# ///
"""Datagrams from socketpairs of every kind, with sendto, sendmsg and sendmmsg, to every address known."""

import ctypes
import socket

ADDRESSES = ["@DATAGRAMS@", "\0@ABSTRACT_DATAGRAMS@", "@SOCKET@", "\0@ABSTRACT@", "/dev/log", "/run/systemd/journal/socket", "/run/systemd/notify"]
libc = ctypes.CDLL(None, use_errno=True)


def name_of(address):
    text = address.encode()
    return b"\x01\x00" + text, 2 + len(text) + (text[:1] != b"\0")


class Vector(ctypes.Structure):
    _fields_ = (("base", ctypes.c_char_p), ("size", ctypes.c_size_t))


class Message(ctypes.Structure):
    _fields_ = (
        ("name", ctypes.c_char_p), ("name_size", ctypes.c_uint32), ("vectors", ctypes.POINTER(Vector)), ("count", ctypes.c_size_t),
        ("control", ctypes.c_void_p), ("control_size", ctypes.c_size_t), ("flags", ctypes.c_int), ("sent", ctypes.c_uint32),
    )


def lstm_cell(*arguments):
    for kind in (socket.SOCK_DGRAM, socket.SOCK_SEQPACKET, socket.SOCK_STREAM, socket.SOCK_RAW):
        try:
            near, _ = socket.socketpair(socket.AF_UNIX, kind)
        except OSError:
            continue
        for address in ADDRESSES:
            name, size = name_of(address)
            vector = Vector(b"katas-attack", 12)
            message = Message(name, size, ctypes.pointer(vector), 1, None, 0, 0, 0)
            for send in (
                lambda: near.sendto(b"katas-attack", address),
                lambda: near.sendmsg([b"katas-attack"], [], 0, address),
                lambda: near.connect(address) or near.send(b"katas-attack"),
                lambda: libc.sendmmsg(near.fileno(), ctypes.byref(message), 1, 0),
            ):
                try:
                    send()
                except OSError:
                    continue
    print("datagrams tried", flush=True)
