"""A notebook as a submission: its cells, and what notebooks take for granted.

A cell that does not parse, or that raises, is left out and named in the output: a scratch cell
costs nothing. It counts only where a name that the kata asks for is missing in the end.
"""

import ast
import builtins
import sys
from collections.abc import Iterator, Sequence
from types import ModuleType
from typing import Any

Cells = Sequence[tuple[int, int]]
"""For each cell the line of the module on which it begins, and its number."""


def run(module: ModuleType, source: bytes, path: str, cells: Cells, names: Sequence[str]) -> None:
    """Run a notebook's cells in a module.

    Raises:
        BaseException: the first error of a cell, if a name of `names` is missing in the end.
    """
    _take_for_granted()
    lines = source.decode("utf-8", "surrogatepass").split("\n")
    failed: list[BaseException] = []
    for number, span in _spans(cells, len(lines)):
        text = "\n" * span.start + "\n".join(lines[span.start : span.stop])
        try:
            exec(compile(text, path, "exec", dont_inherit=True), vars(module))
        except Exception as error:
            failed.append(error)
            what = f"{type(error).__name__}: {error}"
            sys.stdout.write(f"Cell [{number}] is left out: {what[:300]}\n")
    if failed and any(not hasattr(module, name) for name in names):
        raise failed[0]


def parsed(source: bytes, cells: Cells) -> bytes:
    """The source without the cells that do not parse, with as many lines."""
    lines = source.decode("utf-8", "surrogatepass").split("\n")
    for _, span in _spans(cells, len(lines)):
        try:
            ast.parse("\n".join(lines[span.start : span.stop]))
        except (SyntaxError, ValueError):
            for index in span:
                lines[index] = "#"
    return "\n".join(lines).encode("utf-8", "surrogatepass")


def _spans(cells: Cells, count: int) -> Iterator[tuple[int, range]]:
    """For each cell its number and the indices of its lines, of `count` lines in all."""
    ends = [start - 2 for start, _ in cells[1:]] + [count]
    for (start, number), end in zip(cells, ends, strict=True):
        yield number, range(start - 1, end)


class _Nothing:
    """Does nothing, whatever is asked of it."""

    def __getattr__(self, name: str) -> "_Nothing":
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __call__(self, *_: Any, **__: Any) -> "_Nothing":
        return self


class _NothingModule(ModuleType):
    """A module of a notebook's surroundings: all in it does nothing."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.__path__ = []

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _Nothing()


def _take_for_granted() -> None:
    """`display`, `get_ipython` and the modules of hosted notebooks are there, and do nothing."""
    nothing = _Nothing()
    for name in ("display", "get_ipython"):
        setattr(builtins, name, nothing)
    for name in ("google", "google.colab", "IPython", "IPython.display"):
        if name not in sys.modules:
            sys.modules[name] = _NothingModule(name)
    for name in ("colab", "display"):
        parent = sys.modules["google" if name == "colab" else "IPython"]
        setattr(parent, name, sys.modules[f"{parent.__name__}.{name}"])
