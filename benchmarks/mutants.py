"""Which small changes of a right answer pass: what no check may hold.

    python benchmarks/mutants.py [--share N] [--seed N] [--answers WORD] [KATA ...]

Every operator, comparison, constant, call, slice, condition and statement of a kata's solution and
of its alternatives is changed, one at a time, and what comes out is asked the cases of each check
until one fails. Nothing is trained and no mistake is told, so that five or ten are asked a second.
Prints those that pass, with their line before and after. Most mean the same as before; to find the
others is what they are read for.
"""

import argparse
import ast
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import NamedTuple

from grader.checks.check import derive
from grader.checks.submission import Body
from grader.course.catalog import built_in_course
from grader.course.kata import Kata
from grader.judge.grader import Grader
from grader.judge.opening import open_grader
from grader.worker.changes.expressions import OPERATORS, other_expressions


class Mutant(NamedTuple):
    """A source that differs in one place: its text, and the line there before and after."""

    source: str
    before: str
    after: str


def other_statements(node: ast.stmt) -> Iterator[list[ast.stmt]]:
    """What may stand in the place of a statement."""
    match node:
        case ast.If(_, body, other):
            yield from (body, other)
        case ast.AugAssign(target, op, value):
            yield []
            for operator in OPERATORS.get(type(op), ()):
                yield [ast.AugAssign(target, operator(), value)]
        case ast.For(target, over, body, other):
            every = ast.Call(ast.Name("list", ast.Load()), [over], [])
            for rest in (
                ast.Slice(ast.Constant(1)),
                ast.Slice(None, ast.UnaryOp(ast.USub(), ast.Constant(1))),
            ):
                yield [ast.For(target, ast.Subscript(every, rest, ast.Load()), body, other)]
        case ast.With(_, body):
            yield body
        case ast.Expr(ast.Constant()) | ast.Return() | ast.FunctionDef() | ast.ClassDef():
            return
        case ast.Import() | ast.ImportFrom():
            return
        case _:
            yield []


PASSED_OVER = (ast.JoinedStr, ast.Raise, ast.alias)
"""Words for people are not changed."""
FIELDS_PASSED_OVER = ("annotation", "returns", "decorator_list")


def _in_place(node: ast.AST) -> Iterator[None]:
    """Change one place below a node after the other; each change is undone before the next."""
    for field, value in ast.iter_fields(node):
        if field in FIELDS_PASSED_OVER or isinstance(node, PASSED_OVER):
            continue
        if isinstance(value, ast.expr):
            for other in other_expressions(value):
                setattr(node, field, other)
                yield
            setattr(node, field, value)
        for number, child in enumerate(value if isinstance(value, list) else ()):
            others: Iterator[Sequence[ast.AST]] = iter(())
            if isinstance(child, ast.expr):
                others = ([other] for other in other_expressions(child))
            elif isinstance(child, ast.stmt):
                others = (other or [ast.Pass()] for other in other_statements(child))
            for put in others:
                setattr(node, field, [*value[:number], *put, *value[number + 1 :]])
                yield
            setattr(node, field, value)
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield from _in_place(child)


def mutants(source: str) -> Iterator[Mutant]:
    """Every change of one place in a source."""
    tree = ast.parse(source)
    was = ast.unparse(tree)
    for _ in _in_place(tree):
        now = ast.unparse(ast.fix_missing_locations(tree))
        pairs = zip_longest(was.splitlines(), now.splitlines(), fillvalue="")
        differing = next(((one, other) for one, other in pairs if one != other), None)
        if differing is not None:
            yield Mutant(now, *(line.strip() for line in differing))


def cases_of(grader: Grader, kata: Kata, seed: int) -> dict[str, list[Body]]:
    """The cases of each check of a kata that trains nothing, on one seed."""
    return {
        check.name: check.cases(seed=derive(seed, kata.name, check.name), count=check.examples)
        for check in grader.prepared(kata).checks.values()
        if not check.trains and not check.place
    }


def passes(grader: Grader, kata: Kata, cases: dict[str, list[Body]], source: str) -> bool:
    """Whether a source passes all cases, and the verdict agrees."""
    attempt = grader.attempt_source(kata, source.encode())
    try:
        asked = ((name, body) for name, bodies in cases.items() for body in bodies)
        if not all(attempt.failed_in(name, [body]) == [False] for name, body in asked):
            return False
    finally:
        attempt.close()
    return grader.attempt_source(kata, source.encode()).verdict().status == "PASSED"


SHOWN = 70
"""Characters of a line around what has changed."""


def around(line: str, other: str) -> str:
    """As much of a line as shows where it differs from another."""
    first = next(
        (n for n, pair in enumerate(zip(line, other, strict=False)) if len(set(pair)) > 1), 0
    )
    start = max(0, first - SHOWN // 2) if len(line) > SHOWN else 0
    return line[start : start + SHOWN]


def main() -> None:
    """Print what passes, and a row for each answer."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("kata", nargs="+")
    parser.add_argument("--share", type=int, default=1, help="one in so many changes")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--answers", default="", help="only files whose names contain this")
    given = parser.parse_args()
    course = built_in_course()
    with open_grader(course, training=False, seed=given.seed) as grader:
        for name in given.kata:
            kata = course.find(name)
            cases = cases_of(grader, kata, given.seed)
            for path in (kata.solution, *kata.alternatives):
                if given.answers not in path.name:
                    continue
                made = list(mutants(path.read_text(encoding="utf-8")))[:: given.share]
                count = 0
                for mutant in made:
                    if passes(grader, kata, cases, mutant.source):
                        count += 1
                        print("   ", around(mutant.before, mutant.after))
                        print("  >", around(mutant.after, mutant.before), flush=True)
                print(f"{kata.name} {path.name}: {count} of {len(made)} pass", flush=True)


if __name__ == "__main__":
    main()
