"""`ner/entity_f1`: its worked example, and other scorers on real predictions."""

import re
from collections import Counter, defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.checks.tags import any_tags, strict_spans

KATA = "ner/entity_f1"

Tags = list[list[str]]


def rates(report: dict[str, float]) -> tuple[float, float, float]:
    return report["precision"], report["recall"], report["f1-score"]


def by_seqeval(gold: Tags, predicted: Tags):
    """Micro and per type, strictly by IOB2."""
    metrics = pytest.importorskip(
        "seqeval.metrics", reason="seqeval is not installed (extra `oracles`)"
    )
    from seqeval.scheme import IOB2

    report = metrics.classification_report(
        gold, predicted, mode="strict", scheme=IOB2, output_dict=True, zero_division=0
    )
    averages = {name for name in report if name.endswith(" avg")}
    kinds = {name: rates(row) for name, row in report.items() if name not in averages}
    return rates(report["micro avg"]), kinds


def by_nervaluate(gold: Tags, predicted: Tags):
    """Micro and per type, by nervaluate's strict strategy."""
    library = pytest.importorskip(
        "nervaluate", reason="nervaluate is not installed (extra `oracles`)"
    )
    kinds = sorted({tag[2:] for tags in (*gold, *predicted) for tag in tags if tag != "O"})
    results = library.Evaluator(gold, predicted, tags=kinds, loader="list").evaluate()

    def three(result) -> tuple[float, float, float]:
        return result.precision, result.recall, result.f1

    each = {kind: three(row["strict"]) for kind, row in results["entities"].items()}
    return three(results["overall"]["strict"]), each


def assert_same(got, want) -> None:
    assert tuple(got[0]) == pytest.approx(want[0], abs=1e-12)
    assert got[1].keys() == want[1].keys()
    for kind, row in want[1].items():
        assert tuple(got[1][kind]) == pytest.approx(row, abs=1e-12), kind


def without_strays(tags: list[str]) -> list[str]:
    """The same entities without the tags that are part of none."""
    legal = ["O"] * len(tags)
    for kind, start, end in strict_spans(tags):
        legal[start:end] = [f"B-{kind}"] + [f"I-{kind}"] * (end - start - 1)
    return legal


def repaired(tags: list[str]) -> list[str]:
    """Tags in which every stray I begins an entity: the lenient convention."""
    legal: list[str] = []
    for tag in tags:
        stray = tag[0] == "I" and (not legal or legal[-1][2:] != tag[2:])
        legal.append("B" + tag[1:] if stray else tag)
    return legal


@pytest.fixture
def real(solution, wnut) -> tuple[Tags, Tags]:
    """WNUT 2017's dev tags, and those of a tagger that knows the words and endings of train."""
    read = solution("ner/read_conll").read_conll
    votes: dict[str, Counter[str]] = defaultdict(Counter)

    def keys(token: str) -> tuple[str, ...]:
        return token, f"{token[:1].isupper()} {token[-3:].lower()}", f"{token[:1].isupper()}"

    for tokens, tags in read(wnut("train")):
        for token, tag in zip(tokens, tags, strict=True):
            for key in keys(token):
                votes[key][tag] += 1

    def tagged(token: str) -> str:
        seen = next(votes[key] for key in keys(token) if key in votes)
        # O is the most frequent tag of nearly everything: take it only where it is a clear one.
        named = [(count, tag) for tag, count in seen.items() if tag != "O"]
        return max(named)[1] if named and 3 * max(named)[0] > seen["O"] else "O"

    dev = read(wnut("dev"))
    gold = [tags for _, tags in dev]
    predicted = [[tagged(token) for token in tokens] for tokens, _ in dev]
    assert any(without_strays(tags) != tags for tags in predicted), "no illegal sequence in it"
    return gold, predicted


def test_real_predictions_equal_seqeval(answer, real) -> None:
    gold, predicted = real
    got = answer.entity_f1(gold, predicted)
    assert got[0][2] > 0.05
    assert len(got[1]) == 6
    assert_same(got, by_seqeval(gold, predicted))


def test_real_predictions_equal_nervaluate(answer, real) -> None:
    gold, predicted = real
    strict = [without_strays(tags) for tags in predicted]
    assert_same(answer.entity_f1(gold, predicted), by_nervaluate(gold, strict))


def test_nervaluate_repairs_what_is_illegal(answer, real) -> None:
    """What the task says of it: on raw predictions it follows the lenient convention."""
    gold, predicted = real
    lenient = [repaired(tags) for tags in predicted]
    assert_same(answer.entity_f1(gold, lenient), by_nervaluate(gold, predicted))
    assert answer.entity_f1(gold, lenient)[0] != answer.entity_f1(gold, predicted)[0]


def test_any_predictions_equal_seqeval(answer) -> None:
    @given(data=st.data(), gold=st.lists(any_tags(), min_size=1, max_size=4))
    def hold(data, gold: Tags) -> None:
        gold = [without_strays(tags) for tags in gold]
        tags = st.sampled_from(["O", "B-PER", "I-PER", "B-LOC", "I-LOC", "I-creative-work"])
        predicted = [
            data.draw(st.lists(tags, min_size=len(row), max_size=len(row))) for row in gold
        ]
        if any(map(strict_spans, gold)) or any(map(strict_spans, predicted)):
            assert_same(answer.entity_f1(gold, predicted), by_seqeval(gold, predicted))

    hold()


def test_errors_account_for_every_entity(answer, real) -> None:
    gold, predicted = real
    errors = answer.error_analysis(gold, predicted)
    kinds = Counter(kind for kind, *_ in errors)
    assert all(kinds[kind] for kind in ("type", "boundary", "missed", "spurious"))
    true, found = (
        {(n, *span) for n, tags in enumerate(side) for span in strict_spans(tags)}
        for side in (gold, predicted)
    )
    correct = len(true & found)
    paired = correct + kinds["type"] + kinds["boundary"]
    assert paired + kinds["missed"] == len(true)
    assert paired + kinds["spurious"] == len(found)


def test_hand_made_tables(answer) -> None:
    """Each kind of error by itself."""
    gold = ["O", "B-PER", "I-PER", "I-PER", "O", "B-LOC"]
    for predicted, want in (
        (gold, []),
        (["O"] * 6, [("missed", ("PER", 1, 4), None), ("missed", ("LOC", 5, 6), None)]),
        (
            ["O", "B-LOC", "I-LOC", "I-LOC", "O", "B-LOC"],
            [("type", ("PER", 1, 4), ("LOC", 1, 4))],
        ),
        (
            ["B-PER", "I-PER", "O", "B-PER", "O", "B-LOC"],
            [("boundary", ("PER", 1, 4), ("PER", 0, 2)), ("spurious", None, ("PER", 3, 4))],
        ),
        (
            ["O", "B-LOC", "I-LOC", "O", "O", "B-LOC"],
            [("missed", ("PER", 1, 4), None), ("spurious", None, ("LOC", 1, 3))],
        ),
    ):
        found = answer.error_analysis([gold], [predicted])
        assert [
            (kind, one and tuple(one), other and tuple(other)) for kind, _, one, other in found
        ] == want


def example_of(readme: str) -> tuple[Tags, Tags]:
    """The tags of the worked example's four sentences."""
    example = readme[readme.index("## A worked example") : readme.index("There are 6 gold")]
    sides = []
    for name in ("gold", "predicted"):
        rows = []
        for line in re.findall(rf"^    .*\b{name} .*$", example, re.MULTILINE):
            rows += [part.split() for part in line.split(name)[1:]]
        sides.append(rows)
    return sides[0], sides[1]


def test_the_worked_example(answer, readme: str) -> None:
    gold, predicted = example_of(readme)
    assert [len(tags) for tags in gold] == [6, 5, 3, 3]
    micro, per_type = answer.entity_f1(gold, predicted)
    assert "precision = 1/5 = {:.3f}    recall = 1/6 = {:.3f}    F1 = 2/11 = {:.3f}".format(
        *micro
    ) in (readme)
    for kind in ("LOC", "ORG", "PER"):
        assert re.search(rf"{kind}   .* F1 = {per_type[kind][2]:.3f}", readme)
    written = re.findall(r'^    \("(\w+)", +(\d), (.*)\)$', readme, re.MULTILINE)
    span = r"\((\w+), (\d), (\d)\)|None"
    want = []
    for kind, sentence, rest in written:
        spans = [(m[1], int(m[2]), int(m[3])) if m[1] else None for m in re.finditer(span, rest)]
        want.append((kind, int(sentence), *spans))
    got = [
        (kind, n, one and tuple(one), other and tuple(other))
        for kind, n, one, other in answer.error_analysis(gold, predicted)
    ]
    assert got == want
    lenient, _ = answer.entity_f1(gold, [repaired(tags) for tags in predicted])
    assert f"strict, this course's                   F1 = {micro[2]:.3f}" in readme
    assert f"lenient: a stray I begins an entity     F1 = {lenient[2]:.3f}" in readme
    pairs = [
        one == other
        for true, found in zip(gold, predicted, strict=True)
        for one, other in zip(true, found, strict=True)
    ]
    assert f"{sum(pairs)}/{len(pairs)} = {sum(pairs) / len(pairs):.3f}" in readme


def test_the_example_by_seqeval_without_a_mode(readme: str) -> None:
    metrics = pytest.importorskip(
        "seqeval.metrics", reason="seqeval is not installed (extra `oracles`)"
    )
    gold, predicted = example_of(readme)
    f1 = metrics.f1_score(gold, predicted)
    assert f"lenient: a stray I begins an entity     F1 = {f1:.3f}" in readme


def test_what_the_task_says_of_wnut(solution, wnut, readme: str) -> None:
    tags = [tag for _, row in solution("ner/read_conll").read_conll(wnut("train")) for tag in row]
    assert f"right for {round(100 * tags.count('O') / len(tags))}% of WNUT" in readme
