"""An audit's findings: a row for each kata as soon as it is done, and a line for all."""

from collections.abc import Sequence

from rich.console import Console

from grader.audit.chance import MISSED, Chances
from grader.audit.findings import Finding
from grader.present.report import Writer
from grader.present.text import clean


class _Rows:
    """Writes what is found as it comes, so that what is stopped has said what it knows."""

    columns: tuple[str, ...] = ()

    def __init__(self, out: Console, katas: Sequence[str], *, verbose: bool = False) -> None:
        self._text = Writer(out)
        self._verbose = verbose
        self._width = max((len(clean(name)) for name in katas), default=0)
        self.written = 0

    def head(self) -> None:
        """The names of the columns."""
        self._row("kata", self.columns, style="bold")

    def _kata(self, name: str, cells: Sequence[str], problems: Sequence[str]) -> None:
        self._row(clean(name), cells, style="red" if problems else "")
        for problem in problems:
            self._text.line(f"✗ {name}: {problem}", style="red")
        self.written += 1

    def _row(self, name: str, cells: Sequence[str], *, style: str) -> None:
        filled = (
            f"{cell:>{len(column)}}" for cell, column in zip(cells, self.columns, strict=True)
        )
        self._text.line(" ".join([f"{name:<{self._width}}", *filled]), style=style)

    def _all(self, text: str, problems: int) -> None:
        counted = f"\n{text}; {problems} problems"
        self._text.line(counted, style="bold red" if problems else "bold green")


class FindingsWriter(_Rows):
    """Writes what an audit finds.

    Args:
        out: where.
        katas: the names of those that are audited.
        verbose: also say what each check catches, and what is not diagnosed.
    """

    columns = ("detected", "diagnosed", "right ones", "right s", "wrong s")

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
        self._kata(finding.kata, cells, finding.problems)
        if self._verbose:
            for name, caught in finding.catches.items():
                self._text.line(f"{name} catches {', '.join(caught) or 'nothing'}", indent=2)
            for row in finding.rows:
                if row.not_diagnosed_because:
                    why = row.not_diagnosed_because
                    self._text.line(f"{row.id} is not diagnosed: {why}", indent=2)

    def summary(self, findings: Sequence[Finding]) -> None:
        """One line for all."""
        rows = [row for finding in findings for row in finding.rows]
        diagnosed = sum(row.diagnosed == row.seeds for row in rows)
        share = f" ({100 * diagnosed / len(rows):.1f}%)" if rows else ""
        problems = sum(len(finding.problems) for finding in findings)
        seeds = max((finding.seeds for finding in findings), default=0)
        self._all(
            f"{len(findings)} katas, {seeds} seeds: {len(rows)} misconceptions, {diagnosed} "
            f"diagnosed by name{share}",
            problems,
        )


class ChancesWriter(_Rows):
    """Writes how likely it is that a seed misses a misconception.

    Args:
        out: where.
        katas: the names of those that are looked at.
        verbose: also say of each misconception how often it fails.
    """

    columns = ("drawn for", "missed a seed", "the worst")

    def finding(self, found: Chances) -> None:
        """One kata: its row, and its problems below it."""
        worst = max((row.missed for row in found.rows), default=0.0)
        cells = (str(len(found.rows)), f"{found.missed:.3f}", f"{worst:.4f}")
        self._kata(found.kata, cells, found.problems)
        if self._verbose:
            for row in found.rows:
                self._text.line(
                    f"{row.id}: {row.failed} of {row.asked} cases of {row.caught_by}, which asks "
                    f"{row.cases}",
                    indent=2,
                )

    def summary(self, found: Sequence[Chances]) -> None:
        """One line for all."""
        rows = sum(len(one.rows) for one in found)
        seeds = max((one.seeds for one in found), default=0)
        self._all(
            f"{len(found)} katas, the cases of {seeds} seeds: of {rows} misconceptions a seed "
            f"misses {sum(one.missed for one in found):.2f}, and none may be missed more often "
            f"than once in {1 / MISSED:.0f} seeds",
            sum(len(one.problems) for one in found),
        )
