"""torch's own loss, and a GRU in two layers with time first."""

import io
import math

import torch
import torch.nn.functional as F
from torch import nn

PAD, BEGIN, END = 0, 1, 2
OFFSET = 3


def vocabulary(tunes):
    """Each character once, sorted."""
    return sorted({character for tune in tunes for character in tune})


def encode(tune, characters):
    """BEGIN, the characters' ids, END."""
    lookup = dict(zip(characters, range(OFFSET, OFFSET + len(characters)), strict=True))
    unknown = sorted(set(tune) - set(lookup))
    if unknown:
        raise ValueError(f"not in the vocabulary: {', '.join(unknown)}")
    return torch.tensor([BEGIN] + [lookup[c] for c in tune] + [END])


def decode(ids, characters):
    """The characters before END."""
    ids = ids.tolist()
    if END in ids:
        ids = ids[: ids.index(END)]
    return "".join(characters[i - OFFSET] for i in ids if i >= OFFSET)


def batch(tunes):
    """Inputs, targets and mask of whole tunes."""
    count, width = len(tunes), max(len(t) for t in tunes) - 1
    inputs = torch.zeros(count, width, dtype=torch.int64)
    targets, mask = inputs.clone(), torch.zeros(count, width, dtype=torch.bool)
    for n, tune in enumerate(tunes):
        size = len(tune) - 1
        inputs[n, :size] = tune[:-1]
        targets[n, :size] = tune[1:]
        mask[n, :size] = True
    return inputs, targets, mask


def bits_per_character(logits, targets, mask):
    """Mean bits over the real steps."""
    return F.cross_entropy(logits[mask], targets[mask], reduction="mean") / math.log(2)


def early_stop(losses, patience):
    """The best epoch, and whether to stop."""
    clean = torch.tensor(losses, dtype=torch.float64).nan_to_num(nan=float("inf"))
    best = int((clean == clean.min()).nonzero()[0])
    return best, len(losses) > best + patience


class TuneModel(nn.Module):
    """Logits for the next symbol."""

    def __init__(self, symbols, embedding_size, hidden_size):
        super().__init__()
        self.table = nn.Embedding(symbols, embedding_size)
        self.layers = nn.GRU(embedding_size, hidden_size, num_layers=2)
        self.head = nn.Linear(hidden_size, symbols)

    def forward(self, inputs, state=None):
        """Read further by some symbols."""
        out, state = self.layers(self.table(inputs.T), state)
        return self.head(out).transpose(0, 1), state


def train(tunes, validation, characters, epochs, patience, seed, report):
    """Train, and keep the best epoch."""
    generator = torch.Generator().manual_seed(seed)
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = TuneModel(OFFSET + len(characters), 16, 96)
    optimiser = torch.optim.AdamW(model.parameters(), lr=6e-3, weight_decay=0.01)
    ids = [encode(tune, characters) for tune in tunes]
    inputs, targets, mask = batch([encode(tune, characters) for tune in validation])
    losses, best_file = [], b""
    for epoch in range(epochs):
        order = torch.randperm(len(ids), generator=generator).tolist()
        for start in range(0, len(order), 16):
            x, y, m = batch([ids[k] for k in order[start : start + 16]])
            loss = bits_per_character(model(x)[0], y, m)
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimiser.step()
        model.eval()
        with torch.no_grad():
            losses.append(float(bits_per_character(model(inputs)[0], targets, mask)))
        model.train()
        report(epoch, bits=losses[-1], train_bits=float(loss.detach()))
        best, stop = early_stop(losses, patience)
        if best == epoch:
            buffer = io.BytesIO()
            torch.save(model.state_dict(), buffer)
            best_file = buffer.getvalue()
        if stop:
            break
    model.load_state_dict(torch.load(io.BytesIO(best_file)))
    return model.eval(), losses
