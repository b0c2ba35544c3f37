"""Tag named entities: features of words, a bidirectional LSTM, and a conditional random field."""

from collections.abc import Callable

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

# Given. The ids of what stands in the padding, and of what a vocabulary lacks.
PADDING, UNKNOWN = 0, 1


def word_features(word: str) -> tuple[str, str, str, str]:
    """Describe a word in four ways, so that also a new word tells something.

        "McDonald"  ->  ("mcdonald", "XxXx", "mcd", "ald")

    Args:
        word: at least one character.

    Returns:
        word: in small letters.
        shape: X for a capital letter, x for a small letter, d for a digit; every other character
            is itself. Several equal ones in a row are one.
        beginning: the first three characters in small letters; a shorter word is its own.
        ending: the last three characters in small letters; a shorter word is its own.

    Source: Collobert et al. (2011), section 4.1.1, where capitals and endings are features of
        their own, too.
    """
    shape = ""
    for character in word:
        kind = character
        if character.isdigit():
            kind = "d"
        elif character.isupper():
            kind = "X"
        elif character.islower():
            kind = "x"
        if not shape.endswith(kind):
            shape += kind
    small = word.lower()
    return small, shape, small[:3], small[-3:]


def build_vocabulary(sequences: list[list[str]], *, least: int = 1) -> dict[str, int]:
    """Number the texts that occur often enough.

    Args:
        sequences: lists of texts: the words of sentences, or their shapes.
        least: how often a text must occur, over all sequences.

    Returns:
        An id for each such text: 2, 3, ... in the order in which they first occur. PADDING and
        UNKNOWN have no entry.
    """
    counts: dict[str, int] = {}
    for sequence in sequences:
        for text in sequence:
            counts[text] = counts.get(text, 0) + 1
    frequent = [text for text, count in counts.items() if count >= least]
    return {text: number for number, text in enumerate(frequent, start=2)}


def make_batch(
    sequences: list[list[str]], vocabulary: dict[str, int]
) -> tuple[torch.Tensor, torch.Tensor]:
    """Turn sequences of texts into one tensor of ids.

    Args:
        sequences: N >= 1 lists of at least one text each.
        vocabulary: the id of each known text.

    Returns:
        ids: (N, T) int64, T the longest; UNKNOWN where the vocabulary lacks a text, and PADDING
            behind the end of a sequence.
        lengths: (N,) int64.
    """
    lengths = torch.tensor([len(sequence) for sequence in sequences])
    ids = torch.full((len(sequences), int(lengths.max())), PADDING)
    for row, sequence in zip(ids, sequences, strict=True):
        row[: len(sequence)] = torch.tensor([vocabulary.get(text, UNKNOWN) for text in sequence])
    return ids, lengths


# Given. What you wrote in ner/crf: the mean over the sentences of log Z - score.
def crf_nll(
    emissions: torch.Tensor,
    tags: torch.Tensor,
    lengths: torch.Tensor,
    transitions: torch.Tensor,
    start: torch.Tensor,
    stop: torch.Tensor,
) -> torch.Tensor:
    """Give the negative log-likelihood of the tags: see `ner/crf`.

    Args:
        emissions: (N, T, K), the score of each tag at each step.
        tags: (N, T) int64, the true ones; any numbers in the padding.
        lengths: (N,) int64, in any order.
        transitions: (K, K), row: the tag before, column: the tag after.
        start: (K,), the score of each tag as the first one.
        stop: (K,), the score of each tag as the last one.

    Returns:
        ().
    """
    inside = torch.arange(emissions.shape[1]) < lengths[:, None]
    tags = torch.where(inside, tags, 0)
    own = emissions.gather(2, tags[:, :, None])[:, :, 0]
    own[:, 1:] = own[:, 1:] + transitions[tags[:, :-1], tags[:, 1:]]
    last = tags.gather(1, lengths[:, None] - 1)[:, 0]
    score = start[tags[:, 0]] + torch.where(inside, own, 0).sum(1) + stop[last]
    alpha = start + emissions[:, 0]
    for t in range(1, emissions.shape[1]):
        longer = torch.logsumexp(alpha[:, :, None] + transitions, dim=1) + emissions[:, t]
        alpha = torch.where(inside[:, t, None], longer, alpha)
    return (torch.logsumexp(alpha + stop, dim=1) - score).mean()


# Given. What you wrote in ner/crf: the best path of each sentence.
def crf_viterbi(
    emissions: torch.Tensor,
    lengths: torch.Tensor,
    transitions: torch.Tensor,
    start: torch.Tensor,
    stop: torch.Tensor,
) -> torch.Tensor:
    """Find the path with the highest score of each sentence: see `ner/crf`.

    Args:
        emissions: (N, T, K), the score of each tag at each step.
        lengths: (N,) int64, in any order.
        transitions: (K, K), row: the tag before, column: the tag after.
        start: (K,), the score of each tag as the first one.
        stop: (K,), the score of each tag as the last one.

    Returns:
        (N, T) int64, and -1 in the padding.
    """
    inside = torch.arange(emissions.shape[1]) < lengths[:, None]
    best, pointers = start + emissions[:, 0], []
    stay = torch.arange(best.shape[1]).expand_as(best)
    for t in range(1, emissions.shape[1]):
        reached, came_from = (best[:, :, None] + transitions).max(dim=1)
        best = torch.where(inside[:, t, None], reached + emissions[:, t], best)
        pointers.append(torch.where(inside[:, t, None], came_from, stay))
    path = [(best + stop).argmax(1)]
    for pointer in reversed(pointers):
        path.append(pointer.gather(1, path[-1][:, None])[:, 0])
    return torch.where(inside, torch.stack(path[::-1], dim=1), -1)


class Tagger(nn.Module):
    """A bidirectional LSTM that scores tags, and a CRF that chooses among sequences of them.

    Its parameters `transitions` (K, K), `start` (K,) and `stop` (K,) are those of the CRF. All
    others are yours.

    Args:
        vocabularies: four, of words, shapes, beginnings and endings, in this order.
        tags: the K tags; tag k has the id k.

    Source: Lample et al. (2016), section 2; Huang, Xu, Yu (2015), section 2.5.
    """

    def __init__(self, vocabularies: list[dict[str, int]], tags: list[str]) -> None:
        super().__init__()
        self.vocabularies, self.tags = vocabularies, tags
        widths = (32, 16, 16, 16)
        self.embeddings = nn.ModuleList(
            nn.Embedding(len(vocabulary) + 2, width)
            for vocabulary, width in zip(vocabularies, widths, strict=True)
        )
        for embedding in self.embeddings:
            nn.init.normal_(embedding.weight, std=0.3)
        self.dropout = nn.Dropout(0.3)
        self.lstm = nn.LSTM(sum(widths), 32, batch_first=True, bidirectional=True)
        self.score = nn.Linear(64, len(tags))
        self.transitions = nn.Parameter(torch.zeros(len(tags), len(tags)))
        self.start = nn.Parameter(torch.zeros(len(tags)))
        self.stop = nn.Parameter(torch.zeros(len(tags)))

    def emissions(self, sentences: list[list[str]]) -> torch.Tensor:
        """Score each tag at each token, after the tokens on both sides were read.

        Args:
            sentences: N >= 1 lists of tokens, of any lengths from 1 on.

        Returns:
            (N, T, K) float32, T the longest sentence; any finite numbers in the padding.
        """
        described = [[word_features(word) for word in sentence] for sentence in sentences]
        read = []
        for which, embedding in enumerate(self.embeddings):
            texts = [[features[which] for features in sentence] for sentence in described]
            ids, lengths = make_batch(texts, self.vocabularies[which])
            read.append(embedding(ids))
        x = self.dropout(torch.cat(read, dim=2))
        packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        hidden, _ = pad_packed_sequence(self.lstm(packed)[0], batch_first=True)
        return self.score(self.dropout(hidden))

    def loss(self, sentences: list[list[str]], tags: list[list[str]]) -> torch.Tensor:
        """Give the loss of the CRF for the true tags, the mean over the sentences.

        Args:
            sentences: N >= 1 lists of tokens.
            tags: the true tags of each.

        Returns:
            ().
        """
        number = {tag: k for k, tag in enumerate(self.tags)}
        ids, lengths = make_batch(tags, number)
        scores = self.emissions(sentences)
        return crf_nll(scores, ids, lengths, self.transitions, self.start, self.stop)

    def predict(self, sentences: list[list[str]]) -> list[list[str]]:
        """Choose the best sequence of tags for each sentence, without dropout.

        Args:
            sentences: N >= 1 lists of tokens.

        Returns:
            N lists of tags, one for each token.
        """
        self.eval()
        lengths = torch.tensor([len(sentence) for sentence in sentences])
        with torch.no_grad():
            scores = self.emissions(sentences)
            paths = crf_viterbi(scores, lengths, self.transitions, self.start, self.stop)
        return [
            [self.tags[k] for k in path[:length]]
            for path, length in zip(paths.tolist(), lengths.tolist(), strict=True)
        ]


def fit(
    tagger: Tagger,
    sentences: list[list[str]],
    tags: list[list[str]],
    *,
    epochs: int,
    report: Callable[..., None] | None = None,
) -> list[float]:
    """Train a tagger: go through all sentences, in batches and in a new order, some times.

    Args:
        tagger: is changed.
        sentences: at least one.
        tags: the true tags of each.
        epochs: how often to go through all sentences.
        report: if given, is called now and then: report(step, loss=...).

    Returns:
        The mean loss of each epoch.
    """
    optimiser = torch.optim.Adam(tagger.parameters(), lr=0.01)
    losses, step = [], 0
    for _ in range(epochs):
        tagger.train()
        total = 0.0
        order = torch.randperm(len(sentences)).tolist()
        for first in range(0, len(order), 32):
            rows = order[first : first + 32]
            loss = tagger.loss([sentences[n] for n in rows], [tags[n] for n in rows])
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(tagger.parameters(), 5.0)
            optimiser.step()
            total += loss.item() * len(rows)
            step += 1
            if report is not None:
                report(step, loss=loss.item())
        losses.append(total / len(sentences))
    return losses


def train(
    sentences: list[list[str]],
    tags: list[list[str]],
    *,
    epochs: int = 8,
    report: Callable[..., None] | None = None,
) -> Tagger:
    """Build a tagger from sentences alone, and train it.

    What occurs once is unknown to it, so that it learns what to make of unknown words.

    Args:
        sentences: at least one.
        tags: the true tags of each.
        epochs: how often to go through all sentences.
        report: if given, is called now and then: report(step, loss=...).

    Returns:
        The trained tagger. Its tags are those that occur.
    """
    described = [[word_features(word) for word in sentence] for sentence in sentences]
    vocabularies = [
        build_vocabulary([[features[which] for features in one] for one in described], least=2)
        for which in range(4)
    ]
    tagger = Tagger(vocabularies, sorted({tag for row in tags for tag in row}))
    fit(tagger, sentences, tags, epochs=epochs, report=report)
    return tagger
