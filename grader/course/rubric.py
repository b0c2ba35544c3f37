"""Free text: what a person marks, by which criteria, and what a mark is.

Beside some stubs stand `answers.md`, a template with one heading for each question, and
`rubric.toml`, the criteria with their levels and points. A learner fills in the one, a person reads
it by the other, and each decision is a `Mark`. Nothing here decides about a text.

docs/rubrics.md describes the formats.
"""

import hashlib
import os
import re
import stat
from collections.abc import Iterable, Mapping
from enum import StrEnum
from pathlib import Path

import msgspec
from msgspec import Struct

from grader.course.toml import line_of, read_toml
from grader.data.files import from_json
from grader.errors import SpecError

RUBRIC_FILE = "rubric.toml"
ANSWERS_FILE = "answers.md"
MARKS_FILE = "marks.jsonl"
MAX_FILE_BYTES = 1 << 20
MAX_ANSWER_CHARACTERS = 1 << 16
MAX_COMMENT_CHARACTERS = 1 << 14

_NAME = re.compile(r"[a-z][a-z0-9_]*")


class Level(Struct, frozen=True, forbid_unknown_fields=True):
    """How well a criterion can be met: a short name, points, and what such an answer is like."""

    name: str
    points: int
    description: str


class Criterion(Struct, frozen=True, forbid_unknown_fields=True):
    """One thing that a person looks for, below one heading of `answers.md`."""

    id: str
    section: str
    looks_for: str
    levels: tuple[Level, ...]

    @property
    def max_points(self) -> int:
        """The best level's points."""
        return self.levels[-1].points

    def level(self, name: str) -> Level | None:
        """Return the level of that name."""
        return next((level for level in self.levels if level.name == name), None)


class Rubric(Struct, frozen=True, forbid_unknown_fields=True):
    """A `rubric.toml`."""

    criterion: tuple[Criterion, ...]

    @property
    def max_points(self) -> int:
        """The sum over all criteria."""
        return sum(criterion.max_points for criterion in self.criterion)

    def find(self, criterion_id: str) -> Criterion | None:
        """Return the criterion of that id."""
        return next((item for item in self.criterion if item.id == criterion_id), None)


class Mark(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one person decided about one criterion of one submission.

    Args:
        submission: whose answer it is: a student's id, or the file's name.
        kata: `track/kata`.
        criterion: the criterion's id.
        level: the level's name.
        points: the level's points; a person may give others between 0 and the criterion's best, and
            then says why in the comment.
        comment: for the learner.
        marker: who marked.
        answer: the fingerprint of the text that was read (see `fingerprint`), so that a later
            change is noticed.

    """

    submission: str
    kata: str
    criterion: str
    level: str
    points: float
    comment: str = ""
    marker: str = ""
    answer: str = ""


class State(StrEnum):
    """Where one criterion of one submission stands."""

    UNANSWERED = "unanswered"
    WAITING = "waiting"
    CHANGED = "changed"
    MARKED = "marked"


class Standing(Struct, frozen=True):
    """One criterion of one submission: its state, and its mark if there is one."""

    criterion: Criterion
    state: State
    mark: Mark | None = None


class MarkError(ValueError):
    """A mark does not fit its rubric: what is wrong, in one sentence."""


def read_rubric(path: Path) -> Rubric:
    """Read a `rubric.toml`, and hold it against the `answers.md` beside it.

    Raises:
        SpecError: one of the two is missing or is not what it should be; with the line where that
            can be told.

    """
    text, rubric = read_toml(path, Rubric)
    template = path.with_name(ANSWERS_FILE)
    try:
        headings = set(sections(template.read_text("utf-8")))
    except (OSError, UnicodeDecodeError) as error:
        raise SpecError(template, f"cannot be read: {error}") from None
    if not rubric.criterion:
        raise SpecError(path, "holds no [[criterion]]; expected at least one")
    seen: set[str] = set()
    for item in rubric.criterion:
        for problem in _problems(item, seen, headings):
            raise SpecError(path, f"criterion `{item.id}`: {problem}", line=line_of(text, item.id))
        seen.add(item.id)
    unread = headings - {item.section for item in rubric.criterion}
    if unread:
        heading = min(unread)
        found = f"the heading {heading!r} is read by no criterion of {path.name}"
        raise SpecError(template, found, line=line_of(template.read_text("utf-8"), heading))
    return rubric


def _problems(item: Criterion, seen: set[str], headings: set[str]) -> Iterable[str]:
    if not _NAME.fullmatch(item.id):
        yield "an id is made of small letters, digits and underscores, and begins with a letter"
    if item.id in seen:
        yield "the id is there twice"
    if item.section not in headings:
        known = ", ".join(sorted(headings)) or "none"
        yield f"{ANSWERS_FILE} has no heading `## {item.section}`; it has: {known}"
    if not item.looks_for.strip():
        yield "`looks_for` is empty"
    if len(item.levels) < 2:
        yield f"it has {len(item.levels)} levels, expected at least 2"
    names = [level.name for level in item.levels]
    if len(set(names)) < len(names):
        yield f"two levels have one name: {', '.join(names)}"
    points = [level.points for level in item.levels]
    if points and (points[0] != 0 or sorted(set(points)) != points):
        given = ", ".join(map(str, points))
        yield f"its levels are worth {given}: expected 0 first, then always more"
    for level in item.levels:
        if not level.name.strip() or not level.description.strip():
            yield f"level `{level.name}` needs a name and a description"


_HEADING = re.compile(r"^## (.*)$", re.MULTILINE)


def sections(text: str) -> dict[str, str]:
    """Return the text below each second-level heading (`## ...`) of a Markdown text.

    A heading that is there twice counts once: the texts are joined.
    """
    parts = _HEADING.split(text.replace("\r\n", "\n"))
    found: dict[str, list[str]] = {}
    for line, body in zip(parts[1::2], parts[2::2], strict=True):
        heading = line.strip(" ").rstrip("#").rstrip(" ")
        found.setdefault(heading, []).append(body.strip("\n"))
    return {heading: "\n".join(filter(None, bodies)) for heading, bodies in found.items()}


def answer_to(section: str, answers: str, template: str) -> str:
    """Return what a learner wrote below a heading: the template's own lines are not theirs.

    Args:
        section: the heading.
        answers: the learner's `answers.md`.
        template: the kata's.

    """
    given = {line.strip() for line in sections(template).get(section, "").splitlines()}
    lines = sections(answers).get(section, "").splitlines()
    own = "\n".join(
        line.rstrip() for line in lines if line.strip() not in given or not line.strip()
    )
    return own.strip()[:MAX_ANSWER_CHARACTERS]


def fingerprint(answer: str) -> str:
    """Return a short fingerprint of an answer; space does not matter."""
    return hashlib.sha256(" ".join(answer.split()).encode("utf-8", "replace")).hexdigest()[:16]


def standings(
    rubric: Rubric, answers: str, template: str, marks: Iterable[Mark] = ()
) -> list[Standing]:
    """Return where each criterion of one submission stands.

    Args:
        rubric: the kata's.
        answers: the learner's `answers.md`; an empty text if there is none.
        template: the kata's.
        marks: this submission's marks for this kata; of two for one criterion the later one counts.

    """
    latest: Mapping[str, Mark] = {mark.criterion: mark for mark in marks}
    found = []
    for item in rubric.criterion:
        answer = answer_to(item.section, answers, template)
        mark = latest.get(item.id)
        if mark is not None:
            changed = bool(mark.answer) and mark.answer != fingerprint(answer)
            state = State.CHANGED if changed else State.MARKED
        else:
            state = State.WAITING if answer else State.UNANSWERED
        found.append(Standing(item, state, mark))
    return found


def check_mark(rubric: Rubric, mark: Mark) -> None:
    """Hold a mark against its rubric.

    Raises:
        MarkError: it names no criterion or level, or gives points that it may not give.

    """
    item = rubric.find(mark.criterion)
    if item is None:
        known = ", ".join(known.id for known in rubric.criterion)
        raise MarkError(f"there is no criterion {mark.criterion[:40]!r}; there are: {known}")
    level = item.level(mark.level)
    if level is None:
        known = ", ".join(known.name for known in item.levels)
        raise MarkError(f"{item.id} has no level {mark.level[:40]!r}; it has: {known}")
    if not 0 <= mark.points <= item.max_points:  # also refuses NaN
        raise MarkError(f"{item.id} gives 0 to {item.max_points} points, not {mark.points}")
    if mark.points != level.points and not mark.comment.strip():
        raise MarkError(
            f"{item.id}: {level.name!r} is worth {level.points} points, not {mark.points}; "
            "say in the comment why"
        )
    if len(mark.comment) > MAX_COMMENT_CHARACTERS:
        raise MarkError(f"{item.id}: a comment has at most {MAX_COMMENT_CHARACTERS:,} characters")


def encode_marks(marks: Iterable[Mark]) -> bytes:
    """Return marks as JSON Lines: one object a line, in the order in which they were given."""
    return b"".join(msgspec.json.encode(mark) + b"\n" for mark in marks)


def decode_marks(data: bytes, *, source: Path) -> list[Mark]:
    """Read marks from JSON Lines; empty lines are skipped.

    Args:
        data: the file's bytes.
        source: the file, for messages.

    Raises:
        SpecError: a line is no mark; with its number.

    """
    marks = []
    for number, line in enumerate(data.split(b"\n"), start=1):
        if line.strip():
            try:
                marks.append(from_json(line, Mark))
            except msgspec.MsgspecError as error:
                raise SpecError(source, f"is no mark: {error}", line=number) from None
    return marks


def standings_in(kata: str, rubric: Path, folder: Path) -> list[Standing]:
    """Return where each criterion of a kata stands, for the files beside a submission.

    The files are the learner's `answers.md` and, once a person has marked it, `marks.jsonl`. They
    are strangers' files: a link, a file over 1 MiB and what is no text count as if they were not
    there, and so does a mark of another kata or one that does not fit the rubric.

    Args:
        kata: `track/kata`.
        rubric: the kata's `rubric.toml`.
        folder: where the submission is.

    Raises:
        SpecError: the rubric or the template beside it is not what it should be.

    """
    if rubric.parent.samefile(folder):
        return []  # the course's own files: the template is no answer
    known = read_rubric(rubric)
    template = rubric.with_name(ANSWERS_FILE).read_text("utf-8")
    answers = _strangers_text(folder / ANSWERS_FILE)
    return standings(known, answers, template, _fitting(kata, known, folder / MARKS_FILE))


def _fitting(kata: str, rubric: Rubric, path: Path) -> list[Mark]:
    marks = []
    for line in _strangers_text(path).splitlines():
        try:
            mark = from_json(line.encode(), Mark)
            check_mark(rubric, mark)
        except (msgspec.MsgspecError, MarkError):
            continue
        if mark.kata == kata:
            marks.append(mark)
    return marks


def _strangers_text(path: Path) -> str:
    """Return what a file holds, or an empty text if it can't be read as one."""
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        with open(path, "rb", opener=lambda name, _: os.open(name, flags)) as file:
            regular = stat.S_ISREG(os.fstat(file.fileno()).st_mode)
            data = file.read(MAX_FILE_BYTES + 1) if regular else b""
        return data.decode("utf-8-sig") if len(data) <= MAX_FILE_BYTES else ""
    except (OSError, UnicodeDecodeError):
        return ""
