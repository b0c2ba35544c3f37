"""What may stand in the place of an expression: what is easily written in place of another."""

import ast
from collections.abc import Iterator, Sequence

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


def shifted(node: ast.expr) -> Iterator[ast.expr]:
    """One more, and one less."""
    yield ast.BinOp(node, ast.Add(), ast.Constant(1))
    yield ast.BinOp(node, ast.Sub(), ast.Constant(1))


def turned(node: ast.expr) -> Iterator[ast.expr]:
    """A value that is one off, has the other sign, or is another form of itself."""
    yield from shifted(node)
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


def other_expressions(node: ast.expr) -> Iterator[ast.expr]:
    """What may stand in the place of an expression, made of its own parts."""
    match node:
        case ast.BinOp(left, op, right):
            for operator in OPERATORS.get(type(op), ()):
                yield ast.BinOp(left, operator(), right)
            if isinstance(op, ast.Sub | ast.Div | ast.MatMult | ast.FloorDiv | ast.Mod):
                yield ast.BinOp(right, op, left)
            yield left
            yield right
            if isinstance(left, ast.List) and len(left.elts) == 1:  # n times one and the same
                times = ast.Call(ast.Name("range", ast.Load()), [right], [])
                loop = ast.comprehension(ast.Name("_", ast.Store()), times, [], 0)
                yield ast.ListComp(left.elts[0], [loop])
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
                fewer = _without(values, number)
                yield ast.BoolOp(op, fewer) if len(fewer) > 1 else fewer[0]
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
        yield from (ast.Slice(other, upper, step) for other in shifted(lower))
    else:
        yield ast.Slice(ast.Constant(1), upper, step)
    if upper is not None:
        yield ast.Slice(lower, None, step)
        yield from (ast.Slice(lower, other, step) for other in shifted(upper))
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


def iterated_otherwise(node: ast.expr) -> Iterator[ast.expr]:
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
