"""Decide from timings which of two programs is faster, if either is."""

import numpy as np


def compare_speed(times_a: np.ndarray, times_b: np.ndarray) -> tuple[float, float, float, str]:
    """Compare two programs that were timed in turns: a, b, a, b, ...

    Drop the warm-up, take r = times_a / times_b round by round, sort:

        ratio = median of r,   (low, high) = (r_(k), r_(m+1-k))  of the m rounds that are left.

    Args:
        times_a: (n,) float64, seconds (> 0) that a took in each round; 2 <= n <= 1,000.
        times_b: (n,) float64, seconds (> 0) that b took in the same rounds.

    Returns:
        ratio, low, high: Python floats; low = 0.0 and high = inf if there are too few rounds.
        verdict: "faster" (a takes less time), "slower" or "inconclusive".

    Source: the interval for a median from the sign test, e.g. Conover (1999), section 3.2.

    """
    raise NotImplementedError
