"""Where chance starts anew: Python's, NumPy's and torch's generators."""

import random
import sys
from collections.abc import Callable
from typing import Any


def seeders() -> tuple[Callable[[int], Any], ...]:
    """What seeds each generator of the libraries that are imported, on the CPU.

    Taken before a submission runs, they stay what they are whatever it patches. torch's generator
    is asked itself: the function around it is no longer to be called where a kata forbids torch.
    """
    numpy, torch = sys.modules.get("numpy"), sys.modules.get("torch")
    return (
        random.seed,
        *([numpy.random.seed] if numpy else []),
        *([torch.default_generator.manual_seed] if torch else []),
    )
