"""`kata report`: a learner's verdicts on one page."""

from collections.abc import Sequence

from msgspec import Struct

from grader.course.kata import Kata
from grader.present.formats import place_in_file
from grader.present.page import CodeLine, Picture, excerpt, page, pictures, style
from grader.submission.notebook import CELL_MARK
from grader.text import lines_of
from grader.verdict import CheckResult, Location, Status, Suspect, Verdict

MAX_PRINTED = 20
MAX_COLUMNS = 500


class Graded(Struct, frozen=True):
    """A submission, as it was graded.

    Args:
        kata: whose it is.
        verdict: what was said about it.
        source: its text; empty where it could not be read.
    """

    kata: Kata
    verdict: Verdict
    source: str


class ShownCheck(Struct, frozen=True):
    """A check that did not pass, with the learner's own lines."""

    result: CheckResult
    raised: tuple[CodeLine, ...]
    suspect: tuple[CodeLine, ...]
    printed: tuple[str, ...]


class ShownKata(Struct, frozen=True):
    """A kata on the page: what is wrong, what passed, what waits, and its pictures."""

    name: str
    title: str
    anchor: str
    leads_on: str
    verdict: Verdict
    raised: tuple[CodeLine, ...]
    printed: tuple[str, ...]
    wrong: list[ShownCheck]
    passed: list[CheckResult]
    waiting: list[CheckResult]
    pictures: list[Picture]


def report_page(
    graded: Sequence[Graded], *, course: str, up_next: Kata | None, made_at: str
) -> bytes:
    """The page.

    Args:
        graded: the submissions, in the order in which they are to be shown.
        course: the course's title.
        up_next: the kata to take next; None after the last one.
        made_at: when it was graded, as text.
    """
    begun = [one for one in graded if one.verdict.status is not Status.NOT_IMPLEMENTED]
    verdicts = [one.verdict for one in graded]
    rows = [(_anchor(one.kata), one in begun, one.kata.spec.title, one.verdict) for one in graded]
    return page(
        "report.html.j2",
        course=course,
        made_at=made_at,
        rows=rows,
        katas=[_shown(one) for one in begun],
        passed=sum(verdict.status is Status.PASSED for verdict in verdicts),
        points=sum(verdict.points for verdict in verdicts),
        most=sum(verdict.max_points for verdict in verdicts),
        up_next=up_next,
        versions=verdicts[0].versions if verdicts else None,
    )


def verdict_in_a_cell(one: Graded) -> str:
    """A verdict as HTML that stands below a cell of a notebook."""
    return page("cell.html.j2", kata=_shown(one), style=style()).decode()


def _shown(one: Graded) -> ShownKata:
    verdict = one.verdict
    wrong = [] if verdict.message else [check for check in verdict.checks if _is_wrong(check)]
    return ShownKata(
        one.kata.name,
        one.kata.spec.title,
        _anchor(one.kata),
        one.kata.spec.leads_on if verdict.status is Status.PASSED else "",
        verdict,
        _lines(verdict.location, one.source),
        _printed(verdict.output),
        [
            ShownCheck(
                check,
                _lines(check.location, one.source),
                _lines(check.suspect, one.source),
                _printed(check.case_output or check.output),
            )
            for check in wrong
        ],
        [check for check in verdict.checks if check.status is Status.PASSED],
        [check for check in verdict.checks if check.status is Status.NOT_RUN],
        pictures(verdict.figures),
    )


def _is_wrong(check: CheckResult) -> bool:
    return check.status not in (Status.PASSED, Status.NOT_RUN)


def _anchor(kata: Kata) -> str:
    return kata.name.replace("/", "-")


def _lines(place: Location | Suspect | None, source: str) -> tuple[CodeLine, ...]:
    if place is None:
        return ()
    lines = excerpt(source, *place_in_file(place, source))
    return _of_cell(lines, place) if place.cell else lines


def _of_cell(lines: Sequence[CodeLine], place: Location | Suspect) -> tuple[CodeLine, ...]:
    """The lines that are of the cell of a place, with their numbers in it."""
    above = place.line - place.cell_line
    found = []
    for line in lines:
        text = "".join(part.text for part in line.parts)
        if line.number > place.line and text.startswith(CELL_MARK):
            break
        if line.number > above:
            found.append(CodeLine(line.number - above, line.parts, line.meant))
    return tuple(found)


def _printed(text: str) -> tuple[str, ...]:
    """The first lines of what was printed, and how many more there are."""
    lines = lines_of(text.rstrip())
    shown = [line[:MAX_COLUMNS] for line in lines[:MAX_PRINTED]]
    if len(lines) > MAX_PRINTED:
        shown.append(f"... {len(lines) - MAX_PRINTED:,} more lines")
    return tuple(shown) if text.strip() else ()
