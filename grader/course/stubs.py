"""Stubs: what they ask a learner to write, read without running them."""

import ast
from pathlib import Path

from msgspec import Struct


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

    for node in ast.parse(path.read_text()).body:
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
