"""Checks of `adding_problem`: torch's own layers with the weights that the judge sends.

The oracle of a step of training is the same step of a copy that the judge holds. What has been
learned is measured on sequences that the judge draws by itself.
"""

import math
from dataclasses import dataclass
from functools import cached_property, partial

import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn

from grader.checks import (
    Handle,
    Submission,
    check,
    expect,
    expect_call_changes_nothing,
    expect_true,
    expect_unchanged,
    gradients_of,
    items,
    observe,
    pick,
    record,
    sizes,
    sources,
)
from grader.checks.forecasts import EPS, Training, size_for
from grader.checks.words import another

KINDS = st.sampled_from(["rnn", "lstm"])
LAYERS = {"rnn": nn.RNN, "lstm": nn.LSTM}
LEARNING_RATE, MAX_NORM, BATCH_SIZE, HIDDEN = 0.02, 0.1, 64, 32
GATES = ("input gates", "forget gates", "candidates", "output gates")  # the order of the blocks
MARGIN = 0.15  # of the error of a constant answer
LOSS_TERMS = 20.0  # the size of what is summed in the loss of a step


class Reference(nn.Module):
    """Torch's layer and a linear head, under the names of the task."""

    def __init__(self, kind: str, hidden_size: int) -> None:
        super().__init__()
        self.recurrent = LAYERS[kind](2, hidden_size, batch_first=True)
        self.head = nn.Linear(hidden_size, 1)

    def forward(self, x: Tensor) -> Tensor:
        """The answers (N,) to x (N, T, 2)."""
        return self.head(self.recurrent(x)[0].select(1, -1)).flatten()


@dataclass(frozen=True)
class Case:
    """A model's kind, size and weights in float64, and batches for it."""

    kind: str
    hidden_size: int
    weights: dict[str, Tensor]
    batches: Tensor  # (3, N, T, 2)
    errors: Tensor  # (3, N), from 0.1 to 1

    @property
    def x(self) -> Tensor:
        """The first batch, (N, T, 2)."""
        return self.batches[0]

    @cached_property
    def rounds(self) -> list[list["Step"]]:
        """The right steps, worked out once for all that are asked.

        Gradients are far above the limit of their norm, and then on both sides of it.
        """
        return [right_steps(self, norms) for norms in (None, (0.9, 1.1, 0.1))]

    def reference(self) -> Reference:
        """The judge's model with these weights."""
        model = Reference(self.kind, self.hidden_size).double()
        model.load_state_dict(self.weights)
        return model

    def built(self, submission: Submission) -> Handle:
        """The submission's model with these weights."""
        model = submission["Adder"](self.kind, self.hidden_size)
        model["double"]()
        model["load_state_dict"](self.weights)
        return model


@st.composite
def cases(draw: st.DrawFn, least: int = 1, batch: int = 1) -> Case:
    """A model with weights far from zero, and a few sequences of at least `least` steps."""
    kind, hidden_size = draw(KINDS), draw(sizes(2, 4))
    source = draw(sources(torch.float64))
    weights = {
        name: source.normal(*value.shape, scale=0.5)
        for name, value in Reference(kind, hidden_size).state_dict().items()
    }
    batches = source.normal(3, draw(sizes(batch, 3)), draw(sizes(least, 6)), 2)
    errors = source.uniform(3, batches.shape[1], low=0.1, high=1.0)
    return Case(kind, hidden_size, weights, batches, errors)


def adding_sequences(n: int, length: int, seed: int) -> tuple[Tensor, Tensor]:
    """Sequences and answers that only the judge has seen."""
    generator = torch.Generator().manual_seed(seed)
    values, marks = torch.rand(n, length, generator=generator), torch.zeros(n, length)
    for row in range(n):
        for half in (0, 1):
            where = int(torch.randint(length // 2, (), generator=generator))
            marks[row, where + half * (length // 2)] = 1.0
    return torch.stack([values, marks], dim=2), (values * marks).sum(dim=1)


@check(points=2, examples=13)
@given(n=st.sampled_from([1, 3, 40]), half=sizes(1, 6), seed=st.integers(0, 10**9))
def draws_the_problem(submission: Submission, n: int, half: int, seed: int) -> None:
    """Each sequence has values from 0 to 1, a mark in each half, and the sum of the two as y."""
    length = 2 * half
    x, y = items(submission["adding_batch"](n, length, seed), "x", "y")
    zeros = torch.zeros(n, length, 2, dtype=torch.float64)
    observe("x", str((x.dtype, tuple(x.shape))) if isinstance(x, Tensor) else "no tensor")
    observe("y", str((y.dtype, tuple(y.shape))) if isinstance(y, Tensor) else "no tensor")
    expect(x, zeros, name="x", dtype=torch.float32, values=False)
    expect(y, zeros[:, 0, 0], name="y", dtype=torch.float32, values=False)
    values, marks = x.double().unbind(dim=2)
    inside = bool(((values >= 0) & (values <= 1)).all())
    observe("values are from 0 to 1", inside)
    observe("values are from -1 to 1", bool((values.abs() <= 1).all()))
    observe("values are 0 or 1", bool(((values == 0) | (values == 1)).all()))
    observe("without a mark there is 0", bool(((marks == 0) | (marks == 1)).all()))
    observe("all in the first half", not bool((marks[:, half:] == 1).any()))
    observe("two marks", bool(((marks == 1).sum(dim=1) == 2).all()))
    expect_true(inside, "A value of feature 0 is not between 0 and 1.", at="x[:, :, 0]")
    halves = torch.stack([marks[:, :half], marks[:, half:]], dim=1)
    one_each = bool((((halves == 1).sum(2) == 1) & ((halves == 0).sum(2) == half - 1)).all())
    observe("one mark in each half", one_each)
    counts = [int(count) for count in (halves[0] != 0).sum(dim=1)]
    expect_true(
        one_each,
        f"Some sequence of {length} steps does not have one mark of 1 in each half. In the "
        f"first sequence there are {counts[0]} in the first half and {counts[1]} in the second.",
        at="x[:, :, 1]",
    )
    want = (values * marks).sum(dim=1)
    marked = torch.where(marks == 1, values, 1.0)
    last = values.gather(1, half + marks[:, half:].argmax(dim=1, keepdim=True))[:, 0]
    others = {
        "the sum": want,
        "the mean": want / 2,
        "the sum of all": values.sum(dim=1),
        "the product": marked.prod(dim=1),
        "the last": last,
        "the first": want - last,
        "the first minus the last": want - 2 * last,
        "values and marks": (values + marks).sum(dim=1),
    }
    known = (word for word, one in others.items() if torch.allclose(y.double(), one))
    observe("y", next(known, another(y)))
    expect(y, want, name="y", terms=2.0, dims=("sequence",))


@check(points=1, after=draws_the_problem)
def draws_anew_for_each_seed(submission: Submission) -> None:
    """A seed gives the same batch each time, another one another, and all is equally likely."""
    target = submission["adding_batch"]
    # 1,024,000,000 is a multiple of 2^16 and of 10^6: a seed that is cut off there shows.
    asked = (7, 7, 8, 107, 1_007, 1_024_000_007)
    x, again, *others = (items(target(300, 6, seed), "x", "y")[0] for seed in asked)
    same = torch.equal(x, again)
    alike = [float((x == other).all(dim=2).float().mean()) >= 0.5 for other in others]
    observe("the same seed gives the same", same)
    observe("the next seed gives another", not alike[0])
    observe("another seed gives another", not any(alike))
    expect_true(same, "adding_batch gives another batch for the same seed.")
    expect_true(
        not any(alike),
        f"adding_batch gives the same sequences for the seeds 7 and "
        f"{next((seed for seed, one in zip(asked[2:], alike, strict=True) if one), '')}.",
    )
    values, marks = x.unbind(dim=2)
    shares = torch.histc(values, bins=4, min=0.0, max=1.0) / values.numel()
    even = bool((shares - 0.25).abs().max() < 0.06)
    observe("values are uniform", even)
    expect_true(even, "The values of 300 sequences are not spread evenly from 0 to 1.")
    # A mark falls wherever the values are small or large. 600 of them: 0.11 are 6 deviations.
    shares = torch.histc(values[marks == 1], bins=4, min=0.0, max=1.0) / marks.sum()
    free = bool((shares - 0.25).abs().max() < 0.11)
    observe("marks don't look at the values", free)
    expect_true(free, "The marked values of 300 sequences are not spread evenly from 0 to 1.")
    rows = len(marks.unique(dim=0))
    often = marks.mean(dim=0)
    observe("ways in which marks stand", rows)
    observe("each step is marked", bool((often > 0.2).all()))
    observe("rows of each half", str([len(half.unique(dim=0)) for half in marks.split(3, dim=1)]))
    expect_true(
        bool((often > 0.2).all()),
        "Over 300 sequences of 6 steps, a step of each half should be marked in about a third; "
        f"the shares are {', '.join(f'{share:.2f}' for share in often.tolist())}.",
    )
    expect_true(
        rows == 9,
        f"In 300 sequences of 6 steps, the two marks stand in {rows} of the 9 possible ways.",
    )
    _, often = marks.unique(dim=0, return_counts=True)
    # Each way has 33 of 300 sequences, one standard deviation is 5.4.
    most = float(often.max()) / len(marks)
    observe("some ways of marks are frequent", most > 0.25)
    expect_true(
        most <= 0.25,
        f"In 300 sequences of 6 steps, one of the 9 pairs of steps is marked in {most:.0%}; each "
        "should be marked in about 11%.",
    )
    first, second = (values[marks == 1].view(-1, 2)).unbind(dim=1)
    rising = float((first < second).float().mean())  # 0.5, one standard deviation is 0.03
    observe("the marked values have no order", abs(rising - 0.5) < 0.2)
    expect_true(
        abs(rising - 0.5) < 0.2,
        f"In {rising:.0%} of 300 sequences the first marked value is the smaller one, expected "
        "about half.",
    )
    x, _ = items(target(300, 80, 9), "x", "y")
    values, marks = x.unbind(dim=2)
    unmarked = int((marks.sum(dim=0) == 0).sum())
    fresh = [items(target(2, 6, seed), "x", "y")[0][:, :, 1] for seed in range(20)]
    # Of 9 ways in which the marks of a sequence stand, 20 seeds give one in 1 case of 10^18.
    ways = min(len(torch.stack([one[row] for one in fresh]).unique(dim=0)) for row in (0, 1))
    firsts = len({tuple(one[0, :3].tolist()) for one in fresh})
    seconds = len({tuple(one[0, 3:].tolist()) for one in fresh})
    alone = min(ways, firsts, seconds) > 1
    observe("a sequence has other marks for other seeds", alone)
    expect_true(
        alone, "For 20 seeds, the first sequence of a batch has a mark at one and the same step."
    )
    observe("all steps of long sequences are marked", unmarked < 8)
    # Of 40 steps of a half, each is left out by 300 sequences in 1 case of 2,000.
    expect_true(
        unmarked < 8, f"In 300 sequences of 80 steps, {unmarked} steps have a mark in none of them."
    )
    different = len(values.unique())
    observe("values are of any size", different > 10_000)
    expect_true(
        different > 10_000,
        f"24,000 values are only {different} different numbers. They are uniform between 0 and 1.",
    )


@check(points=1)
def has_the_parameters(submission: Submission) -> None:
    """The state dict has the names and shapes of torch's layer and of a linear head."""
    for kind in LAYERS:
        got = submission["Adder"](kind, 5)["state_dict"]()
        want = Reference(kind, 5).state_dict()
        shapes = {name: tuple(value.shape) for name, value in got.items()}
        wanted = {name: tuple(value.shape) for name, value in want.items()}
        wrong = [name for name in wanted if shapes.get(name) != wanted[name]]
        extra = sorted(set(shapes) - set(wanted))
        observe(f"wrong in {kind}", ", ".join(f"{name} {shapes.get(name)}" for name in wrong))
        observe(f"too many in {kind}", ", ".join(extra))
        for name in wrong:
            expect_true(
                False,
                f"Adder({kind!r}, 5): {name} has shape {shapes[name]}, expected {wanted[name]}."
                if name in shapes
                else f"Adder({kind!r}, 5): {name} is missing in the state dict.",
            )
        expect_true(not extra, f"Adder({kind!r}, 5): {', '.join(extra)} is in the state dict.")


@check(points=2, after=has_the_parameters)
def begins_as_it_has_to(submission: Submission) -> None:
    """In a new LSTM, forget gates begin open and input gates shut; all else begins as torch's."""
    for kind, options, bias, models in (
        ("lstm", {}, 3.0, 8),
        ("lstm", {"memory_bias": 1.5}, 1.5, 1),
        ("lstm", {"memory_bias": 0.0}, 0.0, 1),
        ("lstm", {"memory_bias": -2.0}, -2.0, 1),
        ("rnn", {}, 0.0, 8),
    ):
        call = ", ".join([f"Adder({kind!r}, 16", *(f"{k}={v}" for k, v in options.items())])
        new = [submission["Adder"].seeded(seed, kind, 16, **options) for seed in range(models)]
        starts = [model["state_dict"]() for model in new]
        biases = sum(starts[0][f"recurrent.bias_{of}_l0"] for of in ("ih", "hh"))
        wrong = ""
        for block, (gate, wanted) in enumerate((("input", -bias), ("forget", bias))):
            if kind == "rnn":
                break
            sums = biases[16 * block : 16 * block + 16]
            off = float((sums - wanted).abs().max())
            about = min(
                (k * bias / 2 for k in (0, 1, -1, 2, -2, 4, -4)), key=lambda one: abs(sums[0] - one)
            )
            observe(f"{bias}: the biases of the {gate} gates", about + 1 if off > 1e-5 else 0.0)
            if off > 1e-5 and not wrong:
                first = ", ".join(f"{one:.2f}" for one in sums[:3].tolist())
                wrong = f"the {gate} gates of {call}) add up to {first}, ...; expected {wanted}."
        expect_true(not wrong, f"The two biases of {wrong}")
        if models == 1:
            continue
        # Torch draws from -0.25 to 0.25. Of 128 entries the largest is under 0.21 in 1 case of
        # 10^9, as that of 8 entries is under 0.02, and their mean beyond 0.08 is 6 deviations off.
        for name in starts[0]:
            drawn = torch.stack([start[name] for start in starts])
            gated = kind == "lstm" and name.startswith("recurrent")
            for block, part in enumerate(drawn.chunk(4, dim=1) if gated else (drawn,)):
                if gated and "bias" in name and block < 2:
                    continue
                where = name + f", the block of the {GATES[block]}" * gated
                most, mean, many = float(part.abs().max()), float(part.mean()), part.numel() >= 128
                same = torch.equal(part[0], part[1])
                flaws = {
                    "too large": most > 0.2501,
                    "too small": most < (0.21 if many else 0.02),
                    "not around 0": many and abs(mean) > 0.08,
                    "the same each time": same,
                }
                flaw = next((word for word, so in flaws.items() if so), "")
                observe(f"{kind}: {where}", flaw)
                expect_true(
                    not flaw,
                    f"{call}): in 8 new models the entries of {where}, are {flaw}. They go from "
                    f"{float(part.min()):.3g} to {float(part.max()):.3g}, {mean:.3g} on average; "
                    "torch draws anew for each model, evenly from -0.25 to 0.25.",
                )


@check(points=1, after=(draws_the_problem, begins_as_it_has_to))
def draws_without_a_trace(submission: Submission) -> None:
    """Between two batches of one seed, two new models start with other numbers."""
    starts = []
    for _ in range(2):
        submission["adding_batch"](2, 6, 7)
        starts.append(submission["Adder"]("lstm", 8)["state_dict"]()["head.weight"])
    same = torch.equal(*starts)
    observe("a batch seeds the models", same)
    expect_true(
        not same,
        "After adding_batch(2, 6, 7), two models start alike: the batch sets torch's own seed.",
    )


@check(points=1, after=has_the_parameters, examples=10)
@given(case=cases(least=2, batch=2))
def answers_each_sequence_alone(submission: Submission, case: Case) -> None:
    """A sequence gets the same answer alone and in a batch, and (N, T, 2) gives (N,)."""
    model = case.built(submission)
    whole = model(case.x)
    expect(whole, case.x[:, 0, 0], name="the answer", dtype=torch.float64, values=False)
    for n in range(len(case.x)):
        alone = model(case.x[n : n + 1])
        name = f"the answer to sequence {n} alone"
        expect(alone, whole[n : n + 1], name=name, dtype=torch.float64, terms=10.0)


@check(points=1, after=answers_each_sequence_alone, examples=13)
@given(case=cases(least=3))
def reads_every_step(submission: Submission, case: Case) -> None:
    """The answer changes with the input at each step, from the first to the last."""
    model = case.built(submission)
    before = model(case.x)
    for step in range(case.x.shape[1]):
        x = case.x.clone()
        x[:, step] -= 1.0
        changed = bool((model(x) != before).all())
        observe(f"step {step} counts", changed)
        expect_true(
            changed,
            f"The answer of Adder({case.kind!r}, {case.hidden_size}) to {x.shape[1]} steps does "
            f"not change where x[:, {step}] changes.",
        )


@check(points=2, after=reads_every_step, examples=15)
@given(case=cases())
def matches_torch(submission: Submission, case: Case) -> None:
    """The answer is w · h_T + b, with h_T the last hidden state of torch's layer."""
    with torch.no_grad():
        want = case.reference()(case.x)
    got = case.built(submission)(case.x)
    expect(got, want, name="the answer", dtype=torch.float64, terms=20.0, dims=("sequence",))


@check(points=1, after=answers_each_sequence_alone, examples=6)
@given(case=cases())
def leaves_inputs_unchanged(submission: Submission, case: Case) -> None:
    """The model does not modify its x."""
    expect_call_changes_nothing(case.built(submission), {"x": case.x})


@check(points=2, after=(matches_torch, leaves_inputs_unchanged), examples=8)
@given(case=cases(least=2))
def gradients(submission: Submission, case: Case) -> None:
    """The gradient of the answer reaches every parameter, and the input at every step."""
    reference, x = case.reference(), case.x.clone().requires_grad_()
    leaves = dict(reference.named_parameters())
    pull = torch.linspace(1.0, 2.0, len(x), dtype=x.dtype)
    exact = gradients_of([reference(x)], [x, *leaves.values()], [pull])
    model = case.built(submission)
    answer = model.vjp(case.x, cotangents=[pull], wrt=[0, *leaves])
    for name, got, want in zip(("x", *leaves), answer.gradients, exact, strict=True):
        expect_true(got is not None, f"No gradient of the answer reaches {name}.")
        what = f"the gradient of {name}"
        expect(got, want, name=what, dtype=torch.float64, terms=100.0)


def loss_of(model: nn.Module, x: Tensor, y: Tensor) -> Tensor:
    """The loss of a model's answers, where y are right."""
    return (model(x) - y).square().mean()


def loss_off_by(model: nn.Module, x: Tensor, near: Tensor, error: Tensor, size: float) -> Tensor:
    """The loss of a model whose answers should have been off by so many errors."""
    return loss_of(model, x, near + size * error)


@dataclass(frozen=True)
class Step:
    """One step of training: its batch, its loss, and what it leads to.

    `floor` is what rounding may change of the loss, as `expect` takes it; `weights` are those of
    `Training`.
    """

    x: Tensor
    y: Tensor
    loss: float
    floor: float
    weights: dict[str, tuple[Tensor, float]]


def right_steps(case: Case, norms: tuple[float, ...] | None) -> list[Step]:
    """The right steps of a model, one for each batch.

    Args:
        case: the model, the batches and their errors.
        norms: of the gradients, as shares of the limit; None for far above it.
    """
    training = Training(case.reference, LEARNING_RATE, MAX_NORM)
    steps = []
    for number, (x, error) in enumerate(zip(case.batches, case.errors, strict=True)):
        near = training.model(x).detach()
        off_by = partial(loss_off_by, training.model, x, near, error)
        size = size_for(norms[number] * MAX_NORM, training.model, off_by) if norms else 9.0
        y = near + size * error
        loss, apart = training.step(partial(loss_of, x=x, y=y))
        floor = 1e6 + apart / (LOSS_TERMS * EPS)
        steps.append(Step(x, y, loss, floor, training.weights()))
    return steps


@check(points=3, after=gradients, examples=5)
@given(case=cases(least=2, batch=2))
def takes_one_step(submission: Submission, case: Case) -> None:
    """A step takes Adam down the clipped gradient of its own batch, and returns the loss."""
    for steps in case.rounds:
        model = case.built(submission)
        optimizer = submission["make_optimizer"](model)
        for number, step in enumerate(steps):
            got = submission["train_step"](model, optimizer, step.x, step.y)
            what = f"the loss of step {number}"
            expect_true(
                isinstance(got, float),
                f"{what} is {type(got).__name__}, expected a float.",
                at=what,
            )
            expect(got, step.loss, name=what, terms=LOSS_TERMS, floor=step.floor)
            state = model["state_dict"]()
            for name, (want, most) in step.weights.items():
                what, floor = f"{name} after step {number}", most / EPS
                expect(state[name], want, name=what, dtype=torch.float64, terms=1.0, floor=floor)
    x, y = case.x, case.errors[0]
    _, afterwards = submission["train_step"].inputs(model, optimizer, x, y)
    expect_unchanged({"x": x, "y": y}, afterwards[2:])


def constant_losses(
    submission: Submission, batches: list[tuple[int, int, int]], anew: bool = False
) -> list[float]:
    """The losses of a model that answers a constant, near the mean of y.

    Args:
        submission: makes the batches.
        batches: of each step the arguments of adding_batch.
        anew: whether each step has a new optimiser.
    """
    constant = torch.ones(1, requires_grad=True)
    adam, losses = torch.optim.Adam([constant], lr=LEARNING_RATE), []
    for arguments in batches:
        if anew:
            adam = torch.optim.Adam([constant], lr=LEARNING_RATE)
        _, y = items(submission["adding_batch"](*arguments), "x", "y")
        adam.zero_grad()
        loss = (constant - y).square().mean()
        loss.backward()
        nn.utils.clip_grad_norm_([constant], MAX_NORM)
        adam.step()
        losses.append(loss.item())
    return losses


def what_it_trained_on(
    submission: Submission, losses: object, wanted: list[float], length: int, seed: int
) -> str:
    """In words, the batches that losses of a constant answer belong to."""
    if not isinstance(losses, list | tuple):
        return "no list"

    def fits(other: list[float]) -> bool:
        pairs = zip(losses, other, strict=True) if len(losses) == len(other) else [(0.0, 1.0)]
        return all(isinstance(a, float) and abs(a - b) < 1e-4 for a, b in pairs)

    if fits(wanted):
        return "as asked"
    if len(losses) < len(wanted) and fits(wanted[: len(losses)]):
        return "a step missing"
    if len(losses) == 1 and fits(wanted[-1:]):
        return "the last one"
    steps = range(len(wanted))
    for word, batches in {
        "one batch": [(BATCH_SIZE, length, seed) for _ in steps],
        "seeds from 0": [(BATCH_SIZE, length, k) for k in steps],
        "the next seed": [(BATCH_SIZE, length, seed + k + 1) for k in steps],
        "seed times k": [(BATCH_SIZE, length, seed * k) for k in steps],
        "batches of 32": [(32, length, seed + k) for k in steps],
        "half of the length": [(BATCH_SIZE, max(2, length // 4 * 2), seed + k) for k in steps],
    }.items():
        if fits(constant_losses(submission, batches)):
            return word
    asked = [(BATCH_SIZE, length, seed + k) for k in steps]
    if fits(constant_losses(submission, asked, anew=True)):
        return "new optimisers"
    return another(losses)


@check(points=2, after=(takes_one_step, draws_anew_for_each_seed))
def trains_on_fresh_batches(submission: Submission) -> None:
    """Step k of training takes the batch of seed + k, and the losses of all steps come back."""
    steps, length, seed = 8, 4, 1000
    reference, model = Reference("lstm", 3), submission["Adder"]("lstm", 3)
    # Nothing is read, and the answer is a constant: so a loss says which batch it is of.
    zeros = {name: torch.zeros_like(value) for name, value in reference.state_dict().items()}
    # Near the mean of y, the gradient changes its sign from batch to batch.
    zeros["head.bias"] += 1.0
    reference.load_state_dict(zeros)
    model["load_state_dict"](zeros)
    adam = torch.optim.Adam(reference.parameters(), lr=LEARNING_RATE)
    wanted = []
    for number in range(steps):
        x, y = items(submission["adding_batch"](BATCH_SIZE, length, seed + number), "x", "y")
        adam.zero_grad()
        loss = (reference(x) - y).square().mean()
        loss.backward()
        nn.utils.clip_grad_norm_(reference.parameters(), MAX_NORM)
        adam.step()
        wanted.append(loss.item())
    losses = submission["train"](model, length, steps, seed, progress="report")
    observe("losses", what_it_trained_on(submission, losses, wanted, length, seed))
    expect_true(
        isinstance(losses, list | tuple) and len(losses) == steps,
        f"train(..., steps={steps}) does not return a list of {steps} losses.",
    )
    for number, (got, want) in enumerate(zip(losses, wanted, strict=True)):
        name = f"the loss of step {number}, on the batch of seed {seed + number}"
        expect(got, want, name=name, terms=2.0, floor=1e-4 / 2.0**-52)
    last = model["state_dict"]()["head.bias"].double()
    want = reference.head.bias.detach().double()
    expect(last, want, name="head.bias after training", terms=1.0, floor=1e-4 / 2.0**-52)


def error_after_training(
    submission: Submission, kind: str, length: int, steps: int, seed: int
) -> float:
    """The mean squared error of a trained model on the judge's sequences, and what is recorded."""
    model = submission["Adder"].seeded(seed, kind, HIDDEN)
    submission["train"](model, length, steps, 10**6 * (seed + 1), progress="report")
    x, y = adding_sequences(500, length, seed)
    with torch.no_grad():
        answer = model(x)
    expect(answer, y.double(), name="the answer", dtype=torch.float32, values=False)
    error = float((answer.double() - y.double()).square().mean())
    record(f"{kind} of {length} steps: mean squared error", error)
    return error


def expect_learned(error: float, length: int, seed: int) -> None:
    """Hold the error of an LSTM against that of the best constant answer."""
    y = adding_sequences(500, length, seed)[1].double()
    baseline = float(y.var(correction=0))
    record(f"{length} steps, constant answer: mean squared error", baseline)
    record(f"{length} steps: most that passes", MARGIN * baseline)
    expect_true(
        math.isfinite(error) and error <= MARGIN * baseline,
        f"After training, the LSTM's mean squared error over {length} steps is {error:.4f}. A "
        f"constant answer has {baseline:.4f}, and at most {MARGIN * baseline:.4f} passes.",
        expected=f"at most {MARGIN * baseline:.4f}",
        got=f"{error:.4f}",
    )


@check(points=2, after=(trains_on_fresh_batches, begins_as_it_has_to), trains=True)
@pick("seed", range(20))
def learns_50_steps(submission: Submission, seed: int) -> None:
    """Over 50 steps, the LSTM learns to add in 400 steps of training, and the RNN does not."""
    plain = error_after_training(submission, "rnn", 50, 400, seed)
    error = error_after_training(submission, "lstm", 50, 400, seed)
    expect_learned(error, 50, seed)
    expect_true(
        error < plain / 2,
        f"The LSTM's mean squared error is {error:.4f} and the RNN's {plain:.4f}: they are alike.",
    )


@check(points=2, after=learns_50_steps, trains=True)
@pick("seed", range(20))
def learns_100_steps(submission: Submission, seed: int) -> None:
    """Over 100 steps, the LSTM learns to add in 500 steps of training."""
    expect_learned(error_after_training(submission, "lstm", 100, 500, seed), 100, seed)
