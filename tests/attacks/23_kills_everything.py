# /// attack
# row = 23
# expect = ["FAILED", "CRASHED", "TIMED_OUT"]
# invariant = "signals reach nobody outside"
# ///
"""Sends every signal to everybody: -1, 0, its group, the judge's and the zygote's numbers, its parent."""

import os
import signal


def lstm_cell(*arguments):
    own = os.getpid()
    for number in (signal.SIGSTOP, signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        for pid in [-1, 0, -os.getpgrp(), os.getppid(), -os.getppid(), *map(int, "@PIDS@".split()), *range(2, 400)]:
            if pid != own:
                try:
                    os.kill(pid, number)
                except OSError:
                    continue
