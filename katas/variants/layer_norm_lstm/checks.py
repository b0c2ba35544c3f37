"""Checks of `layer_norm_lstm`: the oracle is the formulas, with torch's own layer_norm."""

import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor
from torch.nn.functional import layer_norm

from grader.checks import Case, Operation, Submission, alike, check, expect, observe
from grader.checks.cells import widened
from grader.checks.words import another

EPS = 1e-5


def norm(y: Tensor, ln: Tensor, blocks: int, eps: float) -> Tensor:
    """Normalise each of the blocks of a row of y (N, blocks * H)."""
    y = y.unflatten(1, (blocks, -1))
    return layer_norm(y, y.shape[-1:], eps=eps).flatten(1) * ln[0] + ln[1]


def cells(*values: Tensor, eps: float) -> tuple[Tensor, Tensor, Tensor]:
    """Return σ(a_o), c̃ and LN(c̃), each (N, H), for the eight tensors."""
    x, h, c, w_ih, w_hh, ln_ih, ln_hh, ln_c = values
    a = norm(x @ w_ih.T, ln_ih, 4, eps) + norm(h @ w_hh.T, ln_hh, 4, eps)
    i, f, g, o = a.chunk(4, dim=1)
    c = f.sigmoid() * c + i.sigmoid() * g.tanh()
    return o.sigmoid(), c, norm(c, ln_c, 1, eps)


def formula(*values: Tensor | str | float) -> tuple[Tensor, Tensor]:
    """Return h' and c', (N, H) each, for the arguments of layer_norm_cell."""
    *tensors, stored, eps = values if len(values) == 10 else (*values, EPS)
    o, c, normed = cells(*tensors, eps=eps)
    return o * normed.tanh(), c if stored == "c" else normed


def magnified(y: Tensor, size: Tensor, ln: Tensor, blocks: int, eps: float) -> float:
    """Bound the terms of a norm of y, whose own terms `size` bounds: a deviation divides them."""
    y, size = y.unflatten(1, (blocks, -1)), size.unflatten(1, (blocks, -1))
    if y.shape[-1] == 1:  # a number minus itself is 0, whatever it is
        size = torch.zeros_like(size)
    deviation = (y.var(dim=-1, correction=0, keepdim=True) + eps).sqrt()
    return ((1.0 + size / deviation).flatten(1) * ln[0].abs() + ln[1].abs()).max().item()


def terms(*values: Tensor | str | float) -> tuple[float, float]:
    """Bound the terms behind h' and those behind c'."""
    *tensors, stored, eps = values if len(values) == 10 else (*values, EPS)
    x, h, c, w_ih, w_hh, ln_ih, ln_hh, ln_c = tensors
    inside = magnified(x @ w_ih.T, x.abs() @ w_ih.abs().T, ln_ih, 4, eps)
    inside += magnified(h @ w_hh.T, h.abs() @ w_hh.abs().T, ln_hh, 4, eps)
    of_cell = (1.0 + inside) * (1.0 + c.abs().max().item())
    _, new, _ = cells(*tensors, eps=eps)
    of_norm = magnified(new, torch.full_like(new, of_cell), ln_c, 1, eps)
    return of_norm, of_cell if stored == "c" else of_norm


STATES = {"h": ("N", "H"), "c": ("N", "H")}
NORMS = {"ln_ih": (2, "4H"), "ln_hh": (2, "4H"), "ln_c": (2, "H")}
STEP = Operation(
    "layer_norm_cell",
    takes={
        "x": ("N", "I"),
        **STATES,
        "w_ih": ("4H", "I"),
        "w_hh": ("4H", "H"),
        **NORMS,
        "stored": st.sampled_from(["c", "ln_c"]),
        "eps": st.just(EPS),
    },
    gives=STATES,
    reference=formula,
    terms=terms,
    signed=True,
    low_precision=(torch.bfloat16,),  # a variance near 0 has no slope in float16
)


def expect_gradients(submission: Submission, case: Case) -> None:
    """Hold every gradient against the formulas'; a norm's slope is up to 1 / √eps."""
    size = sum(terms(*case.put(stored="c").values)) / EPS**0.5
    STEP.expect_gradients(submission, case, terms=size)


keeps_shape_and_dtype = STEP.keeps_shape_and_dtype(
    "The answer is (h, c), each (N, H), also for a batch of one, in the dtype of the inputs.",
    examples=5,
    cases=STEP.cases(torch.float64, N=3, H=3),  # where H is 1, every variance is 0
)
depends_on_its_arguments_alone = STEP.depends_on_its_arguments_alone(
    after=keeps_shape_and_dtype, cases=STEP.pairs(H=3)
)


def with_outliers(case: Case) -> Case:
    """The same case with one unit that is far from all others, in every block and in c."""
    w_ih, w_hh, c = case.w_ih.clone(), case.w_hh.clone(), case.c.clone()
    for w in (w_ih, w_hh):
        w.unflatten(0, (4, -1))[:, 0] *= 100.0
    c[:, 0] *= 1000.0
    return case.put(w_ih=w_ih, w_hh=w_hh, c=c)


# Of 40 normalised numbers, one can be as large as √39: beyond any limit that is usual.
OUTLIERS = STEP.cases(torch.float64, stored="c", N=1, I=2, H=40).map(with_outliers)


@check(points=3, after=depends_on_its_arguments_alone, examples=30)
@given(case=widened(STEP.cases(stored="c") | STEP.cases(stored="c", I=3, H=3), "h", "c") | OUTLIERS)
def matches_reference(submission: Submission, case: Case) -> None:
    """With stored = "c", the new h and c are those of the formulas."""
    *values, _ = case.values  # eps has a default
    STEP.expect(submission, *values)


normalised_cell_is_stored = STEP.matches_reference(
    'With stored = "ln_c", h is the same as before and c is the normalised cell state.',
    name="normalised_cell_is_stored",
    points=2,
    after=matches_reference,
    examples=10,
    cases=STEP.cases(stored="ln_c"),
)
uses_eps = STEP.matches_reference(
    "The function uses the eps that is passed in.",
    name="uses_eps",
    after=matches_reference,
    examples=8,
    cases=st.sampled_from([0.5, 0.01]).flatmap(
        lambda eps: STEP.cases(torch.float64, stored="c", eps=eps)
    ),
)


@check(points=1, after=keeps_shape_and_dtype, examples=8)
@given(pair=STEP.pairs(torch.float64, stored="c", H=3))
def ignores_a_common_offset(submission: Submission, pair: tuple[Case, Case]) -> None:
    """If all pre-activations of a gate grow by a million, the answer stays the same."""
    # The same row, added to all rows of a block, moves all units of that gate by the same amount.
    case, rows = pair[0], pair[1].w_ih.unflatten(0, (4, -1))[:, :1]
    rows = rows * 1e6 / (rows @ case.x[:1, :, None]).abs().clamp(min=1e-3)
    moved = case.put(w_ih=case.w_ih + rows.expand(-1, case.h.shape[1], -1).flatten(0, 1))
    before, after = STEP.ask(submission, *case.values), STEP.ask(submission, *moved.values)
    # Whatever rounding leaves of a variance, it is another number in each code: it has one word.
    lost = case.put(ln_ih=case.ln_ih * case.ln_ih.new_tensor([[0.0], [1.0]]))
    for name, old, new, *known in zip(
        STEP.gives, before, after, formula(*case.values), formula(*lost.values), strict=True
    ):
        for answer in (old, new):
            expect(answer, case.c, name=name, values=False, dims=STEP.axes(name))
        right = alike(old, known[0], within=1e-6)
        observe(f"{name} without the offset", "right" if right else another(old))
        near = [alike(new[:1], one[:1], within=1e-6) for one in known]
        word = "rounded away" if right else another(new)
        observe(f"{name} with it", "right" if near[0] else "without x" if near[1] else word)
    sizes = STEP.sizes_of_outputs(*moved.values)
    for name, old, new, size in zip(STEP.gives, before, after, sizes, strict=True):
        expect(new, old, name=f"{name} with the offset", terms=size, dims=STEP.axes(name))


leaves_inputs_unchanged = STEP.leaves_inputs_unchanged(after=keeps_shape_and_dtype, examples=8)


@check(points=2, after=(normalised_cell_is_stored, leaves_inputs_unchanged), examples=10)
@given(case=STEP.cases(torch.float64), first_step=st.booleans())
def gradients(submission: Submission, case: Case, first_step: bool) -> None:
    """Gradients reach every argument, and are right, also at a first step, where h = c = 0."""
    expect_gradients(submission, case.put(h=0 * case.h, c=0 * case.c) if first_step else case)


@check(points=1, after=gradients, examples=6)
@given(case=STEP.cases(torch.float64, H=4), size=st.sampled_from([800.0, 990.0]))
def stays_finite_when_saturated(submission: Submission, case: Case, size: float) -> None:
    """With pre-activations of 0 and up to ±1000, states and all gradients are right, never nan."""
    signs = torch.tensor([1.0, -1.0, -1.0, 1.0]).to(case.ln_ih).repeat(4)
    for ends in (signs, -signs):
        far = case.put(ln_ih=torch.stack([case.ln_ih[0], size * ends]))
        STEP.expect_case(submission, far, peer=False)
        expect_gradients(submission, far)
    # Pre-activations of exactly 0, all of them or those of the gates: what is made of |a| is flat.
    bias = torch.zeros_like(case.ln_ih[0])
    for candidate in (0.0, 0.7):
        bias[8:12] = candidate
        rest = {"x": 0 * case.x, "h": 0 * case.h, "ln_hh": case.ln_hh * bias.new_tensor([[1], [0]])}
        still = case.put(ln_ih=torch.stack([case.ln_ih[0], bias]), **rest)
        expect_gradients(submission, still)
