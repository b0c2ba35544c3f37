"""Lists and the standard library only."""

from itertools import accumulate
from math import comb, inf
from statistics import median


def compare_speed(times_a, times_b):
    """Compare with sorted lists."""
    n = len(times_a)
    rounds = sorted(float(times_a[i]) / float(times_b[i]) for i in range((n + 9) // 10, n))
    m = len(rounds)
    tails = accumulate(comb(m, j) / 2.0**m for j in range(m))
    k = sum(tail <= 0.025 for tail in tails)
    low = rounds[k - 1] if k else 0.0
    high = rounds[m - k] if k else inf
    if low > 1.0:
        return median(rounds), low, high, "slower"
    return median(rounds), low, high, "faster" if high < 1.0 else "inconclusive"
