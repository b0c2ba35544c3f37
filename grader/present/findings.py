"""An audit's findings, as a table and lines."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from grader.audit.findings import Finding
from grader.present.report import Writer
from grader.present.text import clean


def write_findings(out: Console, findings: Sequence[Finding], *, verbose: bool = False) -> None:
    """Show what was found: problems first to last, then one line for all."""
    text = Writer(out)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in (
        "kata",
        "misconceptions",
        "detected",
        "diagnosed",
        "right ones",
        "right s",
        "wrong s",
    ):
        table.add_column(name, justify="left" if name == "kata" else "right")
    for finding in findings:
        count = len(finding.rows)
        table.add_row(
            clean(finding.kata),
            str(count),
            f"{sum(row.detected == row.seeds for row in finding.rows)}/{count}",
            f"{sum(row.diagnosed == row.seeds for row in finding.rows)}/{count}",
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
                if row.not_diagnosed_because:
                    text.line(f"{row.id} is not diagnosed: {row.not_diagnosed_because}", indent=2)
        for problem in finding.problems:
            text.line(f"✗ {finding.kata}: {problem}", style="red")
    rows = [row for finding in findings for row in finding.rows]
    diagnosed = sum(row.diagnosed == row.seeds for finding in findings for row in finding.rows)
    share = f" ({100 * diagnosed / len(rows):.1f}%)" if rows else ""
    problems = sum(len(finding.problems) for finding in findings)
    seeds = max((finding.seeds for finding in findings), default=0)
    text.line(
        f"\n{len(findings)} katas, {seeds} seeds: {len(rows)} misconceptions, {diagnosed} "
        f"diagnosed by name{share}; {problems} problems",
        style="bold green" if not problems else "bold red",
    )
