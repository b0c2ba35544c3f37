"""`kata watch`: what is shown and what a key does. It knows no file, no terminal and no judge."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from rich.console import Console
from rich.text import Text

from grader.course.kata import Kata
from grader.present.report import MARKS, Writer
from grader.text import one_line
from grader.verdict import Status, Verdict

Action = Literal["draw", "check", "why", "replay", "example", "quit", "nothing"]
KEYS = {
    "h": "hint",
    "n": "next",
    "p": "previous",
    "l": "list",
    "e": "example",
    "w": "why",
    "d": "debug",
    "m": "more lines",
    "c": "check",
    "q": "quit",
}
QUIT = ("q", "\x03", "\x04")


@dataclass
class Watch:
    """Where a learner stands.

    Args:
        katas: in the order of the course.
        at: which of them is watched.
        passed: names of those that are passed.
        problem: why there is no verdict: the file is gone, say.
        step: what a check that takes long is at, in the judge's words.
        page: which screenful of what there is to say is shown, from 0.
    """

    katas: Sequence[Kata]
    at: int
    passed: set[str] = field(default_factory=set)
    verdict: Verdict | None = None
    hints: tuple[int, ...] = ()
    listing: bool = False
    checking: bool = True
    problem: str = ""
    took_s: float = 0.0
    step: str = ""
    page: int = 0

    @property
    def kata(self) -> Kata:
        """The one that is watched."""
        return self.katas[self.at]

    def checked(self, verdict: Verdict, took_s: float) -> None:
        """A version was checked."""
        if verdict.kata != self.kata.name:
            return  # the learner went on while it was checked
        self.verdict, self.took_s = verdict, took_s
        self.checking, self.listing, self.problem = False, False, ""
        self.step, self.page = "", 0
        if verdict.status is Status.PASSED:
            self.passed.add(verdict.kata)

    def goes_on(self, step: str) -> None:
        """A check takes long, and is at this step."""
        self.checking, self.step = True, step

    def stopped(self, problem: str) -> None:
        """There is nothing to check for the moment."""
        self.problem, self.checking, self.verdict = problem, False, None

    def pressed(self, key: str) -> Action:
        """What a key asks for, in either case; the state follows."""
        key = key.lower()
        if key in QUIT:
            return "quit"
        if key == "h":
            failing = self.verdict.failing if self.verdict is not None else ""
            number = self.kata.spec.next_hint(failing, self.hints)
            self.hints += (number,) if number is not None else ()
            self.listing, self.page = False, 0
            return "draw"
        if key == "l":
            self.listing, self.page = not self.listing, 0
            return "draw"
        if key == "m":
            self.page += 1
            return "draw"
        if key in ("n", "p"):
            return self._go(1 if key == "n" else -1)
        if key in ("c", "\r", "\n", " "):
            self.checking = True
            return "check"
        if key == "e":
            return "example" if self.kata.example_file.is_file() else "nothing"
        if key == "w":
            return "why" if self._failed() else "nothing"
        if key == "d":
            return "replay" if self._failed() else "nothing"
        return "nothing"

    def _failed(self) -> bool:
        return self.verdict is not None and self.verdict.status is not Status.PASSED

    def _go(self, step: int) -> Action:
        """To the next kata that is not passed, or one back."""
        place = self.at + step
        while step > 0 and place < len(self.katas) and self.katas[place].name in self.passed:
            place += 1
        if not 0 <= place < len(self.katas):
            return "nothing"
        self.at, self.verdict, self.hints = place, None, ()
        self.listing, self.checking, self.problem = False, True, ""
        self.step, self.page = "", 0
        return "check"

    # -- drawing -----------------------------------------------------------------------------------

    def draw(self, out: Console) -> None:
        """The whole screen: what stands first, as much of the rest as fits, and the keys."""
        parts = []
        for part in (self._head, self._body, self._keys):
            with out.capture() as captured:
                part(out)
            parts.append(captured.get().splitlines())
        head, body, keys = parts
        room = max(3, out.height - len(head) - len(keys) - 1)
        if len(body) > room:
            pages = -(-len(body) // (room - 1))
            first = self.page % pages * (room - 1)
            left = len(body) - first - (room - 1)
            where = f"{left} more lines" if left > 0 else "from the top again"
            body = [*body[first : first + room - 1], f"  ... [m] {where}"]
        out.file.write("\n".join([*head, *body, *keys]) + "\n")

    def _head(self, out: Console) -> None:
        head = f"{self.kata.name}  {self.kata.spec.title}"
        out.print(Text(head, style="bold"), overflow="ellipsis", no_wrap=True)
        writer = Writer(out)
        done = f"{len(self.passed)} of {len(self.katas)} passed"
        if self.verdict is None:
            writer.line(done, style="dim")
        else:
            mark, colour = MARKS.get(self.verdict.status, ("✗", "red"))
            points = f"{self.verdict.points} of {self.verdict.max_points} points"
            said = f"{mark} {points}, {self.took_s:.2f} s · {done}"
            writer.line(said, style=f"bold {colour}")
        if self.checking:
            said = f"checking: {one_line(self.step)}" if self.step else "checking"
            out.print(Text(f"{said} ...", style="dim"), overflow="ellipsis", no_wrap=True)
        out.print()

    def _body(self, out: Console) -> None:
        writer = Writer(out)
        if self.listing:
            self._list(out)
            return
        if self.verdict is None or self.verdict.status is not Status.PASSED:
            self._hints(writer)
        if self.problem:
            writer.line(self.problem, style="yellow")
        elif self.verdict is not None:
            self._verdict(writer)

    def _hints(self, writer: Writer) -> None:
        """The hints, the newest first: whoever asks for one wants to read it at once."""
        hints = self.kata.spec.hints
        for number in reversed(self.hints):
            writer.said(f"Hint {number} of {len(hints)}: {hints[number - 1]}")
            if number == self.hints[-1] and len(self.hints) == len(hints):
                writer.line("That was the last hint.", style="dim")
        if self.hints:
            writer.out.print()

    def _keys(self, out: Console) -> None:
        out.print()
        row = ""
        for key in (f"[{key}] {what}" for key, what in KEYS.items()):
            if row and len(row) + 2 + len(key) > out.width:
                out.print(Text(row, style="cyan"))
                row = ""
            row += f"  {key}" if row else key
        out.print(Text(row, style="cyan"))

    def _verdict(self, writer: Writer) -> None:
        """The first thing that is not right; after a pass what there is to see."""
        verdict = self.verdict
        assert verdict is not None
        if verdict.message:
            writer.line(verdict.message, indent=2)
            writer.location(verdict.location, indent=2)
        first = next((c for c in verdict.checks if c.status is not Status.PASSED), None)
        if verdict.status is Status.PASSED:
            writer.line("Passed. [n] goes on to the next kata.", style="bold green")
            if self.kata.spec.leads_on:
                writer.said(self.kata.spec.leads_on)
            writer.figures(verdict)
        elif first is not None and not verdict.message:
            writer.check(first)
            rest = sum(c.status is not Status.PASSED for c in verdict.checks) - 1
            if rest:
                writer.line(f"and {rest} more that are not right yet", style="dim", indent=2)

    def _list(self, out: Console) -> None:
        """A window of the way through the course, around where one stands."""
        height = max(5, out.height - 10)
        first = max(0, min(self.at - height // 2, len(self.katas) - height))
        for number, kata in enumerate(self.katas[first : first + height], first):
            here = "▶" if number == self.at else " "
            sign = "✓" if kata.name in self.passed else "·"
            line = Text(f"{here} {sign} {kata.name}  {kata.spec.title}", no_wrap=True)
            line.truncate(out.width, overflow="ellipsis")
            out.print(line, style="bold" if number == self.at else "")
