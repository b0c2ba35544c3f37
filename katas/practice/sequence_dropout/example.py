"""The worked example of the task: a draw that drops the second feature."""

import torch

from grader.checks import Submission, worked

DRAWS = 60


def example(submission: Submission) -> None:
    """The first draw of its kind; one in seven is."""
    x = torch.tensor([[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]])
    for seed in range(DRAWS):
        y = submission["sequence_dropout"].seeded(seed, x, 0.25, True)
        if (y[0, 0] != 0).tolist() == [True, False, True]:
            break
    worked("y, step 0", "1.3333 0 4.0000", y[0, 0], shape=(3,))
    worked("y, step 1", "5.3333 0 8.0000", y[0, 1], shape=(3,))
