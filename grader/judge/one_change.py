"""The line of a mistake that nothing else tells: where one small change makes the answers right.

Every small change of the submission's text is tried, one at a time, on the case that failed. Those
that make its answer right are asked the check's other cases, and cases of the other checks. Where a
change passes them all, there the one mistake is, however the submission goes about its task.
"""

import re
import time
from collections.abc import Collection, Container, Hashable, Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple

from grader.checks.check import Check, CheckLimits
from grader.checks.hearing import Hearing, hearing
from grader.checks.submission import Body, SubmissionError
from grader.judge.bank import CASES, TRACED_CASES
from grader.judge.clock import Clock
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
"""For how long changes of one submission are tried."""
FEW = 8
"""So many changes are asked one by one."""
MOST_BYTES = 1 << 16
"""A text that is longer has too many changes."""
MOST_SEARCHES = 2
"""How many checks are searched in vain."""
MOST_RUNS = 600
"""How often the cases are run with a change in force."""
MOST_BY_THEMSELVES = 150
"""How many changes are tried one by one, where what they answer cannot be asked together."""
MOST_TOGETHER = 500
MOST_GROUPS = 250
"""How many different answers are judged, where none is the solution's own."""
KINDS = ((Kind.WITHIN, Kind.NAME), (Kind.STATEMENT, Kind.FORCED))
"""Kinds of changes that are tried together; what comes later is tried where nothing is found."""
LONGEST_LINE = 10_000
_LOOP = re.compile(rb"^\s*(?:for|while)\b.*:|[(\[{].*\bfor\b.*\bin\b", re.MULTILINE)
"""What a text with a loop in it has; a line of prose may have it, too."""


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
        self._looking = Clock()

    def found(
        self,
        failed: Check,
        counterexample: Body,
        asked: Collection[str],
        suspected: int = 0,
    ) -> Change | None:
        """The change after which all checks' cases are right; None where none is found.

        A line at which values go wrong is usually the one to be changed. But what a loop counts or
        looks at is no tensor, and no values tell of it.

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
        if suspected and not (
            _LOOP.search(self._source) and _plain(bank.right_exchanges(counterexample))
        ):
            return None
        self._searches_left -= 1
        others = [
            check
            for check in self._prepared.checks.values()
            if not check.trains and check.place is None and check is not failed
        ]
        bodies = [counterexample, *bank.bodies(failed)[:CASES]]
        for check in others:
            bodies += bank.bodies(check)[:TRACED_CASES]
        words = words_of(bank.solution)
        for kinds in KINDS:
            try:
                found = self._found_among(Changes(kinds, tuple(asked), words), bodies, suspected)
            except (Stopped, LoadFailedError, SubmissionError):
                return None
            if found is not None:
                self._searches_left += 1
                self._known.append(found)
                return found
        return None

    def _found_among(
        self, changes: Changes, bodies: Sequence[Body], suspected: int
    ) -> Change | None:
        prepared, cells = self._prepared, self._cells
        conversation = Conversation(
            prepared.kata, self._source, prepared.sandbox, cells=cells, changes=changes
        )
        try:
            conversation.load()
            left_s = PATIENCE_S - self._looking.used_s
            return _Search(conversation, prepared, suspected, left_s).found(bodies, self._known)
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
        suspected: the line of the likeliest change; 0 where no line is likelier than others.
        left_s: for how long; afterwards no case passes.
    """

    def __init__(
        self,
        conversation: Conversation,
        prepared: Prepared,
        suspected: int,
        left_s: float,
    ) -> None:
        self._suspected = suspected
        self._ends = time.monotonic() + left_s
        self._conversation = conversation
        self._changes = conversation.changes
        self._bank = prepared.bank
        self._policy = prepared.policy
        self._runs_left = MOST_RUNS

    def found(self, bodies: Sequence[Body], known: Container[Change]) -> Change | None:
        """The change after which all cases are right; of several, the likeliest and shortest.

        Args:
            bodies: the case that failed, and others.
            known: changes that have made another check right: they are tried first.
        """
        self._conversation.allow(LIMITS)
        reached, upto = self._reached(bodies[0])
        for tried in ([n for n in reached if self._changes[n - 1] in known], reached):
            left = self._right_in_all(bodies, sorted(tried, key=self._unlikely), upto)
            if left:
                return self._changes[left[0] - 1]
        return None

    def _unlikely(self, number: int) -> tuple[bool, int, int]:
        """How changes are sorted: by line, by their kind, and by how long the expression is."""
        change = self._changes[number - 1]
        elsewhere = change.line != self._suspected
        return elsewhere, change.kind, (change.end or LONGEST_LINE) - change.column

    def _reached(self, body: Body) -> tuple[list[int], int]:
        """The changes that a case comes to, and how many calls there are until it fails."""
        self._conversation.begin()
        self._conversation[grader_note.__name__]()
        self._passes(body)
        calls = self._calls()
        noted = self._conversation[grader_noted.__name__]()
        wanted = range(1, len(self._changes) + 1)
        numbers = noted if type(noted) is list else []
        return [n for n in numbers if type(n) is int and n in wanted], calls

    def _right_in_all(self, bodies: Sequence[Body], left: list[int], upto: int) -> list[int]:
        """Those of some changes with which all cases pass, in their order.

        Args:
            bodies: the cases.
            left: the changes, the likeliest first.
            upto: how many calls there are in the first until it fails.
        """
        for body in bodies:
            if len(left) <= FEW:
                left = [each for each in left if self._passes(body, each)]
                continue
            asked = _plain(self._bank.right_exchanges(body))
            if 0 < upto < len(asked):
                left = self._right_in(body, left, asked, upto)
            left = sorted(self._right_in(body, left, asked), key=self._unlikely)
            upto = 0
        return left

    def _right_in(
        self, body: Body, tried: Sequence[int], asked: Sequence[_Asked], upto: int | None = None
    ) -> list[int]:
        """Those of some changes with which a case passes, or gets further than some calls.

        Changes that answer alike what is asked pass alike.
        """
        groups: dict[Hashable, list[int]] = {}
        as_right: set[Hashable] = set()
        for number, alike, right in self._alike(asked[:upto], tried):
            groups.setdefault(alike, []).append(number)
            if right:
                as_right.add(alike)
        # Where a right answer is met word for word, others need not be looked at.
        return [
            number
            for alike in islice(as_right or groups, MOST_GROUPS)
            if self._passes(body, groups[alike][0]) or (upto and self._calls() > upto)
            for number in groups[alike]
        ]

    def _calls(self) -> int:
        """How many calls the last case came to, after the one that chose a change."""
        return len(self._conversation.log) - 1

    def _alike(
        self, asked: Sequence[_Asked], tried: Sequence[int]
    ) -> Iterator[tuple[int, Hashable, bool]]:
        """For each change what is equal if two answer alike, and whether the solution does, too.

        There are fewer where what is asked cannot be asked together.
        """
        if not asked:
            yield from ((number, number, False) for number in tried[:MOST_BY_THEMSELVES])
            return
        right = grader_hash(";".join(one.right for one in asked))
        calls = [one.call for one in asked]
        for first in range(0, len(tried), MOST_TOGETHER):
            some = [*tried[first : first + MOST_TOGETHER]]
            self._conversation.begin()
            found = self._conversation[grader_each.__name__](some, calls)
            if type(found) is not list or len(found) != len(some):
                return
            for number, one in zip(some, found, strict=True):
                yield number, (first, str(one)), type(one) is tuple and one[-1:] == (right,)

    def _passes(self, body: Body, number: int | None = None) -> bool:
        """Whether a case passes, with a change in force."""
        self._runs_left -= 1
        if self._runs_left < 0 or time.monotonic() > self._ends:
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
