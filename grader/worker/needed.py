"""Which cells of a notebook a kata needs.

Those that are tagged for it, or else those that define the names that it asks for; and what these
use, and what that uses. The rest is scratch: it is not run, so it costs nothing, whatever it does.

Names are told apart by Python's own tables of symbols: a local variable of a function is not taken
for a variable of the notebook. Nothing is run here.
"""

import ast
import re
import symtable
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

_AT_ONCE = ("class", "genexpr", "listcomp", "setcomp", "dictcomp")
"""Blocks whose code runs where it stands; that of a function runs later."""


class Names(NamedTuple):
    """What a cell does with the notebook's names.

    Args:
        binds: names that it gives a value.
        perhaps: those of them that it may also leave as they are: under an `if`, in a loop.
        imports: those of them that name what it imports.
        changes: names whose object it changes: an attribute, an item, a method called on it.
        at_once: names that it must find when it runs.
        later: names that its functions look up when they are called.
        stars: whether it imports `*`, which may define any name.
    """

    binds: frozenset[str]
    perhaps: frozenset[str]
    imports: frozenset[str]
    changes: frozenset[str]
    at_once: frozenset[str]
    later: frozenset[str]
    stars: bool


_NONE: frozenset[str] = frozenset()
NOTHING = Names(_NONE, _NONE, _NONE, _NONE, _NONE, _NONE, False)


class Cell(NamedTuple):
    """A cell, taken apart.

    Args:
        number: which code cell it is, from 1.
        tagged: whether it is tagged as an answer to the kata; None if to others.
        text: its text.
        tree: its statements; None where it does not parse.
        names: what it does with names; nothing where it does not parse.
    """

    number: int
    tagged: bool | None
    text: str
    tree: ast.Module | None
    names: Names

    def seems_to_define(self, name: str) -> bool:
        """Whether a cell that does not parse was meant to define a name."""
        found = rf"^[ \t]*(?:(?:async[ \t]+)?def|class)[ \t]+{name}\b|^{name}[ \t]*=[^=]"
        return self.tree is None and re.search(found, self.text, re.MULTILINE) is not None


def names_of(tree: ast.Module, text: str) -> Names:
    """What the statements of a cell do with names.

    Raises:
        SyntaxError: Python's tables cannot be made (a `return` outside of a function, say).
    """
    binds: set[str] = set()
    imports: set[str] = set()
    at_once: set[str] = set()
    later: set[str] = set()
    lines = text.split("\n")
    for first, part, nodes in _parts(tree, lines):
        try:
            found = symtable.symtable(part, "<cell>", "exec")
        except SyntaxError as error:
            error.lineno = (error.lineno or 1) + first - 1
            raise
        symbols = found.get_symbols()
        used = {s.get_name() for s in symbols if s.is_referenced()}
        if len(nodes) > 1:  # `x = 1; y = x`: which comes first is not known
            used -= {s.get_name() for s in symbols if s.is_assigned()}
        at_once |= used - binds
        at_once |= set(_augmented(nodes)) - binds
        for block, runs_later in _blocks(found):
            looked_up = {
                symbol.get_name()
                for symbol in block.get_symbols()
                if symbol.is_global() and (symbol.is_referenced() or symbol.is_assigned())
            }
            if runs_later:
                later |= looked_up
            else:
                at_once |= looked_up - binds
        gone = set(_deleted(nodes))
        at_once |= gone - binds
        binds |= {s.get_name() for s in symbols if s.is_assigned() or s.is_imported()}
        binds -= gone
        imports |= {s.get_name() for s in symbols if s.is_imported()}
    changes = set(_changed(tree))
    stars = any(
        isinstance(node, ast.ImportFrom) and node.names[0].name == "*" for node in tree.body
    )
    return Names(
        frozenset(binds),
        frozenset(binds - _surely(tree.body)),
        frozenset(imports),
        frozenset(changes),
        frozenset(at_once),
        frozenset(later),
        stars,
    )


def _parts(tree: ast.Module, lines: list[str]) -> Iterator[tuple[int, str, list[ast.stmt]]]:
    """Each statement, or several that share a line: the first line, the text, the statements."""
    first = last = 0
    nodes: list[ast.stmt] = []
    for node in tree.body:
        marks = [node.lineno, *(one.lineno for one in getattr(node, "decorator_list", ()))]
        if nodes and min(marks) > last:
            yield first, "\n".join(lines[first - 1 : last]), nodes
            nodes = []
        first = first if nodes else min(marks)
        last = max(last, node.end_lineno or node.lineno)
        nodes.append(node)
    if nodes:
        yield first, "\n".join(lines[first - 1 : last]), nodes


def _augmented(nodes: Sequence[ast.AST]) -> Iterator[str]:
    """Names in `x += 1`: they are used too, and Python's tables do not say so."""
    for node in _outside_functions(nodes):
        if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
            yield node.target.id


def _deleted(nodes: Sequence[ast.stmt]) -> Iterator[str]:
    """Names that are gone after some statements: `del x` is among them, and nothing else on x."""
    for node in nodes:
        if isinstance(node, ast.Delete):
            yield from (one.id for one in node.targets if isinstance(one, ast.Name))


def _surely(nodes: Sequence[ast.stmt]) -> set[str]:
    """Names that some statements bind whatever happens, and maybe variables of comprehensions."""
    found: set[str] = set()
    for node in nodes:
        match node:
            case ast.If(body=body, orelse=other):
                found |= _surely(body) & _surely(other)
            case ast.Try(body=body, handlers=handlers, finalbody=last):
                ways = [_surely(body), *(_surely(handler.body) for handler in handlers)]
                found |= set.intersection(*ways) | _surely(last)
            case ast.With(body=body) | ast.AsyncWith(body=body):
                found |= _surely(body) | {
                    one.id
                    for item in node.items
                    for one in ast.walk(item.optional_vars or ast.Pass())
                    if isinstance(one, ast.Name)
                }
            case ast.For() | ast.AsyncFor() | ast.While() | ast.Match() | ast.TryStar():
                pass
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                found.add(name)
            case ast.ClassDef(name=name):
                found.add(name)
            case ast.Import(names=names) | ast.ImportFrom(names=names):
                found |= {(one.asname or one.name).partition(".")[0] for one in names}
            case _:
                found |= {
                    one.id
                    for one in _outside_functions([node])
                    if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)
                }
    return found


def _outside_functions(nodes: Sequence[ast.AST]) -> Iterator[ast.AST]:
    """All nodes below some, without the bodies of functions and classes."""
    waiting = list(nodes)
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            waiting += ast.iter_child_nodes(node)


def _blocks(table: symtable.SymbolTable) -> Iterator[tuple[symtable.SymbolTable, bool]]:
    """Every block below one, and whether its code runs later."""
    waiting = [(child, False) for child in table.get_children()]
    while waiting:
        block, runs_later = waiting.pop()
        runs_later = runs_later or (
            block.get_type() != "class" and block.get_name() not in _AT_ONCE
        )
        yield block, runs_later
        waiting += [(child, runs_later) for child in block.get_children()]


def _changed(tree: ast.Module) -> Iterator[str]:
    """Names whose object the statements change, in words that can be told from the text.

    `x[0] = 1`, `x.a = 1`, `x.append(1)` as a statement, `setattr(x, ...)`, and a decorator that is
    called with `x`, as in `@add_to_class(x)`.
    """
    for node in _outside_functions(tree.body):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            for decorator in node.decorator_list:
                if isinstance(decorator, ast.Call):
                    yield from (arg.id for arg in decorator.args if isinstance(arg, ast.Name))
        elif isinstance(node, ast.Attribute | ast.Subscript) and not isinstance(node.ctx, ast.Load):
            yield from _root(node)
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            called = node.value.func
            if isinstance(called, ast.Attribute):
                yield from _root(called)
            elif isinstance(called, ast.Name) and called.id == "setattr" and node.value.args:
                yield from _root(node.value.args[0])


def _root(node: ast.AST) -> Iterator[str]:
    """The name at which `name.a[0].b` begins."""
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    if isinstance(node, ast.Name):
        yield node.id


class Choice(NamedTuple):
    """The cells that are run.

    Args:
        order: their indices, in the order in which they are run.
        defined: for each name that is asked for, the indices of the cells that define it.
        counts: for each of those names, the index of the cell that counts.
    """

    order: tuple[int, ...]
    defined: dict[str, tuple[int, ...]]
    counts: dict[str, int]


def choose(cells: Sequence[Cell], names: Sequence[str]) -> Choice:
    """The cells that a kata needs.

    Where no cell defines any of the names by a statement, all cells are needed: then a name can
    only come about as they run.

    Args:
        cells: the notebook's.
        names: what the kata asks for.
    """
    binds: dict[str, list[int]] = defaultdict(list)
    changes: dict[str, list[int]] = defaultdict(list)
    for index, cell in enumerate(cells):
        for name in cell.names.binds:
            binds[name].append(index)
        for name in cell.names.changes - cell.names.binds:
            changes[name].append(index)
    tagged = [index for index, cell in enumerate(cells) if cell.tagged]
    counts: dict[str, int] = {}
    counted: set[int] = set()
    for name in names:
        broken = [index for index, cell in enumerate(cells) if cell.seems_to_define(name)]
        mine = [index for index in tagged if index in broken or name in cells[index].names.binds]
        candidates = mine or binds[name] or broken
        if candidates:
            counts[name] = candidates[-1]
            counted.update(_from_the_last(cells, name, candidates))
    defined = {name: tuple(binds[name]) for name in names}
    if not counts and not tagged:
        return Choice(tuple(range(len(cells))), defined, counts)
    before = _closure(cells, {*tagged, *counted}, binds, changes)
    return Choice(_ordered(cells, before), defined, counts)


def _closure(
    cells: Sequence[Cell],
    roots: set[int],
    binds: dict[str, list[int]],
    changes: dict[str, list[int]],
) -> dict[int, set[int]]:
    """The cells that are needed; for each those that it needs before it runs."""
    stars = [index for index, cell in enumerate(cells) if cell.names.stars]
    before: dict[int, set[int]] = {}
    waiting = sorted(roots)
    while waiting:
        index = waiting.pop()
        if index in before:
            continue
        names = cells[index].names
        before[index] = set()
        for name in names.at_once:
            found = [other for other in binds.get(name, ()) if other != index]
            earlier = [other for other in found if other < index]
            before[index].update(_from_the_last(cells, name, earlier) or found[:1])
        needed = set(before[index])
        for name in names.later:
            needed.update(_preferred(cells, name, binds.get(name, ()), index))
        for name in names.at_once | names.later | names.binds:
            where = binds.get(name, ())
            if not any(name in cells[other].names.imports for other in where):
                needed.update(changes.get(name, ()))
        if any(name not in binds for name in names.at_once | names.later):
            needed.update(stars)
            before[index].update(other for other in stars if other != index)
        waiting += sorted(needed - before.keys())
    return before


def _preferred(cells: Sequence[Cell], name: str, where: Sequence[int], index: int) -> list[int]:
    """The cell whose definition a function of a cell finds in the end.

    That is the last one, except that tagged cells are run after all others. One import is as good
    as another, and the nearest is taken.
    """
    own = index in where
    if own and (cells[index].tagged or name in cells[index].names.imports):
        return []
    if all(name in cells[other].names.imports for other in where):
        return [other for other in where if other < index][-1:] or list(where)[:1]
    tagged = [other for other in where if cells[other].tagged]
    return _from_the_last(cells, name, tagged or where)


def _from_the_last(cells: Sequence[Cell], name: str, where: Sequence[int]) -> list[int]:
    """Of the cells that define a name those whose definition may stand in the end.

    That is the last one, and where it may leave the name as it is, those before it.
    """
    taken: list[int] = []
    for index in reversed(where):
        taken.append(index)
        if name not in cells[index].names.perhaps:
            break
    return taken


def _ordered(cells: Sequence[Cell], before: dict[int, set[int]]) -> tuple[int, ...]:
    """Each cell after those that it needs; else as they stand, and tagged ones last."""
    order: dict[int, None] = {}
    begun: set[int] = set()
    for start in sorted(before, key=lambda index: (bool(cells[index].tagged), index)):
        path = [start]
        while path:
            index = path[-1]
            begun.add(index)
            first = next((other for other in sorted(before[index]) if other not in begun), None)
            if first is None:
                order.setdefault(path.pop())
            else:
                path.append(first)
    return tuple(order)
