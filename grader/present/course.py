"""The way through a course as a table, and which check holds what a task promises."""

from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from grader.course.promises import FORBIDDEN
from grader.present.report import FAILED_MARK, MARKS
from grader.present.text import clean
from grader.verdict import Status

if TYPE_CHECKING:
    from grader.course.catalog import Course
    from grader.course.kata import Kata
    from grader.course.progress import Progress


def kata_table(out: Console, course: "Course", progress: "Progress") -> None:
    """The way through the course: how hard and long each kata is, and how far the learner."""
    table = Table(box=None, pad_edge=False, show_edge=False, header_style="bold", padding=(0, 1))
    table.add_column("")
    table.add_column("kata", no_wrap=True)
    table.add_column("level", no_wrap=True)
    table.add_column("min", justify="right")
    table.add_column("title", ratio=3)
    table.add_column("after", style="dim", ratio=2, overflow="fold")
    if course.spec.title:
        out.print(Text(clean(course.spec.title), style="bold"))
        out.print()
    track = ""
    titles = {track.name: track.title for track in course.spec.track}
    for kata in course.katas:
        if kata.track != track:
            track = kata.track
            title = Text(clean(titles.pop(track, "")), style="bold")
            table.add_row("", Text(clean(f"{track}/"), style="bold"), "", "", title)
        spec = kata.spec
        status = progress.katas[kata.name].status if kata.name in progress.katas else ""
        mark, colour = MARKS.get(Status(status), FAILED_MARK) if status else (" ", "")
        table.add_row(
            Text(mark, style=colour),
            Text(clean(f"  {kata.short}")),
            Text("●" * spec.difficulty + "○" * (5 - spec.difficulty)),
            str(spec.minutes),
            Text(clean(spec.title)),
            Text("\n".join(name.rpartition("/")[2] for name in spec.after)),
        )
    out.print(table)


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
