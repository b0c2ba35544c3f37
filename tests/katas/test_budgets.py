"""The task says what a training may use: a slow answer is wrong only where the task says so."""

import re

import pytest

from grader.course.catalog import built_in_course

TRAINED = [kata for kata in built_in_course().katas if kata.spec.training]


@pytest.mark.parametrize("kata", TRAINED, ids=lambda kata: kata.name)
def test_the_task_says_how_long_a_training_may_take(kata) -> None:
    text = " ".join(kata.readme.read_text("utf-8").split())
    said = re.findall(r"(\d+) seconds of (?:one|a) processor", text)
    assert said == [f"{kata.spec.training.cpu_s:g}"]


def test_some_katas_train() -> None:
    assert len(TRAINED) > 5
