"""Every error that this project raises on purpose.

    KataError
    ├── UsageError           the command was asked for something that it cannot do (exit code 2)
    │   ├── NotFoundError    no such kata, file or folder
    │   ├── AmbiguousError   two candidates for one thing; both are named
    │   └── DataError        a file of data is broken: which, and where
    ├── SpecError            a file of a course is broken: kata.toml, checks.py, ... (exit code 3)
    ├── SandboxError         the worker side could not be started, or broke (exit code 3)
    ├── InstallationError    a library that is needed cannot be imported (exit code 3)
    └── WireError            bytes from the other side are not a valid message

None of them says anything about a learner's code: a wrong submission is a verdict, never an
exception.
"""

from pathlib import Path
from typing import Any

LONGEST = 400
"""Characters of a message that quotes what was met elsewhere."""


class KataError(Exception):
    """Base of every error raised on purpose.

    One clear sentence, and what to do next where that helps.
    """

    exit_code = 3

    def __init__(self, message: str, *, advice: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.advice = advice

    def __reduce__(self) -> tuple[Any, ...]:
        """Travel whole between processes, whatever the constructor takes."""
        return _again, (type(self), self.args, self.__dict__)


def _again(kind: type[KataError], args: tuple[Any, ...], state: dict[str, Any]) -> KataError:
    error = kind.__new__(kind, *args)
    error.__dict__.update(state)
    return error


class UsageError(KataError):
    """The command was asked for something that it cannot do."""

    exit_code = 2


class NotFoundError(UsageError):
    """No such kata, file or folder."""


class AmbiguousError(UsageError):
    """Two candidates for one thing."""


class DataError(UsageError):
    """A file of data is broken, or is not of the kind it is taken for.

    Args:
        path: the file.
        message: what was met there, and what was expected.
        line: the line, from 1.
        byte: the byte, from 0, in a file that has no lines.
        advice: what to do.
    """

    def __init__(
        self,
        path: Path,
        message: str,
        *,
        line: int | None = None,
        byte: int | None = None,
        advice: str = "",
    ) -> None:
        where = f"{path}:{line}" if line else f"{path}, byte {byte}" if byte is not None else path
        if len(message) > LONGEST:  # it quotes what it has met
            message = f"{message[:LONGEST]} ..."
        super().__init__(f"{where}: {message}", advice=advice)
        self.path = path
        self.line = line
        self.byte = byte


class SpecError(KataError):
    """A file of a course is broken: which, at which line, and what was expected."""

    def __init__(
        self, path: Path, message: str, *, line: int | None = None, advice: str = ""
    ) -> None:
        where = f"{path}:{line}" if line else f"{path}"
        super().__init__(f"{where}: {message}", advice=advice)
        self.path = path
        self.line = line


class SandboxError(KataError):
    """The worker side could not be started, or broke through no fault of the submission."""


class InstallationError(KataError):
    """A library that is needed cannot be imported."""

    def __init__(self, error: ImportError) -> None:
        super().__init__(
            f"a library cannot be imported: {error}",
            advice="Install tensor-katas again, with its dependencies, into this environment.",
        )


class WireError(KataError):
    """Bytes from the other side are not a valid message."""
