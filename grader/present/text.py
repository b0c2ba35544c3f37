"""Text for a terminal: the only place that colours.

Texts may come from a submission. Each is made neutral (`grader.text`) before it is shown, and none
is ever read as markup.
"""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

from rich.console import Console
from rich.text import Text

from grader.text import neutral, one_line

MAX_WIDTH = 100


clean = neutral
"""A text as it may be shown: see `grader.text.neutral`."""


class _Console(Console):
    """A console that leaves a closed output to its caller, and ends nothing."""

    def on_broken_pipe(self) -> None:
        raise  # Rich calls this while it handles the BrokenPipeError


def console(
    file: TextIO | None = None, *, width: int | None = None, plain: bool = False
) -> Console:
    """A console: colour on a terminal only, `NO_COLOR` honoured, at most `MAX_WIDTH` wide.

    `plain`: lines of plain text, whatever the environment says about colours.
    """
    stream = file or sys.stdout
    made = _Console(
        file=stream,
        force_terminal=False if plain else None,
        force_jupyter=False,  # in a notebook Rich would write to the page, not to the stream
        color_system=None if plain else "auto",
        highlight=False,
        soft_wrap=False,
        emoji=False,
        markup=False,
    )
    if width is None:
        width = min(
            made.width if stream.isatty() else int(os.environ.get("COLUMNS") or 80), MAX_WIDTH
        )
    made.width = width
    return made


@contextmanager
def status(what: str, stream: TextIO) -> Iterator[Callable[[str], None]]:
    """A line that says what is being done, and is gone afterwards.

    Args:
        what: is shown at its beginning.
        stream: a terminal.

    Yields:
        A function that shows what step it is at; the text may come from a submission.
    """
    out = console(stream)
    with out.status(Text(what, overflow="ellipsis", no_wrap=True)) as shown:

        def show(step: str) -> None:
            line = one_line(f"{what} {step}")
            shown.update(Text(line[: out.width - 4], overflow="ellipsis", no_wrap=True))

        yield show
