"""Checks of `initialise`: what must hold for every draw of the weights."""

import math
from dataclasses import dataclass

import torch
from hypothesis import given
from hypothesis import strategies as st

from grader.checks import Source, Submission, check, expect, expect_true, observe, sizes, sources

GATES = ("input", "forget", "candidate", "output")
# (I, H): wide enough to see a distribution, and that no wrong bound is near another.
WIDE = ((24, 24), (28, 32), (24, 40), (40, 40))
Weights = dict[str, torch.Tensor]


@dataclass(frozen=True)
class Case:
    """The arguments of one call."""

    weights: Weights  # the state dict of an nn.LSTM
    forget_bias: float

    @property
    def hidden_size(self) -> int:
        """H."""
        return self.weights["weight_hh_l0"].shape[1]

    @property
    def dtype(self) -> torch.dtype:
        """The dtype of all weights."""
        return self.weights["weight_hh_l0"].dtype

    @property
    def cells(self) -> list[str]:
        """The endings of the names, one for each layer and direction: `l0`, `l1_reverse`."""
        return [name.removeprefix("weight_hh_") for name in self.weights if "weight_hh" in name]


def state_dict(
    source: Source, i: int, h: int, *, layers: int = 1, directions: int = 1, bias: bool = True
) -> Weights:
    """Return the state dict of an `nn.LSTM` of this size, with torch's own random start."""
    weights = {}
    for layer in range(layers):
        for end in ("", "_reverse")[:directions]:
            shapes = {"weight_ih": (4 * h, i if layer == 0 else h * directions)}
            shapes |= {"weight_hh": (4 * h, h)}
            if bias:
                shapes |= {"bias_ih": (4 * h,), "bias_hh": (4 * h,)}
            for name, shape in shapes.items():
                weights[f"{name}_l{layer}{end}"] = source.uniform(*shape) / math.sqrt(h)
    return weights


@st.composite
def cases(draw: st.DrawFn, smallest: int = 1, pairs: tuple[tuple[int, int], ...] = ()) -> Case:
    """Draw an LSTM of one layer and one direction, of small sizes or one of these pairs (I, H)."""
    source = draw(sources())
    small = st.tuples(sizes(smallest, 5), sizes(smallest, 5))
    i, h = draw(st.sampled_from(pairs) if pairs else small)
    return Case(state_dict(source, i, h), draw(st.sampled_from([1.0, 3.0, 0.5, -1.0])))


@st.composite
def deep_cases(draw: st.DrawFn) -> Case:
    """Draw an LSTM of two or three layers, of two directions or without biases, or all of that."""
    source, bias = draw(sources()), draw(st.booleans())
    weights = state_dict(
        source,
        draw(sizes(1, 4)),
        draw(sizes(2, 4)),
        layers=draw(sizes(2, 3)),
        directions=2,
        bias=bias,
    )
    return Case(weights, draw(st.sampled_from([1.0, 3.0, 0.5, -1.0])))


def blocks(w: torch.Tensor) -> list[torch.Tensor]:
    """Return the four gate blocks, in torch's order, in float64."""
    return list(w.double().chunk(4))


def biases(answer: Weights, cell: str) -> list[torch.Tensor]:
    """Return the sum of the two biases by gate, four of (H,), in float64."""
    return blocks(answer[f"bias_ih_{cell}"].double() + answer[f"bias_hh_{cell}"].double())


def observe_biases(case: Case, sums: list[torch.Tensor]) -> None:
    """Say in words what the biases of each gate add up to; how they share it is free."""
    words = {"0": 0.0, "the forget bias": case.forget_bias, "twice that": 2 * case.forget_bias}
    for gate, total in zip(GATES, sums, strict=True):
        near = [word for word, x in words.items() if bool(((total - x).abs() < 1e-5).all())]
        observe(f"bias of the {gate} gate", near[0] if near else "something else")


def ask(submission: Submission, case: Case) -> Weights:
    """Call the submission."""
    return submission["initialise"](case.weights, case.forget_bias)


def expect_bias(answer: Weights, case: Case, cell: str, gates: tuple[str, ...]) -> None:
    """Hold the sum of the two biases of some gates against what is asked."""
    sums = biases(answer, cell)
    observe_biases(case, sums)
    eps = torch.finfo(case.dtype).eps / torch.finfo(torch.float64).eps
    for gate, total in zip(GATES, sums, strict=True):
        if gate in gates:
            want = torch.full_like(total, case.forget_bias if gate == "forget" else 0.0)
            name = f"bias_ih_{cell} + bias_hh_{cell}, {gate} gate"
            expect(total, want, name=name, terms=eps * max(1.0, abs(case.forget_bias)))


def expect_orthogonal(answer: Weights, case: Case, cell: str) -> None:
    """Hold B·Bᵀ of each recurrent block B against the identity."""
    eye = torch.eye(case.hidden_size, dtype=torch.float64)
    eps = torch.finfo(case.dtype).eps / torch.finfo(torch.float64).eps
    for gate, block in zip(GATES, blocks(answer[f"weight_hh_{cell}"]), strict=True):
        square = block @ block.T
        observe(f"{gate}: orthogonal", bool((square - eye).abs().max() < 1e-4))
        observe(f"{gate}: diagonal", bool((block - block.diag().diag()).abs().max() < 1e-4))
        name = f"B·Bᵀ of the {gate} block of weight_hh_{cell}"
        expect(square, eye, name=name, terms=eps * case.hidden_size, dims=("row", "column"))
    stacked = answer[f"weight_hh_{cell}"].double()
    observe(
        "columns of the stack orthonormal", bool((stacked.T @ stacked - eye).abs().max() < 1e-4)
    )


def xavier_bound(rows: int, columns: int) -> float:
    """Return the bound of Xavier's uniform distribution for a matrix of this shape."""
    return math.sqrt(6 / (rows + columns))


@check(points=1, examples=8)
@given(case=cases())
def keeps_names_shapes_and_dtypes(submission: Submission, case: Case) -> None:
    """A dict comes back with the names, shapes and dtypes that came in."""
    answer = ask(submission, case)
    observe("kind", type(answer).__name__)
    expect_true(isinstance(answer, dict), f"Got {type(answer).__name__}, expected a dict.")
    got, want = (sorted(names) for names in (answer, case.weights))
    observe("names", " ".join(got))
    expect_true(got == want, f"Got the names {got}, expected {want}.")
    for name, w in case.weights.items():
        observe(f"dtype of {name}", str(getattr(answer[name], "dtype", None)))
        expect(answer[name], w, name=name, dtype=w.dtype, values=False)


@check(points=1, after=keeps_names_shapes_and_dtypes, examples=5)
@given(case=cases())
def leaves_inputs_unchanged(submission: Submission, case: Case) -> None:
    """The state dict that came in holds the same numbers after the call as before it."""
    answer, (weights, _) = submission["initialise"].inputs(case.weights, case.forget_bias)
    observe("kind", type(answer).__name__)
    for name, before in case.weights.items():
        same = torch.equal(before, weights[name])
        observe(f"{name} is unchanged", same)
        expect_true(same, f"{name} was changed by the call.")


@check(points=2, after=keeps_names_shapes_and_dtypes, examples=10)
@given(case=cases())
def forget_biases_add_up(submission: Submission, case: Case) -> None:
    """The two biases of the forget gate add up to forget_bias."""
    expect_bias(ask(submission, case), case, "l0", ("forget",))


@check(points=1, after=forget_biases_add_up, examples=10)
@given(case=cases())
def other_biases_are_zero(submission: Submission, case: Case) -> None:
    """The two biases of each other gate add up to 0."""
    expect_bias(ask(submission, case), case, "l0", ("input", "candidate", "output"))


@check(points=2, after=keeps_names_shapes_and_dtypes, examples=10)
@given(case=cases(smallest=2))
def recurrent_blocks_are_orthogonal(submission: Submission, case: Case) -> None:
    """Each of the four H x H blocks of the recurrent weights is orthogonal: B·Bᵀ = 1."""
    expect_orthogonal(ask(submission, case), case, "l0")


@check(points=2, after=keeps_names_shapes_and_dtypes, examples=5)
@given(case=cases(pairs=WIDE))
def input_blocks_are_xavier(submission: Submission, case: Case) -> None:
    """Each H x I block of the input weights is uniform within Xavier's bound, and fills it."""
    w = ask(submission, case)["weight_ih_l0"]
    h, i = case.hidden_size, w.shape[1]
    bound = xavier_bound(h, i)
    rivals = {"right": bound, "of the stack": xavier_bound(4 * h, i), "of H": 1 / math.sqrt(h)}
    for gate, block in zip(GATES, blocks(w), strict=True):
        largest, spread = float(block.abs().max()), float(block.std()) * math.sqrt(3)
        near = [name for name, rival in rivals.items() if 0.97 < largest / rival < 1.0001]
        observe(f"{gate}: bound", near[0] if near else "another one")
        place = f"the {gate} gate's block of weight_ih_l0, {h} x {i}"
        expect_true(
            largest <= bound * (1 + 1e-6),
            f"In {place}, the largest entry is {largest:.4f}; expected at most {bound:.4f}.",
        )
        # 576 entries or more: one standard deviation of the spread is 1.9% or less.
        expect_true(
            abs(spread / bound - 1) < 0.12,
            f"The entries of {place}, have the spread of U(-{spread:.4f}, {spread:.4f}); "
            f"expected U(-{bound:.4f}, {bound:.4f}).",
        )


@check(points=1, after=(recurrent_blocks_are_orthogonal, input_blocks_are_xavier), examples=5)
@given(case=cases(smallest=3))
def every_block_is_a_new_draw(submission: Submission, case: Case) -> None:
    """No two blocks are equal, in one call or in two."""
    answers = ask(submission, case), ask(submission, case)
    for name in ("weight_ih_l0", "weight_hh_l0"):
        first, second = (blocks(answer[name]) for answer in answers)
        observe(f"{name}: all zero", bool((answers[0][name] == 0).all()))
        twins = any(torch.equal(first[a], first[b]) for a in range(4) for b in range(a))
        observe(f"{name}: equal blocks", twins)
        expect_true(
            not twins, f"Two gates have the same block in {name}; expected a draw for each."
        )
        again = torch.equal(first[0], second[0])
        observe(f"{name}: equal calls", again)
        expect_true(not again, f"Two calls gave the same {name}; expected a new draw in each call.")


@check(
    points=2,
    after=(other_biases_are_zero, recurrent_blocks_are_orthogonal, input_blocks_are_xavier),
    examples=10,
)
@given(case=deep_cases())
def every_layer_and_direction(submission: Submission, case: Case) -> None:
    """All of this holds for each layer and direction, and for an LSTM without biases."""
    answer = ask(submission, case)
    for cell in case.cells:
        name = f"weight_ih_{cell}"
        bound = xavier_bound(case.hidden_size, answer[name].shape[1])
        changed = not torch.equal(answer[name], case.weights[name])
        observe(f"{name} is new", changed)
        expect_true(changed, f"{name} is what came in, expected a new draw.")
        largest = float(answer[name].abs().max())
        expect_true(
            largest <= bound * (1 + 1e-6),
            f"The largest entry of {name} is {largest:.4f}; expected at most {bound:.4f}.",
        )
        expect_orthogonal(answer, case, cell)
        if f"bias_ih_{cell}" in case.weights:
            expect_bias(answer, case, cell, GATES)
