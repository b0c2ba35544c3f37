"""Diagnosis: which mistake it is.

A failing check's body is run on fresh cases, and on the case that failed, against the submission,
the reference solution and every misconception of the kata. A submission whose transcripts equal
those of exactly one misconception, and not those of the solution, is told which mistake it made;
where there is none, one that equals two of them together is told both.
"""

from collections.abc import Callable, Container, Iterator, Sequence
from functools import cached_property, partial
from itertools import islice
from typing import Generic, NamedTuple, TypeVar

from msgspec.structs import replace

from grader.checks.check import Check
from grader.checks.submission import Body
from grader.course.misconceptions import Misconception, both_edited
from grader.judge.bank import CASES, MORE_CASES, SOLUTION, Bank, recorded, traced
from grader.judge.conversation import Conversation, Exchange
from grader.judge.departure import Departure, departure
from grader.judge.first_wrong import beside_right_ones
from grader.judge.pairs import (
    MOST_PAIRS,
    Begun,
    Pair,
    answers_of,
    begun_as_observed,
    begun_in_all,
    pairs_of,
)
from grader.judge.suspect import Entries, first_difference, values_of
from grader.judge.transcript import (
    SideBySide,
    Transcript,
    in_form,
    is_telling,
    is_written_apart,
    may_be_apart,
    same_transcript,
    spoils,
)
from grader.verdict import Diagnosis

ANSWER = "answer"
Kinds = list[object]
ONE_BY_CHANCE_IN = 50
"""Of so many right values that a mistake leaves out, one may be made in another way."""
ENOUGH_CASES = 3
"""In so many cases, what is observed of two mistakes differs where one case shows them alike."""
ENOUGH_DEPARTURES = 2
"""In so many cases, values have to go wrong as those of a mistake do."""
MOST_STEPS = 50_000
"""So many steps of all misconceptions together are traced; a second has some 15,000.

A count, not a time: the same seed gives the same verdict.
"""
MOST_STEPS_OF_ONE = 600
"""A case with more is traced for no misconception."""
Candidate = TypeVar("Candidate", Misconception, Pair)


class Narrowed(NamedTuple, Generic[Candidate]):
    """The misconceptions, or pairs of them, that answer as the submission does.

    Args:
        left: those.
        differs: whether there are any, and the solution answers otherwise.
        telling: whether something that it answers otherwise is more than a few words.
    """

    left: list[Candidate]
    differs: bool
    telling: bool


class _OutOfTimeError(Exception):
    """There is no time left to ask the rest."""


class Inquiry:
    """One failed check of one submission: which of the bank's mistakes explains it?

    Every run of the submission starts from a freshly loaded module, so that what one keeps between
    calls counts. Its clock runs while it is asked, and stands still while our own sources are.

    Args:
        bank: the kata's misconceptions, and what they answer.
        submission: whose answers to explain.
        failed: the check that it failed.
        counterexample: that check's body on the case that failed.
        passed: names of the checks that it passed. A misconception that one of them catches, on
            every seed, is not what it made.
    """

    def __init__(
        self,
        bank: Bank,
        submission: Conversation,
        failed: Check,
        counterexample: Body | None,
        *,
        passed: Container[str] = (),
    ) -> None:
        self._bank = bank
        self._submission = submission
        self._failed = failed
        self._main = bank.main_of_its_kind(failed)
        self._counterexample = counterexample
        self._passed = passed
        self._answers: dict[tuple[tuple[Body, ...], bool], list[Transcript]] = {}
        self._in_time: Callable[[], bool] = lambda: True
        self._candidates = [
            item for item in bank.kata.misconceptions if item.caught_by not in passed
        ]
        # What a check behind this one catches has passed this one; with another, it may be there.
        behind = _behind(failed, bank.checks)
        self._alone = [item for item in self._candidates if item.caught_by not in behind]

    def explains(self, told: Diagnosis) -> bool:
        """Whether the submission's answers match what was told of another check here too.

        One mistake that explains two failures is likelier than two.
        """
        fitting, _ = self._fitting([item for item in self._alone if item.id == told.id])
        return bool(fitting) and self._agrees_in_all(fitting)

    def one(self) -> Diagnosis | None:
        """The misconception that the submission's answers match, or None."""
        left, telling = self._fitting(self._alone)
        if left and not self._agrees_in_all(left):
            left, telling = self._seen_at_work(left), False
        if not left:
            left, telling = self._written_apart(self._alone), True
        if not left:
            left, telling = self._made_where_asked(), False
        if not left:
            left, telling = self._same_form(), False
        if not left:
            left, telling = self._refusing_alike(), False
        if not left or any(not _alike(left[0], other) for other in left):
            return None
        return _diagnosis(left[0], partial=not telling)

    def two(self, in_time: Callable[[], bool]) -> Diagnosis | None:
        """The two misconceptions that the submission's answers match together, or None.

        One alone, where it could be together with several. For where no single one does.
        `grader.judge.pairs` says which pairs are asked. Where there was no time to ask all, None:
        one that was not asked may do the same.

        Args:
            in_time: whether there is time left to look.
        """
        self._in_time = in_time
        try:
            return self._two()
        except _OutOfTimeError:
            return None
        finally:
            self._in_time = lambda: True

    def _two(self) -> Diagnosis | None:
        pairs = [] if self._failed.trains else self._pairs()
        self._bank.keep_pairs(pairs)
        left, telling = self._fitting(pairs)
        if left and (near := [*self._near(left)]):  # other checks may tell them apart
            self._bank.keep_pairs([*pairs, *near])
            left, telling = self._fitting([*left, *near])
        if not left or not self._agrees_in_all(left):
            left, telling = self._written_apart(pairs), True
        if not left:
            return None
        both = [one for pair in left for one in (pair.first, pair.second)]
        alone, _ = self._fitting(both)
        if alone and self._agrees_in_all(alone):
            return None  # one of the two does it all; it has a double, or it would have been told
        # Two pairs may be one and the same function. Then only what both hold is known.
        shared = [
            _diagnosis(one, partial=not telling)
            for one in (left[0].first, left[0].second)
            if all(_alike(one, other.first) or _alike(one, other.second) for other in left)
        ]
        return replace(shared[0], second=shared[1] if shared[1:] else None) if shared else None

    def begun(self, in_time: Callable[[], bool]) -> Diagnosis | None:
        """The misconception whose wrong value is the submission's first wrong one, or None.

        For where no mistake or pair explains the answers: beside it there is one without a name.
        Several cases have to say so, and nothing that the misconception leaves out is made.

        Args:
            in_time: whether there is time left to look.
        """
        self._in_time = in_time
        try:
            return None if self._failed.trains else self._begun_alike()
        except _OutOfTimeError:
            return None
        finally:
            self._in_time = lambda: True

    # -- answers -----------------------------------------------------------------------------------

    def _fitting(self, left: list[Candidate]) -> tuple[list[Candidate], bool]:
        """Those that answer as the submission does and the solution does not.

        Returns:
            These, and whether they stand on more than a few times yes or no.
        """
        failed = self._failed
        if not left or failed.trains:
            return [], False
        if self._observed_as_it_should_be:  # so its answers must be what is not
            left, differs, telling = self._alike_in_the_failed(left, observing=False)
            left = self._alike_in_the_failed(left).left if left else left
        else:
            left, differs, telling = self._alike_in_the_failed(left)
        if not (left and differs):
            return [], False
        for check in self._bank.checks:  # others may tell apart what this one cannot
            if len(left) > 1 and check is not failed and not check.trains:
                bodies = self._bodies(check, MORE_CASES)
                if self._bank.all_alike(left, check, len(bodies)):
                    continue
                narrowed, _, much = self._narrow(left, check, bodies)
                left = narrowed or left
                telling = telling or (bool(narrowed) and much)
        if len(left) > 1 and self._bank.observes(failed):  # too coarse, it may be, for neighbours
            closer, _, much = self._alike_in_the_failed(left, observing=False)
            left, telling = closer or left, telling or (bool(closer) and much)
        return left, telling

    @cached_property
    def _observed_as_it_should_be(self) -> bool:
        """Whether the failed check observes, and nothing of it tells the submission apart.

        To ask all of ours for it would take as long as to ask them for their answers.
        """
        bank, failed = self._bank, self._failed
        if failed.trains or not bank.observes(failed):
            return False
        one = [] if self._counterexample is None else [self._counterexample]
        for bodies, fresh in ((self._bodies(failed), True), (one, False)):
            right = bank.answers(SOLUTION, bodies, failed, fresh=fresh)
            if not all(map(same_transcript, self._asked(bodies), right)):
                return False
        return True

    def _alike_in_the_failed(
        self, left: list[Candidate], *, observing: bool = True
    ) -> Narrowed[Candidate]:
        """Those that answer the failed check as the submission does."""
        differs = telling = False
        # Fresh cases first: what ours answer to those is kept, so that with a class' second
        # submission only the few that still stand are asked about the case that failed.
        for bodies, fresh in (
            (self._bodies(self._failed), True),
            ([self._counterexample] if self._counterexample is not None else [], False),
        ):
            left, different, much = self._narrow(
                left, self._failed, bodies, fresh=fresh, observing=observing
            )
            differs, telling = differs or different, telling or much
            if not left:
                break
        return Narrowed(left, differs, telling)

    def _agrees_in_all(self, left: list[Candidate]) -> bool:
        """Whether one of them answers the kata's main check as the submission does, too.

        Another mistake may show there.
        """
        if self._main is self._failed:
            return True
        return bool(self._narrow(left, self._main, self._bodies(self._main, MORE_CASES)).left)

    def _narrow(
        self,
        candidates: list[Candidate],
        check: Check,
        bodies: list[Body],
        *,
        fresh: bool = True,
        observing: bool = True,
    ) -> Narrowed[Candidate]:
        """Those that answer as the submission does.

        All are first asked no further than to the first case that tells the submission from the
        solution: few survive it.

        Args:
            candidates: the misconceptions, or pairs, that are left.
            check: whose bodies these are.
            bodies: what to ask.
            fresh: they are the bank's own cases.
            observing: False compares answers even where the check observes.
        """
        theirs = self._asked(bodies, observing=observing)

        def ours(name: str, bodies: list[Body]) -> list[Transcript]:
            self._look_at_the_time()
            return self._bank.answers(name, bodies, check, fresh=fresh, observing=observing)

        right = ours(SOLUTION, bodies)
        same = [same_transcript(a, b) for a, b in zip(theirs, right, strict=True)]
        differs = not all(same)
        left = candidates
        if differs and fresh and isinstance(next(iter(left), None), Pair):
            first = same.index(False)  # nothing is kept of most of them, and few survive it
            said = partial(self._alone_asked, bodies[first], check, observing=observing)
            left = [item for item in left if same_transcript(theirs[first], said(item.id))]
        for count in _counts(same):
            left = [
                item
                for item in left
                if all(map(same_transcript, theirs, ours(item.id, bodies[:count])))
            ]
        telling = any(is_telling(a) for a, alike in zip(theirs, same, strict=True) if not alike)
        return Narrowed(left, bool(left) and differs, telling)

    def _alone_asked(
        self, body: Body, check: Check, name: str, *, observing: bool = True
    ) -> Transcript:
        """What one of ours answers to a single body, which is not kept."""
        self._look_at_the_time()
        [said] = self._bank.answers(name, [body], check, fresh=False, observing=observing)
        return said

    def _same_form(self) -> list[Misconception]:
        """Those that go wrong in form in the same cases and in the same way as the submission.

        Only where it has answered something: what always fails may have many causes. And a mistake
        that spoils what the submission answers rightly is another one.
        """
        failed = self._failed
        left: list[Misconception] = []
        if failed.trains:
            return left
        for check in (failed, *(one for one in self._bank.checks if one is not failed)):
            if check is not failed and (len(left) < 2 or check.trains):
                continue
            bodies = self._bodies(check, CASES if check is failed else MORE_CASES)
            asked = self._asked(bodies)
            theirs = [in_form(said) for said in asked]
            right = self._bank.forms(SOLUTION, bodies, check)
            answered = any(said.kind == "answer" for each in asked for said in each)
            if check is failed and (theirs == right or not answered):
                return []
            same = self._alone if check is failed else left
            for count in _counts([a == b for a, b in zip(theirs, right, strict=True)]):
                same = [
                    item
                    for item in same
                    if self._bank.forms(item.id, bodies[:count], check) == theirs[:count]
                ]
            same = [
                item
                for item in same
                if not any(
                    map(
                        spoils,
                        self._bank.answers(item.id, bodies, check),
                        asked,
                        self._bank.answers(SOLUTION, bodies, check),
                    )
                )
            ]
            left = same if check is failed else same or left
        return left

    def _refusing_alike(self) -> list[Misconception]:
        """Those that leave out the same errors as the submission, whatever they answer there.

        What code makes of an input that it should have refused depends on how it is written. What
        it makes of the case that failed has to be of one kind: an answer, or an error of one type.
        Where nothing is refused as it should be, that tells no mistake from another.
        """
        failed = self._failed
        if failed.trains or self._counterexample is None or self._bank.observes(failed):
            return []
        case, bodies = [self._counterexample], self._bodies(failed)

        def ours(name: str, bodies: list[Body], *, fresh: bool = True) -> list[Kinds]:
            return [*map(_kinds, self._bank.answers(name, bodies, failed, fresh=fresh))]

        [theirs], [right] = map(_kinds, self._asked(case)), ours(SOLUTION, case, fresh=False)
        differs = (n for n, (a, b) in enumerate(zip(theirs, right, strict=False)) if a != b)
        first = next(differs, None)
        if first is None or right[first] == ANSWER:
            return []
        wanted = ours(SOLUTION, bodies)
        refused = _refused([*map(_kinds, self._asked(bodies))], wanted)
        errors = (zip(*two, strict=False) for two in zip(wanted, refused, strict=True))
        if not any(well and kind != ANSWER for each in errors for kind, well in each):
            return []
        return [
            item
            for item in self._alone
            if item.caught_by == failed.name
            and ours(item.id, case, fresh=False)[0][: first + 1] == theirs[: first + 1]
            and _refused(ours(item.id, bodies), wanted) == refused
        ]

    def _written_apart(self, candidates: Sequence[Candidate]) -> list[Candidate]:
        """Those that it made in some functions, and not in others that share their code with us.

        Only where answers are compared, and only those that the failed check catches.
        """
        checks = dict.fromkeys((self._failed, self._main))
        caught_here = [item for item in candidates if self._failed.name in _caught_by(item)]
        if not caught_here or any(one.trains or self._bank.observes(one) for one in checks):
            return []
        bodies = {check: self._bodies(check, MORE_CASES) for check in checks}
        theirs = {check: self._asked(each) for check, each in bodies.items()}

        def compared(name: str, check: Check, count: int = MORE_CASES) -> list[SideBySide]:
            answers = self._bank.answers(name, bodies[check][:count], check)
            right = self._bank.answers(SOLUTION, bodies[check], check)
            return list(zip(answers, theirs[check], right, strict=False))

        failed = self._failed
        same = [same_transcript(said, wanted) for _, said, wanted in compared(SOLUTION, failed)]
        first = _counts(same)[0]
        if not all(same) and isinstance(caught_here[0], Pair):
            _, said, wanted = compared(SOLUTION, failed)[first - 1]
            ask = partial(self._alone_asked, bodies[failed][first - 1], failed)
            caught_here = [
                item for item in caught_here if may_be_apart([(ask(item.id), said, wanted)])
            ]
        return [
            item
            for item in caught_here
            if may_be_apart(compared(item.id, failed, first))
            and is_written_apart([one for each in checks for one in compared(item.id, each)])
        ]

    def _made_where_asked(self) -> list[Misconception]:
        """Those that it made in what the seed picked, whatever it says to the rest of the pool.

        A mistake of ours spoils every answer of a pool, so that every seed finds it. Whoever makes
        it may know better in the others, or make another one there.
        """
        failed = self._failed
        if not failed.picks or failed.trains or self._counterexample is None:
            return []
        asked = [self._counterexample]
        [theirs] = self._asked(asked)

        def answer(name: str) -> Transcript:
            return self._bank.answers(name, asked, failed, fresh=False)[0]

        if same_transcript(theirs, answer(SOLUTION)):
            return []
        here = [item for item in self._alone if item.caught_by == failed.name]
        return [item for item in here if same_transcript(theirs, answer(item.id))]

    # -- what is made on the way -------------------------------------------------------------------

    def _pairs(self) -> list[Pair]:
        """The pairs that are worth asking, by what the submission makes on its way."""
        begun = self._begun_as_observed()
        # A check that sets most of the weights to 0 makes wrong values that are right elsewhere.
        for check in (self._main, self._failed):
            if not any(one.shown or one.shared for one in begun):
                begun = self._begun(check)
        others = {item.id for item in self._candidates if self._bank.shows_in(self._failed, item)}
        return [*islice(pairs_of(begun, others, self._bank.rights), MOST_PAIRS)]

    def _near(self, pairs: Sequence[Pair]) -> Iterator[Pair]:
        """Pairs in which one of the two is another one that the failed check cannot tell from it.

        There are too many pairs to ask all of them, so these may not have been among them.
        """
        bodies = self._bodies(self._failed)
        right = self._bank.answers(SOLUTION, bodies, self._failed)
        counts = _counts([*map(same_transcript, self._asked(bodies), right)])
        known = {pair.id for pair in pairs}
        for pair in pairs:
            for kept, changed in ((pair.first, pair.second), (pair.second, pair.first)):
                for item in self._candidates:
                    if item in (kept, changed) or not self._answer_alike(item, changed, counts):
                        continue
                    made = both_edited(kept, item, self._bank.rights)
                    if made is not None and (near := Pair(*made)).id not in known:
                        known.add(near.id)
                        yield near

    def _answer_alike(self, one: Misconception, other: Misconception, counts: list[int]) -> bool:
        """Whether two misconceptions answer the failed check alike, first in so many cases."""
        self._look_at_the_time()
        for count in counts:
            bodies = self._bodies(self._failed)[:count]
            each = (self._bank.answers(item.id, bodies, self._failed) for item in (one, other))
            if not all(map(same_transcript, *each)):
                return False
        return True

    def _begun(self, check: Check) -> list[Begun]:
        """What of each misconception is seen in what the submission makes; empty if it is right."""
        found = self._made(check)
        if found is None:
            return []
        number, log, made = found
        if self._takes_long(check, number, self._candidates):
            return []
        right = answers_of(self._bank.rights_traced(check, self._bodies(check)[number], number)[0])
        theirs, rounding = answers_of(log), self._bank.rounding(check)
        marks = self._bank.marks(self._candidates, check, number)
        return [
            Begun(
                item,
                mark.parts(right, rounding),
                mark.shared_with(theirs, right, rounding),
                mark.shown_in(made),
                mark.kept_in(made),
            )
            for item in self._candidates
            for mark in (marks[item.id],)
        ]

    def _begun_as_observed(self) -> list[Begun]:
        """What of each misconception is seen in what the failed check observes.

        For submissions that compute nothing, but return weights, say.
        """
        if not self._bank.observes(self._failed):
            return []
        differing = []
        for number, body in enumerate(self._bodies(self._failed)):
            [said] = self._asked([body])

            def ours(name: str, count: int = number + 1) -> Transcript:
                self._look_at_the_time()
                bodies = self._bodies(self._failed)[:count]
                return self._bank.answers(name, bodies, self._failed)[-1]

            right = ours(SOLUTION)
            if not same_transcript(said, right):
                differing.append(
                    [
                        begun_as_observed(item, ours(item.id), said, right)
                        for item in self._candidates
                    ]
                )
            if len(differing) == ENOUGH_CASES:
                break
        return [*map(begun_in_all, zip(*differing, strict=True))]

    def _seen_at_work(self, left: list[Misconception]) -> list[Misconception]:
        """Those that the submission may have made although the main check speaks against them.

        There may be another mistake besides. But a wrong value of the one must be there, and no
        right value that it leaves out, but for what may be made by chance.
        """
        found = self._made(self._main)
        if found is None:
            return [item for item in left if self._observed_of(item)]
        number, _, made = found
        marks = self._bank.marks(left, self._main, number)
        return [
            item
            for item in left
            if (marks[item.id].shown_in(made) or not marks[item.id].wrong)
            and marks[item.id].kept_in(made) <= len(marks[item.id].left_out) / ONE_BY_CHANCE_IN
            and (any(marks[item.id]) or self._observed_of(item))
        ]

    def _begun_alike(self) -> Diagnosis | None:
        for check in dict.fromkeys((self._main, self._failed)):
            bodies, left, seen = self._bodies(check, MORE_CASES), self._candidates, 0
            rounding = self._bank.rounding(check)
            for number in self._bank.telling_first(check, [*range(len(bodies))]):
                if self._takes_long(check, number, left):
                    continue
                with self._submission.clock.running():
                    log = traced(bodies[number], self._reloaded())
                theirs = self._departure(log, check, number)
                if theirs is None:
                    continue
                marks = self._bank.marks(left, check, number)
                left = [
                    item
                    for item in left
                    if theirs.made in Entries(marks[item.id].wrong, rounding)
                    and (its := self._departure_of(item, check, number)) is not None
                    and theirs.shows(its, rounding)
                ]
                if not left:
                    break
                seen += 1
            if seen >= ENOUGH_DEPARTURES and all(_told_alike(left[0], other) for other in left):
                return _diagnosis(left[0], partial=True)
        return None

    def _takes_long(self, check: Check, number: int, items: Sequence[Misconception]) -> bool:
        """Whether some misconceptions cannot all be traced in a case."""
        steps = self._bank.steps(check, number)
        return steps > MOST_STEPS_OF_ONE or steps * len(items) > MOST_STEPS

    def _departure_of(self, item: Misconception, check: Check, number: int) -> Departure | None:
        self._look_at_the_time()
        return self._departure(self._bank.traced(item, check, number), check, number)

    def _departure(self, log: Sequence[Exchange], check: Check, number: int) -> Departure | None:
        """Where a case of ours, asked and traced, leaves the right answers."""
        found = beside_right_ones(self._bank, log, check, self._bodies(check)[number], number)
        return departure(found) if found else None

    def _observed_of(self, item: Misconception) -> bool:
        """Whether what the main check observes doesn't speak against a misconception.

        It does where most of what the misconception makes wrong is wrong here in another way, and
        the check has not been passed. For where no trace tells more: NumPy and Python's numbers
        leave none.
        """
        if self._main.name in self._passed or not self._bank.observes(self._main):
            return True
        bodies = self._bodies(self._main, MORE_CASES)
        each = zip(
            self._bank.answers(item.id, bodies, self._main),
            self._asked(bodies),
            self._bank.answers(SOLUTION, bodies, self._main),
            strict=True,
        )
        begun = [begun_as_observed(item, *three) for three in each]
        wrong = sum(len(one.parts) for one in begun)
        wrong_alike_or_right = sum(len(one.shared) + one.kept for one in begun)
        return 2 * wrong_alike_or_right >= wrong

    def _made(self, check: Check) -> tuple[int, list[Exchange], Entries] | None:
        """What the submission answers and makes in a case of ours that it gets wrong."""
        bodies = self._bodies(check, MORE_CASES)
        observing = not self._bank.observes(check)  # where it does not, it was asked before
        theirs = self._asked(bodies, observing=observing)
        right = self._bank.answers(SOLUTION, bodies, check, observing=observing)
        same = map(same_transcript, theirs, right)
        wrong = [number for number, alike in enumerate(same) if not alike]
        for number in self._bank.telling_first(check, wrong):
            body = bodies[number]
            with self._submission.clock.running():
                log = traced(body, self._reloaded())
            rights = self._bank.rights_traced(check, body, number)
            rounding = self._bank.rounding(check)
            if first_difference(log, rights, rounding) is not None:
                made = (value for one in log for value in values_of(one))
                return number, log, Entries(made, rounding)
        return None

    def _look_at_the_time(self) -> None:
        """To be called before one of ours is asked.

        Raises:
            _OutOfTimeError: the time for looking is over.
        """
        if not self._in_time():
            raise _OutOfTimeError

    def _bodies(self, check: Check, count: int = CASES) -> list[Body]:
        return self._bank.bodies(check)[:count]

    def _asked(self, bodies: list[Body], *, observing: bool = True) -> list[Transcript]:
        """What the submission answers, in its own time. It is asked the same once."""
        asked = (*bodies,), observing
        if asked not in self._answers:
            with self._submission.clock.running():
                self._answers[asked] = recorded(bodies, self._reloaded, observing=observing)
        return self._answers[asked]

    def _reloaded(self) -> Conversation:
        self._submission.reload()
        return self._submission


def ruled_out(
    misconceptions: Sequence[Misconception], diagnosis: Diagnosis, passed: Container[str]
) -> bool:
    """Whether a check that always catches what is told, or one of both, has been passed."""
    named = {diagnosis.id, diagnosis.second.id if diagnosis.second else diagnosis.id}
    return any(item.id in named and item.caught_by in passed for item in misconceptions)


def _diagnosis(item: Misconception, *, partial: bool) -> Diagnosis:
    return Diagnosis(item.id, item.title, item.message.strip(), partial)


def _behind(failed: Check, checks: Sequence[Check]) -> set[str]:
    """Names of the checks that are run only where this one has been passed."""
    behind = {failed.name}
    for check in checks:  # none comes before one that it names
        if not behind.isdisjoint(check.after):
            behind.add(check.name)
    return behind - {failed.name}


def _counts(same: Sequence[bool]) -> list[int]:
    """How many cases to ask at first, and then: no further than to the first that tells, and all.

    Few survive the first, so that most are asked about few cases.

    Args:
        same: case by case, whether the submission answers as the solution does.
    """
    differs = not all(same)
    return sorted({same.index(False) + 1 if differs else len(same), len(same)})


def _kinds(said: Transcript) -> Kinds:
    """Question by question the kind and type of an error; of an answer no more than that it is."""
    return [one.values[:2] if one.kind == "error" else one.kind for one in said]


def _refused(kinds: list[Kinds], wanted: list[Kinds]) -> list[list[bool]]:
    """Question by question whether what has to be refused is, and nothing else."""
    pairs = zip(kinds, wanted, strict=True)
    return [[a == b for a, b in zip(one, right, strict=False)] for one, right in pairs]


def _caught_by(item: Misconception | Pair) -> set[str]:
    both = (item.first, item.second) if isinstance(item, Pair) else (item,)
    return {one.caught_by for one in both}


def _told_alike(one: Misconception, other: Misconception) -> bool:
    return _alike(one, other) or one.title == other.title


def _alike(one: Misconception, other: Misconception) -> bool:
    return one is other or other.id in one.aliases or one.id in other.aliases
