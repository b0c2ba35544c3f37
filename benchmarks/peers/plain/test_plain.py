"""The checks of a kata on a submission as a course would run them without this project's engine.

The file is imported into pytest's own process, and each check draws its cases by Hypothesis: no
sandbox, no diagnosis, no counterexample. `SUBMISSION` is the file, which is named after its kata.
"""

import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2]))
from bench import InProcess

from grader.checks.check import derive
from grader.checks.load import load_checks
from grader.course.catalog import built_in_course

SUBMISSION = Path(os.environ["SUBMISSION"])
KATA = built_in_course().find(SUBMISSION.stem)
CHECKS = load_checks(
    KATA.checks_file,
    name="plain_checks",
    parameters={name: one.parameters for name, one in KATA.signatures.items()},
)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
def test_check(check) -> None:
    """A check of the kata's."""
    submission = InProcess(SUBMISSION)
    check.run(seed=derive(0, KATA.name, check.name), each=lambda body: body(submission), drawn=None)
