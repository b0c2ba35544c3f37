"""Verdicts and marks in the formats of other systems.

Texts of a submission are made neutral (`grader.text`) and are written as plain text, where a format
would else take them for markup.
"""

import csv
import hashlib
import io
import re
import stat
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from shlex import quote

from msgspec.structs import replace

from grader import __version__
from grader.classroom.fill import Take
from grader.classroom.gradebook import Mark
from grader.classroom.marking import Given
from grader.classroom.policy import Grade
from grader.errors import UsageError
from grader.present.classroom import harmless
from grader.present.formats import junit, problems
from grader.present.report import Writer
from grader.present.text import console
from grader.text import json_document, neutral, one_line
from grader.verdict import CheckResult, Status, Verdict, share

WIDTH = 88
CLASSROOM50 = ("CLASSROOM", "ASSIGNMENT", "SUBMISSION_TAG", "COMMIT_URL", "RELEASE_URL")
"""What a runner of Classroom 50 sets in the environment."""


def check_text(result: CheckResult) -> str:
    """What there is to say about a check, as lines of plain text."""
    out = io.StringIO()
    Writer(console(out, width=WIDTH, plain=True)).check(result)
    return out.getvalue().strip("\n")


def verdict_text(verdict: Verdict) -> str:
    """A whole verdict as lines of plain text."""
    out = io.StringIO()
    Writer(console(out, width=WIDTH, plain=True)).verdict(verdict)
    return out.getvalue().strip("\n")


def gradescope(verdicts: Sequence[Verdict], people: Mapping[str, Given] | None = None) -> bytes:
    """A `results.json` of Gradescope: a test for each check, all of it visible plain text.

    Args:
        verdicts: one for each kata.
        people: by kata, what people have given for free text; a test more for each that is marked.

    Raises:
        UsageError: a verdict is an error of the grader's, which carries no score.
    """
    _refuse_errors(verdicts)
    tests = []
    for number, verdict in enumerate(verdicts, 1):
        for place, check in enumerate(verdict.checks, 1):
            tests.append(
                {
                    "number": f"{number}.{place}",
                    "name": one_line(f"{verdict.kata}: {check.name}"),
                    "name_format": "text",
                    "score": check.points,
                    "max_score": check.max_points,
                    "status": "passed" if check.status is Status.PASSED else "failed",
                    "output": check_text(check),
                    "output_format": "text",
                    "visibility": "visible",
                }
            )
    said = [_headline(verdict) for verdict in verdicts]
    score: float = sum(verdict.points for verdict in verdicts)
    for kata, given in sorted((people or {}).items()):
        if given.open:
            said.append(f"{kata}: free text that waits for a person")
            continue
        score += given.points
        tests.append(
            {
                "name": one_line(f"{kata}: free text, marked by a person"),
                "name_format": "text",
                "score": given.points,
                "max_score": given.max_points,
                "visibility": "visible",
            }
        )
    return json_document(
        {
            "score": score,
            "execution_time": round(sum(verdict.duration_s for verdict in verdicts), 3),
            "output": "\n".join(said),
            "output_format": "text",
            "test_output_format": "text",
            "test_name_format": "text",
            "visibility": "visible",
            "tests": tests,
        }
    )


def class_results(
    found: Iterable[tuple[str, str, int, Verdict]],
    people: Mapping[tuple[str, str], Given],
    take: Take,
) -> tuple[dict[str, bytes], list[str]]:
    """A `results.json` for each student of a class.

    Args:
        found: student, kata, attempt and verdict as its learner may see it, in order.
        people: what people have given, by student and kata.
        take: which attempt counts.

    Returns:
        by student the file, and who is left out since a verdict is an error of the grader's.
    """
    chosen: dict[str, dict[str, Verdict]] = {}
    for student, kata, _, verdict in found:
        before = chosen.setdefault(student, {}).get(kata)
        if before is None or _takes(verdict, before, take):
            chosen[student][kata] = verdict
    made: dict[str, bytes] = {}
    broken = []
    for student, verdicts in chosen.items():
        if any(one.status is Status.INTERNAL_ERROR for one in verdicts.values()):
            broken.append(student)
            continue
        own = {kata: given for (who, kata), given in people.items() if who == student}
        made[student] = gradescope(list(verdicts.values()), own)
    return made, broken


def _takes(verdict: Verdict, before: Verdict, take: Take) -> bool:
    """Whether a later attempt counts instead; one whose verdict was our fault never does."""
    if before.status is Status.INTERNAL_ERROR:
        return True
    if verdict.status is Status.INTERNAL_ERROR:
        return False
    more = share(verdict.points, verdict.max_points) > share(before.points, before.max_points)
    return take == "last" or (take == "best" and more)


def classroom50(
    verdicts: Sequence[Verdict], environment: Mapping[str, str], *, submitted: str, now: str
) -> bytes:
    """A `result.json` of Classroom 50, with whole points.

    Args:
        verdicts: of one submission.
        environment: what the runner says about the submission.
        submitted: when it was handed in (ISO 8601, UTC); the same on every regrade.
        now: when it is graded.

    Raises:
        UsageError: the environment lacks something, or a verdict is an error of the grader's.
    """
    _refuse_errors(verdicts)
    missing = [name for name in CLASSROOM50 if not environment.get(name)]
    if missing:
        raise UsageError(
            f"the environment does not say {', '.join(missing)}",
            advice="The runner of Classroom 50 sets them; see docs/ci.md.",
        )
    tests = [
        {
            "test-name": one_line(f"{verdict.kata}: {check.name}"),
            "passed": check.status is Status.PASSED,
            "score": check.points,
            "max-score": check.max_points,
            "output": check_text(check),
        }
        for verdict in verdicts
        for check in verdict.checks
    ]
    return json_document(
        {
            "schema": "classroom50/result/v1",
            "classroom": environment["CLASSROOM"],
            "assignment": environment["ASSIGNMENT"],
            "submission": environment["SUBMISSION_TAG"],
            "commit": environment["COMMIT_URL"],
            "release": environment["RELEASE_URL"],
            "review": environment.get("REVIEW_URL") or environment["COMMIT_URL"],
            "datetime": submitted,
            "graded_at": now,
            "score": sum(verdict.points for verdict in verdicts),
            "max-score": sum(verdict.max_points for verdict in verdicts),
            "tests": tests,
        }
    )


def nbgrader(given: Iterable[Grade], marks: Iterable[Mark]) -> bytes:
    """The columns of nbgrader's own CSV: a line for each student and kata, quoted where needed."""
    files = {(mark.student, mark.kata, mark.attempt): mark for mark in marks}
    written = io.StringIO()
    rows = csv.writer(written, lineterminator="\n")
    rows.writerow(
        ["assignment", "duedate", "timestamp", "student_id", "last_name", "first_name", "email",
         "raw_score", "late_submission_penalty", "score", "max_score"]
    )  # fmt: skip
    for one in given:
        first, last = _parts_of_name(one.name)
        email = one.student if "@" in one.student else ""
        for part in one.katas:
            if part.pending:
                continue
            mark = files.get((one.student, part.kata, part.attempt))
            raw = mark.points * part.max_points / mark.max_points if mark and mark.max_points else 0
            cells = (part.kata, "", "", one.student, last, first, email)
            numbers = (raw, raw - part.points, part.points, part.max_points)
            rows.writerow([*map(harmless, cells), *(f"{number:.2f}" for number in numbers)])
    return written.getvalue().encode()


def _parts_of_name(name: str) -> tuple[str, str]:
    """First and last names, of `Ada Lovelace` or `Lovelace, Ada`."""
    last, comma, first = (part.strip() for part in name.partition(","))
    if comma:
        return first, last
    *others, last = name.split() or [""]
    return " ".join(others), last


def class_junit(found: Iterable[tuple[str, Verdict]]) -> bytes:
    """A JUnit report of a class: a suite for each student and kata. Students have numbers only.

    Args:
        found: student and verdict, the newest of each attempt.
    """
    numbers: dict[str, str] = {}
    graded = []
    for student, verdict in found:
        number = numbers.setdefault(student, f"student {len(numbers) + 1}")
        file = Path(verdict.submission).name
        shown = replace(verdict, kata=f"{verdict.kata}, {number}", submission=file)
        graded.append((shown, problems(shown, base=Path("/"))))
    return junit(graded)


def folder_name(student: str) -> str:
    """A name for a student's folder: no separator, nothing hidden, one for each student."""
    plain = re.sub(r"[^\w.@+-]", "_", student).lstrip(".-")[:80] or "_"
    if plain == student:
        return plain
    return f"{plain}-{hashlib.sha256(student.encode('utf-8', 'replace')).hexdigest()[:8]}"


def autograder_zip(katas: Sequence[str], wheel: Path | None) -> bytes:
    """An `autograder.zip` of Gradescope, which grades some katas at the level `process`.

    Args:
        katas: their names.
        wheel: tensor-katas as a wheel, to go into the archive; None installs it by its name.

    Raises:
        UsageError: the wheel is none, or cannot be read.
    """
    made = io.BytesIO()
    requirement = f"tensor-katas=={__version__}"
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        if wheel is not None:
            if wheel.suffix != ".whl":
                raise UsageError(
                    f"{wheel} is no wheel", advice="`pip wheel . --no-deps` makes one."
                )
            try:
                archive.writestr(wheel.name, wheel.read_bytes())
            except OSError as error:
                raise UsageError(f"{wheel} cannot be read: {error.strerror}") from None
            requirement = f"./{wheel.name}"
        files = [f"{kata.rpartition('/')[2]}.py" for kata in katas]
        for name, text in (
            ("setup.sh", _SETUP.replace("REQUIREMENT", quote(requirement))),
            (
                "run_autograder",
                _RUN.replace("KATAS", " ".join(map(quote, katas))).replace(
                    "NOTHING", quote(json_document(_nothing(files)).decode())
                ),
            ),
        ):
            entry = zipfile.ZipInfo(name)
            entry.external_attr = (stat.S_IFREG | 0o755) << 16
            archive.writestr(entry, text)
    return made.getvalue()


def _nothing(files: Sequence[str]) -> dict[str, object]:
    said = f"Nothing that can be graded was found. Hand in one of: {', '.join(files)}."
    return {"score": 0, "output": said, "output_format": "text", "visibility": "visible"}


_SETUP = """\
#!/usr/bin/env bash
# Made by `kata export --format gradescope-autograder`. Python 3.11 or newer is needed: choose an
# image with it, such as Ubuntu 24.04.
set -euo pipefail
cd /autograder/source
apt-get update
apt-get install -y python3 python3-venv
python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    { echo "Python 3.11 or newer is needed: choose another image"; exit 1; }
python3 -m venv /autograder/venv
/autograder/venv/bin/python -m pip install --no-cache-dir REQUIREMENT
"""
_RUN = """\
#!/usr/bin/env bash
# Made by `kata export --format gradescope-autograder`. A container refuses namespaces, so the
# submission is a process of its own with limits: no verdict can be forged by its answers, but files
# and the network are fenced off less well than elsewhere. Grade again where it counts.
set -u
root=${AUTOGRADER_ROOT:-/autograder}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 3
mkdir -p "$root/results"
"$root/venv/bin/kata" check KATAS --submission "$root/submission" --isolation process \\
    --json "$work/verdict.json" >"$work/log" 2>&1
code=$?
case $code in
0 | 1)
    "$root/venv/bin/kata" export --verdicts "$work/verdict.json" --format gradescope \\
        -o "$root/results/results.json"
    ;;
2) printf '%s' NOTHING >"$root/results/results.json" ;;
*)
    cat "$work/log" >&2
    exit "$code" # an error of the grader's: no results, and so no mark
    ;;
esac
"""


def _refuse_errors(verdicts: Iterable[Verdict]) -> None:
    for verdict in verdicts:
        if verdict.status is Status.INTERNAL_ERROR:
            raise UsageError(
                f"{verdict.kata} could not be graded through an error of the grader's",
                advice="It carries no score. Grade it again.",
            )


def _headline(verdict: Verdict) -> str:
    word = verdict.status.lower().replace("_", " ")
    said = f"{verdict.kata}: {word}, {verdict.points} of {verdict.max_points} points"
    return one_line(f"{said}. {verdict.message}" if verdict.message else said)


def as_markdown(verdict: Verdict, title: str) -> bytes:
    """A verdict as Markdown: what came from a submission stands in a block of code.

    Args:
        verdict: what the learner may see.
        title: the heading; ours.
    """
    return in_a_block(title, verdict_text(verdict))


def in_a_block(title: str, text: str) -> bytes:
    """A text as Markdown, in a block of code that it cannot end."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return neutral(f"# {title}\n\n{fence}text\n{text}\n{fence}\n").encode("utf-8", "replace")
