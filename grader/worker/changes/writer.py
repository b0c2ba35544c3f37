"""Writes every small change of a text into it."""

import ast
import inspect
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from copy import copy
from types import CodeType
from typing import NamedTuple, TypeAlias, TypeVar

from grader.wire.messages import Change, Changes, Kind, Words
from grader.worker.changes import in_force
from grader.worker.changes.expressions import (
    iterated_otherwise,
    other_expressions,
    turned,
)
from grader.worker.changes.statements import (
    Block,
    begins_with,
    is_left_alone,
    last_of,
    leaves_loop,
    may_move,
    once_more,
    other_statements,
)

_Expressions: TypeAlias = Iterator[tuple[Kind, ast.expr]]
_Node = TypeVar("_Node", bound=ast.AST)

_IN_FORCE = inspect.getsource(in_force)
MOST_CHANGES = 6_000
LONGEST_WORD = 12
_MOST_NAMES, _MOST_PAIRED, _MOST_PADDED, _MOST_WORDS = 10, 5, 4, 16


class Changeable(NamedTuple):
    """A text with every change in it; the n-th of `changes`, from 1, is put in force by a call."""

    code: CodeType
    changes: tuple[Change, ...]


def words_of(source: str) -> Words:
    """The words that a source writes."""
    return _words(ast.parse(source))


def _words(tree: ast.AST) -> Words:
    texts: dict[str, None] = {}
    numbers: dict[float, None] = {}
    attributes: dict[str, None] = {}
    for node in _coded(tree):
        match node:
            case ast.Constant(str(text)) if len(text) <= LONGEST_WORD:
                texts[text] = None
            case ast.Constant(bool()):
                pass
            case ast.Constant(int(number)) | ast.Constant(float(number)):
                numbers[number] = None
            case ast.Attribute(attr=name):
                attributes[name] = None
    return Words(tuple(texts), tuple(numbers), tuple(attributes))


def _both(one: Words, other: Words) -> Words:
    return Words(
        tuple(dict.fromkeys(one.texts + other.texts)),
        tuple(dict.fromkeys(one.numbers + other.numbers)),
        tuple(dict.fromkeys(one.attributes + other.attributes)),
    )


def _coded(tree: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a tree, but for docstrings and annotations, and for what is raised."""
    for field, value in ast.iter_fields(tree):
        if field in ("annotation", "returns", "decorator_list"):
            continue
        for child in value if isinstance(value, list) else [value]:
            docstring = isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant)
            if isinstance(child, ast.AST) and not docstring and not isinstance(child, ast.Raise):
                yield child
                yield from _coded(child)


def changeable(source: str, wanted: Changes, path: str = "<changed>") -> Changeable | None:
    """A text with small changes in it; None where that is no Python.

    Args:
        source: the text.
        wanted: which changes.
        path: its file, as its tracebacks name it.
    """
    try:
        tree = ast.parse(source)
        writer = _Writer(wanted.kinds, _both(_words(tree), wanted.words))
        writer.module(tree, _come_to(tree, wanted.asked))
        code = compile(ast.fix_missing_locations(tree), path, "exec", dont_inherit=True)
    except (SyntaxError, TypeError, ValueError, RecursionError, MemoryError):
        return None
    return Changeable(code, tuple(writer.changes))


class _Around:
    """What stands around a statement where changes are in force, and where it is passed over."""

    def __init__(self) -> None:
        self.before: Block = []
        self.after: Block = []
        self.at_start: Block = []
        self.at_end: Block = []
        self.otherwise: Block = []
        self.skipped: list[ast.expr] = []
        self.instead: list[tuple[int, Block]] = []


class _Writer:
    """Writes changes into a tree.

    No node of a function is written into: a change stands beside what it changes, and both hold the
    same nodes.
    """

    def __init__(self, kinds: Collection[Kind], words: Words) -> None:
        self.changes: list[Change] = []
        self._kinds = kinds
        self._words = words
        self._names: dict[str, int] = {}  # with the line on which each is first bound
        self._functions: tuple[str, ...] = ()
        self._conditions: list[ast.expr] = []
        self._begun: list[ast.stmt] = []  # what a method's object begins with
        self._around: defaultdict[ast.stmt, _Around] = defaultdict(_Around)
        self._same: dict[tuple[str, str], list[int]] = {}
        self._sites: dict[int, list[int]] = {}

    def module(self, tree: ast.Module, where: Sequence[ast.stmt]) -> None:
        """Write all changes into some functions and classes of a module."""
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                node.returns = None
                node.args = _unannotated(node.args)
        self._functions = tuple(n.name for n in tree.body if isinstance(n, ast.FunctionDef))
        within = (node for one in where for node in ast.walk(one))
        functions = [node for node in within if isinstance(node, ast.FunctionDef)]
        inner = {below for node in functions for below in ast.walk(node) if below is not node}
        begun = {
            method: begins_with(one)
            for one in ast.walk(tree)
            if isinstance(one, ast.ClassDef)
            for method in one.body
        }
        for node in functions:
            if node not in inner:
                used = {one.attr for one in ast.walk(node) if isinstance(one, ast.Attribute)}
                self._begun = [one for name, one in begun.get(node, {}).items() if name in used]
                self._names = _local_names(node)
                self._conditions = _conditions(node)
                node.body = self._block(node.body)
        number = 0
        for statement in tree.body:
            future = isinstance(statement, ast.ImportFrom) and statement.module == "__future__"
            docstring = isinstance(statement, ast.Expr) and isinstance(
                statement.value, ast.Constant
            )
            if not (future or docstring):
                break
            number += 1
        prelude = f"{_IN_FORCE}\ngrader_sites = {self._sites}"
        tree.body[number:number] = ast.parse(prelude).body

    # -- statements --------------------------------------------------------------------------------

    def _block(self, block: Block, *, loop: bool = False) -> Block:
        """A block with the changes of its statements, and of all that is in them."""
        around = [self._around[one] for one in block]
        all_of_them = len(self.changes) < MOST_CHANGES
        for n, one in enumerate(block if all_of_them else ()):
            if Kind.WITHIN in self._kinds and not is_left_alone(one):
                for other in other_statements(one, loop=loop):
                    around[n].instead.append((self._new(Kind.WITHIN, one), other))
            if Kind.GUARD in self._kinds:
                self._guarded(one, around[n])
            if Kind.STATEMENT not in self._kinds:
                continue
            if not is_left_alone(one):
                self._alone(one, around[n], loop=loop)
            if n + 1 < len(block):
                self._beside(one, block[n + 1], around[n], around[n + 1])
            if isinstance(one, ast.For | ast.While):
                behind = block[n + 1] if n + 1 < len(block) else one
                self._of_loop(one, block[max(n - 3, 0) : n], behind, around[n])
        return [
            each
            for one, its in zip(block, around, strict=True)
            for each in self._written(one, its, loop=loop)
        ]

    def _guarded(self, one: ast.stmt, its: "_Around") -> None:
        """A statement that stands only under a condition."""
        if isinstance(one, ast.Assign | ast.AugAssign | ast.Expr) and not is_left_alone(one):
            names = (ast.Name(name, ast.Load()) for name in self._near(one))
            for clause in (*self._conditions, *names):
                for test in (clause, ast.UnaryOp(ast.Not(), clause)):
                    is_on = _is_on(self._new(Kind.GUARD, one))
                    its.skipped.append(ast.BoolOp(ast.And(), [is_on, test]))

    def _alone(self, one: ast.stmt, its: "_Around", *, loop: bool) -> None:
        """A statement that is left out, or is another one, or behind which something is missing."""
        if not isinstance(one, ast.FunctionDef | ast.ClassDef | ast.Return):
            its.skipped.append(_is_on(self._new(Kind.STATEMENT, one)))
        if isinstance(one, ast.Assign | ast.AugAssign | ast.Expr):
            for begun in self._begun:
                its.after += self._if(one, [begun])
        if isinstance(one, ast.If) and loop:
            for leaving in (ast.Break(), ast.Continue()):
                its.at_end += self._if(last_of(one), [leaving])
        blocks: list[Block] = [getattr(one, "body", []), getattr(one, "orelse", [])]
        for inner in blocks:
            if isinstance(one, ast.FunctionDef | ast.ClassDef) or len(inner) < 2:
                continue
            end = inner[-1]
            if not leaves_loop(end) or (loop and isinstance(one, ast.If)):
                its.after += self._moved(end, self._around[end])

    def _beside(self, one: ast.stmt, behind: ast.stmt, its: "_Around", its_next: "_Around") -> None:
        """Two neighbours that change places, or of which one belongs into the other."""
        if may_move(one) and may_move(behind):
            its.before += self._moved(behind, its_next)
        if isinstance(one, ast.For | ast.While | ast.If | ast.With) and not is_left_alone(behind):
            places = [its.at_end]
            if isinstance(one, ast.If) and not one.orelse:
                places.append(its.otherwise)
            for place in places:
                place += self._moved(behind, its_next)

    def _of_loop(
        self,
        loop: ast.For | ast.While,
        before: Sequence[ast.stmt],
        behind: ast.stmt,
        its: "_Around",
    ) -> None:
        """What a loop does once more behind it or before it, and what it begins anew."""
        for again in once_more(loop):
            its.after += self._if(behind, again)
        first = loop.body[0]
        if len(loop.body) > 1 and may_move(first) and not leaves_loop(first):
            its.before += self._moved(first, self._around[first])
        for begun in before:
            if isinstance(begun, ast.Assign | ast.AnnAssign):
                its.at_start += self._if(loop, [begun])
                for inner in ast.walk(loop):
                    if isinstance(inner, ast.If):
                        branches = self._around[inner]
                        branches.at_end += self._if(last_of(inner), [begun])
                        where = inner.orelse[-1] if inner.orelse else inner
                        branches.otherwise += self._if(where, [begun])
        bound = [node.id for node in ast.walk(loop) if isinstance(node, ast.Name)]
        for kept in [name for name in self._near(loop.body[-1]) if name in bound]:
            for taken in self._near(loop.body[-1], but=kept):
                goes_on = ast.Assign([ast.Name(kept, ast.Store())], ast.Name(taken, ast.Load()))
                its.at_end += self._if(last_of(loop), [goes_on])

    def _written(self, one: ast.stmt, its: "_Around", *, loop: bool) -> Block:
        """A statement with what stands around it where changes are in force."""
        whole = self._statement(one, loop=loop)
        if isinstance(whole, ast.For | ast.While | ast.If | ast.With):
            whole = _with(whole, body=[*its.at_start, *whole.body, *its.at_end])
        if isinstance(whole, ast.If):
            whole = _with(whole, orelse=[*whole.orelse, *its.otherwise])
        kept = [whole]
        for number, other in its.instead:
            kept = [ast.If(_is_on(number), other or [ast.Pass()], kept)]
        if its.skipped:
            skipped = ast.BoolOp(ast.Or(), [ast.Constant(False), *its.skipped])  # two at least
            kept = [ast.If(skipped, [ast.Pass()], kept)]
        return [*its.before, *kept, *its.after]

    def _statement(self, node: ast.stmt, *, loop: bool) -> ast.stmt:
        """A statement with the changes of its expressions and blocks."""
        if is_left_alone(node):
            return node
        match node:
            case ast.FunctionDef(body=body):
                return _with(node, body=self._block(body))
            case ast.ClassDef(body=body):
                return _with(node, body=[self._statement(one, loop=False) for one in body])
            case ast.For(iter=over):
                node = _with(node, iter=self._expression(over, iterated=True))
            case ast.If(test=test) | ast.While(test=test):
                node = _with(node, test=self._expression(test, condition=True))
            case ast.Return(value=ast.expr() as value):
                node = _with(node, value=self._expression(value, iterated=True))
            case ast.Assign(targets, value):
                value = self._expression(value)
                node = _with(node, value=value, targets=[self._target(one) for one in targets])
            case ast.AugAssign(value=value) | ast.AnnAssign(value=ast.expr() as value):
                node = _with(node, value=self._expression(value))
            case ast.Expr(value):
                node = _with(node, value=self._expression(value))
            case ast.With(items):
                opened = [
                    _with(item, context_expr=self._expression(item.context_expr)) for item in items
                ]
                node = _with(node, items=opened)
            case _:
                pass
        again = isinstance(node, ast.For | ast.While)
        for field in ("body", "orelse", "finalbody"):
            if block := getattr(node, field, None):
                inside = self._block(block, loop=loop or (again and field == "body"))
                node = _with(node, **{field: inside})
        if handlers := getattr(node, "handlers", ()):
            caught = [_with(one, body=self._block(one.body, loop=loop)) for one in handlers]
            node = _with(node, handlers=caught)
        if isinstance(node, ast.For | ast.While):
            count = ast.Expr(ast.Call(ast.Name("grader_round", ast.Load()), [], []))
            node = _with(node, body=[count, *node.body])
        return node

    def _target(self, node: ast.expr) -> ast.expr:
        """What is bound: its indices may be others."""
        if isinstance(node, ast.Subscript):
            return _with(node, slice=self._index(node.slice))
        return node

    # -- expressions -------------------------------------------------------------------------------

    def _expression(
        self, node: ast.expr, *, condition: bool = False, iterated: bool = False
    ) -> ast.expr:
        """An expression with the changes of itself, and of all that is in it."""
        if isinstance(node, ast.Starred):
            return _with(node, value=self._expression(node.value, iterated=True))
        if isinstance(node, ast.JoinedStr):
            return self._expression(_joined(node))
        every = self._others(node, condition=condition, iterated=iterated)
        others = [(kind, other) for kind, other in every if kind in self._kinds]
        below = self._below(node)
        if not others or len(self.changes) >= MOST_CHANGES:
            return below
        was = ast.dump(node)
        site = -1 - len(self.changes)
        here: ast.expr | None = None
        for kind, other in others:
            number = self._new(kind, node, site)
            self._everywhere((was, ast.dump(other)), kind, node, (number, site))
            here = other if here is None else ast.IfExp(_is_on(number), other, here)
        assert here is not None
        return ast.IfExp(_is_on(site), here, below)

    def _everywhere(
        self, change: tuple[str, str], kind: Kind, node: ast.expr, here: tuple[int, int]
    ) -> None:
        """The same change in each place where the same is written is one more change.

        But for a name: one more than a counter, in all places, is another order of the same rounds.
        """
        if kind is Kind.WITHIN and isinstance(node, ast.Name):
            return
        places = self._same.setdefault(change, [])
        places += here
        if len(places) == 2 * len(here):
            self._sites[self._new(kind, node)] = places

    def _others(self, node: ast.expr, *, condition: bool, iterated: bool) -> _Expressions:
        for other in other_expressions(node):
            yield Kind.WITHIN, other
        if iterated:
            yield from ((Kind.WITHIN, other) for other in iterated_otherwise(node))
            for word in (None, 0, *self._words.texts[:_MOST_PADDED]):
                more, rest = ast.Constant(word), ast.Starred(node, ast.Load())
                for items in ([more, rest], [rest, more]):
                    yield Kind.NAME, ast.List(items, ast.Load())
        match node:
            case ast.Name(name) if name in self._functions:
                others = [one for one in self._functions if one != name][:_MOST_NAMES]
                yield from ((Kind.NAME, ast.Name(one, ast.Load())) for one in others)
            case ast.Name(name) if name in self._names:
                yield from ((Kind.WITHIN, other) for other in turned(node))
                yield Kind.WITHIN, ast.Call(ast.Name("grader_copied", ast.Load()), [node], [])
                near = self._near(node, but=name)
                yield from ((Kind.NAME, ast.Name(one, ast.Load())) for one in near)
            case ast.Call() | ast.Subscript():
                if isinstance(getattr(node, "slice", None), ast.Slice):
                    assert isinstance(node, ast.Subscript)
                    for one in self._near(node):
                        index = ast.Name(one, ast.Load())
                        yield Kind.NAME, ast.Subscript(node.value, index, ast.Load())
                yield from ((Kind.WITHIN, other) for other in turned(node))
                near = self._near(node)
                yield from ((Kind.NAME, ast.Name(one, ast.Load())) for one in near)
            case ast.Constant(str(text)):
                texts = [one for one in self._words.texts if one != text][:_MOST_WORDS]
                yield from ((Kind.NAME, ast.Constant(one)) for one in texts)
            case ast.Constant(bool()):
                pass
            case ast.Constant(int(number)) | ast.Constant(float(number)):
                numbers = [one for one in self._words.numbers if one != number][:_MOST_WORDS]
                yield from ((Kind.NAME, ast.Constant(one)) for one in numbers)
            case ast.Attribute(value, name):
                others = [one for one in self._words.attributes if one != name][:_MOST_NAMES]
                yield from ((Kind.NAME, ast.Attribute(value, one, ast.Load())) for one in others)
        if condition:
            yield Kind.WITHIN, ast.UnaryOp(ast.Not(), node)
            for other in self._clauses(node):
                yield Kind.GUARD, ast.BoolOp(ast.And(), [node, other])
                yield Kind.GUARD, ast.BoolOp(ast.Or(), [node, other])
            yield Kind.FORCED, ast.Constant(True)
            yield Kind.FORCED, ast.Constant(False)

    def _near(self, node: ast.expr | ast.stmt, *, but: str = "") -> list[str]:
        """The names that are bound nearest to a node, and those that are bound first."""
        names = [name for name in self._names if name != but]
        near = sorted(names, key=lambda name: abs(self._names[name] - node.lineno))
        half = _MOST_NAMES // 2
        return [*dict.fromkeys(near[:half] + names[:half] + near)][:_MOST_NAMES]

    def _clauses(self, node: ast.expr) -> Iterator[ast.expr]:
        """What a condition may lack: another one, or that two values are equal or not."""
        found = [one for one in self._conditions if ast.dump(one) != ast.dump(node)]
        names = [ast.Name(one, ast.Load()) for one in self._near(node)]
        for one in (*found, *names):
            yield one
            yield ast.UnaryOp(ast.Not(), one)
        for number, one in enumerate(names[:_MOST_PAIRED]):
            for other in names[number + 1 : _MOST_PAIRED]:
                yield ast.Compare(one, [ast.Eq()], [other])
                yield ast.Compare(one, [ast.NotEq()], [other])

    def _below(self, node: ast.expr) -> ast.expr:
        """An expression with the changes of its parts."""
        match node:
            case ast.Subscript(value, part):
                return _with(node, value=self._expression(value), slice=self._index(part))
            case ast.Call(function, given, keywords):
                if isinstance(function, ast.Attribute):
                    function = _with(function, value=self._expression(function.value))
                elif getattr(function, "id", "") in self._functions:
                    function = self._expression(function)
                return _with(
                    node,
                    func=function,
                    args=[
                        self._expression(one, iterated=isinstance(one, ast.Name)) for one in given
                    ],
                    keywords=[_with(one, value=self._expression(one.value)) for one in keywords],
                )
            case ast.NamedExpr(value=value):
                return _with(node, value=self._expression(value))
            case ast.Lambda(body=body):
                return _with(node, body=self._expression(body))
            case ast.IfExp(test, body, other):
                test = self._expression(test, condition=True)
                body, other = self._expression(body), self._expression(other)
                return _with(node, test=test, body=body, orelse=other)
            case ast.ListComp() | ast.SetComp() | ast.GeneratorExp() | ast.DictComp():
                return self._comprehension(node)
            case _:
                return _with(
                    node,
                    **{
                        field: self._expression(value)
                        if isinstance(value, ast.expr)
                        else [self._expression(one) for one in value]
                        for field, value in ast.iter_fields(node)
                        if isinstance(value, ast.expr)
                        or (
                            isinstance(value, list)
                            and all(isinstance(one, ast.expr) for one in value)
                        )
                    },
                )

    def _comprehension(
        self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp
    ) -> ast.expr:
        names = self._names
        bound = [
            leaf.id
            for loop in node.generators
            for leaf in ast.walk(loop.target)
            if isinstance(leaf, ast.Name)
        ]
        self._names = dict.fromkeys(bound, node.lineno) | names
        loops = []
        for loop in node.generators:
            over = self._expression(loop.iter, iterated=True)
            tests = [self._expression(one, condition=True) for one in loop.ifs]
            loops.append(_with(loop, iter=over, ifs=tests))
        parts = ("key", "value") if isinstance(node, ast.DictComp) else ("elt",)
        made = {part: self._expression(getattr(node, part)) for part in parts}
        self._names = names
        return _with(node, generators=loops, **made)

    def _index(self, node: ast.expr) -> ast.expr:
        """What stands in square brackets."""
        if isinstance(node, ast.Slice):
            parts = {part: getattr(node, part) for part in ("lower", "upper", "step")}
            return _with(
                node, **{part: one and self._expression(one) for part, one in parts.items()}
            )
        if isinstance(node, ast.Tuple):
            return _with(node, elts=[self._index(one) for one in node.elts])
        return self._expression(node)

    def _new(self, kind: Kind, node: ast.expr | ast.stmt, *sites: int) -> int:
        """Take down a change of a node; its number.

        A site is on wherever one of its changes is, so that the others need not be looked at.
        """
        one_line = node.end_lineno == node.lineno
        end = (node.end_col_offset or 0) + 1 if one_line else 0
        self.changes.append(Change(kind, node.lineno, node.col_offset + 1, end))
        self._sites[len(self.changes)] = [*sites]
        return len(self.changes)

    def _if(self, node: ast.stmt, block: Block) -> Block:
        """A block that only a change of a statement brings about."""
        return [ast.If(_is_on(self._new(Kind.STATEMENT, node)), block, [])]

    def _moved(self, node: ast.stmt, its: "_Around") -> Block:
        """A statement, elsewhere: with this change in force it is passed over where it stands."""
        is_on = _is_on(self._new(Kind.STATEMENT, node))
        its.skipped.append(is_on)
        return [ast.If(is_on, [node], [])]


def _with(node: _Node, **fields: object) -> _Node:
    """A node of which some fields are others."""
    other = copy(node)
    for field, value in fields.items():
        setattr(other, field, value)
    return other


def _joined(node: ast.JoinedStr) -> ast.expr:
    """An f-string as a call: its parts are expressions then, and may be any."""
    parts: list[ast.expr] = []
    for part in node.values:
        if isinstance(part, ast.FormattedValue):
            value = part.value
            if part.conversion != -1:
                name = {ord("r"): "repr", ord("a"): "ascii"}.get(part.conversion, "str")
                value = ast.Call(ast.Name(name, ast.Load()), [value], [])
            spec = part.format_spec
            given = [value, _joined(spec)] if isinstance(spec, ast.JoinedStr) else [value]
            part = ast.Call(ast.Name("format", ast.Load()), given, [])
        parts.append(part)
    whole = ast.Call(
        ast.Attribute(ast.Constant(""), "join", ast.Load()), [ast.List(parts, ast.Load())], []
    )
    for new in ast.walk(whole):
        if isinstance(new, ast.expr) and not hasattr(new, "lineno"):
            ast.copy_location(new, node)
    return whole


def _come_to(tree: ast.Module, asked: Collection[str]) -> list[ast.stmt]:
    """The functions and classes that those which are asked may use, the nearest first."""
    defined = {
        node.name: node for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)
    }
    found = [name for name in asked if name in defined] or [*defined]
    for name in found:  # it grows
        for node in ast.walk(defined[name]):
            used = getattr(node, "id", "")
            if used in defined and used not in found:
                found.append(used)
    return [defined[name] for name in found]


def _is_on(number: int) -> ast.Compare:
    return ast.Compare(ast.Constant(number), [ast.In()], [ast.Name("grader_on", ast.Load())])


def _conditions(node: ast.FunctionDef) -> list[ast.expr]:
    """The conditions of a function and their parts, once each."""
    found: dict[str, ast.expr] = {}
    for below in ast.walk(node):
        tests = [below.test] if isinstance(below, ast.If | ast.While | ast.IfExp) else []
        tests += below.ifs if isinstance(below, ast.comprehension) else []
        for test in tests:  # it grows
            tests += test.values if isinstance(test, ast.BoolOp) else []
        found |= {ast.dump(test): test for test in tests}
    return [*found.values()][:_MOST_NAMES]


def _unannotated(given: ast.arguments) -> ast.arguments:
    for one in ast.walk(given):
        if isinstance(one, ast.arg):
            one.annotation = None
    return given


def _local_names(node: ast.FunctionDef) -> dict[str, int]:
    """The parameters of a function and what it binds, each with its first line."""
    found: dict[str, int] = {}
    for below in ast.walk(node):
        if isinstance(below, ast.arg):
            found.setdefault(below.arg, below.lineno)
        elif isinstance(below, ast.Name) and isinstance(below.ctx, ast.Store):
            found[below.id] = min(below.lineno, found.get(below.id, below.lineno))
    elsewhere = {"self", "_"}
    for below in ast.walk(node):
        if isinstance(below, ast.Global | ast.Nonlocal):
            elsewhere |= {*below.names}
    return {name: line for name, line in found.items() if name not in elsewhere}
