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
    on = _mask(emissions, lengths)
    known = torch.where(on, tags, 0)
    picked = emissions.gather(2, known[:, :, None])[:, :, 0]
    moves = transitions[known[:, :-1], known[:, 1:]]
    last = known.gather(1, lengths[:, None] - 1)[:, 0]
    inside = torch.where(on, picked, 0).sum(1) + torch.where(on[:, 1:], moves, 0).sum(1)
    return start[known[:, 0]] + inside + stop[last]


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
    on = _mask(emissions, lengths)
    return torch.logsumexp(_forward(emissions, on, transitions, start)[-1] + stop, dim=1)


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
    on = _mask(emissions, lengths)
    alphas = _forward(emissions, on, transitions, start)
    beta = stop.expand_as(alphas[0])
    log_z = torch.logsumexp(alphas[-1] + beta, dim=1, keepdim=True)
    probabilities = [torch.exp(alphas[-1] + beta - log_z)]
    for t in range(emissions.shape[1] - 2, -1, -1):
        after = (emissions[:, t + 1] + beta)[:, None, :]
        longer = torch.logsumexp(transitions + after, dim=2)
        beta = torch.where(on[:, t + 1, None], longer, beta)
        probabilities.append(torch.exp(alphas[t] + beta - log_z))
    return torch.stack(probabilities[::-1], dim=1) * on[:, :, None]


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
    on = _mask(emissions, lengths)
    top = start + emissions[:, 0]
    stay = torch.arange(top.shape[1]).expand_as(top)
    pointers = []
    for t in range(1, emissions.shape[1]):
        reached, came_from = (top[:, :, None] + transitions).max(dim=1)
        here = on[:, t, None]
        top = torch.where(here, reached + emissions[:, t], top)
        # In the padding a pointer leads to the tag itself, so the way back begins anywhere there.
        pointers.append(torch.where(here, came_from, stay))
    best, tag = (top + stop).max(dim=1)
    path = [tag]
    for pointer in reversed(pointers):
        path.append(pointer.gather(1, path[-1][:, None])[:, 0])
    return torch.where(on, torch.stack(path[::-1], dim=1), -1), best


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
    own = score(emissions, tags, lengths, transitions, start, stop)
    every = log_partition(emissions, lengths, transitions, start, stop)
    return (every - own).mean()


def _mask(emissions: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
    """Say which steps belong to a sentence; the first one always does.

    Args:
        emissions: (N, T, K).
        lengths: (N,).

    Returns:
        (N, T) bool.

    Raises:
        ValueError: a length is below 1 or above T.
    """
    steps = emissions.shape[1]
    if bool(((lengths < 1) | (lengths > steps)).any()):
        raise ValueError(f"lengths are {lengths.tolist()}, expected 1 to {steps}")
    return torch.arange(steps) < lengths[:, None]


def _forward(
    emissions: torch.Tensor, on: torch.Tensor, transitions: torch.Tensor, start: torch.Tensor
) -> list[torch.Tensor]:
    """Sum over all beginnings of a path that end in a tag, step by step.

    Args:
        emissions: (N, T, K).
        on: (N, T) bool, the steps that belong to a sentence.
        transitions: (K, K).
        start: (K,).

    Returns:
        T tensors (N, K), logarithms; in the padding that of the last step.
    """
    alpha = start + emissions[:, 0]
    alphas = [alpha]
    for t in range(1, emissions.shape[1]):
        longer = torch.logsumexp(alpha[:, :, None] + transitions, dim=1) + emissions[:, t]
        alpha = torch.where(on[:, t, None], longer, alpha)
        alphas.append(alpha)
    return alphas
