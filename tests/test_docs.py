"""The pages of the documentation can be read in a terminal, and lead somewhere."""

import io
import re
import subprocess
import sys
from pathlib import Path

import pytest
from rich.cells import cell_len

from grader.course.catalog import built_in_course
from grader.present.markdown import markdown
from grader.present.text import console

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("docs/*.md"), ROOT / "README.md"])
WIDTH = 100


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_lines_are_not_too_wide(page: Path) -> None:
    lines = enumerate(page.read_text(encoding="utf-8").splitlines(), 1)
    wide = [number for number, line in lines if len(line) > WIDTH]
    assert not wide, f"{page.name}: lines {wide} are wider than {WIDTH} columns"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_to_files(page: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)[^)\s]*\)", page.read_text(encoding="utf-8"))
    gone = [link for link in links if "://" not in link and not (page.parent / link).exists()]
    assert not gone


TASKS = sorted((ROOT / "katas").rglob("*.md"))
BLOCK = 76
"""What a block of code or formulas may take: two columns of indent fit beside it."""


@pytest.mark.parametrize("page", TASKS, ids=lambda page: f"{page.parent.name}/{page.name}")
def test_a_task_fits_a_terminal(page: Path) -> None:
    """Rendered at 80 and 100 columns: nothing is cut, and no line of a block is folded."""
    text = page.read_text(encoding="utf-8")
    blocks = [
        line for block in re.findall(r"```.*?\n(.*?)```", text, re.S) for line in block.split("\n")
    ]
    wide = [line for line in blocks if cell_len(line) > BLOCK]
    assert not wide
    for width in (80, 100):
        shown = io.StringIO()
        markdown(console(shown, width=width), text)
        rows = shown.getvalue().splitlines()
        assert max(map(cell_len, rows)) <= width
        rendered = {row.strip() for row in rows}
        lost = [line for line in blocks if line.strip() and line.strip() not in rendered]
        assert not lost


def test_the_map_of_the_documentation_has_every_page() -> None:
    there = {f"docs/{page.name}" for page in ROOT.glob("docs/*.md")} - {"docs/README.md"}
    mapped = re.findall(r"\]\(([\w-]+\.md)\)", (ROOT / "docs/README.md").read_text("utf-8"))
    assert sorted(f"docs/{name}" for name in mapped) == sorted(there)


@pytest.mark.full
@pytest.mark.xdist_group("consoles")
def test_the_pages_show_what_their_commands_print() -> None:
    command = [sys.executable, ROOT / "docs" / "consoles.py", "--check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_kata_stands_beside_its_line_of_the_chapter() -> None:
    table = (ROOT / "docs" / "course.md").read_text(encoding="utf-8")
    named = re.findall(r"`([a-z]+/\w+)`", table)
    assert sorted(named) == sorted(kata.name for kata in built_in_course().katas)
