"""Derivations that a machine can check, line by line.

A derivation is a list of pairs ``(line, word)`` in the notation that katas/interview/notation.md
describes.
`judge` compares each line with the one before, in the model of a `Question`, and says which is the
first that does not follow. `check_derivation` makes a check of a question.

Nothing heavy is imported here: SymPy comes with the first proof.
"""

from grader.checks.derivation.checks import check_derivation
from grader.checks.derivation.judge import Judgement, Problem, judge
from grader.checks.derivation.model import Approximation, Form, Model, Question

__all__ = [
    "Approximation",
    "Form",
    "Judgement",
    "Model",
    "Problem",
    "Question",
    "check_derivation",
    "judge",
]
