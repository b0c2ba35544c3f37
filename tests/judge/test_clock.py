"""A submission's clock runs only while that submission is asked."""

import sys
import time
from collections.abc import Sequence

import pytest

from grader.checks.check import CheckLimits
from grader.judge import clock as clock_module
from grader.judge.attempt import Attempt
from grader.judge.bank import Bank
from grader.judge.clock import Clock, FairClock
from grader.judge.conversation import Conversation
from grader.judge.grader import Grader
from grader.judge.pairs import Pair
from grader.submission.read import submission_text

SLEEPS_S = 0.02


def test_a_clock_stands_still_until_it_is_run() -> None:
    clock = Clock()
    time.sleep(SLEEPS_S)
    assert clock.used_s == 0
    with clock.running():
        time.sleep(SLEEPS_S)
        with clock.running():
            time.sleep(SLEEPS_S)
        used = clock.used_s
        assert used >= 2 * SLEEPS_S, "an inner block ends nothing"
    used = clock.used_s
    time.sleep(SLEEPS_S)
    assert clock.used_s == used


def test_a_pause_inside_counts_nothing() -> None:
    clock = Clock(5.0)
    with clock.running():
        with clock.paused():
            used = clock.used_s
            time.sleep(SLEEPS_S)
            assert clock.used_s == used
        time.sleep(SLEEPS_S)
        assert clock.used_s >= used + SLEEPS_S
    assert clock.used_s >= 5.0


CHECK = '''
@check()
def doubles(submission):
    """The answer is twice x."""
    expect(submission["double"](1), 2, name="the answer")


@check()
def doubles_again(submission):
    """The answer is twice x, again."""
    expect(submission["double"](2), 4, name="the answer")
'''
WALL = "\n[limits]\nwall_s = 2\n"


def test_waiting_before_and_between_checks_costs_no_time(made) -> None:
    grader = made(CHECK, toml=WALL)
    [kata] = grader.course.katas
    read = submission_text(kata.solution.read_bytes(), "double.py")
    attempt = Attempt(grader.prepared(kata), read)
    time.sleep(2.1)  # collected, and asked much later
    assert attempt.run("doubles").status == "PASSED"
    time.sleep(2.1)  # another submission has its turn
    verdict = attempt.verdict()
    assert verdict.status == "PASSED"
    assert verdict.duration_s < 2.1


def test_reading_is_part_of_the_katas_time(made) -> None:
    grader = made(CHECK, toml=WALL)
    [kata] = grader.course.katas
    read = submission_text(kata.solution.read_bytes(), "double.py", read_s=2.5)
    verdict = Attempt(grader.prepared(kata), read).verdict()
    assert verdict.status == "TIMED_OUT"
    assert verdict.duration_s >= 2.5
    assert {result.status for result in verdict.checks} == {"TIMED_OUT"}


BANK = """\
[[misconception]]
id = "tripled"
title = "Tripled"
caught_by = "doubles"
message = "Why."
edits = [{ old = "return 2 * x", new = "import time; time.sleep(0.3); return 3 * x" }]
"""


def test_what_our_own_sources_take_is_no_time_of_the_submissions(made) -> None:
    """The first of a class pays nothing for the bank that all others find filled."""
    grader = made(CHECK, toml=WALL, bank=BANK)
    [kata] = grader.course.katas
    source = b"def double(x):\n    return 3 * x\n"
    attempt = Attempt(grader.prepared(kata), submission_text(source, "double.py"))
    result = attempt.run("doubles")
    assert result.diagnosis is not None, "twelve cases of 0.3 s each are ours"
    assert attempt.run("doubles_again").status == "FAILED"
    attempt.close()


THREE = b"""
import torch


def lstm_cell(x, h, c, w_ih, w_hh, b_ih, b_hh):
    a = x @ w_ih.T + b_ih + h @ w_hh.T
    i, f, g, o = a.chunk(4, 1)
    c = torch.sigmoid(f) * c + 0.5 * torch.sigmoid(i) * torch.tanh(g)
    return torch.sigmoid(o) * torch.tanh(c) + x.mean(), c
"""


def test_no_search_for_a_name_or_a_line_runs_it_while_our_own_sources_are_asked(
    course, sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Names, pairs of them, and lines: a bank that is filled, or slow, takes none of its time."""
    own = Grader(course, sandbox)
    read = submission_text(THREE, "lstm_cell.py")
    attempt = Attempt(own.prepared(course.find("lstm_cell")), read)
    clocks: list[float] = []
    pairs: list[Pair] = []
    load, keep = Bank._loaded_from, Bank.keep_pairs

    def loaded(bank: Bank, source: bytes, limits: CheckLimits) -> Conversation:
        clocks.append(attempt._clock.used_s)
        time.sleep(0.001)
        clocks.append(attempt._clock.used_s)
        return load(bank, source, limits)

    def kept(bank: Bank, made: Sequence[Pair]) -> None:
        pairs.extend(made)
        keep(bank, made)

    monkeypatch.setattr(Bank, "_loaded_from", loaded)
    monkeypatch.setattr(Bank, "keep_pairs", kept)
    result = attempt.run("matches_torch")
    attempt.close()
    own.close()
    assert result.suspect is not None
    assert pairs
    assert len(clocks) > 100
    assert clocks[::2] == clocks[1::2]


def test_time_can_be_taken_back() -> None:
    clock = Clock(5.0)
    with clock.running():
        clock.back_to(1.0)
        assert 1.0 <= clock.used_s < 2.0
    clock.back_to(3.0)
    assert clock.used_s == 3.0


def test_a_fair_clock_counts_what_the_machine_gave(monkeypatch) -> None:
    told = iter([(1.0, 5.0), (2.0, 6.0), (2.0, 6.0), (2.0, 9.0)])
    monkeypatch.setattr(clock_module, "_ran_and_waited_s", lambda: next(told))
    passed = iter([100.0, 104.0, 104.0, 112.0])
    monkeypatch.setattr(time, "monotonic", lambda: next(passed))
    clock = FairClock()
    with clock.running():  # it ran for one second, and waited for one
        pass
    assert clock.used_s == 2.0
    with clock.running():  # it has waited alone
        pass
    assert clock.used_s == pytest.approx(2.0 + 8.0 * clock_module.LEAST_SHARE)


def test_where_nothing_is_known_of_waiting_a_fair_clock_is_a_clock(monkeypatch) -> None:
    monkeypatch.setattr(clock_module, "_ran_and_waited_s", lambda: (0.0, 0.0))
    clock = FairClock()
    with clock.running():
        time.sleep(SLEEPS_S)
    assert clock.used_s >= SLEEPS_S


@pytest.mark.skipif(sys.platform != "linux", reason="/proc/self/schedstat")
def test_what_a_process_runs_is_known() -> None:
    before, _ = clock_module._ran_and_waited_s()
    began = time.process_time()
    while time.process_time() - began < 2 * SLEEPS_S:
        pass
    after, _ = clock_module._ran_and_waited_s()
    assert after - before >= SLEEPS_S
