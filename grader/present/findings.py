"""An audit's findings: a row for each kata as soon as it is done, and a line for all."""

from collections.abc import Sequence

from rich.console import Console

from grader.audit.findings import Finding
from grader.present.report import Writer
from grader.present.text import clean

COLUMNS = ("detected", "diagnosed", "right ones", "right s", "wrong s")


class FindingsWriter:
    """Writes what an audit finds as it comes, so that one that is stopped has said what it knows.

    Args:
        out: where.
        katas: the names of those that are audited.
        verbose: also say what each check catches, and what is not diagnosed.
    """

    def __init__(self, out: Console, katas: Sequence[str], *, verbose: bool = False) -> None:
        self._text = Writer(out)
        self._verbose = verbose
        self._width = max((len(clean(name)) for name in katas), default=0)
        self.written = 0

    def head(self) -> None:
        """The names of the columns."""
        self._row("kata", COLUMNS, style="bold")

    def finding(self, finding: Finding) -> None:
        """One kata: its row, and its problems below it."""
        count = len(finding.rows)
        cells = (
            f"{sum(row.detected == row.seeds for row in finding.rows)}/{count}",
            f"{sum(row.diagnosed == row.seeds for row in finding.rows)}/{count}",
            str(finding.alternatives + 1),
            f"{finding.solution_s:.2f}",
            f"{finding.wrong_s:.2f}",
        )
        self._row(clean(finding.kata), cells, style="" if finding.clean else "red")
        for problem in finding.problems:
            self._text.line(f"✗ {finding.kata}: {problem}", style="red")
        if self._verbose:
            for name, caught in finding.catches.items():
                self._text.line(f"{name} catches {', '.join(caught) or 'nothing'}", indent=2)
            for row in finding.rows:
                if row.not_diagnosed_because:
                    why = row.not_diagnosed_because
                    self._text.line(f"{row.id} is not diagnosed: {why}", indent=2)
        self.written += 1

    def summary(self, findings: Sequence[Finding]) -> None:
        """One line for all."""
        rows = [row for finding in findings for row in finding.rows]
        diagnosed = sum(row.diagnosed == row.seeds for row in rows)
        share = f" ({100 * diagnosed / len(rows):.1f}%)" if rows else ""
        problems = sum(len(finding.problems) for finding in findings)
        seeds = max((finding.seeds for finding in findings), default=0)
        self._text.line(
            f"\n{len(findings)} katas, {seeds} seeds: {len(rows)} misconceptions, {diagnosed} "
            f"diagnosed by name{share}; {problems} problems",
            style="bold green" if not problems else "bold red",
        )

    def _row(self, name: str, cells: Sequence[str], *, style: str) -> None:
        filled = (f"{cell:>{len(column)}}" for cell, column in zip(cells, COLUMNS, strict=True))
        self._text.line(" ".join([f"{name:<{self._width}}", *filled]), style=style)
