"""The cell written out, one matrix for all gates; padding handled with plain lists."""

import math

import torch
from torch import nn

PAD, BEGIN, END = 0, 1, 2


def vocabulary(tunes):
    """Each character once, sorted."""
    found = []
    for tune in tunes:
        for character in tune:
            if character not in found:
                found.append(character)
    found.sort(key=ord)
    return found


def encode(tune, characters):
    """BEGIN, the characters' ids, END."""
    ids = [BEGIN]
    for character in tune:
        try:
            ids.append(3 + list(characters).index(character))
        except ValueError:
            raise ValueError("unknown character " + character) from None
    return torch.tensor([*ids, END], dtype=torch.long)


def decode(ids, characters):
    """The characters before END."""
    table = ["", "", None, *characters]
    text = ""
    for number in ids:
        if table[number] is None:
            return text
        text += table[number]
    return text


def batch(tunes):
    """Inputs, targets and mask of whole tunes."""
    longest = max(map(len, tunes))
    whole = torch.full((len(tunes), longest), PAD, dtype=torch.long)
    for row, tune in zip(whole, tunes, strict=True):
        row[: len(tune)] = tune
    targets = whole[:, 1:].clone()
    return whole[:, :-1].clone(), targets, targets != PAD


def bits_per_character(logits, targets, mask):
    """Mean bits over the real steps."""
    high = logits.max(dim=-1, keepdim=True).values.detach()
    logits = logits - high
    total = torch.logsumexp(logits, dim=-1)
    own = torch.take_along_dim(logits, targets.unsqueeze(-1), dim=-1).squeeze(-1)
    nats = torch.where(mask, total - own, torch.zeros_like(own))
    return nats.sum() / mask.sum() / math.log(2)


def early_stop(losses, patience):
    """The best epoch, and whether to stop."""
    best, since = 0, 0
    for epoch, loss in enumerate(losses):
        if epoch == 0:
            continue
        if loss < losses[best] or (losses[best] != losses[best] and loss == loss):
            best, since = epoch, 0
        else:
            since += 1
    return best, since >= patience


class TuneModel(nn.Module):
    """Logits for the next symbol."""

    def __init__(self, symbols, embedding_size, hidden_size):
        super().__init__()
        self.hidden_size = hidden_size
        self.embed = nn.Embedding(symbols, embedding_size)
        self.gates = nn.Linear(embedding_size + hidden_size, 4 * hidden_size)
        self.out = nn.Linear(hidden_size, symbols)
        with torch.no_grad():
            self.gates.bias[hidden_size : 2 * hidden_size] += 1.0

    def forward(self, inputs, state=None):
        """Read further by some symbols."""
        x = self.embed(inputs)
        if state is None:
            zeros = x.new_zeros(len(x), self.hidden_size)
            state = {"h": zeros, "c": zeros}
        h, c = state["h"], state["c"]
        outputs = []
        for t in range(inputs.shape[1]):
            i, f, g, o = self.gates(torch.cat([x[:, t], h], dim=1)).chunk(4, dim=1)
            c = f.sigmoid() * c + i.sigmoid() * g.tanh()
            h = o.sigmoid() * c.tanh()
            outputs.append(h)
        return self.out(torch.stack(outputs, dim=1)), {"h": h, "c": c}


def train(tunes, validation, characters, epochs, patience, seed, report):
    """Train, and keep the best epoch."""
    torch.manual_seed(seed)
    model = TuneModel(3 + len(characters), 24, 96)
    optimiser = torch.optim.Adam(model.parameters(), lr=4e-3)
    encoded = sorted((encode(tune, characters) for tune in tunes), key=len)
    groups = [batch(encoded[start : start + 12]) for start in range(0, len(encoded), 12)]
    judge = batch([encode(tune, characters) for tune in validation])
    losses, weights = [], None
    for epoch in range(epochs):
        for k in torch.randperm(len(groups)):
            inputs, targets, mask = groups[k]
            optimiser.zero_grad(set_to_none=True)
            loss = bits_per_character(model(inputs)[0], targets, mask)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 2.0)
            optimiser.step()
        with torch.inference_mode():
            losses.append(bits_per_character(model(judge[0])[0], *judge[1:]).item())
        report(epoch, bits=losses[-1])
        best, stop = early_stop(losses, patience)
        if best == len(losses) - 1:
            weights = {name: value.clone() for name, value in model.state_dict().items()}
        if stop:
            break
    model.load_state_dict(weights)
    model.eval()
    return model, losses
