"""`applications/language_model`: its worked example, its texts, and the bigram beside it."""

import itertools
import math
import re
from collections import Counter
from pathlib import Path

import pytest
import torch

from grader.checks.ngrams import bigram_bits
from grader.data.text import BRACKETS, least_bits, make_text, read_text
from grader.errors import DataError

KATA = "applications/language_model"


def letters(ids: torch.Tensor) -> list[str]:
    return [" ".join(map(chr, row)) for row in ids.tolist()]


def test_the_layout_of_the_worked_example(answer, readme: str) -> None:
    (text,) = re.findall(
        r"^The text `(\w+)` has L = 9\. With N = 2 and T = 3, R = 4:", readme, re.M
    )
    ids = torch.tensor([ord(letter) for letter in text])
    rows = re.findall(
        r"^    ((?:\w ){4})\((\w)\) +(\w \w \w) +(\w \w \w) +(\w) +(\w)$", readme, re.MULTILINE
    )
    assert len(rows) == 2
    assert text == (rows[0][0] + rows[1][0]).replace(" ", "") + rows[1][1]
    shown = [[row[place] for row in rows] for place in (2, 3, 4, 5)]
    chunks = answer.cut(ids, 2, 3)
    assert [letters(part) for pair in chunks for part in pair] == shown


def test_the_pooled_loss_of_the_worked_example(answer, readme: str) -> None:
    batches = {"first": [1 / 2, 1 / 8], "second": [1 / 2] * 6}
    totals = [-math.fsum(map(math.log, p)) for p in batches.values()]
    counts = [len(p) for p in batches.values()]
    for name, total, count in zip(batches, totals, counts, strict=True):
        one = answer.perplexity([total], [count])
        assert re.search(rf"^    {name} +{total:.4f} +{count} +{one:.4f}$", readme, re.MULTILINE)
    pooled, bits = answer.perplexity(totals, counts), answer.bits_per_character(totals, counts)
    line = rf"^    pooled +{sum(totals):.4f} +{sum(counts)} +{pooled:.4f} +{bits:.4f} bits$"
    assert re.search(line, readme, re.MULTILINE)
    mean = sum(answer.perplexity([t], [n]) for t, n in zip(totals, counts, strict=True)) / 2
    assert f"The mean of the two perplexities is {mean:.4f}." in readme
    assert f"1.0 nat is {1 / math.log(2):.2f} bits" in readme


def test_the_temperatures_of_the_worked_example(answer, readme: str) -> None:
    rows = re.findall(r"^    temperature ([\d.]+) +([\d. ]+)$", readme, re.MULTILINE)
    assert [float(heat) for heat, _ in rows] == [2, 1, 0.5, 0]
    logits = torch.tensor([[2.0, 1.0, 0.0]], dtype=torch.float64)
    for heat, numbers in rows:
        got = answer.probabilities(logits, float(heat))[0].tolist()
        assert [f"{p:.4f}" for p in got] == numbers.split()


def test_the_loss_equals_torch(answer) -> None:
    generator = torch.Generator().manual_seed(0)
    logits = torch.randn(3, 5, 7, generator=generator, dtype=torch.float64)
    targets = torch.randint(7, (3, 5), generator=generator)
    lengths = torch.tensor([5, 0, 2])
    marked = targets.masked_fill(torch.arange(5) >= lengths[:, None], -100)
    want = torch.nn.functional.cross_entropy(logits.mT, marked, reduction="sum")
    total, count = answer.cross_entropy(logits, targets, lengths)
    torch.testing.assert_close(total, want, rtol=1e-12, atol=0)
    assert int(count) == 7


def test_a_made_text_asks_for_memory() -> None:
    text = make_text(20_000, 3)
    assert text == make_text(20_000, 3) != make_text(20_000, 4)
    assert len(text) == 20_000
    sentences = re.findall(r"([(\[<])(\w+) (\w+) (\w+)([)\]>]) ", text)
    assert len(sentences) > 800
    for opening, first, _, third, closing in sentences:
        assert first == third
        assert (opening, closing) in BRACKETS
    assert len({word for _, *words, _ in sentences for word in words}) == 10
    ids = torch.tensor([ord(letter) for letter in text])
    assert bigram_bits(ids[:16_000], ids[None, 16_000:], 128) > 3 * least_bits(text)


def test_the_bigram_equals_counting_by_hand() -> None:
    seen, asked = "abracadabra", "barca"
    ids = [torch.tensor([ord(letter) - ord("a") for letter in word]) for word in (seen, asked)]
    single, pairs = Counter(seen), Counter(itertools.pairwise(seen))
    bits = []
    for before, symbol in itertools.pairwise(asked):
        share = (single[symbol] + 0.1) / (len(seen) + 0.1 * 26)
        firsts = sum(n for (first, _), n in pairs.items() if first == before)
        bits.append(-math.log2((pairs[before, symbol] + share) / (firsts + 1)))
    assert bigram_bits(ids[0], ids[1][None], 26) == pytest.approx(sum(bits) / len(bits), rel=1e-6)


def test_text_files_as_they_come(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_bytes(b"\xef\xbb\xbfone\r\ntw\xc3\xb6\rthree\x85".replace(b"\x85", b"\xc2\x85"))
    assert read_text(file) == "one\ntwö\nthree\x85"
    file.write_bytes(b"one\ntwo\nth\xffree\n")
    with pytest.raises(DataError, match=r"a\.txt:3: byte 10 of the file is not UTF-8"):
        read_text(file)
    file.write_bytes(b" \n")
    for path in (file, tmp_path / "none.txt", tmp_path):
        with pytest.raises(DataError, match=re.escape(str(path))):
            read_text(path)
