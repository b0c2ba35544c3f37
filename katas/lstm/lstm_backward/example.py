"""The worked example of the task: one unit, two steps, and L = h_2."""

import numpy as np

from grader.checks import Submission, worked


def example(submission: Submission) -> None:
    """Forward, then backward."""
    zero = np.zeros((1, 1))
    w_ih, w_hh = np.array([[1.0], [0.0], [1.0], [0.0]]), np.array([[0.0], [0.0], [2.0], [0.0]])
    arguments = (np.ones((1, 2, 1)), zero, zero, w_ih, w_hh, np.array([0.0, 1.0, 0.0, 0.0]))
    hs, c_last, cache = submission["lstm_forward"](*arguments, keep=[2])
    worked("h_1", "0.2528", hs[0, 0], shape=(1,))
    worked("h_2", "0.3946", hs[0, 1], shape=(1,))
    worked("c_2", "1.0695", c_last, shape=(1, 1))
    found = submission["lstm_backward"](np.array([[[0.0], [1.0]]]), zero, cache)
    dx, dh0, dc0, dw_ih, dw_hh, db = found
    worked("dw_ih", "0.0570 0.0206 0.0726 0.2035", dw_ih, shape=(4, 1))
    worked("db", "0.0570 0.0206 0.0726 0.2035", db, shape=(4,))
    worked("dw_hh", "0.0085 0.0052 0.0062 0.0499", dw_hh, shape=(4, 1))
    worked("dx", "0.0713 0.0582", dx, shape=(1, 2, 1))
    worked("dh0", "0.0959", dh0, shape=(1, 1))
    worked("dc0", "0.1142", dc0, shape=(1, 1))
