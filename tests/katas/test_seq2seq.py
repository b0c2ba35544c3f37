"""`applications/seq2seq`: its worked example, its searches, its dates and what they are held to."""

import datetime
import gzip
import itertools
import math
import random
import re
from pathlib import Path

import pytest
import torch

from grader.checks.translation import BagOfWords, WordForWord, chrf, exact
from grader.data import dates, pairs
from grader.errors import DataError

KATA = "applications/seq2seq"
BOS, EOS = 1, 2


def test_the_worked_example(answer, readme: str) -> None:
    inputs, wanted = answer.frame([[7, 8], [9]])
    for one, other in zip(inputs.tolist(), wanted.tolist(), strict=True):
        assert f"[ {'  '.join(map(str, one))} ]" in readme
        assert f"[ {'  '.join(map(str, other))} ]" in readme
    rows = re.findall(r"^    (nothing|a|b) +(0\.\d+) +(0\.\d+) +(0\.\d+)$", readme, re.MULTILINE)
    shares = {name: [float(x) for x in numbers] for name, *numbers in rows}
    assert list(shares) == ["nothing", "a", "b"]
    # Tokens a and b are 3 and 4; from state 0 the rows after BOS, BOS a and BOS b are 1, 10 and 0.
    table = torch.full((11, 5), -50.0)
    for row, name in ((1, "nothing"), (10, "a"), (0, "b")):
        a, b, end = shares[name]
        table[row, 2:] = torch.tensor([end, a, b]).log()
    step, state = answer.planted(table), (torch.tensor([0]),)
    assert answer.greedy(step, state, most=2) == [[3, 3]]
    assert math.isclose(shares["nothing"][0] * shares["a"][0], 0.2)
    for alpha in (0.0, 1.0):
        tokens, score = answer.beam_search(step, state, width=2, most=2, alpha=alpha)
        assert tokens == [4]
        told = re.search(r"^    b EOS +0\.36 +-1\.022 +2 +(\S+) +(\S+)$", readme, re.MULTILINE)
        assert told is not None
        assert f"{score:.3f}" == told[1 + int(alpha)]
    for p, log, length, zero, one in re.findall(
        r"(0\.\d\d) +(-\d\.\d+) +(\d) +(-\d\.\d+) +(-\d\.\d+)$", readme, re.MULTILINE
    ):
        assert f"{math.log(float(p)):.3f}" == log == zero
        assert f"{math.log(float(p)) / int(length):.3f}" == one


@pytest.mark.parametrize("alpha", [0.0, 1.0])
def test_a_wide_beam_equals_a_list_of_all_answers(answer, alpha: float) -> None:
    generator = torch.Generator().manual_seed(3)
    table = torch.randn(11, 5, generator=generator)
    table[:, :2] = -40.0
    step = answer.planted(table)
    best = -math.inf
    for length in range(1, 5):
        for tokens in itertools.product([2, 3, 4], repeat=length):
            if EOS in tokens[:-1] or (length < 4 and tokens[-1] != EOS):
                continue
            state, total, before = (torch.tensor([0]),), 0.0, BOS
            for token in tokens:
                logits, state = step(torch.tensor([before]), state)
                total += float(logits[0].double().log_softmax(0)[token])
                before = token
            best = max(best, total / length**alpha)
    _, score = answer.beam_search(step, (torch.tensor([0]),), width=200, most=4, alpha=alpha)
    assert score == pytest.approx(best, abs=1e-6)


def test_dates_are_dates_and_none_that_is_held_back_is_trained_on() -> None:
    known, asked = dates.made(2000, 5), dates.made(200, 5, held_back=True)
    assert dates.made(2000, 5) == known
    for _, figures in [*known, *asked]:
        day = datetime.date.fromisoformat("".join(figures))
        assert dates.FIRST_YEAR <= day.year <= dates.LAST_YEAR
    assert not {tuple(target) for _, target in known} & {tuple(target) for _, target in asked}


def test_pairs_are_read_and_told_where_they_break(tmp_path: Path) -> None:
    file = tmp_path / "x.txt"
    good = b"Go on.\tContinue !\tCC-BY\r\nGo on.\tContinuez.\n\nWho?\tQui ?\n"
    for data in (good, gzip.compress(good)):
        file.write_bytes(data)
        assert pairs.read(file)[1:] == [("Go on.", "Continuez."), ("Who?", "Qui ?")]
    for data, line in (
        (b"Go.\tVa !\nno tab\n", 2),
        (b"Go.\t\n", 1),
        (b"Go.\tVa\xff\n", 1),
        (gzip.compress(good)[:-12], None),
        (b"\n", None),
    ):
        file.write_bytes(data)
        with pytest.raises(DataError) as caught:
            pairs.read(file)
        assert caught.value.line == line
    with pytest.raises(DataError, match="cannot be read"):
        pairs.read(tmp_path / "none")
    every = [(f"word {n}", f"mot {n}") for n in range(20)] + [("word 3", "le mot 3")]
    known, asked = pairs.split(every, 1)
    assert (len(asked), len(known)) in {(4, 17), (4, 16)}
    assert not {tuple(source) for source, _ in known} & {tuple(source) for source, _ in asked}


def test_words_of_dates_are_what_people_say() -> None:
    said = {" ".join(dates.year(1905, random.Random(n))) for n in range(20)}
    assert said == {"nineteen oh five", "nineteen hundred five"}
    assert {" ".join(dates.year(2000, random.Random(n))) for n in range(9)} == {"two thousand"}
    assert " ".join(dates.ordinal(22)) == "twenty second"
    assert [dates.number(n) for n in (0, 19, 40, 41)] == [
        ["zero"],
        ["nineteen"],
        ["forty"],
        ["forty", "one"],
    ]


def test_a_linear_model_of_words_knows_no_order() -> None:
    pairs = [(["a", "b"], ["x", "y"]), (["b", "a"], ["y", "x"]), (["c"], ["z"])] * 3
    model = BagOfWords(pairs)
    one, other, alone = model.translate([["a", "b"], ["b", "a"], ["c"]])
    assert one == other
    assert alone == ["z"]
    assert exact([["z"], ["x", "y"]], [alone, ["q"]]) == 0.5


def test_chrf_is_that_of_sacrebleu() -> None:
    metrics = pytest.importorskip("sacrebleu.metrics")
    words = ["le", "chat", "chien", "dort", "et", "mange", "où", "l'homme", "rit", "."]
    chance = random.Random(5)

    def sentence() -> str:
        return " ".join(chance.choices(words, k=chance.randint(1, 7)))

    for count in (1, 4, 30):
        rights = [[sentence() for _ in range(2)] for _ in range(count)]
        answers = [chance.choice([sentence(), two[0], two[1][:5], ""]) for two in rights]
        wanted = metrics.CHRF().corpus_score(answers, [*zip(*rights, strict=True)]).score
        assert chrf(rights, answers) == pytest.approx(wanted, abs=1e-9)


def test_word_for_word_and_chrf() -> None:
    pairs = [(["the", "cat"], ["le", "chat"]), (["the", "dog"], ["le", "chien"])]
    assert WordForWord(pairs).translate([["dog", "the", "bird"]]) == [["chien", "le"]]
    assert chrf([["le chat"]], ["le chat"]) == pytest.approx(100.0)
    assert chrf([["le chat"]], ["xyz"]) == 0.0
    assert chrf([["xyz", "le chat"]], ["lechat"]) == pytest.approx(100.0)
