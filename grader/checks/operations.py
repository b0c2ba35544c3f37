"""Checks of a function of tensors, from one record: what it takes, what it gives, what it equals.

A kata names its `Operation`. From it come cases, and the checks that most katas have:

    STEP = Operation("rnn_cell", takes={...}, gives={"h": ("N", "H")}, reference=..., terms=...)
    leaves_inputs_unchanged = STEP.leaves_inputs_unchanged(points=1)

The reference is a function of the same arguments, in any dtype and on any device: the float64
oracle, torch's own error in the dtype at hand, the exact gradients and the same check in another
dtype or on another device all come from it.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from grader.checks.check import Check, check
from grader.checks.compare import expect, expect_true, expect_unchanged, gradients_of, items
from grader.checks.strategies import Source, Strategy, sources, unequal
from grader.checks.submission import Submission

Shape = tuple[str | int, ...]
"""Sizes of axes: "H" is drawn, "4H" is four times that, 2 is 2."""

Befores = Check | str | Sequence[Check | str]


@dataclass(frozen=True)
class Case:
    """The arguments of one call by name, and a cotangent for each output."""

    arguments: dict[str, Any]
    cotangents: tuple[Any, ...]

    def __getattr__(self, name: str) -> Any:
        """An argument."""
        try:
            return self.__dict__["arguments"][name]
        except KeyError:
            raise AttributeError(name) from None

    @property
    def values(self) -> tuple[Any, ...]:
        """The arguments, in the order of the signature."""
        return tuple(self.arguments.values())

    @property
    def arrays(self) -> dict[str, Any]:
        """The arguments that are tensors or arrays."""
        return {name: value for name, value in self.arguments.items() if _is_array(value)}

    @property
    def dtype(self) -> Any:
        """The dtype of the arguments."""
        return next(iter(self.arrays.values())).dtype

    def put(self, **arguments: Any) -> "Case":
        """The same case with other arguments."""
        return replace(self, arguments=self.arguments | arguments)

    def map(self, change: Callable[[Any], Any]) -> "Case":
        """The same case with every tensor or array changed."""
        return self.put(**{name: change(value) for name, value in self.arrays.items()})

    def to(self, dtype: Any) -> "Case":
        """The same case in another dtype."""
        return self.map(lambda value: _cast(value, dtype))


@dataclass(frozen=True)
class Operation:
    """A function of tensors (or of arrays) that a learner writes.

    Args:
        name: the submission's function.
        takes: its arguments in order: the shape of a tensor, or a strategy for a plain value.
        gives: its outputs and their shapes. One: the tensor itself. Several: a tuple.
        reference: what the outputs equal, a function of the same arguments on torch's tensors.
        terms: the size of the largest sum of terms, a function of the same arguments, whose tensors
            hold absolute values in float64; or a number.
        scales: what the drawn values of an argument are multiplied with.
        sizes: draws the size of each letter.
        batch: the letter of the batch; empty where there is none.
        dims: names of the outputs' axes, for messages.
        dtypes: what the arguments are drawn in; NumPy's dtypes make arrays.
    """

    name: str
    takes: Mapping[str, Shape | Strategy]
    gives: Mapping[str, Shape]
    reference: Callable[..., Any]
    terms: Callable[..., float] | float = 1.0
    scales: Mapping[str, float] = field(default_factory=dict)
    sizes: Strategy = field(default_factory=lambda: unequal("I", "H", N=(1, 3)))
    batch: str = "N"
    dims: tuple[str, ...] = ("batch", "unit")
    dtypes: tuple[Any, ...] = (torch.float32, torch.float64)

    # -- cases -------------------------------------------------------------------------------------

    def draw(self, source: Source, sizes: Mapping[str, int], **plain: Any) -> Case:
        """One case of these sizes, with these values for the plain arguments."""

        def normal(shape: Shape, scale: float = 1.0) -> Any:
            return source.normal(*(_size(axis, sizes) for axis in shape), scale=scale)

        arguments = {
            name: normal(form, self.scales.get(name, 1.0))
            if isinstance(form, tuple)
            else plain[name]
            for name, form in self.takes.items()
        }
        return Case(arguments, tuple(normal(shape) for shape in self.gives.values()))

    def cases(self, dtype: Any = None, **sizes: int) -> Strategy:
        """Cases, in one dtype and with some sizes fixed."""
        return self._several(1, dtype, sizes).map(lambda drawn: drawn[0])

    def pairs(self, dtype: Any = None, **sizes: int) -> Strategy:
        """Two cases with the same sizes, dtype and plain values, and other numbers."""
        return self._several(2, dtype, sizes)

    def _several(self, count: int, dtype: Any, fixed: Mapping[str, int]) -> Strategy:
        plain = {name: form for name, form in self.takes.items() if not isinstance(form, tuple)}

        @st.composite
        def several(draw: st.DrawFn) -> tuple[Case, ...]:
            sizes = {**draw(self.sizes), **fixed}
            source = draw(sources(self.dtypes if dtype is None else dtype))
            values = {name: draw(strategy) for name, strategy in plain.items()}
            return tuple(self.draw(source, sizes, **values) for _ in range(count))

        return several()

    # -- one call ----------------------------------------------------------------------------------

    def ask(self, submission: Submission, *values: Any) -> tuple[Any, ...]:
        """What the submission gives, one entry for each output."""
        return self.unpack(submission[self.name](*values))

    def unpack(self, answer: Any) -> tuple[Any, ...]:
        """An answer's outputs."""
        return (answer,) if len(self.gives) == 1 else items(answer, *self.gives)

    def run(self, *values: Any) -> tuple[Any, ...]:
        """What the reference gives, in the dtype and on the device of the arguments."""
        given_arrays = any(isinstance(value, np.ndarray) for value in values)
        answer = self.reference(*map(_tensor, values))
        outputs = (answer,) if isinstance(answer, Tensor) else tuple(answer)
        return tuple(output.numpy() for output in outputs) if given_arrays else outputs

    def size(self, *values: Any) -> float:
        """The size of the terms that are summed."""
        if not callable(self.terms):
            return self.terms
        exact = (_cast(_tensor(v), torch.float64).abs() if _is_array(v) else v for v in values)
        return float(self.terms(*exact))

    def expect(
        self, submission: Submission, *values: Any, after: str = "", peer: bool = True
    ) -> tuple[Any, ...]:
        """Hold every output of one call against the reference, the last one first.

        Args:
            submission: whom to ask.
            values: the arguments.
            after: what follows the output's name in messages.
            peer: whether the reference's own error in this dtype counts for what is allowed.

        Returns:
            What the submission gave.
        """
        got = self.ask(submission, *values)
        want = self.run(*(_double(value) for value in values))
        peers = self.run(*values) if peer else [None] * len(want)
        dtype = next(value.dtype for value in values if _is_array(value))
        for name, one, exact, own in reversed(list(zip(self.gives, got, want, peers, strict=True))):
            expect(
                one,
                exact,
                name=name + after,
                dtype=dtype,
                peer=own,
                terms=self.size(*values),
                dims=self.dims,
            )
        return got

    # -- the checks that most katas have -----------------------------------------------------------

    def keeps_shape_and_dtype(
        self,
        sentence: str = "Every output has its shape, and the dtype of the inputs.",
        *,
        points: int = 1,
        after: Befores = (),
        examples: int = 8,
        cases: Strategy | None = None,
    ) -> Check:
        """Every output has its shape, in every dtype, also for a batch of one."""

        def body(submission: Submission, case: Case) -> None:
            for smaller in self._batches(case):
                for dtype in self.dtypes:
                    answer = self.ask(submission, *smaller.to(dtype).values)
                    for name, got, like in zip(self.gives, answer, smaller.cotangents, strict=True):
                        want = _double(like)
                        expect(got, want, name=name, dtype=dtype, values=False, dims=self.dims)

        drawn = self.cases(self.dtypes[-1], **({self.batch: 3} if self.batch else {}))
        return self._check(
            "keeps_shape_and_dtype", body, sentence, cases or drawn, points, after, examples
        )

    def depends_on_its_arguments_alone(
        self,
        sentence: str = "The same arguments give the same answer, whatever was called before.",
        *,
        points: int = 1,
        after: Befores = (),
        examples: int = 10,
        cases: Strategy | None = None,
    ) -> Check:
        """The same arguments give the same answer, whatever was called before. Draws pairs."""

        def body(submission: Submission, case: Any) -> None:
            one, other = case
            first = self.ask(submission, *one.values)
            submission[self.name](*other.values)
            again = self.ask(submission, *one.values)
            for name, early, late in zip(self.gives, first, again, strict=True):
                expect(late, early, name=f"{name} of the repeated call", terms=1.0, dims=self.dims)

        return self._check(
            "depends_on_its_arguments_alone",
            body,
            sentence,
            cases or self.pairs(),
            points,
            after,
            examples,
        )

    def leaves_inputs_unchanged(
        self,
        sentence: str = "The call does not modify its arguments.",
        *,
        points: int = 1,
        after: Befores = (),
        examples: int = 10,
        cases: Strategy | None = None,
    ) -> Check:
        """The arguments hold the same numbers after the call as before it."""

        def body(submission: Submission, case: Case) -> None:
            _, afterwards = submission[self.name].inputs(*case.values)
            expect_unchanged(case.arguments, afterwards)

        return self._check(
            "leaves_inputs_unchanged",
            body,
            sentence,
            cases or self.cases(),
            points,
            after,
            examples,
        )

    def matches_reference(
        self,
        sentence: str,
        *,
        name: str = "matches_reference",
        points: int = 1,
        after: Befores = (),
        examples: int = 50,
        cases: Strategy | None = None,
    ) -> Check:
        """Every output is the reference's. `name` is the check's: `matches_torch` for torch's."""

        def body(submission: Submission, case: Case) -> None:
            self.expect(submission, *case.values)

        return self._check(name, body, sentence, cases or self.cases(), points, after, examples)

    def gradients(
        self,
        sentence: str,
        *,
        points: int = 1,
        after: Befores = (),
        examples: int = 20,
        cases: Strategy | None = None,
    ) -> Check:
        """Gradients reach every argument, and are the reference's."""
        drawn = cases or self.cases(self.dtypes[-1])
        return self._check(
            "gradients", self.expect_gradients, sentence, drawn, points, after, examples
        )

    def expect_gradients(self, submission: Submission, case: Case) -> None:
        """Hold the gradient of every tensor against the reference's."""
        names = list(case.arrays)
        asked = submission[self.name].vjp(
            *case.values, cotangents=case.cotangents, wrt=[*range(len(names))]
        )
        leaves = {name: value.clone().requires_grad_() for name, value in case.arrays.items()}
        outputs = self.run(*(leaves.get(name, v) for name, v in case.arguments.items()))
        want = gradients_of(outputs, list(leaves.values()), case.cotangents)
        size = sum(float(c.abs().sum()) for c in case.cotangents) * self.size(*case.values) ** 2
        for name, got, exact in zip(names, asked.gradients, want, strict=True):
            expect_true(got is not None, f"No gradient reaches {name}.")
            expect(got, exact, name=f"gradient of {name}", dtype=case.dtype, terms=size)

    def stays_finite_when_saturated(
        self,
        sentence: str,
        *,
        cases: Strategy,
        points: int = 1,
        after: Befores = (),
        examples: int = 20,
    ) -> Check:
        """Far into the flat ends every output is the reference's, and so is never nan."""

        def body(submission: Submission, case: Case) -> None:
            self.expect(submission, *case.values, peer=False)

        return self._check(
            "stays_finite_when_saturated", body, sentence, cases, points, after, examples
        )

    def _check(
        self,
        name: str,
        body: Callable[[Submission, Any], None],
        sentence: str,
        cases: Strategy,
        points: int,
        after: Befores,
        examples: int,
    ) -> Check:
        """A body as a check."""

        def function(submission: Submission, case: Any) -> None:
            body(submission, case)

        function.__name__ = name
        function.__doc__ = sentence
        return check(points=points, after=after, examples=examples)(given(case=cases)(function))

    def _batches(self, case: Case) -> Iterator[Case]:
        """The first sequence of a batch alone, then the whole batch."""
        if self.batch:
            yield self._first(case, 1)
        yield case

    def _first(self, case: Case, n: int) -> Case:
        shapes = {name: form for name, form in self.takes.items() if isinstance(form, tuple)}
        short = {
            name: _cut(case.arguments[name], form, self.batch, n) for name, form in shapes.items()
        }
        cotangents = tuple(
            _cut(cotangent, form, self.batch, n)
            for cotangent, form in zip(case.cotangents, self.gives.values(), strict=True)
        )
        return replace(case.put(**short), cotangents=cotangents)

    # -- for the engine ----------------------------------------------------------------------------

    def problem(self, parameters: Sequence[str] | None) -> str:
        """What is wrong with the record, or an empty text.

        Args:
            parameters: what the stub's function takes; None: the stub has no such function.
        """
        if parameters is None:
            return f"the stub has no function `{self.name}`"
        if tuple(self.takes) != tuple(parameters):
            return (
                f"`{self.name}` takes ({', '.join(parameters)}) in the stub and "
                f"({', '.join(self.takes)}) here; write the stub's names, in its order"
            )
        letters = {
            axis.lstrip("0123456789")
            for form in (*self.takes.values(), *self.gives.values())
            if isinstance(form, tuple)
            for axis in form
            if isinstance(axis, str)
        }
        case = _first_of(self.cases(self.dtypes[-1]))
        try:
            outputs = self.run(*case.values)
        except Exception as error:
            return f"the reference of `{self.name}` raised {type(error).__name__}: {error}"
        if len(outputs) != len(self.gives):
            return (
                f"the reference of `{self.name}` gives {len(outputs)} outputs, and "
                f"{len(self.gives)} are declared: {', '.join(self.gives)}"
            )
        for (name, form), output, like in zip(
            self.gives.items(), outputs, case.cotangents, strict=True
        ):
            if tuple(output.shape) != tuple(like.shape):
                return (
                    f"the reference of `{self.name}` gives {name} of shape "
                    f"{tuple(output.shape)}, and ({', '.join(map(str, form))}) is declared, which "
                    f"is {tuple(like.shape)} for the same sizes of {', '.join(sorted(letters))}"
                )
        return ""


def _first_of(strategy: Strategy) -> Case:
    """One case, the same every time."""
    from hypothesis import HealthCheck, Phase, settings

    found: list[Case] = []

    @settings(
        max_examples=1,
        phases=[Phase.generate],
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=strategy)
    def collect(case: Case) -> None:
        found.append(case)

    collect()
    return found[-1]


def _is_array(value: object) -> bool:
    return isinstance(value, Tensor | np.ndarray)


def _tensor(value: Any) -> Any:
    return torch.from_numpy(value) if isinstance(value, np.ndarray) else value


def _cast(value: Any, dtype: Any) -> Any:
    return value.to(dtype) if isinstance(value, Tensor) else value.astype(dtype)


def _double(value: Any) -> Any:
    if isinstance(value, Tensor):
        return value.double()
    return value.astype(np.float64) if isinstance(value, np.ndarray) else value


def _size(axis: str | int, sizes: Mapping[str, int]) -> int:
    if isinstance(axis, int):
        return axis
    letter = axis.lstrip("0123456789")
    return int(axis.removesuffix(letter) or 1) * sizes[letter]


def _cut(value: Any, form: Shape, batch: str, n: int) -> Any:
    """The first `n` along the axis of the batch, if there is one."""
    if batch not in form:
        return value
    return value[(slice(None),) * form.index(batch) + (slice(n),)]
