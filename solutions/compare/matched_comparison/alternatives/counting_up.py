"""Count upwards until the money is gone; statistics from the standard library."""

from itertools import count
from statistics import fmean, stdev


def cost(kind, i, h):
    """Count the parameters of torch's layer."""
    return {"rnn": 1, "gru": 3, "lstm": 4}[kind] * (h * i + h * h + h + h)


def matched_hidden_size(kind, parameters, input_size):
    """Take the last size that is still paid for."""
    h = next(h for h in count() if cost(kind, input_size, h + 1) > parameters)
    if not h:
        raise ValueError("too small a budget")
    return h


QUANTILES = """
    12.7062047 4.30265273 3.18244631 2.77644511 2.57058184 2.44691185 2.36462425 2.30600414
    2.26215716 2.22813885 2.20098516 2.17881283 2.16036866 2.14478669 2.13144955 2.1199053
    2.10981558 2.10092204 2.09302405 2.08596345 2.07961384 2.07387307 2.06865761 2.06389856
    2.05953855 2.05552944 2.05183052 2.04840714 2.04522964 2.04227246
"""


def compare(scores_a, scores_b):
    """Compare as lists of floats."""
    d = [float(a) - float(b) for a, b in zip(scores_a, scores_b, strict=True)]
    if len(d) == 1:
        raise ValueError("more seeds, please")
    t = float(QUANTILES.split()[len(d) - 2])
    middle, reach = fmean(d), t * stdev(d) / len(d) ** 0.5
    words = {(True, True): "a is better", (False, False): "b is better"}
    signs = middle - reach > 0, middle + reach >= 0
    return [middle, middle - reach, middle + reach, words.get(signs, "inconclusive")]
