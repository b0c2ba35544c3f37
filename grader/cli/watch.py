"""The command `kata watch`: on each save the kata is checked again, by a judge that stays warm."""

import argparse
import contextlib
import os
import queue
import select
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from grader.cli.common import OK, STARTING, Add, add_isolation, course_of, seed
from grader.cli.keys import heard_again, pressed, single_keys, whole_lines
from grader.cli.look import show_replay, show_why
from grader.course.catalog import Course
from grader.course.kata import Kata
from grader.course.mounts import SILENT, file_system
from grader.course.progress import Progress
from grader.course.workspace import file_in, find_workspace, standing_in
from grader.errors import KataError, UsageError
from grader.judge.opening import open_grader
from grader.signals import handling
from grader.submission.find import SubmissionFile, find_submissions
from grader.text import one_line

if TYPE_CHECKING:
    from grader.judge.grader import Grader
    from grader.present.watch import Watch

BESIDE = ("why", "replay", "example")
"""What is shown at length, in place of the screen."""
LOOKS = ("h", "l", "m")
"""Keys that change only what is shown, so that they are answered while a check runs."""
WATCHED = (".py", ".ipynb")
ESCAPE = "\x1b"
"""What an arrow or a function key begins with."""
SETTLE_S = 0.03
"""An editor that writes in two steps is done after this."""
PATIENCE_S = 0.5
"""How often a check that takes longer says how far it is."""
LOOK_S = 0.2
AGAIN_S = 1.0
"""How soon a folder that was replaced is watched again."""
LISTEN_S = 0.1
"""How soon a key is answered while a check runs."""


def add(command: Add) -> None:
    """Add the command."""
    made = command(
        "watch",
        watch,
        "check again on each save; keys for hints and the next kata",
        examples=(
            "kata watch                where you stand, or the kata to take next",
            "kata watch lstm_cell      this one first",
            "kata watch cells.ipynb    a notebook, each time that Jupyter saves it",
        ),
    )
    made.add_argument(
        "kata",
        nargs="?",
        metavar="KATA | FILE",
        help=(
            "a kata or a track to begin with (default: where you stand, or next), or a file to "
            "watch, such as a notebook"
        ),
    )
    made.add_argument("--seed", type=seed, default=0, metavar="N", help="cases derive from it")
    made.add_argument(
        "--no-training", action="store_true", help="leave out the checks in which your code trains"
    )
    add_isolation(made)


def watch(arguments: argparse.Namespace) -> int:
    """`kata watch`."""
    workspace = find_workspace(Path.cwd())
    course = course_of(arguments)
    given = _given(course, arguments.kata)
    if workspace is None and not given:
        raise UsageError(
            f"{Path.cwd()} lies in no workspace", advice="kata init DIR makes one; then cd DIR."
        )
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError(
            "kata watch draws on a terminal, and this is none", advice="kata check grades once."
        )
    progress = Progress(Path.cwd())
    katas = tuple(item.kata for item in given) or course.katas
    first = katas[0] if given else _first(course, arguments.kata, progress)
    files = Files(workspace, given[0].path.absolute() if given else None)
    print(STARTING, flush=True)
    opened = open_grader(
        course,
        level=arguments.isolation,
        seed=arguments.seed,
        training=not arguments.no_training,
    )
    with single_keys(), opened as grader:
        from grader.present.watch import Watch

        passed = progress.passed
        state = Watch(katas, katas.index(first), passed)
        Session(grader, state, files, progress, whole=not arguments.no_training).run()
    return OK


def _given(course: Course, name: str | None) -> list[SubmissionFile]:
    """The katas of a file that is named: of a notebook all that its cells are tagged for."""
    if name is None or Path(name).suffix not in WATCHED:
        return []
    return find_submissions(course, [name], None, start=Path.cwd())


@dataclass(frozen=True)
class Files:
    """Which files are watched: one that was named, else those of a workspace."""

    workspace: Path | None
    file: Path | None = None

    @property
    def folder(self) -> Path:
        """Where they lie."""
        folder = self.file.parent if self.file else self.workspace
        assert folder is not None  # one of the two is there
        return folder

    def of(self, kata: Kata) -> Path:
        """The file that answers a kata: in a workspace the notebook, if the stub is gone."""
        if self.file is not None:
            return self.file
        path = file_in(self.folder, kata)
        notebook = path.with_suffix(".ipynb")
        return notebook if notebook.is_file() and not path.exists() else path


def _first(course: Course, name: str | None, progress: Progress) -> Kata:
    """Where to begin: the first kata that is not passed of what is named, or of where one stands.

    That is a kata or a track, or else the course.
    """
    named = course.select(name) if name is not None else standing_in(course, Path.cwd())
    katas = named or course.katas
    left = [kata for kata in katas if kata.name not in progress.passed]
    return (left or list(katas))[0]


class Session:
    """Events in, checks and drawings out.

    Args:
        grader: open.
        state: what is shown.
        files: which are watched.
        progress: what is kept of verdicts.
        whole: whether training is not left out.
    """

    def __init__(
        self,
        grader: "Grader",
        state: "Watch",
        files: Files,
        progress: Progress,
        *,
        whole: bool = True,
    ) -> None:
        self.grader = grader
        self.state = state
        self.files = files
        self.progress = progress
        self.whole = whole
        # Of this kind of queue alone a signal may come in the middle of another word.
        self.events: queue.SimpleQueue[tuple[str, str]] = queue.SimpleQueue()
        self._stop = threading.Event()

    @property
    def path(self) -> Path:
        """The file that is watched."""
        return self.files.of(self.state.kata)

    @property
    def found(self) -> SubmissionFile:
        """It, as a submission."""
        return SubmissionFile(self.state.kata, self.path, self.files.folder)

    def run(self) -> None:
        """Until the learner quits."""
        threading.Thread(target=self._watch_files, daemon=True).start()
        threading.Thread(target=self._watch_keys, daemon=True).start()
        handlers = {
            signal.SIGWINCH: lambda *_: self.events.put(("resized", "")),
            # A script's background ignores interrupts, and `q` is one while a check runs.
            signal.SIGINT: signal.default_int_handler,
        }
        try:
            with handling(handlers):
                self.draw()
                self.check()
                while self.handle(*self.events.get()):
                    pass
        except KeyboardInterrupt:
            pass
        finally:
            self._stop.set()
        print()

    def handle(self, kind: str, what: str) -> bool:
        """One event; False ends the session."""
        if kind == "saved":
            if Path(what) in (self.path, *self.path.parents):  # a folder is moved with all in it
                self.state.checking = True
                self.check()
            return True
        if kind == "resized":
            self.draw()
            return True
        action = self.state.pressed(what)
        if action == "quit":
            return False
        if action == "check":
            self.draw()
            self.check()
        elif action in BESIDE:
            self._beside(action)
        elif action == "draw":
            self.draw()
        return True

    def check(self) -> None:
        """Check the file as it is, and show what came of it."""
        time.sleep(SETTLE_S)
        while True:  # what was saved meanwhile is what is read now
            try:
                kind, what = self.events.get_nowait()
            except queue.Empty:
                break
            if kind != "saved":
                self.events.put((kind, what))
                break
        if not self.path.is_file():
            anew = "Save it again." if self.files.file else "`kata init .` writes the stub anew."
            odd = os.path.lexists(self.path)
            self.state.stopped(
                f"{self.path} is {'no regular file' if odd else 'not there'}. {anew}"
            )
            self.draw()
            return
        began_s = time.monotonic()
        with self._hearing() as show:
            verdict = self.grader.grade(self.found, progress=show, picture=True)
        self.state.checked(verdict, time.monotonic() - began_s)
        self.progress.remember(verdict, whole=self.whole)
        self.progress.save()
        self.draw()

    @contextlib.contextmanager
    def _hearing(self) -> Iterator[Callable[[str], None]]:
        """In this block a check runs here, and a thread beside it draws what keys ask to see.

        Yields:
            what is told how far the check is: a check that takes long is drawn, a short one is not.
        """
        over = threading.Event()

        def draw() -> None:
            drawn_s, drawn = time.monotonic(), self.state.step
            while not over.wait(LISTEN_S):
                told = self.state.step != drawn and time.monotonic() - drawn_s >= PATIENCE_S
                if self._looked_meanwhile() or told:
                    drawn_s, drawn = time.monotonic(), self.state.step
                    self.draw()

        beside = threading.Thread(target=draw, daemon=True)
        beside.start()
        try:
            yield self.state.goes_on
        finally:
            over.set()
            beside.join()

    def _looked_meanwhile(self) -> bool:
        """Do what events ask that changes the screen alone, while a check runs; the rest waits.

        Returns:
            whether there is something to draw.
        """
        waiting: list[tuple[str, str]] = []
        look = False
        with contextlib.suppress(queue.Empty):
            while True:
                kind, what = self.events.get_nowait()
                if kind == "resized" or (kind == "key" and what in LOOKS):
                    look = kind == "resized" or self.state.pressed(what) == "draw" or look
                else:
                    waiting.append((kind, what))
        for event in waiting:
            self.events.put(event)
        return look

    def draw(self) -> None:
        """Draw the screen anew, at the size that it has now."""
        from grader.present.text import console

        out = console()
        sys.stdout.write("\x1b[2J\x1b[H")
        self.state.draw(out)
        sys.stdout.flush()

    def _beside(self, action: str) -> None:
        """Something at length, in the same terminal, until a key is pressed."""
        failing = (self.state.verdict.failing if self.state.verdict else "") or None
        sys.stdout.write("\x1b[2J\x1b[H")
        sys.stdout.flush()
        with whole_lines():
            try:
                if action == "example":
                    self._example()
                elif action == "why":
                    show_why(self.grader, self.found, failing)
                else:
                    show_replay(self.grader, self.found, failing, debugger=True)
            except KataError as error:
                print(f"kata: {one_line(error.message)}")
            except KeyboardInterrupt:
                print()
        print("\nAny key goes back.", flush=True)
        while self.events.get()[0] != "key":
            pass
        self.draw()

    def _example(self) -> None:
        """The worked example of the task, on the file as it is."""
        from grader.present.example import write_example
        from grader.present.report import Writer
        from grader.present.text import console

        attempt = self.grader.attempt(self.found)
        try:
            write_example(Writer(console()), self.state.kata, attempt.example())
        finally:
            attempt.close()

    def _watch_keys(self) -> None:
        from grader.present.watch import QUIT

        while not self._stop.is_set():
            ready, _, _ = select.select([sys.stdin], [], [], 0.2)
            if heard_again():
                self.events.put(("resized", ""))
            elif ready and (text := pressed()):
                keys = text[:1] if text.startswith(ESCAPE) else text  # an arrow is one key
                for key in keys:
                    if key in QUIT and self.state.checking:  # as Ctrl+C does: nobody waits for it
                        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
                    else:
                        self.events.put(("key", key))

    def _watch_files(self) -> None:
        """Until the session ends: a folder that is replaced is watched anew."""
        while not self._stop.is_set():
            try:
                self._watch_folder()
            except Exception:  # too many folders to be told of, or one that may not be read
                self._look_at_the_file()
            if not self._stop.wait(AGAIN_S):
                self.events.put(("saved", str(self.path)))

    def _look_at_the_file(self) -> None:
        """Until the session ends: nobody tells of changes, so the one file is looked at."""
        path, known = self.path, _stamp(self.path)
        while not self._stop.wait(LOOK_S):
            now, stamp = self.path, _stamp(self.path)
            if now == path and stamp != known:
                self.events.put(("saved", str(path)))
            path, known = now, stamp

    def _watch_folder(self) -> None:
        """Until the folder is another one, or gone."""
        from watchfiles import watch as changes

        folder = self.files.folder
        known = _stamp(folder)[:2]
        if not known:
            return

        def counts(_: object, path: str) -> bool:
            return path.endswith(WATCHED) or Path(path) in self.path.parents

        silent = file_system(folder.absolute()) in SILENT
        for found in changes(
            folder,
            watch_filter=counts,
            recursive=self.files.file is None,
            debounce=60,
            step=15,
            stop_event=self._stop,
            force_polling=silent or None,
            poll_delay_ms=200,
            raise_interrupt=False,
            ignore_permission_denied=True,
            rust_timeout=int(AGAIN_S * 1000),
            yield_on_timeout=True,
        ):
            for _, path in sorted(found):
                self.events.put(("saved", path))
            if _stamp(folder)[:2] != known:
                return


def _stamp(path: Path) -> tuple[int, ...]:
    """What tells that a file is another one (the first two numbers), or was written since."""
    try:
        status = path.stat()
    except OSError:
        return ()
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns
