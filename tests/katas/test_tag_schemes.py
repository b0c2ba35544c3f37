"""`ner/tag_schemes`: its worked example, seqeval on tags in any order, and real data."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.checks.tags import any_tags, sentences, strict_spans

KATA = "ner/tag_schemes"


def rows_of(readme: str) -> dict[str, list[str]]:
    """The rows of the worked example's first table."""
    rows = re.findall(r"^    (token|IOB1|IOB2) +(.*)$", readme, re.MULTILINE)
    return {name: text.split() for name, text in rows if "begins" not in text}


def shown(text: str) -> list[tuple[str, int, int]]:
    """Spans as a task writes them: `(ORG, 1, 2)`."""
    return [
        (kind, int(start), int(end))
        for kind, start, end in re.findall(r"\(([A-Z]+), (\d+), (\d+)\)", text)
    ]


def test_the_worked_example(answer, readme: str) -> None:
    rows = rows_of(readme)
    assert answer.iob1_to_iob2(rows["IOB1"]) == rows["IOB2"]
    assert answer.iob2_to_iob1(rows["IOB2"]) == rows["IOB1"]
    spans = [tuple(span) for span in answer.to_spans(rows["IOB2"])]
    line = re.search(r"^    spans +(\(.*)$", readme, re.MULTILINE)
    assert line is not None
    assert spans == shown(line[1])
    assert [tuple(span) for span in answer.to_spans(rows["IOB1"])] == [("ORG", 2, 3)]
    assert "one entity is left: (ORG, 2, 3)" in readme


def test_the_table_of_conventions(answer, readme: str) -> None:
    entities = pytest.importorskip(
        "seqeval.metrics.sequence_labeling", reason="seqeval is not installed (extra `oracles`)"
    )
    table = readme[readme.index("    tags                  strict") :].split("\n\n")[0]
    rows = re.findall(r"^    ([BIO][^ ]*(?: [BIO]\S*)*) {2,}(none|\(.*?\)) {2,}(.*)$", table, re.M)
    more = re.findall(r"^ {30,}(\(.*)$", table, re.M)
    assert len(rows) == 4
    rows[-1] = (*rows[-1][:2], rows[-1][2] + more[0])
    for tags, strict, lenient in rows:
        assert [tuple(span) for span in answer.to_spans(tags.split())] == shown(strict)
        found = entities.get_entities(tags.split())
        assert [(kind, start, end + 1) for kind, start, end in found] == shown(lenient)


@given(tags=any_tags(most=10))
def test_the_convention_is_seqevals_strict_one(tags: list[str]) -> None:
    scheme = pytest.importorskip(
        "seqeval.scheme", reason="seqeval is not installed (extra `oracles`)"
    )
    found = scheme.Entities([tags], scheme=scheme.IOB2).entities[0]
    assert strict_spans(tags) == [(one.tag, one.start, one.end) for one in found]


def test_every_right_answer_follows_it(answer) -> None:
    @given(tags=any_tags(most=10))
    def hold(tags: list[str]) -> None:
        assert [tuple(span) for span in answer.to_spans(tags)] == strict_spans(tags)

    hold()


def test_there_and_back(answer) -> None:
    @given(sentence=sentences(8))
    def hold(sentence) -> None:
        assert answer.iob1_to_iob2(answer.iob2_to_iob1(sentence.iob2())) == sentence.iob2()
        assert answer.iob2_to_iob1(answer.iob1_to_iob2(sentence.iob1())) == sentence.iob1()

    hold()


@pytest.mark.parametrize("function", ["iob1_to_iob2", "iob2_to_iob1", "to_spans"])
def test_any_text_is_a_tag_or_a_value_error_with_its_position(answer, function: str) -> None:
    @given(texts=st.lists(st.text(min_size=1, max_size=6), min_size=1, max_size=4))
    def hold(texts: list[str]) -> None:
        bad = [n for n, text in enumerate(texts) if not re.fullmatch(r"(?s)O|[BI]-.+", text)]
        if not bad:
            return
        with pytest.raises(ValueError, match=rf"\b{bad[0]}\b"):
            getattr(answer, function)(["O"] * bad[0] + texts[bad[0] :])

    hold()


def test_real_tags_go_there_and_back(answer, solution, wnut) -> None:
    read = solution("ner/read_conll").read_conll
    for _, tags in read(wnut("dev")):
        spans = [tuple(span) for span in answer.to_spans(tags)]
        assert spans == strict_spans(tags)
        assert sum(tag.startswith("B-") for tag in tags) == len(spans)
        assert answer.iob1_to_iob2(answer.iob2_to_iob1(tags)) == tags
