"""What a library uses itself, and a submission must not: `numpy.errstate`, which `isclose` needs.

A class that is entered (`with`) is stopped where the submission makes, enters or decorates with it,
by whatever name it came by it. Called from a library's own file it does what it always does.
"""

import functools
import os
import sys
from collections.abc import Callable
from typing import Any

_BELOW = {"numpy.errstate": ("numpy._core.umath", "_make_extobj", "numpy._core._ufunc_config")}
"""For such a class: a function that does the same, where it is found, and its own module."""


def leave_to_library(name: str, stop: Callable[[], Any]) -> None:
    """Stop a class for the submission alone; nothing happens for what is no class to enter.

    Args:
        name: its dotted name.
        stop: what is called in its place.
    """
    owner, _, short = name.rpartition(".")
    kind = getattr(sys.modules.get(owner), short, None)
    if not isinstance(kind, type) or not hasattr(kind, "__enter__"):
        return
    here = os.getcwd() + os.sep
    for method in ("__init__", "__enter__", "__call__"):
        original = getattr(kind, method, None)
        if original is not None:
            setattr(kind, method, _guarded(original, stop, here))
    where, function, home = _BELOW.get(name, ("", "", ""))
    target = getattr(sys.modules.get(where), function, None)
    for module in list(sys.modules.values()) if target is not None else ():
        held = getattr(module, "__dict__", {}).get(function)
        if held is target and module.__name__ != home:
            setattr(module, function, stop)


def _guarded(original: Callable[..., Any], stop: Callable[[], Any], here: str) -> Any:
    """A method that is as it was for a caller whose file is not the submission's."""

    @functools.wraps(original)
    def method(*args: Any, **kwargs: Any) -> Any:
        file = sys._getframe(1).f_code.co_filename
        if file.startswith(here) or not os.path.isabs(file):  # what is made by `exec` has no file
            stop()
        return original(*args, **kwargs)

    return method
