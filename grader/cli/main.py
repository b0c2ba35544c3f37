"""The command `kata`.

Only what a command needs is imported: `kata list` never sees torch, and `kata check` starts the
sandbox before it imports anything heavy, so that judge and zygote import torch side by side.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from grader import __version__
from grader.cli import (
    classroom,
    data,
    drill,
    export,
    grade,
    learn,
    look,
    mark,
    notebook,
    output,
    pages,
    play,
    regrade,
    similar,
    teach,
    watch,
    workspace,
)
from grader.cli.common import INTERNAL, OK, USAGE, Parser, Run, examples_text
from grader.cli.completion import PrintCompletion
from grader.cli.endings import EndedError, heard, how
from grader.errors import InstallationError, KataError
from grader.text import one_line

EXAMPLES = (
    "kata init ~/katas && cd ~/katas    a folder with every stub and task",
    "kata next                          what to do first",
    "kata check lstm_cell               what is right, what is wrong",
    "kata watch                         check again on each save",
    "kata check --help                  more about one command",
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns the exit code.

    0: all passed. 1: not all. 2: usage, or the output is closed or full. 3: an error of ours.
    """
    if not output.prepare():
        return _lost("it is closed")
    try:
        with heard():
            code = _run(argv)
    except SystemExit:  # argparse has said what there is to say
        problem = output.finish()
        if problem:
            return _lost(problem)
        raise
    problem = output.finish()
    return _lost(problem) if problem else code


def _run(argv: Sequence[str] | None) -> int:
    try:
        given = list(sys.argv[1:] if argv is None else argv)
        if not given:
            parser().print_help()
            return OK
        if given[0] == "help":  # as git, cargo and pip have it
            given = [*given[1:2], "--help"]
        arguments = parser().parse_args(given)
        run: Run = arguments.run
        try:
            return run(arguments)
        except ImportError as error:
            raise InstallationError(error) from error
    except KataError as error:
        output.say(
            f"kata: {one_line(error.message)}",
            *([f"      {one_line(error.advice)}"] if error.advice else []),
        )
        return error.exit_code
    except (KeyboardInterrupt, EndedError) as error:
        said, code = how(error)
        output.say(f"\nkata: {said}")
        return code
    except OSError as error:
        problem = output.lost(error)
        if problem:
            return _lost(problem)
        problem = output.refused(error)
        if problem:
            output.say(f"kata: {problem}")
            return USAGE
        return _internal(error)
    except Exception as error:
        return _internal(error)


def _lost(problem: str) -> int:
    output.say(f"kata: the output cannot be written: {problem}")
    return USAGE


def _internal(error: Exception) -> int:
    """Say that it is our fault, and leave the traceback where it does not frighten anybody."""
    import tempfile
    import traceback

    what = f"{type(error).__name__}: {one_line(str(error))[:300]}"
    output.say(f"kata: an error of the grader's, not yours: {what}")
    try:
        with tempfile.NamedTemporaryFile(
            "w",
            prefix="kata-error-",
            suffix=".txt",
            delete=False,
            encoding="utf-8",
            errors="backslashreplace",
        ) as file:
            traceback.print_exception(error, file=file)
        output.say(f"      Please report it with the file {file.name}")
    except OSError:
        pass
    return INTERNAL


def parser() -> argparse.ArgumentParser:
    """The command line: every command with its arguments."""
    made = Parser(
        prog="kata",
        description="Katas for deep learning, and a grader that can be trusted.",
        epilog=examples_text(EXAMPLES),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument("--version", action="version", version=f"tensor-katas {__version__}")
    made.add_argument("--print-completion", action=PrintCompletion)
    commands = made.add_subparsers(
        title="commands", required=True, metavar="COMMAND", parser_class=Parser
    )

    def command(
        name: str, run: Run, text: str, *, examples: Sequence[str] = ()
    ) -> argparse.ArgumentParser:
        added = commands.add_parser(
            name,
            help=text,
            description=text,
            epilog=examples_text(examples),
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        added.set_defaults(run=run, isolation=None)
        added.add_argument(
            "--course",
            type=Path,
            metavar="DIR",
            help="a folder with katas/ and solutions/ of your own",
        )
        return added

    for group in (
        learn,
        workspace,
        watch,
        notebook,
        grade,
        look,
        pages,
        drill,
        play,
        data,
        teach,
        classroom,
        regrade,
        mark,
        similar,
        export,
    ):
        group.add(command)
    return made
