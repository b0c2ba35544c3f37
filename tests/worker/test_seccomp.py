"""System calls that libseccomp may not know by name."""

import ctypes
import errno
import os

import pytest

from grader.worker import seccomp
from grader.worker.fences import no_new_privileges


@pytest.mark.parametrize("namespaces", [True, False])
def test_calls_newer_than_libseccomp_do_not_exist(namespaces: bool) -> None:
    if seccomp.load_libseccomp() is None:
        pytest.skip("this machine has no libseccomp")
    read_fd, write_fd = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            no_new_privileges()
            assert seccomp.deny_system_calls(namespaces=namespaces)
            libc = ctypes.CDLL(None, use_errno=True)
            answers = set()
            for number in seccomp.NEWER_CALLS:
                ctypes.set_errno(0)
                answers.add((libc.syscall(number, 0, 0, 0, 0, 0, 0), ctypes.get_errno()))
            os.write(write_fd, repr(answers).encode())
        finally:
            os._exit(0)
    os.close(write_fd)
    with os.fdopen(read_fd) as file:
        said = file.read()
    os.waitpid(child, 0)
    assert said == repr({(-1, errno.ENOSYS)})
