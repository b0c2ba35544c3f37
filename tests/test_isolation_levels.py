"""The weaker level judges alike and says what it is; the stronger one is never given up in
silence.
"""

from collections.abc import Iterator

import pytest

import grader.sandbox
from grader.catalog import Course, SubmissionFile
from grader.errors import SandboxError
from grader.grade import Grader
from grader.sandbox import Sandbox

SOME = (
    *("einsum", "scripted", "prints_a_lot", "swapped_in_an_einsum", "raises", "not_implemented"),
    *("delegates_by_a_built_name", "leaves_the_process", "eats_memory", "giant_answer"),
)


@pytest.fixture(scope="module")
def bare() -> Iterator[Grader]:
    with Sandbox(level="process") as sandbox:
        grader = Grader(sandbox)
        yield grader
        grader.close()


@pytest.mark.corpus("lstm/lstm_cell", *SOME)
@pytest.mark.xdist_group("process level")
def test_verdicts_without_namespaces_are_the_same(example, bare: Grader, course: Course) -> None:
    verdict = bare.grade(SubmissionFile(course.find(example.kata), example.path))
    assert example.problems(verdict) == []
    assert verdict.isolation.level == "process"
    assert "namespaces" not in verdict.isolation.layers


SPY = """
import os, sys
tops = {f"{folder}/{name}" for folder in sys.path for name in ("grader", "course", "solutions")}
seen = []
for top in sorted(tops | {"/work", "/home", "/tmp", "/judge"}):
    for folder, _, files in os.walk(top):
        inside = {"grader", "course", "solutions", "katas"} & set(folder.split("/"))
        seen += [f"{folder}/{name}" for name in files if inside]
raise RuntimeError(" ".join(["I see", *sorted(set(seen))]))
"""


def test_a_submission_sees_nothing_of_the_course(grade, sandbox: Sandbox) -> None:
    if sandbox.isolation.level != "full":
        pytest.skip("files are fenced by namespaces alone")
    message = grade(SPY).message
    assert "I see" in message
    [*_, seen] = message.partition("I see ")
    ours = {path.rstrip(".") for path in seen.split()}
    assert ours, "the worker's own code at least"
    assert {path for path in ours if not path.startswith("/judge/grader/")} == set()
    # Of our own code it sees the worker, and what the worker imports.
    top = {path.removeprefix("/judge/grader/") for path in ours}
    assert {name for name in top if not name.startswith("worker/")} == {"wire.py", "errors.py"}


def test_a_verdict_records_the_level(grade, sandbox: Sandbox) -> None:
    verdict = grade("")
    assert verdict.isolation == sandbox.isolation
    assert verdict.isolation.level in ("full", "process")
    assert ("bubblewrap" in verdict.isolation.layers) == (verdict.isolation.level == "full")


@pytest.mark.parametrize(
    ("programs", "problem"),
    [([], "bubblewrap (bwrap) is not installed"), (["/bin/false"], "")],
    ids=["no bubblewrap", "a bubblewrap that refuses"],
)
def test_full_refuses_where_namespaces_are_refused(monkeypatch, programs, problem: str) -> None:
    monkeypatch.setattr(grader.sandbox, "bubblewraps", lambda: programs)
    with (
        pytest.raises(SandboxError, match="full isolation was asked for") as caught,
        Sandbox(level="full") as sandbox,
    ):
        _ = sandbox.isolation
    assert problem in caught.value.message
    assert "kata doctor" in caught.value.advice


def test_an_ordinary_user_gets_full_isolation_too(monkeypatch, course: Course, kata) -> None:
    """Who is not root takes a user namespace; root can be made to go the same way."""
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    with Sandbox(hidden=[course.root / "katas", course.root / "solutions"]) as sandbox:
        if sandbox.isolation.level != "full":
            pytest.skip(f"user namespaces are refused here: {sandbox.problems}")
        grader = Grader(sandbox)
        verdict = grader.grade(SubmissionFile(kata, kata.solution))
        grader.close()
    assert (verdict.status, verdict.isolation.level) == ("PASSED", "full")


def test_unless_asked_for_the_weaker_level_is_taken_and_the_reason_kept(monkeypatch) -> None:
    monkeypatch.setattr(grader.sandbox, "bubblewraps", lambda: ["/bin/false"])
    with Sandbox() as sandbox:
        assert sandbox.isolation.level == "process"
        assert sandbox.problems


def test_python_below_tmp_is_not_hidden_by_the_workers_own_tmp(monkeypatch) -> None:
    monkeypatch.setattr(grader.sandbox, "_python_path", lambda: ["/usr/lib", "/tmp/checkout/lib"])
    assert grader.sandbox._below_tmp() == ("/tmp/checkout/lib",)
