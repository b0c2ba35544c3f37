"""One change: the line of a mistake in plain Python that no name covers."""

import contextlib
import itertools
from pathlib import Path
from typing import Any

import pytest

from grader.course.catalog import Course
from grader.judge.grader import Grader
from grader.wire.messages import Changes, Kind
from grader.worker.changes.writer import Changeable, changeable
from tests.gate import few

pytestmark = pytest.mark.usefixtures("time_enough")

SPANS = """def parts(tag, index):
    letter, _, kind = tag.partition("-")
    if tag == "O":
        return "O", ""
    if letter not in ("B", "I") or not kind:
        raise ValueError(f"{tag!r} at position {index} is no tag")
    return letter, kind


def iob1_to_iob2(tags):
    out = []
    last = ""
    for index in range(len(tags)):
        letter, kind = parts(tags[index], index)
        if letter == "B" and kind != last:
            raise ValueError(f"{tags[index]!r} at {index}")
        if letter == "I" and kind != last:
            out.append("B-" + kind)
        else:
            out.append(tags[index])
        last = kind
    return out


def iob2_to_iob1(tags):
    out = []
    last = ""
    for index in range(len(tags)):
        letter, kind = parts(tags[index], index)
        if letter == "I" and kind != last:
            raise ValueError(f"{tags[index]!r} at {index}")
        if letter == "B" and kind != last:
            out.append("I-" + kind)
        else:
            out.append(tags[index])
        last = kind
    return out


def to_spans(tags):
    split = [parts(tag, index) for index, tag in enumerate(tags)]
    spans = []
    index = 0
    while index < len(split):
        letter, kind = split[index]
        end = index + 1
        if letter == "B":
            while end < len(split) and split[end] == ("I", kind):
                end += 1
            spans.append((kind, index, end))
        index = end
    return spans
"""
WRONG = {
    "another name": (
        "end < len(split) and",
        "end < len(tags) - 1 and",
        "while end < len(tags) - 1",
    ),
    "another word": ('("I", kind):', '("B", kind):', 'split[end] == ("B", kind)'),
    "a part too few": ("(kind, index, end)", "(kind[:1] + kind[2:], index, end)", "kind[2:]"),
    "a line too far to the right": (
        "            spans.append((kind, index, end))\n",
        "                spans.append((kind, index, end))\n",
        "spans.append((kind, index, end))",
    ),
    "two lines in each other's place": (
        "        letter, kind = split[index]\n        end = index + 1\n",
        "        end = index + 1\n        letter, kind = split[end - 2]\n",
        "letter, kind = split[end - 2]",
    ),
    "nothing begins anew": ("last = kind", "last = last or kind", "last = last or kind"),
}


@pytest.mark.parametrize("name", few(WRONG, 3))
def test_the_line_of_a_change_that_makes_it_right_is_shown(
    grader: Grader, course: Course, name: str
) -> None:
    """Nothing of its values is like those of a right answer's lines, nor is there a name."""
    before, after, line = WRONG[name]
    assert before in SPANS
    source = SPANS.replace(before, after, 1)
    checks = grader.attempt_source(course.find("tag_schemes"), source.encode()).verdict().checks
    [suspect, *others] = [check.suspect for check in checks if check.suspect is not None]
    assert suspect.alone
    assert line in suspect.source
    assert "alone makes the answers right" in suspect.said
    assert all(line in other.source for other in others)
    assert not any(check.diagnosis for check in checks)


def test_a_line_that_values_point_past_is_shown(grader: Grader, course: Course) -> None:
    """An axis that is wrong gives numbers that are right, so that a later line is suspected."""
    kata = course.find("attention")
    source = (kata.solutions / "alternatives" / "by_hand.py").read_text("utf-8")
    assert source.count("amax(dim=-1") == 1
    wrong = source.replace("amax(dim=-1", "amax(dim=1").encode()
    checks = grader.attempt_source(kata, wrong).verdict().checks
    [suspect] = [check.suspect for check in checks if check.suspect is not None]
    assert suspect.alone
    assert "amax(dim=1" in suspect.source


TWO = """import torch


def attend(q, k, v, mask):
    there = mask[:, :, None]
    keys = torch.where(there, k, torch.zeros_like(k))
    values = torch.where(there, v, torch.zeros_like(v))
    scores = torch.einsum("nld,ntd->nlt", q / q.shape[2], keys)
    real = mask[:, None, :]
    peak = scores.detach().masked_fill(~real, float("-inf")).amax(dim=2, keepdim=True)
    peak = torch.where(peak.isinf(), torch.zeros_like(peak), peak)
    shares = torch.where(real, scores - peak, torch.zeros_like(scores)).exp() * ~real
    total = shares.sum(dim=2, keepdim=True)
    weights = shares / torch.where(total == 0, torch.ones_like(total), total)
    return torch.einsum("nlt,nth->nlh", weights, values), weights
"""


def test_no_change_alone_is_shown_where_there_is_another_mistake(
    grader: Grader, course: Course
) -> None:
    """The simplest cases have a size of 1, where D and its root are equal."""
    checks = grader.attempt_source(course.find("attention"), TWO.encode()).verdict().checks
    assert any(check.status == "FAILED" for check in checks)
    assert not any(check.suspect.alone for check in checks if check.suspect)


NOBODY_CAN = SPANS.replace(
    "spans.append((kind, index, end))", "spans.append(tags[index : end + 2])"
)
FORGED = """

def grader_each(numbers, calls):
    return [(10**9, "forged")] * len(numbers)


def grader_noted():
    return [-1, 10**9, True, "x", 1, 2]
"""


@pytest.mark.parametrize("source", [NOBODY_CAN, NOBODY_CAN + FORGED])
def test_nothing_is_shown_where_no_change_helps(
    grader: Grader, course: Course, source: str
) -> None:
    """What a submission says of its changes decides nothing but the line."""
    verdict = grader.attempt_source(course.find("tag_schemes"), source.encode()).verdict()
    [failed] = [check for check in verdict.checks if check.status == "FAILED"]
    assert failed.suspect is None
    assert failed.points == 0


def run(text: Changeable) -> dict[str, Any]:
    """What a text with changes in it defines."""
    space: dict[str, Any] = {}
    exec(text.code, space)
    return space


@pytest.mark.parametrize("kind", Kind)
def test_a_text_with_all_changes_is_what_it_was_where_none_is_in_force(kind: Kind) -> None:
    """And each of them can be put in force."""
    text = changeable(SPANS, Changes((kind,)))
    assert text is not None
    assert text.changes
    assert {change.kind for change in text.changes} == {kind}
    space = run(text)
    tags = ["B-x", "I-x", "B-y", "O", "B-x"]
    right = [("x", 0, 2), ("y", 2, 3), ("x", 4, 5)]
    assert space["to_spans"](tags) == right
    answers = space["grader_each"](range(1, len(text.changes) + 1), [("to_spans", [tags], {})])
    assert len(answers) == len(text.changes)
    assert len({number for number, _ in answers}) > 5
    space["grader_choose"](0)
    assert space["to_spans"](tags) == right


def test_the_same_may_be_changed_wherever_it_stands() -> None:
    """Who has it wrong in one place has it so in the others."""
    text = changeable("def f(a):\n    return [a - 1, 5, a - 1]\n", Changes((Kind.WITHIN,)))
    assert text is not None
    space = run(text)
    every = range(1, len(text.changes) + 1)
    answers = []
    for number in every:
        space["grader_choose"](number)
        with contextlib.suppress(AttributeError, TypeError):
            answers.append(space["f"](7))
    assert [7, 5, 7] in answers
    assert [7, 5, 6] in answers


def answers(source: str, kind: Kind, *given: object) -> list[object]:
    """What `f` answers with each of the changes of a kind in force."""
    text = changeable(source, Changes((kind,)))
    assert text is not None
    space = run(text)
    found = []
    for number in range(1, len(text.changes) + 1):
        space["grader_choose"](number)
        with contextlib.suppress(AttributeError, TypeError, NameError):
            found.append(space["f"](*given))
    return found


def test_a_name_is_not_another_one_in_all_places() -> None:
    """One more than a counter would only be another order of the same rounds."""
    source = "def f(a):\n    return [(n, n) for n in a]\n"
    found = answers(source, Kind.WITHIN, [4])
    assert [(5, 4)] in found
    assert [(5, 5)] not in found


@pytest.mark.parametrize(
    ("source", "given", "right"),
    [
        ("def f(a, b):\n    if a and b:\n        return 1\n    a += 2\n    return a\n", (0, 0), 0),
        ("def f(a, b):\n    return [x for x in b if x > 1 or x == a]\n", (1, [1, 2]), [2]),
    ],
    ids=["a part of another condition", "a condition of its own"],
)
def test_a_condition_may_be_missing(source: str, given: tuple[object, ...], right: object) -> None:
    assert right in answers(source, Kind.GUARD, *given)


def test_an_attribute_may_have_to_begin_anew() -> None:
    """Its object begins with it."""
    source = """
class Reader:
    def __init__(self):
        self.factor = 1

    def read(self, number):
        if number == 0:
            self.factor = 2
            return 0
        number = number * self.factor
        return number


def f(numbers):
    reader = Reader()
    return [reader.read(number) for number in numbers]
"""
    assert [0, 6, 3] in answers(source, Kind.STATEMENT, [0, 3, 3])


ODD = """
from __future__ import annotations
import re

class Reader:
    factor: int = 1

    @property
    def half(self) -> float:
        return self.factor / 2

    def rows(self, *given: str, sep: str = ",", **more):
        global total
        for row in given:
            first, *rest = row.split(sep)
            if (size := len(rest)) > 1 and not first:
                continue
            elif size == 0:
                yield [first]
            else:
                yield from ([first, *rest[1:-1:2]], {**more, "k": {*rest}})
        while True:
            try:
                with open(first) as file:
                    del rest[0]
            except (OSError, NameError) as error:
                raise ValueError(f"{first!r:>10} {{}} {'a' + chr(39)} \\n {error}") from error
            finally:
                break
        match rest:
            case [1, x] if x:
                return lambda *a, key=None: a[0][..., 1:, None] if key else -x
            case _:
                assert first, "no"
        total = {k: v for k, v in more.items() if v is not None} | {"s": f"{first:{size}}"}

async def later(x):
    return await x
"""


@pytest.mark.parametrize("kinds", [*itertools.combinations(Kind, 2)])
def test_any_python_can_be_changed(kinds: tuple[Kind, ...]) -> None:
    """Whatever is written in it."""
    text = changeable(ODD, Changes(kinds))
    assert text is not None
    assert len(text.changes) > 20


def test_the_solutions_can_be_changed(course: Course) -> None:
    """What is not asked is left as it is."""
    for kata in [*course.katas][::8]:
        path: Path = kata.solution
        text = changeable(
            path.read_text(encoding="utf-8"), Changes((Kind.WITHIN,), tuple(kata.signatures))
        )
        assert text is not None, path
        assert text.changes, path


@pytest.mark.parametrize("source", ["def f(:\n", "x = (" * 500, "\0"])
def test_no_python_cannot_be_changed(source: str) -> None:
    """There is nothing to try then."""
    assert changeable(source, Changes()) is None
