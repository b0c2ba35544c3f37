"""Two mistakes at once, and the same mistake in another form: what is told, and what never is."""

import contextlib
import copy
import time
from itertools import islice

import pytest
import torch

from grader.course.catalog import built_in_course
from grader.course.misconceptions import Edit, Misconception, both_edited, mutant_source
from grader.judge import bank as bank_room
from grader.judge import diagnose, failures
from grader.judge.bank import Bank
from grader.judge.clock import Clock
from grader.judge.conversation import Conversation
from grader.judge.departure import Departure, Next
from grader.judge.diagnose import Inquiry
from grader.judge.pairs import Begun, Pair, pairs_of
from grader.judge.transcript import Said, in_form, numbers
from grader.verdict import Status, Verdict
from tests.gate import few

pytestmark = pytest.mark.usefixtures("time_enough")

COURSE = built_in_course()


def named(verdict: Verdict) -> list[list[str]]:
    return [[one.id for one in r.diagnosis.both] for r in verdict.checks if r.diagnosis]


def edited(kata, *ids: str) -> bytes:
    items = {item.id: item for item in kata.misconceptions}
    made = both_edited(*(items[name] for name in ids), {"": kata.solution.read_text("utf-8")})
    assert made is not None
    return made[2]


@pytest.mark.parametrize(
    ("name", "pair"),
    few(
        [
            ("lstm/lstm_cell", ("transposed_w_hh", "no_tanh_of_c")),
            # Weights are returned and nothing is computed: what the check observes stands for it.
            ("gates/hide_and_reveal", ("adds_to_what_was_there", "half_hidden")),
            ("gru/gru_cell", ("recurrent_bias_left_out", "candidate_not_squashed")),
            # The first check that fails tells a plain fact: padding has a weight.
            ("applications/attention", ("scaled_by_the_size", "scores_times_mask")),
            # Many others make a wrong value, too; neither of these two is the likeliest.
            ("memory/rnn_jacobian", ("single_steps", "frobenius_norm")),
            ("memory/rnn_cell", ("input_bias_left_out", "transposed_w_hh")),
            # Each is alone in some of the six gradients.
            ("lstm/lstm_backward", ("output_gate_left_out", "input_weight_gradient_overwritten")),
            ("lstm/lstm_cell", ("recurrent_bias_left_out", "candidate_not_squashed")),
            ("gates/write_on_cue", ("input_gate_half_open", "forget_gate_listens_to_h_minus")),
            # The first begins in a line behind `np.empty_like`, whose entries are anybody's guess.
            ("lstm/lstm_backward", ("forget_gradient_with_new_cell", "candidate_slope_left_out")),
            # In a single case the second drops as many rounds as who drops the first round alone.
            ("compare/fair_timing", ("five_percent_on_each_side", "warm_up_rounded_down")),
            # The failed check asks for no eps, so that a wrong default is as good as the second.
            ("variants/layer_norm_lstm", ("candidate_not_squashed", "eps_is_always_1e_3")),
        ],
        2,
    ),
)
def test_both_are_told_in_the_order_of_the_code(grader, name: str, pair) -> None:
    kata = COURSE.find(name)
    verdict = grader.attempt_source(kata, edited(kata, *pair)).verdict()
    assert list(pair) in named(verdict), named(verdict)
    told = next(r.diagnosis for r in verdict.checks if r.diagnosis and r.diagnosis.second)
    assert told.headline.startswith("Two mistakes. The first: ")
    assert {one for ids in named(verdict) for one in ids} == set(pair), "and nothing else"


def test_where_one_took_long_two_are_not_looked_for(grader, monkeypatch) -> None:
    monkeypatch.setattr(failures, "PATIENCE_S", 0.0)
    kata = COURSE.find("lstm/lstm_cell")
    pair = edited(kata, "transposed_w_hh", "no_tanh_of_c")
    assert named(grader.attempt_source(kata, pair).verdict()) == []


THREE = """
import torch


def lstm_cell(x, h, c, w_ih, w_hh, b_ih, b_hh):
    a = x @ w_ih.T + b_ih + h @ w_hh.T
    i, f, g, o = a.chunk(4, 1)
    c = torch.sigmoid(f) * c + 0.5 * torch.sigmoid(i) * torch.tanh(g)
    return torch.sigmoid(o) * torch.tanh(c) + x.mean(), c
"""


def test_what_no_pair_explains_has_no_name(grader, kata) -> None:
    verdict = grader.attempt_source(kata, THREE.encode()).verdict()
    assert verdict.status is Status.FAILED
    assert named(verdict) == []


SQUEEZED = """
import torch


def gru_cell(x, h, w_ih, w_hh, b_ih, b_hh):
    r, z, n = (x @ w_ih.T + b_ih).chunk(3, 1)
    hr, hz, hn = (h @ w_hh.T + b_hh).chunk(3, 1)
    r, z = torch.sigmoid(r - hr), torch.sigmoid(z + hz)
    n = torch.tanh(n + r * hn)
    return (z * h + (1 - z) * n).squeeze()
"""


def test_a_wrong_form_is_told_though_values_are_wrong_too(grader) -> None:
    verdict = grader.attempt_source(COURSE.find("gru_cell"), SQUEEZED.encode()).verdict()
    assert named(verdict) == [["squeezed_batch"]]
    assert verdict.diagnosis.partial
    assert verdict.diagnosis.headline.startswith("It looks as if")


@pytest.mark.parametrize("body", ["raise ValueError('no')", "return undefined", "return x[999]"])
def test_what_always_raises_has_no_name(grader, body: str) -> None:
    source = f"def gru_cell(x, h, w_ih, w_hh, b_ih, b_hh):\n    {body}\n"
    verdict = grader.attempt_source(COURSE.find("gru_cell"), source.encode()).verdict()
    assert named(verdict) == []


def made(name: str, *edits: tuple[str, str]) -> Misconception:
    return Misconception(name, name, "check", "", tuple(Edit(*edit) for edit in edits))


@pytest.mark.full
def test_one_is_told_where_two_are_observed_alike(grader) -> None:
    """A sound that begins and ends with a click: a mistake of its own, and one behind the other."""
    kata = COURSE.find("music/abc_to_midi")
    [item] = [one for one in kata.misconceptions if one.id == "clicks_at_both_ends"]
    source = mutant_source(item, kata.solution, kata.solutions)
    assert named(grader.attempt_source(kata, source).verdict()) == [[item.id]]


def test_edits_of_two_in_one_source() -> None:
    solution = "a = 1\nb = 2\nc = 3\n"
    text = {"": solution}
    later, earlier = made("later", ("c = 3", "c = 4")), made("earlier", ("a = 1", "a = 10"))
    assert both_edited(later, earlier, text) == (earlier, later, b"a = 10\nb = 2\nc = 4\n")
    overlapping = made("overlapping", ("1\nb", "2\nb"))
    assert both_edited(earlier, overlapping, text) is None
    assert both_edited(later, made("built on it", ("c = 4", "c = 5")), text) is None
    assert both_edited(later, made("a file"), text) is None
    two_lines = made("one line before", ("b = 2", "x = 0\nb = 2"))
    changed = made("changed", ("b = 2", "b = 20"))
    for pair in ((two_lines, changed), (changed, two_lines)):
        joined = both_edited(*pair, text)
        assert joined is not None
        assert joined[2] == b"a = 1\nx = 0\nb = 20\nc = 3\n", "one of them only adds"


def test_edits_of_one_line_go_together_where_they_change_other_words() -> None:
    line = "h = (1 - z) * n + z * h\n"
    text = {"": line}
    whole = made("whole candidate", (line, "h = n + z * h\n"))
    squashed = made("squashed", ("z * h\n", "z * tanh(h)\n"))
    for pair in ((whole, squashed), (squashed, whole)):
        assert both_edited(*pair, text) == (whole, squashed, b"h = n + z * tanh(h)\n")
    ten, two = made("ten", ("(1 -", "(10 -")), made("two", ("(1 -", "(2 -"))
    assert both_edited(ten, two, text) is None, "both change one number"
    one = made("one", ("z) *", "zeta) *"))
    assert both_edited(ten, one, text) == (ten, one, b"h = (10 - zeta) * n + z * h\n")


def test_the_likeliest_one_does_not_take_all_the_turns() -> None:
    """Twenty have begun, each in a part of the answer; fifty others may be beside them."""
    text = "".join(f"v{n} = 1\n" for n in range(70))
    all_parts = frozenset(range(70))
    items = [made(f"v{n}", (f"v{n} =", f"v{n} = 2 +")) for n in range(70)]
    begun = [
        Begun(item, all_parts, frozenset((n,)), 20 - n, 0) for n, item in enumerate(items[:20])
    ]
    seen = [Begun(item, frozenset((n,)), frozenset(), 0, 0) for n, item in enumerate(items[20:])]
    others = [item.id for item in items]
    asked = [
        (p.first.id, p.second.id)
        for p in islice(pairs_of([*begun, *seen], others, {"": text}), 120)
    ]
    assert len({*map(frozenset, asked)}) == 120
    beside = [one for one, other in asked if int(other[1:]) >= 20 > int(one[1:])]
    assert {*beside} == {item.id for item in items[:20]}, "each is asked beside one that hides"
    assert beside.count("v0") > 10, "and the likeliest beside many"


def test_a_form_has_neither_numbers_nor_words() -> None:
    one = (Said("answer", ([1.0, 2], None)), Said("error", ("exception", "ValueError", "no")))
    other = (Said("answer", ([3.5, 7], None)), Said("error", ("exception", "TypeError", "never")))
    assert in_form(one) == in_form(other)
    unlike = (one[0], Said("error", ("gradient", "ValueError", "no")))
    assert in_form(one) != in_form(unlike)
    assert in_form(one) != in_form((Said("answer", ([1.0], None)), one[1]))
    tags = in_form((Said("answer", (["on", 60], ["off", 60])),))
    assert tags != in_form((Said("answer", (["off", 60], ["on", 60])),))
    observed = (Said("observed", ("rows", 1)),)
    assert in_form(observed) != in_form((Said("observed", ("rows", 2)),))


def test_a_class_of_many_mistakes_is_not_kept(grader, kata, monkeypatch) -> None:
    monkeypatch.setattr(bank_room, "KEPT_PAIRS", 5)
    bank = Bank(kata, grader.sandbox, [*grader.prepared(kata).checks.values()])
    first, second, third = (
        [Pair(one, other, f"{number}".encode()) for other in kata.misconceptions[:4]]
        for number, one in enumerate(kata.misconceptions[4:7])
    )
    before = {*bank._sources}

    def ask(pairs: list[Pair]) -> None:
        bank.keep_pairs(pairs)
        for pair in pairs:
            bank._answers[pair.id, bank.checks[0].name, True] = [()]

    def held() -> set[str]:
        assert {name for name, *_ in bank._answers} == {*bank._sources} - before
        return {*bank._sources} - before

    ask(first)
    ask(second)
    assert {pair.id for pair in second} < held()
    assert len(held()) == 5, "the oldest went first"
    ask(second[:1])
    ask(third)
    assert held() == {second[0].id, *(pair.id for pair in third)}, "the one asked again stays"
    ask([*first, *second])
    assert len(held()) == 8, "all that are to be asked at once are there"


def test_a_mistake_that_has_a_double_is_not_told_as_two(grader) -> None:
    """Both of the doubles fit; a pair of one of them with an edit that shows nowhere would too."""
    kata = COURSE.find("rnn_cell")
    line = "return torch.tanh(from_input + from_memory)"
    double = made("double", (line, "return torch.tanh(from_input / 2 + from_memory / 2)"))
    idle = made("idle", ("x @ w_ih.T", "(x + 0) @ w_ih.T"))
    doubled = copy.copy(kata)
    vars(doubled)["misconceptions"] = (*kata.misconceptions, double, idle)
    prepared = grader.prepared(kata)
    checks = [*prepared.checks.values()]
    bank = Bank(doubled, grader.sandbox, checks)
    source = kata.solution.read_bytes().replace(
        line.encode(), b"return torch.tanh(0.5 * (from_input + from_memory))"
    )
    with (
        contextlib.closing(bank),
        contextlib.closing(Conversation(kata, source, grader.sandbox)) as submission,
    ):
        inquiry = Inquiry(bank, submission, prepared.checks["matches_torch"], None)
        assert inquiry.one() is None
        assert inquiry.two(lambda: True) is None


def test_what_many_make_is_looked_at_in_a_case_that_is_not_too_long(grader, monkeypatch) -> None:
    kata = COURSE.find("lstm/lstm_through_time")
    bank = grader.prepared(kata).bank
    [check] = [one for one in bank.checks if one.name == "matches_torch"]
    lengths = [bank.steps(check, number) for number in range(6)]
    assert len({*lengths}) > 3
    for longest in sorted({*lengths}):
        monkeypatch.setattr(bank_room, "LONG_TRACE", longest)
        tried = [lengths[number] for number in bank.telling_first(check, range(6))]
        short = [length for length in lengths if length <= longest]
        assert tried[: len(short)] == sorted(short, reverse=True)
        assert tried[len(short) :] == sorted(length for length in lengths if length > longest)


def test_where_all_cases_are_too_long_two_are_not_looked_for(grader, monkeypatch) -> None:
    kata = COURSE.find("lstm/lstm_cell")
    wrong = edited(kata, "transposed_w_hh", "no_tanh_of_c")
    asked = []
    marks = Bank.marks

    def counted(bank: Bank, items, *rest):
        asked.append(len(items))
        return marks(bank, items, *rest)

    monkeypatch.setattr(Bank, "marks", counted)
    monkeypatch.setattr(diagnose, "MOST_STEPS", 20)
    assert named(grader.attempt_source(kata, wrong).verdict()) == []
    assert max(asked, default=0) < 20


CELL = """
import torch


def lstm_cell(x, h, c, w_ih, w_hh, b_ih, b_hh):
    a, b = x @ w_ih.T + b_ih, h @ w_hh.T + b_hh
    i, f, g, o = (one + other for one, other in zip(a.chunk(4, 1), b.chunk(4, 1)))
    i, f, g, o = torch.sigmoid(i), torch.sigmoid(f), torch.tanh(g), torch.sigmoid(o)
    c = f * c + i * g
    return o * torch.tanh(c), c
"""


@pytest.mark.parametrize(
    ("edit", "ids"),
    [
        (
            (
                "f = torch.sigmoid(i), torch.sigmoid(f)",
                "f = torch.sigmoid(i), 1 - torch.sigmoid(f)",
            ),
            [],
        ),
        (("i, f, g, o = torch.sigmoid(i)", "i, f, g, o = torch.tanh(i)"), ["tanh_input_gate"]),
        (("torch.tanh(g)", "torch.sigmoid(g)"), ["sigmoid_candidate"]),
        (("c = f * c + i * g", "c = 1.2 * f * (c + i * g)"), []),
        (("c = f * c + i * g", "c = f * c + 1.2 * (i + g)"), []),
        (("c = f * c + i * g", "c = f * c + (i + g)"), ["input_gate_added"]),
    ],
)
def test_beside_a_mistake_without_a_name_the_first_is_told(grader, kata, edit, ids) -> None:
    """Only if it goes on from there as the mistake does, to where the other one is."""
    source = CELL.replace(*edit).replace("o * torch.tanh(c)", "o * torch.tanh(c) + x.mean()")
    verdict = grader.attempt_source(kata, source.encode()).verdict()
    assert named(verdict) == ([ids] if ids else [])
    assert all(result.diagnosis.partial for result in verdict.checks if result.diagnosis)


def a_departure(made, *, then=(), beside=(), answered=False, others=()) -> Departure:
    every = [made, *beside, *(one.made for one in then), *others]
    return Departure(made, beside, then, answered, every)


def test_what_begins_alike_goes_on_alike() -> None:
    one, two, three, four = (numbers(torch.rand(5, dtype=torch.float64)) for _ in range(4))
    its = a_departure(one, then=[Next(two, [three])])
    assert a_departure(one, others=[two, three]).shows(its, 0.0)
    assert not a_departure(one, others=[three]).shows(its, 0.0)
    assert not a_departure(four, others=[two, three]).shows(its, 0.0)
    assert a_departure(one).shows(its, 0.0), "what else it takes is not made here"
    assert not a_departure(one).shows(a_departure(one, beside=[four]), 0.0)
    assert a_departure(one, others=[four]).shows(a_departure(one, beside=[four]), 0.0)
    assert not a_departure(one, beside=[two, three, four]).shows(a_departure(one), 0.0)
    assert a_departure(one, beside=[two]).shows(a_departure(one), 0.0)
    assert not a_departure(one).shows(a_departure(one, answered=True), 0.0)
    assert a_departure(one, answered=True).shows(a_departure(one), 0.0)


def test_what_the_bank_keeps_costs_nobody_patience(grader, kata) -> None:
    """Else the first of a class would be told less than those after it."""
    checks = [*grader.prepared(kata).checks.values()]
    [check] = [one for one in checks if one.name == "matches_torch"]
    with contextlib.closing(Bank(kata, grader.sandbox, checks)) as bank:
        bank.waiting = Clock()
        began = time.perf_counter()
        with bank.waiting.running():
            bank.marks(kata.misconceptions[:30], check, 3)
            for item in kata.misconceptions[:30]:
                bank.answers(item.id, bank.bodies(check), check)
        assert bank.waiting.used_s < (time.perf_counter() - began) / 2
