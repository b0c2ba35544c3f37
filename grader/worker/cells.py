"""A notebook as a submission: which of its cells are run, and how.

Cells are run that the kata needs (`grader.worker.needed`), each to a time of its own. One that
raises, ends the program or never ends is left where it stopped, and told in a note. It counts only
where a name that the kata asks for is missing in the end.
"""

import __future__

import ast
import functools
import re
import time
from collections.abc import Iterator, Sequence
from types import CodeType, ModuleType
from typing import NamedTuple

from grader.worker.alarm import Alarm, OutOfTime
from grader.worker.granted import grant_notebook
from grader.worker.needed import NOTHING, Cell, choose, names_of

Cells = tuple[tuple[int, int, bool | None], ...]
"""For each cell the line of the module on which it begins, its number, and whether it is tagged.

That is None for a cell that is tagged for other katas.
"""

MOST_NAMED = 12
LEAST_S = 0.02


class StillRunning(TimeoutError):
    """A cell that the kata needs was stopped, since its time was over."""


class Part(NamedTuple):
    """A statement of a cell, and its line in the cell."""

    line: int
    code: CodeType


class Planned(NamedTuple):
    """A cell that is run: its number, its statements, and why it cannot be run, if so."""

    number: int
    parts: tuple[Part, ...]
    error: Exception | None


class Plan(NamedTuple):
    """What of a notebook is run.

    Args:
        source: the module's text, with the lines of the cells that are run, and no others.
        cells: these, in the order in which they are run.
        notes: what is to be said about the cells.
    """

    source: bytes
    cells: tuple[Planned, ...]
    notes: tuple[str, ...]


@functools.lru_cache(maxsize=4)
def plan(source: bytes, path: str, cells: Cells, names: tuple[str, ...]) -> Plan:
    """Choose the cells that a kata needs, and compile them.

    Args:
        source: the notebook's code as one module.
        path: of the file that holds it, for tracebacks.
        cells: where its cells are.
        names: what the kata asks for.
    """
    lines = source.decode("utf-8", "surrogatepass").split("\n")
    spans = list(_spans(cells, len(lines)))
    taken: list[Cell] = []
    errors: dict[int, Exception] = {}
    for index, (number, tagged, span) in enumerate(spans):
        text = "\n".join(lines[span.start : span.stop])
        try:
            tree = ast.parse(text, path)
            taken.append(Cell(number, tagged, text, tree, names_of(tree, text)))
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            errors[index] = error
            taken.append(Cell(number, tagged, text, None, NOTHING))
    choice = choose(taken, names)
    flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    for cell in taken:
        flags |= _future(cell.tree)
    planned = [
        _planned(taken[index], spans[index][2].start, path, flags, errors.get(index))
        for index in choice.order
    ]
    kept = ["#"] * len(lines)
    for index in choice.order:
        if index not in errors:
            span = spans[index][2]
            kept[span.start : span.stop] = lines[span.start : span.stop]
    notes = [
        *_twice(taken, choice.defined, choice.counts),
        *_elsewhere(taken, [name for name in names if name not in choice.counts]),
        *_left_out(taken, errors, choice.order),
    ]
    chosen = "\n".join(kept).encode("utf-8", "surrogatepass")
    return Plan(chosen, tuple(planned), tuple(notes))


def _planned(cell: Cell, start: int, path: str, flags: int, error: Exception | None) -> Planned:
    """A cell, compiled statement by statement, with the lines of the module."""
    if cell.tree is None:
        if isinstance(error, SyntaxError) and error.lineno is not None:
            error.lineno, error.filename = error.lineno + start, path
        return Planned(cell.number, (), error)
    parts: list[Part] = []
    try:
        for node in cell.tree.body:
            line = node.lineno
            ast.increment_lineno(node, start)
            code = compile(ast.Module([node], []), path, "exec", flags=flags, dont_inherit=True)
            parts.append(Part(line, code))
    except (SyntaxError, ValueError, RecursionError, MemoryError) as problem:
        return Planned(cell.number, (), problem)
    return Planned(cell.number, tuple(parts), None)


def _future(tree: ast.Module | None) -> int:
    """The flags of a cell's `from __future__` lines; IPython keeps them for all that follow."""
    flags = 0
    for node in tree.body if tree else ():
        if isinstance(node, ast.ImportFrom) and node.module == "__future__":
            for item in node.names:
                feature = getattr(__future__, item.name, None)
                flags |= getattr(feature, "compiler_flag", 0)
    return flags


def _twice(
    cells: Sequence[Cell], defined: dict[str, tuple[int, ...]], counts: dict[str, int]
) -> Iterator[str]:
    """Names that several cells define, and which cell counts."""
    for name, where in defined.items():
        if len(where) > 1:
            said = _listed([cells[index].number for index in where])
            one = cells[counts[name]]
            counting = f"Cell {one.number} counts: it is {'tagged' if one.tagged else 'the last'}."
            if name in one.names.perhaps:
                counting = f"Cell {one.number} does so on a condition."
            yield f"`{name}` is defined in {said}. {counting}"


def _elsewhere(cells: Sequence[Cell], names: Sequence[str]) -> Iterator[str]:
    """Cells that define a name for another program: by IPython's rules they are not Python."""
    for cell in cells:
        magic = re.match(r"\s*# (%%\w+)", cell.text)
        if magic is None:
            continue
        for name in names:
            defined = rf"^# (?:async )?(?:def|class) {name}\b"
            if re.search(defined, cell.text, re.MULTILINE):
                yield (
                    f"Cell {cell.number} begins with {magic[1]}, so the notebook does not run the "
                    f"`{name}` in it. Leave that line out."
                )


def _left_out(
    cells: Sequence[Cell], errors: dict[int, Exception], order: Sequence[int]
) -> Iterator[str]:
    """Cells that are not run."""
    for index, error in [*errors.items()][:MOST_NAMED]:
        if index not in order:
            line = f"line {error.lineno}: " if isinstance(error, SyntaxError) else ""
            what = error.msg if isinstance(error, SyntaxError) else type(error).__name__
            yield f"Cell {cells[index].number} is left out. It does not parse ({line}{what})."
    chosen = {*order, *errors}
    idle = [
        cell.number
        for index, cell in enumerate(cells)
        if index not in chosen
        and cell.tagged is not None
        and cell.tree is not None
        and not _is_idle(cell.tree)
    ]
    if idle:
        was = "was" if len(idle) == 1 else "were"
        yield f"Not needed, so {was} not run: {_listed(idle)}."


def _is_idle(tree: ast.Module) -> bool:
    """Whether a cell does nothing: words, or lines of IPython's."""
    return all(isinstance(node, ast.Pass) for node in tree.body)


def _listed(numbers: Sequence[int]) -> str:
    """Cells, as one says them."""
    if len(numbers) == 1:
        return f"cell {numbers[0]}"
    if len(numbers) > MOST_NAMED:
        return f"{len(numbers)} cells"
    return f"cells {', '.join(map(str, numbers[:-1]))} and {numbers[-1]}"


def run(
    module: ModuleType,
    planned: Plan,
    names: Sequence[str],
    *,
    seconds: float,
    stopped: dict[int, int],
) -> tuple[str, ...]:
    """Run the cells of a plan in a module.

    A cell may use half of what is left of the time, so that there is always time for the next.

    Args:
        module: where to.
        planned: the plan.
        names: what the kata asks for.
        seconds: the time for all of them.
        stopped: for a cell that ran out of time before, how many of its statements are run; it is
            added to.

    Returns:
        Notes, for the learner.

    Raises:
        BaseException: the first error of a cell, if a name of `names` is missing in the end.
    """
    grant_notebook()
    ends = time.monotonic() + seconds
    failed: list[BaseException] = []
    notes = list(planned.notes)
    for cell in planned.cells:
        allowed = (ends - time.monotonic()) / 2
        if allowed < LEAST_S:
            notes.append(f"Cell {cell.number} and those after it had no time left.")
            failed.append(StillRunning("No time was left for all cells."))
            break
        at = 0
        error: BaseException | None = cell.error
        try:
            with Alarm(allowed):
                for at, part in enumerate(cell.parts[: stopped.get(cell.number)]):  # noqa: B007
                    _run_part(part.code, module)
        except OutOfTime as late:
            stopped[cell.number] = at
            error = StillRunning(f"It was still running after {allowed:.1f} s.")
            error = error.with_traceback(late.__traceback__)
        except BaseException as raised:
            error = raised
        if error is not None:
            failed.append(error)
            line = cell.parts[at].line if cell.parts else 0
            where = f" at line {line}" if line else ""
            said = _said(error)
            if not isinstance(error, StillRunning):
                said = f"{type(error).__name__}: {said}"
            notes.append(f"Cell {cell.number} stopped{where}. {said}"[:300])
    if failed and any(name not in vars(module) for name in names):
        raise failed[0]
    return tuple(notes)


def _run_part(code: CodeType, module: ModuleType) -> None:
    """Run a statement; one that awaits something has a loop of its own, as in IPython."""
    awaited = eval(code, vars(module))
    if awaited is not None:
        import asyncio

        asyncio.run(awaited)


def _said(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:
        return "(its message could not be read)"


def _spans(cells: Cells, count: int) -> Iterator[tuple[int, bool | None, range]]:
    """For each cell its number, its tag and the indices of its lines, of `count` lines in all."""
    ends = [start - 2 for start, _, _ in cells[1:]] + [count]
    for (start, number, tagged), end in zip(cells, ends, strict=True):
        yield number, tagged, range(start - 1, end)
