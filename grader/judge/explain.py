"""How a learner is told what went wrong on the other side of a conversation."""

import importlib.util
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from grader.checks.submission import SubmissionError
from grader.course.kata import Kata
from grader.judge.forbidden_names import can_be_stopped
from grader.judge.mishaps import Stopped, location_of
from grader.sandbox.worker import WorkerDeadError
from grader.submission.notebook import Cell, line_words
from grader.verdict import Location, Status
from grader.wire.messages import Forbidden, Frame, Limits, Raised
from grader.worker.scratch import MAX_FILES

IMPORTING = "importing it"
UNDER_MAIN = 'put it under `if __name__ == "__main__":`'


class Allowed(NamedTuple):
    """A time: `what` ("one call") may take so many seconds."""

    what: str
    limit_s: float


@dataclass(frozen=True)
class Explainer:
    """Status and sentence for what one submission brings about.

    Args:
        kata: whose signatures and packages are named.
        limits: what it may use.
        forbidden: what it must not use.
        device: where it is asked.
        file_name: what its file is called.
        cells: a notebook's cells.
    """

    kata: Kata
    limits: Limits
    forbidden: Forbidden
    device: str
    file_name: str
    cells: Sequence[Cell]

    def late(
        self, what: str, after_s: float, allowed: Allowed, frames: Sequence[Frame] = ()
    ) -> Stopped:
        """That no answer came in time.

        Args:
            what: was asked.
            after_s: how long was waited.
            allowed: which time was over; what was asked before may have taken a part of it.
            frames: where it was interrupted, outermost first; empty where that is not known.
        """
        time = f"{allowed.what} may take {allowed.limit_s:g} s"
        advice = "Does a loop never end?"
        if after_s < allowed.limit_s / 2:
            time = f"{time}, and what was asked before took the rest"
            advice = "Is something computed again and again?"
        if what == IMPORTING:
            advice = (
                "Does a loop never end, or is something trained or tried out at the top level of "
                f"the file? Then {UNDER_MAIN}."
            )
        location = location_of(frames, self.file_name)
        if location is not None:
            advice = f"{advice} It was stopped in {line_words(self.cells, location.line)}."
        return Stopped(
            Status.TIMED_OUT,
            f"No answer from {what} after {after_s:.1f} s ({time}). {advice}",
            location=location,
        )

    def died(self, error: WorkerDeadError, what: str, *, losses: int) -> Stopped:
        """How the worker ended; `losses` counts how often the sandbox has gone down with it."""
        exited = error.exited
        if exited is None:
            # Once, that can happen to anybody; a submission that brings it about again pays for it.
            status = Status.INTERNAL_ERROR if losses == 1 else Status.CRASHED
            return Stopped(status, f"The sandbox itself went down during {what}.")
        if error.closed and not exited.problem:
            return Stopped(Status.CRASHED, f"The process closed its connection during {what}.")
        if exited.problem:
            return Stopped(
                Status.INTERNAL_ERROR, f"The worker could not be set up: {exited.problem.strip()}"
            )
        if exited.overgrown:
            return Stopped(Status.OUT_OF_MEMORY, f"{what} had far more memory than it may.")
        if exited.overfull:
            return Stopped(
                Status.CRASHED,
                f"{what} wrote more files or bytes than it may: {MAX_FILES:,} files, "
                f"{2 * self.limits.file_bytes:,} bytes.",
            )
        if exited.signal == 9 and exited.cpu_s >= 0.9 * self.limits.cpu_s:
            return Stopped(
                Status.TIMED_OUT, f"{what} used up its {self.limits.cpu_s:g} s of processor time."
            )
        if exited.signal:
            name = SIGNALS.get(exited.signal, f"signal {exited.signal}")
            return Stopped(Status.CRASHED, f"The process died during {what}: {name}.")
        return Stopped(
            Status.CRASHED,
            f"The process ended itself with exit code {exited.code} during {what}. That is "
            "no answer: return a value instead.",
        )

    def failed(self, error: SubmissionError) -> tuple[Status, str, Location | None]:
        """Status, sentence and place of what failed a check."""
        not_begun = error.kind == "not_implemented"
        return (
            Status.NOT_IMPLEMENTED if not_begun else Status.FAILED,
            explain_submission_error(error, self.kata, self.cells),
            location_of(error.frames, self.file_name),
        )

    def raised(self, raised: Raised, label: str) -> tuple[Status, str]:
        """Status and sentence for something that the submission raised."""
        kind = raised.kind
        if kind == "forbidden":
            where = ""
            if raised.frames:
                where = f" ({line_words(self.cells, raised.frames[-1].line)})"
            return Status.FORBIDDEN, self.uses(raised.message, where, label == IMPORTING)
        if kind == "device" and self.device == "cuda":
            return Status.NOT_VERIFIED, f"The GPU cannot be used in the sandbox: {raised.message}"
        if kind == "memory" and "CUDA" in raised.message:
            return Status.OUT_OF_MEMORY, f"{label} asked for more memory than the GPU has left."
        if kind == "memory":
            limit = self.limits.memory_bytes / 2**20
            return (
                Status.OUT_OF_MEMORY,
                f"{label} asked for more memory than the {limit:,.0f} MiB that it may use.",
            )
        if kind == "late" and label == IMPORTING:
            return (
                Status.TIMED_OUT,
                f"A cell that the kata needs did not end. {raised.message} Does a loop never end, "
                "or is something trained or tried out in it? Then put that into a cell of its own.",
            )
        if kind == "syntax":
            return Status.FAILED, explain_syntax(raised, self.file_name)
        if kind == "import" and (
            lacking := not_installed(raised.exception, raised.message, self.kata)
        ):
            return (
                Status.NOT_VERIFIED,
                f"This kata needs the package {lacking}, which is not installed here: pip install "
                f"{lacking}.",
            )
        if kind == "import":
            message = explain_import(raised.exception, raised.message, self.file_name)
            return Status.FAILED, message
        if label == IMPORTING and raised.exception == "SystemExit":
            return (
                Status.FAILED,
                f"{self.file_name} ends the program while it is imported (SystemExit, by "
                "sys.exit, exit or quit), "
                f"so nothing of it can be called. Leave that out, or {UNDER_MAIN}.",
            )
        status, message, _ = self.failed(
            SubmissionError(kind, raised.exception, raised.message, raised.frames, label)
        )
        return status, message

    def uses(self, name: str, where: str = "", loading: bool = False) -> str:
        """What it uses and must not. A worker may have made the name up, and put an input in it."""
        known = (name, name.rpartition(".")[0])  # what is in a module that we never import
        stopped = (n for n in known if can_be_stopped(n, self.forbidden, loading=loading))
        name = next(stopped, "something")
        why = self.kata.spec.forbidden.why
        return f"It uses {name}{where}, which this kata does not allow. {why}".strip()


def explain_submission_error(error: SubmissionError, kata: Kata, cells: Sequence[Cell] = ()) -> str:
    """One sentence for what a submission raised, or could not answer.

    Args:
        error: the error.
        kata: whose signatures are named.
        cells: a notebook's cells.
    """
    text = f"{error.type}: {error.message}" if error.message else error.type
    if error.kind == "not_implemented":
        return f"{error.called} still raises NotImplementedError."
    if error.kind == "missing":
        what = f"is {error.type}, which cannot be called" if error.type else "is not there"
        alike = error.frames[-1] if error.frames and not error.type else None
        beside = ""
        if alike:
            where = line_words(cells, alike.line)
            beside = f", but there is `{alike.function}` ({where})"
            if alike.function == error.message:
                beside = f": what would define it was not run ({where})"
        return f"`{error.message}` {what}{beside}. {EXACTLY}"
    if error.kind == "signature":
        signature = kata.signatures.get(error.called)
        wanted = f" as {error.called}({signature.text})" if signature else ""
        return f"`{error.called}` cannot be called{wanted}: {text}."
    if error.kind == "answer":
        return f"{error.called}: {error.message}."
    what_to_do = _unimported(error) or _lacking(error, kata)
    return (
        f"{error.called} raised {text.rstrip('.')}. {what_to_do}"
        if what_to_do
        else (f"{error.called} raised {text}")
    )


IMPORTS = {
    "torch": "import torch",
    "math": "import math",
    "np": "import numpy as np",
    "numpy": "import numpy",
    "nn": "from torch import nn",
    "F": "import torch.nn.functional as F",
}
"""How a name that a file does not know is usually imported."""


def _unimported(error: SubmissionError) -> str:
    """What to write at the top of the file, where a name is that of a usual import."""
    unknown = re.fullmatch(r"name '(\w{1,100})' is not defined", error.message)
    line = IMPORTS.get(unknown[1]) if unknown and error.type == "NameError" else None
    return f"At the top of the file: `{line}`" if line else ""


ONE_FILE = "A submission is one file: other files of yours are not there."
LACKING = (
    ("EOFError", "EOF when reading a line", "Nobody types anything here: leave `input()` out."),
    ("BdbQuit", "", "There is no debugger here: leave it out, and use kata replay {kata} --pdb."),
    ("FileNotFoundError", r"\[Errno 2\] .*", ONE_FILE),
    ("URLError|gaierror", r".*\[Errno -\d+\] .*", "There is no network here."),
    (
        "AssertionError|RuntimeError",
        r"Torch not compiled with CUDA enabled|No CUDA GPUs are available|Found no NVIDIA driver.*",
        "There is no GPU here: make what is new on the device of what is given (`x.device`).",
    ),
)
"""What a learner's own machine has and the sandbox has not: which errors tell, and what to do."""


def _lacking(error: SubmissionError, kata: Kata) -> str:
    """What to do, where the sandbox lacks what code takes for granted."""
    for types, message, advice in LACKING:
        if re.fullmatch(types, error.type) and re.fullmatch(message, error.message, re.DOTALL):
            return advice.format(kata=kata.short)
    return ""


PASTED = (
    (r"\s*[%!]\w", "Lines of IPython's belong in a notebook: leave this one out."),
    (r"\s*(?:`{3}|~{3})", "This is a mark of Markdown's: leave it out."),
    (r"\s*(?:>>>|In \[\d+\]:)(?: |$)", "The prompt was copied too: leave it out."),
    (r"(?:<{7}|={7}|>{7})(?: |$)", "This marks a merge conflict, which has to be resolved first."),
)
"""What is copied along with code: how its line begins, and what to do."""


def explain_syntax(raised: Raised, file_name: str) -> str:
    """What is wrong with a file that does not parse, and what was copied along, if that is it."""
    line = raised.frames[-1].source if raised.frames else ""
    what = raised.message.rstrip(".")
    said = f"{file_name} is not valid Python: {what}{'' if what.endswith('?') else '.'}"
    advice = next((advice for start, advice in PASTED if re.match(start, line)), "")
    return f"{said} {advice}".rstrip()


CAUSES = {
    "detach": "`.detach()` takes this out of the graph.",
    "data": "`.data` takes this out of the graph.",
    "tensor": "`torch.tensor(...)` copies the values and leaves the graph behind.",
    "item": "`.item()` makes a plain number, and a number has no graph.",
    "float": "A tensor is made a plain number here, and a number has no graph.",
    "tolist": "`.tolist()` makes plain numbers, and numbers have no graph.",
    "numpy": "NumPy takes over here, and its arrays have no graph.",
    "no_grad": "Gradients are switched off here (`torch.no_grad`), so no graph is made.",
    "inference_mode": "Gradients are switched off here (`torch.inference_mode`), so no graph is "
    "made.",
    "backward": "This line of your own `backward` returns it.",
    "modified": "From this line on it is no longer what was handed in.",
    "not_finite": "On the way back it is finite down to this line, whose own derivative is not.",
}
"""How an answer loses its history or its gradient, or an argument its value, for the learner."""


def missing_name(error: SubmissionError) -> str:
    """That a name which the judge has asked for is not there, in words that depend on no case."""
    if error.kind != "missing" or error.type or "." in error.message:
        return ""
    return f"`{error.message}` is not there. {EXACTLY}"


EXACTLY = "The kata asks for it under exactly this name."


def explain_import(exception: str, message: str, file_name: str) -> str:
    """One sentence for an import that failed while a submission was imported."""
    package = re.fullmatch(r"No module named '([\w.]{1,100})'(?:;.*)?", message)
    if exception == "ModuleNotFoundError" and package is not None:
        return (
            f"{file_name} imports `{package[1]}`, which is not there: no such package is installed "
            f"where it runs. {ONE_FILE}"
        )
    itself = re.fullmatch(r"cannot import name '(\w{1,100})' from '(\w{1,100})' .*", message)
    if itself and itself[2] == file_name.partition(".")[0]:
        return (
            f"{file_name} imports `{itself[1]}` from `{itself[2]}`, which is its own name, so from "
            "itself. Define it there instead."
        )
    text = f"{exception}: {message}" if message else exception
    return f"{file_name} cannot be imported: {text}. {ONE_FILE}"


def not_installed(exception: str, message: str, kata: Kata) -> str:
    """The package that an import did not find, that the kata asks for and this machine lacks.

    Empty where there is none. What a submission says is not believed: it could raise the same
    error, and a kata that cannot be verified costs nothing.
    """
    package = re.fullmatch(r"No module named '(\w{1,100})'", message)
    if exception != "ModuleNotFoundError" or package is None:
        return ""
    needed = {name.partition(".")[0] for name in kata.spec.preload}
    lacking = package[1] in needed and importlib.util.find_spec(package[1]) is None
    return package[1] if lacking else ""


SIGNALS = {
    4: "illegal instruction (SIGILL)",
    6: "it aborted (SIGABRT)",
    7: "bus error (SIGBUS)",
    8: "arithmetic error (SIGFPE)",
    9: "it was killed (SIGKILL), perhaps for want of memory",
    11: "segmentation fault (SIGSEGV)",
    25: "a file grew past its limit (SIGXFSZ)",
}
