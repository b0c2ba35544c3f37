"""How far back the gradient of one loss reaches, for three k."""

import torch

from grader.checks import Submission, record_figure

STEPS, H = 60, 4


def picture(submission: Submission) -> None:
    """Give each step an input of its own: the gradient of its weights is what gets there."""
    generator = torch.Generator().manual_seed(0)
    weights = {
        "weight_ih_l0": _blocks([0.0, 0.0, 0.05, 0.0])[:, None].repeat(1, STEPS),
        "weight_hh_l0": 0.2 * torch.randn(4 * H, H, generator=generator),
        "bias_ih_l0": _blocks([0.0, 4.0, 0.0, 0.0]),
        "bias_hh_l0": torch.zeros(4 * H),
    }
    v = torch.zeros(1, STEPS, H)
    v[:, -1] = 1.0
    curves = {}
    for k in (60, 30, 10):
        _, grads = submission["truncated_bptt"](torch.eye(STEPS)[None], v, weights, k)
        norms = grads["weight_ih_l0"].norm(dim=0).tolist()
        curves[f"k = {k}"] = list(enumerate(norms, start=1))
    record_figure("One loss, at step 60: which steps hear of it", curves, y="norm of the gradient")


def _blocks(values: list[float]) -> torch.Tensor:
    """One value for all rows of each block i, f, g, o, (4H,)."""
    return torch.tensor(values).repeat_interleave(H)
