"""Checks of gate_layouts: torch's LSTMCell against one matrix product over [h, x]."""

from collections.abc import Callable
from dataclasses import dataclass, fields

import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from grader.checks import Source, Submission, check, expect, expect_true, items, sizes, sources

SPLIT = ("w_ih", "w_hh", "b_ih", "b_hh")
JOINED = ("w", "b")
STATE_AXES = ("batch", "unit")
AXES = {
    "w": ("row", "column"),
    "b": ("row",),
    "w_ih": ("row", "input"),
    "w_hh": ("row", "unit"),
    "b_ih": ("row",),
    "b_hh": ("row",),
}


@dataclass(frozen=True)
class Case:
    """A cell in either layout (two different cells), and a state and input to run it on."""

    w: Tensor  # (4H, H + I)
    b: Tensor  # (4H,)
    w_ih: Tensor  # (4H, I)
    w_hh: Tensor  # (4H, H)
    b_ih: Tensor  # (4H,)
    b_hh: Tensor  # (4H,)
    x: Tensor  # (N, I)
    h: Tensor  # (N, H)
    c: Tensor  # (N, H)

    @property
    def joined(self) -> tuple[Tensor, ...]:
        """The textbook's weights."""
        return (self.w, self.b)

    def to(self, dtype: torch.dtype) -> "Case":
        """The same case in another dtype."""
        return Case(*(getattr(self, field.name).to(dtype) for field in fields(self)))

    @property
    def split(self) -> tuple[Tensor, ...]:
        """Torch's weights."""
        return (self.w_ih, self.w_hh, self.b_ih, self.b_hh)


@st.composite
def cases(draw: Callable, dtype: torch.dtype | None = None) -> Case:
    """Cells of a few inputs and units; no bias is zero."""
    i, h = draw(sizes(1, 4)), draw(sizes(1, 3))
    source: Source = draw(sources(dtype))
    return Case(
        w=source.normal(4 * h, h + i),
        b=away_from_zero(source.normal(4 * h)),
        w_ih=source.normal(4 * h, i),
        w_hh=source.normal(4 * h, h),
        b_ih=away_from_zero(source.normal(4 * h)),
        b_hh=away_from_zero(source.normal(4 * h)),
        x=source.normal(3, i),
        h=source.normal(3, h),
        c=source.normal(3, h),
    )


def away_from_zero(b: Tensor) -> Tensor:
    """Add 1 to what is not negative and subtract 1 from the rest."""
    return b + torch.where(b < 0, -1.0, 1.0).to(b.dtype)


def textbook_step(w: Tensor, b: Tensor, case: Case) -> tuple[Tensor, Tensor]:
    """One step in float64, with one matrix product over [h, x]; returns h and c, (N, H)."""
    joined = torch.cat([case.h, case.x], dim=1).double()
    i, f, g, o = (joined @ w.double().T + b.double()).chunk(4, dim=1)
    c = f.sigmoid() * case.c.double() + i.sigmoid() * g.tanh()
    return o.sigmoid() * c.tanh(), c


def torch_step(weights: tuple[Tensor, ...], case: Case) -> tuple[Tensor, Tensor]:
    """One step of torch's LSTM cell in float64; returns h and c, (N, H)."""
    state = (case.h.double(), case.c.double())
    return torch.lstm_cell(case.x.double(), state, *(weight.double() for weight in weights))


def terms_of(case: Case) -> float:
    """Bound the size of what a pre-activation sums, and of the cell state."""
    largest = max(a.abs().max().item() for a in (*case.joined, *case.split))
    inputs = case.x.abs().sum(1).max().item() + case.h.abs().sum(1).max().item()
    return largest * (inputs + 2.0) + case.c.abs().max().item() + 1.0


def split_of(submission: Submission, case: Case, w: Tensor, b: Tensor) -> tuple[Tensor, ...]:
    """Return the learner's four tensors, with the right shapes and dtype."""
    answer = items(submission["split_gates"](w, b), *SPLIT)
    for name, got, like in zip(SPLIT, answer, case.split, strict=True):
        expect(got, like, name=name, dtype=like.dtype, values=False, dims=AXES[name])
    return answer


def join_of(submission: Submission, case: Case, *weights: Tensor) -> tuple[Tensor, ...]:
    """Return the learner's w and b, with the right shapes and dtype."""
    answer = items(submission["join_gates"](*weights), *JOINED)
    for name, got, like in zip(JOINED, answer, case.joined, strict=True):
        expect(got, like, name=name, dtype=like.dtype, values=False, dims=AXES[name])
    return answer


@check(points=1, examples=8)
@given(case=cases(dtype=torch.float64))
def shapes_and_dtypes(submission: Submission, case: Case) -> None:
    """Both functions return tensors of the right shapes, in the dtype of their arguments."""
    for dtype in (torch.float32, torch.float64):
        case = case.to(dtype)
        split_of(submission, case, *case.joined)
        join_of(submission, case, *case.split)


@check(points=2, after=shapes_and_dtypes, examples=20)
@given(case=cases())
def split_computes_the_same(submission: Submission, case: Case) -> None:
    """torch.nn.LSTMCell with your split weights computes what one product over [h, x] does."""
    got = torch_step(split_of(submission, case, *case.joined), case)
    want = textbook_step(*case.joined, case)
    for name, of_split, of_textbook in zip(("h", "c"), got, want, strict=True):
        expect(of_split, of_textbook, name=name, terms=terms_of(case), dims=STATE_AXES)


@check(points=2, after=shapes_and_dtypes, examples=20)
@given(case=cases())
def join_computes_the_same(submission: Submission, case: Case) -> None:
    """One product over [h, x] with your joined weights computes what torch.nn.LSTMCell does."""
    got = textbook_step(*join_of(submission, case, *case.split), case)
    want = torch_step(case.split, case)
    # In float32 the sum of the two biases is rounded once; the cell then works in float64.
    terms = terms_of(case) * torch.finfo(case.w.dtype).eps / torch.finfo(torch.float64).eps
    for name, of_joined, of_torch in zip(("h", "c"), got, want, strict=True):
        expect(of_joined, of_torch, name=name, terms=terms, dims=STATE_AXES)


@check(points=1, after=split_computes_the_same, examples=10)
@given(case=cases())
def bias_is_all_in_b_ih(submission: Submission, case: Case) -> None:
    """split_gates puts the whole bias into b_ih, and leaves b_hh zero."""
    *_, b_ih, b_hh = split_of(submission, case, *case.joined)
    expect(b_ih, case.b.double(), name="b_ih", dims=("row",))
    expect(b_hh, torch.zeros_like(case.b).double(), name="b_hh", terms=1.0, dims=("row",))


@check(points=1, after=shapes_and_dtypes, examples=10)
@given(case=cases())
def round_trips(submission: Submission, case: Case) -> None:
    """To split what was joined, or join what was split, gives back the same cell."""
    w, b = join_of(submission, case, *split_of(submission, case, *case.joined))
    expect(w, case.w.double(), name="w of join(split(w, b))", dims=("row", "column"))
    expect(b, case.b.double(), name="b of join(split(w, b))", dims=("row",))
    w_ih, w_hh, b_ih, b_hh = split_of(submission, case, *join_of(submission, case, *case.split))
    expect(w_ih, case.w_ih.double(), name="w_ih of split(join(...))", dims=("row", "input"))
    expect(w_hh, case.w_hh.double(), name="w_hh of split(join(...))", dims=("row", "unit"))
    want = case.b_ih.double() + case.b_hh.double()
    terms = case.b_ih.abs().max().item() + case.b_hh.abs().max().item()
    got = b_ih.double() + b_hh.double()
    terms *= torch.finfo(case.w.dtype).eps / torch.finfo(torch.float64).eps
    expect(got, want, name="b_ih + b_hh of split(join(...))", terms=terms, dims=("row",))


@check(points=1, after=shapes_and_dtypes, examples=8)
@given(case=cases(dtype=torch.float64))
def leaves_arguments_alone(submission: Submission, case: Case) -> None:
    """Neither function changes the tensors that it is given."""
    _, kept = submission["split_gates"].inputs(*case.joined)
    unchanged("split_gates", JOINED, case.joined, kept)
    _, kept = submission["join_gates"].inputs(*case.split)
    unchanged("join_gates", SPLIT, case.split, kept)


def unchanged(
    function: str, names: tuple[str, ...], before: tuple[Tensor, ...], after: tuple[Tensor, ...]
) -> None:
    """Expect every argument to be what it was."""
    for name, old, new in zip(names, before, after, strict=True):
        expect_true(
            torch.equal(new, old),
            f"{function} changed its argument {name}",
            expected=str(old.tolist()),
            got=str(new.tolist()),
        )


@check(
    points=1,
    after=(bias_is_all_in_b_ih, join_computes_the_same, leaves_arguments_alone),
    examples=8,
)
@given(case=cases(dtype=torch.float64))
def gradients_pass_through(submission: Submission, case: Case) -> None:
    """Gradients pass through both functions, so that either layout can be trained."""
    pull = (case.w_ih, case.w_hh, case.b_ih, case.b_hh)
    there = submission["split_gates"].vjp(*case.joined, cotangents=pull, wrt=[0, 1])
    want = (torch.cat([case.w_hh, case.w_ih], dim=1), case.b_ih)
    for name, got, wanted in zip(JOINED, there.gradients, want, strict=True):
        expect_true(got is not None, f"no gradient reaches {name} through split_gates")
        expect(got, wanted, name=f"gradient of {name} through split_gates")
    back = submission["join_gates"].vjp(*case.split, cotangents=case.joined, wrt=[0, 1, 2, 3])
    size = case.w_hh.shape[1]
    want = (case.w[:, size:], case.w[:, :size], case.b, case.b)
    for name, got, wanted in zip(SPLIT, back.gradients, want, strict=True):
        expect_true(got is not None, f"no gradient reaches {name} through join_gates")
        expect(got, wanted, name=f"gradient of {name} through join_gates")
