"""Courses: which katas there are, and in which order.

A course is a folder with `katas/` and, beside it, `solutions/`. The built-in course ships inside
the installed package; in a checkout it is the repository itself. Nothing here executes code or
imports torch.
"""

import difflib
from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path

from grader.course.kata import Kata
from grader.course.spec import CourseSpec, read_course
from grader.course.toml import line_of
from grader.errors import AmbiguousError, NotFoundError, SpecError
from grader.wire.messages import Forbidden


class Course:
    """The katas below one folder.

    Args:
        root: a folder that holds `katas/` (and `solutions/`).
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        if not (root / "katas").is_dir():
            raise NotFoundError(f"{root} is no course: there is no folder `katas` in it")

    @property
    def spec_file(self) -> Path:
        """Where the `course.toml` is; it may be absent."""
        return self.root / "katas" / "course.toml"

    @cached_property
    def spec(self) -> CourseSpec:
        """The `course.toml`."""
        return read_course(self.spec_file)

    @cached_property
    def groups(self) -> Mapping[str, Forbidden]:
        """Groups of forbidden names: the built-in course's, and this one's."""
        built_in = built_in_root()
        shared = {} if self.root == built_in else Course(built_in).groups
        return {**shared, **self.spec.forbidden}

    @cached_property
    def found(self) -> Mapping[str, Kata]:
        """Every kata by its name, as the folders are sorted; nothing of theirs is read."""
        return {
            f"{path.parts[-3]}/{path.parts[-2]}": Kata(
                path.parts[-3],
                path.parts[-2],
                path.parent,
                self.root / "solutions" / path.parts[-3] / path.parts[-2],
                self.groups,
            )
            for path in sorted((self.root / "katas").glob("*/*/kata.toml"))
        }

    @cached_property
    def katas(self) -> tuple[Kata, ...]:
        """Every kata, in the order in which they can be taken.

        Each behind those that it names in `after`.
        """
        found = self.found
        order: dict[str, Kata] = {}

        def place(kata: Kata, waiting: tuple[str, ...]) -> None:
            if kata.name in order:
                return
            if kata.name in waiting:
                raise SpecError(
                    kata.folder / "kata.toml",
                    f"`after` goes round in a circle: {' -> '.join((*waiting, kata.name))}",
                )
            for before in kata.spec.after:
                if before not in found:
                    raise unknown_kata(kata.spec_file, before, found)
                place(found[before], (*waiting, kata.name))
            order[kata.name] = kata

        for name in self.spec.order:
            if name not in found:
                raise unknown_kata(self.spec_file, name, found)
            place(found[name], ())
        position = {track.name: index for index, track in enumerate(self.spec.track)}
        for kata in sorted(
            found.values(),
            key=lambda k: (
                position.get(k.track, len(position)),
                k.track,
                k.spec.difficulty,
                k.short,
            ),
        ):
            place(kata, ())
        return tuple(order.values())

    def find(self, name: str) -> Kata:
        """The kata of that name.

        `track/kata` or the kata's own name, in any case, whole or as far as it is unique: `q3`.

        Raises:
            NotFoundError: there is none; similar names are suggested.
            AmbiguousError: several begin so.
        """
        hits = self._named(name)
        if len(hits) == 1:
            return hits[0]
        if hits:
            raise AmbiguousError(
                f"{name[:80]!r} could be {' or '.join(kata.name for kata in hits[:4])}"
                f"{f' or {len(hits) - 4} others' if len(hits) > 4 else ''}",
                advice="Write more of the name, or the track too.",
            )
        raise self._not_found(name)

    def select(self, name: str) -> tuple[Kata, ...]:
        """The katas of a track, or the one kata of that name.

        Raises:
            NotFoundError, AmbiguousError: as for `find`.
        """
        if any(kata.track == _cleaned(name) for kata in self.found.values()):
            return self.of_track(name)
        return (self.find(name),)

    def of_track(self, name: str) -> tuple[Kata, ...]:
        """The katas of a track.

        Raises:
            NotFoundError: there is no such track.
        """
        tracks = tuple(dict.fromkeys(kata.track for kata in self.katas))
        if _cleaned(name) not in tracks:
            raise NotFoundError(
                f"there is no track {name[:80]!r}", advice=f"There are: {', '.join(tracks)}."
            )
        return tuple(kata for kata in self.katas if kata.track == _cleaned(name))

    def _named(self, name: str) -> list[Kata]:
        """The katas of that name; where there is none, those whose names begin so."""
        cleaned = _cleaned(name)
        names = [(kata, (kata.name.lower(), kata.short.lower())) for kata in self.found.values()]
        exact = [kata for kata, known in names if cleaned in known]
        begun = [kata for kata, known in names if any(n.startswith(cleaned) for n in known)]
        return exact or (begun if cleaned else [])

    def _not_found(self, name: str) -> NotFoundError:
        katas = self.found.values()
        whose = {n: kata.name for kata in katas for n in (kata.short, kata.name)}
        whose |= {kata.track: kata.track for kata in katas}
        close = difflib.get_close_matches(_cleaned(name), list(whose), n=3)
        meant = {whose[n]: n for n in reversed(close)}  # each once, as it comes nearest
        return NotFoundError(
            f"there is no kata {name[:80]!r}",
            advice=f"Did you mean {' or '.join(reversed(meant.values()))}?"
            if meant
            else "`kata list` shows them all.",
        )


def _cleaned(name: str) -> str:
    """A name as it is compared: as a path below `katas/` is typed, in any case."""
    path = name.strip().lower().replace("-", "_")
    return path.removeprefix("./").removeprefix("katas/").rstrip("/")


def unknown_kata(path: Path, name: str, known: Iterable[str]) -> SpecError:
    """A file of the course names a kata that is not there."""
    close = difflib.get_close_matches(name, list(known), n=1)
    return SpecError(
        path,
        f"`{name}` names no kata of this course; write `track/kata`",
        line=line_of(path.read_text(encoding="utf-8"), name),
        advice=f"Did you mean {close[0]}?" if close else "",
    )


def built_in_root() -> Path:
    """The folder of the course that comes with this package.

    Inside it when installed from a wheel, beside it in a checkout.

    Raises:
        NotFoundError: it is missing.
    """
    package = Path(__file__).parents[1]
    for root in (package / "built_in", package.parent):
        if (root / "katas").is_dir():
            return root
    raise NotFoundError(
        "the built-in course is missing from this installation",
        advice="Install tensor-katas again.",
    )


def built_in_course() -> Course:
    """The course that comes with this package."""
    return Course(built_in_root())
