"""Shared by all tests: one sandbox for each xdist worker, the course, and the corpus of
submissions.
"""

import contextlib
import json
import os
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import settings

from grader.checks.check import CheckLimits
from grader.cli import main as cli
from grader.course.catalog import Course, built_in_course
from grader.course.kata import Kata
from grader.judge import failures, one_change, opening
from grader.judge.grader import Grader
from grader.sandbox.sandbox import Level, Sandbox
from grader.submission.find import SubmissionFile
from grader.verdict import Verdict

pytest_plugins = ["pytester"]
collect_ignore = ["toy", "corpus"]  # courses and submissions, not tests
if not (Path(__file__).parents[1] / "grader").is_dir():
    # Beside an installed wheel (`make test-wheel`): these look at the checkout itself.
    collect_ignore += ["test_design.py", "test_docs.py", "test_packaging.py"]

settings.register_profile("project", deadline=None, database=None, derandomize=True)
settings.load_profile("project")

CORPUS = Path(__file__).parent / "corpus"
TOML = 'title = "Double"\ndifficulty = 1\nminutes = 5\nhints = []\n'
CHECKS_HEAD = "from hypothesis import given, strategies as st\nfrom grader.checks import *\n\n\n"
DOUBLE = "def double(x):\n    return 2 * x\n"


@dataclass(frozen=True)
class Example:
    """A submission of the corpus, and what its header says that the verdict must be.

    The header is the comment at the top of the file: lines of `# field: value`.
    """

    kata: str
    path: Path
    status: str
    fails: str | None
    told: str | None
    says: str | None
    line: int | None

    @classmethod
    def read(cls, path: Path) -> "Example":
        found: dict[str, str] = {}
        for line in path.read_bytes().decode("utf-8-sig", "replace").splitlines():
            match = re.fullmatch(r"# (status|fails|told|says|line): (.+)", line)
            if match:
                found[match[1]] = match[2].strip()
            elif not line.startswith("#"):
                break
        return cls(
            kata=path.parent.relative_to(CORPUS).as_posix(),
            path=path,
            status=found["status"],
            fails=found.get("fails"),
            told=found.get("told"),
            says=found.get("says"),
            line=int(found["line"]) if "line" in found else None,
        )

    def problems(self, verdict: Verdict) -> list[str]:
        """In which ways the verdict is not the expected one."""
        failed = [result for result in verdict.checks if result.status != "PASSED"]
        told = verdict.diagnosis.id if verdict.diagnosis else None
        places = [verdict.location, *(result.location for result in failed)]
        place = next((place.line for place in places if place), None)
        texts = [verdict.message, verdict.output]
        for result in verdict.checks:
            texts += [result.message, result.output]
        problems = []
        if verdict.status != self.status:
            problems.append(f"status {verdict.status}, expected {self.status}")
        if told != self.told:
            problems.append(f"told {told}, expected {self.told}")
        if self.fails and (not failed or failed[0].name != self.fails):
            problems.append(f"{[r.name for r in failed]} failed, {self.fails} expected first")
        if self.line is not None and place != self.line:
            problems.append(f"line {place}, expected {self.line}")
        if self.says and not any(self.says in text for text in texts):
            problems.append(f"nothing says {self.says!r}, only {[t[:300] for t in texts if t]}")
        full = verdict.points == verdict.max_points
        if full != (self.status == "PASSED"):
            problems.append(f"{verdict.points} of {verdict.max_points} points for {verdict.status}")
        return problems


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "corpus(kata, *names): these submissions alone, for the fixture `example`"
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give the fixture `example` every submission of the corpus (or of the marked kata).

    Of the whole corpus, the gate asks every second one.
    """
    if "example" in metafunc.fixturenames:
        marker = metafunc.definition.get_closest_marker("corpus")
        folder, *chosen = marker.args if marker else ("",)
        paths = sorted((CORPUS / folder).rglob("*.py"))
        examples = [Example.read(path) for path in paths if not chosen or path.stem in chosen]
        names = [f"{example.kata}/{example.path.stem}" for example in examples]
        members = [
            pytest.param(example, marks=() if marker or number % 2 else pytest.mark.full)
            for number, example in enumerate(examples)
        ]
        metafunc.parametrize("example", members, ids=names)


@pytest.fixture(autouse=True, scope="session")
def _own_state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Nobody's progress is read or written by a test, and nobody's cache."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        patch.delenv("NO_COLOR", raising=False)
        patch.delenv("COLUMNS", raising=False)
        yield


@pytest.fixture(scope="module")
def time_enough() -> Iterator[None]:
    """A machine that is busy finds no fewer mistakes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(failures, "PATIENCE_S", 600.0)
        patch.setattr(one_change, "PATIENCE_S", 600.0)
        patch.setattr(one_change, "LIMITS", CheckLimits(check_s=600.0, call_s=60.0))
        yield


@pytest.fixture(scope="session")
def course() -> Course:
    return built_in_course()


@pytest.fixture(scope="session")
def kata(course: Course) -> Kata:
    return course.find("lstm/lstm_cell")


@pytest.fixture(scope="session")
def grader(course: Course) -> Iterator[Grader]:
    """One open grader, and so one zygote, for all tests of this process."""
    with opening.open_grader(course, training=False, keeps=False) as made:
        _ = made.sandbox.isolation  # its zygote is ready: what a test times is its own
        yield made


@pytest.fixture(scope="session")
def sandbox(grader: Grader) -> Sandbox:
    return grader.sandbox


@pytest.fixture
def add_kata() -> Callable[..., None]:
    """Write the files of a kata that nobody can run."""

    def add_kata(root: Path, name: str, *, after: str = "", difficulty: int = 1) -> None:
        folder = root / "katas" / name
        folder.mkdir(parents=True)
        (folder / "kata.toml").write_text(
            f'title = "{name}"\ndifficulty = {difficulty}\nminutes = 1\nhints = []\n'
            f"after = [{after}]\n"
        )
        short = folder.name
        (folder / f"{short}.py").write_text(f"def {short}(x): raise NotImplementedError\n")
        (folder / "README.md").write_text(f"# {name}\n")
        (folder / "checks.py").write_text("raise RuntimeError('the catalog runs nothing')\n")

    return add_kata


@pytest.fixture
def three_katas(add_kata: Callable[..., None], tmp_path: Path) -> Course:
    """A course of three katas, two of them with one name."""
    root = tmp_path / "course"
    add_kata(root, "easy/double", difficulty=1)
    add_kata(root, "easy/halve", difficulty=2, after='"hard/double"')
    add_kata(root, "hard/double", difficulty=5)
    return Course(root)


@pytest.fixture
def made(tmp_path: Path, sandbox: Sandbox) -> Iterator[Callable[..., Grader]]:
    """A grader of a course with the one kata `toy/double`, whose checks a test writes."""
    graders: list[Grader] = []

    def made(checks: str, *, bank: str = "", toml: str = "", solution: str = DOUBLE) -> Grader:
        folder = tmp_path / f"course {len(graders)}"
        kata, solutions = folder / "katas/toy/double", folder / "solutions/toy/double"
        for place, name, text in (
            (kata, "checks.py", CHECKS_HEAD + checks),
            (kata, "kata.toml", TOML + toml),
            (kata, "double.py", "def double(x):\n    raise NotImplementedError\n"),
            (solutions, "double.py", solution),
            (solutions, "misconceptions.toml", bank),
        ):
            place.mkdir(parents=True, exist_ok=True)
            (place / name).write_text(text)
        graders.append(Grader(Course(folder), sandbox))
        return graders[-1]

    yield made
    for grader in graders:
        grader.close()


@pytest.fixture
def grade(grader: Grader, kata: Kata):
    """Grade a text or a file as a submission to lstm/lstm_cell."""

    def grade(submission: str | bytes | os.PathLike[str]) -> Verdict:
        if isinstance(submission, os.PathLike):
            return grader.grade(SubmissionFile(kata, Path(submission)))
        source = submission.encode() if isinstance(submission, str) else submission
        return grader.attempt_source(kata, source).verdict()

    return grade


class Command:
    """The command `kata`, run in this process on the tests' own sandbox."""

    def __init__(self, capture: pytest.CaptureFixture[bytes]) -> None:
        self._capture = capture
        self.out = self.err = ""

    def __call__(self, *argv: str | os.PathLike[str]) -> int:
        try:
            code = cli.main([os.fspath(argument) for argument in argv])
        except SystemExit as stopped:
            code = stopped.code
        out, err = self._capture.readouterr()
        self.out, self.err = out.decode(), err.decode()
        assert "Traceback" not in self.out + self.err
        return code

    def verdict(self) -> dict:
        """The one verdict that `--json -` wrote."""
        report = json.loads(self.out)
        assert report["schema_version"] == 1
        [verdict] = report["verdicts"]
        return verdict


@pytest.fixture
def lend(sandbox: Sandbox, monkeypatch) -> None:
    """Every grader that is opened in this process borrows the tests' own sandbox.

    One that asks for another level of isolation gets a sandbox of its own.
    """

    @contextlib.contextmanager
    def lent(*, level: Level | None = None, hidden: Sequence[Path] = ()) -> Iterator[Sandbox]:
        if level in (None, sandbox.isolation.level):
            yield sandbox
        else:
            with Sandbox(level=level, hidden=hidden) as own:
                yield own

    monkeypatch.setattr(opening, "Sandbox", lent)


class _Here(Executor):
    """Does at once, in this process, what is submitted to it."""

    def submit(self, function, /, *args, **kwargs) -> Future:
        done: Future = Future()
        try:
            done.set_result(function(*args, **kwargs))
        except Exception as error:
            done.set_exception(error)
        return done


@pytest.fixture
def no_processes(lend, monkeypatch) -> Iterator[None]:
    """What would be spread over processes is done in this one, on the tests' own sandbox.

    Each process of a real pool imports torch twice, once in its sandbox.
    """

    def processes(jobs: int) -> contextlib.AbstractContextManager[Executor]:
        return contextlib.nullcontext(_Here())

    monkeypatch.setattr("grader.judge.pool.processes", processes)
    monkeypatch.setattr("grader.audit.audit.processes", processes)
    yield
    opening.close_lent()


@pytest.fixture
def command(capfdbinary, no_processes, monkeypatch, tmp_path: Path) -> Command:
    monkeypatch.setattr(sys, "path", sys.path[:])
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return Command(capfdbinary)


@pytest.fixture
def run_katas(pytester: pytest.Pytester, lend):
    """Run `pytest katas/...` in this process, on the tests' own sandbox."""

    def run(kata: Kata, *arguments: str | os.PathLike[str]) -> pytest.RunResult:
        return pytester.runpytest_inprocess(kata.folder, *arguments, "-p", "no:cacheprovider")

    return run
