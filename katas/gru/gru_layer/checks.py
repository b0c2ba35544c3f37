"""Checks of gru_layer: torch.nn.GRUCell and torch.nn.GRU are the oracles, in float64."""

import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from grader.checks import Submission, check, sizes
from grader.checks import layers as oracle
from grader.checks.layers import BOTH_WAYS, CROWDED, DEEP, ONE_WAY, Case, CellCase, cases

GRU = oracle.Family(nn.GRU, nn.GRUCell, parts=("h",), gates=3)


@check(points=2, examples=12)
@given(case=oracle.cell_cases(GRU))
def cell_matches_torch(submission: Submission, case: CellCase) -> None:
    """The cell takes the step that torch.nn.GRUCell takes, from a state or from none."""
    oracle.cell_matches_torch(submission, case)


@check(points=1, after=cell_matches_torch)
def finite_when_saturated(submission: Submission) -> None:
    """Gates that are driven to -1,000 and to 1,000 stay finite, and so do their gradients."""
    oracle.finite_when_saturated(submission, GRU)


@check(points=2, after=cell_matches_torch)
def state_dict_both_ways(submission: Submission) -> None:
    """A state dict of torch.nn.GRU can be loaded, and comes out again as it went in."""
    oracle.state_dict_both_ways(submission, GRU)


@check(points=1, after=state_dict_both_ways)
def initial_values(submission: Submission) -> None:
    """The parameters of a new GRU fill the range from -1/√H to 1/√H, as torch's do."""
    oracle.initial_values(submission, GRU)


@check(points=1, after=state_dict_both_ways, examples=8)
@given(case=cases(GRU, layers=sizes(2, 3), steps=sizes(2, 5), **ONE_WAY), cut=sizes(1, 4))
def causal(submission: Submission, case: Case, cut: int) -> None:
    """Where there is one direction, no output depends on an input that comes after it."""
    oracle.causal(submission, case, cut)


@check(points=1, after=causal, examples=8)
@given(case=cases(GRU, layers=DEEP, steps=sizes(2, 5), **ONE_WAY), cut=sizes(1, 4))
def chunks_equal_whole(submission: Submission, case: Case, cut: int) -> None:
    """Reading a sequence in two chunks, with the state handed on, equals reading it whole."""
    oracle.chunks_equal_whole(submission, case, cut)


@check(points=1, after=chunks_equal_whole, examples=8)
@given(
    case=cases(
        GRU,
        batch=sizes(2, 4),
        steps=sizes(2, 4),
        stated=st.just(True),
        batch_first=st.sampled_from([True, True, False]),
    )
)
def sequences_do_not_mix(submission: Submission, case: Case) -> None:
    """The sequences of a batch in another order give the same answers in that order."""
    oracle.sequences_do_not_mix(submission, case)


@check(points=1, after=sequences_do_not_mix, examples=4)
@given(case=cases(GRU, stated=st.just(False), dtype=torch.float64))
def starts_from_zeros(submission: Submission, case: Case) -> None:
    """Without a state it starts from zeros, in the dtype of x."""
    oracle.starts_from_zeros(submission, case)


@check(points=3, after=starts_from_zeros, examples=18)
@given(case=cases(GRU, layers=DEEP, bidirectional=BOTH_WAYS))
def matches_torch(submission: Submission, case: Case) -> None:
    """Out and h are those of torch.nn.GRU, for all layers and directions."""
    oracle.matches_torch(submission, case)


@check(points=1, after=matches_torch, examples=5)
@given(case=cases(GRU, stated=st.just(False), batch=sizes(2, 3)))
def keeps_no_state(submission: Submission, case: Case) -> None:
    """A call without a state answers the same whatever was read before, in batches of any size."""
    oracle.keeps_no_state(submission, case)


@check(points=2, after=keeps_no_state, examples=8)
@given(case=cases(GRU, lengths=True, steps=sizes(2, 5), bidirectional=BOTH_WAYS))
def padding_is_ignored(submission: Submission, case: Case) -> None:
    """What stands in the padding changes nothing: no output, no final state."""
    oracle.padding_is_ignored(submission, case)


@check(points=3, after=padding_is_ignored, examples=14)
@given(case=cases(GRU, lengths=True, batch=CROWDED, steps=sizes(2, 5)))
def lengths_match_packed(submission: Submission, case: Case) -> None:
    """With lengths in any order: what a packed torch.nn.GRU answers, and zeros in the padding."""
    oracle.lengths_match_packed(submission, case)


@check(points=1, after=lengths_match_packed, examples=4)
@given(case=cases(GRU, lengths=True, stated=st.just(True)))
def leaves_inputs_alone(submission: Submission, case: Case) -> None:
    """X, the state and the lengths that are handed in stay as they are."""
    oracle.leaves_inputs_alone(submission, case)


@check(points=2, after=leaves_inputs_alone, examples=6)
@given(
    case=cases(
        GRU,
        layers=sizes(1, 2),
        stated=st.just(True),
        steps=sizes(2, 4),
        lengths=True,
        dtype=torch.float64,
    )
)
def gradients(submission: Submission, case: Case) -> None:
    """Gradients reach x, h0 and every parameter, through all steps, layers and directions."""
    oracle.gradients(submission, case)


@check(points=2, after=matches_torch)
def dropout_between_layers_only(submission: Submission) -> None:
    """In training, dropout thins out what passes between two layers. Else it does nothing."""
    # The update gate always takes the candidate: h is tanh(pre-activation).
    oracle.dropout_between_layers_only(submission, GRU, biases=(0.0, -50.0, 0.0), tanhs=1)
