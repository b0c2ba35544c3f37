"""A call's own steps in NumPy: what each statement of the submission's assigns.

NumPy has no hook for its operations, so the submission's lines are followed as a debugger would: a
statement that has run is looked at, what it has read and what it has bound. The parts of
`return a, b` and of `a, b = c, d` are told apart, and of an array that a line writes into, only the
entries that have changed are the line's.
"""

import ast
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import FrameType
from typing import Any, NamedTuple, TypeAlias

from grader.wire.messages import Step
from grader.worker.trace import MOST_BYTES, MOST_OF_ONE, MOST_STEPS, RETURNED, Traced
from grader.worker.watch import Place, following, is_array, place_of

_Path: TypeAlias = tuple[str, ...]
"""A name, and what is taken of it: `self.h` is ("self", ".h"), `step["h"]` ("step", "h")."""

_WITHIN = ("<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>", "<lambda>")
"""Frames that are parts of a statement."""

_GROWS = ("append", "appendleft", "extend", "insert")
_SHAPES = ("shape", "dtype", "ndim", "size")
_MAKES = {"empty": "empty_like", "zeros": "zeros_like", "ones": "ones_like", "full": "full_like"}


class _Part(NamedTuple):
    """What a statement binds, and what that is made of.

    Args:
        reads: what the expression uses.
        binds: the names or attributes that are bound.
        into: what is written into, or grows.
        operation: torch's name of it, where that says that entries are moved or that none is made.
        column: where the expression begins, from 1; 0 if it has not all of its line.
        end: behind it.
    """

    reads: tuple[_Path, ...]
    binds: tuple[_Path, ...]
    into: tuple[_Path, ...]
    operation: str
    column: int
    end: int


class _Statement(NamedTuple):
    """A statement.

    Args:
        line: its first.
        parts: what it binds, by itself; of a list, a tuple or a dict in brackets its items.
        whole: all of its expression, for what no part is known of.
        display: the name of what is in brackets; empty for another statement.
    """

    line: int
    parts: tuple[_Part, ...]
    whole: _Part
    display: _Path = ()


def traced_lines(call: Callable[[], object], arguments: object, path: str) -> tuple[object, Traced]:
    """What a call answers, and the steps to it.

    Args:
        call: is called once.
        arguments: the call's arguments; their arrays are where values come from.
        path: the submission's own file.
    """
    followed = _Followed(arguments, path)
    with following(followed.follow):
        answer = call()
    followed.answered(answer)
    return answer, Traced(tuple(followed.steps), tuple(followed.values), followed.ends)


class _Followed:
    """The steps of a call, taken down while it runs."""

    def __init__(self, arguments: object, path: str) -> None:
        with open(path, encoding="utf-8", errors="replace") as file:
            self._statements, self._around = _statements(file.read())
        self.steps: list[Step] = []
        self.values: list[Any] = []
        self._path = path
        self._origin: dict[int, int] = {}
        self._last: dict[int, Any] = {}  # what an array was when it was looked at
        self._alive: list[object] = []  # so that no id comes again
        self._size = 0
        self._left: Place | None = None
        for number, array in enumerate(arrays(arguments)):
            self._origin.setdefault(id(array), -1 - number)

    def ends(self, tree: object) -> tuple[int, ...]:
        """The step that made each array of an answer."""
        return tuple(self._origin.get(id(array), len(self.steps)) for array in arrays(tree))

    def answered(self, tree: object) -> None:
        """Where an argument is returned as it is: no line has made it."""
        for array in arrays(tree):
            given = self._origin.get(id(array), 0)
            if given < 0 and self._left:
                self._step(self._left, RETURNED, (given,), array, array.copy())

    def follow(self, frame: FrameType, event: str, arg: object) -> Any:
        """A trace function: look at each statement of the submission's when it has run."""
        if not self._is_own(frame):
            return None
        self._entered(frame)
        here = frame.f_lineno

        def local(frame: FrameType, event: str, arg: object) -> Any:
            nonlocal here
            if event in ("line", "return"):
                statement = self._statements.get(here)
                if statement is not None:
                    self._bound(frame, statement)
                    if event == "return":
                        self._shown(frame, statement, arg)
                if event == "return":
                    self._left = place_of(frame)
                here = frame.f_lineno
            return local

        return local

    def _is_own(self, frame: FrameType) -> bool:
        return frame.f_code.co_filename == self._path and frame.f_code.co_name not in _WITHIN

    def _entered(self, frame: FrameType) -> None:
        """What is computed in the parentheses of a call belongs to the caller's line."""
        caller = frame.f_back
        while caller is not None and caller.f_code.co_name in _WITHIN:
            caller = caller.f_back
        if caller is None or caller.f_code.co_filename != self._path:
            return
        statement = self._around.get(caller.f_lineno)
        if statement is not None:
            for value in list(frame.f_locals.values()):
                self._made(caller, statement.line, statement.whole, value)

    def _bound(self, frame: FrameType, statement: _Statement) -> None:
        """What a statement has bound, or written into."""
        space: Mapping[str, Any] = frame.f_locals
        if statement.display:
            self._shown(frame, statement, _taken(space, statement.display))
            return
        for part in statement.parts:
            for path in part.binds:
                found = _taken(space, path)
                if path in part.reads and is_array(found):  # `a += b`
                    self._written(frame, statement.line, part, found)
                self._made(frame, statement.line, part, found)
            for path in part.into:
                found = _taken(space, path)
                look = self._written if is_array(found) else self._made
                look(frame, statement.line, part, found)

    def _shown(self, frame: FrameType, statement: _Statement, tree: Any) -> None:
        """What stands in a statement's brackets, item by item, or is returned."""
        items = list(tree.values()) if isinstance(tree, dict) else tree
        fits = isinstance(items, tuple | list) and len(items) == len(statement.parts) > 1
        for part, item in zip(statement.parts, items, strict=True) if fits else ():
            self._made(frame, statement.line, part, item)
        self._made(frame, statement.line, statement.whole, tree)

    def _made(self, frame: FrameType, line: int, part: _Part, tree: Any) -> None:
        """What is new of what a statement has bound, returned or passed on."""
        for array in arrays(tree):
            if id(array) not in self._origin:
                self._last[id(array)] = array.copy()
                self._keep(frame, line, part, array, self._last[id(array)])

    def _written(self, frame: FrameType, line: int, part: _Part, array: Any) -> None:
        """What has changed in an array; all of it where it was not seen before."""
        before = self._last.get(id(array))
        now = array.copy()
        if before is None or before.shape != now.shape:
            changed = now
        else:
            changed = now[(now != before) & ~((now != now) & (before != before))]
            if not changed.size:
                return
        self._keep(frame, line, part, array, changed)
        self._last[id(array)] = now

    def _keep(self, frame: FrameType, line: int, part: _Part, array: Any, value: Any) -> None:
        """One array that a part of a statement has made, or has changed."""
        full = len(self.steps) >= MOST_STEPS or self._size >= MOST_BYTES
        if full or array.nbytes > MOST_OF_ONE:
            return
        origin = self._origin
        read = (each for path in part.reads for each in arrays(_taken(frame.f_locals, path)))
        given = tuple(dict.fromkeys(origin[id(each)] for each in read if id(each) in origin))
        before = origin.get(id(array))
        given = given if before is None or before in given else (*given, before)
        place = Place(line, frame.f_code.co_name, part.column, part.end)
        self._step(place, part.operation, given, array, value)

    def _step(
        self, place: Place, operation: str, given: tuple[int, ...], array: Any, value: Any
    ) -> None:
        self._origin[id(array)] = len(self.steps)
        self._alive.append(array)
        self._size += value.nbytes
        self.values.append(value)
        where = (place.line, place.function[:100], place.column, place.end)
        self.steps.append(Step(*where, operation, given))


def arrays(tree: Any) -> Iterator[Any]:
    """The floating-point arrays of a tree, in the order in which they occur."""
    if is_array(tree):
        if tree.dtype.kind == "f":
            yield tree
    elif isinstance(tree, Mapping):
        for item in tree.values():
            yield from arrays(item)
    elif isinstance(tree, tuple | list):
        for item in tree:
            yield from arrays(item)


def _taken(space: Mapping[str, Any], path: _Path) -> Any:
    """What a path leads to; what it leads through, where it ends before."""
    value = space.get(path[0])
    for step in path[1:]:
        if step.startswith("."):
            held = getattr(value, "__dict__", None)
            key = step[1:]
        else:
            held, key = value, step
        if type(held) is not dict or key not in held:
            return value
        value = held[key]
    return value


def _statements(source: str) -> tuple[dict[int, _Statement], dict[int, _Statement]]:
    """The statements that bind, return or grow something: by their first line, and by any line."""
    found: dict[int, _Statement] = {}
    around: dict[int, _Statement] = {}
    for node in ast.walk(ast.parse(source)):
        statement = _statement(node)
        if statement is not None:
            found[statement.line] = statement
            last = getattr(node, "end_lineno", None) or statement.line
            last = node.lineno if isinstance(node, ast.For) else last
            around |= dict.fromkeys(range(statement.line, last + 1), statement)
    return found, around


def _statement(node: ast.AST) -> _Statement | None:
    pairs: list[tuple[ast.expr, list[ast.expr]]]
    display: _Path = ()
    match node:
        case ast.Return(value=ast.expr() as value):
            pairs = [(item, []) for item in _items(value)]
        case ast.Assign(targets=[ast.Name() | ast.Attribute() as target], value=value) if (
            len(_items(value)) > 1
        ):
            display = _path(target)
            pairs = [(item, []) for item in _items(value)]
        case ast.Assign(targets=targets, value=value):
            pairs = _paired(targets, value)
        case ast.AnnAssign(target=target, value=ast.expr() as value):
            pairs = [(value, [target])]
        case ast.AugAssign(target=target, value=value):
            pairs = [(value, [target])]
        case ast.For(target=target, iter=value):
            pairs = [(value, [target])]
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=whose, attr=name)) as call) if (
            name in _GROWS
        ):
            value = call
            pairs = [(ast.Tuple(call.args, ast.Load()), [ast.Subscript(whose, ast.Constant(0))])]
        case _:
            return None
    again = isinstance(node, ast.AugAssign)
    first = node.lineno
    parts = tuple(_part(value, targets, first, again=again) for value, targets in pairs)
    return _Statement(first, parts, _part(value, [], first), display)


def _paired(targets: list[ast.expr], value: ast.expr) -> list[tuple[ast.expr, list[ast.expr]]]:
    """An assignment's values with their targets: those of `a, b = c, d` are two."""
    items = _items(value)
    if len(targets) == 1 and len(items) > 1:
        names = _items(targets[0])
        starred = any(isinstance(one, ast.Starred) for one in (*names, *items))
        if len(names) == len(items) and not starred:
            return [(item, [name]) for item, name in zip(items, names, strict=True)]
    return [(value, targets)]


def _items(node: ast.expr) -> list[ast.expr]:
    """What stands in brackets, or a whole expression."""
    items: Sequence[ast.expr | None] = ()
    if isinstance(node, ast.Tuple | ast.List):
        items = node.elts
    elif isinstance(node, ast.Dict) and None not in node.keys:
        items = node.values
    return [item for item in items if item is not None] or [node]


def _part(value: ast.expr, targets: list[ast.expr], line: int, *, again: bool = False) -> _Part:
    leaves = [leaf for target in targets for leaf in _leaves(target)]
    reads = [*_reads(value)]
    binds, into = [], []
    for leaf in leaves:
        if isinstance(leaf, ast.Subscript) and (whose := _path(leaf.value)):
            into.append(_path(leaf) or whose)
        elif path := _path(leaf):
            binds.append(path)
    if again:
        reads += binds
    one_line = hasattr(value, "lineno") and value.lineno == value.end_lineno == line
    column, end = (value.col_offset + 1, (value.end_col_offset or 0) + 1) if one_line else (0, 0)
    named = dict.fromkeys(reads)
    operation = _operation(value) if not again else ""
    return _Part(tuple(named), tuple(binds), tuple(into), operation, column, end)


def _operation(value: ast.expr) -> str:
    """Torch's name of what moves entries, or makes an array of no entries that say anything."""
    if isinstance(value, ast.Call):
        name = getattr(value.func, "attr", getattr(value.func, "id", ""))
        return name if name.endswith("_like") else _MAKES.get(name, "")
    return "__getitem__" if _path(value) else ""


def _path(node: ast.AST) -> _Path:
    """A name and what is taken of it; empty for another expression."""
    match node:
        case ast.Name(id=name):
            return (name,)
        case ast.Attribute(value=whose, attr=name):
            step = f".{name}"
        case ast.Subscript(value=whose, slice=ast.Constant(value=str() as step)):
            pass
        case _:
            return ()
    before = _path(whose)
    return (*before, step) if before else ()


def _reads(node: ast.AST) -> Iterator[_Path]:
    """The paths to values that an expression uses; a shape or a dtype is no value."""
    if isinstance(node, ast.Attribute) and node.attr in _SHAPES:
        return
    if isinstance(node, ast.Call):
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        if name.endswith("_like") or name in ("empty", "zeros", "ones", "len"):
            return
    if path := _path(node):
        yield path
        return
    for child in ast.iter_child_nodes(node):
        yield from _reads(child)


def _leaves(target: ast.expr) -> list[ast.expr]:
    if isinstance(target, ast.Tuple | ast.List):
        return [leaf for one in target.elts for leaf in _leaves(one)]
    return [target.value] if isinstance(target, ast.Starred) else [target]
