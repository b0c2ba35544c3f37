"""A package that a kata needs and that is not installed: not verified, and nobody's fault."""

import pytest

from grader.verdict import Status

CHECKS = '''
@check(points=1)
def doubles(submission: Submission) -> None:
    """It doubles."""
    expect_true(submission["double"](2) == 4, "It does not double.")
'''
USES = "import surely_absent\n\n\ndef double(x):\n    return 2 * x\n"


@pytest.mark.parametrize(
    ("toml", "source", "status"),
    [
        ('preload = ["surely_absent.parts"]\n', USES, Status.NOT_VERIFIED),
        ("", USES, Status.FAILED),
        ('preload = ["surely_absent"]\n', USES.replace("absent", "gone"), Status.FAILED),
        (
            'preload = ["json"]\n',
            "raise ModuleNotFoundError(\"No module named 'json'\")\n",
            Status.FAILED,
        ),
    ],
    ids=["needed", "not asked for", "another", "pretended"],
)
def test_only_a_package_of_the_katas_own_is_excused(made, toml, source, status) -> None:
    grader = made(CHECKS, toml=toml)
    (kata,) = grader.course.katas
    verdict = grader.attempt_source(kata, source.encode()).verdict()
    assert verdict.status is status
    assert verdict.points == 0
    if status is Status.NOT_VERIFIED:
        assert "needs the package surely_absent, which is not installed here" in verdict.message
        assert verdict.checks[0].status is Status.NOT_VERIFIED
