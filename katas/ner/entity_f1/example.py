"""The worked example of the task: four sentences, six gold entities, five predicted ones."""

from grader.checks import Submission, worked

GOLD = (
    "B-PER I-PER O B-PER O B-LOC",
    "O B-ORG I-ORG I-ORG O",
    "B-ORG O B-ORG",
    "O O O",
)
PREDICTED = (
    "B-PER O O B-LOC O B-LOC",
    "B-ORG I-ORG I-ORG I-ORG O",
    "I-ORG O O",
    "O O B-PER",
)
ERRORS = (
    "boundary 0 PER 0 2 PER 0 1",
    "type 0 PER 3 4 LOC 3 4",
    "boundary 1 ORG 1 4 ORG 0 4",
    "missed 2 ORG 0 1 None",
    "missed 2 ORG 2 3 None",
    "spurious 3 None PER 2 3",
)


def example(submission: Submission) -> None:
    """The scores, and the errors in the order of the text."""
    gold, predicted = [line.split() for line in GOLD], [line.split() for line in PREDICTED]
    (precision, recall, f1), per_type = submission["entity_f1"](gold, predicted)
    worked("precision", "0.200", precision)
    worked("recall", "0.167", recall)
    worked("F1", "0.182", f1)
    for kind, expected in (("LOC", "0.667"), ("ORG", "0.000"), ("PER", "0.000")):
        worked(f"F1 of {kind}", expected, per_type[kind][2])
    errors = submission["error_analysis"](gold, predicted)
    for number, expected in enumerate(ERRORS):
        worked(f"error {number}", expected, errors[number : number + 1])
    worked("how many errors are left", "0", len(errors[len(ERRORS) :]))
