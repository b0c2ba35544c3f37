"""A stub for the whiteboard: signatures, shapes and types, and no formula."""

import ast
import re

_SECTIONS = ("Args:", "Returns:", "Raises:", "Yields:")


def blind_stub(stub: str) -> str:
    """A stub whose docstrings keep their first line and what goes in and comes out.

    Formulas, sources, explanations and comments go; signatures, bodies and given code stay.
    """
    lines = stub.splitlines()
    docstrings = [
        node.body[0]
        for node in ast.walk(ast.parse(stub))
        if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Module)
        and ast.get_docstring(node) is not None
    ]
    for docstring in sorted(docstrings, key=lambda node: -node.lineno):  # the last one first
        first, last = docstring.lineno - 1, docstring.end_lineno or docstring.lineno
        lines[first:last] = _bare(lines[first:last], docstring.col_offset)
    kept = [line for line in lines if not re.match(r"\s*#(?! Given)", line)]
    return "\n".join(kept) + "\n"


def _bare(lines: list[str], indent: int) -> list[str]:
    """A docstring's lines: the first one, and the sections on what goes in and comes out."""
    if len(lines) == 1:
        return lines
    kept, section = [lines[0]], False
    for line in lines[1:-1]:
        inside = len(line) - len(line.lstrip()) > indent
        if line.strip() and not inside:
            section = line.strip() in _SECTIONS
            if section:
                kept.append("")
        if section and line.strip():
            kept.append(line)
    return [*kept, lines[-1]] if len(kept) > 1 else [f'{lines[0]}"""']
