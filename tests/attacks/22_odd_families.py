# /// attack
# row = 22
# expect = ["FAILED"]
# proof = "families"
# never = ["OPENED"]
# invariant = "only unix sockets can be made: VSOCK is not confined by namespaces, the others are kernel to attack"
# ///
"""Opens sockets of every family: VSOCK (reaches the hypervisor), ALG, PACKET, NETLINK, XDP, CAN, Bluetooth, TIPC."""

import socket


def lstm_cell(*arguments):
    opened = []
    for family in range(2, 46):
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW, socket.SOCK_SEQPACKET):
            try:
                socket.socket(family, kind).close()
                opened.append(family)
            except OSError:
                continue
    print("families tried;", "OPENED" if opened else "none", sorted(set(opened)))
