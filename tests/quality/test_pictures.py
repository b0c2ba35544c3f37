"""What is seen after a pass: a picture that shows its point, and a sentence that leads on."""

import math
import re
from typing import Any

import pytest

from grader.checks.hearing import Hearing, hearing
from grader.checks.load import PICTURE_FILE
from grader.course.catalog import built_in_course
from grader.course.kata import Kata
from grader.judge.conversation import Conversation
from grader.judge.grader import Grader
from grader.present.picture import text_plot
from grader.sandbox.sandbox import Sandbox
from tests.gate import each

KATAS = built_in_course().katas
PICTURED = [kata for kata in KATAS if (kata.folder / PICTURE_FILE).is_file()]
FOLLOWED = [(kata, KATAS[n:]) for n, kata in enumerate(KATAS[:-1], start=1)]
COLUMNS = 80


def figures(kata: Kata, grader: Grader, sandbox: Sandbox) -> list[dict[str, Any]]:
    """What the solution's picture shows, drawn as after a pass."""
    picture = grader.prepared(kata).picture
    assert picture is not None
    conversation = Conversation(kata, kata.solution.read_bytes(), sandbox)
    try:
        with hearing(Hearing()) as heard:  # its clock stands still: no test fails on a busy machine
            picture(conversation)
    finally:
        conversation.close()
    return heard.figures


@pytest.mark.parametrize("kata", each(PICTURED, 3), ids=lambda kata: kata.name)
def test_a_picture_shows_every_one_of_its_curves(
    kata: Kata, grader: Grader, sandbox: Sandbox
) -> None:
    shown = figures(kata, grader, sandbox)
    assert shown
    assert figures(kata, grader, sandbox) == shown, "another picture each time"
    for figure in shown:
        if "text" in figure:
            assert figure["text"].strip()
            continue
        assert figure["x"]
        assert figure["y"]
        lines = figure["lines"]
        assert 1 <= len(lines) <= 3, "more cannot be told apart in a terminal"
        for line in lines:
            assert len(line["points"]) > 1, line["label"]
            assert all(math.isfinite(value) for point in line["points"] for value in point)
        shown_lines = text_plot(figure, COLUMNS).splitlines()
        assert max(map(len, shown_lines)) <= COLUMNS - 2, "it would be wrapped"
        grid = "".join(line.partition("│")[2] for line in shown_lines)
        legend = "   ".join(line.strip() for line in shown_lines[1:] if "│" not in line)
        glyphs = re.findall(r"(\S) \S", legend.partition("   ")[2])
        assert len(glyphs) >= len(lines)
        hidden = [
            line["label"]
            for line, glyph in zip(lines, "·o+", strict=False)
            if grid.count(glyph) < 2
        ]
        assert not hidden, f"lies behind the other curves: {hidden}"
        levels = {value for line in lines for _, value in line["points"]}
        assert len(levels) > 1, "nothing happens"


@pytest.mark.parametrize(
    ("kata", "later"), each(FOLLOWED, 3), ids=[kata.name for kata, _ in FOLLOWED]
)
def test_a_pass_leads_on(kata: Kata, later: tuple[Kata, ...]) -> None:
    told = kata.spec.leads_on
    assert re.fullmatch(r"[A-Z].{40,170}[.?]", told), f"`leads_on` is one sentence, got {told!r}"
    named = re.search(r"^(\w+) comes? (?:the )?(\w+)", told)
    assert named, "it begins with `Next comes` and the kata, or the track, that it leads to"
    what, where = named.groups()
    fitting = [other for other in later if where in (other.short, other.track)]
    assert fitting, f"{where} does not come later"
    assert what != "Next" or fitting[0] is later[0], f"{later[0].short} comes between"
