"""What the checks of a recurrent layer hold: one function for each check, with its name.

Each takes a submission, and a `Family` or a case of one; see `layers`.
"""

import itertools
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from grader.checks.cells import CANDIDATE
from grader.checks.compare import (
    WrongShape,
    expect,
    expect_call_changes_nothing,
    expect_true,
    gradients_of,
)
from grader.checks.hearing import observe
from grader.checks.layers import (
    Case,
    CellCase,
    Family,
    Layer,
    build,
    compare,
    expect_same,
    expect_same_parts,
    read,
    torch_gradients,
    unpack,
)
from grader.checks.submission import Handle, Submission


def build_cell(submission: Submission, case: CellCase) -> Handle:
    """Construct the submission's cell of a case, with its dtype and its weights."""
    cell: Handle = submission[case.family.cell.__name__](
        case.input_size, case.hidden_size, **case.options
    )
    if case.x.dtype == torch.float64:
        cell["double"]()
    cell["load_state_dict"](case.weights)
    return cell


def cell_matches_torch(submission: Submission, case: CellCase) -> None:
    """The cell takes the step that torch's takes, from a state or from none."""
    family, dtype = case.family, case.x.dtype
    options = case.options
    model = build_cell(submission, case)
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


def stays_finite_when_saturated(submission: Submission, family: Family) -> None:
    """In cell and layer, all blocks at -1,000 and at 1,000: answers and gradients are right.

    Each sequence has its own pattern of signs, and every pattern is there. In two more all blocks
    are at exactly 0, or all but the candidate: what is made of |a| has no slope there.
    """
    signs = torch.cartesian_prod(*(torch.tensor([1.0, -1.0]) for _ in range(family.gates)))
    rest = torch.zeros(2, family.gates)
    rest[1, CANDIDATE] = 0.0007
    signs = torch.cat([signs, rest])
    count = len(signs)
    x, *parts = torch.eye(count), *(torch.zeros(count, 1) for _ in family.parts)
    parts[-1] = torch.linspace(-5.0, 5.0, count).view(count, 1)
    if family.whole:
        parts[-1][-len(rest) :] = 0.0  # it is part of the sums
    weights = {
        "weight_ih": 1000.0 * signs.T,
        "weight_hh": torch.ones(family.gates, 1),
        "bias_ih": torch.zeros(family.gates),
        "bias_hh": torch.zeros(family.gates),
    }
    theirs: Any = family.cell(count, 1)
    theirs.load_state_dict(weights)
    inputs = [value.clone().requires_grad_() for value in (x, *parts)]
    want = family.split(theirs(inputs[0], family.state(inputs[1:])))
    cotangents = [torch.ones(count, 1) for _ in family.parts]
    exact = gradients_of(want, inputs, cotangents)
    axes = ("pattern of signs", "unit")

    def expect_all(where: str, got: Sequence[Any], gradients: Sequence[Any], *more: str) -> None:
        for name, one, value in zip(family.parts, got, want, strict=True):
            value = value.detach().expand(*(1 for _ in more), *value.shape)
            expect(one, value, name=f"{name} of the {where}", terms=1000.0, dims=(*more, *axes))
        for name, one, value in zip(("x", *family.parts), gradients, exact, strict=True):
            expect_true(one is not None, f"No gradient reaches {name} of the {where}.")
            value = value.expand(*(1 for _ in more), *value.shape)
            what = f"gradient of {name} of the {where}"
            expect(one, value, name=what, terms=1000.0, dims=(*more, *axes))

    wrt = list(range(len(inputs)))
    cell = submission[family.cell.__name__](count, 1)
    cell["load_state_dict"](weights)
    answer = cell.vjp(x, family.state(parts), cotangents=cotangents, wrt=wrt)
    expect_all("cell", family.split(answer.value), answer.gradients)
    layer = submission[family.name](count, 1)
    layer["load_state_dict"]({f"{name}_l0": value for name, value in weights.items()})
    states = family.state(part[None] for part in parts)
    pulls = [None, *(cotangent[None] for cotangent in cotangents)]
    answer = layer.vjp(x[None], states, cotangents=pulls, wrt=wrt)
    expect_all("layer", unpack(family, answer.value)[1:], answer.gradients, "layer")


Kinds = Sequence[Mapping[str, Any]]  # arguments of a layer beside its sizes
ONE_LAYER_KINDS: Kinds = ({}, {"bias": False})
KINDS: Kinds = (
    {},
    {"num_layers": 2, "bias": False},
    {"bidirectional": True},
    {"num_layers": 3, "bidirectional": True},
)


def fresh(
    submission: Submission, family: Family, kinds: Kinds
) -> Iterator[tuple[str, Layer, Handle]]:
    """A new layer of each kind: the call that made it, torch's, and the submission's."""
    name = family.name
    for options in kinds:
        call = ", ".join([f"{name}(3, 5", *(f"{key}={value}" for key, value in options.items())])
        yield f"{call})", family.layer(3, 5, **options), submission[name](3, 5, **options)


def state_dict_of(model: Handle) -> dict[str, Tensor]:
    """The state dict of a submission's module, once it is seen to be one."""
    state_dict = model["state_dict"]()
    tensors = isinstance(state_dict, dict) and all(
        isinstance(value, Tensor) for value in state_dict.values()
    )
    expect_true(tensors, "state_dict() does not return a dict of tensors.")
    return dict(state_dict)


PARAMETER = re.compile(r"(weight|bias)_(ih|hh)_l\d+(_reverse)?")
"""The names that torch gives to the parameters of layers, of any kind."""


def state_dict_both_ways(submission: Submission, family: Family, kinds: Kinds = KINDS) -> None:
    """A state dict of torch's layer can be loaded, and state_dict() returns the same values."""
    for call, theirs, model in fresh(submission, family, kinds):
        want = {name: tuple(p.shape) for name, p in theirs.state_dict().items()}
        got = {name: tuple(p.shape) for name, p in state_dict_of(model).items()}
        missing = [name for name in want if name not in got]
        extra = [name for name in got if name not in want]
        wrong = [name for name in want if name in got and got[name] != want[name]]
        observe("first missing name", missing[0] if missing else "")
        foreign = bool(extra) and not missing and not PARAMETER.fullmatch(extra[0])
        observe("first name too many", "of no parameter" if foreign else "".join(extra[:1]))
        observe("first wrong shape", f"{wrong[0]} {got[wrong[0]]}" if wrong else "")
        expect_true(not missing, f"{call}: {', '.join(missing)} is missing in the state dict.")
        expect_true(
            not extra, f"{call}: the state dict has {', '.join(extra)}, and torch's has not."
        )
        for name in wrong:
            expect_true(False, f"{call}: {name} has shape {got[name]}, expected {want[name]}.")
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
            f"{call}: after load_state_dict(...), state_dict() does not return the values of "
            f"{', '.join(changed)} that were loaded.",
        )


def initial_values(
    submission: Submission, family: Family, kinds: Kinds = KINDS, *, cell: bool = True
) -> None:
    """The parameters of a new layer fill the range from -1/√H to 1/√H, as torch's do.

    Args:
        submission: whose layer is asked.
        family: the layer's.
        kinds: of layers to make.
        cell: whether the submission's cell is asked too.
    """
    right = all([_expect_range(call, model) for call, _, model in fresh(submission, family, kinds)])
    right = _uniform(submission, family) and right
    if cell and right:
        name = family.cell.__name__
        _expect_range(f"{name}(3, 5)", submission[name](3, 5))


def _expect_range(call: str, model: Handle) -> bool:
    """Whether the parameters of a new module with H = 5 fill the range, and both halves of it."""
    bound, values, right = 1 / math.sqrt(5), [], True
    for name, value in state_dict_of(model).items():
        largest = float(value.abs().max())
        # Of 15 entries or more: almost surely over bound / 4.
        inside, filled = largest <= bound * 1.0001, largest >= bound / 4
        observe(name, "inside" if inside and filled else "narrow" if inside else "outside")
        expect_true(
            inside and filled,
            f"{call}: the largest |entry| of {name} is {largest:.3g}; expected "
            f"entries from all of the range from {-bound:.3g} to {bound:.3g}.",
        )
        right = right and inside and filled
        if value.numel() >= 40:
            right = _expect_both_signs(value, call, name) and right
        values.append(value.flatten())
    right = _expect_draws_of_their_own(state_dict_of(model), call) and right
    return _expect_both_signs(torch.cat(values), call, "any parameter") and right


def _expect_draws_of_their_own(values: dict[str, Tensor], call: str) -> bool:
    """Whether no parameter begins as a copy of another one."""
    pairs = itertools.combinations(values.items(), 2)
    alike = [f"{one} and {other}" for (one, a), (other, b) in pairs if torch.equal(a, b)]
    observe(f"parameters of {call} that begin alike", ", ".join(alike))
    expect_true(
        not alike,
        f"{call}: {''.join(alike[:1])} begin with equal values. Each parameter draws its own.",
    )
    return not alike


def _expect_both_signs(value: Tensor, call: str, name: str) -> bool:
    """Whether entries are positive and negative: of 40 or more, almost surely."""
    signs = {"positive": value > 0, "negative": value < 0}
    missing = next((sign for sign, there in signs.items() if not bool(there.any())), "")
    observe(f"{name}: both signs", not missing)
    expect_true(not missing, f"{call}: no entry of {name} is {missing}.")
    return not missing


def _spread(value: Tensor, inputs: int, hidden_size: int) -> str:
    """How the entries of a new matrix are spread, in a word that tells one start from another.

    The root of the mean square of 1,875 entries is within 4% of what it should be, almost surely.
    """
    rms = float(value.double().square().mean().sqrt())
    fan = {"1/√H": hidden_size**-0.5, "1/H": 1 / hidden_size, "1/√I": inputs**-0.5, "1": 1.0}
    fan["1/√rows"] = len(value) ** -0.5
    usual = {f"uniform {name}": bound / math.sqrt(3) for name, bound in fan.items()}
    usual |= {f"normal {name}": bound for name, bound in fan.items()}
    usual["xavier"] = math.sqrt(2 / sum(value.shape))
    name = min(usual, key=lambda each: abs(usual[each] - rms))
    return name if abs(usual[name] / max(rms, 1e-9) - 1) < 0.06 else "another"


def _uniform(submission: Submission, family: Family) -> bool:
    """Whether a wide layer's parameters fill the range, with every value in it equally likely."""
    inputs, width, right = 75, 25, True
    call, bound = f"{family.name}({inputs}, {width})", 1 / math.sqrt(width)
    values, others = (state_dict_of(submission[family.name](inputs, width)) for _ in range(2))
    equal = [name for name, value in values.items() if torch.equal(value, others[name])]
    observe("two layers begin alike", bool(equal))
    expect_true(
        not equal,
        f"Two new {call} have equal values in {', '.join(equal)}. Each layer draws its own, and "
        "torch.manual_seed is the caller's to call.",
    )
    for name, value in values.items():
        if value.dim() == 2:
            observe(f"{name} is spread", _spread(value, inputs, width))
        # Of 75 entries or more: all below 0.8 of the bound in one case of 10 million.
        largest = float(value.abs().max()) / bound
        observe(f"{name} of a wide layer fills the range", largest > 0.8)
        expect_true(
            largest > 0.8,
            f"{call}: the largest |entry| of {name} is {largest * bound:.3g}; expected entries "
            f"from all of the range from {-bound:.3g} to {bound:.3g}.",
        )
        right = right and largest > 0.8
        # In eight parts of 1,875 entries or more, and in two of 75 or more: one standard deviation
        # of a share is 0.8%, and 6%.
        parts, off = (8, 0.05) if value.dim() == 2 else (2, 0.4)
        counts = torch.histc(value.double() / bound, bins=parts, min=-1.0, max=1.0)
        shares = counts / value.numel()
        uniform = bool((shares - 1 / parts).abs().max() < off)
        observe(f"{name}: each value is equally likely", uniform)
        expect_true(
            uniform,
            f"{call}: of the entries of {name}, the shares in {parts} equal parts of the range "
            f"from {-bound:.3g} to {bound:.3g} are "
            f"{', '.join(f'{share:.0%}' for share in shares)}; expected about {1 / parts:.0%} "
            "each.",
        )
        right = right and uniform
    return right and not equal


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
    """Two chunks, with the state passed on, equal the whole. For a case of `ONE_WAY`."""
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
            f"{name} of {case.call} has shape {tuple(value.shape)} for x of shape "
            f"{tuple(case.x.shape)}, expected {shape}.",
            WrongShape,
        )
    out, *parts = first
    when = "after the batch was reordered"
    expect_same(out_2, out.roll(1, dims=axis), "out", when, case, case.dims)
    expect_same_parts(parts_2, [part.roll(1, dims=1) for part in parts], when, case)


def starts_from_zeros(submission: Submission, case: Case) -> None:
    """Without a state, the layer starts from zeros in the dtype of x."""
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
    """The outputs out and the state are those of torch's layer, for all layers and directions."""
    arguments = (case.x,) if case.state is None else (case.x, case.state)
    compare(read(case.family, build(submission, case), *arguments), case)


def keeps_no_state(submission: Submission, case: Case) -> None:
    """A call without a state gives the same answer after any other call, in any batch size.

    Neither in training mode nor in evaluation mode is anything kept, or put into the state dict.
    """
    family, model, axis = case.family, build(submission, case), case.batch_axis
    names = [*state_dict_of(model)]
    whole, repeated = (read(family, model, case.x) for _ in range(2))
    alone = read(family, model, case.x.narrow(axis, 0, 1))
    again = read(family, model, case.x)
    batch_axes = (axis, *(1 for _ in family.parts))
    for name, first, second, one, third, batch in zip(
        family.outputs, whole, repeated, alone, again, batch_axes, strict=True
    ):
        want = first.narrow(batch, 0, 1)
        expect_same(second, first, name, "in a second, equal call", case, ())
        expect_same(one, want, name, "for one sequence alone, after a batch", case, ())
        expect_same(third, first, name, "in an equal call after another batch", case, ())
    model["eval"]()
    settled = [read(family, model, case.x) for _ in range(2)]
    for name, first, second in zip(family.outputs, *settled, strict=True):
        expect_same(second, first, name, "in a second, equal call behind eval()", case, ())
    more = [name for name in state_dict_of(model) if name not in names]
    observe("a call adds to the state dict", bool(more))
    expect_true(
        not more, f"After a call of {case.call}, its state dict also has {', '.join(more)}."
    )


def padding_is_ignored(submission: Submission, case: Case) -> None:
    """The values in the padding change no output and no final state."""
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
    """With lengths in any order, the answer is torch's for packed sequences, and 0 in padding."""
    model = build(submission, case)
    compare(read(case.family, model, case.x, case.state, lengths=case.lengths), case)


def leaves_inputs_unchanged(
    submission: Submission, case: Case, cell: CellCase | None = None
) -> None:
    """The arguments x, state and lengths are not modified, nor those of a step of the cell."""
    before = {"x": case.x, "state": case.state}
    if case.lengths is not None:
        before["lengths"] = case.lengths
    expect_call_changes_nothing(build(submission, case), before)
    if cell is not None:
        step = {"x of the cell": cell.x, "state of the cell": cell.family.state(cell.parts)}
        expect_call_changes_nothing(build_cell(submission, cell), step)


MANY_STEPS = 40
"""Of the longest sequences whose gradients are asked for."""


def gradients(submission: Submission, case: Case) -> None:
    """Gradients reach x, the state and every parameter, through all steps, layers, directions."""
    axis = 1 - case.batch_axis
    again = [1, 1, 1]
    again[axis] = MANY_STEPS // case.x.shape[axis]
    # An initial state that is learned often starts from zeros, and needs its gradient all the same.
    zeros = tuple(torch.zeros_like(part) for part in case.given)
    for each in (case, replace(case, x=case.x.repeat(*again), lengths=None, parts=zeros)):
        _expect_gradients(submission, each)


def _expect_gradients(submission: Submission, case: Case) -> None:
    exact, cotangents, _ = torch_gradients(case, torch.float64)
    answer = build(submission, case).vjp(
        case.x,
        case.state,
        **({} if case.lengths is None else {"lengths": case.lengths}),
        cotangents=cotangents,
        wrt=[*range(1 + len(case.given)), *case.weights],
    )
    compare(unpack(case.family, answer.value), case)
    terms = case.terms * max(1.0, max(float(gradient.abs().max()) for gradient in exact))
    for name, got, gradient in zip(case.leaves, answer.gradients, exact, strict=True):
        expect_true(got is not None, f"No gradient reaches {name} in {case.call}.")
        steps = case.x.shape[1 - case.batch_axis]
        what = f"gradient of {name} in {case.call} over {steps} steps"
        expect(got, gradient, name=what, dtype=torch.float64, terms=terms)
