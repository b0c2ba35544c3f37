"""What this machine cannot check is neither passed nor failed, and costs nobody a point."""

import importlib.util

import pytest

from grader.judge.grader import Grader


@pytest.mark.full
def test_without_matplotlib_the_plots_are_not_verified(course, grader: Grader, monkeypatch) -> None:
    kata = course.find("highway/gradient_profile")
    whole = grader.attempt_source(kata, kata.solution.read_bytes()).verdict()
    find = importlib.util.find_spec

    def without_matplotlib(name, *rest):
        return None if name == "matplotlib" else find(name, *rest)

    monkeypatch.setattr(importlib.util, "find_spec", without_matplotlib)
    verdict = grader.attempt_source(kata, kata.solution.read_bytes()).verdict()
    missing = [check for check in verdict.checks if check.status == "NOT_VERIFIED"]
    assert {"draws_each_profile", "starts_a_new_figure"} <= {check.name for check in missing}
    for check in missing:
        assert "matplotlib is not installed" in check.message
        assert "tensor-katas[plots]" in check.message
        assert (check.points, check.max_points) == (0, 0)
    assert verdict.status == "PASSED"
    assert 0 < verdict.points == verdict.max_points < whole.max_points
    wrong = kata.solution.read_bytes().replace(b"norm(", b"sum(")
    assert grader.attempt_source(kata, wrong).verdict().status == "FAILED"
