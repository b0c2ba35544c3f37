"""Grading: run a kata's checks against a submission, and write the verdict.

`Grader` is the engine behind `kata check`, the pytest plugin and the audit: it owns the sandbox,
and keeps what can be shared between submissions (loaded checks, transcripts of misconceptions).
`Attempt` is one submission to one kata: its checks can be run one by one, in any order, each at
most once.
"""

import gc
import os
import platform
import time
from collections.abc import Callable
from pathlib import Path

import msgspec

from grader import __version__
from grader.catalog import Kata, SubmissionFile, read_submission
from grader.checks import (
    Body,
    Check,
    DrawnCases,
    NotVerified,
    StudentError,
    derive,
    load_checks,
)
from grader.compare import CheckFailed, Policy, kind_of, policy
from grader.conversation import (
    Conversation,
    Exchange,
    LoadFailedError,
    Stopped,
    explain_student_error,
    location_of,
)
from grader.counterexample import counterexample
from grader.diagnose import Bank
from grader.errors import KataError
from grader.notebook import NotebookError, code_of_notebook
from grader.sandbox import Sandbox
from grader.verdict import (
    SCHEMA_VERSION,
    CheckResult,
    Counterexample,
    Diagnosis,
    Location,
    Status,
    Verdict,
    Versions,
    overall,
)

SHRINK_RUNS = 60
"""How many smaller cases are tried after a failure.

A count, not a time: the same seed finds the same counterexample.
"""


class _ShrunkEnough(BaseException):
    """Ends Hypothesis' search for a smaller case; what it had found stands."""


class Grader:
    """Grades submissions in one sandbox.

    Args:
        sandbox: where submissions run; its zygote is started if it was not.
        seed: cases derive from it, from the kata's and from the check's name.
        hidden: also run a kata's `hidden_checks.py` (exams).
    """

    def __init__(self, sandbox: Sandbox, *, seed: int = 0, hidden: bool = False) -> None:
        import torch

        torch.set_num_threads(1)
        gc.freeze()  # torch's objects are here to stay; a full collection need not visit them
        self.sandbox = sandbox
        self.seed = seed
        self.hidden = hidden
        self._checks: dict[str, tuple[Check, ...]] = {}
        self._drawn: dict[tuple[str, str], DrawnCases] = {}
        self._banks: dict[str, Bank] = {}

    def close(self) -> None:
        """End the workers that are kept."""
        for bank in self._banks.values():
            bank.close()
        self._banks.clear()

    def checks(self, kata: Kata) -> tuple[Check, ...]:
        """The kata's checks (imported once).

        Raises:
            SpecError: they cannot be imported.
        """
        if kata.name not in self._checks:
            module = "kata_checks_" + kata.name.replace("/", "_")
            found = load_checks(kata.checks, name=module)
            if self.hidden and kata.hidden_checks.is_file():
                found += load_checks(kata.hidden_checks, name=f"{module}_hidden")
            self._checks[kata.name] = found
        return self._checks[kata.name]

    def reseeded(self, seed: int) -> "Grader":
        """The same grader under another seed: checks and misconceptions are shared with it."""
        other = Grader(self.sandbox, seed=seed, hidden=self.hidden)
        other._checks, other._banks = self._checks, self._banks
        return other

    def drawn(self, kata: Kata, check: Check) -> DrawnCases:
        """A check's cases with this grader's seed, as far as they are known."""
        return self._drawn.setdefault((kata.name, check.name), DrawnCases())

    def bank(self, kata: Kata) -> Bank:
        """The kata's misconceptions, ready to be compared with."""
        if kata.name not in self._banks:
            self._banks[kata.name] = Bank(kata, self.sandbox, self.checks(kata))
        return self._banks[kata.name]

    def attempt(self, found: SubmissionFile) -> "Attempt":
        """One submission, read from its file and ready to be checked."""
        shown = os.fsencode(found.path).decode("utf-8", "backslashreplace")
        source, problem = read_submission(found)
        if source is not None and found.path.suffix == ".ipynb":
            try:
                source = code_of_notebook(source)
            except NotebookError as error:
                source, problem = None, f"{Path(shown).name}: {error}"
        return Attempt(self, found.kata, source, problem, shown=shown)

    def attempt_source(self, kata: Kata, source: bytes, *, shown: str = "") -> "Attempt":
        """One submission, given as text."""
        return Attempt(self, kata, source, "", shown=shown or f"{kata.short}.py")

    def grade(
        self, found: SubmissionFile, *, progress: Callable[[str], None] | None = None
    ) -> Verdict:
        """Run every check and write the verdict."""
        return self.attempt(found).verdict(progress=progress)


class Attempt:
    """One submission to one kata. Close it, or take its `verdict`, which closes it."""

    def __init__(
        self, grader: Grader, kata: Kata, source: bytes | None, problem: str, *, shown: str
    ) -> None:
        self.kata = kata
        self.shown = shown
        self.bodies: dict[str, Body] = {}
        """For each failed check, its body on the case that failed."""
        self.exchanges: dict[str, list[Exchange]] = {}
        """For each failed check, the exchanges of the case that failed."""
        self._grader = grader
        self._checks = {check.name: check for check in grader.checks(kata)}
        self._results: dict[str, CheckResult] = {}
        self._began = time.monotonic()
        self._loaded = False
        self._output = ""
        self._unreadable = problem or _unreadable(source, Path(shown).name)
        self._load_failure: LoadFailedError | None = None
        if self._unreadable:
            self._load_failure = LoadFailedError(Status.FAILED, self._unreadable, None)
        self._conversation = Conversation(
            kata, source or b"", grader.sandbox, file_name=Path(shown).name
        )

    def close(self) -> None:
        """End its worker."""
        self._conversation.close()

    @property
    def check_names(self) -> tuple[str, ...]:
        """The checks, in the order of the file."""
        return tuple(self._checks)

    def verdict(self, *, progress: Callable[[str], None] | None = None) -> Verdict:
        """Run every check that has not been run, and write the verdict."""
        try:
            for name in self._checks:
                if progress is not None:
                    progress(name)
                self.run(name)
        finally:
            self.close()
        results = tuple(self._results[name] for name in self._checks)
        status = overall([result.status for result in results])
        if status is Status.FORBIDDEN:
            # One delegated call casts doubt on every answer: no points at all.
            results = tuple(msgspec.structs.replace(result, points=0) for result in results)
        failure = self._load_failure
        return Verdict(
            schema_version=SCHEMA_VERSION,
            kata=self.kata.name,
            title=self.kata.spec.title,
            submission=self.shown,
            status=status,
            points=sum(result.points for result in results),
            max_points=sum(result.max_points for result in results),
            seed=self._grader.seed,
            isolation=self._grader.sandbox.isolation,
            versions=versions(),
            duration_s=round(time.monotonic() - self._began, 4),
            checks=results,
            message=failure.message if failure else "",
            location=failure.location if failure else None,
            output=self._output,
            device=self._grader.sandbox.device,
            pending_manual=self._pending(),
        )

    def run(self, name: str) -> CheckResult:
        """Run one check (after those that it comes after), once."""
        if name not in self._results:
            self._results[name] = self._run(self._checks[name])
        return self._results[name]

    def _pending(self) -> tuple[str, ...]:
        rubric = self.kata.folder / "rubric.toml"
        return ("answers.md",) if rubric.is_file() else ()

    def _run(self, check: Check) -> CheckResult:
        failure = self._load()
        if failure is not None:
            return self._result(check, failure.status, failure.message, location=failure.location)
        for before in check.after:
            earlier = self.run(before)
            if earlier.status not in (Status.PASSED, Status.NOT_VERIFIED):
                return self._result(check, Status.NOT_RUN, f"{before} comes first.")
        if self._conversation.time_left_s <= 0:
            limit = self.kata.spec.limits.wall_s
            return self._result(
                check, Status.TIMED_OUT, f"The whole kata may take {limit:g} s, and they are over."
            )
        self._conversation.begin_check()
        token = policy.set(Policy(self.kata.spec.tolerance.factor, self.kata.spec.tolerance.floor))
        try:
            result = self._judge(check)
            if result.status is Status.INTERNAL_ERROR:  # the sandbox went down: once more
                self._conversation.renew()
                self._conversation.begin_check()
                result = self._judge(check)
        except KataError:
            raise
        except Exception as error:
            self._conversation.renew()
            result = self._result(check, Status.INTERNAL_ERROR, _internal(error))
        finally:
            policy.reset(token)
        return msgspec.structs.replace(result, output=self._conversation.printed())

    def _load(self) -> LoadFailedError | None:
        for again in (True, False):
            if self._loaded or self._load_failure is not None:
                break
            try:
                self._conversation.load()
                self._loaded = True
            except LoadFailedError as error:
                self._conversation.renew()
                if error.status is not Status.INTERNAL_ERROR or not again:
                    self._load_failure = error
            self._output = self._conversation.printed()
        return self._load_failure

    # -- one check ---------------------------------------------------------------------------------

    def _judge(self, check: Check) -> CheckResult:
        failing: list[tuple[Exception, Body, list[Exchange]]] = []
        runs_left = SHRINK_RUNS

        def each(body: Body) -> None:
            nonlocal runs_left
            if failing:
                runs_left -= 1
                if runs_left < 0:
                    raise _ShrunkEnough
            self._conversation.begin()
            try:
                self._ask(body)
            except (CheckFailed, StudentError) as error:
                failing[:] = [
                    (error, body, list(self._conversation.log))
                ]  # the last is the smallest
                raise

        flaky = False
        try:
            drawn = self._grader.drawn(self.kata, check)
            check.run(seed=self._seed(check), each=each, drawn=drawn)
            return self._result(check, Status.PASSED, "")
        except Stopped as stopped:
            return self._result(check, stopped.status, stopped.message, location=stopped.location)
        except NotVerified as error:
            return self._result(check, Status.NOT_VERIFIED, str(error))
        except (_ShrunkEnough, CheckFailed, StudentError):
            pass
        except Exception as error:
            if not _is_flaky(error) or not failing:
                raise
            flaky = True
        found, body, log = failing[-1]
        if flaky and not self._fails_again(body):
            message = (
                "It failed once and then passed on the same input, in a fresh process too. "
                f"Does the answer depend on chance, or on what was called before? It had: {found}"
            )
            return self._result(check, Status.FLAKY, message)
        return self._explain(check, found, body, log)

    def _ask(self, body: Body) -> None:
        """Run a check's body on the submission.

        An exception of the check's own code is the answers' doing if the reference solution's
        answers do not cause it: a check need not foresee every kind of answer.
        """
        try:
            body(self._conversation)
        except (CheckFailed, StudentError, NotVerified, KataError):
            raise
        except Exception as error:
            if self._grader.bank(self.kata).stumbles(body):
                raise
            kinds = ", ".join(
                f"{exchange.label}(...) gave {kind_of(exchange.answer.value)}"
                for exchange in self._conversation.log[-2:]
                if exchange.answer is not None
            )
            raise CheckFailed(
                f"an answer is of a kind that cannot be used here: {kinds} "
                f"({type(error).__name__}: {str(error)[:200]})"
            ) from error

    def _fails_again(self, body: Body) -> bool:
        """Whether the case fails in a fresh worker."""
        self._conversation.renew()
        self._conversation.begin()
        try:
            self._ask(body)
        except (CheckFailed, StudentError, Stopped):
            return True
        return False

    def _explain(
        self, check: Check, error: Exception, body: Body, log: list[Exchange]
    ) -> CheckResult:
        status, message, location = Status.FAILED, str(error), None
        details: dict[str, str] = {}
        if isinstance(error, StudentError):
            message = explain_student_error(error, self.kata)
            location = location_of(error.frames, self._conversation.file_name)
            if error.kind == "not_implemented":
                status = Status.NOT_IMPLEMENTED
        elif isinstance(error, CheckFailed):
            details = {name: getattr(error, name) for name in _DETAILS}
        self.bodies[check.name] = body
        self.exchanges[check.name] = log
        diagnosis = None
        shown = status is Status.FAILED and not (
            isinstance(error, StudentError) and error.kind in ("missing", "signature")
        )
        if shown:
            diagnosis = self._diagnose(check, body)
        return self._result(
            check,
            status,
            message,
            location=location,
            diagnosis=diagnosis,
            counterexample=counterexample(
                self.kata, log, replay=self._again(check), details=details
            )
            if shown
            else None,
        )

    def _diagnose(self, check: Check, body: Body) -> Diagnosis | None:
        if self._conversation.time_left_s <= 0:
            return None
        return self._grader.bank(self.kata).diagnose(self._conversation, check, body)

    def _again(self, check: Check) -> str:
        return f"kata replay {self.kata.name} {check.name} --seed {self._grader.seed}"

    def _seed(self, check: Check) -> int:
        return derive(self._grader.seed, self.kata.name, check.name)

    def _result(
        self,
        check: Check,
        status: Status,
        message: str,
        *,
        location: Location | None = None,
        counterexample: Counterexample | None = None,
        diagnosis: Diagnosis | None = None,
    ) -> CheckResult:
        free = status in (Status.INTERNAL_ERROR, Status.NOT_VERIFIED)
        return CheckResult(
            name=check.name,
            sentence=check.sentence,
            status=status,
            points=check.points if status is Status.PASSED else 0,
            max_points=0 if free else check.points,
            message=message,
            counterexample=counterexample,
            diagnosis=diagnosis,
            location=location,
        )


_DETAILS = ("at", "expected", "got", "difference", "allowed", "mismatched")


def versions() -> Versions:
    """What is grading."""
    import hypothesis
    import numpy
    import torch

    return Versions(
        tensor_katas=__version__,
        python=platform.python_version(),
        torch=str(torch.__version__),
        numpy=numpy.__version__,
        hypothesis=hypothesis.__version__,
    )


def _unreadable(source: bytes | None, name: str) -> str:
    """Why a source cannot be a submission, or an empty text."""
    if source is None:
        return f"{name} cannot be read"
    if not source.strip():
        return f"{name} is empty"
    if b"\0" in source:
        return f"{name} is not a text file: it has a zero byte at {source.index(0):,}"
    try:
        source.decode("utf-8")
    except UnicodeDecodeError as error:
        line = source[: error.start].count(b"\n") + 1
        return f"{name} is not UTF-8 text: byte {source[error.start]:#04x} in line {line}"
    return ""


def _internal(error: Exception) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = ""
    if trace is not None:
        where = f" ({Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno})"
    text = f"{type(error).__name__}: {error}"[:300]
    return f"An error of the grader's, not yours; it costs you nothing: {text}{where}"


def _is_flaky(error: Exception) -> bool:
    from hypothesis.errors import Flaky

    return isinstance(error, Flaky)
