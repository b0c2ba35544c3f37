"""Checks of a recurrent layer, LSTM or GRU: `torch.nn` is the oracle, in float64.

A kata names its `Family`. Its checks draw `cell_cases` and `cases`, and hand them to the functions
of this module that are called like the checks.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import torch
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from grader.checks.compare import expect, expect_true, gradients_of, items
from grader.checks.hearing import observe
from grader.checks.strategies import Source, sizes, sources
from grader.checks.submission import Handle, Submission

FEW, SOME, EITHER = sizes(1, 3), sizes(1, 5), st.booleans()
# Mostly more than one layer, two directions, several sequences: there the mistakes show.
DEEP = st.sampled_from([1, 2, 2, 3])
BOTH_WAYS = st.sampled_from([False, True, True])
CROWDED = st.sampled_from([1, 3, 3, 4])
ONE_WAY: dict[str, Any] = {
    "bidirectional": st.just(False),
    "batch_first": st.just(False),
    "stated": st.just(True),
}
"""Arguments of `cases`: one direction, x of shape (T, N, I), and a state."""

STATE_DIMS = ("layer and direction", "batch", "unit")

Layer = nn.LSTM | nn.GRU
Cell = nn.LSTMCell | nn.GRUCell
State = Tensor | tuple[Tensor, ...]  # what torch takes and returns: one tensor, or a tuple
Answer = tuple[Tensor, ...]  # out, (T, N, D * H) or (N, T, D * H), and the parts of the state


@dataclass(frozen=True)
class Family:
    """A kind of recurrent layer.

    Args:
        layer: torch's class of the layer. The submission's has the same name.
        cell: torch's class of the cell. The submission's has the same name.
        parts: names of the parts of the state.
        gates: how many blocks of H rows a weight has, the candidate's among them. It is the third.
    """

    layer: type[Layer]
    cell: type[Cell]
    parts: tuple[str, ...]
    gates: int

    @property
    def name(self) -> str:
        """The layer's name."""
        return self.layer.__name__

    @property
    def outputs(self) -> tuple[str, ...]:
        """The names of what the layer returns: out and the parts of the state."""
        return ("out", *self.parts)

    @property
    def whole(self) -> bool:
        """Whether the state is one tensor."""
        return len(self.parts) == 1

    def state(self, parts: Iterable[Tensor]) -> State:
        """The state as torch takes it."""
        every = tuple(parts)
        return every[0] if self.whole else every

    def split(self, state: Any) -> tuple[Any, ...]:
        """The parts of a state that torch or a submission returned.

        Raises:
            CheckFailed: it is no tuple of that many.
        """
        return (state,) if self.whole else items(state, *self.parts)


@dataclass(frozen=True)
class CellCase:
    """A cell with its weights, and one step to take. All float32 or all float64."""

    family: Family
    input_size: int
    hidden_size: int
    bias: bool
    weights: dict[str, Tensor]
    x: Tensor  # (N, I)
    parts: tuple[Tensor, ...]  # the state, (N, H) each


@dataclass(frozen=True)
class Case:
    """A layer with its weights, and sequences to read. All float32 or all float64."""

    family: Family
    input_size: int
    hidden_size: int
    options: dict[str, Any]  # what is not torch's default
    weights: dict[str, Tensor]
    x: Tensor  # (T, N, I), or (N, T, I) with batch_first
    parts: tuple[Tensor, ...] | None  # the state, (L * D, N, H) each
    lengths: Tensor | None = None  # (N,), int64

    @property
    def state(self) -> State | None:
        """The state as the layer takes it: (L * D, N, H), or a tuple of such."""
        return None if self.parts is None else self.family.state(self.parts)

    @property
    def given(self) -> tuple[Tensor, ...]:
        """The parts of the state of a case that has one, (L * D, N, H) each."""
        assert self.parts is not None
        return self.parts

    @property
    def batch_first(self) -> bool:
        """Whether x is (N, T, I)."""
        return "batch_first" in self.options

    @property
    def batch_axis(self) -> int:
        """Which axis of x and of out is the batch."""
        return 0 if self.batch_first else 1

    @property
    def directions(self) -> int:
        """D, 1 or 2."""
        return 2 if "bidirectional" in self.options else 1

    @property
    def dims(self) -> tuple[str, str, str]:
        """The axes of x and of out, by name."""
        return ("batch", "step", "unit") if self.batch_first else ("step", "batch", "unit")

    @property
    def all_dims(self) -> tuple[tuple[str, str, str], ...]:
        """The axes of out and of each part of the state, by name."""
        return (self.dims, *(STATE_DIMS for _ in self.family.parts))

    @property
    def call(self) -> str:
        """How the module is made, for messages."""
        options = [f"{name}={value}" for name, value in self.options.items()]
        arguments = ", ".join([str(self.input_size), str(self.hidden_size), *options])
        return f"{self.family.name}({arguments})"

    @property
    def dtype(self) -> torch.dtype:
        """The dtype of x, of the state and of the weights."""
        return self.x.dtype

    @cached_property
    def terms(self) -> float:
        """The largest sum of |terms| in a pre-activation: rounding errors are relative to it."""
        widest_h = 1.0 if self.parts is None else max(1.0, float(self.parts[0].abs().max()))
        totals = [torch.ones(1)]
        for name, w_ih in self.weights.items():
            if name.startswith("weight_ih"):
                track = name.removeprefix("weight_ih")
                widest_x = float(self.x.abs().max()) if track.startswith("_l0") else 1.0
                total = w_ih.abs().sum(1) * widest_x
                total = total + self.weights[f"weight_hh{track}"].abs().sum(1) * widest_h
                for bias in ("bias_ih", "bias_hh"):
                    total = total + self.weights.get(f"{bias}{track}", torch.zeros(1)).abs()
                totals.append(total)
        return float(torch.cat(totals).max())

    @cached_property
    def torch_answers(self) -> tuple[Answer, Answer]:
        """What torch's module says, in float64 and in the case's dtype."""
        model = torch_layer(self, torch.float64)
        wants = in_dtype(model, self, torch.float64)
        return wants, wants if self.dtype == torch.float64 else in_dtype(model, self, self.dtype)


def weights_like(module: nn.Module, source: Source) -> dict[str, Tensor]:
    """Random values for every parameter of a torch module, under its names, in its shapes."""
    return {name: source.normal(*p.shape) for name, p in module.named_parameters()}


@st.composite
def cell_cases(draw: st.DrawFn, family: Family) -> CellCase:
    """Cells with and without bias, of all sizes."""
    n, i, h = draw(st.sampled_from([1, 3])), draw(sizes(1, 4)), draw(sizes(1, 4))
    bias = draw(st.booleans())
    source = draw(sources())
    return CellCase(
        family=family,
        input_size=i,
        hidden_size=h,
        bias=bias,
        weights=weights_like(family.cell(i, h, bias=bias), source),
        x=source.normal(n, i),
        parts=tuple(source.normal(n, h) for _ in family.parts),
    )


@st.composite
def cases(
    draw: st.DrawFn,
    family: Family,
    *,
    layers: st.SearchStrategy[int] = FEW,
    bidirectional: st.SearchStrategy[bool] = EITHER,
    batch_first: st.SearchStrategy[bool] = EITHER,
    stated: st.SearchStrategy[bool] = EITHER,
    batch: st.SearchStrategy[int] = FEW,
    steps: st.SearchStrategy[int] = SOME,
    lengths: bool = False,
    dtype: torch.dtype | None = None,
) -> Case:
    """Layers of every kind; each keyword narrows one choice down."""
    t, n = draw(steps), draw(batch)
    i, h = draw(FEW), draw(FEW)
    choices: dict[str, Any] = {
        "num_layers": draw(layers),
        "bidirectional": draw(bidirectional),
        "batch_first": draw(batch_first),
        "bias": draw(EITHER),
    }
    defaults = {"num_layers": 1, "bidirectional": False, "batch_first": False, "bias": True}
    options = {name: value for name, value in choices.items() if value != defaults[name]}
    given_state = draw(stated)
    given_lengths = None
    if lengths:
        drawn = draw(st.lists(sizes(1, t), min_size=n, max_size=n))
        drawn[draw(sizes(0, n - 1))] = draw(sizes(1, max(1, t - 1)))  # one at least is padded
        given_lengths = torch.tensor(drawn)
    source = draw(sources(dtype))
    rows = choices["num_layers"] * (2 if choices["bidirectional"] else 1)
    return Case(
        family=family,
        input_size=i,
        hidden_size=h,
        options=options,
        weights=weights_like(family.layer(i, h, **options), source),
        x=source.normal(*((n, t) if choices["batch_first"] else (t, n)), i),
        parts=tuple(source.normal(rows, n, h) for _ in family.parts) if given_state else None,
        lengths=given_lengths,
    )


def build(submission: Submission, case: Case) -> Handle:
    """The submission's layer, with the case's weights and dtype."""
    model: Handle = submission[case.family.name](case.input_size, case.hidden_size, **case.options)
    if case.dtype == torch.float64:
        model["double"]()
    model["load_state_dict"](case.weights)
    return model


def read(family: Family, model: Handle, *args: Any, **kwargs: Any) -> Answer:
    """Call a model and `unpack` its answer."""
    return unpack(family, model(*args, **kwargs))


def unpack(family: Family, answer: object) -> Answer:
    """Take what a layer returns apart, and see that out and each part of the state have 3 axes."""
    whole = family.parts[0] if family.whole else f"({', '.join(family.parts)})"
    out, state = items(answer, "out", whole)
    tensors = (out, *family.split(state))
    for name, value in zip(family.outputs, tensors, strict=True):
        expect_true(isinstance(value, Tensor), f"{name} is no tensor: {type(value).__name__}")
        expect_true(value.dim() == 3, f"{name} has {value.dim()} dimensions, it should have 3")
    return tensors


def torch_layer(case: Case, dtype: torch.dtype) -> Layer:
    """The oracle: torch's own module with the case's weights, in `dtype`."""
    model = case.family.layer(case.input_size, case.hidden_size, **case.options, dtype=dtype)
    model.load_state_dict(case.weights)
    return model


def torch_answer(
    family: Family, model: Layer, x: Tensor, parts: Sequence[Tensor] | None, lengths: Tensor | None
) -> Answer:
    """What torch's module says, in its dtype; packed where there are lengths.

    Args:
        family: the model's.
        model: torch's.
        x: (T, N, I), or (N, T, I) with batch_first.
        parts: the state, (L * D, N, H) each, or None.
        lengths: (N,), int64, or None.
    """
    state: Any = None if parts is None else family.state(parts)
    if lengths is None:
        out, last = model(x, state)
        return (out, *family.split(last))
    packed = pack_padded_sequence(x, lengths, model.batch_first, enforce_sorted=False)
    packed_out, last = model(packed, state)
    steps = x.shape[1 if model.batch_first else 0]
    out, _ = pad_packed_sequence(packed_out, model.batch_first, total_length=steps)
    return (out, *family.split(last))


@torch.no_grad()
def in_dtype(model: Layer, case: Case, dtype: torch.dtype) -> Answer:
    """What torch's module says to a case when it calculates in `dtype`."""
    parts = None if case.parts is None else tuple(part.to(dtype) for part in case.parts)
    return torch_answer(case.family, model.to(dtype), case.x.to(dtype), parts, case.lengths)


def compare(answer: Answer, case: Case) -> None:
    """Hold out and the parts of the state against torch."""
    wants, peers = case.torch_answers
    for name, got, want, peer, dims in zip(
        case.family.outputs, answer, wants, peers, case.all_dims, strict=True
    ):
        what = f"{name} of {case.call}"
        expect(got, want, name=what, dtype=case.dtype, peer=peer, terms=case.terms, dims=dims)


def expect_same(
    got: Tensor, first: Tensor, name: str, when: str, case: Case, dims: tuple[str, ...]
) -> None:
    """Hold one answer of the submission against another of its answers."""
    what = f"{name} of {case.call} {when}"
    expect(got, first.double(), name=what, dtype=case.dtype, terms=case.terms, dims=dims)


def expect_same_parts(
    got: Sequence[Tensor], first: Sequence[Tensor], when: str, case: Case
) -> None:
    """Hold the parts of one state, (L * D, N, H) each, against those of another."""
    for name, part, other in zip(case.family.parts, got, first, strict=True):
        expect_same(part, other, name, when, case, STATE_DIMS)


def cell_matches_torch(submission: Submission, case: CellCase) -> None:
    """The cell takes the step that torch's takes, from a state or from none."""
    family, dtype = case.family, case.x.dtype
    options: dict[str, Any] = {} if case.bias else {"bias": False}
    model = submission[family.cell.__name__](case.input_size, case.hidden_size, **options)
    if dtype == torch.float64:
        model["double"]()
    model["load_state_dict"](case.weights)
    theirs: Any = family.cell(case.input_size, case.hidden_size, **options, dtype=dtype)
    theirs.load_state_dict(case.weights)
    exact: Any = family.cell(case.input_size, case.hidden_size, **options, dtype=torch.float64)
    exact.load_state_dict(case.weights)
    scale = max(1.0, float(case.x.abs().sum(1).max()), float(case.parts[0].abs().sum(1).max()))
    terms = scale * sum(float(value.abs().max()) for value in case.weights.values())
    for when, parts in (("", case.parts), (" from no state", None)):
        arguments: tuple[Any, ...] = (case.x,)
        doubles: tuple[Any, ...] = (case.x.double(),)
        if parts is not None:
            arguments += (family.state(parts),)
            doubles += (family.state(part.double() for part in parts),)
        answer = family.split(model(*arguments))
        with torch.no_grad():
            peers, wants = family.split(theirs(*arguments)), family.split(exact(*doubles))
        for name, got, want, peer in zip(family.parts, answer, wants, peers, strict=True):
            dims = ("batch", "unit")
            expect(got, want, name=name + when, dtype=dtype, peer=peer, terms=terms, dims=dims)


def finite_when_saturated(submission: Submission, family: Family) -> None:
    """Gates that are driven to -1,000 and to 1,000 stay finite, and so do their gradients."""
    signs = torch.ones(4, family.gates)  # sequence k sees the signs in row k
    signs[[1, 3], 0] = -1.0
    signs[[2, 3], 1:] = -1.0
    x, *parts = torch.eye(4), *(torch.zeros(4, 1) for _ in family.parts)
    parts[-1] = torch.linspace(-1.0, 1.0, 4).view(4, 1)
    weights = {
        "weight_ih": 1000.0 * signs.T,
        "weight_hh": torch.ones(family.gates, 1),
        "bias_ih": torch.zeros(family.gates),
        "bias_hh": torch.zeros(family.gates),
    }
    model = submission[family.cell.__name__](4, 1)
    model["load_state_dict"](weights)
    theirs: Any = family.cell(4, 1)
    theirs.load_state_dict(weights)
    inputs = [value.clone().requires_grad_() for value in (x, *parts)]
    want = family.split(theirs(inputs[0], family.state(inputs[1:])))
    cotangents = [torch.ones(4, 1) for _ in family.parts]
    exact = gradients_of(want, inputs, cotangents)
    wrt = list(range(len(inputs)))
    answer = model.vjp(x, family.state(parts), cotangents=cotangents, wrt=wrt)
    dims = ("pattern of signs", "unit")
    for name, got, value in zip(family.parts, family.split(answer.value), want, strict=True):
        expect(got, value.detach(), name=name, terms=1000.0, dims=dims)
    for name, got, value in zip(("x", *family.parts), answer.gradients, exact, strict=True):
        expect_true(got is not None, f"no gradient reaches {name}")
        expect(got, value, name=f"gradient of {name}", terms=1000.0, dims=dims)


KINDS: tuple[dict[str, Any], ...] = (
    {},
    {"num_layers": 2, "bias": False},
    {"bidirectional": True},
    {"num_layers": 3, "bidirectional": True},
)


def fresh(submission: Submission, family: Family) -> Iterator[tuple[str, Layer, Handle]]:
    """A new layer of each kind: how it was asked for, torch's, and the submission's."""
    name = family.name
    for options in KINDS:
        call = ", ".join([f"{name}(3, 5", *(f"{key}={value}" for key, value in options.items())])
        yield f"{call})", family.layer(3, 5, **options), submission[name](3, 5, **options)


def state_dict_of(model: Handle) -> dict[str, Tensor]:
    """The state dict of a submission's module, once it is seen to be one."""
    state_dict = model["state_dict"]()
    tensors = isinstance(state_dict, dict) and all(
        isinstance(value, Tensor) for value in state_dict.values()
    )
    expect_true(tensors, "state_dict() is not a dict of tensors")
    return dict(state_dict)


def state_dict_both_ways(submission: Submission, family: Family) -> None:
    """A state dict of torch's layer can be loaded, and comes out again as it went in."""
    for call, theirs, model in fresh(submission, family):
        want = {name: tuple(p.shape) for name, p in theirs.state_dict().items()}
        got = {name: tuple(p.shape) for name, p in state_dict_of(model).items()}
        missing = [name for name in want if name not in got]
        extra = [name for name in got if name not in want]
        wrong = [name for name in want if name in got and got[name] != want[name]]
        observe("first missing name", missing[0] if missing else "")
        observe("first name too many", extra[0] if extra else "")
        observe("first wrong shape", f"{wrong[0]} {got[wrong[0]]}" if wrong else "")
        expect_true(not missing, f"{call}: the state dict lacks {', '.join(missing)}")
        expect_true(not extra, f"{call}: the state dict has {', '.join(extra)}, unknown to torch")
        for name in wrong:
            expect_true(False, f"{call}: {name} has shape {got[name]}, torch's has {want[name]}")
        loaded = {
            name: number + torch.linspace(0.0, 0.5, value.numel()).view_as(value)
            for number, (name, value) in enumerate(theirs.state_dict().items())
        }
        model["load_state_dict"](loaded)
        back = state_dict_of(model)
        changed = [name for name in want if not torch.equal(back[name], loaded[name])]
        observe("first entry that changed", changed[0] if changed else "")
        expect_true(
            not changed,
            f"{call}: after load_state_dict(...), state_dict() has other values in "
            f"{', '.join(changed)} than what was loaded",
        )


def initial_values(submission: Submission, family: Family) -> None:
    """The parameters of a new layer fill the range from -1/√H to 1/√H, as torch's do."""
    for call, _, model in fresh(submission, family):
        bound, negative = 1 / math.sqrt(5), False
        for name, value in state_dict_of(model).items():
            largest = float(value.abs().max())
            # Of 15 entries or more: almost surely over bound / 4.
            inside, filled = largest <= bound * 1.0001, largest >= bound / 4
            observe(name, "inside" if inside and filled else "narrow" if inside else "outside")
            expect_true(
                inside and filled,
                f"{call}: the largest |entry| of {name} is {largest:.3g}; entries should fill "
                f"the range from {-bound:.3g} to {bound:.3g}",
            )
            negative = negative or bool((value < 0).any())
        observe("both signs", negative)
        expect_true(negative, f"{call}: not one entry of any parameter is negative")


def causal(submission: Submission, case: Case, cut: int) -> None:
    """No output depends on an input that comes after it. For a case of `ONE_WAY`."""
    cut = min(cut, len(case.x) - 1)
    other = torch.cat([case.x[:cut], case.x[cut:] + 1.0])
    model = build(submission, case)
    out = read(case.family, model, case.x, case.state)[0]
    out_2 = read(case.family, model, other, case.state)[0]
    when = f"before step {cut}, where x changed from step {cut} on"
    expect_same(out_2[:cut], out[:cut], "out", when, case, case.dims)


def chunks_equal_whole(submission: Submission, case: Case, cut: int) -> None:
    """Two chunks, with the state handed on, equal the whole. For a case of `ONE_WAY`."""
    family, cut = case.family, min(cut, len(case.x) - 1)
    model = build(submission, case)
    out, *parts = read(family, model, case.x, case.state)
    out_1, *parts_1 = read(family, model, case.x[:cut], case.state)
    out_2, *parts_2 = read(family, model, case.x[cut:], family.state(parts_1))
    expect_same(out_1, out[:cut], "out", "in the first chunk", case, case.dims)
    expect_same(out_2, out[cut:], "out", "in the second chunk", case, case.dims)
    expect_same_parts(parts_2, parts, "after the second chunk", case)


def sequences_do_not_mix(submission: Submission, case: Case) -> None:
    """The sequences of a batch in another order give the same answers in that order."""
    family, axis = case.family, case.batch_axis
    model = build(submission, case)
    first = read(family, model, case.x, case.state)
    rotated = family.state(part.roll(1, dims=1) for part in case.given)
    out_2, *parts_2 = read(family, model, case.x.roll(1, dims=axis), rotated)
    features = case.hidden_size * case.directions
    shapes = [(*case.x.shape[:2], features), *(tuple(part.shape) for part in case.given)]
    for name, value, shape in zip(family.outputs, first, shapes, strict=True):
        expect_true(
            tuple(value.shape) == shape,
            f"{name} of {case.call} has shape {tuple(value.shape)}; for x of shape "
            f"{tuple(case.x.shape)} it should be {shape}",
        )
    out, *parts = first
    when = "after the batch was reordered"
    expect_same(out_2, out.roll(1, dims=axis), "out", when, case, case.dims)
    expect_same_parts(parts_2, [part.roll(1, dims=1) for part in parts], when, case)


def starts_from_zeros(submission: Submission, case: Case) -> None:
    """Without a state it starts from zeros, in the dtype of x."""
    family, model = case.family, build(submission, case)
    without = read(family, model, case.x)
    rows = case.options.get("num_layers", 1) * case.directions
    zeros = torch.zeros(rows, case.x.shape[case.batch_axis], case.hidden_size, dtype=case.dtype)
    given_zeros = read(family, model, case.x, family.state((zeros,) * len(family.parts)))
    for name, got, want, dims in zip(
        family.outputs, without, given_zeros, case.all_dims, strict=True
    ):
        expect_same(got, want, name, "without a state", case, dims)


def matches_torch(submission: Submission, case: Case) -> None:
    """Out and the state are those of torch's layer, for all layers and directions."""
    arguments = (case.x,) if case.state is None else (case.x, case.state)
    compare(read(case.family, build(submission, case), *arguments), case)


def keeps_no_state(submission: Submission, case: Case) -> None:
    """A call without a state answers the same whatever was read before, in batches of any size."""
    family, model, axis = case.family, build(submission, case), case.batch_axis
    whole = read(family, model, case.x)
    alone = read(family, model, case.x.narrow(axis, 0, 1))
    again = read(family, model, case.x)
    batch_axes = (axis, *(1 for _ in family.parts))
    for name, first, one, second, batch in zip(
        family.outputs, whole, alone, again, batch_axes, strict=True
    ):
        want = first.narrow(batch, 0, 1)
        expect_same(one, want, name, "for one sequence alone, after a batch", case, ())
        expect_same(second, first, name, "in a second, equal call", case, ())


def padding_is_ignored(submission: Submission, case: Case) -> None:
    """What stands in the padding changes nothing: no output, no final state."""
    assert case.lengths is not None
    steps = case.x.shape[1 if case.batch_first else 0]
    inside = torch.arange(steps)[:, None] < case.lengths  # (T, N)
    inside = (inside.T if case.batch_first else inside)[:, :, None]
    model = build(submission, case)
    first = read(case.family, model, case.x, case.state, lengths=case.lengths)
    other = torch.where(inside, case.x, -7.0 - case.x)
    second = read(case.family, model, other, case.state, lengths=case.lengths)
    for name, got, want, dims in zip(
        case.family.outputs, second, first, case.all_dims, strict=True
    ):
        expect_same(got, want, name, "after the padding changed", case, dims)


def lengths_match_packed(submission: Submission, case: Case) -> None:
    """With lengths in any order: what torch answers to the packed sequences, padded with zeros."""
    model = build(submission, case)
    compare(read(case.family, model, case.x, case.state, lengths=case.lengths), case)


def leaves_inputs_alone(submission: Submission, case: Case) -> None:
    """X, the state and the lengths that are handed in stay as they are."""
    names = ("state",) if case.family.whole else tuple(f"{part}0" for part in case.family.parts)
    model = build(submission, case)
    _, afterwards = model.inputs(case.x, case.state, case.lengths)
    x, state, lengths = items(afterwards, "x", "state", "lengths")
    after = (x, *((state,) if case.family.whole else items(state, *names)), lengths)
    assert case.lengths is not None
    before = (case.x, *case.given, case.lengths)
    for name, value, first in zip(("x", *names, "lengths"), after, before, strict=True):
        expect_true(torch.equal(value, first), f"{name} was changed by the call")


def gradients(submission: Submission, case: Case) -> None:
    """Gradients reach x, the state and every parameter, through all steps, layers, directions."""
    family, theirs = case.family, torch_layer(case, torch.float64)
    inputs = [value.clone().requires_grad_() for value in (case.x, *case.given)]
    want = torch_answer(family, theirs, inputs[0], inputs[1:], case.lengths)
    cotangents = [torch.linspace(-1.0, 1.5, w.numel(), dtype=w.dtype).view_as(w) for w in want]
    names = ["x", *(f"{part}0" for part in family.parts), *case.weights]
    leaves = [*inputs, *dict(theirs.named_parameters()).values()]
    exact = gradients_of(want, leaves, cotangents)
    answer = build(submission, case).vjp(
        case.x,
        case.state,
        lengths=case.lengths,
        cotangents=cotangents,
        wrt=[*range(len(inputs)), *case.weights],
    )
    compare(unpack(family, answer.value), case)
    terms = case.terms * max(1.0, max(float(gradient.abs().max()) for gradient in exact))
    for name, got, gradient in zip(names, answer.gradients, exact, strict=True):
        expect_true(
            got is not None, f"no gradient reaches {name}: nothing connects it to the answer"
        )
        what = f"gradient of {name} in {case.call}"
        expect(got, gradient, name=what, dtype=torch.float64, terms=terms)


def copying_weights(
    family: Family, layers: int, hidden_size: int, biases: tuple[float, ...]
) -> dict[str, Tensor]:
    """Weights with which each unit, layer and direction hands on its own input, squashed.

    The recurrent weights are zero, and the candidate of unit j sees input j alone: in a higher
    layer, that of the same direction. So every entry of the output tells what happened to one entry
    on its way up.

    Args:
        family: the layer's.
        layers: L.
        hidden_size: H, and I too.
        biases: one for each gate, large enough to open or shut it; 0 for the candidate.

    Returns:
        A state dict for two directions, float32.
    """
    eye, none = torch.eye(hidden_size), torch.zeros(hidden_size, hidden_size)
    weights = {}
    for layer in range(layers):
        for direction, suffix in enumerate(("", "_reverse")):
            blocks = [none, none] if layer else [none]
            unseen = torch.cat(blocks, dim=1)
            blocks[direction if layer else 0] = eye
            rows = [unseen] * family.gates
            rows[2] = torch.cat(blocks, dim=1)  # the candidate's
            track = f"_l{layer}{suffix}"
            weights[f"weight_ih{track}"] = torch.cat(rows)
            weights[f"weight_hh{track}"] = torch.zeros(family.gates * hidden_size, hidden_size)
            weights[f"bias_ih{track}"] = torch.tensor(biases).repeat_interleave(hidden_size)
            weights[f"bias_hh{track}"] = torch.zeros(family.gates * hidden_size)
    return weights


def handed_on(x: Tensor, *, scale: float, layers: int, tanhs: int) -> Tensor:
    """What layers with `copying_weights` make of x in exact arithmetic; shape and dtype stay.

    Args:
        x: of any shape.
        scale: applied between layers.
        layers: L.
        tanhs: how often each layer squashes.
    """
    for layer in range(layers):
        x = x * scale if layer else x
        for _ in range(tanhs):
            x = torch.tanh(x)
    return x


def dropout_between_layers_only(
    submission: Submission, family: Family, *, biases: tuple[float, ...], tanhs: int
) -> None:
    """In training, dropout thins out what passes between two layers. Else it does nothing.

    Args:
        submission: whose layer is asked.
        family: the layer's.
        biases: of the gates, such that h depends on the candidate alone; see `copying_weights`.
        tanhs: how many stand between the candidate's pre-activation and h.
    """
    p, t, n, h, layers = 0.25, 12, 5, 4, 3
    x = torch.linspace(0.5, 1.5, t * n * h).view(t, n, h)

    def run(count: int, mode: str) -> tuple[Tensor, Tensor]:
        options: dict[str, Any] = {"num_layers": count, "bidirectional": True, "dropout": p}
        model = submission[family.name](h, h, **options)
        model["load_state_dict"](copying_weights(family, count, h, biases))
        model[mode]()
        out, states = read(family, model, x)[:2]
        shapes = (tuple(out.shape), tuple(states.shape))
        expect_true(shapes == ((t, n, 2 * h), (2 * count, n, h)), f"out and h have shapes {shapes}")
        return out.double(), states.double()

    def near(got: Tensor, scale: float, count: int) -> Tensor:
        want = handed_on(x.double(), scale=scale, layers=count, tanhs=tanhs)
        return (got - torch.cat([want, want], dim=2)).abs() < 1e-4

    out, _ = run(layers, "eval")
    calm = bool(near(out, 1.0, layers).all())
    observe("calm in eval", calm)
    zeros = out.abs() < 1e-4
    observe("zeros in eval", "all" if zeros.all() else "some" if zeros.any() else "none")
    expect_true(calm, f"in eval mode, dropout={p} changes the output; it should do nothing there")

    out, states = run(1, "train")
    single = bool(near(out, 1.0, 1).all())
    observe("one layer is left alone", single)
    observe("one layer's final state is left alone", bool((states.abs() > 1e-4).all()))
    expect_true(
        single,
        f"with num_layers=1 in training, dropout={p} changes the output; there are no two layers "
        "for it to stand between",
    )

    out, states = run(layers, "train")
    ends = torch.stack([x[-1], x[0]]).double()  # where each direction of the first layer ends
    copied = handed_on(ends, scale=1.0, layers=1, tanhs=tanhs)
    first_layer = bool((states[:2] - copied).abs().max() < 1e-4)
    observe("the first layer is left alone", first_layer)
    expect_true(first_layer, f"with dropout={p} in training, h of the first layer changes")
    dropped = out.abs() < 1e-4
    share = float(dropped.double().mean())
    want = 1 - (1 - p) ** (layers - 1)
    enough = abs(share - want) < 0.17  # 7 standard deviations of the share of 480 entries
    observe("share", "none" if share < 0.05 else "most" if share > 0.8 else "some")
    expect_true(
        enough,
        f"with dropout={p} between {layers} layers in training, {share:.0%} of the entries of out "
        f"were dropped on their way up; it should be about {want:.0%}",
    )
    kept = bool((dropped | near(out, 1 / (1 - p), layers)).all())
    observe("the kept are scaled", kept)
    expect_true(
        kept,
        f"with dropout={p} in training, what is kept does not come through with the scale that "
        "leaves its expected value as it was",
    )
    varied = float((dropped.any(dim=0) & ~dropped.all(dim=0)).double().mean())
    observe("a new mask at each step", varied > 0.5)
    expect_true(
        varied > 0.5,
        "the same entries are dropped at every step; each entry should be drawn by itself",
    )
