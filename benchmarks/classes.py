"""How fast a class is graded: against itself, against plain pytest, and with nothing to do.

    python benchmarks/classes.py make FOLDER [--students 300] [--katas KATA ...]
    python benchmarks/classes.py grade FOLDER [--jobs 1 2] [--workers 1 2] [--plain 5]
    python benchmarks/classes.py again [--submissions 20000]

`make` writes a class: right answers in several styles, misconceptions, stubs, files that do not
parse, that end their process or never end, copies, late ones, and nothing at all. `grade` grades it
by `kata grade`, each time into a fresh gradebook, and takes plain pytest's time for a few of its
files (`peers/plain`), one process for each. `again` fills a gradebook with made-up verdicts and
takes the time of finding that there is nothing to do.

Rates are those of one run on one machine, one after the other; compare these and no others. The
processor's seconds beside them hardly depend on who else uses the machine.
"""

import argparse
import hashlib
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from grader.classroom.gradebook import Gradebook, Recorded
from grader.classroom.grading import rules_of
from grader.classroom.handed import Handed
from grader.course.catalog import built_in_course
from grader.course.kata import Kata
from grader.course.misconceptions import mutant_source
from grader.judge.opening import Opening

KATAS = (
    *("lstm/lstm_cell", "gru/gru_cell", "memory/rnn_cell", "lstm/gate_layouts"),
    *("practice/clip_gradients", "lstm/stable_sigmoid", "ner/tag_schemes"),
)
BROKEN = (
    b"def f(x, h, c:\n    return h\n",
    b"while True:\n    pass\n",
    b"import os\nos._exit(0)\n",
    b"import subprocess\nsubprocess.run(['id'])\n",
)
LONGEST_S = 10
"""What plain pytest gives a submission that never ends; the engine gives it as much."""
PYTEST = ("-q", "-p", "no:cacheprovider", "-p", "no:tensor_katas", "-o", "addopts=")
PLAIN = Path(__file__).parent / "peers" / "plain"
COMMAND = "import sys; sys.argv[0] = 'kata'; from grader.cli.main import main; sys.exit(main())"


def make(folder: Path, students: int, katas: Sequence[str]) -> None:
    """Write a class: one kata a student, in turns."""
    chance = random.Random(2026)
    course = built_in_course()
    late = written = 0
    for number in range(students):
        kata = course.find(katas[number % len(katas)])
        source = answer(kata, chance)
        place = folder / f"student{number:04}"
        place.mkdir(parents=True)
        if source is not None:
            (place / f"{kata.short}.py").write_bytes(source)
            written += 1
            late += chance.random() < 0.1
    print(f"{students} students, {written} files")


def answer(kata: Kata, chance: random.Random) -> bytes | None:
    """What one student hands in; None for nothing."""
    kind = chance.random()
    own = f"\n# {chance.getrandbits(64):x}\n".encode()
    if kind < 0.05:
        return None
    if kind < 0.10:
        return kata.stub.read_bytes()
    if kind < 0.13:
        return chance.choice(BROKEN) + own
    if kind < 0.16:
        return kata.solution.read_bytes()  # a copy of one file
    if kind < 0.50:
        mistake = chance.choice(kata.misconceptions)
        return mutant_source(mistake, kata.solution, kata.solutions) + own
    return chance.choice([kata.solution, *kata.alternatives]).read_bytes() + own


class Spent(NamedTuple):
    """Seconds of a clock, and of processors."""

    wall_s: float
    cpu_s: float


@contextmanager
def spent() -> Iterator[list[Spent]]:
    """What a block takes; its processes have to be waited for in it."""
    taken: list[Spent] = []
    began, before = time.perf_counter(), _cpu_s()
    yield taken
    taken.append(Spent(time.perf_counter() - began, _cpu_s() - before))


def _cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def kata_command(*arguments: str | Path) -> None:
    """Run `kata`."""
    done = subprocess.run(
        [sys.executable, "-c", COMMAND, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode not in (0, 1):
        sys.exit(done.stderr)


def grade(folder: Path, jobs: Sequence[int], workers: Sequence[int], plain: int) -> None:
    """Print files a second for each way, and the ratios."""
    files = sorted(folder.glob("*/*.py"))
    rates: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as place:
        for count in jobs:
            book = Path(place) / f"jobs {count}.sqlite"
            command = ("grade", folder, "--gradebook", book, "--jobs", str(count))
            with spent() as taken:
                kata_command(*command)
            name = f"kata grade --jobs {count}"
            rates[name] = show(name, taken[0], len(files))
        for count in workers:
            book = Path(place) / f"workers {count}.sqlite"
            with running_cluster(count) as address, spent() as taken:
                kata_command("grade", folder, "--gradebook", book, "--scheduler", address)
            name = f"kata grade on {count} dask workers"
            rates[name] = show(name, taken[0], len(files))
    if plain:
        some = random.Random(0).sample(files, plain)
        with spent() as taken:
            for path in some:
                plainly(path)
        name = "plain pytest, a process each"
        rates[name] = show(name, taken[0], len(some))
        for other, rate in rates.items():
            print(f"{other:36} {rate / rates[name]:8.1f} times plain pytest")


def show(name: str, taken: Spent, files: int) -> float:
    """Print what was spent; returns files a second."""
    print(
        f"{name:36} {files / taken.wall_s:6.2f} files a second, "
        f"{taken.cpu_s / files:6.2f} s of the processor each",
        flush=True,
    )
    return files / taken.wall_s


def plainly(path: Path) -> None:
    """Run the checks of a file's kata on it by plain pytest, in a process of its own."""
    subprocess.run(
        ["timeout", str(LONGEST_S), sys.executable, "-m", "pytest", *PYTEST, PLAIN],
        env=os.environ | {"SUBMISSION": str(path)},
        capture_output=True,
        check=False,
    )


class running_cluster:
    """A scheduler and workers of one thread on this machine, without TLS."""

    def __init__(self, workers: int) -> None:
        self.workers = workers

    def __enter__(self) -> str:
        from distributed import LocalCluster

        self.cluster = LocalCluster(
            n_workers=self.workers, threads_per_worker=1, memory_limit=None, dashboard_address=None
        )
        return str(self.cluster.scheduler_address)

    def __exit__(self, *_: object) -> None:
        self.cluster.close()


def again(submissions: int) -> None:
    """Fill a gradebook and time `kata grade` on the same class: all of it has a verdict."""
    course = built_in_course()
    kata = course.find("lstm/lstm_cell")
    rules = rules_of(kata, Opening(str(course.root)), 0)
    verdict = b"{" + b" " * 4000 + b"}"
    with tempfile.TemporaryDirectory() as place:
        folder, book = Path(place) / "handed in", Path(place) / "class.sqlite"
        solution = kata.solution.read_bytes()
        handed = []
        for number in range(submissions):
            data = solution + f"\n# {number}\n".encode()
            path = folder / f"s{number}" / "lstm_cell.py"
            path.parent.mkdir(parents=True)
            path.write_bytes(data)
            origin = f"s{number}/lstm_cell.py"
            one = Handed(f"s{number}", kata.name, 1, path.name, origin, data)
            handed.append((one, hashlib.sha256(data).hexdigest()))
        with Gradebook(book) as opened:
            opened.take(handed)
            opened.record_all(
                [
                    (one.handed, rules, Recorded("PASSED", 13, 13, verdict))
                    for one in opened.waiting(kata.name, rules)
                ]
            )
        for command in (("grade", folder, "--gradebook", book), ("regrade", book, "--dry-run")):
            with spent() as taken:
                kata_command(*command)
            took = taken[0].wall_s
            print(
                f"kata {command[0]}, nothing new: {submissions / took:.0f} a second ({took:.1f} s)"
            )
        print(f"the gradebook: {book.stat().st_size / submissions:.0f} bytes a submission")


def main() -> None:
    """Do what is asked."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    commands = parser.add_subparsers(required=True, dest="what")
    one = commands.add_parser("make")
    one.add_argument("folder", type=Path)
    one.add_argument("--students", type=int, default=300)
    one.add_argument("--katas", nargs="+", default=KATAS)
    one = commands.add_parser("grade")
    one.add_argument("folder", type=Path)
    one.add_argument("--jobs", type=int, nargs="*", default=[1, 2])
    one.add_argument("--workers", type=int, nargs="*", default=[])
    one.add_argument("--plain", type=int, default=5)
    one = commands.add_parser("again")
    one.add_argument("--submissions", type=int, default=20_000)
    given = parser.parse_args()
    if given.what == "make":
        make(given.folder, given.students, given.katas)
    elif given.what == "grade":
        grade(given.folder, given.jobs, given.workers, given.plain)
    else:
        again(given.submissions)


if __name__ == "__main__":
    main()
