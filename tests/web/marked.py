"""A small class with free text, for the tests of marking."""

from pathlib import Path

from grader.classroom.gradebook import Gradebook
from grader.classroom.handed import Prose
from grader.classroom.marking import Asked
from grader.classroom.prose import take_prose
from grader.course.rubric import read_rubric

KATA = "toy/why"
TEMPLATE = "# Why\n\n## Why two?\n\n> In a few words.\n\n## And one?\n\n> Also in a few.\n"
RUBRIC = "".join(
    f"""
[[criterion]]
id = "{name}"
section = "{section}"
looks_for = "What {name} is."

[[criterion.levels]]
name = "missing"
points = 0
description = "Nothing."

[[criterion.levels]]
name = "named"
points = 1
description = "A name."

[[criterion.levels]]
name = "explained"
points = 3
description = "A reason."
"""
    for name, section in (("roles", "Why two?"), ("ranges", "Why two?"), ("one", "And one?"))
)


def asked_in(folder: Path) -> dict[str, Asked]:
    """The rubric of one kata, read from files as a course has them."""
    (folder / "rubric.toml").write_text(RUBRIC)
    (folder / "answers.md").write_text(TEMPLATE)
    rubric = read_rubric(folder / "rubric.toml")
    return {KATA: Asked(KATA, "Why two?", rubric, TEMPLATE)}


def text(answer: str) -> str:
    """An `answers.md` in which the first question is answered."""
    return TEMPLATE.replace("> In a few words.\n", f"> In a few words.\n\n{answer}\n")


def book_with(path: Path, **answers: str) -> Gradebook:
    """A gradebook with each student's answer to the first question; it is left open."""
    book = Gradebook(path)
    take_prose(book, [Prose(who, KATA, f"{who}.md", text(said)) for who, said in answers.items()])
    return book
