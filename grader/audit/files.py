"""What is wrong with a kata's files, before anything is run."""

import ast
from pathlib import Path

from grader.course.kata import Kata
from grader.errors import KataError

MIN_HINTS = 3
MIN_ALTERNATIVES = 2
KATA_FILES = frozenset({"README.md", "checks.py", "kata.toml", "answers.md", "rubric.toml", "data"})


def files_of(kata: Kata) -> list[str]:
    """What is wrong with a kata's files, before anything is run."""
    problems: list[str] = []
    try:
        hints = [hint for hint in kata.spec.hints if hint.strip()]
    except KataError as error:
        return [str(error)]
    if len(hints) < MIN_HINTS or len(hints) < len(kata.spec.hints):
        problems.append(
            f"kata.toml has {len(hints)} hints with text, expected at least {MIN_HINTS}, none empty"
        )
    if not kata.spec.tolerance.why.strip():
        problems.append("kata.toml: [tolerance] does not say why")
    if not kata.readme.is_file() or len(kata.readme.read_text().split()) < 100:
        problems.append("README.md is missing, or too short to teach anything (under 100 words)")
    if len(kata.alternatives) < MIN_ALTERNATIVES:
        problems.append(
            f"{len(kata.alternatives)} alternatives, expected at least {MIN_ALTERNATIVES}"
        )
    for item in kata.misconceptions:
        if not item.message.strip() or not item.title.strip():
            problems.append(f"misconception {item.id} has no message or no title")
    if not kata.misconceptions:
        problems.append(
            "misconceptions.toml is missing or empty: nothing proves that the checks find anything"
        )
    if not kata.solution.is_file():
        return [*problems, f"there is no solution at {kata.solution}"]
    allowed = KATA_FILES | {kata.stub.name}
    stray = sorted(
        p.name for p in kata.folder.iterdir() if p.name not in allowed and p.name != "__pycache__"
    )
    problems += [f"stray file {name} beside the stub: remove it" for name in stray]
    return problems + _signature_problems(kata)


def _signature_problems(kata: Kata) -> list[str]:
    try:
        stub, solution = (_public(path) for path in (kata.stub, kata.solution))
    except (SyntaxError, OSError) as error:
        return [f"the stub or the solution cannot be read: {error}"]
    problems = []
    for name, signature in stub.items():
        if name not in solution:
            problems.append(f"the stub has {name}, and the solution has not")
        elif solution[name] != signature:
            problems.append(
                f"{name}{signature} in the stub is {name}{solution[name]} in the solution"
            )
    return problems


def _public(path: Path) -> dict[str, str]:
    """Public names with their parameters and defaults, annotations apart."""
    found: dict[str, str] = {}

    def signature(node: ast.FunctionDef) -> str:
        arguments = node.args
        for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
            argument.annotation = None
        return f"({ast.unparse(arguments)})"

    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            found[node.name] = signature(node)
        elif isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            found[node.name] = ""
            for item in node.body:
                if isinstance(item, ast.FunctionDef) and item.name in ("__init__", "forward"):
                    found[f"{node.name}.{item.name}"] = signature(item)
    return found
