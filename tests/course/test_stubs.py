"""Stubs are what is left of a solution when the answer is taken out."""

import ast
import subprocess
import sys
import textwrap

import pytest

from grader.course.catalog import built_in_course
from grader.course.stubs import (
    Difference,
    first_difference,
    generated_stub,
    given,
    stub_of,
)
from grader.errors import SpecError

KATAS = [pytest.param(kata, id=kata.name) for kata in built_in_course().katas]


def dedent(text: str) -> str:
    return textwrap.dedent(text).lstrip("\n")


@pytest.mark.parametrize("kata", KATAS)
def test_every_stub_is_what_its_solution_gives(kata) -> None:
    assert first_difference(kata.stub.read_text(), generated_stub(kata.solution)) is None


def test_a_function_keeps_what_the_learner_needs() -> None:
    solution = dedent('''
        """A mean."""

        from __future__ import annotations

        import math
        from collections.abc import Callable, Iterable, Mapping, MutableMapping
        from typing import TYPE_CHECKING

        import numpy as np
        import torch

        if TYPE_CHECKING:
            from decimal import Decimal
            from fractions import Fraction

        # How far we look.
        FAR = 20
        EPS = 1e-5
        Table = Mapping[str, int]  # what is counted


        def _half(x: int) -> float:
            """Halve it."""
            return x / 2


        @torch.no_grad()
        def mean(
            xs: Iterable[np.ndarray],  # as many as you like
            table: Table,
            exact: "Fraction | None" = None,
            eps: float = EPS,
        ) -> float:
            """Return the mean."""
            # A comment of the solution's own.
            return math.fsum(xs) + _half(FAR)


        async def wait(x: int) -> None:
            return None
    ''')
    assert stub_of(solution) == dedent('''
        """A mean."""

        from __future__ import annotations

        from collections.abc import Iterable, Mapping
        from typing import TYPE_CHECKING

        import numpy as np
        import torch

        if TYPE_CHECKING:
            from fractions import Fraction

        EPS = 1e-5
        Table = Mapping[str, int]  # what is counted


        @torch.no_grad()
        def mean(
            xs: Iterable[np.ndarray],  # as many as you like
            table: Table,
            exact: "Fraction | None" = None,
            eps: float = EPS,
        ) -> float:
            """Return the mean."""
            raise NotImplementedError


        async def wait(x: int) -> None:
            raise NotImplementedError
    ''')


def test_what_is_given_and_what_is_a_hint_are_kept() -> None:
    solution = dedent('''
        """Gates."""

        import math

        # Given. The order of the blocks,
        # as torch has it.
        ORDER = ("i", "f", "g", "o")
        # Not given.
        SCALE = 3.0


        # Given: how to squash.
        def squash(x: float) -> float:
            """Squash x."""
            return math.tanh(x)


        # Hint: begin with one step.
        def step(x: float) -> float:
            """Take one step."""
            # Given: this one stays as it is.
            y = squash(x)
            # Hint: three gates are left.
            z = y * SCALE
            # Only ours.
            return z
    ''')
    assert stub_of(solution) == dedent('''
        """Gates."""

        import math

        # Given. The order of the blocks,
        # as torch has it.
        ORDER = ("i", "f", "g", "o")


        # Given: how to squash.
        def squash(x: float) -> float:
            """Squash x."""
            return math.tanh(x)


        # Hint: begin with one step.
        def step(x: float) -> float:
            """Take one step."""
            # Given: this one stays as it is.
            y = squash(x)
            # Hint: three gates are left.
            raise NotImplementedError
    ''')


def test_a_class_keeps_fields_and_public_and_special_methods() -> None:
    solution = dedent('''
        from dataclasses import dataclass, field

        from torch import Tensor, nn


        @dataclass
        class Cell(nn.Module):
            """A cell."""

            size: int
            gates: list[Tensor] = field(default_factory=list)
            secret = 3

            def __init__(self, size: int) -> None:
                super().__init__()

            @property
            def width(self) -> int:
                """How wide."""
                return self._width()

            def _width(self) -> int:
                return self.size


        class Empty:
            def _helper(self) -> None: ...


        class WrongError(ValueError):
            """What is raised."""
    ''')
    assert stub_of(solution) == dedent('''
        from dataclasses import dataclass, field

        from torch import Tensor, nn


        @dataclass
        class Cell(nn.Module):
            """A cell."""

            size: int
            gates: list[Tensor] = field(default_factory=list)

            def __init__(self, size: int) -> None:
                raise NotImplementedError

            @property
            def width(self) -> int:
                """How wide."""
                raise NotImplementedError


        class Empty:
            ...


        class WrongError(ValueError):
            """What is raised."""
    ''')


def test_a_private_class_that_a_signature_names_is_kept_too() -> None:
    solution = dedent('''
        from typing import NamedTuple


        class _Cache(NamedTuple):
            """What the backward pass needs."""

            x: float


        def forward(x: float) -> _Cache:
            """Return the cache."""
            return _Cache(x)
    ''')
    assert "class _Cache(NamedTuple):" in stub_of(solution)
    assert "    x: float\n" in stub_of(solution)


def test_long_imports_that_lose_a_name_stay_short_enough() -> None:
    names = [f"a_rather_long_name_{n}" for n in range(6)]
    rows = "".join(f"    {name},\n" for name in names)
    arguments = ", ".join(f"x{n}: {name}" for n, name in enumerate(names[1:]))
    stub = stub_of(f"from somewhere import (\n{rows})\n\n\ndef f({arguments}):\n    return 1\n")
    assert names[0] not in stub
    ast.parse(stub)
    assert stub.startswith("from somewhere import (\n    a_rather_long_name_1,\n")


@pytest.mark.parametrize("kata", KATAS)
def test_a_generated_stub_is_stable(kata) -> None:
    # A stub's own stub is itself: nothing of the answer was left, and nothing given was lost.
    stub = generated_stub(kata.solution)
    assert stub_of(stub) == stub


def test_generated_stubs_are_formatted(tmp_path) -> None:
    for param in KATAS:
        [kata] = param.values
        (tmp_path / f"{kata.short}.py").write_text(generated_stub(kata.solution))
    command = [sys.executable, "-m", "ruff", "format", "--check", "--isolated"]
    command += ["--line-length", "100", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_first_difference() -> None:
    assert first_difference("a\nb\n", "a\nb\n") is None
    assert first_difference("a\nb\n", "a\nc\nd\n") == Difference(2, "b", "c")
    assert first_difference("a\n", "a\nb\n") == Difference(2, None, "b")
    assert first_difference("a\nb\n", "a\n") == Difference(2, "b", None)
    assert first_difference("a", "a\n") == Difference(1, "no newline", "a newline at its end")
    assert first_difference("", "a\n") == Difference(1, None, "a")


def test_a_solution_that_gives_no_stub_says_where(tmp_path) -> None:
    path = tmp_path / "x.py"
    with pytest.raises(SpecError, match=r"x\.py: the solution cannot be read: No such file"):
        generated_stub(path)
    path.write_text("x = 1\ndef f(:\n")
    with pytest.raises(SpecError, match=r"x\.py:2: the solution does not parse: "):
        generated_stub(path)
    path.write_bytes(b"x = '\xff'\n")
    with pytest.raises(SpecError, match=r"x\.py: is not UTF-8 text \(byte 5\)"):
        generated_stub(path)


def test_an_empty_solution_gives_an_empty_stub() -> None:
    assert stub_of("") == "\n"


@pytest.mark.parametrize("kata", KATAS)
def test_what_is_given_in_full_runs_by_itself(kata) -> None:
    names: dict[str, object] = {"__name__": "given"}
    exec(given(kata.stub), names)
    assert b"NotImplementedError" not in given(kata.stub)


def test_what_is_given_in_full_is_all_but_what_is_left_to_the_learner() -> None:
    kata = built_in_course().find("applications/seq2seq")
    names = {
        node.name for node in ast.parse(given(kata.stub)).body if isinstance(node, ast.FunctionDef)
    }
    assert names == {"build_vocabulary", "make_batch", "planted"}
    assert given(built_in_course().find("lstm/lstm_cell").stub) == b""
