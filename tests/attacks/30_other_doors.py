# /// attack
# row = 30
# expect = ["FAILED", "CRASHED"]
# never = ["CALL-WORKED"]
# invariant = "the filter covers every way into the kernel"
# ///
"""The same calls through the doors beside: int 0x80 (32 bit numbers), the x32 numbers, from code in memory of its own."""

import ctypes
import mmap
import platform

libc = ctypes.CDLL(None, use_errno=True)


def lstm_cell(*arguments):
    if platform.machine() != "x86_64":
        return
    for number in (272, 165, 425, 323):
        if libc.syscall(0x40000000 + number, 0x10000000, 0, 0, 0, 0) >= 0:
            print("CALL-WORKED x32", number, flush=True)
    memory = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    # push rbx; mov eax, 310 (unshare); mov ebx, 0x10000000; int 0x80; pop rbx; ret
    memory.write(b"\x53\xb8\x36\x01\0\0\xbb\0\0\0\x10\xcd\x80\x5b\xc3")
    address = ctypes.addressof(ctypes.c_char.from_buffer(memory))
    if ctypes.CFUNCTYPE(ctypes.c_int)(address)() >= 0:
        print("CALL-WORKED int 0x80", flush=True)
