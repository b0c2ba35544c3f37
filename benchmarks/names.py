"""How often a mistake is told by its name, in other clothes and two at once.

    python benchmarks/names.py [--share N] [--pairs N] [KATA ...]

Every misconception that is an edit of a solution is rewritten by machine in two other styles: one
operation a line, and operators as functions with other names. Then pairs of edits are drawn that do
not overlap. Each is graded once, and counted by what it is told: its name (for a pair one of both,
or both), a line alone, nothing, or another name. A rewritten one that passes is counted too.
"""

import argparse
import ast
import random
from collections import Counter
from collections.abc import Collection, Sequence

from grader.course.catalog import built_in_course
from grader.course.kata import Kata
from grader.course.misconceptions import both_edited, mutant_source
from grader.judge.grader import Grader
from grader.judge.opening import open_grader

KATAS = (
    *("rnn_cell", "lstm_cell", "gru_cell", "reset_variants", "peephole_lstm", "layer_norm_lstm"),
    *("rnn_jacobian", "gate_layouts", "lstm_backward", "clip_gradients", "stable_sigmoid"),
)
PAIRS = 40
FUNCTIONS = {
    ast.Add: "add",
    ast.Sub: "sub",
    ast.Mult: "mul",
    ast.Div: "truediv",
    ast.MatMult: "matmul",
    ast.Pow: "pow",
}
LAZY = (
    ast.Lambda,
    ast.IfExp,
    ast.BoolOp,
    ast.ListComp,
    ast.GeneratorExp,
    ast.DictComp,
    ast.SetComp,
)
"""What does not always compute what stands in it: it stays as it is."""


class OneALine(ast.NodeTransformer):
    """Every operation and call of a simple statement gets a line and a name of its own."""

    def __init__(self) -> None:
        self._before: list[ast.stmt] = []
        self._count = 0

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        """Rewrite the statements of a function."""
        node.body = self._block(node.body)
        return node

    def _block(self, body: Sequence[ast.stmt]) -> list[ast.stmt]:
        found: list[ast.stmt] = []
        for statement in body:
            if isinstance(statement, ast.Assign | ast.Return) and statement.value is not None:
                self._before = []
                parts = [*ast.iter_child_nodes(statement.value)]
                if not isinstance(statement.value, LAZY) and parts:
                    statement.value = self._inside(statement.value)
                found += self._before
            elif isinstance(statement, ast.For | ast.If | ast.With):
                statement.body = self._block(statement.body)
            found.append(statement)
        return found

    def _inside(self, node: ast.expr) -> ast.expr:
        """The same expression, with its parts computed before it."""
        for name, value in ast.iter_fields(node):
            if isinstance(value, ast.expr):
                setattr(node, name, self._named(value))
            elif isinstance(value, list):
                setattr(
                    node, name, [self._named(v) if isinstance(v, ast.expr) else v for v in value]
                )
        return node

    def _named(self, node: ast.expr) -> ast.expr:
        if isinstance(node, (*LAZY, ast.Starred, ast.Slice)):
            return node
        node = self._inside(node)
        if not isinstance(node, ast.BinOp | ast.Call):
            return node
        self._count += 1
        name = f"step_{self._count}"
        self._before.append(ast.Assign([ast.Name(name, ast.Store())], node))
        return ast.Name(name, ast.Load())


class Functions(ast.NodeTransformer):
    """Operators are calls of the module `operator`, and locals have other names."""

    def __init__(self) -> None:
        self._locals: Collection[str] = ()

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        """Rename what a function of the module's assigns."""
        arguments = {argument.arg for argument in ast.walk(node) if isinstance(argument, ast.arg)}
        stored = {
            name.id
            for name in ast.walk(node)
            if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store)
        }
        nested = any(
            isinstance(n, ast.FunctionDef | ast.Lambda) for n in ast.walk(node) if n != node
        )
        self._locals = set() if nested else stored - arguments
        return self.generic_visit(node)

    def visit_Name(self, node: ast.Name) -> ast.Name:
        """Give a local another name."""
        return ast.Name(f"my_{node.id}", node.ctx) if node.id in self._locals else node

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        """Write an operator as a function."""
        self.generic_visit(node)
        name = FUNCTIONS.get(type(node.op))
        if name is None:
            return node
        function = ast.Attribute(ast.Name("operator", ast.Load()), name, ast.Load())
        return ast.Call(function, [node.left, node.right], [])


STYLES = {"one operation a line": OneALine, "functions": Functions}


def restyled(source: bytes, style: type[ast.NodeTransformer]) -> bytes:
    """A source in another style."""
    tree = style().visit(ast.parse(source))
    return ast.unparse(ast.fix_missing_locations(tree)).encode() + b"\n\nimport operator\n"


def told(grader: Grader, kata: Kata, source: bytes, names: Collection[str]) -> str:
    """What a submission that makes these mistakes is told."""
    verdict = grader.attempt_source(kata, source).verdict()
    if verdict.status == "PASSED":
        return "passed"
    said = {one.id for c in verdict.checks if c.diagnosis for one in c.diagnosis.both}
    alike = {alias for item in kata.misconceptions if item.id in names for alias in item.aliases}
    if said:
        both = len(names) == 2 and said == set(names)
        return "both" if both else "named" if said <= {*names, *alike} else "another"
    return "line" if any(check.suspect for check in verdict.checks) else "nothing"


def main() -> None:
    """Print a row for each style of each kata, and the sums."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("kata", nargs="*", default=KATAS)
    parser.add_argument("--share", type=int, default=1, help="one in so many misconceptions")
    parser.add_argument("--pairs", type=int, default=PAIRS, help="how many pairs of each kata")
    arguments = parser.parse_args()
    course = built_in_course()
    totals: dict[str, Counter[str]] = {}
    with open_grader(course, training=False) as grader:
        for name in arguments.kata:
            kata = course.find(name)
            solution = kata.solution.read_text(encoding="utf-8")
            edited = [item for item in kata.misconceptions if item.edits]
            rows: dict[str, Counter[str]] = {}
            for title, style in STYLES.items():
                rows[title] = Counter(
                    told(
                        grader,
                        kata,
                        restyled(mutant_source(item, kata.solution, kata.solutions), style),
                        [item.id],
                    )
                    for item in edited[:: arguments.share]
                )
            pairs = [
                made
                for number, one in enumerate(edited)
                for other in edited[number + 1 :]
                if (made := both_edited(one, other, {"": solution})) is not None
            ]
            drawn = random.Random(kata.name).sample(pairs, min(arguments.pairs, len(pairs)))
            rows["two at once"] = Counter(
                told(grader, kata, source, [one.id, other.id]) for one, other, source in drawn
            )
            for title, row in rows.items():
                print(f"{kata.name:28} {title:22} {dict(row)}", flush=True)
                totals.setdefault(title, Counter()).update(row)
    for title, row in totals.items():
        print(f"{'in all':28} {title:22} {dict(row)}")


if __name__ == "__main__":
    main()
