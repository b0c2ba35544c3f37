"""What is heard of a tune: its repeat and its two endings, note by note."""

from grader.checks import Submission, record_text
from grader.checks.pianoroll import piano_roll

TUNE = "X:1\nM:3/4\nL:1/8\nK:D\n|:D2FA d2|c>BA2 F2|1 G2E4:|2 E2D4|]\n"
SIXTEENTH = 120  # ticks


def picture(submission: Submission) -> None:
    """Four bars are written and six are heard; F and C are sharp in D."""
    notes, _ = submission["parse"](TUNE)
    record_text(
        "|:D2FA d2|c>BA2 F2|1 G2E4:|2 E2D4|] in D, as your code plays it",
        piano_roll(notes, SIXTEENTH),
    )
