"""Transcripts: what a submission answered, in order, and whether two of them say the same."""

import builtins
import math
from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
import torch
from msgspec import Struct

from grader.checks.compare import CheckFailed, plain
from grader.checks.hearing import Hearing, hearing
from grader.checks.submission import Body, SubmissionError
from grader.judge.conversation import Conversation, RemoteHandle
from grader.judge.mishaps import Stopped


class Said(Struct, frozen=True, eq=False):
    """One entry of a transcript: a kind and the values that came with it.

    `rounding` is what the check puts down to rounding, as a share of the largest value. `asked` is
    what was asked: a function, or a method.
    """

    kind: str
    values: Any
    rounding: float = 0.0
    asked: str = ""


Transcript = tuple[Said, ...]


class Numbers(Struct, frozen=True, eq=False, gc=False):
    """A tensor in a transcript or a trace.

    A bank keeps hundreds of thousands, most of a few numbers, and a tensor's own record takes a
    kilobyte.
    """

    dtype: torch.dtype
    tracked: bool
    array: "np.ndarray[Any, Any]"


class Held(Struct, frozen=True):
    """An object that stays with whoever made it, in a transcript: one is as good as another."""


def numbers(value: torch.Tensor) -> Numbers:
    """A tensor's numbers, in memory of their own."""
    plain = value.detach()
    array = (plain.float() if value.dtype == torch.bfloat16 else plain).numpy(force=True)
    return Numbers(value.dtype, value.requires_grad, array.copy())


def to_keep(tree: Any) -> Any:
    """A tree of answers in which each tensor is only its numbers."""
    if isinstance(tree, torch.Tensor):
        return numbers(tree)
    if isinstance(tree, np.ndarray):
        return tree.copy()  # it may be a view of more
    if isinstance(tree, RemoteHandle):
        return Held()
    if type(tree) in (tuple, list):
        return type(tree)(map(to_keep, tree))
    if type(tree) is dict:
        return {key: to_keep(item) for key, item in tree.items()}
    return tree


def transcript(body: Body, conversation: Conversation, *, observing: bool = True) -> Transcript:
    """Run a check's body without judging; keep what it observed, or else what was answered.

    Args:
        body: what to run.
        conversation: on whose answers.
        observing: False keeps what was answered in any case.
    """
    conversation.begin()
    end: tuple[Said, ...] = ()
    with hearing(Hearing(judging=False)) as heard:
        try:
            body(conversation)
        except SubmissionError:
            pass  # it is in the log
        except Stopped as stopped:
            end = (Said("stopped", stopped.status.value),)
        except CheckFailed as failed:
            end = (Said("failed", failed.headline),)
        except Exception as error:
            end = (Said("unusable", type(error).__name__),)
    observed = heard.observations if observing else []
    if observed:
        errors = [exchange.error for exchange in conversation.log if exchange.error]
        return (
            *(Said("observed", pair) for pair in observed),
            *(_said_error(error) for error in errors),
            *end,
        )
    said = []
    for exchange in conversation.log:
        if exchange.error is not None:
            said.append(_said_error(exchange.error, exchange.label))
        elif exchange.answer is not None:
            answer = exchange.answer
            value = _as_held(answer.value, heard.held_plain, every=heard.plain)
            values = (value, answer.inputs, answer.gradients, answer.warnings)
            said.append(Said("answer", to_keep(values), heard.rounding, exchange.label))
    return (*said, *end)


def _as_held(value: Any, held_plain: Sequence[object], *, every: bool) -> Any:
    """An answer in which those numbers are plain ones that a check takes for such."""
    held = every or any(value is one for one in held_plain)
    if type(value) in (tuple, list):
        return type(value)(_as_held(part, held_plain, every=held) for part in value)
    has_graph = isinstance(value, torch.Tensor) and value.requires_grad  # it may be the mistake
    return plain(value) if held and not has_graph else value


def _said_error(error: SubmissionError, asked: str = "") -> Said:
    """What did not work; the words of a `raise` or `assert` of the learner's don't count."""
    own_words = bool(error.frames) and error.frames[-1].source.startswith(("raise ", "assert "))
    words = "" if own_words else error.message
    # Who names an error after what it is about derives it from the one that was asked for.
    types = (one for one in (error.type, *error.bases) if hasattr(builtins, one))
    return Said("error", (error.kind, next(types, error.type), words), asked=asked)


def in_form(said: Transcript) -> Any:
    """What is left of a transcript without its numbers and without the words of errors.

    Two mistakes of one kind may fail at the same question in other words, or answer in the same
    wrong shape with other numbers. Texts in an answer count: a list of tags in another order is
    another answer. And a call that raises and an answer without the gradients that are asked for
    are two kinds. Forms are compared with `==`.
    """
    return tuple(
        (one.kind, one.values[0] if one.kind == "error" else _form(one.values))
        if one.kind in ("error", "answer")
        else (one.kind, repr(one.values))
        for one in said
    )


def _form(value: Any) -> Any:
    if isinstance(value, Numbers):
        return Numbers, str(value.dtype), value.array.shape
    if isinstance(value, torch.Tensor | np.ndarray):
        return type(value), str(value.dtype), tuple(value.shape)
    if isinstance(value, tuple | list):
        return type(value), tuple(map(_form, value))
    if isinstance(value, dict):
        return dict, tuple((repr(key), _form(item)) for key, item in value.items())
    return value if isinstance(value, str) else type(value)


def is_telling(answers: Transcript) -> bool:
    """Whether there is more in a transcript than a few times yes or no.

    An error has its words, an answer its numbers, and a check may observe in words what it was.
    """
    return any(
        said.kind == "error"
        or (said.kind == "answer" and _tells(said.values))
        or (said.kind == "observed" and _tells(said.values[1]))
        for said in answers
    )


def _tells(values: Any) -> bool:
    if isinstance(values, dict):
        return any(map(_tells, values.values()))
    if isinstance(values, tuple | list):
        return any(map(_tells, values))
    if isinstance(values, torch.Tensor | np.ndarray | Numbers):
        return values.dtype not in (bool, torch.bool)
    return values is not None and type(values) is not bool


def same_transcript(left: Transcript, right: Transcript) -> bool:
    """Whether two transcripts say the same, up to rounding."""
    return len(left) == len(right) and all(
        a.kind == b.kind and _same(a.values, b.values, min(max(a.rounding, b.rounding), _MOST))
        for a, b in zip(left, right, strict=True)
    )


def spoils(mistaken: Transcript, said: Transcript, right: Transcript) -> bool:
    """Whether a mistake answers wrongly where someone answers rightly, up to where one ends."""
    return any(
        same_transcript((theirs,), (wanted,)) and not same_transcript((ours,), (wanted,))
        for ours, theirs, wanted in zip(mistaken, said, right, strict=False)
    )


SideBySide: TypeAlias = tuple[Transcript, Transcript, Transcript]
"""What a mistake, someone and the solution answer in one case."""


def is_written_apart(cases: Sequence[SideBySide]) -> bool:
    """Whether someone made a mistake in some functions, and has the others right that it spoils.

    Two functions of ours may share the code that is mistaken. Who writes it twice can have it right
    in one of them, and wrong in the other one. The first answer that the mistake spoils is the one
    that it is named after, so that one has to be wrong.
    """
    found = _apart(cases)
    return found is not None and bool(found[1]) and found[1].isdisjoint(found[0])


def may_be_apart(cases: Sequence[SideBySide]) -> bool:
    """Whether nothing in the first cases speaks against that."""
    return _apart(cases) is not None


def _apart(cases: Sequence[SideBySide]) -> tuple[set[str], set[str]] | None:
    """What is asked where the mistake was made, and where it was spared; None if it is another."""
    wrong: set[str] = set()
    spared: set[str] = set()
    for case in cases:
        if len({*map(len, case)}) != 1:
            return None
        for ours, theirs, wanted in zip(*case, strict=True):
            made = same_transcript((theirs,), (ours,))
            if not made and not same_transcript((theirs,), (wanted,)):
                return None
            if not same_transcript((ours,), (wanted,)):
                if not (made or wrong):
                    return None
                (wrong if made else spared).add(ours.asked)
    return wrong, spared


_MOST = 1e-3
"""The share of the largest value that is never put down to rounding."""


def _same(left: Any, right: Any, rounding: float) -> bool:
    if isinstance(left, tuple | list) and isinstance(right, tuple | list):
        return len(left) == len(right) and all(
            _same(a, b, rounding) for a, b in zip(left, right, strict=True)
        )
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(
            _same(left[key], right[key], rounding) for key in left
        )
    if isinstance(left, torch.Tensor) and isinstance(right, torch.Tensor):
        left, right = numbers(left), numbers(right)
    if isinstance(left, Numbers) and isinstance(right, Numbers):
        tracked = left.tracked == right.tracked  # an argument afterwards can
        return left.dtype == right.dtype and tracked and _close(left.array, right.array, rounding)
    if isinstance(left, np.ndarray) and isinstance(right, np.ndarray):
        return left.dtype == right.dtype and _close(left, right, rounding)
    if isinstance(left, RemoteHandle) and isinstance(right, RemoteHandle):
        return True
    if type(left) is float and type(right) is float:
        if not (math.isfinite(left) and math.isfinite(right)):
            return left == right or (math.isnan(left) and math.isnan(right))
        return abs(left - right) <= max(1e-8 * (1 + abs(right)), rounding * abs(right))
    return type(left) is type(right) and bool(left == right)


def _close(left: "np.ndarray[Any, Any]", right: "np.ndarray[Any, Any]", rounding: float) -> bool:
    """Equal shape, and equal values up to what another order of summation can do."""
    if left.shape != right.shape:
        return False
    if left.size == 0 or not np.issubdtype(left.dtype, np.inexact):
        return bool(np.array_equal(left, right))
    finite = np.isfinite(right)
    size = float(np.abs(right[finite]).max()) if finite.any() else 0.0
    share = max(rounding, 1e-8 if left.dtype.itemsize >= 8 else 2e-5)
    tolerance = share * max(size, 1e-3)
    with np.errstate(invalid="ignore"):
        return bool(
            (
                (left == right)
                | (np.isnan(left) & np.isnan(right))
                | (np.abs(left - right) <= tolerance)
            ).all()
        )
