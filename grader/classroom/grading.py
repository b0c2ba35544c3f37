"""Grading a class: what waits in a gradebook is graded, and each verdict is written as it comes."""

import hashlib
import hmac
import signal
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager

import msgspec
from msgspec import Struct

from grader import __version__
from grader.classroom.gradebook import Gradebook, Recorded, Waiting
from grader.course.kata import Kata
from grader.data.files import digest_of_folders, from_json
from grader.errors import KataError, UsageError
from grader.judge.opening import Opening, lent_grader
from grader.judge.pool import Lanes, LostError
from grader.verdict import Status, Verdict

LONGEST_S = 1200.0
"""What one attempt may take, by the clock, with training on a slow machine that others use too.

Whatever a submission does has a limit of its own; this one is for what nobody has thought of.
"""


class Task(Struct, frozen=True):
    """One attempt to grade: plain data, for another process."""

    opening: Opening
    handed: int
    kata: str
    file: str
    data: bytes
    seed: int
    longest_s: float = LONGEST_S


def rules_of(kata: Kata, opening: Opening, seed: int) -> str:
    """What verdicts on a kata depend on beside a submission: equal texts, equal verdicts.

    The version, the files of the kata and of its solutions, the device, whether training is left
    out, and the seed, which is not shown.
    """
    digest = digest_of_folders([kata.folder, kata.solutions])
    hidden = hmac.new(seed.to_bytes(8, "big"), kata.name.encode(), "sha256").hexdigest()[:16]
    training = "" if opening.training else ", without training"
    return (
        f"tensor-katas {__version__}, {kata.name} {digest[:16]}, seed {hidden}, "
        f"{opening.devices}{training}"
    )


def digest_of(data: bytes) -> str:
    """The SHA-256 of a file's bytes."""
    return hashlib.sha256(data).hexdigest()


def grade_task(task: Task) -> Recorded:
    """Grade one attempt, in whatever process this is; one that takes too long ends the process."""
    from grader.submission.read import submission_file

    with _ends_after(task.longest_s), lent_grader(task.opening) as grader:
        kata = grader.course.find(task.kata)
        read = submission_file(task.data, task.file)
        verdict = grader.attempt_read(kata, read, seed=task.seed).verdict()
    return Recorded(
        verdict.status.value, verdict.points, verdict.max_points, msgspec.json.encode(verdict)
    )


@contextmanager
def _ends_after(seconds: float) -> Iterator[None]:
    """The kernel ends this process after so long: also where one expression never comes back."""
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def is_about(task: Task, found: Recorded) -> bool:
    """Whether what was found is a verdict on this attempt, and says in all its parts the same."""
    try:
        verdict = from_json(found.json, Verdict)
    except msgspec.MsgspecError:
        return False
    return (verdict.kata, verdict.sha256) == (task.kata, digest_of(task.data)) and (
        verdict.status.value,
        verdict.points,
        verdict.max_points,
    ) == (found.status, found.points, found.max_points)


Graded = Callable[[Sequence[Task]], Iterable[tuple[Task, Recorded]]]
"""What grades tasks, and yields each with what was found as it is done: `grading_here`, or
`grader.classroom.cluster.grade_there`."""


def solutions_fail(katas: Sequence[Kata], opening: Opening, seed: int, graded: Graded) -> list[str]:
    """The katas whose own solution does not pass under a seed, and why."""
    tasks = [
        Task(opening, 0, kata.name, kata.solution.name, kata.solution.read_bytes(), seed)
        for kata in katas
    ]
    failed = {
        task.kata: found.status for task, found in graded(tasks) if found.status != Status.PASSED
    }
    return [f"{kata.name}: {failed[kata.name]}" for kata in katas if kata.name in failed]


def require_solutions(katas: Sequence[Kata], opening: Opening, seed: int, graded: Graded) -> None:
    """Hold that the course's own solutions pass, before anybody else's is graded.

    Raises:
        UsageError: one does not.
    """
    broken = solutions_fail(katas, opening, seed, graded)
    if broken:
        raise UsageError(
            f"the course's own solution does not pass: {', '.join(broken)}",
            advice="Nothing was graded. `kata audit` says what is wrong with it.",
        )


def grade_waiting(
    book: Gradebook,
    waiting: Sequence[Waiting],
    rules: Mapping[str, str],
    *,
    opening: Opening,
    seed: int,
    graded: Graded,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> int:
    """Grade attempts, and write each verdict in its own transaction as soon as it is there.

    Files with equal bytes are graded once, and their attempts have the verdict together.

    Args:
        book: where to.
        waiting: what is to be graded.
        rules: for each kata, see `rules_of`.
        opening: how to open a grader.
        seed: cases derive from it.
        graded: grades tasks, and yields each with what was found.
        progress: called with how many are done, and of how many.

    Returns:
        how many were graded.
    """
    equal: dict[tuple[str, bytes], list[Waiting]] = {}
    for one in waiting:
        equal.setdefault((one.kata, one.data), []).append(one)
    first = [ones[0] for ones in equal.values()]
    tasks = [Task(opening, one.handed, one.kata, one.file, one.data, seed) for one in first]
    done = 0
    for task, found in graded(tasks):
        under = rules[task.kata]
        book.record_all([(one.handed, under, found) for one in equal[task.kata, task.data]])
        done += 1
        progress(done, len(tasks))
    return done


@contextmanager
def grading_here(jobs: int) -> Iterator[Graded]:
    """What grades tasks in processes of this machine, each with a sandbox of its own.

    The processes stay for the next tasks, to the end of the block. A process stays with a kata as
    long as it can: its cases are drawn once, and its misconceptions recorded once.

    Args:
        jobs: how many processes.
    """
    with Lanes(jobs) as lanes:

        def graded(tasks: Sequence[Task]) -> Iterator[tuple[Task, Recorded]]:
            """Raises KataError: behind all others, where some tasks took processes with them."""
            try:
                yield from lanes.each(grade_task, tasks, kind=_kata_of)
            except LostError as error:
                named = ", ".join(f"{task.kata} {task.file}" for task in error.tasks[:3])
                raise KataError(
                    f"{len(error.tasks)} of {len(tasks)} were not graded: each time, the process "
                    f"that had them died, or was ended after {LONGEST_S / 60:g} minutes ({named})",
                    advice="What is in the gradebook stays. The same command tries them again; "
                    "with fewer --jobs if memory was short.",
                ) from None

        yield graded


def _kata_of(task: Task) -> str:
    return task.kata
