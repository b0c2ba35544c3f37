"""The worked example of the task: two bidirectional layers, counted three times."""

from grader.checks import Submission, worked


def example(submission: Submission) -> None:
    """I = 3 and H = 5."""
    count, layers = submission["parameter_count"], {"num_layers": 2, "bidirectional": True}
    worked("torch", "1,080", count("lstm", 3, 5, **layers))
    worked("Keras", "1,000", count("lstm", 3, 5, framework="keras", **layers))
    worked("torch, proj_size = 2", "640", count("lstm", 3, 5, proj_size=2, **layers))
