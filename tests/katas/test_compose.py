"""`music/compose`: its worked example, and tunes from a table that was counted on made ones."""

import re
from collections import Counter
from fractions import Fraction

import pytest
import torch

from grader.data.tunes import Tune, bar_lengths, longest_copy, make_tunes

KATA = "music/compose"
END, BAR, OPEN, CLOSE = range(4)


def test_the_worked_example(answer, readme: str) -> None:
    rows = re.findall(
        r"^    ([\d.]+) +((?:[\d.]+ +){3})(\d) +((?:[\d.]+ *){3})$", readme, re.MULTILINE
    )
    assert len(rows) == 3
    for temperature, shares, kept, scaled in rows:
        logits = torch.tensor([[2.0, 1.0, 0.0]], dtype=torch.float64)
        p = answer.probabilities(logits, float(temperature))
        assert [f"{x:.3f}" for x in p[0].tolist()] == shares.split()
        cut = answer.nucleus(p, 0.8)
        assert int((cut > 0).sum()) == int(kept)
        assert [f"{x:.3f}" if x else "0" for x in cut[0].tolist()] == scaled.split()


def test_the_gaps_and_the_way_of_the_worked_example(answer, readme: str) -> None:
    durations = torch.tensor([0, 0, 0, 0, 2, 3])
    allowed = torch.ones(6, dtype=torch.bool)
    told = re.search(r"^    fillable +(.*)$", readme, re.MULTILINE)[1].split()
    for gap, word in enumerate(told[1:], start=1):
        legal = answer.legal(6 - gap, 0, False, durations, allowed, 6, 1)
        assert bool(legal[4:].any()) == (word == "yes"), gap
    legal = answer.legal(3, 0, False, durations, allowed, 6, 1)
    assert legal[4:].tolist() == [False, True]

    durations = torch.tensor([0, 0, 0, 0, 1, 2])
    names = {"|:": OPEN, "|": BAR, ":|": CLOSE, "END": END, "A": 4, "B": 5}
    table = {
        name: re.search(rf"^    {name} +(.*)$", readme, re.MULTILINE)[1].split()
        for name in ("token", "filled", "bars", "opened")
    }
    tokens = [names[word] for word in table["token"]]
    for size in range(1, len(tokens) + 1):
        filled, bars, opened = answer.follow(tokens[:size], durations, 2)
        assert str(filled) == table["filled"][size - 1]
        assert str(bars) == table["bars"][size - 1]
        assert ("yes" if opened else "no") == table["opened"][size - 1]
    state = answer.follow(tokens[:5], durations, 2)
    legal = answer.legal(*state, durations, allowed, 2, 2)
    assert legal.nonzero().flatten().tolist() == [CLOSE]


def test_tunes_from_a_counted_table_keep_metre_and_key(answer) -> None:
    """Bars are read by the reader of ABC, which knows nothing of ids."""
    jigs = [tune for tune in make_tunes(300, 4) if tune.metre == "6/8" and tune.key == "G"]
    spelt = [re.findall(r"[A-Ga-g]\d?|\|", tune.body) for tune in jigs]
    notes = [*sorted({word for tune in spelt for word in tune} - {"|"}), "f4", "^f"]
    names = ["", "|", "|:", ":|", *notes]
    corpus = [[*map(names.index, tune), END] for tune in spelt]
    counts = Counter(
        triple for tune in corpus for triple in zip([0, 0, *tune], [0, *tune], tune, strict=False)
    )
    table = torch.full((len(names),) * 3, 0.01)
    for triple, count in counts.items():
        table[triple] += count
    table[:, :, OPEN:] += 0.05
    durations = torch.tensor(
        [0] * 4 + [int(note[1:] or 1) if note != "^f" else 1 for note in notes]
    )
    steps = dict(zip("CDEFGAB", (60, 62, 64, 66, 67, 69, 71), strict=True))  # G has F sharp
    sharp = {"f4": 77, "^f": 78}
    known = [sharp.get(note, steps.get(note[0].upper(), 0)) for note in notes]
    pitches = [-1, -1, -1, -1, *known]
    allowed = answer.scale(torch.tensor(pitches), 7, "major")
    assert (~allowed).nonzero().flatten().tolist() == [names.index("f4")]
    torch.manual_seed(0)
    prompt = [OPEN, names.index("G")]
    for _ in range(2):
        ids = answer.compose(table.log(), durations, allowed, corpus, prompt, 6, 8, 1.2, 0.95, 9, 8)
        assert ids[:2] == prompt
        assert ids.count(END) == 1
        assert longest_copy(ids, corpus) <= 9
        body = "".join(names[token] for token in ids) + "\n"
        lengths = bar_lengths(Tune("", "6/8", Fraction(1, 8), "G", body))
        assert 1 <= len(lengths) <= 8
        assert all(length == Fraction(3, 4) for length, _ in lengths)
        assert body.count("|:") == body.count(":|") >= 1
        assert "f4" not in body


def test_a_cold_tune_is_the_same_every_time(answer) -> None:
    generator = torch.Generator().manual_seed(3)
    table = torch.randn(7, 7, 7, generator=generator)
    durations = torch.tensor([0, 0, 0, 0, 1, 2, 3])
    allowed = torch.ones(7, dtype=torch.bool)
    runs = {
        tuple(tune) for tune in answer.generate(table, durations, allowed, [[]] * 5, 6, 4, 0.0, 1.0)
    }
    warm = {
        tuple(tune) for tune in answer.generate(table, durations, allowed, [[]] * 5, 6, 4, 1.0, 1.0)
    }
    assert len(runs) == 1
    assert len(warm) > 1


def test_a_whole_tune_as_a_prompt_is_the_answer(answer) -> None:
    durations, allowed = torch.tensor([0, 0, 0, 0, 2]), torch.ones(5, dtype=torch.bool)
    whole = [4, BAR, END]
    table = torch.zeros(5, 5, 5)
    got = answer.generate(table, durations, allowed, [whole, [4]], 2, 1, 1.0, 1.0)
    assert got == [whole, whole]
    with pytest.raises(ValueError, match="1"):
        answer.generate(table, durations, allowed, [[4, 4]], 2, 1, 1.0, 1.0)
