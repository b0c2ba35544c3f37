"""As in the paper of 2014: the source is read from its end, and the LSTM has cells of one layer."""

import torch
from torch import nn

PAD, BOS, EOS, UNKNOWN = 0, 1, 2, 3


def build_vocabulary(sequences):
    """Sort nothing: the first one gets 4."""
    every = list(dict.fromkeys(text for sequence in sequences for text in sequence))
    return {text: every.index(text) + 4 for text in every}


def planted(table):
    """Look rows up by all tokens so far."""

    def step(tokens, state):
        row = (7 * state[0] + tokens) % len(table)
        return table[row], (row,)

    return step


def _padded(rows):
    longest = max(map(len, rows))
    return torch.tensor([list(row) + [PAD] * (longest - len(row)) for row in rows])


def frame(targets):
    """Pad lists."""
    return _padded([[BOS, *t] for t in targets]), _padded([[*t, EOS] for t in targets])


def sequence_loss(logits, wanted):
    """Pick -log p of each wanted token, and weigh with a mask."""
    each = -logits.log_softmax(2).gather(2, wanted[:, :, None])[:, :, 0]
    real = (wanted != PAD).to(logits.dtype)
    return (each * real).sum() / real.sum()


class Seq2Seq(nn.Module):
    """Two cells in loops."""

    def __init__(self, source_size, target_size):
        super().__init__()
        size = 96
        self.words = nn.Embedding(source_size, 32)
        self.reader = nn.LSTMCell(32, size)
        self.texts = nn.Embedding(target_size, 32)
        self.writer = nn.LSTMCell(32, size)
        self.out = nn.Sequential(nn.Linear(size, 64), nn.Tanh(), nn.Linear(64, target_size))

    def encode(self, sources, lengths):
        """Begin behind each source; where there is padding, the state stays 0."""
        h = torch.zeros(len(sources), 96)
        c = torch.zeros_like(h)
        for t in reversed(range(sources.shape[1])):
            real = (t < lengths)[:, None]
            h_new, c_new = self.reader(self.words(sources[:, t]), (h, c))
            h, c = torch.where(real, h_new, h), torch.where(real, c_new, c)
        return h, c

    def step(self, tokens, state):
        """Take one step."""
        h, c = self.writer(self.texts(tokens), state)
        return self.out(h), (h, c)

    def forward(self, sources, lengths, inputs):
        """Take all steps, then score all at once."""
        state, hidden = self.encode(sources, lengths), []
        for t in range(inputs.shape[1]):
            state = self.writer(self.texts(inputs[:, t]), state)
            hidden.append(state[0])
        return self.out(torch.stack(hidden, 1))


def greedy(step, state, *, most):
    """Run each sequence by itself."""
    answers = []
    for n in range(len(state[0])):
        own, token, answer = tuple(part[n : n + 1] for part in state), torch.tensor([BOS]), []
        while len(answer) < most:
            logits, own = step(token, own)
            token = logits.max(dim=1).indices
            if token.item() == EOS:
                break
            answer.append(token.item())
        answers.append(answer)
    return answers


def beam_search(step, state, *, width, most, alpha=1.0):
    """Keep finished hypotheses in a dict by their score."""
    texts, totals, finished = [[]], torch.zeros(1, dtype=torch.float64), {}
    tokens = torch.tensor([BOS])
    for length in range(1, most + 1):
        logits, state = step(tokens, state)
        logits = logits.to(torch.float64)
        sums = totals[:, None] + logits - torch.logsumexp(logits, 1, keepdim=True)
        order = sums.reshape(-1).argsort(descending=True)[:width]
        row, token = order // sums.shape[1], order % sums.shape[1]
        value = sums[row, token]
        ends = (token == EOS) | (length == most)
        for r, t, total in zip(
            row[ends].tolist(), token[ends].tolist(), value[ends].tolist(), strict=True
        ):
            finished[total / length**alpha] = texts[r] + [t] * (t != EOS)
        if bool(ends.all()):
            break
        row, tokens, totals = row[~ends], token[~ends], value[~ends]
        texts = [[*texts[r], t] for r, t in zip(row.tolist(), tokens.tolist(), strict=True)]
        state = tuple(part.index_select(0, row) for part in state)
    best = max(finished)
    return finished[best], best


class Trained:
    """A model and both vocabularies."""

    def __init__(self, sources, targets):
        self.ours, self.theirs = build_vocabulary(sources), build_vocabulary(targets)
        self.texts = list(self.theirs)
        self.model = Seq2Seq(len(self.ours) + 4, len(self.theirs) + 4)

    def read(self, sources):
        """Padded ids, and lengths."""
        rows = [[self.ours.get(word, UNKNOWN) for word in source] for source in sources]
        return _padded(rows), torch.tensor([len(row) for row in rows])


def train(sources, targets, *, epochs=14, report=None):
    """Go through the pairs sorted at random, by slices."""
    trained = Trained(sources, targets)
    optimiser = torch.optim.Adam(trained.model.parameters(), lr=0.006)
    told = [[trained.theirs[text] for text in target] for target in targets]
    for epoch in range(epochs):
        keys = torch.rand(len(sources)).argsort().tolist()
        while keys:
            batch, keys = keys[:64], keys[64:]
            inputs, wanted = frame([told[n] for n in batch])
            logits = trained.model(*trained.read([sources[n] for n in batch]), inputs)
            loss = sequence_loss(logits, wanted)
            trained.model.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(trained.model.parameters(), 1.0)
            optimiser.step()
        if report is not None:
            report(epoch, loss=loss.item())
    return trained


def translate(translator, sources, *, width=1, most=30):
    """Search with states that were made at once."""
    with torch.no_grad():
        every = translator.model.encode(*translator.read(sources))
        if width == 1:
            found = greedy(translator.model.step, every, most=most)
        else:
            rows = [tuple(part[n : n + 1] for part in every) for n in range(len(sources))]
            found = [
                beam_search(translator.model.step, row, width=width, most=most)[0] for row in rows
            ]
    return [[translator.texts[n - 4] if n >= 4 else "" for n in answer] for answer in found]
