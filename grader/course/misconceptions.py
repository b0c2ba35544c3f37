"""Named wrong ways: `misconceptions.toml`."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from grader.course.toml import line_of, read_toml
from grader.errors import SpecError


class Edit(Struct, frozen=True, forbid_unknown_fields=True):
    """One edit of the solution, or of an alternative: `old` occurs there exactly once."""

    old: str
    new: str


class _Named(Struct, frozen=True, forbid_unknown_fields=True):
    id: str
    title: str
    caught_by: str
    message: str
    edits: tuple[Edit, ...] = ()
    of: str = ""
    file: str = ""
    aliases: tuple[str, ...] = ()
    not_diagnosed_because: str = ""


class Misconception(_Named, frozen=True, forbid_unknown_fields=True):
    """A named wrong way.

    Edits of the solution or a whole file, the check that catches it, and what the learner is told.
    With `of`, a path like `alternatives/one_step.py`, the edits are of that right answer instead.
    `family` is the id of the entry that it is a member of, as it is written, `{word}`s and all.
    """

    family: str = ""


class Entry(_Named, frozen=True, forbid_unknown_fields=True):
    """What stands under `[[misconception]]`: one of them, or with `members` a family.

    Each member gives its words, and `{word}` stands for them in all texts of the entry.
    """

    members: tuple[dict[str, str], ...] = ()


class MisconceptionsSpec(Struct, frozen=True, forbid_unknown_fields=True):
    """A `misconceptions.toml`."""

    misconception: tuple[Entry, ...] = ()


def read_misconceptions(path: Path) -> tuple[Misconception, ...]:
    """Read a `misconceptions.toml`; an absent file is an empty bank.

    Raises:
        SpecError: it is no TOML, or not what a misconceptions.toml holds.
    """
    if not path.exists():
        return ()
    text, spec = read_toml(path, MisconceptionsSpec)
    found = [one for entry in spec.misconception for one in _members_of(entry, path, text)]

    def wrong(item: Misconception, problem: str, *, last: bool = False) -> SpecError:
        return SpecError(path, problem, line=_line(text, item, last=last))

    seen: set[str] = set()
    for item in found:
        if not re.fullmatch(r"[a-z0-9_]+", item.id):
            raise wrong(item, f"id `{item.id}`: expected small letters, digits and underscores")
        if item.id in seen:
            raise wrong(item, f"id `{item.id}` is there twice", last=True)
        if bool(item.edits) == bool(item.file):
            raise wrong(item, f"`{item.id}` needs either edits or a file, and not both")
        if item.of and not item.edits:
            raise wrong(item, f"`{item.id}` says of what its edits are, and has none")
        seen.add(item.id)
    for item in found:
        for alias in item.aliases:
            if alias not in seen:
                raise wrong(item, f"`{item.id}` names the alias `{alias}`, which is not there")
    return tuple(found)


def _members_of(entry: Entry, path: Path, text: str) -> list[Misconception]:
    """The misconceptions that an entry stands for: itself, or its members.

    Raises:
        SpecError: the members have not the same words, or a word is nowhere in the entry.
    """
    written: dict[str, Any] = msgspec.to_builtins(entry)
    members = written.pop("members")

    def wrong(problem: str) -> SpecError:
        return SpecError(path, f"`{entry.id}`: {problem}", line=line_of(text, entry.id))

    for member in members:
        if member.keys() != members[0].keys():
            words = " and ".join(f"`{word}`" for word in member.keys() ^ members[0].keys())
            raise wrong(f"not every member gives {words}; each needs all")
        for word in member:
            if f"{{{word}}}" not in str(written):
                raise wrong(f"its members give `{word}`, and {{{word}}} is nowhere in it")
    each = [_filled(written, words) | {"family": entry.id} for words in members] or [written]
    return [msgspec.convert(one, Misconception) for one in each]


def _filled(value: Any, words: Mapping[str, str]) -> Any:
    """A tree of texts, each `{word}` replaced. Other braces, as code has them, stay."""
    if isinstance(value, str):
        for word, text in words.items():
            value = value.replace(f"{{{word}}}", text)
        return value
    if isinstance(value, Mapping):
        return {key: _filled(item, words) for key, item in value.items()}
    return [_filled(item, words) for item in value]


def _line(text: str, item: Misconception, *, last: bool = False) -> int | None:
    return line_of(text, item.family or item.id, last=last)


_Place = tuple[int, int, str, Misconception]
"""Where an edit begins and ends in the solution, its new text, and whose it is."""


def both_edited(
    one: Misconception, other: Misconception, rights: Mapping[str, str]
) -> tuple[Misconception, Misconception, bytes] | None:
    """A right answer with the edits of both, and both in the order in which these stand in it.

    That answer is the solution, or the alternative that one of them is an edit of.

    Args:
        one: a misconception.
        other: another one.
        rights: the text of the solution under "", and of alternatives as `of` names them.

    Returns:
        None where what they change overlaps, one builds on another, or one is no edit of that
        answer.
    """
    edited = {item.of for item in (one, other) if item.of}
    right = rights.get("".join(edited)) if len(edited) < 2 else None
    if right is None:
        return None
    places: list[_Place] = []
    for item in (one, other):
        if not item.edits:
            return None
        for edit in item.edits:
            if right.count(edit.old) != 1:
                return None
            before, behind = _in_common(edit.old, edit.new)
            start = right.index(edit.old)
            end = start + len(edit.old) - behind
            places.append((start + before, end, edit.new[before : len(edit.new) - behind], item))
    places.sort(key=lambda place: place[:2])
    made, at = "", 0
    for start, end, new, _ in places:
        if start < at:
            return None
        made += right[at:start] + new
        at = end
    first = places[0][3]
    return first, other if first is one else one, (made + right[at:]).encode()


def _in_common(old: str, new: str) -> tuple[int, int]:
    """How many characters two texts have in common in front, and how many more at the end."""
    before = _alike(old, new)
    return before, _alike(old[before:][::-1], new[before:][::-1])


def _alike(one: str, other: str) -> int:
    """How many characters two texts begin with alike; no word and no number is cut."""
    pairs = enumerate(zip(one, other, strict=False))
    shorter = min(len(one), len(other))
    length = next((number for number, (a, b) in pairs if a != b), shorter)
    while length and any(re.match(r"\w\w", text[length - 1 :]) for text in (one, other)):
        length -= 1
    return length


def mutant_source(item: Misconception, solution: Path, folder: Path) -> bytes:
    """The source of a misconception: the edited solution or alternative, or its own file.

    Raises:
        SpecError: an edit does not occur exactly once, or a file is missing.
    """
    toml = folder / "misconceptions.toml"

    def wrong(problem: str) -> SpecError:
        line = _line(toml.read_text(encoding="utf-8"), item)
        return SpecError(toml, f"`{item.id}`: {problem}", line=line)

    named = item.file or item.of
    path = folder / named if named else solution
    if named and not path.is_file():
        raise wrong(f"there is no file {named}")
    source = path.read_text(encoding="utf-8")
    for edit in item.edits:
        count = source.count(edit.old)
        if count != 1:
            raise wrong(
                f"the edit's `old` occurs {count} times in {path.name}, expected exactly once: "
                f"{edit.old.strip()[:80]!r}"
            )
        source = source.replace(edit.old, edit.new)
    return source.encode()
