"""A recurrent layer, LSTM or GRU: its cases, and `torch.nn` as their oracle, in float64.

A kata names its `Family`. Its checks draw `cell_cases` and `cases`, and pass them to the functions
of `layer_checks` and `dropout` that have the names of the checks.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import torch
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from grader.checks.compare import expect, expect_true, gradients_of, items, kind_of
from grader.checks.strategies import Source, sizes, sources
from grader.checks.submission import Handle, Submission

FEW, SOME, EITHER = sizes(1, 3), sizes(1, 5), st.booleans()
# Mostly more than one layer, two directions, several sequences: there the mistakes show.
DEEP = st.sampled_from([1, 2, 3, 3])
BOTH_WAYS = st.sampled_from([False, True, True])
GIVEN = st.sampled_from([False, True, True])
"""Whether a state is given; without one, all layers and directions begin alike."""
CROWDED = st.sampled_from([1, 2, 3, 3, 4, 4])
WIDTHS = st.sampled_from(["as drawn", "large states", "large states", "large sums"])
ONE_LAYER: dict[str, Any] = {"layers": st.just(1), "bidirectional": st.just(False)}
"""Arguments of `cases`: a layer that is neither stacked nor read in two directions."""
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


@dataclass(frozen=True, repr=False)
class CellCase:
    """A cell with its weights, and one step to take. All float32 or all float64."""

    family: Family
    input_size: int
    hidden_size: int
    bias: bool
    weights: dict[str, Tensor]
    x: Tensor  # (N, I)
    parts: tuple[Tensor, ...]  # the state, (N, H) each

    @property
    def options(self) -> dict[str, Any]:
        """What is not torch's default."""
        return {} if self.bias else {"bias": False}


@dataclass(frozen=True, repr=False)
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
    def leaves(self) -> tuple[str, ...]:
        """What has a gradient, by name: x, the parts of the state, every parameter."""
        return ("x", *(f"{part}0" for part in self.family.parts), *self.weights)

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

    def to(self, dtype: torch.dtype) -> "Case":
        """The same case in another dtype."""
        return replace(
            self,
            weights={name: value.to(dtype) for name, value in self.weights.items()},
            x=self.x.to(dtype),
            parts=None if self.parts is None else tuple(part.to(dtype) for part in self.parts),
        )

    @cached_property
    def terms(self) -> float:
        """The largest sum of |terms| in a pre-activation: rounding errors are relative to it."""
        widest_h = 1.0 if self.parts is None else max(1.0, float(self.parts[0].abs().max()))
        totals = [torch.ones(1)]
        for name, w_ih in self.weights.items():
            if name.startswith("weight_ih"):
                track = name.removeprefix("weight_ih")
                widest_x = float(self.x.abs().max()) if track.startswith("_l0") else widest_h
                total = w_ih.abs().sum(1) * widest_x
                total = total + self.weights[f"weight_hh{track}"].abs().sum(1) * widest_h
                for bias in ("bias_ih", "bias_hh"):
                    total = total + self.weights.get(f"{bias}{track}", torch.zeros(1)).abs()
                totals.append(total)
        # What a gate's rounding error does to a large state grows with that state.
        widest = 0.0 if self.parts is None else max(float(part.abs().max()) for part in self.parts)
        return float(torch.cat(totals).max()) * max(1.0, widest / 5.0)

    @cached_property
    def torch_answers(self) -> tuple[Answer, Answer]:
        """What torch's module says, in float64 and in the case's dtype."""
        model = torch_layer(self, torch.float64)
        wants = in_dtype(model, self, torch.float64)
        return wants, wants if self.dtype == torch.float64 else in_dtype(model, self, self.dtype)


@dataclass(frozen=True)
class Reads:
    """What a kata's layer reads, in float64 and with a state: parity takes its cases from there."""

    cases: st.SearchStrategy[Case]


def weights_like(module: nn.Module, source: Source, width: str = "") -> dict[str, Tensor]:
    """Random values for every parameter of a torch module, under its names, in its shapes.

    Args:
        module: torch's.
        source: of random values.
        width: one of `WIDTHS`. Weights of large states and inputs are small, so that the sums stay
            as they are.
    """

    def scale(name: str) -> float:
        if width == "large states":
            return 0.01 if re.fullmatch(r"weight_(hh.*|ih|ih_l0.*)", name) else 1.0
        return 12.0 if width == "large sums" and name.startswith("bias") else 1.0

    return {
        name: source.normal(*p.shape, scale=scale(name)) for name, p in module.named_parameters()
    }


def scale_of_states(width: str) -> float:
    """What a drawn state, and a drawn x, is multiplied with; see `weights_like`."""
    return 100.0 if width == "large states" else 1.0


@st.composite
def cell_cases(draw: st.DrawFn, family: Family) -> CellCase:
    """Cells with and without bias, of all sizes."""
    n, i, h = draw(st.sampled_from([1, 3])), draw(sizes(1, 4)), draw(sizes(1, 4))
    bias = draw(st.booleans())
    width = draw(WIDTHS)
    source = draw(sources())
    return CellCase(
        family=family,
        input_size=i,
        hidden_size=h,
        bias=bias,
        weights=weights_like(family.cell(i, h, bias=bias), source, width),
        x=source.normal(n, i, scale=scale_of_states(width)),
        parts=tuple(source.normal(n, h, scale=scale_of_states(width)) for _ in family.parts),
    )


@st.composite
def _lengths(draw: st.DrawFn, n: int, t: int) -> list[int]:
    """So many lengths of up to t steps, of which one at least is shorter.

    Half of the time they are in an order that is not undone by doing it twice: 3, 2, 4.
    """
    if n > 1 and draw(EITHER):
        return [max(1, t - (place + 1) % n) for place in range(n)]
    lengths = draw(st.lists(sizes(1, t), min_size=n, max_size=n))
    lengths[draw(sizes(0, n - 1))] = draw(sizes(1, max(1, t - 1)))
    return lengths


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
    widths: st.SearchStrategy[str] | None = None,
    lengths: bool = False,
    dtype: torch.dtype | None = None,
    dropout: float = 0.0,
) -> Case:
    """Layers of every kind; each keyword but `widths` narrows one choice down."""
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
    if dropout:
        options["dropout"] = dropout
    width = draw(widths) if widths is not None else "as drawn"
    given_state = draw(stated) or width == "large states"
    given_lengths = None
    if lengths:
        given_lengths = torch.tensor(draw(_lengths(n, t)))
    source = draw(sources(dtype))
    rows = choices["num_layers"] * (2 if choices["bidirectional"] else 1)
    return Case(
        family=family,
        input_size=i,
        hidden_size=h,
        options=options,
        weights=weights_like(family.layer(i, h, **options), source, width),
        x=source.normal(
            *((n, t) if choices["batch_first"] else (t, n)), i, scale=scale_of_states(width)
        ),
        parts=tuple(source.normal(rows, n, h, scale=scale_of_states(width)) for _ in family.parts)
        if given_state
        else None,
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
    """The tensors of what a model returns."""
    return unpack(family, model(*args, **kwargs))


def unpack(family: Family, answer: object) -> Answer:
    """The tensors of what a layer returned, once out and each part of the state have 3 axes."""
    whole = family.parts[0] if family.whole else f"({', '.join(family.parts)})"
    out, state = items(answer, "out", whole)
    tensors = (out, *family.split(state))
    for name, value in zip(family.outputs, tensors, strict=True):
        expect_true(isinstance(value, Tensor), f"{name} is {kind_of(value)}, expected a tensor.")
        expect_true(value.dim() == 3, f"{name} has {value.dim()} axes, expected 3.")
    return tensors


def torch_layer(case: Case, dtype: torch.dtype) -> Layer:
    """The oracle: torch's own module with the case's weights, in `dtype`."""
    model = case.family.layer(case.input_size, case.hidden_size, **case.options, dtype=dtype)
    model.load_state_dict(case.weights)
    return model.eval()


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


def torch_gradients(
    case: Case, dtype: torch.dtype, device: str = "cpu"
) -> tuple[Answer, list[Tensor], Answer]:
    """What torch's own layer says to a case with a state, in a dtype and on a device.

    Returns:
        The gradients, in the order of `case.leaves`; the cotangents, the same numbers in every
        dtype; and the outputs.
    """
    model = torch_layer(case, dtype).to(device)
    inputs = [value.to(device, dtype).detach().requires_grad_() for value in (case.x, *case.given)]
    outputs = torch_answer(case.family, model, inputs[0], inputs[1:], case.lengths)
    drawn = [torch.linspace(-1.0, 1.5, w.numel(), dtype=torch.float64).view_as(w) for w in outputs]
    cotangents = [one.to(case.dtype).to(outputs[0]) for one in drawn]
    leaves = [*inputs, *(dict(model.named_parameters())[name] for name in case.weights)]
    gradients = gradients_of(outputs, leaves, cotangents)
    return gradients, cotangents, tuple(output.detach() for output in outputs)


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
