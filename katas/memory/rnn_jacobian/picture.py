"""How much of h_t is left in h_60: one network in which it vanishes, one in which it explodes."""

import torch

from grader.checks import Submission, record_figure

STEPS, H = 60, 16


def picture(submission: Submission) -> None:
    """Run two tanh networks on tiny noise, which leaves their slopes near 1."""
    generator = torch.Generator().manual_seed(0)
    w = torch.randn(H, H, generator=generator, dtype=torch.float64) / H**0.5
    noise = 1e-6 * torch.randn(STEPS, H, generator=generator, dtype=torch.float64)
    curves = {}
    for name, scale in (("1.2 W", 1.2), ("0.8 W", 0.8)):
        hs = [torch.zeros(H, dtype=torch.float64)]
        for x in noise:
            hs.append(torch.tanh(scale * w @ hs[-1] + x))
        norms = submission["jacobian_norms"](scale * w, torch.stack(hs))
        curves[name] = list(enumerate(norms.tolist()))
    record_figure(
        "d h_60 / d h_t: one W makes it explode, the other lets it vanish",
        curves,
        x="t",
        y="norm",
        log=True,
    )
