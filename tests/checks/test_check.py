"""`@check` and `load_checks`: what an author gets wrong is told, and what is drawn depends on the
seed alone.
"""

import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.errors import Flaky

from grader.checks.check import Check, DrawnCases, check, pick
from grader.checks.compare import CheckFailed, expect_true
from grader.checks.hearing import Hearing, hearing, observe
from grader.checks.load import load_checks
from grader.errors import SpecError


def test_a_check_is_a_sentence_points_and_what_comes_before() -> None:
    @check(points=2)
    def first(submission) -> None:
        """The answer is right.

        The rest is for authors.
        """

    @check(after=(first, "other"), examples=7)
    def second(submission) -> None:
        """The answer is right twice."""

    assert (first.name, first.sentence, first.points) == ("first", "The answer is right.", 2)
    assert (second.after, second.points, second.examples) == (("first", "other"), 1, 7)


@pytest.mark.parametrize(
    ("options", "text", "message"),
    [
        ({}, None, "check it has no docstring"),
        ({}, "   \n", "check it has no docstring"),
        ({"points": 0}, "Right.", "check it: points=0, examples=50; both must be at least 1"),
        ({"examples": 0}, "Right.", "points=1, examples=0"),
    ],
)
def test_what_an_author_forgot(options, text, message: str) -> None:
    def it(submission) -> None: ...

    it.__doc__ = text
    with pytest.raises(ValueError, match=message):
        check(**options)(it)


HEAD = "from grader.checks import check\n\n\n"
ONE = '@check()\ndef one(submission):\n    """One."""\n\n\n'
DRAWS_LATER = (
    "from hypothesis import given, strategies as st\n\n"
    "@check()\n@given(data=st.data())\ndef one(s, data):\n    'One.'\n"
)
TWO = '@check(after={after})\ndef two(submission):\n    """Two."""\n'


@pytest.mark.parametrize(
    ("source", "line", "message"),
    [
        ("x = 1\n", None, "holds no check; expected at least one function marked @check"),
        (HEAD + TWO.format(after='"one"') + ONE, None, "check two comes after 'one', which is not"),
        (HEAD + TWO.format(after='"two"'), None, "check two comes after 'two', which is not"),
        ("import nothing_of_the_kind\n", 1, "cannot be imported: ModuleNotFoundError"),
        ("x = (\n", 1, "cannot be imported: SyntaxError"),
        ("\n\nraise ValueError('no')\n", 3, "cannot be imported: ValueError: no"),
        (HEAD + "@check()\ndef one(s): ...\n", 4, "check one has no docstring"),
        (HEAD + DRAWS_LATER, 6, "check one draws with st.data()"),
    ],
)
def test_a_broken_checks_file_is_told(
    tmp_path: Path, source: str, line: int | None, message: str
) -> None:
    path = tmp_path / "checks.py"
    path.write_text(source)
    with pytest.raises(SpecError) as caught:
        load_checks(path, name="broken_checks")
    assert message in caught.value.message
    assert caught.value.line == line


def test_checks_come_in_the_order_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "checks.py"
    path.write_text(HEAD + ONE + TWO.format(after="one"))
    found = load_checks(path, name="good_checks")
    assert [(item.name, item.after) for item in found] == [("one", ()), ("two", ("one",))]
    with pytest.raises(SpecError, match="there are no checks here"):
        load_checks(tmp_path / "absent.py", name="absent_checks")


class Recorder:
    """A submission that only keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[int] = []


def below(limit: int, examples: int = 50) -> Check:
    @check(examples=examples)
    @given(number=st.integers(0, 10_000))
    def is_below(submission: Recorder, number: int) -> None:
        """Every number is below the limit."""
        submission.asked.append(number)
        expect_true(number < limit, f"{number} is too large")

    return is_below


def run(item: Check, seed: int) -> list[int]:
    recorder = Recorder()
    item.run(seed=seed, each=lambda body: body(recorder))
    return recorder.asked


def test_the_same_seed_draws_the_same_cases_and_another_seed_others() -> None:
    item = below(20_000)
    first = run(item, seed=1)
    assert len(first) == 50
    assert run(item, seed=1) == first
    assert run(item, seed=2) != first


@st.composite
def kinds(draw: st.DrawFn) -> tuple[int, bool, bool, bool, bool]:
    either = st.booleans()
    return (draw(st.integers(1, 3)), draw(either), draw(either), draw(either), draw(either))


def test_each_of_many_cases_is_drawn_by_itself() -> None:
    """Behind its tenth case Hypothesis would repeat parts of the cases before it."""

    @check(examples=40)
    @given(kind=kinds(), numbers=st.lists(st.integers(1, 9), min_size=2))
    def takes_kinds(submission: Recorder, kind: tuple[int, ...], numbers: list[int]) -> None:
        """Kinds come in many combinations."""
        submission.asked.append(kind)

    different = [len(set(run(takes_kinds, seed=seed))) for seed in range(10)]
    assert min(different) > 25, "of 48; some 21 where parts are repeated, and 34 where not"


def test_a_failure_is_shrunk_to_the_smallest_case() -> None:
    with pytest.raises(CheckFailed, match="7 is too large"):
        run(below(7), seed=0)


def test_cases_can_be_drawn_without_being_judged() -> None:
    item, recorder = below(20_000), Recorder()
    bodies = item.cases(seed=3, count=12)
    assert recorder.asked == []
    for body in bodies:
        body(recorder)
    assert len(bodies) == len(recorder.asked) == 12
    again = Recorder()
    for body in item.cases(seed=3, count=12):
        body(again)
    assert again.asked == recorder.asked
    assert len(run(item, seed=3)) == 50, "the check itself is as it was"


def asked(item: Check, drawn: DrawnCases | None = None, seed: int = 5) -> list[int]:
    """What a submission is asked, whatever comes of it."""
    recorder = Recorder()
    with contextlib.suppress(CheckFailed):
        item.run(seed=seed, each=lambda body: body(recorder), drawn=drawn)
    return recorder.asked


def test_cases_that_are_known_are_asked_as_if_they_were_drawn() -> None:
    strict, drawn = below(300), DrawnCases()
    plain = asked(strict)
    assert asked(strict, drawn) == plain, "nothing is known yet"
    assert not drawn.complete
    known = len(drawn.bodies)
    assert 1 <= known < 50
    assert asked(strict, drawn) == plain, "the failure is found among the known, and shrunk alike"
    assert len(drawn.bodies) == known, "smaller cases are not cases of the check"


def test_the_known_cases_grow_until_they_are_complete(monkeypatch) -> None:
    limit = 300

    @check(examples=50)
    @given(number=st.integers(0, 10_000))
    def is_below(submission: Recorder, number: int) -> None:
        """Every number is below the limit."""
        submission.asked.append(number)
        expect_true(number < limit, f"{number} is too large")

    drawn = DrawnCases()
    asked(is_below, drawn)
    limit = 20_000
    everything = asked(is_below, drawn)
    assert everything == asked(is_below)
    assert drawn.complete
    monkeypatch.setattr(Check, "_drive", None)  # from here on nothing is drawn
    assert asked(is_below, drawn) == everything


def test_a_failure_that_does_not_come_back_among_known_cases_is_flaky() -> None:
    item, drawn = below(20_000), DrawnCases()
    asked(item, drawn)
    calls = 0

    def fails_once(body) -> None:
        nonlocal calls
        calls += 1
        expect_true(calls != 10, "the tenth call")

    with pytest.raises(Flaky):
        item.run(seed=5, each=fails_once, drawn=drawn)


def test_a_check_that_draws_nothing_runs_once() -> None:
    calls = []

    @check()
    def once(submission) -> None:
        """It runs once."""
        calls.append(submission)

    once.run(seed=0, each=lambda body: body("submission"))
    [body] = once.cases(seed=0, count=12)
    body("again")
    assert calls == ["submission", "again"]


def test_observations_are_collected_while_somebody_listens() -> None:
    observe("lost", 1)
    with hearing(Hearing()) as outer:
        observe("erases", True)
        with hearing(Hearing()) as inner:
            observe("inside", 2)
        observe("keeps", "no")
    assert outer.observations == [("erases", True), ("keeps", "no")]
    assert inner.observations == [("inside", 2)]


POOL = ("red", "green", "blue", "black")


def picks(count: int) -> Check:
    @check()
    @pick("colour", POOL, count=count)
    def has_a_colour(submission: list[str], colour: str) -> None:
        """It has the colour."""
        submission.append(colour)
        expect_true(colour != "black", "black is no colour")

    return has_a_colour


def picked(item: Check, seed: int) -> list[str]:
    submission: list[str] = []
    with contextlib.suppress(CheckFailed):
        item.run(seed=seed, each=lambda body: body(submission))
    return submission


def test_a_seed_picks_from_a_pool_and_every_item_has_its_turn() -> None:
    one, two = picks(1), picks(2)
    assert [len(picked(two, seed)) for seed in range(20)] == [2] * 20
    assert {colour for seed in range(40) for colour in picked(one, seed)} == set(POOL)
    assert picked(two, 7) == picked(two, 7)
    order = [POOL.index(colour) for colour in picked(two, 7)]
    assert order == sorted(order), "in the order of the task"
    assert "".join(colour[0] for seed in range(8) for colour in picked(one, seed)) == "rbggbbbr", (
        "the same on every machine"
    )


def test_a_diagnosis_asks_about_the_whole_pool() -> None:
    submission: list[str] = []
    for body in picks(1).cases(seed=3, count=2):
        with contextlib.suppress(CheckFailed):
            body(submission)
    assert tuple(submission) == POOL


def test_a_check_that_picks_can_fail() -> None:
    with pytest.raises(CheckFailed, match="black is no colour"):
        picks(4).run(seed=0, each=lambda body: body([]))


@pytest.mark.parametrize("count", [0, 5])
def test_a_pool_must_hold_what_is_picked(count: int) -> None:
    with pytest.raises(ValueError, match=rf"pick colour: {count} of 4; expected 1 to 4"):
        picks(count)


@pytest.mark.parametrize(
    ("n", "examples"), [(st.integers(0, 10_000), 40), (st.integers(0, 2), 40), (st.just(3), 5)]
)
def test_cases_drawn_ahead_are_those_that_a_run_draws(n, examples: int) -> None:
    def asked(*, ahead: bool) -> list[int]:
        heard: list[int] = []

        @check(examples=examples)
        @given(n=n)
        def it(submission, n: int) -> None:
            """It is asked."""
            heard.append(n)

        drawn = DrawnCases()
        if ahead:
            it.draw_all(seed=5, drawn=drawn)
            assert drawn.complete
            assert heard == []
        it.run(seed=5, each=lambda body: body(None), drawn=drawn)
        assert drawn.complete
        return heard

    assert asked(ahead=True) == asked(ahead=False)


def test_a_check_that_draws_nothing_has_nothing_to_draw_ahead() -> None:
    @check()
    def it(submission) -> None:
        """It is asked."""

    drawn = DrawnCases()
    it.draw_all(seed=5, drawn=drawn)
    assert not drawn.bodies
