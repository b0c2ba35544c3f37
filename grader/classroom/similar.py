"""Which submissions of a class are unusually alike: leads for a person, no verdicts.

Many honest answers to a short kata look alike. So a passage counts the more the fewer students have
it, one that most of the class has counts nothing, and a pair is placed among all pairs of the
class: how many of them are at least as alike. A second signal are equal wrong answers: the same
checks fail on the same smallest input with the same values. Many students make the same mistake, so
it is said how many give these very answers.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations

import msgspec
from msgspec import Struct

from grader.classroom.winnow import Print, grams_of, tokens_of, winnowed
from grader.submission.read import submission_file
from grader.verdict import Status, Verdict

FEWEST = 4
"""A file with fewer fingerprints of its own is too short to say anything."""
COMMON = 0.5
"""What a larger share of the class has is an idiom of the kata."""
FEW_FILES = 6
"""Among fewer files nothing is taken for an idiom."""
LEAST = 0.25
"""Pairs with less of their rarer passages in common are not shown."""
MOST_PAIRS = 20
MOST_GROUPS = 20
NO_ANSWERS: Mapping[str, str] = {}


class Entry(Struct, frozen=True):
    """A file to compare.

    Args:
        who: the student's id, or where a reference lies.
        file: the file's name; its suffix says what it is.
        data: its bytes.
        verdict: the newest verdict on it (JSON), or None.
        reference: it is last year's or a posted one: it is compared with the class alone.
    """

    who: str
    file: str
    data: bytes
    verdict: bytes | None = None
    reference: bool = False


class Pair(Struct, frozen=True):
    """Two files that are alike.

    Args:
        left, right: whose they are; `right` may be a reference.
        reference: whether it is.
        score: how much of the smaller file's own passages the other has too, 0 to 1, rare passages
            counting more.
        rank: so many pairs are at least as alike, this one among them.
        pairs: of so many.
        equal: whether the files have equal bytes.
        same_wrong: so many students give the wrong answers that both give; 0 where they differ.
        left_lines, right_lines: what is alike, as ranges of lines, from 1, the last included.
    """

    left: str
    right: str
    reference: bool
    score: float
    rank: int
    pairs: int
    equal: bool
    same_wrong: int
    left_lines: tuple[tuple[int, int], ...] = ()
    right_lines: tuple[tuple[int, int], ...] = ()

    @property
    def share(self) -> float:
        """The share of pairs that are at least as alike."""
        return self.rank / self.pairs if self.pairs else 1.0


class SameWrong(Struct, frozen=True):
    """Students who give the same wrong answers.

    Args:
        students: their ids.
        checks: the checks that fail.
        mistake: the misconception that these answers are known as; empty if they have no name.
    """

    students: tuple[str, ...]
    checks: tuple[str, ...]
    mistake: str = ""


class WordForWord(Struct, frozen=True):
    """Students whose file is an answer of the course's own, comments and layout aside.

    Args:
        answer: the solution, or which alternative.
        students: their ids.
    """

    answer: str
    students: tuple[str, ...]


class Likeness(Struct, frozen=True):
    """One kata over the class.

    Args:
        kata: `track/kata`.
        compared: files of students that were compared, one a student.
        too_short: files of students with too little of their own.
        references: files that the class was compared with.
        pairs: the most alike first; no more than `MOST_PAIRS`.
        same_wrong: groups with equal wrong answers, those without a name and the smallest first; no
            more than `MOST_GROUPS`.
        word_for_word: the course's own answers that somebody has handed in.
    """

    kata: str
    compared: int
    too_short: int
    references: int
    pairs: tuple[Pair, ...]
    same_wrong: tuple[SameWrong, ...]
    word_for_word: tuple[WordForWord, ...] = ()


class _Read(Struct, frozen=True):
    entry: Entry
    source: str
    prints: tuple[Print, ...]
    hashes: frozenset[bytes]


def source_of(entry: Entry) -> str:
    """The Python source of a file; of a notebook its code."""
    return submission_file(entry.data, entry.file).source.decode("utf-8", "replace")


def likeness(
    kata: str, entries: Sequence[Entry], stub: str, answers: Mapping[str, str] = NO_ANSWERS
) -> Likeness:
    """Compare a class, and hold it against references.

    Args:
        kata: `track/kata`.
        entries: one file for each student, and references.
        stub: the kata's stub; what is left of it in a file is nobody's.
        answers: the course's own, by what they are called: their sources.
    """
    given = frozenset(one.hash for one in grams_of(tokens_of(stub)))
    read = []
    for entry in entries:
        source = source_of(entry)
        prints = tuple(winnowed(grams_of(tokens_of(source)), without=given))
        read.append(_Read(entry, source, prints, frozenset(one.hash for one in prints)))
    own = [one for one in read if not one.entry.reference]
    enough = [one for one in own if len(one.hashes) >= FEWEST]
    references = [one for one in read if one.entry.reference and len(one.hashes) >= FEWEST]
    weights = _weights(enough)
    groups = _same_wrong([one.entry for one in own])
    return Likeness(
        kata,
        len(enough),
        len(own) - len(enough),
        len(references),
        tuple(_pairs(enough, references, weights, groups)),
        tuple(groups[:MOST_GROUPS]),
        tuple(_word_for_word(own, answers)),
    )


def _word_for_word(files: Sequence[_Read], answers: Mapping[str, str]) -> Iterator[WordForWord]:
    """The course's own answers that somebody has handed in."""
    written = {file.entry.who: _words(file.source) for file in files} if answers else {}
    for answer, source in answers.items():
        words = _words(source)
        students = tuple(who for who, own in written.items() if own == words)
        if students:
            yield WordForWord(answer, students)


def _words(source: str) -> list[str]:
    return [one.text for one in tokens_of(source, as_written=True)]


def _weights(files: Sequence[_Read]) -> dict[bytes, float]:
    """What each fingerprint counts: the logarithm of how rare it is; 0 for the kata's idioms."""
    counts = Counter(one for file in files for one in file.hashes)
    most = COMMON * len(files) if len(files) >= FEW_FILES else len(files)
    return {
        one: math.log((len(files) + 1) / count) if count <= most else 0.0
        for one, count in counts.items()
    }


def _pairs(
    files: Sequence[_Read],
    references: Sequence[_Read],
    weights: Mapping[bytes, float],
    groups: Sequence[SameWrong],
) -> list[Pair]:
    """The most alike pairs, those within the class and those with a reference."""
    everybody = [*files, *references]
    alone = math.log(len(files) + 1)  # what only a reference and one student have
    total = [sum(weights.get(one, alone) for one in file.hashes) for file in everybody]
    shared: dict[tuple[int, int], float] = defaultdict(float)
    where: dict[bytes, list[int]] = defaultdict(list)
    for number, file in enumerate(everybody):
        for one in file.hashes:
            if weights.get(one, 0.0):
                where[one].append(number)
    for one, numbers in where.items():
        for left, right in combinations(numbers, 2):
            if left < len(files):  # two references are not compared with each other
                shared[left, right] += weights[one]
    inside: list[tuple[float, int, int]] = []
    outside: list[tuple[float, int, int]] = []
    for (left, right), weight in shared.items():
        score = round(weight / min(total[left], total[right]), 4)
        (inside if right < len(files) else outside).append((score, left, right))
    number = len(files)
    ranked = _ranked(inside, number * (number - 1) // 2)
    ranked += _ranked(outside, number * len(references))
    ranked.sort(key=lambda one: (-one[0], one[1] / one[2], one[3], one[4]))
    return [
        _pair(everybody[left], everybody[right], score, rank, pairs, groups)
        for score, rank, pairs, left, right in ranked[:MOST_PAIRS]
    ]


def _ranked(
    scored: list[tuple[float, int, int]], pairs: int
) -> list[tuple[float, int, int, int, int]]:
    """The most alike, each with how many are at least as alike, and of how many."""
    counts = Counter(score for score, _, _ in scored)
    ranks: dict[float, int] = {}
    above = 0
    for score in sorted(counts, reverse=True):
        above += counts[score]
        ranks[score] = above
    close = [one for one in scored if one[0] >= LEAST]
    best = sorted(close, key=lambda one: (-one[0], one[1], one[2]))[:MOST_PAIRS]
    return [(score, ranks[score], pairs, left, right) for score, left, right in best]


def _pair(
    left: _Read, right: _Read, score: float, rank: int, pairs: int, groups: Sequence[SameWrong]
) -> Pair:
    both = left.hashes & right.hashes
    same = next(
        (
            len(one.students)
            for one in groups
            if not right.entry.reference and {left.entry.who, right.entry.who} <= {*one.students}
        ),
        0,
    )
    return Pair(
        left.entry.who,
        right.entry.who,
        right.entry.reference,
        score,
        rank,
        pairs,
        left.entry.data == right.entry.data,
        same,
        *(
            _ranges((one.first, one.last) for one in file.prints if one.hash in both)
            for file in (left, right)
        ),
    )


def _ranges(spans: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Ranges of lines in order, those that touch joined."""
    found: list[tuple[int, int]] = []
    for first, last in sorted(spans):
        if found and first <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(found[-1][1], last))
        else:
            found.append((first, last))
    return tuple(found)


def _same_wrong(entries: Sequence[Entry]) -> list[SameWrong]:
    """Students with equal wrong answers, in groups."""
    groups: dict[tuple[object, ...], list[str]] = defaultdict(list)
    told: dict[tuple[object, ...], tuple[tuple[str, ...], str]] = {}
    for entry in entries:
        if entry.verdict is None:
            continue
        verdict = msgspec.json.decode(entry.verdict, type=Verdict)
        key = wrong_answers(verdict)
        if key:
            groups[key].append(entry.who)
            diagnosis = verdict.diagnosis
            failed = tuple(c.name for c in verdict.checks if c.status is Status.FAILED)
            told[key] = (failed, diagnosis.title if diagnosis is not None else "")
    found = [SameWrong(tuple(who), *told[key]) for key, who in groups.items() if len(who) > 1]
    return sorted(found, key=lambda one: (bool(one.mistake), len(one.students), one.students))


def wrong_answers(verdict: Verdict) -> tuple[object, ...]:
    """What a submission answers wrongly: checks, smallest inputs and values; empty for none.

    Answers under another seed or version are other answers: their inputs are.
    """
    wrong = [
        (check.name, card.call, card.set_up, card.arguments, card.at, card.expected, card.got)
        for check in verdict.checks
        if check.status is Status.FAILED and (card := check.counterexample) is not None
    ]
    if not any(one[-1] for one in wrong):
        return ()
    return (verdict.seed, verdict.versions.tensor_katas, *wrong)
