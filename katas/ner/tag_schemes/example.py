"""The worked example of the task: a sentence in both schemes, and illegal sequences."""

from grader.checks import Submission, worked

IOB1 = "O I-ORG B-ORG O O I-LOC I-LOC I-LOC"
IOB2 = "O B-ORG B-ORG O O B-LOC I-LOC I-LOC"


def example(submission: Submission) -> None:
    """Both ways, then the entities."""
    worked("IOB2", IOB2, submission["iob1_to_iob2"](IOB1.split()))
    worked("IOB1", IOB1, submission["iob2_to_iob1"](IOB2.split()))
    worked("spans", "ORG 1 2 ORG 2 3 LOC 5 8", submission["to_spans"](IOB2.split()))
    for tags in ("B-PER I-LOC", "B-PER O I-PER", "B-PER I-LOC I-PER"):
        worked(f"spans of {tags}", "PER 0 1", submission["to_spans"](tags.split()))
