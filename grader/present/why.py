"""`kata why`: each step of one call, its value, and whether a right answer has it."""

from rich.table import Table
from rich.text import Text

from grader.judge.suspect import Compared, Suspicion, as_shown
from grader.present.report import Writer
from grader.present.text import clean
from grader.submission.notebook import place_in
from grader.submission.read import ReadSubmission
from grader.worker.trace import FOUND, GRADIENTS

MOST_ROWS = 200
MOST_ALIKE = 4
"""Of what one expression makes in a row: the gates, and not all that a library clips."""


def write_table(writer: Writer, compared: Compared, read: ReadSubmission) -> None:
    """A row for each step that has a value: line, expression, first entry, and what it is.

    Args:
        writer: where to.
        compared: the call, traced, beside the right ones.
        read: the submission.
    """
    suspect = compared.suspicion
    wrong = "not the answer here" if suspect and suspect.returned else "here it goes wrong"
    table = Table(box=None, pad_edge=False, show_edge=False, header_style="bold", padding=(0, 1))
    line = "cell:line" if read.cells else "line"
    for name, justify in ((line, "right"), ("expression", "left"), ("first entry", "right")):
        table.add_column(name, justify=justify, no_wrap=name != "expression")  # type: ignore[arg-type]
    table.add_column("in right answers")
    rows, spot, alike = 0, None, 0
    for step, value, known in zip(compared.steps, compared.made, compared.known, strict=True):
        shown = as_shown(Suspicion(step, ()), read.source, "")
        if shown is None or value is None or not value.array.size or step.operation == FOUND:
            continue
        here = suspect is not None and step is suspect.step
        before, spot = spot, (step.line, step.column, step.end, known, here)
        alike = alike + 1 if spot == before else 1
        rows += alike <= MOST_ALIKE
        if alike > MOST_ALIKE or rows > MOST_ROWS:
            continue
        text = shown.source[shown.column - 1 : shown.end - 1] if shown.end else shown.source
        name = compared.name(value)
        said = f"yes, as {name}" if name else "yes" if known else "no"
        text = f"back through {text}" if step.operation in GRADIENTS else text
        style = "bold yellow" if here else "" if known else "dim"
        table.add_row(
            ":".join(map(str, place_in(read.cells, shown.line) if read.cells else [shown.line])),
            Text(clean(text)),
            f"{float(value.array.flat[0]):.6g}",
            Text(clean(f"{said}: {wrong}" if here else said)),
            style=style,
        )
    writer.out.print(table)
    if rows > MOST_ROWS:
        writer.line(f"{rows - MOST_ROWS} more steps are left out.", style="dim")
