"""What a `checks.py` is written with: the one import of kata authors.

    from grader.checks import Source, Submission, check, expect, sizes, sources

Checks of things that several katas ask for stand in modules of their own, `cells`, `layers`,
`layer_checks`, `dropout`, `gates`, `weights`, `claims`, `graphs`, `words`, `tags`, `notation`,
`textplot` and `derivation`: `from grader.checks import gates`.
"""

from grader.checks.check import Check, CheckLimits, NotVerified, check, pick
from grader.checks.claims import Claim, check_claims, expect_claims
from grader.checks.compare import (
    CheckFailed,
    alike,
    allowed_difference,
    dtype_name,
    entries,
    expect,
    expect_call_changes_nothing,
    expect_error,
    expect_true,
    expect_unchanged,
    gradients_of,
    items,
    kind_of,
    number,
    place,
    plain,
)
from grader.checks.example import worked
from grader.checks.hearing import (
    data_path,
    observe,
    plain_numbers,
    record,
    record_figure,
    record_text,
)
from grader.checks.operations import Case, Operation
from grader.checks.strategies import DTYPES, Source, Strategy, sizes, sources, unequal
from grader.checks.submission import Handle, Submission, SubmissionError, Target, Vjp
from grader.checks.textplot import plot

__all__ = [
    "DTYPES",
    "Case",
    "Check",
    "CheckFailed",
    "CheckLimits",
    "Claim",
    "Handle",
    "NotVerified",
    "Operation",
    "Source",
    "Strategy",
    "Submission",
    "SubmissionError",
    "Target",
    "Vjp",
    "alike",
    "allowed_difference",
    "check",
    "check_claims",
    "data_path",
    "dtype_name",
    "entries",
    "expect",
    "expect_call_changes_nothing",
    "expect_claims",
    "expect_error",
    "expect_true",
    "expect_unchanged",
    "gradients_of",
    "items",
    "kind_of",
    "number",
    "observe",
    "pick",
    "place",
    "plain",
    "plain_numbers",
    "plot",
    "record",
    "record_figure",
    "record_text",
    "sizes",
    "sources",
    "unequal",
    "worked",
]
