"""The line that says what is being done: it may hold a submission's words, and acts on nothing."""

import io
import re

import pytest

from grader.present.text import status


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("step", "shown"),
    [
        ("trains: step 3 loss 0.25", "lstm_cell (1 of 2) trains: step 3 loss 0.25"),
        ("\x1b[31mred\x1b[0m", r"lstm_cell (1 of 2) \x1b[31mred\x1b[0m"),
        ("\x1b]0;owned\x07", r"lstm_cell (1 of 2) \x1b]0;owned\x07"),
        ("one\ntwo\tthree", "lstm_cell (1 of 2) one two three"),
        ("[bold]markup[/bold] :smile:", "lstm_cell (1 of 2) [bold]markup[/bold] :smile:"),
        ("\u202eltr", r"lstm_cell (1 of 2) \u202eltr"),
    ],
)
def test_a_step_is_shown_as_text(monkeypatch, step: str, shown: str) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "100")
    stream = Terminal()
    with status("lstm_cell (1 of 2)", stream) as show:
        show(step)
    assert shown in re.sub("\x1b\\[[0-9;?]*[A-Za-z]", "", stream.getvalue())


def test_a_step_takes_one_line(monkeypatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "60")
    stream = Terminal()
    with status("lstm_cell", stream) as show:
        show("x" * 10_000)
    plain = re.sub("\x1b\\[[0-9;?]*[A-Za-z]", "", stream.getvalue())
    assert "xxxx" in plain
    assert max(map(len, re.split("[\r\n]", plain))) <= 60
