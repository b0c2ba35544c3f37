"""The worked example of the task: four forecasts of one series, and their errors."""

import torch

from grader.checks import Submission, worked

ROWS = (
    ("last_value", (), "7 7 7 7", "2.25 2.78 27.10 1.12"),
    ("seasonal_naive", (3,), "4 10 7 4", "2.00 2.00 30.80 1.00"),
    ("drift", (), "8 9 10 11", "2.75 3.12 31.62 1.38"),
    ("moving_average", (2,), "8.5 8.5 8.5 8.5", "2.25 2.50 27.21 1.12"),
)


def example(submission: Submission) -> None:
    """The table: first all forecasts, then their errors."""
    past = torch.tensor([[2.0, 8.0, 5.0, 4.0, 10.0, 7.0]], dtype=torch.float64)
    actual = torch.tensor([[6.0, 12.0, 9.0, 6.0]], dtype=torch.float64)
    forecasts = []
    for name, more, steps, _ in ROWS:
        forecasts.append(submission[name](past, 4, *more))
        worked(f"{name}: forecast", steps, forecasts[-1], shape=(1, 4))
    for (name, _, _, errors), forecast in zip(ROWS, forecasts, strict=True):
        found = [submission[error](forecast, actual) for error in ("mae", "rmse", "smape")]
        found.append(submission["mase"](forecast, actual, past, 3))
        worked(f"{name}: MAE, RMSE, sMAPE, MASE", errors, found)
