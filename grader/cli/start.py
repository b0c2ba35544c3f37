"""Where the command `kata` begins and ends.

While its modules are imported, and at its end, Ctrl+C ends it at once: there is nothing to put
away, and nobody wants to read where it was. A command that has run has put away what there was,
and does not wait for Python to clear up: taking torch down takes a tenth of a second and more,
and a thread of torch's that is still running then would abort it.
"""

import os
import signal
import sys
from contextlib import suppress
from typing import NoReturn


def main() -> NoReturn:
    """Run the command, and end the process with its exit code; see `grader.cli.main`."""
    before = signal.getsignal(signal.SIGINT)
    if before is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from grader.cli.main import main as run
    from grader.judge.light_torch import hold_back

    hold_back()
    signal.signal(signal.SIGINT, before)
    try:
        code = run()
    except SystemExit as ended:  # argparse has said what there is to say
        code = ended.code if isinstance(ended.code, int) else 0
    finally:
        if before is signal.default_int_handler:
            signal.signal(signal.SIGINT, signal.SIG_DFL)
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError, AttributeError):  # it may be closed
            stream.flush()
    os._exit(code)
