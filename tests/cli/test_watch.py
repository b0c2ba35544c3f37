"""`kata watch` in a real terminal: a pseudo-terminal, keys, and saves."""

import fcntl
import os
import pty
import re
import select
import shutil
import signal
import struct
import sys
import termios
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest

from grader.cli.watch import Files, Session, _first
from grader.course.catalog import built_in_course
from grader.course.workspace import create_workspace
from grader.present.watch import Watch
from tests.gate import few

COURSE = built_in_course()
KATA = COURSE.find("memory/rnn_cell")


class Terminal:
    """A program in a pseudo-terminal, and what it has drawn since it was last asked."""

    def __init__(
        self,
        argv: list[str],
        cwd: Path,
        env: dict[str, str],
        *,
        ignores: Sequence[signal.Signals] = (),
    ) -> None:
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            signal.signal(signal.SIGINT, signal.SIG_DFL)  # pytest may be told to ignore it
            for number in ignores:
                signal.signal(number, signal.SIG_IGN)
            os.chdir(cwd)
            os.environ.update(env)
            run = "from grader.cli.main import main; raise SystemExit(main())"
            os.execv(sys.executable, [sys.executable, "-c", run, *argv])
        self.text = ""

    def until(self, wanted: str, timeout_s: float = 60.0) -> str:
        """What is drawn until a text is seen."""
        ends = time.monotonic() + timeout_s
        while wanted not in self.text:
            left = ends - time.monotonic()
            assert left > 0, f"{wanted!r} was not drawn, only: {self.text[-2000:]}"
            ready, _, _ = select.select([self.fd], [], [], min(left, 0.5))
            if ready:
                try:
                    data = os.read(self.fd, 65536)
                except OSError:
                    data = b""
                assert data or wanted in self.text, f"it ended: {self.text[-2000:]}"
                self.text += re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", data.decode("utf-8", "replace"))
        seen, _, self.text = self.text.partition(wanted)
        return seen + wanted

    def press(self, key: str) -> None:
        os.write(self.fd, key.encode())

    def resize(self, *, rows: int, columns: int) -> None:
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def ended(self, timeout_s: float = 20.0) -> int:
        ends = time.monotonic() + timeout_s
        while time.monotonic() < ends:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                return os.waitstatus_to_exitcode(status)
            try:
                if select.select([self.fd], [], [], 0.1)[0]:
                    os.read(self.fd, 65536)
            except OSError:  # it has ended, or this is closed
                time.sleep(0.05)
        raise AssertionError("it did not end")


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    list(create_workspace(COURSE, tmp_path / "mine"))
    return tmp_path / "mine"


def test_a_session_from_the_stub_to_the_next_kata(workspace: Path, tmp_path: Path) -> None:
    state = {"XDG_STATE_HOME": str(tmp_path / "state"), "TERM": "xterm"}
    terminal = Terminal(["watch", "rnn_cell"], workspace, state)
    file = workspace / "memory" / "rnn_cell" / "rnn_cell.py"
    try:
        terminal.until("not implemented")
        terminal.press("h")
        terminal.until("Hint 1 of")
        terminal.press("e")
        terminal.until("the worked example")
        terminal.until("Any key goes back.")
        terminal.press("x")
        terminal.until("Hint 1 of")
        wrong = KATA.solution.read_text("utf-8").replace("torch.tanh", "torch.sin")
        file.write_text(wrong)
        terminal.until("has wrong values")
        terminal.press("w")
        terminal.until("here it goes wrong")
        terminal.until("Any key goes back.")
        terminal.press("x")
        terminal.until("has wrong values")
        terminal.press("d")
        terminal.until("(Pdb)")
        terminal.press("p x.shape\n")
        terminal.until("torch.Size([1, 1])")
        terminal.press("q\n")
        terminal.until("Any key goes back.")
        terminal.press("x")
        terminal.until("has wrong values")
        terminal.resize(rows=12, columns=40)
        terminal.until("more lines")
        file.write_text("def rnn_cell(:\n")
        terminal.until("is not valid Python")
        file.unlink()
        shutil.copy(KATA.solution, file.with_suffix(".new"))
        file.with_suffix(".new").rename(file)  # as editors save
        terminal.until("Passed.")
        terminal.press("n")
        terminal.until("lstm/stable_sigmoid")
        terminal.press("q")
        assert terminal.ended() == 0
    finally:
        os.close(terminal.fd)
    assert "PASSED" in (workspace / ".kata" / "progress.json").read_text()


@pytest.mark.full
def test_a_notebook_is_watched_cell_and_line(tmp_path: Path) -> None:
    """As Jupyter saves it: a file beside it that takes its place. No workspace is needed."""
    state = {"XDG_STATE_HOME": str(tmp_path / "state"), "TERM": "xterm", "COLUMNS": "80"}
    file, other = tmp_path / "mine.ipynb", COURSE.find("lstm/lstm_cell")

    def save(first: str) -> None:
        book = nbformat.v4.new_notebook()
        for kata, source in (KATA, first), (other, other.stub.read_text("utf-8")):
            cell = nbformat.v4.new_code_cell(f"import torch\n{source}")
            cell.metadata["tags"] = [f"kata:{kata.name}"]
            book.cells += [nbformat.v4.new_markdown_cell("words"), cell]
        nbformat.write(book, tmp_path / ".~mine.ipynb")
        (tmp_path / ".~mine.ipynb").replace(file)

    save(KATA.stub.read_text("utf-8"))
    terminal = Terminal(["watch", "mine.ipynb"], tmp_path, state)
    try:
        terminal.until("not implemented")
        save("def rnn_cell(x, h, w_ih, w_hh, b_ih, b_hh):\n    return x @ missing")
        seen = terminal.until("NameError")
        seen += terminal.until("cell 1, line 3")
        save(KATA.solution.read_text("utf-8"))
        terminal.until("Passed.")
        terminal.press("n")
        terminal.until("lstm/lstm_cell")
        terminal.until("not implemented")
        file.unlink()
        terminal.until("Save it again.")
        terminal.press("q")
        assert terminal.ended() == 0
    finally:
        os.close(terminal.fd)


SLOW = """
quick = rnn_cell

def rnn_cell(*arguments):
    import time
    time.sleep(60)
    return quick(*arguments)
"""


@pytest.mark.parametrize(
    "ignores", few([[signal.SIGINT], []], 1), ids=["interrupts ignored", "interrupts heard"]
)
def test_keys_are_heard_while_it_checks(
    workspace: Path, tmp_path: Path, ignores: list[signal.Signals]
) -> None:
    """Also while one call takes long; `q` ends it at once, as Ctrl+C does.

    A script that starts something in its background has it ignore interrupts.
    """
    file = workspace / "memory" / "rnn_cell" / "rnn_cell.py"
    file.write_text(KATA.solution.read_text("utf-8") + SLOW)
    state = {"XDG_STATE_HOME": str(tmp_path / "state"), "TERM": "xterm"}
    terminal = Terminal(["watch", "rnn_cell"], workspace, state, ignores=ignores)
    try:
        terminal.until("checking")
        terminal.press("h")
        assert "checking" in terminal.until("Hint 1 of")
        terminal.press("l")
        assert "checking" in terminal.until("▶")
        terminal.press("q")
        assert terminal.ended() == 0
    finally:
        os.close(terminal.fd)


@pytest.mark.parametrize(
    ("ignores", "codes"),
    few([([], {128 + signal.SIGHUP}), ([signal.SIGHUP], {0, 2})], 1),  # 2: output is closed
    ids=["a hangup heard", "a hangup ignored"],
)
@pytest.mark.full
def test_a_window_that_is_closed_ends_it_and_is_no_bug(
    workspace: Path, tmp_path: Path, ignores: list[signal.Signals], codes: set[int]
) -> None:
    (tmp_path / "scratch").mkdir()
    state = {"XDG_STATE_HOME": str(tmp_path / "state"), "TERM": "xterm"}
    state["TMPDIR"] = str(tmp_path / "scratch")
    terminal = Terminal(["watch", "rnn_cell"], workspace, state, ignores=ignores)
    try:
        terminal.until("not implemented")
    finally:
        os.close(terminal.fd)
    assert terminal.ended() in codes
    assert not [*(tmp_path / "scratch").iterdir()], "what went wrong, or a folder"


@pytest.mark.full
def test_keys_are_heard_after_a_debugger_and_after_a_stop(workspace: Path, tmp_path: Path) -> None:
    """A debugger takes Ctrl+C for itself, and a shell takes single keys back when it has it."""
    file = workspace / "memory" / "rnn_cell" / "rnn_cell.py"
    file.write_text(KATA.solution.read_text("utf-8").replace("torch.tanh", "torch.sin"))
    state = {"XDG_STATE_HOME": str(tmp_path / "state"), "TERM": "xterm"}
    terminal = Terminal(["watch", "rnn_cell"], workspace, state)
    try:
        terminal.until("has wrong values")
        terminal.press("d")
        terminal.until("(Pdb)")
        terminal.press("c\n")
        terminal.until("Any key goes back.")
        terminal.press("x")
        terminal.until("has wrong values")
        cooked = termios.tcgetattr(terminal.fd)
        cooked[3] |= termios.ICANON | termios.ECHO
        os.kill(terminal.pid, signal.SIGSTOP)
        termios.tcsetattr(terminal.fd, termios.TCSANOW, cooked)
        os.kill(terminal.pid, signal.SIGCONT)
        terminal.until("has wrong values")
        terminal.press("HH")
        terminal.until("Hint 1 of")
        terminal.until("Hint 3 of")  # the one for what failed was given first
        terminal.press("\x03")
        assert terminal.ended() == 0
    finally:
        os.close(terminal.fd)


def test_whatever_takes_the_place_of_the_file_is_told(tmp_path: Path) -> None:
    state = {"XDG_STATE_HOME": str(tmp_path / "state"), "TERM": "xterm", "COLUMNS": "80"}
    file, other = tmp_path / "rnn_cell.ipynb", tmp_path / "other"
    book = nbformat.v4.new_notebook()
    book.cells.append(nbformat.v4.new_code_cell(KATA.stub.read_text("utf-8")))
    nbformat.write(book, file)
    whole = file.read_bytes()

    def half() -> None:
        other.write_bytes(whole[:200])

    def large() -> None:
        with other.open("wb") as large:
            large.truncate(1 << 30)

    takes = (
        (lambda: other.mkdir(), "regular"),
        (lambda: os.mkfifo(other), "regular"),
        (lambda: other.symlink_to(KATA.solution), "is a link"),
        (half, "JSON"),
        (large, "bytes"),
    )
    terminal = Terminal(["watch", "rnn_cell.ipynb"], tmp_path, state)
    try:
        for take, wanted in takes:
            terminal.until("not implemented")
            take()
            file.unlink()
            other.rename(file)
            terminal.until(wanted)
            if file.is_dir():
                file.rmdir()
            other.write_bytes(whole)
            other.replace(file)
        terminal.until("not implemented")
        terminal.press("q")
        assert terminal.ended() == 0
    finally:
        os.close(terminal.fd)


@pytest.mark.parametrize(
    ("name", "where", "passed", "first"),
    [
        ("gru_cell", ".", [], "gru/gru_cell"),
        ("gru", ".", [], "gru/gru_cell"),
        ("gru", "lstm", ["gru/gru_cell"], "gru/reset_variants"),
        (None, "gru", ["gru/gru_cell"], "gru/reset_variants"),
        (None, "gru/gru_cell", ["gru/gru_cell"], "gru/gru_cell"),
        (None, ".", ["memory/rnn_cell"], "lstm/stable_sigmoid"),
        (None, ".", [kata.name for kata in COURSE.katas], "memory/rnn_cell"),
    ],
)
def test_it_begins_with_what_is_left(
    workspace: Path, monkeypatch, name: str | None, where: str, passed: list[str], first: str
) -> None:
    monkeypatch.chdir(workspace / where)
    assert _first(COURSE, name, SimpleNamespace(passed=set(passed))).name == first


def test_without_a_terminal_or_a_workspace_it_says_so(command, monkeypatch) -> None:
    assert command("watch") == 2
    assert "lies in no workspace" in command.err
    assert command("init", "mine") == 0
    monkeypatch.chdir("mine")
    assert command("watch") == 2
    assert "this is none" in command.err


@pytest.mark.full
def test_a_folder_that_is_replaced_is_watched_on(workspace: Path, tmp_path: Path) -> None:
    state = {"XDG_STATE_HOME": str(tmp_path / "state"), "TERM": "xterm", "COLUMNS": "80"}
    terminal = Terminal(["watch", "rnn_cell"], workspace, state)
    file = workspace / "memory" / "rnn_cell" / "rnn_cell.py"
    try:
        for which in (".", "memory", "memory/rnn_cell"):
            terminal.until("not implemented")
            shutil.move(workspace / which, tmp_path / "away")
            terminal.until("is not there")
            shutil.move(tmp_path / "away", workspace / which)
            terminal.until("not implemented")
            shutil.copy(KATA.solution, file)
            terminal.until("passed")
            shutil.copy(KATA.stub, file)
        terminal.until("not implemented")
        terminal.press("q")
        assert terminal.ended() == 0
    finally:
        os.close(terminal.fd)


def test_where_the_system_tells_of_no_change_the_file_is_looked_at(tmp_path, monkeypatch) -> None:
    def changes(folder: Path, **how: object) -> Iterator[set[tuple[int, str]]]:
        raise OSError("inotify watch limit reached")

    monkeypatch.setattr("watchfiles.watch", changes)
    monkeypatch.setattr("grader.cli.watch.LOOK_S", 0.01)
    file = tmp_path / "rnn_cell.py"
    session = Session(None, Watch((KATA,), 0, set()), Files(None, file), None)
    looks = threading.Thread(target=session._watch_files)
    looks.start()
    try:
        for text in ("a = 1", "a = 12"):
            time.sleep(0.1)
            file.write_text(text)
            assert session.events.get(timeout=10) == ("saved", str(file))
    finally:
        session._stop.set()
        looks.join()
