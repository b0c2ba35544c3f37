"""Modules of the submission's that stay in the worker: their parameters, apart from buffers.

A task that names the parameters of a model leaves its buffers open, and a state dict holds both.
"""

from collections.abc import Iterable, Mapping
from contextlib import suppress

from torch import Tensor

from grader.checks.compare import expect_true
from grader.checks.submission import Handle, SubmissionError


def parameters_among(model: Handle, names: Iterable[str], known: Iterable[str] = ()) -> list[str]:
    """Those names of a state dict that are parameters: no buffers, and no second names of others.

    Args:
        model: a module of the submission's.
        names: as in its state dict.
        known: names of parameters. A module that is registered twice has each of its own twice.
    """
    found = [name for name in names if model["get_parameter"].error(name, keep=True) is None]
    if not found:
        return []
    taken = {_place(model, name) for name in known}
    return [name for name in found if _place(model, name) not in taken]


def parameter_shapes(model: Handle, named: Iterable[str]) -> dict[str, tuple[int, ...]]:
    """The shapes of all parameters.

    Args:
        model: a module of the submission's.
        named: the parameters that it should have. What else is in its state dict counts if it is a
            parameter, and none of these.

    Raises:
        CheckFailed: its state dict is no dict.
    """
    state = model["state_dict"]()
    expect_true(isinstance(state, dict), "state_dict() is no dict.")
    there = [name for name in named if name in state]
    left = {*there, *parameters_among(model, [n for n in state if n not in there], there)}
    return {
        name: tuple(getattr(value, "shape", ())) for name, value in state.items() if name in left
    }


def load_parameters(model: Handle, weights: Mapping[str, Tensor]) -> None:
    """Give a model its parameters, and leave its buffers as they are.

    Args:
        model: a module of the submission's.
        weights: a value for each of its parameters.

    Raises:
        SubmissionError: torch's own, where the model has other parameters.
    """
    try:
        model["load_state_dict"](weights)
    except SubmissionError:
        state = model["state_dict"]()
        if not isinstance(state, dict) or not weights.keys() < state.keys():
            raise
        if parameters_among(model, state.keys() - weights.keys(), weights):
            raise
        model["load_state_dict"](weights, strict=False)


def _place(model: Handle, name: str) -> object:
    """Where the numbers of a parameter are: two names of one parameter have the same place."""
    with suppress(SubmissionError):
        parameter = model["get_parameter"](name, keep=True)
        if isinstance(parameter, Handle):
            return parameter["data_ptr"]()
    return name
