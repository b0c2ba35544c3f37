"""Checks of gate_layouts: torch's LSTMCell against one matrix product over [h, x]."""

import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from grader.checks import (
    Case,
    Operation,
    Source,
    Submission,
    check,
    expect,
    observe,
    sources,
    unequal,
)

WEIGHTS = {"w_ih": ("4H", "I"), "w_hh": ("4H", "H"), "b_ih": ("4H",), "b_hh": ("4H",)}
JOINED = {"w": ("4H", "H+I"), "b": ("4H",)}
SPLIT_GATES = Operation(
    "split_gates",
    takes=JOINED,
    gives=WEIGHTS,
    reference=lambda w, b: (w[:, len(b) // 4 :], w[:, : len(b) // 4], b, torch.zeros_like(b)),
    sizes=unequal("I", "H"),
    batch="",
)
JOIN_GATES = Operation(
    "join_gates",
    takes=WEIGHTS,
    gives=JOINED,
    reference=lambda w_ih, w_hh, b_ih, b_hh: (torch.cat((w_hh, w_ih), dim=1), b_ih + b_hh),
    sizes=unequal("I", "H"),
    batch="",
)


@check(points=1, examples=10)
@given(joined=SPLIT_GATES.cases(torch.float64), split=JOIN_GATES.cases(torch.float64))
def keeps_shape_and_dtype(submission: Submission, joined: Case, split: Case) -> None:
    """Both functions return tensors of the right shapes, in the dtype of their arguments."""
    SPLIT_GATES.expect_form(submission, joined)
    JOIN_GATES.expect_form(submission, split)


@check(points=1, after=keeps_shape_and_dtype, examples=5)
@given(joined=SPLIT_GATES.pairs(), split=JOIN_GATES.pairs())
def depends_on_its_arguments_alone(
    submission: Submission, joined: tuple[Case, Case], split: tuple[Case, Case]
) -> None:
    """The same arguments give the same answer, whatever was called before."""
    SPLIT_GATES.expect_repeatable(submission, joined)
    JOIN_GATES.expect_repeatable(submission, split)


def states(
    joined: tuple[Tensor, ...], split: tuple[Tensor, ...], source: Source
) -> tuple[dict[str, Tensor], dict[str, Tensor], float]:
    """One step from the same x, h and c in both layouts, in float64.

    Returns:
        The new h and c (3, H) of one product over [h, x], those of torch's cell, and the size of
        the terms that are summed.
    """
    (w, b), weights = (tuple(weight.double() for weight in given) for given in (joined, split))
    size = len(b) // 4
    x, h, c = (source.normal(3, n) for n in (w.shape[1] - size, size, size))
    i, f, g, o = (torch.cat([h, x], dim=1) @ w.T + b).chunk(4, dim=1)
    new = f.sigmoid() * c + i.sigmoid() * g.tanh()
    textbook = {"h": o.sigmoid() * new.tanh(), "c": new}
    torchs = dict(zip("hc", torch.lstm_cell(x, (h, c), *weights), strict=True))
    largest = max(float(weight.abs().max()) for weight in (w, b, *weights))
    inputs = float(x.abs().sum(1).max() + h.abs().sum(1).max())
    return textbook, torchs, largest * (inputs + 2.0) + float(c.abs().max()) + 1.0


@check(points=2, after=keeps_shape_and_dtype, examples=20)
@given(
    case=st.one_of(SPLIT_GATES.cases(), SPLIT_GATES.cases(H=2, I=2)), source=sources(torch.float64)
)
def split_computes_the_same(submission: Submission, case: Case, source: Source) -> None:
    """torch.nn.LSTMCell with your split weights computes what one product over [h, x] does."""
    split = SPLIT_GATES.formed(submission, case)
    textbook, torchs, terms = states(case.values, split, source)
    for name, want in textbook.items():
        expect(torchs[name], want, name=name, terms=terms, dims=("batch", "unit"))


@check(points=2, after=keeps_shape_and_dtype, examples=20)
@given(
    case=st.one_of(JOIN_GATES.cases(), JOIN_GATES.cases(H=2, I=2)), source=sources(torch.float64)
)
def join_computes_the_same(submission: Submission, case: Case, source: Source) -> None:
    """One product over [h, x] with your joined weights computes what torch.nn.LSTMCell does."""
    for one in (case, case.put(b_hh=case.b_ih)):
        joined = JOIN_GATES.formed(submission, one)
        textbook, torchs, terms = states(joined, one.values, source)
        # The sum of the two biases is rounded in the dtype of the case, and all else in float64.
        terms *= torch.finfo(case.dtype).eps / torch.finfo(torch.float64).eps
        for name, want in torchs.items():
            expect(textbook[name], want, name=name, terms=terms, dims=("batch", "unit"))


@check(points=1, after=split_computes_the_same, examples=10)
@given(case=SPLIT_GATES.cases())
def bias_is_all_in_b_ih(submission: Submission, case: Case) -> None:
    """split_gates puts all of b into b_ih, and zeros into b_hh."""
    zero = torch.zeros_like(case.b)
    for one in (case, case.put(b=zero)):
        *_, b_ih, b_hh = SPLIT_GATES.formed(submission, one)
        expect(b_ih, one.b.double(), name="b_ih", dims=("row",))
        expect(b_hh, zero.double(), name="b_hh", terms=1.0, dims=("row",))


@check(points=1, after=keeps_shape_and_dtype, examples=10)
@given(joined=SPLIT_GATES.cases(), split=JOIN_GATES.cases())
def round_trips(submission: Submission, joined: Case, split: Case) -> None:
    """A cell that is split and joined again, or joined and split again, is the same cell."""
    there = SPLIT_GATES.formed(submission, joined)
    back = JOIN_GATES.formed(
        submission, Case(dict(zip(WEIGHTS, there, strict=True)), joined.values)
    )
    for name, got, want in zip(JOINED, back, joined.values, strict=True):
        name = f"{name} of join(split(w, b))"
        expect(got, want.double(), name=name, dims=("row", "column"))
    there = JOIN_GATES.formed(submission, split)
    back = SPLIT_GATES.formed(submission, Case(dict(zip(JOINED, there, strict=True)), split.values))
    for name, axis, got in zip(("w_ih", "w_hh"), ("input", "unit"), back[:2], strict=True):
        want = split.arguments[name].double()
        expect(got, want, name=f"{name} of split(join(...))", dims=("row", axis))
    b_ih, b_hh = split.b_ih.double(), split.b_hh.double()
    terms = float(b_ih.abs().max() + b_hh.abs().max())
    name = "b_ih + b_hh of split(join(...))"
    expect(back[2] + back[3], b_ih + b_hh, name=name, terms=terms, dims=("row",))


@check(points=1, after=keeps_shape_and_dtype, examples=8)
@given(joined=SPLIT_GATES.cases(torch.float64), split=JOIN_GATES.cases(torch.float64))
def leaves_inputs_unchanged(submission: Submission, joined: Case, split: Case) -> None:
    """Neither function modifies its arguments."""
    _, (_, b) = submission["split_gates"].inputs(*joined.values)
    zero = isinstance(b, Tensor) and not bool(b.any())
    observe("b afterwards", "zero" if zero else "not zero")
    SPLIT_GATES.expect_inputs_unchanged(submission, joined)
    JOIN_GATES.expect_inputs_unchanged(submission, split)


@check(
    points=1,
    after=(bias_is_all_in_b_ih, join_computes_the_same, leaves_inputs_unchanged),
    examples=8,
)
@given(joined=SPLIT_GATES.cases(torch.float64), split=JOIN_GATES.cases(torch.float64))
def gradients(submission: Submission, joined: Case, split: Case) -> None:
    """Gradients pass through both functions, so a cell can be trained in either layout."""
    SPLIT_GATES.expect_gradients(submission, joined)
    JOIN_GATES.expect_gradients(submission, split)
