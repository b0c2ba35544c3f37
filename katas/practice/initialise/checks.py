"""Checks of `initialise`: what must hold for every draw of the weights."""

import math
from collections.abc import Sequence

import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from grader.checks import (
    Case,
    Strategy,
    Submission,
    check,
    entries,
    expect,
    expect_true,
    expect_unchanged,
    observe,
    sizes,
    sources,
)
from grader.checks.layers import weights_like

GATES = ("input", "forget", "candidate", "output")
# (I, H): wide enough to see a distribution, and that no wrong bound is near another.
WIDE = st.sampled_from([(30, 24), (40, 32), (28, 39), (25, 35)])
MANY = 24
"""From this H on, the largest of H x H uniform entries is close to their bound."""
SMALL = st.tuples(sizes(1, 5), sizes(1, 5))


@st.composite
def cases(draw: st.DrawFn, pairs: Strategy, layers: int = 1, *, both_ways: bool = False) -> Case:
    """The state dict of an `nn.LSTM` of a size (I, H), and a forget bias."""
    lstm = torch.nn.LSTM(*draw(pairs), layers, bidirectional=both_ways, device="meta")
    forget_bias = draw(st.sampled_from([1.0, 3.0, 0.5, -1.0]))
    weights = weights_like(lstm, draw(sources()))
    return Case({"state_dict": weights, "forget_bias": forget_bias}, ())


def ask(submission: Submission, case: Case) -> dict[str, Tensor]:
    """The answer, which must have the same names, shapes and dtypes."""
    answer = submission["initialise"](*case.values)
    observe("kind", type(answer).__name__)
    if isinstance(answer, dict):
        observe("names", " ".join(sorted(map(str, answer))))
    entries(answer, *case.state_dict)
    for name, w in case.state_dict.items():
        observe(f"dtype of {name}", str(getattr(answer[name], "dtype", None)))
        expect(answer[name], w, name=name, dtype=w.dtype, values=False)
    return answer


def blocks(w: Tensor) -> Sequence[Tensor]:
    """The four blocks, in torch's order, in float64."""
    return w.double().chunk(4)


def expect_bias(
    answer: dict[str, Tensor], case: Case, cell: str, gates: Sequence[str] = GATES
) -> None:
    """Hold the sum of the two biases of some blocks. How the vectors share it is free."""
    total = answer[f"bias_ih_{cell}"].double() + answer[f"bias_hh_{cell}"].double()
    words = {"0": 0.0}
    for word, share in (
        ("the", 1.0),
        ("twice the", 2.0),
        ("half of the", 0.5),
        ("minus the", -1.0),
    ):
        words[f"{word} forget bias"] = share * case.forget_bias
    words |= {"1": 1.0, "2": 2.0}
    for name in (f"bias_ih_{cell}", f"bias_hh_{cell}"):
        pairs = zip(GATES, blocks(answer[name]), blocks(case.state_dict[name]), strict=True)
        kept = [gate for gate, block, old in pairs if torch.equal(block, old)]
        observe(f"blocks of {name} that are the old ones", ", ".join(kept))
    fourth = total.view(-1, 4)[:, 1]
    observe("every fourth entry", bool(((fourth - case.forget_bias).abs() < 1e-5).all()))
    for gate, block in zip(GATES, blocks(total), strict=True):
        near = [word for word, x in words.items() if bool(((block - x).abs() < 1e-5).all())]
        rows = "".join(f"{int(abs(x - case.forget_bias) < 1e-5)}" for x in block.tolist())
        observe(f"bias of the {gate} block", near[0] if near else f"in the rows {rows}")
    for gate, block in zip(GATES, blocks(total), strict=True):
        if gate in gates:
            want = torch.full_like(block, case.forget_bias if gate == "forget" else 0.0)
            name = f"bias_ih_{cell} + bias_hh_{cell}, {gate} block"
            expect(block, want, name=name, terms=1.0, precision=case.dtype)


def expect_orthogonal(answer: dict[str, Tensor], case: Case, cell: str) -> None:
    """Hold B·Bᵀ of each recurrent block B against the identity."""
    stacked = answer[f"weight_hh_{cell}"].double()
    eye = torch.eye(stacked.shape[1], dtype=torch.float64)
    columns = stacked.T @ stacked
    stack = bool((columns - eye).abs().max() < 1e-4)
    observe("columns of the stack orthonormal", stack)
    fours = [columns[cut, cut] - eye[cut, cut] for cut in quarters_of(len(eye))]
    apart = all(bool(one.abs().max() < 1e-4) for one in fours)
    observe("four cuts of the columns orthonormal", apart and not stack)
    for gate, block in zip(GATES, blocks(stacked), strict=True):
        square = block @ block.T
        observe(f"{gate}: orthogonal", bool((square - eye).abs().max() < 1e-4))
        observe(f"{gate}: diagonal", bool((block - block.diag().diag()).abs().max() < 1e-4))
        scale = float(square.diagonal().mean())
        multiple = bool((square - scale * eye).abs().max() < 1e-4 * max(scale, 1e-4))
        observe(f"{gate}: a multiple of an orthogonal one", multiple)
        squares = {"1": 1.0, "25/9": 25 / 9, "2": 2.0}
        squares |= {"1/H": 1 / len(eye)} if len(eye) >= MANY else {}
        factor = [word for word, x in squares.items() if abs(scale / x - 1) < 1e-3]
        observe(f"{gate}: the multiple", factor[0] if multiple and factor else "another one")
        if len(eye) >= MANY and not (multiple or stack):
            size = float(block.square().mean().sqrt())
            usual = {"1": 1.0, "1/√H": len(eye) ** -0.5, "0.1": 0.1, "0.01": 0.01}
            # Of 576 normal numbers or more: one standard deviation of their spread is 3%.
            spread = [word for word, x in usual.items() if abs(size / x - 1) < 0.15]
            normal = float(block.abs().max()) > 2.2 * size > 0
            observe(f"{gate}: normal numbers", spread[0] if normal and spread else normal)
            rivals = {"Xavier's": math.sqrt(3 / len(eye)), "torch's": len(eye) ** -0.5}
            observe(f"{gate}: bound", nearest(float(block.abs().max()), rivals))
        name = f"B·Bᵀ of the {gate} block of weight_hh_{cell}"
        axes = ("row", "column")
        expect(square, eye, name=name, terms=len(eye), precision=case.dtype, dims=axes)


def quarters_of(columns: int) -> list[slice]:
    """Where `chunk(4, dim=1)` cuts so many columns: the last piece may be narrower."""
    width = math.ceil(columns / 4)
    return [slice(begin, begin + width) for begin in range(0, columns, width)]


def nearest(largest: float, rivals: dict[str, float]) -> str:
    """Which of some bounds the largest of many uniform entries comes close to, in words."""
    near = [name for name, bound in rivals.items() if 0.97 < largest / bound < 1.0001]
    return near[0] if near else "another one"


def bounds(h: int, i: int) -> dict[str, float]:
    """The bounds that uniform weights of a block (H, I) are given, by name: Xavier's, and wrong."""
    right = math.sqrt(6 / (h + i))
    return {
        "right": right,
        "of the stack": math.sqrt(6 / (4 * h + i)),
        "of H": h**-0.5,
        "of I": i**-0.5,
        "of a cut of the columns": math.sqrt(6 / (4 * h + (i - 1) % math.ceil(i / 4) + 1)),
        "without the root": 6 / (h + i),
        "with 3": math.sqrt(3 / (h + i)),
        "with 2": math.sqrt(2 / (h + i)),
        "with 1": math.sqrt(1 / (h + i)),
        "without H": math.sqrt(6 / i),
        "without I": math.sqrt(6 / h),
        "halved": right / 2,
        "doubled": right * 2,
        "with tanh's gain": right * 5 / 3,
        "Kaiming's": math.sqrt(3 / i),
        "Kaiming's of H": math.sqrt(3 / h),
        "Kaiming's with tanh's gain": math.sqrt(3 / i) * 5 / 3,
    }


def expect_xavier(answer: dict[str, Tensor], cell: str, inputs: int) -> None:
    """Hold each block of the input weights to be uniform within Xavier's bound, and to fill it.

    `inputs` is the number of layer 0, whose bound is no other layer's.
    """
    quarters = torch.zeros(4, dtype=torch.float64)
    for gate, block in zip(GATES, blocks(answer[f"weight_ih_{cell}"]), strict=True):
        h, i = block.shape
        bound = math.sqrt(6 / (h + i))
        # 576 entries or more: one standard deviation of the spread is 1.9% or less.
        largest, spread = float(block.abs().max()), float(block.std()) * math.sqrt(3)
        # Of uniform numbers √3 times the root of their mean square; of normal ones 2.6 and more.
        bounded = largest < 2.2 * max(float(block.square().mean().sqrt()), 1e-9)
        rivals = bounds(h, i) | {"of layer 0": math.sqrt(6 / (h + inputs))}
        observe(f"{gate}: bound", nearest(largest, rivals) if bounded else "none")
        observe(f"{gate}: both signs", bool((block < 0).any()))
        place = f"the {gate} block of weight_ih_{cell}, {h} x {i}"
        expect_true(
            0.95 * bound < largest <= bound * (1 + 1e-6),
            f"In {place}, the largest entry is {largest:.4f}; expected a little less than "
            f"{bound:.4f}.",
        )
        expect_true(
            abs(spread / bound - 1) < 0.12,
            f"The entries of {place}, have the spread of U(-{spread:.4f}, {spread:.4f}); "
            f"expected U(-{bound:.4f}, {bound:.4f}).",
        )
        quarters += torch.histc(block.abs() / bound, bins=4, min=0.0, max=1.0)
    whole = answer[f"weight_ih_{cell}"].double()
    # float32 has 2^24 numbers from 0 to 1: of 3,000 draws, almost surely all but a few differ.
    values = len(set(whole.flatten().tolist())) / whole.numel()
    usual = {"Xavier's": math.sqrt(2 / (h + i)), "the bound": math.sqrt(6 / (h + i)), "1": 1.0}
    # Of 2,304 normal numbers or more: one standard deviation of their spread is 1.5%.
    size = float(whole.square().mean().sqrt())
    near = [word for word, value in usual.items() if abs(size / value - 1) < 0.07]
    if not bounded:
        observe("spread", near[0] if near else "another one")
    # Of 2,304 entries or more: one standard deviation of a share is 0.9%.
    shares = quarters / quarters.sum()
    uniform = bool((shares - 0.25).abs().max() < 0.055)
    observe("each size is equally likely", uniform)
    expect_true(
        uniform,
        f"Of the entries of weight_ih_{cell}, the shares with a size in the four quarters from 0 "
        f"to the bound are {', '.join(f'{share:.0%}' for share in shares)}; expected about 25% "
        "each.",
    )
    if bool(whole.any()):
        observe("few values", values < 0.2)
    expect_true(
        values > 0.2,  # four equal blocks are told by another check
        f"Of the {whole.numel()} entries of weight_ih_{cell}, {values:.0%} are different; expected "
        "a draw for each from all of the range.",
    )


@check(points=1, examples=14)
@given(case=cases(SMALL))
def keeps_shape_and_dtype(submission: Submission, case: Case) -> None:
    """The answer is a dict with the names, shapes and dtypes of the old one."""
    ask(submission, case)


@check(points=1, after=keeps_shape_and_dtype, examples=5)
@given(case=cases(SMALL))
def leaves_inputs_unchanged(submission: Submission, case: Case) -> None:
    """The old dict and its tensors are not modified."""
    answer, afterwards = submission["initialise"].inputs(*case.values)
    observe("kind", type(answer).__name__)
    for name, w in case.state_dict.items():
        observe(f"{name} is unchanged", torch.equal(w, afterwards[0][name]))
    expect_unchanged(case.arguments, afterwards, answer=answer)


@check(points=2, after=keeps_shape_and_dtype, examples=10)
@given(case=cases(SMALL))
def forget_biases_add_up(submission: Submission, case: Case) -> None:
    """The two biases of the forget gate add up to forget_bias."""
    for each in (case, case.put(forget_bias=0.0)):
        expect_bias(ask(submission, each), each, "l0", ["forget"])


@check(points=1, after=forget_biases_add_up, examples=10)
@given(case=cases(SMALL))
def other_biases_are_zero(submission: Submission, case: Case) -> None:
    """The two biases of each other block add up to 0."""
    expect_bias(ask(submission, case), case, "l0", ["input", "candidate", "output"])


@check(points=2, after=keeps_shape_and_dtype, examples=10)
@given(case=st.one_of(cases(SMALL), cases(WIDE)))
def recurrent_blocks_are_orthogonal(submission: Submission, case: Case) -> None:
    """Each of the four H x H blocks of the recurrent weights is orthogonal: B·Bᵀ = 1."""
    expect_orthogonal(ask(submission, case), case, "l0")


@check(points=2, after=keeps_shape_and_dtype, examples=5)
@given(case=cases(WIDE))
def input_blocks_are_xavier(submission: Submission, case: Case) -> None:
    """Each H x I block of the input weights is uniform within Xavier's bound, and fills it."""
    expect_xavier(ask(submission, case), "l0", case.state_dict["weight_ih_l0"].shape[1])


@check(points=1, after=(recurrent_blocks_are_orthogonal, input_blocks_are_xavier), examples=5)
@given(case=cases(WIDE), small=cases(st.just((2, 4))))
def every_block_is_a_new_draw(submission: Submission, case: Case, small: Case) -> None:
    """Each block is a random draw of its own, in one call and in two."""
    answers = ask(submission, case), ask(submission, case)
    for name in ("weight_ih_l0", "weight_hh_l0"):
        first, second = (blocks(answer[name]) for answer in answers)
        observe(f"{name}: all zero", not bool(answers[0][name].any()))
        twins = any(torch.equal(first[a], first[b]) for a in range(4) for b in range(a))
        observe(f"{name}: equal blocks", twins)
        message = f"Two blocks of {name} are equal; expected a draw for each."
        expect_true(not twins, message)
        again = torch.equal(first[0], second[0])
        observe(f"{name}: equal calls", again)
        expect_true(not again, f"Two calls gave the same {name}; expected a new draw in each call.")
    expect_no_direction(
        answers[0]["weight_hh_l0"], [ask(submission, small)["weight_hh_l0"] for _ in range(10)]
    )


def expect_no_direction(large: Tensor, small: Sequence[Tensor]) -> None:
    """Hold recurrent blocks to be drawn from all orthogonal matrices, none likelier than another.

    Args:
        large: four blocks of H >= 24, one below the other.
        small: as many of H = 4 in each of ten draws: 40 blocks.
    """
    largest = float(large.abs().max())
    near = sum(float(block.diag().mean()) for block in blocks(large)) / 4
    observe("near the unit matrix", near > 0.5)
    observe("each row has one weight", bool(((large.abs() > 0.05).sum(1) == 1).all()))
    symmetric = all(bool((block - block.T).abs().max() < 1e-5) for block in blocks(large))
    observe("the recurrent blocks are symmetric", symmetric)
    observe("weights of both signs", bool((large < -0.05).any()))
    drawn = torch.stack([block for answer in small for block in blocks(answer)])
    # By chance, one of 16 entries has the same sign 40 times in one test of 30 thousand million.
    positive, negative = (drawn > 1e-6).sum(0), (drawn < -1e-6).sum(0)
    observe("an entry has one sign", bool(((positive == 0) | (negative == 0)).any()))
    # In a random orthogonal matrix with H >= 24, an entry above 0.95 is out of reach for chance.
    expect_true(
        largest < 0.95,
        f"An entry of weight_hh_l0 has the size {largest:.3f}, so its row is nearly 0 elsewhere. "
        "That does not happen in a random orthogonal matrix with H >= 24.",
    )
    for sign, count in (("positive", positive), ("negative", negative)):
        row, column = divmod(int(count.argmin()), len(count))
        expect_true(
            int(count.min()) > 0,
            f"In {len(drawn)} blocks of 4 x 4, entry [{row}, {column}] is never {sign}. In a "
            "random orthogonal matrix, each entry is as often positive as negative.",
        )


@check(points=1, after=every_block_is_a_new_draw, examples=3)
@given(case=cases(SMALL))
def draws_from_torch_generator(submission: Submission, case: Case) -> None:
    """The weights are drawn from torch's global generator: the same seed gives the same weights."""
    first, again = (submission["initialise"].seeded(7, *case.values) for _ in range(2))
    for name in case.state_dict:
        repeats = torch.equal(first[name], again[name])
        observe(f"{name} repeats with torch's seed", repeats)
        message = f"After torch.manual_seed(7), two calls gave different {name}; expected the same."
        expect_true(repeats, message)


@check(
    points=2,
    after=(other_biases_are_zero, recurrent_blocks_are_orthogonal, input_blocks_are_xavier),
    examples=3,
)
@given(
    case=st.one_of(cases(WIDE, 2, both_ways=True), cases(WIDE, 3, both_ways=True)),
    tall=cases(SMALL, 12),
)
def every_layer_and_direction(submission: Submission, case: Case, tall: Case) -> None:
    """All of this holds for each layer and direction, and for an LSTM without biases."""
    weights = {name: w for name, w in case.state_dict.items() if name.startswith("weight")}
    for old in (case.state_dict, weights):
        answer = ask(submission, case.put(state_dict=old))
        for name in weights:
            changed = not torch.equal(answer[name], old[name])
            observe(f"{name} is new", changed)
            expect_true(changed, f"{name} is what it was before, expected a new draw.")
        twins = [
            (one, other)
            for one in weights
            for other in weights
            if one < other and torch.equal(*(answer[name] for name in (one, other)))
        ]
        observe("two tensors are equal", bool(twins))
        expect_true(
            not twins,
            f"{' and '.join(twins[0] if twins else ())} are equal; expected a draw for each.",
        )
        for cell in (name.removeprefix("weight_hh_") for name in weights if "_hh_" in name):
            expect_xavier(answer, cell, old["weight_ih_l0"].shape[1])
            expect_orthogonal(answer, case, cell)
            if len(old) > len(weights):
                expect_bias(answer, case, cell)
    answer = ask(submission, tall)  # two digits: l10 and l11
    for layer in range(12):
        changed = not torch.equal(
            answer[f"weight_ih_l{layer}"], tall.state_dict[f"weight_ih_l{layer}"]
        )
        observe(f"weight_ih_l{layer} of 12 is new", changed)
        expect_true(changed, f"weight_ih_l{layer} is what it was before, expected a new draw.")
        expect_orthogonal(answer, tall, f"l{layer}")
        expect_bias(answer, tall, f"l{layer}")
