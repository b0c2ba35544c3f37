"""What one more layer costs, in one direction and in both."""

from grader.checks import Submission, record_figure

INPUTS, UNITS = 64, 128
LAYERS = range(1, 9)
STACKS = {
    "one direction": {},
    "both directions": {"bidirectional": True},
    "both, proj_size 32": {"bidirectional": True, "proj_size": 32},
}


def picture(submission: Submission) -> None:
    """LSTMs of one to eight layers, counted by the submission."""
    count = submission["parameter_count"]
    record_figure(
        "In both directions, one more layer costs three times as much",
        {
            name: [
                (layers, count("lstm", INPUTS, UNITS, num_layers=layers, **options) / 1_000)
                for layers in LAYERS
            ]
            for name, options in STACKS.items()
        },
        x="layers",
        y="thousands",
    )
