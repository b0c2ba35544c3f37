"""Checks of `pack_and_pad`: torch's own packing, and what must hold for the way back."""

from dataclasses import dataclass
from functools import cached_property

import torch
from hypothesis import given
from hypothesis import strategies as st

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

# Unsorted, with ties, and in an order whose inverse is another one.
LENGTHS = ((2, 3, 1, 3), (1, 2, 3), (2, 4, 4, 1, 2), (1, 1, 5, 2, 2), (3, 1, 4, 1, 5))


@dataclass(frozen=True)
class Case:
    """Sequences, and what torch packs them to."""

    sequences: list[torch.Tensor]  # (T_n, I) each
    cotangent: torch.Tensor  # (sum of T_n, I), float64

    @property
    def dtype(self) -> torch.dtype:
        """The dtype of the sequences."""
        return self.sequences[0].dtype

    @cached_property
    def order(self) -> torch.Tensor:
        """Positions by falling length, (N,); ties stay in place."""
        lengths = torch.tensor([len(sequence) for sequence in self.sequences])
        return lengths.argsort(descending=True, stable=True)

    @cached_property
    def packed(self) -> torch.nn.utils.rnn.PackedSequence:
        """What torch makes of the sorted sequences."""
        return torch.nn.utils.rnn.pack_sequence([self.sequences[n] for n in self.order.tolist()])

    @property
    def arguments_of_unpack(self) -> tuple[torch.Tensor, ...]:
        """data, batch_sizes and order."""
        return self.packed.data, self.packed.batch_sizes, self.order


@st.composite
def cases(draw: st.DrawFn, dtype: torch.dtype | None = None) -> Case:
    """Draw sequences, in a tricky order or in any, some steps of which are zero all over."""
    source: Source = draw(sources(dtype))
    any_lengths = st.lists(sizes(1, 6), min_size=1, max_size=5)
    lengths = list(draw(st.one_of(st.sampled_from(LENGTHS), any_lengths)))
    i = draw(sizes(1, 3))
    sequences = [source.normal(length, i) for length in lengths]
    sequences[0][-1] = 0.0  # a step of zeros is a step, not padding
    return Case(sequences, source.normal(sum(lengths), i).double())


def expect_sequences(answer: object, case: Case) -> None:
    """Hold a list of sequences against those of the case, length by length and step by step."""
    expect_true(
        isinstance(answer, list | tuple) and len(answer) == len(case.sequences),
        f"Got {type(answer).__name__}, expected a list of {len(case.sequences)} sequences.",
    )
    for n, (got, want) in enumerate(zip(answer, case.sequences, strict=False)):
        name = f"sequence {n}"
        expect(got, want, name=name, dtype=case.dtype, floor=0.0, dims=("step", "feature"))


@check(points=1, examples=10)
@given(case=cases())
def pack_has_torch_shapes_and_dtypes(submission: Submission, case: Case) -> None:
    """Packing gives data in the dtype of the sequences, and batch_sizes and order in int64."""
    answer = submission["pack"](case.sequences)
    data, batch_sizes, order = items(answer, "data", "batch_sizes", "order")
    packed = case.packed
    expect(data, packed.data, name="data", dtype=case.dtype, values=False)
    expect(batch_sizes, packed.batch_sizes, name="batch_sizes", dtype=torch.int64, values=False)
    expect(order, case.order, name="order", dtype=torch.int64, values=False)


@check(points=1, after=pack_has_torch_shapes_and_dtypes, examples=16)
@given(case=cases())
def sorts_by_falling_length(submission: Submission, case: Case) -> None:
    """The positions in order go from the longest sequence to the shortest, ties as they came."""
    _, _, order = items(submission["pack"](case.sequences), "data", "batch_sizes", "order")
    expect(order, case.order, name="order", dtype=torch.int64, dims=("rank",))


@check(points=1, after=pack_has_torch_shapes_and_dtypes, examples=10)
@given(case=cases())
def counts_what_is_left_at_each_step(submission: Submission, case: Case) -> None:
    """At each step, batch_sizes holds how many sequences are that long."""
    answer = submission["pack"](case.sequences)
    _, batch_sizes, _ = items(answer, "data", "batch_sizes", "order")
    want = case.packed.batch_sizes
    expect(batch_sizes, want, name="batch_sizes", dtype=torch.int64, dims=("step",))


@check(points=2, after=(sorts_by_falling_length, counts_what_is_left_at_each_step), examples=16)
@given(case=cases())
def packs_as_torch_does(submission: Submission, case: Case) -> None:
    """The data are those of torch's own PackedSequence, step by step and without padding."""
    data, _, _ = items(submission["pack"](case.sequences), "data", "batch_sizes", "order")
    want = case.packed.data
    expect(data, want, name="data", dtype=case.dtype, floor=0.0, dims=("row", "feature"))


@check(points=3, examples=20)
@given(case=cases())
def unpack_restores_the_sequences(submission: Submission, case: Case) -> None:
    """What torch has packed comes back: each sequence in its place and of its own length."""
    expect_sequences(submission["unpack"](*case.arguments_of_unpack), case)


@check(points=1, after=(packs_as_torch_does, unpack_restores_the_sequences), examples=5)
@given(case=cases())
def leaves_inputs_unchanged(submission: Submission, case: Case) -> None:
    """The lists and tensors that came in are the same after the calls as before them."""
    _, (sequences,) = submission["pack"].inputs(case.sequences)
    pairs = zip(sequences, case.sequences, strict=True)
    same = all(torch.equal(after, before) for after, before in pairs)
    expect_true(same, "The list of sequences was changed by pack.")
    _, afterwards = submission["unpack"].inputs(*case.arguments_of_unpack)
    names = ("data", "batch_sizes", "order")
    for name, after, before in zip(names, afterwards, case.arguments_of_unpack, strict=True):
        expect_true(torch.equal(after, before), f"{name} was changed by unpack.")


@check(points=2, after=(packs_as_torch_does, unpack_restores_the_sequences), examples=5)
@given(case=cases(dtype=torch.float64))
def gradients_pass_both_ways(submission: Submission, case: Case) -> None:
    """Each step's gradient goes to where the step came from, in packing and in unpacking."""
    count = len(case.sequences)
    packed = submission["pack"].vjp(
        case.sequences, cotangents=[case.cotangent, None, None], wrt=list(range(count))
    )
    leaves = [sequence.clone().requires_grad_() for sequence in case.sequences]
    data = torch.nn.utils.rnn.pack_sequence([leaves[n] for n in case.order.tolist()]).data
    want = gradients_of(data, leaves, case.cotangent)
    for n, (got, w) in enumerate(zip(packed.gradients, want, strict=True)):
        expect_true(got is not None, f"No gradient reaches sequence {n} through pack.")
        expect(got, w, name=f"gradient of sequence {n}", dtype=torch.float64)

    cotangents = list(case.cotangent.split([len(sequence) for sequence in case.sequences]))
    unpacked = submission["unpack"].vjp(*case.arguments_of_unpack, cotangents=cotangents, wrt=[0])
    (got,) = unpacked.gradients
    expect_true(got is not None, "No gradient reaches data through unpack.")
    by_step = torch.nn.utils.rnn.pack_sequence([cotangents[n] for n in case.order.tolist()]).data
    expect(got, by_step, name="gradient of data", dtype=torch.float64)
