"""One attempt: one submission to one kata, its checks run and its verdict written."""

import platform
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from grader import __version__
from grader.checks.check import Check, CheckLimits, NotVerified
from grader.checks.compare import CheckFailed, kind_of
from grader.checks.hearing import Hearing, WorkedLine, current, hearing
from grader.checks.submission import Body, SubmissionError
from grader.errors import KataError, SpecError
from grader.judge.ahead import NotAsAsked, Script
from grader.judge.budget import budget_s
from grader.judge.clock import Clock
from grader.judge.conversation import Asked, Conversation, Exchange
from grader.judge.curve import Curve, bounded, told
from grader.judge.failures import Failure, Failures
from grader.judge.first_wrong import wrong_call
from grader.judge.mishaps import LoadFailedError, Stopped
from grader.judge.prepared import Prepared
from grader.judge.suspect import Compared
from grader.sandbox.tries import tries
from grader.submission.notebook import place_in
from grader.submission.read import ReadSubmission
from grader.text import cut, one_line
from grader.verdict import (
    SCHEMA_VERSION,
    CheckResult,
    Counterexample,
    Diagnosis,
    Location,
    Status,
    Suspect,
    Verdict,
    Versions,
    overall,
)
from grader.wire.messages import Progress
from grader.wire.places import HERE, Place, has_cuda

LONGEST_MESSAGE = 4_000
"""A check may put a part of an answer into its message."""
PICTURE_LIMITS = CheckLimits(check_s=4.0, call_s=2.0)
SHRINK_RUNS = 60
"""How many smaller cases are tried after a failure.

A count, not a time: the same seed finds the same counterexample.
"""


InFile = TypeVar("InFile", Location | None, Suspect | None)


class _ShrunkEnough(BaseException):
    """Ends Hypothesis' search for a smaller case; what it had found stands."""


class WorkedExample(msgspec.Struct, frozen=True):
    """How a task's worked example came out.

    `status` is PASSED where every line is right. `message` and `location` say what else went wrong;
    `output` is what the submission printed.
    """

    status: Status
    lines: tuple[WorkedLine, ...]
    message: str = ""
    location: Location | None = None
    output: str = ""


class Attempt:
    """One submission to one kata. Close it, or take its `verdict`, which closes it."""

    def __init__(
        self,
        prepared: Prepared,
        submission: ReadSubmission,
        *,
        progress: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.kata = prepared.kata
        self.shown = submission.shown
        self._sha256 = submission.sha256
        self._source = submission.source
        self.picture_problem = ""
        """Why there is no picture, where one was to be made."""
        self._prepared = prepared
        self._progress = progress
        self._results: dict[str, CheckResult] = {}
        self._metrics: dict[str, float] = {}
        self._as_known = True
        self._asked: list[Script] = []
        self._answered: list[tuple[Script, Sequence[bytes]]] = []
        self._failed_ahead = ""
        self._curve = Curve()
        self._figures: list[dict[str, Any]] = []
        self._failures = Failures(prepared, submission.source, submission.cells)
        self._clock = Clock(submission.read_s)
        self._took = Clock(submission.read_s)
        self._loaded = False
        self._output = ""
        self._notes: tuple[str, ...] = ()
        self._running = ""
        self._load_failure: LoadFailedError | None = None
        if submission.problem:
            status = Status.INTERNAL_ERROR if submission.unread else Status.FAILED
            self._load_failure = LoadFailedError(status, submission.problem, None)
        self._cells, self._file_name = submission.cells, submission.file_name
        self._conversation = self._converse(HERE)

    def _converse(self, place: Place) -> Conversation:
        return Conversation(
            self._prepared.kata,
            self._source,
            self._prepared.sandbox,
            file_name=self._file_name,
            cells=self._cells,
            progress=self._show,
            place=place,
            # What starting on a GPU takes is not of the kata's time.
            clock=Clock() if place.device == "cuda" else self._clock,
        )

    @contextmanager
    def _at(self, place: Place | None) -> Iterator[None]:
        """In this block, the submission is asked at that place."""
        if place is None:
            yield
            return
        usual, self._conversation = self._conversation, self._converse(place)
        try:
            yield
        finally:
            self._conversation.close()
            self._conversation = usual

    def close(self) -> None:
        """End its worker."""
        self._conversation.leave()

    @property
    def check_names(self) -> tuple[str, ...]:
        """The checks, in the order of the file."""
        return tuple(self._prepared.checks)

    @property
    def exchanges(self) -> Mapping[str, list[Exchange]]:
        """For each failed check, what was asked and answered in the case that failed."""
        return self._failures.exchanges

    def right_exchanges(self, name: str) -> list[Exchange]:
        """See `Failures.right_exchanges`."""
        return self._failures.right_exchanges(name)

    def verdict(self, *, picture: bool = False) -> Verdict:
        """Run every check that has not been run, and write the verdict.

        Args:
            picture: after a pass, also make the kata's picture with the submission.
        """
        try:
            for name in self._prepared.checks:
                self.run(name)
            with self._clock.running(), self._took.running():
                self._results |= self._failures.diagnosed_again(
                    self._conversation, self._results, self._passed()
                )
            results = tuple(self._results[name] for name in self._prepared.checks)
            status = overall([result.status for result in results])
            if status is Status.PASSED:
                for script, sums in self._answered:
                    script.learn(sums)
            if picture and status is Status.PASSED:
                self._draw()
        finally:
            self.close()
        if status is Status.FORBIDDEN:
            # One delegated call casts doubt on every answer: no points at all.
            results = tuple(msgspec.structs.replace(result, points=0) for result in results)
        failure = self._load_failure
        return Verdict(
            schema_version=SCHEMA_VERSION,
            kata=self.kata.name,
            title=self.kata.spec.title,
            submission=self.shown,
            sha256=self._sha256,
            status=status,
            points=sum(result.points for result in results),
            max_points=sum(result.max_points for result in results),
            seed=self._prepared.seed,
            isolation=self._prepared.sandbox.isolation,
            versions=versions(),
            duration_s=round(self._took.used_s, 4),
            checks=results,
            message=failure.message if failure else "",
            location=self._in_cells(failure.location) if failure else None,
            output=self._output,
            notes=self._notes,
            device=self._device(),
            metrics=self._metrics,
            figures=tuple(self._figures),
            pending_manual=self._pending(),
        )

    def run(self, name: str) -> CheckResult:
        """Run one check (after those that it comes after), once."""
        if name not in self._results:
            self._running = name
            self._progress(name)
            with self._clock.running(), self._took.running():
                self._results[name] = self._run(self._prepared.checks[name])
        return self._results[name]

    def example(self) -> WorkedExample:
        """The task's worked example on the submission. It is no check and gives no points.

        Raises:
            SpecError: the kata has no worked example.
        """
        example = self._prepared.example
        if example is None:
            raise SpecError(self.kata.example_file, "there is no worked example here")
        failure = self._load()
        if failure is not None:
            place = self._in_cells(failure.location)
            return WorkedExample(failure.status, (), failure.message, place, self._output)
        self._running = "example"
        self._conversation.begin_check()
        self._conversation.begin()
        status, message, location = Status.PASSED, "", None
        with hearing(Hearing()) as heard, self._clock.running():
            try:
                example(self._conversation)
            except Stopped as stopped:
                status, message, location = stopped.status, stopped.message, stopped.location
            except SubmissionError as error:
                status, message, location = self._conversation.explainer.failed(error)
            except CheckFailed as error:
                status, message = Status.FAILED, error.headline
            except KataError:
                raise
            except Exception as error:  # the audit has shown that right answers cause none
                status, message = Status.FAILED, self._odd(error)
        wrong = not all(line.right for line in heard.worked)
        if wrong and status in (Status.PASSED, Status.NOT_IMPLEMENTED):
            status = Status.FAILED
        place, output = self._in_cells(location), self._conversation.printed()
        return WorkedExample(status, tuple(heard.worked), message, place, output)

    def why(self, name: str) -> Compared | None:
        """A wrong call of a check's, traced beside the right ones; None where none is wrong.

        A training is never repeated, so there is none either.
        """
        self.run(name)
        check = self._prepared.checks[name]
        if check.trains:
            return None
        try:
            return wrong_call(self._prepared.bank, self._conversation, check)
        except (Stopped, LoadFailedError, SubmissionError):
            return None

    def failed_in(self, name: str, bodies: Sequence[Body]) -> list[bool]:
        """Whether the submission fails in each of some cases of a check. No more is told of it.

        A case in which it has to be stopped (it is late, it dies) is the last that it is asked.
        There are none where it cannot be loaded.
        """
        check, failed = self._prepared.checks[name], []
        try:
            if self._load() is not None:
                return []
            for body in bodies:
                self._conversation.begin_check(check.limits)
                self._conversation.begin()
                failed.append(False)
                with hearing(Hearing(self._prepared.policy)), suppress(NotVerified):
                    try:
                        self._ask(body)
                    except (CheckFailed, SubmissionError):
                        failed[-1] = True
        except (Stopped, LoadFailedError):
            failed[-1:] = [True]
            self._conversation.renew()
        return failed

    def _draw(self) -> None:
        """Make the kata's picture; where that fails, the verdict stands without it."""
        self._running = ""
        picture = self._prepared.picture
        if picture is None:
            return
        self._conversation.begin_check(PICTURE_LIMITS)
        with hearing(Hearing()) as heard, self._clock.running():
            try:
                picture(self._conversation)
            except (Exception, Stopped) as error:
                self.picture_problem = one_line(f"{type(error).__name__}: {error}")
        self._figures += heard.figures
        self._metrics |= heard.metrics

    def _show(self, word: Progress) -> None:
        """How far a long call of the check that runs is."""
        word = bounded(word)
        self._curve.add(word)
        trains = self._running in self._prepared.checks and (
            self._prepared.checks[self._running].trains
        )
        left = f" · {max(self._conversation.check_left_s, 0):.0f} s left" if trains else ""
        self._progress(f"{self._running}: {told(word)}"[:200] + left)

    def _device(self) -> str:
        """Where it was verified: on the GPU too, or on the CPU alone."""
        verified = (
            check.place.device
            for name, check in self._prepared.checks.items()
            if check.place and self._results[name].status is not Status.NOT_VERIFIED
        )
        return "cuda" if "cuda" in verified else "cpu"

    def _pending(self) -> tuple[str, ...]:
        rubric = self.kata.folder / "rubric.toml"
        return ("answers.md",) if rubric.is_file() else ()

    def _run(self, check: Check) -> CheckResult:
        refused = self._refused(check)
        if refused is not None:
            return refused
        with self._at(check.place):
            return self._run_there(check)

    def _refused(self, check: Check) -> CheckResult | None:
        """Why a check is not run; None where it is."""
        failure = self._load()
        if failure is not None:
            return self._result(check, failure.status, failure.message, location=failure.location)
        for before in check.after:
            earlier = self.run(before)
            if earlier.status not in (Status.PASSED, Status.NOT_VERIFIED):
                return self._result(check, Status.NOT_RUN, f"{before} comes first.")
        if check.trains and not self._prepared.training:
            return self._result(check, Status.NOT_VERIFIED, "Training was left out.")
        if check.place and check.place.device == "cuda" and not has_cuda():
            return self._result(check, Status.NOT_VERIFIED, "no CUDA device here")
        if self._conversation.time_left_s <= 0:
            limit = self.kata.spec.limits.wall_s
            return self._result(
                check, Status.TIMED_OUT, f"The whole kata may take {limit:g} s, and they are over."
            )
        return None

    def _run_there(self, check: Check) -> CheckResult:
        try:
            for again in tries():
                self._conversation.begin_check(check.limits, trains=check.trains)
                self._curve = Curve()
                began_s = self._took.used_s
                data = self._prepared.data if check.trains else None
                used_s, self._failed_ahead = self._clock.used_s, ""
                try:
                    with hearing(Hearing(self._prepared.policy, data)) as heard:
                        result = self._judge(check)
                except NotAsAsked:
                    self._clock.back_to(used_s)
                    with hearing(Hearing(self._prepared.policy, data)) as heard:
                        result = self._judge_again(check)
                if result.status is not Status.INTERNAL_ERROR or not again:
                    break
                self._as_known = False
                self._conversation.renew()  # the sandbox went down
            self._metrics |= heard.metrics
            self._figures += heard.figures
            if check.trains:
                self._metrics[f"{check.name}: seconds"] = round(self._took.used_s - began_s, 2)
                self._metrics[f"{check.name}: budget"] = round(budget_s(self.kata.spec), 2)
                self._figures += self._curve.figures(check.name)
                result = msgspec.structs.replace(
                    result, message=self._curve.explain(result.status, result.message)
                )
        except KataError:
            raise
        except Exception as error:
            self._conversation.renew()
            result = self._result(check, Status.INTERNAL_ERROR, _internal(error))
        if result.status is not Status.PASSED and check.place is None:
            self._as_known = False
        return result

    def _load(self) -> LoadFailedError | None:
        for again in tries():
            if self._loaded or self._load_failure is not None:
                break
            try:
                self._conversation.load()
                self._loaded = True
                self._notes = self._conversation.notes
            except LoadFailedError as error:
                self._conversation.renew()
                if error.status is not Status.INTERNAL_ERROR or not again:
                    self._load_failure = error
            self._output = self._conversation.printed()
        return self._load_failure

    # -- one check ---------------------------------------------------------------------------------

    def _judge_again(self, check: Check) -> CheckResult:
        """Judge a check question by question that was asked ahead, and not passed.

        Nothing has happened before: the worker is brought to where it was, and no time is gone. On
        the way there it has no more time than is left of the kata's.
        """
        self._as_known = False
        used_s = self._clock.used_s
        with suppress(Stopped, LoadFailedError):
            self._conversation.go_back(self._asked)
        self._clock.back_to(used_s)
        self._conversation.begin_check(check.limits)
        return self._judge(check)

    def _keep_script(self, check: Check, asked: Asked) -> None:
        """Keep what a check asked that was passed, for this submission and for those after it."""
        if check.place is not None or not self._as_known:
            return
        if check.trains or asked.script is None:
            self._as_known = False
            return
        self._asked.append(asked.script)
        self._prepared.keep(check, asked.script, self._conversation.said)
        if not current().keeps:  # there is nothing in the verdict but that it is passed
            self._answered.append((asked.script, asked.sums))

    def _judge(self, check: Check) -> CheckResult:
        failing: list[tuple[Exception, Body, list[Exchange]]] = []
        runs_left = SHRINK_RUNS
        in_case = ""

        def each(body: Body) -> None:
            nonlocal runs_left, in_case
            if failing:
                runs_left -= 1
                if runs_left < 0:
                    raise _ShrunkEnough
            self._conversation.begin()
            try:
                self._ask(body)
            except Stopped as stopped:
                if stopped.status is not Status.TIMED_OUT:  # what is late is late in any order
                    self._conversation.one_by_one()
                if failing and stopped.status is Status.TIMED_OUT:
                    raise _ShrunkEnough from None  # a wrong answer is known, and tells more
                in_case = self._conversation.printed_in_case()
                raise
            except (CheckFailed, SubmissionError) as error:
                self._failed_ahead = str(error)
                self._conversation.one_by_one()
                failing[:] = [
                    (error, body, list(self._conversation.log))
                ]  # the last is the smallest
                in_case = self._conversation.printed_in_case()
                raise

        def heard(result: CheckResult) -> CheckResult:
            return msgspec.structs.replace(
                result, output=self._conversation.printed(), case_output=in_case
            )

        flaky = False
        try:
            drawn = self._prepared.cases(check)
            with self._clock.paused():
                script = self._prepared.script(check) if self._as_known else None
            with self._conversation.asked_as_in(script) as asked:
                if not self._conversation.is_known_to_pass():
                    check.run(seed=self._prepared.seed_of(check), each=each, drawn=drawn)
                self._keep_script(check, asked())
            if self._failed_ahead:
                return heard(self._result(check, Status.FLAKY, _flaky(self._failed_ahead)))
            return heard(self._result(check, Status.PASSED, ""))
        except Stopped as stopped:
            result = self._result(
                check,
                stopped.status,
                stopped.message,
                location=stopped.location,
                reason=stopped.reason,
            )
            return heard(result)
        except NotVerified as error:
            return heard(self._result(check, Status.NOT_VERIFIED, str(error)))
        except (_ShrunkEnough, CheckFailed, SubmissionError):
            pass
        except Exception as error:
            if not _is_flaky(error) or not failing:
                raise
            flaky = True
        found, body, log = failing[-1]
        if flaky and not self._fails_again(body):
            return heard(self._result(check, Status.FLAKY, _flaky(str(found))))
        # A diagnosis asks again, and what is printed then is nobody's concern.
        printed = self._conversation.printed()
        self._progress(f"{check.name} failed, looking for the mistake")
        why = self._failures.told(
            self._conversation, Failure(check, found, body, log), self._passed()
        )
        result = self._result(check, **msgspec.structs.asdict(why))
        return msgspec.structs.replace(result, output=printed, case_output=in_case)

    def _ask(self, body: Body) -> None:
        """Run a check's body on the submission.

        An exception of the check's own code is the answers' doing if the reference solution's
        answers do not cause it: a check need not foresee every kind of answer.
        """
        try:
            body(self._conversation)
        except (CheckFailed, SubmissionError, NotVerified, KataError):
            raise
        except Exception as error:
            with self._clock.paused():
                stumbles = self._prepared.bank.stumbles(body)
            if stumbles:
                raise
            raise CheckFailed(self._odd(error)) from error

    def _odd(self, error: Exception) -> str:
        """That code of the course's stumbles over an answer."""
        kinds = ", ".join(
            f"{exchange.label}(...) gave {kind_of(exchange.answer.value)}"
            for exchange in self._conversation.log[-2:]
            if exchange.answer is not None
        )
        return (
            f"an answer is of a kind that cannot be used here: {kinds} "
            f"({type(error).__name__}: {one_line(str(error))[:200]})"
        )

    def _fails_again(self, body: Body) -> bool:
        """Whether the case fails in a fresh worker."""
        self._conversation.renew()
        self._conversation.begin()
        try:
            self._ask(body)
        except (CheckFailed, SubmissionError, Stopped):
            return True
        return False

    def _passed(self) -> set[str]:
        return {name for name, r in self._results.items() if r.status is Status.PASSED}

    def _result(
        self,
        check: Check,
        status: Status,
        message: str,
        *,
        location: Location | None = None,
        counterexample: Counterexample | None = None,
        diagnosis: Diagnosis | None = None,
        reason: str = "",
        suspect: Suspect | None = None,
    ) -> CheckResult:
        free = status in (Status.INTERNAL_ERROR, Status.NOT_VERIFIED)
        return CheckResult(
            name=check.name,
            sentence=check.sentence,
            status=status,
            points=check.points if status is Status.PASSED else 0,
            max_points=0 if free else check.points,
            message=cut(message, LONGEST_MESSAGE),
            counterexample=counterexample,
            diagnosis=diagnosis,
            location=self._in_cells(location),
            reason=reason,
            suspect=self._in_cells(suspect),
            place=check.place.name if check.place else "",
        )

    def _in_cells(self, place: InFile) -> InFile:
        """A place with its cell, if the submission is a notebook."""
        if place is None or not self._cells:
            return place
        number, line = place_in(self._cells, place.line)
        return msgspec.structs.replace(place, cell=number, cell_line=line)


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


def _flaky(had: str) -> str:
    return (
        "It failed once and then passed on the same input, in a fresh process too. "
        f"Does the answer depend on chance, or on what was called before? It had: {had}"
    )


def _internal(error: Exception) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = ""
    if trace is not None:
        where = f" ({Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno})"
    text = one_line(f"{type(error).__name__}: {error}")[:300]
    return f"An error of the grader's, not yours; it costs you nothing: {text}{where}"


def _is_flaky(error: Exception) -> bool:
    from hypothesis.errors import Flaky

    return isinstance(error, Flaky)
