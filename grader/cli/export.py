"""Commands that hand marks and verdicts on: export, feedback."""

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from grader.cli.common import (
    OK,
    Add,
    add_book,
    add_gradebook,
    course_of,
    existing_book,
    write,
)
from grader.errors import UsageError
from grader.text import json_document

if TYPE_CHECKING:
    from grader.classroom.gradebook import Gradebook, Mark, Past
    from grader.classroom.policy import Grade
    from grader.classroom.prose import Decision
    from grader.course.catalog import Course
    from grader.verdict import Verdict

OF_A_BOOK = ("csv", "json", "canvas", "moodle", "junit", "nbgrader")
OF_VERDICTS = ("gradescope", "classroom50", "markdown")
AUTOGRADER = "gradescope-autograder"
_FILLED = ("canvas", "moodle")
_SHEETS = ("csv", "json", *_FILLED, "nbgrader")
_TAKEN_BY = {
    "verdicts": OF_VERDICTS,
    "into": (*_FILLED, "nbgrader"),
    "column": ("canvas", "nbgrader"),
    "katas": (*OF_A_BOOK, "gradescope", AUTOGRADER),
    "take": (*_SHEETS, "gradescope"),
    "policy": _SHEETS,
    "submitted": ("classroom50",),
    "wheel": (AUTOGRADER,),
}
"""Options, and the formats that take them."""


def add(command: Add) -> None:
    """Add the commands."""
    made = command(
        "export",
        export,
        "marks and verdicts for other systems: Canvas, Moodle, ...",
        examples=(
            "kata export --gradebook class.sqlite --format csv",
            "kata export --gradebook class.sqlite --format canvas --into canvas.csv "
            "--column 'LSTM (1234)'",
            "kata export --gradebook class.sqlite --format nbgrader --into gradebook.db "
            "-o filled.db",
        ),
    )
    add_book(made, required=False)
    made.add_argument(
        "--verdicts",
        type=Path,
        metavar="JSON",
        help="gradescope, classroom50, markdown: one submission's, from `kata check --json`",
    )
    made.add_argument("--format", choices=(*OF_A_BOOK, *OF_VERDICTS, AUTOGRADER), default="csv")
    made.add_argument(
        "--into",
        type=Path,
        metavar="THEIRS",
        help="canvas, moodle: the sheet that the system has exported, of which a copy is filled "
        "in; nbgrader: its gradebook.db",
    )
    made.add_argument(
        "--column",
        metavar="TITLE",
        help="canvas: the assignment's title, or its id; nbgrader: the assignment, if not all",
    )
    made.add_argument("--katas", nargs="+", metavar="KATA", help="what counts (default: all)")
    made.add_argument(
        "--take",
        choices=("best", "last", "first"),
        help="which attempt counts (default: best, or what the policy says); csv, json: a row for "
        "each student instead of one for each attempt",
    )
    made.add_argument(
        "--policy", type=Path, metavar="TOML", help="what counts: lateness, weights, the lowest"
    )
    made.add_argument(
        "--submitted", metavar="TIME", help="classroom50: when it was handed in, ISO 8601"
    )
    made.add_argument(
        "--wheel",
        type=Path,
        metavar="WHL",
        help=f"{AUTOGRADER}: tensor-katas itself, to go into it",
    )
    made.add_argument("-o", "--output", default="-", metavar="PATH", help="- is standard output")
    made = command("feedback", feedback, "a folder for each student: verdicts as HTML and Markdown")
    add_gradebook(made)
    made.add_argument("-o", "--output", type=Path, required=True, metavar="FOLDER")


def export(arguments: argparse.Namespace) -> int:
    """`kata export`."""
    for name, formats in _TAKEN_BY.items():
        if getattr(arguments, name) is not None and arguments.format not in formats:
            raise UsageError(
                f"--format {arguments.format} takes no --{name}",
                advice=f"These do: {', '.join(formats)}.",
            )
    if arguments.format == AUTOGRADER:
        return _autograder(arguments)
    if arguments.format == "gradescope" and arguments.gradebook is not None:
        return _results(arguments)
    if arguments.format in OF_VERDICTS:
        return _of_verdicts(arguments)
    from grader.classroom.gradebook import Gradebook
    from grader.present.classroom import marks_as_csv

    if arguments.gradebook is None:
        raise UsageError(
            f"--format {arguments.format} is of a whole class", advice="Name its --gradebook."
        )
    with Gradebook(existing_book(arguments.gradebook)) as book:
        marks = book.marks()
        katas = _counted(arguments, marks)
        missing = book.missing(katas)
        history = [past for past in book.history() if past.kata in katas]
        if arguments.format == "junit":
            write(arguments.output, _junit(book, katas))
            return OK
        people = _People(book, course_of(arguments))
        files = book.file_times()
        names = book.names()
    asked = arguments.policy is not None or arguments.take is not None
    graded = arguments.format == "nbgrader" or (asked and arguments.format not in _FILLED)
    graded |= arguments.policy is not None
    given = _grades(arguments, marks, history, people, files) if graded else None
    marks = [mark for mark in people.added_to(marks) if mark.kata in katas]
    if arguments.format in _FILLED:
        return _fill(arguments, marks, given)
    if given is not None and arguments.format == "nbgrader" and arguments.into is not None:
        return _fill_nbgrader(arguments, given)
    if given is not None:
        data = _written(arguments.format, given, marks)
    elif arguments.format == "csv":
        data = marks_as_csv(marks, missing, names).encode()
    else:
        data = _as_json(marks, missing, names, history, people.decisions_about(katas))
    write(arguments.output, data)
    return OK


def _results(arguments: argparse.Namespace) -> int:
    """A folder for each student of a gradebook, with a `results.json`."""
    from grader.classroom.fill import totals
    from grader.classroom.gradebook import Gradebook
    from grader.classroom.marking import asked_in, given_in
    from grader.judge.student_copy import shown_verdict
    from grader.present.exports import class_results, folder_name
    from grader.present.text import clean

    if arguments.verdicts is not None:
        raise UsageError("--format gradescope is of --verdicts or of a --gradebook, not of both")
    if arguments.output == "-":
        raise UsageError(
            "a results.json for each student goes into a folder", advice="Name it: -o FOLDER."
        )
    course = course_of(arguments)
    with Gradebook(existing_book(arguments.gradebook)) as book:
        marks = book.marks()
        counted = set(_counted(arguments, marks))
        waiting = {mark.student for mark in marks if mark.kata in counted} - {
            one.student for one in totals(marks, list(counted))
        }
        people = given_in(book, asked_in(course.katas))
        seed = book.kept_seed()
        made, broken = class_results(
            (
                (who, kata, attempt, shown_verdict(data, seed))
                for who, kata, attempt, data in book.verdicts()
                if kata in counted
            ),
            {key: given for key, given in people.items() if key[1] in counted},
            arguments.take or "best",
        )
    for student in sorted(waiting - set(broken)):
        made.pop(student, None)
        print(f"left out, since something waits for a verdict: {clean(student)}", file=sys.stderr)
    for student, data in made.items():
        folder = Path(arguments.output) / folder_name(student)
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UsageError(f"{folder} cannot be made: {error.strerror}") from None
        write(str(folder / "results.json"), data)
    print(f"{len(made)} students in {arguments.output}", file=sys.stderr)
    for student in broken:
        print(f"left out, through an error of the grader's: {clean(student)}", file=sys.stderr)
    return OK


class _People:
    """What people have given, as far as the course knows the katas."""

    def __init__(self, book: "Gradebook", course: "Course") -> None:
        from grader.classroom.marking import asked_in, given_in
        from grader.classroom.prose import decisions_in

        self._asked = asked_in(course.katas)
        self._given = given_in(book, self._asked)
        self._names = book.names()
        self._decisions = decisions_in(book)

    def decisions_about(self, katas: Sequence[str]) -> "list[Decision]":
        """Every decision about some katas."""
        return [one for one in self._decisions if one.kata in katas]

    def added_to(self, marks: "Sequence[Mark]") -> "list[Mark]":
        """Marks with the points that people have given."""
        from grader.classroom.marking import with_people

        return with_people(marks, self._given, self._asked, self._names)


def _as_json(
    marks: "Sequence[Mark]",
    missing: Sequence[tuple[str, str]],
    names: Mapping[str, str],
    history: "Sequence[Past]",
    decisions: "Sequence[Decision]",
) -> bytes:
    import msgspec

    rows = msgspec.to_builtins(marks)
    rows += [
        {"student": who, "name": names.get(who, ""), "kata": kata, "status": "MISSING"}
        for who, kata in missing
    ]
    document = {
        "schema_version": 1,
        "marks": rows,
        "history": msgspec.to_builtins(history),
        "by_people": msgspec.to_builtins(decisions),
    }
    return json_document(document)


def _junit(book: "Gradebook", katas: Sequence[str]) -> bytes:
    """The newest verdict of each attempt; where the seed is secret, what a learner may see."""
    from grader.judge.student_copy import shown_verdict
    from grader.present.exports import class_junit

    seed = book.kept_seed()
    return class_junit(
        (who, shown_verdict(data, seed)) for who, kata, _, data in book.verdicts() if kata in katas
    )


def _autograder(arguments: argparse.Namespace) -> int:
    from grader.present.exports import autograder_zip

    course = course_of(arguments)
    if not arguments.katas:
        raise UsageError("which katas are graded there?", advice="Name them: --katas lstm_cell")
    if arguments.course:
        raise UsageError("an autograder.zip grades katas of the built-in course only")
    names = [kata.name for name in arguments.katas for kata in course.select(name)]
    write(arguments.output, autograder_zip(names, arguments.wheel))
    return OK


def _of_verdicts(arguments: argparse.Namespace) -> int:
    from grader.present.exports import as_markdown, classroom50, gradescope

    if arguments.verdicts is None:
        raise UsageError(
            f"--format {arguments.format} is of one submission",
            advice="Name its verdicts, from `kata check --json`: --verdicts verdict.json.",
        )
    verdicts = _read_verdicts(arguments.verdicts)
    if arguments.format == "gradescope":
        data = gradescope(verdicts)
    elif arguments.format == "markdown":
        data = b"\n".join(as_markdown(verdict, verdict.kata) for verdict in verdicts)
    else:
        data = classroom50(
            verdicts,
            os.environ,
            submitted=_instant(arguments.submitted),
            now=_utc(datetime.now(UTC)),
        )
    write(arguments.output, data)
    return OK


def _instant(text: str | None) -> str:
    try:
        at = datetime.fromisoformat(text or "")
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise UsageError(
            "when was it handed in?" if text is None else f"{text[:40]!r} is no time with a zone",
            advice="Give --submitted the time of the commit: git log -1 --format=%cI.",
        )
    return _utc(at)


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _read_verdicts(path: Path) -> "tuple[Verdict, ...]":
    import msgspec

    from grader.data.files import from_json, read_file
    from grader.verdict import Report

    data = read_file(path)
    try:
        return from_json(data, Report).verdicts
    except msgspec.MsgspecError as error:
        raise UsageError(
            f"{path} holds no verdicts: {error}", advice="`kata check --json PATH` writes them."
        ) from None


def feedback(arguments: argparse.Namespace) -> int:
    """`kata feedback`."""
    from grader.classroom.gradebook import Gradebook
    from grader.classroom.marking import asked_in, words_of_people
    from grader.present.feedback import write_feedback, write_words

    with Gradebook(existing_book(arguments.gradebook)) as book:
        asked = asked_in(course_of(arguments).katas)
        new = write_feedback(
            arguments.output, book.verdicts(), book.history(), secret_seed=book.kept_seed()
        )
        new += write_words(arguments.output, words_of_people(book, asked), asked)
    print(f"{new} new pages in {arguments.output}")
    return OK


def _grades(
    arguments: argparse.Namespace,
    marks: "Sequence[Mark]",
    history: "Sequence[Past]",
    people: _People,
    files: Mapping[tuple[str, str, int], str],
) -> "list[Grade]":
    """What each student has under a policy, or with the attempt that `--take` names."""
    from grader.classroom.gradebook import students_in
    from grader.classroom.policy import Policy, grades, read_policy, settled, zone_of
    from grader.classroom.times import archive_times, no_times, read_extensions, read_times
    from grader.present.text import clean

    katas = _counted(arguments, marks)
    if arguments.policy is None:
        marks = people.added_to(marks)
        return grades(marks, katas, Policy(arguments.take or "best"), handed_at=no_times)
    if arguments.take is not None:
        raise UsageError(
            "--take and --policy both say which attempt counts",
            advice="Write take into the policy.",
        )
    course = course_of(arguments)
    names = [kata.name for kata in course.katas]
    path = arguments.policy
    policy = read_policy(path, [*names, *(name.partition("/")[0] for name in names)])
    zone = zone_of(policy.zone, path)
    beside = path.parent
    if policy.times:
        times = read_times(beside / policy.times, names, zone)
    else:
        times = archive_times(files, zone)
        if files and policy.due and policy.late.penalty_per_day:
            print("times of submission are those that the class' archive names", file=sys.stderr)
    longer = None
    if policy.extensions:
        longer = read_extensions(beside / policy.extensions, names, zone)
        for who in longer.strangers(students_in(arguments.gradebook)):
            print(f"{policy.extensions} names {clean(who)}, who is not in the gradebook",
                  file=sys.stderr)  # fmt: skip
    return grades(
        people.added_to(settled(marks, history, may_fall=policy.may_fall)),
        katas,
        policy,
        handed_at=times,
        extended=longer or (lambda student, kata: None),
    )


def _written(format_: str, given: "Sequence[Grade]", marks: "Sequence[Mark]") -> bytes:
    """Grades as CSV or JSON, or as nbgrader writes them."""
    from grader.present.classroom import grades_as_csv
    from grader.present.exports import nbgrader

    if format_ == "nbgrader":
        return nbgrader(given, marks)
    if format_ == "csv":
        return grades_as_csv(given).encode()
    document = {"schema_version": 1, "grades": given}
    return json_document(document)


def _counted(arguments: argparse.Namespace, marks: "Sequence[Mark]") -> list[str]:
    """The katas that count: those that are named, or else all that something is there for."""
    course = course_of(arguments)
    chosen = [kata.name for name in arguments.katas or [] for kata in course.select(name)]
    return chosen or sorted({mark.kata for mark in marks})


def _fill(
    arguments: argparse.Namespace, marks: "Sequence[Mark]", given: "Sequence[Grade] | None"
) -> int:
    """Fill in the sheet of another system."""
    from grader.classroom.fill import fill_canvas, fill_moodle, totals
    from grader.classroom.policy import as_totals
    from grader.present.text import clean

    if arguments.into is None:
        raise UsageError(
            f"--format {arguments.format} fills in a sheet that the system has exported",
            advice="Name it: --into THEIR.csv. What comes out goes to --output.",
        )
    if arguments.format == "canvas" and not arguments.column:
        raise UsageError(
            "which assignment of Canvas?", advice="Name it: --column 'LSTM (1234)', or 1234."
        )
    counted = (
        as_totals(given)
        if given is not None
        else totals(marks, _counted(arguments, marks), arguments.take or "best")
    )
    filled = (
        fill_canvas(arguments.into, arguments.column, counted)
        if arguments.format == "canvas"
        else fill_moodle(arguments.into, counted)
    )
    write(arguments.output, filled.data)
    katas = _counted(arguments, marks)
    for who in sorted({m.student for m in marks if m.kata in katas} - {m.student for m in counted}):
        print(f"waits for a verdict or a person, so has no mark: {clean(who)}", file=sys.stderr)
    for who in filled.unknown:
        print(f"not in the sheet: {clean(who)}", file=sys.stderr)
    for who in filled.unmatched:
        print(f"no mark for the row of: {clean(who)}", file=sys.stderr)
    for who in filled.kept:
        print(f"left as it is in the sheet: {clean(who)}", file=sys.stderr)
    print(f"{filled.changed} cells changed", file=sys.stderr)
    return OK


def _fill_nbgrader(arguments: argparse.Namespace, given: "Sequence[Grade]") -> int:
    """Fill in a copy of nbgrader's gradebook."""
    from grader.classroom.nbgrader_book import fill_nbgrader
    from grader.present.text import clean

    output = Path(arguments.output)
    if arguments.output == "-" or (output.exists() and output.samefile(arguments.into)):
        raise UsageError(
            "the filled gradebook goes into a file of its own",
            advice="Name it: -o filled.db. Then put it in the place of nbgrader's.",
        )
    filled = fill_nbgrader(arguments.into, arguments.column, given)
    write(arguments.output, filled.data)
    for kata in filled.without_cell:
        print(f"no graded cell stands for {kata}", file=sys.stderr)
    for who in filled.unknown:
        print(f"not in nbgrader's gradebook: {clean(who)}", file=sys.stderr)
    for who in filled.unmatched:
        print(f"no mark for: {clean(who)}", file=sys.stderr)
    for what in filled.by_hand:
        print(f"a person's score still counts: {clean(what)}", file=sys.stderr)
    print(f"{filled.changed} scores changed", file=sys.stderr)
    return OK
