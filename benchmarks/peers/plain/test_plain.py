"""The checks of a kata on a submission as a course would run them without this project's engine.

The file is imported into pytest's own process, and each check draws its cases by Hypothesis: no
sandbox, no diagnosis, no counterexample. `SUBMISSION` is the file, which is named after its kata.
"""

import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2]))
from in_process import checks_of, hold, in_file

SUBMISSION = Path(os.environ["SUBMISSION"])


@pytest.mark.parametrize("check", checks_of(SUBMISSION.stem))
def test_check(check: str) -> None:
    """A check of the kata's."""
    hold(SUBMISSION.stem, check, in_file(SUBMISSION).names)
