# /// attack
# row = 13
# expect = ["FAILED"]
# proof = "environment"
# invariant = "the environment and the command lines of others are not there"
# ///
"""Prints the environment, the command line, and those of every process that it can find in /proc."""

import glob
import os
import sys


def lstm_cell(*arguments):
    print("environment:", dict(os.environ))
    print(sys.argv, sys.orig_argv, sys.flags)
    for path in glob.glob("/proc/*/environ") + glob.glob("/proc/*/cmdline") + glob.glob("/proc/*/cwd") + glob.glob("/proc/*/fd/*"):
        try:
            with open(path, "rb") as file:
                print(path, file.read(10_000))
        except OSError:
            try:
                print(path, os.readlink(path))
            except OSError:
                continue
