"""One sentence after the other, cut to its length; the marginals are a gradient of log Z."""

import torch


def _each(emissions, lengths):
    if min(lengths.tolist()) < 1 or max(lengths.tolist()) > emissions.size(1):
        raise ValueError("lengths must lie between 1 and T")
    return [e[:n] for e, n in zip(emissions, lengths.tolist(), strict=True)]


def score(emissions, tags, lengths, transitions, start, stop):
    """Return the score of a path."""
    out = []
    for e, path in zip(_each(emissions, lengths), tags, strict=True):
        path = path[: len(e)].tolist()
        total = start[path[0]] + e[0, path[0]]
        for t in range(1, len(path)):
            total = total + transitions[path[t - 1], path[t]] + e[t, path[t]]
        out.append(total + stop[path[-1]])
    return torch.stack(out)


def log_partition(emissions, lengths, transitions, start, stop):
    """Return the logarithm of the sum over all paths."""
    out = []
    for e in _each(emissions, lengths):
        a = e[0] + start
        for step in e[1:]:
            a = ((a + transitions.T).logsumexp(-1)) + step
        out.append((a + stop).logsumexp(-1))
    return torch.stack(out)


def marginals(emissions, lengths, transitions, start, stop):
    """Return the probability of each tag."""
    with torch.enable_grad():
        leaf = emissions.detach().clone().requires_grad_()
        total = log_partition(leaf, lengths, transitions, start, stop).sum()
        total.backward()
    return leaf.grad


def viterbi(emissions, lengths, transitions, start, stop):
    """Return the best path and its score."""
    paths = emissions.new_full(emissions.shape[:2], -1, dtype=torch.int64)
    best = []
    for n, e in enumerate(_each(emissions, lengths)):
        a, back = e[0] + start, []
        for step in e[1:]:
            v, i = (a[:, None] + transitions).max(0)
            a = v + step
            back.append(i)
        a = a + stop
        tag = int(a.argmax())
        best.append(a[tag])
        for t in range(len(e) - 1, -1, -1):
            paths[n, t] = tag
            if t:
                tag = int(back[t - 1][tag])
    return paths, torch.stack(best)


def nll(emissions, tags, lengths, transitions, start, stop):
    """Return the loss."""
    z = log_partition(emissions, lengths, transitions, start, stop)
    s = score(emissions, tags, lengths, transitions, start, stop)
    return (z - s).sum() / len(lengths)
