"""`kata --print-completion SHELL`: what a shell needs to complete the command line."""

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from grader.cli.common import OK
from grader.course.catalog import built_in_course

SHELLS = ("bash", "zsh", "fish", "tcsh")


class PrintCompletion(argparse.Action):
    """Prints a shell's completion script and ends; nothing is imported for it before."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            **options,
            choices=SHELLS,
            metavar="SHELL",
            help=f"print a completion script for {', '.join(SHELLS)}, and end",
        )

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: str | Sequence[Any] | None,
        option_string: str | None = None,
    ) -> None:
        """Print it."""
        import shtab

        course = built_in_course()
        tracks = list(dict.fromkeys(kata.track for kata in course.katas))
        names = [name for kata in course.katas for name in (kata.name, kata.short)]
        for action in _actions(parser):
            if action.metavar in ("KATA", "KATA | FILE"):
                action.choices = names
            elif action.metavar == "TRACK":
                action.choices = tracks
            elif action.type is Path:
                action.complete = shtab.FILE  # type: ignore[attr-defined]
        print(shtab.complete(parser, str(values)))
        parser.exit(OK)


def _actions(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    """Every argument of a parser and of its commands."""
    for action in parser._actions:
        yield action
        if isinstance(action, argparse._SubParsersAction):
            for below in action.choices.values():
                yield from _actions(below)
