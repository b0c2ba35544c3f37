# /// attack
# row = 4
# expect = ["CRASHED"]
# invariant = "a worker that hangs up is CRASHED at once, and no error of ours"
# ///
"""Closes the connection to the judge, shuts it down, and goes on living."""

import os
import socket
import time


def lstm_cell(*arguments):
    socket.socket(fileno=os.dup(3)).shutdown(socket.SHUT_RDWR)
    os.close(3)
    time.sleep(60)
