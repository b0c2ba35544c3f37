"""What may stand in the place of a statement, and where a statement may stand."""

import ast
from collections.abc import Iterator
from typing import TypeAlias

from grader.worker.changes.expressions import OPERATORS

Block: TypeAlias = list[ast.stmt]


def is_left_alone(node: ast.stmt) -> bool:
    """Statements that say something to people, or that bind names for good."""
    match node:
        case ast.Expr(ast.Constant()) | ast.Raise() | ast.Import() | ast.ImportFrom():
            return True
        case ast.Global() | ast.Nonlocal() | ast.Pass() | ast.Delete() | ast.Assert():
            return True
        case _:
            return False


def last_of(node: ast.stmt) -> ast.stmt:
    """The statement behind which a block ends."""
    while body := getattr(node, "body", ()):
        node = body[-1]
    return node


def may_move(node: ast.stmt) -> bool:
    """Whether a statement can stand before its neighbour."""
    simple = (ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Expr, ast.If, ast.For, ast.While)
    return isinstance(node, simple) and not is_left_alone(node)


def leaves_loop(node: ast.AST) -> bool:
    """Whether a `break` or a `continue` is in it."""
    return any(isinstance(one, ast.Break | ast.Continue) for one in ast.walk(node))


def begins_with(node: ast.ClassDef) -> dict[str, ast.stmt]:
    """What an object's attributes are at first, by their names, where that is written plainly."""
    found: dict[str, ast.stmt] = {}
    for method in node.body:
        if isinstance(method, ast.FunctionDef) and method.name == "__init__":
            for one in method.body:
                match one:
                    case ast.Assign([ast.Attribute(ast.Name("self"), name)], value) if not any(
                        isinstance(part, ast.Name) for part in ast.walk(value)
                    ):
                        found[name] = one
    return found


def once_more(loop: ast.For | ast.While) -> Iterator[Block]:
    """What a loop does in some rounds, which may have to be done once more behind it."""
    for one in loop.body:
        if isinstance(one, ast.If) and not leaves_loop(one):
            if not any(isinstance(below, ast.Return) for below in ast.walk(one)):
                yield [one]
                yield one.body
                if one.orelse:
                    yield one.orelse
        elif isinstance(one, ast.If):
            body = [each for each in one.body if not leaves_loop(each)]
            if body and not any(isinstance(b, ast.Return | ast.Raise) for b in body):
                yield body


def other_statements(node: ast.stmt, *, loop: bool) -> Iterator[Block]:
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
        case ast.While(test, body, []) if not leaves_loop(node):
            yield [ast.If(test, body, [])]
