"""Watching a submission's calls of torch: the calls, tensors of a tree, and its own lines."""

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from itertools import islice
from types import CodeType, FrameType
from typing import Any, NamedTuple

COMPREHENSIONS = ("<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>")


class Place(NamedTuple):
    """A place in a file: the line, the function around it, and columns from 1 (0 if unknown).

    `column` is where an expression begins, `end` the column behind it.
    """

    line: int
    function: str
    column: int = 0
    end: int = 0


def own_place(path: str, *, up: int = 1) -> Place | None:
    """The innermost place in a file on the way to here; None if the file is not on the way.

    Args:
        path: the file.
        up: how many callers to skip.
    """
    return next(own_places(path, up=up + 1), None)


def own_places(path: str, *, up: int = 1) -> Iterator[Place]:
    """The places in a file on the way to here: the innermost first, one for each function.

    Args:
        path: the file.
        up: how many callers to skip.
    """
    frame: FrameType | None = sys._getframe(up + 1)
    found: Place | None = None
    while frame is not None:
        if frame.f_code.co_filename == path:
            found = found or place_of(frame)
            if frame.f_code.co_name not in COMPREHENSIONS:
                yield found._replace(function=frame.f_code.co_name)
                found = None
        frame = frame.f_back
    if found is not None:
        yield found


def is_within(package: str, path: str, *, up: int = 1) -> bool:
    """Whether a file's own line has called a package, on the way to here.

    Args:
        package: its name.
        path: the file.
        up: how many callers to skip.
    """
    frame: FrameType | None = sys._getframe(up + 1)
    while frame is not None and frame.f_code.co_filename != path:
        if f"{frame.f_globals.get('__name__')}.".startswith(f"{package}."):
            return True
        frame = frame.f_back
    return False


def is_called_from(module: str, *, up: int = 1) -> bool:
    """Whether a module is on the way to here.

    Args:
        module: its name.
        up: how many callers to skip.
    """
    frame: FrameType | None = sys._getframe(up + 1)
    while frame is not None and frame.f_globals.get("__name__") != module:
        frame = frame.f_back
    return frame is not None


def place_of(frame: FrameType) -> Place:
    """A frame's line, with the columns of the expression that is being evaluated."""
    return _place(frame.f_code, frame.f_lasti, frame.f_lineno)


@lru_cache(maxsize=4096)
def _place(code: CodeType, instruction: int, line: int) -> Place:
    """The place of an instruction; to find its columns, all those before it are gone through."""
    column = end = 0
    for first, last, start, stop in islice(code.co_positions(), instruction // 2, None):
        if first == line and start is not None:
            column = start + 1
            end = stop + 1 if last == line and stop is not None else 0
        break
    return Place(line, code.co_name, column, end)


@contextmanager
def following(trace: Callable[[FrameType, str, Any], Any]) -> Iterator[None]:
    """A block whose calls a trace function sees, as a debugger's would; see `sys.settrace`."""
    before = sys.gettrace()
    sys.settrace(trace)
    try:
        yield
    finally:
        sys.settrace(before)


class Left:
    """Where a file's own functions return, while `follow` is followed.

    Args:
        path: the file.
        caller: a module; only functions that it calls itself are looked at. Empty for all.

    Attributes:
        place: where the last of them did, with the columns of its statement.
    """

    def __init__(self, path: str, *, caller: str = "") -> None:
        self._path = path
        self._caller = caller
        self.place: Place | None = None

    def follow(self, frame: FrameType, event: str, arg: object) -> Any:
        """A trace function."""
        if frame.f_code.co_filename != self._path or frame.f_code.co_name in COMPREHENSIONS:
            return None
        before = frame.f_back.f_globals if frame.f_back else {}
        if self._caller and before.get("__name__") != self._caller:
            return None
        frame.f_trace_lines = False
        return self._left

    def _left(self, frame: FrameType, event: str, arg: object) -> Any:
        if event == "return":
            self.place = place_of(frame)
        return self._left


def watching(torch: Any, see: Callable[[Any, Any, Any], None]) -> Any:
    """A block in which each call of torch's functions is seen once it has answered.

    Args:
        torch: the module. Nothing is imported: that may be forbidden to the submission, and would
            count as its own.
        see: is given the function, what that was given and what it gave.
    """

    class Watch(torch.overrides.TorchFunctionMode):  # type: ignore[misc]
        def __torch_function__(
            self, func: Any, types: Any, args: Any = (), kwargs: Any = None
        ) -> Any:
            value = func(*args, **(kwargs or {}))
            see(func, (args, kwargs), value)
            return value

    return Watch()


def name_of(func: Any) -> str:
    """The name of a function of torch's; "__get__" for a part of a tensor, "grad" for that."""
    name = str(getattr(func, "__name__", ""))
    read = getattr(getattr(func, "__self__", None), "__name__", "")
    return "grad" if (name, read) == ("__get__", "grad") else name


def is_array(value: object) -> bool:
    """Whether it is an array of NumPy's, which may not have been imported."""
    numpy = sys.modules.get("numpy")
    return numpy is not None and isinstance(value, numpy.ndarray)


def tensors(tree: Any, torch: Any) -> Iterator[Any]:
    """The tensors of a tree, in the order in which they occur."""
    if isinstance(tree, torch.Tensor):
        yield tree
    elif isinstance(tree, Mapping):
        for item in tree.values():
            yield from tensors(item, torch)
    elif isinstance(tree, tuple | list):
        for item in tree:
            yield from tensors(item, torch)
