"""What code takes for granted where people run it: an interpreter's words, a notebook's modules.

All of it does nothing here. It is there so that a line which only shows, asks or mounts something
stops no answer.
"""

import builtins
import sys
from collections.abc import Callable, Iterator, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any, NoReturn

HOSTED = ("google", "google.colab", "IPython", "ipywidgets")
"""Modules of a notebook's surroundings, with all that is below them but for `google`."""


class _Nothing:
    """Does nothing, whatever is asked of it: called, entered, gone through, compared."""

    def __getattr__(self, name: str) -> "_Nothing":
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __call__(self, *_: Any, **__: Any) -> "_Nothing":
        return self

    def __getitem__(self, _: object) -> "_Nothing":
        return self

    def __setitem__(self, _: object, __: object) -> None:
        pass

    def __iter__(self) -> Iterator[object]:
        return iter(())

    def __enter__(self) -> "_Nothing":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def __lt__(self, _: object) -> bool:
        return False

    __le__ = __gt__ = __ge__ = __lt__


class _NothingModule(ModuleType):
    """A module of a notebook's surroundings: all in it does nothing."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.__path__ = []

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _Nothing()


class _Hosted(MetaPathFinder, Loader):
    """Finds the modules of a notebook's surroundings."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The module's, if it is one of them."""
        below = fullname.startswith(tuple(f"{name}." for name in HOSTED[1:]))
        return ModuleSpec(fullname, self) if fullname in HOSTED or below else None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """An empty one."""
        return _NothingModule(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Nothing is to be done."""


def grant_words() -> None:
    """`exit` and `quit` end the program, as they do where Python is started by hand."""
    for name in ("exit", "quit"):
        setattr(builtins, name, _ending(name))


def _ending(name: str) -> Callable[..., NoReturn]:
    def end(code: object = None) -> NoReturn:
        raise SystemExit(code)

    end.__name__ = name
    return end


def grant_notebook() -> None:
    """`display`, `get_ipython` and the modules of hosted notebooks are there, and do nothing."""
    nothing = _Nothing()
    for name in ("display", "get_ipython"):
        setattr(builtins, name, nothing)
    if not any(isinstance(finder, _Hosted) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Hosted())
