"""Sums of scaled exponentials in place of logsumexp, one-hot paths, steps outermost."""

import torch
from torch.nn.functional import one_hot


def _steps(emissions, lengths):
    if (lengths <= 0).any() or (lengths > emissions.shape[1]).any():
        raise ValueError("every length is at least 1 and at most T")
    on = (torch.arange(emissions.shape[1])[:, None] < lengths).unsqueeze(-1)
    return emissions.transpose(0, 1), on


def _log_of_sum(values, dim):
    largest = values.amax(dim, keepdim=True).detach()
    return ((values - largest).exp().sum(dim, keepdim=True)).log().add(largest).squeeze(dim)


def score(emissions, tags, lengths, transitions, start, stop):
    """Return the score of a path."""
    e, on = _steps(emissions, lengths)
    picks = one_hot(tags.clamp(0, e.shape[2] - 1), e.shape[2]).transpose(0, 1).to(e.dtype) * on
    emitted = (picks * e.masked_fill(~on, 0)).sum((0, 2))
    moved = torch.einsum("tni,ij,tnj->n", picks[:-1], transitions, picks[1:])
    after = torch.cat([picks[1:], torch.zeros_like(picks[:1])])
    ends = picks * (1 - after.sum(2, keepdim=True))
    return emitted + moved + picks[0] @ start + (ends @ stop).sum(0)


def _chain(emissions, lengths, transitions, start, stop, add):
    """Combine from the end to the beginning; what follows each tag, at each step."""
    e, on = _steps(emissions, lengths)
    follows = stop.expand(e.shape[1:])
    all_of_them = [follows]
    for t in range(len(e) - 1, 0, -1):
        new = add(transitions[None] + (e[t] + follows)[:, None], 2)
        follows = torch.where(on[t], new, follows)
        all_of_them.insert(0, follows)
    return e, on, all_of_them


def log_partition(emissions, lengths, transitions, start, stop):
    """Return the logarithm of the sum over all paths."""
    e, _, follows = _chain(emissions, lengths, transitions, start, stop, _log_of_sum)
    return _log_of_sum(start + e[0] + follows[0], 1)


def marginals(emissions, lengths, transitions, start, stop):
    """Return the probability of each tag."""
    e, on, follows = _chain(emissions, lengths, transitions, start, stop, _log_of_sum)
    p = torch.softmax(start + e[0] + follows[0], 1)
    out = [p]
    for t in range(1, len(e)):
        given = torch.softmax(transitions[None] + (e[t] + follows[t])[:, None], 2)
        p = (p[:, :, None] * given).sum(1)
        out.append(p)
    return (torch.stack(out) * on).transpose(0, 1)


def viterbi(emissions, lengths, transitions, start, stop):
    """Return the best path and its score."""
    e, on, follows = _chain(emissions, lengths, transitions, start, stop, torch.amax)
    best, tag = (start + e[0] + follows[0]).max(1)
    path = [tag]
    for t in range(1, len(e)):
        tag = (transitions[tag] + e[t] + follows[t]).argmax(1)
        path.append(tag)
    return torch.stack(path).masked_fill(~on[..., 0], -1).T, best


def nll(emissions, tags, lengths, transitions, start, stop):
    """Return the loss."""
    own = score(emissions, tags, lengths, transitions, start, stop)
    return torch.mean(log_partition(emissions, lengths, transitions, start, stop) - own)
