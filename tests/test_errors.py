"""Errors of ours travel whole: they are raised in one process and told in another."""

import copy
import pickle
from pathlib import Path

import pytest

from grader.errors import (
    AmbiguousError,
    DataError,
    InstallationError,
    KataError,
    NotFoundError,
    SandboxError,
    SpecError,
    UsageError,
    WireError,
)

ERRORS = [
    KataError("one", advice="two"),
    UsageError("no such thing"),
    NotFoundError("there is no kata", advice="`kata list` shows them all."),
    AmbiguousError("a or b"),
    SpecError(Path("katas/course.toml"), "is not TOML", line=3, advice="Close the bracket."),
    SpecError(Path("kata.toml"), "is missing"),
    DataError(Path("train.conll"), "has one column", line=7, advice="Give it a tag."),
    DataError(Path("tune.mid"), "is cut short", byte=0),
    SandboxError("refused"),
    InstallationError(ImportError("no libtorch here")),
    WireError("not a message"),
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("way", [lambda e: pickle.loads(pickle.dumps(e)), copy.copy, copy.deepcopy])
def test_an_error_is_the_same_on_the_other_side(error: KataError, way) -> None:
    again = way(error)
    assert type(again) is type(error)
    assert str(again) == str(error)
    assert vars(again) == vars(error)
    assert again.exit_code == error.exit_code


def test_every_error_is_tried_here() -> None:
    def below(kind: type[KataError]) -> set[type[KataError]]:
        return {kind}.union(*map(below, kind.__subclasses__()))

    assert {kind for kind in below(KataError) if kind.__module__ == "grader.errors"} == {
        *map(type, ERRORS)
    }
