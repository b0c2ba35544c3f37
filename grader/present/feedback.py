"""Feedback for a class: a folder for each student, with a page for each attempt."""

import html
import textwrap
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from grader.classroom.gradebook import Past
from grader.classroom.marking import Asked, Words
from grader.course.rubric import MARKS_FILE, encode_marks
from grader.data.files import write_whole
from grader.errors import UsageError
from grader.judge.student_copy import shown_verdict
from grader.present.exports import as_markdown, folder_name, in_a_block, verdict_text
from grader.text import neutral
from grader.verdict import Verdict

_PAGE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; font-family: system-ui, sans-serif; }}
body {{ max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }}
pre {{ overflow-x: auto; line-height: 1.4; }}
</style>
</head>
<body>
<main>
<h1>{title}</h1>
<p>{points}</p>
<pre>{text}</pre>
</main>
</body>
</html>
"""


def write_feedback(
    folder: Path,
    found: Iterable[tuple[str, str, int, bytes]],
    history: Sequence[Past],
    *,
    secret_seed: int | None,
) -> int:
    """Write a page for each attempt that has a verdict, as HTML and as Markdown.

    A page that is there already stays if it says the same. An attempt that is graded anew gets a
    new page, and the earlier one stays.

    Args:
        folder: where to; a folder for each student is made in it.
        found: student, kata, attempt and newest verdict (JSON), see `Gradebook.verdicts`.
        history: every verdict, see `Gradebook.history`.
        secret_seed: the class'; of verdicts under it the student's copy is written.

    Returns:
        how many pages are new.

    Raises:
        UsageError: a file cannot be written.
    """
    gradings = Counter((past.student, past.kata, past.attempt) for past in history)
    new = 0
    for student, kata, attempt, data in found:
        verdict = shown_verdict(data, secret_seed)
        again = gradings[student, kata, attempt]
        name = f"attempt-{attempt}" + (f"-grading-{again}" if again > 1 else "")
        title = f"{kata}, attempt {attempt}"
        place = folder / folder_name(student) / kata.replace("/", "-")
        changed = _write(place / f"{name}.html", as_html(verdict, title))
        changed |= _write(place / f"{name}.md", as_markdown(verdict, title))
        new += changed
    return new


def write_words(
    folder: Path, words: Mapping[tuple[str, str], Words], asked: Mapping[str, Asked]
) -> int:
    """Write what people say, beside the pages of a student's attempts.

    The files are the same names each time: a comment that is written for many may change. Beside
    HTML and Markdown there is `marks.jsonl`, which `kata check` shows.

    Args:
        folder: where to, see `write_feedback`.
        words: by student and kata, see `grader.classroom.marking.words_of_people`.
        asked: the katas with free text.

    Returns:
        how many students' pages are new, or say something else.

    Raises:
        UsageError: a file cannot be written.
    """
    new = 0
    for (student, kata), said in words.items():
        place = folder / folder_name(student) / kata.replace("/", "-")
        title = f"{kata}, from a person"
        text = words_text(said, asked.get(kata))
        points = words_points(said, asked.get(kata))
        changed = _write(place / "from-a-person.html", _as_page(title, points, text))
        changed |= _write(place / "from-a-person.md", in_a_block(title, f"{points}\n\n{text}"))
        if said.marks:
            changed |= _write(place / MARKS_FILE, encode_marks(said.marks))
        new += changed
    return new


def words_points(said: Words, asked: Asked | None) -> str:
    """How many points a person has given, of how many."""
    if asked is None or not said.marks:
        return "A comment on the code."
    points = sum(mark.points for mark in said.marks)
    return f"{points:g} of {asked.rubric.max_points} points for free text."


def words_text(said: Words, asked: Asked | None) -> str:
    """What people say, as lines of plain text."""
    lines: list[str] = []
    for mark in said.marks:
        criterion = asked.rubric.find(mark.criterion) if asked is not None else None
        if criterion is not None:
            lines += [criterion.section, f"  {criterion.looks_for}"]
            lines += [f"  {mark.level}, {mark.points:g} of {criterion.max_points} points"]
            lines += [f"  {line}" for line in mark.comment.splitlines()] + [""]
    for mistake in said.mistakes:
        lines += [mistake.title, *(f"  {line}" for line in mistake.remark.splitlines()), ""]
    return "\n".join(
        part for line in lines for part in textwrap.wrap(line, 90, subsequent_indent="  ") or [""]
    ).strip("\n")


def as_html(verdict: Verdict, title: str) -> bytes:
    """A verdict as one HTML file that loads nothing and runs nothing."""
    word = verdict.status.lower().replace("_", " ")
    points = f"{word}, {verdict.points} of {verdict.max_points} points"
    return _as_page(title, points, verdict_text(verdict))


def _as_page(title: str, points: str, text: str) -> bytes:
    return _PAGE.format(
        title=html.escape(neutral(title)),
        points=html.escape(neutral(points)),
        text=html.escape(neutral(text)),
    ).encode("utf-8", "replace")


def _write(path: Path, data: bytes) -> bool:
    """Write a file; returns whether it says something else than before."""
    try:
        if path.is_file() and path.read_bytes() == data:
            return False
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, data)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}") from None
    return True
