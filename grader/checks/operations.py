"""Checks of a function of tensors, from one record: what it takes, what it gives, what it equals.

A kata names its `Operation`. From it come cases, and the checks that most katas have:

    STEP = Operation("rnn_cell", takes={...}, gives={"h": ("N", "H")}, reference=..., terms=...)
    leaves_inputs_unchanged = STEP.leaves_inputs_unchanged(points=1)

The reference is a function of the same arguments, in any dtype and on any device: the float64
oracle, torch's own error in the dtype at hand, the exact gradients and the same check in another
dtype or on another device all come from it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, NamedTuple, TypedDict, Unpack
from weakref import WeakKeyDictionary

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from grader.checks.check import Check, check
from grader.checks.compare import (
    entries,
    expect,
    expect_call_changes_nothing,
    expect_true,
    gradients_of,
    items,
)
from grader.checks.hearing import current
from grader.checks.nested import arrays_in, each_array, leaves_in
from grader.checks.strategies import Source, Strategy, sources, unequal
from grader.checks.submission import Submission

Shape = tuple[str | int, ...]
"""Sizes of axes: "H" is drawn, "4H" is four times that, "T+1" and "H+I" are sums, 2 is 2."""

Form = Shape | Mapping[str, Shape]
"""A tensor's shape, or the shapes of a dict's tensors."""

AXES = {
    "N": "batch",
    "T": "step",
    "L": "query",
    "D": "entry",
    "I": "input",
    "H": "unit",
    "4H": "row",
    "3H": "row",
    "H+I": "column",
}
"""What messages call an axis."""

Befores = Check | str | Sequence[Check | str]


class CheckOptions(TypedDict, total=False):
    """What a kata may say of a check that an `Operation` makes; the rest is as usual.

    Keys:
        points: what it is worth (1).
        after: the checks that must have passed.
        examples: how many cases are drawn.
    """

    points: int
    after: Befores
    examples: int


class DrawnCheckOptions(CheckOptions, total=False):
    """The same, of a check whose cases the operation draws.

    Keys:
        cases: draws them, where the operation's own won't do.
    """

    cases: Strategy


@dataclass(frozen=True, eq=False)
class Case:
    """The arguments of one call by name, and a cotangent for each output. Equal is the same one."""

    arguments: dict[str, Any]
    cotangents: tuple[Any, ...]

    def __repr__(self) -> str:
        # Hypothesis takes the text of every case that fails, and tensors are slow to write.
        return f"Case({', '.join(self.arguments)})"

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

    @cached_property
    def arrays(self) -> dict[str, Any]:
        """The tensors or arrays among the arguments; those of a dict under `weights['bias']`."""
        return {
            inner: array
            for name, value in self.arguments.items()
            for inner, array in arrays_in(value, name)
        }

    @cached_property
    def dtype(self) -> Any:
        """The dtype of the arguments, masks and whole numbers aside."""
        return _dtype_of(self.arrays.values())

    def put(self, **arguments: Any) -> "Case":
        """The same case with other arguments."""
        return replace(self, arguments=self.arguments | arguments)

    def map(self, change: Callable[[Any], Any]) -> "Case":
        """The same case with every tensor or array changed."""
        return replace(self, arguments=each_array(change, self.arguments))

    def to(self, dtype: Any) -> "Case":
        """The same case in another dtype, with its cotangents."""
        cotangents = each_array(lambda value: _cast(value, dtype), self.cotangents)
        return replace(self.map(lambda value: _cast(value, dtype)), cotangents=cotangents)


class _Right(NamedTuple):
    """What is right for one call.

    Args:
        exact: for each output its value in float64.
        peers: what the reference gives in the call's dtype, or None.
        terms: the size of the terms that are summed.
        dtype: what the outputs are expected in.
    """

    exact: tuple[Any, ...]
    peers: tuple[Any, ...]
    terms: tuple[float, ...]
    dtype: Any


@dataclass(frozen=True)
class Operation:
    """A function of tensors (or of arrays) that a learner writes.

    Args:
        name: the submission's function.
        takes: its arguments in order: the shape of a tensor, the shapes of a dict of tensors, or a
            strategy for a plain value.
        gives: its outputs and their shapes, None for a plain value. One: the output itself.
            Several: a tuple.
        reference: what the outputs equal, a function of the same arguments on torch's tensors.
        terms: the size of the largest sum of terms, a function of the same arguments, whose tensors
            hold absolute values in float64; or a number. It may give one size for each output.
        signed: whether `terms` gets the tensors with their signs.
        keeps: names of further outputs, after the others, that stay with the submission: a cache.
        scales: what the drawn values of an argument (or of a dict's entry) are multiplied with.
        fit: makes a drawn case one that can be, where that is not any numbers: the states of a tanh
            lie between -1 and 1, and a mask is `case.mask > 0`. Masks and whole numbers keep their
            dtype, and have no gradient.
        sizes: draws the size of each letter.
        batch: the letter of the batch; empty where there is none.
        dims: names of the outputs' axes, for messages, where the letters don't say them.
        dtypes: what the arguments are drawn in; NumPy's dtypes make arrays.
        low_precision: further dtypes in which it is right up to the reference's own error.
    """

    name: str
    takes: Mapping[str, Form | Strategy]
    gives: Mapping[str, Form | None]
    reference: Callable[..., Any]
    terms: Callable[..., float | tuple[float, ...]] | float = 1.0
    signed: bool = False
    keeps: tuple[str, ...] = ()
    scales: Mapping[str, float] = field(default_factory=dict)
    fit: Callable[[Case], Case] = lambda case: case
    sizes: Strategy = field(default_factory=lambda: unequal("I", "H", N=(1, 3)))
    batch: str = "N"
    dims: tuple[str, ...] = ()
    dtypes: tuple[Any, ...] = (torch.float32, torch.float64)
    low_precision: tuple[Any, ...] = (torch.bfloat16, torch.float16)

    @cached_property
    def outputs(self) -> dict[str, Shape | None]:
        """The shape of every output; those of a dict's tensors under `grads['bias']`."""
        return dict(_shapes_in(self.gives))

    @cached_property
    def inputs(self) -> dict[str, Shape]:
        """The shape of every tensor that it takes; those of a dict under `weights['bias']`."""
        forms = {n: form for n, form in self.takes.items() if isinstance(form, tuple | Mapping)}
        return {name: shape for name, shape in _shapes_in(forms) if shape is not None}

    def axes(self, name: str) -> tuple[str, ...]:
        """What messages call the axes of an output or of an argument."""
        if self.dims and name in self.outputs:
            return self.dims
        shape = {**self.inputs, **self.outputs}[name] or ()
        names = tuple(AXES.get(str(axis), "") for axis in shape)
        return names if all(names) else ()

    # -- cases -------------------------------------------------------------------------------------

    def draw(self, source: Source, sizes: Mapping[str, int], **plain: Any) -> Case:
        """One case of these sizes, with these values for the plain arguments."""

        def normal(shape: Shape, scale: float = 1.0) -> Any:
            return source.normal(*(_size(axis, sizes) for axis in shape), scale=scale)

        def argument(name: str, form: Form | Strategy) -> Any:
            if isinstance(form, tuple):
                return normal(form, self.scales.get(name, 1.0))
            if isinstance(form, Mapping):
                return {key: argument(key, shape) for key, shape in form.items()}
            return plain[name]

        arguments = {name: argument(name, form) for name, form in self.takes.items()}
        shapes = self.outputs.values()
        cotangents = tuple(None if shape is None else normal(shape) for shape in shapes)
        return self.fit(Case(arguments, cotangents))

    def cases(self, dtype: Any = None, **fixed: Any) -> Strategy:
        """Cases, in one dtype, and with some sizes or plain values fixed or drawn otherwise."""
        return self._several(1, dtype, fixed).map(lambda drawn: drawn[0])

    def pairs(self, dtype: Any = None, **fixed: Any) -> Strategy:
        """Two cases with the same sizes, dtype and plain values, and other numbers."""
        return self._several(2, dtype, fixed)

    def _several(self, count: int, dtype: Any, fixed: Mapping[str, Any]) -> Strategy:
        takes = {n: form for n, form in self.takes.items() if not isinstance(form, tuple | Mapping)}

        @st.composite
        def several(draw: st.DrawFn) -> tuple[Case, ...]:
            def drawn(value: Any) -> Any:
                return draw(value) if isinstance(value, st.SearchStrategy) else value

            sizes = draw(self.sizes)
            sizes |= {letter: drawn(fixed[letter]) for letter in sizes if letter in fixed}
            source = draw(sources(self.dtypes if dtype is None else dtype))
            plain = {name: drawn(fixed.get(name, strategy)) for name, strategy in takes.items()}
            return tuple(self.draw(source, sizes, **plain) for _ in range(count))

        return several()

    # -- one call ----------------------------------------------------------------------------------

    def ask(self, submission: Submission, *values: Any) -> tuple[Any, ...]:
        """What the submission gives: an entry for each tensor, and handles of what it keeps."""
        return self.unpack(submission[self.name](*values, keep=self._kept))

    def unpack(self, answer: Any) -> tuple[Any, ...]:
        """An answer's outputs."""
        names = (*self.gives, *self.keeps)
        parts = (answer,) if len(names) == 1 else items(answer, *names)
        outputs: list[Any] = []
        for (name, form), part in zip(self.gives.items(), parts, strict=False):
            outputs += entries(part, *form, name=name) if isinstance(form, Mapping) else [part]
        return (*outputs, *parts[len(self.gives) :])

    @property
    def _kept(self) -> tuple[int, ...]:
        return tuple(range(len(self.gives), len(self.gives) + len(self.keeps)))

    def run(self, *values: Any) -> tuple[Any, ...]:
        """What the reference gives, in the dtype and on the device of the arguments."""
        given_arrays = any(isinstance(array, np.ndarray) for _, array in arrays_in(values))
        outputs = tuple(output for _, output in leaves_in(self.reference(*_tensor(values))))
        return each_array(lambda output: output.numpy(), outputs) if given_arrays else outputs

    def size(self, *values: Any) -> float:
        """The size of the terms that are summed."""
        return max(self.sizes_of_outputs(*values))

    def sizes_of_outputs(self, *values: Any) -> tuple[float, ...]:
        """The size of the terms that are summed in each output."""
        if not callable(self.terms):
            return (self.terms,) * len(self.outputs)
        exact = as_float64(_tensor(values))
        unsigned = each_array(lambda v: abs(v) if _is_floating(v) else v, exact)
        sizes = self.terms(*(exact if self.signed else unsigned))
        every = sizes if isinstance(sizes, tuple) else (sizes,) * len(self.outputs)
        return tuple(map(float, every))

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
        if current().judging:
            self._hold(got, self._right(values, peer=peer), after)
        return got

    def expect_case(
        self, submission: Submission, case: Case, *, after: str = "", peer: bool = True
    ) -> tuple[Any, ...]:
        """The same for a case; what is right is worked out once, however many are asked it."""
        got = self.ask(submission, *case.values)
        if current().judging:
            right = self._once(case, f"right {peer}", lambda: self._right(case.values, peer=peer))
            self._hold(got, right, after)
        return got

    def _right(self, values: tuple[Any, ...], *, peer: bool) -> "_Right":
        exact = self.run(*as_float64(values))
        return _Right(
            exact,
            self.run(*values) if peer else (None,) * len(exact),
            self.sizes_of_outputs(*values),
            _dtype_of(array for _, array in arrays_in(values)),
        )

    def _hold(self, got: tuple[Any, ...], right: "_Right", after: str) -> None:
        """Hold what was given against what is right, the last output first."""
        given = got[: len(right.exact)]
        held = [*zip(self.outputs, given, right.exact, right.peers, right.terms, strict=True)]
        for name, one, exact, peer, size in reversed(held):
            expect(
                one,
                exact,
                name=name + after,
                dtype=right.dtype,
                peer=peer,
                terms=size,
                dims=self.axes(name),
            )

    @cached_property
    def _known(self) -> WeakKeyDictionary[Case, dict[str, Any]]:
        return WeakKeyDictionary()

    def _once(self, case: Case, what: str, work_out: Callable[[], Any]) -> Any:
        """What depends on a case alone: in a class every submission is asked the same cases."""
        known = self._known.setdefault(case, {})
        if what not in known:
            known[what] = work_out()
        return known[what]

    # -- the checks that most katas have -----------------------------------------------------------

    def keeps_shape_and_dtype(
        self,
        sentence: str = "Every output has its shape, and the dtype of the inputs.",
        **options: Unpack[DrawnCheckOptions],
    ) -> Check:
        """Every output has its shape, in every dtype, also for a batch of one."""
        whole = self.cases(self.dtypes[-1], **({self.batch: 3} if self.batch else {}))
        usual: DrawnCheckOptions = {"cases": whole, "examples": 8}
        return self._check("keeps_shape_and_dtype", self.expect_form, sentence, usual | options)

    def expect_form(self, submission: Submission, case: Case) -> None:
        """Hold the shape and dtype of every output, in every dtype, also for a batch of one."""
        forms = self._once(
            case, "forms", lambda: [s.to(d) for s in self._batches(case) for d in self.dtypes]
        )
        for form in forms:
            self.formed(submission, form)

    def formed(self, submission: Submission, case: Case) -> tuple[Any, ...]:
        """What the submission gives, held to have the shapes and the dtype of the case."""
        answer = self.ask(submission, *case.values)
        for name, got, like in zip(self.outputs, answer, case.cotangents, strict=False):
            want, axes = as_float64(like), self.axes(name)
            if want is not None:
                expect(got, want, name=name, dtype=case.dtype, values=False, dims=axes)
        return answer

    def depends_on_its_arguments_alone(
        self,
        sentence: str = "The same arguments give the same answer, whatever was called before.",
        **options: Unpack[DrawnCheckOptions],
    ) -> Check:
        """The same arguments give the same answer, whatever was called before. Draws pairs."""
        usual: DrawnCheckOptions = {"cases": self.pairs(), "examples": 10}
        name = "depends_on_its_arguments_alone"
        return self._check(name, self.expect_repeatable, sentence, usual | options)

    def expect_repeatable(self, submission: Submission, pair: tuple[Case, Case]) -> None:
        """Hold that a call on the second case does not change the answer to the first."""
        one, other = pair
        first = self.ask(submission, *one.values)
        self.ask(submission, *other.values)
        again = self.ask(submission, *one.values)
        for name, early, late in zip(self.outputs, first, again, strict=False):
            repeated = f"{name} of the repeated call"
            expect(late, early, name=repeated, terms=1.0, dims=self.axes(name))

    def leaves_inputs_unchanged(
        self,
        sentence: str = "The call does not modify its arguments.",
        **options: Unpack[DrawnCheckOptions],
    ) -> Check:
        """The arguments hold the same numbers after the call as before it."""
        usual: DrawnCheckOptions = {"cases": self.cases(), "examples": 10}
        name = "leaves_inputs_unchanged"
        return self._check(name, self.expect_inputs_unchanged, sentence, usual | options)

    def expect_inputs_unchanged(self, submission: Submission, case: Case) -> None:
        """Hold that the arguments are the same numbers after a call."""
        expect_call_changes_nothing(submission[self.name], case.arguments, keep=self._kept)

    def matches_reference(
        self,
        sentence: str,
        *,
        name: str = "matches_reference",
        **options: Unpack[DrawnCheckOptions],
    ) -> Check:
        """Every output is the reference's. `name` is the check's: `matches_torch` for torch's."""

        def body(submission: Submission, case: Case) -> None:
            self.expect_case(submission, case)

        usual: DrawnCheckOptions = {"cases": self.cases(), "examples": 50}
        return self._check(name, body, sentence, usual | options)

    def gradients(
        self,
        sentence: str,
        *,
        floor: float | None = None,
        **options: Unpack[DrawnCheckOptions],
    ) -> Check:
        """Gradients reach every argument, and are the reference's."""

        def body(submission: Submission, case: Case) -> None:
            self.expect_gradients(submission, case, floor=floor)

        usual: DrawnCheckOptions = {"cases": self.cases(self.dtypes[-1]), "examples": 20}
        return self._check("gradients", body, sentence, usual | options)

    def expect_gradients(
        self,
        submission: Submission,
        case: Case,
        *,
        after: str = "",
        terms: float | None = None,
        floor: float | None = None,
    ) -> None:
        """Hold the gradient of every tensor against the reference's.

        Args:
            submission: whom to ask.
            case: the arguments, and the cotangents.
            after: what follows the argument's name in messages.
            terms: the size of what is summed, where it is not that of the outputs, squared.
            floor: instead of the kata's; see `compare.expect`.
        """
        wrt = [index for index, value in enumerate(case.arrays.values()) if _is_floating(value)]
        asked = submission[self.name].vjp(*case.values, cotangents=case.cotangents, wrt=wrt)
        if not current().judging:
            return
        wanted = self.exact_gradients(case)
        size = self._once(case, "size of gradients", lambda: self._size_of_gradients(case))
        size = size if terms is None else terms
        for (name, want), got in zip(wanted.items(), asked.gradients, strict=True):
            expect_true(got is not None, f"No gradient reaches {name}{after}.")
            what = f"gradient of {name}{after}"
            dims = self.axes(name)
            expect(got, want, name=what, dtype=case.dtype, terms=size, floor=floor, dims=dims)

    def exact_gradients(self, case: Case) -> dict[str, Any]:
        """The reference's gradient of every argument, by its name; a mask has none."""
        found: dict[str, Any] = self._once(case, "gradients", lambda: self._exact_gradients(case))
        return dict(found)

    def _size_of_gradients(self, case: Case) -> float:
        return sum(float(abs(c).sum()) for c in case.cotangents) * self.size(*case.values) ** 2

    def _exact_gradients(self, case: Case) -> dict[str, Any]:
        leaves = case.map(lambda value: _tensor(value).clone())
        wrt = {name: leaf for name, leaf in leaves.arrays.items() if _is_floating(leaf)}
        for leaf in wrt.values():
            leaf.requires_grad_()
        outputs = tuple(array for _, array in arrays_in(self.reference(*leaves.values)))
        found = gradients_of(outputs, [*wrt.values()], [_tensor(c) for c in case.cotangents])
        given = zip(wrt, found, strict=True)
        return {
            name: gradient.numpy() if isinstance(case.arrays[name], np.ndarray) else gradient
            for name, gradient in given
        }

    def stays_finite_when_saturated(
        self,
        sentence: str,
        *,
        cases: Strategy,
        gradients: bool = False,
        **options: Unpack[CheckOptions],
    ) -> Check:
        """Far into the flat ends every output is the reference's, and so is never nan.

        `cases` draws cases or tuples of them; `gradients` says whether theirs are held too.
        """

        def body(submission: Submission, drawn: Any) -> None:
            for case in drawn if isinstance(drawn, tuple) else (drawn,):
                self.expect_case(submission, case, peer=False)
                if gradients:
                    self.expect_gradients(submission, case)

        drawn: DrawnCheckOptions = {"examples": 20, **options, "cases": cases}
        return self._check("stays_finite_when_saturated", body, sentence, drawn)

    def _check(
        self,
        name: str,
        body: Callable[[Submission, Any], None],
        sentence: str,
        options: DrawnCheckOptions,
    ) -> Check:
        """A body as a check."""

        def function(submission: Submission, case: Any) -> None:
            body(submission, case)

        function.__name__ = name
        function.__doc__ = sentence
        made = check(
            points=options.get("points", 1),
            after=options.get("after", ()),
            examples=options["examples"],
        )
        return made(given(case=options["cases"])(function))

    def _batches(self, case: Case) -> Iterator[Case]:
        """The first sequence of a batch alone, then the whole batch."""
        if self.batch:
            yield self._first(case, 1)
        yield case

    def _first(self, case: Case, n: int) -> Case:
        short = {
            name: _cut(case.arguments[name], form, self.batch, n)
            for name, form in self.takes.items()
        }
        cotangents = tuple(
            _cut(cotangent, form, self.batch, n)
            for cotangent, form in zip(case.cotangents, self.outputs.values(), strict=True)
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
        arrays = {n: form for n, form in self.takes.items() if isinstance(form, tuple | Mapping)}
        shapes = [shape or () for _, shape in (*_shapes_in(arrays), *_shapes_in(self.gives))]
        axes = (axis for shape in shapes for axis in shape)
        letters = {letter for axis in axes for letter, _ in _summands(axis) if letter}
        for case in _some_of(self.cases(self.dtypes[-1])):
            try:
                outputs = self.run(*case.values)
            except Exception as error:
                return f"the reference of `{self.name}` raised {type(error).__name__}: {error}"
            if len(outputs) != len(self.outputs):
                return (
                    f"the reference of `{self.name}` gives {len(outputs)} outputs, and "
                    f"{len(self.outputs)} are declared: {', '.join(self.outputs)}"
                )
            for (name, form), output, like in zip(
                self.outputs.items(), outputs, case.cotangents, strict=True
            ):
                if form is not None and tuple(output.shape) != tuple(like.shape):
                    return (
                        f"the reference of `{self.name}` gives {name} of shape "
                        f"{tuple(output.shape)}, and ({', '.join(map(str, form))}) is declared, "
                        f"which is {tuple(like.shape)} for the same sizes of "
                        f"{', '.join(sorted(letters))}"
                    )
        return ""


def _some_of(strategy: Strategy) -> list[Case]:
    """A few cases, the same every time. The first is the simplest: all of its sizes are 1."""

    @check(examples=5)
    @given(case=strategy)
    def drawn(submission: Submission, case: Case) -> None:
        """They are drawn as those of every check are."""

    return [each["case"] for each in drawn.draw(seed=0, count=5)]


def _shapes_in(forms: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Every shape with its name: `x`, `weights['bias_hh_l0']`."""
    for name, form in forms.items():
        if isinstance(form, Mapping):
            yield from ((f"{name}[{key!r}]", shape) for key, shape in form.items())
        else:
            yield name, form


def _tensor(value: Any) -> Any:
    return each_array(lambda v: torch.from_numpy(v) if isinstance(v, np.ndarray) else v, value)


def _cast(value: Any, dtype: Any) -> Any:
    """Numbers in another dtype; a mask and whole numbers stay what they are."""
    if not _is_floating(value):
        return value
    return value.to(dtype) if isinstance(value, Tensor) else value.astype(dtype)


def _is_floating(value: Any) -> bool:
    """Whether a tensor or an array holds numbers that have a dtype to keep, and a gradient."""
    if isinstance(value, Tensor):
        return value.is_floating_point()
    return bool(np.issubdtype(value.dtype, np.floating))


def as_float64(value: Any) -> Any:
    """Tensors and arrays of floating point in float64, in a tree of values."""
    return each_array(
        lambda v: _cast(v, torch.float64 if isinstance(v, Tensor) else np.float64), value
    )


def _dtype_of(arrays: Iterable[Any]) -> Any:
    """The dtype of the first that is of floating point; without one, that of the first."""
    every = list(arrays)
    return next(filter(_is_floating, every), every[0]).dtype


def _summands(axis: str | int) -> Iterator[tuple[str, int]]:
    """The letters of an axis, each with its factor; a number stands with an empty letter."""
    for summand in str(axis).split("+"):
        letter = summand.lstrip("0123456789")
        yield letter, int(summand.removesuffix(letter) or 1)


def _size(axis: str | int, sizes: Mapping[str, int]) -> int:
    return sum(factor * (sizes[letter] if letter else 1) for letter, factor in _summands(axis))


def _cut(value: Any, form: Any, batch: str, n: int) -> Any:
    """The first `n` along the axis of the batch, if there is one."""
    if isinstance(form, Mapping):
        return {key: _cut(value[key], shape, batch, n) for key, shape in form.items()}
    if not isinstance(form, tuple) or batch not in form:
        return value
    return value[(slice(None),) * form.index(batch) + (slice(n),)]
