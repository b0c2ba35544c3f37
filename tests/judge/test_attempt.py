"""An attempt: what checks record reaches the verdict, a check may have limits of its own, a long
call says how far it is, and what goes down is tried once more.
"""

import json
import re
from pathlib import Path

import jsonschema
import msgspec
import nbformat
import pytest

from grader.judge import bank, budget
from grader.judge.attempt import Attempt
from grader.judge.bank import recorded
from grader.judge.curve import Curve
from grader.judge.grader import Grader
from grader.judge.mishaps import Stopped
from grader.judge.student_copy import student_copy
from grader.sandbox import tries as trying
from grader.sandbox.tries import tries
from grader.submission.find import SubmissionFile
from grader.submission.read import submission_text
from grader.verdict import Status, Verdict, json_schema, to_json
from grader.wire.messages import Progress


def attempt_of(grader, source: str | None = None, progress=lambda _: None) -> Attempt:
    [kata] = grader.course.katas
    text = kata.solution.read_bytes() if source is None else source.encode()
    read = submission_text(text, "double.py")
    return Attempt(grader.prepared(kata), read, progress=progress)


def verdict_of(grader, source: str | None = None, progress=lambda _: None) -> Verdict:
    return attempt_of(grader, source, progress).verdict()


def times_asked(attempt: Attempt) -> int:
    """How often COUNTS was asked since the last check began, by its diagnosis too."""
    return attempt._conversation.printed().count("asked")


# -- what is recorded ------------------------------------------------------------------------------

RECORDS = '''
@check()
def doubles(submission):
    """The answer is twice x."""
    for x in (1, 3):
        answer = submission["double"](x)
        record("error", abs(answer - 2 * x))
        record(f"answer to {x}", answer)
        expect(answer, 2 * x, name="the answer")


@check()
def is_a_line(submission):
    """The answers lie on a line."""
    answers = [submission["double"](x) for x in range(3)]
    record_figure("Answers", {"yours": list(enumerate(answers)), "twice": [(0, 0), (2, 4.0)]})
    record("slope", answers[2] - answers[1])
'''
FIGURE = {
    "title": "Answers",
    "lines": [
        {"label": "yours", "points": [(0, 0), (1, 2), (2, 4)]},
        {"label": "twice", "points": [(0, 0), (2, 4.0)]},
    ],
    "x": "step",
    "y": "",
    "log": False,
}


def test_what_a_check_records_is_in_the_verdict(made) -> None:
    verdict = verdict_of(made(RECORDS))
    assert verdict.status == "PASSED"
    assert verdict.metrics == {"error": 0.0, "answer to 1": 2.0, "answer to 3": 6.0, "slope": 2.0}
    assert list(verdict.figures) == [FIGURE]
    report = json.loads(to_json([verdict]))
    jsonschema.validate(report, json.loads(json_schema()))
    [written] = report["verdicts"]
    assert written["metrics"]["slope"] == 2.0
    assert written["figures"][0]["lines"][0]["points"] == [[0, 0], [1, 2], [2, 4]]


def test_a_check_that_fails_has_recorded_too(made) -> None:
    verdict = verdict_of(made(RECORDS), "def double(x):\n    return x + 2\n")
    assert [result.status for result in verdict.checks] == ["FAILED", "PASSED"]
    assert verdict.metrics == {"error": 1.0, "answer to 1": 3.0, "slope": 1.0}
    assert len(verdict.figures) == 1


def test_each_verdict_has_what_its_own_checks_recorded(made) -> None:
    grader = made(RECORDS)
    first = verdict_of(grader)
    assert verdict_of(grader, "x = 1\n").metrics == {}
    again = verdict_of(grader)
    assert (again.metrics, again.figures) == (first.metrics, first.figures)


def test_a_students_copy_holds_nothing_that_was_recorded(made) -> None:
    copy = student_copy(verdict_of(made(RECORDS)))
    assert (copy.metrics, copy.figures) == ({}, ())


def test_while_a_diagnosis_listens_nothing_is_recorded(made) -> None:
    bank = (
        '[[misconception]]\nid = "squared"\ntitle = "Squared"\ncaught_by = "doubles"\n'
        'message = "Why."\nedits = [{ old = "2 * x", new = "x * x" }]\n'
    )
    verdict = verdict_of(made(RECORDS, bank=bank), "def double(x):\n    return x ** 2\n")
    assert verdict.diagnosis is not None
    assert verdict.diagnosis.id == "squared"
    assert verdict.metrics == {"error": 1.0, "answer to 1": 1.0, "slope": 3.0}


# -- limits of its own -----------------------------------------------------------------------------

SLOW = "import time\n\n\ndef double(x):\n    time.sleep(x)\n    return 2 * x\n"
LIMITED = '''
@check(limits=CheckLimits({limits}))
def limited(submission):
    """It is quick."""
    for _ in range(5):
        submission["double"](0.4)


@check()
def usual(submission):
    """It may take its time."""
    submission["double"](0.8)
'''
SHORT = "\n[limits]\ncall_s = 0.2\ncheck_s = 1.5\n"


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        ("call_s=0.2", "one call may take 0.2 s"),
        ("check_s=1.0", "one check may take 1 s, and what was asked before took the rest). Is"),
        ("check_s=1.0, call_s=3", "one check may take 1 s"),
    ],
)
def test_a_check_may_have_less_time_than_the_katas_others(made, limits: str, message: str) -> None:
    verdict = verdict_of(made(LIMITED.replace("{limits}", limits)), SLOW)
    assert [result.status for result in verdict.checks] == ["TIMED_OUT", "PASSED"]
    assert message in verdict.checks[0].message


def test_a_check_may_have_more_time_than_the_katas_others(made) -> None:
    checks = LIMITED.replace("{limits}", "check_s=6, call_s=2")
    verdict = verdict_of(made(checks, toml=SHORT), SLOW)
    assert [result.status for result in verdict.checks] == ["PASSED", "TIMED_OUT"]
    assert "one call may take 0.2 s" in verdict.checks[1].message


def test_no_check_has_more_time_than_the_kata(made) -> None:
    checks = LIMITED.replace("{limits}", "check_s=60, call_s=60")
    verdict = verdict_of(made(checks, toml="\n[limits]\nwall_s = 1\n"), SLOW)
    assert [result.status for result in verdict.checks] == ["TIMED_OUT", "TIMED_OUT"]
    assert "the whole kata may take 1 s" in verdict.checks[0].message


DEAF = """
import time

def wait():
    while True:
        try:
            time.sleep(60)
        except {what}:
            pass

def double(x):
    wait()
"""
SQUARES = """
import torch

def double(x):
    y = torch.ones(300, 300)
    for _ in range(10**9):
        y = y @ y * 0
"""
TAKEN = """
import signal, time

def double(x):
    signal.setitimer(signal.ITIMER_REAL, 0)
    time.sleep(60)
"""
NEVER_ENDS = {
    "a loop": ("def double(x):\n    while True:\n        x = x + 0\n", (2, 3)),
    "a helper that catches what it can": (DEAF.format(what="Exception"), (7,)),
    "torch": (SQUARES, (6, 7)),
    "at import": ("def double(x):\n    return x + x\n\nwhile True:\n    double(1)\n", (1, 2, 4, 5)),
    "it cannot be interrupted": (DEAF.format(what="BaseException"), ()),
    "the alarm is taken away": (TAKEN, ()),
}


@pytest.mark.parametrize(("source", "lines"), NEVER_ENDS.values(), ids=NEVER_ENDS)
def test_where_it_was_stopped_is_told(made, source: str, lines: tuple[int, ...]) -> None:
    """As far as it can be interrupted; else its process is ended, as it always was."""
    limits = "\n[limits]\ncall_s = 0.5\nload_s = 1.0\n"
    verdict = verdict_of(made(RECORDS, toml=limits), source)
    assert verdict.status is Status.TIMED_OUT
    places = [place for place in (verdict, *verdict.checks) if place.location is not None]
    assert bool(places) == bool(lines)
    for place in places:
        assert place.location.line in lines
        assert f"It was stopped in line {place.location.line}." in place.message


DRAWS = '''
@check()
def draws(submission):
    """It draws."""
    submission["double"](1).describe()
'''


def test_where_a_figure_was_stopped_that_cannot_be_described_is_told(made) -> None:
    source = "class double:\n    __init__ = print\n    def get_axes(self):\n        while 1: pass\n"
    verdict = verdict_of(made(DRAWS, toml="\n[limits]\ncall_s = 0.5\n"), source)
    assert verdict.status is Status.TIMED_OUT
    assert "describing double" in verdict.checks[0].message
    assert verdict.checks[0].location.line == 4


def test_the_cell_in_which_it_was_stopped_is_told(made, tmp_path: Path) -> None:
    cells = ["1 + 1", "def double(x):\n    while True:\n        pass"]
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(one) for one in cells])
    path = tmp_path / "double.ipynb"
    nbformat.write(book, path)
    grader = made(RECORDS, toml="\n[limits]\ncall_s = 0.5\n")
    [kata] = grader.course.katas
    verdict = grader.grade(SubmissionFile(kata, path))
    assert verdict.status is Status.TIMED_OUT
    assert re.search(r"It was stopped in cell 2, line [23]\.", verdict.checks[0].message)


# -- checks that are not asked again ---------------------------------------------------------------

TRAINS = '''
@check({options})
def trains(submission):
    """It learns to double."""
    expect(submission["double"](3), 6, name="the answer")
'''
BANK = """\
[[misconception]]
id = "tripled"
title = "Tripled"
caught_by = "trains"
message = "Why."
edits = [{ old = "2 * x", new = "3 * x" }]
"""
COUNTS = "calls = 0\n\n\ndef double(x):\n    print('asked')\n    return 3 * x\n"


@pytest.mark.parametrize(("options", "diagnosed"), [("", "tripled"), ("trains=True", None)])
def test_a_check_that_is_not_replayed_is_asked_once(made, options: str, diagnosed) -> None:
    attempt = attempt_of(made(TRAINS.replace("{options}", options), bank=BANK), COUNTS)
    [result] = attempt.verdict().checks
    assert result.status == "FAILED"
    assert (result.diagnosis and result.diagnosis.id) == diagnosed
    assert result.output == result.case_output == "asked\n"
    assert diagnosed or attempt.why("trains") is None
    assert (times_asked(attempt) == 1) == (diagnosed is None)
    assert result.counterexample is not None


def test_no_answer_of_ours_trains_where_a_training_has_failed(made, monkeypatch) -> None:
    """A failed training once had the solution train twelve times."""
    asked: list[object] = []
    monkeypatch.setattr(bank, "recorded", lambda *a, **k: asked.append(a) or recorded(*a, **k))
    for options, again in (("trains=True", False), ("", True)):
        asked.clear()
        verdict = verdict_of(made(TRAINS.replace("{options}", options), bank=BANK), COUNTS)
        assert verdict.status == "FAILED"
        assert bool(asked) == again


def test_training_can_be_left_out(made) -> None:
    grader = made(TRAINS.replace("{options}", "trains=True"), bank=BANK)
    [kata] = grader.course.katas
    short = Grader(grader.course, grader.sandbox, training=False)
    verdict = short.attempt_source(kata, COUNTS.encode()).verdict()
    short.close()
    assert (verdict.status, verdict.max_points) == ("NOT_VERIFIED", 0)
    assert verdict.checks[0].message == "Training was left out."
    assert "asked" not in verdict.output + verdict.checks[0].output


def test_another_check_is_diagnosed_without_one_that_is_not_replayed(made) -> None:
    checks = (
        TRAINS.replace("{options}", "trains=True")
        + '''

@check()
def answers(submission):
    """It answers at all."""
    expect(submission["double"](1), 2, name="the answer")
'''
    )
    attempt = attempt_of(made(checks, bank=BANK), COUNTS)
    trains, answers = attempt.verdict().checks
    assert trains.diagnosis is None
    assert answers.diagnosis is not None
    assert answers.diagnosis.id == "tripled"
    assert times_asked(attempt) > 1


# -- what is printed -------------------------------------------------------------------------------

PRINTS = '''
@check(examples=20)
@given(x=st.integers(1, 9))
def doubles(submission, x):
    """The answer is twice x."""
    expect(submission["double"](x), 2 * x, name="the answer")
    expect(submission["double"](-x), -2 * x, name="the answer")
'''


def test_what_is_printed_stands_with_its_case(made) -> None:
    source = "def double(x):\n    print('x is', x)\n    return 2 * x if x < 3 else 7\n"
    [result] = verdict_of(made(PRINTS), source).checks
    assert result.counterexample is not None
    assert result.counterexample.call == "double(3)"
    assert result.case_output == "x is 3\n"
    numbers = [int(number) for number in re.findall(r"^\[case (\d+)\]$", result.output, re.M)]
    assert len(numbers) > 1
    assert numbers == [*range(1, len(numbers) + 1)]

    [passed] = verdict_of(made(PRINTS), source.replace("x < 3", "x < 30")).checks
    assert passed.case_output == ""
    assert passed.output.startswith("[case 1]\nx is ")


def test_what_the_last_case_prints_is_kept_whatever_others_printed(made) -> None:
    says = "print('found' if x == 3 else 'y' * 100_000)"
    flood = f"def double(x):\n    {says}\n    return 2 * x if x < 3 else 0\n"
    [result] = verdict_of(made(PRINTS), flood).checks
    assert result.case_output == "found\n"
    assert result.output.endswith("more bytes were printed]")


def test_one_case_has_no_number(made) -> None:
    source = "print('imported')\n\ndef double(x):\n    print('x is', x)\n    return 0\n"
    verdict = verdict_of(made(TRAINS.replace("{options}", "")), source)
    assert verdict.output == "imported\n"
    assert verdict.checks[0].output == verdict.checks[0].case_output == "x is 3\n"


# -- progress --------------------------------------------------------------------------------------

LONG = '''
@check()
def trains(submission):
    """It trains."""
    expect(submission["train"](3, progress="report"), 6, name="the answer")
    expect(submission["train"](1, scale=5, progress="report"), 5, name="the answer")
'''
REPORTS = """
import time

def train(x, *, report, scale=2):
    for step in range(3):
        report(step, loss=0.5 ** step, rate=x)
        time.sleep(0.12)
    return scale * x
"""


def test_a_long_call_says_how_far_it_is_and_is_answered(made) -> None:
    said: list[str] = []
    verdict = verdict_of(made(LONG), REPORTS, said.append)
    assert (verdict.status, verdict.message) == ("PASSED", "")
    assert said == [
        "trains",
        *(f"trains: step {step} loss {0.5**step:.4g}, rate 3" for step in range(3)),
        *(f"trains: step {step} loss {0.5**step:.4g}, rate 1" for step in range(3)),
    ]


def test_progress_is_told_a_few_times_a_second(made) -> None:
    hasty = REPORTS.replace("range(3)", "range(100_000)").replace("time.sleep(0.12)", "pass")
    said: list[str] = []
    verdict = verdict_of(made(LONG), hasty, said.append)
    assert verdict.status == "PASSED"
    assert 3 <= len(said) < 40, "the first of each call, and one each tenth of a second"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("report('far')", "ValueError: invalid literal for int()"),
        ("report(1, loss='low')", "ValueError: could not convert string to float"),
        ("report(10**30)", "OverflowError"),
    ],
)
def test_what_is_no_progress_is_an_error_of_the_learners(made, line: str, message: str) -> None:
    verdict = verdict_of(
        made(LONG), f"def train(x, *, report, scale=2):\n    {line}\n    return 6\n"
    )
    assert verdict.status == "FAILED"
    assert message in verdict.checks[0].message
    assert verdict.checks[0].location is not None
    assert verdict.checks[0].location.line == 2


def test_nobody_has_to_say_how_far_they_are(made) -> None:
    source = "def train(x, *, report, scale=2):\n    return scale * x\n"
    said: list[str] = []
    assert verdict_of(made(LONG), source, said.append).status == "PASSED"
    assert said == ["trains"]


def test_progress_is_shown_cut(made) -> None:
    source = (
        "def train(x, *, report, scale=2):\n"
        "    report(2**60, **{f'{n}' * 500: float(n) for n in range(500)})\n"
        "    return scale * x\n"
    )
    said: list[str] = []
    assert verdict_of(made(LONG), source, said.append).status == "PASSED"
    assert [len(line) <= 200 for line in said] == [True] * 3
    assert said[1].startswith("trains: step 1,152,921,504,606,846,976 0")


# -- once more -------------------------------------------------------------------------------------


def test_everything_is_tried_twice(monkeypatch) -> None:
    assert list(tries()) == [True, False]
    monkeypatch.setattr(trying, "TRIES", 1)
    assert list(tries()) == [False]


class Lost:
    """A submission whose worker goes down again and again."""

    def __init__(self, ends: list[Status | None]) -> None:
        self.ends = iter(ends)
        self.log: list[object] = []
        self.loaded = 0

    def load(self) -> "Lost":
        self.loaded += 1
        return self

    def begin(self) -> None:
        end = next(self.ends)
        if end is not None:
            raise Stopped(end, "it went down")


@pytest.mark.parametrize(
    ("ends", "loaded", "said"),
    [
        ([None], 1, []),
        ([Status.CRASHED, None], 2, []),
        ([Status.INTERNAL_ERROR, None], 2, []),
        ([Status.CRASHED, Status.CRASHED], 2, ["CRASHED"]),
        ([Status.INTERNAL_ERROR, Status.TIMED_OUT], 2, ["TIMED_OUT"]),
        ([Status.TIMED_OUT], 1, ["TIMED_OUT"]),
        ([Status.FORBIDDEN], 1, ["FORBIDDEN"]),
    ],
)
def test_a_diagnosis_asks_once_more_after_a_loss(ends, loaded: int, said: list[str]) -> None:
    lost = Lost(ends)
    [answers] = recorded([lambda submission: None], lost.load)
    assert [entry.values for entry in answers] == said
    assert lost.loaded == loaded


@pytest.mark.parametrize(
    ("losses", "status"), [(1, "PASSED"), (2, "INTERNAL_ERROR"), (9, "INTERNAL_ERROR")]
)
def test_a_check_is_judged_once_more_where_the_sandbox_went_down(
    made, monkeypatch, losses: int, status: str
) -> None:
    judged = []
    judge = Attempt._judge

    def losing(self, check):
        judged.append(check.name)
        if len(judged) <= losses:
            return self._result(check, Status.INTERNAL_ERROR, "the sandbox went down")
        return judge(self, check)

    monkeypatch.setattr(Attempt, "_judge", losing)
    verdict = verdict_of(made(TRAINS.replace("{options}", "")))
    assert verdict.status == status
    assert judged == ["trains", "trains"]
    assert msgspec.to_builtins(verdict.checks[0].status) == status


# -- a name is never one that a passed check rules out ---------------------------------------------

TWO = '''
@check()
def FIRST(submission):
    """FIRST"""
    expect(submission["double"](BODY_FIRST), 2 * BODY_FIRST, name="the answer")


@check()
def SECOND(submission):
    """SECOND"""
    expect(submission["double"](BODY_SECOND), 2 * BODY_SECOND, name="the answer")
'''
# Adds one to every number. To small ones a submission that adds one to those alone answers alike.
ADDS_ONE = (
    BANK.replace("tripled", "one_more").replace("trains", "large").replace("3 * x", "2 * x + 1")
)
SMALL_ALONE = "def double(x):\n    return 2 * x + (x < 10)\n"


@pytest.mark.parametrize("order", [("small", "large"), ("large", "small")], ids="-".join)
def test_a_misconception_that_a_passed_check_catches_is_no_name(made, order) -> None:
    numbers = {"small": "3", "large": "30"}
    checks = TWO
    for place, name in zip(("FIRST", "SECOND"), order, strict=True):
        checks = checks.replace(f"BODY_{place}", numbers[name]).replace(place, name)
    grader = made(checks, bank=ADDS_ONE)
    results = {result.name: result for result in verdict_of(grader, SMALL_ALONE).checks}
    assert results["small"].status == "FAILED"
    assert results["large"].status == "PASSED"
    assert results["small"].diagnosis is None
    everywhere = verdict_of(grader, "def double(x):\n    return 2 * x + 1\n").checks
    assert {result.diagnosis and result.diagnosis.id for result in everywhere} == {"one_more"}


# -- training --------------------------------------------------------------------------------------

TRAINS_LONG = '''
@check(trains=True)
def learns(submission):
    """It learns to double."""
    expect(submission["train"](3, progress="report"), 6, name="the answer")


@check()
def quick(submission):
    """It answers at once."""
    expect(submission["double"](3), 6, name="the answer")
'''
BUDGET = "\n[limits]\ncall_s = 0.3\n\n[training]\ncpu_s = 1\n"
TRAINER = """
import time

def double(x):
    {double}
    return 2 * x

def train(x, *, report):
    for step in range({steps}):
        report(step, loss={loss}, lr=0.1)
        time.sleep(0.11)
    return 2 * x
"""


def trainer(*, steps: int = 6, loss: str = "1 / (step + 1)", double: str = "pass") -> str:
    return TRAINER.format(steps=steps, loss=loss, double=double)


def test_a_check_that_trains_has_the_budget_and_leaves_a_curve(made) -> None:
    said: list[str] = []
    verdict = verdict_of(made(TRAINS_LONG, toml=BUDGET), trainer(), said.append)
    assert verdict.status == "PASSED"
    assert verdict.metrics["learns: seconds"] > 0.6
    assert verdict.metrics["learns: budget"] >= 1
    [figure] = verdict.figures
    assert figure["title"] == "Training in learns"
    assert [line["label"] for line in figure["lines"]] == ["loss", "lr"]
    assert figure["lines"][0]["points"] == [(step, 1 / (step + 1)) for step in range(6)]
    assert any("s left" in line and "loss 0.5" in line for line in said)
    json.loads(to_json([verdict]))
    jsonschema.validate(json.loads(to_json([verdict])), json.loads(json_schema()))


def test_other_checks_have_no_more_time_for_it(made) -> None:
    verdict = verdict_of(made(TRAINS_LONG, toml=BUDGET), trainer(double="time.sleep(1)"))
    assert [result.status for result in verdict.checks] == ["PASSED", "TIMED_OUT"]


def test_training_that_takes_too_long_says_how_far_it_came(made, monkeypatch) -> None:
    monkeypatch.setattr("grader.judge.budget.pace", lambda: 0.1)
    verdict = verdict_of(made(TRAINS_LONG, toml=BUDGET), trainer(steps=1000))
    learns = verdict.checks[0]
    assert learns.status == "TIMED_OUT"
    assert "It last reported step" in learns.message
    assert "slower than it must be" in learns.message
    assert verdict.figures


def test_training_that_diverges_says_what_to_look_at(made) -> None:
    source = trainer(loss="float('nan') if step > 2 else step").replace("return 2 * x", "return x")
    verdict = verdict_of(made(TRAINS_LONG, toml=BUDGET), source)
    learns = verdict.checks[0]
    assert learns.status == "FAILED"
    assert "loss nan" in learns.message
    assert "diverged" in learns.message
    assert verdict.figures[0]["lines"][0]["points"] == [(0, 0), (1, 1), (2, 2)]


def test_many_words_of_progress_stay_few() -> None:
    curve = Curve()
    for step in range(10_000):
        curve.add(Progress(1, step, {"loss": 1.0, **{f"{n}": 0.0 for n in range(50)}}))
    [figure] = curve.figures("learns")
    assert len(figure["lines"]) == 4
    points = figure["lines"][0]["points"]
    assert 150 < len(points) <= 402
    assert points[0][0] == 0
    assert points[-1][0] == 9_999


def test_each_training_of_a_check_is_a_line_of_its_own() -> None:
    curve = Curve()
    for first in (3.0, 2.0):
        for step in range(5):
            curve.add(Progress(1, step, {"loss": first - step / 4, "a long name of a number": 1.0}))
    [figure] = curve.figures("learns")
    lines = {line["label"]: line["points"] for line in figure["lines"]}
    assert list(lines) == ["loss", "a long name of a num", "loss (2)", "a long name of a (2)"]
    assert [y for _, y in lines["loss (2)"]] == [2.0, 1.75, 1.5, 1.25, 1.0]
    for points in lines.values():
        assert [x for x, _ in points] == [0, 1, 2, 3, 4]


def test_a_name_that_is_reported_is_one_neutral_line() -> None:
    curve = Curve()
    curve.add(Progress(1, 0, {"\n::error::x": 1.0}))
    [figure] = curve.figures("learns")
    [line] = figure["lines"]
    assert "\n" not in line["label"]
    assert not line["label"].startswith("::")


@pytest.mark.parametrize(("takes", "expected"), [(0.001, 1.0), (2.0, 2.0), (1e9, 8.0)])
def test_a_slower_machine_gets_more(monkeypatch, takes: float, expected: float) -> None:
    monkeypatch.setattr(budget, "workload", lambda: takes * budget.REFERENCE_S)
    budget.pace.cache_clear()
    assert budget.pace() == pytest.approx(expected)
    budget.pace.cache_clear()


def test_a_kata_without_training_has_its_own_limits(made) -> None:
    [kata] = made(TRAINS_LONG).course.katas
    assert budget.limits_here(kata.spec) == kata.spec.limits
    assert budget.budget_s(kata.spec) == 0


def test_one_thread_may_compute_until_the_katas_time_is_over(made) -> None:
    [kata] = made(TRAINS_LONG, toml="\n[limits]\nwall_s = 90.0\n").course.katas
    assert kata.spec.limits.cpu_s < 90
    assert budget.limits_here(kata.spec).cpu_s == 90


READS = '''
@check(trains=True)
def trains(submission):
    """It learns from a file."""
    expect(data_path().read_text(), "real\\n", name="the data")
    expect(submission["double"](3), 6, name="the answer")


@check()
def answers(submission):
    """It sees no file."""
    assert data_path() is None
    expect(submission["double"](1), 2, name="the answer")
'''


def test_only_a_check_that_trains_has_the_data(made, tmp_path: Path) -> None:
    file = tmp_path / "real.txt"
    file.write_text("real\n")
    grader = made(READS)
    [kata] = grader.course.katas
    with_data = Grader(grader.course, grader.sandbox, data=file)
    verdict = with_data.attempt_source(kata, b"def double(x):\n    return 2 * x\n").verdict()
    assert verdict.status == "PASSED"
    with_data.close()


def test_what_is_worked_at_is_told_while_a_mistake_is_looked_for(made) -> None:
    told: list[str] = []
    source = "def double(x):\n    return 3 * x\n"
    assert verdict_of(made(RECORDS), source, told.append).status == "FAILED"
    assert told[:2] == ["doubles", "doubles failed, looking for the mistake"]
