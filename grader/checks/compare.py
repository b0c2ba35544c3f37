"""Comparing what a submission answered with what was expected.

Dtype, then shape, then finiteness, then values.

The allowed difference is derived, not guessed: a factor times the error that torch's own
implementation of that dtype makes against the same float64 oracle, and never less than a few eps
times the size of the terms that were summed.
"""

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np
import torch

from grader.checks.afterwards import AS_IT_WAS, described
from grader.checks.hearing import current, observe
from grader.checks.nested import tensors_in
from grader.checks.submission import SubmissionError, Target
from grader.wire.messages import HandleRef


class CheckFailed(Exception):
    """What a check found wrong.

    `headline` never shows an expected value; the other fields are the details.

    Args:
        headline: one sentence.
        at: the first place that differs.
        expected, got: readable values there.
        difference, allowed: how far apart, and how far would have passed.
        mismatched: how many entries differ.
    """

    def __init__(
        self,
        headline: str,
        *,
        at: str = "",
        expected: str = "",
        got: str = "",
        difference: str = "",
        allowed: str = "",
        mismatched: str = "",
    ) -> None:
        super().__init__(headline)
        self.headline = headline
        self.at = at
        self.expected = expected
        self.got = got
        self.difference = difference
        self.allowed = allowed
        self.mismatched = mismatched


class WrongShape(CheckFailed):
    """A tensor or an array has another shape than the right one."""


class ArgumentModified(CheckFailed):
    """A call did not leave its arguments as they were handed in."""


def items(
    answer: Any, *names: str, name: str = "the answer", kind: str = "tuple"
) -> tuple[Any, ...]:
    """The items of an answer that should be a tuple of these (a list or namedtuple will do).

    Args:
        answer: what the submission gave, or a part of it.
        names: of its items.
        name: of the answer, for messages.
        kind: what the task asks for, for messages: "tuple" or "list".

    Raises:
        CheckFailed: it is something else, or has another length.
    """
    wanted = f"({', '.join(names)})" if kind == "tuple" else f"[{', '.join(names)}]"
    if not isinstance(answer, tuple | list):
        raise CheckFailed(
            f"{name} is {kind_of(answer)}, expected the {kind} {wanted}{_without_return(answer)}",
            expected=wanted,
            got=kind_of(answer),
        )
    if len(answer) != len(names):
        raise CheckFailed(
            f"{name} has {len(answer)} items, expected {len(names)}: {wanted}",
            expected=wanted,
            got=f"{len(answer)} items",
        )
    return tuple(answer)


def entries(answer: Any, *keys: str, name: str = "the answer") -> tuple[Any, ...]:
    """The entries of an answer that should be a dict with these keys, in their order.

    Raises:
        CheckFailed: it is something else, or has other keys.
    """
    wanted = ", ".join(sorted(keys))
    if not isinstance(answer, Mapping):
        raise CheckFailed(
            f"{name} is {kind_of(answer)}, expected a dict with the keys {wanted}"
            f"{_without_return(answer)}",
            expected="a dict",
            got=kind_of(answer),
        )
    given = ", ".join(sorted(map(str, answer))) or "none"
    if set(answer) != set(keys):
        raise CheckFailed(
            f"{name} has other keys than expected", at=name, expected=wanted, got=given
        )
    return tuple(answer[key] for key in keys)


def expect_true(
    condition: object, message: str, failure: type[CheckFailed] = CheckFailed, **details: str
) -> None:
    """Hold an invariant. `message` says what was got, what was expected and for which input.

    Args:
        condition: a bool, computed by the judge.
        message: shown to the learner if it is false.
        failure: the kind of failure: by it the line that is shown is looked for.
        details: `at`, `expected`, `got`, `difference`, `allowed` for the counterexample card.

    Raises:
        CheckFailed: the condition is false.
    """
    if not condition and current().judging:
        raise failure(message, **details)


def expect(
    got: Any,
    want: Any,
    *,
    name: str,
    dtype: Any = None,
    peer: Any = None,
    terms: Any = None,
    factor: float | None = None,
    floor: float | None = None,
    dims: Sequence[str] = (),
    values: bool = True,
    precision: Any = None,
) -> None:
    """Hold an answer against an oracle.

    allowed = max(factor · max|peer - want|, floor · eps(dtype) · max(|terms|, |want|, tiny))

    Args:
        got: what the submission answered.
        want: the oracle: a float64 tensor or array, or a plain bool, int, float or str (integers,
            bools and strings exactly), or a tuple of plain values, for which a list will do.
        name: what it is called, for messages.
        dtype: the dtype that the answer must have; None takes `peer`'s, and without a peer any
            floating dtype will do.
        peer: torch's own answer in that dtype.
        terms: the size of the terms that were summed (tensor, array or number; its largest entry
            counts).
        factor: instead of the kata's.
        floor: instead of the kata's.
        dims: names of the axes, for messages.
        values: False stops after kind, dtype, shape and finiteness.
        precision: the dtype whose rounding is allowed for, where that is not the answer's own.

    Raises:
        CheckFailed: the first property that does not hold.
    """

    def allowed_of(right: "np.ndarray[Any, Any]", dtype: str | None) -> float:
        return allowed_difference(
            right, str(dtype), peer=peer, terms=terms, factor=factor, floor=floor
        )

    if not current().judging:
        if not isinstance(want, torch.Tensor | np.ndarray):
            current().held_plain.append(got)
            got = plain(got)
        kinds = float if type(want) is float else torch.Tensor | np.ndarray
        if values and isinstance(want, kinds) and isinstance(got, kinds):
            own = "float64" if isinstance(got, float) else dtype_name(got.dtype)
            right = _float64(want)
            share = allowed_of(right, dtype_name(precision) or own) / max(_largest(right), 1e-30)
            current().rounding = max(current().rounding, share)
        return
    if not isinstance(want, torch.Tensor | np.ndarray):
        _expect_plain(got, want, name, terms, floor)
        return
    wanted = dtype_name(dtype if dtype is not None else peer.dtype if peer is not None else None)
    if wanted is None and not _is_floating(dtype_name(want.dtype)):
        wanted = dtype_name(want.dtype)
    left, right = _expect_form(got, want, name, wanted, dims)
    if values:
        got_dtype = str(dtype_name(got.dtype))
        allowed, kept = 0.0, dtype_name(precision) or got_dtype
        if _is_floating(got_dtype):
            allowed = allowed_of(right, kept)
        single = allowed * _EPS["float32"] / _EPS["float64"] if kept == "float64" else 0.0
        _expect_values(left, right, allowed, name, dims, single=single)


def alike(one: object, other: object, *, within: float) -> bool:
    """Whether both are tensors of one shape whose numbers differ by no more than so much."""
    if not (isinstance(one, torch.Tensor) and isinstance(other, torch.Tensor)):
        return False
    return one.shape == other.shape and bool(((one - other).abs() <= within).all())


def expect_unchanged(
    before: Mapping[str, Any], after: Sequence[Any], *, answer: Any = None
) -> None:
    """Hold that a call did not modify its arguments; what became of each is observed.

    Args:
        before: the arguments by name, as they were handed in.
        after: the arguments as they are afterwards, in the same order.
        answer: what the call answered: an argument that holds an answer is observed as such.

    Raises:
        CheckFailed: the first one that differs.
    """
    for (name, old), new in zip(before.items(), after, strict=True):
        same = _equal(old, new)
        observe(f"{name} afterwards", AS_IT_WAS if same else described(old, new, answer))
        expect_true(same, f"The call modified {name}.", ArgumentModified)
        expect_true(
            _tracked(old) == _tracked(new),
            f"After the call, {name} requires gradients: the caller's tensor, not a copy.",
            ArgumentModified,
        )


def expect_call_changes_nothing(
    target: Target, arguments: Mapping[str, Any], *, keep: bool | Sequence[int] = False
) -> None:
    """Hold that a call does not modify its arguments, with gradients and without.

    Code that saves memory where no gradient is needed takes another way under `torch.no_grad()`.
    What raises there (it takes a gradient itself, say) is not asked.

    Args:
        target: what to call.
        arguments: the positional arguments, by name.
        keep: what of the answer stays in the worker.

    Raises:
        CheckFailed: the first argument that differs.
    """
    answer, afterwards = target.inputs(*arguments.values(), keep=keep)
    expect_unchanged(arguments, afterwards, answer=answer)
    try:
        answer, afterwards = target.inputs(*arguments.values(), keep=keep, gradients=False)
    except SubmissionError as error:
        if error.kind != "exception":
            raise
        return
    without = {f"{name} under torch.no_grad()": value for name, value in arguments.items()}
    expect_unchanged(without, afterwards, answer=answer)


def expect_error(
    target: Target,
    *args: Any,
    type: str,
    when: str,
    says: Sequence[int | str] = (),
    begins: str = "",
    **kwargs: Any,
) -> None:
    """Hold that a call raises; where its message counts, what it says is observed.

    Args:
        target: what to call.
        args: positional arguments.
        type: the name of the exception's type, or of one that it derives from.
        when: the input, for messages: "the norm is infinite".
        says: what stands in the message: texts that are part of no longer word, and numbers that
            are part of no other number, of no word ("IOB2") and of none of the texts. A number that
            is given twice stands there twice.
        begins: the first word of the message: "train.txt:3:". What it `says` stands in this word.
        kwargs: keyword arguments.

    Raises:
        CheckFailed: it returned, raised something else, or does not say what it has to.
    """
    error = target.error(*args, **kwargs)
    kind, message = (error.type, error.message) if error else ("", "")
    fits = error is not None and error.is_a(type)
    if says or begins:
        observe("raises", type if fits else kind)
    expect_true(
        fits,
        f"Where {when}, {kind} is raised, expected {type}."
        if kind
        else f"No {type} is raised where {when}.",
        expected=type,
        got=kind or "an answer",
    )
    first = message.split(maxsplit=1)[:1]
    # Behind a first word that is asked for, the message is free to hold other numbers.
    missing = _missing("".join(first) if begins else message, says)
    if begins:
        observe("begins as it has to", first == [begins])
    expect_true(
        not missing and (not begins or first == [begins]),
        f"Where {when}, the message of the {type} does not "
        + ("say so." if missing else "begin as it has to."),
        expected=f"a message with {', '.join(map(str, says))}" if missing else f"{begins} ...",
        got=message[:200],
    )


def _missing(message: str, says: Sequence[int | str]) -> list[int | str]:
    """What of `says` a message lacks; also how far from a missing number is one that it has."""
    rest = message
    missing: list[int | str] = []
    for text in (one for one in says if isinstance(one, str)):
        rest, found_text = re.subn(rf"(?<![\w-]){re.escape(text)}(?![\w-])", " ", rest)
        found_text = found_text or not text  # an empty text stands in every message
        observe(f"says {text}", bool(found_text))
        missing += [] if found_text else [text]
    words = re.findall(r"(?<!\w)\d+", rest)
    numbers = Counter(words)
    for number in (one for one in says if isinstance(one, int)):
        near = {"it": number, "one more": number + 1, "one less": number - 1}
        found = next((word for word, one in near.items() if numbers[str(one)]), "neither")
        if found == "neither" and len(words) == 1 and len(words[0]) < 10:
            found = f"{int(words[0]) - number:+}"  # a count that leaves something out
        observe("the number asked for, or one near it", found)
        missing += [] if found == "it" else [number]
        numbers[str(number)] -= 1
    return missing


def gradients_of(
    outputs: Sequence[torch.Tensor], wrt: Sequence[torch.Tensor], cotangents: Sequence[torch.Tensor]
) -> tuple[torch.Tensor, ...]:
    """The vector-Jacobian product, for oracles.

    D(Σ outputs · cotangents) / d wrt, zero where nothing connects.

    The same as `torch.autograd.grad` with `grad_outputs`, whose first call imports SymPy (half a
    second).
    """
    total = sum((o * v).sum() for o, v in zip(outputs, cotangents, strict=True))
    return torch.autograd.grad(total, list(wrt), materialize_grads=True)  # type: ignore[arg-type]


def allowed_difference(
    want: "np.ndarray[Any, Any]",
    dtype_name: str,
    *,
    peer: Any = None,
    terms: Any = None,
    factor: float | None = None,
    floor: float | None = None,
) -> float:
    """The largest difference that is put down to rounding; see `expect`."""
    policy = current().policy
    factor = policy.factor if factor is None else factor
    floor = policy.floor if floor is None else floor
    eps = _EPS.get(dtype_name, 0.0)
    size = max(_largest(want), _largest(terms), 1e-30)
    error = 0.0
    if peer is not None:
        with np.errstate(invalid="ignore"):
            error = _largest(_float64(peer) - want)
    return max(factor * error, floor * eps * size)


_EPS = {
    "float64": 2.0**-52,
    "float32": 2.0**-23,
    "float16": 2.0**-10,
    "bfloat16": 2.0**-7,
}
_ROUNDED = 2.0**-13
"""The smallest part of what float32 is allowed that is put down to its rounding."""


def _expect_form(
    got: Any, want: Any, name: str, wanted_dtype: str | None, dims: Sequence[str]
) -> "tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]":
    """Kind, dtype, shape, finiteness; returns both sides in float64."""
    family = torch.Tensor if isinstance(want, torch.Tensor) else np.ndarray
    if not isinstance(got, family):
        noun = "a torch.Tensor" if family is torch.Tensor else "a NumPy array"
        if kind_of(got).startswith(noun):
            noun += " of numbers"
        raise CheckFailed(
            f"{name} is {kind_of(got)}, expected {noun}{_without_return(got)}",
            at=name,
            expected=noun,
            got=kind_of(got),
        )
    got_dtype = str(dtype_name(got.dtype))
    if wanted_dtype is not None and got_dtype != wanted_dtype:
        raise CheckFailed(
            f"{name} has dtype {got_dtype}, expected {wanted_dtype}",
            at=name,
            expected=wanted_dtype,
            got=got_dtype,
        )
    got_shape, want_shape = tuple(got.shape), tuple(want.shape)
    if got_shape != want_shape:
        raise WrongShape(
            f"{name} has shape {got_shape}, expected {_shape(want_shape, dims)}",
            at=name,
            expected=_shape(want_shape, dims),
            got=str(got_shape),
        )
    left, right = _float64(got), _float64(want)
    finite = np.isfinite(left)
    if not finite.all() and len(unfinite := np.argwhere(np.isfinite(right) & ~finite)):
        index = tuple(int(i) for i in unfinite[0])
        raise CheckFailed(
            f"{name} is not finite: {left[index]}",
            at=place(name, index, dims),
            expected=number(right[index]),
            got=number(left[index]),
            mismatched=_share(len(unfinite), left.size),
        )
    return left, right


def _expect_values(
    left: "np.ndarray[Any, Any]",
    right: "np.ndarray[Any, Any]",
    allowed: float,
    name: str,
    dims: Sequence[str],
    *,
    single: float,
) -> None:
    """Hold that no difference is larger than `allowed`.

    One near `single`, what float32 would be allowed, is said to be so: half of the digits are lost.
    """
    with np.errstate(invalid="ignore"):
        gaps = np.abs(left - right)
        if (gaps <= allowed).all():
            return
        same = (left == right) | (np.isnan(left) & np.isnan(right)) | (gaps <= allowed)
    if bool(same.all()):
        return
    wrong = np.argwhere(~same)
    index = tuple(int(i) for i in wrong[0])
    finite = gaps[~same & np.isfinite(gaps)]
    largest = float(finite.max()) if finite.size else math.inf
    near = single * _ROUNDED <= largest <= single
    rounded = ": the difference is as small as float32 would round" if near else ""
    expected, other = _apart(right[index], left[index])
    raise CheckFailed(
        f"{name} has wrong values{rounded}",
        at=place(name, index, dims),
        expected=expected,
        got=other,
        difference=f"{largest:.3g} at most",
        allowed=f"{allowed:.1e}",
        mismatched=_share(len(wrong), left.size),
    )


def plain(value: Any) -> Any:
    """A value with NumPy's and torch's numbers as Python's, also within tuples and lists.

    `np.int64(4)` reaches the judge as an array of shape (), and so does the answer of `np.median`.
    """
    if isinstance(value, np.ndarray | torch.Tensor) and value.ndim == 0:
        return value.item()
    return type(value)(map(plain, value)) if type(value) in (tuple, list) else value


def _expect_plain(got: Any, want: Any, name: str, terms: Any, floor: float | None) -> None:
    if isinstance(want, tuple | list):
        parts = items(got, *(f"{name}[{index}]" for index in range(len(want))), name=name)
        for index, (one, exact) in enumerate(zip(parts, want, strict=True)):
            _expect_plain(one, exact, f"{name}[{index}]", terms, floor)
        return
    got = plain(got)
    if isinstance(want, bool | str) or want is None:
        right_kind = type(got) is type(want)
    elif isinstance(want, int):
        right_kind = isinstance(got, int) and not isinstance(got, bool)
    else:
        right_kind = isinstance(got, int | float) and not isinstance(got, bool)
    if not right_kind:
        noun = kind_of(want)
        raise CheckFailed(
            f"{name} is {kind_of(got)}, expected {noun}{_without_return(got)}",
            at=name,
            expected=noun,
            got=kind_of(got),
        )
    if isinstance(want, float):
        allowed = allowed_difference(np.asarray(want), "float64", terms=terms, floor=floor)
        if (math.isnan(want) and math.isnan(got)) or got == want or abs(got - want) <= allowed:
            return
        raise CheckFailed(
            f"{name} is wrong",
            at=name,
            expected=number(want),
            got=number(got),
            difference=f"{abs(got - want):.3g}",
            allowed=f"{allowed:.1e}",
        )
    if got != want:
        raise CheckFailed(f"{name} is wrong", at=name, expected=repr(want), got=repr(got)[:200])


def _without_return(value: Any) -> str:
    """What to look for where nothing came back, or what makes it later, as the end of a message."""
    if value is None:
        return "; is a `return` missing?"
    meant = {
        "an object of type coroutine": "; write `def` without `async`",
        "an object of type generator": "; is `return` meant by `yield`?",
    }
    return meant.get(kind_of(value), "")


def kind_of(value: Any) -> str:
    """What a value is, in words for a message: `a float`, `an object of type Foo`, `None`."""
    if value is None:
        return "None"
    if isinstance(value, HandleRef) or hasattr(value, "type_name"):
        for noun, words in (("Tensor of", "a torch.Tensor of"), ("ndarray of", "a NumPy array of")):
            if value.type_name.startswith(noun):
                return words + str(value.type_name).removeprefix(noun)
        return f"an object of type {value.type_name}"
    if isinstance(value, torch.Tensor):
        return "a torch.Tensor"
    if isinstance(value, np.ndarray):
        return "a NumPy array" if value.ndim else "a NumPy number"
    noun = type(value).__name__
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"


@cache
def dtype_name(dtype: Any) -> str | None:
    """`float32` for torch's and NumPy's alike; None for None."""
    if dtype is None:
        return None
    return (
        str(dtype).removeprefix("torch.")
        if isinstance(dtype, torch.dtype)
        else np.dtype(dtype).name
    )


def place(name: str, index: Sequence[int], dims: Sequence[str]) -> str:
    """`h[batch 0, unit 2]`."""
    labels = [f"{dims[axis]} {i}" if axis < len(dims) else str(i) for axis, i in enumerate(index)]
    return f"{name}[{', '.join(labels)}]" if labels else name


def number(value: float) -> str:
    """A number with six significant digits."""
    return f"{float(value):.6g}"


def _apart(one: float, other: float) -> tuple[str, str]:
    """Two numbers, with more than six significant digits where they differ in none of these."""
    for digits in range(6, 17):
        pair = f"{float(one):.{digits}g}", f"{float(other):.{digits}g}"
        if pair[0] != pair[1]:
            break
    return pair


def _shape(shape: tuple[int, ...], dims: Sequence[str]) -> str:
    return f"{shape} = ({', '.join(dims)})" if len(dims) == len(shape) and dims else str(shape)


def _share(wrong: int, total: int) -> str:
    return f"{wrong} of {total} entries"


def _is_floating(name: str | None) -> bool:
    return name in _EPS


def _float64(value: Any) -> "np.ndarray[Any, Any]":
    """Its numbers, or their sizes where they are complex. They may be its own: only to be read."""
    if isinstance(value, torch.Tensor):
        if value.is_complex():
            value = value.detach().abs()
        if value.dtype not in (torch.float64, torch.float32):
            value = value.double()
        numbers: np.ndarray[Any, Any] = value.numpy(force=True)
        return numbers.astype(np.float64, copy=False)
    array = np.asarray(value)
    return np.abs(array).astype(np.float64) if np.iscomplexobj(array) else array.astype(np.float64)


def _largest(terms: Any) -> float:
    if terms is None:
        return 0.0
    values = np.abs(_float64(terms))
    largest = float(values.max()) if values.size else 0.0
    if math.isfinite(largest):
        return largest
    finite = values[np.isfinite(values)]
    return float(finite.max()) if finite.size else 0.0


def _tracked(value: Any) -> list[bool]:
    """For each tensor of a value, whether it requires gradients."""
    return [tensor.requires_grad for tensor in tensors_in(value)]


def _equal(old: Any, new: Any) -> bool:
    """The same numbers, bit for bit but for the sign of zero; nan equals nan."""
    if isinstance(old, Mapping):
        return (
            isinstance(new, Mapping)
            and list(old) == list(new)
            and _equal([*old.values()], [*new.values()])
        )
    if isinstance(old, tuple | list):
        return isinstance(new, tuple | list) and len(old) == len(new) and all(map(_equal, old, new))
    if isinstance(old, torch.Tensor | np.ndarray):
        same_kind = isinstance(new, torch.Tensor | np.ndarray) and dtype_name(
            old.dtype
        ) == dtype_name(new.dtype)
        return same_kind and np.array_equal(_float64(old), _float64(new), equal_nan=True)
    if isinstance(old, float) and math.isnan(old):
        return isinstance(new, float) and math.isnan(new)
    return isinstance(old, HandleRef) or hasattr(old, "type_name") or bool(old == new)
