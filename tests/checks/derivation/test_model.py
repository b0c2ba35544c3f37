"""Models: what an author may write, and what is refused."""

import pytest

from grader.checks.derivation import Form, Model, Question
from grader.checks.derivation.expressions import show
from grader.checks.derivation.notation import NotationError, parse

PARTS = {"inputs": "x", "parameters": "w"}


def test_an_equation_is_read_in_the_learners_notation() -> None:
    definition = Model(("y[k] = w*x[k] + y[k-1]",), **PARTS).read("y[k] = w*x[k] + y[k-1]")
    assert (definition.name, definition.step) == ("y", "k")
    assert show(definition.body) == "w*x[k] + y[k-1]"


@pytest.mark.parametrize(
    "equation",
    [
        "y[t] + 1 = x[t]",
        "y[t-1] = x[t]",
        "y[t] = x[t] = 1",
        "y[t] = sum(x[s], s, 1, t)",
        "y[t] = d(x[t], w)",
        "y[t] = t*x[t]",
        "y = x",
        "y[t] ≈ x[t]",
    ],
)
def test_what_is_no_equation_is_refused(equation: str) -> None:
    with pytest.raises(NotationError):
        Model((equation,), **PARTS).read(equation)


@pytest.mark.parametrize("parameters", ["x", "w w", "d", "tanh", "hold"])
def test_a_name_is_used_once(parameters: str) -> None:
    with pytest.raises(NotationError, match="used twice"):
        Model(("y[t] = x[t]",), inputs="x", parameters=parameters)


def test_a_model_is_changed_in_some_equations_and_keeps_the_others() -> None:
    model = Model(("z[t] = w*x[t]", "y[t] = z[t] + y[t-1]"), **PARTS)
    changed = model.changed("z[t] = p*y[t-1]", parameters="p")
    assert changed.equations == ("z[t] = p*y[t-1]", "y[t] = z[t] + y[t-1]")
    assert changed.parameters == "w p"
    assert (changed.inputs, model.parameters) == ("x", "w")
    with pytest.raises(NotationError, match="the model has no v to change"):
        model.changed("v[t] = x[t]")


def test_a_form_can_ask_for_sums_and_products_to_be_taken_apart() -> None:
    model = Model(("y[t] = w*x[t]*y[t-1]",), **PARTS)
    form = Form("split", "x[t] y[t-1] w", derivatives=True, split=True)
    question = Question(model, "d(y[t], y[t-1])", form)
    whole, apart = (
        parse(line, question.vocabulary)
        for line in ("d(w*x[t]*y[t-1], y[t-1])", "w*x[t]*d(y[t-1], y[t-1])")
    )
    assert question.left_over(whole, form) == ["d(...) of a sum or product"]
    assert question.left_over(apart, form) == []
