"""What is told of a check that one submission fails: where, in which case, and which mistake."""

from collections.abc import Container, Mapping
from contextlib import suppress
from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from grader.checks.check import Check
from grader.checks.compare import ArgumentModified, CheckFailed, WrongShape
from grader.checks.submission import Body, SubmissionError
from grader.course.stubs import given_lines
from grader.judge.bank import traced
from grader.judge.clock import FairClock
from grader.judge.conversation import Conversation, Exchange
from grader.judge.counterexample import counterexample
from grader.judge.diagnose import Inquiry, ruled_out
from grader.judge.entered import function_at
from grader.judge.explain import CAUSES, missing_name
from grader.judge.first_wrong import suspect
from grader.judge.mishaps import LoadFailedError, Stopped, location_of
from grader.judge.one_change import OneChange
from grader.judge.prepared import Prepared
from grader.judge.suspect import as_shown, shown_line
from grader.judge.traps import advice, cannot_be_asked
from grader.submission.notebook import Cell
from grader.text import cut, one_line
from grader.verdict import CheckResult, Counterexample, Diagnosis, Location, Status, Suspect
from grader.wire.messages import Answer, Call, Change

_UNTOLD = (Stopped, LoadFailedError, SubmissionError)
"""What a submission may do when it is asked once more; then there is nothing to tell."""
PATIENCE_S = 10.0
"""For how long two mistakes at once are looked for, by a `FairClock`, the time for one included.

A check that draws for a second may have to be asked of a hundred pairs.
"""
LONGEST_DETAIL = 2_000
"""A check may put a part of an answer into one."""
_DETAILS = ("at", "expected", "got", "difference", "allowed", "mismatched")


class Failure(NamedTuple):
    """A check that failed: why, its body on the smallest case that fails, what was said in it."""

    check: Check
    error: Exception
    body: Body
    log: list[Exchange]


class Told(Struct, frozen=True):
    """What a check's result says of its failure; see `CheckResult`."""

    status: Status
    message: str
    location: Location | None = None
    counterexample: Counterexample | None = None
    diagnosis: Diagnosis | None = None
    reason: str = ""
    suspect: Suspect | None = None


class Failures:
    """The checks that one submission fails.

    Args:
        prepared: the kata, with its bank of misconceptions.
        source: the submission's text.
        cells: a notebook's cells.

    `exchanges` holds, for each of these checks, what was said in the case that failed.
    """

    def __init__(self, prepared: Prepared, source: bytes, cells: tuple[Cell, ...] = ()) -> None:
        self.exchanges: dict[str, list[Exchange]] = {}
        self._prepared = prepared
        self._source = source
        self._bodies: dict[str, Body] = {}
        self._asked_about: set[str] = set()
        self._looked_for_two = False
        self._looking = FairClock()
        self._told: list[Diagnosis] = []
        self._in_vain: set[int] = set()
        self._one_change = OneChange(prepared, source, cells)

    def told(self, conversation: Conversation, failure: Failure, passed: Container[str]) -> Told:
        """What to tell of a failure.

        Args:
            conversation: with the submission, at the place where the check failed.
            failure: which.
            passed: names of the checks that have been passed.
        """
        check, error, body, log = failure
        status, message, location, reason = Status.FAILED, str(error), None, ""
        details: dict[str, str] = {}
        if isinstance(error, SubmissionError):
            status, message, location = conversation.explainer.failed(error)
            reason = missing_name(error)
            if check.place and (lacking := cannot_be_asked(error, check.place)):
                return Told(Status.NOT_VERIFIED, lacking, location)
            if check.place and (what_to_do := advice(error, check.place)):
                message = f"{message.rstrip('.!')}. {what_to_do}"
        elif isinstance(error, CheckFailed):
            told_of = {name: one_line(getattr(error, name)) for name in _DETAILS}
            details = {name: cut(text, LONGEST_DETAIL) for name, text in told_of.items()}
            answer = self._answer_with_cause(conversation, failure)
            if answer is not None:
                message = f"{message.rstrip('.')}. {CAUSES[answer.cause]}"
                location = location_of(answer.frames, conversation.file_name)
            elif log and log[-1].error is not None:  # another error, or other words, were expected
                location = location_of(log[-1].error.frames, conversation.file_name)
        self._prepared.bank.waiting = self._looking
        self.exchanges[check.name] = log
        self._bodies[check.name] = body
        told = Told(status, message, location, reason=reason)
        nameless = isinstance(error, SubmissionError) and error.kind in ("missing", "signature")
        if status is not Status.FAILED or nameless or check.place is not None:
            return told
        conversation.allow(check.limits)
        prepared = self._prepared
        again = f"kata replay {prepared.kata.name} {check.name} --seed {prepared.seed}"
        with conversation.clock.paused():  # it runs while the submission is asked
            diagnosis = self._diagnose(conversation, check, passed)
            where = self._suspect(conversation, failure, passed)
            change = None
            if diagnosis is None and self._tells_nothing(location):
                change = self._small_change(conversation, failure, where)
                if change is None and location:
                    self._in_vain.add(location.line)
            if change is not None:
                where = self._at(change, conversation.file_name, where)
            elif self._may_be_two(failure, diagnosis):
                diagnosis = self._diagnose_two(conversation, check, passed) or diagnosis
            if diagnosis is None:
                diagnosis = self._begun(conversation, failure, passed)
            if diagnosis is not None and where is not None and self._elsewhere(diagnosis, where):
                where = None
            return replace(
                told,
                diagnosis=diagnosis,
                suspect=where,
                counterexample=counterexample(prepared.kata, log, replay=again, details=details),
            )

    def diagnosed_again(
        self,
        conversation: Conversation,
        results: Mapping[str, CheckResult],
        passed: Container[str],
    ) -> dict[str, CheckResult]:
        """Once all checks have run: the results that a check which passed rules the name out of.

        They are diagnosed anew; arguments as for `told`.
        """
        changed = {}
        for name, result in results.items():
            if name not in self._asked_about or result.diagnosis is None:
                continue
            if ruled_out(self._prepared.kata.misconceptions, result.diagnosis, passed):
                check = self._prepared.checks[name]
                conversation.begin_check(check.limits)
                with conversation.clock.paused():
                    found = self._diagnose(conversation, check, passed)
                changed[name] = replace(result, diagnosis=found)
        return changed

    def right_exchanges(self, name: str) -> list[Exchange]:
        """What the reference solution answers in the case in which a check failed.

        Empty where the solution cannot be asked that. Its answers go to whoever may see the case.
        """
        try:
            return self._prepared.bank.right_exchanges(self._bodies[name])
        except (Stopped, LoadFailedError):
            return []

    def _answer_with_cause(self, conversation: Conversation, failure: Failure) -> Answer | None:
        """An answer that says where its history, its gradient or an argument's value was lost."""
        check, error, body, log = failure
        if not log or log[-1].answer is None:
            return None
        call, answer = log[-1].call, log[-1].answer
        modified, of_gradient = isinstance(error, ArgumentModified), "gradient" in str(error)
        wrong = of_gradient or (isinstance(error, CheckFailed) and bool(error.mismatched))
        pulled = isinstance(call, Call) and call.cotangents is not None
        if answer.cause or check.trains or not (modified or (pulled and wrong)):
            return answer if answer.cause else None
        try:  # a part of it may be cut, or an argument written into: it is asked once more, watched
            watched = traced(body, conversation)[: len(log)]
        except (Stopped, LoadFailedError):
            return None
        answers = (one.answer for one in watched[0 if modified else len(log) - 1 :] if one.answer)
        wanted = {"modified"} if modified else {*CAUSES}
        if not of_gradient:  # the values are wrong
            wanted.discard("backward")
        return next((one for one in answers if one.cause in wanted), None)

    def _suspect(
        self, conversation: Conversation, failure: Failure, passed: Container[str]
    ) -> Suspect | None:
        """Where wrong values begin; nothing where that cannot be told."""
        check, error, body, _ = failure
        wrong = isinstance(error, CheckFailed) and bool(error.mismatched or error.difference)
        if not (wrong or isinstance(error, WrongShape)) or check.trains:
            return None
        if conversation.time_left_s <= 0:
            return None
        with suppress(*_UNTOLD):
            found = suspect(self._prepared.bank, conversation, check, body, passed)
            if found and self._is_right_by_itself(found.step.line, passed):
                found = found._replace(of_call=True) if found.step.called else None
            shown = as_shown(found, self._source, conversation.file_name) if found else None
            given = given_lines(self._source, self._prepared.kata.given) if shown else ()
            return shown if shown and shown.line not in given else None
        return None

    def _is_right_by_itself(self, line: int, passed: Container[str]) -> bool:
        """Whether a line is in a function or class of the task's that passed all checks of its own.

        Then it was given what is wrong.
        """
        with suppress(SyntaxError, ValueError, RecursionError, MemoryError):
            name = function_at(self._source, line)
            if name not in self._prepared.kata.signatures:
                return False
            bank, asked = self._prepared.bank, {name.partition(".")[0]}
            own = [one for one in bank.checks if not one.trains and bank.asked_by(one) == asked]
            return bool(own) and all(one.name in passed for one in own)
        return False

    def _elsewhere(self, diagnosis: Diagnosis, where: Suspect) -> bool:
        """Whether a place is in a function of the task's that what is told does not change.

        Two functions may be right, and the one be given what the other was not made for; or a right
        one goes its own way, which no right answer of ours goes.
        """
        tasks = self._prepared.kata.signatures.keys()
        changed: set[str] = set()
        for one in diagnosis.both:
            names = self._prepared.bank.functions_changed(one.id)
            if names is None or not names <= tasks:
                return False
            changed |= names
        with suppress(SyntaxError, ValueError, RecursionError, MemoryError):
            return function_at(self._source, where.line) in tasks - changed
        return False

    def _tells_nothing(self, location: Location | None) -> bool:
        """Whether the place of an error leaves open where the mistake is.

        A `raise` of one's own says what for. Where the same one has been looked behind in vain for
        another check, it is not looked behind again.
        """
        if location is None:
            return True
        return location.source.startswith("raise ") and location.line not in self._in_vain

    def _small_change(
        self,
        conversation: Conversation,
        failure: Failure,
        where: Suspect | None,
    ) -> Change | None:
        """A small change that makes the answers right; nothing where none does.

        Of several, it is that of the line at which values go wrong.
        """
        check = failure.check
        if check.trains or conversation.time_left_s <= 0:
            return None
        with suppress(*_UNTOLD):
            calls = (one.call for one in failure.log if isinstance(one.call, Call))
            asked = {call.target for call in calls if isinstance(call.target, str)}
            line = where.line if where else 0
            return self._one_change.found(check, failure.body, asked, line)
        return None

    def _at(self, change: Change, file_name: str, where: Suspect | None) -> Suspect | None:
        """The place of a change, unless it is known where the values go wrong and that is there."""
        if where is not None and where.line == change.line:
            return where
        shown = shown_line(self._source, file_name, change.line, change.column, change.end)
        return replace(shown, alone=True) if shown else where

    def _diagnose(
        self, conversation: Conversation, check: Check, passed: Container[str]
    ) -> Diagnosis | None:
        if conversation.time_left_s <= 0:
            return None
        self._asked_about.add(check.name)
        with self._looking.running(), suppress(*_UNTOLD):
            inquiry = self._inquiry(conversation, check, passed)
            for told in self._told:
                if inquiry.explains(told):
                    return told
            found = inquiry.one()
            if found is not None and not found.partial:
                self._told.append(found)
            return found
        return None

    def _may_be_two(self, failure: Failure, diagnosis: Diagnosis | None) -> bool:
        """Whether two mistakes are worth looking for.

        What is observed tells as much of one mistake as of two, and one is likelier.
        """
        error = failure.error
        if not isinstance(error, CheckFailed):
            return False
        return diagnosis is None or (bool(error.mismatched) and diagnosis.partial)

    def _diagnose_two(
        self, conversation: Conversation, check: Check, passed: Container[str]
    ) -> Diagnosis | None:
        """Two mistakes at once; looked for once in an attempt, since it takes about a second."""
        if self._looked_for_two or conversation.time_left_s <= 0 or not self._in_time():
            return None
        self._looked_for_two = True
        with self._looking.running(), suppress(*_UNTOLD):
            return self._inquiry(conversation, check, passed).two(self._in_time)
        return None

    def _begun(
        self, conversation: Conversation, failure: Failure, passed: Container[str]
    ) -> Diagnosis | None:
        """A mistake that is seen where values go wrong, though it does not explain all of them."""
        error = failure.error
        wrong = isinstance(error, CheckFailed) and bool(error.mismatched or error.difference)
        if not wrong or conversation.time_left_s <= 0 or not self._in_time():
            return None
        with self._looking.running(), suppress(*_UNTOLD):
            return self._inquiry(conversation, failure.check, passed).begun(self._in_time)
        return None

    def _in_time(self) -> bool:
        return self._looking.used_s < PATIENCE_S

    def _inquiry(self, conversation: Conversation, check: Check, passed: Container[str]) -> Inquiry:
        body = self._bodies[check.name]
        return Inquiry(self._prepared.bank, conversation, check, body, passed=passed)
