"""The audit's own tests: a sound toy course passes, and each fault planted in a copy of it is
found and told.
"""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.audit.audit import audit_kata
from grader.audit.findings import Finding
from grader.course.catalog import Course
from grader.judge.grader import Grader
from grader.sandbox.sandbox import Sandbox
from tests.gate import each

STUB, TOML, CHECKS = "katas/double.py", "katas/kata.toml", "katas/checks.py"
EXAMPLE = "katas/example.py"
SOLUTION, BANK = "solutions/double.py", "solutions/misconceptions.toml"


def place(toy: Path, name: str) -> Path:
    top, _, rest = name.partition("/")
    return toy / top / "toy" / "double" / rest


def edit(toy: Path, name: str, old: str, new: str) -> None:
    path = place(toy, name)
    text = path.read_text()
    assert text.count(old) == 1, f"the planted fault {old!r} must fit exactly once"
    path.write_text(text.replace(old, new))


def audited(toy: Path, sandbox: Sandbox) -> Finding:
    course = Course(toy)
    [kata] = course.katas
    return audit_kata(Grader(course, sandbox), kata, seeds=1)


def test_the_sound_course_is_clean(toy: Path, sandbox: Sandbox) -> None:
    finding = audited(toy, sandbox)
    assert finding.problems == ()
    assert finding.clean
    assert [(row.id, row.detected, row.diagnosed) for row in finding.rows] == [
        ("squared", 1, 1),
        ("sign_lost", 1, 1),
        ("tripled", 1, 1),
    ]
    assert set(finding.catches["doubles"]) == {"squared", "tripled"}
    assert "sign_lost" in finding.catches["keeps_the_sign"]
    assert finding.alternatives == 2


ONE_MORE = """
[[misconception]]
id = "{id}"
title = "One more"
caught_by = "doubles"
message = "Why."
edits = [{{ old = "2 * x", new = "{new}" }}]
{more}
[[misconception]]
id = "sign_lost"
"""


def one_more(id: str, new: str, more: str = "") -> tuple[str, str, str]:
    """Put another misconception before `sign_lost`."""
    text = ONE_MORE.format(id=id, new=new, more=more)
    return BANK, '\n[[misconception]]\nid = "sign_lost"\n', text


IDLE = '''@check()
def answers(submission: Submission) -> None:
    """There is an answer."""
    submission["double"](3)


@check(points=1, examples=10)'''
NOT_DIAGNOSED = (
    "is diagnosed by name on 0 of 1 seeds: make it differ in what it answers, declare an alias, or "
    "say in `not_diagnosed_because` why not"
)

EDITS = {
    "a worked example with another number than the task's": (
        (EXAMPLE, '"6"', '"7"'),
        "example.py expects 7 for double(3), which does not stand in the task's worked example",
    ),
    "a worked example that right answers do not give": (
        (EXAMPLE, '["double"](3)', '["double"](4)'),
        "example.py expects 6 for double(3), and alternative added.py gives 8",
    ),
    "a worked example that ends early": (
        (EXAMPLE, '["double"](3)', '["treble"](3)'),
        "example.py ends early with the solution: FAILED: ",
    ),
    "a worked example that the stub gives": (
        (STUB, "raise NotImplementedError", "return 2 * x"),
        "the worked example is PASSED with the stub; expected NOT_IMPLEMENTED",
    ),
    "a worked example and a reason for none": (
        (TOML, "difficulty = 1", 'difficulty = 1\nno_example = "There is nothing to work."'),
        "kata.toml:3: no_example says why there is no example.py, and there is one",
    ),
    "a stub that passes": (
        (STUB, "raise NotImplementedError", "return 2 * x"),
        "the stub passes doubles, keeps_the_sign (seed 0); expected NOT_IMPLEMENTED and no points",
    ),
    "a stub that only fails": (
        (STUB, "raise NotImplementedError", "return 0"),
        "the stub is FAILED (seed 0); expected NOT_IMPLEMENTED and no points",
    ),
    "a signature with another name": (
        (SOLUTION, "def double(x: int) -> int:\n", "def double(y: int) -> int:\n    x = y\n"),
        "the stub has `def double(x: int) -> int:`, and its solution gives `def double(y: int) -> "
        "int:`",
    ),
    "a signature with a default": (
        (SOLUTION, "def double(x: int)", "def double(x: int = 1)"),
        "its solution gives `def double(x: int = 1) -> int:`",
    ),
    "a name that the solution lacks": (
        (STUB, "def double", "def halve(x): ...\n\n\ndef double"),
        "the stub has `def halve(x): ...`, and its solution gives `def double(x: int) -> int:`",
    ),
    "a misconception that survives": (
        one_more("harmless", "x + x"),
        "misconception harmless is detected by doubles on 0 of 1 seeds (it failed at: nothing)",
    ),
    "a wrong caught_by": (
        (BANK, 'caught_by = "keeps_the_sign"', 'caught_by = "doubles"'),
        "misconception sign_lost is detected by doubles on 0 of 1 seeds (it failed at: "
        "keeps_the_sign)",
    ),
    "a caught_by that is not there": (
        (BANK, 'caught_by = "keeps_the_sign"', 'caught_by = "keeps_size"'),
        "misconception sign_lost names the check 'keeps_size', which is not there",
    ),
    "a check that catches nothing": (
        (CHECKS, "@check(points=1, examples=10)", IDLE),
        "check answers catches no misconception: add one that only it can catch, or remove it",
    ),
    "two misconceptions that answer alike": (
        one_more("also_squared", "x ** 2"),
        f"misconception also_squared {NOT_DIAGNOSED}",
    ),
    "an edit that matches nowhere": (
        (BANK, 'old = "2 * x", new = "x * x"', 'old = "x * 2", new = "x * x"'),
        "misconceptions.toml:2: `squared`: the edit's `old` occurs 0 times in double.py, expected "
        "exactly once: 'x * 2'",
    ),
    "an edit that matches twice": (
        (BANK, 'old = "2 * x", new = "x * x"', 'old = "x", new = "3 * x"'),
        "expected exactly once: 'x'",
    ),
    "a file that is not there": (
        (BANK, "misconceptions/tripled.py", "misconceptions/gone.py"),
        "`tripled`: there is no file misconceptions/gone.py",
    ),
    "a misconception without a message": (
        (BANK, '"Two times x is not x times x."', '" "'),
        "misconception squared has no message or no title",
    ),
    "a missing hint": (
        (TOML, ', "Add x to itself."', ""),
        "kata.toml has 2 hints with text, expected at least 3, none empty",
    ),
    "an empty hint": (
        (TOML, '"Add x to itself."', '"Add x to itself.", " "'),
        "kata.toml has 3 hints with text, expected at least 3, none empty",
    ),
    "a check that holds no promise": (
        (TOML, 'keeps_the_sign = "A negative', 'doubles2 = "A negative'),
        "kata.toml:10: [promises] does not say what the check keeps_the_sign holds: quote the "
        "sentence of the task, or remove the check",
    ),
    "a promise of a check that is not there": (
        (TOML, 'keeps_the_sign = "A negative', 'keeps_the_size = "A negative'),
        "kata.toml:12: [promises] names the check 'keeps_the_size', which is not there; expected "
        "one of doubles, keeps_the_sign, forbidden",
    ),
    "more promises than misconceptions": (
        (TOML, '"A negative number has a negative answer."', '["A negative number", "answer."]'),
        "kata.toml:12: [promises] has 2 promises that keeps_the_sign holds, and misconceptions "
        "that it must catch: 1. Add one that breaks each promise",
    ),
    "a promise that is not the task's": (
        (TOML, '"A negative number has', '"Each negative number has'),
        "kata.toml:12: [promises] keeps_the_sign quotes `Each negative number has a negative "
        "answer.`, which neither README.md nor the stub says: quote the task word for word",
    ),
    "a sentence that no check holds": (
        ("katas/README.md", "and not its square.", "and not its square. It is no float."),
        "README.md:15: no promise in kata.toml quotes `It is no float.`: say in [promises] which "
        "check holds it, or write what promises nothing outside the list",
    ),
    "a prohibition that the task does not mention": (
        (TOML, 'forbidden = "Multiplication is forbidden."\n', ""),
        "kata.toml:10: [promises] does not say where the task forbids what [forbidden] stops: "
        "quote the sentence as `forbidden`",
    ),
    "a prohibition that forbids nothing": (
        (TOML, 'groups = ["multiplying"]\n', ""),
        "kata.toml:12: [promises] quotes a prohibition, and the table [forbidden] forbids nothing",
    ),
    "a tolerance without a reason": (
        (TOML, '"Whole numbers are compared exactly."', '""'),
        "kata.toml: [tolerance] does not say why",
    ),
    "checks that cannot be imported": (
        (CHECKS, "import Submission, check, expect", "import Submission, check, expects"),
        "checks.py:6: cannot be imported: ImportError",
    ),
    "a solution that does not pass": (
        (SOLUTION, "return 2 * x", "return 2 * x + 0.0"),
        "the solution does not pass doubles (seed 0): FAILED: the answer is a float",
    ),
    "an alternative that does not pass": (
        ("solutions/alternatives/added.py", "x + x", "x * x"),
        "alternative added.py does not pass doubles (seed 0): FAILED: the answer is wrong "
        "[diagnosed: squared]",
    ),
    "an alternative that does not parse": (
        ("solutions/alternatives/added.py", "return x + x", "return x +"),
        "alternative added.py does not pass",
    ),
}


@pytest.mark.parametrize(("planted", "message"), each(EDITS.values(), 6), ids=EDITS)
def test_a_planted_fault_is_found(toy: Path, sandbox: Sandbox, planted, message: str) -> None:
    edit(toy, *planted)
    finding = audited(toy, sandbox)
    assert not finding.clean
    assert [p for p in finding.problems if message in p], finding.problems


FILES: dict[str, tuple[Callable[[Path], object], str]] = {
    "no bank": (
        lambda toy: place(toy, BANK).unlink(),
        "misconceptions.toml is missing or empty: nothing proves that the checks find anything",
    ),
    "no solution": (lambda toy: place(toy, SOLUTION).unlink(), "there is no solution at "),
    "no README": (
        lambda toy: place(toy, "katas/README.md").unlink(),
        "README.md is missing, or too short to teach anything",
    ),
    "a short README": (
        lambda toy: place(toy, "katas/README.md").write_text("# Double\n\nDouble it.\n"),
        "README.md is missing, or too short to teach anything",
    ),
    "one alternative": (
        lambda toy: place(toy, "solutions/alternatives/added.py").unlink(),
        "1 alternatives, expected at least 2",
    ),
    "a stray file": (
        lambda toy: place(toy, "katas/notes.txt").write_text("x"),
        "stray file notes.txt beside the stub: remove it",
    ),
    "a stub that does not parse": (
        lambda toy: place(toy, STUB).write_text("def double(x:\n"),
        "the stub does not parse: ",
    ),
}


@pytest.mark.parametrize(("plant", "message"), FILES.values(), ids=FILES)
def test_a_file_that_is_missing_or_too_many_is_found(
    toy: Path, sandbox: Sandbox, plant, message: str
) -> None:
    plant(toy)
    finding = audited(toy, sandbox)
    assert [p for p in finding.problems if message in p], finding.problems


def test_a_misconception_diagnosed_as_another_is_found(toy: Path, sandbox: Sandbox) -> None:
    # `moody` squares x, unless `marker` was loaded before it in the same process: among the
    # grader's own sources it is another one than in a process of its own.
    bank = place(toy, BANK)
    marker = '__import__("sys").__dict__.setdefault("marked", 7) * x'
    moody = '3 * x + 1 if hasattr(__import__("sys"), "marked") else x * x'
    parts = [
        ONE_MORE.format(id=name, new=new.replace('"', '\\"'), more="").partition("\n[[misc")
        for name, new in (("marker", marker), ("moody", moody))
    ]
    head = "".join("[[misc" + rest.rpartition("\n[[misc")[0] for _, _, rest in parts)
    bank.write_text(head + "\n" + bank.read_text())
    finding = audited(toy, sandbox)
    assert "misconception moody is diagnosed as squared" in finding.problems


@pytest.mark.parametrize(
    "more",
    ['aliases = ["squared"]', 'not_diagnosed_because = "It is the same program in other words."'],
)
def test_a_declared_alias_or_a_reason_is_enough(toy: Path, sandbox: Sandbox, more: str) -> None:
    edit(toy, *one_more("also_squared", "x ** 2", more))
    finding = audited(toy, sandbox)
    assert [row.detected for row in finding.rows if row.id == "also_squared"] == [1]
    assert [p for p in finding.problems if "also_squared" in p] == []


def test_the_command_says_it_all_and_exits_with_1(command, toy: Path) -> None:
    edit(toy, STUB, "raise NotImplementedError", "return 2 * x")
    assert command("audit", "--course", toy, "--seeds", "1", "--jobs", "1", "--json", "-") == 1
    [finding] = json.loads(command.out)["findings"]
    assert finding["kata"] == "toy/double"
    assert [problem for problem in finding["problems"] if "the stub passes doubles" in problem]
    assert "the stub passes doubles" in command.err


def test_a_share_tries_other_misconceptions_on_each_seed(toy: Path, sandbox: Sandbox) -> None:
    edit(toy, *one_more("also_squared", "x ** 2", 'aliases = ["squared"]'))
    course = Course(toy)
    [kata] = course.katas
    names = [item.id for item in kata.misconceptions]
    one = audit_kata(Grader(course, sandbox), kata, seeds=1, share=2)
    both = audit_kata(Grader(course, sandbox), kata, seeds=2, share=2)
    assert one.problems == both.problems == ()
    assert [(row.id, row.seeds) for row in both.rows] == [(name, 1) for name in names]
    by_check = sorted(kata.misconceptions, key=lambda item: item.caught_by)
    halves = [{item.id for item in by_check[: len(names) // 2]}]
    halves.append({*names} - halves[0])
    assert {row.id for row in one.rows} in halves  # those of one check are tried together
