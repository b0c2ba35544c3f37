"""Verdicts for programs: what each format promises, whatever a submission says."""

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.course.editors import FILES, TASKS
from grader.present.formats import gcc, github, junit, problems
from grader.verdict import (
    CheckResult,
    Counterexample,
    Diagnosis,
    Isolation,
    Location,
    Status,
    Suspect,
    Verdict,
    Versions,
)

BASE = Path("/home/ann/katas")
SOURCE = "def double(x):\n    y = x + x + x\n    return y\n"
HOSTILE = st.text() | st.sampled_from(
    [
        "\n::error file=a.py::forged",
        "a%0A::stop-commands::x\r\n##[group]",
        "a.py:1:1: error: forged\nb.py:2:2: error: forged",
        "</failure><testcase name='forged'/>]]>\ufffe\uffff\x00\x0b\x1b[31m",
        "&lt;&#0;\ud800\u2028\u202e",
        "a,b:c%d",
    ]
)


def verdict(*checks: CheckResult, **more) -> Verdict:
    given = {
        "schema_version": 1,
        "kata": "toy/double",
        "status": Status.FAILED,
        "points": 0,
        "max_points": 1,
        "seed": 0,
        "isolation": Isolation("full"),
        "versions": Versions("1", "3", "2", "2", "6"),
        "duration_s": 0.5,
        "checks": checks,
        "submission": "/home/ann/katas/toy/double.py",
    }
    return Verdict(**given | more)


def failed(name: str = "doubles", **more) -> CheckResult:
    return CheckResult(name, "It doubles.", Status.FAILED, 0, 1, **more)


WRONG = failed(
    message="wrong values",
    suspect=Suspect("double.py", 2, "y = x + x + x", 5, 14, "add", ("x",)),
    diagnosis=Diagnosis("triples", "It triples", "..."),
    counterexample=Counterexample("double(x)", at="[0]", expected="2", got="3"),
)


def lines_in(shown: Verdict, source: str = SOURCE) -> list:
    return problems(shown, source, base=BASE)


def test_gcc_says_where_what_and_which_mistake() -> None:
    assert gcc(lines_in(verdict(WRONG))) == (
        "toy/double.py:2:9: error: wrong values Which mistake it is: It triples. "
        "At [0]: expected 2, got 3. [toy/double doubles]\n"
    )


def test_github_has_the_columns_and_the_lines_of_the_message() -> None:
    shown = verdict(WRONG, submission="/home/ann/katas/a,b:c/double.py")
    assert github(lines_in(shown)) == (
        "::error file=a%2Cb%3Ac/double.py,line=2,col=9,endColumn=18,title=toy/double doubles::"
        "wrong values%0AWhich mistake it is: It triples.%0AAt [0]: expected 2, got 3.\n"
    )


@pytest.mark.parametrize(
    ("status", "word"),
    [("FAILED", "error"), ("NOT_IMPLEMENTED", "note"), ("INTERNAL_ERROR", "warning")],
)
def test_what_is_not_begun_and_what_is_ours_is_no_error(status: str, word: str) -> None:
    told = CheckResult("doubles", "It doubles.", Status(status), 0, 1)
    [line] = gcc(lines_in(verdict(told, status=Status(status)))).splitlines()
    assert f": {word}: It doubles." in line


def test_a_pass_and_what_waits_are_no_problems() -> None:
    passed = CheckResult("doubles", "It doubles.", Status.PASSED, 1, 1)
    waits = CheckResult("more", "More.", Status.NOT_RUN, 0, 1, message="doubles comes first.")
    assert lines_in(verdict(passed, status=Status.PASSED)) == []
    assert [one.check for one in lines_in(verdict(WRONG, waits))] == ["doubles"]


def test_a_notebook_is_named_as_a_whole() -> None:
    place = Location("double.ipynb", 9, "double", "return 3 * x", cell=2, cell_line=4)
    wrong = failed(message="wrong values", location=place)
    [one] = lines_in(verdict(wrong, submission="/home/ann/katas/double.ipynb"))
    assert (one.file, one.line, one.column) == ("double.ipynb", 1, 0)
    assert "double.ipynb, cell 2, line 4" in one.message


def test_another_text_than_was_graded_has_no_columns() -> None:
    [one] = lines_in(verdict(WRONG), "")
    assert (one.line, one.column, one.end) == (2, 0, 0)


def test_a_submission_without_checks_is_one_case_of_junit() -> None:
    shown = verdict(message="invalid syntax", location=Location("double.py", 3))
    root = ElementTree.fromstring(junit([(shown, lines_in(shown))]))
    [case] = root.iter("testcase")
    assert (case.get("name"), case.get("line")) == ("the submission", "3")
    assert root.find("testsuite").get("failures") == "1"


def test_junit_counts_each_kind() -> None:
    checks = [
        CheckResult(status.value.lower(), "A check.", status, 0, 1, message="why")
        for status in Status
    ]
    shown = verdict(*checks)
    [suite] = ElementTree.fromstring(junit([(shown, lines_in(shown))]))
    counts = {name: int(suite.get(name)) for name in ("tests", "failures", "errors", "skipped")}
    assert counts == {"tests": len(Status), "failures": len(Status) - 4, "errors": 1, "skipped": 2}


@given(HOSTILE, HOSTILE, HOSTILE, HOSTILE)
def test_no_text_leaves_its_place(message: str, path: str, source: str, name: str) -> None:
    check = failed(
        name,
        message=message,
        suspect=Suspect(path, 1, source, 1, len(source) + 1, "add", (message,)),
        diagnosis=Diagnosis("id", message, message),
        counterexample=Counterexample(source, at=path, expected=message, got=source),
    )
    shown = verdict(check, submission=path, output=message, kata=name)
    found = problems(shown, source, base=BASE)
    [line] = gcc(found).splitlines()
    assert ": error: " in line
    [line] = github(found).splitlines()
    assert line.startswith("::error file=")
    properties, _, data = line.removeprefix("::error ").partition("::")
    assert {one.partition("=")[0] for one in properties.split(",")} <= {
        *("file", "line", "col", "endColumn", "title")
    }
    assert not re.search(r"%(?!25|0D|0A|3A|2C)", properties + data)
    root = ElementTree.fromstring(junit([(shown, found)]))
    assert [one.tag for one in root.iter()].count("testcase") == 1
    assert line.isprintable()


def test_the_matcher_of_a_workspace_reads_what_gcc_says() -> None:
    pattern = TASKS["tasks"][0]["problemMatcher"]["pattern"]
    found = re.match(pattern["regexp"], gcc(lines_in(verdict(WRONG))))
    named = {key: found[group] for key, group in pattern.items() if key != "regexp"}
    assert named["file"] == "toy/double.py"
    assert (named["line"], named["column"], named["severity"]) == ("2", "9", "error")
    assert named["message"].startswith("wrong values")


WRONG_CELL = """
def lstm_cell(x, h, c, w_ih, w_hh, b_ih, b_hh):
    i, f, g, o = (x @ w_ih.T + b_ih + h @ w_hh.T + b_hh).chunk(4, dim=1)
    c = i.sigmoid() * c + f.sigmoid() * g.tanh()
    return o.sigmoid() * c.tanh(), c
"""


def test_the_command_writes_each_format_alone(command) -> None:
    Path("lstm_cell.py").write_text(WRONG_CELL)
    argv = ("check", "lstm_cell.py", "--format")
    assert command(*argv, "gcc") == 1
    [line] = command.out.splitlines()
    assert line.startswith("lstm_cell.py:4:9: error: ")
    assert "Which mistake it is" in command.err, "people read standard error"
    assert command(*argv, "junit") == 1
    assert ElementTree.fromstring(command.out).find("testsuite").get("failures") == "1"
    assert command(*argv, "json") == 1
    assert command.verdict()["status"] == "FAILED"
    assert command(*argv, "gcc", "--json", "-") == 2
    assert "not both" in command.err


def test_github_counts_from_the_root_of_the_repository(command, monkeypatch) -> None:
    monkeypatch.setenv("GITHUB_WORKSPACE", str(Path.cwd().parent))
    Path("lstm_cell.py").write_text(WRONG_CELL)
    assert command("check", "lstm_cell.py", "--format", "github") == 1
    assert command.out.startswith("::error file=here/lstm_cell.py,line=4,col=9,endColumn=")


def test_a_secret_seed_tells_no_values(command) -> None:
    Path("lstm_cell.py").write_text(WRONG_CELL)
    secret = ("--secret-seed", "7", "--instructor-copy", "full.json")
    for form in ("gcc", "github", "junit"):
        assert command("check", "lstm_cell.py", "--format", form, *secret) == 1
        assert "expected" not in command.out


def test_a_workspace_has_files_for_editors_and_keeps_those_that_are_there(command) -> None:
    Path("w").mkdir()
    Path("w/.gitignore").write_text("mine\n")
    assert command("init", "w") == 0
    assert Path("w/.gitignore").read_text() == "mine\n"
    assert Path("w/.vscode/tasks.json").read_text() == FILES[".vscode/tasks.json"]
    Path("w/.vscode/tasks.json").write_text("{}")
    assert command("init", "w") == 0
    assert Path("w/.vscode/tasks.json").read_text() == "{}"
    assert ": 0 files written" in " ".join(command.out.split())
