"""What a submission says is shown as a neutral line: it acts on no terminal, no log and no XML, and
loses nothing.
"""

import json
import re
import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.text import json_escaped, lines_of, neutral, one_line

ACTS = ("C", "Zl", "Zp")
MARKS = st.sampled_from(["::", "##[", "##vso[", "error", " ", "\n", "\t", "a=b", "x::y", "##", ":"])
TEXTS = (
    st.text()
    | st.text(st.characters(categories=["C", "Zl", "Zp"]))
    | st.lists(MARKS | st.text(max_size=3)).map("".join)
)
COMMANDS = [
    "::error::x",
    "::error file=a.py,line=1::x",
    "  ::warning::x",
    "text before ::set-output name=a::b",
    "glued::add-mask::x",
    "::stop-commands::token",
    "##[group]x",
    "text ##[error]x",
    "##vso[task.setvariable variable=a]b",
    "##teamcity[message text='x']",
    "::::error::x",
    "::::::debug::x",
]


def obeyed(text: str) -> list[str]:
    """What a CI service's runner takes for commands in a text."""
    found = re.findall(r"##\w*\[", text)
    for line in re.split(r"[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]", text):
        if re.match(r"\s*::[A-Za-z]", line) or re.search(r"::[A-Za-z][\w-]*(?: .*)?::", line):
            found.append(line)
    return found


@given(TEXTS)
def test_a_neutral_text_acts_on_nothing(text: str) -> None:
    shown = neutral(text)
    assert not [c for c in shown if c not in "\n\t" and unicodedata.category(c).startswith(ACTS)]
    shown.encode()  # no lone surrogates
    assert neutral(shown) == shown
    assert obeyed(shown) == []


@given(TEXTS)
def test_one_line_is_one_line_of_the_same_words(text: str) -> None:
    line = one_line(text)
    assert len(line.splitlines()) <= 1
    assert "\t" not in line
    assert one_line(line) == line
    assert neutral(line) == line
    assert line.split() == neutral(text.replace("\r\n", "\n")).split()


@given(st.text(st.characters(codec="utf-8", exclude_categories=ACTS, exclude_characters=":#")))
def test_ordinary_text_stays_as_it_is(text: str) -> None:
    assert neutral(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "x[::2] + y[::-1]",
        "h[:, ::2], h[::2, ::3]",
        "a: b",
        "# a heading",
        "## a heading [1]",
        "std::bad_alloc",
        "checks.py::matches_torch",
        "f(x) :: g",
        "größer ✗ ≈ σ 𝒩",
    ],
)
def test_ordinary_code_stays_as_it_is(text: str) -> None:
    assert neutral(text) == one_line(text) == text


@pytest.mark.parametrize("text", COMMANDS)
def test_no_command_of_a_ci_service_survives(text: str) -> None:
    assert obeyed(text), "the test's own idea of a command"
    for shown in (neutral(text), one_line(text), neutral(f"ValueError: {text}")):
        assert obeyed(shown) == []
    written = json_escaped(json.dumps({"message": text}, indent=2))
    assert obeyed(written) == []
    assert json.loads(written) == {"message": text}


@given(TEXTS)
def test_escaped_json_says_the_same_and_acts_on_nothing(text: str) -> None:
    written = json_escaped(json.dumps({text: [text]}, indent=2, ensure_ascii=False))
    assert json.loads(written) == {text: [text]}
    assert not [c for c in written if c != "\n" and unicodedata.category(c).startswith(ACTS)]
    assert obeyed(written) == []
    written.encode()


@pytest.mark.parametrize("mark", ["\f", "\v", "\x1c", "\x85", "\u2028"])
def test_lines_are_those_that_python_counts(mark: str) -> None:
    source = f"x = 1  # {mark}\r\ny = 2\rz = 3\n"
    assert lines_of(source) == [f"x = 1  # {mark}", "y = 2", "z = 3", ""]


@pytest.mark.parametrize(
    "text",
    [
        "a" + " " * 900_000 + "b",
        " \n" * 400_000,
        "::a " * 100_000 + "a" * 500_000,
        "::a::" * 180_000,
        "##" * 400_000 + "a" * 100_000,
    ],
    ids=lambda text: f"{text[:6]!r}...",
)
def test_a_text_without_end_is_looked_at_in_a_time_that_grows_with_it(text: str) -> None:
    began = time.process_time()
    for look in (neutral, one_line, json_escaped):
        look(text)
    assert time.process_time() - began < 10  # with a step for each pair of characters: hours
