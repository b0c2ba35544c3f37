"""`memory/adding_problem`: its worked example, its table of biases, and short sequences."""

import math
import re

import pytest
import torch

KATA = "memory/adding_problem"


def lines_of(readme: str, pattern: str) -> list[list[float]]:
    rows = re.findall(rf"^    {pattern}$", readme, re.MULTILINE)
    return [[float(word) for word in " ".join(row).split()] for row in rows]


def test_the_worked_example(readme: str) -> None:
    rows = lines_of(readme, r"((?:0\.\d\d +){4})((?:[01]  ){3}[01] +)(\d\.\d\d) +(\d\.\d{4})")
    assert len(rows) == 3
    values, marks = (torch.tensor([row[k : k + 4] for row in rows]).double() for k in (0, 4))
    y = (values * marks).sum(1)
    assert y.tolist() == pytest.approx([row[8] for row in rows])
    errors = (y - 1).square()
    assert errors.tolist() == pytest.approx([row[9] for row in rows], abs=1e-6)
    assert f"mean   {errors.mean().item():.4f}" in readme
    pairs = lines_of(readme, r"((?: |-)\d\.\d\d  (?: |-)\d\.\d\d  (?: |-)\d\.\d\d)()")
    differences = y[:, None] - y
    torch.testing.assert_close(torch.tensor(pairs).double(), differences)
    assert f"the loss is {differences.square().mean().item():.4f}" in readme
    assert f"Its least value, {y.var(correction=0).item():.4f}" in readme
    assert f"where all answers are {y.mean().item():.2f}" in readme


def test_the_table_of_biases(readme: str) -> None:
    rows = lines_of(readme, r"([013])  +(0\.\d{3})  +(\d+e-\d\d)  +(\d+e-\d\d)")
    assert [row[0] for row in rows] == [0, 1, 3]
    for bias, *written in rows:
        gate = 1 / (1 + math.exp(-bias))
        assert [f"{gate:.3f}", f"{gate**50:.0e}", f"{gate**100:.0e}"] == [
            f"{written[0]:.3f}", f"{written[1]:.0e}", f"{written[2]:.0e}"
        ]  # fmt: skip


def test_a_constant_answer_has_an_error_of_a_sixth(answer) -> None:
    _, y = answer.adding_batch(20_000, 10, 3)
    assert y.double().mean().item() == pytest.approx(1.0, abs=0.02)
    assert y.double().var().item() == pytest.approx(1 / 6, rel=0.05)


def test_four_steps_are_learned_at_once(answer) -> None:
    """What the task tells a learner who sits on the plateau."""
    torch.manual_seed(0)
    model = answer.Adder("lstm", 32)
    said = []
    losses = answer.train(model, 4, 150, 5, report=lambda step, loss: said.append((step, loss)))
    assert said == list(enumerate(losses))
    x, y = answer.adding_batch(500, 4, 10**6)
    with torch.no_grad():
        assert (model(x) - y).square().mean() < 0.05
