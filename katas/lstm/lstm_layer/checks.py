"""Checks of `lstm_layer`: the oracles are torch.nn.LSTMCell and torch.nn.LSTM, in float64."""

import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from grader.checks import Submission, check, dropout, layer_checks, sizes
from grader.checks.layers import (
    BOTH_WAYS,
    CROWDED,
    DEEP,
    GIVEN,
    ONE_WAY,
    WIDTHS,
    Case,
    CellCase,
    Family,
    Reads,
    cases,
    cell_cases,
)

LSTM = Family(nn.LSTM, nn.LSTMCell, parts=("h", "c"), gates=4)
READS = Reads(cases(LSTM, lengths=True, stated=st.just(True), dtype=torch.float64))


@check(points=2, examples=16)
@given(case=cell_cases(LSTM))
def cell_matches_torch(submission: Submission, case: CellCase) -> None:
    """One step of the cell is that of torch.nn.LSTMCell, with a state and without one."""
    layer_checks.cell_matches_torch(submission, case)


@check(points=2, after=cell_matches_torch)
def state_dict_both_ways(submission: Submission) -> None:
    """A state dict of torch.nn.LSTM can be loaded, and state_dict() returns the same values."""
    layer_checks.state_dict_both_ways(submission, LSTM)


@check(points=1, after=cell_matches_torch)
def stays_finite_when_saturated(submission: Submission) -> None:
    """With pre-activations of 0 and of ±1000, cell, layer and their gradients are right."""
    layer_checks.stays_finite_when_saturated(submission, LSTM)


@check(points=1, after=state_dict_both_ways)
def initial_values(submission: Submission) -> None:
    """The parameters of a new LSTM fill the range from -1/√H to 1/√H, as torch's do."""
    layer_checks.initial_values(submission, LSTM)


@check(points=1, after=state_dict_both_ways, examples=8)
@given(case=cases(LSTM, layers=sizes(2, 3), steps=sizes(2, 5), **ONE_WAY), cut=sizes(1, 4))
def causal(submission: Submission, case: Case, cut: int) -> None:
    """With one direction, no output depends on a later input."""
    layer_checks.causal(submission, case, cut)


@check(points=1, after=causal, examples=8)
@given(case=cases(LSTM, layers=DEEP, steps=sizes(2, 5), **ONE_WAY), cut=sizes(1, 4))
def chunks_equal_whole(submission: Submission, case: Case, cut: int) -> None:
    """Two chunks of a sequence, with the state passed on, give the answer of the whole sequence."""
    layer_checks.chunks_equal_whole(submission, case, cut)


@check(points=1, after=chunks_equal_whole, examples=8)
@given(
    case=cases(
        LSTM,
        batch=sizes(2, 4),
        steps=sizes(2, 4),
        stated=st.just(True),
        batch_first=st.sampled_from([True, True, False]),
    )
)
def sequences_do_not_mix(submission: Submission, case: Case) -> None:
    """If the sequences of a batch change places, their answers change places in the same way."""
    layer_checks.sequences_do_not_mix(submission, case)


@check(points=1, after=sequences_do_not_mix, examples=4)
@given(case=cases(LSTM, stated=st.just(False), dtype=torch.float64))
def starts_from_zeros(submission: Submission, case: Case) -> None:
    """Without a state, the layer starts from zeros in the dtype of x."""
    layer_checks.starts_from_zeros(submission, case)


@check(points=3, after=starts_from_zeros, examples=18)
@given(case=cases(LSTM, layers=DEEP, bidirectional=BOTH_WAYS, stated=GIVEN, widths=WIDTHS))
def matches_torch(submission: Submission, case: Case) -> None:
    """The out, h and c of the layer are those of torch.nn.LSTM, for all layers and directions."""
    layer_checks.matches_torch(submission, case)


@check(points=1, after=matches_torch, examples=5)
@given(case=cases(LSTM, stated=st.just(False), batch=sizes(2, 3)))
def keeps_no_state(submission: Submission, case: Case) -> None:
    """A call without a state gives the same answer after any other call, in any batch size."""
    layer_checks.keeps_no_state(submission, case)


@check(points=2, after=keeps_no_state, examples=16)
@given(case=cases(LSTM, lengths=True, batch=CROWDED, steps=sizes(2, 5), bidirectional=BOTH_WAYS))
def padding_is_ignored(submission: Submission, case: Case) -> None:
    """The values in the padding change no output and no final state."""
    layer_checks.padding_is_ignored(submission, case)


@check(points=3, after=padding_is_ignored, examples=18)
@given(case=cases(LSTM, lengths=True, batch=CROWDED, steps=sizes(2, 5), stated=GIVEN))
def lengths_match_packed(submission: Submission, case: Case) -> None:
    """With lengths in any order, the answer is that of a packed torch.nn.LSTM, and 0 in padding."""
    layer_checks.lengths_match_packed(submission, case)


@check(points=1, after=lengths_match_packed, examples=4)
@given(case=cases(LSTM, lengths=True, stated=st.just(True)), cell=cell_cases(LSTM))
def leaves_inputs_unchanged(submission: Submission, case: Case, cell: CellCase) -> None:
    """Neither the layer nor the cell modifies its arguments."""
    layer_checks.leaves_inputs_unchanged(submission, case, cell)


@check(points=2, after=leaves_inputs_unchanged, examples=6)
@given(
    case=cases(
        LSTM,
        layers=sizes(1, 2),
        stated=st.just(True),
        steps=sizes(2, 4),
        lengths=True,
        dtype=torch.float64,
    )
)
def gradients(submission: Submission, case: Case) -> None:
    """Gradients reach x, h0, c0 and every parameter, through all steps, layers and directions."""
    layer_checks.gradients(submission, case)


@check(points=1, after=matches_torch)
def dropout_between_layers_only(submission: Submission) -> None:
    """Dropout acts in training only: on each entry between two layers, and on its gradient."""
    # Input and output gates open, the forget gate shut: h is tanh(tanh(pre-activation)).
    dropout.dropout_between_layers_only(submission, LSTM, biases=(50.0, -50.0, 0.0, 50.0), tanhs=2)


@check(points=1, after=dropout_between_layers_only, examples=5)
@given(case=cases(LSTM, layers=sizes(2, 3), steps=sizes(2, 4), dropout=0.5))
def no_dropout_inside_layers(submission: Submission, case: Case) -> None:
    """In training, dropout changes nothing inside a layer: no state, no weight."""
    dropout.no_dropout_inside_layers(submission, case)
