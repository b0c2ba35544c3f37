"""Commands for whoever writes and teaches a course: audit, doctor."""

import argparse
import os
import sys

from grader.cli.common import (
    NOT_PASSED,
    OK,
    Add,
    add_isolation,
    count,
    course_of,
    progress,
    write,
)


def add(command: Add) -> None:
    """Add the commands."""
    made = command(
        "audit",
        audit,
        "prove a course: stubs fail, right answers pass, every misconception is detected and "
        "diagnosed",
    )
    made.add_argument("kata", nargs="*", metavar="KATA")
    made.add_argument(
        "--seeds", type=count, default=3, metavar="N", help="how many seeds (default 3)"
    )
    made.add_argument(
        "--jobs", type=count, default=min(os.cpu_count() or 1, 8), metavar="N", help="processes"
    )
    made.add_argument(
        "--json", metavar="PATH", help="also write the table as JSON; - for standard output"
    )
    made.add_argument("--verbose", action="store_true", help="show every misconception")
    add_isolation(made)
    command("doctor", doctor, "what the sandbox can do on this machine, and how to get more")


def audit(arguments: argparse.Namespace) -> int:
    """`kata audit`."""
    course = course_of(arguments)
    katas = [course.find(name) for name in arguments.kata] or list(course.katas)
    from grader.audit.audit import audit as run_audit
    from grader.audit.findings import to_json
    from grader.present.findings import write_findings
    from grader.present.text import console

    out = console(sys.stderr if arguments.json == "-" else sys.stdout)
    with progress("auditing") as show:
        findings = run_audit(
            course,
            katas,
            seeds=arguments.seeds,
            jobs=arguments.jobs,
            level=arguments.isolation,
            progress=show,
        )
    write_findings(out, findings, verbose=arguments.verbose)
    if arguments.json:
        write(arguments.json, to_json(findings))
    return OK if all(finding.clean for finding in findings) else NOT_PASSED


def doctor(arguments: argparse.Namespace) -> int:
    """`kata doctor`."""
    from grader.present.doctor import examine
    from grader.present.report import Writer
    from grader.present.text import console

    return OK if examine(Writer(console())) else NOT_PASSED
