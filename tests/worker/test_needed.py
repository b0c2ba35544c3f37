"""Which cells of a notebook are run: every right answer of the course, taken apart into cells."""

import ast
import builtins
import itertools
import random
import sys
import types
from collections.abc import Iterator

import pytest

from grader.course.catalog import built_in_course
from grader.worker.cells import Plan, plan, run
from grader.worker.granted import grant_notebook

KATAS = built_in_course().katas
SCRATCH = ("1 / 0", "while True:\n    pass", "def broken(:", "raise SystemExit", "_ = undefined")


@pytest.fixture(autouse=True)
def _surroundings() -> Iterator[None]:
    """What a notebook takes for granted, as a module IPython that does nothing, goes with it."""
    known, names, finders = set(sys.modules), set(vars(builtins)), sys.meta_path[:]
    yield
    sys.meta_path[:] = finders
    for name in set(sys.modules) - known:
        if type(sys.modules[name]).__module__ == grant_notebook.__module__:
            del sys.modules[name]
    for name in set(vars(builtins)) - names:
        delattr(builtins, name)


def in_cells(texts: list[str], names: tuple[str, ...], tagged: int = -1) -> Plan:
    """The plan of a notebook with these cells."""
    lines, places = [], []
    for number, text in enumerate(texts, 1):
        lines.append("# a cell")
        places.append((len(lines) + 1, number, number - 1 == tagged))
        lines += [*text.split("\n"), ""]
    return plan("\n".join(lines).encode(), "a.py", tuple(places), names)


def taken_apart(source: str) -> list[str]:
    """A module's statements, each with its decorators, as the texts of cells."""
    lines, cells = source.split("\n"), []
    for node in ast.parse(source).body:
        first = min([node.lineno, *(one.lineno for one in getattr(node, "decorator_list", ()))])
        cells.append("\n".join(lines[first - 1 : node.end_lineno]))
    return cells


def loaded(planned: Plan, names: tuple[str, ...]) -> tuple[types.ModuleType, tuple[str, ...]]:
    """The module that a plan makes, and what is said about it."""
    module = types.ModuleType("answer")
    return module, run(module, planned, names, seconds=600, stopped={})


@pytest.mark.parametrize("kata", KATAS, ids=lambda kata: kata.short)
def test_an_answer_in_as_many_cells_as_it_has_statements(kata) -> None:
    """In its own order, and in any other: what is needed at once is run before it."""
    names = tuple(name for name in kata.signatures if "." not in name)
    draw = random.Random(kata.name)
    for path, mixed in itertools.product([kata.solution, *kata.alternatives], [False, True]):
        cells = taken_apart(path.read_text())
        cells += SCRATCH
        if mixed:
            draw.shuffle(cells)
        planned = in_cells(cells, names)
        ran = {cells[one.number - 1] for one in planned.cells}
        assert ran.isdisjoint(SCRATCH), path
        module, notes = loaded(planned, names)
        whole = types.ModuleType("whole")
        exec(compile(path.read_text(), str(path), "exec"), vars(whole))
        missing = [name for name in names if hasattr(whole, name) and not hasattr(module, name)]
        assert not missing, path
        assert not [note for note in notes if "stopped" in note], path


@pytest.mark.parametrize(
    ("cells", "ran"),
    [
        (["a = 1", "def f(): return a"], [1, 2]),
        (["a = 1", "def f(a): return a"], [2]),
        (["a = 1", "def f(): return [a for a in ()]"], [2]),
        (["a = 1", "def f(): return [a for b in ()]"], [1, 2]),
        (["a = 1", "def f():\n    global a\n    a = 2"], [1, 2]),
        (["a = 1", "def f(): return lambda: a"], [1, 2]),
        (["a = 1", "class f:\n    x = a"], [1, 2]),
        (["a = 1", "class f:\n    def g(self): return a"], [1, 2]),
        (["a = 1", "class f:\n    a = 2\n    b = a"], [2]),
        (["a = 1", "f = lambda x=a: x"], [1, 2]),
        (["a = 1", "f = [a for b in ()]"], [1, 2]),
        (["a = 1", "def f(x: a): pass"], [1, 2]),
        (["a = 1", "@a\ndef f(): pass"], [1, 2]),
        (["a = 1", "a = 2\ndef f(): return a"], [2]),
        (["a = 1", "a += 1\ndef f(): return a"], [1, 2]),
        (["a = 1", "def f(): return a", "a = 2"], [2, 3]),
        (["a = 1", "f = a", "a = 2"], [1, 2]),
        (["f = a", "a = 2"], [2, 1]),
        (["import a.b", "f = a"], [1, 2]),
        (["import a.b as c", "f = a"], [2]),
        (["from a import b as c", "f = c"], [1, 2]),
        (["from a import *", "f = g"], [1, 2]),
        (["import a", "f = a", "import a"], [1, 2]),
        (["import a", "a.x = 1", "f = a"], [1, 3]),
        (["a = {}", "a['x'] = 1", "f = a", "a['y'] = 1"], [1, 2, 3, 4]),
        (["a = {}", "a.update(x=1)", "def f(): return a", "print(a)"], [1, 2, 3]),
        (["class A: pass", "@patch(A)\ndef g(): pass", "f = A"], [1, 2, 3]),
        (["with a as b:\n    f = b", "a = 1"], [2, 1]),
        (["for f in a:\n    pass", "a = [1]"], [2, 1]),
        (["try:\n    import f\nexcept ImportError:\n    f = a", "a = 1"], [2, 1]),
        (["if (f := a):\n    pass", "a = 1"], [2, 1]),
        (["x = 1; f = x", "x = 2"], [1]),
        (["match a:\n    case [f]: pass", "a = [1]"], [2, 1]),
        (["def f(): return g()", "def g(): return f()"], [1, 2]),
        (["f = g", "g = f"], [2, 1]),
        (["f = g = 1", "del g"], [1]),
        (["f = g = 1", "del f"], [1]),
        (["x = 1", "f = x\ndel x", "y = x"], [1, 2]),
        (["f = 1", "if a:\n    f = 2", "a = 0"], [1, 3, 2]),
        (["f = 1", "if a:\n    f = 2\nelse:\n    f = 3", "a = 0"], [3, 2]),
        (["f = 0", "f = 1", "for _ in ():\n    f = 2"], [2, 3]),
        (["f = 1", "while False:\n    f = 2", "if 0:\n    f = 3"], [1, 2, 3]),
        (["f = 1", "try:\n    f = 2\nexcept E:\n    pass"], [1, 2]),
        (["f = 1", "try:\n    f = 2\nexcept E:\n    f = 3"], [2]),
        (["f = 1", "with a as (b, f):\n    pass", "a = 1"], [3, 2]),
        (["a = 1", "if 0:\n    a = 2", "def f(): return a"], [1, 2, 3]),
        (["a = 1", "if 0:\n    a = 2", "f = a"], [1, 2, 3]),
        (["f = 1", "if 0:\n    def f(): pass"], [1, 2]),
        (["f = 1", "if 0:\n    import f"], [1, 2]),
        (["x = 1", "y = 2"], [1, 2]),
        (["async def f(): return a", "a = 1"], [1, 2]),
    ],
)
def test_what_a_name_needs(cells: list[str], ran: list[int]) -> None:
    assert [one.number for one in in_cells(cells, ("f",)).cells] == ran


@pytest.mark.parametrize(
    ("cells", "tagged", "ran"),
    [
        (["f = 1", "f = 2"], 0, [1]),
        (["f = 1", "def g(): pass"], 1, [1, 2]),
        (["f = a", "a = 1", "a = 2"], 0, [2, 1]),
        (["def f(): return a", "a = 1", "a = 2"], 0, [3, 1]),
        (["a = 0\ndef f(): return a", "a = 1"], 0, [1]),
        (["f = (", "f = 2"], 0, [1]),
    ],
)
def test_a_tag_says_which_cell_is_meant(cells, tagged: int, ran: list[int]) -> None:
    assert [one.number for one in in_cells(cells, ("f",), tagged).cells] == ran


def test_many_cells_that_need_each_other_cost_little() -> None:
    chain = [f"a{number} = a{number + 1}" for number in range(3_000)]
    planned = in_cells([*chain, "a3000 = 1", "f = a0"], ("f",))
    assert len(planned.cells) == 3_002
    assert planned.cells[0].number == 3_001


def test_what_raises_the_time_again_is_stopped_again() -> None:
    cells = [
        "while True:\n    try:\n        while True: pass\n    except TimeoutError: pass\nf = 1"
    ]
    with pytest.raises(TimeoutError, match="still running"):
        run(types.ModuleType("a"), in_cells(cells, ("f",)), ("f",), seconds=0.2, stopped={})


def test_a_cell_that_was_stopped_is_cut_there_from_then_on() -> None:
    planned, stopped = in_cells(["f = 1\nwhile f:\n    pass\nf = 2"], ("f",)), {}
    module = types.ModuleType("a")
    [note] = run(module, planned, ("f",), seconds=0.2, stopped=stopped)
    assert "Cell 1 stopped at line 2" in note
    assert stopped == {1: 1}
    assert run(module, planned, ("f",), seconds=0.2, stopped=stopped) == ()
    assert module.f == 1
