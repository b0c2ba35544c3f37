"""What a call may not leave changed: settings that belong to everybody in the process.

A function that switches gradients off for its own lines, and does not switch them on again, answers
rightly, and whoever called it learns nothing from then on.
"""

import sys
from collections.abc import Callable, Collection, Iterator
from typing import Any, NamedTuple


class LeftChangedError(Exception):
    """A call came back, and a setting is not what it was."""


class _Setting(NamedTuple):
    """One setting: how to read it and write it, and what is said where it is left changed."""

    get: Callable[[], Any]
    put: Callable[[Any], object]
    complaint: str
    """`{now}` is what it was left at."""


def _settings(forbidden: Collection[str]) -> Iterator[_Setting]:
    """Those of the libraries that are there. Nothing is imported: that would count as its own."""
    torch, numpy = (
        None if name in forbidden else sys.modules.get(name) for name in ("torch", "numpy")
    )
    if torch:
        yield _Setting(
            torch.is_grad_enabled,
            torch.set_grad_enabled,
            "it leaves gradients switched off for its caller. `with torch.no_grad():` switches "
            "them off for a block, and on again behind it",
        )
        yield _Setting(
            torch.get_default_dtype,
            torch.set_default_dtype,
            "it leaves torch's default dtype at {now} for its caller. Give a dtype to the tensors "
            "that need one instead: `dtype=x.dtype`",
        )
        yield _Setting(
            torch.get_default_device,
            lambda device: torch.set_default_device(None),
            "it leaves torch's default device at {now} for its caller. Give a device to the "
            "tensors that need one instead: `device=x.device`",
        )
    if numpy:
        yield _Setting(
            numpy.geterr,
            lambda errors: numpy.seterr(**errors),
            "it leaves NumPy's warnings changed for its caller (np.seterr). `with "
            "np.errstate(...):` changes them for a block",
        )


class Settings:
    """The settings, and the ways to them as they are before a submission is loaded.

    Args:
        forbidden: packages that the kata forbids, of which no line may run any more.
    """

    def __init__(self, forbidden: Collection[str]) -> None:
        self._all = tuple(_settings(forbidden))

    def kept_by(self, call: Callable[..., Any]) -> Callable[..., Any]:
        """The same call, which raises `LeftChangedError` where a setting is left changed.

        Each stands again as it was, also behind a call that raises. Gradients that were off and are
        on count for nothing: the judge had them off, and a caller rarely has.
        """

        def watched(*args: Any, **kwargs: Any) -> Any:
            before = [setting.get() for setting in self._all]
            try:
                value = call(*args, **kwargs)
            finally:
                complaint = self._restore(before)
            if complaint:
                raise LeftChangedError(complaint)
            return value

        return watched

    def _restore(self, before: list[Any]) -> str:
        """Put back what has changed; the first complaint about it."""
        complaint = ""
        for setting, old in zip(self._all, before, strict=True):
            now = setting.get()
            if now == old:
                continue
            setting.put(old)
            if now is not True:
                complaint = complaint or setting.complaint.format(now=now)
        return complaint
