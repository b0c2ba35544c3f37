"""`kata grade --scheduler`: what may travel, what is refused, and what is lost with a machine."""

import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import closing, contextmanager
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from grader.classroom import cluster
from grader.classroom.cluster import Machine, Parcel, Reply, Scheduler, grade_parcel, this_machine
from grader.classroom.gradebook import Recorded
from grader.classroom.grading import Task, digest_of
from grader.errors import SandboxError, UsageError
from grader.judge.opening import Opening
from grader.verdict import Status
from tests.present.test_pages import verdict

TOY = Path(__file__).parents[1] / "toy"
PASSED = Recorded("PASSED", 3, 3, b"{}")


def passed(task: Task, **changed) -> Recorded:
    """What a worker finds."""
    told = replace(
        verdict(),
        kata=task.kata,
        sha256=digest_of(task.data),
        status=Status.PASSED,
        points=3,
        max_points=3,
    )
    return Recorded("PASSED", 3, 3, msgspec.json.encode(replace(told, **changed)))


@pytest.fixture
def pem(tmp_path: Path) -> Path:
    path = tmp_path / "some.pem"
    path.write_text("a certificate\n")
    return path


@pytest.mark.parametrize(
    "address",
    ["", "localhost:8786", "http://h:1", "tls://h", "tls://:8786", "tls://h:99999", "tls://h:1/x"],
)
def test_what_is_no_address_is_refused(address: str, pem: Path) -> None:
    with pytest.raises(UsageError, match="no address of a scheduler"):
        Scheduler(address, pem, pem, pem).check(secret=False)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "localhost", "[::1]"])
def test_a_secret_stays_at_home_without_tls(host: str) -> None:
    Scheduler(f"tcp://{host}:8786").check(secret=True)


@pytest.mark.parametrize("host", ["10.0.0.1", "0.0.0.0", "localhost.example.org", "[2001:db8::1]"])
def test_a_secret_does_not_leave_without_tls(host: str, pem: Path) -> None:
    Scheduler(f"tcp://{host}:8786").check(secret=False)
    with pytest.raises(UsageError, match="in the clear"):
        Scheduler(f"tcp://{host}:8786").check(secret=True)
    Scheduler(f"tls://{host}:8786", pem, pem, pem).check(secret=True)


@pytest.mark.parametrize("left_out", ["ca", "cert", "key"])
def test_tls_takes_three_files(left_out: str, pem: Path) -> None:
    files = {"ca": pem, "cert": pem, "key": pem}
    with pytest.raises(UsageError, match=f"needs --tls-{left_out}"):
        Scheduler("tls://h:1", **(files | {left_out: None})).check(secret=False)
    with pytest.raises(UsageError, match=r"there is no file gone"):
        Scheduler("tls://h:1", **(files | {left_out: Path("gone")})).check(secret=False)
    with pytest.raises(UsageError, match=f"--tls-{left_out} means nothing"):
        Scheduler("tcp://h:1", **{left_out: pem}).check(secret=False)


def reply_to(*, secret: bool = False, **changed: str) -> Reply:
    sender = msgspec.structs.replace(this_machine(str(TOY)), **changed)
    task = Task(Opening(str(TOY)), 1, "toy/double", "double.py", b"", 7)
    packed = msgspec.msgpack.encode(Parcel(task, sender, secret))
    return msgspec.msgpack.decode(grade_parcel(packed), type=Reply)


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ("grader", "another version of tensor-katas"),
        ("course", "another course"),
        ("torch", "torch "),
        ("python", "Python 3"),
    ],
)
def test_a_machine_that_differs_does_not_grade(changed: str, says: str, monkeypatch) -> None:
    monkeypatch.setattr(cluster, "grade_task", lambda task: PASSED)
    assert reply_to().found == PASSED
    reply = reply_to(**{changed: "other"})
    assert reply.found is None
    assert f"has {says}" in reply.problem


def test_a_secret_goes_to_no_worker_that_writes_to_its_disk(monkeypatch) -> None:
    monkeypatch.setattr(cluster, "grade_task", lambda task: PASSED)
    monkeypatch.setattr(cluster, "_writes_to_disk", lambda: True)
    assert reply_to().found == PASSED
    reply = reply_to(secret=True)
    assert reply.found is None
    assert "--memory-limit 0" in reply.advice


def test_a_machine_without_a_sandbox_says_so(monkeypatch) -> None:
    def refuse(task: Task) -> Recorded:
        raise SandboxError("no namespaces", advice="allow them")

    monkeypatch.setattr(cluster, "grade_task", refuse)
    assert reply_to().problem == "cannot grade: no namespaces"


def test_a_file_that_differs_makes_another_machine(tmp_path: Path) -> None:
    shutil.copytree(TOY, tmp_path / "toy")
    other = tmp_path / "toy"
    same = this_machine(str(other))
    assert same == this_machine(str(TOY))
    (other / "solutions/toy/double/double.py").write_text("def double(x): return x + x\n")
    this_machine.cache_clear()
    assert this_machine(str(other)).differs_from(same) == "another course"
    assert isinstance(same, Machine)


def all_of(count: int) -> list[Task]:
    return [Task(Opening(str(TOY)), n, "toy/double", f"{n}.py", b"", 0) for n in range(count)]


@pytest.fixture
def stand_in(monkeypatch) -> Callable[..., list[int]]:
    """A cluster of one thread that answers what a test says; it takes nobody else's work."""
    pytest.importorskip("distributed", reason="the extra `cluster` is not installed")

    def stand_in(answer: Callable[[Parcel], bytes], *, threads: int = 1) -> list[int]:
        sent: list[int] = []

        class Client:
            def nthreads(self) -> dict[str, int]:
                return {"a": threads} if threads else {}

            def get_executor(self, **_) -> "Client":
                return self

            def submit(self, function, data: bytes) -> Future:
                parcel = msgspec.msgpack.decode(data, type=Parcel)
                sent.append(parcel.task.handed)
                future: Future[bytes] = Future()
                try:
                    future.set_result(answer(parcel))
                except Exception as error:
                    future.set_exception(error)
                return future

        @contextmanager
        def client(scheduler: Scheduler) -> Iterator[Client]:
            yield Client()

        monkeypatch.setattr(cluster, "_client", client)
        return sent

    return stand_in


AT_HOME = Scheduler("tcp://127.0.0.1:8786")


def test_no_more_is_sent_than_there_is_work_for(stand_in) -> None:
    sent = stand_in(lambda parcel: msgspec.msgpack.encode(Reply("a", passed(parcel.task))))
    graded = cluster.grade_there(AT_HOME, all_of(100), secret=False)
    for _ in range(10):
        next(graded)
    assert len(sent) <= 10 + cluster.AHEAD
    assert len(list(graded)) == 90
    assert sorted(sent) == list(range(100))


def test_what_kills_its_workers_keeps_nobody_else_from_a_verdict(stand_in) -> None:
    def answer(parcel: Parcel) -> bytes:
        if parcel.task.handed == 2:
            from distributed import KilledWorker

            raise KilledWorker("task", None, 3)
        return msgspec.msgpack.encode(Reply("a", passed(parcel.task)))

    stand_in(answer)
    graded = cluster.grade_there(AT_HOME, all_of(9), secret=False)
    assert sorted(next(graded)[0].handed for _ in range(8)) == [0, 1, 3, 4, 5, 6, 7, 8]
    with pytest.raises(cluster.ClusterError, match=r"1 of 9 were not graded.*toy/double 2\.py"):
        next(graded)


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (Reply("far", None, "has another course", "Install"), "worker on far has another course"),
        (ModuleNotFoundError(name="grader"), "lacks the package grader"),
        (MemoryError(), r"failed at toy/double 0\.py: MemoryError"),
        (RuntimeError("x" * 10_000), r"failed at toy/double 0\.py: x{400}$"),
        (7, r"failed at toy/double 0\.py: "),
        (["a", "b"], r"failed at toy/double 0\.py: "),
    ],
)
def test_a_worker_that_cannot_grade_ends_it(stand_in, answer: object, says: str) -> None:
    def reply(parcel: Parcel) -> bytes:
        if isinstance(answer, Exception):
            raise answer
        return msgspec.msgpack.encode(answer)

    stand_in(reply)
    with pytest.raises(cluster.ClusterError, match=says):
        next(cluster.grade_there(AT_HOME, all_of(1), secret=False))


@pytest.mark.parametrize(
    ("changed", "found"),
    [
        ({"kata": "toy/triple"}, {}),
        ({"sha256": digest_of(b"somebody else's")}, {}),
        ({"points": 1}, {}),
        ({"status": Status.FAILED}, {}),
        ({}, {"points": 4}),
        ({}, {"status": "NEARLY"}),
        ({}, {"json": b"{}"}),
        ({}, {"json": b"\xff"}),
    ],
)
def test_a_worker_that_answers_for_another_writes_nothing(stand_in, changed, found) -> None:
    def reply(parcel: Parcel) -> bytes:
        lie = replace(passed(parcel.task, **changed), **found)
        return msgspec.msgpack.encode(Reply("far", lie))

    stand_in(reply)
    with pytest.raises(cluster.ClusterError, match="was asked about toy/double"):
        next(cluster.grade_there(AT_HOME, all_of(1), secret=False))


def test_a_cluster_without_a_worker_is_told(stand_in) -> None:
    stand_in(lambda parcel: b"", threads=0)
    with pytest.raises(cluster.ClusterError, match="has no worker"):
        next(cluster.grade_there(AT_HOME, all_of(1), secret=False))


# -- a real cluster --------------------------------------------------------------------------------

STUDENTS = 24
SEED = 7203664112950
WAIT_S = 120.0


def until(holds: Callable[[], object]) -> None:
    """Wait for something, with patience for a machine that is busy."""
    deadline = time.monotonic() + WAIT_S
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


class Cluster:
    """A scheduler with TLS and its workers: the real programs, on this machine."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.tls = ("--tls-ca-file", "ca.pem", "--tls-cert", "me.pem", "--tls-key", "me.key")
        self.processes: list[subprocess.Popen[bytes]] = []
        make_certificates(folder)
        self.scheduler = self._start(
            "scheduler",
            *("--host", "127.0.0.1", "--protocol", "tls", "--port", "0", "--no-dashboard"),
            *("--scheduler-file", "scheduler.json"),
        )
        until((folder / "scheduler.json").is_file)
        self.address = msgspec.json.decode((folder / "scheduler.json").read_bytes())["address"]
        self.workers = [
            self._start(
                *("worker", self.address, "--no-nanny", "--nthreads", "2", "--memory-limit", "0"),
                *("--no-dashboard", "--name", name),
            )
            for name in ("first", "second")
        ]

    def _start(self, what: str, *arguments: str) -> subprocess.Popen[bytes]:
        with open(self.folder / f"{what} {len(self.processes)}.log", "wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", f"distributed.cli.dask_{what}", *arguments, *self.tls],
                cwd=self.folder,
                stdout=log,
                stderr=log,
            )
        self.processes.append(process)
        return process

    def close(self) -> None:
        """End all of it."""
        for process in reversed(self.processes):
            process.terminate()
        for process in self.processes:
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def make_certificates(folder: Path) -> None:
    """Somebody who signs, and one certificate for everybody."""
    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2")
    for command in (
        ("req", "-x509", *key, "-subj", "/CN=ca", "-keyout", "ca.key", "-out", "ca.pem"),
        ("req", *key[:-2], "-subj", "/CN=me", "-keyout", "me.key", "-out", "me.csr"),
        ("x509", "-req", "-in", "me.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
         "-days", "2", "-out", "me.pem"),
    ):  # fmt: skip
        subprocess.run(["openssl", *command], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def a_cluster(tmp_path: Path) -> Iterator[Cluster]:
    pytest.importorskip("distributed", reason="the extra `cluster` is not installed")
    if shutil.which("openssl") is None:
        pytest.skip("openssl, which makes the certificates, is not installed")
    made = Cluster(tmp_path)
    yield made
    made.close()


@pytest.fixture
def handed_in(tmp_path: Path) -> Path:
    """Each answer is another file, and takes a while."""
    folder = tmp_path / "handed in"
    for number in range(STUDENTS):
        (folder / f"student{number}").mkdir(parents=True)
        (folder / f"student{number}" / "double.py").write_text(
            f"import time\ntime.sleep(0.5)\ndef double(x): return x + x  # {number}\n"
        )
    return folder


GRADE = ("grade", "handed in", "--gradebook", "class.sqlite")


def start(made: Cluster, *asked: str) -> subprocess.Popen[bytes]:
    """`kata grade`, say, beside the cluster."""
    kata = "import sys; from grader.cli.main import main; sys.exit(main())"
    return subprocess.Popen(
        [sys.executable, "-c", kata, *asked, "--course", str(TOY)],
        cwd=made.folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def on_it(made: Cluster) -> tuple[str, ...]:
    files = ("--tls-ca", "ca.pem", "--tls-cert", "me.pem", "--tls-key", "me.key")
    return ("--scheduler", made.address, *files)


def verdicts(made: Cluster) -> list[tuple[int, str]]:
    """Attempt and status of each verdict that the book holds."""
    book = made.folder / "class.sqlite"
    if not book.is_file():
        return []
    with closing(sqlite3.connect(f"file:{book}?mode=ro", uri=True)) as db:
        try:
            return db.execute("SELECT handed_id, status FROM verdict ORDER BY 1").fetchall()
        except sqlite3.OperationalError:  # it is being made
            return []


EVERYBODY = [(number, "PASSED") for number in range(1, STUDENTS + 1)]


@pytest.mark.xdist_group("cluster")
@pytest.mark.full
def test_a_worker_that_is_killed_loses_nothing(a_cluster: Cluster, handed_in: Path) -> None:
    grading = start(a_cluster, *GRADE, *on_it(a_cluster), "--secret-seed", str(SEED))
    until(lambda: len(verdicts(a_cluster)) >= 3 or grading.poll() is not None)
    a_cluster.workers[0].send_signal(signal.SIGKILL)  # it has several
    out, err = grading.communicate(timeout=WAIT_S)
    assert (grading.returncode, err) == (0, b"")
    assert f"{STUDENTS} graded" in out.decode()
    assert verdicts(a_cluster) == EVERYBODY
    again = start(a_cluster, "regrade", "class.sqlite", "--yes", "--no-training", *on_it(a_cluster))
    out, err = again.communicate(timeout=WAIT_S)
    assert (again.returncode, err) == (0, b"")
    assert f"{STUDENTS} verdicts written" in out.decode()
    assert verdicts(a_cluster) == sorted(2 * EVERYBODY)
    for file in a_cluster.folder.rglob("*"):
        if file.is_file() and file.name != "class.sqlite":
            text = file.read_bytes()
            for seed in (str(SEED).encode(), SEED.to_bytes(8, "big"), SEED.to_bytes(8, "little")):
                assert seed not in text, f"the seed rests in {file.name}"


@pytest.mark.xdist_group("cluster")
@pytest.mark.full
def test_a_scheduler_that_is_killed_is_told_and_the_rest_is_done_here(
    a_cluster: Cluster, handed_in: Path
) -> None:
    grading = start(a_cluster, *GRADE, *on_it(a_cluster), "--secret-seed", str(SEED))
    until(lambda: len(verdicts(a_cluster)) >= 3 or grading.poll() is not None)
    a_cluster.scheduler.send_signal(signal.SIGKILL)
    _, err = grading.communicate(timeout=WAIT_S)
    assert grading.returncode == 3
    assert f"kata: the scheduler at {a_cluster.address} was lost" in err.decode()
    assert len(err.splitlines()) == 2, err
    before = verdicts(a_cluster)
    assert 3 <= len(before) < STUDENTS
    rest = start(a_cluster, *GRADE, "--secret-seed", "--jobs", "1")
    out, err = rest.communicate(timeout=WAIT_S)
    assert (rest.returncode, err) == (0, b"")
    assert f"{STUDENTS - len(before)} graded" in out.decode()
    assert verdicts(a_cluster) == EVERYBODY
