"""A check of a derivation, from its question."""

from collections.abc import Callable, Sequence
from functools import wraps

from grader.checks.check import Check, check
from grader.checks.compare import expect_true
from grader.checks.derivation.judge import judge
from grader.checks.derivation.model import Question
from grader.checks.hearing import observe
from grader.checks.submission import Submission


def check_derivation(
    function: str, *, points: int = 1, after: Check | str | Sequence[Check | str] = ()
) -> Callable[[Callable[[], Question]], Check]:
    """Mark a function that returns a question as the check of the derivation that answers it.

    Its docstring's first line is the sentence that the learner reads.

    Args:
        function: the submission's, which returns the lines.
        points: what the check is worth.
        after: a check, or several, that must have passed before.
    """

    def mark(ask: Callable[[], Question]) -> Check:
        question = ask()

        @wraps(ask)
        def body(submission: Submission) -> None:
            judgement = judge(question, submission[function]())
            observe(function, judgement.fingerprint)  # depends on no spelling
            expect_true(judgement.complete, judgement.message)

        return check(points=points, after=after)(body)

    return mark
