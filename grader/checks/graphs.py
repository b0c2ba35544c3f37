"""Whether gradients can flow: of models and tensors that stay in the worker."""

from collections.abc import Sequence
from contextlib import suppress

from torch import Tensor

from grader.checks.submission import Handle, SubmissionError


def without_gradient(
    model: Handle, *arguments: object, cotangent: Tensor, parameters: Sequence[str]
) -> list[str]:
    """The parameters that no gradient of a model's answer reaches.

    A gradient of zeros has come through: the bias of attention's scores moves no weight of theirs.

    Args:
        model: a module of the submission's.
        arguments: what it is called with.
        cotangent: of its answer.
        parameters: names, as in its state dict. Of those that are no parameters none is told.
    """

    def gradients(names: Sequence[str]) -> tuple[object, ...]:
        return model.vjp(*arguments, cotangents=[cotangent], wrt=[*names]).gradients

    try:
        found = dict(zip(parameters, gradients(parameters), strict=True))
    except SubmissionError as error:
        if error.kind != "missing":  # a buffer, it may be
            raise
        found = {}
        for name in parameters:
            with suppress(SubmissionError):
                (found[name],) = gradients([name])
    return [name for name, one in found.items() if not isinstance(one, Tensor)]


def is_joined(tensor: object) -> bool:
    """Whether a tensor that stays in the worker is part of a graph."""
    if not isinstance(tensor, Handle):
        return False
    total = tensor["sum"](keep=True)
    return isinstance(total, Handle) and total["backward"].error() is None
