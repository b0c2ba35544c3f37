"""Honest answers need at most half of the time that they have: processor time, which load changes
little, of the judge and of the worker together.
"""

import time

import pytest

from grader.course.catalog import built_in_course
from grader.judge.grader import Grader
from grader.sandbox.worker import Worker

KATAS = [pytest.param(kata, id=kata.name) for kata in built_in_course().katas]


@pytest.mark.full
@pytest.mark.parametrize("kata", KATAS)
def test_a_solution_needs_at_most_half_of_its_time(kata, grader: Grader, monkeypatch) -> None:
    grader.prepared(kata)  # checks are imported once, for everybody
    workers_s: list[float] = []
    close = Worker.close

    def closing(self):
        exited = close(self)
        assert exited is not None
        workers_s.append(exited.cpu_s)
        return exited

    monkeypatch.setattr(Worker, "close", closing)
    answers = [kata.solution, *kata.alternatives]
    for path in answers:
        workers_s.clear()
        began = time.process_time()
        verdict = grader.attempt_source(kata, path.read_bytes()).verdict()
        judge_s = time.process_time() - began
        assert verdict.status == "PASSED", (path.name, verdict.message)
        assert workers_s, "it was graded by a worker"
        limits = kata.spec.limits
        assert judge_s + sum(workers_s) <= limits.wall_s / 2, path.name
        assert sum(workers_s) <= limits.cpu_s / 2, path.name
