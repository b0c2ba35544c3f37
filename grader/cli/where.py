"""Where a class is graded, for the commands that grade one: processes here, or a cluster."""

import argparse
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from grader.cli.common import count
from grader.errors import UsageError

if TYPE_CHECKING:
    from grader.classroom.grading import Graded


def add_where(parser: argparse.ArgumentParser) -> None:
    """The arguments that say where."""
    parser.add_argument(
        "--jobs", type=count, default=min(os.cpu_count() or 1, 8), metavar="N", help="processes"
    )
    parser.add_argument(
        "--scheduler",
        metavar="tls://HOST:PORT",
        help="grade on a cluster of dask.distributed instead of here; see docs/cluster.md",
    )
    for name, what in (
        ("ca", "whose certificates the cluster trusts"),
        ("cert", "this machine's certificate"),
        ("key", "its private key"),
    ):
        parser.add_argument(
            f"--tls-{name}", type=Path, metavar="PEM", help=f"for --scheduler tls://: {what}"
        )


def graded_where(
    arguments: argparse.Namespace, *, secret: bool
) -> "AbstractContextManager[Graded]":
    """What grades in the block: processes of this machine, or a cluster.

    Args:
        arguments: those of `add_where`.
        secret: there is a seed that nobody may read on the way.

    Raises:
        UsageError: the cluster may not be used.
    """
    from grader.classroom.grading import grading_here

    files = (arguments.tls_ca, arguments.tls_cert, arguments.tls_key)
    if arguments.scheduler is None:
        if any(files):
            raise UsageError("--tls-ca, --tls-cert and --tls-key go with --scheduler tls://...")
        return grading_here(arguments.jobs)
    from grader.classroom.cluster import Scheduler, grade_there

    scheduler = Scheduler(arguments.scheduler, *files)
    scheduler.check(secret=secret)
    if not scheduler.encrypted:
        who = "others on this machine" if scheduler.at_home else "others on the network"
        print(
            f"kata: {scheduler.address} is not guarded: {who} can read what is sent, and can run "
            "programs on the cluster",
            file=sys.stderr,
        )
    return nullcontext(partial(grade_there, scheduler, secret=secret))


@contextmanager
def progress_bar() -> Iterator[Callable[[int, int], None]]:
    """A bar with the time that is left, on a terminal."""
    from rich.progress import MofNCompleteColumn, Progress, TimeRemainingColumn

    from grader.present.text import console

    columns = (*Progress.get_default_columns()[:2], MofNCompleteColumn(), TimeRemainingColumn())
    hidden = not sys.stderr.isatty()
    with Progress(*columns, transient=True, disable=hidden, console=console(sys.stderr)) as bar:
        task = bar.add_task("grading", total=None)
        yield lambda done, of: bar.update(task, completed=done, total=of)
