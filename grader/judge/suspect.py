"""The suspect: the operation at which a submission's values leave those of every right answer.

A call of the submission is traced, and the same call of the solution and of every alternative. A
value is *known* if each of its entries is one of a right trace's: so axes may be ordered, cut and
joined in any way. The suspect is the earliest operation that was given known values and made an
unknown one, from which the wrong answer descends, and after which no known value is met again that
is new: a 0, or what an argument says too, comes of right values and of wrong ones alike.

An operation that is right elsewhere in the call is not to blame for what it is given. If its
entries were put there in an order that no right answer has, that is where it goes wrong.

Values are the submission's own and may be forged. They decide what line is shown, and nothing else.
"""

import ast
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Sequence
from functools import cached_property
from itertools import chain, permutations
from typing import Any, NamedTuple

import numpy as np
import torch
from msgspec.structs import replace

from grader.checks.nested import leaves_in
from grader.judge.conversation import Exchange
from grader.judge.transcript import Numbers, numbers
from grader.text import lines_of, one_line
from grader.verdict import Suspect
from grader.wire.messages import Answer, Call, Step
from grader.worker.trace import BACKWARD, CUT, FILL, FOUND, GRADIENTS, RETURNED

MOVES = frozenset(
    (
        *("__get__", "__getitem__", "__setitem__", "broadcast_to", "cat", "chunk", "clone"),
        *("concat", "concatenate", "contiguous", "detach", "double", "expand", "expand_as"),
        *("flatten", "flip", "float", "gather", "hstack", "index_select", "movedim", "narrow"),
        *("permute", "repeat", "repeat_interleave", "reshape", "roll", "select", "split"),
        *("squeeze", "stack", "swapaxes", "t", "take_along_dim", "tensor_split", "tile", "to"),
        *("transpose", "type_as", "unbind", "unflatten", "unsqueeze", "view", "view_as", "vstack"),
        RETURNED,
    )
)
"""Operations whose result holds the entries of what they were given, and nothing else."""

MAKES = frozenset(
    (
        *("empty_like", "full_like", "new_empty", "new_full", "new_ones", "new_zeros"),
        *("ones_like", "rand_like", "randn_like", "zeros_like"),
    )
)
"""Operations that take no more than a shape from what they were given."""

PICKS = frozenset({"where", "masked_fill"})
"""Operations that pick entries. A gap that one of them picks or leaves is met in no right answer
where those go through all steps at once, and is no wrong value."""

_FROM_PYTHON = frozenset({"as_tensor", "asarray", "from_numpy", "tensor"})
"""Operations that make a tensor of what no trace sees: whole numbers may be wrong from there on."""

_OF_A_GRAPH = frozenset({"grad"})
"""Operations that make more of what they are given than its values: of a graph, no trace says."""

LONGEST_NAME = 40
"""Of an operation."""

FEW_ENTRIES = 4
"""So few are in some order or other by chance."""
MOST_AXES = 4
"""A tensor of more is in no wrong order."""

_TOLERANCE = {torch.float64: 1e-9, torch.float32: 5e-6}
_MOST = 1e-5
"""The most that a check's own rounding adds: among many values one is near to any number."""

_FAR = 1e4
"""From here on, a number that is written in stands for infinity."""


class Part(NamedTuple):
    """A part of an answer: its value, and the step that made it (an argument's number), if any."""

    value: Numbers
    end: int | None = None


class Suspicion(NamedTuple):
    """An operation, and the names of what it was given, in the words of the solution.

    `of_call` says that it is the call around it which is to be looked at. `returned`: what it made
    is known, and named, but another value was to be answered there. `before` holds the spots of
    what it descends from.
    """

    step: Step
    known: tuple[str, ...]
    of_call: bool = False
    returned: bool = False
    before: frozenset[tuple[int, int, str]] = frozenset()

    @property
    def spot(self) -> tuple[int, int, str]:
        """Where it stands, whichever case it was found in."""
        return _spot(self.step)

    def place(self) -> tuple[int, int, int, str]:
        """Line, column, end and operation of what is to be looked at; of a call the line alone."""
        if self.of_call:
            return self.step.called, 0, 0, ""
        return self.step.line, self.step.column, self.step.end, self.step.operation


def first_difference(
    theirs: Sequence[Exchange], rights: Sequence[Sequence[Exchange]], rounding: float = 0.0
) -> int | None:
    """The first exchange whose answer differs from the one that is right.

    There is none behind one that the submission or the solution has not answered, nor where the
    right answers differ among themselves: there anything may be right.

    Args:
        theirs: the submission's exchanges.
        rights: those of the right answers, the solution's first.
        rounding: what the check puts down to rounding, as a share of a value.
    """
    solution, *others = rights
    for number, (one, right) in enumerate(zip(theirs, solution, strict=False)):
        if one.answer is None or right.answer is None:
            return None
        same_call = (log[number] for log in others if number < len(log))
        if wrong_parts(one, right, rounding) and not any(
            wrong_parts(each, right, rounding) for each in same_call if each.answer
        ):
            return number
    return None


class Trace:
    """A traced call: its `steps`, what each has `made`, and what the call was `given`."""

    def __init__(self, exchange: Exchange) -> None:
        assert exchange.answer is not None
        values, steps = exchange.answer.step_values, exchange.answer.steps
        fits = isinstance(values, tuple) and len(values) == len(steps)
        self.given = _given(exchange)
        self.steps: Sequence[Step] = steps if fits else ()
        self.made = [next(numbers_of(value), None) for value in values] if fits else []

    def value(self, number: int) -> Numbers | None:
        """A value of the trace, by the step that made it; arguments have numbers below 0."""
        values = self.made if number >= 0 else self.given
        place = number if number >= 0 else -1 - number
        return values[place] if place < len(values) else None


class Compared(Trace):
    """A traced call of the submission beside the same call of right answers.

    Args:
        theirs: the submission's; answered.
        rights: the solution's first, then the alternatives'.
        source: the solution's text, whose variables give names.
        rounding: what the check puts down to rounding, as a share of a value.
        wrong: what is wrong; by default of its own answer. It may be what a later call answers,
            as the weights behind a step of training.

    `wrong` is what is wrong, and `ends` holds the steps that made it.
    """

    def __init__(
        self,
        theirs: Exchange,
        rights: Sequence[Exchange],
        source: str,
        rounding: float = 0.0,
        wrong: Sequence[Part] | None = None,
    ) -> None:
        super().__init__(theirs)
        self.wrong = wrong_parts(theirs, rights[0], rounding) if wrong is None else wrong
        self._rights = rights
        self._answered = {end: part.value for part in self.wrong for end in self._made_by(part)}
        self.ends = [*self._answered]
        self._pool = pool = _Pool(rights, rounding)
        self._names = pool.names(source)
        self.known: list[bool] = []
        self._telling: list[bool] = []
        self._mute: list[bool] = []
        seen = {0.0, np.inf}.union(*map(_said_by, self.given))
        for step, value in zip(self.steps, self.made, strict=True):
            makes_nothing = step.operation in MOVES | MAKES or not step.given
            unseen = step.operation == FOUND or (
                step.operation in _FROM_PYTHON and value is not None and not is_floating(value)
            )
            moved = self._fed(step) and makes_nothing and not unseen
            said = value
            if step.operation in PICKS and value is not None and self._fed(step):
                said = _without_gaps(value)
            if step.operation == FILL and value is not None and is_floating(value):
                said = _written(value)
            self.known.append(moved or (said is not None and said in pool))
            says = _said_by(value) if value is not None else set()
            self._telling.append(self.known[-1] and not says <= seen)
            seen |= says if self.known[-1] else set()
            self._mute.append(says <= {0.0, 1.0})

    @cached_property
    def suspicion(self) -> Suspicion | None:
        """Where the call leaves every right answer to it.

        An operation after which a new known value is met is right, however unusual. If no other is
        left, it is one of which some entries are right and are taken out, and others are not, as a
        clamp's; or one before that, as where all sequences but the first are wrong. Where all that
        was made is known, an operation is left out, or a value is answered in another's place.
        """
        led_back, first_wrong = self._first_wrong
        if not first_wrong:
            return next(filter(None, map(self._returned, self.ends)), None)
        number = first_wrong[0]
        step, before = self.steps[number], self._spots(number)
        if self._is_right_elsewhere(step, led_back):
            moved = self._put_in_no_right_order(step.given)
            if moved is not None:
                names = self._names_of(self.steps[moved].given)
                return Suspicion(self.steps[moved], names, before=before)
        return Suspicion(
            self._cut_before(step),
            self._names_of(step.given),
            self._of_call(step, led_back),
            before=before,
        )

    @cached_property
    def first_wrong(self) -> list[int]:
        """The steps that made wrong values of known ones, the first of all first."""
        return self._first_wrong[1]

    @cached_property
    def _first_wrong(self) -> tuple[set[int], list[int]]:
        """The steps after which a telling value is met, and `first_wrong`."""
        path = _ancestors(self.steps, self.ends)
        telling = {n for n, tells in enumerate(self._telling) if tells}.difference(self.ends)
        led_back = self._leads_to(telling, path)
        partly = self._moved_out(telling) & _ancestors(self.steps, self.ends, but=telling)
        whole = {number for number in telling if not self._moves_some_of(number, partly)}
        for among in (path - led_back, partly, path - self._leads_to(whole, path)):
            found = [
                number
                for number in sorted(among)
                if self.steps[number].operation not in _OF_A_GRAPH
                and self._fed(self.steps[number])
                and not self.known[number]
            ]
            if found:
                return led_back, found
        return led_back, []

    def values(self) -> Iterator[Numbers]:
        """All floats that it was given and made."""
        made = (value for value in self.made if value is not None)
        return filter(is_floating, chain(self.given, made))

    @cached_property
    def rights(self) -> list[Trace]:
        """The same call of right answers."""
        return [*map(Trace, self._rights)]

    def suspicion_at(self, number: int) -> Suspicion:
        """That a step is to be looked at."""
        step = self.steps[number]
        return Suspicion(step, self._names_of(step.given), before=self._spots(number))

    def found_as_it_was(self) -> list[Part]:
        """What was wrong before the call, if that is where it leaves the right answers."""
        if self.suspicion is None or self.suspicion.step.operation != FOUND:
            return []
        made = self.made[self.steps.index(self.suspicion.step)]
        return [Part(made)] if made is not None else []

    def _made_by(self, part: Part) -> list[int]:
        """The step that made a part of an answer: its own, or else the last one with its value.

        A number of Python's was read from a tensor, and a state was left by an earlier call.
        """
        if part.end is not None:
            return [part.end] if 0 <= part.end < len(self.steps) else []
        if (part.value.array == np.round(part.value.array)).all():
            return []  # small whole numbers are met anywhere, by chance
        steps = zip(self.steps, self.made, strict=True)
        alike = (
            n
            for n, (step, made) in enumerate(steps)
            if step.operation != FOUND and equal(made, part.value)
        )
        return [*alike][-1:]

    def _returned(self, end: int) -> Suspicion | None:
        """That a wrong part of the answer is a right value, if all that it was made of is right."""
        if not equal(self.made[end], self._answered.get(end)):
            return None  # it was written into where no trace sees it
        for number in _ancestors(self.steps, [end]):
            if self.steps[number].operation in _OF_A_GRAPH or not self.known[number]:
                return None
        moved = self._put_in_no_right_order([end])
        if moved is not None:
            return Suspicion(self.steps[moved], self._names_of(self.steps[moved].given))
        return Suspicion(self.steps[end], self._names_of([end]), returned=True)

    def _put_in_no_right_order(self, values: Iterable[int]) -> int | None:
        """The first step that put entries in an order that no right answer has.

        Some values descend from it by way of known ones. What it was given is in an order of right
        answers. An order of one's own is right where something is made of it that is in order, or
        where the same operation gives one that is.
        """
        made = [number for number in values if number >= 0]
        unknown = {number for number, known in enumerate(self.known) if not known}
        moves = [n for n, step in enumerate(self.steps) if step.operation in MOVES]
        in_order = {_spot(self.steps[n]) for n in moves if self._in_right_order(n)}
        computed = {number for number, tells in enumerate(self._telling) if tells}.difference(moves)
        led_back = _ancestors(self.steps, [*filter(self._orders_much, computed)])
        for number in sorted(_ancestors(self.steps, made, but=unknown).intersection(moves)):
            step = self.steps[number]
            if (
                number not in led_back
                and _spot(step) not in in_order
                and self._fed(step)
                and all(n < 0 or self._in_right_order(n) for n in step.given)
            ):
                return number
        return None

    def _orders_much(self, number: int) -> bool:
        """Whether a value is in right order, and has enough entries to say so."""
        value = self.made[number]
        return value is not None and self._pool.orders(value) and self._in_right_order(number)

    def _in_right_order(self, number: int) -> bool:
        value = self.made[number]
        return value is None or self._pool.has_in_order(value)

    def _is_right_elsewhere(self, step: Step, led_back: Container[int]) -> bool:
        """Whether the same operation is right when it is come to another time."""
        return any(
            (_spot(one), one.end) == (_spot(step), step.end)
            and (self._telling[number] or number in led_back)
            for number, one in enumerate(self.steps)
        )

    def _cut_before(self, step: Step) -> Step:
        """Where a gradient comes from that lacks something, if it was cut there, or itself.

        What comes back to the value that is cut may be what a right answer has elsewhere.
        """
        if step.operation != BACKWARD:
            return step
        before = (self.steps[number] for number in step.given if number >= 0)
        return next((one for one in before if one.operation == CUT), step)

    def _leads_to(self, telling: Container[int], path: Iterable[int]) -> set[int]:
        """The steps of a path after which a telling value is met.

        Nothing is told of what a mute one was made of, as of what was multiplied by 0; nor by a
        mask of the numbers that it was made of, or by a gradient of values.
        """
        found: set[int] = set()
        for number in sorted(path, reverse=True):
            if number in telling or (number in found and not self._mute[number]):
                given = self.steps[number].given
                found |= {n for n in given if 0 <= n < number and self._speaks_for(number, n)}
        return found

    def _speaks_for(self, number: int, before: int) -> bool:
        back, came = (self.steps[n].operation in GRADIENTS for n in (number, before))
        if back and not came:
            return False
        one, other = self.made[number], self.made[before]
        return one is None or other is None or is_floating(one) or not is_floating(other)

    def _moves_some_of(self, number: int, partly: Container[int]) -> bool:
        """Whether a step takes some entries out of what is right in some of them alone."""
        step = self.steps[number]
        return step.operation in MOVES and any(before in partly for before in step.given)

    def _moved_out(self, found: Iterable[int]) -> set[int]:
        """The steps whose entries some steps do no more than move, and what those were given."""
        held: set[int] = set()
        left = list(found)
        while left:
            step = self.steps[left.pop()]
            if step.operation in MOVES:
                more = {number for number in step.given if number >= 0} - held
                held |= more
                left += more
        return held

    def _names_of(self, values: Iterable[int]) -> tuple[str, ...]:
        """What the solution calls values of the trace, by the steps that made them."""
        # An argument that is an object of the worker's has values that it alone knows.
        told_of = {n: None for n in values if -len(self.given) <= n}
        told = [self.name(value) for n in told_of if (value := self.value(n))]
        return tuple(dict.fromkeys(name for name in told if name))

    def _spots(self, number: int) -> frozenset[tuple[int, int, str]]:
        """Where the steps stand from which a step descends."""
        before = _ancestors(self.steps, [number]) - {number}
        return frozenset(_spot(self.steps[one]) for one in before)

    def _of_call(self, step: Step, led_back: set[int]) -> bool:
        """Whether another call of the same function is right there.

        A function that is right may be called with what it is not for, as a sigmoid with a
        candidate.
        """
        return step.called > 0 and any(
            _spot(one) == _spot(step)
            and one.called != step.called
            and (self._telling[number] or number in led_back)
            for number, one in enumerate(self.steps)
        )

    def name(self, value: Numbers | None) -> str:
        """What the solution calls a value; empty where it has no name for it."""
        return next((name for one, name in self._names if equal(one, value)), "")

    def _fed(self, step: Step) -> bool:
        """Whether all that a step was given is known: arguments are; a forged number is not."""
        return all(n < 0 or (n < len(self.known) and self.known[n]) for n in step.given)


def most_agreed(found: Sequence[Suspicion]) -> Suspicion | None:
    """What most cases say; nothing where no two of several agree.

    A case agrees with a suspicion from which its own descends: what is made there is wrong, and was
    known in this case by chance, as what `relu` makes of numbers above 0.
    """
    agree = Counter(
        {
            spot: sum(spot == one.spot or spot in one.before for one in found)
            for spot in dict.fromkeys(one.spot for one in found)
        }
    )
    if not agree:
        return None
    (spot, count), *_ = agree.most_common(1)
    if count == 1 and len(found) > 1:
        return None
    agreed = [one for one in found if one.spot == spot]
    # A function may be right elsewhere by chance, as where it is given a single number.
    of_call = 2 * sum(one.of_call for one in agreed) > len(agreed)
    return max(agreed, key=lambda one: (one.of_call == of_call, len(one.known)))


def as_shown(found: Suspicion, source: bytes, file_name: str) -> Suspect | None:
    """A suspicion with our own copy of its line; its numbers may have been forged.

    Args:
        found: line and columns as a worker gives them, in bytes.
        source: the submission's text.
        file_name: what its file is called.
    """
    number, first, last, operation = found.place()
    shown = shown_line(source, file_name, number, first, last)
    if shown is None:
        return None
    known_name = len(operation) <= LONGEST_NAME and operation.isidentifier()
    return replace(
        shown,
        operation=operation if known_name and operation not in (FOUND, RETURNED, CUT) else "",
        known=found.known,
        returned=found.returned,
        backward=found.step.operation in GRADIENTS,
    )


def shown_line(source: bytes, file_name: str, number: int, first: int, last: int) -> Suspect | None:
    """A line with a mark under an expression; None where there is no such line.

    Args:
        source: the submission's text.
        file_name: what its file is called.
        number: the line, from 1.
        first: where the expression begins, in bytes of the line from 1; it may be out of it.
        last: the byte behind it.
    """
    lines = lines_of(source.decode("utf-8", "replace"))
    if not 1 <= number <= len(lines):
        return None
    line = lines[number - 1]
    shown = one_line(line.strip())[:200]
    indent = len(line) - len(line.lstrip())
    column, end = (
        len(line.encode()[: max(place - 1, 0)].decode("utf-8", "ignore")) + 1 - indent
        for place in (first, last)
    )
    if not (line.strip().startswith(shown) and 1 <= column < end <= len(shown) + 1):
        column = end = 0
    return Suspect(file_name, number, shown, column, end)


class Entries:
    """Every entry of some tensors; `rounding` is a share of a value, of what counts as one.

    A value is as exact as its dtype and theirs: who computes in float64 what is float32 elsewhere
    has other digits.

    A nan marks a gap in some katas. It is known where one of the tensors has the same shape and its
    nan in the same places. Those of a single axis don't count: a mean over gaps is nan, and so are
    the entries of a step with a gap.
    """

    def __init__(self, values: Iterable[Numbers], rounding: float = 0.0) -> None:
        self._rounding = min(rounding, _MOST)
        known = list(values)
        of_floats = (_TOLERANCE.get(value.dtype, 0.0) for value in known)
        self._share = max(of_floats, default=0.0)
        entries = np.concatenate([np.zeros(0), *map(_entries, known)])
        self._sorted = np.unique(entries[np.isfinite(entries)])
        self._infinite = np.unique(entries[np.isinf(entries)])
        with_gaps = known if np.isnan(entries).any() else []
        self._gaps = {_gaps(value) for value in with_gaps if value.array.ndim > 1}

    def __contains__(self, value: Numbers) -> bool:
        """Whether each entry of a tensor is one of them, up to rounding."""
        return self.which((value,))[0]

    def which(self, values: Sequence[Numbers]) -> list[bool]:
        """Of many tensors, whether each is in it; a trace has hundreds of small ones."""
        if not len(self._sorted) or not values:
            return [False] * len(values)
        each = [_entries(value) for value in values]
        sizes = [len(entries) for entries in each]
        entries = np.concatenate(each)
        of_floats = (_TOLERANCE.get(value.dtype, 1e-2) for value in values)
        shares = [max(share, self._share, self._rounding) for share in of_floats]
        known = np.isin(entries, self._infinite)
        finite = np.isfinite(entries)
        known[finite] = self._near(entries[finite], np.repeat(shares, sizes)[finite])
        owner = np.repeat(np.arange(len(values)), sizes)
        gaps = np.isnan(entries)
        filled = [bool(self._gaps) and _gaps(value) in self._gaps for value in values]
        known[gaps] = np.repeat(filled, sizes)[gaps]
        unknown = np.bincount(owner[~known], minlength=len(values))
        return [count == 0 for count in unknown.tolist()]

    def places(self, value: Numbers) -> "np.ndarray[Any, Any]":
        """A tensor without its axes of size 1, each entry as a number for all that it is near to.

        Entries that are none of these get the number of one beside them.
        """
        if not len(self._sorted):
            return np.zeros(value.array.shape, np.int64).squeeze()
        at = np.searchsorted(self._sorted, _entries(value))
        left, right = np.maximum(at - 1, 0), np.minimum(at, len(self._sorted) - 1)
        off = [np.abs(self._sorted[side] - _entries(value)) for side in (left, right)]
        nearest = np.where(off[0] < off[1], left, right)
        return self._clusters[nearest].reshape(value.array.shape).squeeze()

    @cached_property
    def _clusters(self) -> "np.ndarray[Any, Any]":
        """For each sorted entry the number of those to which it is near."""
        share = max(self._share, self._rounding)
        far = np.diff(self._sorted) > share * (np.abs(self._sorted[1:]) + 1e-3)
        return np.concatenate([[0], np.cumsum(far)])

    def _near(
        self, entries: "np.ndarray[Any, Any]", shares: "np.ndarray[Any, Any]"
    ) -> "np.ndarray[Any, Any]":
        """Which finite numbers are entries, up to a share of each."""
        at = np.searchsorted(self._sorted, entries)
        left = self._sorted[np.maximum(at - 1, 0)]
        right = self._sorted[np.minimum(at, len(self._sorted) - 1)]
        off: np.ndarray[Any, Any] = np.minimum(np.abs(entries - left), np.abs(entries - right))
        near: np.ndarray[Any, Any] = off <= shares * (np.abs(entries) + 1e-3)
        return near


def _order(array: "np.ndarray[Any, Any]") -> tuple[tuple[int, ...], bytes]:
    return array.shape, np.ascontiguousarray(array).tobytes()


def _orders_of(array: "np.ndarray[Any, Any]") -> Iterator[tuple[tuple[int, ...], bytes]]:
    """An array's entries in order, for each order of its axes."""
    return map(_order, map(array.transpose, permutations(range(array.ndim))))


def _entries(value: Numbers) -> "np.ndarray[Any, np.dtype[np.float64]]":
    with np.errstate(invalid="ignore"):  # a signalling nan
        return np.real(value.array).astype(np.float64).ravel()


def _without_gaps(value: Numbers) -> Numbers:
    """The entries of a tensor of floats that are no nan."""
    if not np.issubdtype(value.array.dtype, np.inexact):
        return value
    return replace(value, array=value.array[~np.isnan(value.array)])


def _gaps(value: Numbers) -> tuple[tuple[int, ...], bytes]:
    """Where a tensor has nan."""
    return value.array.shape, np.isnan(_entries(value)).tobytes()


def values_of(exchange: Exchange) -> Iterator[Numbers]:
    """What a traced call was given and answered, and the floats that it made on its way."""
    yield from _given(exchange)
    if exchange.answer is not None:
        yield from filter(is_floating, numbers_of(exchange.answer.step_values))
        yield from numbers_of(exchange.answer.value)


def is_floating(value: Numbers) -> bool:
    """Whether its entries are no whole numbers: small ones of those are met anywhere, by chance."""
    return value.dtype.is_floating_point or value.dtype.is_complex


def steps_of(answer: Answer) -> Iterator[tuple[Step, Any]]:
    """Each step of a traced answer with what it gave; none where there is no trace."""
    values = answer.step_values if isinstance(answer.step_values, tuple) else ()
    return zip(answer.steps, values, strict=False)


class _Pool(Entries):
    """Every entry of every value of the right traces; whole numbers and masks as they stand."""

    def __init__(self, rights: Sequence[Exchange], rounding: float) -> None:
        values = (value for one in rights if one.answer for value in values_of(one))
        super().__init__(values, rounding)
        self._solution = rights[0]
        self._rights = rights
        answers = [one.answer for one in rights if one.answer]
        every = numbers_of([*map(_given, rights), *((a.step_values, a.value) for a in answers)])
        self._wholes = {_whole(value) for value in every if not is_floating(value)}

    def __contains__(self, value: Numbers) -> bool:
        return super().__contains__(value) if is_floating(value) else _whole(value) in self._wholes

    def has_in_order(self, value: Numbers) -> bool:
        """Whether a right value has its entries in the same order, up to the order of its axes.

        Where that says nothing, it has.
        """
        if not self.orders(value):
            return True
        return not self._orders.isdisjoint(_orders_of(self.places(value)))

    def orders(self, value: Numbers) -> bool:
        """Whether the order of its entries says anything.

        One of a single axis, or of few entries, may be a part of any. One of many axes has too many
        orders of these to look at.
        """
        axes = sum(n > 1 for n in value.array.shape)
        return value.array.size >= FEW_ENTRIES and 1 < axes <= MOST_AXES

    @cached_property
    def _orders(self) -> set[tuple[tuple[int, ...], bytes]]:
        every = (value for one in self._rights if one.answer for value in values_of(one))
        arrays = (self.places(value) for value in every if value.array.ndim > 1)
        return {_order(array) for array in arrays}

    def names(self, source: str) -> list[tuple[Numbers, str]]:
        """The solution's values that have a name: its arguments and what its lines assign."""
        call, answer = self._solution.call, self._solution.answer
        if answer is None or not isinstance(call, Call) or not isinstance(call.target, str):
            return []
        tree = ast.parse(source)
        functions = (node for node in tree.body if isinstance(node, ast.FunctionDef))
        asked = next((node for node in functions if node.name == call.target), None)
        parameters = [argument.arg for argument in asked.args.args] if asked else []
        named = [
            (value, name)
            for name, given in zip(parameters, call.args, strict=False)
            for value in [*numbers_of(given)][:1]
        ]
        for (first, last), targets in _assigned(tree).items():
            steps = steps_of(answer)
            made = [next(numbers_of(value)) for step, value in steps if first <= step.line <= last]
            named += zip(made[-len(targets) :], targets, strict=False)
        return named


def _assigned(tree: ast.Module) -> dict[tuple[int, int], list[str]]:
    """For each assignment to names its lines, and the names."""
    found = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            target = node.targets[0]
            parts = target.elts if isinstance(target, ast.Tuple) else [target]
            names = [part.id for part in parts if isinstance(part, ast.Name)]
            if len(names) == len(parts):
                found[node.lineno, node.end_lineno or node.lineno] = names
    return found


def _given(exchange: Exchange) -> list[Numbers]:
    """The tensors of a call's arguments, in the order in which a worker counts them."""
    call = exchange.call
    return list(numbers_of((call.args, call.kwargs))) if isinstance(call, Call) else []


def _spot(step: Step) -> tuple[int, int, str]:
    return step.line, step.column, step.operation


def _ancestors(steps: Sequence[Step], ends: Sequence[int], *, but: Container[int] = ()) -> set[int]:
    """The steps from which some steps descend, with these, on ways that avoid others."""
    found: set[int] = set()
    left = list(ends)
    while left:
        number = left.pop()
        if number not in found and number not in but:
            found.add(number)
            left += [before for before in steps[number].given if 0 <= before < number]
    return found


def _written(value: Numbers) -> Numbers:
    """Of a tensor into which a number was written, the entries that say something.

    Anybody fills with 0, with 1, and with what stands for infinity.
    """
    sizes = np.abs(value.array)
    return Numbers(
        value.dtype, value.tracked, value.array[(sizes < _FAR) & (sizes > 0) & (sizes != 1)]
    )


def _said_by(value: Numbers) -> set[Any]:
    """What a tensor says: its entries, without their signs and nan; whole numbers all together."""
    if not is_floating(value):
        return {_whole(value)} if (value.array != value.array.flat[:1]).any() else set()
    sizes = np.abs(_entries(value))
    return set(sizes[~np.isnan(sizes)].tolist())


def _whole(value: Numbers) -> bytes:
    """Whole numbers or a mask, in order."""
    return value.array.astype(np.int64).tobytes()


def wrong_parts(theirs: Exchange, right: Exchange, rounding: float) -> list[Part]:
    """The tensors and numbers of an answer that differ from the right ones."""
    assert theirs.answer is not None
    assert right.answer is not None
    one, other = _parts_of(theirs.answer), _parts_of(right.answer)
    if one.keys() != other.keys():
        return []
    pairs = ((part, other[name].value) for name, part in one.items())
    return [part for part, wanted in pairs if not equal(part.value, wanted, rounding)]


def _parts_of(answer: Answer) -> dict[str, Part]:
    """The tensors of an answer, and its numbers of Python's, which no step has made, by name."""
    leaves = [*leaves_in(answer.value)]
    tensors = [(name, value) for name, leaf in leaves for value in numbers_of(leaf)]
    found: dict[str, Part] = {}
    if len(tensors) == len(answer.ends):
        for end, (name, value) in zip(answer.ends, tensors, strict=True):
            found[name] = Part(value, end if end < len(answer.steps) else None)
    for name, leaf in leaves:
        if type(leaf) is float:  # it may have been any dtype's
            found[name] = Part(Numbers(torch.float32, False, np.array(leaf)))
    return found


def equal(one: Numbers | None, other: Numbers | None, rounding: float = 0.0) -> bool:
    """Whether both are tensors with the same entries, up to rounding."""
    if one is None or other is None or one.array.shape != other.array.shape:
        return False
    shares = (_TOLERANCE.get(value.dtype, 1e-2) for value in (one, other))
    share = max(*shares, min(rounding, _MOST))
    return np.allclose(_entries(one), _entries(other), rtol=share, atol=share, equal_nan=True)


def numbers_of(tree: Any) -> Iterator[Numbers]:
    """The tensors of a tree, and its floating-point arrays, in the order of a worker's count."""
    for _, leaf in leaves_in(tree):
        if isinstance(leaf, Numbers):
            yield leaf
        elif isinstance(leaf, torch.Tensor):
            yield numbers(leaf)
        elif isinstance(leaf, np.ndarray) and leaf.dtype.kind == "f":
            yield numbers(torch.from_numpy(leaf.copy()))
