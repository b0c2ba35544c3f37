# status: PASSED
from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import nn

PAD, BOS, EOS, UNKNOWN = 0, 1, 2, 3

State = tuple[torch.Tensor, ...]
Step = Callable[[torch.Tensor, State], tuple[torch.Tensor, State]]


def build_vocabulary(sequences):
    texts = dict.fromkeys(text for sequence in sequences for text in sequence)
    return {text: number for number, text in enumerate(texts, start=UNKNOWN + 1)}


def make_batch(sequences):
    lengths = torch.tensor([len(sequence) for sequence in sequences])
    ids = torch.full((len(sequences), int(lengths.max())), PAD)
    for row, sequence in zip(ids, sequences, strict=True):
        row[: len(sequence)] = torch.tensor(sequence)
    return ids, lengths


def frame(targets):
    width = max(map(len, targets)) + 1
    inputs = torch.zeros(len(targets), width, dtype=torch.int64)
    wanted = inputs.clone()
    for n, target in enumerate(targets):
        row = torch.tensor(target)
        inputs[n, 0] = BOS
        inputs[n, 1 : len(target) + 1] = row
        wanted[n, : len(target)] = row
        wanted[n, len(target)] = EOS
    return inputs, wanted


def sequence_loss(logits, wanted):
    return nn.functional.cross_entropy(logits.flatten(0, 1), wanted.flatten(), ignore_index=PAD)


class Seq2Seq(nn.Module):
    """A GRU reads, another one writes."""

    def __init__(self, source_size, target_size):
        super().__init__()
        self.source = nn.Embedding(source_size, 32)
        self.target = nn.Embedding(target_size, 32)
        self.encoder = nn.GRU(32, 96, batch_first=True, bidirectional=True)
        self.bridge = nn.Linear(192, 128)
        self.decoder = nn.GRUCell(32, 128)
        self.head = nn.Linear(128, target_size)

    def encode(self, sources, lengths):
        packed = nn.utils.rnn.pack_padded_sequence(
            self.source(sources), lengths, batch_first=True, enforce_sorted=False
        )
        _, h = self.encoder(packed)
        return (torch.tanh(self.bridge(torch.cat([h[0], h[1]], dim=1))),)

    def step(self, tokens, state):
        h = self.decoder(self.target(tokens), state[0])
        return self.head(h), (h,)

    def forward(self, sources, lengths, inputs):
        state = self.encode(sources, lengths)
        outputs = []
        for tokens in inputs.unbind(dim=1):
            logits, state = self.step(tokens, state)
            outputs.append(logits)
        return torch.stack(outputs, dim=1)


def greedy(step, state, *, most):
    n = state[0].shape[0]
    tokens = torch.full((n,), BOS)
    answers = [[] for _ in range(n)]
    running = set(range(n))
    for _ in range(most):
        if not running:
            break
        logits, state = step(tokens, state)
        tokens = logits.argmax(dim=1)
        for row in sorted(running):
            token = int(tokens[row])
            if token == EOS:
                running.discard(row)
            else:
                answers[row].append(token)
    return answers


class Hypothesis(NamedTuple):
    tokens: tuple
    log_p: float
    state: tuple

    def score(self, alpha):
        return self.log_p / len(self.tokens) ** alpha


def beam_search(step, state, *, width, most, alpha=1.0):
    """Each hypothesis keeps its own state, and is asked by itself."""
    beam = [Hypothesis((), 0.0, state)]
    ended = []
    for depth in range(1, most + 1):
        grown = []
        for hyp in beam:
            last = torch.tensor([hyp.tokens[-1] if hyp.tokens else BOS])
            logits, after = step(last, hyp.state)
            log_p = logits[0].log_softmax(0).tolist()
            for token, lp in enumerate(log_p):
                grown.append(Hypothesis(hyp.tokens + (token,), hyp.log_p + lp, after))
        grown.sort(key=lambda hyp: -hyp.log_p)
        beam = []
        for hyp in grown[:width]:
            if hyp.tokens[-1] == EOS or depth == most:
                ended.append(hyp)
            else:
                beam.append(hyp)
        if not beam:
            break
    best = max(ended, key=lambda hyp: hyp.score(alpha))
    return [t for t in best.tokens if t != EOS], best.score(alpha)


class Translator(NamedTuple):
    model: Seq2Seq
    source_ids: dict[str, int]
    target_ids: dict[str, int]


def train(sources, targets, *, epochs=12, report=None):
    torch.manual_seed(7)
    source_ids, target_ids = build_vocabulary(sources), build_vocabulary(targets)
    xs = [[source_ids[w] for w in s] for s in sources]
    ys = [[target_ids[w] for w in t] for t in targets]
    model = Seq2Seq(len(source_ids) + 4, len(target_ids) + 4)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.004)
    k = 0
    for _ in range(epochs):
        for rows in torch.randperm(len(xs)).split(32):
            inputs, wanted = frame([ys[r] for r in rows])
            logits = model(*make_batch([xs[r] for r in rows]), inputs)
            loss = sequence_loss(logits, wanted)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            k += 1
            if report is not None and k % 10 == 0:
                report(k, loss=loss.item())
    return Translator(model, source_ids, target_ids)


@torch.no_grad()
def translate(translator, sources, *, width=1, most=30):
    model, source_ids, target_ids = translator
    text = {number: word for word, number in target_ids.items()}
    ids, lengths = make_batch([[source_ids.get(w, UNKNOWN) for w in s] for s in sources])
    if width == 1:
        answers = greedy(model.step, model.encode(ids, lengths), most=most)
    else:
        answers = []
        for row, length in zip(ids, lengths):
            start = model.encode(row[None, :length], length[None])
            answers.append(beam_search(model.step, start, width=width, most=most)[0])
    return [[text.get(token, "?") for token in answer] for answer in answers]
