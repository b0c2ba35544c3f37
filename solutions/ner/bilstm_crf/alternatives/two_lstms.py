"""Two LSTMs, one of which reads the sentences reversed; plain Python for batches; SGD."""

import random
from collections import Counter

import torch
from torch import nn

PADDING, UNKNOWN = 0, 1


def word_features(word):
    """Describe a word, with the shape from a comparison of neighbours."""
    kinds = [
        "X" if c.isupper() else "x" if c.islower() else "d" if c.isdigit() else c for c in word
    ]
    shape = "".join(b for a, b in zip(["", *kinds], kinds, strict=False) if a != b)
    return word.lower(), shape, word[:3].lower(), word[-3:].lower()


def build_vocabulary(sequences, *, least=1):
    """Number what a counter holds often enough."""
    counter = Counter(text for sequence in sequences for text in sequence)
    ids = {}
    for text, count in counter.items():
        if count >= least:
            ids[text] = len(ids) + 2
    return ids


def make_batch(sequences, vocabulary):
    """Make lists of the same length, then one tensor."""
    longest = max(len(sequence) for sequence in sequences)
    rows = []
    for sequence in sequences:
        row = [vocabulary.get(text, UNKNOWN) for text in sequence]
        rows.append(row + [PADDING] * (longest - len(row)))
    return torch.tensor(rows), torch.tensor([len(sequence) for sequence in sequences])


def step_scores(emissions, lengths, transitions, start, join):
    """Run a recursion of the CRF to each sentence's own end; join is a sum or a maximum."""
    alpha = start + emissions[:, 0]
    for t in range(1, emissions.shape[1]):
        longer = join(alpha[:, :, None] + transitions, 1) + emissions[:, t]
        alpha = torch.where((lengths > t)[:, None], longer, alpha)
    return alpha


class Tagger(nn.Module):
    """Two LSTMs in one direction each."""

    def __init__(self, vocabularies, tags):
        super().__init__()
        self.vocabularies, self.tags = vocabularies, tags
        self.tables = nn.ModuleList(nn.Embedding(len(v) + 2, 20, PADDING) for v in vocabularies)
        self.there = nn.LSTM(80, 40, batch_first=True)
        self.back = nn.LSTM(80, 40, batch_first=True)
        self.out = nn.Linear(80, len(tags))
        k = len(tags)
        self.transitions = nn.Parameter(0.01 * torch.randn(k, k))
        self.start = nn.Parameter(0.01 * torch.randn(k))
        self.stop = nn.Parameter(0.01 * torch.randn(k))

    def emissions(self, sentences):
        """Reverse each sentence in place with an index, run, and reverse again."""
        columns = zip(
            *([*zip(*map(word_features, s), strict=True)] for s in sentences), strict=True
        )
        vectors = []
        for texts, vocabulary, table in zip(columns, self.vocabularies, self.tables, strict=True):
            ids, lengths = make_batch(texts, vocabulary)
            vectors.append(table(ids))
        x = torch.cat(vectors, 2)
        steps = torch.arange(x.shape[1])
        turned = torch.where(steps < lengths[:, None], lengths[:, None] - 1 - steps, steps)
        rows = torch.arange(len(x))[:, None]
        right, _ = self.back(x[rows, turned])
        left, _ = self.there(x)
        return self.out(torch.cat([left, right[rows, turned]], 2))

    def loss(self, sentences, tags):
        """Sum over all paths less the score of one, sentence by sentence for the latter."""
        e = self.emissions(sentences)
        lengths = torch.tensor([len(s) for s in sentences])
        alpha = step_scores(e, lengths, self.transitions, self.start, torch.logsumexp)
        total = torch.logsumexp(alpha + self.stop, 1).sum()
        for row, names in zip(e, tags, strict=True):
            y = torch.tensor([self.tags.index(name) for name in names])
            total = total - row[torch.arange(len(y)), y].sum() - self.start[y[0]]
            total = total - self.transitions[y[:-1], y[1:]].sum() - self.stop[y[-1]]
        return total / len(sentences)

    @torch.no_grad()
    def predict(self, sentences):
        """Go through the tags of one sentence with lists."""
        every = self.emissions(sentences)
        move = self.transitions.tolist()
        found = []
        for row, sentence in zip(every.tolist(), sentences, strict=True):
            best = [
                (s + e, (k,))
                for k, (s, e) in enumerate(zip(self.start.tolist(), row[0], strict=True))
            ]
            for scores in row[1 : len(sentence)]:
                best = [
                    max((s + move[p[-1]][k] + e, (*p, k)) for s, p in best)
                    for k, e in enumerate(scores)
                ]
            _, path = max(
                (s + end, p) for (s, p), end in zip(best, self.stop.tolist(), strict=True)
            )
            found.append([self.tags[k] for k in path])
        return found


def fit(tagger, sentences, tags, *, epochs, report=None):
    """Shuffle pairs; SGD with momentum on small batches."""
    optimiser = torch.optim.SGD(tagger.parameters(), lr=0.05, momentum=0.9)
    pairs, losses, steps = list(zip(sentences, tags, strict=True)), [], 0
    for _ in range(epochs):
        random.shuffle(pairs)
        seen = []
        while sum(size for _, size in seen) < len(pairs):
            done = sum(size for _, size in seen)
            batch = pairs[done : done + 16]
            optimiser.zero_grad()
            loss = tagger.loss([pair[0] for pair in batch], [pair[1] for pair in batch])
            loss.backward()
            torch.nn.utils.clip_grad_norm_(tagger.parameters(), 1.0)
            optimiser.step()
            seen.append((float(loss.detach()), len(batch)))
            steps += 1
            if report:
                report(steps, loss=seen[-1][0])
        losses.append(sum(loss * size for loss, size in seen) / len(pairs))
    return losses


def train(sentences, tags, *, epochs=10, report=None):
    """Count all features at once."""
    columns = zip(*([*zip(*map(word_features, s), strict=True)] for s in sentences), strict=True)
    vocabularies = [build_vocabulary(column, least=2) for column in columns]
    tagger = Tagger(vocabularies, sorted({tag for row in tags for tag in row}))
    fit(tagger, sentences, tags, epochs=epochs, report=report)
    return tagger
