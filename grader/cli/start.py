"""Where the command `kata` begins and ends.

While its modules are imported, and while Python clears up, Ctrl+C ends it at once: there is nothing
to put away, and nobody wants to read where it was. A command that was ended from outside has put
away what there was, and does not wait for Python to clear up: a thread of torch's that is still
running then would abort it.
"""

import os
import signal
import sys
from contextlib import suppress

ENDED = 128
"""Exit codes above it are those of signals."""


def main() -> int:
    """Run the command; see `grader.cli.main`."""
    before = signal.getsignal(signal.SIGINT)
    if before is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from grader.cli.main import main as run

    signal.signal(signal.SIGINT, before)
    try:
        code = run()
        if code > ENDED:
            for stream in (sys.stdout, sys.stderr):
                with suppress(OSError, ValueError, AttributeError):  # it may be closed
                    stream.flush()
            os._exit(code)
        return code
    finally:
        if before is signal.default_int_handler:
            signal.signal(signal.SIGINT, signal.SIG_DFL)
