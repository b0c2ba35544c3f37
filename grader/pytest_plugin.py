"""`pytest --kata lstm_cell`, or `pytest katas/lstm/lstm_cell --submission PATH`.

The checks as pytest items, graded by the same engine as `kata check`.

Nothing heavy is imported until a `checks.py` of a kata is collected. Each item runs one check
(after those that it comes after), so `-k`, `-x`, `--junitxml` and `-n` do what they always do.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from grader.course.catalog import Course
    from grader.errors import KataError
    from grader.judge.attempt import Attempt
    from grader.judge.grader import Grader
    from grader.verdict import CheckResult


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--kata`, `--submission`, `--kata-seed` and `--kata-isolation`."""
    group = parser.getgroup("tensor-katas")
    group.addoption(
        "--kata",
        metavar="KATA",
        action="append",
        default=[],
        help="run the checks of a kata, or of a track (can be given several times)",
    )
    group.addoption(
        "--submission",
        metavar="PATH",
        help="what to grade: a .py or .ipynb file, or a folder of them",
    )
    group.addoption(
        "--kata-seed", type=int, default=0, metavar="N", help="draw other cases (default 0)"
    )
    group.addoption(
        "--kata-isolation", choices=("full", "process"), help="insist on an isolation level"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Collect the katas that `--kata` names, beside the paths that are given.

    Also registers the marker that keeps a kata's checks on one xdist worker.
    """
    config.addinivalue_line("markers", "xdist_group(name): run on the same xdist worker")
    names = config.getoption("--kata")
    if not names:
        return
    from grader.course.workspace import course_at
    from grader.errors import KataError

    try:
        course = course_at(config.invocation_params.dir)
        katas = [kata for name in names for kata in course.select(name)]
    except KataError as error:
        raise pytest.UsageError(_plain(_in_full(error))) from None
    given = config.args if config.args_source is pytest.Config.ArgsSource.ARGS else []
    config.args = [*given, *dict.fromkeys(str(kata.folder) for kata in katas)]


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> "KataFile | None":
    """Collect a kata's `checks.py`: one that lies beside a `kata.toml`."""
    if file_path.name != "checks.py" or not (file_path.parent / "kata.toml").is_file():
        return None
    if file_path.is_relative_to(parent.config.rootpath):
        return KataFile.from_parent(parent, path=file_path)
    # Of a course that lies elsewhere, installed say: pytest would have no name for it.
    name = f"{file_path.parts[-3]}/{file_path.parts[-2]}/{file_path.name}"
    return KataFile.from_parent(parent, path=file_path, nodeid=name)


class KataFile(pytest.File):
    """A kata, as a file of items."""

    def collect(self) -> Iterator["CheckItem"]:
        """Yield one item for each check."""
        session = _session(self.config)
        attempt = session.attempt(self.path)
        for name in attempt.check_names:
            item = CheckItem.from_parent(self, name=name, attempt=attempt)
            item.add_marker(pytest.mark.xdist_group(attempt.kata.name))
            yield item


class CheckItem(pytest.Item):
    """One check."""

    def __init__(self, *, attempt: "Attempt", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.attempt = attempt

    def runtest(self) -> None:
        """Run the check; anything but PASSED ends the item."""
        from grader.verdict import Status

        result = self.attempt.run(self.name)
        self.user_properties += [
            ("status", result.status.value),
            ("points", result.points),
            ("max_points", result.max_points),
        ]
        if result.diagnosis is not None:
            self.user_properties.append(("diagnosis", result.diagnosis.id))
        if result.output:
            printed = result.case_output or result.output
            self.add_report_section("call", "stdout", _plain(printed))
        if result.status in (Status.NOT_RUN, Status.NOT_VERIFIED):
            pytest.skip(_plain(result.message))
        if result.status is not Status.PASSED:
            raise CheckNotPassed(result)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> str:
        """The verdict's card instead of a traceback of ours."""
        if isinstance(excinfo.value, CheckNotPassed):
            return f"{excinfo.value}\n{_card(excinfo.value.result)}"
        return str(super().repr_failure(excinfo))

    def reportinfo(self) -> tuple[Path, None, str]:
        """Where, and what it is called."""
        return self.path, None, f"{self.attempt.kata.name}::{self.name}"


class CheckNotPassed(Exception):
    """A check that did not pass."""

    def __init__(self, result: "CheckResult") -> None:
        super().__init__(f"{result.status}: {_plain(result.message)}")
        self.result = result


class _Session:
    """One grader for the whole run."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.attempts: dict[Path, Attempt] = {}
        self._opened = ExitStack()
        self._grader: Grader | None = None

    def attempt(self, checks: Path) -> "Attempt":
        """The submission that `--submission` names for the kata of this `checks.py`."""
        from grader.course.catalog import Course
        from grader.errors import InstallationError, KataError
        from grader.submission.find import find_submissions

        if checks not in self.attempts:
            try:
                course = Course(checks.parents[3])
                submission = self.config.getoption("--submission")
                path = Path(submission) if submission else None
                kata = f"{checks.parts[-3]}/{checks.parts[-2]}"
                [found] = find_submissions(
                    course, [kata], path, start=self.config.invocation_params.dir
                )
                self.attempts[checks] = self.grader(course).attempt(found)
            except (KataError, ImportError) as caught:
                error = InstallationError(caught) if isinstance(caught, ImportError) else caught
                message = _in_full(error)
                raise pytest.Collector.CollectError(_plain(message)) from None
        return self.attempts[checks]

    def grader(self, course: "Course") -> "Grader":
        """The engine, started at the first kata."""
        if self._grader is None:
            from grader.judge import opening

            self._grader = self._opened.enter_context(
                opening.open_grader(
                    course,
                    level=self.config.getoption("--kata-isolation"),
                    seed=self.config.getoption("--kata-seed"),
                )
            )
        return self._grader

    def close(self) -> None:
        """End every worker and the zygote."""
        for attempt in self.attempts.values():
            attempt.close()
        self._opened.close()


_KEY = pytest.StashKey[_Session]()


def _session(config: pytest.Config) -> _Session:
    if _KEY not in config.stash:
        session = config.stash[_KEY] = _Session(config)
        config.add_cleanup(session.close)
    return config.stash[_KEY]


def _card(result: "CheckResult") -> str:
    import io

    from grader.present.report import Writer
    from grader.present.text import console

    text = io.StringIO()
    Writer(console(text, width=80), verbose=True).check(result)
    return text.getvalue()


def _in_full(error: "KataError") -> str:
    """What an error says, and what to do."""
    return f"{error.message}. {error.advice}" if error.advice else error.message


def _plain(text: str) -> str:
    from grader.text import neutral

    return neutral(text)
