"""Verdicts: what is written can be read, the published schema is the real one, and a student's
copy keeps secrets.
"""

import json
from pathlib import Path

import jsonschema
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.judge.grader import Grader
from grader.judge.student_copy import student_copy
from grader.verdict import (
    CheckResult,
    Location,
    Report,
    Status,
    Verdict,
    json_schema,
    overall,
    to_json,
)

SCHEMA = Path(__file__).parents[1] / "docs" / "verdict.schema.json"
VALIDATOR = jsonschema.Draft202012Validator(json.loads(json_schema()))


def verdicts() -> st.SearchStrategy[Verdict]:
    """Any verdict that the types allow, figures apart."""
    return st.builds(
        Verdict,
        checks=st.lists(st.from_type(CheckResult), max_size=3).map(tuple),
        figures=st.just(()),
        metrics=st.dictionaries(st.text(), st.floats(allow_nan=False, allow_infinity=False)),
        duration_s=st.floats(0, 1e6),
        seed=st.none() | st.integers(0, 2**63 - 1),
    )


@settings(max_examples=25)
@given(verdict=verdicts())
def test_json_says_all_of_a_verdict(verdict: Verdict) -> None:
    text = to_json([verdict])
    assert msgspec.json.decode(text, type=Report) == Report(1, (verdict,))
    VALIDATOR.validate(json.loads(text))


def test_the_published_schema_is_the_generated_one() -> None:
    assert SCHEMA.read_bytes() == json_schema(), "run: make schema"


def test_the_schema_is_a_schema_and_refuses_what_is_no_report() -> None:
    VALIDATOR.check_schema(VALIDATOR.schema)
    for wrong in (
        {},
        {"schema_version": 1, "verdicts": [{}]},
        {"schema_version": 1, "verdicts": 3},
    ):
        with pytest.raises(jsonschema.ValidationError):
            VALIDATOR.validate(wrong)


SAMPLES = {
    "told": """
import torch
def lstm_cell(x, h, c, w_ih, w_hh, b_ih, b_hh):
    print("my x is", x)
    f, i, g, o = (x @ w_ih.T + b_ih + h @ w_hh.T + b_hh).chunk(4, 1)
    c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    return torch.sigmoid(o) * torch.tanh(c), c
""",
    "echoes": """
print("imported")
def lstm_cell(x, h, c, w_ih, w_hh, b_ih, b_hh):
    raise ValueError(f"inputs were {x.tolist()} {c.tolist()}")
""",
    "syntax": "def lstm_cell(:",
    "forbidden": "import torch\ncell = torch.nn.LSTMCell(2, 3)\n",
    "crashed": "import os\ndef lstm_cell(*a):\n    print(a)\n    os._exit(3)\n",
    "missing": "",
    "import": "x = [1.25, 2.5]\nraise ValueError(f'{x}')\n",
}


@pytest.mark.parametrize("name", SAMPLES)
def test_real_verdicts_fit_the_schema_and_their_student_copies_keep_the_secret(
    name: str, course, sandbox, kata
) -> None:
    seed = 5_577_006_791_947_779_410  # found in no other way than by being told
    grader = Grader(course, sandbox, seed=seed)
    verdict = grader.attempt_source(kata, SAMPLES[name].encode()).verdict()
    grader.close()
    VALIDATOR.validate(json.loads(to_json([verdict])))

    copy = student_copy(verdict)
    text = to_json([copy]).decode()
    VALIDATOR.validate(json.loads(text))
    assert str(seed) not in text
    assert copy.seed is None
    assert (copy.status, copy.points, copy.max_points) == (
        verdict.status,
        verdict.points,
        verdict.max_points,
    )
    secrets = set()
    for check, theirs in zip(verdict.checks, copy.checks, strict=True):
        assert theirs.counterexample is None
        assert theirs.output == theirs.case_output == ""
        assert theirs.diagnosis == check.diagnosis
        if check.counterexample is not None:
            card = check.counterexample
            secrets |= {card.expected, card.got, card.replay, card.difference}
            secrets |= {argument.value for argument in card.arguments}
        secrets |= {check.output, check.case_output}
    secrets = {secret for secret in secrets if len(secret) > 3}
    if name in ("told", "echoes"):
        assert secrets, "this sample has something to hide"
    assert not [secret for secret in secrets if secret in text]


def test_a_student_copy_keeps_what_gives_nothing_away() -> None:
    check = CheckResult(
        name="gradients",
        sentence="Gradients reach every argument.",
        status=Status.TIMED_OUT,
        points=0,
        max_points=3,
        message="No answer after 4 s.",
        location=Location("a.py", 3, "f", "x = 0.25"),
    )
    verdict = Verdict(
        schema_version=1,
        kata="a/b",
        status=Status.TIMED_OUT,
        points=0,
        max_points=3,
        seed=1,
        isolation=None,
        versions=None,
        duration_s=1.0,
        checks=(check,),
    )
    [copy] = student_copy(verdict).checks
    assert copy.message == "It did not answer within the time allowed."  # ours, not the worker's
    assert copy.sentence == check.sentence
    assert copy.location == Location("a.py", 3)


P, F, N = Status.PASSED, Status.FAILED, Status.NOT_RUN


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        ([P, P], P),
        ([P, F, N], F),
        ([N, F], F),
        ([P, N], N),
        ([P, Status.NOT_VERIFIED], P),
        ([Status.NOT_VERIFIED], Status.NOT_VERIFIED),
        ([Status.NOT_VERIFIED, Status.NOT_IMPLEMENTED, F], Status.NOT_IMPLEMENTED),
        ([F, Status.FORBIDDEN, P], Status.FORBIDDEN),
        ([F, Status.FORBIDDEN, Status.INTERNAL_ERROR], Status.INTERNAL_ERROR),
        ([Status.TIMED_OUT, F], Status.TIMED_OUT),
    ],
)
def test_overall(statuses: list[Status], expected: Status) -> None:
    assert overall(statuses) is expected


@given(st.lists(st.sampled_from(Status), min_size=1))
def test_overall_passes_only_if_nothing_failed(statuses: list[Status]) -> None:
    passed = P in statuses and set(statuses) <= {P, Status.NOT_VERIFIED}
    assert (overall(statuses) is P) == passed
