"""What a check can ask of a submission.

`submission["lstm_cell"]` is a *target*: something that can be called in the worker. So is an object
that stays there (a `Handle`), and so is one of its methods, `handle["state_dict"]`. Whatever can
be asked of one target can be asked of each.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol, TypeAlias

from grader.wire.messages import Answer, Frame


class SubmissionError(Exception):
    """The submission raised, or answered in a way that the call cannot use. Data only.

    Args:
        kind: see `grader.wire.Raised`.
        type_name: the exception's type.
        message: its text, cut.
        frames: lines of the submission's file, outermost first.
        called: what was called, for messages.
        bases: the names of the classes that the exception's type derives from.
    """

    def __init__(
        self,
        kind: str,
        type_name: str,
        message: str,
        frames: tuple[Frame, ...] = (),
        called: str = "",
        bases: tuple[str, ...] = (),
    ) -> None:
        super().__init__(f"{type_name}: {message}" if type_name else message)
        self.kind = kind
        self.type = type_name
        self.message = message
        self.frames = frames
        self.called = called
        self.bases = bases

    def is_a(self, type_name: str) -> bool:
        """Whether `except` with that type would catch it."""
        return type_name in (self.type, *self.bases)


class Vjp(NamedTuple):
    """A value and the vector-Jacobian product.

    One gradient for each entry of `wrt`, None where nothing connects.
    """

    value: Any
    gradients: tuple[Any, ...]


class Target(ABC):
    """Something that can be called in the worker: a name, an object that stays there, a method.

    Every answer is made of plain builtins and of tensors that the judge rebuilt itself. An
    exception in the submission is a `SubmissionError`, and ends the check as a failure; a timeout
    or a dead worker ends it with a status of its own.
    """

    @abstractmethod
    def ask(self, args: Sequence[Any], kwargs: Mapping[str, Any], **options: Any) -> Answer:
        """Call it with the options of `grader.wire.Call`."""

    def __call__(
        self, *args: Any, keep: bool | Sequence[int] = False, progress: str = "", **kwargs: Any
    ) -> Any:
        """Call a function or construct an object.

        Args:
            args: positional arguments.
            keep: leave the answer (or those items of it) in the worker, as a handle.
            progress: the keyword under which it is given a function `report(step, **numbers)`, for
                calls that take long.
            kwargs: keyword arguments.
        """
        return self.ask(args, kwargs, keep=_keep(keep), progress=progress).value

    def inputs(
        self,
        *args: Any,
        keep: bool | Sequence[int] = False,
        gradients: bool = True,
        progress: str = "",
        **kwargs: Any,
    ) -> tuple[Any, tuple[Any, ...]]:
        """Call it; its answer, and the positional arguments as they are afterwards.

        Args:
            args: positional arguments.
            keep: as in a call.
            gradients: False calls it under `torch.no_grad()`.
            progress: as in a call.
            kwargs: keyword arguments.
        """
        answer = self.ask(
            args, kwargs, keep=_keep(keep), inputs=True, gradients=gradients, progress=progress
        )
        return answer.value, _items(answer.inputs)

    def seeded(
        self, seed: int, *args: Any, keep: bool | Sequence[int] = False, **kwargs: Any
    ) -> Any:
        """Call it right after torch's generator was seeded; its answer (`keep` as in a call)."""
        return self.ask(args, kwargs, seed=seed, keep=_keep(keep)).value

    def warnings(self, *args: Any, **kwargs: Any) -> tuple[Any, tuple[str, ...]]:
        """Call it; its answer, and the warnings that it raised (underflow raises none)."""
        answer = self.ask(args, kwargs, warnings=True)
        return answer.value, answer.warnings

    def vjp(
        self,
        *args: Any,
        cotangents: Sequence[Any],
        wrt: Sequence[int | str],
        **kwargs: Any,
    ) -> Vjp:
        """Call it, then the vector-Jacobian product.

        Args:
            args: positional arguments.
            cotangents: one entry for each tensor of the answer, None to leave that one out.
            wrt: positions among the tensors of the arguments, in the order in which they occur, or
                names of a module's parameters.
            kwargs: keyword arguments.
        """
        answer = self.ask(args, kwargs, cotangents=tuple(cotangents), wrt=tuple(wrt))
        gradients = _items(answer.gradients)
        if len(gradients) != len(wrt):
            raise SubmissionError(
                "answer", "", f"{len(gradients)} gradients came back, expected {len(wrt)}"
            )
        return Vjp(answer.value, gradients)

    def error(self, *args: Any, **kwargs: Any) -> SubmissionError | None:
        """Call it; the exception that it raised, or None."""
        try:
            self(*args, **kwargs)
        except SubmissionError as error:
            if error.kind == "exception":
                return error
            raise
        return None


class Handle(Target):
    """An object that stays in the worker: call it, or take one of its methods as a target."""

    type_name: str

    @abstractmethod
    def __getitem__(self, method: str) -> Target:
        """One of its methods."""

    def attribute(self, name: str, *, keep: bool = False) -> Any:
        """One of its attributes; a handle to it with `keep`."""
        return self["__getattribute__"](name, keep=keep)

    @abstractmethod
    def describe(self) -> dict[str, Any]:
        """A Matplotlib figure as plain values."""


class Submission(Protocol):
    """A submission, as a check sees it."""

    device: str

    def __getitem__(self, name: str) -> Target:
        """A function or a class of the submission, by its name."""
        ...


Body: TypeAlias = Callable[[Submission], None]
"""A check's body on one case, ready to be run on any submission."""


def _keep(keep: bool | Sequence[int]) -> bool | tuple[int, ...]:
    return keep if isinstance(keep, bool) else tuple(keep)


def _items(value: Any) -> tuple[Any, ...]:
    return tuple(value) if isinstance(value, tuple | list) else ()
