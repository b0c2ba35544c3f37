"""The line of a mistake that nothing else tells: where one small change makes the answers right.

Every small change of the submission's text is tried, one at a time, on the case that failed. Those
that make its answer right are asked the check's other cases, and cases of the other checks. Where a
change passes them all, there the one mistake is, however the submission goes about its task.
"""

from collections import Counter
from collections.abc import Collection, Container, Hashable, Iterator, Sequence
from itertools import chain, islice
from typing import Any, NamedTuple

from grader.checks.check import Check, CheckLimits, derive
from grader.checks.hearing import Hearing, hearing
from grader.checks.submission import Body, SubmissionError
from grader.judge.bank import CASES, MORE_CASES
from grader.judge.clock import FairClock
from grader.judge.conversation import Conversation, Exchange
from grader.judge.mishaps import LoadFailedError, Stopped
from grader.judge.prepared import Prepared
from grader.submission.notebook import Cell
from grader.wire.messages import Call, Change, Changes, Kind
from grader.worker.changes.in_force import (
    grader_choose,
    grader_each,
    grader_hash,
    grader_note,
    grader_noted,
    grader_told,
)
from grader.worker.changes.writer import words_of

LIMITS = CheckLimits(check_s=6.0, call_s=2.0)
PATIENCE_S = 6.0
"""For how long changes of one submission are tried, by a `FairClock`."""
FEW = 8
"""So many changes are asked one after the other."""
MOST_BYTES = 1 << 16
"""A text that is longer has too many changes."""
MOST_SEARCHES = 2
"""How many checks are searched in vain."""
MOST_RUNS = 600
"""How often the cases are run with a change in force."""
MOST_COMPARED = 12
"""How many other cases are looked at for what they come to."""
SURE = 60
"""How many more cases of the check a change has to get right before it is shown."""
MOST_BY_THEMSELVES = 150
"""How many changes are tried one by one, where what they answer cannot be asked together."""
MOST_TOGETHER = 500
MOST_GROUPS = 250
"""How many different answers are judged, where none is the solution's own."""
KINDS = ((Kind.WITHIN, Kind.NAME), (Kind.STATEMENT, Kind.FORCED), (Kind.GUARD,))
"""Kinds of changes that are tried together; what comes later is tried where nothing is found."""
SHORT_BYTES = 2_048
"""All kinds of changes are tried together in a text that is no longer."""
LONGEST_LINE = 10_000


class OneChange:
    """The search for one change that makes a submission right, for each check that it fails.

    Args:
        prepared: the kata.
        source: the submission's text.
        cells: a notebook's cells.
    """

    def __init__(self, prepared: Prepared, source: bytes, cells: tuple[Cell, ...]) -> None:
        self._prepared = prepared
        self._source = source
        self._cells = cells
        self._known: list[Change] = []
        self._searches_left = MOST_SEARCHES
        self._looking = FairClock()

    def found(
        self,
        failed: Check,
        counterexample: Body,
        asked: Collection[str],
        suspected: int = 0,
    ) -> Change | None:
        """The change after which all checks' cases are right; None where none is found.

        A line at which values go wrong is often the one to be changed. But what a loop counts or
        looks at is no tensor, and a value that is right for another reason hides an earlier line.

        Args:
            failed: the check.
            counterexample: its body on the case that failed.
            asked: names of what that case asks.
            suspected: the line at which values go wrong, 0 for none. Of several changes, it has
                that one.
        """
        with self._looking.running():
            return self._searched(failed, counterexample, asked, suspected)

    def _searched(
        self,
        failed: Check,
        counterexample: Body,
        asked: Collection[str],
        suspected: int,
    ) -> Change | None:
        bank = self._prepared.bank
        if self._searches_left == 0 or len(self._source) > MOST_BYTES:
            return None
        self._searches_left -= 1
        others = [
            check
            for check in self._prepared.checks.values()
            if not check.trains and check.place is None and check is not failed
        ]
        bodies = [counterexample, *bank.bodies(failed)[:CASES]]
        for check in others:
            bodies += bank.bodies(check)[:MORE_CASES]
        words = words_of(bank.solution)
        for kinds in KINDS if len(self._source) > SHORT_BYTES else (tuple(Kind),):
            if self._looking.used_s > PATIENCE_S:  # none would be found
                return None
            try:
                changes = Changes(kinds, tuple(asked), words)
                found = self._found_among(changes, failed, bodies, suspected)
            except (Stopped, LoadFailedError, SubmissionError):
                return None
            if found is not None:
                self._searches_left += 1
                self._known.append(found)
                return found
        return None

    def _found_among(
        self, changes: Changes, failed: Check, bodies: Sequence[Body], suspected: int
    ) -> Change | None:
        prepared, cells = self._prepared, self._cells
        conversation = Conversation(
            prepared.kata, self._source, prepared.sandbox, cells=cells, changes=changes
        )
        try:
            conversation.load()
            search = _Search(conversation, prepared, failed, suspected, self._looking)
            return search.found(bodies, self._known)
        finally:
            conversation.close()


class _Asked(NamedTuple):
    """A call (name, args, kwargs) and what the solution answers, as `grader_told` says it."""

    call: tuple[str, Any, Any]
    right: str


class _Search:
    """The search for a change that makes a submission right.

    Args:
        conversation: with the submission, loaded, whose text has changes in it.
        prepared: the kata; its solution says what is asked.
        failed: the check.
        suspected: the line of the likeliest change; 0 where no line is likelier than others.
        looking: runs while it is looked; once it comes to `PATIENCE_S`, no case passes.
    """

    def __init__(
        self,
        conversation: Conversation,
        prepared: Prepared,
        failed: Check,
        suspected: int,
        looking: FairClock,
    ) -> None:
        self._failed = failed
        self._suspected = suspected
        self._looking = looking
        self._conversation = conversation
        self._changes = conversation.changes
        self._bank = prepared.bank
        self._policy = prepared.policy
        self._runs_left = MOST_RUNS
        self._harmless: Counter[int] = Counter()
        """How many cases that pass come to a change."""

    def found(self, bodies: Sequence[Body], known: Container[Change]) -> Change | None:
        """The change after which all cases are right; of several, the likeliest.

        Args:
            bodies: the case that failed, and others.
            known: changes that have made another check right: they are tried first.
        """
        self._conversation.allow(LIMITS)
        _, reached, upto = self._reached(bodies[0])
        for body in bodies[1 : MOST_COMPARED + 1]:
            passed, numbers, _ = self._reached(body)
            self._harmless.update(numbers if passed else ())
        for tried in ([n for n in reached if self._changes[n - 1] in known], reached):
            found = self._first_right(bodies, sorted(tried, key=self._unlikely), upto)
            if found is not None:
                return self._changes[found - 1]
        return None

    def _unlikely(self, number: int) -> tuple[bool, int, int, int]:
        """How changes are sorted.

        What cases that pass come to is likely right. Then comes the kind of the change, and how
        long an expression is. Statements are in the order in which they were written.
        """
        change = self._changes[number - 1]
        elsewhere = change.line != self._suspected
        length = (change.end or LONGEST_LINE) - change.column if change.kind < Kind.STATEMENT else 0
        return elsewhere, self._harmless[number], change.kind, length

    def _reached(self, body: Body) -> tuple[bool, list[int], int]:
        """Whether a case passes, the changes that it comes to, and how many calls there are."""
        self._conversation.begin()
        self._conversation[grader_note.__name__]()
        passed = self._passes(body)
        calls = self._calls()
        noted = self._conversation[grader_noted.__name__]()
        wanted = range(1, len(self._changes) + 1)
        numbers = noted if type(noted) is list else []
        return passed, [n for n in numbers if type(n) is int and n in wanted], calls

    def _first_right(self, bodies: Sequence[Body], tried: Sequence[int], upto: int) -> int | None:
        """The first of some changes with which all cases pass.

        Args:
            bodies: the cases.
            tried: the changes, the likeliest first.
            upto: how many calls there are in the first case until it fails.
        """
        asked = _plain(self._bank.right_exchanges(bodies[0])[:upto])
        if not asked:
            return self._first_of(bodies, tried[:MOST_BY_THEMSELVES])
        others: dict[Hashable, list[int]] = {}
        right_is_met = False
        for first in range(0, len(tried), MOST_TOGETHER):
            as_right = []
            some = tried[first : first + MOST_TOGETHER]
            for number, alike, right in self._alike(asked, some):
                if right:
                    as_right.append(number)
                else:
                    others.setdefault((first, alike), []).append(number)
            found = self._first_of(bodies, as_right)
            if found is not None:
                return found
            right_is_met |= bool(as_right)
        if right_is_met:  # word for word: others need not be looked at
            return None
        left = [
            number
            for alike in islice(others.values(), MOST_GROUPS)
            if self._passes(bodies[0], alike[0]) or self._calls() > upto
            for number in alike
        ]
        return self._first_of(bodies, sorted(left, key=self._unlikely))

    def _first_of(self, bodies: Sequence[Body], left: Sequence[int]) -> int | None:
        """The first of some changes with which all cases pass.

        They are asked together until few are left. These are asked one after the other: the first
        that passes all is the likeliest of those that do.
        """
        cases = chain(bodies, self._more())
        while len(left) > FEW and (body := next(cases, None)) is not None:
            asked = _plain(self._bank.right_exchanges(body))
            as_right: dict[Hashable, list[int]] = {}
            others: dict[Hashable, list[int]] = {}
            for number, alike, right in self._alike(asked, left):
                (as_right if right else others).setdefault(alike, []).append(number)
            left = [
                number
                for alike in islice((as_right or others).values(), MOST_GROUPS)
                if self._passes(body, alike[0])
                for number in alike
            ]
        to_come = [*cases] if left else []
        ordered = sorted(left, key=self._unlikely)
        return next((n for n in ordered if all(self._passes(body, n) for body in to_come)), None)

    def _more(self) -> Iterator[Body]:
        """More cases of the check; they are drawn only where a change has got so far."""
        yield from self._failed.cases(seed=derive(0, "one change", self._failed.name), count=SURE)

    def _calls(self) -> int:
        """How many calls the last case came to, after the one that chose a change."""
        return len(self._conversation.log) - 1

    def _alike(
        self, asked: Sequence[_Asked], tried: Sequence[int]
    ) -> Iterator[tuple[int, Hashable, bool]]:
        """For each change what is equal if two answer alike, and whether the solution does, too.

        Args:
            asked: what they are asked together; without any, each answers like no other.
            tried: the changes.
        """
        if not asked or not tried:
            yield from ((number, number, False) for number in tried)
            return
        right = grader_hash(";".join(one.right for one in asked))
        self._conversation.begin()
        found = self._conversation[grader_each.__name__]([*tried], [one.call for one in asked])
        if type(found) is not list or len(found) != len(tried):
            return
        for number, one in zip(tried, found, strict=True):
            yield number, str(one), type(one) is tuple and one[-1:] == (right,)

    def _passes(self, body: Body, number: int | None = None) -> bool:
        """Whether a case passes, with a change in force."""
        self._runs_left -= 1
        if self._runs_left < 0 or self._looking.used_s > PATIENCE_S:
            return False
        try:
            if number is not None:
                self._conversation.begin()
                self._conversation[grader_choose.__name__](number)
            with hearing(Hearing(self._policy)):
                body(self._conversation)
        except Exception:
            return False
        return True


def _plain(log: Sequence[Exchange]) -> list[_Asked]:
    """What is asked, where that is calls of functions with plain arguments; empty where not."""
    found = []
    for one in log:
        call = one.call
        if not isinstance(call, Call) or not isinstance(call.target, str) or call.method:
            return []
        if call.keep or call.cotangents is not None:
            return []
        answered = one.answer.value if one.answer else None
        right = f"{one.error.type}:" if one.error else grader_told(answered)
        found.append(_Asked((call.target, call.args, call.kwargs), right))
    return found
