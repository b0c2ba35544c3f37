"""What a class has handed in, and how it did."""

import csv
import io
from collections import Counter
from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from grader.classroom.gradebook import Mark
from grader.classroom.handed import Handed, Sorted
from grader.classroom.marking import CriterionStats
from grader.classroom.policy import Grade
from grader.classroom.roster import Student
from grader.classroom.stats import KataStats
from grader.present.report import FAILED_MARK, MARKS, Writer
from grader.present.text import clean
from grader.text import cell
from grader.verdict import Status, share

MOST_NAMED = 20


def write_found(out: Console, found: Sorted, *, all_of_it: bool) -> None:
    """Who was found as what, and what was left out.

    Args:
        out: where to.
        found: see `grader.classroom.handed`.
        all_of_it: also each attempt in a row, and every file that was left out (`--dry-run`).
    """
    students = found.students
    katas = Counter(one.kata for one in found.handed)
    parts = [f"{count} of {kata}" for kata, count in sorted(katas.items())]
    texts = Counter(one.kata for one in found.prose)
    parts += [f"{count} free text for {kata}" for kata, count in sorted(texts.items())]
    said = ", ".join(parts) or "nothing"
    out.print(Text(f"{len(students)} students: {clean(said)}", style="bold"))
    if all_of_it:
        _attempts(out, found.handed)
    for what, names in (
        ("taken so", found.notes),
        ("left out, since no kata has this name", found.left_out),
        ("left out, since it is of another kind", found.others),
        ("trouble", [f"{clean(one.origin)} {clean(one.what)}" for one in found.troubles]),
    ):
        _named(out, what, names, all_of_it=all_of_it)


def write_roster(
    out: Console, found: Sequence[str], enrolled: Sequence[Student], *, all_of_it: bool
) -> None:
    """Who has handed in and is not in the roster, and with `all_of_it` who the other way round."""
    known = {one.student for one in enrolled}
    strangers = [one for one in found if one not in known]
    _named(out, "not in the roster", strangers, all_of_it=all_of_it)
    if all_of_it:
        absent = [one.student for one in enrolled if one.student not in set(found)]
        _named(out, "in the roster, and nothing handed in", absent, all_of_it=True)


def _named(out: Console, what: str, names: Sequence[str], *, all_of_it: bool) -> None:
    """A line for each name, or for the first ones and how many more."""
    most = len(names) if all_of_it else MOST_NAMED
    for name in names[:most]:
        out.print(Text(f"  {what}: {clean(name)}", style="yellow"))
    if len(names) > most:
        more = f"{len(names) - most} more; --dry-run names all"
        out.print(Text(f"  {what}: {more}", style="yellow"))


def _attempts(out: Console, handed: Sequence[Handed]) -> None:
    table = Table(box=None, pad_edge=False, show_edge=False, header_style="bold", padding=(0, 1))
    for name in ("student", "kata", "attempt", "from"):
        table.add_column(name, overflow="fold")
    for one in handed:
        late = " (late)" if one.late else ""
        table.add_row(
            Text(clean(one.student)),
            Text(one.kata),
            Text(f"{one.attempt}{late}"),
            Text(clean(one.origin)),
        )
    out.print(table)


def write_summary(
    out: Console, marks: Sequence[Mark], missing: Sequence[tuple[str, str]], katas: Sequence[str]
) -> None:
    """For each kata how many passed, failed, and handed in nothing; best attempts count."""
    table = Table(box=None, pad_edge=False, show_edge=False, header_style="bold", padding=(0, 1))
    table.add_column("kata", no_wrap=True)
    for name in ("students", "passed", "not passed", "waiting", "missing"):
        table.add_column(name, justify="right")
    table.add_column("statuses", overflow="fold")
    gone = Counter(kata for _, kata in missing)
    for kata in katas:
        best: dict[str, Mark] = {}
        for mark in marks:
            if mark.kata == kata and _rank(mark) > _rank(best.get(mark.student)):
                best[mark.student] = mark
        statuses = Counter(mark.status for mark in best.values())
        passed, waiting = statuses[Status.PASSED], statuses["WAITING"]
        shown = Text()
        for status, count in sorted(statuses.items()):
            known = Status.__members__.get(status)
            sign, colour = MARKS.get(known, FAILED_MARK) if known else ("·", "dim")
            shown.append(f"{sign} {count} {status.lower().replace('_', ' ')}  ", style=colour)
        table.add_row(
            kata,
            str(len(best)),
            str(passed),
            str(len(best) - passed - waiting),
            str(waiting),
            str(gone[kata]),
            shown,
        )
    out.print(table)


def _rank(mark: Mark | None) -> tuple[bool, float, int]:
    if mark is None:
        return (False, -1.0, 0)
    return (mark.status != "WAITING", share(mark.points, mark.max_points), mark.attempt)


def write_stats(out: Console, found: Sequence[KataStats]) -> None:
    """What a class understands, kata by kata."""
    writer = Writer(out)
    for one in found:
        writer.line(f"{one.kata}  {one.title}", style="bold")
        tries = ", ".join(f"{count} at attempt {n}" for n, count in one.attempts.items())
        writer.line(
            f"{one.passed} of {one.students} passed{f' ({tries})' if tries else ''}; the middle "
            f"one has {one.middle:.0%} of the points",
            indent=2,
        )
        for check in one.checks:
            if check.passed < check.reached:
                telling = (
                    f", tells good from weak by {check.discrimination:+.2f}"
                    if check.discrimination is not None
                    else ""
                )
                writer.line(
                    f"{check.name}: {check.passed} of {check.reached} passed{telling}", indent=2
                )
        for misconception in one.misconceptions:
            writer.line(
                f"{misconception.students} × {misconception.title}",
                indent=4,
                hang=4,
                style="yellow",
            )
        for criterion in one.criteria:
            if criterion.marked:
                writer.line(f"{criterion.id}: {levels_line(criterion)}", indent=2)
        if one.pending:
            writer.line(f"{one.pending} answers wait for a person", indent=2, style="yellow")
        if one.unnamed:
            writer.line(f"{one.unnamed} × wrong, without a name", indent=4, style="dim")
        if one.not_run:
            writer.line(f"{one.not_run} × could not be run", indent=4, style="dim")
        for line, count in one.lines[:5]:
            writer.line(f"{count} × goes wrong at `{line}`", indent=4, hang=4, style="dim")
        out.print()
    if not found:
        writer.line("Nothing is graded yet.")


def levels_line(one: CriterionStats) -> str:
    """How many have which level of a criterion."""
    return ", ".join(f"{count} × {name}" for name, count in one.levels)


def stats_as_markdown(found: Sequence[KataStats]) -> str:
    """What a class understands, as Markdown. No word of a submission's is in it."""
    lines = ["# What the class understands", ""]
    for one in found:
        lines += [f"## {one.kata}", "", f"{one.passed} of {one.students} passed.", ""]
        lines += ["| check | passed | of |", "|---|--:|--:|"]
        lines += [f"| `{check.name}` | {check.passed} | {check.reached} |" for check in one.checks]
        lines += [""]
        lines += [f"- {known.students} × {known.title}" for known in one.misconceptions]
        lines += [f"- {one.unnamed} × wrong, without a name"] if one.unnamed else []
        lines += [f"- {one.not_run} × could not be run"] if one.not_run else []
        lines += [f"- `{told.id}`: {levels_line(told)}" for told in one.criteria if told.marked]
        lines += [""]
    return "\n".join(lines if found else [*lines, "Nothing is graded yet.", ""])


def marks_as_csv(
    marks: Sequence[Mark], missing: Sequence[tuple[str, str]], names: Mapping[str, str]
) -> str:
    """A row for each attempt and each missing one; no cell is one that a spreadsheet would run."""
    written = io.StringIO()
    rows = csv.writer(written, lineterminator="\n")
    rows.writerow(
        ["student", "name", "kata", "attempt", "file", "late", "status", "points", "max_points",
         "graded_at"]
    )  # fmt: skip
    for mark in marks:
        rows.writerow(
            [
                *map(harmless, (mark.student, mark.name, mark.kata)),
                mark.attempt,
                harmless(mark.file),
                "yes" if mark.late else "",
                mark.status,
                mark.points,
                mark.max_points,
                mark.graded_at,
            ]
        )
    for student, kata in missing:
        name = harmless(names.get(student, ""))
        rows.writerow([harmless(student), name, kata, "", "", "", "MISSING", "", "", ""])
    return written.getvalue()


def grades_as_csv(given: Sequence[Grade]) -> str:
    """A row for each student: points for each kata after lateness, and the whole in per cent."""
    katas = [part.kata for part in given[0].katas] if given else []
    written = io.StringIO()
    rows = csv.writer(written, lineterminator="\n")
    rows.writerow(["student", "name", *katas, "per_cent", "dropped", "pending", "days_late"])
    for one in given:
        rows.writerow(
            [
                harmless(one.student),
                harmless(one.name),
                *("" if part.pending else f"{part.points:.2f}" for part in one.katas),
                f"{one.share * 100:.2f}",
                " ".join(part.kata for part in one.katas if part.dropped),
                " ".join(part.kata for part in one.katas if part.pending),
                sum(part.days_late for part in one.katas),
            ]
        )
    return written.getvalue()


harmless = cell
"""A cell that no spreadsheet takes for a formula: see `grader.text.cell`."""
