"""What `kata new` writes: a kata that works, with a mark wherever its author has something to say.

A mark is a text like `[Write the task here]`. The audit finds every one that is left.
"""

import keyword
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from grader.course.catalog import Course
from grader.course.stubs import stub_of
from grader.errors import UsageError

MARK = re.compile(r"\[Write [^\]\n]*\bhere\b[^\]\n]*\]")

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_TAKEN = frozenset({"checks", "hidden_checks", "grader", "numpy", "torch", "alternatives"})


def marks_in(text: str) -> Iterator[tuple[int, str]]:
    """Marks that are left in a text, each with its line."""
    for number, line in enumerate(text.splitlines(), start=1):
        for mark in MARK.findall(line):
            yield number, mark


def new_kata(course: Course, name: str) -> list[Path]:
    """Write the files of a new kata; nothing central has to list it.

    Args:
        course: where it goes.
        name: `track/kata`.

    Returns:
        The files that were written.

    Raises:
        UsageError: the name is not one, the kata is there, or the course cannot be written.
    """
    track, short = _split(name)
    katas, solutions = (course.root / top / track / short for top in ("katas", "solutions"))
    for folder in (katas, solutions):
        if folder.exists():
            raise UsageError(
                f"{folder} is there already", advice="Choose another name, or go on from there."
            )
    texts = {katas / file: _fill(text, short) for file, text in _KATA.items()}
    texts |= {solutions / _fill(f, short): _fill(text, short) for f, text in _SOLUTIONS.items()}
    texts[katas / f"{short}.py"] = stub_of(texts[solutions / f"{short}.py"])
    try:
        for path, text in texts.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        (solutions / "alternatives").mkdir()
    except OSError as error:
        raise UsageError(f"{error.filename} cannot be written: {error.strerror}") from None
    return sorted(texts)


def _split(name: str) -> tuple[str, str]:
    """A new kata's track and own name."""
    track, _, short = name.partition("/")
    if not _NAME.fullmatch(track) or not _NAME.fullmatch(short):
        raise UsageError(
            f"{name[:80]!r} is no name for a kata",
            advice="Write TRACK/NAME, both in small letters, digits and underscores.",
        )
    # A submission is a module of that name: it must not stand before another one.
    if short in _TAKEN or short in sys.stdlib_module_names or keyword.iskeyword(short):
        raise UsageError(
            f"{short!r} cannot be a kata's name: Python, the grader or a library uses it",
            advice="Choose another name.",
        )
    return track, short


def _fill(text: str, short: str) -> str:
    return text.replace("NAME", short).lstrip("\n")


_README = """
# [Write the title here]

## Why it matters

[Write here why it matters]

## The task

    NAME(x) -> tensor

[Write the task here: what goes in, what comes out, what is not allowed]

- Each entry of y is twice the entry of x, in the dtype of x.

## Formulas

    y = 2 x      [Write your formulas here]

## Shapes

    x    (N,)    float32 or float64      [Write your shapes here]
    y    (N,)    the same dtype

## A worked example

    x = [ 1   -3   0.5 ]
    y = [ 2   -6   1   ]      [Write here an example that can be followed by hand]

## What people get wrong

- [Write here what people get wrong, without giving the code away]

## References

- [Write the references here: authors, year, section]
"""

_TOML = """
title = "[Write the title here]"
after = []
difficulty = 1 # [Write here how hard it is: 1 (minutes) to 5 (an evening)]
minutes = 10 # [Write here how long it takes]
hints = [
    "[Write the first hint here: where to look]",
    "[Write the second hint here: which step]",
    "[Write the third hint here: almost the answer, never the code]",
]

[promises] # [Write here the other promises: for each check, the words of the task that it holds]
doubles = "Each entry of y is twice the entry of x, in the dtype of x."

[tolerance]
why = "[Write here why the tolerance is what it is, with what you measured]"
"""

_CHECKS = '''
"""Checks of NAME. [Write here what the oracle is]"""

import torch
from hypothesis import given
from hypothesis import strategies as st

from grader.checks import Source, Submission, check, expect, sizes, sources


@st.composite
def vectors(draw: st.DrawFn) -> torch.Tensor:
    """Vectors of one to four entries."""
    source: Source = draw(sources())
    return source.normal(draw(sizes(1, 4)))


@check(points=1)
@given(x=vectors())
def doubles(submission: Submission, x: torch.Tensor) -> None:
    """[Write here the sentence that the learner reads when this check fails]"""
    answer = submission["NAME"](x)
    expect(answer, 2 * x.double(), name="y", dtype=x.dtype, dims=("entry",))
'''

_EXAMPLE = '''
"""[Write here what the worked example of the task is about]"""

import torch

from grader.checks import Submission, worked


def example(submission: Submission) -> None:
    """[Write here what is compared]"""
    y = submission["NAME"](torch.tensor([1.0, -3.0, 0.5]))
    worked("y", "2 -6 1", y, shape=(3,))
'''

_SOLUTION = '''
"""[Write here in one line what this module holds]"""

import torch


def NAME(x: torch.Tensor) -> torch.Tensor:
    """[Write here in one line what the function returns]

        y = 2 x

    Args:
        x: (N,) float32 or float64.

    Returns:
        (N,) same dtype as x.
    """
    return 2 * x
'''

_MISCONCEPTIONS = '''
[[misconception]]
id = "squared"
title = "[Write the mistake here, in a few words]"
caught_by = "doubles"
message = """
[Write here what the learner is told: what goes wrong and where to look, never the code]
"""
[[misconception.edits]]
old = "return 2 * x"
new = "return x * x"
'''

_KATA = {"README.md": _README, "kata.toml": _TOML, "checks.py": _CHECKS, "example.py": _EXAMPLE}
_SOLUTIONS = {"NAME.py": _SOLUTION, "misconceptions.toml": _MISCONCEPTIONS}
