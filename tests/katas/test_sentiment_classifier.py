"""`applications/sentiment_classifier`: its worked example, its sentences, and real ones."""

import math
import re
from pathlib import Path

import pytest
import torch

from grader.checks.bags import bag_of_words
from grader.data.sentiment import make_pairs, make_sentences, read_sentences
from grader.errors import DataError

KATA = "applications/sentiment_classifier"
DATA = Path(__file__).parents[3] / "shared" / "data"


def test_the_worked_example(answer, readme: str) -> None:
    vocabulary = {"not": 2, "good": 3, "bad": 4, ",": 5}
    assert "    not 2   good 3   bad 4   , 5\n" in readme
    rows = re.findall(r"^    ([a-z, ]+?)  +(\d  \d  \d  \d)  +(\d)$", readme, re.MULTILINE)
    assert len(rows) == 3
    ids, lengths = answer.encode([words.split() for words, _, _ in rows], vocabulary)
    assert ids.tolist() == [[int(number) for number in row.split()] for _, row, _ in rows]
    assert lengths.tolist() == [int(length) for *_, length in rows]

    [(numbers, length)] = re.findall(r"^    states +([\d. ]+) length (\d)$", readme, re.MULTILINE)
    states = torch.tensor([[[float(x)] for x in numbers.split()]], dtype=torch.float64)
    two = torch.tensor([int(length)])
    assert f"last real           {answer.last_real(states, two).item():.1f}\n" in readme
    assert f"(0.6 + 0.2) / 2 = {answer.masked_mean(states, two).item():.2f}\n" in readme
    for words, wrong in (
        ("the padded last step", states[0, -1]),
        ("the mean over all four steps", states.mean()),
        ("the sum of two, divided by 4", states[0, :2].sum() / 4),
    ):
        assert re.search(rf"^    {words} +{wrong.item():.2f}$", readme, re.MULTILINE), words


def test_the_losses_of_the_worked_example(answer, readme: str) -> None:
    rows = re.findall(r"^ +(-?\d) +([01]) +(0\.\d{4}) +(0\.\d{4})$", readme, re.MULTILINE)
    assert len(rows) == 3
    logits = torch.tensor([float(row[0]) for row in rows], dtype=torch.float64)
    labels = torch.tensor([int(row[1]) for row in rows])
    for logit, label, (*_, p, loss) in zip(logits, labels, rows, strict=True):
        assert f"{logit.sigmoid().item():.4f}" == p
        assert f"{answer.binary_loss(logit[None], label[None]).item():.4f}" == loss
    assert f"mean    {answer.binary_loss(logits, labels).item():.4f}\n" in readme
    twice = answer.binary_loss(logits.sigmoid(), labels).item()
    ends = [math.log1p(math.exp(-1)), math.log(2)]  # of σ(1) for label 1, of σ(0) for label 0
    assert f"the mean is {twice:.4f}" in readme
    assert f"between 0.5 and {1 / (1 + math.exp(-1)):.4f}" in readme
    assert f"{ends[0]:.4f} where the label is 1 and {ends[1]:.4f}\nwhere it is 0" in readme
    assert f"cannot fall below {sum(ends) / 2:.4f}" in readme


def test_a_pair_has_one_bag_and_two_labels() -> None:
    pairs = make_pairs(300, 3)
    assert pairs == make_pairs(300, 3) != make_pairs(300, 4)
    for good, bad in pairs:
        assert (good.label, bad.label) == (1, 0)
        assert sorted(good.words) == sorted(bad.words)
        assert good.words != bad.words
    sentences = make_sentences(400, 3)
    assert sum(sentence.label for sentence in sentences) == 200
    assert len({len(sentence.words) for sentence in sentences}) > 8


def test_a_bag_of_words_is_at_chance_on_pairs_and_no_worse_than_a_library_elsewhere() -> None:
    train, test = make_sentences(400, 1), make_sentences(200, 2)
    labels = torch.tensor([sentence.label for sentence in train])
    pairs = [[sentence.words for sentence in pair] for pair in make_pairs(100, 5)]
    words = [[sentence.words for sentence in group] for group in (train, test)]
    on_test, *on_pairs = bag_of_words(words[0], labels, [words[1], *pairs])
    assert all(good == bad for good, bad in on_pairs)
    feature_extraction = pytest.importorskip("sklearn.feature_extraction.text")
    linear_model = pytest.importorskip("sklearn.linear_model")
    counts = feature_extraction.CountVectorizer(analyzer=lambda words: words, binary=True)
    model = linear_model.LogisticRegression(C=1 / (2e-4 * len(train)), tol=1e-8, max_iter=1000)
    model.fit(counts.fit_transform(words[0]), labels.numpy())
    theirs = torch.from_numpy(model.predict(counts.transform(words[1]))).bool()
    assert float((theirs == on_test).double().mean()) > 0.97


def test_real_sentences() -> None:
    folder = DATA / "sentiment"
    if not folder.is_dir():
        pytest.skip(f"the UCI sentences are not at {folder}")
    sentences = read_sentences(folder)
    assert len(sentences) == 3000
    assert sum(sentence.label for sentence in sentences) == 1500
    assert len(read_sentences(folder / "imdb_labelled.txt")) == 1000


def test_lines_as_they_come(tmp_path: Path) -> None:
    file = tmp_path / "a_labelled.txt"
    file.write_bytes(
        b"\xef\xbb\xbf\"Don't go.\t0\r\n\n  \nIt was\xc2\x85 fine\tor so  \t1\nCaf\xc3\xa9!\t1"
    )
    want = [
        (['"', "don't", "go", "."], 0),
        (["it", "was", "fine", "or", "so"], 1),
        (["café", "!"], 1),
    ]
    assert read_sentences(file) == want
    (tmp_path / "readme.txt").write_text("no sentences")
    assert read_sentences(tmp_path) == want


@pytest.mark.parametrize(
    ("data", "line", "says"),
    [
        (b"fine\t1\nbad 0\n", 2, "no tab"),
        (b"\n\nfine\t2\n", 3, "'2', expected 0 or 1"),
        (b"fine\t1\n\t0\n", 2, "no word"),
        (b"fine\t1\nna\xefve\t1\n", 2, "byte 3 of the line is not UTF-8"),
        (b"sentence\tlabel\nfine\t1\n", 1, "'label'"),
        (b"fine\t1\nba", 2, "no tab"),
    ],
)
def test_broken_lines_are_named(tmp_path: Path, data: bytes, line: int, says: str) -> None:
    file = tmp_path / "b_labelled.txt"
    file.write_bytes(data)
    with pytest.raises(DataError) as raised:
        read_sentences(tmp_path)
    assert raised.value.message.startswith(f"{file}:{line}: ")
    assert says in raised.value.message
    assert "a sentence, one tab, and 0 or 1" in raised.value.advice


def test_files_without_sentences_are_named(tmp_path: Path) -> None:
    (tmp_path / "empty.txt").touch()
    for path in (tmp_path, tmp_path / "empty.txt", tmp_path / "none.txt"):
        with pytest.raises(DataError, match=re.escape(str(path))):
            read_sentences(path)
