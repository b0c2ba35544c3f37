"""An operation with a mask or with positions: they keep their dtype, and no gradient is asked."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from grader.checks import CheckFailed, Operation


def masked_sum(dtypes: tuple[Any, ...], sign: float = 1.0) -> Operation:
    """Sum what a mask keeps, times a weight that is looked up."""

    def whole(case):
        rows = case.rows > 0
        return case.put(mask=case.mask > 0, rows=rows + 0)

    return Operation(
        "masked_sum",
        takes={"mask": ("N", "I"), "x": ("N", "I"), "rows": ("N",), "weights": (2,)},
        gives={"y": ("N",)},
        reference=lambda mask, x, rows, weights: (
            sign * torch.where(mask, x, 0.0).sum(1) * weights[rows.long()]
        ),
        terms=lambda mask, x, rows, weights: (x * mask).sum(1).max() * weights.max(),
        fit=whole,
        sizes=st.just({"N": 3, "I": 4}),
        dtypes=dtypes,
    )


DTYPES = [(torch.float32, torch.float64), (np.float32, np.float64)]


@pytest.mark.parametrize("dtypes", DTYPES, ids=["torch", "numpy"])
def test_what_is_no_floating_point_keeps_its_dtype(dtypes) -> None:
    operation = masked_sum(dtypes)
    assert operation.problem(["mask", "x", "rows", "weights"]) == ""

    @given(case=operation.cases(dtypes[1]))
    def hold(case) -> None:
        small = case.to(dtypes[0])
        assert str(small.mask.dtype).endswith("bool")
        assert str(small.rows.dtype).endswith("int64")
        assert small.x.dtype == dtypes[0]
        assert operation.size(*case.values) >= 0
        assert list(operation.exact_gradients(case)) == ["x", "weights"]

    hold()


class Asked(SimpleNamespace):
    """A submission that answers with an operation's reference."""

    def __init__(self, operation: Operation) -> None:
        super().__init__(operation=operation, wrt=[])

    def __getitem__(self, name: str) -> "Asked":
        return self

    def vjp(self, *values: Any, cotangents: Any, wrt: list[int]) -> SimpleNamespace:
        """The gradients that are asked for, by position among the tensors."""
        leaves = [value.clone() for value in values]
        self.wrt = wrt
        for index in wrt:
            leaves[index].requires_grad_()  # raises for a mask
        answer = self.operation.reference(*leaves)
        total = (answer * cotangents[0]).sum()
        gradients = torch.autograd.grad(
            total, [leaves[index] for index in wrt], materialize_grads=True
        )
        return SimpleNamespace(gradients=gradients)


def test_gradients_are_asked_of_what_has_one() -> None:
    operation, wrong = masked_sum(DTYPES[0]), masked_sum(DTYPES[0], sign=-1.0)

    @given(case=operation.cases(torch.float64))
    def hold(case) -> None:
        right = Asked(operation)
        operation.expect_gradients(right, case)  # type: ignore[arg-type]
        assert right.wrt == [1, 3]
        full = case.put(mask=torch.ones_like(case.mask))
        with pytest.raises(CheckFailed, match="gradient of x"):
            operation.expect_gradients(Asked(wrong), full)  # type: ignore[arg-type]

    hold()
