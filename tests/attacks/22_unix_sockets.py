# /// attack
# row = 22
# expect = ["FAILED"]
# proof = "sockets"
# never = ["CONNECTED"]
# invariant = "no socket of the host's can be reached, by path or by abstract name"
# ///
"""Connects to unix sockets by path and by abstract name: the canary's, D-Bus, Docker, X11, systemd."""

import socket

NAMES = ["\0@ABSTRACT@", "@SOCKET@", "/run/docker.sock", "/var/run/docker.sock", "/run/dbus/system_bus_socket", "\0/tmp/.X11-unix/X0", "/run/systemd/notify", "\0/org/freedesktop/systemd1/notify"]


def lstm_cell(*arguments):
    for name in NAMES:
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_SEQPACKET):
            try:
                with socket.socket(socket.AF_UNIX, kind) as client:
                    client.settimeout(0.1)
                    client.connect(name)
                    client.send(b"katas-attack")
                    print("CONNECTED", repr(name), client.recv(200))
            except OSError:
                continue
    print("sockets tried", len(NAMES))
