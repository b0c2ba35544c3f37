"""Run the commands that the documentation shows, and keep what they print (`make consoles`).

    python docs/consoles.py [--check]

Two things are made: what stands in the blocks marked `console` of the pages, and the screenshot of
the README. `--check` writes nothing, and ends with 1 where a page shows something else than its
commands print. Times, and the isolation of this machine, may differ.

In a block, a line that begins with `$ ` is run, and what it prints stands below it. The commands of
a page are run in order, in one new home folder. A block of Python below a comment
`<!-- in FILE -->` is put into that file, in place of `raise NotImplementedError` at first and of
the block before it afterwards.
"""

import difflib
import fcntl
import io
import os
import pty
import re
import struct
import subprocess
import sys
import tempfile
import termios
from pathlib import Path

from rich.console import Console
from rich.text import Text

FOLDER = Path(__file__).parent
PICTURE = FOLDER / "kata-check.svg"
BLOCK = re.compile(
    r"(?P<head>(?:<!-- in (?P<file>\S+) -->\n)?```(?P<kind>\w+)\n)(?P<text>.*?)(?P<tail>```\n)",
    re.S,
)
TODO = "    raise NotImplementedError\n"
SHOWN_HOME = "/home/you"
VARYING = (
    (re.compile(r"\d+\.\d+ s\b"), "0.0 s"),
    (re.compile(r"isolation (full|process)"), "isolation"),
    (re.compile(r"\s+"), " "),  # a longer time or path folds a line elsewhere
)
SVG = """<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{ font-family: monospace; font-size: {char_height}px;
    line-height: {line_height}px; font-variant-east-asian: full-width; }}
.{unique_id}-title {{ font-size: 18px; font-weight: bold; font-family: sans-serif; }}
{styles}
</style>
<defs><clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}" /></clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""
WRONG = ("f * c + i * g", "i * c + f * g")
"""What the screenshot's submission gets wrong in the solution of lstm_cell."""


class Home:
    """A new home folder, in which the commands of one page run."""

    def __init__(self, folder: Path) -> None:
        self.folder = self.at = folder
        self._put: dict[str, str] = {}
        self._environment = {
            **{name: os.environ[name] for name in ("LANG", "LC_ALL") if name in os.environ},
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(folder),
            "COLUMNS": "80",
            "PYTHONUTF8": "1",
        }

    def run(self, command: str) -> str:
        """What a command prints, on both of its outputs."""
        place = self.folder / ".at"
        done = subprocess.run(
            ["bash", "-c", f"{command}\npwd > '{place}'"],
            cwd=self.at,
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        self.at = Path(place.read_text().rstrip("\n"))
        lines = done.stdout.decode().replace(str(self.folder), SHOWN_HOME).splitlines()
        return "".join(f"{line.rstrip()}\n" for line in lines)

    def put(self, file: str, block: str) -> None:
        """Put a block of Python into a file."""
        path = self.folder / file
        text, old = path.read_text(), self._put.get(file, TODO)
        assert text.count(old) == 1, f"{file}: {old!r} is there {text.count(old)} times"
        path.write_text(text.replace(old, block))
        self._put[file] = block


def current(page: str) -> str:
    """A page with what its commands print today."""
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder).resolve())

        def block(match: re.Match[str]) -> str:
            if match["file"]:
                home.put(match["file"], match["text"])
            if match["kind"] != "console":
                return match[0]
            new = []
            for part in re.split(r"^(?=\$ )", match["text"], flags=re.M)[1:]:
                command = part.splitlines()[0]
                old, printed = part.removeprefix(f"{command}\n"), home.run(command[2:])
                new.append(f"{command}\n{old if alike(old, printed) else printed}")
            return match["head"] + "".join(new) + match["tail"]

        return BLOCK.sub(block, page)


def alike(one: str, other: str) -> bool:
    """Whether two outputs are the same but for times and the like."""
    for pattern, shown in VARYING:
        one, other = pattern.sub(shown, one), pattern.sub(shown, other)
    return one.strip() == other.strip()


def screenshot() -> str:
    """The terminal after `kata check lstm_cell` with two gates swapped, as SVG."""
    from grader.course.catalog import built_in_course

    solution = built_in_course().find("lstm_cell").solution.read_text("utf-8")
    assert WRONG[0] in solution
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "lstm_cell.py").write_text(solution.replace(*WRONG), encoding="utf-8")
        printed = on_a_terminal("kata check lstm_cell", Path(folder))
    out = Console(record=True, width=80, file=io.StringIO(), legacy_windows=False)
    out.print(Text.from_ansi(f"$ kata check lstm_cell\n{printed.rstrip()}\n"))
    return out.export_svg(title="kata check lstm_cell", code_format=SVG, unique_id="kata")


def on_a_terminal(command: str, folder: Path) -> str:
    """What a command writes to a terminal of 80 columns, with its colours."""
    seen = b""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 60, 80, 0, 0))
    running = subprocess.Popen(
        ["bash", "-c", command],
        cwd=folder,
        env={**Home(folder)._environment, "TERM": "xterm-256color"},
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=subprocess.DEVNULL,  # where it says what it is doing
    )
    os.close(theirs)
    while True:
        try:
            data = os.read(ours, 4096)
        except OSError:  # nobody writes any more
            data = b""
        if not data:
            break
        seen += data
    os.close(ours)
    running.wait()
    return seen.decode().replace("\r\n", "\n")


def words_of(svg: str) -> str:
    """The text in a screenshot."""
    return "".join(re.findall(r"<text[^>]*>([^<]*)</text>", svg)).replace("&#160;", " ")


def main() -> int:
    """Write what has changed, or say it; returns the exit code."""
    stale = 0
    made = {page: current(page.read_text("utf-8")) for page in sorted(FOLDER.glob("*.md"))}
    picture = screenshot()
    old = PICTURE.read_text("utf-8") if PICTURE.exists() else ""
    made[PICTURE] = old if alike(words_of(old), words_of(picture)) else picture
    for path, text in made.items():
        before = path.read_text("utf-8") if path.exists() else ""
        if text == before:
            continue
        stale += 1
        if "--check" not in sys.argv[1:]:
            path.write_text(text, encoding="utf-8")
            print(f"{path} is written.")
            continue
        print(f"{path} shows something else than its commands print; run `make consoles`:")
        print(*difflib.unified_diff(before.splitlines(), text.splitlines(), lineterm=""), sep="\n")
    return 1 if stale and "--check" in sys.argv[1:] else 0


if __name__ == "__main__":
    sys.exit(main())
