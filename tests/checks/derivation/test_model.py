"""Models: what an author may write, and what is refused."""

import pytest

from grader.checks.derivation import Model
from grader.checks.derivation.notation import NotationError, show

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
