"""`kata doctor` looks at the sandbox that `kata check` uses, and says where it is tested."""

import contextlib
import platform
import sys

import pytest

from grader.cli import main as cli
from grader.course.catalog import Course, built_in_course
from grader.errors import SandboxError
from grader.judge import opening
from grader.present.doctor import examine


class Lines:
    def __init__(self) -> None:
        self.text = ""

    def line(self, text: str, **_) -> None:
        self.text += f"{text}\n"


def test_it_opens_the_grader_of_the_course(lend, monkeypatch) -> None:
    opened: list[Course | None] = []
    lent = opening.open_grader

    @contextlib.contextmanager
    def noted(course=None, **options):
        opened.append(course)
        with lent(course, **options) as grader:
            yield grader

    monkeypatch.setattr(opening, "open_grader", noted)
    course, report = built_in_course(), Lines()
    full = examine(report, course)
    assert opened == [course]
    assert ("✓ isolation: full" if full else "✗ isolation: process") in report.text
    assert "no-new-privileges" in report.text


def test_a_sandbox_that_cannot_start_is_told(monkeypatch) -> None:
    def refuse(*_, **__):
        raise SandboxError("no worker can be started: no space")

    monkeypatch.setattr(opening, "open_grader", refuse)
    report = Lines()
    assert examine(report) is False
    assert "✗ No submission can be run here: no worker can be started: no space" in report.text


@pytest.mark.parametrize(
    ("system", "release", "said"),
    [
        ("linux", "6.8.0-45-generic", "Linux, on which Tensor Katas is tested"),
        ("linux", "5.15.167.4-microsoft-standard-WSL2", "WSL2."),
        ("linux", "4.4.0-19041-Microsoft", "WSL1, which has no Linux kernel"),
        ("darwin", "24.1.0", "not supported"),
        ("win32", "11", "in a Linux container"),
    ],
)
def test_it_says_where_it_is_tested(monkeypatch, lend, system, release, said) -> None:
    monkeypatch.setattr(platform, "release", lambda: release)
    monkeypatch.setattr(sys, "platform", system)
    from grader.present import doctor

    assert said in doctor._system()


def test_the_command(command) -> None:
    code = command("doctor")
    assert code in (0, 1)
    assert "system: " in command.out
    assert f"Python {platform.python_version()}" in command.out


def test_it_asks_for_the_very_sandbox_that_check_asks_for(monkeypatch, capsys, tmp_path) -> None:
    """The same level, device and hidden folders, the solutions' among them."""
    asked = []

    def noted(**options):
        asked.append(options)
        raise SandboxError("noted")

    monkeypatch.setattr(opening, "Sandbox", noted)
    course = built_in_course()
    answer = tmp_path / "lstm_cell.py"
    answer.write_text("x = 1\n")
    other = tmp_path / "other"
    (other / "katas").mkdir(parents=True)
    assert cli.main(["check", "lstm_cell", "--submission", str(answer)]) == 3
    assert cli.main(["doctor"]) == 1
    assert cli.main(["doctor", "--course", str(other)]) == 1
    capsys.readouterr()
    check, doctor, elsewhere = asked
    assert doctor == check
    assert check["hidden"] == [course.root / "katas", course.root / "solutions"]
    assert elsewhere["hidden"] == [other / "katas", other / "solutions"]
