"""Packed for the LSTM, padded again for the pooling, as many tutorials do it."""

from collections import Counter
from itertools import chain

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence

PADDING, UNK = 0, 1


def make_vocabulary(sentences, min_count=1):
    """Number the words that are left."""
    freq = Counter(chain.from_iterable(sentences))
    words = [w for w in dict.fromkeys(chain(*sentences)) if freq[w] >= min_count]
    return dict(zip(words, range(2, 2 + len(words)), strict=True))


def encode(sentences, vocabulary):
    """Pad with torch."""
    empty = [n for n, s in enumerate(sentences) if not s]
    if empty:
        raise ValueError(f"no words at position {empty[0]}")
    rows = [torch.tensor([vocabulary.get(w, UNK) for w in s]) for s in sentences]
    return pad_sequence(rows, batch_first=True, padding_value=PADDING), torch.tensor(
        list(map(len, rows))
    )


def last_real(states, lengths):
    """Index rows and steps together."""
    return states[torch.arange(states.shape[0]), lengths - 1]


def masked_mean(states, lengths):
    """Slice each sentence."""
    return torch.stack([states[n, :L].mean(0) for n, L in enumerate(lengths.tolist())])


def binary_loss(logits, labels):
    """Take the stable form of the formula."""
    y = labels.to(logits.dtype)
    return (torch.relu(logits) - logits * y + torch.log1p(torch.exp(-logits.abs()))).mean()


class SentimentLSTM(nn.Module):
    """The same parameters."""

    def __init__(
        self, vocabulary_size, embedding_size, hidden_size, *, pooling="last", dropout=0.0
    ):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary_size, embedding_size, padding_idx=PADDING)
        self.lstm = nn.LSTM(embedding_size, hidden_size, batch_first=True)
        self.output = nn.Linear(hidden_size, 1)
        self.p = dropout
        self.pool = {"last": last_real, "mean": masked_mean}[pooling]

    def forward(self, ids, lengths):
        """Give the logits."""
        cleared = ids * (torch.arange(ids.shape[1]) < lengths.unsqueeze(1))
        emb = nn.functional.dropout(self.embedding(cleared), self.p, self.training)
        packed = pack_padded_sequence(emb, lengths, batch_first=True, enforce_sorted=False)
        out, _ = self.lstm(packed)
        states, _ = pad_packed_sequence(out, batch_first=True)
        vec = self.pool(states, lengths)
        vec = nn.functional.dropout(vec, self.p, self.training)
        return self.output(vec).squeeze(-1)


@torch.no_grad()
def predict(model, vocabulary, sentences):
    """Ask in eval mode, and put the mode back."""
    mode = model.training
    model.eval()
    result = model(*encode(sentences, vocabulary)).sigmoid()
    model.train(mode)
    return result


def train(sentences, labels, *, seed, epochs=10, report):
    """Encode once, and draw batches of rows."""
    torch.manual_seed(seed)
    vocab = make_vocabulary(sentences)
    net = SentimentLSTM(len(vocab) + 2, 32, 48)
    opt = torch.optim.Adam(net.parameters(), lr=0.005)
    ids, lengths = encode(sentences, vocab)
    step = 0
    net.train()
    for _ in range(epochs):
        for idx in torch.randperm(len(ids)).split(32):
            loss = binary_loss(net(ids[idx], lengths[idx]), labels[idx])
            opt.zero_grad(set_to_none=True)
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            opt.step()
            step += 1
            report(step, loss=float(loss))
    return net, vocab
