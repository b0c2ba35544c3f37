"""A worked example, for a person at a terminal."""

from grader.course.kata import Kata
from grader.judge.attempt import WorkedExample
from grader.present.report import FAILED_MARK, MARKS, Writer
from grader.text import one_line
from grader.verdict import Status

NEXT = "The task's numbers, without points. The checks: kata check {}"


def write_example(
    writer: Writer, kata: Kata, result: WorkedExample, *, brief: bool = False
) -> None:
    """A line for each result; where one is wrong, what is expected above what is given.

    Args:
        writer: where to.
        kata: whose it is.
        result: how it came out.
        brief: it is one of many: what was not begun takes one line.
    """
    mark, colour = MARKS.get(result.status, FAILED_MARK)
    word = {Status.PASSED: "", Status.FAILED: ""}.get(
        result.status, f" ({result.status.value.replace('_', ' ').lower()})"
    )
    writer.line(f"{mark} {kata.name}: the worked example{word}", style=f"bold {colour}")
    if brief and result.status is Status.NOT_IMPLEMENTED and not result.lines:
        return
    width = max((len(line.what) for line in result.lines), default=0)
    for line in result.lines:
        name = f"{line.what:{width}}"
        if line.right:
            writer.line(f"✓ {name}  {line.expected}", style="green", indent=2)
        else:
            given = one_line(line.given) or "nothing"
            expected_shape, given_shape = map(_shaped, line.shapes) if line.shapes else ("", "")
            writer.line(
                f"✗ {name}  expected {line.expected}{expected_shape}", style="red", indent=2
            )
            writer.line(f"{'':{width}}  given    {given}{given_shape}", indent=4)
    if result.message:
        writer.line(result.message, indent=2)
        writer.location(result.location, indent=2)
    if result.status is not Status.PASSED or writer.verbose:
        writer.printed(result.output, indent=2)
    if not brief:
        writer.line(NEXT.format(kata.short), style="dim", indent=2)


def _shaped(shape: tuple[int, ...] | None) -> str:
    if shape is None:
        return ", which is no array"
    return f", of shape {shape}" if shape else ", a single number"
