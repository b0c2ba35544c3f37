"""Read many hostile notebooks, as the judge does, and say what the worst cost.

`python benchmarks/fuzz_notebooks.py 10000 --seed 0`: a third are mutations of valid notebooks
(bytes flipped, cut, doubled, tokens swapped), the others are bombs up to 16 MiB (deep nesting,
quadratic metadata, many cells, many lines, huge numbers, long strings), some of them mutated too.
Nothing but `NotebookError` may be raised. Processor time is counted, not the clock.
"""

import argparse
import json
import random
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from grader.submission.notebook import MAX_NOTEBOOK_BYTES, NotebookError, code_of_notebook
from grader.submission.read import submission_text

MAX_CPU_S = 2.0
MAX_BYTES = 200 << 20

Cell = dict[str, object]
LINES = (
    "import torch",
    "%matplotlib inline",
    "!ls -l \\",
    "x = !ls",
    "files = %sx ls",
    "lstm_cell?",
    "?x",
    "%%time",
    "%%bash",
    "text = '''",
    "'''",
    '"""',
    "f(",
    ")",
    "x = [1, \\",
    "def lstm_cell(x, h, c, w_ih, w_hh, b_ih, b_hh):",
    "    return h, c",
    "# %% \u2028 \x85 \x00",
    "'a' \"b\" \\' \\\"",
    "a.b, c[1] = %time f(x)",
)


class Cost(NamedTuple):
    """What reading one notebook took: seconds of processor time, and bytes above what there was."""

    cpu_s: float
    memory_bytes: int


def valid(draw: random.Random) -> dict[str, object]:
    """A notebook as people make them."""
    cells: list[Cell] = []
    for _ in range(draw.randrange(12)):
        lines = [draw.choice(LINES) for _ in range(draw.randrange(8))]
        source: object = "\n".join(lines)
        if draw.random() < 0.5:
            source = [f"{line}\n" for line in lines]
        kind = draw.choice(("code", "code", "markdown", "raw"))
        cell: Cell = {"cell_type": kind, "metadata": {}, "source": source, "id": "a"}
        if kind == "code":
            output = {
                "output_type": "stream",
                "name": "stdout",
                "text": ["x\n"] * draw.randrange(4),
            }
            cell |= {"outputs": [output], "execution_count": draw.randrange(9)}
        cells.append(cell)
    if draw.random() < 0.2:
        old = [{"cell_type": "code", "input": cell["source"]} for cell in cells]
        return {"nbformat": 3, "nbformat_minor": 0, "worksheets": [{"cells": old}]}
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}


def _book(*cells: str, rest: str = "") -> bytes:
    inside = ",".join(cells)
    return f'{{"nbformat":4,"nbformat_minor":5,"metadata":{{}},"cells":[{inside}]{rest}}}'.encode()


def _code(source: str, rest: str = "") -> str:
    return f'{{"cell_type":"code","source":{json.dumps(source)}{rest}}}'


BOMBS: dict[str, Callable[[int, random.Random], bytes]] = {
    "deep, where nothing is read": lambda n, _: _book(
        rest=f',"x":{"[" * (n // 2)}{"]" * (n // 2)}'
    ),
    "deep objects": lambda n, _: _book(rest=',"x":' + '{"a":' * (n // 5)),
    "deep source": lambda n, _: _book(f'{{"cell_type":"code","source":{"[" * n}}}'),
    "tags": lambda n, _: _book(
        _code("x", f',"metadata":{{"tags":[{",".join(["{}"] * (n // 3))}]}}')
    ),
    "outputs": lambda n, _: _book(_code("x", f',"outputs":[{",".join(["{}"] * (n // 3))}]')),
    "one number": lambda n, _: _book(rest=f',"nbformat_minor":{"9" * n}'),
    "version": lambda n, _: f'{{"nbformat":{"4" * n},"cells":[]}}'.encode(),
    "an exponent": lambda n, _: _book(rest=f',"x":1e{"9" * n}'),
    "empty cells": lambda n, _: _book(*['{"cell_type":"code","source":""}'] * (n // 33)),
    "cells that are none": lambda n, _: _book(*['{"cell_type":""}'] * (n // 17)),
    "lists of lines": lambda n, _: _book(
        f'{{"cell_type":"code","source":[{",".join([chr(34) * 2] * (n // 3))}]}}'
    ),
    "one key": lambda n, _: _book(rest=',"a":1' * (n // 6)),
    "many keys": lambda n, draw: _book(
        rest="".join(f',"{draw.randrange(10**9)}":1' for _ in range(n // 14))
    ),
    "worksheets": lambda n, _: (
        f'{{"nbformat":3,"worksheets":[{",".join(["{}"] * (n // 3))}]}}'.encode()
    ),
    "one line": lambda n, draw: _book(_code(draw.choice("ax'\"([\\#=!%?, \t") * (n // 2))),
    "names and commas": lambda n, draw: _book(
        _code(draw.choice(("a ", "a,", "a.", "a[")) * (n // 2))
    ),
    "spaces": lambda n, draw: _book(_code(" " * n + draw.choice(("=%x", "?", "!x", "x", "")))),
    "empty lines": lambda n, _: _book(_code("\n" * (n // 2))),
    "returns": lambda n, _: _book(_code("\r" * (n // 2))),
    "commands": lambda n, draw: _book(
        _code(draw.choice(("!\n", "?a\n", "a?\n", "%a\n")) * (n // 4))
    ),
    "lines that go on": lambda n, _: _book(_code("!\\\n" * (n // 5))),
    "quotes": lambda n, draw: _book(
        _code(draw.choice(("'''\n", '"\n', "'''", "'\\\n")) * (n // 6))
    ),
    "brackets": lambda n, draw: _book(_code(draw.choice(("(\n", "[{(", ")\n")) * (n // 4))),
    "assignments": lambda n, draw: _book(_code(draw.choice(("a=%b\n", "a = !b\n")) * (n // 8))),
    "mixed lines": lambda n, draw: _book(
        _code("\n".join(draw.choice(LINES) for _ in range(n // 40)))
    ),
    "escapes": lambda n, _: _book(_code("\ud800\U0010ffff" * (n // 18))),
    "white space": lambda n, draw: draw.choice((b" ", b"\n", b"\xef\xbb\xbf")) * n + _book(),
    "not closed": lambda n, _: b'{"cells":[' * (n // 10),
    "zeros": lambda n, _: b"\0" * n,
}


def mutated(data: bytes, draw: random.Random) -> bytes:
    """A notebook with a few bytes, or a few tokens, changed."""
    text = bytearray(data)
    for _ in range(draw.choice((1, 1, 2, 5, 20))):
        if not text:
            break
        at = draw.randrange(len(text))
        way = draw.randrange(6)
        if way == 0:
            text[at] ^= 1 << draw.randrange(8)
        elif way == 1:
            del text[at : at + draw.choice((1, 4, 100))]
        elif way == 2:
            text[at:at] = text[at : at + draw.choice((1, 8, 200))]
        elif way == 3:
            text[at:at] = draw.choice(
                (
                    b"null",
                    b"{",
                    b"]",
                    b'"',
                    b"-",
                    b"1e999",
                    b"\\ud800",
                    b"\xff",
                    b"NaN",
                    b"\n",
                    b",",
                )
            )
        elif way == 4:
            tokens = [match.span() for match in re.finditer(rb'"[^"]{0,40}"|\d+|[\[\]{}]', text)]
            if len(tokens) > 1:
                (a, b), (c, d) = sorted(draw.sample(tokens, 2))
                text[a:d] = text[c:d] + text[b:c] + text[a:b]
        else:
            del text[at:]
    return bytes(text[:MAX_NOTEBOOK_BYTES])


def mutation(draw: random.Random) -> bytes:
    """A valid notebook, mutated."""
    text = json.dumps(valid(draw), ensure_ascii=draw.random() < 0.5)
    return mutated(text.encode("utf-8", "surrogatepass"), draw)


def notebook(draw: random.Random) -> tuple[str, bytes]:
    """One hostile notebook, and what it is."""
    if draw.random() < 1 / 3:
        return "mutation", mutation(draw)
    name = draw.choice(sorted(BOMBS))
    size = draw.choice((1_000, 30_000, 300_000, 1_040_000, MAX_NOTEBOOK_BYTES - 8_000))
    data = BOMBS[name](size, draw)[:MAX_NOTEBOOK_BYTES]
    if draw.random() < 0.2:
        data = mutated(data, draw)
    return name, data


def cost(data: bytes) -> Cost:
    """Read one notebook as the judge does; nothing but `NotebookError` may come of it."""
    peak = _forget_peak()
    began = time.process_time()
    try:
        code = code_of_notebook(data)
        submission_text(code.source, "lstm_cell.ipynb", data=data, cells=code.cells)
    except NotebookError:
        pass
    return Cost(time.process_time() - began, max(0, _kilobytes("VmHWM") - peak) << 10)


def _forget_peak() -> int:
    Path("/proc/self/clear_refs").write_text("5")
    return _kilobytes("VmRSS")


def _kilobytes(name: str) -> int:
    text = Path("/proc/self/status").read_text()
    found = re.search(rf"^{name}:\s+(\d+) kB", text, re.MULTILINE)
    return int(found[1]) if found else 0


def main() -> int:
    """Run it, and say what the worst cost."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("count", type=int, nargs="?", default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    draw = random.Random(arguments.seed)
    worst: dict[str, Cost] = {}
    for _ in range(arguments.count):
        name, data = notebook(draw)
        found, before = cost(data), worst.get(name, Cost(0, 0))
        worst[name] = Cost(*map(max, found, before))
    for name, (cpu_s, memory_bytes) in sorted(worst.items(), key=lambda item: item[1]):
        print(f"{name:30} {cpu_s:8.3f} s {memory_bytes / 2**20:8.1f} MiB")
    most = Cost(*map(max, *worst.values()))
    print(
        f"{arguments.count:,} notebooks, at most {most.cpu_s:.2f} s, {most.memory_bytes >> 20} MiB"
    )
    return int(most.cpu_s > MAX_CPU_S or most.memory_bytes > MAX_BYTES)


if __name__ == "__main__":
    sys.exit(main())
