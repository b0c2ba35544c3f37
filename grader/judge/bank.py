"""What a kata's solution, alternatives and misconceptions answer and make; kept, to compare with.

What is kept lives as long as the bank: in a class it costs nothing from the second submission on.
What the next judge needs is kept on disk, too (`judge/keeping.py`). Of pairs of misconceptions, of
which there are thousands, those that were asked last are kept.
"""

from collections.abc import Callable, Sequence
from contextlib import nullcontext, suppress
from functools import cached_property, partial
from pathlib import Path
from sys import intern
from typing import Any

from msgspec.structs import replace

from grader.checks.check import NO_LIMITS, Check, CheckLimits, derive
from grader.checks.compare import CheckFailed
from grader.checks.submission import Body, SubmissionError
from grader.course.kata import Kata
from grader.course.misconceptions import Misconception, mutant_source
from grader.judge.clock import Clock
from grader.judge.conversation import Conversation, Exchange
from grader.judge.entered import TELL, functions_changed, noted
from grader.judge.keeping import Keeping
from grader.judge.mishaps import LoadFailedError, Stopped
from grader.judge.pairs import MOST_PAIRS, Pair, Traces, traces_of
from grader.judge.suspect import Entries, values_of
from grader.judge.transcript import Said, Transcript, in_form, same_transcript, to_keep, transcript
from grader.sandbox.sandbox import Sandbox
from grader.sandbox.tries import tries
from grader.verdict import Status
from grader.wire.messages import Answer, Call

CASES = 12
"""How many fresh cases of a failed check are asked."""
MORE_CASES = 6
"""How many of another check, and of one whose values are traced."""
TRACED_CASES = 2
LONG_TRACE = 150
"""From how many steps on a trace takes long where all misconceptions are traced: 0.05 s each."""
KEPT_PAIRS = MOST_PAIRS
"""Of how many pairs the transcripts are kept. A class makes few pairs often, and most once."""
SOLUTION = ""


def recorded(
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


def _kept(log: Sequence[Exchange]) -> list[Exchange]:
    """A trace of which only the numbers are left of each tensor, and each name once."""

    def kept(answer: Answer) -> Answer:
        parts = ("value", "inputs", "gradients", "step_values")
        steps = tuple(
            replace(step, function=intern(step.function), operation=intern(step.operation))
            for step in answer.steps
        )
        left = {part: to_keep(getattr(answer, part)) for part in parts}
        return replace(answer, steps=steps, **left)

    return [one._replace(answer=kept(one.answer)) if one.answer else one for one in log]


def _was_stopped(said: Transcript) -> bool:
    """Whether its end may be the machine's doing."""
    return any(one.kind == "stopped" for one in said)


def _alternative(path: Path) -> str:
    return f"alternative {path.stem}"


class Bank:
    """The solution, the alternatives and the misconceptions of one kata, ready to be asked.

    Its sources are named: the solution `SOLUTION`, a misconception or a pair by its id.

    Args:
        kata: whose they are.
        sandbox: they run there too, in a worker of their own.
        checks: the kata's checks.
        keeping: what other banks of this kata have kept on disk; nothing without it.

    Its cases do not depend on the seed of a grading, so that one bank serves every seed.

    `waiting` is the clock of whoever asks. It stands still while the bank works out what it keeps:
    what is told of the first submission is told of those after it, too.
    """

    def __init__(
        self,
        kata: Kata,
        sandbox: Sandbox,
        checks: Sequence[Check],
        keeping: Keeping | None = None,
    ) -> None:
        self.kata = kata
        self.checks = checks
        self.waiting = Clock()
        self._sandbox = sandbox
        self._keeping = keeping or Keeping(kata, lambda: None)
        self._rights = [SOLUTION, *map(_alternative, kata.alternatives)]
        self._changed: dict[str, frozenset[str] | None] = {}
        self._entered: dict[tuple[str, str], list[frozenset[str] | None]] = {}
        self._conversation: Conversation | None = None
        self._cases: dict[str, list[Body]] = {}
        self._asked: dict[str, frozenset[str]] = {}
        self._answers: dict[tuple[str, str, bool], list[Transcript]] = {}
        self._pairs_kept: dict[str, None] = {}  # the one asked last comes last
        self._right_traces: dict[tuple[str, int | None], tuple[Body, list[list[Exchange]]]] = {}
        self._marks: dict[tuple[str, int], dict[str, Traces]] = {}

    @cached_property
    def _misconceptions(self) -> dict[str, Misconception]:
        return {item.id: item for item in self.kata.misconceptions}

    @cached_property
    def _sources(self) -> dict[str, bytes]:
        """The texts by name. They are read when the first is asked for: most answers are right."""
        kata = self.kata
        rights = [kata.solution, *kata.alternatives]
        found = {name: path.read_bytes() for name, path in zip(self._rights, rights, strict=True)}
        for item in kata.misconceptions:
            found[item.id] = mutant_source(item, kata.solution, kata.solutions)
        return found

    def close(self) -> None:
        """End the worker, and close what is kept."""
        self._keeping.close()
        if self._conversation is not None:
            self._conversation.close()
            self._conversation = None

    @property
    def solution(self) -> str:
        """The source of the reference solution."""
        return self._sources[SOLUTION].decode()

    @cached_property
    def rights(self) -> dict[str, str]:
        """The texts of right answers: the solution under "", alternatives as `of` names them."""
        edited = {item.of for item in self.kata.misconceptions if item.of}
        files = {of: self.kata.solutions / of for of in edited}
        texts = {of: file.read_text(encoding="utf-8") for of, file in files.items()}
        return {"": self.solution, **texts}

    def main_of_its_kind(self, failed: Check) -> Check:
        """The check with the most points of those that ask for a function that this one asks for.

        Of a class, too. At others, a submission comes to lines that had no part in what failed, and
        may have other mistakes. A check that trains is not asked again, nor another in its place.
        """
        if failed.trains:
            return failed
        checks = sorted(self.checks, key=lambda check: -check.points)
        alike = (check for check in checks if not check.trains and self._share(check, failed))
        return next(alike, failed)

    def _share(self, one: Check, other: Check) -> bool:
        """Whether two checks ask for a function or a class in common."""
        return one is other or not self.asked_by(one).isdisjoint(self.asked_by(other))

    def asked_by(self, check: Check) -> frozenset[str]:
        """The functions and classes that a check asks for."""
        if check.name not in self._asked:
            place = f"asked by {check.name}"
            names = self._keeping.find(place, list[str])
            if names is None:
                calls = (exchange.call for exchange in self.right_exchanges(self.bodies(check)[0]))
                targets = (call.target for call in calls if isinstance(call, Call))
                names = sorted({target for target in targets if isinstance(target, str)})
                self._keeping.keep(place, names)
            self._asked[check.name] = frozenset(names)
        return self._asked[check.name]

    def bodies(self, check: Check) -> list[Body]:
        """A check's fresh cases: `CASES` of them, the smallest first. No training is repeated."""
        assert not check.trains, f"{check.name} trains"
        if check.name not in self._cases:
            seed = derive(0, self.kata.name, f"diagnosis of {check.name}")
            self._cases[check.name] = check.cases(seed=seed, count=CASES)
        return self._cases[check.name]

    def answers(
        self,
        source: str,
        bodies: list[Body],
        check: Check,
        *,
        fresh: bool = True,
        observing: bool = True,
    ) -> list[Transcript]:
        """What one of our own sources answers.

        Args:
            source: which.
            bodies: what it is asked.
            check: whose bodies these are.
            fresh: they are the first of its `bodies`, so that the answers are kept.
            observing: False gives answers even where the check observes.
        """
        right = self.twin(source, check, len(bodies)) if fresh else None
        if right is not None:
            return self.answers(right, bodies, check, observing=observing)
        key = (source, check.name, observing)
        place = f"answers of {source} to {check.name}" + ("" if observing else ", unobserved")
        kept = self._answers.get(key, []) if fresh else []
        if fresh and not kept:
            kept = self._answers[key] = self._keeping.find(place, list[Transcript]) or []
        if len(kept) >= len(bodies):
            return kept[: len(bodies)]
        keeps = fresh and source not in self._pairs_kept
        with self.waiting.paused() if keeps else nullcontext():
            load = partial(self._loaded, source, check.limits)
            answers = recorded(bodies, load, observing=observing)
        if fresh:
            self._answers[key] = answers
            if keeps and not any(map(_was_stopped, answers)):
                self._keeping.keep(place, answers)
        return answers

    def forms(self, source: str, bodies: list[Body], check: Check) -> list[Any]:
        """The form of what one of our own sources answers to the first of a check's `bodies`."""
        return [in_form(said) for said in self.answers(source, bodies, check)]

    def observes(self, check: Check) -> bool:
        """Whether a check says what it sees, so that its answers themselves are not compared.

        One that trains is not asked again for that.
        """
        if check.trains:
            return False
        said = self.answers(SOLUTION, self.bodies(check), check)
        return any(one.kind == "observed" for each in said for one in each)

    def rounding(self, check: Check) -> float:
        """What a check puts down to rounding in its first cases, as a share of a value."""
        said = self.answers(SOLUTION, self.bodies(check)[:TRACED_CASES], check)
        return max((one.rounding for each in said for one in each), default=0.0)

    def shows_in(self, check: Check, item: Misconception) -> bool:
        """Whether a misconception by itself is seen in one of a check's first cases."""
        if item.caught_by == check.name:
            return True
        for count in (1, MORE_CASES):  # most are seen in the first, or in none
            bodies = self.bodies(check)[:count]
            right, its = (self.answers(name, bodies, check) for name in (SOLUTION, item.id))
            if not all(map(same_transcript, right, its)):
                return True
        return False

    def rights_traced(
        self, check: Check, body: Body, number: int | None, *, solution_alone: bool = False
    ) -> list[list[Exchange]]:
        """The traces of every right answer to a body, the solution's first.

        Args:
            check: whose body it is.
            body: what they are asked.
            number: which of its `bodies` it is, so that they are kept; None if it is another one,
                whose traces are kept until another such one is asked.
            solution_alone: only the solution is needed.
        """
        place = (check.name, number)
        of, kept = self._right_traces.get(place, (body, []))
        if number is None and of is not body:
            kept = []
        needed = self._rights[:1] if solution_alone else self._rights
        with self.waiting.paused():
            for name in needed[len(kept) :]:
                kept.append(_kept(traced(body, self._loaded(name, check.limits))))
        self._right_traces[place] = body, kept
        return kept[: len(needed)]

    def steps(self, check: Check, number: int) -> int:
        """How many steps the solution takes in one of a check's `bodies`."""
        body = self.bodies(check)[number]
        [log] = self.rights_traced(check, body, number, solution_alone=True)
        return sum(len(one.answer.steps) for one in log if one.answer)

    def telling_first(self, check: Check, numbers: Sequence[int]) -> list[int]:
        """Some of a check's cases, by number; those first whose traces tell most for their time.

        Long ones show more. Where all misconceptions are traced, the longest take too much time.
        """

        def worth(number: int) -> tuple[bool, int, int]:
            steps = self.steps(check, number)
            long = steps > LONG_TRACE
            return long, steps if long else -steps, -number

        return sorted(numbers, key=worth)

    def marks(
        self,
        items: Sequence[Misconception],
        check: Check,
        number: int,
    ) -> dict[str, Traces]:
        """By name, what misconceptions make and leave out in one of a check's `bodies`.

        Args:
            items: which.
            check: whose bodies they are asked.
            number: which of them.
        """
        kept = self._marks.setdefault((check.name, number), {})
        places = {item.id: f"marks of {item.id} in {check.name}, {number}" for item in items}
        for name in places.keys() - kept.keys():
            if (found := self._keeping.find(places[name], Traces)) is not None:
                kept[name] = found
        missing = [item for item in items if item.id not in kept]
        if missing:
            body = self.bodies(check)[number]
            rights = self.rights_traced(check, body, number)
            every = (value for log in rights for one in log for value in values_of(one))
            right = Entries(every, self.rounding(check))
            for item in missing:
                with self.waiting.paused():
                    log = self.traced(item, check, number)
                    kept[item.id] = traces_of(log, rights[0], right, self.rounding(check))
                if log:
                    self._keeping.keep(places[item.id], [list(part) for part in kept[item.id]])
        return kept

    def traced(self, item: Misconception, check: Check, number: int) -> list[Exchange]:
        """What a misconception answers to one of a check's `bodies`, with its trace.

        Empty where it cannot be asked.
        """
        body = self.bodies(check)[number]
        same = self.twin(item.id, check, number + 1)
        if same is not None:
            return self.rights_traced(check, body, number)[self._rights.index(same)]
        try:
            return traced(body, self._loaded(item.id, check.limits))
        except (Stopped, LoadFailedError):
            return []

    def keep_pairs(self, pairs: Sequence[Pair]) -> None:
        """Get pairs ready to be asked, and forget those that have not been asked for longest."""
        for pair in pairs:
            self._sources[pair.id] = pair.source
            self._pairs_kept.pop(pair.id, None)
            self._pairs_kept[pair.id] = None
        for name in [*self._pairs_kept][: -max(KEPT_PAIRS, len(pairs))]:
            del self._pairs_kept[name], self._sources[name]
            for check in self.checks:
                for observing in (True, False):
                    self._answers.pop((name, check.name, observing), None)

    def stumbles(self, body: Body) -> bool:
        """Whether a check's own code raises on the reference solution's answers too."""
        try:
            body(self._loaded(SOLUTION))
        except (CheckFailed, SubmissionError, Stopped):
            return False
        except Exception:
            return True
        return False

    def right_exchanges(self, body: Body) -> list[Exchange]:
        """What the reference solution answers where a body is run on it."""
        conversation = self._loaded(SOLUTION)
        transcript(body, conversation)
        return list(conversation.log)

    def all_alike(self, items: Sequence[Misconception | Pair], check: Check, count: int) -> bool:
        """Whether no answer is needed to know that all of them answer some of `bodies` alike."""
        return all(
            isinstance(item, Misconception) and self.twin(item.id, check, count) == SOLUTION
            for item in items
        )

    def twin(self, name: str, check: Check, count: int) -> str | None:
        """The right answer of which a misconception changes nothing that a check comes to.

        Args:
            name: the misconception.
            check: whose `bodies` are asked.
            count: how many of them.

        Returns:
            That right answer: they answer alike. None if there is none, or it cannot be told.
        """
        changed = self.functions_changed(name)
        if changed is None:
            return None
        item = self._misconceptions[name]
        right = _alternative(Path(item.of)) if item.of else SOLUTION
        entered = self._entered_by(right, check, count)
        return right if entered is not None and changed.isdisjoint(entered) else None

    def functions_changed(self, name: str) -> frozenset[str] | None:
        """The functions of a right answer that a misconception changes; None where not only those.

        Args:
            name: the misconception; of any other source, None.
        """
        item = self._misconceptions.get(name)
        if item is None:
            return None
        if name not in self._changed:
            right = _alternative(Path(item.of)) if item.of else SOLUTION
            known = right in self._rights
            changed = functions_changed(item, self._sources[right]) if known else None
            self._changed[name] = changed
        return self._changed[name]

    def _entered_by(self, right: str, check: Check, count: int) -> frozenset[str] | None:
        """The functions of a right answer that the first of a check's `bodies` come to.

        None if that cannot be told.
        """
        place = f"entered of {right} by {check.name}"
        kept = self._entered.get((right, check.name), [])
        if not kept and (found := self._keeping.find(place, list[list[str]])) is not None:
            kept = self._entered[right, check.name] = [*map(frozenset, found)]
        if len(kept) < count:
            kept = self._entered[right, check.name] = []
            with suppress(LoadFailedError, Stopped, SubmissionError):
                conversation = self._loaded_from(noted(self._sources[right]), check.limits)
                for body in self.bodies(check)[:count]:
                    if any(said.kind == "stopped" for said in transcript(body, conversation)):
                        break  # another worker would know nothing of what was entered before
                    kept.append(frozenset(conversation.ask(TELL, None, (), {}).value))
                self._keeping.keep(place, [sorted(names) for names in kept if names is not None])
            kept += [None] * (count - len(kept))
        return kept[count - 1]

    def _loaded(self, source: str, limits: CheckLimits = NO_LIMITS) -> Conversation:
        """The worker in which our own sources run, with this one freshly loaded.

        Raises:
            LoadFailedError, Stopped: it cannot be loaded.
        """
        return self._loaded_from(self._sources[source], limits)

    def _loaded_from(self, source: bytes, limits: CheckLimits) -> Conversation:
        if self._conversation is None:
            self._conversation = Conversation(self.kata, b"", self._sandbox, trusted=True)
        self._conversation.extend(limits)
        self._conversation.reload(source)
        return self._conversation
