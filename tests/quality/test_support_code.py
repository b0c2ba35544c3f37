"""What katas write beside their checks: shared pieces are to keep it small."""

import ast

from grader.checks.load import load_checks
from grader.course.catalog import built_in_course

MOST = 0.40


def _lines(kata) -> tuple[set[int], set[int]]:
    """The lines of code of a kata's checks.py, and those of them that make up its checks."""
    text = kata.checks_file.read_text(encoding="utf-8")
    lines = text.splitlines()
    code = {n for n, line in enumerate(lines, 1) if line.strip() and line.strip()[0] != "#"}
    checks = {check.name for check in load_checks(kata.checks_file, name=kata.short)}
    inside: set[int] = set()
    for node in ast.parse(text).body:
        names: set[str] = set()
        first = getattr(node, "lineno", 0)
        if isinstance(node, ast.FunctionDef):
            names = {node.name}
            first = min([first, *(decorator.lineno for decorator in node.decorator_list)])
        elif isinstance(node, ast.Assign):
            names = {target.id for target in node.targets if isinstance(target, ast.Name)}
            made = isinstance(node.value, ast.Call)
            names = names if made else set()
        if names & checks:
            inside |= set(range(first, (node.end_lineno or first) + 1))
    return code, code & inside


def test_most_of_the_code_of_the_checks_is_in_the_checks() -> None:
    total = support = 0
    for kata in built_in_course().katas:
        code, inside = _lines(kata)
        assert inside, f"{kata.name}: no line makes a check"
        total += len(code)
        support += len(code - inside)
    assert support / total <= MOST, f"{support} of {total} lines stand outside the checks"
