"""Packed sequences: the LSTM never sees padding, and hands back the last real state itself."""

import random

import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence


def make_vocabulary(sentences, min_count=1):
    """Count in one dict; dicts keep the order in which their keys came."""
    counts = {}
    for words in sentences:
        for word in words:
            counts[word] = counts.get(word, 0) + 1
    vocabulary = {}
    for word, count in counts.items():
        if count >= min_count:
            vocabulary[word] = len(vocabulary) + 2
    return vocabulary


def encode(sentences, vocabulary):
    """Let torch pad."""
    if [] in sentences:
        raise ValueError(f"no words at position {sentences.index([])}")
    rows = [torch.tensor([vocabulary.get(w, 1) for w in words]) for words in sentences]
    return pad_sequence(rows, batch_first=True), torch.tensor([len(row) for row in rows])


def last_real(states, lengths):
    """Gather one step of each sentence."""
    index = (lengths - 1)[:, None, None].expand(-1, 1, states.shape[2])
    return states.gather(1, index).squeeze(1)


def masked_mean(states, lengths):
    """A sum as a product with the mask."""
    mask = (torch.arange(states.shape[1])[None] < lengths[:, None]).to(states.dtype)
    return torch.bmm(mask[:, None], states)[:, 0] / lengths[:, None].to(states.dtype)


def binary_loss(logits, labels):
    """Softplus of the logit with the sign of the wrong label."""
    return F.softplus(torch.where(labels == 1, -logits, logits)).mean()


class SentimentLSTM(nn.Module):
    """The same parameters, packed."""

    def __init__(
        self, vocabulary_size, embedding_size, hidden_size, *, pooling="last", dropout=0.0
    ):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary_size, embedding_size, padding_idx=0)
        self.lstm = nn.LSTM(embedding_size, hidden_size, batch_first=True)
        self.output = nn.Linear(hidden_size, 1)
        self.pooling = pooling
        self.p = dropout

    def forward(self, ids, lengths):
        """Give the logits."""
        x = F.dropout(self.embedding(ids), self.p, self.training)
        packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        states, (h, _) = self.lstm(packed)
        if self.pooling == "last":
            vector = h[-1]
        else:
            padded, _ = pad_packed_sequence(states, batch_first=True)
            vector = padded.sum(1) / lengths[:, None]
        return self.output(F.dropout(vector, self.p, self.training))[:, 0]


def predict(model, vocabulary, sentences):
    """One sentence after the other, in the mode that the model was in afterwards."""
    mode = model.training
    model.eval()
    with torch.inference_mode():
        answers = [model(*encode([words], vocabulary)) for words in sentences]
    model.train(mode)
    return torch.cat(answers).sigmoid().clone()


def train(sentences, labels, *, seed, epochs=8, report):
    """SGD with momentum would need more steps; batches of sentences of nearly one length."""
    torch.manual_seed(seed)
    rng = random.Random(seed)
    vocabulary = make_vocabulary(sentences, 2)
    model = SentimentLSTM(2 + len(vocabulary), 24, 48, pooling="last", dropout=0.1)
    optimiser = torch.optim.AdamW(model.parameters(), lr=0.01)
    by_length = sorted(range(len(sentences)), key=lambda n: len(sentences[n]))
    batches = [by_length[start : start + 20] for start in range(0, len(by_length), 20)]
    model.train()
    for epoch in range(epochs):
        rng.shuffle(batches)
        total = 0.0
        for batch in batches:
            optimiser.zero_grad()
            logits = model(*encode([sentences[n] for n in batch], vocabulary))
            value = binary_loss(logits, labels[torch.tensor(batch)])
            value.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimiser.step()
            total += value.item()
        report(epoch, loss=total / len(batches))
    return model, vocabulary
