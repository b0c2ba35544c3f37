# status: FAILED
# fails: wide_beam_finds_the_best
# told: last_step_alone_counts
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


# Given. A model without weights, to try a search on: its state is a number made of all tokens.
def planted(table: torch.Tensor) -> Step:
    """Make a step whose logits are a row of a table; all tokens so far choose which.

    Args:
        table: (R, V).

    Returns:
        A step. Its state is one tensor (N,) int64, in the beginning for instance zeros.
    """

    def step(tokens: torch.Tensor, state: State) -> tuple[torch.Tensor, State]:
        row = (7 * state[0] + tokens) % len(table)
        return table[row], (row,)

    return step


def frame(targets):
    return (
        make_batch([[BOS] + list(target) for target in targets])[0],
        make_batch([list(target) + [EOS] for target in targets])[0],
    )


def sequence_loss(logits, wanted):
    real = (wanted != PAD).to(logits.dtype)
    picked = torch.log_softmax(logits, -1).gather(-1, wanted[..., None])[..., 0]
    return -(picked * real).sum() / real.sum()


class Seq2Seq(nn.Module):
    def __init__(self, source_size, target_size):
        super().__init__()
        self.embed_source = nn.Embedding(source_size, 48)
        self.embed_target = nn.Embedding(target_size, 48)
        self.reader = nn.LSTMCell(48, 128)
        self.writer = nn.LSTMCell(48 + 128, 128)
        self.readout = nn.Linear(128, target_size)

    def encode(self, sources, lengths):
        """A loop that leaves a row alone behind its end; the summary is handed on at each step."""
        h = c = torch.zeros(len(sources), 128)
        total = torch.zeros(len(sources), 128)
        for t in range(int(lengths.max())):
            alive = (t < lengths).unsqueeze(1)
            h_new, c_new = self.reader(self.embed_source(sources[:, t]), (h, c))
            h, c = torch.where(alive, h_new, h), torch.where(alive, c_new, c)
            total = total + torch.where(alive, h_new, torch.zeros_like(h))
        return h, c, total / lengths[:, None]

    def step(self, tokens, state):
        h, c, summary = state
        h, c = self.writer(torch.cat((self.embed_target(tokens), summary), dim=1), (h, c))
        return self.readout(h), (h, c, summary)

    def forward(self, sources, lengths, inputs):
        def unroll(tokens, state):
            if not tokens:
                return []
            logits, state = self.step(tokens[0], state)
            return [logits, *unroll(tokens[1:], state)]

        return torch.stack(unroll(list(inputs.T), self.encode(sources, lengths)), dim=1)


def greedy(step, state, *, most):
    batch = len(state[0])
    tokens, columns = torch.tensor([BOS] * batch), []
    finished = torch.zeros(batch, dtype=torch.bool)
    while len(columns) < most and not finished.all():
        logits, state = step(tokens, state)
        tokens = logits.max(dim=-1).indices
        columns.append(tokens)
        finished = finished | (tokens == EOS)
    answers = []
    for row in torch.stack(columns, dim=1).tolist() if columns else [[]] * batch:
        answers.append(row[: row.index(EOS)] if EOS in row else row)
    return answers


def beam_search(step, state, *, width, most, alpha=1.0):
    totals = torch.zeros(1)
    tokens = torch.tensor([BOS])
    texts = [[]]
    done = []
    for length in range(1, most + 1):
        logits, state = step(tokens, state)
        table = torch.log_softmax(logits, dim=-1)
        size = table.size(1)
        values, places = torch.sort(table.reshape(-1), descending=True)
        values, places = values[:width], places[:width]
        parents, tokens = places // size, places % size
        grown = [texts[p] + [t] for p, t in zip(parents.tolist(), tokens.tolist())]
        keep = []
        for k, text in enumerate(grown):
            if text[-1] == EOS:
                done.append((values[k].item() / length**alpha, text[:-1]))
            elif length == most:
                done.append((values[k].item() / length**alpha, text))
            else:
                keep.append(k)
        if not keep:
            break
        rows = torch.tensor(keep)
        state = tuple(part[parents[rows]] for part in state)
        totals, tokens = values[rows], tokens[rows]
        texts = [grown[k] for k in keep]
    score, text = max(done, key=lambda pair: pair[0])
    return text, score


class Translator(NamedTuple):
    model: Seq2Seq
    source_ids: dict[str, int]
    target_ids: dict[str, int]


def train(sources, targets, *, epochs=12, report=None):
    torch.manual_seed(0)
    source_ids = build_vocabulary(sources)
    target_ids = build_vocabulary(targets)
    pairs = [
        ([source_ids[text] for text in source], [target_ids[text] for text in target])
        for source, target in zip(sources, targets, strict=True)
    ]
    model = Seq2Seq(4 + len(source_ids), 4 + len(target_ids))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.005)
    losses = []
    for epoch in range(epochs):
        loader = torch.utils.data.DataLoader(pairs, 50, shuffle=True, collate_fn=list)
        for batch in loader:
            inputs, wanted = frame([target for _, target in batch])
            ids, lengths = make_batch([source for source, _ in batch])
            loss = sequence_loss(model(ids, lengths, inputs), wanted)
            model.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            losses.append(loss.item())
        if report:
            report(len(losses), loss=losses[-1])
    return Translator(model, source_ids, target_ids)


def translate(translator, sources, *, width=1, most=30):
    names = {v: k for k, v in translator.target_ids.items()}
    out = []
    with torch.no_grad():
        for source in sources:
            ids = torch.tensor([[translator.source_ids.get(text, UNKNOWN) for text in source]])
            state = translator.model.encode(ids, torch.tensor([len(source)]))
            if width > 1:
                answer, _ = beam_search(translator.model.step, state, width=width, most=most)
            else:
                (answer,) = greedy(translator.model.step, state, most=most)
            out.append([names[token] for token in answer if token in names])
    return out
