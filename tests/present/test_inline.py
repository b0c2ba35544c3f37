"""The two marks of Markdown in a course's own sentences, and what only looks like them."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from grader.course.catalog import built_in_course
from grader.present.inline import inline
from grader.present.report import Writer

FORMULAS = [
    "h = o[t]*tanh(c[t]) + z*h",
    "d(f[t]*c[t-1], c[t-1]) and i[t]*g[t]",
    "(1 - z)*n + z*h, 2*3*4",
    "read(*arguments) and * alone *",
]


def shown(text: str, width: int = 80) -> list[str]:
    out = Console(file=io.StringIO(), width=width, highlight=False, emoji=False)
    Writer(out).said(text)
    return out.file.getvalue().splitlines()


@pytest.mark.parametrize("formula", FORMULAS)
def test_a_product_is_no_emphasis(formula: str) -> None:
    assert list(inline(formula)) == [("", formula)]
    assert shown(formula) == [formula]


def test_a_terminal_shows_emphasis_and_not_its_stars() -> None:
    assert shown("Look at *Why it matters*: `a * b` is *new*.") == [
        'Look at "Why it matters": `a * b` is new.'
    ]
    out = Console(file=io.StringIO(), width=80, force_terminal=True, color_system="standard")
    Writer(out).said("squash the *new* c")
    assert "\x1b[3mnew\x1b[0m" in out.file.getvalue()


@given(st.text())
def test_nothing_but_marks_is_lost(text: str) -> None:
    kept = "".join(piece for _, piece in inline(text))
    assert [c for c in kept if c not in "`*"] == [c for c in text if c not in "`*"]


def test_no_star_is_left_raw_in_a_hint_or_a_lead() -> None:
    for kata in built_in_course().katas:
        for text in (*kata.spec.hints, kata.spec.leads_on):
            for kind, piece in inline(text):
                assert kind or not any(
                    word[:1] == "*" != word[-1:] and word[1:2].isalpha() for word in piece.split()
                ), (kata.name, piece)
