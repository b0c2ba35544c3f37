"""A check of a derivation, from its question."""

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

from grader.checks.check import Check, check, pick
from grader.checks.compare import expect_true
from grader.checks.derivation.judge import judge
from grader.checks.derivation.model import Question
from grader.checks.hearing import observe
from grader.checks.submission import Submission


def check_derivation(
    function: str,
    *,
    points: int = 1,
    after: Check | str | Sequence[Check | str] = (),
    twists: Sequence[str] = (),
) -> Callable[[Callable[..., Question]], Check]:
    """Mark a function that returns a question as the check of the derivation that answers it.

    Its docstring's first line is the sentence that the learner reads.

    Args:
        function: the submission's, which returns the lines.
        points: what the check is worth.
        after: a check, or several, that must have passed before.
        twists: changes of the model, by the names that the task lists. The seed picks one of them.
            Then the question is a function of the twist, and so is the submission's.
    """

    def mark(ask: Callable[..., Question]) -> Check:
        if twists:
            questions = {twist: ask(twist) for twist in twists}

            @pick("twist", tuple(twists))
            @wraps(ask)
            def twisted(submission: Submission, twist: str) -> None:
                head = f"The seed picked the twist {twist!r}. "
                _hold(f"{function}({twist!r})", questions[twist], submission[function](twist), head)

            return check(points=points, after=after)(twisted)
        question = ask()

        @wraps(ask)
        def body(submission: Submission) -> None:
            _hold(function, question, submission[function]())

        return check(points=points, after=after)(body)

    return mark


def _hold(label: str, question: Question, answer: Any, head: str = "") -> None:
    judgement = judge(question, answer)
    observe(label, judgement.fingerprint)  # depends on no spelling
    expect_true(judgement.complete, head + judgement.message)
