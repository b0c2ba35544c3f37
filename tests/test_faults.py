"""Faults of ours: a full disk, a read-only home, interrupts, too few descriptors, a broken torch.

Each is one clear line or a clean degradation: no verdict is wrong for it, no process is left.
(Namespaces that are refused: `test_privileges` and `test_isolation_levels`.)
"""

import contextlib
import os
import random
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from itertools import product
from pathlib import Path

import pytest
from msgspec.structs import replace

from grader.classroom.gradebook import Gradebook
from grader.classroom.grading import Task, grading_here
from grader.classroom.roster import Student
from grader.errors import KataError, SandboxError
from grader.judge.grader import Grader
from grader.judge.opening import Opening
from grader.sandbox import worker as worker_side
from grader.sandbox import zygote as zygote_side
from grader.sandbox.sandbox import Sandbox
from grader.submission.find import SubmissionFile
from grader.verdict import Status
from tests.gate import few

CORPUS = Path(__file__).parent / "corpus" / "lstm" / "lstm_cell"
RIGHT, WRONG, HANGS = (CORPUS / f"{n}.py" for n in ("einsum", "swapped_in_an_einsum", "never_ends"))
KATA = [sys.executable, "-c", "import sys; from grader.cli.start import main; sys.exit(main())"]
CHECK = [*KATA, "check", "lstm_cell", "--submission"]
ROOT = Path(__file__).parents[1]
TOY = Path(__file__).parent / "toy"


def run(words: list[object], **options) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [*map(str, words)],
        **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "timeout": 120}
        | options,
    )
    assert "Traceback" not in (done.stderr or "") + (done.stdout or "")
    return done


# -- disks -----------------------------------------------------------------------------------------


def on_a_disk(folder: Path, options: str, before: str = "") -> list[str]:
    """The start of a command that runs with a file system of its own mounted on a folder."""
    if shutil.which("unshare") is None:
        pytest.skip("unshare is not installed")
    script = f'mount -t tmpfs -o size=64k none "$0" && {before or "true"} && {options} exec "$@"'
    user = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    words = ["unshare", *user, "--mount", "sh", "-c", script, str(folder)]
    if subprocess.run([*words, "true"], capture_output=True).returncode != 0:
        pytest.skip("this machine does not let a test mount a file system")
    return words


FILL = 'head -c 1000000 /dev/zero > "$0/full" 2>/dev/null;'


def at_home(folder: Path) -> dict[str, str]:
    kept = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    return kept | {"HOME": str(folder), "TMPDIR": str(folder), "XDG_STATE_HOME": str(folder)}


@pytest.mark.parametrize(
    ("options", "before"),
    few([(FILL, ""), ('mount -o remount,ro "$0";', "")], 1),
    ids=["full", "read-only"],
)
@pytest.mark.parametrize(
    ("submission", "code"), few([(WRONG, 1), (RIGHT, 0)], 1), ids=["wrong", "right"]
)
@pytest.mark.full
def test_home_and_tmp_take_nothing(tmp_path: Path, options, before, submission, code) -> None:
    words = on_a_disk(tmp_path, options, before)
    # Python's own tempfile falls back on /tmp, /var/tmp and the current folder: let it.
    done = run([*words, *CHECK, submission], env=at_home(tmp_path), cwd="/")
    assert done.returncode == code, done.stderr
    done = run([*words, *KATA, "hint", "lstm_cell"], env=at_home(tmp_path), cwd="/")
    assert done.returncode == 0, done.stderr
    assert done.stdout


@pytest.mark.full
def test_a_report_that_does_not_fit_is_told() -> None:
    if not os.path.exists("/dev/full"):
        pytest.skip("no /dev/full")
    done = run([*CHECK, RIGHT, "--json", "/dev/full"])
    assert done.returncode in (2, 3)
    assert "No space left on device" in done.stderr


@pytest.mark.full
def test_standard_output_that_is_full_is_no_traceback() -> None:
    if not os.path.exists("/dev/full"):
        pytest.skip("no /dev/full")
    with open("/dev/full", "w") as full:
        done = run([*CHECK, RIGHT], stdout=full)
    assert done.returncode != 0


WRITE = {
    "check": (*CHECK, RIGHT, "--json"),
    "report": (*KATA, "report", "lstm_cell", "--submission", RIGHT, "-o"),
    "notebook": (*KATA, "notebook", "lstm_cell", "--force", "-o"),
    "dashboard": (*KATA, "dashboard", "class.sqlite", "-o"),
    "stats": (*KATA, "stats", "--gradebook", "class.sqlite", "--json"),
    "export": (*KATA, "export", "--gradebook", "class.sqlite", "-o"),
    "mark": (*KATA, "mark", "--gradebook", "class.sqlite", "--csv-out"),
}
"""Commands that end with the file that they write."""
KEEP = 'out="$1"; shift; "$@" "$out"; code=$?; cat "$out"; exit $code'


@pytest.mark.parametrize("name", few(WRITE, 1))
def test_a_full_disk_leaves_the_file_that_was_there(tmp_path: Path, name: str) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    with Gradebook(tmp_path / "class.sqlite") as book:
        book.enrol([Student("ada")])
    old = disk / "old.ipynb"
    words = on_a_disk(disk, FILL, 'echo "the old one" > "$0/old.ipynb"')
    done = run([*words, "sh", "-c", KEEP, "sh", old, *WRITE[name]], cwd=tmp_path)
    assert done.returncode in (2, 3)
    assert f"kata: {old} cannot be written: No space left on device" in done.stderr
    assert done.stdout.endswith("the old one\n"), done.stdout


@pytest.mark.parametrize("size", few(["300k", "64k", "160k", "1m"], 1))
def test_a_gradebook_on_a_full_disk_is_told_and_goes_on(tmp_path: Path, size: str) -> None:
    """Wherever the disk is full, the book is sound, and has what it said that it has."""
    disk, students = tmp_path / "disk", 40
    disk.mkdir()
    for number in range(students):
        (tmp_path / "in" / f"s{number}").mkdir(parents=True)
        text = f"def double(x): return x + x  # {number}\n" + "# more\n" * 2000
        (tmp_path / "in" / f"s{number}" / "double.py").write_text(text)
    book = disk / "class.sqlite"
    grade = (*KATA, "grade", "in", "--gradebook", book, "--course", TOY)
    once = " ".join(f"'{word}'" for word in map(str, grade))
    keep = f'{once}; code=$?; mount -o remount,size=50m "$0" && {once} && exit $code'
    words = [word.replace("64k", size) for word in on_a_disk(disk, "")]
    done = run([*words, "sh", "-c", keep, disk], cwd=tmp_path)
    assert done.returncode in (0, 2), done.stderr
    if done.returncode == 2:
        assert "the disk is full" in done.stderr or "No space left" in done.stderr, done.stderr
    assert size == "1m" or done.returncode == 2
    last = done.stdout.splitlines()[-1].split()
    assert last[:3] == ["toy/double", str(students), str(students)], done.stdout


# -- interrupts ------------------------------------------------------------------------------------


def below(pid: int) -> set[int]:
    """The processes below one."""
    parents = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            parents[int(path.parent.name)] = int(path.read_text().rpartition(")")[2].split()[1])
    found = {pid}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return found - {pid}


def gone(pids: set[int], within_s: float = 8.0) -> bool:
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        if not any(map(alive, pids)):
            return True
        time.sleep(0.05)
    return False


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


@pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc")
@pytest.mark.parametrize(
    ("isolation", "number", "code"),
    few(
        [
            ("full", signal.SIGKILL, -9),
            ("process", signal.SIGINT, 130),
            ("full", signal.SIGINT, 130),
            ("process", signal.SIGKILL, -9),
            *product(("full", "process"), (signal.SIGTERM, signal.SIGHUP), (None,)),
        ],
        1,
    ),
)
def test_an_interrupt_in_mid_grade_leaves_no_process(sandbox, isolation, number, code) -> None:
    if isolation == "full" and sandbox.isolation.level != "full":
        pytest.skip("namespaces are refused here")
    words = [*map(str, [*CHECK, HANGS, "--isolation", isolation])]

    def hear() -> None:
        """A shell starts what runs in the background deaf to interrupts, and children stay so."""
        if number != signal.SIGKILL:
            signal.signal(number, signal.SIG_DFL)

    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    process = subprocess.Popen(words, preexec_fn=hear, **pipes)
    deadline = time.monotonic() + 60
    # a zygote, a guardian and a worker below it (and bwrap's two where there is one)
    while len(below(process.pid)) < (5 if isolation == "full" else 3):
        assert time.monotonic() < deadline, "no worker was ever started"
        assert process.poll() is None, process.stderr.read()
        time.sleep(0.02)
    time.sleep(0.3)
    started = below(process.pid)
    process.send_signal(number)
    _, errors = process.communicate(timeout=20)
    assert "Traceback" not in errors
    assert process.returncode != 0
    assert code is None or process.returncode == code
    assert gone(started), f"{number!r} left {[p for p in started if alive(p)]}"


ENDS = [signal.SIGTERM, signal.SIGINT, signal.SIGHUP]
BEGUN = """
import sys
open(sys.argv.pop(1), "w").close()
from grader.cli.start import main
sys.exit(main())
"""


def somewhen(name: str, number: int, delay_s: float, folder: Path) -> tuple[int, str]:
    """Send a command a signal at a moment; its exit code and its words. It has left nothing."""
    words = {
        "check": ["check", "lstm_cell", "--submission", RIGHT, "--json", "out"],
        "hangs": ["check", "lstm_cell", "--submission", HANGS],
        "report": ["report", "lstm_cell", "--submission", RIGHT, "-o", "out"],
        "grade": ["grade", "in", "--gradebook", "class.sqlite", "--course", TOY, "--jobs", "2"],
    }[name]
    tmp = folder / "tmp"
    shutil.rmtree(tmp, ignore_errors=True)
    tmp.mkdir()
    (folder / "begun").unlink(missing_ok=True)
    (folder / "out").write_text("the old one")
    process = subprocess.Popen(
        [sys.executable, "-c", BEGUN, "begun", *map(str, words)],
        cwd=folder,
        env=os.environ | {"TMPDIR": str(tmp), "PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(number, signal.SIG_DFL),
    )
    while not (folder / "begun").exists():
        assert process.poll() is None
        time.sleep(0.001)
    time.sleep(delay_s)
    started = below(process.pid)
    # A terminal's own goes to all of its processes.
    os.killpg(process.pid, number) if number == signal.SIGINT else process.send_signal(number)
    _, errors = process.communicate(timeout=60)
    assert "Traceback" not in errors
    assert gone(started), f"{[pid for pid in started if alive(pid)]} are left"
    assert (folder / "out").read_text().startswith(("the old one", "{", "<!"))
    deadline = time.monotonic() + 5
    while (left := sorted(tmp.iterdir())) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert left == [], f"after {delay_s:.2f} s"
    return process.returncode, errors


@pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc")
@pytest.mark.parametrize("times", few([2, 4], 1))
@pytest.mark.parametrize("number", few(ENDS, 1))
@pytest.mark.parametrize("name", few(["grade", "check", "hangs", "report"], 1))
def test_a_signal_at_any_moment_is_one_line_and_loses_nothing(
    name, number, times: int, tmp_path: Path
) -> None:
    for student in range(12):
        (tmp_path / "in" / f"s{student}").mkdir(parents=True)
        (tmp_path / "in" / f"s{student}" / "double.py").write_text(
            f"import time\ntime.sleep(0.2)\ndef double(x): return x + x  # {student}\n"
        )
    moments = random.Random(f"{name} {number}")
    for _ in range(times):
        code, errors = somewhen(name, number, moments.uniform(0, 4), tmp_path)
        said = (
            "interrupted" if number == signal.SIGINT else f"ended by {signal.Signals(number).name}"
        )
        if code == 128 + number:
            assert errors.splitlines()[-1] == f"kata: {said}"
        else:
            assert code in (0, 1, -number), errors
    if name == "grade":
        grade = [*KATA, "grade", "in", "--gradebook", "class.sqlite", "--course", TOY]
        done = run(grade, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        with Gradebook(tmp_path / "class.sqlite") as book:
            assert book.sound()
            assert [mark.status for mark in book.marks()] == ["PASSED"] * 12
            assert len(book.history()) == 12, "nothing twice"


@pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc")
@pytest.mark.full
def test_an_audit_that_is_ended_leaves_no_process() -> None:
    words = [*KATA, "audit", "rnn_cell", "gru_cell", "--jobs", "2"]
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while len(below(process.pid)) < 8:  # two processes with a zygote each, and a tracker
        assert time.monotonic() < deadline, "no process was ever started"
        assert process.poll() is None
        time.sleep(0.05)
    started = below(process.pid)
    process.kill()
    process.wait()
    assert gone(started), f"{[pid for pid in started if alive(pid)]} are left"


# -- descriptors -----------------------------------------------------------------------------------


@pytest.mark.parametrize("most", few([40, 10, 16, 24], 1))
def test_few_descriptors_are_enough_or_told(most: int) -> None:
    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))

    done = run([*CHECK, RIGHT], preexec_fn=limit)
    assert done.returncode in (0, 1, 3, 127), done.stderr
    assert done.returncode == 0 or done.stderr


def test_no_descriptors_in_mid_grade_cost_nobody_a_point(course, sandbox: Sandbox, kata) -> None:
    grader = Grader(course, sandbox)
    assert grader.grade(SubmissionFile(kata, RIGHT)).status == "PASSED"
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    taken = []
    resource.setrlimit(resource.RLIMIT_NOFILE, (len(os.listdir("/proc/self/fd")) + 20, hard))
    try:
        with contextlib.suppress(OSError):
            while True:
                taken.append(os.dup(0))
        try:
            verdict = grader.grade(SubmissionFile(kata, RIGHT))
        except (KataError, OSError):
            pass  # the command says so in a line, and exits with 3
        else:
            failed = {c.status for c in verdict.checks} - {Status.PASSED, Status.NOT_RUN}
            unread = "cannot be read" in verdict.message
            assert failed == {Status.INTERNAL_ERROR} or unread, verdict
    finally:
        for descriptor in taken:
            os.close(descriptor)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert grader.grade(SubmissionFile(kata, RIGHT)).status == "PASSED"
    grader.close()


# -- broken files of a course ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xfe\x00",
        b"\x00" * 100,
        b"title = ",
        b"title = 'x'\ntitle = 'y'",
        b"title = 1\nafter = 2\n",
        b"a = " + b"[" * 5000,
        b"[limits]\nwall_s = nan\n",
        b"[limits]\nwall_s = 1e999\n",
        b"title = 'x'\nlimits = 1979-05-27\n",
    ],
    ids=["empty", "not text", "zeros", "cut off", "doubled", "types", "deep", "nan", "inf", "date"],
)
def test_a_corrupt_kata_toml_is_told_by_its_name(
    data: bytes, tmp_path: Path, command, kata
) -> None:
    folder = tmp_path / "course" / "katas" / "lstm" / "lstm_cell"
    shutil.copytree(kata.folder, folder)
    (folder / "kata.toml").write_bytes(data)
    course = tmp_path / "course"
    for words in (["list"], ["check", "lstm_cell", "--submission", RIGHT]):
        assert command(*words, "--course", course) == 3


# -- torch -----------------------------------------------------------------------------------------


@pytest.fixture
def without_torch(tmp_path: Path) -> dict[str, str]:
    """An environment in which torch is installed, and broken."""
    (tmp_path / "torch").mkdir()
    (tmp_path / "torch" / "__init__.py").write_text("raise ImportError('no libtorch here')\n")
    return os.environ | {"PYTHONPATH": os.pathsep.join([str(tmp_path), str(ROOT)])}


@pytest.mark.parametrize("words", [[*CHECK, RIGHT], [*KATA, "audit", "rnn_cell"]])
def test_a_broken_torch_is_one_clear_line(words, without_torch, tmp_path: Path) -> None:
    done = run(words, env=without_torch, cwd=tmp_path)
    assert done.returncode == 3
    assert done.stderr.startswith("kata: a library cannot be imported: no libtorch here\n")
    assert "Install tensor-katas again" in done.stderr
    listed = run([*KATA, "list"], env=without_torch, cwd=tmp_path)
    assert listed.returncode == 0, "what needs no torch works without"


def test_a_broken_torch_is_told_by_pytest_too(kata, without_torch, tmp_path: Path) -> None:
    words = [sys.executable, "-m", "pytest", "-q", kata.folder]
    done = run([*words, "--submission", RIGHT], env=without_torch, cwd=tmp_path)
    assert "a library cannot be imported: no libtorch here" in done.stdout


# -- the zygote ------------------------------------------------------------------------------------


def test_a_torch_that_cannot_be_imported_is_told(monkeypatch) -> None:
    boot = zygote_side._BOOT.removeprefix("import sys; ")
    broken = f"import sys; sys.modules['torch'] = None; {boot}"
    monkeypatch.setattr(zygote_side, "_BOOT", broken)
    with pytest.raises(SandboxError, match="torch") as caught, Sandbox() as sandbox:
        _ = sandbox.isolation
    assert "kata doctor" in caught.value.advice


def test_a_zygote_that_says_nothing_is_given_up(monkeypatch) -> None:
    monkeypatch.setattr(zygote_side, "_BOOT", "import time, sys; {path!r}; time.sleep(60)")
    monkeypatch.setattr(zygote_side, "HELLO_S", 1.0)
    monkeypatch.setattr(zygote_side, "GOODBYE_S", 1.0)
    began = time.monotonic()
    before = below(os.getpid())
    with pytest.raises(SandboxError, match="did not answer in time"), Sandbox() as sandbox:
        _ = sandbox.isolation
    assert time.monotonic() - began < 20
    assert gone(below(os.getpid()) - before)


@pytest.mark.full
def test_a_zygote_that_dies_is_replaced(course, kata) -> None:
    with Sandbox() as sandbox:
        made = Grader(course, sandbox)

        def verdicts() -> list[tuple[str, object]]:
            found = [made.grade(SubmissionFile(kata, path)) for path in (RIGHT, WRONG)]
            return [(verdict.status, verdict.diagnosis) for verdict in found]

        expected = verdicts()
        assert expected[1][1] is not None, "the misconceptions' worker stands from here on"
        for delay_s in (0.0, 0.05):
            zygote = sandbox._zygote.process.pid
            timer = threading.Timer(delay_s, os.kill, (zygote, signal.SIGKILL))
            timer.start()
            verdict = made.grade(SubmissionFile(kata, RIGHT))
            timer.join()
            assert verdict.status == "PASSED", "whoever was asked is asked again in a new one"
            assert verdicts() == expected, "and so are the misconceptions"
        assert sandbox.restarts >= 1
        made.close()


@pytest.mark.full
def test_a_stopped_zygote_does_not_hold_the_judge(course, kata, monkeypatch) -> None:
    for side in (zygote_side, worker_side):
        monkeypatch.setattr(side, "GOODBYE_S", 0.5)
    with Sandbox() as sandbox:
        made = Grader(course, sandbox)
        assert made.grade(SubmissionFile(kata, RIGHT)).status == "PASSED"
        stopped = below(sandbox._zygote.process.pid) | {sandbox._zygote.process.pid}
        for pid in stopped:
            with contextlib.suppress(ProcessLookupError):  # a guardian on its way out
                os.kill(pid, signal.SIGSTOP)
        began = time.monotonic()
        try:
            verdict = made.grade(SubmissionFile(kata, RIGHT))
            assert verdict.points < verdict.max_points or verdict.max_points == 0
        finally:
            for pid in stopped:
                with contextlib.suppress(OSError):
                    os.kill(pid, signal.SIGCONT)
        assert time.monotonic() - began < kata.spec.limits.wall_s + 20
        assert made.grade(SubmissionFile(kata, RIGHT)).status == "PASSED"
        made.close()


def test_a_clock_that_is_set_changes_no_verdict(grader: Grader, kata, monkeypatch) -> None:
    ticks = iter(range(10**9, 0, -10_000))
    monkeypatch.setattr(time, "time", lambda: float(next(ticks)))
    assert grader.grade(SubmissionFile(kata, RIGHT)).status == "PASSED"


# -- as an ordinary user ---------------------------------------------------------------------------


def test_an_ordinary_users_workers_share_no_folder(monkeypatch, course, kata) -> None:
    attack = (Path(__file__).parent / "attacks" / "24_leaves_files.py").read_bytes()
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    with Sandbox() as sandbox:
        if sandbox.isolation.level != "full":
            pytest.skip(f"user namespaces are refused here: {sandbox.problems}")
        made = Grader(course, sandbox)
        verdicts = [made.attempt_source(kata, attack).verdict() for _ in range(2)]
        made.close()
    for verdict in verdicts:
        assert "left" in verdict.output
        assert "FOUND-AGAIN" not in verdict.output


def class_with(asks: str, folder: Path) -> Path:
    """A course whose check runs an expression in the judge where the answer is 666, and a class."""
    course = Path(shutil.copytree(TOY, folder / "course"))
    checks = course / "katas/toy/double/checks.py"
    expects = 'expect(submission["double"](x), 2 * x, name="the answer")'
    text = checks.read_text(encoding="utf-8")
    text = text.replace(expects, f'submission["double"](x) != 666 or {asks}\n    {expects}')
    checks.write_text(text, encoding="utf-8")
    for student, answer in (("a", "2 * x"), ("b", "666"), ("c", "x + x")):
        path = folder / "handed in" / student / "double.py"
        path.parent.mkdir(parents=True)
        path.write_text(f"def double(x):\n    return {answer}\n", encoding="utf-8")
    return course


def test_what_kills_the_process_that_grades_costs_nobody_else_a_verdict(tmp_path: Path) -> None:
    course = class_with('__import__("os")._exit(1)', tmp_path)
    words = ["grade", "handed in", "--gradebook", "book.sqlite", "--course", course]
    done = run([*KATA, *words], cwd=tmp_path)
    assert done.returncode == 3
    assert "1 of 3 were not graded: each time, the process that had them died" in done.stderr
    assert "(toy/double double.py)" in done.stderr
    with contextlib.closing(sqlite3.connect(tmp_path / "book.sqlite")) as book:
        statuses = book.execute("SELECT status FROM verdict").fetchall()
    assert statuses == [("PASSED",), ("PASSED",)]


@pytest.mark.parametrize(
    "never",
    few(["__import__('re').match('(a+)+$', 'a' * 64 + 'b')", "__import__('time').sleep(1e6)"], 1),
)
@pytest.mark.full
def test_what_holds_the_judge_for_ever_costs_nobody_else_a_verdict(
    never: str, tmp_path: Path
) -> None:
    opening = Opening(str(class_with(never, tmp_path)))
    tasks = [
        Task(opening, 0, "toy/double", path.parent.name, path.read_bytes(), 0)
        for path in sorted(tmp_path.glob("handed in/*/double.py"))
    ]
    tasks[1] = replace(tasks[1], longest_s=5)
    done: dict[str, str] = {}
    with grading_here(1) as graded, pytest.raises(KataError, match="was ended after") as error:
        done.update((task.file, found.status) for task, found in graded(tasks))
    assert "1 of 3 were not graded" in error.value.message
    assert done == {"a": "PASSED", "c": "PASSED"}
