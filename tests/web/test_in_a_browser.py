"""Marking in a real browser, by keys alone: what two people do is in the gradebook.

Chromium is Debian's (`apt-get install chromium`); without it these tests are skipped.
"""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.classroom import prose
from grader.classroom.gradebook import Gradebook
from grader.classroom.handed import Prose
from grader.classroom.prose import take_prose
from grader.course.catalog import built_in_course
from tests.web.browser import CHROMIUM, Browser

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed (Debian's chromium)"),
    pytest.mark.xdist_group("browser"),
]
KATA = built_in_course().find("q1_lstm_equations")
HEADING = "## Why these functions?"
HOSTILE = "<script>document.title='owned'</script><img src=x onerror=document.title='owned'>"
START = "import sys; from grader.cli.main import main; sys.exit(main())"


@pytest.fixture
def links(tmp_path: Path) -> Iterator[dict[str, str]]:
    """The links of two markers, from the command itself."""
    template = (KATA.folder / "answers.md").read_text()
    with Gradebook(tmp_path / "class.sqlite") as book:
        said = {"ada": "c is kept.", "bob": HOSTILE, "eve": "h is shown."}
        texts = {who: template.replace(HEADING, f"{one}\n\n{HEADING}") for who, one in said.items()}
        take_prose(book, [Prose(who, KATA.name, who, text) for who, text in texts.items()])
    command = [sys.executable, "-c", START, "mark", "--gradebook", str(tmp_path / "class.sqlite"),
               "--marker", "grace", "alan"]  # fmt: skip
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    lines = [server.stdout.readline() for _ in range(3)]
    try:
        yield dict(line.strip().split(": ", 1) for line in lines[:2])
    finally:
        server.send_signal(2)
        assert server.wait(30) == 0, "Ctrl+C is how it ends"
        server.stdout.close()


def test_two_people_mark_by_keys(links: dict[str, str], tmp_path: Path) -> None:
    with Browser(tmp_path / "grace") as grace, Browser(tmp_path / "alan", width=400) as alan:
        grace.open(links["grace"])
        alan.open(links["alan"])
        grace.press("n", leaves=True)
        alan.press("n", leaves=True)
        assert [one.value("document.querySelector('main strong,header strong').textContent")
                for one in (grace, alan)] == ["ada", "bob"]  # fmt: skip
        assert alan.value("document.title").startswith("bob"), "nothing of the answer has run"
        assert HOSTILE in alan.value("document.querySelector('.text').textContent")
        assert alan.value("document.documentElement.scrollWidth") == 400
        grace.press("2r")
        grace.press("j is no key here")
        grace.escape()
        grace.press("j2c")
        grace.press("Well said, Ada.")
        grace.escape()
        grace.press("s", leaves=True)
        assert grace.value("document.title").startswith("eve"), "bob is with alan"
        alan.press("3j1s", leaves=True)
        assert "Nothing else waits for you." in alan.value("document.body.innerText")
    said = decided(tmp_path)
    assert [(one.student, one.level, one.marker, one.comment) for one in said] == [
        ("ada", "roles", "grace", ""),
        ("ada", "consequence", "grace", "Well said, Ada."),
        ("bob", "reason", "alan", ""),
        ("bob", "missing", "alan", ""),
    ]


def decided(folder: Path) -> list[prose.Decision]:
    """What was decided, read beside the server, which holds the gradebook."""
    for end in ("", "-wal", "-shm"):
        if (folder / f"class.sqlite{end}").exists():
            shutil.copy(folder / f"class.sqlite{end}", folder / f"copy.sqlite{end}")
    with Gradebook(folder / "copy.sqlite") as book:
        return prose.decisions_in(book)
