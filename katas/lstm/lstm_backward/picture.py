"""How much each input counts for the last hidden state, for three forget biases."""

import numpy as np

from grader.checks import Submission, record_figure

STEPS, I, H = 60, 4, 16  # noqa: E741


def picture(submission: Submission) -> None:
    """Send one gradient back from h_T, and take the norm of dx at each step."""
    curves = {}
    for forget in (0.0, 1.0, 3.0):
        random = np.random.default_rng(0)
        x = random.standard_normal((1, STEPS, I))
        w_ih, w_hh = (random.uniform(-0.25, 0.25, (4 * H, n)) for n in (I, H))
        b = np.repeat([0.0, forget, 0.0, 0.0], H)
        zeros = np.zeros((1, H))
        hs, _, cache = submission["lstm_forward"](x, zeros, zeros, w_ih, w_hh, b, keep=(2,))
        dhs = np.zeros_like(hs)
        dhs[:, -1] = 1.0
        dx, *_ = submission["lstm_backward"](dhs, zeros, cache)
        norms = np.linalg.norm(dx[0], axis=1).tolist()
        curves[f"forget bias {forget:.0f}"] = list(enumerate(norms, start=1))
    record_figure(
        "How much the input of step t moves h_60", curves, x="t", y="norm of dx", log=True
    )
