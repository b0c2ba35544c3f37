"""Hostile submissions: none gains a point, steals, spoils a neighbour's verdict or outlives its
grading.

Each file of `attacks/` is one submission, or builds one on the disk. Its header (TOML, in comments)
says which row of the list of attack classes it belongs to and what may come of it:

    row         the class of attack
    expect      the statuses that it may end with; USAGE is an error of usage, told before grading
    points      how many points its honest part may earn (default 0)
    invariant   what it attacks
    proof       a text that it prints: so that it is known to have been tried
    never       texts that must not be in the verdict: they mean that it succeeded
    kind        "build": `build(folder, secrets)` makes the submission; "special": see its own test
    secret      graded under a secret seed: the student's copy must not show what it printed
    runs        how often it is graded, each time expected to find nothing of the time before
    patient     with the kata's own limits, not with the short ones that keep this suite quick
    level       the only level at which it is held off; the threat model says what else there is
    kata        another kata than lstm/lstm_cell, with its own limits

All are graded one after the other by one judge, with innocent neighbours between them. Files know
the canaries' places (`@PATHS@`, `@PORT@`, ... are filled in): a better informed attacker than there
will be.
"""

import base64
import contextlib
import gc
import hashlib
import io
import json
import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
import tomllib
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import msgspec
import pytest

from grader.course.catalog import Course, built_in_course
from grader.errors import KataError, UsageError
from grader.judge.attempt import Attempt
from grader.judge.conversation import Conversation
from grader.judge.opening import open_grader
from grader.judge.student_copy import student_copy
from grader.present.report import Writer
from grader.present.text import console
from grader.submission.find import SubmissionFile, find_submissions
from grader.submission.read import read_submission
from grader.verdict import Status, Verdict, to_json
from grader.wire import Answer, Call
from tests.gate import few, slowness

ATTACKS = Path(__file__).parent / "attacks"
ROWS = range(1, 43)
KATA = "lstm/lstm_cell"
MARK = "katas-attack"
"""What every attack calls the files and processes that it leaves."""

SHORT = {"wall_s": 5.0, "check_s": 3.0, "call_s": 1.5, "load_s": 2.0, "cpu_s": 6.0}
SLACK_S = 12.0
"""Over the kata's budget of time, for a loaded machine; what stalls the judge takes much longer.

Most of it goes into misconceptions of ours, which are asked when the first answer is wrong.
"""

MEMORY_BYTES = 512 << 20
"""What the judge may take for one submission."""

WRONG = "output_before_candidate"


@dataclass(frozen=True)
class Attack:
    """One file of `attacks/` and its header."""

    path: Path
    row: int
    expect: tuple[str, ...]
    points: int
    proof: str
    never: tuple[str, ...]
    kind: str
    secret: bool
    runs: int
    patient: bool
    level: str
    kata: str

    @classmethod
    def read(cls, path: Path) -> "Attack":
        head, _, _ = path.read_text(encoding="utf-8").partition("# ///\n")
        lines = [line.removeprefix("# ") for line in head.splitlines()[1:]]
        header = tomllib.loads("\n".join(lines))
        assert header.pop("invariant"), path
        return cls(
            path=path,
            row=header.pop("row"),
            expect=tuple(header.pop("expect")),
            points=header.pop("points", 0),
            proof=header.pop("proof", ""),
            never=tuple(header.pop("never", ())),
            kind=header.pop("kind", "file"),
            secret=header.pop("secret", False),
            runs=header.pop("runs", 1),
            patient=header.pop("patient", False),
            level=header.pop("level", ""),
            kata=header.pop("kata", KATA),
            **header,
        )


def attacks() -> list[Attack]:
    """All of them, in the order of their names."""
    return [Attack.read(path) for path in sorted(ATTACKS.glob("*.py"))]


def parameters() -> list[object]:
    """One attack of each row runs always, the others with the full tests;

    two groups, two judges.
    """
    seen: set[int] = set()
    found = []
    for attack in attacks():
        if attack.kind == "special":
            continue
        marks = [pytest.mark.xdist_group(f"attacks {attack.row % 2}")]
        if attack.row in seen:
            marks.append(pytest.mark.full)
        seen.add(attack.row)
        found.append(pytest.param(attack, id=attack.path.stem, marks=marks))
    return found


# -- what there is to steal, and to break ----------------------------------------------------------


@dataclass
class Canary:
    """Listens where no submission can come, and offers a secret to whoever does."""

    token: bytes
    family: int
    address: object
    kind: int = socket.SOCK_STREAM
    heard: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.socket = socket.socket(self.family, self.kind)
        self.socket.bind(self.address)
        if self.kind == socket.SOCK_STREAM:
            self.socket.listen()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                if self.kind == socket.SOCK_STREAM:
                    connection, peer = self.socket.accept()
                    self.heard.append(repr(peer).encode())
                    with connection, contextlib.suppress(OSError):
                        connection.send(self.token)
                else:
                    self.heard.append(self.socket.recv(1000))

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()


class Arena:
    """One judge, two innocent neighbours, and canaries everywhere."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.tokens: list[str] = []
        self.course = self._course(folder / "course")
        self.kata = self.course.find(KATA)
        self.hostile = self.course.find("hostile/lstm_cell")
        self._plant()
        level = os.environ.get("KATA_TEST_ISOLATION") or None
        self.opened = contextlib.ExitStack()
        self.grader = self.opened.enter_context(open_grader(self.course, level=level))
        corpus = Path(__file__).parent / "corpus" / "lstm" / "lstm_cell"
        self.level = self.grader.sandbox.isolation.level
        self.right, self.wrong = corpus / "einsum.py", corpus / f"{WRONG}.py"
        self.neighbours()
        # The judge keeps a worker for each kata's misconceptions: it stands from here on.
        self.grader.grade(SubmissionFile(self.hostile, self.wrong))
        # And it knows what is asked of a right answer, and asks it ahead.
        passed = self.grader.grade(SubmissionFile(self.hostile, self.right))
        assert passed.status == "PASSED", [(one.name, one.message) for one in passed.checks]
        shared = self.grader.prepared(self.hostile)
        assert all(map(shared.script, shared.checks.values()))
        self.expected = self.neighbours()
        right, wrong = (json.loads(text) for text in self.expected)
        assert right["status"] == "PASSED"
        assert wrong["status"] == "FAILED"
        assert any(check["diagnosis"] for check in wrong["checks"])
        self.files = self._files()
        self.descriptors = _descriptors()
        self.processes = len(_descendants())
        self.resident = _resident()
        self.watched = [os.getpid(), self.bystander.pid, *_descendants()]
        self.states = self._states()

    def close(self) -> None:
        self.opened.close()
        for canary in self.canaries:
            canary.close()
        self.bystander.kill()
        self.bystander.wait()
        self.stray.unlink()
        self.environment.undo()

    # -- setting up --------------------------------------------------------------------------------

    def _course(self, root: Path) -> Course:
        """Copy a kata, once with its own limits and once with short ones, with canaries."""
        course = built_in_course()
        others = sorted({attack.kata for attack in attacks()} - {KATA})
        tracks = [
            ("lstm", KATA),
            ("hostile", KATA),
            *((name.split("/")[0], name) for name in others),
        ]
        for track, name in tracks:
            kata = course.find(name)
            shutil.copytree(kata.folder, root / "katas" / track / kata.short)
            shutil.copytree(kata.solutions, root / "solutions" / track / kata.short)
            spec = root / "katas" / track / kata.short / "kata.toml"
            text = re.sub(r"(?m)^after = .*$", "after = []", spec.read_text())
            if track == "hostile":
                text += "\n[limits]\n" + "".join(f"{name} = {n}\n" for name, n in SHORT.items())
            spec.write_text(text)
        groups = (course.root / "katas" / "course.toml").read_text()
        groups = groups[groups.index("\n[forbidden.") :]
        (root / "katas" / "course.toml").write_text(groups)
        return Course(root)

    def _token(self, place: str) -> str:
        token = f"KATA-CANARY-{place}-{secrets.token_hex(8)}"
        self.tokens.append(token)
        return token

    def _plant(self) -> None:
        home = self.folder / "home"
        students = self.folder / "students" / "other" / "lstm"
        token = self._token("stray")
        self.stray = Path("/tmp") / f"{token}.txt"
        planted = [
            home / ".ssh" / "id_rsa",
            home / ".netrc",
            home / "gradebook.sqlite",
            students / "lstm_cell.py",
            self.hostile.solutions / "CANARY.txt",
            self.hostile.solutions / "hidden_checks.py",
            self.kata.folder / "CANARY.txt",
            self.course.root / "gradebook.sqlite",
            self.stray,
            self.folder / "modes" / "for_all.py",
            self.folder / "modes" / "for_nobody.py",
        ]
        for path in planted:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"# {self._token(path.name)}\n")
        (self.folder / "modes" / "for_all.py").chmod(0o666)
        (self.folder / "modes" / "for_nobody.py").chmod(0)
        for path in (self.hostile.solution, self.kata.solution, self.hostile.checks_file):
            with path.open("a") as file:
                file.write(f"\n# {self._token(path.name)}\n")
            planted.append(path)
        self.environment = pytest.MonkeyPatch()
        self.environment.setenv("HOME", str(home))
        self.environment.setenv("KATA_SECRET", self._token("environment"))
        in_arguments = self._token("arguments")
        code = "import time; time.sleep(3600)"
        self.bystander = subprocess.Popen([sys.executable, "-S", "-c", code, in_arguments])
        offered = self._token("network").encode()
        named, abstract = str(self.folder / "socket"), f"{MARK}-{secrets.token_hex(4)}"
        tcp = Canary(offered, socket.AF_INET, ("0.0.0.0", 0))
        port = tcp.socket.getsockname()[1]
        self.canaries = [
            tcp,
            Canary(offered, socket.AF_INET, ("0.0.0.0", port), socket.SOCK_DGRAM),
            Canary(offered, socket.AF_UNIX, named),
            Canary(offered, socket.AF_UNIX, f"\0{abstract}"),
            Canary(offered, socket.AF_UNIX, f"{named}-datagrams", socket.SOCK_DGRAM),
            Canary(offered, socket.AF_UNIX, f"\0{abstract}-datagrams", socket.SOCK_DGRAM),
        ]
        os.chmod(named, 0o777)
        os.chmod(f"{named}-datagrams", 0o777)
        self.known = {
            "@PATHS@": ":".join(map(str, planted)),
            "@ARENA@": str(self.folder),
            "@PORT@": str(port),
            "@ADDRESS@": _own_address(),
            "@SOCKET@": named,
            "@ABSTRACT@": abstract,
            "@DATAGRAMS@": f"{named}-datagrams",
            "@ABSTRACT_DATAGRAMS@": f"{abstract}-datagrams",
        }

    def fill_in(self, text: str) -> str:
        """What an attack knows: every canary's place, and the numbers of the processes."""
        pids = [os.getpid(), self.bystander.pid, *_descendants()]
        for name, value in (
            *self.known.items(),
            ("@PIDS@", " ".join(map(str, pids))),
            ("@NICE@", str(os.nice(0))),
        ):
            text = text.replace(name, value)
        return text

    # -- grading -----------------------------------------------------------------------------------

    def neighbours(self) -> tuple[bytes, bytes]:
        """The verdicts of a right and a wrong submission, without how long they took."""
        verdicts = [
            self.grader.grade(SubmissionFile(self.kata, path)) for path in (self.right, self.wrong)
        ]
        self.grader.sandbox.end_spare()
        right, wrong = (
            msgspec.json.encode(msgspec.structs.replace(verdict, duration_s=0))
            for verdict in verdicts
        )
        return right, wrong

    def grade(self, attack: Attack, *, seed: int = 0) -> Verdict | UsageError:
        """An attack's verdict, or the error that its path is."""
        kata = self.kata if attack.patient else self.hostile
        if attack.kata != KATA:
            kata = self.course.find(attack.kata)
        folder = self.folder / "students" / f"{attack.path.stem}-{seed}"
        folder.mkdir(exist_ok=True)
        if attack.kind == "build":
            spec = spec_from_file_location("attack", attack.path)
            module = module_from_spec(spec)
            spec.loader.exec_module(module)
            known = {"solution": kata.solution, "arena": self.folder}
            path = module.build(folder, known)
            self.files = self._files()  # also where the path itself is refused
            try:
                [found] = find_submissions(self.course, [kata.name], path, start=self.folder)
            except UsageError as error:
                return error
        else:
            text = self.fill_in(attack.path.read_text(encoding="utf-8"))
            path = folder / f"{kata.short}.py"
            path.write_text(text, encoding="utf-8", errors="surrogatepass")
            found = SubmissionFile(kata, path)
        self.files = self._files()
        read = read_submission(found)
        return Attempt(self.grader.prepared(kata, seed=seed), read).verdict()

    # -- what must hold afterwards -----------------------------------------------------------------

    def _states(self) -> dict[int, tuple[object, ...]]:
        """Limits, priority, scheduler and processors of every process that outlives a grading."""
        states: dict[int, tuple[object, ...]] = {}
        for pid in self.watched:
            with contextlib.suppress(OSError):
                where = Path("/proc") / str(pid)
                fields = (where / "stat").read_text().rpartition(")")[2].split()
                policy = (fields[15], fields[16], fields[37], fields[38])
                limits = (where / "limits").read_text()
                states[pid] = (limits, policy, sorted(os.sched_getaffinity(pid)))
        return states

    def _files(self) -> dict[str, tuple[object, ...]]:
        """Every file of the arena, and every file anywhere that an attack could have left.

        The time of a file's last change tells of every right, owner, time and attribute too.
        """
        found = [path for path in self.folder.rglob("*") if "__pycache__" not in path.parts]
        for root in ("/tmp", "/dev/shm", "/var/tmp", "/dev", "/", os.getcwd(), "/root"):
            with contextlib.suppress(OSError):
                found += [Path(entry.path) for entry in os.scandir(root) if MARK in entry.name]
        for scratch in Path(tempfile.gettempdir()).glob("kata-*"):
            for root in (scratch, *scratch.glob("work-*")):
                with contextlib.suppress(OSError):
                    found += [Path(entry.path) for entry in os.scandir(root) if MARK in entry.name]
        stats = {}
        for path in found:
            with contextlib.suppress(OSError):
                status = path.lstat()
                owner = (status.st_uid, status.st_gid)
                times = (status.st_mtime_ns, status.st_ctime_ns)
                stats[os.fsdecode(path)] = (status.st_mode, status.st_size, *owner, *times)
        return stats

    def problems(self) -> list[str]:
        """What is not as it was before the attack."""
        self.grader.sandbox.end_spare()  # it may be there or not
        found = []
        deadline = time.monotonic() + 5
        while len(left := _descendants()) > self.processes and time.monotonic() < deadline:
            time.sleep(0.02)
        if len(left) > self.processes:
            found.append(f"processes are left: {left}")
        if any(MARK[:15] in name for name in left.values()):
            found.append(f"an attacker's process is left: {left}")
        while (files := self._files()) != self.files and time.monotonic() < deadline:
            time.sleep(0.02)  # a guardian removes the scratch space when its worker has ended
        if files != self.files:
            found.append(f"files were changed: {sorted(files.items() ^ self.files.items())}")
        states = self._states()  # a zygote that went down was replaced: it is not there
        if changed := [pid for pid in states if states[pid] != self.states[pid]]:
            found.append(f"limits or priorities were changed: {[states[pid] for pid in changed]}")
        if heard := [heard for canary in self.canaries for heard in canary.heard]:
            found.append(f"somebody called: {heard}")
        if self.bystander.poll() is not None:
            found.append("a bystander was killed")
        if self.neighbours() != self.expected:
            found.append("a neighbour's verdict changed")
        if (descriptors := _descriptors()) > self.descriptors:
            found.append(f"{descriptors} descriptors are open, before it were {self.descriptors}")
        gc.collect()
        if (resident := _resident()) > self.resident + MEMORY_BYTES:
            found.append(f"the judge has grown from {self.resident:,} to {resident:,} bytes")
        return found


def _own_address() -> str:
    """The machine's address on its network, if it has one (nothing is sent)."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe, contextlib.suppress(OSError):
        probe.connect(("192.0.2.1", 9))
        return str(probe.getsockname()[0])
    return "127.0.0.1"


def _descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


def _status(name: str) -> int:
    text = Path("/proc/self/status").read_text()
    return int(re.search(rf"^{name}:\s+(\d+) kB", text, re.MULTILINE)[1]) << 10


def _resident() -> int:
    return _status("VmRSS")


def _descendants() -> dict[int, str]:
    """The processes below this one:

    number and name. (An orphan's parent is the sandbox' first process.)
    """
    children: dict[int, list[int]] = {}
    names = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError, ValueError):
            text = path.read_text(errors="replace")
            name, _, rest = text.partition("(")[2].rpartition(")")
            state, parent = rest.split()[:2]
            if state != "Z":
                names[int(path.parent.name)] = name
            children.setdefault(int(parent), []).append(int(path.parent.name))
    found: dict[int, str] = {}
    waiting = [os.getpid()]
    while waiting:
        for pid in children.get(waiting.pop(), []):
            waiting.append(pid)
            if pid in names:
                found[pid] = names[pid]
    return found


@pytest.fixture(scope="module")
def arena(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Arena]:
    made = Arena(tmp_path_factory.mktemp("arena"))
    yield made
    made.close()


# -- the attacks -----------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", few([0, 1, 2], 1))
@pytest.mark.parametrize("attack", parameters())
def test_attack(attack: Attack, seed: int, arena: Arena) -> None:
    problems = []
    if attack.level and attack.level != arena.level:
        pytest.skip(f"held off at level {attack.level} alone")
    for run in range(attack.runs):
        Path("/proc/self/clear_refs").write_text("5")  # forget the peak of the memory
        before, began = _resident(), time.monotonic()
        verdict = arena.grade(attack, seed=seed)
        took, peak = time.monotonic() - began, _status("VmHWM") - before
        if isinstance(verdict, KataError):
            assert "USAGE" in attack.expect, verdict
            assert arena.problems() == []
            continue
        problems += _problems(attack, arena, verdict)
        limits = (arena.kata if attack.patient else arena.hostile).spec.limits
        if took > limits.wall_s + SLACK_S * slowness():
            problems.append(f"it held the judge for {took:.1f} s")
        if peak > MEMORY_BYTES:
            problems.append(f"the judge took {peak:,} bytes for it")
        problems += arena.problems()
        assert problems == [], f"run {run + 1}: {verdict.status}, {_said(verdict)}"


def _problems(attack: Attack, arena: Arena, verdict: Verdict) -> list[str]:
    """What is wrong with an attack's verdict."""
    problems = []
    data = to_json([student_copy(verdict) if attack.secret else verdict])
    text = json.dumps(json.loads(data), ensure_ascii=False)
    if verdict.status not in attack.expect:
        problems.append(f"{verdict.status}, expected one of {', '.join(attack.expect)}")
    if verdict.points > attack.points:
        problems.append(f"{verdict.points} points, at most {attack.points} were earned")
    if (verdict.status == Status.PASSED) != (verdict.points == verdict.max_points > 0):
        problems.append(f"{verdict.status} with {verdict.points} of {verdict.max_points} points")
    for result in verdict.checks:
        if result.status in (Status.INTERNAL_ERROR, Status.NOT_VERIFIED):
            problems.append(f"{result.name}: {result.status}: {result.message[:200]}")
    problems += [f"{word} is in the verdict" for word in attack.never if word in text]
    problems += [f"a secret came out: {token}" for token in arena.tokens if token in text]
    if not attack.secret and attack.proof not in text:
        problems.append(f"it did not say {attack.proof!r}: was it tried?")
    if attack.secret and "INPUT" in text:
        problems.append("the student's copy shows what the submission said about its inputs")
    printed = ("output", "case_output")  # which have a bound of their own
    long = max((len(t) for t in _texts(msgspec.to_builtins(verdict), *printed)), default=0)
    if long > 5_000:
        problems.append(f"a text of {long:,} characters is in the verdict")
    if len(data) > 8 << 20:
        problems.append(f"a verdict of {len(data):,} bytes")
    out = io.StringIO()
    Writer(console(out, width=80), verbose=True).verdict(verdict)
    if orders := re.findall(_ORDERS, out.getvalue()):
        problems.append(f"the report has lines that a CI runner obeys: {orders}")
    if acting := sorted(set(re.findall(_ACTING, out.getvalue()))):
        problems.append(f"the report has characters that act on a terminal: {acting}")
    return problems


_ACTING = "[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
_ORDERS = r"(?m)^[^\S\n]*::.*$|##\[.*"
"""GitHub's runner obeys a line that begins with `::`, spaces apart, and `##[` anywhere in one."""


def _texts(tree: object, *without: str) -> Iterator[str]:
    if isinstance(tree, str):
        yield tree
    elif isinstance(tree, dict):
        for name, value in tree.items():
            if name not in without:
                yield from _texts(value, *without)
    elif isinstance(tree, list | tuple):
        for value in tree:
            yield from _texts(value, *without)


def _said(verdict: Verdict) -> str:
    shown = {c.name: (str(c.status), c.message[:300], c.output[:600]) for c in verdict.checks}
    return textwrap.shorten(f"{verdict.message} {verdict.output[:1500]} {shown}", 5000)


@pytest.mark.xdist_group("attacks 1")
@pytest.mark.full
def test_answers_learned_from_the_public_seed(arena: Arena, monkeypatch) -> None:
    table = {}  # with the kata's own limits: short ones could cut the recording under load
    asked = Conversation._answered

    def recording(self, request, label, *args, **kwargs):
        answer = asked(self, request, label, *args, **kwargs)
        if isinstance(request, Call) and isinstance(answer, Answer):
            data = b"".join(a.detach().numpy().tobytes() for a in request.args)
            table[hashlib.sha1(data).hexdigest()] = answer.value
        return answer

    with monkeypatch.context() as patch:
        patch.setattr(Conversation, "_answered", recording)
        arena.grader.grade(SubmissionFile(arena.kata, arena.kata.solution))
    import torch

    stored = io.BytesIO()
    torch.save(table, stored)
    text = base64.b85encode(zlib.compress(stored.getvalue())).decode()
    [path] = ATTACKS.glob("19_lookup_table.py")
    attack = Attack.read(path)
    source = path.read_text().replace("@TABLE@", text).encode()
    learned = arena.grader.attempt_source(arena.kata, source).verdict()
    assert learned.points > attack.points, "the table is worth something under the seed it is from"
    verdict = arena.grader.attempt_source(
        arena.kata, source, seed=secrets.randbelow(2**63)
    ).verdict()
    assert _problems(attack, arena, verdict) == []
    assert arena.problems() == []


def test_a_name_that_changes(arena: Arena, tmp_path: Path) -> None:
    [path] = ATTACKS.glob("36_swapped*.py")
    code = (
        f"{path.read_text()}\nfrom pathlib import Path\nbuild(Path('.'), {{'solution': SOLUTION}})"
    )
    code = code.replace("SOLUTION", repr(str(arena.kata.solution)))
    swaps = subprocess.Popen([sys.executable, "-S", "-c", code], cwd=tmp_path)
    found = SubmissionFile(arena.kata, tmp_path / "lstm_cell.py", tmp_path)
    seen: set[tuple[str, str, bool]] = set()
    try:
        for _ in range(200_000):
            read = read_submission(found)
            seen.add((read.source.decode(), read.problem, read.unread))
            if len(seen) == 3:
                break
    finally:
        swaps.kill()
        swaps.wait()
    name = "lstm_cell.py"
    mine = "def lstm_cell(*arguments):\n    return None\n"
    assert seen == {
        (mine, "", False),
        ("", f"{name} is a link, or lies behind one; hand in the file itself", False),
        ("", f"{name} was there a moment ago, and is gone", False),
    }


STANDING = """
import sys
from grader.cli.main import main
sys.exit(main(["check", "lstm_cell", "--submission", "lstm_cell.py", "--json", "-"]))
"""


@pytest.mark.parametrize("door", few(["kata", "pytest"], 1))
def test_the_folder_one_stands_in(door: str, arena: Arena, tmp_path: Path) -> None:
    """A person may stand in a learner's folder: nothing there is run, obeyed or added to."""
    [path] = ATTACKS.glob("39_the_folder*.py")
    spec = spec_from_file_location("attack", path)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    folder, marker = tmp_path / "handed in", tmp_path / "marker"
    folder.mkdir()
    module.build(folder, {"marker": marker})
    before = sorted(folder.rglob("*"))
    words = {
        "kata": [sys.executable, "-I", "-c", STANDING],
        "pytest": [
            *(Path(sys.executable).with_name("pytest"), built_in_course().find(KATA).folder),
            *("--submission", "lstm_cell.py", "-p", "no:cacheprovider"),
        ],
    }[door]
    level = os.environ.get("KATA_TEST_ISOLATION")
    if level:
        words += ["--kata-isolation", level] if door == "pytest" else []
    done = subprocess.run(list(map(str, words)), cwd=folder, capture_output=True, text=True)
    assert done.returncode == 1, done.stdout + done.stderr
    assert not marker.exists(), f"imported: {marker.read_text()}"
    assert "Traceback" not in done.stdout + done.stderr
    if door == "kata":
        [verdict] = json.loads(done.stdout)["verdicts"]
        assert (verdict["status"], verdict["points"]) == (Status.FAILED, 0)
    else:
        assert "1 failed" in done.stdout, done.stdout
    assert sorted(folder.rglob("*")) == before, "something was kept there"


# -- the list itself -------------------------------------------------------------------------------


def test_every_class_of_attack_is_tried_twice() -> None:
    found = attacks()
    for row in ROWS:
        assert sum(attack.row == row for attack in found) >= 2, row
    for attack in found:
        assert int(attack.path.name[:2]) == attack.row
        assert Status.INTERNAL_ERROR not in attack.expect
        assert set(attack.expect) <= {*Status, "USAGE"}
