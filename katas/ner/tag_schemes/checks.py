"""Checks of `tag_schemes`: entities are drawn first, and what they give in each scheme is known."""

from hypothesis import given
from hypothesis import strategies as st

from grader.checks import (
    Submission,
    check,
    expect,
    expect_error,
    expect_unchanged,
    observe,
    sizes,
)
from grader.checks.tags import Entities, any_tags, sentences, strict_spans

FUNCTIONS = ("iob1_to_iob2", "iob2_to_iob1", "to_spans")


def expect_tags(submission: Submission, function: str, tags: list[str], want: list[str]) -> None:
    """Hold the tags that a conversion gives."""
    expect(submission[function](tags), want, name="tags")


def expect_refused(submission: Submission, function: str, tags: list[str], position: int) -> None:
    """Hold that a ValueError names a tag and its position."""
    tag = tags[position]
    observe("function", function)
    when = f"{function} gets {tag!r} at position {position}"
    expect_error(submission[function], tags, type="ValueError", says=(tag, position), when=when)


@check(points=2, examples=30)
@given(sentence=sentences())
def begins_every_entity_with_b(submission: Submission, sentence: Entities) -> None:
    """Tags in IOB1 become tags in IOB2: each entity begins with B."""
    expect_tags(submission, "iob1_to_iob2", sentence.iob1(), sentence.iob2())


@check(points=2, examples=30)
@given(sentence=sentences())
def keeps_b_between_neighbours_alone(submission: Submission, sentence: Entities) -> None:
    """Tags in IOB2 become tags in IOB1: B stands only between two entities of one type."""
    expect_tags(submission, "iob2_to_iob1", sentence.iob2(), sentence.iob1())


@check(points=2, examples=30)
@given(sentence=sentences())
def finds_every_entity(submission: Submission, sentence: Entities) -> None:
    """Each entity comes back as (type, start, end), from left to right."""
    expect(submission["to_spans"](sentence.iob2()), list(sentence.spans), name="spans")


@check(points=2, after=finds_every_entity, examples=40)
@given(tags=any_tags())
def leaves_out_stray_tags(submission: Submission, tags: list[str]) -> None:
    """An I that continues no entity of its type is part of no entity."""
    expect(submission["to_spans"](tags), strict_spans(tags), name="spans")


@st.composite
def misplaced(draw: st.DrawFn, scheme: str) -> tuple[list[str], int]:
    """Tags with one that stands where its scheme has none, the first such, and its position."""
    sentence: Entities = draw(sentences())
    tags = sentence.iob1() if scheme == "IOB1" else sentence.iob2()
    if draw(st.sampled_from([False, False, True])):
        tags = []  # nothing stands before the first token
    letter = "B" if scheme == "IOB1" else "I"
    # After the last tag, one of another type than what stands there.
    last = tags[-1][2:] if tags else ""
    kind = draw(st.sampled_from([one for one in ("PER", "LOC", "ORG") if one != last]))
    behind = draw(st.sampled_from([[], ["O"], ["O", f"{letter}-ORG"]]))
    if draw(st.booleans()):  # the same tag stands where it belongs, earlier
        begun = "I" if scheme == "IOB1" else "B"
        tags = [f"{begun}-{kind}", f"{letter}-{kind}", "O", *tags]
    return [*tags, f"{letter}-{kind}", *behind], len(tags)


@check(points=1, after=begins_every_entity_with_b, examples=20)
@given(drawn=misplaced("IOB1"))
def names_a_tag_that_is_not_iob1(submission: Submission, drawn: tuple[list[str], int]) -> None:
    """A B that does not follow an entity of its type is refused: ValueError, tag and position."""
    expect_refused(submission, "iob1_to_iob2", *drawn)


@check(points=1, after=keeps_b_between_neighbours_alone, examples=20)
@given(drawn=misplaced("IOB2"))
def names_a_tag_that_is_not_iob2(submission: Submission, drawn: tuple[list[str], int]) -> None:
    """An I that continues no entity of its type is refused: ValueError, tag and position."""
    expect_refused(submission, "iob2_to_iob1", *drawn)


NO_TAGS = ["B-", "I-", "B", "PER", "S-PER", "O-PER", "b-PER", "o", "OO", "B_PER", "I:LOC"]


@check(
    points=1,
    after=(begins_every_entity_with_b, keeps_b_between_neighbours_alone, finds_every_entity),
    examples=5,
)
@given(before=sizes(0, 3), more=st.booleans())
def names_what_is_no_tag(submission: Submission, before: int, more: bool) -> None:
    """What is not O, B-TYPE or I-TYPE is refused by all three: ValueError, tag and position."""
    for function in FUNCTIONS:
        for bad, other in zip(NO_TAGS, reversed(NO_TAGS), strict=True):
            tags = [*["O"] * before, bad, "O", *([other] if more else [])]
            expect_refused(submission, function, tags, before)


@check(
    points=1,
    after=(begins_every_entity_with_b, keeps_b_between_neighbours_alone, finds_every_entity),
    examples=10,
)
@given(sentence=sentences())
def leaves_inputs_unchanged(submission: Submission, sentence: Entities) -> None:
    """The list of tags is not modified."""
    for function, tags in (
        ("iob1_to_iob2", sentence.iob1()),
        ("iob2_to_iob1", sentence.iob2()),
        ("to_spans", sentence.iob2()),
    ):
        _, afterwards = submission[function].inputs(tags)
        expect_unchanged({"tags": tags}, afterwards)
