"""The weaker level judges alike and says what it is; the stronger one is never given up in
silence.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.course.catalog import Course
from grader.errors import SandboxError
from grader.judge.grader import Grader
from grader.judge.opening import open_grader
from grader.sandbox import bubblewrap, python
from grader.sandbox.sandbox import Kind, Sandbox
from grader.submission.find import SubmissionFile
from grader.wire import Limits

SOME = (
    *("einsum", "scripted", "prints_a_lot", "swapped_in_an_einsum", "raises", "not_implemented"),
    *("delegates_by_a_built_name", "leaves_the_process", "eats_memory", "giant_answer"),
)


@pytest.fixture(scope="module")
def bare(course: Course) -> Iterator[Grader]:
    with open_grader(course, level="process") as grader:
        yield grader


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
usual = [path for path in seen if path.startswith(("/judge/grader/worker/", "/judge/grader/wire/"))]
others = sorted(set(seen) - set(usual))  # alone, since a message is cut where it gets long
raise RuntimeError(" ".join([f"{len(usual)} of the worker, and:", *others]))
"""


def test_a_submission_sees_nothing_of_the_course(grade, sandbox: Sandbox) -> None:
    if sandbox.isolation.level != "full":
        pytest.skip("files are fenced by namespaces alone")
    message = grade(SPY).message
    # Of our own code it sees the worker, and what the worker imports.
    [count, seen] = re.fullmatch(r".*?(\d+) of the worker, and: (.*?)\.?", message).groups()
    assert int(count) > 10
    assert seen.split() == ["/judge/grader/errors.py"]


ALWAYS = {
    *("HOME", "LANG", "TMPDIR", "USER"),
    *("MKL_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "TORCHDYNAMO_DISABLE"),
}
AT_HOME = """
import getpass, os, pathlib, tempfile
homes = [os.path.expanduser("~"), str(pathlib.Path.home())]
found = [getpass.getuser(), *homes, tempfile.gettempdir()]
open(f"{tempfile.mkdtemp()}/kept", "w").close()
raise RuntimeError(" ".join([*found, *sorted(os.environ)]))
"""


def test_a_user_a_home_and_a_place_for_files_are_there_and_nothing_of_ours(grade) -> None:
    """Libraries ask for them, torch for one while it imports what an optimiser needs."""
    message = grade(AT_HOME).message
    found = re.search(r"nobody /tmp /tmp (/tmp\S*/work-\d+) ([A-Z_ ]+)", message)
    assert found, message
    set_by_others = {"LC_CTYPE", "OPENBLAS_CORETYPE", "PWD", "TORCHINDUCTOR_CACHE_DIR"}
    assert set(found[2].split()) - set_by_others == ALWAYS


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
    monkeypatch.setattr(bubblewrap, "bubblewraps", lambda: programs)
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
        grader = Grader(course, sandbox)
        verdict = grader.grade(SubmissionFile(kata, kata.solution))
        grader.close()
    assert (verdict.status, verdict.isolation.level) == ("PASSED", "full")


def test_unless_asked_for_the_weaker_level_is_taken_and_the_reason_kept(monkeypatch) -> None:
    monkeypatch.setattr(bubblewrap, "bubblewraps", lambda: ["/bin/false"])
    with Sandbox() as sandbox:
        assert sandbox.isolation.level == "process"
        assert sandbox.problems


@pytest.mark.full
def test_each_worker_gets_a_sandbox_of_its_own_where_it_cannot_take_namespaces(
    course: Course, kata
) -> None:
    """As where a profile for bubblewrap keeps what runs in it from making more of them."""
    corpus = Path(__file__).parents[1] / "corpus" / "lstm" / "lstm_cell"
    with Sandbox(hidden=[course.root / "solutions"], without=["namespaces"]) as sandbox:
        if sandbox.isolation.level != "full":
            pytest.skip(f"user namespaces are refused here: {sandbox.problems}")
        grader = Grader(course, sandbox)
        names = ("einsum", "swapped_in_an_einsum", "never_ends")
        found = [grader.grade(SubmissionFile(kata, corpus / f"{name}.py")) for name in names]
        kept = [grader.attempt_source(kata, KEEPS).verdict() for _ in range(2)]
        grader.close()
    assert [verdict.status for verdict in found] == ["PASSED", "FAILED", "TIMED_OUT"]
    assert found[1].diagnosis is not None
    assert found[0].isolation.level == "full"
    assert "namespaces" not in found[0].isolation.layers
    for verdict in kept:
        assert "kept nothing" in verdict.message


KEEPS = b"""
import os, tempfile
found = [name for name in os.listdir(tempfile.gettempdir()) if "mine" in name]
with open(os.path.join(tempfile.gettempdir(), "mine"), "w") as file:
    file.write("for the next")
raise RuntimeError(f"kept {found or 'nothing'}")
"""


def test_what_stood_once_is_not_given_up_for_less(monkeypatch, sandbox: Sandbox) -> None:
    if sandbox.isolation.level != "full":
        pytest.skip("full isolation is not to be had here")
    with Sandbox() as made:
        assert made.isolation.level == "full"
        made.close()  # as if the machine had taken it
        monkeypatch.setattr(bubblewrap, "bubblewraps", lambda: ["/bin/false"])
        with pytest.raises(SandboxError, match="full isolation was asked for"):
            made.worker(Kind(Limits()))


def test_slow_imports_are_made_once_for_all(course: Course, grader: Grader) -> None:
    pytest.importorskip("matplotlib")
    kata = course.find("highway/gradient_profile")
    assert kata.spec.preload == ("matplotlib.pyplot",)
    source = b"import sys\nraise RuntimeError(f\"it is {'matplotlib.pyplot' in sys.modules}\")"
    assert "it is True" in grader.attempt_source(kata, source).verdict().message


def test_what_cannot_be_preloaded_is_left_to_the_submission(sandbox: Sandbox) -> None:
    worker = sandbox.worker(Kind(Limits(), ("there_is_no_such_module",)))
    assert worker.alive
    worker.close()


def test_python_below_tmp_is_not_hidden_by_the_workers_own_tmp(monkeypatch) -> None:
    monkeypatch.setattr(python, "python_path", lambda: ["/usr/lib", "/tmp/checkout/lib"])
    assert python.below_tmp() == ("/tmp/checkout/lib",)
