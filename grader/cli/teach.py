"""Commands for whoever writes and teaches a course: new, stub, audit, doctor."""

import argparse
import os
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

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
from grader.errors import NotFoundError, UsageError
from grader.wire.places import DEVICES

if TYPE_CHECKING:
    from rich.console import Console

    from grader.course.catalog import Course
    from grader.course.kata import Kata

    Katas = list[Kata]


def add(command: Add) -> None:
    """Add the commands."""
    made = command("new", new, "begin a kata: files with a small example, to be replaced")
    made.add_argument("name", metavar="TRACK/NAME")
    made = command("stub", stub, "write a kata's stub anew, from its solution")
    made.add_argument("kata", nargs="*", metavar="KATA")
    made.add_argument(
        "--check", action="store_true", help="write nothing; say which stubs are not up to date"
    )
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
        "--share",
        type=count,
        default=1,
        metavar="N",
        help="one in N misconceptions on each seed, other ones on the next (default 1: all)",
    )
    made.add_argument(
        "--jobs", type=count, default=min(os.cpu_count() or 1, 8), metavar="N", help="processes"
    )
    made.add_argument(
        "--json", metavar="PATH", help="also write the table as JSON; - for standard output"
    )
    made.add_argument("--verbose", action="store_true", help="show every misconception")
    made.add_argument(
        "--device",
        choices=DEVICES,
        default="cpu",
        help="where, and in which dtypes, right answers are asked too (see `kata check --help`)",
    )
    made.add_argument(
        "--training",
        action="store_true",
        help="also the checks in which a submission trains, and what only they detect (minutes)",
    )
    made.add_argument(
        "--chance",
        action="store_true",
        help="instead, how often the cases that a seed draws all miss a misconception",
    )
    add_isolation(made)
    command("doctor", doctor, "what the sandbox can do on this machine, and how to get more")


def new(arguments: argparse.Namespace) -> int:
    """`kata new`."""
    from grader.course.template import new_kata
    from grader.present.report import Writer
    from grader.present.text import console

    try:
        course = course_of(arguments)
    except NotFoundError as error:
        advice = f"A new course is a folder with `katas` in it: mkdir -p {arguments.course}/katas"
        raise NotFoundError(error.message, advice=advice) from None
    if course.root.is_relative_to(Path(__file__).parents[1]):
        raise UsageError(
            "the course that comes with an installed tensor-katas is not to be written to",
            advice="Give a course of your own: --course DIR, a folder with katas/ in it.",
        )
    files = new_kata(course, arguments.name)
    writer = Writer(console())
    for path in files:
        writer.line(str(path))
    where = f" --course {arguments.course}" if arguments.course else ""
    writer.line(
        f"Next: kata audit {arguments.name}{where} says what is still to be written.", style="dim"
    )
    return OK


def stub(arguments: argparse.Namespace) -> int:
    """`kata stub`."""
    from grader.audit.files import stub_problems
    from grader.course.stubs import generated_stub
    from grader.present.report import Writer
    from grader.present.text import console

    course = course_of(arguments)
    if not arguments.kata and not arguments.check:
        raise UsageError(
            "no kata is named", advice="Name those whose stubs are to be written, or use --check."
        )
    katas = [k for name in arguments.kata for k in course.select(name)] or list(course.katas)
    writer = Writer(console())
    if arguments.check:
        problems = [problem for kata in katas for problem in stub_problems(kata)]
        for problem in problems:
            writer.line(f"✗ {problem}", style="red")
        if not problems:
            writer.line(f"✓ {len(katas)} stubs are what their solutions give.", style="green")
        return NOT_PASSED if problems else OK
    for kata in katas:
        text = generated_stub(kata.solution)
        try:
            if kata.stub.is_file() and kata.stub.read_bytes() == text.encode():
                writer.line(f"{kata.stub} is up to date.")
                continue
            kata.stub.write_text(text, encoding="utf-8")
        except OSError as error:
            raise UsageError(f"{kata.stub} cannot be written: {error.strerror}") from None
        writer.line(f"{kata.stub} is written.")
    return OK


def audit(arguments: argparse.Namespace) -> int:
    """`kata audit`."""
    course = course_of(arguments)
    katas = [k for name in arguments.kata for k in course.select(name)] or list(course.katas)
    from grader.audit.findings import to_json
    from grader.present.text import console

    out = console(sys.stderr if arguments.json == "-" else sys.stdout)
    writer, run = (_chance if arguments.chance else _audit)(arguments, out, course, katas)
    writer.head()
    with progress("auditing") as show:

        def found(one: Any) -> None:
            writer.finding(one)
            show(f"{writer.written} of {len(katas)}")

        findings = run(
            seeds=arguments.seeds, jobs=arguments.jobs, level=arguments.isolation, found=found
        )
    writer.summary(findings)
    if arguments.json:
        write(arguments.json, to_json(findings))
    return NOT_PASSED if any(one.problems for one in findings) else OK


def _audit(arguments: argparse.Namespace, out: "Console", course: "Course", katas: "Katas") -> Any:
    """Who writes the findings of an audit, and what finds them."""
    from grader.audit.audit import audit as run_audit
    from grader.present.findings import FindingsWriter

    names = [kata.name for kata in katas]
    return FindingsWriter(out, names, verbose=arguments.verbose), partial(
        run_audit,
        course,
        katas,
        share=arguments.share,
        devices=arguments.device,
        training=arguments.training,
    )


def _chance(arguments: argparse.Namespace, out: "Console", course: "Course", katas: "Katas") -> Any:
    """The same where it is asked how likely a miss is."""
    from grader.audit.chance import chances
    from grader.present.findings import ChancesWriter

    for name, value, usual in (
        ("--training", arguments.training, False),
        ("--share", arguments.share, 1),
        ("--device", arguments.device, "cpu"),
    ):
        if value != usual:
            raise UsageError(
                f"`kata audit --chance` takes no {name}: it asks what is drawn, all of it, in the "
                "usual dtypes on the CPU"
            )
    names = [kata.name for kata in katas]
    return ChancesWriter(out, names, verbose=arguments.verbose), partial(chances, course, katas)


def doctor(arguments: argparse.Namespace) -> int:
    """`kata doctor`."""
    from grader.present.doctor import examine
    from grader.present.report import Writer
    from grader.present.text import console

    return OK if examine(Writer(console()), course_of(arguments)) else NOT_PASSED
