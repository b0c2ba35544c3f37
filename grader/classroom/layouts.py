"""Whose a file is, as its path says it: what systems, browsers and people do to names."""

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import PurePosixPath

from msgspec import Struct
from msgspec.structs import replace

from grader.classroom.gradescope import Submission, Submitter
from grader.classroom.matching import fold
from grader.errors import UsageError

Parts = tuple[str, ...]

MOODLE = re.compile(
    r"(?P<name>.+?)(?:_(?P<student>\d+))?_assignsubmission_[a-z]+(?:_(?P<file>.*))?"
)
"""A folder for each student, or what stands before the name of each file; a group without a number
is everybody who is in none."""
CANVAS = re.compile(
    r"(?:(?P<name>[^/]+?)_)??(?P<late>LATE_)?(?P<student>(?<=_)\d+|anon_[0-9A-Za-z]+)"
    r"_(?P<submission>\d+)_(?P<file>.+)",
    re.IGNORECASE,
)
GRADESCOPE = re.compile(r"submission_(?P<student>\d+)")
_COPY = re.compile(
    r"(?:\s*\((?P<copy>\d{1,9})\)|\[(?P<square>\d{1,9})\]|-(?P<again>\d{1,9})| (?P<apart>\d{1,9})"
    r"|\s*\((?:\w+ )?copy\)|[ _-]+copy(?: ?\d+)?)$",
    re.IGNORECASE,
)
_COPY_OF = re.compile(r"copy of ", re.IGNORECASE)
_SAVED_AS = re.compile(r"(?<=\.py)\.(?:txt|py)$|(?<=\.ipynb)\.(?:txt|json)$", re.IGNORECASE)
_OF_A_COURSE = ("katas", "solutions")


class Place(Struct, frozen=True):
    """Whose a file is.

    Args:
        student: an id, normalised (NFC).
        file: what is left of the file's name.
        name: the student's name, where the path says it.
        late: whether the system marked it as late.
        number: what a system or a browser numbered it with; 0 for the first.
        kata: what a pattern or a folder says that it is for, as it says it.
        at: when it was handed in, where the system says it; see `Member`.
    """

    student: str
    file: str
    name: str = ""
    late: bool = False
    number: int = 0
    kata: str = ""
    at: str = ""


class Layout:
    """How a class lies in its folder or archive, as far as that shows in all of its paths.

    Args:
        paths: those of all files.
        katas: `track/kata`, all of the course.
        pattern: a regular expression over the path, see `grader.classroom.handed.sort_out`.
        known: ids of students who are known from elsewhere.
        enrolled: those of them whom a roster names: a folder of such a name is a student's.

    `submissions` says whose the folders of Gradescope are, where an export says it.

    Raises:
        UsageError: the pattern is no regular expression, or has no group `student`.
    """

    def __init__(
        self,
        paths: Collection[Parts],
        katas: Sequence[str],
        *,
        pattern: str = "",
        known: Collection[str] = (),
        enrolled: Collection[str] = (),
    ) -> None:
        self._rule = _rule(pattern)
        self._katas = {kata.rpartition("/")[2].lower() for kata in katas}
        self._words = self._katas | {kata.partition("/")[0].lower() for kata in katas}
        self._enrolled = {fold(one) for one in enrolled}
        self._known = {fold(one) for one in known} | self._enrolled
        self.submissions: Mapping[str, Submission] = {}
        self.within: Parts = ()
        self._by_kata = self._canvas_folders = False
        self._plain: set[str] = set()
        self.prefix = ""
        if self._rule is None:
            inner = list(paths)
            while not self._are_katas(inner) and (top := self._around(inner)):
                self.within = (*self.within, top)
                inner = [path[1:] for path in inner]
            self._by_kata = self._are_katas(inner)
            inner = [self._inner(path)[0] for path in paths]
            folders = [path[0] for path in inner if len(path) > 1]
            self._canvas_folders = _are_canvas(folders)
            self.prefix = self._shared_prefix(folders)
            self._plain = {*folders, *(_stem(path[0]) for path in inner if len(path) == 1)}

    def places(self, parts: Parts) -> list[Place]:
        """Whose a file is: nobody's where that is not said, and several people's of a group."""
        found = self._by_rule(parts) if self._rule is not None else self._by_layout(parts)
        if found is None or not found.student:
            return []
        inner = parts[len(self.within) :]
        submission = self.submissions.get(inner[0]) if self._rule is None else None
        if submission is None or GRADESCOPE.fullmatch(inner[0]) is None:
            return [found]
        ids = [self._id_of(one) for one in submission.submitters]
        return [
            replace(found, student=student, name=one.name, at=submission.at)
            for student, one in zip(ids, submission.submitters, strict=True)
            if student
        ] or [replace(found, at=submission.at)]

    def _id_of(self, one: Submitter) -> str:
        """An id that is known, else the student's number, else the address."""
        ids = [said for said in map(_clean, (one.sid, one.email)) if said]
        return next((said for said in ids if fold(said) in self._known), (*ids, "")[0])

    def _by_rule(self, parts: Parts) -> Place | None:
        assert self._rule is not None
        path = "/".join(parts)
        match = self._rule.fullmatch(path) or self._rule.match(path)
        if match is None or not match["student"]:
            return None
        groups = {key: value or "" for key, value in match.groupdict().items()}
        attempt = groups.get("attempt", "")
        number = int(attempt) if attempt.isdecimal() and len(attempt) < 10 else 0
        return Place(
            _clean(groups["student"]),
            groups.get("file") or parts[-1],
            groups.get("name", ""),
            number=number,
            kata=groups.get("kata", ""),
        )

    def _by_layout(self, parts: Parts) -> Place | None:
        if parts[: len(self.within)] != self.within or len(parts) == len(self.within):
            return None
        inner, kata = self._inner(parts)
        first, *rest = inner
        system = _of_system(inner, folders=self._canvas_folders)
        if system is not None:
            return system
        if rest:
            name, number = self._without_copy(first)
            return Place(_clean(name.removeprefix(self.prefix)), parts[-1], number=number)
        # A file that lies beside the students' folders: `alice.ipynb`, `lstm_cell/alice.py`.
        name, number = self._without_copy(_stem(first))
        kind = PurePosixPath(saved_name(first)).suffix
        if kata_word(first) in self._words:
            return None
        if kata:
            return Place(_clean(name), f"{kata}{kind}", number=number)
        return Place(_clean(name), first, number=number) if kind.lower() == ".ipynb" else None

    def _without_copy(self, name: str) -> tuple[str, int]:
        """A student's name without the number of a browser's copy, where the first is there too."""
        match = re.fullmatch(r"(.+?)\s*\((\d{1,9})\)", name)
        return (match[1], int(match[2])) if match and match[1] in self._plain else (name, 0)

    def _inner(self, parts: Parts) -> tuple[Parts, str]:
        """What is left of a path below what holds all students, and the kata that holds them."""
        inner, kata = parts[len(self.within) :], ""
        while len(inner) > 1 and inner[0].lower() in self._words and self._by_kata:
            kata = inner[0].lower() if inner[0].lower() in self._katas else kata
            inner = inner[1:]
        return inner, kata

    def _are_katas(self, paths: Collection[Parts]) -> bool:
        """Whether all that lies there are folders of katas and tracks, with students in them."""
        return bool(paths) and all(
            len(path) > 1 and path[0].lower() in self._words for path in paths
        )

    def _around(self, paths: Sequence[Parts], deep: int = 3) -> str:
        """The one folder in which the whole class lies, if it does; empty where that is a student.

        It is the class' where names of a system or of students who are known lie in it, or where
        several folders in it hold the same kata; also where the one folder in it is the class'.
        """
        tops = {path[0] for path in paths}
        if len(tops) != 1 or min(map(len, paths)) < 2:
            return ""
        [top] = tops
        if fold(top) in self._enrolled or _of_system((top, ""), folders=True) is not None:
            return ""
        inner = [path[1:] for path in paths]
        folders = [path[0] for path in inner if len(path) > 1]
        canvas = _are_canvas(folders)
        if any(_of_system(path, folders=canvas) is not None for path in inner):
            return top
        if any(fold(folder) in self._known for folder in folders):
            return top
        holders: dict[str, set[str]] = {}
        for path in inner:
            stem = kata_word(path[-1])
            if len(path) > 1 and stem in self._katas and path[0].lower() not in self._words:
                holders.setdefault(stem, set()).add(plain_stem(path[0])[0])
        if any(len(one.difference(_OF_A_COURSE)) > 1 for one in holders.values()):
            return top
        return top if deep > 1 and self._around(inner, deep - 1) else ""

    def _shared_prefix(self, folders: Collection[str]) -> str:
        """What students' folders begin with, up to a hyphen: `lstm-hw1-` of a classroom's.

        Where students are known, it is what leads to most of them; else what all have in common.
        """
        tops = sorted(set(folders))
        votes = Counter(
            top[:at]
            for top in tops
            for at in (0, *(match.end() for match in re.finditer("-", top)))
            if fold(top[at:]) in self._known
        )
        if votes:
            return max(votes, key=lambda prefix: (votes[prefix], -len(prefix)))
        if len(tops) < 2:
            return ""
        first, last = tops[0], tops[-1]
        same = next(
            (n for n, pair in enumerate(zip(first, last, strict=False)) if pair[0] != pair[1]), 0
        )
        cut = first[:same].rfind("-") + 1
        return first[:cut] if all(len(top) > cut for top in tops) else ""


def _of_system(parts: Parts, *, folders: bool) -> Place | None:
    """Whose a file is where a learning system has named it, or the folder in which it lies.

    Args:
        parts: its path.
        folders: whether folders have Canvas' names: those of students' archives.
    """
    first, *rest = parts
    if (moodle := MOODLE.fullmatch(first)) is not None and (rest or moodle["file"]):
        file = parts[-1] if rest else moodle["file"]
        number = plain_stem(moodle["file"] or "")[1] if rest else 0
        student = _clean(moodle["student"] or moodle["name"])
        return Place(student, file, moodle["name"], number=number)
    if (not rest or folders) and (canvas := CANVAS.fullmatch(first)) is not None:
        file = parts[-1] if rest else canvas["file"]
        number = plain_stem(canvas["file"])[1] if rest else 0
        late = bool(canvas["late"])
        return Place(_clean(canvas["student"]), file, canvas["name"] or "", late, number)
    if rest and (gradescope := GRADESCOPE.fullmatch(first)) is not None:
        return Place(gradescope["student"], parts[-1])
    return None


def _are_canvas(folders: Iterable[str]) -> bool:
    """Whether folders have the names that Canvas gives to archives: with a number for each."""
    numbers: dict[str, str] = {}
    for folder in folders:
        match = CANVAS.fullmatch(folder)
        if match is None or not match["name"]:
            continue
        if numbers.setdefault(match["submission"], folder) != folder:
            return False
    return bool(numbers)


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


def _stem(file: str) -> str:
    return PurePosixPath(saved_name(file)).stem


def own_name(file: str) -> str:
    """A file's name without what a learning system has put in front of it."""
    place = _of_system((file,), folders=False)
    return place.file if place is not None else file


def saved_name(file: str) -> str:
    """A file's name without the second ending that browsers give it: `lstm_cell.py.txt`."""
    return _SAVED_AS.sub("", file)


def kata_word(file: str) -> str:
    """What a file is called, as a kata would be: `LSTM-Cell (1).py` is `lstm_cell`."""
    return re.sub("[- ]", "_", plain_stem(file)[0]).lower()


def plain_stem(file: str) -> tuple[str, int]:
    """A file's stem without what browsers and systems put around it, and the number they put."""
    stem = PurePosixPath(saved_name(file)).stem.strip()
    number = 0
    while match := _COPY.search(stem):
        number = max([number, *(int(found) for found in match.groups() if found)])
        stem = stem[: match.start()].rstrip()
    return _COPY_OF.sub("", stem, count=1) if _COPY_OF.match(stem) else stem, number


def _clean(student: str) -> str:
    """An id as it is kept: normalised, and without what stands at its ends."""
    return unicodedata.normalize("NFC", student).strip()
