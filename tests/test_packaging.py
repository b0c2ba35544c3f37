"""The wheel: what a learner needs and nothing else, and it works in an empty environment."""

import json
import os
import pwd
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from grader.sandbox.sandbox import Sandbox

ROOT = Path(__file__).parents[1]
RIGHT = Path(__file__).parent / "corpus" / "lstm" / "lstm_cell" / "einsum.py"

pytestmark = [pytest.mark.full, pytest.mark.xdist_group("packaging")]


def run(*command: str | Path, cwd: Path, expect: int = 0, **options) -> str:
    ran = subprocess.run(
        list(map(str, command)), cwd=cwd, capture_output=True, text=True, timeout=600, **options
    )
    assert ran.returncode == expect, ran.stdout + ran.stderr
    return ran.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    run(
        sys.executable, "-m", "pip", "wheel", ROOT, "--no-deps", "--quiet", "-w", folder, cwd=folder
    )
    [path] = folder.glob("tensor_katas-*.whl")
    return path


def files(folder: str) -> set[str]:
    """What a checkout has, caches apart."""
    return {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_the_wheel_holds_the_course_and_nothing_unwanted(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
        metadata = {Path(name).name for name in archive.namelist() if ".dist-info/" in name}
    course = files("katas") | files("solutions")
    assert {f"grader/built_in/{name}" for name in course} <= names
    assert names == {f"grader/built_in/{name}" for name in course} | files("grader")
    assert "LICENSE" in metadata
    assert all(name.startswith("grader/") for name in names), "no other top-level package"


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory) -> Path:
    """The `bin` of an environment in which only the wheel was installed.

    Its dependencies are those of this environment, found through a .pth file, so that no gigabytes
    are downloaded; what makes *this* project importable there is the wheel alone.
    """
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder, with_pip=False, symlinks=True)
    python = folder / "bin" / "python"
    own = Path(
        run(
            python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=folder
        ).strip()
    )
    run(
        *(sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-deps"),
        *("--no-index", wheel),
        cwd=folder,
    )
    # Appended to the path; the .pth files over there (the editable install's) are not read.
    (own / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    where = run(python, "-c", "import grader; print(grader.__file__)", cwd=folder).strip()
    assert Path(where).is_relative_to(folder)
    return folder / "bin"


def test_an_installed_wheel_lists_makes_a_workspace_and_checks(installed: Path, tmp_path) -> None:
    kata = installed / "kata"
    assert "lstm_cell" in run(kata, "list", cwd=tmp_path)
    assert "Shapes" in run(kata, "show", "lstm_cell", cwd=tmp_path)

    run(kata, "init", tmp_path / "mine", cwd=tmp_path)
    mine = tmp_path / "mine" / "lstm" / "lstm_cell"
    assert "not implemented" in run(kata, "check", "lstm_cell", cwd=mine, expect=1)
    (mine / "lstm_cell.py").write_bytes(RIGHT.read_bytes())
    assert "passed 13/13" in run(kata, "check", "lstm_cell", cwd=mine)


def test_an_installed_wheel_tells_a_mistake_and_hides_itself(installed: Path, tmp_path) -> None:
    told = RIGHT.with_name("swapped_in_an_einsum.py")
    shown = run(
        *(installed / "kata", "check", "lstm_cell", "--submission", told), cwd=tmp_path, expect=1
    )
    assert "Forget and input gate are swapped" in shown

    where = "import grader, pathlib; print(pathlib.Path(grader.__file__).parent)"
    package = run(installed / "python", "-c", where, cwd=tmp_path).strip()
    spy = tmp_path / "lstm_cell.py"
    spy.write_text(
        "import glob, sys\n"
        f"places = [*(folder + '/grader' for folder in sys.path), '{package}']\n"
        "seen = [p for place in places for p in glob.glob(f'{place}/**', recursive=True)]\n"
        "raise RuntimeError(' '.join(['I see', *seen]))\n"
    )
    shown = run(
        *(installed / "kata", "check", "lstm_cell", "--submission", spy, "--json", "-"),
        cwd=tmp_path,
        expect=1,
    )
    message = json.loads(shown)["verdicts"][0]["message"]
    assert "I see" in message
    assert "/judge/grader/wire/codec.py" in message, "the worker's own code is no secret"
    assert "built_in" not in message
    assert "course" not in message
    assert "checks.py" not in message


def test_an_installed_wheel_checks_in_ipython_without_a_workspace(
    installed: Path, tmp_path
) -> None:
    script = tmp_path / "cells.py"
    answer = RIGHT.read_text()
    script.write_text(
        "from IPython.core.interactiveshell import InteractiveShell\n"
        "shell = InteractiveShell.instance()\n"
        "shell.run_cell('%load_ext grader')\n"
        f"shell.run_cell('%%kata lstm/lstm_cell\\n' + {answer!r}, store_history=True)\n"
        "shell.run_cell('%kata hint', store_history=True)\n"
    )
    environment = os.environ | {"XDG_STATE_HOME": str(tmp_path), "IPYTHONDIR": str(tmp_path / "i")}
    shown = run(installed / "python", script, cwd=tmp_path, env=environment)
    assert "passed 13/13" in shown
    assert "Hint 1 of" in shown


def test_the_installed_pytest_plugin_is_the_same_engine(installed: Path, tmp_path) -> None:
    script = "import pytest, sys; sys.exit(pytest.main(sys.argv[1:]))"
    where = "import grader, pathlib; print(pathlib.Path(grader.__file__).parent / 'built_in/katas')"
    katas = Path(run(installed / "python", "-c", where, cwd=tmp_path).strip())
    shown = run(
        *(installed / "python", "-c", script, katas / "lstm" / "lstm_cell"),
        *("--submission", RIGHT, "-p", "no:cacheprovider"),
        cwd=tmp_path,
    )
    assert "7 passed" in shown


# -- an ordinary user ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def user() -> Iterator[dict[str, Any]]:
    """Options that run a process as an ordinary user, made for this test, with their own home."""
    if os.geteuid() != 0:
        pytest.skip("not root: no user can be made (every other test is an ordinary user's then)")
    if shutil.which("useradd") is None or shutil.which("userdel") is None:
        pytest.skip("useradd and userdel are not installed")
    name = f"katas-{os.getpid()}"
    subprocess.run(["useradd", "--create-home", "--shell", "/bin/sh", name], check=True)
    try:
        made = pwd.getpwnam(name)
        environment = {"HOME": made.pw_dir, "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}
        yield {
            "user": made.pw_uid,
            "group": made.pw_gid,
            "extra_groups": [],
            "umask": 0o022,
            "env": environment,
        }
    finally:
        subprocess.run(["userdel", "--remove", name], check=True, capture_output=True)


@pytest.fixture(scope="module")
def users_python(user: dict[str, Any]) -> str:
    """A Python of this version that the user can run; skips where there is none."""
    site = sysconfig.get_path("purelib")
    code = f"import sys, os; os.listdir({site!r}); print(sys.version_info[:2])"
    for path in (sys.executable, "/usr/bin/python3", "/usr/local/bin/python3"):
        try:
            done = subprocess.run([path, "-c", code], capture_output=True, text=True, **user)
        except OSError:
            continue
        if done.returncode == 0 and done.stdout.strip() == str(sys.version_info[:2]):
            return path
    pytest.skip(
        "no Python of this version that an ordinary user may run, or this folder is private"
    )


@pytest.fixture(scope="module")
def users_kata(wheel: Path, user: dict[str, Any], users_python: str) -> Path:
    """The command `kata` of a wheel that a user installed in an empty environment of theirs.

    It lies below two hidden folders. The dependencies are this environment's, see `installed`.
    """
    home = Path(user["env"]["HOME"])
    folder, mine = home / ".local" / ".katas", home / wheel.name
    shutil.copy(wheel, mine)
    mine.chmod(0o644)
    run(users_python, "-m", "venv", "--without-pip", folder, cwd=home, **user)
    python = folder / "bin" / "python"
    site = sysconfig.get_path("purelib")
    pip = Path(site) / "pip"
    run(
        *(users_python, pip, "--python", python, "install", "--quiet", "--no-deps", "--no-index"),
        *("--disable-pip-version-check", mine),
        cwd=home,
        **user,
    )
    own = run(
        python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=home, **user
    ).strip()
    script = f"from pathlib import Path; Path({own!r}, 'dependencies.pth').write_text({site!r})"
    run(python, "-c", script, cwd=home, **user)
    where = run(python, "-c", "import grader; print(grader.__file__)", cwd=home, **user).strip()
    assert Path(where).is_relative_to(folder)
    return folder / "bin" / "kata"


def test_an_ordinary_users_wheel_reaches_full_isolation(
    users_kata: Path, user: dict[str, Any], sandbox: Sandbox
) -> None:
    if sandbox.isolation.level != "full":
        pytest.skip(f"namespaces are refused here: {sandbox.problems}")
    home = Path(user["env"]["HOME"])
    run(users_kata, "init", home / "mine", cwd=home, **user)
    answer = home / "mine" / "lstm" / "lstm_cell" / "lstm_cell.py"
    answer.write_bytes(RIGHT.read_bytes())
    shown = run(
        *(users_kata, "check", "lstm_cell", "--isolation", "full", "--json", "-"),
        cwd=home / "mine",
        **user,
    )
    [verdict] = json.loads(shown)["verdicts"]
    assert (verdict["status"], verdict["isolation"]["level"]) == ("PASSED", "full")
    told = run(users_kata, "doctor", cwd=home / "mine", **user)
    assert "✓ isolation: full" in told
    for layer in verdict["isolation"]["layers"]:
        assert f"✓ {layer}" in told, "doctor tries the sandbox that check uses"


def test_an_ordinary_users_wheel_grades_without_namespaces_too(
    users_kata: Path, user: dict[str, Any]
) -> None:
    home = Path(user["env"]["HOME"])
    answer = home / "lstm_cell.py"
    answer.write_bytes(RIGHT.read_bytes())
    shown = run(
        *(users_kata, "check", "lstm_cell", "--submission", answer),
        *("--isolation", "process", "--json", "-"),
        cwd=home,
        **user,
    )
    [verdict] = json.loads(shown)["verdicts"]
    assert (verdict["status"], verdict["isolation"]["level"]) == ("PASSED", "process")
