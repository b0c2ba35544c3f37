"""Checks of `entity_f1`: entities are drawn first on both sides, so what is correct is known.

Rates are counted on sets of drawn entities, and errors on the tokens that two entities share.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from grader.checks import (
    Submission,
    check,
    entries,
    expect,
    expect_error,
    expect_unchanged,
    items,
    sizes,
)
from grader.checks.tags import Entities, Span, any_tags, sentences, strict_spans

RATES = ("precision", "recall", "F1")
SCORED = ("person", "person-group")
"""One begins with the other, and has a hyphen as well."""
ALIKE = ("Person", "PERSON", "BIB", "-B-I-x")
"""Two differ in their capitals alone, and two begin as tags do."""
ONE_TO_ONE = ("keep", "keep", "drop", "other type", "shorter", "longer", "all wrong")
CHANGES = (*ONE_TO_ONE, "split", "split early")


@dataclass(frozen=True)
class Answers:
    """Gold and predicted tags of some sentences, and the entities of both."""

    gold: list[list[str]]
    predicted: list[list[str]]
    true: list[list[Span]]
    found: list[list[Span]]

    def add(self, true: Entities, found: Entities) -> None:
        """Add a sentence."""
        self.gold.append(true.iob2())
        self.predicted.append(found.iob2())
        self.true.append([*true.spans])
        self.found.append([*found.spans])

    def followed_by(self, other: "Answers") -> "Answers":
        """These sentences, and then those of another."""
        return Answers(
            self.gold + other.gold,
            self.predicted + other.predicted,
            self.true + other.true,
            self.found + other.found,
        )

    @property
    def both(self) -> tuple[set[tuple[int, Span]], set[tuple[int, Span]]]:
        """Gold and predicted entities, each with its sentence."""
        true, found = (
            {(n, span) for n, spans in enumerate(side) for span in spans}
            for side in (self.true, self.found)
        )
        return true, found


def one_sentence(length: int, true: Sequence[tuple[int, int]], found: tuple[int, int]) -> Answers:
    """A sentence whose entities, and the one that is found, are all of one type."""
    made = Answers([], [], [], [])
    spans = (tuple((SCORED[0], *span) for span in side) for side in (true, [found]))
    made.add(*(Entities(length, side) for side in spans))
    return made


NEARLY = (
    one_sentence(3, [(0, 2)], (0, 3)),  # goes on too far
    one_sentence(3, [(0, 2)], (1, 3)),  # one token later
    one_sentence(3, [(0, 3)], (1, 2)),  # inside
    one_sentence(2, [(0, 1)], (1, 2)),  # beside
    one_sentence(1, [], (0, 1)),  # nothing was there
)
"""What a model has nearly right: rarely drawn all together, and so asked every time."""

AGAIN = reduce(Answers.followed_by, 12 * NEARLY[:1])
"""Twelve sentences that are equal: each counts, and the eleventh comes behind the second."""


def reaching_back() -> Answers:
    """A prediction that begins before its gold entity, and before or at another, missed one."""
    made = Answers([], [], [], [])
    one, other = SCORED
    for start in (1, 0):
        gold = Entities(3, ((other, start, start + 1), (one, 2, 3)))
        made.add(gold, Entities(3, ((one, 0, 3),)))
    return made


def turned_types() -> Answers:
    """A sentence with an entity of each type that is like another, and one with the wrong types."""
    made = Answers([], [], [], [])
    one, other = (
        Entities(2 * len(kinds), tuple((kind, 2 * n, 2 * n + 2) for n, kind in enumerate(kinds)))
        for kinds in (ALIKE, ALIKE[1::-1] + ALIKE[:1:-1])
    )
    made.add(one, one)
    made.add(one, other)
    return made


def changed(span: Span, change: str, free: int) -> list[Span]:
    """What a model makes of an entity; `free` is the first token that no other one covers."""
    kind, start, end = span
    if change == "drop":
        return []
    other = SCORED[kind == SCORED[0]]
    if change == "other type":
        return [(other, start, end)]
    if change == "all wrong" and (start > free or end - start > 1):
        return [(other, start - 1, end) if start > free else (other, start, end - 1)]
    if change == "longer":
        return [(kind, max(free, start - 1), end)]
    if change == "shorter" and end - start > 1:
        return [(kind, start, end - 1)]
    if change in ("split", "split early") and end - start > 1:
        cut = end - 1 if change == "split" else start + 1
        return [(kind, start, cut), (kind, cut, end)]
    return [span]


@st.composite
def answers(
    draw: st.DrawFn,
    changes: tuple[str, ...] = CHANGES,
    least: int = 1,
    spurious: bool = True,
    every_type: bool = False,
    across: bool = False,
) -> Answers:
    """Sentences, and what a model made of each of their entities.

    Args:
        draw: of Hypothesis.
        changes: what can become of an entity.
        least: how many sentences at least.
        spurious: whether the model finds what is not there.
        every_type: whether both sides have an entity of every type, so that no quotient is by 0.
        across: whether a predicted entity may share tokens with two gold ones.
    """
    made = Answers([], [], [], [])
    for _ in range(draw(sizes(least, 3))):
        sentence: Entities = draw(sentences(types=SCORED))
        found: list[Span] = []
        at = 0
        for span in (*sentence.spans, ("", sentence.length, sentence.length)):
            # Between two entities, now and then, the model finds one that is not there.
            if spurious and span[1] - at > 1 and draw(st.booleans()):
                found.append((draw(st.sampled_from(SCORED)), at, at + 1))
                at += 1
            if span[0]:
                found += changed(span, draw(st.sampled_from(changes)), at)
            at = max(0 if across else span[2], found[-1][2] if found else 0)
        made.add(sentence, Entities(sentence.length, tuple(found)))
    if every_type:
        last = Entities(len(SCORED), tuple((kind, n, n + 1) for n, kind in enumerate(SCORED)))
        made.add(last, last)
    return made


def rates(true: set[tuple[int, Span]], found: set[tuple[int, Span]]) -> tuple[float, float, float]:
    """Precision, recall and their harmonic mean."""
    correct = len(true & found)
    precision, recall = correct / max(len(found), 1), correct / max(len(true), 1)
    mean = 2 / (1 / precision + 1 / recall) if correct else 0.0
    return precision, recall, mean


def expect_rates(got: object, want: tuple[float, float, float], name: str) -> None:
    """Hold three rates."""
    for rate, one, exact in zip(RATES, items(got, *RATES, name=name), want, strict=True):
        expect(one, exact, name=f"{rate} of {name}")


def expect_micro(submission: Submission, case: Answers) -> None:
    """Hold the rates over all entities."""
    answer = submission["entity_f1"](case.gold, case.predicted)
    micro, _ = items(answer, "micro", "per_type")
    expect_rates(micro, rates(*case.both), "micro")


def expect_per_type(submission: Submission, case: Answers) -> None:
    """Hold the rates of each type."""
    answer = submission["entity_f1"](case.gold, case.predicted)
    _, per_type = items(answer, "micro", "per_type")
    true, found = case.both
    kinds = sorted({span[0] for _, span in true | found})
    for kind, got in zip(kinds, entries(per_type, *kinds, name="per_type"), strict=True):
        own = [{one for one in side if one[1][0] == kind} for side in (true, found)]
        expect_rates(got, rates(*own), kind)


def errors_of(case: Answers) -> list[tuple[str, int, Span | None, Span | None]]:
    """The errors, from the tokens that entities cover."""
    rows: list[tuple[int, int, str, Span | None, Span | None]] = []
    for n, (true, found) in enumerate(zip(case.true, case.found, strict=True)):
        free = [span for span in found if span not in true]
        for span in (one for one in true if one not in found):
            tokens = set(range(span[1], span[2]))
            partner, kind = None, "missed"
            for other in free:
                shared = tokens & set(range(other[1], other[2]))
                same_tokens = len(shared) == len(tokens) == other[2] - other[1]
                if same_tokens or (shared and other[0] == span[0]):
                    partner, kind = other, "type" if same_tokens else "boundary"
                    break
            if partner is not None:
                free.remove(partner)
            first = min(span[1], partner[1] if partner else span[1])
            rows.append((n, first, kind, span, partner))
        rows += [(n, span[1], "spurious", None, span) for span in free]
    rows.sort(key=lambda row: row[:3])
    return [(kind, n, one, other) for n, _, kind, one, other in rows]


def expect_errors(submission: Submission, case: Answers) -> None:
    """Hold the list of errors."""
    expect(submission["error_analysis"](case.gold, case.predicted), errors_of(case), name="errors")


@check(points=2, examples=20)
@given(case=answers(every_type=True))
def counts_whole_entities(submission: Submission, case: Answers) -> None:
    """An entity counts as correct where its type, its start and its end are right."""
    for one in (case, *(case.followed_by(more) for more in (*NEARLY, AGAIN))):
        expect_micro(submission, one)


@check(points=1, after=counts_whole_entities, examples=12)
@given(
    case=answers(changes=("drop",), spurious=False),
    swap=st.booleans(),
    empty=st.booleans(),
)
def gives_zero_for_nothing(submission: Submission, case: Answers, swap: bool, empty: bool) -> None:
    """Where nothing was predicted, or nothing was there, the rates are 0."""
    if empty:
        none = [["O"] * len(tags) for tags in case.gold]
        case = Answers(none, none, case.found, case.found)
    if swap:
        case = Answers(case.predicted, case.gold, case.found, case.true)
    expect_micro(submission, case)
    expect_micro(submission, Answers([], [], [], []))


@check(points=2, after=gives_zero_for_nothing, examples=20)
@given(case=answers())
def rates_each_type(submission: Submission, case: Answers) -> None:
    """Each type that occurs on either side has its own precision, recall and F1."""
    expect_per_type(submission, case)
    for one, other in (SCORED, SCORED[::-1]):  # each is on one side alone
        apart = [[f"B-{one}"]], [[f"B-{other}"]], [[(one, 0, 1)]], [[(other, 0, 1)]]
        expect_per_type(submission, Answers(*apart))
    expect_per_type(submission, turned_types())


@st.composite
def strays(draw: st.DrawFn) -> tuple[list[list[str]], list[list[str]]]:
    """Sentences with predictions in any order of tags: those of gold, and the predicted ones."""
    gold: list[list[str]] = []
    predicted: list[list[str]] = []
    nothing = draw(st.booleans())  # so that a stray tag's type is that of no entity
    for _ in range(draw(sizes(1, 2))):
        tags = draw(any_tags(SCORED))
        if predicted and predicted[-1][-1] != "O":
            tags = ["I" + predicted[-1][-1][1:], *tags]  # it continues nothing in its own sentence
        predicted.append(tags)
        # The truth is what a lenient reader sees: every stray I-TYPE begins an entity.
        before = "O"
        legal = []
        for tag in tags:
            legal.append("B" + tag[1:] if tag[0] == "I" and before[2:] != tag[2:] else tag)
            before = tag
        gold.append(["O"] * len(tags) if nothing else legal)
    return gold, predicted


@check(points=2, examples=24)
@given(case=answers(ONE_TO_ONE))
def sorts_errors(submission: Submission, case: Answers) -> None:
    """Each error is of the wrong type, has a wrong boundary, was missed, or is spurious."""
    for one in (case, *NEARLY, AGAIN, reaching_back(), turned_types()):
        expect_errors(submission, one)


@check(points=2, after=(rates_each_type, sorts_errors), examples=20)
@given(drawn=strays())
def reads_predictions_strictly(
    submission: Submission, drawn: tuple[list[list[str]], list[list[str]]]
) -> None:
    """A predicted I that continues no entity of its type is part of no entity."""
    one, other = SCORED
    for gold, predicted in (
        drawn,
        # One type begins like the other.
        (
            [[f"B-{one}", f"B-{other}"], [f"B-{other}", f"B-{one}"]],
            [[f"B-{one}", f"I-{other}"], [f"B-{other}", f"I-{one}"]],
        ),
        # Two types differ in their capitals alone.
        ([[f"B-{kind}" for kind in ALIKE[:2]]], [[f"B-{ALIKE[0]}", f"I-{ALIKE[1]}"]]),
        # An entity ends with its sentence, and a type of stray tags alone is no type.
        ([[f"B-{one}"], ["O"], ["O"]], [[f"B-{one}"], [f"I-{one}"], [f"I-{other}"]]),
    ):
        spans = ([strict_spans(tags) for tags in side] for side in (gold, predicted))
        asked = Answers(gold, predicted, *spans)
        expect_micro(submission, asked)
        expect_per_type(submission, asked)
        expect_errors(submission, asked)


@check(points=2, after=sorts_errors, examples=20)
@given(
    case=answers(changes=("split", "split early", "longer", "drop"), least=2, across=True),
    swap=st.booleans(),
)
def uses_each_entity_once(submission: Submission, case: Answers, swap: bool) -> None:
    """An entity that was split in two gives one wrong boundary and one spurious entity."""
    split = Answers([], [], [], [])  # the second part is the larger one
    split.add(
        Entities(4, ((SCORED[0], 0, 4),)),
        Entities(4, tuple((SCORED[0], *part) for part in ((0, 1), (1, 4)))),
    )
    for one in (case, split):
        turned = Answers(one.predicted, one.gold, one.found, one.true)
        expect_errors(submission, turned if swap else one)


@check(points=1, after=(counts_whole_entities, sorts_errors), examples=4)
@given(case=answers(every_type=True, least=2))
def refuses_other_lengths(submission: Submission, case: Answers) -> None:
    """Predictions that do not fit the gold tags raise ValueError with both numbers."""
    gold, places = case.gold, ("sentences", "first", "last", "two")
    for where, more, name in product(places, (True, False), ("entity_f1", "error_analysis")):
        predicted = [list(tags) for tags in case.predicted]
        at = 0 if where in ("first", "two") else len(gold) - 1
        if where == "sentences":
            predicted = [*predicted, ["O"]] if more else predicted[:-1]
            numbers = [len(gold), len(predicted)]
        else:
            predicted[at] = [*predicted[at], "O"] if more else predicted[at][:-1]
            if where == "two":  # all in all, there are as many tags on both sides
                predicted[-1] = predicted[-1][:-1] if more else [*predicted[-1], "O"]
            numbers = [len(gold[at]), len(predicted[at]), at]
        what = (
            f"{numbers[0]} sentences against {numbers[1]}"
            if where == "sentences"
            else f"{numbers[0]} tags against {numbers[1]} in sentence {numbers[2]}"
        )
        when = f"{name} gets {what}"
        expect_error(submission[name], gold, predicted, type="ValueError", says=numbers, when=when)


@check(points=1, after=(counts_whole_entities, sorts_errors), examples=8)
@given(drawn=strays())
def leaves_inputs_unchanged(
    submission: Submission, drawn: tuple[list[list[str]], list[list[str]]]
) -> None:
    """The lists of tags are not modified."""
    for name in ("entity_f1", "error_analysis"):
        _, afterwards = submission[name].inputs(*drawn)
        expect_unchanged(dict(zip(("gold", "predicted"), drawn, strict=True)), afterwards)
