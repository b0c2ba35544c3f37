"""Verdicts for programs: editors (`gcc`), GitHub's annotations (`github`), CI services (`junit`).

Each format has its own rules for what a text may hold. Every text is made neutral first
(`grader.text`), since it may come from a submission, and is then escaped by the format's rules.
"""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.etree import ElementTree

from msgspec import Struct

from grader.text import cut, lines_of, neutral, one_line
from grader.verdict import CheckResult, Location, Status, Suspect, Verdict

MAX_MESSAGE = 2000

_PASSES = (Status.PASSED, Status.NOT_RUN, Status.NOT_VERIFIED)
"""A check with one of these statuses is no problem of its own."""
_GCC = {Status.NOT_IMPLEMENTED: "note", Status.INTERNAL_ERROR: "warning"}
_GITHUB = {Status.NOT_IMPLEMENTED: "notice", Status.INTERNAL_ERROR: "warning"}


class Problem(Struct, frozen=True):
    """One thing to mend, and where.

    Args:
        file: the path, as one line.
        line: from 1; 1 where no line is known.
        column, end: what is meant in the line, from 1, without `end` itself; 0 where it is not
            known.
        kata, check: whose problem it is; the check is empty where no check was begun.
        status: the check's, or the kata's.
        message: lines of neutral text.
    """

    file: str
    line: int
    column: int
    end: int
    kata: str
    check: str
    status: Status
    message: str

    @property
    def name(self) -> str:
        """The kata, and the check."""
        return f"{self.kata} {self.check}".strip()


def problems(verdict: Verdict, source: str = "", *, base: Path) -> list[Problem]:
    """What a verdict asks to be mended, in the order of the checks.

    Args:
        verdict: the verdict.
        source: the text that was graded; without it no column is known.
        base: paths below this folder are shown relative to it.
    """
    given: list[tuple[str, Status, str, Location | Suspect | None]]
    if verdict.status is Status.PASSED:
        return []
    if verdict.message:
        given = [("", verdict.status, verdict.message, verdict.location)]
    else:
        given = [
            (check.name, check.status, _message(check), check.location or check.suspect)
            for check in verdict.checks
            if check.status not in _PASSES
        ]
    return [
        _problem(verdict, check, status, message, place, source, base)
        for check, status, message, place in given
    ]


def _problem(
    verdict: Verdict,
    check: str,
    status: Status,
    message: str,
    place: Location | Suspect | None,
    source: str,
    base: Path,
) -> Problem:
    line, column, end = place_in_file(place, source)
    if verdict.submission.lower().endswith(".ipynb") and place is not None:
        # An editor opens the file itself, whose lines are those of its JSON.
        message = f"{message}\nIt is in {place.where}."
        line, column, end = 1, 0, 0
    return Problem(
        _path(verdict.submission, base),
        line,
        column,
        end,
        one_line(verdict.kata),
        one_line(check),
        status,
        cut(neutral(message.strip()), MAX_MESSAGE),
    )


def _message(check: CheckResult) -> str:
    said = [check.message or check.sentence]
    if check.diagnosis is not None:
        said.append(f"{check.diagnosis.headline}.")
        if check.diagnosis.second is not None:
            said.append(f"The second: {check.diagnosis.second.title}.")
    card = check.counterexample
    if card is not None and (card.expected or card.got):
        at = f"At {card.at}: " if card.at else ""
        said.append(f"{at}expected {card.expected}, got {card.got}.")
    return "\n".join(one_line(text) for text in said)


def place_in_file(place: Location | Suspect | None, source: str) -> tuple[int, int, int]:
    """Line, column and end in the file, from 1, columns 0 where they are not known.

    A verdict counts columns without the line's indent.
    """
    if place is None:
        return 1, 0, 0
    lines = lines_of(source)
    if not place.column or not 1 <= place.line <= len(lines):
        return max(1, place.line), 0, 0
    text = lines[place.line - 1]
    indent = len(text) - len(text.lstrip())
    end = place.end if isinstance(place, Suspect) else 0
    return place.line, place.column + indent, end + indent if end else 0


def _path(path: str, base: Path) -> str:
    inside = Path(path).is_absolute() and Path(path).is_relative_to(base)
    shown = os.path.relpath(path, base) if inside else path
    return one_line(shown) or "submission"


def gcc(found: Sequence[Problem]) -> str:
    """A line for each problem, as compilers write it: `file:line:column: error: message [check]`.

    What is not begun is a note, an error of ours a warning.
    """
    return "".join(
        f"{one.file}:{one.line}:{one.column or 1}: {_GCC.get(one.status, 'error')}: "
        f"{one_line(one.message)} [{one.name}]\n"
        for one in found
    )


def github(found: Sequence[Problem]) -> str:
    """A workflow command for each problem, which GitHub shows beside the line."""
    return "".join(
        f"::{_GITHUB.get(one.status, 'error')} {_properties(one)}::{_data(one.message)}\n"
        for one in found
    )


def _properties(one: Problem) -> str:
    given = {"file": one.file, "line": str(one.line)}
    if one.column:
        given["col"] = str(one.column)
    if one.end:
        given["endColumn"] = str(one.end)
    given["title"] = one.name
    return ",".join(f"{name}={_property(value)}" for name, value in given.items())


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def junit(graded: Sequence[tuple[Verdict, Sequence[Problem]]]) -> bytes:
    """A JUnit report: a test suite for each kata, a test case for each check.

    A check that was not run, or cannot be verified here, is skipped. An error of ours is an error
    and no failure.
    """
    root = ElementTree.Element("testsuites", name="kata")
    for verdict, found in graded:
        suite = ElementTree.SubElement(root, "testsuite", name=neutral(verdict.kata))
        suite.set("time", f"{verdict.duration_s:.3f}")
        by_check = {one.check: one for one in found}
        names = [(check.name, check.status, check.message) for check in verdict.checks]
        if verdict.message or not names:
            names = [("", verdict.status, "")]
        for name, status, message in names:
            _case(suite, verdict, name, status, message, by_check)
        counted = {"tests": "testcase", "failures": "*/failure", "errors": "*/error"}
        for attribute, path in (*counted.items(), ("skipped", "*/skipped")):
            suite.set(attribute, str(len(suite.findall(path))))
        if verdict.output:
            ElementTree.SubElement(suite, "system-out").text = neutral(verdict.output)
    ElementTree.indent(root)
    data: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return data + b"\n"


def _case(
    suite: ElementTree.Element,
    verdict: Verdict,
    name: str,
    status: Status,
    message: str,
    found: Mapping[str, Problem],
) -> None:
    case = ElementTree.SubElement(
        suite, "testcase", classname=neutral(verdict.kata), name=neutral(name or "the submission")
    )
    problem = found.get(name)
    if problem is not None:
        case.set("file", problem.file)
        case.set("line", str(problem.line))
        kind = "error" if status is Status.INTERNAL_ERROR else "failure"
        told = ElementTree.SubElement(case, kind, type=status.value)
        told.set("message", one_line(problem.message))
        told.text = f"{problem.file}:{problem.line}\n{problem.message}"
    elif status in (Status.NOT_RUN, Status.NOT_VERIFIED):
        ElementTree.SubElement(case, "skipped", message=one_line(message))
