"""`ner/bilstm_crf`: its worked example, its data and their reader, and how a tagger is judged."""

import itertools
import re
from pathlib import Path

import pytest
import torch

from grader.checks.tagging import LinearTagger, errors, f1
from grader.data import ner
from grader.errors import DataError

KATA = "ner/bilstm_crf"
TAGS = ["O", "B-LOC", "I-LOC"]


def test_the_worked_example(answer, solution, readme: str) -> None:
    rows = re.findall(r"^    (\S+) +(\S+) +(\S+) +(\w+) +(\w+)$", readme, re.MULTILINE)
    rows = [row for row in rows if row[0] in ("Ulley", "B2B-sale", "in")]
    assert len(rows) == 3
    for word, *features in rows:
        assert list(answer.word_features(word)) == features
    scores = torch.tensor(
        [
            [float(x) for x in row]
            for row in re.findall(
                r"^    (?:Port|Ulley) +(-?\d\.\d) +(-?\d\.\d) +(-?\d\.\d)", readme, re.MULTILINE
            )
        ]
    )[None]
    moves = torch.zeros(3, 3)
    for one, other, score in re.findall(r"(\S+) +to (\S+) +(-?\d\.\d)", readme):
        moves[TAGS.index(one), TAGS.index(other)] = float(score)
    none, length, given = torch.zeros(3), torch.tensor([2]), solution(KATA)
    told = re.findall(r"([OBI]\S*) +([OBI]\S*) +(-?\d\.\d)(?= {2,}|$)", readme, re.MULTILINE)
    told = {(one, other): score for one, other, score in told if {one, other} <= set(TAGS)}
    assert len(told) == 9
    every = {}
    for path in itertools.product(range(3), repeat=2):
        score = float(scores[0, 0, path[0]] + scores[0, 1, path[1]] + moves[path])
        assert told[TAGS[path[0]], TAGS[path[1]]] == f"{score:.1f}"
        every[path] = score
    assert [TAGS[k] for k in scores[0].argmax(1).tolist()] == ["O", "I-LOC"]
    best = max(every, key=lambda path: every[path])
    assert [TAGS[k] for k in best] == ["B-LOC", "I-LOC"]
    assert given.crf_viterbi(scores, length, moves, none, none).tolist() == [list(best)]
    loss = float(given.crf_nll(scores, torch.tensor([best]), length, moves, none, none))
    assert (
        f"log Z is {loss + every[best]:.3f}, so the loss of `B-LOC I-LOC` is {loss:.3f}" in readme
    )


@pytest.mark.parametrize("seed", range(2))
def test_the_given_crf_is_that_of_its_kata(solution, seed: int) -> None:
    given, crf = solution(KATA), solution("ner/crf")
    generator = torch.Generator().manual_seed(seed)
    drawn = [torch.randn(*size, generator=generator) for size in ((4, 7, 3), (3, 3), (3,), (3,))]
    tags = torch.randint(3, (4, 7), generator=generator)
    lengths = torch.tensor([7, 1, 4, 6])
    tags[torch.arange(7) >= lengths[:, None]] = -1
    torch.testing.assert_close(
        given.crf_nll(drawn[0], tags, lengths, *drawn[1:]),
        crf.nll(drawn[0], tags, lengths, *drawn[1:]),
    )
    paths, _ = crf.viterbi(drawn[0], lengths, *drawn[1:])
    assert torch.equal(given.crf_viterbi(drawn[0], lengths, *drawn[1:]), paths)


def test_made_sentences_hide_the_type_of_a_name() -> None:
    train, held_back = ner.training_and_held_back(7)
    assert ner.training_and_held_back(7) == (train, held_back)
    kinds: dict[str, set[str]] = {}
    for tokens, tags in train:
        assert len(tokens) == len(tags)
        for token, tag in zip(tokens, tags, strict=True):
            kinds.setdefault(token, set()).add(tag[2:])
    assert sum(len(found - {""}) == 3 for found in kinds.values()) > 50
    assert len(kinds["May"]) > 1
    names = [
        w for tokens, tags in held_back for w, tag in zip(tokens, tags, strict=True) if tag != "O"
    ]
    new = sum(name not in kinds for name in names) / len(names)
    assert 0.3 < new < 0.6


FOUR = b"-DOCSTART- -X- -X- O\n\nU.N. NNP I-NP I-ORG\nRome NNP I-NP I-LOC\nMilan NNP I-NP B-LOC\n"
BROKEN = {
    b"a O\nb\n": (2, "1 columns, expected 2"),
    b"a O\nb X\n": (2, "the tag 'X'"),
    b"a O\nb\xff O\n": (2, "0xff"),
    b"a O\rb O\n": (1, "carriage return"),
    b"a B-X\n\nb I-X\nc B-Y\n": (3, "line 1"),
    b"\n\n": (None, "no token"),
    b"only\n": (1, "1 columns, expected 2"),
}


def test_files_are_read_in_either_scheme_and_told_where_they_break(tmp_path: Path) -> None:
    file = tmp_path / "x.conll"
    for ending in (b"\n", b"\r\n"):
        file.write_bytes(b"\xef\xbb\xbf" + FOUR.replace(b"\n", ending))
        assert ner.read_conll(file) == [(["U.N.", "Rome", "Milan"], ["B-ORG", "B-LOC", "B-LOC"])]
    for data, (line, words) in BROKEN.items():
        file.write_bytes(data)
        with pytest.raises(DataError, match=re.escape(words)) as caught:
            ner.read_conll(file)
        assert caught.value.line == line
        assert str(file) in str(caught.value)
    for missing in (tmp_path, tmp_path / "none"):
        with pytest.raises(DataError):
            ner.read(missing)


def test_a_folder_or_one_file_gives_two_parts(tmp_path: Path, wnut) -> None:
    for part in ("train", "dev"):
        (tmp_path / f"{part}.conll").write_bytes(wnut(part))
    train, dev = ner.read(tmp_path)
    assert (len(train), len(dev)) == (3394, 1009)
    train, dev = ner.read(tmp_path / "dev.conll")
    assert (len(train), len(dev)) == (808, 201)


def test_scores_and_kinds_of_errors() -> None:
    gold = [["B-PER", "I-PER", "O", "B-LOC", "O"], ["B-LOC", "O"]]
    found = [["B-PER", "O", "O", "B-PER", "B-LOC"], ["B-LOC", "I-PER"]]
    assert f1(gold, gold) == 1.0
    assert f1(gold, found) == pytest.approx(2 / 7)
    assert f1(gold, found, "LOC") == pytest.approx(0.5)
    assert f1(gold, found, "PER") == 0.0
    assert errors(gold, found) == {"wrong boundary": 1, "wrong type": 1, "spurious": 1}
    none = [["O"] * len(row) for row in gold]
    assert errors(gold, none) == {"missed": 3, "spurious": 0}


def test_the_linear_tagger_learns_what_one_token_tells() -> None:
    train, held_back = ner.training_and_held_back(3, train=200, held_back=60)
    tagger = LinearTagger(train)
    tokens, gold = [row for row, _ in held_back], [tags for _, tags in held_back]
    assert 0.05 < f1(gold, tagger.predict(tokens)) < 0.4
    plain = [(["in", "Rome"], ["O", "B-LOC"]), (["Anna", "left"], ["B-PER", "O"])]
    assert LinearTagger(plain).predict([["Anna", "in", "Rome"]]) == [["B-PER", "O", "B-LOC"]]
