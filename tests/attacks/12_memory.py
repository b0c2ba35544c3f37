# /// attack
# row = 12
# expect = ["FAILED", "CRASHED", "TIMED_OUT"]
# proof = "memory"
# invariant = "reading one's own memory tells what the zygote knew: nothing"
# ///
"""Reads its own memory, through /proc/self/mem and through ctypes, for solutions and canaries."""

import ctypes
import mmap


def lstm_cell(*arguments):
    found = []
    try:
        with open("/proc/self/maps") as maps, open("/proc/self/mem", "rb") as mem:
            for line in maps:
                start, _, end = line.split()[0].partition("-")
                mem.seek(int(start, 16))
                data = mem.read(int(end, 16) - int(start, 16))
                at = data.find(b"KATA-CANARY-")
                if at >= 0:
                    found.append(data[at : at + 60])
    except OSError as error:
        print("memory through /proc:", error)
    anchor = id(found) & ~0xFFFFF
    data = ctypes.string_at(anchor, 1 << 20)
    print("memory read:", len(data), data[data.find(b"CANARY") :][:60] if b"CANARY" in data else "", found)
