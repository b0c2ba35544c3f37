"""Cells in loops: a bidirectional GRU reads, and a GRU cell sees its summary at every step."""

import math
from collections.abc import Callable
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils.rnn import pack_sequence, pad_sequence

PAD, BOS, EOS, UNKNOWN = 0, 1, 2, 3


def build_vocabulary(sequences):
    """Number texts as they come."""
    ids = {}
    for sequence in sequences:
        for text in sequence:
            ids.setdefault(text, len(ids) + 4)
    return ids


def planted(table):
    """Look rows up by all tokens so far."""

    def step(tokens, state):
        row = (7 * state[0] + tokens) % len(table)
        return table[row], (row,)

    return step


def frame(targets):
    """Write one row for both, and cut it in two ways."""
    rows = [torch.tensor([BOS, *target, EOS]) for target in targets]
    cut = [(row[:-1], row[1:]) for row in rows]
    return tuple(pad_sequence(list(side), batch_first=True) for side in zip(*cut, strict=True))


def sequence_loss(logits, wanted):
    """Use torch's own way to leave padding out."""
    return F.cross_entropy(logits.transpose(1, 2), wanted, ignore_index=PAD)


class Seq2Seq(nn.Module):
    """The state is (hidden, summary)."""

    def __init__(self, source_size, target_size):
        super().__init__()
        self.read = nn.Embedding(source_size, 48)
        self.both = nn.GRU(48, 48, bidirectional=True)
        self.begin = nn.Linear(96, 96)
        self.write = nn.Embedding(target_size, 32)
        self.cell = nn.GRUCell(32 + 96, 96)
        self.out = nn.Linear(96, target_size)

    def encode(self, sources, lengths):
        """Read both ways, each to its own end."""
        rows = [self.read(row[:n]) for row, n in zip(sources, lengths.tolist(), strict=True)]
        _, last = self.both(pack_sequence(rows, enforce_sorted=False))
        summary = torch.cat([last[0], last[1]], dim=1)
        return torch.tanh(self.begin(summary)), summary

    def step(self, tokens, state):
        """Take one step of the cell."""
        h, summary = state
        h = self.cell(torch.cat([self.write(tokens), summary], dim=1), h)
        return self.out(h), (h, summary)

    def forward(self, sources, lengths, inputs):
        """Go through the inputs with step."""
        state, logits = self.encode(sources, lengths), []
        for tokens in inputs.unbind(1):
            one, state = self.step(tokens, state)
            logits.append(one)
        return torch.stack(logits, dim=1)


def greedy(step, state, *, most):
    """Collect a matrix of tokens, and cut each row at its first EOS."""
    token, rows = torch.full_like(state[0].reshape(len(state[0]), -1)[:, 0], BOS).long(), []
    for _ in range(most):
        logits, state = step(token, state)
        token = logits.argmax(-1)
        rows.append(token)
    answers = torch.stack(rows, dim=1).tolist()
    return [row[: row.index(EOS)] if EOS in row else row for row in answers]


class Hypothesis(NamedTuple):
    """A beginning, with a state of its own."""

    tokens: tuple[int, ...]
    total: float
    state: tuple


def beam_search(step, state, *, width, most, alpha=1.0):
    """Ask for one hypothesis at a time."""
    running, done = [Hypothesis((), 0.0, state)], []
    while running:
        longer = []
        for one in running:
            last = one.tokens[-1] if one.tokens else BOS
            logits, after = step(torch.tensor([last]), one.state)
            for token, value in enumerate(logits[0].double().log_softmax(0).tolist()):
                longer.append(Hypothesis((*one.tokens, token), one.total + value, after))
        longer.sort(key=lambda one: one.total, reverse=True)
        best = longer[:width]
        over = [one for one in best if one.tokens[-1] == EOS or len(one.tokens) == most]
        done += over
        running = [one for one in best if one not in over]
    top = max(done, key=lambda one: one.total / math.pow(len(one.tokens), alpha))
    score = top.total / math.pow(len(top.tokens), alpha)
    return [token for token in top.tokens if token != EOS], score


def _batches(count, size):
    """Cut a random order into batches."""
    return torch.randperm(count).split(size)


def train(sources, targets, *, epochs=14, report: Callable[..., None] | None = None):
    """Keep everything that translate needs in a dict."""
    ours, theirs = build_vocabulary(sources), build_vocabulary(targets)
    read = [torch.tensor([ours[w] for w in source]) for source in sources]
    lengths = torch.tensor([len(one) for one in read])
    read = pad_sequence(read, batch_first=True)
    inputs, wanted = frame([[theirs[t] for t in target] for target in targets])
    model = Seq2Seq(len(ours) + 4, len(theirs) + 4)
    optimiser = torch.optim.AdamW(model.parameters(), lr=0.006, weight_decay=0.0)
    for epoch in range(epochs):
        for rows in _batches(len(sources), 50):
            optimiser.zero_grad()
            loss = sequence_loss(model(read[rows], lengths[rows], inputs[rows]), wanted[rows])
            loss.backward()
            nn.utils.clip_grad_value_(model.parameters(), 0.5)
            optimiser.step()
        if report:
            report(epoch, loss=float(loss.detach()))
    names = {n: text for text, n in theirs.items()}
    return {"model": model.eval(), "ours": ours, "names": names}


@torch.no_grad()
def translate(translator, sources, *, width=1, most=30):
    """Translate one source after the other."""
    model, answers = translator["model"], []
    for source in sources:
        ids = torch.tensor([[translator["ours"].get(word, UNKNOWN) for word in source]])
        state = model.encode(ids, torch.tensor([ids.shape[1]]))
        if width > 1:
            answer, _ = beam_search(model.step, state, width=width, most=most)
        else:
            (answer,) = greedy(model.step, state, most=most)
        answers.append([translator["names"].get(token, "?") for token in answer])
    return answers
