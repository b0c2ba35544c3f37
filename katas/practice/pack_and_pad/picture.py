"""How many sequences are at work at each step: packed, and padded."""

import torch

from grader.checks import Submission, record_figure


def picture(submission: Submission) -> None:
    """Pack 32 sequences, of which most are short, as sentences are."""
    u = torch.rand(32, generator=torch.Generator().manual_seed(0))
    lengths = (3 + 57 * u**2).int().tolist()
    _, batch_sizes, _ = submission["pack"]([torch.zeros(length, 1) for length in lengths])
    packed = list(enumerate(batch_sizes.tolist(), start=1))
    share = round(100 * sum(lengths) / (len(lengths) * max(lengths)))
    record_figure(
        f"32 sequences: your packing leaves {share}% of the padded work",
        {"padded": [(step, len(lengths)) for step, _ in packed], "packed": packed},
        y="rows at work",
    )
