"""The card of a failure: the smallest case that was found, as the learner would write it down.

The failing call comes with its arguments. Where it concerns an object that stays in the worker (a
module, a cache), the calls that made that object come too, so that the case is whole.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, NamedTuple

from grader.checks.nested import LONGEST_KEY, index_of
from grader.course.kata import Kata
from grader.judge.conversation import Exchange, RemoteHandle
from grader.text import cut
from grader.verdict import Argument, Counterexample, EarlierCall
from grader.wire.messages import Call, HandleRef

SHOWN_NUMBERS = 24
LONGEST_TEXT = 2_000
SHORT = 24
"""Values of at most so many characters stand in the call itself."""

_READING = ("state_dict", "parameters", "named_parameters")
_OF_TORCH = {"load_state_dict": ("state_dict",)}


def counterexample(
    kata: Kata, exchanges: Sequence[Exchange], *, replay: str, details: Mapping[str, str]
) -> Counterexample | None:
    """The card for a case that failed, or None if nothing was called.

    Args:
        kata: its signatures name the arguments.
        exchanges: what was asked in that case, in order.
        replay: the command that runs the case again.
        details: what a comparison found: where, expected, got and so on.
    """
    calls = [exchange for exchange in exchanges if isinstance(exchange.call, Call)]
    if not calls:
        return None
    *before, last = (_written(told) for told in Story(kata, calls).told())
    return Counterexample(
        call=last.call,
        arguments=last.arguments,
        set_up=tuple(before),
        calls_before=len(calls) - 1 - len(before),
        replay=replay,
        **details,
    )


class Told(NamedTuple):
    """One call of a case, as somebody would write it down.

    Args:
        exchange: the question, and what came of it.
        function: what is called, such as `lstm_cell` or `model.forward`.
        arguments: each with its name in the stub, and its text where it is short enough to stand in
            the call itself.
        positional: how many of them are given by position.
        result: the name of the object that it makes and a later call uses, or an empty text.
        part: where in the answer that object is, such as `[1]`.
    """

    exchange: Exchange
    function: str
    arguments: tuple[tuple[str, Any, str], ...]
    positional: int
    result: str = ""
    part: str = ""

    @property
    def text(self) -> str:
        """The call, with the names of its longer arguments."""
        shown = [
            text or name if index < self.positional else f"{name}={text or name}"
            for index, (name, _, text) in enumerate(self.arguments)
        ]
        call = f"{self.function}({', '.join(shown)})"
        return f"{self.result} = {call}{self.part}" if self.result else call


class Story:
    """The calls of one case, with names for the objects that one hands on to another.

    Args:
        kata: its signatures name the arguments.
        exchanges: what was asked in the case, in order.
    """

    def __init__(self, kata: Kata, exchanges: Sequence[Exchange]) -> None:
        self._kata = kata
        calls = [exchange for exchange in exchanges if isinstance(exchange.call, Call)]
        self._calls = calls
        self._made: dict[int, tuple[int, str]] = {}  # handle: which call made it, where in it
        self._names: dict[int, str] = {}
        for position, exchange in enumerate(calls):
            for where, handle in _handles(exchange.answer.value if exchange.answer else None):
                self._made.setdefault(handle.number, (position, where))
            for name, value in self.named(exchange):
                if isinstance(value, HandleRef):
                    self._names.setdefault(value.number, name)

    def whole(self) -> list[Told]:
        """Every call."""
        return [self._told(position) for position in range(len(self._calls))]

    def told(self) -> list[Told]:
        """The last call, after those that made or changed the objects in it."""
        wanted = {len(self._calls) - 1}
        objects: set[int] = set()
        waiting = [*wanted]
        while waiting:
            for number in self._objects(waiting.pop()) - objects:
                objects.add(number)
                more = {self._made[number][0]} if number in self._made else set()
                more |= {p for p in range(len(self._calls) - 1) if self._changes(p, number)}
                waiting += more - wanted
                wanted |= more
        return [self._told(position) for position in sorted(wanted)]

    def _objects(self, position: int) -> set[int]:
        """The handles that a call is made of."""
        call = self._calls[position].call
        assert isinstance(call, Call)
        found = {handle.number for _, handle in _handles((call.args, [*call.kwargs.values()]))}
        return found | ({call.target} if isinstance(call.target, int) else set())

    def _changes(self, position: int, number: int) -> bool:
        call = self._calls[position].call
        assert isinstance(call, Call)
        return call.target == number and call.method not in (None, *_READING)

    def _told(self, position: int) -> Told:
        exchange = self._calls[position]
        call = exchange.call
        assert isinstance(call, Call)
        arguments = tuple(
            (name, value, self._inline(value)) for name, value in self.named(exchange)
        )
        target = call.target if isinstance(call.target, str) else self._name(call.target)
        function = f"{target}.{call.method}" if call.method is not None else target
        told = Told(exchange, function, arguments, len(call.args))
        for number, (made, where) in self._made.items():
            if made == position != len(self._calls) - 1:
                return told._replace(result=self._name(number), part=where)
        return told

    def named(self, exchange: Exchange) -> list[tuple[str, Any]]:
        """A call's arguments with their names in the stub."""
        call = exchange.call
        assert isinstance(call, Call)
        label = exchange.label
        if isinstance(call.target, int) and call.method is None:
            label = f"{label}.forward"
        signature = self._kata.signatures.get(label)
        names = [*(signature.parameters if signature else _OF_TORCH.get(call.method or "", ()))]
        names += [f"argument {i + 1}" for i in range(len(names), len(call.args))]
        return [*zip(names, call.args, strict=False), *call.kwargs.items()]

    def _name(self, number: int) -> str:
        if number not in self._names:
            position, _ = self._made.get(number, (0, ""))
            label = self._calls[position].label
            name = "model" if label[:1].isupper() else "answer"
            taken = sum(other.rstrip("0123456789") == name for other in self._names.values())
            self._names[number] = f"{name}{taken + 1}" if taken else name
        return self._names[number]

    def _inline(self, value: Any) -> str:
        """A value that is short enough to stand in the call, else an empty text."""
        if isinstance(value, HandleRef):
            return self._name(value.number)
        if value is None or isinstance(value, bool | int | float | str):
            text = _brief(value)
            return text if len(text) <= SHORT else ""
        return ""


def _written(told: Told) -> EarlierCall:
    """A call with its longer arguments as text."""
    longer = [
        line for name, value, text in told.arguments if not text for line in described(name, value)
    ]
    return EarlierCall(told.text, tuple(longer))


def _handles(value: Any, where: str = "") -> Iterator[tuple[str, RemoteHandle | HandleRef]]:
    """The handles in an answer or in arguments, and the index of each."""
    if isinstance(value, RemoteHandle | HandleRef):
        yield where, value
    elif isinstance(value, tuple | list):
        for index, item in enumerate(value):
            yield from _handles(item, f"{where}[{index}]")
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _handles(item, f"{where}{index_of(key)}")


def described(name: str, value: Any, *, whole: bool = False) -> list[Argument]:
    """An argument, or each of its tensors: a state dict's entries, a pair's parts."""
    if isinstance(value, dict) and any(map(is_array, value.values())):
        return [
            line
            for key, item in value.items()
            for line in described(f"{name}{index_of(key)}", item, whole=whole)
        ]
    if isinstance(value, tuple | list) and any(map(is_array, value)):
        return [
            line
            for i, item in enumerate(value)
            for line in described(f"{name}[{i}]", item, whole=whole)
        ]
    return [_argument(name, value, whole=whole)]


def is_array(value: Any) -> bool:
    """Whether a value is a tensor or an array."""
    return hasattr(value, "dtype") and hasattr(value, "shape")


def _argument(name: str, value: Any, *, whole: bool) -> Argument:
    """An argument as readable text; a large tensor by its first numbers, unless `whole`."""
    if is_array(value):
        dtype = str(value.dtype).removeprefix("torch.")
        shape = tuple(int(size) for size in value.shape)
        return Argument(name, _numbers(value, whole=whole), shape, dtype)
    return Argument(name, cut(_brief(value), LONGEST_TEXT))


def _numbers(value: Any, *, whole: bool = False) -> str:
    count = int(value.numel() if hasattr(value, "numel") else value.size)
    if count <= SHOWN_NUMBERS or whole:
        return _nested(value.tolist())
    first = value.reshape(-1)[:8].tolist()
    return f"[{', '.join(f'{v:.6g}' for v in first)}, ... {count - 8} more]"


def _nested(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_nested, value))}]"
    return f"{value:.6g}" if isinstance(value, float) else repr(value)


def _brief(value: Any) -> str:
    if isinstance(value, RemoteHandle | HandleRef):
        return f"<{value.type_name}>"
    if isinstance(value, tuple | list):
        inner = ", ".join(map(_brief, value[:8])) + (", ..." if len(value) > 8 else "")
        return f"({inner})" if isinstance(value, tuple) else f"[{inner}]"
    if isinstance(value, dict):
        entries = [f"{k}"[:LONGEST_KEY] + f": {_brief(v)}" for k, v in islice(value.items(), 8)]
        return "{" + ", ".join(entries) + "}"
    if is_array(value):
        dtype = str(value.dtype).removeprefix("torch.")
        return f"{_numbers(value)} {dtype} {tuple(value.shape)}"
    return repr(value)[:200]
