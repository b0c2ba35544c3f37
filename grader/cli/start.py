"""Where the command `kata` begins and ends.

While its modules are imported, and while Python clears up, Ctrl+C ends it at once: there is nothing
to put away, and nobody wants to read where it was.
"""

import signal


def main() -> int:
    """Run the command; see `grader.cli.main`."""
    before = signal.getsignal(signal.SIGINT)
    if before is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from grader.cli.main import main as run

    signal.signal(signal.SIGINT, before)
    try:
        return run()
    finally:
        if before is signal.default_int_handler:
            signal.signal(signal.SIGINT, signal.SIG_DFL)
