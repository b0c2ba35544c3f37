"""How much a training may use on the machine at hand.

A budget is seconds of one processor on the machine that it was set on. Elsewhere a small workload
of the same kind is timed, and the budget grows as that takes longer.
"""

import math
import time
from functools import cache

import torch
from msgspec.structs import replace

from grader.course.spec import KataSpec
from grader.wire.messages import Limits

REFERENCE_S = 0.025
"""What the workload takes where the budgets were set: one core of an AMD EPYC at 2.5 GHz."""
MOST = 8.0
PATIENCE = 3.0
"""A processor that is shared: so many seconds may pass for each second of the processor."""
_RUNS = 5


def workload() -> float:
    """Train a small LSTM for a few steps, and give the seconds of the processor that it took."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        model = torch.nn.LSTM(16, 32)
        x = torch.randn(20, 16, 16)
    optimiser = torch.optim.SGD(model.parameters(), lr=0.1)
    began = time.process_time()
    for _ in range(8):
        optimiser.zero_grad()
        model(x)[0].square().mean().backward()
        optimiser.step()
    return time.process_time() - began


@cache
def pace() -> float:
    """How much longer the workload takes here: from 1, to 8 at most. Timed once a process."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        fastest = min(workload() for _ in range(_RUNS))
    finally:
        torch.set_num_threads(threads)
    return min(max(fastest / REFERENCE_S, 1.0), MOST)


def budget_s(spec: KataSpec) -> float:
    """The seconds of the processor that training may use here; 0 for a kata that trains nothing."""
    return spec.training.cpu_s * pace() if spec.training else 0.0


def limits_here(spec: KataSpec) -> Limits:
    """The limits of a submission, with what training may use.

    One thread that computes all the time may do so until the kata's time is over.
    """
    limits, more = spec.limits, budget_s(spec)
    return replace(
        limits,
        cpu_s=max(limits.cpu_s, limits.wall_s) + math.ceil(more),
        wall_s=limits.wall_s + PATIENCE * more,
    )
