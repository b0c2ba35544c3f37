"""What a learner may see of a verdict under a secret seed."""

import re

import msgspec

from grader.verdict import Location, Status, Verdict


def student_copy(verdict: Verdict) -> Verdict:
    """The verdict of a secret-seed grading without inputs, expected values, seed and replay.

    Messages of exceptions and what was printed could echo the inputs, so they go too; the diagnosis
    is our own text and stays. So does why a submission cannot be graded at all: it was told before
    any case was asked.
    """
    checks = tuple(
        msgspec.structs.replace(
            check,
            message=verdict.message or _public(check.status, check.message),
            counterexample=None,
            output="",
            location=_line_only(check.location),
        )
        for check in verdict.checks
    )
    return msgspec.structs.replace(
        verdict,
        seed=None,
        checks=checks,
        output="",
        metrics={},
        figures=(),
    )


def _line_only(location: Location | None) -> Location | None:
    return Location(location.file, location.line) if location else None


# Sentences of ours for the student's copy: no word of a worker's may carry inputs out.
_PUBLIC = {
    Status.NOT_IMPLEMENTED: "It still raises NotImplementedError.",
    Status.FORBIDDEN: "It uses something that this kata does not allow.",
    Status.TIMED_OUT: "It did not answer within the time allowed.",
    Status.OUT_OF_MEMORY: "It asked for more memory than it may use.",
}


def _public(status: Status, message: str) -> str:
    if status in (Status.NOT_RUN, Status.NOT_VERIFIED) or not message:
        return message  # made by the judge, of names of checks
    missing = _MISSING.match(message)
    if missing is not None:
        return f"{missing[0]}. The kata asks for it under exactly this name."
    return _PUBLIC.get(status, "The details stay with the instructor.")


_MISSING = re.compile(r"`[A-Za-z_]\w{0,80}` is not there(?=[,.] )")
"""The name is one that the judge has asked for."""
