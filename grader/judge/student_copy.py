"""What a learner may see of a verdict under a secret seed."""

import msgspec

from grader.verdict import CheckResult, Location, Status, Suspect, Verdict


def student_copy(verdict: Verdict) -> Verdict:
    """The verdict of a secret-seed grading without inputs, expected values, seed and replay.

    Messages of exceptions and what was printed could echo the inputs, so they go too; the diagnosis
    is our own text and stays. So does why a submission cannot be graded at all: it was told before
    any case was asked.
    """
    checks = tuple(
        msgspec.structs.replace(
            check,
            message=verdict.message or _public(check),
            counterexample=None,
            output="",
            case_output="",
            location=_line_only(check.location),
            suspect=_suspect_line_only(check.suspect),
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


def shown_verdict(data: bytes, secret_seed: int | None) -> Verdict:
    """A verdict (JSON) as its learner may see it.

    Args:
        data: the whole verdict, as the gradebook keeps it.
        secret_seed: the class'; None if it has none.
    """
    verdict = msgspec.json.decode(data, type=Verdict)
    hidden = secret_seed is not None and verdict.seed == secret_seed
    return student_copy(verdict) if hidden else verdict


def _line_only(location: Location | None) -> Location | None:
    if location is None:
        return None
    return Location(location.file, location.line, cell=location.cell, cell_line=location.cell_line)


def _suspect_line_only(suspect: Suspect | None) -> Suspect | None:
    if suspect is None:
        return None
    return Suspect(suspect.file, suspect.line, cell=suspect.cell, cell_line=suspect.cell_line)


# Sentences of ours for the student's copy: no word of a worker's may carry inputs out.
_PUBLIC = {
    Status.NOT_IMPLEMENTED: "It still raises NotImplementedError.",
    Status.FORBIDDEN: "It uses something that this kata does not allow.",
    Status.TIMED_OUT: "It did not answer within the time allowed.",
    Status.OUT_OF_MEMORY: "It asked for more memory than it may use.",
}


def _public(check: CheckResult) -> str:
    if check.status in (Status.NOT_RUN, Status.NOT_VERIFIED) or not check.message:
        return check.message  # made by the judge, of names of checks
    return check.reason or _PUBLIC.get(check.status, "The details stay with the instructor.")
