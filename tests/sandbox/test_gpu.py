"""A sandbox that lets a GPU through, tried with a device of another kind.

Nothing here needs a GPU: what stands for its device file is one that gives zeros.
"""

import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.course.catalog import Course
from grader.judge.grader import Grader
from grader.sandbox import gpu
from grader.sandbox.sandbox import Sandbox
from grader.verdict import Status

TOY = Path(__file__).parents[1] / "toy"
LEVELS = ("full", "process")
pytestmark = pytest.mark.xdist_group("gpu")

SAYS = 'raise RuntimeError(f"it was {said}")\n'
OPENS = (
    """
import os
try:
    with open("DEVICE", "r+b", buffering=0) as file:
        said = "free" if file.read(2) == b"\\0\\0" and file.write(b"x") else "odd"
except OSError:
    said = "held"
"""
    + SAYS
)
RESERVES = (
    """
import mmap
try:
    mmap.mmap(-1, 1 << 42, flags=mmap.MAP_PRIVATE | 0x4000, prot=mmap.PROT_READ)
    said = "free"
except (OSError, MemoryError, ValueError):
    said = "held"
"""
    + SAYS
)
GROWS = """
kept = []
while True:
    kept.append(bytearray(b"x") * (1 << 28))
"""
LOOKS = (
    """
import os
def is_there(path):
    try:
        with open(path, "rb") as file:
            return bool(file.read(1))
    except OSError:
        return False
own = is_there("/proc/self/maps") and is_there("/proc/cpuinfo") and os.path.isdir("/sys/devices")
others = [n for n in range(1, 100_000) if n != os.getpid()]
said = f"own {own} others {any(map(is_there, (f'/proc/{n}/environ' for n in others)))}"
"""
    + SAYS
)


@pytest.fixture(scope="module")
def device() -> Iterator[Path]:
    """A device file that no other sandbox has, where an ordinary user reaches it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "nvidia0")
        path.parent.chmod(0o755)
        try:
            os.mknod(path, 0o666 | stat.S_IFCHR, os.makedev(1, 5))
            path.chmod(0o666)
            with path.open("rb") as file:
                file.read(1)
        except OSError as error:
            pytest.skip(f"no device can be made here: {error}")
        yield path


@pytest.fixture(scope="module", params=LEVELS)
def with_gpu(request, device: Path, course) -> Iterator[Grader]:
    """A grader on a sandbox that has the device."""
    with Sandbox(level=request.param, devices=[str(device)]) as sandbox:
        yield Grader(course, sandbox)


def said(grader: Grader, kata, source: str) -> str:
    return grader.attempt_source(kata, source.encode()).verdict().message


def test_the_device_is_there_and_nowhere_else(with_gpu, grader, kata, device: Path) -> None:
    source = OPENS.replace("DEVICE", str(device))
    assert "it was free" in said(with_gpu, kata, source)
    assert "it was held" in said(grader, kata, source)


def test_addresses_are_free_and_memory_is_not(with_gpu, grader, kata) -> None:
    assert "it was free" in said(with_gpu, kata, RESERVES)
    assert "it was held" in said(grader, kata, RESERVES)


@pytest.mark.full
def test_what_grows_is_ended(with_gpu, tmp_path: Path) -> None:
    # With time enough: what is allowed takes a busy machine many seconds to fill.
    root = shutil.copytree(TOY, tmp_path / "patient")
    spec = root / "katas/toy/double/kata.toml"
    spec.write_text(
        f"{spec.read_text()}\n[limits]\nload_s = 200.0\nwall_s = 400.0\ncpu_s = 200.0\n"
    )
    verdict = with_gpu.attempt_source(Course(root).find("double"), GROWS.encode()).verdict()
    assert verdict.status is Status.OUT_OF_MEMORY, verdict.message


def test_of_processes_it_sees_its_own(with_gpu, kata) -> None:
    assert "it was own True others False" in said(with_gpu, kata, LOOKS)


def test_the_sandbox_with_the_gpu_is_made_once_and_ends_with_the_other(monkeypatch) -> None:
    monkeypatch.setattr(gpu, "device_files", lambda: ("/dev/full",))
    with Sandbox() as sandbox:
        assert sandbox.for_device("cpu") is sandbox
        other = sandbox.for_device("cuda")
        assert other is sandbox.for_device("cuda") is other.for_device("cuda")
        other.start()
        process = other._zygote.process
    assert process.poll() is not None


def test_device_files_and_the_driver_are_looked_for(tmp_path, monkeypatch) -> None:
    for name in ("nvidia0", "nvidiactl"):
        (tmp_path / name).touch()
    (tmp_path / "nvidia-caps").mkdir()
    (tmp_path / "driver").mkdir()
    (tmp_path / "driver" / "libcuda.so.1").touch()
    monkeypatch.setattr(gpu, "DEVICES", (f"{tmp_path}/nvidia*", f"{tmp_path}/nvidia-caps/*"))
    assert gpu.device_files() == (f"{tmp_path}/nvidia0", f"{tmp_path}/nvidiactl")
    monkeypatch.setattr(gpu, "DRIVERS", ())
    monkeypatch.setenv("LD_LIBRARY_PATH", f"{tmp_path}/driver:{tmp_path}:/gone")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "1")
    assert gpu.driver_folders() == (f"{tmp_path}/driver",)
    assert gpu.environment() == {
        "CUDA_VISIBLE_DEVICES": "1",
        "LD_LIBRARY_PATH": f"{tmp_path}/driver",
        "CUDA_CACHE_DISABLE": "1",
    }
