"""What may be asked ahead: only what no answer changes, and nothing that gives an answer away.

A submission can look at the questions that wait for it. A question that holds what an earlier one
asked for (the state after a step, handed to the next step) would tell it the answer before it had
to give one. So a check is rehearsed before its script is used: its bodies run with nobody, who
answers with other numbers than a right submission did. It has to ask the very same then. And a
question that holds what earlier answers of its case held waits until all before it are answered.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Any, TypeAlias

import numpy as np
import torch
from msgspec.structs import replace

from grader.checks.hearing import Hearing, hearing
from grader.checks.nested import leaves_in
from grader.checks.submission import Body, SubmissionError
from grader.course.kata import Kata
from grader.judge.ahead import NotAsAsked, Script
from grader.judge.conversation import Conversation, Exchange, RemoteHandle
from grader.judge.suspect import Entries
from grader.judge.transcript import Numbers, numbers
from grader.sandbox.sandbox import Sandbox
from grader.wire.messages import Answer, Call, Describe


def may_be_asked_ahead(
    script: Script, said: Sequence[Exchange], bodies: Iterable[Body], kata: Kata, sandbox: Sandbox
) -> bool:
    """Whether a script's questions depend on no answer. Those that give one away wait for it.

    Args:
        script: what was asked.
        said: the same, with what a right submission answered.
        bodies: of the check, in the order in which they asked it.
        kata: whose check it is.
        sandbox: nothing runs in it.
    """
    script.giving_away = _giving_away(said)
    rehearsal = _Rehearsal(script, said, kata, sandbox)
    try:
        with hearing(Hearing(judging=False)):
            for body in bodies:
                rehearsal.begin()
                with suppress(SubmissionError):  # if it ends a body too early, that shows
                    body(rehearsal)
    except (Exception, NotAsAsked):
        return False
    return rehearsal.finished


class _Rehearsal(Conversation):
    """A conversation with nobody: questions are held against a script, the answers are made up."""

    def __init__(
        self, script: Script, said: Sequence[Exchange], kata: Kata, sandbox: Sandbox
    ) -> None:
        super().__init__(kata, b"", sandbox)
        self._expected = script
        self._said = said
        self._at = 0
        self._cases = (script.calls[0].chance or 1) - 1 if script.calls else 0

    @property
    def finished(self) -> bool:
        """Whether all that stands in the script was asked."""
        return self._at == len(self._said)

    def load(self) -> None:
        """There is nothing to load."""

    def _answered(self, request: Call | Describe, label: str) -> Answer:
        if not self._expected.holds(self._at, request):
            raise NotAsAsked
        exchange = self._said[self._at]
        self._at += 1
        self.log.append(exchange)
        if exchange.error is not None:
            raise exchange.error
        assert exchange.answer is not None
        return replace(
            exchange.answer,
            value=self._other(exchange.answer.value),
            inputs=self._other(exchange.answer.inputs),
            gradients=self._other(exchange.answer.gradients),
        )

    def _other(self, value: Any) -> Any:
        """Another answer of the same form."""
        if isinstance(value, RemoteHandle):
            return RemoteHandle(self, value.number, value.type_name)
        if isinstance(value, torch.Tensor | np.ndarray):
            if value.dtype in (bool, torch.bool):
                return ~value
            return value + 1 if _whole(value) else value * 1.375 + 0.125
        if isinstance(value, bool):
            return not value
        if isinstance(value, int):
            return value + 1
        if isinstance(value, float):
            return value * 1.375 + 0.125
        if isinstance(value, str):
            return value + "?"
        if type(value) in (tuple, list):
            return type(value)(map(self._other, value))
        if isinstance(value, dict):
            return {key: self._other(item) for key, item in value.items()}
        return value


_Leaf: TypeAlias = str | Numbers
_COMMON = torch.tensor([-1.0, 0.0, 1.0], dtype=torch.float64)
"""Entries that give nothing away."""


def _whole(value: "torch.Tensor | np.ndarray[Any, Any]") -> bool:
    if isinstance(value, torch.Tensor):
        return not (value.is_floating_point() or value.is_complex())
    return not np.issubdtype(value.dtype, np.inexact)


def _giving_away(said: Sequence[Exchange]) -> frozenset[int]:
    """The places of the questions that would give an answer away, asked before it is there.

    They hold what only the earlier answers of their case held, and no earlier question.
    """
    found = set()
    given: list[_Leaf] = []
    told: list[_Leaf] = []
    for place, (call, _, answer, _) in enumerate(said):
        assert isinstance(call, Call)
        if call.chance is not None:  # a new case
            given, told = [numbers(_COMMON)], []
        asked = [*_leaves((call.args, call.kwargs, call.cotangents))]
        before = _held(asked, given) if told else []
        if not all(before):
            together = _held(asked, told + given)
            if any(held > by_itself for held, by_itself in zip(together, before, strict=True)):
                found.add(place)
        given += asked
        if answer is not None:
            told += _leaves((answer.value, answer.inputs, answer.gradients))
    return frozenset(found)


def _leaves(tree: Any) -> Iterator[_Leaf]:
    """The texts and the numbers of a tree that say something: not a few whole ones."""
    for _, leaf in leaves_in(tree):
        if isinstance(leaf, str) and leaf:
            yield leaf
        elif isinstance(leaf, float | torch.Tensor | np.ndarray):
            tensor = torch.as_tensor(leaf)
            few_whole_ones = not tensor.is_floating_point() and tensor.numel() < 4
            says = tensor.dtype != torch.bool and not tensor.is_complex() and not few_whole_ones
            if tensor.numel() and says:
                yield numbers(tensor)


def _held(leaves: Sequence[_Leaf], by: Sequence[_Leaf]) -> list[bool]:
    """Whether each of some leaves stands in others: a text in one, a tensor's entries in all."""
    texts = [other for other in by if isinstance(other, str)]
    entries = Entries(other for other in by if not isinstance(other, str))
    known = iter(entries.which([leaf for leaf in leaves if not isinstance(leaf, str)]))
    return [
        any(leaf in other for other in texts) if isinstance(leaf, str) else next(known)
        for leaf in leaves
    ]
