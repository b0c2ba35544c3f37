"""`%load_ext grader`: katas inside of a notebook.

    %kata list                 the katas, in order, with your progress
    %kata next                 the kata to take next
    %kata show lstm_cell       the task
    %kata check lstm_cell      is it right? What counts is the code of the cells that you have run
    %kata hint lstm_cell       the next hint
    %%kata lstm/lstm_cell      in a cell's first line: run the cell, then check its code

After the first time the kata's name may be left out.

A check takes the cells as they were run, oldest first, and of these what the kata needs. So it is
about what stands in the kernel, and the code is graded in the sandbox like any other submission.
"""

import difflib
import inspect
import io
import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from grader.course.catalog import Course, built_in_root
from grader.course.kata import Kata
from grader.course.progress import Progress, next_of
from grader.course.workspace import course_at, find_workspace, standing_in
from grader.errors import KataError, UsageError
from grader.judge.opening import Opening, lent_grader
from grader.submission.find import SubmissionFile, find_submissions
from grader.submission.notebook import MAX_SUBMISSION_BYTES
from grader.submission.read import ReadSubmission, read_submission, submission_file
from grader.text import one_line
from grader.verdict import Verdict

_SHELLS = re.compile(r"(?<![%\w])kata (check|hint|list|next|show)\b(?! \S*\.| KATA)")
"""A command as a shell takes it, and not one about a file, which `%kata` does not know."""
WIDTH = 100
SHOWN_AS = "notebook.ipynb"


def load(shell: Any) -> None:
    """Give a shell of IPython the magics `%kata` and `%%kata`."""
    shell.register_magic_function(Katas(shell).kata, "line_cell", "kata")


class Katas:
    """The magics of one kernel.

    Args:
        shell: IPython's `InteractiveShell`.
    """

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._last = ""

    def kata(self, line: str, cell: str | None = None) -> None:
        """Katas: `%kata list | next | show | check | hint [KATA]`, or `%%kata KATA` above code."""
        try:
            if cell is None:
                self._line(line.split())
            else:
                self._cell(line.split(), cell)
        except KataError as error:
            advice = _SHELLS.sub(r"%kata \1", one_line(error.advice)) if error.advice else ""
            advice = f"\n      {advice}" if advice else ""
            sys.stderr.write(f"kata: {one_line(error.message)}{advice}\n")

    def _line(self, words: list[str]) -> None:
        commands: dict[str, Callable[[list[str]], None]] = {
            "check": self._check,
            "hint": self._hint,
            "list": self._list,
            "next": self._next,
            "show": self._show,
        }
        name, *rest = words or [""]
        if name not in commands:
            close = difflib.get_close_matches(name, commands, n=1)
            meant = f"Did you mean %kata {close[0]}? " if close else ""
            raise UsageError(
                f"there is no %kata {name[:80]}".rstrip(),
                advice=f"{meant}There are: {', '.join(commands)}.",
            )
        if len(rest) > (name not in ("list", "next")):
            raise UsageError(f"%kata {name} takes less than that: {' '.join(rest)[:80]}")
        commands[name](rest)

    def _cell(self, words: list[str], cell: str) -> None:
        kata = self._kata(words)
        if len(words) > 1:
            raise UsageError(
                f"%%kata takes a kata, and no more: {' '.join(words[1:])[:80]}",
                advice="The cell was not run.",
            )
        ran = self._shell.run_cell(cell, store_history=False)
        if isinstance(ran.error_in_exec, KeyboardInterrupt):
            return
        self._grade(kata, self._session(this_cell=True))

    # -- commands ----------------------------------------------------------------------------------

    def _list(self, _: list[str]) -> None:
        from grader.present.course import kata_rows, kata_table
        from grader.present.text import console

        course, progress = course_at(Path.cwd()), Progress(Path.cwd())
        out = io.StringIO()
        kata_table(console(out, width=WIDTH, plain=True), course, course.katas, progress)
        rows = [
            f"| {mark} | `{kata.name}` | {kata.spec.difficulty} | {kata.spec.minutes} "
            f"| {kata.spec.title} |"
            for kata, mark in kata_rows(course.katas, progress)
        ]
        head = ["| | kata | level | minutes | title |", "|---|---|---|---|---|"]
        self._publish(out.getvalue(), markdown="\n".join([*head, *rows]))

    def _next(self, _: list[str]) -> None:
        course = course_at(Path.cwd())
        kata = next_of(course, Progress(Path.cwd()).passed)
        if kata is None:
            self._publish("Every kata is passed.")
            return
        self._last = kata.name
        self._publish(
            f"{kata.name}: {kata.spec.title}\n"
            f"level {kata.spec.difficulty} of 5, about {kata.spec.minutes} minutes\n"
            f"%kata show {kata.name}"
        )

    def _show(self, words: list[str]) -> None:
        from grader.present.course import task_page, track_page

        course = course_at(Path.cwd())
        if words:
            chosen = course.select(words[0])
            if len(chosen) > 1:
                page = track_page(course, chosen[0].track)
                self._publish(page, markdown=page)
                return
        kata = self._kata(words)
        text = task_page(kata)
        self._publish(text, markdown=text)

    def _hint(self, words: list[str]) -> None:
        kata = self._kata(words)
        progress = Progress(Path.cwd())
        given = progress.give_hint(kata)
        if given is None:
            self._publish(f"{kata.name} has no hints.")
            return
        self._publish(f"{given.said}\n{given.then}", markdown=f"{given.said}\n\n*{given.then}*")
        progress.save()

    def _check(self, words: list[str]) -> None:
        kata = self._kata(words)
        asked = [name for name in kata.signatures if "." not in name]
        file = self._file_of(asked)
        if file is not None:
            self._grade(kata, read_submission(SubmissionFile(kata, file)))
        elif any(name in self._shell.user_ns for name in asked):
            self._grade(kata, self._session())
        elif find_workspace(Path.cwd()) is not None:
            [found] = find_submissions(_course(), [kata.name], None, start=Path.cwd())
            self._grade(kata, read_submission(found))
        else:
            raise UsageError(
                f"this kernel knows no {' and no '.join(f'`{name}`' for name in asked)}",
                advice="Run the cell that defines it first.",
            )

    def _file_of(self, names: list[str]) -> Path | None:
        """The file of one's own that the kernel has these names from, by an import or `%run`."""
        files = set()
        for name in names:
            try:
                value = inspect.unwrap(self._shell.user_ns.get(name))
                files.add(Path(inspect.getfile(value)).resolve())
            except (TypeError, OSError, ValueError):
                return None
        file = files.pop() if len(files) == 1 else None
        own = file is not None and file.is_file() and file.is_relative_to(Path.cwd().resolve())
        return file if own else None

    # -- what they share ---------------------------------------------------------------------------

    def _kata(self, words: list[str]) -> Kata:
        """The kata that is named, or the last one, or that of the folder one stands in."""
        course = _course()
        name = words[0] if words else self._last
        if not name:
            here = standing_in(course, Path.cwd())
            if len(here) != 1:
                raise UsageError("which kata?", advice="Name it; `%kata list` shows them all.")
            name = here[0].name
        kata = course.find(name)
        self._last = kata.name
        return kata

    def _session(self, *, this_cell: bool = False) -> ReadSubmission:
        """The cells that were run, as one notebook: a cell's number is that of its `In [ ]`.

        The last definition counts, as it does in the kernel.

        Args:
            this_cell: what the cell says that runs now counts instead, by its `%%kata`.

        Raises:
            UsageError: there is too much of it, or the shell keeps no history.
        """
        ran = self._shell.history_manager.input_hist_raw[1:]
        if not ran:
            raise UsageError(
                "this shell keeps no history of the cells that it runs",
                advice="Switch it on, or check a file: kata check KATA --submission FILE.",
            )
        *before, last = ran
        sources = [*map(_untagged, before), last if this_cell else _untagged(last)]
        cells: list[dict[str, Any]] = [
            {"cell_type": "code", "metadata": {}, "outputs": [], "source": text} for text in sources
        ]
        book = {"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": cells}
        data = json.dumps(book).encode()
        if len(data) > MAX_SUBMISSION_BYTES:
            raise UsageError(
                "this kernel has run more code than a submission may hold",
                advice="Restart it, and run the cells that the kata needs.",
            )
        return submission_file(data, SHOWN_AS)

    def _grade(self, kata: Kata, read: ReadSubmission) -> None:
        """Grade in the sandbox, show the verdict, remember it."""
        import torch

        course = _course()
        own = "" if course.root == built_in_root() else str(course.root)
        threads = torch.get_num_threads()  # a grader that is made now takes one
        with lent_grader(Opening(course=own)) as grader:
            from grader.present.report import Writer
            from grader.present.report_page import Graded, verdict_in_a_cell
            from grader.present.text import console

            with torch.random.fork_rng(devices=[]):
                verdict = grader.attempt_read(kata, read).verdict(picture=True)
            torch.set_num_threads(threads)
        if read.shown == SHOWN_AS:
            verdict = _without_replay(verdict)
        out = io.StringIO()
        writer = Writer(console(out, width=WIDTH, plain=True), command="%kata")
        writer.verdict(verdict)
        html = verdict_in_a_cell(Graded(kata, verdict, read.source.decode("utf-8", "replace")))
        self._publish(out.getvalue(), html=html)
        _remember(verdict)

    def _publish(self, text: str, *, html: str = "", markdown: str = "") -> None:
        data = {"text/plain": text.rstrip("\n")}
        if html:
            data["text/html"] = html
        if markdown:
            data["text/markdown"] = markdown
        self._shell.display_pub.publish(data=data, metadata={})


def _course() -> Course:
    return course_at(Path.cwd())


def _untagged(text: str) -> str:
    """A cell without the `%%kata` of its first line."""
    return text.replace("%%kata", "# %%kata", 1) if text.lstrip().startswith("%%kata") else text


def _without_replay(verdict: Verdict) -> Verdict:
    """The verdict without the command line that replays a case: it would need a file."""
    checks = [
        replace(check, counterexample=replace(check.counterexample, replay=""))
        if check.counterexample is not None
        else check
        for check in verdict.checks
    ]
    return replace(verdict, checks=tuple(checks))


def _remember(verdict: Verdict) -> None:
    progress = Progress(Path.cwd())
    progress.remember(verdict, whole=True)
    progress.save()
