"""What a worker needs of the machine to use its GPU: device files, the driver, and where both are.

NVIDIA's driver talks to `/dev/nvidia*` and is described in `/proc/driver/nvidia` and `/sys`; its
library is `libcuda.so.1`, outside the folders of Python. On WSL2 the device is `/dev/dxg`.
"""

import glob
import os
from collections.abc import Mapping

DEVICES = ("/dev/nvidia*", "/dev/nvidia-caps/*", "/dev/dxg")
"""Patterns of the device files."""
DRIVERS = ("/usr/local/nvidia", "/usr/lib/wsl")
"""Where a driver's libraries are, if not among the system's."""
OWN_PROC = "/proc/self"
PROC = (
    OWN_PROC,
    "/proc/driver",
    "/proc/devices",
    "/proc/modules",
    "/proc/cpuinfo",
    "/proc/meminfo",
    "/proc/filesystems",
)
"""What the driver's library reads of /proc. Of a process that is the worker's own folder alone."""
SYS = "/sys"


def device_files() -> tuple[str, ...]:
    """The GPU's device files on this machine; none without a GPU."""
    found = {path for pattern in DEVICES for path in glob.glob(pattern) if not os.path.isdir(path)}
    return tuple(sorted(found))


def driver_folders() -> tuple[str, ...]:
    """Folders outside the system's libraries that hold the driver's."""
    named = os.environ.get("LD_LIBRARY_PATH", "").split(os.pathsep)
    holding = [path for path in named if path and glob.glob(os.path.join(path, "libcuda.so*"))]
    found = [os.path.realpath(path) for path in (*DRIVERS, *holding) if os.path.isdir(path)]
    return tuple(dict.fromkeys(found))


def environment() -> Mapping[str, str]:
    """What a process that uses the GPU is told beside the usual.

    Which of the GPUs it may use, where the driver's libraries are, and to keep no compiled kernels:
    it has no home folder.
    """
    kept = {name: value for name, value in os.environ.items() if name.startswith("CUDA_VISIBLE_")}
    folders = [path for top in driver_folders() for path in (top, *glob.glob(f"{top}/lib*/"))]
    if folders:
        kept["LD_LIBRARY_PATH"] = os.pathsep.join(folders)
    return {**kept, "CUDA_CACHE_DISABLE": "1"}
