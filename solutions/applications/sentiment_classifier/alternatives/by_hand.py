"""The LSTM as a loop that keeps the state of what has ended; nothing runs over padding."""

from collections import defaultdict
from types import SimpleNamespace

import torch
from torch import nn


def make_vocabulary(sentences, min_count=1):
    """Go over all words twice."""
    counts = defaultdict(int)
    for words in sentences:
        for word in words:
            counts[word] += 1
    frequent = (word for words in sentences for word in words if counts[word] >= min_count)
    return {word: place + 2 for place, word in enumerate(dict.fromkeys(frequent))}


def encode(sentences, vocabulary):
    """Fill lists up."""
    lengths = list(map(len, sentences))
    if 0 in lengths:
        raise ValueError(f"sentence {lengths.index(0)} is empty")
    longest = max(lengths)
    rows = []
    for words in sentences:
        row = [vocabulary.get(word, 1) for word in words]
        rows.append(row + [0] * (longest - len(row)))
    return torch.tensor(rows), torch.tensor(lengths)


def last_real(states, lengths):
    """Choose with a one-hot vector over the steps."""
    steps = torch.arange(states.shape[1], device=states.device)
    chosen = steps == lengths[:, None] - 1
    return torch.einsum("nt,nth->nh", chosen.to(states.dtype), states)


def masked_mean(states, lengths):
    """Sentence by sentence."""
    return torch.stack([row[:n].mean(0) for row, n in zip(states, lengths.tolist(), strict=True)])


def binary_loss(logits, labels):
    """ln(1 + exp(z)) - y z, by logaddexp."""
    each = torch.logaddexp(torch.zeros_like(logits), logits) - labels * logits
    return each.sum() / each.numel()


class SentimentLSTM(nn.Module):
    """Steps by hand; the state of a sentence stops changing where the sentence ends."""

    def __init__(
        self, vocabulary_size, embedding_size, hidden_size, *, pooling="last", dropout=0.0
    ):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary_size, embedding_size)
        self.lstm = nn.LSTM(embedding_size, hidden_size)
        self.output = nn.Linear(hidden_size, 1)
        self.words, self.sentence = nn.Dropout(dropout), nn.Dropout(dropout)
        self.mean = pooling == "mean"

    def forward(self, ids, lengths):
        """Give the logits."""
        weights = self.lstm
        x = self.words(self.embedding(ids))
        h = c = total = x.new_zeros(len(ids), weights.hidden_size)
        for t in range(int(lengths.max())):
            gates = x[:, t] @ weights.weight_ih_l0.T + weights.bias_ih_l0
            gates = gates + h @ weights.weight_hh_l0.T + weights.bias_hh_l0
            i, f, g, o = gates.chunk(4, 1)
            new_c = f.sigmoid() * c + i.sigmoid() * g.tanh()
            new_h = o.sigmoid() * new_c.tanh()
            on = (t < lengths)[:, None]
            h, c = torch.where(on, new_h, h), torch.where(on, new_c, c)
            total = total + on * h
        vector = total / lengths[:, None] if self.mean else h
        return self.output(self.sentence(vector)).reshape(-1)


def predict(model, vocabulary, sentences):
    """Longest first, and back."""
    order = sorted(range(len(sentences)), key=lambda n: -len(sentences[n]))
    model.train(False)
    answers = torch.empty(len(sentences), dtype=model.output.weight.dtype)
    for batch in (order[k : k + 50] for k in range(0, len(order), 50)):
        with torch.no_grad():
            logits = model(*encode([sentences[n] for n in batch], vocabulary))
        answers[batch] = 1 / (1 + torch.exp(-logits))
    return answers


def train(sentences, labels, *, seed, epochs=6, report):
    """A generator of its own, and RMSprop."""
    state = SimpleNamespace(step=0)
    with torch.random.fork_rng():
        torch.random.manual_seed(seed)
        vocabulary = make_vocabulary(sentences)
        model = SentimentLSTM(len(vocabulary) + 2, 16, 24, pooling="mean").train()
        ids, lengths = encode(sentences, vocabulary)
        optimiser = torch.optim.RMSprop(model.parameters(), lr=0.005)
        for _ in range(epochs):
            for batch in torch.randperm(len(ids)).split(25):
                model.zero_grad()
                value = binary_loss(model(ids[batch], lengths[batch]), labels[batch])
                value.backward()
                optimiser.step()
                report(state.step, loss=value.item())
                state.step += 1
    return model, vocabulary
