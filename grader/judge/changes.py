"""Small changes of a submission's text, each of which can be put in force in one module.

A mistake is often one operator, one constant, one name or one line that stands too far to the
right. A text with every such change in it is compiled once, and then asked with one after the other
in force, so that hundreds of them cost a call each.

Nothing of this is ever shown: where a change is that makes answers right, there the mistake is.
"""

import ast
import inspect
from collections.abc import Collection, Iterator, Sequence
from copy import deepcopy
from enum import IntEnum
from typing import NamedTuple, TypeAlias

CHOOSE = "grader_choose"
"""A function of the text with all changes: `grader_choose(n)` puts the n-th in force, 0 none."""
NOTE = "grader_note"
"""From this call on, with no change in force, it is noted which ones are come to."""
NOTED = "grader_noted"
"""What was noted: the numbers of changes, sorted."""
EACH = "grader_each"
"""Asks some calls (name, args, kwargs) with each of some changes.

For each it gives a number, equal for those that answer alike, and the `grader_hash` of the answers.
"""
MOST_ROUNDS = 20_000
"""After so many rounds of its loops, a call with a change in force ends."""
MOST_CHANGES = 6_000
_MOST_NAMES, _MOST_PAIRED, _MOST_PADDED, _MOST_WORDS = 8, 5, 4, 16

_PRELUDE = f"""
class grader_Noting:
    def __init__(self):
        self.numbers = set()
    def __contains__(self, number):
        self.numbers.add(number)
        return False
grader_on = ()
grader_rounds = 0
grader_most = {MOST_ROUNDS}
def {CHOOSE}(number):
    global grader_on, grader_rounds
    grader_on = frozenset((number, *grader_sites.get(number, ())))
    grader_rounds = 0
def {NOTE}():
    global grader_on, grader_rounds
    grader_on = grader_Noting()
    grader_rounds = 0
def {NOTED}():
    seen = grader_on.numbers
    return [n for n in grader_sites if n in seen or not seen.isdisjoint(grader_sites[n])]
def {EACH}(numbers, calls):
    import copy
    global grader_most
    found = {{}}
    alike = []
    grader_most = {MOST_ROUNDS}
    for number in (0, *numbers):
        whole, parts = [], []
        for name, args, kwargs in calls:
            {CHOOSE}(number)
            try:
                args, kwargs = copy.deepcopy((args, kwargs))
                answer = globals()[name](*args, **kwargs)
                answer = list(answer) if hasattr(answer, "__next__") else answer
                whole.append(repr(answer))
                parts.append(grader_told(answer))
            except Exception as error:
                whole.append(str(error))
                parts.append(f"{{type(error).__name__}}:")
        if number == 0:
            grader_most = 10 * grader_rounds + 1000
        else:
            told = ";".join(parts)
            alike.append((found.setdefault((told, *whole), len(found)), grader_hash(told)))
    grader_most = {MOST_ROUNDS}
    {CHOOSE}(0)
    return alike
def grader_round():
    global grader_rounds
    grader_rounds += 1
    if grader_rounds > grader_most:
        raise RuntimeError("too many rounds")
def grader_copied(value):
    import copy
    return value.clone() if hasattr(value, "clone") else copy.copy(value)
"""


def grader_told(value: object) -> str:
    """An answer in words that are the same for a list and a tuple, and up to rounding."""
    if hasattr(value, "tolist"):
        return f"{tuple(value.shape)}{grader_told(value.tolist())}"  # type: ignore[attr-defined]
    if isinstance(value, (list, tuple)):
        return f"[{','.join(map(grader_told, value))}]"
    if isinstance(value, dict):
        items = [f"{grader_told(key)}={grader_told(one)}" for key, one in value.items()]
        return f"dict[{','.join(sorted(items))}]"
    if isinstance(value, (float, int)) and not isinstance(value, bool):
        return f"{float(value) + 0.0:.5g}" if abs(value) < 1e300 else str(value)
    return repr(value)


def grader_hash(told: str) -> str:
    """A short word for a long one."""
    import hashlib

    return hashlib.sha256(told.encode("utf-8", "replace")).hexdigest()


class Kind(IntEnum):
    """How a change changes a text; the likeliest first."""

    WITHIN = 0
    """An operator, a constant, an argument or a part of an expression is another one."""
    NAME = 1
    """A name, an attribute or a word is another one of the text's."""
    STATEMENT = 2
    """A statement stands elsewhere, once more, or not at all."""
    FORCED = 3
    """A condition always holds, or never."""


class Change(NamedTuple):
    """A place of a text, in lines and bytes from 1, and what is done there.

    `end` is the byte behind it, 0 where it goes on in another line.
    """

    kind: Kind
    line: int
    column: int
    end: int


class Changeable(NamedTuple):
    """A text with every change in it; the n-th of `changes`, from 1, is put in force by a call."""

    source: bytes
    changes: tuple[Change, ...]


OPERATORS: dict[type[ast.operator], tuple[type[ast.operator], ...]] = {
    ast.Add: (ast.Sub, ast.Mult),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Add, ast.Div, ast.MatMult),
    ast.Div: (ast.Mult, ast.FloorDiv),
    ast.FloorDiv: (ast.Div, ast.Mod),
    ast.Mod: (ast.FloorDiv,),
    ast.Pow: (ast.Mult,),
    ast.MatMult: (ast.Mult,),
    ast.BitAnd: (ast.BitOr, ast.Sub),
    ast.BitOr: (ast.BitAnd,),
}
COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.Gt, ast.NotEq),
    ast.LtE: (ast.Lt, ast.GtE, ast.Eq),
    ast.Gt: (ast.GtE, ast.Lt, ast.NotEq),
    ast.GtE: (ast.Gt, ast.LtE, ast.Eq),
    ast.Eq: (ast.NotEq, ast.LtE, ast.GtE, ast.In),
    ast.NotEq: (ast.Eq, ast.Lt, ast.Gt),
    ast.In: (ast.NotIn, ast.Eq),
    ast.NotIn: (ast.In, ast.NotEq),
    ast.Is: (ast.IsNot, ast.Eq),
    ast.IsNot: (ast.Is, ast.NotEq),
}
FAMILIES = (
    ("tanh", "sigmoid", "relu", "softmax", "log_softmax", "exp", "log"),
    ("sum", "mean", "prod", "max", "min", "amax", "amin", "logsumexp", "median"),
    ("any", "all"),
    ("min", "max", "sum"),
    ("floor", "ceil", "round", "trunc", "int"),
    ("argmax", "argmin"),
    ("std", "var"),
    ("zeros_like", "ones_like", "empty_like"),
    ("zeros", "ones", "empty"),
    ("append", "extend", "insert"),
    ("startswith", "endswith"),
    ("strip", "lstrip", "rstrip"),
    ("split", "rsplit", "partition", "rpartition", "splitlines"),
    ("removeprefix", "lstrip", "removesuffix", "rstrip", "strip"),
    ("find", "rfind", "index"),
    ("lower", "upper"),
    ("list", "set", "sorted", "tuple", "reversed"),
    ("match", "fullmatch", "search"),
    ("add", "update"),
    ("cat", "stack"),
    ("unsqueeze", "squeeze"),
    ("triu", "tril"),
    ("cumsum", "cumprod"),
    ("sqrt", "square", "abs"),
)
"""Functions and methods of which one is easily taken for another."""

_Expressions: TypeAlias = Iterator[tuple[Kind, ast.expr]]


def _one(*given: ast.expr | None) -> list[ast.expr]:
    return [each for each in given if each is not None]


def _shifted(node: ast.expr) -> Iterator[ast.expr]:
    yield ast.BinOp(node, ast.Add(), ast.Constant(1))
    yield ast.BinOp(node, ast.Sub(), ast.Constant(1))


def _turned(node: ast.expr) -> Iterator[ast.expr]:
    """A value that is one off, has the other sign, or is another form of itself."""
    yield from _shifted(node)
    yield ast.UnaryOp(ast.USub(), node)
    yield ast.BinOp(ast.Constant(1), ast.Sub(), node)
    for method in ("strip", "lower", "copy"):
        yield ast.Call(ast.Attribute(node, method, ast.Load()), [], [])


def _without(items: Sequence[ast.expr], number: int) -> list[ast.expr]:
    return [*items[:number], *items[number + 1 :]]


def _swapped(items: Sequence[ast.expr]) -> Iterator[list[ast.expr]]:
    """Neighbours in each other's place."""
    for number in range(len(items) - 1):
        both = [items[number + 1], items[number]]
        yield [*items[:number], *both, *items[number + 2 :]]


def _within(node: ast.expr) -> Iterator[ast.expr]:
    """What may stand in the place of an expression, made of its own parts."""
    match node:
        case ast.BinOp(left, op, right):
            for operator in OPERATORS.get(type(op), ()):
                yield ast.BinOp(left, operator(), right)
            if isinstance(op, ast.Sub | ast.Div | ast.MatMult | ast.FloorDiv | ast.Mod):
                yield ast.BinOp(right, op, left)
            yield left
            yield right
            if isinstance(op, ast.Div):
                yield from (ast.IfExp(right, node, ast.Constant(n)) for n in (0.0, 1.0))
            if isinstance(op, ast.Sub):
                yield ast.Call(ast.Name("abs", ast.Load()), [node], [])
                yield ast.Call(ast.Name("max", ast.Load()), [node, ast.Constant(0)], [])
        case ast.Compare(left, ops, right):
            for number, compared in enumerate(ops):
                for comparison in COMPARISONS[type(compared)]:
                    others = [*ops[:number], comparison(), *ops[number + 1 :]]
                    yield ast.Compare(left, others, right)
        case ast.BoolOp(op, values):
            yield ast.BoolOp(ast.Or() if isinstance(op, ast.And) else ast.And(), values)
            for number in range(len(values)):
                yield ast.BoolOp(op, _without(values, number))
        case ast.UnaryOp(_, operand):
            yield operand
        case ast.Constant(bool(value)):
            yield ast.Constant(not value)
        case ast.Constant(int(value)):
            yield from _constants(value, (value + 1, value - 1, -value, 0, 1, 2))
        case ast.Constant(float(value)):
            inverse = 1 / value if value else 1.0
            yield from _constants(value, (0.0, 1.0, -value, 2 * value, value / 2, inverse))
        case ast.Constant(None):
            yield from (ast.Constant(other) for other in (0, "", False))
        case ast.Call(function, given, keywords):
            yield from _other_calls(function, given, keywords)
        case ast.Subscript(value, ast.Slice() as part):
            for other in _other_slices(part):
                yield ast.Subscript(value, other, ast.Load())
            yield value
        case ast.IfExp(test, body, other):
            yield from (body, other, ast.IfExp(test, other, body))
        case ast.Tuple(items) if not any(isinstance(item, ast.Slice) for item in items):
            yield from (ast.Tuple(other, ast.Load()) for other in _swapped(items))
        case ast.List(items):
            yield from (ast.List(other, ast.Load()) for other in _swapped(items))
        case (
            ast.ListComp(element, loops)
            | ast.GeneratorExp(element, loops)
            | ast.SetComp(element, loops)
        ):
            yield from (type(node)(element, other) for other in _other_loops(loops))


def _constants(value: float, others: Sequence[float]) -> Iterator[ast.expr]:
    for other in dict.fromkeys(others):
        if other != value:
            yield ast.Constant(other)


def _other_loops(loops: list[ast.comprehension]) -> Iterator[list[ast.comprehension]]:
    for number, loop in enumerate(loops):
        for left_out in range(len(loop.ifs)):
            ifs = _without(loop.ifs, left_out)
            other = ast.comprehension(loop.target, loop.iter, ifs, loop.is_async)
            yield [*loops[:number], other, *loops[number + 1 :]]


def _other_slices(part: ast.Slice) -> Iterator[ast.Slice]:
    lower, upper, step = part.lower, part.upper, part.step
    minus = ast.UnaryOp(ast.USub(), ast.Constant(1))
    if lower is not None:
        yield ast.Slice(None, upper, step)
        yield from (ast.Slice(other, upper, step) for other in _shifted(lower))
    else:
        yield ast.Slice(ast.Constant(1), upper, step)
    if upper is not None:
        yield ast.Slice(lower, None, step)
        yield from (ast.Slice(lower, other, step) for other in _shifted(upper))
    else:
        yield ast.Slice(lower, minus, step)
    if step is not None:
        yield ast.Slice(lower, upper, None)
    if lower is None or upper is None:
        yield ast.Slice(upper, lower, step)


def _other_calls(
    function: ast.expr, given: list[ast.expr], keywords: list[ast.keyword]
) -> Iterator[ast.expr]:
    if given and not isinstance(given[0], ast.Starred):
        yield given[0]
        name = getattr(function, "id", "")
        if name == "range" and len(given) == 1:
            yield ast.Call(function, [ast.Constant(1), *given], keywords)
        if name == "enumerate" and len(given) == 1 and not keywords:
            yield ast.Call(function, [*given, ast.Constant(1)], [])
    if given and (len(given) > 1 or isinstance(function, ast.Attribute)):
        yield ast.Call(function, given[:-1], keywords)
    if isinstance(function, ast.Attribute):
        yield function.value
    for other in _swapped(given):
        yield ast.Call(function, other, keywords)
    for number in range(len(keywords)):
        yield ast.Call(function, given, keywords[:number] + keywords[number + 1 :])
    name = getattr(function, "attr", getattr(function, "id", ""))
    for family in FAMILIES:
        for other_name in family if name in family else ():
            if other_name == name:
                continue
            if isinstance(function, ast.Attribute):
                yield ast.Call(
                    ast.Attribute(function.value, other_name, ast.Load()), given, keywords
                )
            else:
                yield ast.Call(ast.Name(other_name, ast.Load()), given, keywords)


def _iterated(node: ast.expr) -> Iterator[ast.expr]:
    """What else may be gone through, or returned."""
    every = ast.Call(ast.Name("list", ast.Load()), [node], [])
    minus = ast.UnaryOp(ast.USub(), ast.Constant(1))
    for form in ("sorted", "list", "tuple", "set", "float", "int", "str"):
        yield ast.Call(ast.Name(form, ast.Load()), [node], [])
    for part in (
        ast.Slice(None, None, minus),
        ast.Slice(ast.Constant(1)),
        ast.Slice(None, minus),
    ):
        yield ast.Subscript(every, part, ast.Load())


_Block: TypeAlias = list[ast.stmt]


class _Words(NamedTuple):
    """What may be meant instead: text and numbers written in some sources, and their attributes."""

    texts: tuple[str, ...]
    numbers: tuple[float, ...]
    attributes: tuple[str, ...]


def _words(trees: Sequence[ast.AST]) -> _Words:
    texts: dict[str, None] = {}
    numbers: dict[float, None] = {}
    attributes: dict[str, None] = {}
    for tree in trees:
        for node in _coded(tree):
            match node:
                case ast.Constant(str(text)) if len(text) <= 12:
                    texts[text] = None
                case ast.Constant(bool()):
                    pass
                case ast.Constant(int(number)) | ast.Constant(float(number)):
                    numbers[number] = None
                case ast.Attribute(attr=name):
                    attributes[name] = None
    return _Words(tuple(texts), tuple(numbers), tuple(attributes))


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


def changeable(
    source: str,
    kinds: Collection[Kind] = tuple(Kind),
    asked: Collection[str] = (),
    others: Sequence[str] = (),
) -> Changeable | None:
    """A text with small changes in it; None where that is no Python.

    Args:
        source: the text.
        kinds: of changes.
        asked: names of functions and classes that are asked: what they come to is changed. Where
            there are none, everything is.
        others: sources whose words and numbers may be meant instead.
    """
    try:
        tree = ast.parse(source)
        writer = _Writer(kinds, _words([tree, *map(ast.parse, others)]))
        writer.module(tree, _come_to(tree, asked))
        text = ast.unparse(ast.fix_missing_locations(tree)).encode()
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return Changeable(text, tuple(writer.changes))


class _Around:
    """What stands around a statement where changes are in force, and where it is passed over."""

    def __init__(self) -> None:
        self.before: _Block = []
        self.after: _Block = []
        self.at_start: _Block = []
        self.at_end: _Block = []
        self.otherwise: _Block = []
        self.skipped: list[ast.expr] = []
        self.instead: list[tuple[int, _Block]] = []


def _more(node: ast.stmt, field: str, value: ast.AST) -> None:
    """Leave a word for when the block of a statement is written."""
    setattr(node, field, [*getattr(node, field, ()), value])


class _Writer:
    """Writes changes into a tree."""

    def __init__(self, kinds: Collection[Kind], words: _Words) -> None:
        self.changes: list[Change] = []
        self._kinds = kinds
        self._words = words
        self._names: tuple[str, ...] = ()
        self._functions: tuple[str, ...] = ()
        self._conditions: list[ast.expr] = []
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
        for node in [node for node in within if isinstance(node, ast.FunctionDef)]:
            inner = getattr(node, "grader_inner", False)
            for below in ast.walk(node):
                if below is not node and isinstance(below, ast.FunctionDef):
                    below.grader_inner = True  # type: ignore[attr-defined]
            if not inner:
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
        told = "\n".join(map(inspect.getsource, (grader_told, grader_hash)))
        prelude = f"{_PRELUDE}{told}\ngrader_sites = {self._sites}"
        tree.body[number:number] = ast.parse(prelude).body

    # -- statements --------------------------------------------------------------------------------

    def _block(self, block: _Block, *, loop: bool = False) -> _Block:
        """A block with the changes of its statements, and of all that is in them."""
        around = [_Around() for _ in block]
        all_of_them = len(self.changes) < MOST_CHANGES
        for one, its in zip(block, around, strict=True):
            its.skipped += getattr(one, "grader_skipped", ())
            its.at_end += getattr(one, "grader_at_end", ())
            its.otherwise += getattr(one, "grader_otherwise", ())
        for n, one in enumerate(block if all_of_them else ()):
            if Kind.WITHIN in self._kinds and not _is_left_alone(one):
                for other in _other_statements(one, loop=loop):
                    around[n].instead.append((self._new(Kind.WITHIN, one), deepcopy(other)))
            if Kind.STATEMENT not in self._kinds:
                continue
            if not _is_left_alone(one):
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

    def _alone(self, one: ast.stmt, its: "_Around", *, loop: bool) -> None:
        """A statement that is left out, or stands only under a condition, or is another one."""
        if not isinstance(one, ast.FunctionDef | ast.ClassDef | ast.Return):
            its.skipped.append(_is_on(self._new(Kind.STATEMENT, one)))
        if isinstance(one, ast.Assign | ast.AugAssign | ast.Expr):
            names = (ast.Name(name, ast.Load()) for name in self._names[:_MOST_NAMES])
            for clause in (*self._conditions, *names):
                for test in (clause, ast.UnaryOp(ast.Not(), clause)):
                    is_on = _is_on(self._new(Kind.STATEMENT, one))
                    its.skipped.append(ast.BoolOp(ast.And(), [is_on, deepcopy(test)]))
        if isinstance(one, ast.If) and loop:
            for leaving in (ast.Break(), ast.Continue()):
                its.at_end += self._if(Kind.STATEMENT, one, [leaving])
        blocks: list[_Block] = [getattr(one, "body", []), getattr(one, "orelse", [])]
        for inner in blocks:
            if isinstance(one, ast.FunctionDef | ast.ClassDef) or len(inner) < 2:
                continue
            end = inner[-1]
            if not _leaves_loop(end) or (loop and isinstance(one, ast.If)):
                is_on = _is_on(self._new(Kind.STATEMENT, end))
                its.after.append(ast.If(is_on, [deepcopy(end)], []))
                _more(end, "grader_skipped", is_on)

    def _beside(self, one: ast.stmt, behind: ast.stmt, its: "_Around", its_next: "_Around") -> None:
        """Two neighbours that change places, or of which one belongs into the other."""
        if _may_move(one) and _may_move(behind):
            is_on = _is_on(self._new(Kind.STATEMENT, behind))
            its.before.append(ast.If(is_on, [deepcopy(behind)], []))
            its_next.skipped.append(is_on)
        if isinstance(one, ast.For | ast.While | ast.If | ast.With) and not _is_left_alone(behind):
            places = [its.at_end]
            if isinstance(one, ast.If) and not one.orelse:
                places.append(its.otherwise)
            for place in places:
                is_on = _is_on(self._new(Kind.STATEMENT, behind))
                place.append(ast.If(is_on, [deepcopy(behind)], []))
                its_next.skipped.append(is_on)

    def _of_loop(
        self,
        loop: ast.For | ast.While,
        before: Sequence[ast.stmt],
        behind: ast.stmt,
        its: "_Around",
    ) -> None:
        """What a loop does once more behind it or before it, and what it begins anew."""
        for again in _once_more(loop):
            its.after += self._if(Kind.STATEMENT, behind, deepcopy(again))
        first = loop.body[0]
        if len(loop.body) > 1 and _may_move(first) and not _leaves_loop(first):
            is_on = _is_on(self._new(Kind.STATEMENT, first))
            its.before.append(ast.If(is_on, [deepcopy(first)], []))
            _more(first, "grader_skipped", is_on)
        for begun in before:
            if isinstance(begun, ast.Assign | ast.AnnAssign):
                its.at_start += self._if(Kind.STATEMENT, loop, [deepcopy(begun)])
                for inner in ast.walk(loop):
                    if isinstance(inner, ast.If):
                        [anew] = self._if(Kind.STATEMENT, inner.body[-1], [deepcopy(begun)])
                        _more(inner, "grader_at_end", anew)
                        where = inner.orelse[-1] if inner.orelse else inner
                        [anew] = self._if(Kind.STATEMENT, where, [deepcopy(begun)])
                        _more(inner, "grader_otherwise", anew)
        bound = [node.id for node in ast.walk(loop) if isinstance(node, ast.Name)]
        for kept in [name for name in self._names if name in bound][:_MOST_NAMES]:
            for taken in [name for name in self._names if name != kept][:_MOST_NAMES]:
                goes_on = ast.Assign([ast.Name(kept, ast.Store())], ast.Name(taken, ast.Load()))
                its.at_end += self._if(Kind.STATEMENT, loop.body[-1], [goes_on])

    def _written(self, one: ast.stmt, its: "_Around", *, loop: bool) -> _Block:
        """A statement with what stands around it where changes are in force."""
        instead = deepcopy(its.instead)
        whole = self._statement(one, loop=loop)
        if isinstance(whole, ast.For | ast.While | ast.If | ast.With):
            whole.body = [*its.at_start, *whole.body, *its.at_end]
        if isinstance(whole, ast.If):
            whole.orelse = [*whole.orelse, *its.otherwise]
        kept = [whole]
        for number, other in instead:
            kept = [ast.If(_is_on(number), other or [ast.Pass()], kept)]
        if its.skipped:
            kept = [ast.If(ast.BoolOp(ast.Or(), its.skipped), [ast.Pass()], kept)]
        return [*its.before, *kept, *its.after]

    def _statement(self, node: ast.stmt, *, loop: bool) -> ast.stmt:
        """A statement with the changes of its expressions and blocks."""
        if _is_left_alone(node):
            return node
        match node:
            case ast.FunctionDef():
                node.body = self._block(node.body)
            case ast.ClassDef():
                node.body = [self._statement(one, loop=False) for one in node.body]
            case ast.For(iter=over):
                node.iter = self._expression(over, iterated=True)
            case ast.If(test=test) | ast.While(test=test):
                node.test = self._expression(test, condition=True)
            case ast.Return(value=ast.expr() as value):
                node.value = self._expression(value, iterated=True)
            case ast.Assign(targets, value):
                node.value = self._expression(value)
                node.targets = [self._target(one) for one in targets]
            case ast.AugAssign(value=value) | ast.AnnAssign(value=ast.expr() as value):
                node.value = self._expression(value)
            case ast.Expr(value):
                node.value = self._expression(value)
            case ast.With(items):
                for item in items:
                    item.context_expr = self._expression(item.context_expr)
            case _:
                pass
        again = isinstance(node, ast.For | ast.While)
        for field in ("body", "orelse", "finalbody"):
            block = getattr(node, field, None)
            if block and not isinstance(node, ast.FunctionDef | ast.ClassDef):
                inside = self._block(block, loop=loop or (again and field == "body"))
                setattr(node, field, inside)
        for handler in getattr(node, "handlers", ()):
            handler.body = self._block(handler.body, loop=loop)
        if isinstance(node, ast.For | ast.While):
            count = ast.Expr(ast.Call(ast.Name("grader_round", ast.Load()), [], []))
            node.body = [count, *node.body]
        return node

    def _target(self, node: ast.expr) -> ast.expr:
        """What is bound: its indices may be others."""
        if isinstance(node, ast.Subscript):
            node.slice = self._index(node.slice)
        return node

    # -- expressions -------------------------------------------------------------------------------

    def _expression(
        self, node: ast.expr, *, condition: bool = False, iterated: bool = False
    ) -> ast.expr:
        """An expression with the changes of itself, and of all that is in it."""
        if isinstance(node, ast.Starred):
            node.value = self._expression(node.value, iterated=True)
            return node
        if isinstance(node, ast.JoinedStr):
            return self._expression(_joined(node))
        every = self._others(deepcopy(node), condition=condition, iterated=iterated)
        others = [(kind, other) for kind, other in every if kind in self._kinds]
        was = ast.dump(node)
        self._below(node)
        if not others or len(self.changes) >= MOST_CHANGES:
            return node
        site = -1 - len(self.changes)
        here: ast.expr | None = None
        for kind, other in others:
            number = self._new(kind, node, site)
            self._everywhere((was, ast.dump(other)), kind, node, (number, site))
            here = other if here is None else ast.IfExp(_is_on(number), other, here)
        assert here is not None
        return ast.IfExp(_is_on(site), here, node)

    def _everywhere(
        self, change: tuple[str, str], kind: Kind, node: ast.expr, here: tuple[int, int]
    ) -> None:
        """The same change in each place where the same is written is one more change."""
        places = self._same.setdefault(change, [])
        places += here
        if len(places) == 2 * len(here):
            self._sites[self._new(kind, node)] = places

    def _others(self, node: ast.expr, *, condition: bool, iterated: bool) -> _Expressions:
        for other in _within(node):
            yield Kind.WITHIN, other
        if iterated:
            yield from ((Kind.WITHIN, other) for other in _iterated(node))
            for word in (None, 0, *self._words.texts[:_MOST_PADDED]):
                more = ast.Constant(word)
                for items in ([more, ast.Starred(node)], [ast.Starred(node), more]):
                    yield Kind.NAME, ast.List(items, ast.Load())
        match node:
            case ast.Name(name) if name in self._functions:
                others = [one for one in self._functions if one != name][:_MOST_NAMES]
                yield from ((Kind.NAME, ast.Name(one, ast.Load())) for one in others)
            case ast.Name(name) if name in self._names:
                yield from ((Kind.WITHIN, other) for other in _turned(node))
                yield Kind.WITHIN, ast.Call(ast.Name("grader_copied", ast.Load()), [node], [])
                near = [one for one in self._names if one != name][:_MOST_NAMES]
                yield from ((Kind.NAME, ast.Name(one, ast.Load())) for one in near)
            case ast.Call() | ast.Subscript():
                yield from ((Kind.WITHIN, other) for other in _turned(node))
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
                yield Kind.STATEMENT, ast.BoolOp(ast.And(), [node, other])
                yield Kind.STATEMENT, ast.BoolOp(ast.Or(), [node, other])
            yield Kind.FORCED, ast.Constant(True)
            yield Kind.FORCED, ast.Constant(False)

    def _clauses(self, node: ast.expr) -> Iterator[ast.expr]:
        """What a condition may lack: another one, or that two values are equal or not."""
        found = [one for one in self._conditions if ast.dump(one) != ast.dump(node)]
        names = [ast.Name(one, ast.Load()) for one in self._names[:_MOST_NAMES]]
        for one in (*found, *names):
            yield one
            yield ast.UnaryOp(ast.Not(), one)
        for number, one in enumerate(names[:_MOST_PAIRED]):
            for other in names[number + 1 : _MOST_PAIRED]:
                yield ast.Compare(one, [ast.Eq()], [other])
                yield ast.Compare(one, [ast.NotEq()], [other])

    def _below(self, node: ast.expr) -> None:
        """Write changes into an expression's parts."""
        match node:
            case ast.Subscript(value, part):
                node.value = self._expression(value)
                node.slice = self._index(part)
            case ast.Call(function, given, keywords):
                if isinstance(function, ast.Attribute):
                    function.value = self._expression(function.value)
                elif getattr(function, "id", "") in self._functions:
                    node.func = self._expression(function)
                node.args = [self._expression(one, iterated=_is_named(one)) for one in given]
                for keyword in keywords:
                    keyword.value = self._expression(keyword.value)
            case ast.NamedExpr(value=value):
                node.value = self._expression(value)
            case ast.Lambda(body=body):
                node.body = self._expression(body)
            case ast.BoolOp(values=values):
                node.values = [self._expression(one) for one in values]
            case ast.IfExp(test, body, other):
                node.test = self._expression(test, condition=True)
                node.body, node.orelse = self._expression(body), self._expression(other)
            case ast.ListComp() | ast.SetComp() | ast.GeneratorExp() | ast.DictComp():
                self._comprehension(node)
            case ast.Yield() | ast.YieldFrom() | ast.Await():
                if node.value is not None:
                    node.value = self._expression(node.value)
            case _:
                for field, value in ast.iter_fields(node):
                    if isinstance(value, ast.expr):
                        setattr(node, field, self._expression(value))
                    elif isinstance(value, list) and all(
                        isinstance(one, ast.expr) for one in value
                    ):
                        setattr(node, field, [self._expression(one) for one in value])

    def _comprehension(
        self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp
    ) -> None:
        names = self._names
        bound = [
            leaf.id
            for loop in node.generators
            for leaf in ast.walk(loop.target)
            if isinstance(leaf, ast.Name)
        ]
        self._names = tuple(dict.fromkeys((*bound, *names)))
        for loop in node.generators:
            loop.iter = self._expression(loop.iter, iterated=True)
            loop.ifs = [self._expression(one, condition=True) for one in loop.ifs]
        if isinstance(node, ast.DictComp):
            node.key, node.value = self._expression(node.key), self._expression(node.value)
        else:
            node.elt = self._expression(node.elt)
        self._names = names

    def _index(self, node: ast.expr) -> ast.expr:
        """What stands in square brackets."""
        if isinstance(node, ast.Slice):
            for field in ("lower", "upper", "step"):
                if (value := getattr(node, field)) is not None:
                    setattr(node, field, self._expression(value))
            return node
        if isinstance(node, ast.Tuple):
            node.elts = [self._index(one) for one in node.elts]
            return node
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

    def _if(self, kind: Kind, node: ast.stmt, block: _Block) -> _Block:
        """A block that only a change of a node brings about."""
        return [ast.If(_is_on(self._new(kind, node)), block, [])]


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


def _is_named(node: ast.expr) -> bool:
    return isinstance(node, ast.Name)


def _is_on(number: int) -> ast.Compare:
    return ast.Compare(ast.Constant(number), [ast.In()], [ast.Name("grader_on", ast.Load())])


def _conditions(node: ast.FunctionDef) -> list[ast.expr]:
    """The conditions of a function, once each."""
    found: dict[str, ast.expr] = {}
    for below in ast.walk(node):
        tests = [below.test] if isinstance(below, ast.If | ast.While | ast.IfExp) else []
        tests += below.ifs if isinstance(below, ast.comprehension) else []
        found |= {ast.dump(test): deepcopy(test) for test in tests}
    return [*found.values()][:_MOST_NAMES]


def _unannotated(given: ast.arguments) -> ast.arguments:
    for one in ast.walk(given):
        if isinstance(one, ast.arg):
            one.annotation = None
    return given


def _local_names(node: ast.FunctionDef) -> tuple[str, ...]:
    """The parameters of a function and what it binds, in order."""
    found = [one.arg for one in ast.walk(node.args) if isinstance(one, ast.arg)]
    for below in ast.walk(node):
        if isinstance(below, ast.Name) and isinstance(below.ctx, ast.Store):
            found.append(below.id)
        elif isinstance(below, ast.arg):
            found.append(below.arg)
    elsewhere = {"self", "_"}
    for below in ast.walk(node):
        if isinstance(below, ast.Global | ast.Nonlocal):
            elsewhere |= {*below.names}
    return tuple(dict.fromkeys(name for name in found if name not in elsewhere))


def _is_left_alone(node: ast.stmt) -> bool:
    """Statements that say something to people, or that bind names for good."""
    match node:
        case ast.Expr(ast.Constant()) | ast.Raise() | ast.Import() | ast.ImportFrom():
            return True
        case ast.Global() | ast.Nonlocal() | ast.Pass() | ast.Delete() | ast.Assert():
            return True
        case _:
            return False


def _may_move(node: ast.stmt) -> bool:
    simple = (ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Expr, ast.If, ast.For, ast.While)
    return isinstance(node, simple) and not _is_left_alone(node)


def _leaves_loop(node: ast.AST) -> bool:
    return any(isinstance(one, ast.Break | ast.Continue) for one in ast.walk(node))


def _once_more(loop: ast.For | ast.While) -> Iterator[_Block]:
    """What a loop does in some rounds, which may have to be done once more behind it."""
    for one in loop.body:
        if isinstance(one, ast.If) and not _leaves_loop(one):
            if not any(isinstance(below, ast.Return) for below in ast.walk(one)):
                yield [one]
                yield one.body
                if one.orelse:
                    yield one.orelse
        elif isinstance(one, ast.If):
            body = [each for each in one.body if not _leaves_loop(each)]
            if body and not any(isinstance(b, ast.Return | ast.Raise) for b in body):
                yield body


def _other_statements(node: ast.stmt, *, loop: bool) -> Iterator[_Block]:
    """What may stand in the place of a statement."""
    match node:
        case ast.AugAssign(target, op, value):
            for operator in OPERATORS.get(type(op), ()):
                yield [ast.AugAssign(target, operator(), value)]
            yield [ast.Assign([target], value)]
        case ast.Assign([ast.Name(name) as target], value):
            yield [ast.AugAssign(target, ast.Add(), value)]
            yield [ast.If(ast.UnaryOp(ast.Not(), ast.Name(name, ast.Load())), [node], [])]
        case ast.Break() if loop:
            yield [ast.Continue()]
        case ast.Continue() if loop:
            yield [ast.Break()]
        case ast.If(test, body, [ast.If() as other]):
            yield [ast.If(test, body, []), other]  # `if` for `elif`
        case ast.If(test, body, []):
            count = ast.Expr(ast.Call(ast.Name("grader_round", ast.Load()), [], []))
            yield [ast.While(test, [count, *body], [])]
        case ast.While(test, body, []) if not _leaves_loop(node):
            yield [ast.If(test, body, [])]
