"""`kata why`: each step of one call, its value, and whether a right answer has it."""

from rich.table import Table
from rich.text import Text

from grader.judge.suspect import Compared, Suspicion, as_shown
from grader.present.report import Writer
from grader.present.text import clean
from grader.submission.notebook import place_in
from grader.submission.read import ReadSubmission
from grader.worker.trace import FOUND

MOST_ROWS = 200


def write_table(writer: Writer, compared: Compared, read: ReadSubmission) -> None:
    """A row for each step that has a value: line, expression, first entry, and what it is.

    Args:
        writer: where to.
        compared: the call, traced, beside the right ones.
        read: the submission.
    """
    suspect = compared.suspicion()
    wrong = "not the answer here" if suspect and suspect.returned else "here it goes wrong"
    table = Table(box=None, pad_edge=False, show_edge=False, header_style="bold", padding=(0, 1))
    line = "cell:line" if read.cells else "line"
    for name, justify in ((line, "right"), ("expression", "left"), ("first entry", "right")):
        table.add_column(name, justify=justify, no_wrap=name != "expression")  # type: ignore[arg-type]
    table.add_column("in right answers")
    for step, value, known in zip(
        compared.steps[:MOST_ROWS], compared.made, compared.known, strict=False
    ):
        shown = as_shown(Suspicion(step, ()), read.source, "")
        if shown is None or value is None or not value.array.size or step.operation == FOUND:
            continue
        text = shown.source[shown.column - 1 : shown.end - 1] if shown.end else shown.source
        name = compared.name(value)
        here = suspect is not None and step is suspect.step
        said = f"yes, as {name}" if name else "yes" if known else "no"
        style = "bold yellow" if here else "" if known else "dim"
        table.add_row(
            ":".join(map(str, place_in(read.cells, shown.line) if read.cells else [shown.line])),
            Text(clean(text)),
            f"{float(value.array.flat[0]):.6g}",
            Text(clean(f"{said}: {wrong}" if here else said)),
            style=style,
        )
    writer.out.print(table)
    if len(compared.steps) > MOST_ROWS:
        writer.line(f"{len(compared.steps) - MOST_ROWS} more steps are left out.", style="dim")
