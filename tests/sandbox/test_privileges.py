"""Grading by an ordinary user, and where namespaces are refused."""

import json
import os
import pwd
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

import pytest

from grader.course.catalog import built_in_course
from grader.judge.grader import Grader
from grader.sandbox.sandbox import Sandbox
from tests.gate import few

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples" / "submissions"
SITE = sysconfig.get_paths()["purelib"]
CHECK = ["check", "lstm/lstm_cell", "--json", "-", "--submission"]
VERDICTS = [("swapped_gates.py", "FAILED"), ("right.py", "PASSED"), ("exits_zero.py", "CRASHED")]


def command(python: str, *arguments: str) -> list[str]:
    """The command `kata`, run by any interpreter of the same version."""
    paths = [str(ROOT), SITE]
    boot = (
        f"import sys; sys.path[:0] = {paths!r}; from grader.cli.main import main; sys.exit(main())"
    )
    return [python, "-c", boot, *arguments]


def grade(words: list[str], **options: Any) -> dict[str, Any]:
    done = subprocess.run(words, capture_output=True, text=True, timeout=120, **options)
    assert done.returncode in (0, 1), done.stderr
    [verdict] = json.loads(done.stdout)["verdicts"]
    return dict(verdict)


def unprivileged_python() -> str:
    """An interpreter of this version that an ordinary user can reach; skips where there is none."""
    if os.geteuid() != 0:
        return sys.executable
    for path in (sys.executable, "/usr/bin/python3"):
        probe = [
            path,
            "-c",
            f"import sys; print(sys.version_info[:2]); open({str(ROOT / 'README.md')!r})",
        ]
        try:
            done = subprocess.run(
                probe, capture_output=True, text=True, user="nobody", group="nogroup"
            )
        except (OSError, KeyError):
            continue
        if done.returncode == 0 and done.stdout.strip() == str(sys.version_info[:2]):
            return path
    pytest.skip(
        "no Python of this version that an ordinary user may run, or this folder is private"
    )


@pytest.fixture
def ordinary_user(tmp_path: Path) -> dict[str, Any]:
    """Options that run a process as an ordinary user with a home of its own."""
    home = tmp_path / "home"
    home.mkdir()
    environment = {"HOME": str(home), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}
    if os.geteuid() != 0:
        return {"env": environment, "cwd": home}
    nobody = pwd.getpwnam("nobody")
    os.chown(home, nobody.pw_uid, nobody.pw_gid)
    for folder in (tmp_path, *tmp_path.parents):
        if not os.stat(folder).st_mode & 0o001:
            folder.chmod(0o711)
    return {
        "user": nobody.pw_uid,
        "group": nobody.pw_gid,
        "extra_groups": [],
        "env": environment,
        "cwd": home,
    }


@pytest.mark.parametrize(("name", "status"), few(VERDICTS, 1))
def test_an_ordinary_user_grades_at_full_isolation(
    name: str, status: str, ordinary_user: dict[str, Any], sandbox: Sandbox
) -> None:
    python = unprivileged_python()
    verdict = grade(command(python, *CHECK, str(EXAMPLES / name)), **ordinary_user)
    assert verdict["status"] == status
    assert verdict["isolation"]["level"] == sandbox.isolation.level


def denied(words: list[str]) -> list[str]:
    """A command run where no user namespace may be made."""
    if shutil.which("unshare") is None:
        pytest.skip("unshare is not installed")
    script = 'echo 0 > /proc/sys/user/max_user_namespaces || exit 77; exec "$@"'
    inside = ["unshare", "--user", "--map-root-user", "sh", "-c", script, "sh"]
    if subprocess.run([*inside, "true"], capture_output=True).returncode != 0:
        pytest.skip("this machine does not let a test deny namespaces")
    return [*inside, *words]


@pytest.mark.parametrize(("name", "status"), few(VERDICTS, 1))
def test_denied_namespaces_are_told_in_the_verdict(name: str, status: str) -> None:
    verdict = grade(denied(command(sys.executable, *CHECK, str(EXAMPLES / name))))
    assert verdict["status"] == status
    assert verdict["isolation"]["level"] == "process"
    assert "namespaces" not in verdict["isolation"]["layers"]


def test_full_isolation_is_refused_where_namespaces_are_denied() -> None:
    words = command(sys.executable, *CHECK, str(EXAMPLES / "right.py"), "--isolation", "full")
    done = subprocess.run(denied(words), capture_output=True, text=True, timeout=120)
    assert done.returncode == 3
    assert "full isolation was asked for and this machine refuses it" in done.stderr
    assert "kata doctor" in done.stderr
    assert "Traceback" not in done.stderr


RANKS = """
import os, ctypes
tried = [name for name in ("setuid", "setgid") if getattr(ctypes.CDLL(None), name)(WHO) == 0]
try:
    os.chown(os.getcwd(), WHO, WHO)
    tried.append("chown")
except OSError:
    pass
raise RuntimeError(f"I am {os.getresuid()} and {os.getgroups()}, and could {tried}")
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has a rank to lose")
@pytest.mark.full
def test_without_namespaces_roots_workers_are_ordinary_users(tmp_path: Path) -> None:
    python = unprivileged_python()
    path = tmp_path / "lstm_cell.py"
    path.write_text(RANKS.replace("WHO", "0"))
    words = [*CHECK, str(path), "--isolation", "process"]
    verdict = grade(command(python, *words))
    assert "ordinary-user" in verdict["isolation"]["layers"]
    assert "I am (65534, 65534, 65534) and [], and could []" in verdict["message"]
    verdict = grade(command(python, *CHECK, str(EXAMPLES / "right.py"), "--isolation", "process"))
    assert verdict["status"] == "PASSED"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has a rank to lose")
def test_where_python_is_roots_alone_workers_are_root_without_capabilities(
    tmp_path: Path, monkeypatch
) -> None:
    monkeypatch.setattr("grader.sandbox.sandbox.ordinary_user", lambda: None)
    course = built_in_course()
    kata = course.find("lstm/lstm_cell")
    source = RANKS.replace("WHO", "1").encode()
    with Sandbox(level="process") as sandbox:
        verdict = Grader(course, sandbox).attempt_source(kata, source).verdict()
    assert "ordinary-user" not in verdict.isolation.layers
    assert "no-capabilities" in verdict.isolation.layers
    assert "I am (0, 0, 0)" in verdict.message
    assert "and could []" in verdict.message
