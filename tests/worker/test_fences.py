"""Each fence by itself: what it holds back gets through when that one alone is taken away.

A probe is a submission that tries one thing and says in an exception what came of it. With every
fence up it says "held"; with its own fence left out, "free".
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from grader.judge.grader import Grader
from grader.sandbox.sandbox import Sandbox
from grader.worker.fences import FENCES

REFUSED = "except (OSError, MemoryError): said = 'held'\nraise RuntimeError(f'it was {said}')\n"

PROBES = {
    # A worker is process 1 of its namespace, and alone there.
    "namespaces": """
import os
def is_there(pid):
    try:
        os.kill(pid, 0)
    except PermissionError:
        return True
    except ProcessLookupError:
        return False
    return True
others = [pid for pid in range(1, 400) if pid != os.getpid() and is_there(pid)]
raise RuntimeError(f"it was {'free' if others or os.getpid() != 1 else 'held'}")
""",
    "private-filesystem": f"""
import os
try:
    said = "free" if "self" in os.listdir("/proc") else "held"
{REFUSED}""",
    "rlimits": f"""
import os
try:
    try:
        for _ in range(500):
            os.open(os.devnull, os.O_RDONLY)
    finally:
        os.closerange(4, 2000)
    said = "free"
{REFUSED}""",
    # A file that its owner may not read, and that root of a namespace may.
    "no-capabilities": f"""
import os
with open("closed", "w") as file:
    file.write("open")
os.chmod("closed", 0)
try:
    said = "free" if open("closed").read() else "held"
{REFUSED}""",
    "seccomp": f"""
import os
try:
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    said = "free"
{REFUSED}""",
}

NO_NEW_PRIVILEGES = """
import ctypes
said = "held" if ctypes.CDLL(None).prctl(39, 0, 0, 0, 0) == 1 else "free"
raise RuntimeError(f"it was {said}")
"""


@pytest.fixture
def tried(course, kata, sandbox: Sandbox) -> Iterator[Callable[..., str]]:
    """What a probe says in the tests' own sandbox or, with options, in another one."""
    ours, made = sandbox, []

    def tried(source: str, **options: Any) -> str:
        sandbox = ours
        if options:
            sandbox = Sandbox(**options)
            made.append(sandbox)
            sandbox.start()
        if options.get("level") != "process" and sandbox.isolation.level != "full":
            pytest.skip(f"user namespaces are refused here: {sandbox.problems}")
        attempt = Grader(course, sandbox).attempt_source(kata, source.encode())
        message = attempt.verdict().message
        [said] = [word for word in ("held", "free") if f"it was {word}" in message] or [message]
        return said

    yield tried
    for sandbox in made:
        sandbox.close()


def test_every_fence_has_a_probe() -> None:
    assert {*PROBES, "landlock", "no-new-privileges"} == {*FENCES}


@pytest.mark.parametrize("fence", PROBES)
def test_what_a_fence_holds_gets_through_without_it(fence: str, sandbox: Sandbox, tried) -> None:
    if sandbox.isolation.level == "full" and fence not in sandbox.isolation.layers:
        pytest.skip(f"this machine has no {fence}")
    assert tried(PROBES[fence]) == "held"
    assert tried(PROBES[fence], without=[fence]) == "free"


def test_landlock_keeps_files_as_they_are_by_itself(tmp_path: Path, sandbox, tried) -> None:
    # Inside bubblewrap it is a second fence: all but the worker's own folder is read-only there.
    if "landlock" not in sandbox.isolation.layers:
        pytest.skip("this machine has no landlock")
    folder = open_to_all(tmp_path / "folder")
    source = f"try:\n    open({str(folder / 'mine')!r}, 'w')\n    said = 'free'\n{REFUSED}"
    assert tried(source, level="process") == "held"
    assert not list(folder.iterdir())
    assert tried(source, level="process", without=["landlock"]) == "free"
    assert list(folder.iterdir())


def open_to_all(folder: Path) -> Path:
    """A folder that every user can reach and write in."""
    folder.mkdir()
    for path in (folder, *folder.parents):
        path.chmod(path.stat().st_mode | 0o011)
    folder.chmod(0o777)
    return folder


def test_no_new_privileges_holds_by_itself(sandbox: Sandbox, tried) -> None:
    # bubblewrap, Landlock and libseccomp ask for it too, so it stands alone only without them.
    alone = ["landlock", "seccomp"]
    assert tried(NO_NEW_PRIVILEGES, level="process", without=alone) == "held"
    everything = [*alone, "no-new-privileges"]
    assert tried(NO_NEW_PRIVILEGES, level="process", without=everything) == "free"


def test_bubblewrap_keeps_files_out_of_sight_by_itself(tmp_path: Path, tried) -> None:
    canary = open_to_all(tmp_path / "folder") / "canary"
    canary.write_text("sings")
    source = f"try:\n    said = 'free' if open({str(canary)!r}).read() else ''\n{REFUSED}"
    assert tried(source, without=["landlock", "private-filesystem"]) == "held"
    assert tried(source, level="process", without=["landlock"]) == "free"
