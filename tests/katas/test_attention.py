"""`applications/attention`: its worked example, torch's modules, and the steps without padding."""

import math
import re

import pytest
import torch
from torch.nn.functional import scaled_dot_product_attention

KATA = "applications/attention"


def drawn(seed: int, n: int, steps: int, *, size: int = 4, width: int = 6):
    """Queries, keys and values in float64, and a mask with padding anywhere."""
    generator = torch.Generator().manual_seed(seed)
    q = torch.randn(n, 2, size, generator=generator, dtype=torch.float64)
    k = torch.randn(n, steps, size, generator=generator, dtype=torch.float64)
    v = torch.randn(n, steps, width, generator=generator, dtype=torch.float64)
    mask = torch.rand(n, steps, generator=generator) < 0.6
    mask[:, seed % steps] = True
    return q, k, v, mask


@pytest.mark.parametrize("seed", range(5))
def test_it_equals_a_loop_over_the_real_steps(answer, seed: int) -> None:
    """Nothing of torch's but its numbers: Python's exp and sums, for the real steps alone."""
    q, k, v, mask = drawn(seed, 3, 5)
    context, weights = answer.attend(q, k, v, mask)
    for n in range(3):
        real = [t for t in range(5) if mask[n, t]]
        for j in range(2):
            scores = [math.fsum((q[n, j] * k[n, t]).tolist()) / math.sqrt(q.shape[2]) for t in real]
            parts = [math.exp(score) for score in scores]
            shares = dict(zip(real, (part / math.fsum(parts) for part in parts), strict=True))
            for t in range(5):
                assert float(weights[n, j, t]) == pytest.approx(shares.get(t, 0.0), abs=1e-14)
            for h in range(6):
                want = math.fsum(share * float(v[n, t, h]) for t, share in shares.items())
                assert float(context[n, j, h]) == pytest.approx(want, abs=1e-13)


@pytest.mark.parametrize("seed", range(3))
def test_it_equals_the_module_with_its_mask_inverted(answer, seed: int) -> None:
    """What the task says of MultiheadAttention: there, True means left out."""
    q, k, v, mask = drawn(seed, 3, 5, width=4)
    module = torch.nn.MultiheadAttention(4, 1, bias=False, batch_first=True, dtype=torch.float64)
    with torch.no_grad():
        module.in_proj_weight.copy_(torch.eye(4).repeat(3, 1))
        module.out_proj.weight.copy_(torch.eye(4))
        want = module(q, k, v, key_padding_mask=~mask)
    torch.testing.assert_close(tuple(answer.attend(q, k, v, mask)), want, rtol=0, atol=1e-13)


def test_padding_and_an_empty_sequence_change_nothing_for_the_others(answer) -> None:
    q, k, v, mask = drawn(3, 3, 5)
    mask[1] = False
    context, weights = answer.attend(q, k, v, mask)
    assert not context[1].any()
    assert not weights[1].any()
    longer = torch.cat([mask, torch.zeros(3, 4, dtype=torch.bool)], dim=1)
    filled = (torch.cat([x, torch.full_like(x[:, :4], 1e6)], dim=1) for x in (k, v))
    other, wider = answer.attend(q, *filled, longer)
    torch.testing.assert_close(other, context, rtol=0, atol=1e-13)
    torch.testing.assert_close(wider[:, :, :5], weights, rtol=0, atol=1e-13)
    assert not wider[:, :, 5:].any()


def test_gradients_are_right_by_differences(answer) -> None:
    q, k, v, mask = drawn(4, 2, 3)
    mask[0] = False
    leaves = [x.requires_grad_() for x in (q, k, v)]
    assert torch.autograd.gradcheck(lambda *x: tuple(answer.attend(*x, mask)), leaves)


def row(text: str) -> list[float]:
    return [float(number) for number in text.split()]


def test_the_worked_example(answer, readme: str) -> None:
    steps = re.findall(r"^    \d  +((?:\d +){4}) +(\d+ +\d+) +(True|False)$", readme, re.MULTILINE)
    asked = re.findall(
        r"^    \d  +((?:\d +){4}) +(\d+ +\d+ +\d+) +([\d.]+ +[\d.]+ +[\d.]+)$", readme, re.MULTILINE
    )
    read = re.findall(
        r"^    \d  +([\d.]+  [\d.]+  [\d.]+) +([\d.]+  [\d.]+)$", readme, re.MULTILINE
    )
    assert (len(steps), len(asked), len(read)) == (3, 2, 2)
    k, v = (torch.tensor([[row(step[n]) for step in steps]]).double() for n in (0, 1))
    mask = torch.tensor([[step[2] == "True" for step in steps]])
    q = torch.tensor([[row(one[0]) for one in asked]]).double()
    products = q @ k.mT
    assert products[0].tolist() == [row(one[1]) for one in asked]
    assert (products[0] / 2).tolist() == [row(one[2]) for one in asked]
    context, weights = answer.attend(q, k, v, mask)
    for got, n in ((weights, 0), (context, 1)):
        assert [[f"{x:.4f}" for x in one] for one in got[0].tolist()] == [
            one[n].split() for one in read
        ]
    assert f"e²/(e² + e¹) = {math.e**2 / (math.e**2 + math.e):.4f}" in readme
    scores = products[0, 0] / 2
    low = torch.full_like(scores, -math.inf)
    hidden = torch.where(mask[0], scores, low)
    for words, wrong in (
        ("no mask", scores.softmax(0)),
        ("mask after the softmax", scores.softmax(0) * mask[0]),
        ("scores not divided by √D", (2 * hidden).softmax(0)),
        ("divided by D", (hidden / 2).softmax(0)),
    ):
        numbers = "  ".join(f"{x:.4f}" for x in wrong.tolist())
        assert re.search(rf"^    {words} +{numbers}$", readme, re.MULTILINE), words


def test_the_mask_from_lengths(answer, readme: str) -> None:
    line = "torch.arange(T) < lengths[:, None]"
    assert line in readme
    mask = torch.arange(4) < torch.tensor([4, 1, 0])[:, None]
    assert mask.sum(1).tolist() == [4, 1, 0]
    q, k, v, _ = drawn(6, 3, 4)
    context, weights = answer.attend(q, k, v, mask)
    want = scaled_dot_product_attention(q, k, v, attn_mask=mask[:, None])
    torch.testing.assert_close(context, want, rtol=0, atol=1e-13)
    assert (weights != 0).sum(2).tolist() == [[4, 4], [1, 1], [0, 0]]


def test_what_the_task_says_of_the_root(answer) -> None:
    """The variance of q · k is D."""
    generator = torch.Generator().manual_seed(0)
    for size in (4, 64):
        q, k = (torch.randn(20_000, size, generator=generator) for _ in range(2))
        assert float((q * k).sum(1).var()) == pytest.approx(size, rel=0.1)
