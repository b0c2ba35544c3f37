"""What a step alone says about a tag, what the whole sentence says, and the best path."""

import torch

from grader.checks import Submission, record_figure

STEPS = 63


def picture(submission: Submission) -> None:
    """Two tags that like to stay; the emissions are noisy, and the tag is 1 at steps 20 to 40."""
    noise = torch.randn(1, STEPS, 2, generator=torch.Generator().manual_seed(0))
    steps = torch.arange(1, STEPS + 1)
    inside = ((steps >= 20) & (steps <= 40)).float()
    emissions = noise + 0.8 * torch.stack((1 - inside, inside), dim=-1)
    sentence = (emissions, torch.tensor([STEPS]))
    chain = (torch.tensor([[1.5, -1.5], [-1.5, 1.5]]), torch.zeros(2), torch.zeros(2))
    marginals = submission["marginals"](*sentence, *chain)
    paths, _ = submission["viterbi"](*sentence, *chain)
    curves = {
        "step alone": emissions.softmax(dim=-1)[0, :, 1],
        "marginal": marginals[0, :, 1],
        "Viterbi": paths[0],
    }
    record_figure(
        "Tag 1 at steps 20 to 40: a step alone is unsure, your CRF isn't",
        {name: list(enumerate(map(float, y), start=1)) for name, y in curves.items()},
        y="p",
    )
