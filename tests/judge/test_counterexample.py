"""The card of a failure holds the whole case: the failing call, and how its objects were made."""

import re

import pytest
import torch

from grader.course.misconceptions import mutant_source
from grader.judge.counterexample import described
from grader.verdict import Counterexample


@pytest.fixture
def card(course, grader):
    """The card of the first check that a misconception fails."""

    def card(name: str, misconception: str) -> Counterexample:
        kata = course.find(name)
        [item] = [item for item in kata.misconceptions if item.id == misconception]
        source = mutant_source(item, kata.solution, kata.solutions)
        verdict = grader.attempt_source(kata, source).verdict()
        return next(c.counterexample for c in verdict.checks if c.status == "FAILED")

    return card


def test_a_function_comes_with_its_arguments(card) -> None:
    found = card("lstm/lstm_cell", "forget_and_input_swapped")
    names = ["x", "h", "c", "w_ih", "w_hh", "b_ih", "b_hh"]
    assert found.call == f"lstm_cell({', '.join(names)})"
    assert [argument.name for argument in found.arguments] == names
    assert found.set_up == ()


def test_a_module_comes_with_how_it_was_made_and_its_weights(card) -> None:
    found = card("lstm/lstm_layer", "state_of_last_layer_only")
    assert found.call == "model(x, state)"
    assert [argument.name for argument in found.arguments] == ["x", "state[0]", "state[1]"]
    made, *others = found.set_up
    assert re.match(r"model = LSTM\(1, 1, num_layers=2.*\)$", made.call), made
    loaded = others[-1]
    assert loaded.call == "model.load_state_dict(state_dict)"
    assert "state_dict['weight_ih_l0']" in [argument.name for argument in loaded.arguments]
    assert found.calls_before > 0, "the first chunk was read before"


def test_a_cache_comes_with_the_call_that_gave_it(card) -> None:
    found = card("lstm/lstm_backward", "dc_last_ignored")
    assert found.call == "lstm_backward(dhs, dc_last, cache)"
    assert [argument.name for argument in found.arguments] == ["dhs", "dc_last"]
    [made] = found.set_up
    assert made.call == "cache = lstm_forward(x, h0, c0, w_ih, w_hh, b)[2]"
    assert [argument.name for argument in made.arguments] == ["x", "h0", "c0", "w_ih", "w_hh", "b"]
    assert found.calls_before == 0


@pytest.mark.parametrize("size", [2, 50])
@pytest.mark.parametrize("dtype", ["complex64", "bool", "int8", "float16", "bfloat16", "float64"])
def test_an_answer_of_any_dtype_that_was_handed_back_is_written(dtype: str, size: int) -> None:
    [argument] = described("state", torch.ones(size).to(getattr(torch, dtype)))
    assert argument.dtype == dtype
    assert "1" in argument.value or "True" in argument.value
