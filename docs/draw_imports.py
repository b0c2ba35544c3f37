"""Draw which wing of `grader/` imports which, into docs/design.md (`make drawing`).

    python docs/draw_imports.py [--check]

`--check` writes nothing, and ends with 1 if the drawing there is not the one of the code.
"""

import re
import subprocess
import sys
import textwrap
from pathlib import Path

PAGE = Path(__file__).with_name("design.md")
WIDTH = 100
BEGIN, END = "<!-- imports: begin (make drawing) -->\n", "<!-- imports: end -->"


def drawing() -> str:
    """A line for each wing, those that import most others first."""
    program = Path(sys.executable).with_name("import-linter")
    graph = subprocess.run(
        [program, "drawgraph", "grader"], check=True, capture_output=True, text=True
    ).stdout
    arrows: dict[str, set[str]] = {
        name: set() for name in re.findall(r'^ +"\.(\w+)"(?: \[.*\])?;?$', graph, re.M)
    }
    for source, target in re.findall(r'"\.(\w+)" -> +"\.(\w+)"', graph):
        arrows[source].add(target)

    def depth(name: str) -> int:
        return 1 + max((depth(below) for below in arrows[name]), default=0)

    rows = sorted(arrows, key=lambda name: (-depth(name), name))
    order = {name: place for place, name in enumerate(rows)}
    lines = [
        textwrap.fill(
            f"{name:<14}-> {' '.join(sorted(arrows[name], key=order.__getitem__))}",
            WIDTH,
            subsequent_indent=" " * 17,
        )
        if arrows[name]
        else name
        for name in rows
    ]
    return "```\n" + "\n".join(lines) + "\n```\n"


def main() -> int:
    """Write the drawing, or check it; returns the exit code."""
    text = PAGE.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    new = f"{before}{BEGIN}{drawing()}{END}{after}"
    if "--check" in sys.argv[1:]:
        if new != text:
            print(f"{PAGE}: the drawing is not the one of the code; run `make drawing`")
            return 1
        return 0
    PAGE.write_text(new, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
