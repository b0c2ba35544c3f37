"""The command with which people mark: mark."""

import argparse
import getpass
import socket
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from grader.cli.common import OK, Add, add_book, check_writable, course_of, existing_book, write
from grader.errors import UsageError
from grader.text import one_line

if TYPE_CHECKING:
    from grader.classroom.gradebook import Gradebook
    from grader.classroom.marking import Asked

LONGEST_NAME = 60


def add(command: Add) -> None:
    """Add the command."""
    made = command(
        "mark",
        mark,
        "mark free text, on a page in your browser or in a CSV",
        examples=(
            "kata mark --gradebook class.sqlite",
            "kata mark --gradebook class.sqlite --marker grace alan",
            "kata mark --gradebook class.sqlite --csv-out marks.csv",
        ),
    )
    add_book(made)
    made.add_argument(
        "--marker",
        nargs="+",
        default=[],
        metavar="NAME",
        help="who marks; each gets a link of their own (default: your name on this machine)",
    )
    made.add_argument(
        "--port", type=port, default=0, metavar="N", help="on 127.0.0.1 (default: any free one)"
    )
    instead = made.add_mutually_exclusive_group()
    instead.add_argument(
        "--csv-out", metavar="FILE.csv", help="write the answers and marks; - is standard output"
    )
    instead.add_argument(
        "--csv-in", type=Path, metavar="FILE.csv", help="take the marks of that file, filled in"
    )


def mark(arguments: argparse.Namespace) -> int:
    """`kata mark`."""
    from grader.classroom.gradebook import Gradebook
    from grader.classroom.marking import asked_in, items_in
    from grader.classroom.marking_sheet import sheet_of, take_sheet
    from grader.classroom.prose import decisions_in

    path = existing_book(arguments.gradebook)
    check_writable(arguments.csv_out)
    markers = _markers(arguments.marker)
    asked = asked_in(course_of(arguments).katas)
    now = datetime.now(UTC)
    # A page stays open for an afternoon, in which the class may be graded.
    with Gradebook(path, beside=True) as book:
        if arguments.csv_out:
            items = items_in(book, asked, now)
            write(arguments.csv_out, sheet_of(items, asked, decisions_in(book)).encode())
        elif arguments.csv_in:
            print(f"{take_sheet(book, asked, arguments.csv_in, markers[0], now)} new marks")
        else:
            _serve(book, asked, markers, arguments.port)
    return OK


def _markers(given: Sequence[str]) -> list[str]:
    """The markers' names, once each.

    Raises:
        UsageError: one is empty, or too long.
    """
    names = [one_line(name) for name in given or [_own_name()]]
    for name in names:
        if not name or len(name) > LONGEST_NAME:
            raise UsageError(f"{name[:20]!r} is no name of a marker: 1 to {LONGEST_NAME} letters")
    return list(dict.fromkeys(names))


def _own_name() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "marker"


def _serve(
    book: "Gradebook", asked: "Mapping[str, Asked]", markers: Sequence[str], wanted: int
) -> None:
    try:
        import uvicorn

        from grader.web.guard import doors
        from grader.web.marking import marking_app
    except ImportError as error:
        raise UsageError(
            f"the page needs {error.name}, which is not installed",
            advice="pip install 'tensor-katas[mark]', or mark in a CSV: --csv-out and --csv-in.",
        ) from None
    with socket.socket() as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind(("127.0.0.1", wanted))
        except OSError as error:
            raise UsageError(
                f"port {wanted} cannot be used: {error.strerror}",
                advice="Leave --port out, and a free one is taken.",
            ) from None
        links = doors(listening.getsockname()[1], markers)
        for marker in markers:
            print(f"{marker}: {links.link(marker)}")
        print("Each link lets its marker in. Ctrl+C ends; every mark is saved at once.", flush=True)
        app = marking_app(book, asked, links)
        config = uvicorn.Config(app, log_level="critical", access_log=False, lifespan="off",
                                server_header=False, timeout_graceful_shutdown=2)  # fmt: skip
        try:
            uvicorn.Server(config).run(sockets=[listening])
        except KeyboardInterrupt:
            print("ended", file=sys.stderr)


def port(text: str) -> int:
    """A port, as an argument."""
    if not text.isdecimal() or not 0 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is no port: a number from 0 to 65535")
    return int(text)
