"""Verdicts, for a person at a terminal."""

from collections.abc import Sequence
from pathlib import Path

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from grader.present.inline import inline
from grader.present.picture import text_plot
from grader.present.text import clean
from grader.verdict import Argument, CheckResult, Counterexample, Location, Status, Suspect, Verdict

MAX_OUTPUT_LINES = 20
MANY_UNTOUCHED = 4
MARKS = {
    Status.PASSED: ("✓", "green"),
    Status.NOT_RUN: ("·", "dim"),
    Status.NOT_VERIFIED: ("?", "yellow"),
    Status.NOT_IMPLEMENTED: ("○", "yellow"),
    Status.INTERNAL_ERROR: ("!", "magenta"),
}


FAILED_MARK = ("✗", "red")


class Writer:
    """Writes verdicts to a console, one after the other.

    Args:
        out: where to.
        verbose: passed checks, all output and all versions too.
        command: how the command is called there: in a notebook `%kata`.
    """

    def __init__(self, out: Console, *, verbose: bool = False, command: str = "kata") -> None:
        self.out = out
        self.verbose = verbose
        self.command = command
        self._untouched: list[Verdict] = []

    def line(
        self, text: str, *, style: str = "", indent: int = 0, lead: str = "", hang: int = 0
    ) -> None:
        """Lines of text, wrapped at the width, each indented, and led by a mark.

        What is wrapped goes on `hang` columns further in.
        """
        for part in clean(text).split("\n"):
            self._wrapped(Text(part, style=style), indent=indent, lead=lead, hang=hang)

    def said(self, text: str, *, style: str = "", indent: int = 0) -> None:
        """A sentence of the course's own, wrapped: its emphasis is shown, not its marks.

        What begins with a capital is the name of a section, and stands in quotation marks.
        """
        shown = Text(style=style)
        for kind, piece in inline(clean(text)):
            if kind == "em" and piece[:1].isupper():
                shown.append(f'"{piece}"')
            else:
                piece = f"`{piece}`" if kind == "code" else piece
                shown.append(piece, style="italic" if kind == "em" else "")
        self._wrapped(shown, indent=indent)

    def _wrapped(self, text: Text, *, indent: int, lead: str = "", hang: int = 0) -> None:
        width = max(20, self.out.width - indent - len(lead) - hang)
        for number, wrapped in enumerate(text.wrap(self.out, width) or [Text("")]):
            wrapped.rstrip()
            shown = Text(" " * (indent + (hang if number else 0)) + lead) + wrapped
            shown.rstrip()
            self.out.print(shown, no_wrap=True, crop=False)

    def verdict(
        self, verdict: Verdict, *, brief: bool = False, took_s: float | None = None
    ) -> None:
        """One submission's verdict.

        A line for each check, and what there is to say about those that did not pass.

        Args:
            verdict: what to show.
            brief: it is one of many: no figure is drawn, and katas that were not begun are told
                before the next one that was, or by `summary`, many of them in one line.
            took_s: what the whole command has taken so far, with starting Python and torch.
        """
        if brief and verdict.status is Status.NOT_IMPLEMENTED and not self.verbose:
            self._untouched.append(verdict)
            return
        self.untouched()
        self._head(verdict)
        if verdict.message:
            self.line(verdict.message, indent=2)
            self.location(verdict.location, indent=2)
            self.printed(verdict.output, indent=2)
            self.footer(verdict, took_s)
            return
        if verdict.output and (self.verbose or verdict.status is not Status.PASSED):
            self.printed(verdict.output, indent=2, what="Printed while it was imported")
        self.notes(verdict)
        usual = [result for result in verdict.checks if not result.place]
        begun = verdict.status is not Status.NOT_IMPLEMENTED
        later = [r for r in usual if r.status is Status.NOT_IMPLEMENTED][0 if begun else 1 :]
        for result in usual:
            if (
                result.status is Status.PASSED
                and not self.verbose
                and verdict.status is Status.PASSED
            ):
                continue
            if (result.status is not Status.NOT_RUN and result not in later) or self.verbose:
                self.check(result)
        self.not_begun(later)
        self.waiting([r for r in usual if r.status is Status.NOT_RUN])
        self.elsewhere([r for r in verdict.checks if r.place])
        self.measured(verdict)
        if not brief:
            self.figures(verdict)
        self.footer(verdict, took_s)

    def _head(self, verdict: Verdict) -> None:
        """A kata's row."""
        score = f"{_word(verdict.status)} {verdict.points}/{verdict.max_points}"
        self._row(verdict.status, verdict.kata, verdict.title, score)

    def _row(self, status: Status, name: str, more: str, score: str) -> None:
        """A row as wide as the output: a mark and a name, then what may be cut, then a score."""
        mark, colour = MARKS.get(status, FAILED_MARK)
        head = Text()
        head.append(f"{mark} {clean(name)}", style=f"bold {colour}")
        head.append(f"  {clean(more)}")
        room = self.out.width - len(score) - 2
        head.truncate(max(room, cell_len(f"{mark} {clean(name)}")), overflow="ellipsis")
        gap = max(2, self.out.width - head.cell_len - len(score))
        head.append(" " * gap + score, style=f"bold {colour}")
        self.out.print(head)

    def untouched(self) -> None:
        """The katas that were met since the last row and are not begun: many are one row."""
        verdicts, self._untouched = self._untouched, []
        if len(verdicts) < MANY_UNTOUCHED:
            for verdict in verdicts:
                self._head(verdict)
            return
        points = sum(verdict.max_points for verdict in verdicts)
        which = f"{verdicts[0].kata} to {verdicts[-1].kata}"
        score = f"{_word(Status.NOT_IMPLEMENTED)} 0/{points}"
        self._row(Status.NOT_IMPLEMENTED, f"{len(verdicts)} katas", which, score)

    def notes(self, verdict: Verdict) -> None:
        """What was met in a notebook."""
        for note in verdict.notes:
            self.line(note, style="dim", indent=2)

    def not_begun(self, results: Sequence[CheckResult]) -> None:
        """The checks of functions that are not begun, in one line: what is wrong comes first."""
        if results and not self.verbose:
            points = sum(result.max_points for result in results)
            names = ", ".join(result.name for result in results)
            self.line(f"○ not implemented yet (0/{points}): {names}", style="yellow", indent=2)

    def waiting(self, results: Sequence[CheckResult]) -> None:
        """The checks that are not run before others pass, in one line."""
        if results and not self.verbose:
            points = sum(result.max_points for result in results)
            names = ", ".join(result.name for result in results)
            self.line(f"· not run yet (0/{points}): {names}", style="dim", indent=2)

    def elsewhere(self, results: Sequence[CheckResult]) -> None:
        """The same in other dtypes and on other devices: in one line, unless it is wrong there."""
        for status, mark, words in (
            (Status.PASSED, "✓", "the same on"),
            (Status.NOT_VERIFIED, "·", "not verified on"),
            (Status.NOT_RUN, "·", "not run yet on"),
        ):
            those = [result for result in results if result.status is status]
            why = " ".join(dict.fromkeys(result.message for result in those))
            why = f" ({why})" if why and status is Status.NOT_VERIFIED else ""
            if those:
                names = ", ".join(result.place for result in those)
                style = "green" if status is Status.PASSED else "dim"
                self.line(f"{mark} {words} {names}{why}", style=style, indent=2)
        fine = (Status.PASSED, Status.NOT_VERIFIED, Status.NOT_RUN)
        for result in (result for result in results if result.status not in fine):
            self.check(result)

    def check(self, result: CheckResult) -> None:
        """One check."""
        mark, colour = MARKS.get(result.status, FAILED_MARK)
        points = f"{result.points}/{result.max_points}" if result.max_points else "free"
        first = Text(f"  {mark} ", style=colour)
        first.append(clean(result.name), style="bold" if result.status is not Status.PASSED else "")
        first.append(f"  {points}", style=colour)
        if result.status not in (Status.PASSED, Status.FAILED):
            first.append(f"  {_word(result.status)}", style=colour)
        self.out.print(first)
        if result.status is Status.PASSED and not self.verbose:
            return
        self.said(result.sentence, style="italic", indent=6)
        if result.message:
            self.line(result.message, indent=6)
        self.location(result.location, indent=6)
        if result.diagnosis is not None:
            self.out.print()
            self.said(result.diagnosis.headline, style="bold yellow", indent=6)
            self.said(" ".join(result.diagnosis.message.split()), indent=6)
            if result.diagnosis.second is not None:
                second = result.diagnosis.second
                self.said(f"The second: {second.title}", style="bold yellow", indent=6)
                self.said(" ".join(second.message.split()), indent=6)
        if result.suspect is not None:
            self.out.print()
            self.suspect(result.suspect)
        if result.counterexample is not None:
            self.out.print()
            self.counterexample(result.counterexample)
        self.printed(result.case_output, indent=6, what="Printed in this case")
        elsewhere = result.output if result.output != result.case_output else ""
        if self.verbose or not result.case_output:
            self.printed(elsewhere, indent=6)

    def suspect(self, suspect: Suspect) -> None:
        """The line at which the values leave those of every right answer."""
        self.line(f"{suspect.headline}: {suspect.where}", style="bold yellow", indent=6)
        if not suspect.source:
            return
        self.line(f"> {suspect.source}", indent=8)
        if suspect.end and 10 + cell_len(suspect.source) < self.out.width:
            before = cell_len(suspect.source[: suspect.column - 1])
            marked = cell_len(suspect.source[suspect.column - 1 : suspect.end - 1])
            self.out.print(Text(" " * (10 + before) + "^" * marked, style="cyan"))
        self.line(suspect.said, indent=6)

    def counterexample(self, card: Counterexample) -> None:
        """The smallest input that fails, and where the answers part."""
        self.line(f"Smallest case found: {card.call}", style="bold", indent=6)
        for argument in card.arguments:
            self.argument(argument)
        for number, step in enumerate(card.set_up):
            self.line(f"{'where' if number == 0 else 'and'} {step.call}", indent=8)
            for argument in step.arguments:
                self.argument(argument, indent=10)
        if card.calls_before:
            plural = "s" if card.calls_before > 1 else ""
            self.line(f"(after {card.calls_before} other call{plural} in the same case)", indent=8)
        if card.expected or card.got:
            at = f"at {card.at}: " if card.at else ""
            self.line(f"{at}expected {card.expected}, got {card.got}", style="bold", indent=8)
        facts = [
            f"{card.mismatched} differ" if card.mismatched else "",
            f"by {card.difference}" if card.difference else "",
            f"allowed is {card.allowed}" if card.allowed else "",
        ]
        if any(facts):
            self.line(", ".join(fact for fact in facts if fact), indent=8)
        if card.replay:
            self.line(f"Again: {card.replay}", style="cyan", indent=6)

    def argument(self, argument: Argument, *, indent: int = 8) -> None:
        """One argument of a call."""
        form = f"{argument.dtype} {argument.shape} " if argument.shape is not None else ""
        self.line(f"{argument.name} = {form}{argument.value}", indent=indent)

    def location(self, location: Location | None, *, indent: int) -> None:
        """A line of the learner's file."""
        if location is None:
            return
        inside = f", in {location.function}" if location.function not in ("", "<module>") else ""
        self.line(f"{location.where}{inside}", style="cyan", indent=indent)
        if location.source:
            self.line(f"> {location.source}", indent=indent + 2)
            before = cell_len(location.source[: location.column - 1])
            fits = indent + 4 + cell_len(location.source) < self.out.width
            if location.column and fits and clean(location.source) == location.source:
                self.out.print(Text(" " * (indent + 4 + before) + "^", style="cyan"))

    def printed(self, text: str, *, indent: int, what: str = "Printed") -> None:
        """What the submission printed, cut."""
        lines = text.rstrip().splitlines()
        if not lines:
            return
        self.line(f"{what}:", style="dim", indent=indent)
        shown = lines if self.verbose else lines[:MAX_OUTPUT_LINES]
        for line in shown:
            self.line(line[:500], indent=indent, lead="| ")
        if len(lines) > len(shown):
            self.line(f"| ... {len(lines) - len(shown):,} more lines (--verbose)", indent=indent)

    def measured(self, verdict: Verdict) -> None:
        """What the judge measured: a metric, its baseline, the seconds of a training."""
        if verdict.metrics:
            said = ", ".join(f"{name} {value:.4g}" for name, value in verdict.metrics.items())
            self.line(f"Measured: {said}", indent=2)

    def figures(self, verdict: Verdict) -> None:
        """The figures, drawn as text."""
        for figure in verdict.figures:
            drawn = text_plot(figure, self.out.width - 2)
            if drawn:
                self.out.print()
                for row in drawn.splitlines():
                    if "text" in figure:
                        self.line(row, indent=2)
                    else:
                        self.out.print(Text(f"  {clean(row)}"), no_wrap=True, crop=True)

    def footer(self, verdict: Verdict, took_s: float | None = None) -> None:
        """How it was graded, and what to do next."""
        waiting = "".join(f" · {clean(name)} waits for a person" for name in verdict.pending_manual)
        seed = "secret seed" if verdict.seed is None else f"seed {verdict.seed}"
        file = verdict.submission.removeprefix(f"{Path.cwd()}/")
        file = f"{file} · " if file else ""
        seconds = f"{verdict.duration_s:.2f} s"
        if took_s is not None:
            seconds = f"{took_s:.1f} s, {seconds} of it grading"
        facts = f"{file}{seed} · isolation {verdict.isolation.level} · {seconds}{waiting}"
        self.line(facts, style="dim", indent=2)
        if self.verbose:
            v = verdict.versions
            self.line(
                f"layers: {', '.join(verdict.isolation.layers)} · device {verdict.device} · "
                f"tensor-katas {v.tensor_katas}, Python {v.python}, torch {v.torch}, "
                f"NumPy {v.numpy}, Hypothesis {v.hypothesis}",
                style="dim",
                indent=2,
            )
        if verdict.status in (Status.FAILED, Status.NOT_IMPLEMENTED, Status.TIMED_OUT):
            self.line(f"A hint: {self.command} hint {verdict.kata}", style="dim", indent=2)

    def summary(self, verdicts: Sequence[Verdict]) -> None:
        """One line for several verdicts."""
        self.untouched()
        if len(verdicts) < 2:
            return
        passed = sum(verdict.status is Status.PASSED for verdict in verdicts)
        points = sum(verdict.points for verdict in verdicts)
        most = sum(verdict.max_points for verdict in verdicts)
        self.line(
            f"{passed} of {len(verdicts)} katas passed, {points} of {most} points", style="bold"
        )


def _word(status: Status) -> str:
    return status.value.replace("_", " ").lower()
