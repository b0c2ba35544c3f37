"""What a `kata.toml` says.

Reading a specification executes nothing and imports neither torch nor NumPy.
"""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Annotated, Literal

from msgspec import Meta, Struct

from grader.course.forbidden import ForbiddenSpec
from grader.course.toml import line_in_table, line_of, read_toml
from grader.errors import SpecError
from grader.wire.messages import Forbidden, Limits


class ToleranceSpec(Struct, frozen=True, forbid_unknown_fields=True):
    """The table `[tolerance]`.

    `factor` times torch's own error, at least `floor` eps of the terms, and why.
    """

    factor: Annotated[float, Meta(gt=0)] = 10.0
    floor: Annotated[float, Meta(gt=0)] = 16.0
    why: str = ""


class TrainingSpec(Struct, frozen=True, forbid_unknown_fields=True):
    """The table `[training]`: what checks that train may use, beside the kata's limits.

    `cpu_s` is seconds of one processor on the machine that the budgets were set on; a slower
    machine gets more (`judge.budget`). `data` names the real sets that they can train on.
    """

    cpu_s: Annotated[float, Meta(gt=0, le=60)]
    data: tuple[str, ...] = ()


class KataSpec(Struct, frozen=True, forbid_unknown_fields=True):
    """A `kata.toml`.

    `promises` has, for each check, the sentences of the task that it holds; see `course.promises`.
    `leads_on` is shown after a pass: a sentence on what the next kata makes of this one. `hint_for`
    has, for a check, the number of the hint that helps where it fails. `no_example` says why a task
    has no worked example that can be asked of a submission.
    """

    title: str
    difficulty: Annotated[int, Meta(ge=1, le=5)]
    minutes: Annotated[int, Meta(ge=1, lt=10_000)]
    hints: tuple[str, ...]
    after: tuple[str, ...] = ()
    arrays: Literal["torch", "numpy"] = "torch"
    preload: tuple[str, ...] = ()
    forbidden: ForbiddenSpec = ForbiddenSpec()
    tolerance: ToleranceSpec = ToleranceSpec()
    limits: Limits = Limits()
    training: TrainingSpec | None = None
    promises: dict[str, str | tuple[str, ...]] = {}
    leads_on: str = ""
    no_example: str = ""
    hint_for: dict[str, int] = {}

    def next_hint(self, failing: str, seen: Collection[int]) -> int | None:
        """The number of the hint to give next; None if all were given.

        Args:
            failing: the check that failed, if one did: the hint for it comes first.
            seen: the numbers of those that were given.
        """
        order = [*([self.hint_for[failing]] if failing in self.hint_for else [])]
        order += range(1, len(self.hints) + 1)
        return next((number for number in order if number not in seen), None)

    def promised(self) -> dict[str, tuple[str, ...]]:
        """For each check, the sentences of the task that it holds."""
        given = self.promises.items()
        return {name: (said,) if isinstance(said, str) else said for name, said in given}


def read_kata(path: Path, groups: Mapping[str, Forbidden]) -> KataSpec:
    """Read a `kata.toml`.

    Args:
        path: the file.
        groups: the course's groups of forbidden names.

    Raises:
        SpecError: it is missing, no TOML, or not what a kata.toml holds; with the line where that
            can be told.
    """
    text, spec = read_toml(path, KataSpec)
    for group in spec.forbidden.groups:
        if group not in groups:
            known = ", ".join(groups) or "none: the course.toml defines no group"
            raise SpecError(
                path,
                f"`{group}` is no group of forbidden names; expected one of {known}",
                line=line_of(text, "groups"),
            )
    for name, quotes in spec.promised().items():
        if not quotes or not all(quote.strip() for quote in quotes):
            raise SpecError(
                path,
                f"the promise of `{name}` is empty; expected a sentence of the task, or a list",
                line=line_in_table(text, "promises", name),
            )
    for name, number in spec.hint_for.items():
        if not 1 <= number <= len(spec.hints):
            raise SpecError(
                path,
                f"[hint_for] {name} = {number}: there are hints 1 to {len(spec.hints)}",
                line=line_in_table(text, "hint_for", name),
            )
    return spec


class TrackSpec(Struct, frozen=True, forbid_unknown_fields=True):
    """A `[[track]]` of a course.toml: a folder below `katas/`, its title, and what it is for.

    `aim` ends the sentence "After it you can ...".
    """

    name: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]*$")]
    title: str
    aim: str = ""


class CourseSpec(Struct, frozen=True, forbid_unknown_fields=True):
    """A `course.toml`.

    Args:
        title: of the course.
        order: katas in the order to take them; the rest follow by track and difficulty.
        track: the tracks in their order; others follow in the alphabet's.
        forbidden: groups of names that a kata.toml may forbid.
    """

    title: str = ""
    order: tuple[str, ...] = ()
    track: tuple[TrackSpec, ...] = ()
    forbidden: dict[str, Forbidden] = {}


def read_course(path: Path) -> CourseSpec:
    """Read a `course.toml`; an absent one says nothing.

    Raises:
        SpecError: it is no TOML, or not what a course.toml holds; with the line where that can be
            told.
    """
    if not path.exists():
        return CourseSpec()
    text, spec = read_toml(path, CourseSpec)
    for names in ([track.name for track in spec.track], list(spec.order)):
        for name in names:
            if names.count(name) > 1:
                raise SpecError(
                    path, f"`{name}` is there twice", line=line_of(text, name, last=True)
                )
    for track in spec.track:
        if not (path.parent / track.name).is_dir():
            raise SpecError(
                path,
                f"the track `{track.name}` has no folder {path.parent / track.name}",
                line=line_of(text, track.name),
            )
    return spec
