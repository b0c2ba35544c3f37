"""Marks by people: what waits for whom, a decision that is safe among several markers, what counts.

Plain functions on the gradebook. The page that people use is in `grader.web`.

As soon as the gradebook has one decision about a kata, its free text counts: the rubric's points
are added to those of its checks, for everybody. While an answer waits, or has changed since it was
marked, its student's mark is `PENDING`.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from grader.classroom import prose
from grader.classroom.gradebook import Gradebook, Mark
from grader.classroom.prose import Answer, Decision, Draft, Remark
from grader.course import rubric as rubrics
from grader.course.kata import Kata
from grader.course.rubric import Rubric, Standing, State
from grader.errors import UsageError
from grader.verdict import Diagnosis, Status, Verdict

READING = timedelta(minutes=15)
"""So long an answer that somebody has opened is not given to others."""
_OPEN = (State.WAITING, State.CHANGED)


class Asked(Struct, frozen=True):
    """A kata that asks for free text: its title, its rubric and its template."""

    kata: str
    title: str
    rubric: Rubric
    template: str


class Item(Struct, frozen=True):
    """An answer as a marker meets it.

    Args:
        answer: whose it is, and the text.
        standings: where each criterion stands, with the newest mark.
        reader: who reads it now; empty if nobody does.
    """

    answer: Answer
    standings: tuple[Standing, ...]
    reader: str = ""

    @property
    def open(self) -> int:
        """How many criteria wait for a person."""
        return sum(one.state in _OPEN for one in self.standings)

    @property
    def marked(self) -> int:
        """How many criteria are marked."""
        return sum(one.state is State.MARKED for one in self.standings)


class Given(Struct, frozen=True):
    """What a person has given a student for one kata: points, the most, and what still waits."""

    points: float
    max_points: int
    open: int


class Mistake(Struct, frozen=True):
    """A misconception that somebody in the class has, and what is said to all who have it."""

    kata: str
    id: str
    title: str
    students: tuple[str, ...]
    remark: str = ""


class Words(Struct, frozen=True):
    """What people say to one student about one kata."""

    marks: tuple[rubrics.Mark, ...]
    mistakes: tuple[Mistake, ...]


class CriterionStats(Struct, frozen=True):
    """One criterion over the class: how many are marked, and how many reached which level."""

    id: str
    section: str
    marked: int
    levels: tuple[tuple[str, int], ...]


class ProseStats(Struct, frozen=True):
    """Free text of a kata over the class: students whose answer waits, and each criterion."""

    waiting: int
    criteria: tuple[CriterionStats, ...]


def asked_in(katas: Iterable[Kata]) -> dict[str, Asked]:
    """The katas that ask for free text, by name.

    Raises:
        SpecError: a rubric or its template is not what it should be.
    """
    found = {}
    for kata in katas:
        path = kata.folder / rubrics.RUBRIC_FILE
        if path.is_file():
            known = rubrics.read_rubric(path)
            template = path.with_name(rubrics.ANSWERS_FILE).read_text("utf-8")
            found[kata.name] = Asked(kata.name, kata.spec.title, known, template)
    return found


# -- what waits ------------------------------------------------------------------------------------


def items_in(book: Gradebook, asked: Mapping[str, Asked], now: datetime) -> list[Item]:
    """Every answer to a kata that is known, by kata and student."""
    marks = _marks_by_answer(book, asked)
    readers = prose.claims_in(book, now, now + READING)
    found = []
    for answer in prose.answers_in(book):
        if answer.kata in asked:
            standings = _standings(asked[answer.kata], answer, marks)
            reader = readers.get((answer.student_id, answer.kata), "")
            found.append(Item(answer, standings, reader))
    return found


def item_of(book: Gradebook, asked: Mapping[str, Asked], number: int, now: datetime) -> Item | None:
    """The answer with a number; None if there is none, or a newer text has taken its place."""
    return next((one for one in items_in(book, asked, now) if one.answer.id == number), None)


def item_instead(
    book: Gradebook, asked: Mapping[str, Asked], number: int, now: datetime
) -> Item | None:
    """The answer that has taken the place of the one with a number; None if none has."""
    whose = prose.whose_in(book, number)
    return next(
        (
            one
            for one in items_in(book, asked, now)
            if (one.answer.student_id, one.answer.kata) == whose and one.answer.id != number
        ),
        None,
    )


def next_for(items: Sequence[Item], marker: str, *, after: int = 0) -> Item | None:
    """The next answer that waits and that nobody else reads.

    Args:
        items: see `items_in`.
        marker: for whom.
        after: the number of the answer that they come from; the search goes on behind it and then
            begins again from the front.
    """
    at = next((n + 1 for n, one in enumerate(items) if one.answer.id == after), 0)
    behind = [*items[at:], *items[:at]]
    free = [one for one in behind if one.open and one.reader in ("", marker)]
    return next((one for one in free if one.answer.id != after), None)


def open_for(book: Gradebook, item: Item, marker: str, now: datetime) -> Item:
    """Open an answer for a marker: others are not given it, unless they ask for it by itself."""
    holder = prose.claim(book, item.answer, marker, now, now + READING)
    return replace(item, reader=holder)


# -- deciding --------------------------------------------------------------------------------------


def decide(
    book: Gradebook,
    asked: Asked,
    item: Item,
    drafts: Sequence[Draft],
    *,
    marker: str,
    seen: int,
    now: datetime,
) -> int:
    """Write what a marker has decided about an answer; what has not changed is not written again.

    Args:
        book: the gradebook.
        asked: the kata's rubric.
        item: the answer.
        drafts: at most one for each criterion.
        marker: who decides.
        seen: the largest id of `current_decisions` when the marker began to read, or 0.
        now: the moment.

    Returns:
        how many criteria are written.

    Raises:
        UsageError: a draft does not fit the rubric, or somebody has decided since. Nothing is
            written then.
    """
    current = current_decisions(book, item.answer)
    newest = max(current.values(), key=lambda one: one.id, default=None)
    if newest is not None and newest.id > seen:
        raise UsageError(
            f"{newest.marker} has marked this answer since you opened it",
            advice="Look at that mark, and save again if yours should take its place.",
        )
    said = {one.id: one for one in prose.remarks_in(book)}
    changed = []
    for draft in drafts:
        known = [said.get(remark) for remark in draft.remarks]
        if any(one is None or (one.kata, one.criterion) != (asked.kata, draft.criterion)
               for one in known):  # fmt: skip
            raise UsageError(f"{draft.criterion}: a remark is given that is about something else")
        check(asked, item.answer, draft, marker, [one for one in known if one])
        before = current.get(draft.criterion)
        if before is None or _content(before) != _content(draft):
            changed.append((item.answer, draft, marker))
    prose.write_decisions(book, changed, now)
    return len(changed)


def current_decisions(book: Gradebook, answer: Answer) -> dict[str, Decision]:
    """The newest decision about each criterion of an answer."""
    return {
        one.criterion: one
        for one in prose.decisions_in(book)
        if (one.student, one.kata) == (answer.student, answer.kata)
    }


def check(
    asked: Asked, answer: Answer, draft: Draft, marker: str, remarks: Sequence[Remark] = ()
) -> None:
    """Hold a decision against its rubric.

    Raises:
        UsageError: it does not fit.
    """
    try:
        rubrics.check_mark(asked.rubric, _mark(answer.student, asked.kata, draft, marker, remarks))
    except rubrics.MarkError as error:
        raise UsageError(str(error)) from None


def fingerprint_of(asked: Asked, answer: Answer, criterion: str) -> str:
    """The fingerprint of what a student wrote for a criterion; empty if there is no such one."""
    item = asked.rubric.find(criterion)
    if item is None:
        return ""
    return rubrics.fingerprint(rubrics.answer_to(item.section, answer.text, asked.template))


def _content(one: Decision | Draft) -> tuple[object, ...]:
    return (one.level, one.points, one.comment, one.answer, tuple(sorted(one.remarks)))


# -- what counts -----------------------------------------------------------------------------------


def given_in(book: Gradebook, asked: Mapping[str, Asked]) -> dict[tuple[str, str], Given]:
    """What people have given, by student and kata; of katas that somebody has marked."""
    marks = _marks_by_answer(book, asked)
    texts = {(one.student, one.kata): one for one in prose.answers_in(book)}
    counted = {kata for _, kata in marks}
    found = {}
    for (student, kata), answer in texts.items():
        if kata in counted:
            standings = _standings(asked[kata], answer, marks)
            found[student, kata] = Given(
                sum(one.mark.points for one in standings if one.mark is not None),
                asked[kata].rubric.max_points,
                sum(one.state in _OPEN for one in standings),
            )
    return found


def with_people(
    marks: Sequence[Mark],
    given: Mapping[tuple[str, str], Given],
    asked: Mapping[str, Asked],
    names: Mapping[str, str],
) -> list[Mark]:
    """Marks with the points that people have given.

    A student who handed in free text and no code gets a row of their own, with the attempt 0.

    Args:
        marks: attempts, with the verdicts that count.
        given: see `given_in`.
        asked: the rubrics.
        names: each student's, see `Gradebook.names`.
    """
    counted = {kata for _, kata in given}
    most = {mark.kata: mark.max_points for mark in marks if mark.max_points}
    found = []
    for mark in marks:
        if mark.kata in counted and mark.status not in ("WAITING", Status.INTERNAL_ERROR):
            nothing = Given(0.0, asked[mark.kata].rubric.max_points, 0)
            mark = _added(mark, given.get((mark.student, mark.kata), nothing))
        found.append(mark)
    there = {(mark.student, mark.kata) for mark in marks}
    for (student, kata), one in sorted(given.items()):
        if (student, kata) not in there:
            empty = Mark(student, names.get(student, ""), kata, 0, rubrics.ANSWERS_FILE, False,
                         Status.NOT_IMPLEMENTED.value, 0, most.get(kata, 0), "")  # fmt: skip
            found.append(_added(empty, one))
    return sorted(found, key=lambda mark: (mark.student, mark.kata, mark.attempt))


def _added(mark: Mark, given: Given) -> Mark:
    points = mark.points + given.points
    return replace(
        mark,
        points=int(points) if points == int(points) else points,
        max_points=mark.max_points + given.max_points,
        status="PENDING" if given.open else mark.status,
    )


def prose_stats(book: Gradebook, asked: Mapping[str, Asked]) -> dict[str, ProseStats]:
    """Free text over the class, for each kata that some was handed in for."""
    marks = _marks_by_answer(book, asked)
    waiting: Counter[str] = Counter()
    levels: dict[str, Counter[tuple[str, str]]] = {}
    for answer in prose.answers_in(book):
        if answer.kata not in asked:
            continue
        standings = _standings(asked[answer.kata], answer, marks)
        waiting[answer.kata] += any(one.state in _OPEN for one in standings)
        counts = levels.setdefault(answer.kata, Counter())
        counts.update((m.criterion, m.level) for m in (one.mark for one in standings) if m)
    return {
        kata: ProseStats(
            waiting[kata],
            tuple(
                CriterionStats(
                    one.id,
                    one.section,
                    sum(counts[one.id, level.name] for level in one.levels),
                    tuple((level.name, counts[one.id, level.name]) for level in one.levels),
                )
                for one in asked[kata].rubric.criterion
            ),
        )
        for kata, counts in sorted(levels.items())
    }


# -- misconceptions --------------------------------------------------------------------------------


def mistakes_in(book: Gradebook) -> list[Mistake]:
    """The misconceptions that students have at their latest attempt, and the remark on each."""
    said = {
        (one.kata, one.misconception): one.text
        for one in prose.remarks_in(book)
        if one.misconception
    }
    titles: dict[tuple[str, str], str] = {}
    who: dict[tuple[str, str], list[str]] = {}
    for (student, kata), diagnoses in _diagnoses(book).items():
        for one in diagnoses.values():
            titles[kata, one.id] = one.title
            who.setdefault((kata, one.id), []).append(student)
    return [
        Mistake(kata, name, titles[kata, name], tuple(students), said.get((kata, name), ""))
        for (kata, name), students in sorted(
            who.items(), key=lambda pair: (pair[0][0], -len(pair[1]), pair[0][1])
        )
    ]


def words_of_people(book: Gradebook, asked: Mapping[str, Asked]) -> dict[tuple[str, str], Words]:
    """By student and kata what people say: marks, and comments on misconceptions.

    Nothing is said for whom nobody has said anything.
    """
    marks = _marks_by_answer(book, asked)
    about: dict[tuple[str, str], list[Mistake]] = {}
    for one in mistakes_in(book):
        for student in one.students if one.remark else ():
            about.setdefault((student, one.kata), []).append(one)
    return {
        key: Words(tuple(marks.get(key, {}).values()), tuple(about.get(key, ())))
        for key in sorted({*marks, *about})
    }


def _diagnoses(book: Gradebook) -> dict[tuple[str, str], dict[str, Diagnosis]]:
    """By student and kata what the latest attempt is told to have."""
    found: dict[tuple[str, str], dict[str, Diagnosis]] = {}
    for student, kata, _, data in book.verdicts():  # attempts in order: the latest stays
        verdict = msgspec.json.decode(data, type=Verdict)
        told = [one for c in verdict.checks if c.diagnosis for one in c.diagnosis.both]
        found[student, kata] = {one.id: one for one in told}
    return found


# -- records ---------------------------------------------------------------------------------------


def _marks_by_answer(
    book: Gradebook, asked: Mapping[str, Asked]
) -> dict[tuple[str, str], dict[str, rubrics.Mark]]:
    """By student and kata the newest mark of each criterion; what no rubric knows is left out."""
    said = {one.id: one for one in prose.remarks_in(book)}
    found: dict[tuple[str, str], dict[str, rubrics.Mark]] = {}
    for one in prose.decisions_in(book):
        if one.kata not in asked:
            continue
        remarks = [said[remark] for remark in one.remarks]
        mark = _mark(one.student, one.kata, one, one.marker, remarks)
        try:
            rubrics.check_mark(asked[one.kata].rubric, mark)
        except rubrics.MarkError:
            continue
        found.setdefault((one.student, one.kata), {})[one.criterion] = mark
    return found


def _mark(
    student: str, kata: str, one: Draft | Decision, marker: str, remarks: Sequence[Remark]
) -> rubrics.Mark:
    said = [one.comment.strip(), *(remark.text for remark in remarks)]
    return rubrics.Mark(
        submission=student,
        kata=kata,
        criterion=one.criterion,
        level=one.level,
        points=one.points,
        comment="\n\n".join(text for text in said if text),
        marker=marker,
        answer=one.answer,
    )


def _standings(
    asked: Asked, answer: Answer, marks: Mapping[tuple[str, str], Mapping[str, rubrics.Mark]]
) -> tuple[Standing, ...]:
    own = marks.get((answer.student, answer.kata), {})
    return tuple(rubrics.standings(asked.rubric, answer.text, asked.template, own.values()))
