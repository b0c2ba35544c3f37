"""`ner/crf`: every path of short sentences, and pytorch-crf on longer ones."""

import itertools
import re

import pytest
import torch

KATA = "ner/crf"


def drawn(seed: int, n: int, t: int, k: int) -> dict[str, torch.Tensor]:
    """Emissions, tags and parameters in float64."""
    generator = torch.Generator().manual_seed(seed)

    def normal(*shape: int) -> torch.Tensor:
        return torch.randn(*shape, generator=generator, dtype=torch.float64)

    return {
        "emissions": normal(n, t, k),
        "tags": torch.randint(k, (n, t), generator=generator),
        "transitions": normal(k, k),
        "start": normal(k),
        "stop": normal(k),
    }


def path_score(case: dict[str, torch.Tensor], n: int, path: tuple[int, ...]) -> float:
    """The score of one path of sentence n."""
    total = float(case["start"][path[0]] + case["stop"][path[-1]])
    total += sum(float(case["emissions"][n, t, tag]) for t, tag in enumerate(path))
    return total + sum(float(case["transitions"][pair]) for pair in itertools.pairwise(path))


@pytest.mark.parametrize("steps", [1, 2, 3, 4])
@pytest.mark.parametrize("count", [1, 2, 3])
def test_every_function_equals_brute_force(answer, count: int, steps: int) -> None:
    case = drawn(10 * count + steps, steps, steps, count)
    lengths = torch.arange(1, steps + 1).flip(0)  # every length, the longest first
    parameters = (case["transitions"], case["start"], case["stop"])
    scores = answer.score(case["emissions"], case["tags"], lengths, *parameters)
    sums = answer.log_partition(case["emissions"], lengths, *parameters)
    shares = answer.marginals(case["emissions"], lengths, *parameters)
    paths, best = answer.viterbi(case["emissions"], lengths, *parameters)
    loss = answer.nll(case["emissions"], case["tags"], lengths, *parameters)
    losses = []
    for n, length in enumerate(lengths.tolist()):
        table = {
            path: path_score(case, n, path)
            for path in itertools.product(range(count), repeat=length)
        }
        values = torch.tensor(list(table.values()), dtype=torch.float64)
        own = table[tuple(case["tags"][n, :length].tolist())]
        total = float(values.exp().sum().log())
        losses.append(total - own)
        assert float(scores[n]) == pytest.approx(own, abs=1e-10)
        assert float(sums[n]) == pytest.approx(total, abs=1e-10)
        assert float(best[n]) == pytest.approx(max(table.values()), abs=1e-10)
        top = max(table, key=lambda path: table[path])
        assert paths[n].tolist() == [*top, *[-1] * (steps - length)]
        for t, k in itertools.product(range(steps), range(count)):
            chosen = [value for path, value in table.items() if t < length and path[t] == k]
            share = float(torch.tensor(chosen, dtype=torch.float64).exp().sum()) / float(
                values.exp().sum()
            )
            assert float(shares[n, t, k]) == pytest.approx(share, abs=1e-10)
    assert float(loss) == pytest.approx(sum(losses) / steps, abs=1e-10)


@pytest.mark.parametrize("seed", range(3))
def test_larger_ones_equal_pytorch_crf(answer, seed: int) -> None:
    library = pytest.importorskip(
        "torchcrf", reason="pytorch-crf is not installed (extra `oracles`)"
    )
    n, t, k = 6, 40, 9
    case = drawn(seed, n, t, k)
    lengths = torch.tensor([40, 1, 17, 39, 2, 25])
    mask = torch.arange(t) < lengths[:, None]
    crf = library.CRF(k, batch_first=True).double()
    for parameter, name in (
        (crf.transitions, "transitions"),
        (crf.start_transitions, "start"),
        (crf.end_transitions, "stop"),
    ):
        parameter.data.copy_(case[name])
    learned = {
        name: case[name].clone().requires_grad_()
        for name in ("emissions", "transitions", "start", "stop")
    }
    emissions, *parameters = learned.values()
    theirs = case["emissions"].clone().requires_grad_()
    want = -crf(theirs, case["tags"], mask=mask, reduction="sum") / n
    got = answer.nll(emissions, case["tags"], lengths, *parameters)
    torch.testing.assert_close(got, want, rtol=0, atol=1e-10)

    wanted = torch.autograd.grad(
        want, [theirs, crf.transitions, crf.start_transitions, crf.end_transitions]
    )
    gotten = torch.autograd.grad(got, list(learned.values()))
    torch.testing.assert_close(gotten, wanted, rtol=0, atol=1e-10)

    best = crf.decode(case["emissions"], mask=mask)
    fixed = [case[name] for name in ("transitions", "start", "stop")]
    paths, scores = answer.viterbi(case["emissions"], lengths, *fixed)
    assert [path[:length].tolist() for path, length in zip(paths, lengths, strict=True)] == best
    own = answer.score(case["emissions"], paths, lengths, *fixed)
    torch.testing.assert_close(scores, own, rtol=0, atol=1e-10)


def test_marginals_are_the_derivative_of_the_partition(answer) -> None:
    case, lengths = drawn(5, 3, 12, 4), torch.tensor([12, 3, 7])
    fixed = [case[name] for name in ("transitions", "start", "stop")]
    emissions = case["emissions"].clone().requires_grad_()
    total = answer.log_partition(emissions, lengths, *fixed).sum()
    (want,) = torch.autograd.grad(total, [emissions])
    got = answer.marginals(case["emissions"], lengths, *fixed)
    torch.testing.assert_close(got, want, rtol=0, atol=1e-10)
    inside = (torch.arange(12) < lengths[:, None]).double()
    torch.testing.assert_close(got.sum(2), inside, rtol=0, atol=1e-10)


def test_a_shift_of_one_step_shifts_the_partition_alone(answer) -> None:
    case, lengths = drawn(6, 2, 5, 3), torch.tensor([5, 4])
    fixed = [case[name] for name in ("transitions", "start", "stop")]
    moved = case["emissions"].clone()
    moved[:, 2] += 7.0
    before = answer.log_partition(case["emissions"], lengths, *fixed)
    after = answer.log_partition(moved, lengths, *fixed)
    torch.testing.assert_close(after, before + 7.0, rtol=0, atol=1e-10)
    torch.testing.assert_close(
        answer.marginals(moved, lengths, *fixed),
        answer.marginals(case["emissions"], lengths, *fixed),
        rtol=0,
        atol=1e-10,
    )


def test_forbidden_transitions_give_legal_tags(answer, solution) -> None:
    """What the task says of -10,000: no illegal sequence comes out."""
    tags = ["O", "B-PER", "I-PER", "B-LOC", "I-LOC"]
    case, lengths = drawn(7, 20, 12, 5), torch.full((20,), 12)
    for column, tag in enumerate(tags):
        if tag.startswith("I"):
            case["start"][column] = -10_000.0
            for row, before in enumerate(tags):
                if before[2:] != tag[2:]:
                    case["transitions"][row, column] = -10_000.0
    paths, _ = answer.viterbi(
        case["emissions"], lengths, case["transitions"], case["start"], case["stop"]
    )
    convert = solution("ner/tag_schemes").iob2_to_iob1
    for path in paths.tolist():
        convert([tags[k] for k in path])  # raises where IOB2 is broken
    assert len(set(paths.flatten().tolist())) == 5


def test_the_worked_example(answer, readme: str) -> None:
    case = {
        "emissions": torch.tensor([[[1.0, 0.0], [0.0, 2.0]]], dtype=torch.float64),
        "transitions": torch.tensor([[1.0, -1.0], [0.0, 1.0]], dtype=torch.float64),
        "start": torch.tensor([0.5, 0.0], dtype=torch.float64),
        "stop": torch.tensor([0.0, 0.5], dtype=torch.float64),
    }
    fixed, length = (case["transitions"], case["start"], case["stop"]), torch.tensor([2])
    rows = re.findall(r"^    ([01]) ([01])  .* ([\d.]+) +([\d.]+)$", readme, re.MULTILINE)
    assert len(rows) == 4
    total = answer.log_partition(case["emissions"], length, *fixed)
    for first, second, score, share in rows:
        tags = torch.tensor([[int(first), int(second)]])
        own = answer.score(case["emissions"], tags, length, *fixed)
        assert f"{float(own):.1f}" == score
        assert f"{float((own - total).exp()):.3f}" == share
    assert f"= {float(total):.4f}" in readme
    loss = answer.nll(case["emissions"], torch.tensor([[0, 1]]), length, *fixed)
    assert f"nll of the path 0 1 = {float(loss):.4f}" in readme
    for row in answer.marginals(case["emissions"], length, *fixed)[0].tolist():
        assert f"[ {row[0]:.3f}  {row[1]:.3f} ]" in readme
    paths, best = answer.viterbi(case["emissions"], length, *fixed)
    assert f"{paths[0, 0]} {paths[0, 1]}, with the score {float(best):.1f}" in readme
    assert case["emissions"][0].argmax(1).tolist() == [0, 1]
