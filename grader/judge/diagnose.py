"""Diagnosis: which mistake it is.

A failing check's body is run on fresh cases, and on the case that failed, against the submission,
the reference solution and every misconception of the kata. A submission whose transcripts equal
those of exactly one misconception, and not those of the solution, is told which mistake it made;
where there is none, one that equals two of them together is told both.

Transcripts of solutions and misconceptions are kept for the life of the bank: in a class, they cost
nothing from the second submission on. Of pairs, of which there are thousands, those that were asked
last are kept.
"""

from collections.abc import Callable, Container, Sequence
from itertools import islice
from typing import Any, Generic, NamedTuple, TypeVar

from msgspec.structs import replace

from grader.checks.check import NO_LIMITS, Check, CheckLimits, derive
from grader.checks.compare import CheckFailed
from grader.checks.submission import Body, SubmissionError
from grader.course.kata import Kata
from grader.course.misconceptions import Misconception, mutant_source
from grader.judge.conversation import Conversation, Exchange
from grader.judge.mishaps import LoadFailedError, Stopped
from grader.judge.pairs import MOST_PAIRS, Begun, Pair, Traces, answers_of, pairs_of, traces_of
from grader.judge.suspect import (
    Compared,
    Entries,
    Suspicion,
    first_difference,
    most_agreed,
    values_of,
)
from grader.judge.transcript import (
    Said,
    Transcript,
    in_form,
    is_telling,
    same_transcript,
    transcript,
)
from grader.sandbox.sandbox import Sandbox
from grader.sandbox.tries import tries
from grader.verdict import Diagnosis, Status

KEPT_PAIRS = 2 * MOST_PAIRS
"""Of how many pairs the transcripts are kept. A class makes few pairs often, and most once."""
CASES = 12
MORE_CASES = 6
TRACED_CASES = 2
SOLUTION = ""


def _record(
    bodies: Sequence[Body], load: Callable[[], Conversation], *, observing: bool = True
) -> list[Transcript]:
    """The transcripts of some bodies, in order, on a freshly loaded module.

    Once more if the worker went down: it may have been killed from outside.
    """
    for again in tries():
        try:
            conversation = load()
            answers = [transcript(body, conversation, observing=observing) for body in bodies]
        except (LoadFailedError, Stopped) as error:
            answers = [(Said("stopped", error.status.value),) for _ in bodies]
        ends = {answer[-1].values for answer in answers if answer and answer[-1].kind == "stopped"}
        if not (again and ends & {Status.CRASHED.value, Status.INTERNAL_ERROR.value}):
            break
    return answers


def traced(body: Body, conversation: Conversation) -> list[Exchange]:
    """What is asked and answered in a body, each call with its trace."""
    conversation.tracing = True
    try:
        transcript(body, conversation)
    finally:
        conversation.tracing = False
    return list(conversation.log)


def _fresh(submission: Conversation) -> Conversation:
    submission.reload()
    return submission


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


class Bank:
    """The solution and the misconceptions of one kata, ready to be asked.

    Args:
        kata: whose they are.
        sandbox: they run there too, in a worker of their own.
        checks: the kata's checks.

    Its cases do not depend on the seed of a grading, so that one bank serves every seed.
    """

    def __init__(self, kata: Kata, sandbox: Sandbox, checks: Sequence[Check]) -> None:
        self.kata = kata
        self._sandbox = sandbox
        self._checks = checks
        self._sources: dict[str, bytes] = {SOLUTION: kata.solution.read_bytes()}
        self._rights = [SOLUTION, *(f"alternative {path.stem}" for path in kata.alternatives)]
        for name, path in zip(self._rights[1:], kata.alternatives, strict=True):
            self._sources[name] = path.read_bytes()
        for item in kata.misconceptions:
            self._sources[item.id] = mutant_source(item, kata.solution, kata.solutions)
        self._conversation: Conversation | None = None
        self._cases: dict[str, list[Body]] = {}
        self._kept: dict[tuple[str, str, bool], list[Transcript]] = {}
        self._pairs_kept: dict[str, None] = {}  # the one asked last comes last
        self._right_traces: dict[tuple[str, int | None], list[list[Exchange]]] = {}
        self._marks: dict[tuple[str, int], dict[str, Traces]] = {}

    def close(self) -> None:
        """End the worker."""
        if self._conversation is not None:
            self._conversation.close()
            self._conversation = None

    def diagnose(
        self,
        submission: Conversation,
        failed: Check,
        counterexample: Body | None,
        *,
        passed: Container[str] = (),
    ) -> Diagnosis | None:
        """The misconception that the submission's answers match, or None.

        Args:
            submission: whose answers to explain.
            failed: the check that it failed.
            counterexample: that check's body on the case that failed.
            passed: names of the checks that it passed. A misconception that one of them catches,
                on every seed, is not what it made.
        """
        candidates = self._candidates(passed)
        left, telling = self._fitting(candidates, submission, failed, counterexample)
        if left and not self._agrees_in_all(left, submission, failed):
            left, telling = self._seen_at_work(left, submission, failed), False
        if not left:
            left, telling = self._same_form(candidates, submission, failed), False
        if not left or any(not _alike(left[0], other) for other in left):
            return None
        return _diagnosis(left[0], partial=not telling)

    def _same_form(
        self, candidates: list[Misconception], submission: Conversation, failed: Check
    ) -> list[Misconception]:
        """Those that go wrong in form in the same cases and in the same way as the submission.

        Only where it has answered something: what always fails may have many causes.
        """
        left: list[Misconception] = []
        if failed.trains:
            return left
        for check in (failed, *(one for one in self._checks if one is not failed)):
            if check is not failed and (len(left) < 2 or check.trains):
                continue
            bodies = self._bodies(check)[: CASES if check is failed else MORE_CASES]
            asked = _record(bodies, lambda: _fresh(submission))
            theirs = [in_form(said) for said in asked]
            with submission.clock.paused():
                right = self._forms(SOLUTION, bodies, check)
                answered = any(said.kind == "answer" for each in asked for said in each)
                if check is failed and (theirs == right or not answered):
                    return []
                among = candidates if check is failed else left
                same = [item for item in among if self._forms(item.id, bodies, check) == theirs]
            left = same if check is failed else same or left
        return left

    def _forms(self, source: str, bodies: list[Body], check: Check) -> list[Any]:
        return [in_form(said) for said in self._transcripts(source, bodies, check, fresh=True)]

    def diagnose_two(
        self,
        submission: Conversation,
        failed: Check,
        counterexample: Body | None,
        *,
        passed: Container[str] = (),
    ) -> Diagnosis | None:
        """The two misconceptions that the submission's answers match together, or None.

        One alone, where it could be together with several. For where no single one does.
        `grader.judge.pairs` says which pairs are asked; arguments as for `diagnose`.
        """
        pairs = [] if failed.trains else self._pairs(submission, failed, self._candidates(passed))
        self._keep_pairs(pairs)
        left, telling = self._fitting(pairs, submission, failed, counterexample)
        if not left or not self._agrees_in_all(left, submission, failed):
            return None
        both = [one for pair in left for one in (pair.first, pair.second)]
        alone, _ = self._fitting(both, submission, failed, counterexample)
        if alone and self._agrees_in_all(alone, submission, failed):
            return None  # one of the two does it all; it has a double, or it would have been told
        # Two pairs may be one and the same function. Then only what both hold is known.
        shared = [
            _diagnosis(one, partial=not telling)
            for one in (left[0].first, left[0].second)
            if all(_alike(one, other.first) or _alike(one, other.second) for other in left)
        ]
        return replace(shared[0], second=shared[1] if shared[1:] else None) if shared else None

    def _keep_pairs(self, pairs: Sequence[Pair]) -> None:
        """Get pairs ready to be asked, and forget those that have not been asked for longest."""
        for pair in pairs:
            self._sources[pair.id] = pair.source
            self._pairs_kept.pop(pair.id, None)
            self._pairs_kept[pair.id] = None
        for name in [*self._pairs_kept][: -max(KEPT_PAIRS, len(pairs))]:
            del self._pairs_kept[name], self._sources[name]
            for check in self._checks:
                for observing in (True, False):
                    self._kept.pop((name, check.name, observing), None)

    def ruled_out(self, diagnosis: Diagnosis, passed: Container[str]) -> bool:
        """Whether a check that always catches it, or one of both, has been passed."""
        named = {diagnosis.id, diagnosis.second.id if diagnosis.second else diagnosis.id}
        return any(
            item.id in named and item.caught_by in passed for item in self.kata.misconceptions
        )

    def _candidates(self, passed: Container[str]) -> list[Misconception]:
        return [item for item in self.kata.misconceptions if item.caught_by not in passed]

    def _pairs(
        self, submission: Conversation, failed: Check, candidates: list[Misconception]
    ) -> list[Pair]:
        """The pairs that are worth asking, by what the submission makes on its way."""
        # A check that sets most of the weights to 0 makes wrong values that are right elsewhere.
        begun = self._begun(submission, self._main(failed), candidates)
        if not any(one.shown or one.shared for one in begun):
            begun = self._begun(submission, failed, candidates)
        solution = self._sources[SOLUTION].decode()
        others = {item.id for item in candidates if self._shows_in(failed, item)}
        return [*islice(pairs_of(begun, others, solution), MOST_PAIRS)]

    def _shows_in(self, check: Check, item: Misconception) -> bool:
        """Whether a misconception by itself is seen in one of a check's first cases."""
        for count in (1, TRACED_CASES, MORE_CASES):  # most are seen in the first
            bodies = self._bodies(check)[:count]
            right, its = (
                self._transcripts(name, bodies, check, fresh=True) for name in (SOLUTION, item.id)
            )
            if not all(map(same_transcript, right, its)):
                return True
        return False

    def _begun(
        self, submission: Conversation, check: Check, candidates: list[Misconception]
    ) -> list[Begun]:
        """What of each misconception is seen in what the submission makes; empty if it is right."""
        found = self._made(submission, check)
        if found is None:
            return []
        number, log, made = found
        right = answers_of(self._rights_traced(check, self._bodies(check)[number], number)[0])
        theirs = answers_of(log)
        marks = self._marks_of(candidates, check, number)
        return [
            Begun(
                item,
                mark.parts(right),
                mark.shared_with(theirs, right),
                mark.shown_in(made),
                mark.kept_in(made),
            )
            for item in candidates
            for mark in (marks[item.id],)
        ]

    def _seen_at_work(
        self, left: list[Misconception], submission: Conversation, failed: Check
    ) -> list[Misconception]:
        """Those that the submission may have made although the main check speaks against them.

        There may be another mistake besides. But a wrong value of the one must be there, and no
        right value that it leaves out.
        """
        main = self._main(failed)
        found = self._made(submission, main)
        if found is None:
            return left
        number, _, made = found
        marks = self._marks_of(left, main, number)
        return [
            item
            for item in left
            if (marks[item.id].shown_in(made) or not marks[item.id].wrong)
            and not marks[item.id].kept_in(made)
        ]

    def _made(
        self, submission: Conversation, check: Check
    ) -> tuple[int, list[Exchange], Entries] | None:
        """What the submission answers and makes in a case of ours that it gets wrong.

        The first cases are the smallest, and show least.
        """
        for number, body in reversed([*enumerate(self._bodies(check)[:MORE_CASES])]):
            log = traced(body, _fresh(submission))
            with submission.clock.paused():
                if first_difference(log, self._rights_traced(check, body, number)[0]) is not None:
                    return number, log, Entries(v for one in log for v in values_of(one))
        return None

    def _marks_of(
        self, candidates: list[Misconception], check: Check, number: int
    ) -> dict[str, Traces]:
        """For misconceptions, what they make and leave out in a case of ours; kept."""
        kept = self._marks.setdefault((check.name, number), {})
        missing = [item for item in candidates if item.id not in kept]
        if missing:
            body = self._bodies(check)[number]
            rights = self._rights_traced(check, body, number)
            right = Entries(value for log in rights for one in log for value in values_of(one))
            for item in missing:
                try:
                    log = traced(body, self._ours(item.id, check.limits))
                except (Stopped, LoadFailedError):
                    log = []
                kept[item.id] = traces_of(log, rights[0], right)
        return kept

    def _fitting(
        self,
        left: list[Candidate],
        submission: Conversation,
        failed: Check,
        counterexample: Body | None,
    ) -> tuple[list[Candidate], bool]:
        """Those that answer as the submission does and the solution does not.

        Returns:
            These, and whether they stand on more than a few times yes or no.
        """
        if not left or failed.trains:
            return [], False
        left, differs, telling = self._alike_in(failed, left, submission, counterexample)
        if left and not differs and self._observes(failed):
            # What the check observes is as it should be, so its answers must be what is not.
            left, differs, telling = self._alike_in(
                failed, left, submission, counterexample, observing=False
            )
        if not (left and differs):
            return [], False
        for check in self._checks:  # other checks may tell apart what this one cannot
            if len(left) > 1 and check is not failed and not check.trains:
                bodies = self._bodies(check)[:MORE_CASES]
                narrowed, _, much = self._narrow(left, submission, check, bodies)
                left = narrowed or left
                telling = telling or (bool(narrowed) and much)
        if len(left) > 1 and self._observes(failed):  # too coarse, it may be, for neighbours
            closer, _, much = self._alike_in(
                failed, left, submission, counterexample, observing=False
            )
            left, telling = closer or left, telling or (bool(closer) and much)
        return left, telling

    def _alike_in(
        self,
        failed: Check,
        left: list[Candidate],
        submission: Conversation,
        counterexample: Body | None,
        *,
        observing: bool = True,
    ) -> Narrowed[Candidate]:
        """Those that answer a failed check as the submission does.

        Args:
            failed: the check.
            left: the misconceptions, or pairs of them, that are left.
            submission: whose answers to explain.
            counterexample: the body on the case that failed.
            observing: False compares answers even where the check observes.
        """
        differs = telling = False
        # Fresh cases first: what ours answer to those is kept, so that with a class' second
        # submission only the few that still stand are asked about the case that failed.
        for bodies, fresh in (
            (self._bodies(failed), True),
            ([counterexample] if counterexample is not None else [], False),
        ):
            left, different, much = self._narrow(
                left, submission, failed, bodies, fresh=fresh, observing=observing
            )
            differs, telling = differs or different, telling or much
            if not left:
                break
        return Narrowed(left, differs, telling)

    def _observes(self, check: Check) -> bool:
        """Whether a check says what it sees, so that its answers themselves are not compared."""
        said = self._transcripts(SOLUTION, self._bodies(check), check, fresh=True)
        return any(one.kind == "observed" for each in said for one in each)

    def _agrees_in_all(
        self, left: list[Candidate], submission: Conversation, failed: Check
    ) -> bool:
        """Whether one of them answers the kata's main check as the submission does, too.

        Another mistake may show there.
        """
        main = self._main(failed)
        if main is failed:
            return True
        return bool(self._narrow(left, submission, main, self._bodies(main)[:MORE_CASES]).left)

    def suspect(
        self, submission: Conversation, failed: Check, counterexample: Body
    ) -> Suspicion | None:
        """The operation at which the submission's values leave those of every right answer.

        Args:
            submission: whose answers are wrong.
            failed: the check that it failed.
            counterexample: that check's body on the case that failed.
        """
        main = self._main(failed)
        for check, bodies, fresh in (
            (main, self._bodies(main)[:TRACED_CASES], True),
            (failed, self._bodies(failed)[:TRACED_CASES], True),
            (failed, [counterexample], False),
        ):
            compared = (
                self._compared(submission, check, body, number if fresh else None)
                for number, body in enumerate(bodies)
            )
            found = [one for each in compared if each and (one := each.suspicion())]
            if found:
                return most_agreed(found)
        return None

    def compared(self, submission: Conversation, check: Check) -> Compared | None:
        """A call whose answer is wrong, beside the right ones; of the first case that has one."""
        for asked in (self._main(check), check):
            for number, body in enumerate(self._bodies(asked)[:MORE_CASES]):
                found = self._compared(submission, asked, body, number)
                if found is not None:
                    return found
        return None

    def _main(self, failed: Check) -> Check:
        """What the whole kata is about: the check with the most points.

        A check that sets most of the weights to 0 knows too many values.
        """
        checks = (check for check in self._checks if not check.trains)
        return max(checks, key=lambda check: check.points, default=failed)

    def _compared(
        self, submission: Conversation, check: Check, body: Body, number: int | None
    ) -> Compared | None:
        """The first wrong call of a case; what our own sources answer to one of ours is kept."""
        theirs = traced(body, _fresh(submission))
        with submission.clock.paused():
            rights = self._rights_traced(check, body, number)
        place = first_difference(theirs, rights[0])
        if place is None:
            return None
        same_call = [log[place] for log in rights if place < len(log)]
        answered = [one for one in same_call if one.answer is not None]
        return Compared(theirs[place], answered, self._sources[SOLUTION].decode())

    def _rights_traced(self, check: Check, body: Body, number: int | None) -> list[list[Exchange]]:
        """The traces of right answers to a body; kept, where it is a case of ours."""
        rights = self._right_traces.get((check.name, number))
        if rights is None or number is None:
            rights = [traced(body, self._ours(name, check.limits)) for name in self._rights]
            if number is not None:
                self._right_traces[check.name, number] = rights
        return rights

    def stumbles(self, body: Body) -> bool:
        """Whether the check's own code raises on the reference solution's answers too."""
        try:
            body(self._ours(SOLUTION))
        except (CheckFailed, SubmissionError, Stopped):
            return False
        except Exception:
            return True
        return False

    def right_exchanges(self, body: Body) -> list[Exchange]:
        """What the reference solution answers where a body is run on it."""
        conversation = self._ours(SOLUTION)
        transcript(body, conversation)
        return list(conversation.log)

    def _narrow(
        self,
        candidates: list[Candidate],
        submission: Conversation,
        check: Check,
        bodies: list[Body],
        *,
        fresh: bool = True,
        observing: bool = True,
    ) -> Narrowed[Candidate]:
        """Those that answer as the submission does.

        Every run starts from a freshly loaded module, so that what one keeps between calls counts.
        All are first asked no further than to the first case that tells the submission from the
        solution: few survive it.

        Args:
            candidates: the misconceptions that are left.
            submission: whose answers to explain.
            check: whose bodies these are.
            bodies: what to ask.
            fresh: they are the bank's own cases, so that what ours answer is kept.
            observing: False compares answers even where the check observes.
        """
        theirs = _record(bodies, lambda: _fresh(submission), observing=observing)
        with submission.clock.paused():  # what ours take is no time of the submission's
            return self._narrowed(
                candidates, theirs, bodies, check, fresh=fresh, observing=observing
            )

    def _narrowed(
        self,
        candidates: list[Candidate],
        theirs: list[Transcript],
        bodies: list[Body],
        check: Check,
        *,
        fresh: bool,
        observing: bool,
    ) -> Narrowed[Candidate]:
        """See `_narrow`; `theirs` is what the submission answered."""

        def ours(name: str, bodies: list[Body]) -> list[Transcript]:
            return self._transcripts(name, bodies, check, fresh=fresh, observing=observing)

        right = ours(SOLUTION, bodies)
        same = [same_transcript(a, b) for a, b in zip(theirs, right, strict=True)]
        differs = not all(same)
        left = candidates
        for count in sorted({same.index(False) + 1 if differs else len(same), len(same)}):
            left = [
                item
                for item in left
                if all(map(same_transcript, theirs, ours(item.id, bodies[:count])))
            ]
        telling = any(is_telling(a) for a, alike in zip(theirs, same, strict=True) if not alike)
        return Narrowed(left, bool(left) and differs, telling)

    def _bodies(self, check: Check) -> list[Body]:
        if check.name not in self._cases:
            seed = derive(0, self.kata.name, f"diagnosis of {check.name}")
            self._cases[check.name] = check.cases(seed=seed, count=CASES)
        return self._cases[check.name]

    def _transcripts(
        self,
        source: str,
        bodies: list[Body],
        check: Check,
        *,
        fresh: bool,
        observing: bool = True,
    ) -> list[Transcript]:
        """What one of our own sources answers; kept, where the cases are the bank's own."""
        kept = self._kept.get((source, check.name, observing), []) if fresh else []
        if len(kept) >= len(bodies):
            return kept[: len(bodies)]
        answers = _record(bodies, lambda: self._ours(source, check.limits), observing=observing)
        if fresh:
            self._kept[source, check.name, observing] = answers
        return answers

    def _ours(self, source: str, limits: CheckLimits = NO_LIMITS) -> Conversation:
        """The worker in which our own sources run, with this one freshly loaded.

        Raises:
            LoadFailedError, Stopped: it cannot be loaded.
        """
        if self._conversation is None:
            self._conversation = Conversation(self.kata, b"", self._sandbox, trusted=True)
        self._conversation.extend(limits)
        self._conversation.reload(self._sources[source])
        return self._conversation


def _diagnosis(item: Misconception, *, partial: bool) -> Diagnosis:
    return Diagnosis(item.id, item.title, item.message.strip(), partial)


def _alike(one: Misconception, other: Misconception) -> bool:
    return one is other or other.id in one.aliases or one.id in other.aliases
