"""The command `kata`.

Only what a command needs is imported: `kata list` never sees torch, and `kata check` starts the
sandbox before it imports anything heavy, so that judge and zygote import torch side by side.
"""

import argparse
import gc
import os
import re
import secrets
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from grader import __version__
from grader.catalog import (
    Course,
    built_in_course,
    create_workspace,
    find_submissions,
    find_workspace,
)
from grader.errors import InstallationError, KataError, NotFoundError, UsageError

if TYPE_CHECKING:
    from grader.sandbox import Sandbox
    from grader.verdict import Verdict

OK, NOT_PASSED, USAGE, INTERNAL = 0, 1, 2, 3
MAX_SEED = 2**63 - 1


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns the exit code: 0 all passed, 1 not, 2 usage, 3 an error of ours."""
    arguments = _parser().parse_args(argv)
    run: Callable[[argparse.Namespace], int] = arguments.run
    try:
        try:
            return run(arguments)
        except ImportError as error:
            raise InstallationError(error) from error
    except KataError as error:
        print(f"kata: {_plain(error.message)}", file=sys.stderr)
        if error.advice:
            print(f"      {_plain(error.advice)}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("\nkata: interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK
    except Exception as error:
        return _internal(error)


def _internal(error: Exception) -> int:
    """Say that it is our fault, and leave the traceback where it does not frighten anybody."""
    import tempfile
    import traceback

    what = f"{type(error).__name__}: {_plain(str(error))[:300]}"
    text = f"kata: an error of the grader's, not yours: {what}"
    print(text, file=sys.stderr)
    try:
        with tempfile.NamedTemporaryFile(
            "w", prefix="kata-error-", suffix=".txt", delete=False
        ) as file:
            traceback.print_exception(error, file=file)
        print(f"      Please report it with the file {file.name}", file=sys.stderr)
    except OSError:
        pass
    return INTERNAL


# -- commands --------------------------------------------------------------------------------------


def _list(arguments: argparse.Namespace) -> int:
    from grader.progress import Progress

    course = _course(arguments)
    progress = Progress(Path.cwd())
    if arguments.json:
        import json

        rows = [
            {
                "kata": kata.name,
                "title": kata.spec.title,
                "difficulty": kata.spec.difficulty,
                "minutes": kata.spec.minutes,
                "after": list(kata.spec.after),
                "status": progress.katas[kata.name].status if kata.name in progress.katas else "",
            }
            for kata in course.katas
        ]
        print(json.dumps({"schema_version": 1, "katas": rows}, indent=2, ensure_ascii=False))
        return OK
    from grader import render

    out = render.console()
    render.kata_table(out, course.katas, progress)
    done = sum(progress.of(kata.name).status == "PASSED" for kata in course.katas)
    render.Report(out).line(
        f"{done} of {len(course.katas)} passed. `kata next` says which comes next.", style="dim"
    )
    return OK


def _next(arguments: argparse.Namespace) -> int:
    from grader import render
    from grader.progress import Progress

    course = _course(arguments)
    progress = Progress(Path.cwd())
    passed = {name for name, record in progress.katas.items() if record.status == "PASSED"}
    report = render.Report(render.console())
    left = [kata for kata in course.katas if kata.name not in passed]
    if not left:
        report.line("Every kata is passed.")
        return OK
    ready = [kata for kata in left if all(name in passed for name in kata.spec.after)]
    kata = (ready or left)[0]
    report.line(f"{kata.name}: {kata.spec.title}", style="bold")
    report.line(f"level {kata.spec.difficulty} of 5, about {kata.spec.minutes} minutes")
    report.line(f"kata show {kata.name}", style="cyan")
    workspace = find_workspace(Path.cwd())
    if workspace is None:
        report.line("`kata init DIR` makes a folder with all the stubs to fill in.", style="dim")
    else:
        report.line(
            f"Fill in {workspace / kata.track / kata.short / kata.stub.name}, then: kata "
            f"check {kata.short}"
        )
    return OK


def _show(arguments: argparse.Namespace) -> int:
    from grader import render

    kata = _course(arguments).find(arguments.kata)
    try:
        text = kata.readme.read_text(encoding="utf-8")
    except OSError as error:
        raise NotFoundError(f"{kata.readme} cannot be read: {error.strerror}") from None
    render.markdown(render.console(), text)
    return OK


def _hint(arguments: argparse.Namespace) -> int:
    from grader import render
    from grader.progress import Progress

    kata = _course(arguments).find(arguments.kata)
    hints = kata.spec.hints
    progress = Progress(Path.cwd())
    record = progress.of(kata.name)
    report = render.Report(render.console())
    if not hints:
        report.line(f"{kata.name} has no hints.")
        return OK
    number = arguments.number or min(record.hints + 1, len(hints))
    if not 1 <= number <= len(hints):
        raise UsageError(f"{kata.name} has hints 1 to {len(hints)}, not {number}")
    report.line(f"Hint {number} of {len(hints)}: {hints[number - 1]}")
    if number < len(hints):
        report.line("Ask again for the next one.", style="dim")
    if number > record.hints:
        record.hints = number
        progress.save()
    return OK


def _init(arguments: argparse.Namespace) -> int:
    from grader import render

    folder: Path = arguments.dir
    files = list(create_workspace(_course(arguments), folder))
    new = sum(fresh for _, fresh in files)
    report = render.Report(render.console())
    report.line(f"{folder}: {new} files written, {len(files) - new} left as they were.")
    report.line(f"Next: cd {folder} && kata next", style="dim")
    return OK


def _check(arguments: argparse.Namespace) -> int:
    course = _course(arguments)
    secret = arguments.secret_seed is not None
    if secret and arguments.instructor_copy is None:
        raise UsageError(
            "a secret seed appears only in the instructor's copy",
            advice="Say where that goes: --instructor-copy PATH.",
        )
    start = Path.cwd()
    found = find_submissions(course, arguments.kata, arguments.submission, start=start)
    for item in found:
        _ = item.kata.spec  # a broken kata.toml is told before anything is started
    _writable(arguments.json, arguments.instructor_copy)
    seed = arguments.seed
    if secret:
        seed = arguments.secret_seed if arguments.secret_seed >= 0 else secrets.randbelow(MAX_SEED)
    with _sandbox(arguments, course) as sandbox:
        from grader import render
        from grader.grade import Grader
        from grader.verdict import student_copy, to_json

        grader = Grader(sandbox, seed=seed, hidden=secret)
        quiet = arguments.json == "-"
        out = render.console(sys.stderr if quiet else sys.stdout)
        report = render.Report(out, verbose=arguments.verbose)
        verdicts: list[Verdict] = []
        for number, item in enumerate(found, 1):
            with _progress(f"{item.kata.name} ({number} of {len(found)})") as show:
                verdict = grader.grade(item, progress=show)
            verdicts.append(verdict)
            report.verdict(student_copy(verdict) if secret else verdict, brief=len(found) > 1)
        report.summary(verdicts)
        grader.close()
    shown = [student_copy(verdict) for verdict in verdicts] if secret else verdicts
    if arguments.json:
        _write(arguments.json, to_json(shown))
    if arguments.instructor_copy:
        _write(arguments.instructor_copy, to_json(verdicts), private=True)
    if arguments.submission is None and find_workspace(start) is not None:
        _remember(verdicts, start)
    return exit_code(verdicts)


def exit_code(verdicts: "Sequence[Verdict]") -> int:
    """0 if every verdict is PASSED, 3 if one is an error of ours, else 1."""
    from grader.verdict import Status

    statuses = {verdict.status for verdict in verdicts}
    if Status.INTERNAL_ERROR in statuses:
        return INTERNAL
    return OK if statuses == {Status.PASSED} else NOT_PASSED


def _remember(verdicts: "Sequence[Verdict]", start: Path) -> None:
    from grader.progress import Progress

    progress = Progress(start)
    for verdict in verdicts:
        record = progress.of(verdict.kata)
        record.status, record.points, record.max_points = (
            verdict.status.value,
            verdict.points,
            verdict.max_points,
        )
    if not progress.save():
        print(f"kata: progress could not be saved in {progress.path}", file=sys.stderr)


def _replay(arguments: argparse.Namespace) -> int:
    course = _course(arguments)
    [found] = find_submissions(course, [arguments.kata], arguments.submission, start=Path.cwd())
    with _sandbox(arguments, course) as sandbox:
        from grader import render
        from grader.grade import Grader
        from grader.replay import debug, show

        grader = Grader(sandbox, seed=arguments.seed)
        attempt = grader.attempt(found)
        names = attempt.check_names
        if arguments.check is not None and arguments.check not in names:
            raise NotFoundError(
                f"{found.kata.name} has no check {arguments.check[:80]!r}",
                advice=f"It has: {', '.join(names)}.",
            )
        results = [attempt.run(name) for name in ([arguments.check] if arguments.check else names)]
        attempt.close()
        grader.close()
        failed = next((result for result in results if result.name in attempt.exchanges), None)
        report = render.Report(render.console(), verbose=True)
        if failed is None:
            for result in results:
                report.check(result)
            report.line("There is no failing case to replay.")
            return OK if all(result.status == "PASSED" for result in results) else NOT_PASSED
        report.check(failed)
        show(report, attempt.exchanges[failed.name])
    if arguments.pdb:
        report.line(
            "Now the same call runs under pdb, in this process, WITHOUT the sandbox: do "
            "this with your own code only.",
            style="bold yellow",
        )
        debug(found, attempt.exchanges[failed.name])
    return NOT_PASSED


def _audit(arguments: argparse.Namespace) -> int:
    course = _course(arguments)
    katas = [course.find(name) for name in arguments.kata] or list(course.katas)
    from grader import audit, render

    out = render.console(sys.stderr if arguments.json == "-" else sys.stdout)
    with _progress("auditing") as show:
        findings = audit.audit(
            course,
            katas,
            seeds=arguments.seeds,
            jobs=arguments.jobs,
            level=arguments.isolation,
            progress=show,
        )
    audit.report(out, findings, verbose=arguments.verbose)
    if arguments.json:
        _write(arguments.json, audit.to_json(findings))
    return OK if all(finding.clean for finding in findings) else NOT_PASSED


def _doctor(arguments: argparse.Namespace) -> int:
    from grader import doctor, render

    return OK if doctor.examine(render.Report(render.console())) else NOT_PASSED


# -- pieces ----------------------------------------------------------------------------------------


def _course(arguments: argparse.Namespace) -> Course:
    return Course(arguments.course) if arguments.course else built_in_course()


def _sandbox(arguments: argparse.Namespace, course: Course) -> "Sandbox":
    from grader.sandbox import Sandbox

    sandbox = Sandbox(
        level=arguments.isolation, hidden=[course.root / "katas", course.root / "solutions"]
    )
    sandbox.start()
    _import_engine()
    return sandbox


def _import_engine() -> None:
    """Import torch and the engine; collecting garbage meanwhile would take a sixth of it."""
    gc.disable()
    import grader.grade
    import grader.render  # noqa: F401

    gc.enable()


class _progress:
    """A line on the terminal that says what is being done; nothing where nobody looks."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._shown = sys.stderr.isatty()

    def __enter__(self) -> Callable[[str], None]:
        self._say("")
        return self._say

    def __exit__(self, *_: object) -> None:
        if self._shown:
            print("\r\x1b[2K", end="", file=sys.stderr, flush=True)

    def _say(self, step: str) -> None:
        if self._shown:
            print(f"\r\x1b[2K{f'{self._what} {step}'[:78]}", end="", file=sys.stderr, flush=True)


def _writable(*paths: str | None) -> None:
    """Find out now, not after the grading, that a file cannot be written."""
    for path in paths:
        if path not in (None, "-") and not os.access(
            os.path.dirname(os.path.abspath(path)), os.W_OK
        ):
            raise UsageError(f"{path} cannot be written: its folder is missing or read-only")


def _write(path: str, data: bytes, *, private: bool = False) -> None:
    if path == "-":
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return
    try:
        mode = 0o600 if private else 0o666
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "wb") as file:
            file.write(data)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}") from None


def _plain(text: str) -> str:
    """A text without control characters (names of files and katas may hold anything)."""
    return re.sub(
        r"[^\x20-\x7e\u00a0-\u2027\u2030-\u2065\u2070-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]",
        "?",
        text,
    )


def _seed(text: str) -> int:
    try:
        value = int(text)
    except ValueError:
        value = -1
    if not 0 <= value <= MAX_SEED:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 0 to {MAX_SEED}")
    return value


def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 1000:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1 to 1000")
    return int(text)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(USAGE, f"kata: {_plain(message)}\n      Try: {self.prog} --help\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="kata", description="Katas for deep learning, and a grader that can be trusted."
    )
    parser.add_argument("--version", action="version", version=f"tensor-katas {__version__}")
    commands = parser.add_subparsers(
        title="commands", required=True, metavar="COMMAND", parser_class=_Parser
    )

    def add(
        name: str, run: Callable[[argparse.Namespace], int], text: str
    ) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=text, description=text)
        made.set_defaults(run=run, isolation=None)
        made.add_argument(
            "--course",
            type=Path,
            metavar="DIR",
            help="a folder with katas/ and solutions/ of your own",
        )
        return made

    def add_submission(made: argparse.ArgumentParser) -> None:
        made.add_argument(
            "--submission",
            type=Path,
            metavar="PATH",
            help="a .py or .ipynb file, or a folder of them",
        )
        made.add_argument(
            "--seed", type=_seed, default=0, metavar="N", help="draw other cases (default 0)"
        )
        add_isolation(made)

    def add_isolation(made: argparse.ArgumentParser) -> None:
        made.add_argument(
            "--isolation",
            choices=("full", "process"),
            help=(
                "full: refuse to run without namespaces; process: do without them (default: the "
                "best that works)"
            ),
        )

    made = add("list", _list, "the katas, in order, with your progress")
    made.add_argument("--json", action="store_true", help="as JSON")
    add("next", _next, "the kata to take next")
    made = add("show", _show, "a kata's task")
    made.add_argument("kata", metavar="KATA")
    made = add("check", _check, "grade submissions")
    made.add_argument(
        "kata",
        nargs="*",
        metavar="KATA",
        help="track/kata, or the kata's own name (default: all found)",
    )
    add_submission(made)
    made.add_argument(
        "--json", metavar="PATH", help="also write the verdicts as JSON; - for standard output"
    )
    made.add_argument(
        "--secret-seed",
        type=_seed,
        nargs="?",
        const=-1,
        metavar="N",
        help=(
            "grade with a seed that only the instructor's copy shows (drawn at random unless given)"
        ),
    )
    made.add_argument(
        "--instructor-copy",
        metavar="PATH",
        help="where the full verdicts of a secret seed go (JSON)",
    )
    made.add_argument(
        "--verbose",
        action="store_true",
        help="show the passed checks, all output and all versions too",
    )
    made = add("hint", _hint, "the next hint, one at a time")
    made.add_argument("kata", metavar="KATA")
    made.add_argument("--number", type=_count, metavar="N", help="this hint")
    made = add("replay", _replay, "the smallest failing case again, in full")
    made.add_argument("kata", metavar="KATA")
    made.add_argument(
        "check",
        nargs="?",
        metavar="CHECK",
        help="the check that failed (default: the first that fails)",
    )
    add_submission(made)
    made.add_argument(
        "--pdb", action="store_true", help="run your code on it in a debugger, without the sandbox"
    )
    made = add(
        "audit",
        _audit,
        "prove a course: stubs fail, right answers pass, every misconception is caught and told",
    )
    made.add_argument("kata", nargs="*", metavar="KATA")
    made.add_argument(
        "--seeds", type=_count, default=3, metavar="N", help="how many seeds (default 3)"
    )
    made.add_argument(
        "--jobs", type=_count, default=min(os.cpu_count() or 1, 8), metavar="N", help="processes"
    )
    made.add_argument(
        "--json", metavar="PATH", help="also write the table as JSON; - for standard output"
    )
    made.add_argument("--verbose", action="store_true", help="show every misconception")
    add_isolation(made)
    made = add("init", _init, "make a workspace: a folder with every stub and task")
    made.add_argument("dir", type=Path, metavar="DIR")
    add("doctor", _doctor, "what the sandbox can do on this machine, and how to get more")
    return parser
