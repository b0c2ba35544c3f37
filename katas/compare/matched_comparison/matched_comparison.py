"""Compare two architectures fairly: equal budgets, several seeds, and an interval."""

import numpy as np

# Given. Entry i is Student's t for i + 1 degrees of freedom: it lies within ± this value in 95 of
# 100 cases.
T_95 = (
    *(12.7062047, 4.30265273, 3.18244631, 2.77644511, 2.57058184, 2.44691185),
    *(2.36462425, 2.30600414, 2.26215716, 2.22813885, 2.20098516, 2.17881283),
    *(2.16036866, 2.14478669, 2.13144955, 2.1199053, 2.10981558, 2.10092204),
    *(2.09302405, 2.08596345, 2.07961384, 2.07387307, 2.06865761, 2.06389856),
    *(2.05953855, 2.05552944, 2.05183052, 2.04840714, 2.04522964, 2.04227246),
)


def matched_hidden_size(kind: str, parameters: int, input_size: int) -> int:
    """Return the largest hidden size that a budget of parameters pays for.

    The largest H with  B H (I + H + 2) <= parameters, with B blocks.

    Args:
        kind: "rnn", "lstm" or "gru": one layer of torch's module, one direction, with biases.
        parameters: the budget, >= 0.
        input_size: I >= 1.

    Returns:
        H >= 1.

    Raises:
        ValueError: not even H = 1 fits.

    Source: the parameter shapes in the documentation of torch.nn.RNN, LSTM and GRU.

    """
    raise NotImplementedError


def compare(scores_a: np.ndarray, scores_b: np.ndarray) -> tuple[float, float, float, str]:
    """Compare two models that were trained with the same seeds; a higher score is better.

    With the differences d_s = a_s - b_s, their mean d̄ and their standard deviation σ:

        low, high = d̄ ∓ t σ / √S.

    Args:
        scores_a: (S,) float64, a's score with each seed; 1 <= S <= 31.
        scores_b: (S,) float64, b's score with the same seeds.

    Returns:
        difference d̄, low, high: Python floats.
        conclusion: "a is better", "b is better" or "inconclusive".

    Raises:
        ValueError: there is only one seed.

    Source: Student (1908), The Probable Error of a Mean.

    """
    raise NotImplementedError
