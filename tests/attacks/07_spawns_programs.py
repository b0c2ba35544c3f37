# /// attack
# row = 7
# expect = ["FAILED", "TIMED_OUT", "CRASHED"]
# proof = "programs"
# invariant = "programs that it starts end with it"
# ///
"""Starts every program that it finds: shells, compilers, interpreters, sudo, curl."""

import os
import subprocess
import sys


def lstm_cell(*arguments):
    started = []
    names = ["/bin/sh", "/bin/bash", "/usr/bin/gcc", "/usr/bin/curl", "/usr/bin/sudo", "/bin/mount", sys.orig_argv[0]]
    for name in names:
        try:
            process = subprocess.Popen([name, "-c", "import time; time.sleep(60)" if "python" in name else "sleep 60"])
            started.append(process.pid)
        except OSError:
            continue
    print("programs started:", len(started), flush=True)
