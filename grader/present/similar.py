"""What `kata similar` shows: in the terminal, and pairs side by side on a page."""

from collections.abc import Mapping, Sequence

from msgspec import Struct
from rich.console import Console

from grader.classroom.similar import Likeness, Pair
from grader.present.page import page
from grader.present.report import Writer
from grader.text import lines_of

LEAD = (
    "These are leads, not verdicts. Two honest answers to a short kata can be alike, and a copy "
    "can look different. Read both files, and ask both students, before anything is concluded."
)
MOST_LINES = 400
MAX_LINE = 300


class Line(Struct, frozen=True):
    """A line of a file: its number, its text, and whether it stands in both."""

    number: int
    text: str
    alike: bool


class Side(Struct, frozen=True):
    """A file of a pair: whose, its lines, and how many more it has."""

    who: str
    lines: list[Line]
    left_out: int


class Shown(Struct, frozen=True):
    """A pair side by side, and what is said about it."""

    said: str
    left: Side
    right: Side


def write_likeness(out: Console, found: Sequence[Likeness]) -> None:
    """Pairs and groups, kata by kata."""
    writer = Writer(out)
    writer.line(LEAD, style="yellow")
    for one in found:
        out.print()
        writer.line(f"{one.kata}: {headline(one)}", style="bold")
        for number, pair in enumerate(one.pairs, 1):
            writer.line(f"{number:>3}. {pair.left} and {pair.right}", indent=0)
            writer.line(said_of(pair), indent=5, style="dim")
        for copy in one.word_for_word:
            writer.line(f"word for word {copy.answer}: {', '.join(copy.students)}", indent=2)
        for group in one.same_wrong:
            name = f" ({group.mistake})" if group.mistake else ", which have no name"
            writer.line(f"equal wrong answers{name}: {', '.join(group.students)}", indent=2)
    if not found:
        writer.line("Nothing was handed in.")


def headline(one: Likeness) -> str:
    """How many files were compared."""
    parts = [f"{one.compared} students compared"]
    if one.references:
        parts.append(f"{one.references} references")
    if one.too_short:
        parts.append(f"{one.too_short} with too little of their own")
    return ", ".join(parts)


def said_of(pair: Pair) -> str:
    """How unusual a pair is, in words."""
    kind = "pairs of a student and a reference" if pair.reference else "pairs of the class"
    said = [
        f"{pair.rank} of {pair.pairs:,} {kind} ({pair.share:.2%}) "
        f"{'is' if pair.rank == 1 else 'are'} at least as alike",
        f"{pair.score:.0%} of the rarer passages are in both",
    ]
    if pair.equal:
        said.append("the files are equal, byte by byte")
    if pair.same_wrong:
        said.append(f"they give the same wrong answers, as {pair.same_wrong} students do")
    return "; ".join(said)


def likeness_page(
    found: Sequence[Likeness], sources: Mapping[tuple[str, str], str], *, made_at: str
) -> bytes:
    """Pairs side by side, on a page that names students: it is for whoever teaches.

    Args:
        found: see `grader.classroom.similar`.
        sources: the source of each file, by kata and whose it is.
        made_at: when, as text.
    """
    katas = [
        {
            "kata": one.kata,
            "headline": headline(one),
            "same_wrong": one.same_wrong,
            "word_for_word": one.word_for_word,
            "pairs": [
                Shown(
                    said_of(pair),
                    _side(pair.left, sources[one.kata, pair.left], pair.left_lines),
                    _side(pair.right, sources[one.kata, pair.right], pair.right_lines),
                )
                for pair in one.pairs
            ],
        }
        for one in found
    ]
    return page("similar.html.j2", katas=katas, lead=LEAD, made_at=made_at)


def _side(who: str, source: str, ranges: Sequence[tuple[int, int]]) -> Side:
    alike = {number for first, last in ranges for number in range(first, last + 1)}
    lines = lines_of(source.rstrip())
    return Side(
        who,
        [
            Line(number, text[:MAX_LINE], number in alike)
            for number, text in enumerate(lines[:MOST_LINES], 1)
        ],
        max(0, len(lines) - MOST_LINES),
    )
