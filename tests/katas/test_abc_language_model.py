"""`music/abc_language_model`: its worked example, torch's own loss, and the tune of its task."""

import math
import re
from fractions import Fraction

import pytest
import torch

from grader.data.tunes import Tune, bar_lengths

KATA = "music/abc_language_model"


def test_the_worked_example(answer, readme: str) -> None:
    characters = answer.vocabulary(["AB", "B"])
    assert characters == ["A", "B"]
    tunes = [answer.encode(tune, characters) for tune in ("AB", "B")]
    rows = re.findall(
        r"^    A?B +ids ([\d ]+)  inputs ([\d ]+)  targets ([\d ]+)  mask ([\d ]+)$",
        readme,
        re.MULTILINE,
    )
    told = [[[int(word) for word in part.split()] for part in row] for row in rows]
    assert [row[0] for row in told] == [tune.tolist() for tune in tunes]
    inputs, targets, mask = answer.batch(tunes)
    assert [row[1] for row in told] == torch.where(inputs == 2, 0, inputs).tolist()
    assert [row[2] for row in told] == targets.tolist()
    assert [row[3] for row in told] == mask.long().tolist()
    assert [answer.decode(tune, characters) for tune in tunes] == ["AB", "B"]


def test_the_bits_of_the_worked_example(answer, readme: str) -> None:
    p = torch.tensor([[1 / 2, 1 / 4, 1 / 2], [1 / 8, 1 / 2, 1 / 2]], dtype=torch.float64)
    logits = torch.stack([p.log(), (1 - p).log()], dim=2)  # the right symbol is 0
    mask = torch.tensor([[True, True, True], [True, True, False]])
    bits = answer.bits_per_character(logits, torch.zeros(2, 3, dtype=torch.int64), mask)
    assert float(bits) == pytest.approx(1.6)
    each = -p.log2() * mask
    assert each.tolist() == [[1, 2, 1], [3, 1, 0]]
    assert "8 / 5 = 1.6 bits" in readme
    assert f"(1.333 + 2) / 2 = {float((each.sum(1) / mask.sum(1)).mean()):.3f}" in readme
    assert f"it would be {float(each.mean()):.3f}, better" in readme
    assert f"In nats it is {1.6 * math.log(2):.3f}." in readme
    assert answer.early_stop([2.0, 1.5, 1.6, 1.5], 2) == (1, True)
    assert answer.early_stop([2.0, 1.5, 1.6], 2) == (1, False)
    assert "the losses 2.0, 1.5, 1.6, 1.5: the best epoch is number 1" in readme


def test_bits_are_the_cross_entropy_of_torch(answer) -> None:
    generator = torch.Generator().manual_seed(0)
    logits = torch.randn(5, 9, 20, generator=generator)
    targets = torch.randint(20, (5, 9), generator=generator)
    mask = torch.arange(9) < torch.tensor([9, 1, 4, 9, 2])[:, None]
    marked = torch.where(mask, targets, -100)
    want = torch.nn.functional.cross_entropy(logits.transpose(1, 2), marked) / math.log(2)
    torch.testing.assert_close(answer.bits_per_character(logits, targets, mask), want)


def test_a_trained_model_reads_on_and_repeats_itself(answer) -> None:
    tunes, characters = ["ABAB|ABAB|", "BABA|"], ["A", "B", "|"]
    told: list[int] = []
    runs = [
        answer.train(tunes, tunes, characters, 3, 2, 7, lambda epoch, **_: told.append(epoch))
        for _ in range(2)
    ]
    (model, losses), (_, again) = runs
    assert told == [0, 1, 2, 0, 1, 2]
    assert losses == pytest.approx(again, abs=1e-5)
    assert losses[-1] < losses[0]
    ids = answer.encode("ABAB|", characters)[None, :-1]
    whole, _ = model(ids)
    first, state = model(ids[:, :2])
    rest, _ = model(ids[:, 2:], state)
    torch.testing.assert_close(torch.cat([first, rest], 1), whole, atol=1e-5, rtol=0)
    assert not model.training


def test_the_tune_of_the_task_keeps_its_metre(readme: str) -> None:
    text = re.search(r"^    (M:6/8\n.*?\|\])$", readme, re.MULTILINE | re.DOTALL)[1]
    metre, unit, key, *lines = text.replace("\n    ", "\n").splitlines()
    assert (metre, unit, key) == ("M:6/8", "L:1/8", "K:G")
    tune = Tune("", "6/8", Fraction(1, 8), "G", "\n".join(lines) + "\n")
    assert [length for length, _ in bar_lengths(tune)] == [Fraction(3, 4)] * 8
    assert "a jig of eight bars" in readme
