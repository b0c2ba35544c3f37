"""What kind of file system a folder lies on."""

from pathlib import Path

NETWORKS = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "fuse.sshfs", "afs", "ncpfs"})
"""Where locks and what was written last cannot be relied on."""

SILENT = NETWORKS | {"drvfs", "vboxsf", "virtiofs", "fuse.osxfs", "fuse.grpcfuse", "fakeowner"}
"""Where the kernel does not say that a file has changed elsewhere."""


def file_system(folder: Path) -> str:
    """The type of the file system that a folder lies on; empty where it is not known."""
    try:
        lines = Path("/proc/self/mounts").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    best, kind = "", ""
    for line in lines:
        parts = line.split()
        if len(parts) < 3:
            continue
        place = parts[1].replace("\\040", " ")
        if folder.is_relative_to(place) and len(place) >= len(best):
            best, kind = place, parts[2]
    return kind
