"""Stubs: what they ask a learner to write, read and generated without running anything.

A stub is what is left of the reference solution when the answer is taken out. It holds the module's
docstring, every public function, class and method with signature and docstring, and the imports and
names that the signatures need; each body is `raise NotImplementedError`.

Two comments in a solution give the learner more than that:

- `# Given ...` keeps the statement below it, a constant or a function say, in a body too;
- `# Hint ...` keeps the comment alone.

Everything else is the solution's own: names that begin with an underscore, constants, comments.
"""

import ast
import copy
import io
import re
import tokenize
from collections.abc import Iterator, Sequence
from itertools import pairwise, zip_longest
from pathlib import Path

from msgspec import Struct

from grader.errors import SpecError

GIVEN, HINT = "# Given", "# Hint"
MAX_WIDTH = 100
_TODO = "raise NotImplementedError"

_Function = ast.FunctionDef | ast.AsyncFunctionDef
_Definition = _Function | ast.ClassDef
_Import = ast.Import | ast.ImportFrom


class Signature(Struct, frozen=True):
    """A public function, class or method of a stub.

    Its name and the names of its parameters, without `self`.
    """

    name: str
    parameters: tuple[str, ...]
    text: str
    line: int


def signatures(path: Path) -> dict[str, Signature]:
    """The public functions, classes and methods of a file of ours, read without running it.

    A class stands for its `__init__`; methods are `Class.method`.
    """
    found: dict[str, Signature] = {}

    def add(name: str, node: ast.FunctionDef, *, method: bool) -> None:
        arguments = node.args
        names = [a.arg for a in (*arguments.posonlyargs, *arguments.args)][1 if method else 0 :]
        names += [a.arg for a in arguments.kwonlyargs]
        text = ast.unparse(arguments)
        found[name] = Signature(name, tuple(names), text, node.lineno)

    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            add(node.name, node, method=False)
        elif isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            found[node.name] = Signature(node.name, (), "", node.lineno)
            for item in node.body:
                if isinstance(item, ast.FunctionDef) and item.name == "__init__":
                    add(node.name, item, method=True)
                elif isinstance(item, ast.FunctionDef) and not item.name.startswith("_"):
                    add(f"{node.name}.{item.name}", item, method=True)
    return found


def given(path: Path) -> bytes:
    """What a stub gives in full, ready to be run; empty where that is no function.

    Functions and classes that are left to the learner are taken out.
    """
    # Annotations name classes that are left to the learner.
    kept = ["from __future__ import annotations"]
    gives_a_function = False
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        text = ast.unparse(node)
        is_open = isinstance(node, _Definition) and _TODO in text
        if not is_open and not text.startswith("from __future__"):
            kept.append(text)
            gives_a_function |= isinstance(node, _Function)
    return "\n".join(kept).encode("utf-8") if gives_a_function else b""


def given_lines(source: bytes, given: bytes) -> frozenset[int]:
    """The lines of a submission that hold functions just as the stub gives them.

    Args:
        source: the submission's text.
        given: what the stub gives in full, see `given`.
    """
    if not given:
        return frozenset()
    try:
        found, wanted = ast.parse(source).body, ast.parse(given).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return frozenset()
    texts = {node.name: ast.unparse(node) for node in wanted if isinstance(node, _Function)}
    return frozenset(
        line
        for node in found
        if isinstance(node, _Function) and texts.get(node.name) == ast.unparse(node)
        for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    )


class Difference(Struct, frozen=True):
    """The first line in which two stubs differ, and what each of them has there.

    None stands for a line that is not there.
    """

    line: int
    found: str | None
    wanted: str | None


def first_difference(found: str, wanted: str) -> Difference | None:
    """Where a stub first differs from the one that is wanted; None where they are equal."""
    pairs = zip_longest(found.splitlines(), wanted.splitlines())
    for number, (one, other) in enumerate(pairs, start=1):
        if one != other:
            return Difference(number, one, other)
    if found != wanted:  # only the end of the last line
        return Difference(max(1, len(wanted.splitlines())), "no newline", "a newline at its end")
    return None


def generated_stub(solution: Path) -> str:
    """The stub that a solution gives.

    Raises:
        SpecError: the solution cannot be read, or does not parse.
    """
    try:
        return stub_of(solution.read_text("utf-8"))
    except OSError as error:
        raise SpecError(solution, f"the solution cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise SpecError(solution, f"is not UTF-8 text (byte {error.start})") from None
    except SyntaxError as error:
        found = f"the solution does not parse: {error.msg}"
        raise SpecError(solution, found, line=error.lineno) from None


def names_left_out(stub: str, solution: str) -> list[str]:
    """The solution's own variables that a stub speaks of and does not have."""
    defined = {node.id for node in ast.walk(ast.parse(stub)) if isinstance(node, ast.Name)}
    return [
        name.id
        for statement in ast.parse(solution).body
        if isinstance(statement, ast.Assign | ast.AnnAssign)
        for name in ast.walk(statement)
        if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store)
        if name.id not in defined and re.search(rf"\b{name.id}\b", stub)
    ]


def stub_of(solution: str) -> str:
    """The stub that a solution's text gives.

    Raises:
        SyntaxError: the solution does not parse.
    """
    return _Generator(solution).stub()


class _Piece(Struct, frozen=True):
    """A part of a stub: its text, and whether blank lines must set it apart."""

    text: str
    kind: str  # "docstring", "import", "definition" or "statement"
    line: int
    last: int


class _Generator:
    """Takes the answer out of one solution."""

    def __init__(self, source: str) -> None:
        self._lines = source.splitlines()
        self._tree = ast.parse(source)
        self._comments = {  # those that have a line to themselves, with their column
            token.start[0]: token.start[1]
            for token in tokenize.generate_tokens(io.StringIO(source).readline)
            if token.type == tokenize.COMMENT and not token.line[: token.start[1]].strip()
        }

    def stub(self) -> str:
        """The stub's text."""
        body = self._tree.body
        kept = {
            id(node)
            for node in body
            if self._given(node) or (isinstance(node, _Definition) and _is_public(node.name))
        }
        needed = self._needed(kept)
        pieces = [
            piece
            for number, node in enumerate(body)
            if (piece := self._piece(node, kept, needed, first=number == 0))
        ]
        text = pieces[0].text if pieces else ""
        for before, piece in pairwise(pieces):
            text += "\n" * (1 + self._blank_lines(before, piece)) + piece.text
        return f"{text}\n"

    def _piece(
        self, node: ast.stmt, kept: set[int], needed: set[str], *, first: bool
    ) -> _Piece | None:
        """What a statement of the module leaves in the stub, if anything."""
        start, last = self._start(node), node.end_lineno or node.lineno
        if first and _is_docstring(node):
            return _Piece(self._text(start, last), "docstring", start, last)
        if isinstance(node, _Import | ast.If):
            imports = self._text(start, last) if id(node) in kept else self._imports(node, needed)
            return _Piece(imports, "import", start, last) if imports else None
        if id(node) not in kept:
            return None
        if isinstance(node, _Definition):
            text = self._with_comment(node) if self._given(node) else self._definition(node)
            return _Piece(text, "definition", start, last)
        return _Piece(self._with_comment(node), "statement", start, last)

    def _blank_lines(self, before: _Piece, after: _Piece) -> int:
        """How many blank lines stand between two pieces of a module."""
        kinds = {before.kind, after.kind}
        if "definition" in kinds:
            return 2
        if kinds == {"import"} or kinds == {"statement"}:
            between = self._lines[before.last : after.line - 1]
            return int(any(not line.strip() for line in between))
        return 1

    # What the signatures need.

    def _needed(self, kept: set[int]) -> set[str]:
        """Names that what is kept uses; keeps the module's own definitions of them too."""
        needed: set[str] = set()
        waiting = [node for node in self._tree.body if id(node) in kept]
        while waiting:
            needed |= set(self._names(waiting.pop()))
            for node in self._tree.body:
                if isinstance(node, ast.If) and self._imports(node, needed):
                    needed |= set(_names_in(node.test))
                if id(node) not in kept and needed & _bound(node):
                    kept.add(id(node))
                    waiting.append(node)
        return needed

    def _names(self, node: ast.stmt) -> Iterator[str]:
        """Names that a kept statement uses, as far as the stub shows it."""
        if isinstance(node, _Definition) and not self._given(node):
            for part in self._shown(node):
                yield from _names_in(part)
        else:
            yield from _names_in(node)

    def _shown(self, node: _Definition) -> Iterator[ast.AST]:
        """The parts of a definition that its stub shows."""
        yield from node.decorator_list
        if isinstance(node, ast.ClassDef):
            yield from (*node.bases, *node.keywords)
            for item in self._members(node):
                if isinstance(item, _Definition) and not self._given(item):
                    yield from self._shown(item)
                else:
                    yield item
            return
        yield node.args
        if node.returns is not None:
            yield node.returns
        yield from (item for item in node.body if self._given(item))

    def _imports(self, node: ast.stmt, needed: set[str]) -> str:
        """An import, or an `if` around imports, with the names alone that are needed."""
        if isinstance(node, ast.If):
            inside = [self._imports(item, needed) for item in node.body]
            if not any(inside):
                return ""
            return "\n".join([f"if {ast.unparse(node.test)}:", *filter(None, inside)])
        if not isinstance(node, _Import):
            return ""
        wanted = [alias for alias in node.names if _imported(alias) in needed]
        if isinstance(node, ast.ImportFrom) and node.module == "__future__":
            wanted = node.names
        if len(wanted) == len(node.names):
            return self._text(node.lineno, node.end_lineno or node.lineno)
        if not wanted:
            return ""
        fewer = copy.copy(node)
        fewer.names = wanted
        indent = " " * node.col_offset
        text = indent + ast.unparse(fewer)
        if len(text) > MAX_WIDTH:
            head, _, names = text.partition(" import ")
            rows = "".join(f"{indent}    {name},\n" for name in names.split(", "))
            text = f"{head} import (\n{rows}{indent})"
        return text

    # Definitions without their answers.

    def _definition(self, node: _Definition) -> str:
        hint = self._comment_above(node, HINT)
        head = "".join(f"{line}\n" for line in hint) + self._head(node)
        indent = " " * (node.col_offset + 4)
        if not isinstance(node, ast.ClassDef):
            return "\n".join([head, *self._kept_of_body(node), indent + _TODO])
        text, before = head, "docstring" if ast.get_docstring(node) is not None else ""
        for item in self._members(node):
            is_definition = isinstance(item, _Definition)
            if isinstance(item, _Definition) and not self._given(item):
                part = self._definition(item)
            else:
                part = self._with_comment(item)
            kind = "definition" if is_definition else "statement"
            apart = before and (before != "statement" or kind != "statement")
            text += ("\n\n" if apart else "\n") + part
            before = kind
        return text if before else f"{text}\n{indent}..."

    def _members(self, node: ast.ClassDef) -> list[ast.stmt]:
        """What a class shows: its fields, what is given, and its public and special methods."""
        return [
            item
            for item in node.body
            if isinstance(item, ast.AnnAssign)
            or self._given(item)
            or (isinstance(item, _Definition) and (_is_public(item.name) or _is_special(item.name)))
        ]

    def _head(self, node: _Definition) -> str:
        """A definition from its first decorator to its docstring, or to the colon."""
        first = node.body[0]
        if _is_docstring(first):
            return self._text(self._start(node), first.end_lineno or first.lineno)
        lines = self._lines[self._start(node) - 1 : self._start(first) - 1]
        if not lines or self._start(first) == node.lineno:  # all on one line
            lines = [*lines, self._lines[first.lineno - 1][: first.col_offset].rstrip()]
        while lines[-1].lstrip().startswith("#") or not lines[-1].strip():
            lines.pop()
        return "\n".join(lines)

    def _kept_of_body(self, node: _Function) -> Iterator[str]:
        """What is given in a function's body, and its hints, in the order of the lines."""
        starts = {self._start(item): item for item in node.body}
        first = self._start(node.body[0])
        column = node.body[0].col_offset
        for line in range(first, (node.end_lineno or first) + 1):
            if self._comments.get(line) != column or line - 1 in self._comments:
                continue
            block = self._block(line)
            if block[0].lstrip().startswith(HINT):
                yield from block
            elif block[0].lstrip().startswith(GIVEN) and line + len(block) in starts:
                yield self._with_comment(starts[line + len(block)])

    # Lines and comments.

    def _start(self, node: ast.stmt) -> int:
        decorators = node.decorator_list if isinstance(node, _Definition) else []
        return min([node.lineno, *(decorator.lineno for decorator in decorators)])

    def _text(self, first: int, last: int) -> str:
        return "\n".join(self._lines[first - 1 : last])

    def _block(self, line: int) -> list[str]:
        """The comment that begins at a line."""
        last = line
        while last + 1 in self._comments:
            last += 1
        return self._lines[line - 1 : last]

    def _comment_above(self, node: ast.stmt, marker: str) -> list[str]:
        """The comment right above a statement, if it begins with the marker."""
        start = first = self._start(node)
        while first - 1 in self._comments:
            first -= 1
        block = self._lines[first - 1 : start - 1]
        return block if block and block[0].lstrip().startswith(marker) else []

    def _given(self, node: ast.stmt) -> bool:
        return bool(self._comment_above(node, GIVEN))

    def _with_comment(self, node: ast.stmt) -> str:
        """A statement as it stands, below the comment that gives it to the learner."""
        own = self._text(self._start(node), node.end_lineno or node.lineno)
        return "\n".join([*self._comment_above(node, GIVEN), own])


def _is_public(name: str) -> bool:
    return not name.startswith("_")


def _is_special(name: str) -> bool:
    return name.startswith("__") and name.endswith("__")


def _is_docstring(node: ast.stmt) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def _imported(alias: ast.alias) -> str:
    """The name that an import binds."""
    return alias.asname or alias.name.partition(".")[0]


def _bound(node: ast.stmt) -> set[str]:
    """Names that a statement of a module defines, imports apart."""
    if isinstance(node, _Definition):
        return {node.name}
    targets: Sequence[ast.expr] = ()
    if isinstance(node, ast.Assign):
        targets = node.targets
    elif isinstance(node, ast.AnnAssign):
        targets = [node.target]
    return {name for target in targets for name in _names_in(target)}


def _names_in(node: ast.AST) -> Iterator[str]:
    """Every name in a piece of code, also in annotations that are written as texts."""
    for part in ast.walk(node):
        if isinstance(part, ast.Name):
            yield part.id
        annotation = getattr(part, "annotation", None) or getattr(part, "returns", None)
        for text in ast.walk(annotation) if isinstance(annotation, ast.AST) else ():
            if isinstance(text, ast.Constant) and isinstance(text.value, str):
                try:
                    inside = ast.parse(text.value, mode="eval")
                except SyntaxError:
                    continue
                yield from _names_in(inside)
