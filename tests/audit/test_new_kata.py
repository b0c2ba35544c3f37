"""A kata that `kata new` made is talked through by the audit, one thing after the other."""

from pathlib import Path

import pytest

from grader.audit.audit import audit_kata
from grader.audit.files import files_of
from grader.audit.findings import Finding
from grader.course.catalog import Course
from grader.course.kata import Kata
from grader.course.stubs import generated_stub
from grader.course.template import marks_in, new_kata
from grader.judge.grader import Grader
from grader.sandbox.sandbox import Sandbox

WORDS = "Twice a number is that number and as much again, whatever its sign may be."


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "katas").mkdir()
    new_kata(Course(tmp_path), "toy/doubled")
    return tmp_path


def made(root: Path) -> Kata:
    """The kata, read anew."""
    return Course(root).find("toy/doubled")


def audited(root: Path, sandbox: Sandbox) -> Finding:
    grader = Grader(Course(root), sandbox)
    return audit_kata(grader, made(root), seeds=1)


def test_every_step_to_a_clean_kata(root: Path, sandbox: Sandbox) -> None:
    # The example works: nothing but what is still to be written is a problem.
    first = audited(root, sandbox)
    assert first.problems == tuple(files_of(made(root)))
    assert [(row.detected, row.diagnosed) for row in first.rows] == [(1, 1)]

    left = list(first.problems)
    assert len(left) == len(set(left)) > 15
    steps = 0
    while marked := [problem for problem in left if "still to be written: " in problem]:
        place, _, mark = marked[0].partition(": still to be written: ")
        path, _, line = place.rpartition(":")
        file = Path(path)
        assert (int(line), mark) in list(marks_in(file.read_text()))
        file.write_text(file.read_text().replace(mark, WORDS, 1))
        kata = made(root)
        now = files_of(kata)
        if file == kata.solution:  # the stub is generated from it
            assert sum("`kata stub toy/doubled` writes it" in problem for problem in now) == 1
            kata.stub.write_text(generated_stub(kata.solution))
            now = files_of(kata)
        assert now == [problem for problem in left if problem != marked[0]]
        left, steps = now, steps + 1
    assert steps > 15

    for name, answer in (("added", "x + x"), ("halved", "x / 0.5")):
        [problem] = files_of(made(root))
        assert "alternatives, expected at least 2: write other right answers in" in problem
        source = made(root).solution.read_text()
        alternative = made(root).solutions / "alternatives" / f"{name}.py"
        alternative.write_text(source.replace("return 2 * x", f"return {answer}"))
    assert files_of(made(root)) == []
    assert audited(root, sandbox).problems == ()


BROKEN = {
    "an empty bank": ("solutions/toy/doubled/misconceptions.toml", ""),
    "a bank that is no TOML": ("solutions/toy/doubled/misconceptions.toml", "[["),
    "checks that cannot be imported": ("katas/toy/doubled/checks.py", "import nothing_like_it\n"),
    "no check": ("katas/toy/doubled/checks.py", '"""Nothing yet."""\n'),
    "checks that raise": (
        "katas/toy/doubled/checks.py",
        "from grader.checks import check\n\n\n@check()\ndef c(submission):\n"
        '    """One."""\n    raise ZeroDivisionError\n',
    ),
    "an empty solution": ("solutions/toy/doubled/doubled.py", ""),
    "a solution that does not parse": ("solutions/toy/doubled/doubled.py", "def f(:\n"),
    "an empty stub": ("katas/toy/doubled/doubled.py", ""),
    "a stub that does not parse": ("katas/toy/doubled/doubled.py", "def f(:\n"),
    "a README of other bytes": ("katas/toy/doubled/README.md", "\udcff"),
}


@pytest.mark.parametrize(("name", "text"), BROKEN.values(), ids=BROKEN)
def test_half_a_kata_is_a_problem_and_no_traceback(
    root: Path, sandbox: Sandbox, name: str, text: str
) -> None:
    (root / name).write_bytes(text.encode("utf-8", "surrogateescape"))
    before = len(files_of(made(root)))
    finding = audited(root, sandbox)
    assert len(finding.problems) >= before > 0
    assert not any("Traceback" in problem for problem in finding.problems)


@pytest.mark.parametrize("top", ["katas", "solutions"])
def test_a_file_that_is_gone_is_a_problem_and_no_traceback(
    root: Path, sandbox: Sandbox, top: str
) -> None:
    (root / top / "toy" / "doubled" / "doubled.py").unlink()
    finding = audited(root, sandbox)
    missing = "stub" if top == "katas" else "solution"
    assert [p for p in finding.problems if p.startswith(f"there is no {missing} at ")]
