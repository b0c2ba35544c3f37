"""Checks of layer_norm_lstm: the formulas, with torch's own layer_norm, in float64."""

from collections.abc import Callable
from dataclasses import dataclass, fields, replace

import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor
from torch.nn.functional import layer_norm

from grader.checks import (
    Source,
    Submission,
    check,
    expect,
    expect_true,
    gradients_of,
    items,
    sizes,
    sources,
)

EPS = 1e-5
STATE = ("batch", "unit")
FORMS = st.sampled_from(["c", "ln_c"])


@dataclass(frozen=True)
class Case:
    """A layer-normalised LSTM cell, its state and its input, in the order of the arguments."""

    x: Tensor  # (N, I)
    h: Tensor  # (N, H)
    c: Tensor  # (N, H)
    w_ih: Tensor  # (4H, I)
    w_hh: Tensor  # (4H, H)
    ln_ih: Tensor  # (2, 4H)
    ln_hh: Tensor  # (2, 4H)
    ln_c: Tensor  # (2, H)

    @property
    def arguments(self) -> tuple[Tensor, ...]:
        """The eight tensors that layer_norm_cell is called with."""
        return tuple(getattr(self, field.name) for field in fields(self))


def draw_case(source: Source, n: int, i: int, h: int) -> Case:
    """Draw a case of the given sizes: gains are not 1, biases are not 0."""
    return Case(
        x=source.normal(n, i),
        h=source.normal(n, h),
        c=source.normal(n, h),
        w_ih=source.normal(4 * h, i),
        w_hh=source.normal(4 * h, h),
        ln_ih=source.normal(2, 4 * h),
        ln_hh=source.normal(2, 4 * h),
        ln_c=source.normal(2, h),
    )


@st.composite
def cases(
    draw: Callable, dtype: torch.dtype | None = None, hidden: tuple[int, int] = (1, 4)
) -> Case:
    """Cases of 1 or 3 sequences."""
    n, i, h = draw(st.sampled_from([1, 3])), draw(sizes(1, 3)), draw(sizes(*hidden))
    return draw_case(draw(sources(dtype)), n, i, h)


@st.composite
def pairs(draw: Callable, hidden: tuple[int, int] = (1, 4)) -> tuple[Case, Case]:
    """Two float64 cases of the same sizes: a case, and something to move it or to pull it by."""
    n, i, h = draw(st.sampled_from([1, 3])), draw(sizes(1, 3)), draw(sizes(*hidden))
    source = draw(sources(torch.float64))
    return draw_case(source, n, i, h), draw_case(source, n, i, h)


def norm(y: Tensor, ln: Tensor, blocks: int, eps: float) -> Tensor:
    """Normalise each of the blocks that a row of y (N, blocks * H) consists of."""
    y = y.unflatten(1, (blocks, -1))
    return layer_norm(y, y.shape[-1:], eps=eps).flatten(1) * ln[0] + ln[1]


def states(arguments: tuple[Tensor, ...], eps: float) -> tuple[Tensor, Tensor, Tensor]:
    """Return h', c̃ and LN(c̃), each (N, H), in the arguments' dtype."""
    x, h, c, w_ih, w_hh, ln_ih, ln_hh, ln_c = arguments
    a = norm(x @ w_ih.T, ln_ih, 4, eps) + norm(h @ w_hh.T, ln_hh, 4, eps)
    i, f, g, o = a.chunk(4, dim=1)
    c = f.sigmoid() * c + i.sigmoid() * g.tanh()
    normed = norm(c, ln_c, 1, eps)
    return o.sigmoid() * normed.tanh(), c, normed


def in_float64(case: Case) -> tuple[Tensor, ...]:
    """Return the case's tensors in float64."""
    return tuple(a.double() for a in case.arguments)


def terms_of(case: Case, eps: float) -> tuple[float, float]:
    """Bound the terms behind c̃ and behind LN(c̃): what is rounded is then divided by a deviation."""
    x, h, c, w_ih, w_hh, ln_ih, ln_hh, ln_c = in_float64(case)
    _, new, _ = states(in_float64(case), eps)
    inside = 0.0
    for y, size, ln in (
        (x @ w_ih.T, x.abs() @ w_ih.abs().T, ln_ih),
        (h @ w_hh.T, h.abs() @ w_hh.abs().T, ln_hh),
    ):
        inside += magnified(y, size, ln, 4, eps)
    of_cell = (1.0 + inside) * (1.0 + c.abs().max().item())
    return of_cell, magnified(new, torch.full_like(new, of_cell), ln_c, 1, eps)


def magnified(y: Tensor, size: Tensor, ln: Tensor, blocks: int, eps: float) -> float:
    """Bound the terms of a norm of y, of which `size` bounds the terms."""
    y, size = y.unflatten(1, (blocks, -1)), size.unflatten(1, (blocks, -1))
    if y.shape[-1] == 1:  # a number minus itself is 0, whatever it is
        size = torch.zeros_like(size)
    deviation = (y.var(dim=-1, correction=0, keepdim=True) + eps).sqrt()
    return ((1.0 + size / deviation).flatten(1) * ln[0].abs() + ln[1].abs()).max().item()


def expect_states(
    submission: Submission, case: Case, stored: str, given_eps: float | None = None
) -> None:
    """Compare the learner's h' and c' with the formulas."""
    keywords, eps = ({}, EPS) if given_eps is None else ({"eps": given_eps}, given_eps)
    answer = submission["layer_norm_cell"](*case.arguments, stored, **keywords)
    h, c = items(answer, "h", "c")
    want_h, *want_c = states(in_float64(case), eps)
    peer_h, *peer_c = states(case.arguments, eps)
    which = ["c", "ln_c"].index(stored)
    terms = terms_of(case, eps)
    expect(h, want_h, name="h", peer=peer_h, terms=terms[1], dims=STATE)
    expect(c, want_c[which], name="c", peer=peer_c[which], terms=terms[which], dims=STATE)


@check(points=1, examples=5)
@given(case=cases(dtype=torch.float64, hidden=(2, 4)), stored=FORMS)
def shapes_and_dtypes(submission: Submission, case: Case, stored: str) -> None:
    """Both states are (N, H), also for N = 1, in the dtype of x."""
    first = replace(case, x=case.x[:1], h=case.h[:1], c=case.c[:1])
    for dtype in (torch.float32, torch.float64):
        some = Case(*(a.to(dtype) for a in (first if dtype is torch.float32 else case).arguments))
        answer = submission["layer_norm_cell"](*some.arguments, stored)
        for name, state in zip("hc", items(answer, "h", "c"), strict=True):
            expect(state, some.c, name=name, dtype=dtype, values=False, dims=STATE)


@check(points=3, after=shapes_and_dtypes, examples=20)
@given(case=cases())
def new_states(submission: Submission, case: Case) -> None:
    """With stored = "c", the new h and c are those of the formulas."""
    expect_states(submission, case, "c")


@check(points=2, after=new_states, examples=10)
@given(case=cases())
def normalised_cell_is_stored(submission: Submission, case: Case) -> None:
    """With stored = "ln_c", h is the same as before and c is the normalised cell state."""
    expect_states(submission, case, "ln_c")


@check(points=1, after=new_states, examples=8)
@given(case=cases(dtype=torch.float64), eps=st.sampled_from([0.5, 0.01]))
def uses_eps(submission: Submission, case: Case, eps: float) -> None:
    """The eps that is passed is the one that is used."""
    expect_states(submission, case, "c", eps)


@check(points=1, after=shapes_and_dtypes, examples=8)
@given(pair=pairs(hidden=(2, 4)))
def ignores_a_common_offset(submission: Submission, pair: tuple[Case, Case]) -> None:
    """A million, added to all pre-activations of a gate, changes nothing in your answer."""
    # The same row, added to all rows of a block, moves all units of that gate by the same amount.
    case, rows = pair[0], pair[1].w_ih.unflatten(0, (4, -1))[:, :1]
    rows = rows * 1e6 / (rows @ case.x[:1, :, None]).abs().clamp(min=1e-3)
    moved = case.w_ih + rows.expand(-1, case.h.shape[1], -1).flatten(0, 1)
    case_moved = replace(case, w_ih=moved)
    before = submission["layer_norm_cell"](*case.arguments, "c")
    after = submission["layer_norm_cell"](*case_moved.arguments, "c")
    for name, old, new, terms in zip(
        "hc",
        items(before, "h", "c"),
        items(after, "h", "c"),
        reversed(terms_of(case_moved, EPS)),
        strict=True,
    ):
        expect(old, case.c, name=name, values=False, dims=STATE)
        expect(new, old, name=f"{name} with the offset", terms=terms, dims=STATE)


@check(points=1, after=shapes_and_dtypes, examples=8)
@given(case=cases(dtype=torch.float64), stored=FORMS)
def leaves_arguments_alone(submission: Submission, case: Case, stored: str) -> None:
    """No tensor that is passed in is changed."""
    _, kept = submission["layer_norm_cell"].inputs(*case.arguments, stored)
    names = (field.name for field in fields(case))
    for name, old, new in zip(names, case.arguments, kept, strict=False):
        expect_true(
            torch.equal(old, new),
            f"layer_norm_cell changed its argument {name}",
            expected=str(old.tolist()),
            got=str(new.tolist()),
        )


@check(points=2, after=(normalised_cell_is_stored, leaves_arguments_alone), examples=10)
@given(pair=pairs(), stored=FORMS, first_step=st.booleans())
def gradients(
    submission: Submission, pair: tuple[Case, Case], stored: str, first_step: bool
) -> None:
    """The gradient of every argument is right, also at a first step, where h = c = 0."""
    case, pull = pair[0], (pair[1].h, pair[1].c)
    if first_step:
        case = replace(case, h=0 * case.h, c=0 * case.c)
    got = (
        submission["layer_norm_cell"]
        .vjp(*case.arguments, stored, cotangents=pull, wrt=list(range(8)))
        .gradients
    )
    leaves = tuple(a.clone().requires_grad_() for a in case.arguments)
    h, *cells = states(leaves, EPS)
    outputs = (h, cells[["c", "ln_c"].index(stored)])
    want = gradients_of(outputs, leaves, pull)
    terms = sum(terms_of(case, EPS)) / EPS**0.5
    for field, ours, wanted in zip(fields(case), got, want, strict=True):
        expect_true(ours is not None, f"no gradient reaches {field.name}")
        expect(ours, wanted, name=f"gradient of {field.name}", terms=terms)


@check(points=1, after=gradients, examples=6)
@given(pair=pairs())
def stays_finite(submission: Submission, pair: tuple[Case, Case]) -> None:
    """Pre-activations of -1,000 and 1,000 give finite states and finite gradients."""
    case, pull = pair[0], (pair[1].h, pair[1].c)
    sign = torch.where(case.ln_ih[1] < 0, -1.0, 1.0).to(case.ln_ih.dtype)
    case = replace(case, ln_ih=torch.stack([case.ln_ih[0], 1000.0 * sign]))
    value, got = submission["layer_norm_cell"].vjp(
        *case.arguments, "c", cotangents=pull, wrt=list(range(8))
    )
    for name, state, like in zip("hc", items(value, "h", "c"), (case.h, case.c), strict=True):
        expect(state, like, name=name, values=False, dims=STATE)
    for field, ours, like in zip(fields(case), got, case.arguments, strict=True):
        expect_true(ours is not None, f"no gradient reaches {field.name}")
        expect(ours, like, name=f"gradient of {field.name}", values=False)
