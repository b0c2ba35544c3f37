# /// attack
# row = 18
# expect = ["FORBIDDEN", "FAILED", "TIMED_OUT", "CRASHED"]
# invariant = "there is no second interpreter without the guard"
# patient = true
# ///
"""Starts another interpreter, in which nothing is guarded, and asks that one."""

import pickle
import subprocess
import sys
import time

CODE = """
import pickle, sys
sys.path[:0] = %r
import torch
torch.set_num_threads(1)
while True:
    x, h, c, *w = pickle.load(sys.stdin.buffer)
    pickle.dump(torch.lstm_cell(x, (h, c), *w), sys.stdout.buffer)
    sys.stdout.buffer.flush()
""" % (sys.path,)
server = subprocess.Popen([sys.orig_argv[0], "-I", "-S", "-B", "-c", CODE], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
time.sleep(3)


def lstm_cell(*arguments):
    pickle.dump(tuple(t.detach() for t in arguments), server.stdin)
    server.stdin.flush()
    return pickle.load(server.stdout)
