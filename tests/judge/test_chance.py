"""What draws by chance, and what computes for long, is told as surely as anything else."""

import pytest

from grader.judge.attempt import Attempt
from grader.judge.conversation import Conversation
from grader.submission.read import submission_text

CHECKS = """
@check()
def doubles(submission):
    \"\"\"The answer is twice x.\"\"\"
    for x in range(3):
        expect(submission["double"](x), 2 * x, name="the answer")
"""
BANK = """
[[misconception]]
id = "noise"
title = "Noise is added"
caught_by = "doubles"
message = "You add noise."
edits = [{ old = "return 2 * x", new = "return noisy(2 * x)" }]
"""
NOISY = """
def noisy(x):
    return int(x + %s)


def double(x):
    return 2 * x
"""


@pytest.mark.parametrize(
    "draw",
    [
        "__import__('random').randrange(10**9)",
        "__import__('numpy').random.randint(10**9)",
        "__import__('torch').randint(10**9, ())",
    ],
)
def test_a_mistake_that_draws_is_told_by_its_name(made, draw) -> None:
    grader = made(CHECKS, bank=BANK, solution=NOISY % draw)
    [kata] = grader.course.katas
    wrong = (NOISY % draw).replace("return 2 * x", "return noisy(2 * x)").encode()
    for _ in range(3):  # what the bank keeps from the first is not what chance says next
        attempt = Attempt(grader.prepared(kata), submission_text(wrong, "double.py"))
        [result] = attempt.verdict().checks
        assert result.diagnosis is not None
        assert result.diagnosis.id == "noise"


def test_cases_differ_in_what_is_drawn(made, sandbox) -> None:
    source = b"import torch\ndef double(x):\n    return int(torch.randint(10**9, ()))\n"
    [kata] = made(CHECKS).course.katas
    conversation = Conversation(kata, source, sandbox)

    def drawn(cases: int) -> list[int]:
        conversation.reload()
        found = []
        for _ in range(cases):
            conversation.begin()
            found += [conversation["double"](0), conversation["double"](0)]
        return found

    try:
        with conversation.clock.running():
            first = drawn(3)
            assert len(set(first)) == 6
            assert drawn(3) == first
    finally:
        conversation.close()


BURNS = b"""
import time

def double(x):
    end = time.process_time() + 0.5
    while time.process_time() < end:
        pass
    return 2 * x
"""
SHORT = "\n[limits]\nwall_s = 20.0\ncpu_s = 1.0\n"


def test_our_own_sources_never_run_out_of_processor_time(made, sandbox) -> None:
    [kata] = made(CHECKS, toml=SHORT).course.katas
    conversation = Conversation(kata, BURNS, sandbox, trusted=True)
    try:
        for x in range(5):
            conversation.extend()
            assert conversation["double"](x) == 2 * x
    finally:
        conversation.close()


def test_a_wrong_answer_stands_where_a_smaller_case_takes_too_long(made) -> None:
    checks = '''
@check(examples=50)
@given(x=st.integers(0, 1000))
def doubles(submission, x):
    """The answer is twice x."""
    expect(submission["double"](x), 2 * x, name="the answer")
'''
    grader = made(checks, toml="\n[limits]\ncall_s = 0.3\n")
    slow = b"import time\ndef double(x):\n    0 < x < 90 and time.sleep(9)\n    return x\n"
    [kata] = grader.course.katas
    attempt = Attempt(grader.prepared(kata), submission_text(slow, "double.py"))
    [result] = attempt.verdict().checks
    assert result.status == "FAILED"
    assert result.counterexample is not None
