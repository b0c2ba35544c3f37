"""Parity: the same function in another dtype and on another device.

One check for each place, made from the records of a kata's operations. What is right is what the
reference gives in float64; what is allowed is a multiple of the error that the reference itself
makes in that dtype on that device, so that float32 on a CPU, TensorFloat-32 and bfloat16 each get
what they need and no more.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from hypothesis import given
from hypothesis import strategies as st

from grader.checks.check import NO_LIMITS, Check, CheckLimits
from grader.checks.compare import expect, expect_true, items, kind_of
from grader.checks.layers import Case as LayerCase
from grader.checks.layers import Reads, torch_gradients, unpack
from grader.checks.nested import arrays_in, each_array
from grader.checks.operations import Case, Operation, as_float64
from grader.checks.submission import Handle, Submission
from grader.wire.places import Place

EXAMPLES = 3
CUDA_LIMITS = CheckLimits(check_s=60.0, call_s=30.0)
"""The first call of each kind loads and tunes kernels."""
FLOOR = 1.0
"""Of the allowance for rounding, in place of a kata's: the reference's own error counts there."""


def parity_checks(
    operations: Sequence[Operation | Reads], places: Sequence[Place], *, after: Sequence[str]
) -> list[Check]:
    """The checks of a kata's operations and layers in other places; they are worth no points.

    Args:
        operations: the kata's; those of arrays, or that can't be asked there, are left out.
        places: where to ask again.
        after: the checks that must have passed.
    """
    found = []
    for place in places:
        dtype = getattr(torch, place.dtype)
        asked = [o for o in operations if _allows(o, place, dtype)]
        if asked:
            found.append(_check(asked, place, dtype, after))
    return found


def _allows(operation: Operation | Reads, place: Place, dtype: torch.dtype) -> bool:
    if isinstance(operation, Reads):
        return True
    if not all(isinstance(one, torch.dtype) for one in operation.dtypes):
        return False
    return dtype in (*operation.dtypes, *operation.low_precision)


def _check(
    operations: Sequence[Operation | Reads], place: Place, dtype: torch.dtype, after: Sequence[str]
) -> Check:
    cases = st.tuples(
        *(o.cases if isinstance(o, Reads) else o.cases(torch.float64) for o in operations)
    )

    def function(submission: Submission, cases: tuple[Any, ...]) -> None:
        for operation, case in zip(operations, cases, strict=True):
            if isinstance(operation, Reads):
                _expect_layer(submission, case.to(dtype), place)
            elif place.device == "meta":
                _expect_form(operation, submission, case.to(dtype))
            else:
                _expect_values(operation, submission, case.to(dtype), place)

    function.__name__ = place.check
    function.__doc__ = (
        "It runs on the device meta: no tensor is made on another device."
        if place.device == "meta"
        else f"Answers and gradients are right on {place.name}."
    )
    drawn = given(cases=cases)(function)
    limits = CUDA_LIMITS if place.device == "cuda" else NO_LIMITS
    return Check(drawn, points=0, after=tuple(after), examples=EXAMPLES, place=place, limits=limits)


def _expect_form(operation: Operation, submission: Submission, case: Case) -> None:
    answer = operation.ask(submission, *case.values)
    for name, like, got in zip(operation.outputs, case.cotangents, answer, strict=False):
        if like is not None:
            _expect_meta(name, got, like)


def _expect_meta(name: str, got: object, like: torch.Tensor) -> None:
    """On the device meta an answer comes back as a handle that says its dtype and shape."""
    dtype = str(like.dtype).removeprefix("torch.")
    want = f"Tensor of dtype {dtype}, meta {tuple(like.shape)}"
    kind = got.type_name if isinstance(got, Handle) else kind_of(got)
    expect_true(kind == want, f"{name} is a {kind}, expected a {want}.", expected=want, got=kind)


def _expect_values(operation: Operation, submission: Submission, case: Case, place: Place) -> None:
    """Hold answers and gradients against float64, with the reference's own error at that place."""
    got = operation.ask(submission, *case.values)
    exact = operation.run(*as_float64(case.values))
    terms = operation.sizes_of_outputs(*case.values)
    with rounding(place):
        there = each_array(lambda value: value.to(place.device), (case.values, case.cotangents))
        own = each_array(_here, operation.run(*there[0]))
    for name, one, want, peer, size in zip(
        operation.outputs, got[: len(exact)], exact, own, terms, strict=True
    ):
        expect(one, want, name=name, dtype=case.dtype, peer=peer, terms=size, floor=FLOOR)
    if not _has_gradients(operation, case):
        return
    wanted = operation.exact_gradients(case.to(torch.float64))
    with rounding(place):
        moved = Case(dict(zip(case.arguments, there[0], strict=True)), there[1])
        peers = operation.exact_gradients(moved)
    wrt = [index for index, name in enumerate(case.arrays) if name in wanted]
    asked = submission[operation.name].vjp(*case.values, cotangents=case.cotangents, wrt=wrt)
    size = sum(float(abs(c).double().sum()) for c in case.cotangents)
    size *= operation.size(*case.values) ** 2
    for (name, want), one in zip(wanted.items(), asked.gradients, strict=True):
        expect_true(one is not None, f"No gradient reaches {name} on {place.name}.")
        expect(
            one,
            want,
            name=f"gradient of {name}",
            dtype=case.dtype,
            peer=_here(peers[name]),
            terms=size,
            floor=FLOOR,
        )


def _has_gradients(operation: Operation, case: Case) -> bool:
    """Whether what the reference gives has a graph: no plain value, and not a slope already."""

    def leaf(value: torch.Tensor) -> torch.Tensor:
        return value.clone().requires_grad_() if value.is_floating_point() else value

    if any(cotangent is None for cotangent in case.cotangents):
        return False
    outputs = operation.reference(*case.to(torch.float64).map(leaf).values)
    return any(output.requires_grad for _, output in arrays_in(outputs))


TURNS = {torch.float64: "double", torch.bfloat16: "bfloat16", torch.float16: "half"}
"""The method of a module that turns its parameters into a dtype."""


def _expect_layer(submission: Submission, case: LayerCase, place: Place) -> None:
    """Hold a layer's answers and gradients against torch's in float64, as of an operation."""
    family = case.family
    model: Handle = submission[family.name](case.input_size, case.hidden_size, **case.options)
    if case.dtype in TURNS:
        model[TURNS[case.dtype]]()
    if place.device == "cuda":
        model["to"](place.device)
    model["load_state_dict"](case.weights)
    lengths: dict[str, Any] = {} if case.lengths is None else {"lengths": case.lengths}
    exact, pulls, wants = torch_gradients(case, torch.float64, "cpu")
    if place.device == "meta":
        out, state = items(model(case.x, case.state, keep=False, **lengths), "out", "state")
        for name, got, want in zip(family.outputs, (out, *family.split(state)), wants, strict=True):
            _expect_meta(name, got, want.to(case.dtype))
        return
    with rounding(place):
        own, _, peers = torch_gradients(case, case.dtype, place.device)
    answer = model.vjp(
        case.x,
        case.state,
        **lengths,
        cotangents=[pull.to(case.dtype) for pull in pulls],
        wrt=[*range(1 + len(family.parts)), *case.weights],
    )
    for name, got, want, peer in zip(
        family.outputs, unpack(family, answer.value), wants, peers, strict=True
    ):
        expect(
            got, want, name=name, dtype=case.dtype, peer=_here(peer), terms=case.terms, floor=FLOOR
        )
    terms = case.terms * max(1.0, max(float(gradient.abs().max()) for gradient in exact))
    for name, got, want, peer in zip(case.leaves, answer.gradients, exact, own, strict=True):
        expect_true(got is not None, f"No gradient reaches {name} on {place.name}.")
        what = f"gradient of {name}"
        expect(got, want, name=what, dtype=case.dtype, peer=_here(peer), terms=terms, floor=FLOOR)


def _here(value: Any) -> Any:
    return value.detach().cpu() if isinstance(value, torch.Tensor) else value


@contextmanager
def rounding(place: Place) -> Iterator[None]:
    """In this block, products of float32 on CUDA are rounded as the place says."""
    if place.device != "cuda":
        yield
        return
    before = torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = place.tf32
    try:
        yield
    finally:
        torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32 = before
