# /// attack
# row = 22
# expect = ["FAILED", "TIMED_OUT"]
# proof = "network"
# never = ["CONNECTED"]
# invariant = "there is no network"
# ///
"""Connects to the listening canary on loopback, on every address that the machine has, to a name server, over both protocols."""

import socket

PORT = int("@PORT@")


def lstm_cell(*arguments):
    tried = 0
    for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::1"), (socket.AF_INET, "@ADDRESS@"), (socket.AF_INET, "169.254.169.254")):
        for kind, port in ((socket.SOCK_STREAM, PORT), (socket.SOCK_DGRAM, PORT), (socket.SOCK_DGRAM, 53)):
            tried += 1
            try:
                with socket.socket(family, kind) as client:
                    client.settimeout(0.1)
                    client.connect((host, port))
                    client.send(b"katas-attack")
                    print("CONNECTED", host, client.recv(200))
            except OSError:
                continue
    try:
        print("CONNECTED", socket.gethostbyname("localhost.katas-attack.test"))
    except OSError:
        pass
    print("network tried", tried)
