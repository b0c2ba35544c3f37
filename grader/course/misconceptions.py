"""Named wrong ways: `misconceptions.toml`."""

import re
from pathlib import Path

from msgspec import Struct

from grader.course.toml import line_of, read_toml
from grader.errors import SpecError


class Edit(Struct, frozen=True, forbid_unknown_fields=True):
    """One edit of the solution: `old` occurs there exactly once."""

    old: str
    new: str


class Misconception(Struct, frozen=True, forbid_unknown_fields=True):
    """A named wrong way.

    Edits of the solution or a whole file, the check that catches it, and what the learner is told.
    """

    id: str
    title: str
    caught_by: str
    message: str
    edits: tuple[Edit, ...] = ()
    file: str = ""
    aliases: tuple[str, ...] = ()
    not_diagnosed_because: str = ""


class MisconceptionsSpec(Struct, frozen=True, forbid_unknown_fields=True):
    """A `misconceptions.toml`."""

    misconception: tuple[Misconception, ...] = ()


def read_misconceptions(path: Path) -> tuple[Misconception, ...]:
    """Read a `misconceptions.toml`; an absent file is an empty bank.

    Raises:
        SpecError: it is no TOML, or not what a misconceptions.toml holds.
    """
    if not path.exists():
        return ()
    text, spec = read_toml(path, MisconceptionsSpec)
    seen: set[str] = set()
    for item in spec.misconception:
        line = line_of(text, item.id)
        if not re.fullmatch(r"[a-z0-9_]+", item.id):
            raise SpecError(
                path, f"id `{item.id}`: expected small letters, digits and underscores", line=line
            )
        if item.id in seen:
            line = line_of(text, item.id, last=True)
            raise SpecError(path, f"id `{item.id}` is there twice", line=line)
        if bool(item.edits) == bool(item.file):
            raise SpecError(
                path, f"`{item.id}` needs either edits or a file, and not both", line=line
            )
        seen.add(item.id)
    for item in spec.misconception:
        for alias in item.aliases:
            if alias not in seen:
                raise SpecError(
                    path,
                    f"`{item.id}` names the alias `{alias}`, which is not there",
                    line=line_of(text, item.id),
                )
    return spec.misconception


def both_edited(
    one: Misconception, other: Misconception, solution: str
) -> tuple[Misconception, Misconception, bytes] | None:
    """The solution with the edits of both, and both in the order in which these stand in it.

    None where their edits overlap, one builds on another, or one is a whole file.
    """
    places = []
    for item in (one, other):
        if not item.edits:
            return None
        for edit in item.edits:
            if solution.count(edit.old) != 1:
                return None
            start = solution.index(edit.old)
            places.append((start, start + len(edit.old), edit.new, item))
    places.sort(key=lambda place: place[0])
    made, at = "", 0
    for start, end, new, _ in places:
        if start < at:
            return None
        made += solution[at:start] + new
        at = end
    first = places[0][3]
    return first, other if first is one else one, (made + solution[at:]).encode()


def mutant_source(item: Misconception, solution: Path, folder: Path) -> bytes:
    """The source of a misconception: the edited solution, or its own file.

    Raises:
        SpecError: an edit does not occur exactly once, or the file is missing.
    """
    toml = folder / "misconceptions.toml"
    if item.file:
        path = folder / item.file
        if not path.is_file():
            raise SpecError(
                toml,
                f"`{item.id}`: there is no file {item.file}",
                line=line_of(toml.read_text(encoding="utf-8"), item.id),
            )
        return path.read_bytes()
    source = solution.read_text(encoding="utf-8")
    for edit in item.edits:
        count = source.count(edit.old)
        if count != 1:
            raise SpecError(
                toml,
                f"`{item.id}`: the edit's `old` occurs {count} times in {solution.name}, "
                f"expected exactly once: {edit.old.strip()[:80]!r}",
                line=line_of(toml.read_text(encoding="utf-8"), item.id),
            )
        source = source.replace(edit.old, edit.new)
    return source.encode()
