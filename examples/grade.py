"""Grade the solutions and the examples, and hold the verdicts against what they should be.

Run by `make grade`. Exits with 0 if and only if every verdict is the expected one.
"""

import sys
import tomllib
from pathlib import Path

from grader.judge.opening import open_grader
from grader.submission.find import SubmissionFile

HERE = Path(__file__).parent


def main() -> int:
    """Grade everything; returns the exit code."""
    with open_grader() as grader:
        from grader.present.report import Writer
        from grader.present.text import console
        from grader.verdict import Status, Verdict

        course = grader.course
        report = Writer(console())
        wrong: list[str] = []

        def grade(found: SubmissionFile, status: str, diagnosis: str = "") -> Verdict:
            verdict = grader.grade(found)
            report.verdict(verdict)
            told = verdict.diagnosis.id if verdict.diagnosis else ""
            if verdict.status != status or told != diagnosis:
                wrong.append(
                    f"{found.path}: {verdict.status} {told}, expected {status} {diagnosis}"
                )
            return verdict

        report.line("Reference solutions", style="bold")
        solutions = [
            grade(SubmissionFile(kata, kata.solution), Status.PASSED) for kata in course.katas
        ]
        report.line("\nExample submissions", style="bold")
        examples = tomllib.loads((HERE / "expected.toml").read_text())
        kata = course.find(examples["kata"])
        for name, expected in examples["expected"].items():
            report.line(f"\n{name}", style="bold")
            grade(SubmissionFile(kata, HERE / "submissions" / name), **expected)
        passed = sum(verdict.status is Status.PASSED for verdict in solutions)
        report.line(f"\n{passed} of {len(solutions)} solutions passed", style="bold")
        for line in wrong:
            report.line(f"not as expected: {line}", style="red")
        report.line(
            f"{len(examples['expected']) + len(solutions) - len(wrong)} verdicts as expected"
        )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
