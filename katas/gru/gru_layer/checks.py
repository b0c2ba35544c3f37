"""Checks of gru_layer: torch.nn.GRUCell and torch.nn.GRU are the oracles, in float64."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from grader.checks import Handle, Submission, check, observe
from grader.compare import expect, expect_true, gradients_of, items
from grader.strategies import Source, sizes, sources

FEW, SOME, EITHER = sizes(1, 3), sizes(1, 5), st.booleans()
# Mostly more than one layer, two directions, several sequences: there the mistakes show.
DEEP = st.sampled_from([1, 2, 2, 3])
BOTH_WAYS = st.sampled_from([False, True, True])
CROWDED = st.sampled_from([1, 3, 3, 4])
STATE_DIMS = ("layer and direction", "batch", "unit")


@dataclass(frozen=True)
class CellCase:
    """A GRUCell with its weights, and one step to take."""

    input_size: int
    hidden_size: int
    bias: bool
    weights: dict[str, Tensor]
    x: Tensor  # (N, I)
    state: Tensor  # (N, H)


@dataclass(frozen=True)
class Case:
    """A GRU with its weights, and sequences to read."""

    input_size: int
    hidden_size: int
    options: dict[str, int | bool]  # what is not torch's default
    weights: dict[str, Tensor]
    x: Tensor  # (T, N, I), or (N, T, I) with batch_first
    state: Tensor | None  # (L * D, N, H)
    lengths: Tensor | None = None  # (N,)

    @property
    def batch_first(self) -> bool:
        """Whether x is (N, T, I)."""
        return "batch_first" in self.options

    @property
    def batch_axis(self) -> int:
        """Which axis of x and of out is the batch."""
        return 0 if self.batch_first else 1

    @property
    def dims(self) -> tuple[str, str, str]:
        """The axes of x and of out, by name."""
        return ("batch", "step", "unit") if self.batch_first else ("step", "batch", "unit")

    @property
    def call(self) -> str:
        """How the module is made, for messages."""
        options = [f"{name}={value}" for name, value in self.options.items()]
        return f"GRU({', '.join([str(self.input_size), str(self.hidden_size), *options])})"

    @property
    def dtype(self) -> torch.dtype:
        """The dtype of x, of the state and of the weights."""
        return self.x.dtype

    @cached_property
    def terms(self) -> float:
        """The largest sum of |terms| in a pre-activation: rounding errors are relative to it."""
        widest_h = 1.0 if self.state is None else max(1.0, float(self.state.abs().max()))
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
    def torch_answers(self) -> tuple[tuple[Tensor, ...], tuple[Tensor, ...]]:
        """What torch's module says, in float64 and in the case's dtype."""
        model = torch_gru(self, torch.float64)
        wants = oracle(model, self, torch.float64)
        return wants, wants if self.dtype == torch.float64 else oracle(model, self, self.dtype)


def weights_like(module: nn.Module, source: Source) -> dict[str, Tensor]:
    """Random values for every parameter of a torch module, under its names."""
    return {name: source.normal(*p.shape) for name, p in module.named_parameters()}


@st.composite
def cell_cases(draw: st.DrawFn) -> CellCase:
    """GRUCells with and without bias, of all sizes."""
    n, i, h = draw(st.sampled_from([1, 3])), draw(sizes(1, 4)), draw(sizes(1, 4))
    bias = draw(st.booleans())
    source = draw(sources())
    return CellCase(
        input_size=i,
        hidden_size=h,
        bias=bias,
        weights=weights_like(nn.GRUCell(i, h, bias=bias), source),
        x=source.normal(n, i),
        state=source.normal(n, h),
    )


@st.composite
def cases(
    draw: st.DrawFn,
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
    """GRUs of every kind; each argument narrows one choice down."""
    t, n = draw(steps), draw(batch)
    i, h = draw(FEW), draw(FEW)
    choices = {
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
        input_size=i,
        hidden_size=h,
        options=options,
        weights=weights_like(nn.GRU(i, h, **options), source),
        x=source.normal(*((n, t) if choices["batch_first"] else (t, n)), i),
        state=source.normal(rows, n, h) if given_state else None,
        lengths=given_lengths,
    )


def build(submission: Submission, case: Case) -> Handle:
    """The submission's GRU, with the case's weights and dtype."""
    model = submission.call("GRU", case.input_size, case.hidden_size, **case.options)
    if case.dtype == torch.float64:
        model.method("double")
    model.method("load_state_dict", case.weights)
    return model


def read(model: Handle, *args: object, **kwargs: object) -> tuple[Tensor, Tensor]:
    """Call a model; out and h, once they are seen to be tensors with three dimensions."""
    return unpack(model(*args, **kwargs))


def unpack(answer: object) -> tuple[Tensor, Tensor]:
    """Take (out, h) apart."""
    out, h = items(answer, "out", "h")
    for name, value in (("out", out), ("h", h)):
        expect_true(isinstance(value, Tensor), f"{name} is no tensor: {type(value).__name__}")
        expect_true(value.dim() == 3, f"{name} has {value.dim()} dimensions, it should have 3")
    return out, h


def torch_gru(case: Case, dtype: torch.dtype) -> nn.GRU:
    """The oracle: torch's own module with the case's weights."""
    model = nn.GRU(case.input_size, case.hidden_size, **case.options, dtype=dtype)
    model.load_state_dict(case.weights)
    return model


def torch_answer(
    model: nn.GRU, x: Tensor, state: Tensor | None, lengths: Tensor | None
) -> tuple[Tensor, Tensor]:
    """What torch's module says: out and h; packed where there are lengths."""
    if lengths is None:
        return model(x, state)
    packed = pack_padded_sequence(x, lengths, model.batch_first, enforce_sorted=False)
    out, h = model(packed, state)
    steps = x.shape[1 if model.batch_first else 0]
    out, _ = pad_packed_sequence(out, model.batch_first, total_length=steps)
    return out, h


@torch.no_grad()
def oracle(model: nn.GRU, case: Case, dtype: torch.dtype) -> tuple[Tensor, Tensor]:
    """What torch's module says to a case when it calculates in `dtype`."""
    state = None if case.state is None else case.state.to(dtype)
    return torch_answer(model.to(dtype), case.x.to(dtype), state, case.lengths)


def compare(answer: tuple[Tensor, Tensor], case: Case) -> None:
    """Hold out and h against torch."""
    wants, peers = case.torch_answers
    names, dims = ("out", "h"), (case.dims, STATE_DIMS)
    for name, got, want, peer, axes in zip(names, answer, wants, peers, dims, strict=True):
        what = f"{name} of {case.call}"
        expect(got, want, name=what, dtype=case.dtype, peer=peer, terms=case.terms, dims=axes)


def expect_same(
    got: Tensor, first: Tensor, name: str, when: str, case: Case, dims: tuple[str, ...]
) -> None:
    """Hold one answer of the submission against another of its answers."""
    what = f"{name} of {case.call} {when}"
    expect(got, first.double(), name=what, dtype=case.dtype, terms=case.terms, dims=dims)


@check(points=2, examples=12)
@given(case=cell_cases())
def cell_matches_torch(submission: Submission, case: CellCase) -> None:
    """The cell takes the step that torch.nn.GRUCell takes, from a state or from none."""
    dtype, options = case.x.dtype, {} if case.bias else {"bias": False}
    model = submission.call("GRUCell", case.input_size, case.hidden_size, **options)
    if dtype == torch.float64:
        model.method("double")
    model.method("load_state_dict", case.weights)
    theirs = nn.GRUCell(case.input_size, case.hidden_size, **options, dtype=dtype)
    theirs.load_state_dict(case.weights)
    exact = nn.GRUCell(case.input_size, case.hidden_size, **options, dtype=torch.float64)
    exact.load_state_dict(case.weights)
    scale = max(1.0, float(case.x.abs().sum(1).max()), float(case.state.abs().sum(1).max()))
    terms = scale * sum(float(value.abs().max()) for value in case.weights.values())
    for name, state in (("h", case.state), ("h from no state", None)):
        arguments = (case.x,) if state is None else (case.x, state)
        got = model(*arguments)
        with torch.no_grad():
            peer = theirs(case.x, state)
            want = exact(case.x.double(), None if state is None else state.double())
        expect(got, want, name=name, dtype=dtype, peer=peer, terms=terms, dims=("batch", "unit"))


@check(points=1, after=cell_matches_torch)
def finite_when_saturated(submission: Submission) -> None:
    """Gates that are driven to -1,000 and to 1,000 stay finite, and so do their gradients."""
    gates = torch.tensor([[1, 1, 1], [-1, 1, 1], [1, -1, -1], [-1, -1, -1]])
    x, h = torch.eye(4), torch.linspace(-1.0, 1.0, 4).view(4, 1)
    weights = {
        "weight_ih": 1000.0 * gates.T.float(),  # sequence k sees the signs in row k
        "weight_hh": torch.ones(3, 1),
        "bias_ih": torch.zeros(3),
        "bias_hh": torch.zeros(3),
    }
    model = submission.call("GRUCell", 4, 1)
    model.method("load_state_dict", weights)
    theirs = nn.GRUCell(4, 1)
    theirs.load_state_dict(weights)
    inputs = [value.clone().requires_grad_() for value in (x, h)]
    want = theirs(*inputs)
    exact = gradients_of([want], inputs, [torch.ones(4, 1)])
    answer = model.vjp(x, h, cotangents=[torch.ones(4, 1)], wrt=[0, 1])
    dims = ("pattern of signs", "unit")
    expect(answer.value, want.detach(), name="h", terms=1000.0, dims=dims)
    for name, got, value in zip(("x", "h"), answer.gradients, exact, strict=True):
        expect_true(got is not None, f"no gradient reaches {name}")
        expect(got, value, name=f"gradient of {name}", terms=1000.0, dims=dims)


KINDS = (
    {},
    {"num_layers": 2, "bias": False},
    {"bidirectional": True},
    {"num_layers": 3, "bidirectional": True},
)


def fresh(submission: Submission) -> Iterator[tuple[str, nn.GRU, Handle]]:
    """A new GRU of each kind: how it was asked for, torch's, and the submission's."""
    for options in KINDS:
        call = ", ".join(["GRU(3, 5", *(f"{name}={value}" for name, value in options.items())])
        yield f"{call})", nn.GRU(3, 5, **options), submission.call("GRU", 3, 5, **options)


def state_dict_of(model: Handle) -> dict[str, Tensor]:
    """The state dict of a submission's module, once it is seen to be one."""
    state_dict = model.method("state_dict")
    tensors = isinstance(state_dict, dict) and all(
        isinstance(value, Tensor) for value in state_dict.values()
    )
    expect_true(tensors, "state_dict() is not a dict of tensors")
    return state_dict


@check(points=2, after=cell_matches_torch)
def state_dict_both_ways(submission: Submission) -> None:
    """A state dict of torch.nn.GRU can be loaded, and comes out again as it went in."""
    for call, theirs, model in fresh(submission):
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
        model.method("load_state_dict", loaded)
        back = state_dict_of(model)
        changed = [name for name in want if not torch.equal(back[name], loaded[name])]
        observe("first entry that changed", changed[0] if changed else "")
        expect_true(
            not changed,
            f"{call}: after load_state_dict(...), state_dict() has other values in "
            f"{', '.join(changed)} than what was loaded",
        )


@check(points=1, after=state_dict_both_ways)
def initial_values(submission: Submission) -> None:
    """The parameters of a new GRU fill the range from -1/√H to 1/√H, as torch's do."""
    for call, _, model in fresh(submission):
        bound, negative = 1 / math.sqrt(5), False
        for name, value in state_dict_of(model).items():
            largest = float(
                value.abs().max()
            )  # of 20 entries or more: almost surely over bound / 4
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


ONE_WAY = {"bidirectional": st.just(False), "batch_first": st.just(False), "stated": st.just(True)}


@check(points=1, after=state_dict_both_ways, examples=8)
@given(case=cases(layers=sizes(2, 3), steps=sizes(2, 5), **ONE_WAY), cut=sizes(1, 4))
def causal(submission: Submission, case: Case, cut: int) -> None:
    """Where there is one direction, no output depends on an input that comes after it."""
    cut = min(cut, len(case.x) - 1)
    other = torch.cat([case.x[:cut], case.x[cut:] + 1.0])
    model = build(submission, case)
    out, _ = read(model, case.x, case.state)
    out_2, _ = read(model, other, case.state)
    when = f"before step {cut}, where x changed from step {cut} on"
    expect_same(out_2[:cut], out[:cut], "out", when, case, case.dims)


@check(points=1, after=causal, examples=8)
@given(case=cases(layers=DEEP, steps=sizes(2, 5), **ONE_WAY), cut=sizes(1, 4))
def chunks_equal_whole(submission: Submission, case: Case, cut: int) -> None:
    """Reading a sequence in two chunks, with the state handed on, equals reading it whole."""
    cut = min(cut, len(case.x) - 1)
    model = build(submission, case)
    out, h = read(model, case.x, case.state)
    out_1, h_1 = read(model, case.x[:cut], case.state)
    out_2, h_2 = read(model, case.x[cut:], h_1)
    expect_same(out_1, out[:cut], "out", "in the first chunk", case, case.dims)
    expect_same(out_2, out[cut:], "out", "in the second chunk", case, case.dims)
    expect_same(h_2, h, "h", "after the second chunk", case, STATE_DIMS)


@check(points=1, after=chunks_equal_whole, examples=8)
@given(
    case=cases(
        batch=sizes(2, 4),
        steps=sizes(2, 4),
        stated=st.just(True),
        batch_first=st.sampled_from([True, True, False]),
    )
)
def sequences_do_not_mix(submission: Submission, case: Case) -> None:
    """The sequences of a batch in another order give the same answers in that order."""
    axis = case.batch_axis
    model = build(submission, case)
    out, h = read(model, case.x, case.state)
    out_2, h_2 = read(model, case.x.roll(1, dims=axis), case.state.roll(1, dims=1))
    features = case.hidden_size * (2 if "bidirectional" in case.options else 1)
    shapes = {"out": (*case.x.shape[:2], features), "h": tuple(case.state.shape)}
    for name, value in (("out", out), ("h", h)):
        expect_true(
            tuple(value.shape) == shapes[name],
            f"{name} of {case.call} has shape {tuple(value.shape)}; for x of shape "
            f"{tuple(case.x.shape)} it should be {shapes[name]}",
        )
    when = "after the batch was reordered"
    expect_same(out_2, out.roll(1, dims=axis), "out", when, case, case.dims)
    expect_same(h_2, h.roll(1, dims=1), "h", when, case, STATE_DIMS)


@check(points=1, after=sequences_do_not_mix, examples=4)
@given(case=cases(stated=st.just(False), dtype=torch.float64))
def starts_from_zeros(submission: Submission, case: Case) -> None:
    """Without a state it starts from zeros, in the dtype of x."""
    model = build(submission, case)
    without = read(model, case.x)
    directions = 2 if "bidirectional" in case.options else 1
    rows, n = case.options.get("num_layers", 1) * directions, case.x.shape[case.batch_axis]
    zeros = torch.zeros(rows, n, case.hidden_size, dtype=case.dtype)
    given_zeros = read(model, case.x, zeros)
    names, axes = ("out", "h"), (case.dims, STATE_DIMS)
    for name, got, want, dims in zip(names, without, given_zeros, axes, strict=True):
        expect_same(got, want, name, "without a state", case, dims)


@check(points=3, after=starts_from_zeros, examples=18)
@given(case=cases(layers=DEEP, bidirectional=BOTH_WAYS))
def matches_torch(submission: Submission, case: Case) -> None:
    """Out and h are those of torch.nn.GRU, for all layers and directions."""
    arguments = (case.x,) if case.state is None else (case.x, case.state)
    compare(read(build(submission, case), *arguments), case)


@check(points=1, after=matches_torch, examples=5)
@given(case=cases(stated=st.just(False), batch=sizes(2, 3)))
def keeps_no_state(submission: Submission, case: Case) -> None:
    """A call without a state answers the same whatever was read before, in batches of any size."""
    model = build(submission, case)
    axis = case.batch_axis
    whole = read(model, case.x)
    alone = read(model, case.x.narrow(axis, 0, 1))
    again = read(model, case.x)
    for name, first, one, second, batch in zip(
        ("out", "h"), whole, alone, again, (axis, 1), strict=True
    ):
        want = first.narrow(batch, 0, 1)
        expect_same(one, want, name, "for one sequence alone, after a batch", case, ())
        expect_same(second, first, name, "in a second, equal call", case, ())


@check(points=2, after=keeps_no_state, examples=8)
@given(case=cases(lengths=True, steps=sizes(2, 5), bidirectional=BOTH_WAYS))
def padding_is_ignored(submission: Submission, case: Case) -> None:
    """What stands in the padding changes nothing: no output, no final state."""
    steps = case.x.shape[1 if case.batch_first else 0]
    inside = torch.arange(steps)[:, None] < case.lengths  # (T, N)
    inside = (inside.T if case.batch_first else inside)[:, :, None]
    model = build(submission, case)
    first = read(model, case.x, case.state, lengths=case.lengths)
    other = torch.where(inside, case.x, -7.0 - case.x)
    second = read(model, other, case.state, lengths=case.lengths)
    names, axes = ("out", "h"), (case.dims, STATE_DIMS)
    for name, got, want, dims in zip(names, second, first, axes, strict=True):
        expect_same(got, want, name, "after the padding changed", case, dims)


@check(points=3, after=padding_is_ignored, examples=14)
@given(case=cases(lengths=True, batch=CROWDED, steps=sizes(2, 5)))
def lengths_match_packed(submission: Submission, case: Case) -> None:
    """With lengths in any order: what a packed torch.nn.GRU answers, and zeros in the padding."""
    answer = read(build(submission, case), case.x, case.state, lengths=case.lengths)
    compare(answer, case)


@check(points=1, after=lengths_match_packed, examples=4)
@given(case=cases(lengths=True, stated=st.just(True)))
def leaves_inputs_alone(submission: Submission, case: Case) -> None:
    """X, the state and the lengths that are handed in stay as they are."""
    model = build(submission, case)
    _, afterwards = model.call_and_inputs(case.x, case.state, case.lengths)
    names, before = ("x", "state", "lengths"), (case.x, case.state, case.lengths)
    for name, value, first in zip(names, items(afterwards, *names), before, strict=True):
        expect_true(torch.equal(value, first), f"{name} was changed by the call")


@check(points=2, after=leaves_inputs_alone, examples=6)
@given(
    case=cases(
        layers=sizes(1, 2),
        stated=st.just(True),
        steps=sizes(2, 4),
        lengths=True,
        dtype=torch.float64,
    )
)
def gradients(submission: Submission, case: Case) -> None:
    """Gradients reach x, h0 and every parameter, through all steps, layers and directions."""
    theirs = torch_gru(case, torch.float64)
    inputs = [value.clone().requires_grad_() for value in (case.x, case.state)]
    want = torch_answer(theirs, *inputs, case.lengths)
    cotangents = [torch.linspace(-1.0, 1.5, w.numel(), dtype=w.dtype).view_as(w) for w in want]
    names = ["x", "h0", *case.weights]
    leaves = [*inputs, *dict(theirs.named_parameters()).values()]
    exact = gradients_of(want, leaves, cotangents)
    answer = build(submission, case).vjp(
        case.x,
        case.state,
        lengths=case.lengths,
        cotangents=cotangents,
        wrt=[0, 1, *case.weights],
    )
    compare(unpack(answer.value), case)
    terms = case.terms * max(1.0, max(float(gradient.abs().max()) for gradient in exact))
    for name, got, gradient in zip(names, answer.gradients, exact, strict=True):
        expect_true(
            got is not None, f"no gradient reaches {name}: nothing connects it to the answer"
        )
        what = f"gradient of {name} in {case.call}"
        expect(got, gradient, name=what, dtype=torch.float64, terms=terms)


def copying_weights(layers: int, hidden_size: int) -> dict[str, Tensor]:
    """Weights with which each unit, layer and direction hands on tanh(its own input).

    The update gate always takes the candidate (a bias of -50), the recurrent weights are zero, and
    the candidate of unit j sees input j alone: in a higher layer, that of the same direction. So
    every entry of the output tells what happened to one entry on its way up.
    """
    eye, none = torch.eye(hidden_size), torch.zeros(hidden_size, hidden_size)
    zeros = torch.zeros(hidden_size)
    weights = {}
    for layer in range(layers):
        for direction, suffix in enumerate(("", "_reverse")):
            blocks = [none, none] if layer else [none]
            unseen = torch.cat(blocks, dim=1)
            blocks[direction if layer else 0] = eye
            track = f"_l{layer}{suffix}"
            weights[f"weight_ih{track}"] = torch.cat([unseen, unseen, torch.cat(blocks, dim=1)])
            weights[f"weight_hh{track}"] = torch.zeros(3 * hidden_size, hidden_size)
            weights[f"bias_ih{track}"] = torch.cat([zeros, zeros - 50, zeros])
            weights[f"bias_hh{track}"] = torch.zeros(3 * hidden_size)
    return weights


def handed_on(x: Tensor, *, scale: float, layers: int) -> Tensor:
    """What `copying_weights` make of x in exact arithmetic, `scale` applied between layers."""
    for layer in range(layers):
        x = torch.tanh(x * scale if layer else x)
    return x


@check(points=2, after=matches_torch)
def dropout_between_layers_only(submission: Submission) -> None:
    """In training, dropout thins out what passes between two layers. Else it does nothing."""
    p, t, n, h, layers = 0.25, 12, 5, 4, 3
    x = torch.linspace(0.5, 1.5, t * n * h).view(t, n, h)

    def run(count: int, mode: str) -> tuple[Tensor, Tensor]:
        options = {"num_layers": count, "bidirectional": True, "dropout": p}
        model = submission.call("GRU", h, h, **options)
        model.method("load_state_dict", copying_weights(count, h))
        model.method(mode)
        out, states = read(model, x)
        shapes = (tuple(out.shape), tuple(states.shape))
        expect_true(shapes == ((t, n, 2 * h), (2 * count, n, h)), f"out and h have shapes {shapes}")
        return out.double(), states.double()

    def near(got: Tensor, scale: float, count: int) -> Tensor:
        want = handed_on(x.double(), scale=scale, layers=count)
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
    first_layer = (states[:2] - handed_on(ends, scale=1.0, layers=1)).abs().max() < 1e-4
    observe("the first layer is left alone", bool(first_layer))
    expect_true(bool(first_layer), f"with dropout={p} in training, h of the first layer changes")
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
