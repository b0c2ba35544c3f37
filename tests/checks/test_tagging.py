"""What is shown of a tagger's answers: which types it takes for which, and where it is wrong."""

from hypothesis import given
from hypothesis import strategies as st

from grader.checks.tagging import confusion, entities, wrong_sentences

WORDS = ["Ada", "met", "Babbage", "in", "London"]
GOLD = ["B-PER", "O", "B-PER", "O", "B-LOC"]
SAID = ["B-PER", "O", "B-LOC", "I-LOC", "O"]
TAGS = st.lists(st.sampled_from(["O", "B-A", "I-A", "B-B", "I-B"]), min_size=4, max_size=4)


def test_a_table_by_type() -> None:
    table = [row.split() for row in confusion([GOLD], [SAID]).splitlines()]
    assert table == [
        ["LOC", "PER", "none"],
        ["LOC", "0", "0", "1"],
        ["PER", "0", "1", "1"],
        ["none", "1", "0"],
    ]


@given(st.lists(st.tuples(TAGS, TAGS), min_size=1, max_size=4))
def test_every_entity_is_counted_once(pairs) -> None:
    gold, said = [one for one, _ in pairs], [other for _, other in pairs]
    head, *rows = [row.split() for row in confusion(gold, said).splitlines()]
    true = sum(int(n) for row in rows if row[0] != "none" for n in row[1:])
    assert true == len(entities(gold))
    by_column = [sum(int(row[1 + k]) for row in rows) for k in range(len(head) - 1)]
    assert sum(by_column) == len(entities(said))


def test_sentences_with_what_is_true_and_what_is_said() -> None:
    shown = wrong_sentences([WORDS, WORDS], [GOLD, GOLD], [GOLD, SAID])
    assert shown.splitlines() == [
        "Ada met Babbage in London",
        "  gold: PER Ada, PER Babbage, LOC London",
        "  said: PER Ada, LOC Babbage in",
    ]
    assert wrong_sentences([WORDS], [GOLD], [["O"] * 5]).endswith("said: none")
