"""The profile of an RNN against that of an LSTM with forget bias 1, for four lengths."""

import torch

from grader.checks import Submission, record_figure

I, H = 8, 16  # noqa: E741
SEEDS = 3


def picture(submission: Submission) -> None:
    """Draw medians over random layers, with torch's range for the weights."""
    for steps in (10, 50, 100, 200):
        curves = {}
        for name, kind, blocks in (("lstm, forget bias 1", "lstm", 4), ("rnn", "rnn", 1)):
            profiles = [_profile(submission, kind, blocks, steps, seed) for seed in range(SEEDS)]
            medians = torch.stack(profiles).median(dim=0).values
            curves[name] = list(enumerate(medians.tolist(), start=1))
        record_figure(
            f"What reaches step t from a loss at step {steps}",
            curves,
            x="t",
            y="norm of dL/dh_t",
            log=True,
        )


def _profile(submission: Submission, kind: str, blocks: int, steps: int, seed: int) -> torch.Tensor:
    """The profile of one random layer, (steps,), float64."""
    generator = torch.Generator().manual_seed(seed)
    shapes = {"weight_ih_l0": (I,), "weight_hh_l0": (H,), "bias_ih_l0": (), "bias_hh_l0": ()}
    weights = {
        name: (torch.rand(blocks * H, *shape, generator=generator).double() * 2 - 1) / H**0.5
        for name, shape in shapes.items()
    }
    if kind == "lstm":
        weights["bias_ih_l0"][H : 2 * H] = 1.0 - weights["bias_hh_l0"][H : 2 * H]
    x, v = (torch.randn(1, *n, generator=generator).double() for n in ((steps, I), (H,)))
    profile: torch.Tensor = submission["gradient_profile"](kind, x, weights, v)
    return profile
