"""The command `kata drill`: the whiteboard."""

import argparse
import sys
from pathlib import Path

from grader.cli.common import (
    NOT_PASSED,
    OK,
    Add,
    add_isolation,
    begun,
    count,
    course_of,
    kata_of,
    seed,
)
from grader.course.blind import blind_stub
from grader.course.workspace import find_workspace
from grader.errors import UsageError
from grader.judge.opening import open_grader


def add(command: Add) -> None:
    """Add the command."""
    made = command(
        "drill",
        drill,
        "the whiteboard: one kata against the clock",
        examples=("kata drill lstm_cell", "kata drill gru_cell --minutes 10 --blind"),
    )
    made.add_argument("kata", nargs="?", metavar="KATA", help="its name, as far as it is unique")
    made.add_argument(
        "--minutes", type=count, default=15, metavar="N", help="how long it may take (default 15)"
    )
    made.add_argument(
        "--blind",
        action="store_true",
        help="signatures and shapes alone, no formulas; no verdict before the end",
    )
    made.add_argument("--seed", type=seed, default=0, metavar="N", help="cases derive from it")
    add_isolation(made)


def drill(arguments: argparse.Namespace) -> int:
    """`kata drill`."""
    course, kata = course_of(arguments), kata_of(arguments)
    path = _begin(kata.short, kata.stub.read_text("utf-8"), arguments.blind)
    from grader.present.drill import Drill, clock, in_short, versions, write_report
    from grader.present.report import Writer
    from grader.present.text import console

    writer = Writer(console(sys.stdout))
    opened = open_grader(course, level=arguments.isolation, seed=arguments.seed)
    with begun(opened) as grader:
        grader.prepared(kata)
        state = Drill(60.0 * arguments.minutes)
        writer.line(f"{kata.name}: {kata.spec.title}", style="bold")
        writer.line(f"Write it in {path}")
        writer.line(
            f"You have {arguments.minutes} min. Each save is handed in; Ctrl+C ends it.",
            style="dim",
        )
        try:
            for at_s, source in versions(path, state.limit_s):
                verdict = grader.attempt_source(kata, source, shown=str(path)).verdict()
                state.saved(at_s, verdict)
                writer.line(f"{clock(at_s)}  {'saved' if arguments.blind else in_short(verdict)}")
                if state.passed:
                    break
        except KeyboardInterrupt:
            writer.line("")
        write_report(writer, state)
    return OK if state.passed else NOT_PASSED


def _begin(short: str, stub: str, blind: bool) -> Path:
    """A folder of its own for this drill, with the stub in it."""
    workspace = find_workspace(Path.cwd())
    if workspace is None:
        raise UsageError(
            f"{Path.cwd()} lies in no workspace",
            advice="kata init DIR makes one; a drill leaves what you have written there alone.",
        )
    number = 1
    while (folder := workspace / "drills" / f"{short}-{number}").exists():
        number += 1
    try:
        folder.mkdir(parents=True)
        path = folder / f"{short}.py"
        path.write_text(blind_stub(stub) if blind else stub, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{folder} cannot be written: {error.strerror}") from None
    return path
