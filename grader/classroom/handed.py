"""What a class has handed in: whose it is, for which kata, which attempt.

Names come from learning systems and browsers: see `grader.classroom.layouts`. Nothing is followed,
unpacked to a disk or written.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import PurePosixPath

from msgspec import Struct
from msgspec.structs import replace

from grader.classroom import gradescope
from grader.classroom.layouts import Layout, Place, kata_word, own_name, plain_stem, saved_name
from grader.classroom.matching import fold
from grader.classroom.members import Found, Member, Other, Trouble
from grader.submission.notebook import tagged_cells

SUFFIXES = (".py", ".ipynb")


class Handed(Struct, frozen=True):
    """One attempt of one student at one kata.

    Args:
        student: the student's id, as the place says it; normalised (NFC).
        name: the student's name, where the place says it.
        kata: `track/kata`.
        attempt: from 1, in the order of what a browser or a system numbered.
        file: the file's own name.
        origin: where it came from, inside what was given.
        data: its bytes.
        late: whether the system marked it as late.
        at: when it was last changed, as the class' archive says; see `Member`.
    """

    student: str
    kata: str
    attempt: int
    file: str
    origin: str
    data: bytes
    name: str = ""
    late: bool = False
    at: str = ""


class Prose(Struct, frozen=True):
    """One `answers.md` of one student: free text for one kata, which a person marks.

    `student`, `name` and `origin` are as in `Handed`; `text` is what the file says.
    """

    student: str
    kata: str
    origin: str
    text: str
    name: str = ""


class Sorted(Struct, frozen=True):
    """What was found.

    Args:
        handed: attempts.
        prose: answers in free text; of several of a student for one kata the last one counts.
        left_out: files that belong to no kata.
        others: files of other kinds.
        troubles: what could not be taken, and why.
        students: everybody who has a place there, also with nothing in it that can be taken.
        notes: what was concluded from names, and may be wrong.
    """

    handed: tuple[Handed, ...]
    left_out: tuple[str, ...]
    troubles: tuple[Trouble, ...]
    students: tuple[str, ...] = ()
    prose: tuple[Prose, ...] = ()
    others: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def sort_out(
    members: Iterable[Found],
    katas: Sequence[str],
    *,
    pattern: str = "",
    notebooks_for: Sequence[str] = (),
    prose_for: Sequence[str] = (),
    course: Sequence[str] = (),
    known: Collection[str] = (),
    enrolled: Collection[str] = (),
) -> Sorted:
    """Whose files these are, and for which katas.

    Args:
        members: files below what was given, and what could not be read.
        katas: names of the katas, `track/kata`, that are graded.
        pattern: a regular expression over the path, with the group `student` and, if one likes,
            `name`, `kata`, `attempt` and `file`; for layouts that are not known.
        notebooks_for: katas that a notebook of any name answers, if its cells are not tagged for
            some.
        prose_for: katas of the course that ask for free text. An `answers.md` belongs to the one
            that a folder of its path is named after, or else to the only one that is graded.
        course: names of all katas of the course, if those are more.
        known: ids of students who are known from elsewhere. Who is found under another spelling of
            one has that id.
        enrolled: those whom a roster names; known, too.

    Raises:
        UsageError: the pattern is no regular expression, or has no group `student`.
    """
    short = {name.rpartition("/")[2].lower(): name for name in katas}
    found: list[tuple[Place, str, Member]] = []
    left_out: list[str] = []
    troubles: list[Trouble] = []
    others: list[str] = []
    all_members = []
    metadata: list[Member] = []
    for member in members:
        if isinstance(member, Trouble):
            troubles.append(member)
        elif isinstance(member, Other):
            others.append(member.origin)
        elif member.parts[-1] == gradescope.FILE:
            metadata.append(member)
        else:
            # What belongs to no kata is named at the end; its bytes would take memory until then.
            all_members.append(member if pattern or _may_count(member, short) else _empty(member))
    paths = [member.parts for member in all_members]
    inside = [parts for one in others if len(parts := tuple(one.split("/"))) > 1]
    inside += [one.place for one in troubles if one.place]
    known = {*known, *enrolled}
    layout = Layout(
        [*paths, *inside], course or katas, pattern=pattern, known=known, enrolled=enrolled
    )
    for member in metadata:
        if member.parts[:-1] == layout.within and not pattern:
            layout.submissions = gradescope.read_metadata(member.data)
        else:
            others.append("/".join(member.parts))
    where = {path: layout.places(path) for path in paths}
    asides = [*(tuple(one.origin.split("/")) for one in troubles if not one.place), *inside]
    there = [one for path in paths if len(path) > 1 for one in where[path]]
    there += [one for path in asides if len(path) > 1 for one in layout.places(path)]
    every = [one.student for ones in (*where.values(), there) for one in ones]
    spelt = _spelt(set(every), known)
    where = {
        path: [replace(one, student=spelt[one.student]) for one in ones]
        for path, ones in where.items()
    }
    students = dict.fromkeys(spelt[one.student] for one in there)
    prose: list[tuple[Place, Prose]] = []
    for member in all_members:
        file = PurePosixPath(*member.parts)
        places = where[member.parts]
        place = places[0] if places else None
        kind = PurePosixPath(saved_name(file.name)).suffix.lower()
        if kind == ".md":
            wanted = _texts_for(member.parts, place.kata if place else "", prose_for, katas)
            if not wanted:
                left_out.append(str(file))
                continue
            for owner in places or (None,):
                taken = _prose(member, owner, wanted)
                if isinstance(taken, Trouble):
                    troubles.append(taken)
                elif owner is not None:
                    prose.append((_numbered(owner, file.name), taken))
            continue
        if kind not in SUFFIXES:
            left_out.append(str(file))
            continue
        if place is None:
            troubles.append(Trouble(str(file), "does not say whose it is"))
            continue
        kata = short.get(place.kata.lower() or kata_word(place.file))
        if kata and _is_the_courses(member.parts, kata):
            what = "lies where a course keeps its own solutions; it is left out"
            troubles.append(Trouble(str(file), what))
            continue
        wanted = [kata] if kata else []
        if kind == ".ipynb":
            wanted = _notebook_is_for(member.data, katas, wanted, notebooks_for)
        if not wanted:
            left_out.append(str(file))
        for name in wanted:
            found += [(_numbered(owner, owner.file), name, member) for owner in places]
    handed = tuple(_attempts(found, troubles))
    prose.sort(key=lambda pair: (pair[1].student, pair[1].kata, pair[0].number, pair[1].origin))
    answers = tuple(one for _, one in prose)
    students |= dict.fromkeys(one.student for one in handed)
    students |= dict.fromkeys(one.student for one in answers)
    return Sorted(
        handed,
        tuple(left_out),
        tuple(troubles),
        tuple(students),
        answers,
        tuple(others),
        tuple(_notes(layout, spelt)),
    )


def _may_count(member: Member, katas: Collection[str]) -> bool:
    """Whether a file may be for one of the katas, as far as its name says."""
    name = re.sub("[- ]", "_", member.parts[-1].lower())
    folders = {part.lower() for part in member.parts[:-1]}
    return (
        saved_name(name).endswith((".ipynb", ".md"))
        or any(kata in name for kata in katas)
        or not folders.isdisjoint(katas)
    )


def _is_the_courses(parts: Sequence[str], kata: str) -> bool:
    """Whether a file is the course's own solution, in a copy of the whole course."""
    own = ("solutions", *kata.lower().split("/"))
    folders = tuple(part.lower() for part in parts[:-1])
    return any(folders[n : n + len(own)] == own for n in range(len(folders)))


def _empty(member: Member) -> Member:
    return Member(member.parts, b"", member.at)


def _spelt(students: Collection[str], known: Collection[str]) -> dict[str, str]:
    """For each student who was found their id: a known one, where that is written otherwise."""
    by_fold: dict[str, list[str]] = {}
    for one in sorted(set(known)):
        by_fold.setdefault(fold(one), []).append(one)
    spelt = {}
    for one in students:
        alike = by_fold.get(fold(one), [])
        other = len(alike) == 1 and one not in known and alike[0] not in students
        spelt[one] = alike[0] if other else one
    return spelt


def _notes(layout: Layout, spelt: dict[str, str]) -> Iterator[str]:
    if layout.within:
        yield f"all of it lies in {'/'.join(layout.within)}, which is taken for the class' folder"
    if layout.prefix:
        yield f"{layout.prefix!r} in front of students' folders is left out of their names"
    by_fold: dict[str, list[str]] = {}
    for one, known in sorted(spelt.items()):
        by_fold.setdefault(fold(known), []).append(known)
        if one != known:
            yield f"{one} is taken for {known}"
    for alike in by_fold.values():
        if len(names := list(dict.fromkeys(alike))) > 1:
            yield f"{' and '.join(names)} are two students whose ids are written nearly alike"


def _notebook_is_for(
    data: bytes, katas: Sequence[str], named: list[str], otherwise: Sequence[str]
) -> list[str]:
    """The graded katas that a notebook answers: by its cells' tags, or its name, or `otherwise`.

    One whose cells are tagged for other katas answers none.
    """
    cells = tagged_cells(data)
    tagged = [kata for kata in katas if any(cell.is_for(kata) for cell in cells)]
    return tagged or named or ([] if cells else list(otherwise))


def kata_of_file(file: str, katas: Sequence[str]) -> str | None:
    """The kata that a file is named after, as browsers and systems leave its name."""
    if PurePosixPath(saved_name(file)).suffix.lower() not in SUFFIXES:
        return None
    stems = {kata_word(name) for name in (file, own_name(file))}
    return next((k for k in katas if k.rpartition("/")[2].lower() in stems), None)


def _texts_for(
    parts: tuple[str, ...], asked: str, texts: Sequence[str], graded: Sequence[str]
) -> list[str]:
    """The graded katas that a free text may be for."""
    said = {part.lower() for part in (asked, *parts[:-1])}
    named = [kata for kata in texts if said & {kata.lower(), kata.rpartition("/")[2].lower()}]
    return [kata for kata in named or texts if kata in graded]


def _prose(member: Member, place: Place | None, katas: Sequence[str]) -> Prose | Trouble:
    """A free text, and the kata that it is for."""
    origin = "/".join(member.parts)
    if place is None:
        return Trouble(origin, "does not say whose it is")
    if len(katas) != 1:
        return Trouble(origin, "does not say for which kata it is; put it into a folder named so")
    try:
        text = member.data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return Trouble(origin, "is no text in UTF-8; it is left out")
    name = unicodedata.normalize("NFC", place.name)
    return Prose(place.student, katas[0], origin, text, name)


def _numbered(place: Place, file: str) -> Place:
    return replace(place, number=place.number or plain_stem(file)[1])


def _moments(times: Sequence[str]) -> list[datetime] | None:
    """When files were handed in, if that says which of them is the later one."""
    if len(times) < 2 or not all(times):
        return None
    found = [datetime.fromisoformat(at) for at in times]
    one_clock = len({at.tzinfo is None for at in found}) == 1
    return found if one_clock and len(set(found)) > 1 else None


def _attempts(
    found: Sequence[tuple[Place, str, Member]], troubles: list[Trouble]
) -> Iterator[Handed]:
    """Attempts in order; files of one student and kata with equal bytes are one attempt."""
    groups: dict[tuple[str, str], list[tuple[Place, Member]]] = {}
    for place, kata, member in found:
        groups.setdefault((place.student, kata), []).append((place, member))
    for (student, kata), members in sorted(groups.items()):
        members.sort(key=lambda pair: (pair[0].number, pair[1].parts))
        moments = _moments([place.at or member.at for place, member in members])
        if moments is not None:
            by_time = sorted(zip(members, moments, strict=True), key=lambda one: one[1])
            members = sorted((pair for pair, _ in by_time), key=lambda pair: pair[0].number)
        tops = sorted({member.parts[0] for _, member in members})
        numbers = [place.number for place, _ in members]
        if len(set(numbers)) < len(numbers):
            troubles.append(
                Trouble(
                    ", ".join("/".join(member.parts) for _, member in members)[:300],
                    f"are {len(members)} files of {student} for {kata}"
                    + (f", from {len(tops)} places" if len(tops) > 1 else "")
                    + "; each is an attempt, in the order of their "
                    + ("times" if moments else "names"),
                )
            )
        seen: set[bytes] = set()
        attempt = 0
        for place, member in members:
            if member.data in seen:
                continue
            seen.add(member.data)
            attempt += 1
            yield Handed(
                student,
                kata,
                attempt,
                saved_name(member.parts[-1]),
                "/".join(member.parts),
                member.data,
                unicodedata.normalize("NFC", place.name),
                place.late,
                place.at or member.at,
            )
