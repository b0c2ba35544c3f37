"""A call's own steps in NumPy: what each statement of the submission's assigns.

NumPy has no hook for its operations, so the submission's lines are followed as a debugger would: a
statement that has run is looked at, what it has read and what it has bound.
"""

import ast
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import FrameType
from typing import Any, NamedTuple

from grader.wire.messages import Step
from grader.worker.trace import MOST_BYTES, MOST_OF_ONE, MOST_STEPS, Traced


class _Statement(NamedTuple):
    reads: tuple[str, ...]
    binds: tuple[str, ...]
    fills: tuple[str, ...]  # `a[i] = ...`
    column: int
    end: int


def traced_lines(call: Callable[[], object], arguments: object, path: str) -> tuple[object, Traced]:
    """What a call answers, and the steps to it.

    Args:
        call: is called once.
        arguments: the call's arguments; their arrays are where values come from.
        path: the submission's own file.
    """
    with open(path, encoding="utf-8", errors="replace") as file:
        statements = _statements(file.read())
    steps: list[Step] = []
    values: list[Any] = []
    origin: dict[int, int] = {}
    alive: list[object] = []  # so that no id comes again
    size = 0
    for number, array in enumerate(arrays(arguments)):
        origin.setdefault(id(array), -1 - number)

    def keep(frame: FrameType, line: int, bound: Sequence[Any], *, again: bool, move: bool) -> None:
        nonlocal size
        statement = statements[line]
        given = tuple(
            origin[id(array)]
            for name in statement.reads
            for array in arrays(frame.f_locals.get(name))
            if id(array) in origin
        )
        for array in bound:
            full = len(steps) >= MOST_STEPS or size >= MOST_BYTES
            if full or array.nbytes > MOST_OF_ONE or (id(array) in origin and not again):
                continue
            before = origin.get(id(array))
            operation = "__setitem__" if move else ""
            whole = given if before is None or before in given else (*given, before)
            where = (line, frame.f_code.co_name[:100], statement.column, statement.end)
            origin[id(array)] = len(steps)
            alive.append(array)
            size += array.nbytes
            values.append(array.copy())
            steps.append(Step(*where, operation, whole))

    def ran(frame: FrameType, line: int, returned: object) -> None:
        statement = statements.get(line)
        if statement is None:
            return
        space: Mapping[str, Any] = frame.f_locals
        for name in statement.binds:
            in_place = name in statement.reads
            keep(frame, line, list(arrays(space.get(name))), again=in_place, move=False)
        for name in statement.fills:
            keep(frame, line, list(arrays(space.get(name))), again=True, move=True)
        if not statement.binds and not statement.fills:
            keep(frame, line, list(arrays(returned)), again=False, move=False)

    def follow(frame: FrameType, event: str, arg: object) -> Any:
        if frame.f_code.co_filename != path:
            return None
        last = frame.f_lineno

        def local(frame: FrameType, event: str, arg: object) -> Any:
            nonlocal last
            if event in ("line", "return"):
                ran(frame, last, arg if event == "return" else None)
                last = frame.f_lineno
            return local

        return local

    before = sys.gettrace()
    sys.settrace(follow)
    try:
        answer = call()
    finally:
        sys.settrace(before)

    def ends(tree: object) -> tuple[int, ...]:
        return tuple(origin.get(id(array), len(steps)) for array in arrays(tree))

    return answer, Traced(tuple(steps), tuple(values), ends)


def arrays(tree: Any) -> Iterator[Any]:
    """The floating-point arrays of a tree, in the order in which they occur."""
    numpy = sys.modules.get("numpy")
    if numpy is not None and isinstance(tree, numpy.ndarray):
        if tree.dtype.kind == "f":
            yield tree
    elif isinstance(tree, Mapping):
        for item in tree.values():
            yield from arrays(item)
    elif isinstance(tree, tuple | list):
        for item in tree:
            yield from arrays(item)


def _statements(source: str) -> dict[int, _Statement]:
    """By their first line, the statements that bind or return something."""
    found = {}
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign | ast.Return):
            continue
        if node.value is None:
            continue
        targets = getattr(node, "targets", None) or [getattr(node, "target", None)]
        parts = [part for target in targets if target is not None for part in _parts(target)]
        reads = list(_reads(node.value))
        binds = [part.id for part in parts if isinstance(part, ast.Name)]
        if isinstance(node, ast.AugAssign):
            reads += binds
        fills = [
            part.value.id
            for part in parts
            if isinstance(part, ast.Subscript) and isinstance(part.value, ast.Name)
        ]
        one_line = node.value.lineno == node.value.end_lineno == node.lineno
        column, end = (
            (node.value.col_offset + 1, (node.value.end_col_offset or 0) + 1)
            if one_line
            else (0, 0)
        )
        found[node.lineno] = _Statement(tuple(reads), tuple(binds), tuple(fills), column, end)
    return found


def _reads(node: ast.AST) -> Iterator[str]:
    """The names whose values an expression uses; a shape or a dtype is no value."""
    if isinstance(node, ast.Attribute) and node.attr in ("shape", "dtype", "ndim", "size"):
        return
    if isinstance(node, ast.Call):
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        if name.endswith("_like") or name in ("empty", "zeros", "ones", "len"):
            return
    if isinstance(node, ast.Name):
        yield node.id
    for child in ast.iter_child_nodes(node):
        yield from _reads(child)


def _parts(target: ast.expr) -> list[ast.expr]:
    if isinstance(target, ast.Tuple | ast.List):
        return [part for one in target.elts for part in _parts(one)]
    return [target]
