"""The worked example of the task: one tune with a repeat and two endings."""

from grader.checks import Submission, worked

TUNE = "X:1\nM:2/4\nL:1/8\nK:G\n|:F^c>c f|1 G4-:|2 G2 (3zGA|]\n"
ROWS = (
    ("F", 0, 1, "0 240 66"),
    ("^c>c", 1, 3, "240 600 73 600 720 73"),
    ("f", 3, 4, "720 960 78"),
    ("G4", 4, 5, "960 1920 67"),
    ("F again", 5, 6, "1920 2160 66"),
    ("^c>c again", 6, 8, "2160 2520 73 2520 2640 73"),
    ("f again", 8, 9, "2640 2880 78"),
    ("G2", 9, 10, "2880 3360 67"),
    ("(3zGA", 10, 12, "3520 3680 67 3680 3840 69"),
)


def example(submission: Submission) -> None:
    """The notes of the tune, and how many samples they are."""
    notes, tempo = submission["parse"](TUNE)
    for name, first, end, expected in ROWS:
        worked(name, expected, notes[first:end])
    worked("how many notes are left", "0", len(notes[12:]))
    worked("tempo", "500,000", tempo)
    worked("samples", "88,200", len(submission["synthesise"](notes, tempo, 22_050)))
