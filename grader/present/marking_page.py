"""The pages of `kata mark`: the list of answers, one answer, and comments for many."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from msgspec import Struct

from grader.classroom.marking import Asked, Item, Mistake
from grader.classroom.prose import Decision, Remark
from grader.course.rubric import (
    MAX_COMMENT_CHARACTERS,
    Criterion,
    Level,
    Standing,
    answer_to,
    fingerprint,
    sections,
)
from grader.present.exports import verdict_text
from grader.present.page import page
from grader.verdict import Verdict

_QUOTED = re.compile(r"^> ?", re.MULTILINE)


class Reader(Struct, frozen=True):
    """Who looks at a page: their name, the proof that a form is ours, and what they are told."""

    marker: str
    csrf: str
    notice: str = ""
    advice: str = ""


class Typed(Struct, frozen=True):
    """What stands in the fields of a criterion; `remarks` are the ids of those that are ticked."""

    level: str = ""
    points: str = ""
    comment: str = ""
    new: str = ""
    remarks: tuple[str, ...] = ()


class ShownRemark(Struct, frozen=True):
    """A remark that can be given, and whether it is."""

    id: int
    text: str
    given: bool


class ShownCriterion(Struct, frozen=True):
    """A criterion, where it stands, and what stands in its fields."""

    id: str
    looks_for: str
    levels: tuple[Level, ...]
    max_points: int
    state: str
    typed: Typed
    remarks: list[ShownRemark]


class ShownSection(Struct, frozen=True):
    """A question, what was written below it, and what is looked for."""

    heading: str
    question: str
    answer: str
    criteria: list[ShownCriterion]

    @property
    def typed(self) -> bool:
        """Whether something stands in a field."""
        return any(one.typed != Typed() for one in self.criteria)


def queue_page(items: Sequence[Item], asked: Mapping[str, Asked], reader: Reader) -> bytes:
    """The list of answers, by kata."""
    rows = [
        {
            "id": one.answer.id,
            "kata": one.answer.kata,
            "title": asked[one.answer.kata].title,
            "student": one.answer.student,
            "name": one.answer.name,
            "open": one.open,
            "marked": one.marked,
            "reader": one.reader,
            "markers": sorted({s.mark.marker for s in one.standings if s.mark is not None}),
        }
        for one in items
    ]
    waiting = sum(bool(one.open) for one in items)
    return _page("marking_queue.html.j2", reader, items=rows, waiting=waiting)


def answer_page(
    item: Item,
    asked: Asked,
    decisions: Mapping[str, Decision],
    remarks: Sequence[Remark],
    verdict: bytes | None,
    reader: Reader,
    *,
    typed: Mapping[str, Typed] | None = None,
) -> bytes:
    """One answer beside its rubric and the verdict on its code.

    Args:
        item: the answer.
        asked: its kata.
        decisions: the newest one about each criterion.
        remarks: all that there are.
        verdict: the newest on the student's latest attempt (JSON), or None.
        reader: who looks.
        typed: what stands in the fields where a form was refused; None shows the decisions.
    """
    fields = typed or {
        one.criterion: _as_typed(one, asked.rubric.find(one.criterion))
        for one in decisions.values()
    }
    questions = sections(asked.template)
    shown = [
        ShownSection(
            heading,
            _QUOTED.sub("", questions[heading]).strip(),
            answer_to(heading, item.answer.text, asked.template),
            [
                _criterion(one, fields.get(one.criterion.id, Typed()), asked.kata, remarks)
                for one in item.standings
                if one.criterion.section == heading
            ],
        )
        for heading in dict.fromkeys(one.criterion.section for one in item.standings)
    ]
    told = msgspec.json.decode(verdict, type=Verdict) if verdict is not None else None
    return _page(
        "marking_answer.html.j2",
        reader,
        id=item.answer.id,
        student=item.answer.student,
        name=item.answer.name,
        kata=asked.kata,
        title=asked.title,
        open=item.open,
        criteria=len(item.standings),
        read_by=item.reader,
        seen=max((one.id for one in decisions.values()), default=0),
        sections=shown,
        verdict=verdict_text(told) if told is not None else "",
    )


def _as_typed(decision: Decision, criterion: Criterion | None) -> Typed:
    """A decision as fields; points that are the level's are not named."""
    level = criterion.level(decision.level) if criterion is not None else None
    own = level is None or decision.points != level.points
    return Typed(
        decision.level,
        f"{decision.points:g}" if own else "",
        decision.comment,
        "",
        tuple(map(str, decision.remarks)),
    )


def _criterion(
    standing: Standing, typed: Typed, kata: str, remarks: Sequence[Remark]
) -> ShownCriterion:
    known, mark = standing.criterion, standing.mark
    as_what = f" as {mark.level}, {mark.points:g}, by {mark.marker}" if mark is not None else ""
    return ShownCriterion(
        known.id,
        known.looks_for,
        known.levels,
        known.max_points,
        f"{standing.state.value}{as_what}",
        typed,
        [
            ShownRemark(one.id, one.text, str(one.id) in typed.remarks)
            for one in remarks
            if (one.kata, one.criterion) == (kata, known.id)
        ],
    )


def comments_page(
    mistakes: Sequence[Mistake],
    remarks: Sequence[Remark],
    given: Counter[int],
    asked: Mapping[str, Asked],
    reader: Reader,
    typed: Mapping[tuple[str, str, str], str] | None = None,
) -> bytes:
    """Comments that are written once: on misconceptions, and on mistakes in free text.

    Args:
        mistakes: the misconceptions of the class.
        remarks: all that there are.
        given: for each remark how many students have it.
        asked: the katas with free text.
        reader: who looks.
        typed: by kind, id and kata what stands in a field whose form was refused.
    """
    shown = []
    for one in remarks:
        criterion = asked[one.kata].rubric.find(one.criterion) if one.kata in asked else None
        if criterion is not None:
            row = {"id": one.id, "kata": one.kata, "text": one.text, "students": given[one.id]}
            shown.append({**row, "looks_for": criterion.looks_for})
    return _page(
        "marking_comments.html.j2",
        reader,
        mistakes=mistakes,
        remarks=shown,
        typed=typed or {},
        fingerprint=fingerprint,
    )


def _page(template: str, reader: Reader, **values: Any) -> bytes:
    told = {"marker": reader.marker, "csrf": reader.csrf, "longest": MAX_COMMENT_CHARACTERS}
    return page(template, notice=reader.notice, advice=reader.advice, **told, **values)
