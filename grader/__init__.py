"""Tensor Katas: a kata framework for deep learning whose verdicts can be trusted.

The worker calculates, the judge judges: a submission runs in a sandboxed process that knows no
expected value, and this package asks it questions, compares the answers with its own reference and
writes the verdict.

For scripts there are `grader.check` and `grader.open`; see `grader.scripting`.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from grader.scripting import Session, check
    from grader.scripting import open_session as open

__version__ = "0.1.0"
__all__ = ["Session", "__version__", "check", "open"]

_SCRIPTING = {"Session": "Session", "check": "check", "open": "open_session"}


def __getattr__(name: str) -> Any:
    """Import what scripts use when it is used: the worker, too, imports this package."""
    if name not in _SCRIPTING:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from grader import scripting

    return getattr(scripting, _SCRIPTING[name])


def __dir__() -> list[str]:
    """What there is, for `dir` and the Tab key, with what is imported when it is used."""
    return sorted({*globals(), *_SCRIPTING})


def load_ipython_extension(shell: Any) -> None:
    """`%load_ext grader`: the magics `%kata` and `%%kata`; see `grader.magics`."""
    from grader.magics import load

    load(shell)
