"""Two mistakes at once: which pairs of misconceptions a wrong answer is worth comparing with.

A kata's misconceptions make a thousand pairs and more, too many to ask each of them. Of two
mistakes, the one that comes first in the formulas makes wrong values from right ones, so the
submission makes those values too. A trace of each misconception tells which those are, and only
pairs with one of them are asked. Where a submission computes nothing (it returns weights, say),
what the check observes stands for the parts of an answer.
"""

from collections import Counter
from collections.abc import Container, Iterator, Mapping, Sequence
from itertools import chain, combinations, takewhile, zip_longest
from typing import NamedTuple, TypeAlias

from grader.course.misconceptions import Misconception, both_edited
from grader.judge.conversation import Exchange
from grader.judge.suspect import MAKES, Entries, equal, is_floating, numbers_of, steps_of, values_of
from grader.judge.transcript import Numbers, Said, Transcript, same_transcript

MOST_PAIRS = 120
"""How many pairs are asked. A count, not a time: the same seed gives the same verdict."""


class Pair(NamedTuple):
    """Two misconceptions in one source, in the order in which their edits stand in it."""

    first: Misconception
    second: Misconception
    source: bytes

    @property
    def id(self) -> str:
        """The names of both."""
        return f"{self.first.id} + {self.second.id}"


class Traces(NamedTuple):
    """What a misconception leaves behind on the way to its answers.

    Args:
        wrong: values that no right answer makes, in order.
        left_out: values of the solution that it does not make.
        answers: what it answers, part by part.
    """

    wrong: Sequence[Numbers]
    left_out: Sequence[Numbers]
    answers: Sequence[Numbers]

    def shown_in(self, made: Entries) -> int:
        """How many of its wrong values are among what was made."""
        return sum(made.which(self.wrong))

    def kept_in(self, made: Entries) -> int:
        """How many values that it leaves out are among what was made."""
        return sum(made.which(self.left_out))

    def shared_with(
        self, theirs: Sequence[Numbers], right: Sequence[Numbers], rounding: float
    ) -> frozenset[int]:
        """Which parts of an answer are wrong, and are its own.

        Args:
            theirs: a submission's answers, part by part.
            right: the solution's.
            rounding: what the check puts down to rounding, as a share of a value.
        """
        if not len(theirs) == len(right) == len(self.answers):
            return frozenset()
        parts = enumerate(zip(self.answers, theirs, right, strict=True))
        return frozenset(
            number
            for number, (its, one, other) in parts
            if equal(its, one, rounding) and not equal(one, other, rounding)
        )

    def parts(self, right: Sequence[Numbers], rounding: float) -> frozenset[int]:
        """Which parts of its own answer are wrong."""
        if len(right) != len(self.answers):
            return frozenset()
        pairs = enumerate(zip(self.answers, right, strict=True))
        return frozenset(number for number, two in pairs if not equal(*two, rounding))


def _computed(exchange: Exchange) -> Iterator[Numbers]:
    """What a traced call computed from something: an array that is only made may hold anything."""
    answer = exchange.answer
    if answer is not None:
        for step, value in steps_of(answer):
            if step.given and step.operation not in MAKES:
                yield from filter(is_floating, numbers_of(value))
        yield from numbers_of(answer.value)


class Begun(NamedTuple):
    """A misconception that a submission may have made, by what it makes on its way.

    Args:
        item: the misconception.
        parts: which parts of an answer it makes wrong.
        shared: those of them that the submission answers in the same way.
        shown: how many wrong values of the misconception the submission makes.
        kept: how many right values the submission makes that the misconception leaves out.
    """

    item: Misconception
    parts: frozenset[int]
    shared: frozenset[int]
    shown: int
    kept: int


def begun_as_observed(
    item: Misconception, its: Transcript, theirs: Transcript, right: Transcript
) -> Begun:
    """What of a misconception is seen in what a check observes; each observation is a part.

    Args:
        item: the misconception.
        its: what is observed of it.
        theirs: what is observed of a submission, in the same case.
        right: what is observed of the solution.
    """
    ours, said, wanted = map(_by_place, (its, theirs, right))

    def agree(one: Mapping[_Place, Said], other: Mapping[_Place, Said]) -> frozenset[int]:
        return frozenset(
            number
            for number, place in enumerate(wanted)
            if place in one and place in other and same_transcript((one[place],), (other[place],))
        )

    wrong = frozenset(range(len(wanted))) - agree(ours, wanted)
    shared = (wrong & agree(ours, said)) - agree(said, wanted)
    return Begun(item, wrong, shared, 0, len(wrong & agree(said, wanted)))


def begun_in_all(cases: Sequence[Begun]) -> Begun:
    """What of one misconception is seen in several cases together: each has parts of its own."""
    return Begun(
        cases[0].item,
        frozenset(_MOST_PARTS * n + part for n, one in enumerate(cases) for part in one.parts),
        frozenset(_MOST_PARTS * n + part for n, one in enumerate(cases) for part in one.shared),
        sum(one.shown for one in cases),
        sum(one.kept for one in cases),
    )


_MOST_PARTS = 1_000_000
"""No transcript of one case is as long."""

_Place: TypeAlias = tuple[str, str, int]


def _by_place(observed: Transcript) -> dict[_Place, Said]:
    """What was observed, by its kind, its name and how often that came before.

    A check may observe some things only where others are wrong, so numbers don't fit.
    """
    seen: Counter[tuple[str, str]] = Counter()
    found = {}
    for said in observed:
        name = said.kind, str(said.values[0]) if said.kind == "observed" else ""
        found[*name, seen[name]] = said
        seen[name] += 1
    return found


def answers_of(log: Sequence[Exchange]) -> list[Numbers]:
    """What was answered and what gradients arrived, part by part."""
    answers = (exchange.answer for exchange in log if exchange.answer is not None)
    return [part for one in answers for part in numbers_of((one.value, one.gradients))]


def traces_of(
    log: Sequence[Exchange], solution: Sequence[Exchange], right: Entries, rounding: float
) -> Traces:
    """What a misconception leaves behind.

    Args:
        log: what it was asked and answered, traced.
        solution: the same of the solution.
        right: all that right answers make.
        rounding: what the check puts down to rounding, as a share of a value.
    """
    answered = [*takewhile(lambda exchange: exchange.answer is not None, log)]
    # A 0 may come from anywhere.
    computed = [value for one in answered for value in _computed(one) if value.array.any()]
    wrong = _others(computed, right)
    if len(answered) < len(solution):
        return Traces(wrong, (), ())
    its = Entries((value for exchange in answered for value in values_of(exchange)), rounding)
    right_ones = [value for exchange in solution for value in values_of(exchange)]
    return Traces(wrong, _others(right_ones, its), answers_of(log))


def _others(values: Sequence[Numbers], known: Entries) -> list[Numbers]:
    """Those of some values that are not known."""
    return [one for one, is_known in zip(values, known.which(values), strict=True) if not is_known]


def pairs_of(
    candidates: Sequence[Begun], others: Container[str], rights: Mapping[str, str]
) -> Iterator[Pair]:
    """Pairs whose edits do not overlap, the likeliest first.

    Pairs of two that have begun take turns with pairs of one that has, and any other: of the
    likeliest one with all others, and of each one with its likeliest. Those come first that share
    most of the answer between them, and in which the other leaves alone what the one makes.

    Args:
        candidates: all that the submission may have made; those have begun of which it makes a
            wrong value, or answers a wrong part.
        others: the ids of those that by themselves are seen in the check that failed; they come
            before those that are seen elsewhere.
        rights: the texts of right answers; see `both_edited`.
    """
    begun = [one for one in candidates if one.shown or one.shared]

    def unlikely(two: tuple[Begun, Begun]) -> tuple[int, int, int]:
        one, other = two
        shared = one.shared | other.shared
        return -len(shared), one.kept + other.kept, -(one.shown + other.shown)

    among = [(a.item, b.item) for a, b in sorted(combinations(begun, 2), key=unlikely)]
    likely = sorted(begun, key=lambda one: unlikely((one, one)))
    seen = [one for one in candidates if one.parts or one.item.id in others]
    seen.sort(key=lambda one: one.item.id not in others)
    beside = [
        [
            (one.item, other.item)
            for other in sorted(seen, key=lambda each: len(each.parts & one.shared))
        ]
        for one in likely
    ]
    ways = (among, chain(*beside), chain(*zip_longest(*beside)))
    asked = set()
    for one, other in filter(None, chain(*zip_longest(*ways))):
        key = frozenset((one.id, other.id))
        if len(key) == 2 and key not in asked:
            asked.add(key)
            made = both_edited(one, other, rights)
            if made is not None:
                yield Pair(*made)
