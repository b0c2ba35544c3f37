"""Grading on other machines, over a cluster of `dask.distributed` that runs already.

Bytes go out and bytes come back: a task as MessagePack, a verdict as MessagePack. Nothing of a
submission is ever unpickled. The cluster itself is trusted: whoever can reach a scheduler can run
code on its workers, so a scheduler that others can reach wants TLS with certificates on both sides.

A machine grades only with the course and the grader of the one that asks, and each of its processes
has one judge and one zygote, which stay for the next task.
"""

import ipaddress
import logging
import platform
import socket
import time
import warnings
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from functools import cache
from importlib.metadata import version
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct
from msgspec.structs import replace

import grader
from grader.classroom.gradebook import Recorded
from grader.classroom.grading import (
    LONGEST_S,
    Task,
    grade_task,
    is_about,
)
from grader.course.catalog import Course, built_in_course
from grader.data.files import digest_of_folders
from grader.errors import LONGEST, InstallationError, KataError, UsageError

if TYPE_CHECKING:
    from distributed import Client

CONNECT_S = 10.0
PATIENCE_S = 60.0
"""How long a cluster may be without any worker before the command gives up."""
LOOK_S = 5.0
"""How often it is looked who is there, while nothing comes back."""
AHEAD = 4
"""How many tasks are on the cluster for each of its threads; the others stay here."""


_DOUBT = "Nothing of it is in the gradebook. Look at the worker's log, and start it anew."


class ClusterError(KataError):
    """The cluster cannot be used, or went away; what was written into the gradebook stays."""


class Scheduler(Struct, frozen=True):
    """Where a cluster is, and how to speak to it.

    Args:
        address: `tls://HOST:PORT`, or `tcp://HOST:PORT`, which is neither secret nor guarded.
        ca: for TLS, the certificates of those who sign this cluster's certificates.
        cert: this machine's certificate.
        key: its private key.
    """

    address: str
    ca: Path | None = None
    cert: Path | None = None
    key: Path | None = None

    @property
    def encrypted(self) -> bool:
        """Whether nobody on the way can read or change what travels."""
        return self.address.startswith("tls://")

    @property
    def at_home(self) -> bool:
        """Whether it is on this machine, as far as its address says."""
        host = urlsplit(self.address).hostname or ""
        try:
            return ipaddress.ip_address(host).is_loopback
        except ValueError:
            return host == "localhost"

    def check(self, *, secret: bool) -> None:
        """Hold that it may be used.

        Args:
            secret: there is a seed that nobody may read on the way.

        Raises:
            UsageError: the address is none, a file of TLS is missing, or a secret would travel in
                the clear.
        """
        try:
            parts = urlsplit(self.address)
            known = parts.scheme in ("tls", "tcp") and parts.hostname and parts.port
        except ValueError:
            known = False
        if not known or parts.path:
            raise UsageError(
                f"{self.address[:80]!r} is no address of a scheduler",
                advice="Write --scheduler tls://HOST:PORT",
            )
        files = {"--tls-ca": self.ca, "--tls-cert": self.cert, "--tls-key": self.key}
        if not self.encrypted:
            if given := [name for name, path in files.items() if path]:
                raise UsageError(
                    f"{given[0]} means nothing to {self.address}",
                    advice="Write tls:// if the scheduler speaks TLS.",
                )
            if secret and not self.at_home:
                raise UsageError(
                    f"the secret seed would travel to {self.address} in the clear",
                    advice="Start the scheduler with TLS, and write --scheduler tls://HOST:PORT",
                )
            return
        for name, path in files.items():
            if path is None:
                raise UsageError(
                    f"{self.address} needs {name}",
                    advice="TLS takes --tls-ca, --tls-cert and --tls-key: three PEM files.",
                )
            if not path.is_file():
                raise UsageError(f"there is no file {path} ({name})")


class Machine(Struct, frozen=True):
    """What two machines must have in common to give the same verdicts."""

    grader: str
    course: str
    torch: str
    python: str

    def differs_from(self, other: "Machine") -> str:
        """What is not the same on the other one, in words; empty if all is."""
        words = {
            "grader": "another version of tensor-katas",
            "course": "another course",
            "torch": f"torch {self.torch} (here {other.torch})",
            "python": f"Python {self.python} (here {other.python})",
        }
        differ = (words[n] for n in self.__struct_fields__ if getattr(self, n) != getattr(other, n))
        return " and ".join(differ)


@cache
def this_machine(course: str) -> Machine:
    """What verdicts depend on here beside submissions, for a course's folder (see `Opening`)."""
    root = Course(Path(course)).root if course else built_in_course().root
    return Machine(
        digest_of_folders([Path(grader.__file__).parent], "*.py"),
        digest_of_folders([root / "katas", root / "solutions"]),
        version("torch").partition("+")[0],
        ".".join(platform.python_version_tuple()[:2]),
    )


class Parcel(Struct, frozen=True):
    """What is sent to a worker: a task, who sends it, and whether its seed is secret."""

    task: Task
    sender: Machine
    secret: bool


class Reply(Struct, frozen=True):
    """What a worker sends back: its machine, and what it found or why it did not grade."""

    host: str
    found: Recorded | None
    problem: str = ""
    advice: str = ""


def grade_parcel(data: bytes) -> bytes:
    """Grade one attempt on whichever machine this is.

    Args:
        data: a `Parcel` as MessagePack.

    Returns:
        a `Reply` as MessagePack. What goes wrong is in it too: an error would be logged there.
    """
    parcel = msgspec.msgpack.decode(data, type=Parcel)
    return msgspec.msgpack.encode(_reply(parcel))


def _reply(parcel: Parcel) -> Reply:
    host = socket.gethostname()
    try:
        here = this_machine(parcel.task.opening.course)
        if here != parcel.sender:
            return Reply(
                host,
                None,
                f"has {here.differs_from(parcel.sender)}",
                "Install the same there and start its workers anew, or stop them.",
            )
        if parcel.secret and _writes_to_disk():
            return Reply(
                host,
                None,
                "may write results to its disk, and the seed is secret",
                "Start it with: dask worker ... --memory-limit 0",
            )
        # One thread for all that this process is asked: so there is one judge and one zygote.
        return Reply(host, _judges.submit(grade_task, parcel.task).result())
    except KataError as error:
        return Reply(host, None, f"cannot grade: {error.message}", error.advice)


def _begin() -> None:
    """Other threads of a worker's use `random`, which Hypothesis takes for a strategy's doing."""
    from hypothesis.errors import HypothesisDeprecationWarning

    warnings.filterwarnings(
        "ignore", "Do not use the `random` module", HypothesisDeprecationWarning
    )


_judges = ThreadPoolExecutor(1, "judge", initializer=_begin)


def _writes_to_disk() -> bool:
    """Whether this worker moves what it holds to a disk when memory is short."""
    from distributed import get_worker

    return not isinstance(get_worker().data, dict)


def grade_there(
    scheduler: Scheduler, tasks: Sequence[Task], *, secret: bool
) -> Iterator[tuple[Task, Recorded]]:
    """Grade tasks on a cluster; yields each with what was found, as it is done.

    A worker that is lost costs nothing: what it had is given to others. A task that has taken
    several workers with it is left out, and said at the end.

    Args:
        scheduler: see `Scheduler.check`, which is to be asked before.
        tasks: what is to be graded.
        secret: their seed is secret.

    Raises:
        ClusterError: there is no such cluster or no worker, one of its machines has something else
            installed, fails, or answers for another attempt, the scheduler is lost, or some tasks
            could not be graded.
    """
    lethal: list[Task] = []
    with _client(scheduler) as client:
        from distributed import KilledWorker

        for task, future in _in_turn(client, scheduler, tasks, secret):
            try:
                reply = msgspec.msgpack.decode(future.result(), type=Reply)
            except KilledWorker:
                lethal.append(task)
                continue
            except CancelledError:
                raise _lost(scheduler) from None
            except ModuleNotFoundError as error:
                raise ClusterError(
                    f"a worker of {scheduler.address} lacks the package {error.name}",
                    advice="Install tensor-katas on every machine of the cluster.",
                ) from None
            except Exception as error:  # what a worker raises is as odd as the worker
                what = str(error) or type(error).__name__
                raise ClusterError(
                    f"a worker of {scheduler.address} failed at {task.kata} {task.file}: "
                    f"{what[:LONGEST]}",
                    advice=_DOUBT,
                ) from None
            if reply.found is None:
                raise ClusterError(
                    f"the worker on {reply.host[:LONGEST]} {reply.problem[:LONGEST]}",
                    advice=reply.advice[:LONGEST],
                )
            if not is_about(task, reply.found):
                raise ClusterError(
                    f"the worker on {reply.host[:LONGEST]} was asked about {task.kata} "
                    f"{task.file}, and answered something else",
                    advice=_DOUBT,
                )
            yield task, reply.found
    if lethal:
        named = ", ".join(f"{task.kata} {task.file}" for task in lethal[:3])
        raise ClusterError(
            f"{len(lethal)} of {len(tasks)} were not graded: each time, the worker that had them "
            f"died, or was ended after {LONGEST_S / 60:g} minutes ({named})",
            advice="The same command tries them again; without --scheduler it does so here.",
        )


def _in_turn(
    client: "Client", scheduler: Scheduler, tasks: Iterable[Task], secret: bool
) -> Iterator[tuple[Task, Future[bytes]]]:
    """Each task with its future, once that is done; few more are sent than there is work for.

    Raises:
        ClusterError: there has been no worker for a while.
    """
    executor = client.get_executor(pure=False)
    waiting = iter(tasks)
    running: dict[Future[bytes], Task] = {}
    room = AHEAD * _threads(client, scheduler)
    if not room:
        raise _no_worker(scheduler)
    seen = time.monotonic()
    while True:
        for task in islice(waiting, max(0, room - len(running))):
            running[executor.submit(grade_parcel, _packed(task, secret))] = task
        if not running:
            return
        done, _ = wait(running, timeout=LOOK_S, return_when=FIRST_COMPLETED)
        for future in done:
            yield running.pop(future), future
        if not done:
            threads = _threads(client, scheduler)
            if threads:
                room, seen = AHEAD * threads, time.monotonic()
            elif time.monotonic() - seen > PATIENCE_S:
                raise _no_worker(scheduler)


def _threads(client: "Client", scheduler: Scheduler) -> int:
    """How many tasks the cluster can do at a time."""
    try:
        return sum(client.nthreads().values())
    except (OSError, RuntimeError):
        raise _lost(scheduler) from None


def _lost(scheduler: Scheduler) -> ClusterError:
    return ClusterError(
        f"the scheduler at {scheduler.address} was lost",
        advice="What was written into the gradebook stays. Run the same command again; without "
        "--scheduler it grades here.",
    )


def _no_worker(scheduler: Scheduler) -> ClusterError:
    return ClusterError(
        f"the scheduler at {scheduler.address} has no worker",
        advice="Start one on each machine that is to grade; see docs/cluster.md.",
    )


def _packed(task: Task, secret: bool) -> bytes:
    course = task.opening.course
    if course and Path(course) == built_in_course().root:
        course = ""  # wherever it is installed there
    task = replace(task, opening=replace(task.opening, course=course))
    return msgspec.msgpack.encode(Parcel(task, this_machine(course), secret))


@contextmanager
def _client(scheduler: Scheduler) -> Iterator["Client"]:
    try:
        from distributed import Client
        from distributed.security import Security
    except ImportError as error:
        if error.name not in ("distributed", "dask"):
            raise InstallationError(error) from error
        raise UsageError(
            f"a cluster needs {error.name}, which is not installed",
            advice="pip install 'tensor-katas[cluster]'",
        ) from None
    for name in [*logging.root.manager.loggerDict]:
        if name.startswith("distributed"):  # what goes wrong is told by us, once
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    security = Security(
        tls_ca_file=scheduler.ca and str(scheduler.ca),
        tls_client_cert=scheduler.cert and str(scheduler.cert),
        tls_client_key=scheduler.key and str(scheduler.key),
        require_encryption=scheduler.encrypted,
    )
    try:
        client = Client(
            scheduler.address, security=security, timeout=CONNECT_S, set_as_default=False
        )
    except (OSError, ValueError) as error:
        raise ClusterError(
            f"no scheduler can be reached at {scheduler.address}: {_cause(error)}",
            advice="Start it with `dask scheduler`; for TLS, see docs/cluster.md.",
        ) from None
    try:
        yield client
    finally:
        client.close(timeout=5)


def _cause(error: BaseException) -> str:
    """What lies below an error of the connection."""
    while error.__cause__ is not None:
        error = error.__cause__
    return str(error) or type(error).__name__
