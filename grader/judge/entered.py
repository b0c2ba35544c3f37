"""Which functions of a right answer are entered, and which of them a misconception changes.

A kata has up to two hundred misconceptions, each an edit of a right answer. Where a question enters
no function that one of them changes, it answers as the right answer does, to the last bit, and need
not be asked. Of a kata with many small functions that leaves few to be asked in any one check.
"""

import ast
import functools
from collections.abc import Iterator
from itertools import takewhile
from operator import eq
from typing import NamedTuple

from grader.course.misconceptions import Edit, Misconception

TELL = "_functions_entered"
"""The function of a noted source that gives the names of those that were entered."""
_NAMES = "_names_of_functions_entered"


class Function(NamedTuple):
    """A function or method at the top of a source, with all that is defined inside of it.

    Args:
        name: with its class, like `Encoder.forward`.
        column: where its `def` stands.
        start: the byte of the source at which the first line of its body begins.
        end: the byte behind the last.
    """

    name: str
    column: int
    start: int
    end: int


@functools.lru_cache(maxsize=16)
def functions_of(source: bytes) -> list[Function]:
    """The functions of a source, in order. What is outside of them runs when it is imported."""
    begins = [0]
    for line in source.splitlines(keepends=True):
        begins.append(begins[-1] + len(line))
    found = []
    for name, node in _defined(ast.parse(source).body):
        first = node.body[0]
        decorators = getattr(first, "decorator_list", ())
        start = begins[min(one.lineno for one in (first, *decorators)) - 1]
        if not source[start : start + first.col_offset].strip():  # on a line of its own
            found.append(Function(name, node.col_offset, start, begins[node.end_lineno or 0]))
    return found


def function_at(source: bytes, line: int) -> str:
    """The name of the function in whose body a line is; empty where there is none."""
    lines = source.splitlines(keepends=True)
    at = sum(map(len, lines[: line - 1]))
    inside = (one.name for one in functions_of(source) if one.start <= at < one.end)
    return next(inside, "")


_Def = ast.FunctionDef | ast.AsyncFunctionDef


def _defined(body: list[ast.stmt], inside: str = "") -> Iterator[tuple[str, _Def]]:
    for node in body:
        if isinstance(node, ast.ClassDef):
            yield from _defined(node.body, f"{inside}{node.name}.")
        elif isinstance(node, _Def):
            yield f"{inside}{node.name}", node


def noted(source: bytes) -> bytes:
    """The same program, which also notes the functions that it enters; `TELL` gives their names."""
    tree = ast.parse(source)
    for name, node in _defined(tree.body):
        note = ast.parse(f"{_NAMES}.add({name!r})").body
        at = 1 if ast.get_docstring(node, clean=False) is not None else 0
        node.body[at:at] = note
    at = sum(map(_comes_first, tree.body))
    tell = f"{_NAMES} = set()\ndef {TELL}():\n    return sorted({_NAMES})"
    tree.body[at:at] = ast.parse(tell).body
    return ast.unparse(tree).encode()


def _comes_first(node: ast.stmt) -> bool:
    """Whether it may only stand at the top: the docstring, or what it takes from the future."""
    return (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)) or (
        isinstance(node, ast.ImportFrom) and node.module == "__future__"
    )


def functions_changed(item: Misconception, source: bytes) -> frozenset[str] | None:
    """The functions of a right answer in whose bodies a misconception's edits are.

    Args:
        item: the misconception.
        source: the right answer that it edits.

    Returns:
        Their names; None where it changes, or may change, anything else, and where there is but one
        function, which any question enters.
    """
    functions = functions_of(source)
    if not item.edits or len(functions) < 2:
        return None
    found: set[str] = set()
    for edit in item.edits:
        name = _function_changed(edit, source, functions)
        if name is None:
            return None
        found.add(name)
    return frozenset(found)


def _function_changed(edit: Edit, source: bytes, functions: list[Function]) -> str | None:
    old, new = edit.old.encode(), edit.new.encode()
    if source.count(old) != 1:  # it builds on another edit
        return None
    start = source.index(old)
    before = _alike(old, new)
    behind = _alike(old[before:][::-1], new[before:][::-1])
    first, last = start + before, start + len(old) - behind
    for one in functions:
        if one.start <= first and last <= one.end:
            break
    else:
        return None
    # Whatever is deeper than the `def` stays in its body.
    made = source[:start] + new + source[start + len(old) :]
    line = made.rfind(b"\n", 0, first) + 1
    end = start + len(new) - behind
    if made[end - 1 : end] != b"\n" or source[last - 1 : last] != b"\n":
        end = made.find(b"\n", end) + 1 or len(made)
    lines = made[line:end].splitlines()
    if all(not text.strip() or len(text) - len(text.lstrip(b" ")) > one.column for text in lines):
        return one.name
    return None


def _alike(one: bytes, other: bytes) -> int:
    """How many bytes two texts begin with alike."""
    return sum(takewhile(bool, map(eq, one, other)))
