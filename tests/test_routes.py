"""One engine behind three doors: `kata check --json` and `pytest katas/...` judge the corpus as
`Grader` does.

Each door gives a right answer as long as it needs. Times are by the clock on the wall: on a machine
that is eight times too busy, one door's grading may end in TIMED_OUT and the next one's not. That
says nothing about the doors (it failed `prints_a_lot` once).
"""

import json
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from grader.course import kata as course_kata
from grader.course.catalog import built_in_course
from grader.course.kata import Kata
from grader.judge.grader import Grader
from grader.sandbox.sandbox import Sandbox
from grader.submission.find import SubmissionFile
from grader.verdict import to_json

SOME = ("einsum", "swapped_in_an_einsum", "once_in_a_while", "raises_at_import")


PATIENCE = 10
"""How many times the kata's own times are given to what does not run out of time anyway."""


@pytest.fixture
def patient_grader(example, sandbox: Sandbox, monkeypatch) -> Iterator[Grader]:
    """A grader of the course; in this one and in those of the doors there is time enough."""
    read = course_kata.read_kata
    factor = 1 if example.status == "TIMED_OUT" else PATIENCE

    def patient(*arguments):
        spec = read(*arguments)
        limits = spec.limits
        longer = {
            name: factor * getattr(limits, name)
            for name in ("wall_s", "check_s", "call_s", "load_s")
        }
        return msgspec.structs.replace(spec, limits=msgspec.structs.replace(limits, **longer))

    monkeypatch.setattr(course_kata, "read_kata", patient)
    grader = Grader(built_in_course(), sandbox)
    yield grader
    grader.close()


def all_routes_agree(
    example, command, run_katas, patient_grader: Grader, kata: Kata, tmp_path
) -> None:
    found = SubmissionFile(patient_grader.course.find(kata.name), example.path)
    [expected] = json.loads(to_json([patient_grader.grade(found)]))["verdicts"]

    code = command("check", kata.name, "--submission", example.path, "--json", "-")
    told = command.verdict()
    # How much of a killed process' output arrives varies, and the command alone draws pictures.
    for field in ("duration_s", "output", "figures"):
        expected.pop(field), told.pop(field)
    if example.path.stem == "random_numbers":  # another answer each time
        assert (told["status"], told["points"]) == (expected["status"], expected["points"])
    else:
        assert told == expected
    assert code == (0 if expected["status"] == "PASSED" else 1)

    xml = tmp_path / "report.xml"
    ran = run_katas(kata, "--submission", example.path, f"--junitxml={xml}")
    assert int(ran.ret) == code
    items = {}
    for case in ElementTree.parse(xml).iter("testcase"):
        said = {p.get("name"): p.get("value") for p in case.iter("property")}
        skipped, failed = case.find("skipped") is not None, case.find("failure") is not None
        items[case.get("name")] = (said["status"], said.get("diagnosis"))
        assert failed == (said["status"] not in ("PASSED", "NOT_RUN", "NOT_VERIFIED"))
        assert skipped == (said["status"] in ("NOT_RUN", "NOT_VERIFIED"))
    assert items == {
        check["name"]: (check["status"], check["diagnosis"] and check["diagnosis"]["id"])
        for check in expected["checks"]
    }


@pytest.mark.corpus("lstm/lstm_cell", *SOME)
def test_all_routes_agree(
    example, command, run_katas, patient_grader: Grader, kata: Kata, tmp_path: Path
) -> None:
    all_routes_agree(example, command, run_katas, patient_grader, kata, tmp_path)


@pytest.mark.full
@pytest.mark.corpus("lstm/lstm_cell")
def test_all_routes_agree_on_all_of_the_corpus(
    example, command, run_katas, patient_grader: Grader, kata: Kata, tmp_path: Path
) -> None:
    all_routes_agree(example, command, run_katas, patient_grader, kata, tmp_path)
