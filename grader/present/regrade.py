"""What a regrade would change."""

from collections.abc import Sequence

from rich.console import Console

from grader.classroom.regrade import CheckMove, Move, Regraded
from grader.present.report import Writer
from grader.text import cut, one_line

MOST_WHY = 200


def write_regraded(out: Console, found: Regraded) -> None:
    """Who would move, by which check and why; first those whose mark falls."""
    writer = Writer(out)
    for kata, because in found.because.items():
        writer.line(f"{kata} is graded anew. What is not as before: {because}.", style="bold")
    falling = [move for move in found.moves if move.falls]
    rising = [move for move in found.moves if not move.falls]
    _moves(writer, "These marks would fall, and the files are unchanged:", falling, "red")
    _moves(writer, "These would rise, or keep their points with other checks:", rising, "green")
    facts = [
        f"{len(falling)} would fall",
        f"{len(rising)} would rise or change",
        f"{found.same} stay",
    ]
    if found.failed:
        facts.append(f"{found.failed} could not be graded through an error of the grader's")
    writer.line(f"{', '.join(facts)}.")


def _moves(writer: Writer, title: str, moves: Sequence[Move], colour: str) -> None:
    if not moves:
        return
    writer.line(title, style=f"bold {colour}")
    for move in moves:
        writer.line(
            f"{one_line(move.student)}, {move.kata}, attempt {move.attempt}: "
            f"{_points(move.before)} {_word(move.status_before)} → "
            f"{_points(move.after)} {_word(move.status_after)}",
            indent=2,
        )
        for check in move.checks:
            writer.line(_check(check), indent=4, style="dim")


def _check(check: CheckMove) -> str:
    before = _word(check.before) if check.before else "not there"
    after = _word(check.after) if check.after else "gone"
    why = cut(one_line(check.why), MOST_WHY)
    return f"{check.name}: {before} → {after}{f': {why}' if why else ''}"


def _points(points: tuple[int, int]) -> str:
    return f"{points[0]}/{points[1]}"


def _word(status: str) -> str:
    return status.lower().replace("_", " ")
