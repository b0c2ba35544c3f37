"""A bidirectional GRU over the sum of four vectors; one sentence at a time; the given CRF."""

import unicodedata
from itertools import chain, groupby

import torch
from torch import nn
from torch.nn.utils.rnn import pack_sequence, pad_sequence, unpack_sequence

PADDING, UNKNOWN = 0, 1


def word_features(word):
    """Use groups of equal kinds."""

    def kind(character):
        if character != character.lower():
            return "X"
        if unicodedata.category(character) == "Ll":
            return "x"
        return "d" if character.isdecimal() else character

    low = word.lower()
    return low, "".join(key for key, _ in groupby(word, key=kind)), low[:3], low[-3:]


def build_vocabulary(sequences, *, least=1):
    """Ask each text in order, once."""
    every = list(chain.from_iterable(sequences))
    frequent = [text for text in dict.fromkeys(every) if every.count(text) >= least]
    return dict(zip(frequent, range(2, 2 + len(frequent)), strict=True))


def make_batch(sequences, vocabulary):
    """Let torch pad."""
    rows = [torch.tensor([vocabulary.get(t, UNKNOWN) for t in one]) for one in sequences]
    return pad_sequence(rows, batch_first=True, padding_value=PADDING), torch.tensor(
        [*map(len, rows)]
    )


def _log_sums(scores, lengths, moves, first, last):
    """Keep the sums of every step, and pick each sentence's own last one."""
    alphas = [first + scores[:, 0]]
    for row in scores.unbind(1)[1:]:
        alphas.append(torch.logsumexp(alphas[-1][:, :, None] + moves, 1) + row)
    ends = torch.stack(alphas)[lengths - 1, torch.arange(len(lengths))]
    return torch.logsumexp(ends + last, 1)


class Tagger(nn.Module):
    """One table for all features: each vocabulary has its own part of it."""

    def __init__(self, vocabularies, tags):
        super().__init__()
        self.vocabularies = vocabularies
        self.tags = list(tags)
        sizes = [len(vocabulary) + 2 for vocabulary in vocabularies]
        self.offsets = [sum(sizes[:n]) for n in range(len(sizes))]
        self.table = nn.EmbeddingBag(sum(sizes), 64, mode="sum")
        self.gru = nn.GRU(64, 48, bidirectional=True)
        self.drop = nn.Dropout(0.2)
        self.out = nn.Linear(96, len(tags))
        self.register_parameter("transitions", nn.Parameter(torch.zeros(len(tags), len(tags))))
        self.register_parameter("start", nn.Parameter(torch.zeros(len(tags))))
        self.register_parameter("stop", nn.Parameter(torch.zeros(len(tags))))

    def _each(self, sentences):
        ids = [
            [
                offset + vocabulary.get(text, UNKNOWN)
                for text, vocabulary, offset in zip(
                    word_features(word), self.vocabularies, self.offsets, strict=True
                )
            ]
            for word in chain.from_iterable(sentences)
        ]
        read = self.drop(self.table(torch.tensor(ids))).split([*map(len, sentences)])
        packed, _ = self.gru(pack_sequence(read, enforce_sorted=False))
        return [self.out(self.drop(one)) for one in unpack_sequence(packed)]

    def emissions(self, sentences):
        """Pad what each sentence gave."""
        return pad_sequence(self._each(sentences), batch_first=True, padding_value=7.0)

    def loss(self, sentences, tags):
        """Score the true paths one by one, and sum over all of them together."""
        each = self._each(sentences)
        own = []
        for e, names in zip(each, tags, strict=True):
            path = [self.tags.index(name) for name in names]
            score = self.start[path[0]] + self.stop[path[-1]] + e[range(len(path)), path].sum()
            own.append(score + self.transitions[path[:-1], path[1:]].sum())
        padded, lengths = pad_sequence(each, batch_first=True), torch.tensor([*map(len, each)])
        every = _log_sums(padded, lengths, self.transitions, self.start, self.stop)
        return (every - torch.stack(own)).mean()

    def predict(self, sentences):
        """Find the best path as the gradient of the best score."""
        was, answers = self.training, []
        self.eval()
        for e in self._each(sentences):
            scores = e.detach().requires_grad_()
            best = self.start.detach() + scores[0]
            for row in scores[1:]:
                best = (best[:, None] + self.transitions.detach()).amax(0) + row
            top = (best + self.stop.detach()).max()
            top.backward()
            answers.append([self.tags[k] for k in scores.grad.argmax(1).tolist()])
        self.train(was)
        return answers


def fit(tagger, sentences, tags, *, epochs, report=None):
    """Let a loader of torch shuffle and make batches."""
    optimiser = torch.optim.AdamW(tagger.parameters(), lr=0.01, weight_decay=0.0)
    loader = torch.utils.data.DataLoader(
        list(zip(sentences, tags, strict=True)), batch_size=24, shuffle=True, collate_fn=list
    )
    history = []
    tagger.train()
    for epoch in range(epochs):
        seen = 0.0
        for batch in loader:
            loss = tagger.loss(*zip(*batch, strict=True))
            loss.backward()
            optimiser.step()
            optimiser.zero_grad(set_to_none=True)
            seen += loss.item() * len(batch) / len(sentences)
        history.append(seen)
        if report is not None:
            report(epoch, loss=seen)
    return history


def train(sentences, tags, *, epochs=6, report=None):
    """Build the four vocabularies one by one."""
    vocabularies = [
        build_vocabulary([[word_features(word)[n] for word in one] for one in sentences], least=2)
        for n in range(4)
    ]
    tagger = Tagger(vocabularies, list(dict.fromkeys(chain.from_iterable(tags))))
    fit(tagger, sentences, tags, epochs=epochs, report=report)
    return tagger
