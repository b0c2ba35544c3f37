"""A linear-chain conditional random field over tags: score, sum, marginals, best path and loss."""

import torch


def score(
    emissions: torch.Tensor,
    tags: torch.Tensor,
    lengths: torch.Tensor,
    transitions: torch.Tensor,
    start: torch.Tensor,
    stop: torch.Tensor,
) -> torch.Tensor:
    """Add up the score of one path for each sentence.

        s(y) = start[y_1] + Σ_t emissions[t, y_t] + Σ_t transitions[y_t, y_{t+1}] + stop[y_L]

    Args:
        emissions: (N, T, K) float32 or float64, the score of each tag at each step; padding holds
            any finite numbers.
        tags: (N, T) int64, the path: 0 to K - 1 within a sentence, any numbers in the padding, -1
            among them.
        lengths: (N,) int64, 1 <= L <= T, in any order; what lies behind is padding.
        transitions: (K, K) same dtype; row i, column j is the score of j right after i.
        start: (K,) same dtype, the score of each tag as the first one.
        stop: (K,) same dtype, the score of each tag as the last one.

    Returns:
        (N,) same dtype; gradients reach emissions, transitions, start and stop.

    Raises:
        ValueError: a length is below 1 or above T.

    Source: Lafferty, McCallum, Pereira (2001), section 3; Lample et al. (2016), section 2.2.
    """
    raise NotImplementedError


def log_partition(
    emissions: torch.Tensor,
    lengths: torch.Tensor,
    transitions: torch.Tensor,
    start: torch.Tensor,
    stop: torch.Tensor,
) -> torch.Tensor:
    """Take the logarithm of the sum of exp(score) over all K^L paths of each sentence.

        log Z = log Σ_y exp s(y)

    Args:
        emissions: (N, T, K) float32 or float64; padding holds any finite numbers.
        lengths: (N,) int64, 1 <= L <= T, in any order.
        transitions: (K, K) same dtype; row i, column j is the score of j right after i.
        start: (K,) same dtype, the score of each tag as the first one.
        stop: (K,) same dtype, the score of each tag as the last one.

    Returns:
        (N,) same dtype; gradients reach emissions, transitions, start and stop.

    Raises:
        ValueError: a length is below 1 or above T.

    Source: Lafferty, McCallum, Pereira (2001), section 3; Sutton and McCallum (2012), section 4.1.
    """
    raise NotImplementedError


def marginals(
    emissions: torch.Tensor,
    lengths: torch.Tensor,
    transitions: torch.Tensor,
    start: torch.Tensor,
    stop: torch.Tensor,
) -> torch.Tensor:
    """Give the probability of each tag at each step, given the whole sentence.

        p[t, k] = Σ_{y: y_t = k} exp(s(y) - log Z)

    Args:
        emissions: (N, T, K) float32 or float64; padding holds any finite numbers.
        lengths: (N,) int64, 1 <= L <= T, in any order.
        transitions: (K, K) same dtype; row i, column j is the score of j right after i.
        start: (K,) same dtype, the score of each tag as the first one.
        stop: (K,) same dtype, the score of each tag as the last one.

    Returns:
        (N, T, K) same dtype, 0 in the padding. No gradients are asked for.

    Raises:
        ValueError: a length is below 1 or above T.

    Source: Sutton and McCallum (2012), section 4.1, the forward-backward recursions.
    """
    raise NotImplementedError


def viterbi(
    emissions: torch.Tensor,
    lengths: torch.Tensor,
    transitions: torch.Tensor,
    start: torch.Tensor,
    stop: torch.Tensor,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Find the path with the highest score of each sentence.

    Args:
        emissions: (N, T, K) float32 or float64; padding holds any finite numbers.
        lengths: (N,) int64, 1 <= L <= T, in any order.
        transitions: (K, K) same dtype; row i, column j is the score of j right after i.
        start: (K,) same dtype, the score of each tag as the first one.
        stop: (K,) same dtype, the score of each tag as the last one.

    Returns:
        paths: (N, T) int64, the tags, and -1 in the padding; of several best paths any one.
        best: (N,) dtype of emissions, the path's score. No gradients are asked for.

    Raises:
        ValueError: a length is below 1 or above T.

    Source: Forney (1973), The Viterbi Algorithm, section III.
    """
    raise NotImplementedError


def nll(
    emissions: torch.Tensor,
    tags: torch.Tensor,
    lengths: torch.Tensor,
    transitions: torch.Tensor,
    start: torch.Tensor,
    stop: torch.Tensor,
) -> torch.Tensor:
    """Give the negative log-likelihood of the tags, the mean over the N sentences.

        nll = mean_n (log Z_n - s(y_n))

    Args:
        emissions: (N, T, K) float32 or float64; padding holds any finite numbers.
        tags: (N, T) int64, the true path; any numbers in the padding.
        lengths: (N,) int64, 1 <= L <= T, in any order.
        transitions: (K, K) same dtype; row i, column j is the score of j right after i.
        start: (K,) same dtype, the score of each tag as the first one.
        stop: (K,) same dtype, the score of each tag as the last one.

    Returns:
        () same dtype, at least 0; gradients reach emissions, transitions, start and stop.

    Raises:
        ValueError: a length is below 1 or above T.

    Source: Lample et al. (2016), section 2.2.
    """
    raise NotImplementedError
