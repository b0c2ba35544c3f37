"""What is wrong with a kata's files, before anything is run.

Each problem is one sentence that says where, what, and how to mend it.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path

from grader.course.kata import Kata
from grader.course.promises import FORBIDDEN, plain, unpromised
from grader.course.rubric import ANSWERS_FILE, RUBRIC_FILE, read_rubric
from grader.course.stubs import GIVEN, first_difference, generated_stub, names_left_out
from grader.course.template import marks_in
from grader.course.toml import line_in_table, line_of
from grader.errors import KataError, SpecError

MIN_HINTS = 3
MIN_ALTERNATIVES = 2
MIN_WORDS = 100
KATA_FILES = frozenset(
    {
        "README.md",
        "checks.py",
        "example.py",
        "picture.py",
        "kata.toml",
        ANSWERS_FILE,
        RUBRIC_FILE,
        "data",
    }
)
_SHOWN = 80


def files_of(kata: Kata) -> list[str]:
    """What is wrong with a kata's files, before anything is run."""
    problems: list[str] = []
    looks = (
        _spec,
        _readme,
        _example,
        _promises,
        _rubric,
        _solutions,
        _bank,
        _stray,
        stub_problems,
        _marks,
    )
    for look in looks:
        try:
            problems += look(kata)
        except KataError as error:
            problems.append(error.message)
        except OSError as error:
            problems.append(f"{error.filename} cannot be read: {error.strerror}")
    return list(dict.fromkeys(problems))


def stub_problems(kata: Kata) -> list[str]:
    """Whether the stub is the one that the solution gives.

    Raises:
        SpecError: the solution does not parse, or one of the two cannot be read.
    """
    if not kata.solution.is_file():
        return [f"there is no solution at {kata.solution}"]
    wanted = generated_stub(kata.solution)
    mend = f"`kata stub {kata.name}` writes it"
    if not kata.stub.is_file():
        return [f"there is no stub at {kata.stub}: {mend}"]
    different = first_difference(_text(kata.stub), wanted)
    if different is None:
        return [
            f"{kata.stub}: the stub speaks of {name} and does not have it: write `{GIVEN} ...` "
            f"above its line in the solution, then {mend}"
            for name in names_left_out(wanted, _text(kata.solution))
        ]
    found, expected = _quoted(different.found), _quoted(different.wanted)
    return [
        f"{kata.stub}:{different.line}: the stub has {found}, and its solution gives {expected}. "
        f"A stub is generated: change the solution, then {mend}"
    ]


def caught_by_problems(kata: Kata, checks: Iterable[str]) -> list[str]:
    """What is wrong with the names of checks in a `misconceptions.toml`.

    Args:
        kata: whose it is.
        checks: the names of the kata's checks.
    """
    names = list(checks)
    problems = []
    for item in kata.misconceptions:
        if item.caught_by not in names:
            line = _line_of_caught_by(kata.bank_file, item.id, item.caught_by)
            problems.append(
                f"{kata.bank_file}:{line}: misconception {item.id} names the check "
                f"{item.caught_by!r}, which is not there; expected one of {', '.join(names)}"
            )
    return problems


def promise_problems(kata: Kata, checks: Iterable[str]) -> list[str]:
    """Promises without a check, checks without a promise, and promises that nothing breaks.

    Args:
        kata: whose they are.
        checks: the names of the kata's checks.
    """
    names, promised, forbidden = list(checks), kata.spec.promised(), kata.spec.forbidden
    text = _text(kata.spec_file)
    problems = []

    def add(name: str, problem: str) -> None:
        line = line_in_table(text, "promises", name)
        problems.append(f"{kata.spec_file}{f':{line}' if line else ''}: [promises] {problem}")

    for name, quotes in promised.items():
        broken_by = [item.id for item in kata.misconceptions if item.caught_by == name]
        if name == FORBIDDEN:
            if not (forbidden.groups or forbidden.names or forbidden.modules):
                add(name, "quotes a prohibition, and the table [forbidden] forbids nothing")
        elif name not in names:
            add(
                name,
                f"names the check {name!r}, which is not there; expected one of "
                f"{', '.join([*names, FORBIDDEN])}",
            )
        elif len(quotes) > len(broken_by):
            add(
                name,
                f"has {len(quotes)} promises that {name} holds, and misconceptions that it must "
                f"catch: {len(broken_by)}. Add one that breaks each promise",
            )
    for name in names:
        if name not in promised:
            add(
                name,
                f"does not say what the check {name} holds: quote the sentence of the task, or "
                "remove the check",
            )
    if (forbidden.groups or forbidden.names or forbidden.modules) and FORBIDDEN not in promised:
        add(
            FORBIDDEN,
            f"does not say where the task forbids what [forbidden] stops: quote the sentence as "
            f"`{FORBIDDEN}`",
        )
    return problems


def unproved(kata: Kata, caught: dict[str, tuple[str, ...]]) -> list[str]:
    """Checks for which no misconception vouches.

    A check that happens to fail for some misconception is not enough: one must name it, and is then
    required to be detected by it on every seed.

    Args:
        kata: whose checks they are.
        caught: for each check, the misconceptions that fail it.
    """
    named = {item.caught_by for item in kata.misconceptions}
    problems = []
    for name, found in caught.items():
        if not found:
            problems.append(
                f"check {name} catches no misconception: add one that only it can catch, or "
                "remove it"
            )
        elif name not in named:
            problems.append(
                f"check {name} is no misconception's `caught_by`: add a misconception that it "
                "must catch, or remove it"
            )
    return problems


def _spec(kata: Kata) -> Iterator[str]:
    hints = [hint for hint in kata.spec.hints if hint.strip()]
    if len(hints) < MIN_HINTS or len(hints) < len(kata.spec.hints):
        yield (
            f"kata.toml has {len(hints)} hints with text, expected at least {MIN_HINTS}, none empty"
        )
    if not kata.spec.tolerance.why.strip():
        yield "kata.toml: [tolerance] does not say why"


def hint_problems(kata: Kata, names: Iterable[str]) -> list[str]:
    """Hints for checks that are not there."""
    return [
        f"kata.toml: [hint_for] names {name}, which is no check of it"
        for name in kata.spec.hint_for.keys() - set(names)
    ]


def _readme(kata: Kata) -> Iterator[str]:
    text = _text(kata.readme) if kata.readme.is_file() else ""
    if len(text.split()) < MIN_WORDS and not any(marks_in(text)):
        yield f"README.md is missing, or too short to teach anything (under {MIN_WORDS} words)"
    lines = text.splitlines()
    fenced = False
    for number, (before, line) in enumerate(pairwise(lines), start=2):
        fenced ^= before.startswith("```")
        if not fenced and before.startswith("    ") and re.match(r" {1,3}\S", line):
            yield (
                f"{kata.readme}:{number}: this line falls out of the block above it: a block's "
                "lines begin with four spaces at least"
            )


def _example(kata: Kata) -> Iterator[str]:
    """A worked example that cannot be run, or a reason for what is there."""
    if not kata.example_file.is_file() and not kata.spec.no_example.strip():
        yield (
            f"there is no {kata.example_file}: write the worked example of the task as code, or "
            "say in kata.toml why not, as `no_example`"
        )
    elif kata.example_file.is_file() and kata.spec.no_example:
        line = line_of(_text(kata.spec_file), kata.spec.no_example)
        yield (
            f"{kata.spec_file}{f':{line}' if line else ''}: no_example says why there is no "
            "example.py, and there is one: remove one of the two"
        )


def worked_example(readme: str) -> str:
    """The section of a task that works an example; empty where there is none."""
    found = re.search(r"^## A worked example\n(.*?)(?=^## |\Z)", readme, re.DOTALL | re.MULTILINE)
    return found[1] if found else ""


def _promises(kata: Kata) -> Iterator[str]:
    """Promises that are not the task's words, and sentences of the task that are no promise."""
    readme = _text(kata.readme) if kata.readme.is_file() else ""
    task = [plain(readme), plain(_text(kata.stub)) if kata.stub.is_file() else ""]
    quotes = []
    for name, said in kata.spec.promised().items():
        for quote in said:
            quotes.append(quote)
            if not any(plain(quote) in text for text in task):
                line = line_in_table(_text(kata.spec_file), "promises", name)
                yield (
                    f"{kata.spec_file}:{line}: [promises] {name} quotes {_shortened(quote)}, which "
                    "neither README.md nor the stub says: quote the task word for word"
                )
    for sentence in unpromised(readme, quotes):
        yield (
            f"{kata.readme}:{sentence.line}: no promise in kata.toml quotes "
            f"{_shortened(sentence.text)}: say in [promises] which check holds it, or write what "
            "promises nothing outside the list"
        )


def _rubric(kata: Kata) -> Iterator[str]:
    path = kata.folder / RUBRIC_FILE
    if path.exists() or path.with_name(ANSWERS_FILE).exists():
        read_rubric(path)
    yield from ()


def _solutions(kata: Kata) -> Iterator[str]:
    if len(kata.alternatives) < MIN_ALTERNATIVES:
        yield (
            f"{len(kata.alternatives)} alternatives, expected at least {MIN_ALTERNATIVES}: write "
            f"other right answers in {kata.solutions / 'alternatives'}"
        )


def _bank(kata: Kata) -> Iterator[str]:
    for item in kata.misconceptions:
        if not item.message.strip() or not item.title.strip():
            yield f"misconception {item.id} has no message or no title"
    if not kata.misconceptions:
        yield (
            "misconceptions.toml is missing or empty: nothing proves that the checks find anything"
        )


def _stray(kata: Kata) -> Iterator[str]:
    allowed = KATA_FILES | {kata.stub.name, "__pycache__"}
    for name in sorted(path.name for path in kata.folder.iterdir()):
        if name not in allowed:
            yield f"stray file {name} beside the stub: remove it"


def _marks(kata: Kata) -> Iterator[str]:
    """Marks that `kata new` left where something is still to be written."""
    written = (
        *(path for path in sorted(kata.folder.iterdir()) if path != kata.stub),
        *sorted(kata.solutions.rglob("*")),
    )
    for path in written:
        if path.suffix in (".md", ".toml", ".py") and path.is_file():
            for line, mark in marks_in(_text(path)):
                yield f"{path}:{line}: still to be written: {mark}"


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except OSError as error:
        raise SpecError(path, f"cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise SpecError(path, f"is not UTF-8 text (byte {error.start})") from None


def _quoted(line: str | None) -> str:
    if line is None:
        return "nothing more"
    return f"`{line.strip()[:_SHOWN]}`" if line.strip() else "an empty line"


def _shortened(text: str) -> str:
    words = " ".join(text.split())
    return f"`{words}`" if len(words) <= _SHOWN else f"`{words[:_SHOWN].rstrip()} ...`"


def _line_of_caught_by(path: Path, item: str, check: str) -> int:
    """The line on which a misconception names a check."""
    lines = _text(path).splitlines()
    names = re.compile(rf"\s*caught_by\s*=\s*['\"]{re.escape(check)}['\"]")
    starts = re.compile(rf"\s*id\s*=\s*['\"]{re.escape(item)}['\"]")
    start = next((n for n, line in enumerate(lines) if starts.match(line)), 0)
    after = (n for n in range(start, len(lines)) if names.match(lines[n]))
    return 1 + next(after, start)
