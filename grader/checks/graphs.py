"""Whether gradients can flow: of models and tensors that stay in the worker."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress

from torch import Tensor

from grader.checks.compare import expect_true
from grader.checks.hearing import observe
from grader.checks.submission import Handle, SubmissionError

ROUNDING = 1e-6
"""What sums of a few terms in float32 may leave of a gradient that is 0."""


def parameter_gradients(
    model: Handle, *arguments: object, cotangent: Tensor, parameters: Sequence[str]
) -> dict[str, object]:
    """What arrives at each parameter of a model: a tensor, or None where it is cut off.

    Args:
        model: a module of the submission's.
        arguments: what it is called with.
        cotangent: of its answer.
        parameters: names, as in its state dict. What is no parameter is left out.
    """

    def gradients(names: Sequence[str]) -> tuple[object, ...]:
        return model.vjp(*arguments, cotangents=[cotangent], wrt=[*names]).gradients

    try:
        return dict(zip(parameters, gradients(parameters), strict=True))
    except SubmissionError as error:
        if error.kind != "missing":  # a buffer, it may be
            raise
    found: dict[str, object] = {}
    for name in parameters:
        with suppress(SubmissionError):
            (found[name],) = gradients([name])
    return found


def gradient_left(model: Handle, parameters: Sequence[str]) -> float:
    """The largest entry, in size, of the gradients that a training has left in its model.

    0 where it has cleared them. Where a model has learned all there is, what is left is old.

    Args:
        model: a module of the submission's.
        parameters: names, as in its state dict. What is no parameter is left out.
    """
    sizes = [0.0]
    for name in parameters:
        with suppress(SubmissionError):  # a buffer, it may be
            gradient = model["get_parameter"](name, keep=True).attribute("grad")
            if isinstance(gradient, Tensor):
                sizes.append(float(gradient.abs().max()))
    return max(sizes)


def expect_old_ones_cleared(runs: Iterable[tuple[int, str, float, bool]], *, where: str) -> None:
    """Hold that a step of a training follows the gradients of its own batch alone.

    Clipping keeps a sum of old gradients small too, so that a model which has learned all there is
    is held to what is left of its gradient.

    Args:
        runs: trainings on what has one answer. Of each: how many epochs, of what, `gradient_left`,
            and whether the model has learned it. The first is of one epoch and short; a long one
            with a single epoch shows what is cleared in between.
        where: what was trained, for messages.
    """
    trained = iter(runs)
    _, short, first, _ = next(trained)
    for epochs, what, left, learned in trained:
        when = f"{epochs} epochs of {what}" if epochs > 1 else f"one of {what}"
        summed = left > (max(0.05, 0.3 * first) if learned else max(1.0, 4.0 * first))
        observe(f"gradients add up in {when}", summed)
        expect_true(
            not summed,
            f"The gradients of earlier batches are still there: {where}, the largest is "
            f"{first:.3g} in size after one epoch of {short}, and {left:.3g} after {when}.",
            expected="a gradient that vanishes as the model learns",
            got=f"{left:.3g} after {first:.3g}",
        )


def cut_off(gradients: Mapping[str, object], moved: Mapping[str, object]) -> list[str]:
    """The parameters at which no gradient arrives.

    Where it is zero throughout, a parameter counts if another gradient has moved it: the bias of
    attention's scores moves no weight of theirs, and has zeros, or what rounding leaves of them.

    Args:
        gradients: of each parameter.
        moved: the same, of another cotangent.
    """

    def is_moved(one: object) -> bool:
        return isinstance(one, Tensor) and bool((one.abs() > ROUNDING).any())

    return [
        name
        for name, one in gradients.items()
        if not isinstance(one, Tensor) or (is_moved(moved.get(name)) and not one.any())
    ]


def is_joined(tensor: object) -> bool:
    """Whether a tensor that stays in the worker is part of a graph."""
    if not isinstance(tensor, Handle):
        return False
    total = tensor["sum"](keep=True)
    return isinstance(total, Handle) and total["backward"].error() is None
