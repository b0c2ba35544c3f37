"""Which sentences of a task are promises, and where in a TOML file one is set."""

import pytest

from grader.course.promises import Sentence, plain, sentences, unpromised
from grader.course.toml import line_in_table

README = """\
# A task

- Before the task nothing is promised.

## The task

Some prose. It promises what an author quotes.

    - code(x) -> y

- `x` is **not** modified. The answer is (e.g. here) 1 ... k,
  also where k = 0. (It may be 0.) Then
  it ends.
- One; two
1. A numbered one!

- After a blank line?

## Formulas

- y = 2 x
"""


def test_the_sentences_of_the_lists_in_the_task() -> None:
    assert sentences(README) == [
        Sentence("x is not modified.", 11),
        Sentence("The answer is (e.g. here) 1 ... k, also where k = 0.", 11),
        Sentence("(It may be 0.)", 11),
        Sentence("Then it ends.", 11),
        Sentence("One;", 14),
        Sentence("two", 14),
        Sentence("A numbered one!", 15),
        Sentence("After a blank line?", 17),
    ]


@pytest.mark.parametrize("readme", ["", "# A task\n\n- One.\n", "## The tasks\n\n- One.\n"])
def test_no_list_in_the_task_is_no_sentence(readme: str) -> None:
    assert sentences(readme) == []


def test_a_sentence_is_promised_by_a_part_of_it_or_by_more_than_it() -> None:
    quotes = ["`x` is", "where k = 0.\n  (It may be 0.)  Then it ends.", "numbered"]
    assert [one.text for one in unpromised(README, quotes)] == [
        "The answer is (e.g. here) 1 ... k, also where k = 0.",
        "One;",
        "two",
        "After a blank line?",
    ]


def test_markup_and_spaces_are_no_words() -> None:
    assert plain("a  **b**\n   `c`") == "a b c"


TOML = """\
doubles = "not in a table"
[forbidden]
names = ["x"]

[promises] # what holds
keeps = [
    "doubles = nothing",
]
"doubles" = "here"
[other]
late = 1
"""


@pytest.mark.parametrize(
    ("table", "key", "line"),
    [
        ("promises", "doubles", 9),
        ("promises", "keeps", 6),
        ("promises", "late", 5),
        ("promises", "forbidden", 5),
        ("other", "late", 11),
        ("absent", "doubles", None),
    ],
)
def test_the_line_of_a_key_in_a_table(table: str, key: str, line: int | None) -> None:
    assert line_in_table(TOML, table, key) == line
