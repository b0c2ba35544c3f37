"""One kata: its two folders, and what its files say."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from grader.course.forbidden import expand
from grader.course.misconceptions import Misconception, read_misconceptions
from grader.course.spec import KataSpec, read_kata
from grader.course.stubs import Signature, given, signatures
from grader.errors import SpecError
from grader.wire.messages import Forbidden


@dataclass(frozen=True)
class Kata:
    """One kata: its two folders, and what its files say."""

    track: str
    short: str
    folder: Path
    solutions: Path
    groups: Mapping[str, Forbidden]
    """The course's groups of forbidden names."""

    @property
    def name(self) -> str:
        """`track/kata`."""
        return f"{self.track}/{self.short}"

    @property
    def stub(self) -> Path:
        """What the learner fills in."""
        return self.folder / f"{self.short}.py"

    @property
    def solution(self) -> Path:
        """The reference solution."""
        return self.solutions / f"{self.short}.py"

    @property
    def checks_file(self) -> Path:
        """The checks that everybody sees."""
        return self.folder / "checks.py"

    @property
    def example_file(self) -> Path:
        """The worked example of the task, as code that asks a submission; it may be absent."""
        return self.folder / "example.py"

    @property
    def hidden_checks_file(self) -> Path:
        """Checks that only the grader has; the file may be absent."""
        return self.solutions / "hidden_checks.py"

    @property
    def readme(self) -> Path:
        """The task."""
        return self.folder / "README.md"

    @property
    def alternatives(self) -> list[Path]:
        """Other right ways to write it."""
        return sorted((self.solutions / "alternatives").glob("*.py"))

    @cached_property
    def spec(self) -> KataSpec:
        """The `kata.toml`."""
        return read_kata(self.spec_file, self.groups)

    @property
    def spec_file(self) -> Path:
        """Where the `kata.toml` is."""
        return self.folder / "kata.toml"

    @cached_property
    def forbidden(self) -> Forbidden:
        """What a submission must not use, groups and names together."""
        return expand(self.spec.forbidden, self.groups)

    @cached_property
    def misconceptions(self) -> tuple[Misconception, ...]:
        """The bank of named wrong ways."""
        return read_misconceptions(self.bank_file)

    @property
    def bank_file(self) -> Path:
        """Where the `misconceptions.toml` is; it may be absent."""
        return self.solutions / "misconceptions.toml"

    @cached_property
    def given(self) -> bytes:
        """What the stub gives in full: a submission may leave it out where it does not use it."""
        return given(self.stub) if self.signatures else b""

    @cached_property
    def signatures(self) -> dict[str, Signature]:
        """The signatures that the stub fixes."""
        try:
            return signatures(self.stub)
        except SyntaxError as error:
            raise SpecError(
                self.stub, f"the stub does not parse: {error.msg}", line=error.lineno
            ) from None
        except OSError as error:
            raise SpecError(self.stub, f"the stub cannot be read: {error.strerror}") from None
