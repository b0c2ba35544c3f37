"""What a class has handed in: whose it is, for which kata, which attempt.

Names come from learning systems and browsers. What each of them does to a name is known here; a
pattern of one's own overrides it. Nothing is followed, unpacked to a disk or written.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from pathlib import PurePosixPath

from msgspec import Struct

from grader.classroom.members import Found, Member, Other, Trouble
from grader.errors import UsageError
from grader.submission.notebook import tagged_cells

SUFFIXES = (".py", ".ipynb")

MOODLE = re.compile(r"(?P<name>.+)_(?P<student>\d+)_assignsubmission_file_?")
CANVAS = re.compile(
    r"(?P<name>[^_/]+)(?P<late>_LATE)?_(?P<student>\d+)_(?P<submission>\d+)_(?P<file>.+)",
    re.IGNORECASE,
)
GRADESCOPE = re.compile(r"submission_(?P<student>\d+)")
_COPY = re.compile(
    r"(?:\s*\((?P<copy>\d{1,9})\)|-(?P<again>\d{1,9})|[ _-]+copy(?: ?\d+)?)$", re.IGNORECASE
)


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
    """

    handed: tuple[Handed, ...]
    left_out: tuple[str, ...]
    troubles: tuple[Trouble, ...]
    students: tuple[str, ...] = ()
    prose: tuple[Prose, ...] = ()
    others: tuple[str, ...] = ()


class _Place(Struct, frozen=True):
    """Whose file it is, and what is left of its name."""

    student: str
    file: str
    name: str = ""
    late: bool = False
    number: int = 0


def sort_out(
    members: Iterable[Found],
    katas: Sequence[str],
    *,
    pattern: str = "",
    notebooks_for: Sequence[str] = (),
    prose_for: Sequence[str] = (),
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

    Raises:
        UsageError: the pattern is no regular expression, or has no group `student`.
    """
    rule = _rule(pattern)
    short = {name.rpartition("/")[2].lower(): name for name in katas}
    found: list[tuple[_Place, str, Member]] = []
    left_out: list[str] = []
    troubles: list[Trouble] = []
    others: list[str] = []
    all_members = []
    for member in members:
        if isinstance(member, Trouble):
            troubles.append(member)
        elif isinstance(member, Other):
            others.append(member.origin)
        else:
            all_members.append(member)
    prefix = _shared_prefix([member.parts for member in all_members])
    students: dict[str, None] = {}
    for path in [member.parts for member in all_members] + [
        tuple(origin.split("/")) for origin in (*(one.origin for one in troubles), *others)
    ]:
        place, _ = _place(path, rule, prefix)
        if place is not None and len(path) > 1:
            students[place.student] = None
    prose: list[tuple[_Place, Prose]] = []
    for member in all_members:
        file = PurePosixPath(*member.parts)
        if file.suffix.lower() == ".md":
            place, asked = _place(member.parts, rule, prefix)
            wanted = _texts_for(member.parts, asked, prose_for, katas)
            taken = _prose(member, place, wanted)
            if not wanted:
                left_out.append(str(file))
            elif isinstance(taken, Trouble):
                troubles.append(taken)
            elif place is not None:
                _, number = _plain(file.stem)
                prose.append((_numbered(place, number), taken))
            continue
        if file.suffix.lower() not in SUFFIXES:
            left_out.append(str(file))
            continue
        place, asked = _place(member.parts, rule, prefix)
        if place is None:
            troubles.append(Trouble(str(file), "does not say whose it is"))
            continue
        stem, number = _plain(PurePosixPath(place.file).stem)
        kata = short.get((asked or stem).lower())
        wanted = [kata] if kata else []
        if file.suffix.lower() == ".ipynb":
            wanted = _notebook_is_for(member.data, katas, wanted, notebooks_for)
        if not wanted:
            left_out.append(str(file))
        for name in wanted:
            found.append((_numbered(place, number), name, member))
    handed = tuple(_attempts(found, troubles))
    prose.sort(key=lambda pair: (pair[1].student, pair[1].kata, pair[0].number, pair[1].origin))
    answers = tuple(one for _, one in prose)
    students |= dict.fromkeys(one.student for one in handed)
    students |= dict.fromkeys(one.student for one in answers)
    return Sorted(handed, tuple(left_out), tuple(troubles), tuple(students), answers, tuple(others))


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
    """The kata that a Python file or a notebook is named after, as browsers leave its name."""
    path = PurePosixPath(file)
    if path.suffix.lower() not in SUFFIXES:
        return None
    stem, _ = _plain(path.stem)
    return next((k for k in katas if k.rpartition("/")[2].lower() == stem.lower()), None)


def _texts_for(
    parts: tuple[str, ...], asked: str, texts: Sequence[str], graded: Sequence[str]
) -> list[str]:
    """The graded katas that a free text may be for."""
    said = {part.lower() for part in (asked, *parts[:-1])}
    named = [kata for kata in texts if said & {kata.lower(), kata.rpartition("/")[2].lower()}]
    return [kata for kata in named or texts if kata in graded]


def _prose(member: Member, place: _Place | None, katas: Sequence[str]) -> Prose | Trouble:
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


def _rule(pattern: str) -> re.Pattern[str] | None:
    if not pattern:
        return None
    try:
        rule = re.compile(pattern)
    except re.error as error:
        raise UsageError(f"--pattern is no regular expression: {error}") from None
    if "student" not in rule.groupindex:
        raise UsageError(
            "--pattern has no group `student`",
            advice="For example: --pattern '(?P<student>[^/]+)/(?P<kata>\\w+)\\.py'",
        )
    return rule


def _place(
    parts: tuple[str, ...], rule: re.Pattern[str] | None, prefix: str
) -> tuple[_Place | None, str]:
    """Whose a file is, and the kata that a pattern names; nobody's without an id."""
    place, kata = _named_place(parts, rule, prefix)
    return (place if place is not None and place.student else None), kata


def _named_place(
    parts: tuple[str, ...], rule: re.Pattern[str] | None, prefix: str
) -> tuple[_Place | None, str]:
    """Whose a file is, as its path says it."""
    path = "/".join(parts)
    if rule is not None:
        match = rule.fullmatch(path) or rule.match(path)
        if match is None or not match["student"]:
            return None, ""
        groups = {key: value or "" for key, value in match.groupdict().items()}
        attempt = groups.get("attempt", "")
        number = int(attempt) if attempt.isdecimal() and len(attempt) < 10 else 0
        file = groups.get("file") or parts[-1]
        student, name = _clean(groups["student"]), groups.get("name", "")
        return _Place(student, file, name, number=number), groups.get("kata", "")
    first, *rest = parts
    moodle = MOODLE.fullmatch(first)
    if moodle is not None:
        return _Place(_clean(moodle["student"]), parts[-1], moodle["name"]), ""
    canvas = CANVAS.fullmatch(first) if not rest else None
    if canvas is not None:
        student = _clean(canvas["student"])
        return _Place(student, canvas["file"], canvas["name"], bool(canvas["late"])), ""
    gradescope = GRADESCOPE.fullmatch(first)
    if gradescope is not None:
        return _Place(gradescope["student"], parts[-1]), ""
    if not rest:  # `alice.ipynb`, or a file that lies beside the students' folders
        stem = PurePosixPath(first).stem
        return (_Place(_clean(stem), first) if first.lower().endswith(".ipynb") else None), ""
    return _Place(_clean(first.removeprefix(prefix)), parts[-1]), ""


def _shared_prefix(paths: Sequence[tuple[str, ...]]) -> str:
    """What all students' folders begin with, up to a hyphen: `lstm-hw1-` of a classroom's."""
    tops = sorted({parts[0] for parts in paths if len(parts) > 1})
    if len(tops) < 2:
        return ""
    first, last = tops[0], tops[-1]
    same = next(
        (n for n, pair in enumerate(zip(first, last, strict=False)) if pair[0] != pair[1]), 0
    )
    cut = first[:same].rfind("-") + 1
    return first[:cut] if all(len(top) > cut for top in tops) else ""


def _plain(stem: str) -> tuple[str, int]:
    """A file's stem without what browsers and systems put behind it, and the number they put."""
    number = 0
    while match := _COPY.search(stem):
        number = max(number, int(match["copy"] or match["again"] or 0))
        stem = stem[: match.start()]
    return stem, number


def _numbered(place: _Place, number: int) -> _Place:
    return _Place(place.student, place.file, place.name, place.late, place.number or number)


def _attempts(
    found: Sequence[tuple[_Place, str, Member]], troubles: list[Trouble]
) -> Iterator[Handed]:
    """Attempts in order; files of one student and kata with equal bytes are one attempt."""
    groups: dict[tuple[str, str], list[tuple[_Place, Member]]] = {}
    for place, kata, member in found:
        groups.setdefault((place.student, kata), []).append((place, member))
    for (student, kata), members in sorted(groups.items()):
        members.sort(key=lambda pair: (pair[0].number, pair[1].parts))
        tops = sorted({member.parts[0] for _, member in members})
        numbers = [place.number for place, _ in members]
        if len(set(numbers)) < len(numbers):
            troubles.append(
                Trouble(
                    ", ".join("/".join(member.parts) for _, member in members)[:300],
                    f"are {len(members)} files of {student} for {kata}"
                    + (f", from {len(tops)} places" if len(tops) > 1 else "")
                    + "; each is an attempt, in the order of their names",
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
                member.parts[-1],
                "/".join(member.parts),
                member.data,
                unicodedata.normalize("NFC", place.name),
                place.late,
                member.at,
            )


def _clean(student: str) -> str:
    """An id as it is kept: normalised, and without what stands at its ends."""
    return unicodedata.normalize("NFC", student).strip()
