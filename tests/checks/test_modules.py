"""The parameters of a module, apart from its buffers and from second names."""

from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from grader.checks.modules import load_parameters, parameter_shapes, parameters_among
from grader.checks.submission import Handle, SubmissionError


class Local(Handle):
    """An object of this process, asked as one that stays in the worker."""

    def __init__(self, held: Any) -> None:
        self.held = held
        self.type_name = type(held).__name__

    def ask(self, args: Any, kwargs: Any, *, keep: bool = False, **options: Any) -> Any:
        try:
            value = self.held(*args, **kwargs)
        except Exception as error:
            raise SubmissionError("exception", type(error).__name__, str(error)) from None
        return SimpleNamespace(value=Local(value) if keep else value)

    def __getitem__(self, method: str) -> "Local":
        return Local(getattr(self.held, method))

    def describe(self) -> dict[str, Any]:
        raise NotImplementedError


class Model(nn.Module):
    def __init__(self, *more: str) -> None:
        super().__init__()
        self.head = nn.Linear(2, 3)
        if "buffer" in more:
            self.register_buffer("table", torch.ones(5))
        if "second name" in more:
            self.parts = nn.ModuleList([self.head])
        if "parameter" in more:
            self.scale = nn.Parameter(torch.ones(4))


SHAPES = {"head.weight": (3, 2), "head.bias": (3,)}
WEIGHTS: dict[str, Tensor] = {name: torch.randn(shape) for name, shape in SHAPES.items()}


@pytest.mark.parametrize("more", [(), ("buffer",), ("second name",), ("second name", "buffer")])
def test_buffers_and_second_names_are_no_more_parameters(more: tuple[str, ...]) -> None:
    model = Model(*more)
    assert parameter_shapes(Local(model), SHAPES) == SHAPES
    load_parameters(Local(model), WEIGHTS)
    for name, value in WEIGHTS.items():
        assert torch.equal(model.state_dict()[name], value)
    if "buffer" in more:
        assert torch.equal(model.table, torch.ones(5))


@pytest.mark.parametrize("more", [("parameter",), ("parameter", "buffer", "second name")])
def test_a_parameter_more_counts(more: tuple[str, ...]) -> None:
    model = Local(Model(*more))
    assert parameter_shapes(model, SHAPES) == {**SHAPES, "scale": (4,)}
    with pytest.raises(SubmissionError, match="scale"):
        load_parameters(model, WEIGHTS)


def test_another_name_and_another_shape_are_as_torch_says() -> None:
    assert parameter_shapes(Local(Model()), ["tail.weight"]) == SHAPES
    with pytest.raises(SubmissionError, match=r"tail\.weight"):
        load_parameters(Local(Model("buffer")), {"tail.weight": torch.ones(3, 2)})
    with pytest.raises(SubmissionError, match="size mismatch"):
        load_parameters(Local(Model("buffer")), WEIGHTS | {"head.bias": torch.ones(4)})


def test_what_training_left_is_a_parameter_or_not() -> None:
    names = list(Model("buffer").state_dict())
    assert parameters_among(Local(Model("buffer")), names) == list(SHAPES)
