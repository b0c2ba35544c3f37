"""Verdicts: what the judge says about a submission.

Plain records; their JSON Schema is generated from here (`docs/verdict.schema.json`).

Nothing in a verdict is trusted text: names, messages and output may come from a submission, and
only `render` shows them.
"""

import inspect
from collections.abc import Sequence
from enum import StrEnum
from typing import Any

import msgspec
from msgspec import Struct

from grader.text import json_document

SCHEMA_VERSION = 1


class Status(StrEnum):
    """How a check, or a kata, ended."""

    PASSED = "PASSED"
    FAILED = "FAILED"
    NOT_IMPLEMENTED = "NOT_IMPLEMENTED"
    NOT_RUN = "NOT_RUN"
    FORBIDDEN = "FORBIDDEN"
    TIMED_OUT = "TIMED_OUT"
    OUT_OF_MEMORY = "OUT_OF_MEMORY"
    CRASHED = "CRASHED"
    FLAKY = "FLAKY"
    NOT_VERIFIED = "NOT_VERIFIED"
    INTERNAL_ERROR = "INTERNAL_ERROR"


class _InFile:
    """How a line of a submission is said."""

    __slots__ = ()
    file: str
    line: int
    cell: int
    cell_line: int

    @property
    def lines(self) -> str:
        """The line, with its cell in a notebook, in words."""
        return f"cell {self.cell}, line {self.cell_line}" if self.cell else f"line {self.line}"

    @property
    def where(self) -> str:
        """File and line, as editors take them; in a notebook file, cell and line in words."""
        return f"{self.file}, {self.lines}" if self.cell else f"{self.file}:{self.line}"


class Location(Struct, _InFile, frozen=True):
    """A line of the submission's own file.

    `function` is the one it is in, `source` the line without its indent, `column` where in that,
    from 1; 0 where it is not known. In a notebook `cell` is the number of the code cell, from 1,
    `cell_line` the line in it, and `line` that of all its code cells one below the other.
    """

    file: str
    line: int
    function: str = ""
    source: str = ""
    column: int = 0
    cell: int = 0
    cell_line: int = 0


class Argument(Struct, frozen=True):
    """One argument of the call that failed.

    `shape` and `dtype` are set for tensors and arrays; `value` is readable text.
    """

    name: str
    value: str
    shape: tuple[int, ...] | None = None
    dtype: str | None = None


class EarlierCall(Struct, frozen=True):
    """A call that comes before the one that fails: it made, or changed, what that one needs."""

    call: str
    arguments: tuple[Argument, ...] = ()


class Counterexample(Struct, frozen=True):
    """The smallest input found on which the check fails, and how to run it again.

    `call` is the call in the learner's terms; `set_up` the calls that made the objects in it, in
    order, and `calls_before` counts the others; `at` is the first place that differs, as `h[batch
    0, unit 2]`; `allowed` the largest difference that would have passed.
    """

    call: str
    arguments: tuple[Argument, ...] = ()
    set_up: tuple[EarlierCall, ...] = ()
    at: str = ""
    expected: str = ""
    got: str = ""
    difference: str = ""
    allowed: str = ""
    mismatched: str = ""
    calls_before: int = 0
    replay: str = ""


class Diagnosis(Struct, frozen=True):
    """The misconception that the submission's answers match.

    `partial`: all that was observed of them is a few times yes or no, and another mistake may be
    observed alike. `second`: the other of two, which they match together; the first is the one that
    comes first in the code.
    """

    id: str
    title: str
    message: str
    partial: bool = False
    second: "Diagnosis | None" = None

    @property
    def headline(self) -> str:
        """The title, and how sure it is."""
        if self.second is not None:
            sure = "It looks as if there are two mistakes" if self.partial else "Two mistakes"
            return f"{sure}. The first: {self.title}"
        sure = "It looks as if it is this mistake" if self.partial else "Which mistake it is"
        return f"{sure}: {self.title}"

    @property
    def both(self) -> "tuple[Diagnosis, ...]":
        """It, and the second one if there are two."""
        return (self,) if self.second is None else (self, self.second)


class Suspect(Struct, _InFile, frozen=True):
    """The operation at which the submission's values leave those of every right answer.

    `column` and `end` enclose its expression in `source`, from 1, 0 if unknown; `known` names what
    it was given and what is right, in the words of the task. `cell` and `cell_line` as in
    `Location`. `returned`: what it made is right, and named by `known`, and is not what was to be
    answered there. `backward`: it is the gradient on the way back that leaves them. `alone`: of
    values nothing is known, but a small change of this expression or line, and of no other, makes
    the answers right.
    """

    file: str
    line: int
    source: str = ""
    column: int = 0
    end: int = 0
    operation: str = ""
    known: tuple[str, ...] = ()
    cell: int = 0
    cell_line: int = 0
    returned: bool = False
    backward: bool = False
    alone: bool = False

    @property
    def headline(self) -> str:
        """What the line is. A mistake may stand before it, where values are still right."""
        if self.alone:
            return "Where it goes wrong"
        what = "answer" if self.returned else "gradient" if self.backward else "value"
        return f"The first wrong {what}"

    @property
    def said(self) -> str:
        """What is right up to there, and what is not."""
        if self.alone:
            return "A small change in this place alone makes the answers right."
        *others, last = self.known or ("",)
        names = f"{', '.join(others)} and {last}" if others else last
        if self.returned:
            what = f"This ({names})" if names else "This"
            return f"{what} is met in right answers too, but it is not the answer here."
        if self.backward:
            return (
                "The values are met in right answers too; the gradient that comes back here is not."
            )
        into = f"What goes in ({names})" if names else "What goes in"
        return f"{into} is met in right answers too; what comes out is not."


class CheckResult(Struct, frozen=True):
    """One check's outcome.

    `sentence` is what the check stands for. `output` is what the submission printed, and
    `case_output` what it printed in the case that failed, the smallest one. `reason` is as
    much of the message as depends on no case (a missing name, a forbidden call). `place` is set
    where it was asked in another dtype or on another device; that is worth no points.
    """

    name: str
    sentence: str
    status: Status
    points: int
    max_points: int
    message: str = ""
    counterexample: Counterexample | None = None
    diagnosis: Diagnosis | None = None
    location: Location | None = None
    output: str = ""
    reason: str = ""
    suspect: Suspect | None = None
    place: str = ""
    case_output: str = ""


class Isolation(Struct, frozen=True):
    """How well the submission was fenced in.

    `level` "full" (namespaces) or "process" (a separate process, limits, timeouts).

    `layers` lists the fences that were up.
    """

    level: str
    layers: tuple[str, ...] = ()


class Versions(Struct, frozen=True):
    """What graded: results can be repeated with the same versions and seed."""

    tensor_katas: str
    python: str
    torch: str
    numpy: str
    hypothesis: str


class Verdict(Struct, frozen=True):
    """What the judge says about one submission to one kata.

    `seed` is None in a student's copy of a secret-seed verdict. `sha256` is of the file that was
    graded, as it was read. `notes` say what was met in a notebook: cells that were not run, a name
    that several define.
    """

    schema_version: int
    kata: str
    status: Status
    points: int
    max_points: int
    seed: int | None
    isolation: Isolation
    versions: Versions
    duration_s: float
    checks: tuple[CheckResult, ...]
    title: str = ""
    submission: str = ""
    sha256: str = ""
    message: str = ""
    location: Location | None = None
    output: str = ""
    device: str = "cpu"
    metrics: dict[str, float] = {}
    figures: tuple[dict[str, Any], ...] = ()
    pending_manual: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def failing(self) -> str:
        """The first check that ran and did not pass; empty if there is none."""
        unrun = (Status.PASSED, Status.NOT_RUN, Status.NOT_VERIFIED)
        return next((check.name for check in self.checks if check.status not in unrun), "")

    @property
    def diagnosis(self) -> Diagnosis | None:
        """The first diagnosis among the checks."""
        return next((check.diagnosis for check in self.checks if check.diagnosis), None)


class Report(Struct, frozen=True):
    """What `--json` writes."""

    schema_version: int
    verdicts: tuple[Verdict, ...]


def share(points: float, most: float) -> float:
    """Points as a share of what there is; 0 where there is nothing to get."""
    return points / most if most else 0.0


def overall(statuses: Sequence[Status]) -> Status:
    """The kata's status: ours first, then FORBIDDEN, then the first check that did not pass.

    NOT_VERIFIED never changes a kata's status, unless nothing at all was verified; NOT_RUN does
    only where nothing else explains it.
    """
    for grave in (Status.INTERNAL_ERROR, Status.FORBIDDEN):
        if grave in statuses:
            return grave
    if statuses and set(statuses) == {Status.NOT_VERIFIED}:
        return Status.NOT_VERIFIED
    rest = [status for status in statuses if status not in (Status.PASSED, Status.NOT_VERIFIED)]
    return next(
        (status for status in rest if status is not Status.NOT_RUN),
        rest[0] if rest else Status.PASSED,
    )


def to_json(verdicts: Sequence[Verdict]) -> bytes:
    """The report as JSON, indented. Nothing in it acts on a terminal or a log that shows it."""
    return json_document(Report(SCHEMA_VERSION, tuple(verdicts)))


def json_schema() -> bytes:
    """The JSON Schema of a report."""
    schema = msgspec.json.schema(Report) | {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Tensor Katas report",
    }
    for kind in schema["$defs"].values():  # Python keeps the indents of docstrings up to 3.12
        if "description" in kind:
            kind["description"] = inspect.cleandoc(kind["description"])
    return msgspec.json.format(msgspec.json.encode(schema), indent=2) + b"\n"


if __name__ == "__main__":  # `make schema`
    import sys

    sys.stdout.buffer.write(json_schema())
