"""Imports torch without its kernels for the device "meta", a quarter of the time that it takes.

At its end, `import torch` registers a thousand of them that are written in Python, and with them
all that they are made of. On "meta" a tensor has a shape and no numbers: the judge never computes
there. Only a process of our own leaves them out, the command `kata`; nobody else's torch changes,
and that of a submission, in its sandbox, is whole.
"""

import sys
from types import ModuleType

_LATER = "torch._meta_registrations"


class _Later(ModuleType):
    """Stands where the module will be."""


def hold_back() -> None:
    """From here on, `import torch` leaves them out. To be called by a process of our own."""
    if "torch" not in sys.modules:
        sys.modules.setdefault(_LATER, _Later(_LATER))


def give_back() -> None:
    """Once torch is imported: whoever imports that module from here on has them registered."""
    if isinstance(sys.modules.get(_LATER), _Later):
        del sys.modules[_LATER]
        vars(sys.modules["torch"]).pop(_LATER.partition(".")[2], None)
