"""Dropout that leaves something out is told by its name, whatever becomes of what is left out."""

import pytest

from grader.course.catalog import built_in_course
from tests.gate import few

KATA = built_in_course().find("lstm/lstm_stack")
DROPOUT = "layer_input = functional.dropout(layer_input, self.dropout, self.training)"
MASK = """if self.training:
                    kept = torch.rand_like(layer_input) >= self.dropout
                    kept{spared} = True
                    layer_input = layer_input * kept / (1 - self.dropout)"""


@pytest.mark.parametrize(
    ("spared", "mistake", "says"),
    few(
        [
            ("[..., self.hidden_size :]", "dropout_of_the_forward_direction_alone", "the reverse"),
            ("[0]", "dropout_spares_one_step", "step 0."),
            ("[..., : self.hidden_size]", "dropout_of_the_reverse_direction_alone", "the forward"),
            ("[:, -1]", "dropout_spares_one_sequence", "sequence 4."),
            ("[..., -1]", "dropout_spares_one_unit", "unit 7."),
        ],
        1,
    ),
)
def test_what_dropout_leaves_out(grader, spared: str, mistake: str, says: str) -> None:
    source = KATA.solution.read_text("utf-8")
    assert source.count(DROPOUT) == 1
    wrong = source.replace(DROPOUT, MASK.format(spared=spared)).encode()
    verdict = grader.attempt_source(KATA, wrong).verdict()
    [result] = [one for one in verdict.checks if one.status == "FAILED"]
    assert result.diagnosis is not None
    assert result.diagnosis.id == mistake
    assert f"and none of {says}" in result.message


def test_dropout_behind_the_last_layer_is_no_matter_of_scale(grader) -> None:
    source = KATA.solution.read_text("utf-8")
    wrong = source.replace("if layer < self.num_layers - 1:", "if layer > 0:").encode()
    verdict = grader.attempt_source(KATA, wrong).verdict()
    [result] = [one for one in verdict.checks if one.status == "FAILED"]
    assert result.diagnosis.id == "dropout_above_the_second_layer_too"
    assert "out is not h of the last layer" in result.message
    assert "scale" not in result.message
