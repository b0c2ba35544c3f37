"""What enters no function that a misconception changes is not asked of it."""

import pytest

from grader.course.catalog import Course
from grader.course.misconceptions import Edit, Misconception, mutant_source
from grader.judge.bank import MORE_CASES, Bank
from grader.judge.entered import TELL, functions_changed, functions_of, noted
from grader.judge.grader import Grader
from grader.judge.transcript import same_transcript
from grader.verdict import Status
from tests.gate import few

SOURCE = '''"""Two steps."""

from __future__ import annotations

SIZE = 3


def first(x, twice=False):
    """The first step."""
    y = x + SIZE
    return 2 * y if twice else y


class Second:
    """The second step."""

    scale = 2

    @staticmethod
    def sign(x):
        return x

    def __call__(self, x):
        def inner(z):
            return z * self.scale

        return inner(x)


def steps(x):
    yield first(x)
    yield Second()(x)
'''


def item(*edits: tuple[str, str]) -> Misconception:
    pairs = tuple(Edit(old, new) for old, new in edits)
    return Misconception("one", "One", "a_check", "It is one.", pairs)


@pytest.mark.parametrize(
    ("edits", "functions"),
    [
        ([("x + SIZE", "x - SIZE")], {"first"}),
        ([("    y = x + SIZE\n", "")], {"first"}),
        ([("    y = x + SIZE\n", "    y = x\n    y = y + SIZE\n")], {"first"}),
        ([("else y\n", "else y\n    return y\n")], {"first"}),
        ([("z * self.scale", "z")], {"Second.__call__"}),
        ([("        return x\n", "        return -x\n")], {"Second.sign"}),
        ([("x + SIZE", "x - SIZE"), ("z * self.scale", "z")], {"first", "Second.__call__"}),
        ([("yield Second()(x)", "yield x")], {"steps"}),
        # what runs when the source is imported, and what leaves a body
        ([("SIZE = 3", "SIZE = 4")], None),
        ([("twice=False", "twice=True")], None),
        ([("scale = 2", "scale = 3")], None),
        ([("    @staticmethod\n", "")], None),
        ([("else y\n", "else y\n\n\nSIZE = 4\n")], None),
        ([("        return x\n", "        return x\n\n    scale = 3\n")], None),
        ([("def steps(x):\n    yield first(x)", "def steps(x):\n    yield x")], {"steps"}),
        ([("def steps(x):", "def steps(x=0):")], None),
        ([("x + SIZE", "x - SIZE"), ("SIZE = 3", "SIZE = 4")], None),
        ([("x + SIZE", "x - SIZE"), ("x - SIZE", "x")], None),  # it builds on another edit
    ],
)
def test_the_functions_that_are_changed(
    edits: list[tuple[str, str]], functions: set[str] | None
) -> None:
    assert functions_changed(item(*edits), SOURCE.encode()) == functions


def test_the_functions_of_a_source() -> None:
    names = [one.name for one in functions_of(SOURCE.encode())]
    assert names == ["first", "Second.sign", "Second.__call__", "steps"]


def test_of_one_function_nothing_is_told() -> None:
    assert functions_changed(item(("return x", "return -x")), b"def f(x):\n    return x\n") is None


def test_a_noted_source_tells_what_it_enters() -> None:
    names: dict = {}
    exec(noted(SOURCE.encode()), names)
    assert names["__doc__"] == "Two steps."
    assert names["first"].__doc__ == "The first step."
    assert names[TELL]() == []
    made = names["steps"](1)
    assert names[TELL]() == []  # a generator begins when its first value is taken
    assert next(made) == 4
    assert names[TELL]() == ["first", "steps"]
    assert [*made] == [2]
    assert names[TELL]() == ["Second.__call__", "first", "steps"]


def test_what_is_entered_while_it_is_imported_counts() -> None:
    names: dict = {}
    exec(noted(b"def table():\n    return [1]\n\n\nTABLE = table()\n"), names)
    assert names[TELL]() == ["table"]


class AsksAll(Bank):
    """One that spares no misconception a question."""

    def twin(self, *_: object) -> None:
        """There is none."""


@pytest.mark.parametrize("name", few(["gru/reset_variants", "ner/crf"], 1))
def test_not_asked_they_answer_as_if_they_had_been(
    course: Course, grader: Grader, name: str
) -> None:
    kata = course.find(name)
    checks = [check for check in grader.prepared(kata).checks.values() if check.place is None]
    bank, asked = Bank(kata, grader.sandbox, checks), AsksAll(kata, grader.sandbox, checks)
    spared = 0
    try:
        for check in checks:
            bodies = bank.bodies(check)[:2]
            for one in kata.misconceptions[::5]:
                if bank.twin(one.id, check, len(bodies)) is None:
                    continue
                spared += 1
                mine, real = (each.answers(one.id, bodies, check) for each in (bank, asked))
                assert all(map(same_transcript, mine, real)), (check.name, one.id)
    finally:
        bank.close()
        asked.close()
    assert spared > 10


def test_what_differs_in_no_question_is_known_to(course: Course, grader: Grader) -> None:
    kata = course.find("ner/crf")
    prepared = grader.prepared(kata)
    bank, checks = prepared.bank, prepared.checks
    by_check: dict[str, list[Misconception]] = {}
    for one in kata.misconceptions:
        by_check.setdefault(one.caught_by, []).append(one)
    for name, items in by_check.items():
        assert not bank.all_alike(items, checks[name], MORE_CASES), name
    assert any(
        bank.all_alike(items, checks[name], MORE_CASES)
        for items in by_check.values()
        for name in by_check
    )


@pytest.mark.full
def test_one_mistake_that_explains_two_failures_is_told_of_both(
    course: Course, grader: Grader
) -> None:
    kata = course.find("ner/bilstm_crf")
    [wrong] = [one for one in kata.misconceptions if one.id == "least_not_used"]
    source = mutant_source(wrong, kata.solution, kata.solutions)
    verdict = grader.attempt_source(kata, source).verdict()
    failed = [result for result in verdict.checks if result.status is Status.FAILED]
    assert len(failed) == 2
    assert [result.diagnosis and result.diagnosis.id for result in failed] == [wrong.id] * 2
