"""Decide from timings which of two programs is faster, if either is."""

import math

import numpy as np


def _interval_rank(rounds: int) -> int:
    """Return the k for which the k-th smallest and k-th largest enclose the median.

    The largest k with  2 (C(m,0) + ... + C(m,k-1)) / 2^m <= 0.05,  in whole numbers.

    Args:
        rounds: m >= 1.

    Returns:
        k, or 0 if there is none.

    """
    k = 0
    tail = 1
    while 40 * tail <= 2**rounds:
        k += 1
        tail += math.comb(rounds, k)
    return k


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
    warm_up = math.ceil(len(times_a) / 10)
    a, b = times_a[warm_up:], times_b[warm_up:]
    ratios = np.sort(a / b)
    ratio = np.median(ratios)

    k = _interval_rank(len(ratios))
    low, high = (ratios[k - 1], ratios[-k]) if k else (0.0, math.inf)

    verdict = "inconclusive"
    if high < 1:
        verdict = "faster"
    elif low > 1:
        verdict = "slower"
    return float(ratio), float(low), float(high), verdict
