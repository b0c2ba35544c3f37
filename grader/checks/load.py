"""Importing a `checks.py`: trusted code, the course's own."""

import importlib.util
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import ModuleType

from grader.checks.check import Check
from grader.checks.layers import Reads
from grader.checks.operations import Operation
from grader.checks.submission import Submission
from grader.errors import SpecError
from grader.wire.places import Place

PICTURE_FILE = "picture.py"


def load_checks(
    path: Path, *, name: str, parameters: Mapping[str, Sequence[str]] | None = None
) -> tuple[Check, ...]:
    """Import a `checks.py` and collect its checks, in the order of the file.

    Args:
        path: the file.
        name: the module's name.
        parameters: for each function of the stub what it takes; None leaves operations unexamined.

    Raises:
        SpecError: it cannot be imported, holds no check, an `after` names none of them, or an
            operation does not fit the stub or its own reference.
    """
    module = _import(path, name)
    checks = tuple(value for value in vars(module).values() if isinstance(value, Check))
    if not checks:
        raise SpecError(path, "holds no check; expected at least one function marked @check")
    if parameters is not None:
        for operation in vars(module).values():
            if isinstance(operation, Operation) and (
                problem := operation.problem(parameters.get(operation.name))
            ):
                raise SpecError(path, problem, line=_line_of(path, operation.name))
    known: set[str] = set()
    for item in checks:
        for before in item.after:
            if before not in known:
                raise SpecError(
                    path, f"check {item.name} comes after {before!r}, which is not defined above it"
                )
        known.add(item.name)
    return checks


def load_parity(name: str, found: Sequence[Check], places: Sequence[Place]) -> tuple[Check, ...]:
    """The checks of a loaded `checks.py` at other places, made of the operations in it.

    Args:
        name: the module's name.
        found: its checks; those at other places come after all that do not train.
        places: which.
    """
    from grader.checks.parity import parity_checks

    members = vars(sys.modules[name]).values()
    operations = [value for value in members if isinstance(value, Operation | Reads)]
    after = [check.name for check in found if not check.trains]
    return tuple(parity_checks(operations, places, after=after))


def load_picture(path: Path, *, name: str) -> Callable[[Submission], None] | None:
    """Import a kata's `picture.py`; None where it has none.

    Raises:
        SpecError: it cannot be imported, or holds no function `picture`.
    """
    return _function(path, name, "picture")


def load_example(path: Path, *, name: str) -> Callable[[Submission], None] | None:
    """Import a kata's `example.py`; None where it has none.

    Raises:
        SpecError: it cannot be imported, or holds no function `example`.
    """
    return _function(path, name, "example")


def _function(path: Path, name: str, wanted: str) -> Callable[[Submission], None] | None:
    if not path.is_file():
        return None
    function = getattr(_import(path, name), wanted, None)
    if not callable(function):
        raise SpecError(path, f"holds no function `{wanted}(submission)`")
    return function  # type: ignore[no-any-return]


def _import(path: Path, name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None or not path.is_file():
        raise SpecError(path, "there are no checks here")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        del sys.modules[name]
        lines = [
            frame.lineno
            for frame in traceback.extract_tb(error.__traceback__)
            if frame.filename == str(path)
        ]
        line = error.lineno if isinstance(error, SyntaxError) else lines[-1] if lines else None
        raise SpecError(
            path, f"cannot be imported: {type(error).__name__}: {error}", line=line
        ) from error
    return module


def _line_of(path: Path, name: str) -> int | None:
    """The first line of a file that names an operation."""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if f'"{name}"' in line:
            return number
    return None
