"""Imports torch without its kernels for the device "meta", a quarter of the time that it takes.

At its end, `import torch` registers a thousand of them that are written in Python, and with them
all that they are made of. On "meta" a tensor has a shape and no numbers: the judge never computes
there. Only a process of our own leaves them out, the command `kata`; nobody else's torch changes,
and that of a submission, in its sandbox, is whole.

Other modules of torch rely on it that these were there first: the compiler, which an optimiser
imports, goes round in a circle without them. So they are imported before anything more of torch is.
And one of the modules left out makes `torch.Generator` usable, so that is done in its place.
"""

import sys
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

_LATER = "torch._meta_registrations"


class _Later(ModuleType):
    """Stands where the module will be."""


class _First(MetaPathFinder):
    """Has them imported before the first module of torch that is imported from here on."""

    def find_spec(self, name: str, *_: object) -> ModuleSpec | None:
        """Step aside; what is there by then need not be found."""
        if not name.startswith("torch."):
            return None
        sys.meta_path.remove(self)
        if name != _LATER:
            import_module(_LATER)
        there = sys.modules.get(name)
        if there is None:
            return None
        spec = ModuleSpec(name, _There(there))
        there.__spec__ = None  # with its own, it would be run once more
        return spec


class _There(Loader):
    """Loads a module that is loaded."""

    def __init__(self, module: ModuleType) -> None:
        self._module, self._spec = module, module.__spec__

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Give the module."""
        return self._module

    def exec_module(self, module: ModuleType) -> None:
        """Leave it as it was."""
        module.__spec__ = self._spec


def hold_back() -> None:
    """From here on, `import torch` leaves them out. To be called by a process of our own."""
    if "torch" not in sys.modules:
        sys.modules.setdefault(_LATER, _Later(_LATER))


def give_back() -> None:
    """Once torch is imported: whoever imports more of it from here on has them registered."""
    if isinstance(sys.modules.get(_LATER), _Later):
        del sys.modules[_LATER]
        _bind_generator()
        sys.meta_path.insert(0, _First())
        vars(sys.modules["torch"]).pop(_LATER.partition(".")[2], None)


def _bind_generator() -> None:
    """Do what `torch._prims.rng_prims` does at its end, in versions of torch in which it does."""
    inside = vars(sys.modules["torch._C"])
    bind = inside.get("_set_generator_metaclass")
    if bind is not None:
        bind(import_module("torch._opaque_base").OpaqueBaseMeta)
