"""What is forbidden is looked for before the fork, and guarded wherever it is held after it."""

import subprocess
import sys

PROGRAM = """
import sys
import types

import numpy

from grader.wire.messages import Forbidden
from grader.worker import forbidden

spec = Forbidden(names=("numpy.stack", "numpy.nothing"))
early = types.ModuleType("early")
early.mine = numpy.stack
sys.modules["early"] = early
forbidden.prepare(spec)
late = types.ModuleType("late")
late.mine = numpy.stack
sys.modules["late"] = late
forbidden.install(spec)
for function in (numpy.stack, early.mine, late.mine):
    try:
        function([])
    except forbidden.ForbiddenCall as stopped:
        print(stopped)
"""


def test_what_is_imported_after_the_look_is_guarded_too() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True)
    assert done.stdout.splitlines() == ["numpy.stack"] * 3, done.stderr
