"""A course for its learner: the way through it, what a task promises, ways to write an answer."""

import ast
import difflib
from typing import TYPE_CHECKING

from rich.console import Console
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

from grader.course.promises import FORBIDDEN
from grader.errors import NotFoundError
from grader.present.report import FAILED_MARK, MARKS
from grader.present.text import clean
from grader.verdict import Status

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from grader.course.catalog import Course
    from grader.course.kata import Kata
    from grader.course.progress import Progress

DIFFERENCE = {"+": "green", "-": "red", "@": "cyan"}
"""How the lines of a unified diff are coloured, by their first character."""

WIDE = 72
"""From how many columns on a list has titles, minutes and what comes before."""


def kata_table(
    out: Console, course: "Course", katas: "Sequence[Kata]", progress: "Progress"
) -> None:
    """The way through the course, or a part of it.

    How hard and long each kata is, and how far the learner.
    """
    table = Table(box=None, pad_edge=False, show_edge=False, header_style="bold", padding=(0, 1))
    table.add_column("")
    table.add_column("kata", no_wrap=True)
    table.add_column("level", no_wrap=True)
    wide = out.width >= WIDE
    if wide:
        table.add_column("min", justify="right")
        table.add_column("title", ratio=3)
        table.add_column("after", style="dim", ratio=2, overflow="fold")
    if course.spec.title:
        out.print(Text(clean(course.spec.title), style="bold"))
        out.print()
    track = ""
    titles = {track.name: track.title for track in course.spec.track}
    for kata in katas:
        if kata.track != track:
            track = kata.track
            title = Text(clean(titles.pop(track, "")), style="bold")
            name = Text(clean(f"{track}/"), style="bold")
            table.add_row("", name, "", *([Text(), title] if wide else []))
        spec = kata.spec
        before = "\n".join(name.rpartition("/")[2] for name in spec.after)
        more = [Text(str(spec.minutes)), Text(clean(spec.title)), Text(before)]
        status = progress.katas[kata.name].status if kata.name in progress.katas else ""
        mark, colour = MARKS.get(Status(status), FAILED_MARK) if status else (" ", "")
        table.add_row(
            Text(mark, style=colour),
            Text(clean(f"  {kata.short}")),
            Text("●" * spec.difficulty + "○" * (5 - spec.difficulty)),
            *(more if wide else []),
        )
    out.print(table)


def kata_rows(katas: "Sequence[Kata]", progress: "Progress") -> "Iterator[tuple[Kata, str]]":
    """Katas, each with the sign of its status; a blank where it was never tried."""
    for kata in katas:
        status = progress.katas[kata.name].status if kata.name in progress.katas else ""
        yield kata, MARKS.get(Status(status), FAILED_MARK)[0] if status else " "


def write_difference(out: Console, kata: "Kata", text: str, path: str) -> None:
    """What a learner has changed in a stub, as a unified diff; a word where that is nothing."""
    stub = kata.stub.read_text(encoding="utf-8").splitlines()
    lines = list(
        difflib.unified_diff(stub, text.splitlines(), f"the stub of {kata.name}", path, lineterm="")
    )
    if not lines:
        out.print(Text(clean(f"{path} is the stub, as it was given."), style="dim"))
    for line in lines:
        style = DIFFERENCE.get(line[:1], "") if not line.startswith(("+++", "---")) else "bold"
        out.print(Text(clean(line), style=style, overflow="fold"), soft_wrap=True)


def track_page(course: "Course", name: str) -> str:
    """A track, as Markdown: what one can do after it, its katas, and how long they take."""
    katas = [kata for kata in course.katas if kata.track == name]
    track = next((one for one in course.spec.track if one.name == name), None)
    lines = [f"# {track.title if track else name}", ""]
    if track is not None and track.aim:
        lines += [f"After it you can {track.aim}", ""]
    for kata in katas:
        after = [other for other in kata.spec.after if other.rpartition("/")[0] != name]
        behind = f", after {', '.join(f'`{other}`' for other in after)}" if after else ""
        lines.append(
            f"- `{kata.short}`: {kata.spec.title} (level {kata.spec.difficulty} of 5, about "
            f"{kata.spec.minutes} minutes{behind})"
        )
    total = sum(kata.spec.minutes for kata in katas)
    lines += ["", f"About {_hours(total)} in all. Begin with `kata show {katas[0].short}`."]
    return "\n".join(lines)


def _hours(minutes: int) -> str:
    return f"{minutes} minutes" if minutes < 120 else f"{minutes / 60:.0f} hours"


def task_page(kata: "Kata") -> str:
    """A kata's task and which check holds what of it, as Markdown.

    Raises:
        NotFoundError: the task cannot be read.
    """
    try:
        task = kata.readme.read_text(encoding="utf-8")
    except OSError as error:
        raise NotFoundError(f"{kata.readme} cannot be read: {error.strerror}") from None
    return f"{task.rstrip()}\n\n{promises_of(kata)}"


def promises_of(kata: "Kata") -> str:
    """Which check holds which words of the task, as Markdown; empty where a kata says nothing."""
    promised = kata.spec.promised()
    if not promised:
        return ""
    lines = ["## Which check holds what", ""]
    for name, quotes in promised.items():
        holder = "forbidden calls" if name == FORBIDDEN else f"`{name}`"
        lines.append(f"- {holder}: {' … '.join(quotes)}")
    return "\n".join([*lines, ""])


def ways_of(out: Console, kata: "Kata") -> None:
    """The solution and every alternative, each with a sentence on what is different about it.

    Raises:
        NotFoundError: this course comes without solutions.
    """
    if not kata.solution.is_file():
        raise NotFoundError(f"{kata.name} comes without a solution in this course")
    heads = ["One way to write it", *("Another" for _ in kata.alternatives)]
    for head, path in zip(heads, [kata.solution, *kata.alternatives], strict=True):
        sentence, code = _told_apart(path.read_text(encoding="utf-8"))
        out.print(Text(f"{head}: {clean(sentence)}" if sentence else head, style="bold"))
        out.print()
        out.print(Syntax(code, "python", theme="ansi_light", background_color="default"))
        out.print()


def _told_apart(source: str) -> tuple[str, str]:
    """A file's docstring in one line, and the code below it."""
    docstring = ast.get_docstring(ast.parse(source)) or ""
    if not docstring:
        return "", source.strip()
    end = ast.parse(source).body[0].end_lineno or 1
    return " ".join(docstring.split()), "\n".join(source.splitlines()[end:]).strip()
