"""The engine behind the command line, the pytest plugin, the audit and the examples.

A `Grader` owns what submissions can share: the sandbox, loaded checks, drawn cases, and transcripts
of misconceptions. `grader.judge.opening` opens one.
"""

import gc
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import msgspec

from grader.checks.load import (
    PICTURE_FILE,
    load_checks,
    load_example,
    load_parity,
    load_picture,
)
from grader.course.catalog import Course
from grader.course.kata import Kata
from grader.course.rubric import ANSWERS_FILE, RUBRIC_FILE, State, standings_in
from grader.judge.attempt import Attempt
from grader.judge.bank import Bank
from grader.judge.conversation import worker_kind
from grader.judge.keeping import Keeping
from grader.judge.prepared import Prepared
from grader.sandbox.sandbox import Sandbox
from grader.submission.find import SubmissionFile
from grader.submission.read import ReadSubmission, read_submission, submission_text
from grader.verdict import Verdict
from grader.wire.places import Devices, places


class Grader:
    """Grades submissions to the katas of one course, in one sandbox.

    Args:
        course: where the katas are.
        sandbox: where submissions run; its zygote is started if it was not.
        seed: cases derive from it, from the kata's and from the check's name.
        hidden_checks: also run a kata's `hidden_checks.py` (exams).
        devices: where, and in which dtypes, else a submission is asked; see `wire.places`.
        training: also run checks that train; without it they are not verified.
        data: a file or folder of real data for those.
        keeps: the folder in which to keep what the course's own mistakes answer.
    """

    def __init__(
        self,
        course: Course,
        sandbox: Sandbox,
        *,
        seed: int = 0,
        hidden_checks: bool = False,
        devices: Devices = "cpu",
        training: bool = True,
        data: Path | None = None,
        keeps: Path | None = None,
    ) -> None:
        import torch

        torch.set_num_threads(1)
        gc.freeze()  # torch's objects are here to stay; a full collection need not visit them
        self.course = course
        self.sandbox = sandbox
        self.seed = seed
        self._hidden_checks = hidden_checks
        self._training, self._data, self._keeps = training, data, keeps
        self._places = places(devices)
        self._prepared: dict[str, Prepared] = {}

    def close(self) -> None:
        """End the workers that are kept."""
        for prepared in self._prepared.values():
            prepared.bank.close()
        self._prepared.clear()

    def prepared(self, kata: Kata, *, seed: int | None = None) -> Prepared:
        """What submissions to the kata share under a seed (by default the grader's).

        Under another seed than last time, checks and misconceptions stay, and cases are drawn anew.

        Raises:
            SpecError: its checks cannot be imported.
        """
        seed = self.seed if seed is None else seed
        known = self._prepared.get(kata.name)
        if known is None:
            module = "kata_checks_" + kata.name.replace("/", "_")
            parameters = {name: s.parameters for name, s in kata.signatures.items()}
            found = load_checks(kata.checks_file, name=module, parameters=parameters)
            if self._hidden_checks and kata.hidden_checks_file.is_file():
                found += load_checks(kata.hidden_checks_file, name=f"{module}_hidden")
            bank = Bank(kata, self.sandbox, found, Keeping(kata, self._where_to_keep))
            if self._places:
                found += load_parity(module, found, self._places)
            checks = {check.name: check for check in found}
            known = Prepared(
                kata,
                seed,
                checks,
                bank,
                self.sandbox,
                training=self._training,
                data=self._data,
                picture=load_picture(kata.folder / PICTURE_FILE, name=f"{module}_picture"),
                example=load_example(kata.example_file, name=f"{module}_example"),
            )
        elif known.seed != seed:
            known = replace(known, seed=seed, drawn={}, scripts={}, drafts={})
        self._prepared[kata.name] = known
        return known

    def _where_to_keep(self) -> Path | None:
        """Nowhere that a submission comes to, and nothing of hidden checks."""
        fenced = self.sandbox.isolation.level == "full"
        return self._keeps if fenced and not self._hidden_checks else None

    def attempt(
        self, found: SubmissionFile, *, progress: Callable[[str], None] = lambda _: None
    ) -> Attempt:
        """One submission, read from its file and ready to be checked."""
        prepared = self._begun(found.kata)
        return Attempt(prepared, read_submission(found), progress=progress)

    def _begun(self, kata: Kata) -> Prepared:
        """The kata prepared; for the first time with cases drawn while the sandbox gets ready."""
        if kata.name in self._prepared:
            return self.prepared(kata)
        kind = worker_kind(kata)
        stands = self.sandbox.expect(kind)
        prepared = self.prepared(kata)
        for _ in prepared.draw():
            if stands:
                break
            stands = self.sandbox.expect(kind)
        return prepared

    def attempt_source(
        self, kata: Kata, source: bytes, *, shown: str = "", seed: int | None = None
    ) -> Attempt:
        """One submission, given as text."""
        read = submission_text(source, shown or f"{kata.short}.py")
        return self.attempt_read(kata, read, seed=seed)

    def attempt_read(self, kata: Kata, read: ReadSubmission, *, seed: int | None = None) -> Attempt:
        """One submission that has been read."""
        return Attempt(self.prepared(kata, seed=seed), read)

    def grade(
        self,
        found: SubmissionFile,
        *,
        progress: Callable[[str], None] = lambda _: None,
        picture: bool = False,
    ) -> Verdict:
        """Run every check and write the verdict.

        Args:
            found: the submission's file.
            progress: given a few words whenever there is something new to show.
            picture: after a pass, also make the kata's picture with the submission.
        """
        verdict = self.attempt(found, progress=progress).verdict(picture=picture)
        if not verdict.pending_manual:
            return verdict
        # The verdict says what waits for a person, and an untouched page of questions doesn't.
        path = found.kata.folder / RUBRIC_FILE
        states = {item.state for item in standings_in(found.kata.name, path, found.path.parent)}
        waits = bool(states & {State.WAITING, State.CHANGED})
        return msgspec.structs.replace(verdict, pending_manual=(ANSWERS_FILE,) if waits else ())
