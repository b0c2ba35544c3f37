"""Values and derivatives at a point, held against torch's autograd."""

import pytest
import torch

from grader.checks.derivation.model import Approximation, World
from grader.checks.derivation.models import LSTM
from grader.checks.derivation.notation import parse
from grader.checks.derivation.numeric import CannotEvaluateError, Evaluator, Point, Work

WORDS = LSTM.vocabulary(("t",))
LAST = 4


class Unrolled:
    """The same LSTM in torch, every quantity a tensor in one graph."""

    def __init__(self, point: Point, held: str = "") -> None:
        def leaf(name: str, step: int | None = None) -> torch.Tensor:
            value = torch.tensor(point.draw(name, step)[0], dtype=torch.float64)
            return value.requires_grad_()

        p = {name: leaf(name) for name in LSTM.parameters.split()}
        self.parameters = p
        self.steps = {("c", 0): leaf("c", 0), ("h", 0): leaf("h", 0)}
        for t in range(1, LAST + 1):
            x, h, c = leaf("x", t), self.steps["h", t - 1], self.steps["c", t - 1]
            h = h.detach() if "h" in held else h
            a = {k: p[f"w_{k}"] * x + p[f"u_{k}"] * h + p[f"b_{k}"] for k in "ifgo"}
            i, f, o = (a[k].sigmoid() for k in "ifo")
            self.steps["f", t], self.steps["g", t] = f, a["g"].tanh()
            self.steps["c", t] = f * c + i * a["g"].tanh()
            self.steps["h", t] = o * self.steps["c", t].tanh()

    def slope(self, of: tuple[str, int], by: torch.Tensor) -> float:
        (gradient,) = torch.autograd.grad(self.steps[of], by, retain_graph=True, allow_unused=True)
        return 0.0 if gradient is None else float(gradient)


@pytest.mark.parametrize("seed", ["a", "b", "c"])
@pytest.mark.parametrize(
    ("of", "by", "held"),
    [
        (("c", 4), ("c", 3), ""),
        (("c", 4), ("c", 0), ""),
        (("c", 2), ("h", 1), ""),
        (("h", 4), ("h", 1), ""),
        (("f", 4), ("c", 2), ""),
        (("c", 1), ("h", 0), ""),
        (("c", 2), ("c", 4), ""),
        (("c", 4), ("c", 3), "h"),
        (("c", 4), ("c", 0), "h"),
        (("f", 4), ("c", 2), "h"),
    ],
)
def test_total_derivatives_are_autograds(
    seed: str, of: tuple[str, int], by: tuple[str, int], held: str
) -> None:
    point = Point(seed, {"t": LAST})
    ours = Evaluator(World(LSTM), point, Work())
    hold = f", hold={held}" if held else ""
    got = ours.value(parse(f"d({of[0]}[{of[1]}], {by[0]}[{by[1]}]{hold})", WORDS))
    unrolled = Unrolled(point, held)
    # A quantity of an earlier step that is computed is not a leaf: its graph gradient is the total
    # derivative all the same, and what it depends on itself does not enter.
    want = 0.0 if by[1] > of[1] else unrolled.slope(of, unrolled.steps[by])
    assert got == pytest.approx(want, rel=1e-12, abs=1e-15)


def test_the_derivative_by_a_parameter_goes_through_every_step() -> None:
    point = Point("p", {"t": LAST})
    ours = Evaluator(World(LSTM), point, Work())
    unrolled = Unrolled(point)
    got = ours.value(parse("d(h[t], u_f)", WORDS))
    assert got == pytest.approx(unrolled.slope(("h", LAST), unrolled.parameters["u_f"]))


def test_an_approximation_can_replace_an_equation() -> None:
    tied = Approximation("tied gates", "i is 1 - f", equations=("i[t] = 1 - f[t]",))
    point = Point("q", {"t": 3})
    plain, changed = (
        Evaluator(world, point, Work()) for world in (World(LSTM), World(LSTM, (tied,)))
    )
    difference = parse("i[t] + f[t] - 1", WORDS)
    assert abs(plain.value(difference)) > 1e-3
    assert changed.value(difference) == pytest.approx(0, abs=1e-15)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("c[t-9]", "begins at step 0"),
        ("c[t]/(f[t] - f[t])", "divides by zero"),
        ("(f[t] - f[t])**-1", "divides by zero"),
        ("((9**8)**8)**8", "no finite number"),
        ("((9**-8)**8)**8", "too small"),
        ("exp(exp(exp(9)))", "no finite number"),
        ("log(0 - f[t])", "no finite number"),
        ("sum(f[s], s, 0, 99)", "too many"),
        ("sum(sum(sum(s*r*k, s, 0, 20), r, 0, 20), k, 0, 20)*sum(1, s, 0, 9)", ""),
    ],
)
def test_what_has_no_value_says_why(text: str, says: str) -> None:
    work = Work()
    evaluator = Evaluator(World(LSTM), Point("e", {"t": 3}), work)
    if says:
        with pytest.raises(CannotEvaluateError, match=says):
            evaluator.value(parse(text, WORDS))
    else:
        evaluator.value(parse(text, WORDS))
    assert work.left >= 0


def test_work_is_bounded() -> None:
    evaluator = Evaluator(World(LSTM), Point("w", {"t": 3}), Work(1_000))
    with pytest.raises(CannotEvaluateError, match="too long"):
        evaluator.value(parse("sum(sum(sum(s*r*k, s, 0, 20), r, 0, 20), k, 0, 20)", WORDS))
