"""The audit: a course proves itself.

For every kata, over N seeds: the stub fails, the solution and every alternative pass, every
misconception is caught by the check that it names and told by its own name, and no check is idle.
The misconceptions are the grader's own test: what they do not find, no check would find in a
learner's answer.
"""

import ast
import concurrent.futures
import multiprocessing
import os
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
from msgspec import Struct
from rich.console import Console
from rich.table import Table

from grader.catalog import Course, Kata
from grader.checks import Check
from grader.errors import KataError
from grader.grade import Grader
from grader.render import Report, clean
from grader.sandbox import Level, Sandbox
from grader.spec import Misconception, mutant_source
from grader.verdict import Status, Verdict

MIN_HINTS = 3
MIN_ALTERNATIVES = 2
KATA_FILES = frozenset({"README.md", "checks.py", "kata.toml", "answers.md", "rubric.toml", "data"})


class MutantRow(Struct, frozen=True):
    """One misconception over all seeds.

    How often its check caught it, how often it was told by name, and what else was said.
    """

    id: str
    caught_by: str
    caught: int
    told: int
    untold: str = ""
    told_as: tuple[str, ...] = ()
    failed_at: tuple[str, ...] = ()


class Finding(Struct, frozen=True):
    """What the audit found about one kata.

    `problems` is empty where all holds; each says what to do.
    """

    kata: str
    seeds: int
    problems: tuple[str, ...]
    rows: tuple[MutantRow, ...] = ()
    catches: dict[str, tuple[str, ...]] = {}
    alternatives: int = 0
    solution_s: float = 0.0
    wrong_s: float = 0.0
    duration_s: float = 0.0

    @property
    def clean(self) -> bool:
        """Whether all holds."""
        return not self.problems


def audit(
    course: Course,
    katas: Sequence[Kata],
    *,
    seeds: int = 3,
    jobs: int = 1,
    level: Level | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> list[Finding]:
    """Audit katas of a course, in several processes.

    Args:
        course: whose katas these are.
        katas: which.
        seeds: how many: seeds 0 to `seeds - 1`.
        jobs: processes, each with a sandbox of its own.
        level: the isolation to insist on.
        progress: called with a kata's name when it is done.
    """
    if jobs == 1 or len(katas) == 1:
        with Sandbox(level=level, hidden=[course.root / "solutions"]) as sandbox:
            findings = []
            for kata in katas:
                progress(kata.name)
                findings.append(audit_kata(kata, sandbox, seeds=seeds))
            return findings
    context = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(
        min(jobs, len(katas)), mp_context=context, initializer=_end_with_parent
    ) as pool:
        futures = {
            pool.submit(_audit_named, course.root, kata.name, seeds, level): kata for kata in katas
        }
        for future in concurrent.futures.as_completed(futures):
            progress(futures[future].name)
        return [future.result() for future in futures]


def _end_with_parent() -> None:
    """Do not outlive the command, however it ends."""
    parent = multiprocessing.parent_process()
    assert parent is not None

    def watch() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


_process_sandbox: list[Sandbox] = []


def _audit_named(root: Path, name: str, seeds: int, level: Level | None) -> Finding:
    course = Course(root)
    if not _process_sandbox:
        _process_sandbox.append(Sandbox(level=level, hidden=[root / "solutions"]))
    return audit_kata(course.find(name), _process_sandbox[0], seeds=seeds)


def audit_kata(kata: Kata, sandbox: Sandbox, *, seeds: int) -> Finding:
    """Audit one kata in a sandbox."""
    began = time.monotonic()
    problems = files_of(kata)
    try:
        sources = {
            item.id: mutant_source(item, kata.solution, kata.solutions)
            for item in kata.misconceptions
        }
        shared = Grader(sandbox)
        checks = shared.checks(kata)
        _ = kata.signatures  # a stub that does not parse is told here
    except (KataError, OSError) as error:
        return Finding(kata.name, seeds, (*problems, str(error)))
    names = {check.name for check in checks}
    problems += [
        f"misconception {item.id} names the check {item.caught_by!r}, which is not there"
        for item in kata.misconceptions
        if item.caught_by not in names
    ]
    rights = {
        "the solution": kata.solution,
        **{f"alternative {p.name}": p for p in kata.alternatives},
    }
    verdicts: dict[str, list[Verdict]] = {item.id: [] for item in kata.misconceptions}
    times: list[float] = []
    for seed in range(seeds):
        grader = shared.reseeded(seed)
        for what, path in rights.items():
            verdict = grader.attempt_source(kata, path.read_bytes(), shown=path.name).verdict()
            problems += _not_right(verdict, what, seed)
            if what == "the solution":
                times.append(verdict.duration_s)
        problems += _stub_passes(
            grader.attempt_source(kata, kata.stub.read_bytes()).verdict(), seed
        )
        for item in kata.misconceptions:
            verdicts[item.id].append(grader.attempt_source(kata, sources[item.id]).verdict())
    shared.close()
    rows = tuple(_row(item, verdicts[item.id]) for item in kata.misconceptions)
    for row in rows:
        problems += _row_problems(row, seeds)
    catches = _catches(checks, verdicts)
    problems += [
        f"check {name} catches no misconception: add one that only it can catch, or remove it"
        for name, caught in catches.items()
        if not caught
    ]
    wrong = sorted(verdict.duration_s for group in verdicts.values() for verdict in group)
    return Finding(
        kata.name,
        seeds,
        tuple(dict.fromkeys(problems)),
        rows,
        catches,
        len(kata.alternatives),
        solution_s=sorted(times)[len(times) // 2] if times else 0.0,
        wrong_s=wrong[len(wrong) // 2] if wrong else 0.0,
        duration_s=round(time.monotonic() - began, 2),
    )


def files_of(kata: Kata) -> list[str]:
    """What is wrong with a kata's files, before anything is run."""
    problems: list[str] = []
    try:
        hints = [hint for hint in kata.spec.hints if hint.strip()]
    except KataError as error:
        return [str(error)]
    if len(hints) < MIN_HINTS or len(hints) < len(kata.spec.hints):
        problems.append(
            f"kata.toml has {len(hints)} hints with text, expected at least {MIN_HINTS}, none empty"
        )
    if not kata.spec.tolerance.why.strip():
        problems.append("kata.toml: [tolerance] does not say why")
    if not kata.readme.is_file() or len(kata.readme.read_text().split()) < 100:
        problems.append("README.md is missing, or too short to teach anything (under 100 words)")
    if len(kata.alternatives) < MIN_ALTERNATIVES:
        problems.append(
            f"{len(kata.alternatives)} alternatives, expected at least {MIN_ALTERNATIVES}"
        )
    for item in kata.misconceptions:
        if not item.message.strip() or not item.title.strip():
            problems.append(f"misconception {item.id} has no message or no title")
    if not kata.misconceptions:
        problems.append(
            "misconceptions.toml is missing or empty: nothing proves that the checks find anything"
        )
    if not kata.solution.is_file():
        return [*problems, f"there is no solution at {kata.solution}"]
    allowed = KATA_FILES | {kata.stub.name}
    stray = sorted(
        p.name for p in kata.folder.iterdir() if p.name not in allowed and p.name != "__pycache__"
    )
    problems += [f"stray file {name} beside the stub: remove it" for name in stray]
    return problems + _signature_problems(kata)


def _signature_problems(kata: Kata) -> list[str]:
    try:
        stub, solution = (_public(path) for path in (kata.stub, kata.solution))
    except (SyntaxError, OSError) as error:
        return [f"the stub or the solution cannot be read: {error}"]
    problems = []
    for name, signature in stub.items():
        if name not in solution:
            problems.append(f"the stub has {name}, and the solution has not")
        elif solution[name] != signature:
            problems.append(
                f"{name}{signature} in the stub is {name}{solution[name]} in the solution"
            )
    return problems


def _public(path: Path) -> dict[str, str]:
    """Public names with their parameters and defaults, annotations apart."""
    found: dict[str, str] = {}

    def signature(node: ast.FunctionDef) -> str:
        arguments = node.args
        for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
            argument.annotation = None
        return f"({ast.unparse(arguments)})"

    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            found[node.name] = signature(node)
        elif isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            found[node.name] = ""
            for item in node.body:
                if isinstance(item, ast.FunctionDef) and item.name in ("__init__", "forward"):
                    found[f"{node.name}.{item.name}"] = signature(item)
    return found


def _not_right(verdict: Verdict, what: str, seed: int) -> list[str]:
    if verdict.status is Status.PASSED and verdict.points == verdict.max_points:
        return []
    if verdict.message:
        return [f"{what} does not pass (seed {seed}): {verdict.status}: {verdict.message}"]
    return [
        f"{what} does not pass {result.name} (seed {seed}): {result.status}: {result.message}"
        + (f" [told: {result.diagnosis.id}]" if result.diagnosis else "")
        for result in verdict.checks
        if result.status not in (Status.PASSED, Status.NOT_RUN, Status.NOT_VERIFIED)
    ]


def _stub_passes(verdict: Verdict, seed: int) -> list[str]:
    passed = [result.name for result in verdict.checks if result.status is Status.PASSED]
    if passed or verdict.status is not Status.NOT_IMPLEMENTED:
        detail = f"passes {', '.join(passed)}" if passed else f"is {verdict.status}"
        return [f"the stub {detail} (seed {seed}); expected NOT_IMPLEMENTED and no points"]
    return []


def _row(item: Misconception, verdicts: list[Verdict]) -> MutantRow:
    names = {item.id, *item.aliases}
    failed = [_failed(verdict) for verdict in verdicts]
    told = [verdict.diagnosis.id if verdict.diagnosis else "" for verdict in verdicts]
    return MutantRow(
        item.id,
        item.caught_by,
        caught=sum(item.caught_by in checks for checks in failed),
        told=sum(name in names for name in told),
        untold=item.untold,
        told_as=tuple(sorted({name for name in told if name and name not in names})),
        failed_at=tuple(sorted({name for checks in failed for name in checks or ["nothing"]})),
    )


def _failed(verdict: Verdict) -> list[str]:
    fine = (Status.PASSED, Status.NOT_RUN, Status.NOT_VERIFIED, Status.INTERNAL_ERROR)
    return [result.name for result in verdict.checks if result.status not in fine]


def _row_problems(row: MutantRow, seeds: int) -> list[str]:
    problems = []
    if row.caught < seeds:
        where = ", ".join(row.failed_at)
        problems.append(
            f"misconception {row.id} is caught by {row.caught_by} on {row.caught} of {seeds} "
            f"seeds (it failed at: {where})"
        )
    if row.told_as:
        problems.append(f"misconception {row.id} is told as {', '.join(row.told_as)}")
    elif row.told < seeds and not row.untold:
        problems.append(
            f"misconception {row.id} is told by name on {row.told} of {seeds} seeds: make it "
            "differ in what it answers, "
            "declare an alias, or say in `untold` why not"
        )
    return problems


def _catches(
    checks: Sequence[Check], verdicts: dict[str, list[Verdict]]
) -> dict[str, tuple[str, ...]]:
    found: dict[str, Counter[str]] = {check.name: Counter() for check in checks}
    for misconception, group in verdicts.items():
        for verdict in group:
            for name in _failed(verdict):
                found[name][misconception] += 1
    return {name: tuple(counter) for name, counter in found.items()}


def report(out: Console, findings: Sequence[Finding], *, verbose: bool = False) -> None:
    """Show what was found: problems first to last, then one line for all."""
    text = Report(out)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("kata", "misconceptions", "caught", "told", "right ones", "right s", "wrong s"):
        table.add_column(name, justify="left" if name == "kata" else "right")
    for finding in findings:
        count, seeds = len(finding.rows), finding.seeds
        table.add_row(
            clean(finding.kata),
            str(count),
            f"{sum(row.caught == seeds for row in finding.rows)}/{count}",
            f"{sum(row.told == seeds for row in finding.rows)}/{count}",
            str(finding.alternatives + 1),
            f"{finding.solution_s:.2f}",
            f"{finding.wrong_s:.2f}",
            style="" if finding.clean else "red",
        )
    out.print(table)
    for finding in findings:
        if verbose:
            text.line(f"\n{finding.kata}", style="bold")
            for name, caught in finding.catches.items():
                text.line(f"{name} catches {', '.join(caught) or 'nothing'}", indent=2)
            for row in finding.rows:
                if row.untold:
                    text.line(f"{row.id} is not told by name: {row.untold}", indent=2)
        for problem in finding.problems:
            text.line(f"✗ {finding.kata}: {problem}", style="red")
    rows = [row for finding in findings for row in finding.rows]
    told = sum(row.told == finding.seeds for finding in findings for row in finding.rows)
    share = f" ({100 * told / len(rows):.1f}%)" if rows else ""
    problems = sum(len(finding.problems) for finding in findings)
    seeds = max((finding.seeds for finding in findings), default=0)
    text.line(
        f"\n{len(findings)} katas, {seeds} seeds: {len(rows)} misconceptions, {told} told by "
        f"name{share}; {problems} problems",
        style="bold green" if not problems else "bold red",
    )


def to_json(findings: Sequence[Finding]) -> bytes:
    """The findings as JSON."""
    return (
        msgspec.json.format(
            msgspec.json.encode({"schema_version": 1, "findings": findings}), indent=2
        )
        + b"\n"
    )
