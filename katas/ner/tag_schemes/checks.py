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
from grader.checks.tags import Entities, any_tags, joined, sentences, strict_spans

TYPES = ("T", "TRIBE", "Tribe", "creative-work")
"""Three begin with the same letter, and two of these differ in their capitals alone."""
ODD = ("-x", "x", "DNI-B-1", "2", "5 km", "\u00e9t\u00e9-")
"""A type is any text: these are no words."""
ANY = sentences(types=TYPES) | st.sampled_from(ODD).map(
    lambda kind: joined([(kind, 2), (kind, 1), (kind, 2)])
)
ALWAYS = (
    joined([("T", 1), ("T", 2), (None, 1), ("T", 1)]),
    joined([("TRIBE", 1), ("Tribe", 2), ("creative-work", 1), ("T", 1), ("TRIBE", 1)]),
    joined([(kind, 2) for kind in ODD]),
)
"""Asked besides what is drawn: neighbours of one type, of two alike, and a gap between two."""
ALIKE = (("Tribe", "TRIBE"), ("T", "TRIBE"), ("TRIBE", "T"), ("x-b", "y-b"), ("b-x", "b-y"))
"""Types that are nearly the same: in other capitals, or with the same front or end."""


def expect_tags(submission: Submission, function: str, tags: list[str], want: list[str]) -> None:
    """Hold the tags that a conversion gives."""
    expect(submission[function](tags), want, name="tags")


def expect_refused(submission: Submission, function: str, tags: list[str], position: int) -> None:
    """Hold that a ValueError names a tag and its position."""
    tag = tags[position]
    observe("function", function)
    when = f"{function} gets {tag!r} at position {position}"
    expect_error(
        submission[function], tags, type="ValueError", says=(tag.strip(), position), when=when
    )


@check(points=2, examples=30)
@given(sentence=ANY)
def begins_every_entity_with_b(submission: Submission, sentence: Entities) -> None:
    """Tags in IOB1 become tags in IOB2: each entity begins with B."""
    for one in (sentence, *ALWAYS):
        expect_tags(submission, "iob1_to_iob2", one.iob1(), one.iob2())


@check(points=2, examples=30)
@given(sentence=ANY)
def keeps_b_between_neighbours_alone(submission: Submission, sentence: Entities) -> None:
    """Tags in IOB2 become tags in IOB1: B stands only between two entities of one type."""
    for one in (sentence, *ALWAYS):
        expect_tags(submission, "iob2_to_iob1", one.iob2(), one.iob1())


@check(points=2, examples=30)
@given(sentence=ANY)
def finds_every_entity(submission: Submission, sentence: Entities) -> None:
    """Each entity comes back as (type, start, end), from left to right."""
    for one in (sentence, *ALWAYS):
        expect(submission["to_spans"](one.iob2()), list(one.spans), name="spans")


def begun_and_broken() -> st.SearchStrategy[list[str]]:
    """An entity that something breaks off, and an I of its type behind that."""
    kinds = st.permutations(TYPES)
    breaks = st.sampled_from(["O", "I", "B", "O O", "I O", "I I"])
    return st.tuples(kinds, breaks, st.booleans()).map(
        lambda drawn: [
            *(["O"] if drawn[2] else []),
            f"B-{drawn[0][0]}",
            *(one if one == "O" else f"{one}-{drawn[0][1]}" for one in drawn[1].split()),
            f"I-{drawn[0][0]}",
        ]
    )


@check(points=2, after=finds_every_entity, examples=40)
@given(tags=any_tags(TYPES[1:]) | begun_and_broken())
def leaves_out_stray_tags(submission: Submission, tags: list[str]) -> None:
    """An I that continues no entity of its type is part of no entity."""
    expect(submission["to_spans"](tags), strict_spans(tags), name="spans")


@st.composite
def misplaced(draw: st.DrawFn, scheme: str) -> tuple[list[str], int]:
    """Tags with one that stands where its scheme has none, the first such, and its position."""
    sentence: Entities = draw(sentences())
    tags = sentence.iob1() if scheme == "IOB1" else sentence.iob2()
    letter = "B" if scheme == "IOB1" else "I"
    # After the last tag, one of another type than what stands there.
    last = tags[-1][2:]
    seen = [tag[2:] for tag in tags if tag != "O"]
    kinds = {*seen[-1:], "PER", "LOC", "ORG"} - {last}
    kind = draw(st.sampled_from(sorted(kinds)))
    more = ["O", f"{letter}-ORG"]  # no scheme has that either
    behind = draw(st.sampled_from([[], ["O"], more, more]))
    if draw(st.booleans()):  # the same tag stands where it belongs, earlier
        begun = "I" if scheme == "IOB1" else "B"
        tags = [f"{begun}-{kind}", f"{letter}-{kind}", "O", *tags]
    return [*tags, f"{letter}-{kind}", *behind], len(tags)


@check(points=1, after=begins_every_entity_with_b, examples=20)
@given(drawn=misplaced("IOB1"))
def names_a_tag_that_is_not_iob1(submission: Submission, drawn: tuple[list[str], int]) -> None:
    """A B that does not follow an entity of its type is refused: ValueError, tag and position."""
    expect_refused(submission, "iob1_to_iob2", *drawn)
    tags, position = drawn
    expect_refused(submission, "iob1_to_iob2", tags[position:], 0)  # nothing stands before
    for one, other in ALIKE:
        expect_refused(submission, "iob1_to_iob2", ["I-" + one, "B-" + other], 1)


@check(points=1, after=keeps_b_between_neighbours_alone, examples=20)
@given(drawn=misplaced("IOB2"))
def names_a_tag_that_is_not_iob2(submission: Submission, drawn: tuple[list[str], int]) -> None:
    """An I that continues no entity of its type is refused: ValueError, tag and position."""
    expect_refused(submission, "iob2_to_iob1", *drawn)
    tags, position = drawn
    expect_refused(submission, "iob2_to_iob1", tags[position:], 0)  # nothing stands before
    for one, other in ALIKE:
        expect_refused(submission, "iob2_to_iob1", ["B-" + one, "I-" + other], 1)


NO_TAGS = ["B-", "I-", "B", "PER", "S-PER", "O-PER", "b-PER", "o", "OO", "B_PER", "I:LOC"]
NO_TAGS += ["", " B-LOC", "-PER", "E-PER", "BI-PER", "IB-PER", "O-", "O ", "O\n"]
MISPLACED = {"to_spans": "none", "iob1_to_iob2": "B", "iob2_to_iob1": "I"}
"""The letter that has not every place. Tags in any order are read by to_spans."""


@check(
    points=1,
    after=(begins_every_entity_with_b, keeps_b_between_neighbours_alone, finds_every_entity),
    examples=5,
)
@given(before=sizes(0, 3), odd=st.booleans())
def names_what_is_no_tag(submission: Submission, before: int, odd: bool) -> None:
    """What is not O, B-TYPE or I-TYPE is refused by all three: ValueError, tag and position."""
    for function in MISPLACED:
        for place, (bad, other) in enumerate(zip(NO_TAGS, reversed(NO_TAGS), strict=True)):
            if bad.strip()[:1] == MISPLACED[function]:
                continue  # it may be refused for its place
            # The first is named, also if it is alone. Any message may hold a single letter.
            more = [other] if place % 2 == odd and len(bad.strip()) != 1 else []
            tags = [*["O"] * before, bad, "O", *more]
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
