"""Checks of `pack_and_pad`: torch's own packing, and what must hold for the way back."""

import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence, pack_sequence

from grader.checks import (
    Case,
    Strategy,
    Submission,
    check,
    expect,
    expect_true,
    expect_unchanged,
    gradients_of,
    items,
    sizes,
    sources,
)

# Unsorted, with ties, and in an order whose inverse is another one.
LENGTHS = ((2, 3, 1, 3), (1, 2, 3), (2, 4, 4, 1, 2), (1, 1, 5, 2, 2), (3, 1, 4, 1, 5))
FEW = st.one_of(st.sampled_from(LENGTHS), st.lists(sizes(1, 6), min_size=1, max_size=5))
EVEN = st.sampled_from([(2, 2), (3, 3, 3), (2, 2, 2, 2)])
"""Lengths of a batch in which nothing has to be padded."""
MANY = st.lists(sizes(1, 3), min_size=40, max_size=40)
"""Lengths of so many sequences that a sort which isn't stable changes the order of ties."""


@st.composite
def cases(draw: st.DrawFn, lengths: Strategy = FEW, dtype: torch.dtype | None = None) -> Case:
    """Sequences, a step of which is zero all over, and a cotangent for the packed data."""
    source, drawn, i = draw(sources(dtype)), draw(lengths), draw(sizes(1, 3))
    sequences = [source.normal(length, i) for length in drawn]
    sequences[0][-1] = 0.0  # a step of zeros is a step, not padding
    return Case({"sequences": sequences}, (source.normal(sum(drawn), i).double(),))


def packed(sequences: list[Tensor]) -> tuple[PackedSequence, Tensor]:
    """What torch packs the sequences to, and their positions by falling length, (N,)."""
    lengths = torch.tensor([len(sequence) for sequence in sequences])
    order = lengths.argsort(descending=True, stable=True)
    return pack_sequence([sequences[n] for n in order.tolist()]), order


def unpack_arguments(case: Case) -> dict[str, Tensor]:
    """What `unpack` takes, by name."""
    sequence, order = packed(case.sequences)
    return {"data": sequence.data, "batch_sizes": sequence.batch_sizes, "order": order}


def expect_packed(
    submission: Submission, case: Case, *names: str, values: bool = True, dims: tuple[str, ...] = ()
) -> None:
    """Hold some items of what `pack` gives against torch's, exactly: steps are only moved."""
    wanted = unpack_arguments(case)
    answer = items(submission["pack"](case.sequences), *wanted)
    for got, (name, want) in zip(answer, wanted.items(), strict=True):
        if name in names:
            expect(got, want, name=name, dtype=want.dtype, floor=0.0, dims=dims, values=values)


def expect_unpacked(submission: Submission, case: Case) -> None:
    """Hold what `unpack` makes of torch's packed sequences against the sequences, exactly."""
    answer = submission["unpack"](*unpack_arguments(case).values())
    names = [f"sequence {n}" for n in range(len(case.sequences))]
    sequences = items(answer, *names, kind="list")
    for name, got, want in zip(names, sequences, case.sequences, strict=True):
        expect(got, want, name=name, dtype=case.dtype, floor=0.0, dims=("step", "feature"))


@check(points=1, examples=10)
@given(case=cases())
def keeps_shape_and_dtype(submission: Submission, case: Case) -> None:
    """The data have the dtype of the sequences; batch_sizes and order are int64."""
    expect_packed(submission, case, "data", "batch_sizes", "order", values=False)
    # Whoever fills up with nan and looks for it leaves out a step of nan.
    spoiled = [sequence.clone() for sequence in case.sequences]
    spoiled[0][-1] = torch.nan
    data, *_ = items(submission["pack"](spoiled), "data", "batch_sizes", "order")
    rows = sum(map(len, spoiled))
    expect_true(
        len(data) == rows,
        f"With a step that is all nan, data has {len(data)} rows, expected {rows}.",
    )


@check(points=1, after=keeps_shape_and_dtype, examples=16)
@given(case=cases(), crowd=cases(MANY))
def sorts_by_falling_length(submission: Submission, case: Case, crowd: Case) -> None:
    """Order goes from the longest sequence to the shortest, and ties keep their order."""
    for drawn in (case, crowd):
        expect_packed(submission, drawn, "order", dims=("rank",))


@check(points=1, after=keeps_shape_and_dtype, examples=10)
@given(case=cases())
def counts_what_is_left_at_each_step(submission: Submission, case: Case) -> None:
    """The entry of batch_sizes at a step is the number of sequences that have this step."""
    expect_packed(submission, case, "batch_sizes", dims=("step",))


@check(points=2, after=(sorts_by_falling_length, counts_what_is_left_at_each_step), examples=16)
@given(case=cases(), crowd=cases(MANY), even=cases(EVEN))
def matches_torch(submission: Submission, case: Case, crowd: Case, even: Case) -> None:
    """The data are those of torch's PackedSequence, step by step and without padding."""
    for drawn in (case, even, crowd):
        expect_packed(submission, drawn, "data", dims=("row", "feature"))


@check(points=3, examples=20)
@given(case=cases(), even=cases(EVEN))
def unpack_restores_the_sequences(submission: Submission, case: Case, even: Case) -> None:
    """What torch has packed comes back: each sequence in its place and with its own length."""
    for drawn in (case, even):
        expect_unpacked(submission, drawn)


@check(points=1, after=(matches_torch, unpack_restores_the_sequences), examples=5)
@given(case=cases(st.sampled_from([(2, 3, 1, 3), (1, 2, 3), (1, 3, 4, 1, 5)])))
def depends_on_its_arguments_alone(submission: Submission, case: Case) -> None:
    """Unpack needs its arguments alone: other sequences may be packed in the meantime."""
    submission["pack"](case.sequences[::-1])
    expect_unpacked(submission, case)


@check(points=1, after=(matches_torch, unpack_restores_the_sequences), examples=5)
@given(case=cases())
def leaves_inputs_unchanged(submission: Submission, case: Case) -> None:
    """The list of sequences, its tensors and the arguments of unpack are not modified."""
    _, afterwards = submission["pack"].inputs(case.sequences)
    expect_unchanged(case.arguments, afterwards)
    given_to_unpack = unpack_arguments(case)
    _, afterwards = submission["unpack"].inputs(*given_to_unpack.values())
    expect_unchanged(given_to_unpack, afterwards)


@check(points=2, after=(matches_torch, unpack_restores_the_sequences), examples=5)
@given(case=cases(dtype=torch.float64))
def gradients(submission: Submission, case: Case) -> None:
    """The gradient of each step goes to where the step came from, in pack and in unpack."""
    (cotangent,), lengths = case.cotangents, [len(sequence) for sequence in case.sequences]
    asked = submission["pack"].vjp(
        case.sequences, cotangents=[cotangent, None, None], wrt=list(range(len(lengths)))
    )
    leaves = [sequence.clone().requires_grad_() for sequence in case.sequences]
    want = gradients_of([packed(leaves)[0].data], leaves, [cotangent])
    for n, (got, exact) in enumerate(zip(asked.gradients, want, strict=True)):
        expect_true(got is not None, f"No gradient reaches sequence {n} through pack.")
        expect(got, exact, name=f"gradient of sequence {n}", dtype=torch.float64)

    cotangents = list(cotangent.split(lengths))
    (got,) = (
        submission["unpack"]
        .vjp(*unpack_arguments(case).values(), cotangents=cotangents, wrt=[0])
        .gradients
    )
    expect_true(got is not None, "No gradient reaches data through unpack.")
    by_step = packed(cotangents)[0].data
    expect(got, by_step, name="gradient of data", dtype=torch.float64)
