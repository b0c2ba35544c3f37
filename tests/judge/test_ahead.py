"""Questions asked ahead: faster, and nothing else."""

import contextlib
import hashlib
import math
import os
import socket

import msgspec
import pytest

from grader import wire
from grader.checks.check import Check
from grader.judge.ahead import FIRST_ONE_BY_ONE, Ahead, Script
from grader.judge.conversation import Conversation
from grader.judge.mishaps import Stopped
from grader.judge.prepared import Prepared
from grader.sandbox.worker import Worker
from grader.verdict import Status, Verdict
from grader.wire.messages import Answer, Call, Forbidden, Limits, Progress, Reply
from grader.worker.control import Fork
from tests.gate import few

pytestmark = pytest.mark.usefixtures("time_enough")

RIGHT = """
import torch


def lstm_cell(x, h, c, w_ih, w_hh, b_ih, b_hh):
    {first}
    i, f, g, o = (x @ w_ih.T + b_ih + h @ w_hh.T + b_hh).chunk(4, 1)
    c = f.sigmoid() * c + i.sigmoid() * g.tanh()
    h = o.sigmoid() * c.tanh()
    {last}
    return h, c
"""
BEHAVES = {
    "as it should be": ("", ""),
    "prints": ("print('x has', len(x), 'rows')", ""),
    "prints now and then": ("if len(x) == 3: print('three rows')", ""),
    "wrong in a batch of three": ("", "h = h * (1.01 if len(x) == 3 else 1)"),
    "wrong where the cell is large": ("", "c = c.clamp(-50, 50)"),
    "raises late": ("assert c.abs().max() < 3, 'too large'", ""),
    "wrong from the hundredth call on": ("COUNT.append(1)", "h = h + (len(COUNT) > 100)"),
    "wrong in the last check": ("COUNT.append(1)", "h = h + (len(COUNT) > 190)"),
    "changes its input": ("c.mul_(1.0000001)", ""),
    "ends the process late": ("COUNT.append(1)", "assert len(COUNT) < 60 or os._exit(3)"),
    "has no gradient late": ("", "c = c.detach() if len(x) == 3 else c"),
    "asks for much memory late": (
        "COUNT.append(1)",
        "len(COUNT) == 70 and torch.zeros(1 << 40)",
    ),
    "draws": ("torch.rand(1)", "h = h + 0 * torch.rand(1)"),
}


def source(name: str) -> bytes:
    first, last = BEHAVES[name]
    return ("import os\nCOUNT = []\n" + RIGHT.format(first=first, last=last)).encode()


def forget(shared: Prepared) -> None:
    """What was asked is not known any more."""
    shared.scripts.clear()
    shared.drafts.clear()


def same(one: Verdict, other: Verdict) -> bool:
    """Whether two verdicts differ in nothing but the time that they took."""
    return _timeless(one) == _timeless(other)


def _timeless(verdict: Verdict) -> Verdict:
    return msgspec.structs.replace(verdict, duration_s=0.0)


@pytest.mark.parametrize("name", few(BEHAVES, 2))
def test_the_verdict_is_the_same_as_question_by_question(grader, kata, name: str) -> None:
    shared = grader.prepared(kata)
    forget(shared)
    first = grader.attempt_source(kata, source(name)).verdict()
    forget(shared)
    grader.attempt_source(kata, kata.solution.read_bytes()).verdict()
    assert all(map(shared.script, shared.checks.values()))
    ahead = grader.attempt_source(kata, source(name)).verdict()
    assert same(first, ahead)
    for _ in range(2):
        grader.attempt_source(kata, source("as it should be")).verdict()
    scripts = [*map(shared.script, shared.checks.values())]
    assert all(script.passed for script in scripts)
    assert same(first, grader.attempt_source(kata, source(name)).verdict())
    passes = name in ("as it should be", "draws") or "prints" in name
    assert (first.status is Status.PASSED) == passes


def test_what_differs_from_run_to_run_does_not_pass(grader, kata) -> None:
    grader.attempt_source(kata, kata.solution.read_bytes()).verdict()
    text = "import os\n" + RIGHT.format(first="", last="h = h + (os.urandom(1)[0] < 16)")
    verdict = grader.attempt_source(kata, text.encode()).verdict()
    assert verdict.status in (Status.FAILED, Status.FLAKY)


def test_what_is_answered_as_others_answered_who_passed_is_not_judged_again(
    grader, kata, monkeypatch
) -> None:
    shared = grader.prepared(kata)
    forget(shared)
    text = source("as it should be")
    first, *_ = (grader.attempt_source(kata, text).verdict() for _ in range(3))
    judged = []
    run = Check.run
    monkeypatch.setattr(
        Check, "run", lambda check, **how: judged.append(check) or run(check, **how)
    )
    assert same(grader.attempt_source(kata, text).verdict(), first)
    assert not judged
    # Two of the sums are added up in another order, so the last bits differ.
    other = text.replace(b"+ b_ih + h @ w_hh.T", b"+ h @ w_hh.T + b_ih")
    assert same(grader.attempt_source(kata, other).verdict(), _as(first, other))
    assert judged


def _as(verdict: Verdict, source: bytes) -> Verdict:
    return msgspec.structs.replace(verdict, sha256=hashlib.sha256(source).hexdigest())


def test_only_who_passes_all_teaches_what_passes(grader, kata) -> None:
    shared = grader.prepared(kata)
    forget(shared)
    grader.attempt_source(kata, kata.solution.read_bytes()).verdict()
    assert all(map(shared.script, shared.checks.values()))
    for _ in range(2):
        verdict = grader.attempt_source(kata, source("wrong in the last check")).verdict()
        assert verdict.checks[0].status is Status.PASSED
    assert not any(shared.script(check).passed for check in shared.checks.values())


class _Forked:
    """A zygote whose worker is this test: it holds the other end of the wire."""

    nested = False

    def fork(self, fork: Fork, wire_fd: int, output_fd: int) -> None:
        self.wire = socket.socket(fileno=os.dup(wire_fd))

    def kill(self, token: int) -> None: ...

    def exited(self, token: int, timeout_s: float) -> None: ...


@pytest.fixture
def answering():
    """Makes workers that have said something before they were asked."""
    with contextlib.ExitStack() as ends:

        def made(*replies: Answer | Progress) -> Worker:
            zygote = _Forked()
            worker = Worker(zygote, Fork(1, Limits(), Forbidden()))
            ends.callback(worker.close)
            ends.callback(zygote.wire.close)
            codec = wire.Codec(keep=wire.refuse, find=lambda handle: handle, incoming=Reply)
            for reply in replies:
                zygote.wire.sendall(b"".join(codec.encode(reply)))
            return worker

        yield made


def _script(questions: int) -> Script:
    script = Script()
    for number in range(questions):
        script.add(Call(0, "double", args=(number,)))
    return script


def _hears_all(script: Script, worker: Worker) -> Ahead:
    ahead = Ahead(script, worker)
    for _ in script.calls:
        worker.reply(ahead.ask(1.0), timeout_s=1.0)
    return ahead


def test_answers_that_are_known_are_the_same_in_every_byte(answering) -> None:
    script, right = _script(2), (Answer(1, 0.0), Answer(2, 2.0))
    script.learn(_hears_all(script, answering(*right)).sums)
    assert Ahead(script, answering(*right)).is_known(lambda: 1.0)
    for other in (-0.0, 2, math.nextafter(2, 3)):
        worker = answering(right[0], Answer(2, other))
        ahead = Ahead(script, worker)
        assert not ahead.is_known(lambda: 1.0)
        answers = [worker.reply(ahead.ask(1.0), timeout_s=1.0).value for _ in script.calls]
        assert answers == [0.0, other]  # what was heard is still to be judged


@pytest.mark.parametrize("words", [1, 2])
def test_a_word_of_progress_hides_no_answer(answering, words: int) -> None:
    """Who passed with it teaches nothing that somebody with the same word and another answer has.

    One frame is heard for each question, and a word of progress is a frame of its own.
    """
    script, word = _script(2), Progress(2, 1)
    teaches = answering(Answer(1, 0.0), *words * [word], Answer(2, 2.0))
    script.learn(_hears_all(script, teaches).sums)
    for answers in ((Answer(2, 3.0),), ()):
        ahead = Ahead(script, answering(Answer(1, 0.0), *words * [word], *answers))
        assert not ahead.is_known(lambda: 1.0)


CHECKS = '''
@check()
def doubles(submission):
    """The answer is twice x."""
    answers = [submission["double"](number) for number in range(20)]
    for number, answer in enumerate(answers):
        expect(answer, 2 * number, name="the answer")


@check()
def goes_on_from_the_answer(submission):
    """The answer to an answer is four times x."""
    number = 1
    for step in range(10):
        number = submission["double"](number)
    expect(submission["double"](number % 7), 2 * (1024 % 7), name="the answer")
'''


@pytest.mark.parametrize(
    ("body", "fails"),
    [
        ("2 * x", []),
        ("2 * x if x < 15 else 0", ["doubles", "goes_on_from_the_answer"]),
        ("2 * x if x != 64 else 63", ["goes_on_from_the_answer"]),
        ("2 * x if x < 100 else str(x)", ["goes_on_from_the_answer"]),
    ],
)
def test_where_an_answer_changes_what_is_asked(made, body: str, fails: list[str]) -> None:
    grader = made(CHECKS)
    [toy] = grader.course.katas
    text = f"def double(x):\n    return {body}\n".encode()
    alone = grader.attempt_source(toy, text).verdict()
    shared = grader.prepared(toy)
    forget(shared)
    grader.attempt_source(toy, toy.solution.read_bytes()).verdict()
    doubles, goes_on = (shared.script(check) for check in shared.checks.values())
    assert len(doubles.calls) == 20 > 2 * FIRST_ONE_BY_ONE
    assert goes_on is None
    verdict = grader.attempt_source(toy, text).verdict()
    assert [r.name for r in verdict.checks if r.status is not Status.PASSED] == fails
    assert same(verdict, alone)


TWICE = '''
@check()
def first(submission):
    """The answer is twice x."""
    for number in range(30):
        submission["double"](number)


@check(after=first)
def second(submission):
    """The answer is twice x."""
    for number in range(80, 110):
        submission["double"](number)
'''


def test_the_way_back_takes_no_more_than_the_katas_time(made, monkeypatch) -> None:
    """What was fast at first may be slow in the worker that is brought to where it was."""
    ends = []
    go_back = Conversation.go_back

    def slowly(self, scripts):
        self._source = b"import time\ndef double(x):\n    time.sleep(0.5)\n    return 2 * x\n"
        with pytest.raises(Stopped) as stopped:
            go_back(self, scripts)
        ends.append(stopped.value.status)
        raise stopped.value

    grader = made(TWICE, toml="[limits]\nwall_s = 3.0\ncheck_s = 3.0\n")
    [toy] = grader.course.katas
    grader.attempt_source(toy, toy.solution.read_bytes()).verdict()
    monkeypatch.setattr(Conversation, "go_back", slowly)
    prints = b"def double(x):\n    x == 99 and print('so far')\n    return 2 * x\n"
    grader.attempt_source(toy, prints).verdict()
    assert ends == [Status.TIMED_OUT]


GIVES_AWAY = {
    "the right answer is in the next question": """
    submission["double"](torch.tensor([0.3, 0.7]))
    submission["double"](torch.tensor([[0.6, 1.4], [0.5, 0.5]])[0])
""",
    "a number of it is": """
    submission["double"](0.35)
    submission["double"](0.7)
""",
    "two right answers together are": """
    submission["double"](torch.tensor([0.3, 0.7]))
    submission["double"](torch.tensor([0.15, 0.05]))
    submission["double"](torch.tensor([[0.6, 0.3], [1.4, 0.1]]))
""",
    "a right answer beside what was asked is": """
    submission["double"](torch.tensor([0.3, 0.7]))
    submission["double"](torch.tensor([[0.3, 0.6], [0.7, 1.4]]))
""",
    "a right answer is, between zeros": """
    submission["double"](torch.tensor([0.3, 0.7]))
    submission["double"](torch.tensor([0.0, 0.6, 1.4, 0.0]))
""",
    "a text of it is": """
    submission["double"]("ab")
    submission["double"]("xabaz"[1:4])
    submission["double"]("abab")
""",
}
DEPENDS = {
    "the answer is the next question": """
    first = submission["double"](torch.tensor([0.3, 0.7]))
    submission["double"](first)
""",
    "what is asked next depends on it": """
    answer = submission["double"](torch.tensor([0.3, 0.7]))
    submission["double"](5 if answer[0] > 0.7 else 4)
""",
    "how much is asked depends on it": """
    for _ in range(submission["double"](3)):
        submission["double"](1)
""",
}
GIVES_NOTHING_AWAY = {
    "other numbers": """
    submission["double"](torch.tensor([0.3, 0.7]))
    submission["double"](torch.tensor([0.31, 0.72]))
""",
    "what was asked before is asked again": """
    submission["double"](torch.tensor([0.6, 1.4]))
    submission["double"](torch.tensor([0.3, 0.7]))
    submission["double"](torch.tensor([0.6, 1.4]))
""",
    "masks and names": """
    submission["double"]([torch.tensor([True, False]), np.array([True]), None, ""])
    submission["double"]([np.array([2, 7]), torch.tensor([True, False])])
""",
    "zeros and ones": """
    submission["double"](torch.tensor([0.0, 0.5]))
    submission["double"](torch.tensor([0.0, 1.0]))
""",
    "the answer is looked at": """
    answer = submission["double"](torch.tensor([0.3, 0.7]))
    expect(answer, torch.tensor([0.6, 1.4], dtype=torch.float64), name="the answer")
    submission["double"](float(2))
""",
}


@pytest.mark.parametrize("name", [*DEPENDS, *GIVES_AWAY, *GIVES_NOTHING_AWAY])
def test_no_question_that_waits_holds_the_answer_to_another(made, name: str) -> None:
    body = (DEPENDS | GIVES_AWAY | GIVES_NOTHING_AWAY)[name]
    grader = made(
        "import numpy as np\nimport torch\n\n\n@check()\n"
        f'def asks(submission):\n    """It asks."""\n{body}'
    )
    [toy] = grader.course.katas
    verdict = grader.attempt_source(toy, toy.solution.read_bytes()).verdict()
    assert verdict.status is Status.PASSED, verdict
    shared = grader.prepared(toy)
    script = shared.script(shared.checks["asks"])
    assert (script is None) == (name in DEPENDS)
    if script is not None:
        assert bool(script.giving_away) == (name in GIVES_AWAY)


LATER = '''
@check()
def asks(submission):
    """It asks."""
    for number in range(6):
        submission["double"](number + 0.25)
    submission["double"](0.5)
    for number in range(30, 40):
        submission["double"](number)
'''


def test_a_question_that_gives_an_answer_away_is_sent_behind_it(made, answering) -> None:
    grader = made(LATER)
    [toy] = grader.course.katas
    grader.attempt_source(toy, toy.solution.read_bytes()).verdict()
    shared = grader.prepared(toy)
    script = shared.script(shared.checks["asks"])
    assert script.giving_away == {6}
    worker = answering(*(Answer(number, 0.5) for number in range(1, 18)))
    sent = []
    send = worker.send
    worker.send = lambda parts, **how: (sent.append(len(parts) // 2), send(parts, **how))
    ahead = Ahead(script, worker, trusting=True)
    for _ in range(7):
        worker.reply(ahead.ask(1.0), timeout_s=1.0)
    assert sent == [6, 11]


def test_what_is_asked_is_asked_under_one_seed_alone(grader, kata) -> None:
    grader.attempt_source(kata, kata.solution.read_bytes(), seed=3).verdict()
    same, other = grader.prepared(kata, seed=3), grader.prepared(kata, seed=4)
    assert all(map(same.script, same.checks.values()))
    assert not any(map(other.script, other.checks.values()))
