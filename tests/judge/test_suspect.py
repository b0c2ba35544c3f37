"""The suspect: the operation at which values leave those of every right answer."""

import contextlib

import msgspec
import pytest
import torch

from grader.checks.submission import SubmissionError
from grader.course.catalog import Course
from grader.course.kata import Kata
from grader.course.misconceptions import mutant_source
from grader.judge.bank import traced
from grader.judge.conversation import Conversation, Exchange
from grader.judge.first_wrong import suspect
from grader.judge.grader import Grader
from grader.judge.misplaced import chosen_wrongly
from grader.judge.pairs import traces_of
from grader.judge.student_copy import student_copy
from grader.judge.suspect import (
    Compared,
    Entries,
    Suspicion,
    as_shown,
    first_difference,
    most_agreed,
)
from grader.judge.transcript import numbers
from grader.wire.messages import Answer, Call, Step
from grader.worker import trace
from grader.worker.trace import FOUND
from tests.gate import few

HEAD = "import torch\n\n\ndef lstm_cell(x, h, c, w_ih, w_hh, b_ih, b_hh):\n"
Z = "    z = x @ w_ih.T + b_ih + h @ w_hh.T + b_hh\n"
WRONG = {
    "a sum for a product": (
        Z + "    i, f, g, o = z.chunk(4, 1)\n"
        "    write = i.sigmoid() + g.tanh()\n"
        "    c = f.sigmoid() * c + write\n"
        "    return o.sigmoid() * c.tanh(), c\n",
        7,
        "i.sigmoid() + g.tanh()",
    ),
    "a factor": (
        Z + "    i, f, g, o = z.chunk(4, 1)\n"
        "    c = f.sigmoid() * c + i.sigmoid() * g.tanh()\n"
        "    return o.sigmoid() * (0.9 * c).tanh(), c\n",
        8,
        "0.9 * c",
    ),
    "another order": (
        Z + "    i, f, o, g = z.chunk(4, 1)\n"
        "    c = f.sigmoid() * c + i.sigmoid() * g.tanh()\n"
        "    return o.sigmoid() * c.tanh(), c\n",
        7,
        "g.tanh()",
    ),
    "a square behind letters of two bytes": (
        Z + "    i, f, g, o = z.chunk(4, 1)\n"
        "    σ = torch.sigmoid\n"
        "    c = σ(f) * c + σ(i) * torch.tanh(g) ** 2\n"
        "    return σ(o) * c.tanh(), c\n",
        8,
        "torch.tanh(g) ** 2",
    ),
    "a number written into a tensor": (
        "    c = c.clone()\n"
        "    c[0, 0] = 1.01 * float(c[0, 0])\n" + Z + "    i, f, g, o = z.chunk(4, 1)\n"
        "    c = f.sigmoid() * c + i.sigmoid() * g.tanh()\n"
        "    return o.sigmoid() * c.tanh(), c\n",
        6,
        "c[0, 0]",
    ),
    "in a helper and a loop": (
        "    def gate(k):\n"
        "        rows = slice(k * h.shape[1], (k + 1) * h.shape[1])\n"
        "        return x @ w_ih[rows].T + b_ih[rows] + h @ w_hh[rows].T + b_hh[rows]\n"
        "    i, f, g, o = [gate(k) for k in range(4)]\n"
        "    c = torch.sigmoid(2 * f) * c + torch.sigmoid(i) * torch.tanh(g)\n"
        "    return torch.sigmoid(o) * torch.tanh(c), c\n",
        9,
        "2 * f",
    ),
}


@pytest.mark.parametrize(("body", "line", "expression"), WRONG.values(), ids=WRONG)
def test_it_stands_at_the_expression(grader, kata, body: str, line: int, expression: str) -> None:
    verdict = grader.attempt_source(kata, (HEAD + body).encode()).verdict()
    assert verdict.status == "FAILED"
    found = next(check.suspect for check in verdict.checks if check.suspect)
    assert (found.line, found.source[found.column - 1 : found.end - 1]) == (line, expression)
    secret = next(check.suspect for check in student_copy(verdict).checks if check.suspect)
    assert (secret.line, secret.source, secret.known) == (line, "", ())


HELPERS = {
    "a right helper that is called for what it is not for": (
        "    i, f, g, o = z.chunk(4, 1)\n"
        "    kept = σ(f) * c\n"
        "    written = σ(i)\n"
        "    written = written * σ(g)\n"
        "    return σ(o) * (kept + written).tanh(), kept + written\n",
        "    written = written * σ(g)",
    ),
    "a helper that is wrong in every call": (
        "    i, f, g, o = z.chunk(4, 1)\n"
        "    kept = σ(2 * f) * c\n"
        "    written = σ(2 * i) * g.tanh()\n"
        "    return σ(2 * o) * (kept + written).tanh(), kept + written\n",
        "    return 1 / (1 + torch.exp(-v))",
    ),
}


@pytest.mark.parametrize(("body", "shown"), HELPERS.values(), ids=HELPERS)
def test_a_call_is_shown_where_its_function_is_right(grader, kata, body: str, shown: str) -> None:
    helper = "def σ(v):\n    return 1 / (1 + torch.exp(-v))\n\n\n"
    if "2 * f" in body:
        helper, body = helper.replace("-v", "-2 * v"), body.replace("2 * ", "")
        shown = shown.replace("-v", "-2 * v")
    source = HEAD.replace("def lstm_cell", helper + "def lstm_cell") + Z + body
    verdict = grader.attempt_source(kata, source.encode()).verdict()
    found = {check.suspect.line for check in verdict.checks if check.suspect}
    assert [source.splitlines()[line - 1] for line in found] == [shown]


CUT = "(state[0], state[1].detach())"
TRAINED = {
    "gradients are never cleared": ("    optimizer.zero_grad()\n", "", "loss.backward()"),
    "the norm is not clipped": (
        "    nn.utils.clip_grad_norm_(model.parameters(), MAX_NORM)\n",
        "",
        "optimizer.step()",
    ),
    "the loss is doubled": ("    loss.backward()", "    (2 * loss).backward()", "2 * loss"),
    "a state is cut": ("(value, state)\n     ", f"(value, {CUT})\n     ", "state[1].detach()"),
    "never forced": ("y if forced", "None if forced", "self.decoder(value[:, None], state)"),
}
BACK = ("loss.backward()", "state[1].detach()", "h.detach()")


@pytest.mark.parametrize(("before", "after", "expression"), few(TRAINED.values(), 1), ids=TRAINED)
def test_a_step_of_training_is_followed_back(
    grader: Grader, course: Course, before: str, after: str, expression: str
) -> None:
    """The weights behind a step are what that step has made, of gradients that came back."""
    kata = course.find("encoder_decoder")
    assert shown_in(grader, kata, "takes_one_step", before, after) == expression


def test_a_gradient_is_followed_to_where_it_is_cut(grader: Grader, course: Course) -> None:
    before, after = "_step(x[:, t], h, c,", "_step(x[:, t], h.detach(), c,"
    kata = course.find("truncated_bptt")
    assert shown_in(grader, kata, "matches_torch", before, after) == "h.detach()"


def test_what_torch_lets_nobody_look_at_is_traced_around(grader: Grader, kata: Kata) -> None:
    """A view that was made without gradients cannot be asked about once its base has changed."""
    source = (
        "import torch\n\ndef lstm_cell(x, h, c, w_ih, w_hh, b_ih, b_hh):\n"
        "    table = torch.nn.Embedding(3, 4, padding_idx=0)\n"
        "    table.weight.data[0] += 1\n"
        "    torch.nn.init.normal_(table.weight)\n"
        "    with torch.no_grad():\n"
        "        row = table.weight[1]\n"
        "        row.fill_(0.0)\n"
        "    return 2 * h, c\n"
    )
    check = grader.prepared(kata).checks["matches_torch"]
    [body, *_] = grader.prepared(kata).bank.bodies(check)
    with contextlib.closing(Conversation(kata, source.encode(), grader.sandbox)) as conversation:
        log = traced(body, conversation)
    assert log[0].answer is not None, log[0].error


def shown_in(grader: Grader, kata: Kata, name: str, before: str, after: str) -> str:
    """The expression at which a check's values go wrong in a solution that is changed."""
    prepared = grader.prepared(kata)
    check = prepared.checks[name]
    source = kata.solution.read_text(encoding="utf-8")
    assert before in source
    wrong = source.replace(before, after).encode()
    conversation = Conversation(kata, wrong, grader.sandbox)
    others = {*prepared.checks} - {name}
    [body, *_] = prepared.bank.bodies(check)
    found = suspect(prepared.bank, conversation, check, body, others)
    conversation.close()
    assert found is not None
    shown = as_shown(found, wrong, "answer.py")
    assert shown is not None
    expression = shown.source[shown.column - 1 : shown.end - 1]
    assert shown.backward == ("gradient" in shown.said) == (expression in BACK)
    return expression


def test_what_is_made_out_of_sight_is_a_value_like_any_other(grader, kata) -> None:
    """An iteration over rows gives tensors of which no trace says where they came from."""
    body, _, expression = WRONG["a factor"]
    rows = "    h = torch.stack([row for row in h])\n    c = torch.stack([*iter(c)])\n"
    verdict = grader.attempt_source(kata, (HEAD + rows + body).encode()).verdict()
    [found] = {check.suspect for check in verdict.checks if check.suspect}
    assert found.source[found.column - 1 : found.end - 1] == expression
    out_of_sight = [step(operation=FOUND), step(0, line=2)]
    for value, line in ((TWO, 2), (ONE * 5, 1)):
        theirs = exchange(ONE * 9, out_of_sight, (value, ONE * 9), [1])
        told = Compared(theirs, [RIGHT], "def f(x):\n    return x\n").suspicion
        assert told is not None
        assert told.step.line == line


UNUSUAL = """\
    def σ(z):
        half = z / 2
        return (torch.tanh(half) + 1) / 2

    one = torch.cat([x, h], 1) @ torch.cat([w_ih, w_hh], 1).T
    i, f, g, o = (one + (b_ih + b_hh)).chunk(4, 1)
    forgotten = c - (1 - σ(f)) * c
    c = forgotten + σ(i) * (torch.exp(2 * g) - 1) / (torch.exp(2 * g) + 1)
    return {h}, c
"""


@pytest.mark.full
def test_a_line_is_shown_where_each_answer_ends_in_an_argument(grader, course) -> None:
    """The last gradient is v, whatever h is; and h begins at 0."""
    kata = course.find("highway/gradient_profile")
    edit = ("torch.sigmoid(o) * torch.tanh(c)", "torch.sigmoid(o) / torch.tanh(c)")
    source = kata.solution.read_text().replace(*edit)
    verdict = grader.attempt_source(kata, source.encode()).verdict()
    [found] = {check.suspect for check in verdict.checks if check.suspect}
    assert edit[1] in source.splitlines()[found.line - 1]


def test_a_right_but_unusual_line_is_passed_over(grader, kata) -> None:
    wrong = HEAD + UNUSUAL.replace("{h}", "σ(o) * torch.tanh(c) * 1.01")
    verdict = grader.attempt_source(kata, wrong.encode()).verdict()
    [found] = {check.suspect for check in verdict.checks if check.suspect}
    assert found.line == 13
    assert "1.01" in found.source


@pytest.mark.parametrize("number", ["0.0", "1.0", "-1e9", 'float("-inf")'])
def test_what_anybody_fills_with_is_passed_over(grader, kata, number: str) -> None:
    start = (
        f"    spare = c.clone()\n    spare[0] = {number}\n    z = torch.where(c == c, c, spare)\n"
    )
    body, line, expression = WRONG["a factor"]
    source = (
        HEAD
        + start
        + body.replace("* c +", "* z +").replace("z = x @", "y = x @").replace("z.chunk", "y.chunk")
    )
    verdict = grader.attempt_source(kata, source.encode()).verdict()
    [found] = {check.suspect for check in verdict.checks if check.suspect}
    assert (found.line, found.source[found.column - 1 : found.end - 1]) == (line + 3, expression)


def test_a_right_answer_has_none(grader, kata) -> None:
    for path in (kata.solution, *kata.alternatives):
        verdict = grader.attempt_source(kata, path.read_bytes()).verdict()
        assert not any(check.suspect for check in verdict.checks)


@pytest.mark.parametrize(
    "name", few(["lstm/lstm_cell", "gru/gru_cell", "variants/peephole_lstm"], 1)
)
@pytest.mark.full
def test_most_misconceptions_are_shown_where_they_are(grader, course, name: str) -> None:
    """Of those whose values are wrong: at an edited line, or at the line behind it."""
    kata = course.find(name)
    right = kata.solution.read_text().splitlines()
    shown, wrong = 0, 0
    for item in kata.misconceptions[:16]:
        source = mutant_source(item, kata.solution, kata.solutions)
        verdict = grader.attempt_source(kata, source).verdict()
        suspects = [check.suspect for check in verdict.checks if check.suspect]
        wrong += any(c.counterexample and c.counterexample.mismatched for c in verdict.checks)
        if suspects:
            line = suspects[0].line
            lines = source.decode().splitlines()
            shown += any(text not in right for text in lines[max(line - 2, 0) : line])
    assert wrong >= 8
    assert shown >= 0.6 * wrong


ELSEWHERE = {
    "behind a mask with -inf": (
        "applications/attention",
        ("torch.softmax(scores, dim=2)", "torch.softmax(scores, dim=1)"),
        "torch.softmax(scores, dim=1)",
    ),
    "in an answer whose gradient is asked for": (
        "applications/seq2seq",
        ("cross_entropy(logits[real]", "cross_entropy(2 * logits[real]"),
        "2 * logits[real]",
    ),
    "whole numbers, written into a view": (
        "applications/seq2seq",
        ("= torch.tensor(sequence)", "= torch.tensor(sequence) + 1"),
        "torch.tensor(sequence) + 1",
    ),
}


@pytest.mark.parametrize(("name", "edit", "shown"), few(ELSEWHERE.values(), 1), ids=ELSEWHERE)
def test_it_is_found_in(grader, course, name: str, edit: tuple[str, str], shown: str) -> None:
    kata = course.find(name)
    source = kata.solution.read_text(encoding="utf-8")
    assert edit[0] in source
    verdict = grader.attempt_source(kata, source.replace(*edit).encode()).verdict()
    found = next(check.suspect for check in verdict.checks if check.suspect)
    assert found.source[found.column - 1 : found.end - 1] == shown


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("x.flip(0) if direction", "x.flip(1) if direction"),
        ("torch.cat(sides, dim=-1)", "torch.cat(sides[::-1], dim=-1)"),
    ],
)
def test_an_order_that_no_right_answer_has_is_found_where_it_is_made(
    grader: Grader, course: Course, old: str, new: str
) -> None:
    """What reads the values is right in the other direction, and each of its entries is known."""
    kata = course.find("lstm/lstm_stack")
    source = (kata.solutions / "alternatives/turned_round.py").read_text(encoding="utf-8")
    assert old in source
    verdict = grader.attempt_source(kata, source.replace(old, new).encode()).verdict()
    found = next(check.suspect for check in verdict.checks if check.suspect)
    assert new in found.source


@pytest.mark.parametrize(
    ("made", "known"),
    [([3, 1, 2], True), ([3, 2, 1], False), ([3, 1], False), ([0, 0, 0], False)],
)
def test_whole_numbers_are_known_all_together(made, known: bool) -> None:
    right = exchange(TWO, [step(-1)], (torch.tensor([3, 1, 2]),))
    theirs = exchange(ONE * 9, [step(-1), step(0)], (torch.tensor(made), ONE * 9), [1])
    assert Compared(theirs, [right], "def f(x):\n    return x\n").known[0] is known


def test_a_mask_says_nothing_of_the_numbers_it_was_made_of() -> None:
    mask = torch.tensor([True, False])
    right = exchange(TWO, [step(-1), step(0)], (ONE * 3, mask))
    wrong = [step(-1, operation="add"), step(0, operation="gt"), step(0, 1, operation="where")]
    theirs = exchange(ONE * 9, wrong, (ONE * 5, mask, ONE * 9), [2])
    found = Compared(theirs, [right], "def f(x):\n    return x\n").suspicion
    assert found is not None
    assert found.step.operation == "add"


def test_a_large_view_that_is_written_into_breaks_no_trace(tmp_path) -> None:
    path = tmp_path / "f.py"
    path.write_text("def f(x):\n    x[1:].mul_(2)\n    return x\n", encoding="utf-8")
    space: dict = {}
    exec(compile(path.read_text(encoding="utf-8"), str(path), "exec"), space)
    x = torch.ones(1 << 14, dtype=torch.float64)
    answer, _ = trace.traced(torch, lambda: space["f"](x), (x,), str(path))
    assert answer is x


HIDDEN = {
    "its product with 0 is right": ("peephole_lstm", "new_c_clamped", ".clamp(-1, 1)"),
    "the first sequence is right": ("peephole_lstm", "first_cell_state_for_all", "p_i * c[:1]"),
    "two cases say two things": ("layer_norm_lstm", "gates_in_order_f_g_o_i", "a_f.sigmoid() * c"),
    "the first cases hide it": ("peephole_lstm", "mean_cell_state_for_all", "c.mean("),
}


@pytest.mark.parametrize(("name", "told", "shown"), HIDDEN.values(), ids=HIDDEN)
def test_what_is_right_for_another_reason_hides_no_line(
    grader, course, name: str, told: str, shown: str
) -> None:
    kata = course.find(name)
    item = next(item for item in kata.misconceptions if item.id == told)
    source = mutant_source(item, kata.solution, kata.solutions)
    verdict = grader.attempt_source(kata, source).verdict()
    [found] = {check.suspect for check in verdict.checks if check.suspect}
    assert shown in found.source


# -- forged traces ---------------------------------------------------------------------------------

ONE, TWO = torch.ones(2, dtype=torch.float64), torch.full((2,), 2.0, dtype=torch.float64)


def step(*given: int, line: int = 1, operation: str = "mul", column: int = 1, end: int = 2) -> Step:
    return Step(line, "f", column, end, operation, given)


def exchange(value, steps=(), values=(), ends=(0,)) -> Exchange:
    call = Call(1, "f", None, (ONE * 0.37,))
    answer = Answer(1, value, steps=tuple(steps), step_values=values, ends=tuple(ends))
    return Exchange(call, "f", answer, None)


RIGHT = exchange(TWO, [step(-1)], (TWO,))
FORGED = {
    "no values": exchange(ONE, [step(-1)], None),
    "values that are none": exchange(ONE, [step(-1)], ("a",)),
    "fewer values": exchange(ONE, [step(-1), step(0)], (ONE,)),
    "an end far away": exchange(ONE, [step(-1)], (ONE,), [10**30]),
    "an end before the first": exchange(ONE, [step(-1)], (ONE,), [-5]),
    "more ends": exchange(ONE, [step(-1)], (ONE,), [0, 0, 0]),
    "operands far away": exchange(ONE, [step(7), step(-9)], (ONE, ONE), [1]),
    "a circle": exchange(ONE, [step(1), step(0)], (ONE, ONE), [1]),
    "itself": exchange(ONE, [step(0)], (ONE,)),
    "nan": exchange(ONE, [step(-1)], (ONE * torch.nan,)),
    "inf": exchange(ONE, [step(-1)], (ONE * torch.inf,)),
    "nothing in it": exchange(ONE, [step(-1)], (torch.zeros(0),)),
    "bool": exchange(ONE, [step(-1)], (torch.ones(2, dtype=torch.bool),)),
    "complex": exchange(ONE, [step(-1)], (torch.ones(2, dtype=torch.complex64) * 1j,)),
    "whole numbers": exchange(ONE, [step(-1)], (torch.tensor([-(2**63), 2**63 - 1]),)),
    "no whole number": exchange(ONE, [step(-1)], (torch.zeros(0, dtype=torch.int64),)),
    "no steps": exchange(ONE, [], (), [0]),
    "no tensor": exchange("text", [step(-1)], (ONE,)),
}


GRID = torch.arange(2.0, 258.0, dtype=torch.float64).sqrt()


@pytest.mark.parametrize("given", [(0,), (99,), (0, 99), (1,), (-9,), ()])
@pytest.mark.parametrize("shape", [(16, 16), (2,) * 8, (256,), (4, 4, 4, 4)])
def test_an_order_that_is_forged_is_data_too(
    given: tuple[int, ...], shape: tuple[int, ...]
) -> None:
    """Of a tensor of many axes there would be forty thousand orders to look at."""
    grid = GRID.reshape(shape)
    right = exchange(grid, [step(-1)], (grid,))
    steps = [step(-1), step(*given, line=2, operation="flip")]
    theirs = exchange(grid.flip(0), steps, (grid, grid.flip(0)), [1])
    found = Compared(theirs, [right], "def f(x):\n    return x\n").suspicion
    if given == (0,):
        assert found is not None
        assert found.step == steps[1]
        assert found.returned == (len(shape) not in (2, 4)), "told as an order, or as a value"
    else:
        assert found is None or found.step in steps


@pytest.mark.parametrize("theirs", FORGED.values(), ids=FORGED)
def test_a_forged_trace_is_data_like_any_other(theirs: Exchange) -> None:
    source = "def f(x):\n    y = 2 * x\n    return y\n"
    compared = Compared(theirs, [RIGHT, RIGHT], source)
    for found in (compared.suspicion, chosen_wrongly(compared)):
        assert found is None or found.step in theirs.answer.steps
    assert first_difference([theirs], [[RIGHT]]) in (0, None)


@pytest.mark.parametrize(
    "forged",
    [
        step(line=0),
        step(line=-3),
        step(line=10**12),
        step(column=10**30, end=10**31),
        step(column=-7, end=-2),
        step(column=9, end=3),
        step(operation="\x1b[31m::error::"),
    ],
)
def test_a_forged_place_shows_our_own_copy_or_nothing(forged: Step) -> None:
    shown = as_shown(Suspicion(forged, ()), b"y = x\x1b[31m\n", "f.py")
    if shown is not None:
        assert shown.line == 1
        assert "\x1b" not in shown.source
        assert 0 <= shown.column <= shown.end <= len(shown.source) + 1
        assert shown.operation.isidentifier() or not shown.operation


def test_what_most_cases_say_is_told() -> None:
    one, other = (Suspicion(step(line=n), ()) for n in (1, 2))
    assert most_agreed([]) is None
    assert most_agreed([one]) == one
    assert most_agreed([one, other]) is None
    named = one._replace(known=("c",))
    assert most_agreed([one, named, other]) == named
    of_call = one._replace(of_call=True)
    assert most_agreed([named, of_call, of_call]) == of_call
    assert most_agreed([named, of_call]) == named, "one case may be so by chance"


def test_what_one_case_knows_by_chance_does_not_hide_another_cases_suspect() -> None:
    """Of numbers above 0, `relu` makes what a right answer has: there the next line is told."""
    gate, product = step(line=1, operation="relu"), step(0, line=2, operation="mul")
    first = Suspicion(gate, ())
    later = Suspicion(product, (), before=frozenset({first.spot}))
    assert most_agreed([later, first]) == first
    assert most_agreed([later, later, first]) == first
    assert most_agreed([later, Suspicion(step(line=7), ())]) is None


def test_an_operation_that_is_partly_right_is_told() -> None:
    """A clamp leaves most entries as they are, and these go on rightly."""
    both = torch.cat([ONE, ONE * 7])
    right = exchange(TWO, [step(-1), step(0)], (ONE, TWO))
    clamp = step(-1, line=2, operation="clamp")
    parts = [step(0, operation="chunk"), step(0, operation="chunk")]
    theirs = exchange(ONE * 9, [clamp, *parts, step(1, 2)], (both, ONE, ONE * 7, ONE * 9), [3])
    found = Compared(theirs, [right], "def f(x):\n    return x\n").suspicion
    assert found is not None
    assert found.step is clamp


def test_a_right_value_in_anothers_place_is_told_as_that() -> None:
    right = exchange(TWO, [step(-1), step(0)], (ONE, TWO))
    theirs = exchange(ONE, [step(-1, line=2)], (ONE,), [0])
    found = Compared(theirs, [right], "def f(x):\n    return x\n").suspicion
    assert found is not None
    assert found.returned
    assert found.step.line == 2


RETURNED = {
    "a gate left out": ("o.sigmoid() * c.tanh(), c", "c.tanh(), c", "c.tanh()"),
    "an argument": ("o.sigmoid() * c.tanh(), c", "h, c", "return h, c"),
    "a logit": ("o.sigmoid() * c.tanh(), c", "o, c", "z.chunk(4, 1)"),
}


@pytest.mark.parametrize(("old", "new", "expression"), RETURNED.values(), ids=RETURNED)
def test_a_step_that_is_left_out_is_shown(grader, kata, old: str, new: str, expression) -> None:
    source = (
        HEAD + Z + "    i, f, g, o = z.chunk(4, 1)\n"
        "    c = f.sigmoid() * c + i.sigmoid() * g.tanh()\n"
        f"    return {old}\n"
    ).replace(old, new)
    verdict = grader.attempt_source(kata, source.encode()).verdict()
    found = next(check.suspect for check in verdict.checks if check.suspect)
    assert found.returned
    assert found.source[found.column - 1 : found.end - 1] == expression


SHAPES = {
    "an axis more": ("return {h}[None], {c}", "{h}[None]", True),
    "transposed": ("return {h}, {c}.T", "{c}.T", True),
    "summed": ("return {h}, {c}.sum(0)", "{c}.sum(0)", True),
    "before the end": (
        "c = f.mean(1, keepdim=True)\n    return c, c",
        "f.mean(1, keepdim=True)",
        False,
    ),
}


@pytest.mark.parametrize(("end", "expression", "returned"), SHAPES.values(), ids=SHAPES)
def test_a_wrong_shape_has_a_line(grader, kata, end: str, expression: str, returned: bool) -> None:
    made = "    c = f.sigmoid() * c + i.sigmoid() * g.tanh()\n    h = o.sigmoid() * c.tanh()\n    "
    source = HEAD + Z + "    i, f, g, o = z.chunk(4, 1)\n" + made + end.format(h="h", c="c") + "\n"
    verdict = grader.attempt_source(kata, source.encode()).verdict()
    failed = next(check for check in verdict.checks if check.status == "FAILED")
    assert failed.name == "keeps_shape_and_dtype"
    found = failed.suspect
    marked = found.source[found.column - 1 : found.end - 1]
    assert (marked, found.returned) == (expression.format(h="h", c="c"), returned)


def test_where_right_answers_differ_nothing_is_wrong() -> None:
    theirs, other = exchange(ONE * 3, [step(-1)], (ONE * 3,), [0]), exchange(ONE * 5, [], ())
    assert first_difference([theirs], [[RIGHT], [RIGHT]]) == 0
    assert first_difference([theirs], [[RIGHT], [other]]) is None
    assert first_difference([theirs, theirs], [[RIGHT, RIGHT], [other, RIGHT]]) == 1


GIVEN = ONE * 0.37


@pytest.mark.parametrize(
    ("between", "told"),
    [(ONE * 0, True), (GIVEN, True), (-GIVEN, True), (TWO, False)],
    ids=["0", "the argument", "its negative", "a value of the right answer"],
)
def test_a_known_value_speaks_for_what_it_comes_of_if_it_is_new(between, told: bool) -> None:
    """A 0 and an argument come of wrong values too: a product with a state that begins at 0."""
    right = exchange(TWO, [step(-1), step(-1), step(0)], (ONE * 0, -GIVEN, TWO))
    wrong = step(-1, line=2)
    theirs = exchange(ONE * 9, [wrong, step(0), step(0, 1)], (ONE * 7, between, ONE * 9), [2])
    found = Compared(theirs, [right], "def f(x):\n    return x\n").suspicion
    assert (found is not None and found.step is wrong) == told


SERIES = torch.tensor([[0.37, torch.nan], [2.5, 0.11]], dtype=torch.float64)
"""A series with a gap."""


@pytest.mark.parametrize(
    ("made", "known"),
    [
        (SERIES, True),
        (SERIES.T, False),
        (SERIES.flip(0), False),
        (SERIES + 1.0, False),
        (SERIES[0], False),
        (SERIES.mean(dim=0), False),
        (SERIES[1], True),
        (SERIES * torch.nan, False),
    ],
    ids=["it", "turned", "moved", "wrong", "a step", "its mean", "a whole step", "nan alone"],
)
def test_a_gap_is_known_where_a_right_tensor_has_it(made, known: bool) -> None:
    """A mean over a gap is nan too, and it is the first wrong value of its call."""
    entries = Entries([numbers(SERIES), numbers(SERIES[0])])
    assert (numbers(made) in entries) == known
    beside = [SERIES, SERIES + 1.0, torch.tensor(torch.inf), torch.empty(0), SERIES[1].float()]
    each = [made, *beside, made]
    alone = [numbers(one) in entries for one in each]
    assert (
        entries.which([*map(numbers, each)])
        == alone
        == [known, True, *[False] * 2, *[True] * 2, known]
    )


def test_a_gap_says_nothing_of_the_values_before_it() -> None:
    """Nan equals nothing, and a known value speaks only if it is new."""
    right = exchange(TWO, [step(-1), step(0)], (SERIES, TWO))
    wrong = step(-1, line=2)
    theirs = exchange(
        ONE * 9, [step(-1), wrong, step(0, 1), step(2)], (SERIES, SERIES * 7, SERIES, ONE * 9), [3]
    )
    found = Compared(theirs, [right], "def f(x):\n    return x\n").suspicion
    assert found is not None
    assert found.step is wrong


@pytest.mark.parametrize(
    ("name", "told"), [("where", False), ("masked_fill", False), ("mul", True)]
)
def test_a_gap_that_is_picked_is_no_wrong_value(name: str, told: bool) -> None:
    """A loop carries a row with a gap on; who fills all rows at once has no such row."""
    right = exchange(TWO, [step(-1), step(0)], (SERIES, TWO))
    row, wrong = step(0, line=2, operation=name), step(1, line=3)
    made = (SERIES, torch.tensor([2.5, torch.nan], dtype=torch.float64), ONE * 9)
    theirs = exchange(ONE * 9, [step(-1), row, wrong], made, [2])
    found = Compared(theirs, [right], "def f(x):\n    return x\n").suspicion
    assert found is not None
    assert found.step is (row if told else wrong)


@pytest.mark.parametrize("name", ["gather", "index_select", "take_along_dim", "tile"])
def test_what_moves_entries_is_no_suspect(name: str) -> None:
    wrong = step(0, line=3)
    theirs = exchange(ONE * 9, [step(-1, operation=name), wrong], (ONE * 5, ONE * 9), [1])
    found = Compared(theirs, [RIGHT], "def f(x):\n    return x\n").suspicion
    assert found is not None
    assert found.step is wrong


def test_who_computes_in_float64_what_is_float32_is_known() -> None:
    third = torch.tensor([1.0 / 3], dtype=torch.float64)
    assert numbers(third) in Entries([numbers(third.float())])
    assert numbers(third) not in Entries([numbers(third.float().double())])


@pytest.mark.parametrize("made", [ONE * 9, ONE], ids=["unknown", "known"])
def test_a_gradient_is_no_suspect(made) -> None:
    """Two graphs of the same values have two gradients."""
    theirs = exchange(made, [step(-1, operation="grad", line=2)], (made,), [0])
    assert Compared(theirs, [RIGHT], "def f(x):\n    return x\n").suspicion is None


def test_a_leafs_gradient_is_no_part_of_it(grader, course) -> None:
    """Where another chunk's gradient is wrong, the line that hands it over is right."""
    kata = course.find("practice/truncated_bptt")
    [mistake] = [one for one in kata.misconceptions if one.id == "chunks_of_k_plus_one"]
    source = mutant_source(mistake, kata.solution, kata.solutions)
    checks = grader.attempt_source(kata, source).verdict().checks
    assert not any(check.suspect and ".grad" in check.suspect.source for check in checks)


def test_where_another_function_is_asked_nothing_is_looked_for(course: Course, grader) -> None:
    """Its lines had no part in what failed."""
    prepared = grader.prepared(course.find("forecasting/attention_forecaster"))
    asked = {
        name: prepared.bank.main_of_its_kind(prepared.checks[name]).name
        for name in ("describes_positions", "finds_the_distance", "feeds_on")
    }
    assert asked == {
        "describes_positions": "describes_positions",
        "finds_the_distance": "finds_the_distance",
        "feeds_on": "looks_back_at_each_step",
    }


def test_an_exchange_that_failed_ends_the_comparison() -> None:
    failed = Exchange(Call(1, "f"), "f", None, SubmissionError("exception", "ValueError", ""))
    assert first_difference([failed], [[RIGHT]]) is None
    assert first_difference([RIGHT, failed], [[RIGHT, RIGHT]]) is None
    assert first_difference([], [[RIGHT]]) is None


def test_an_answer_that_has_no_trace_is_a_value_like_any_other() -> None:
    untraced = exchange(ONE, [], None, [])  # gradients are asked for without one
    found = traces_of([untraced], [RIGHT], Entries([numbers(TWO)]), 0.0)
    assert [value.array.tolist() for value in found.wrong] == [ONE.tolist()]


def test_it_travels_in_the_verdict(grader, kata) -> None:
    body, line, _ = WRONG["a factor"]
    verdict = grader.attempt_source(kata, (HEAD + body).encode()).verdict()
    again = msgspec.json.decode(msgspec.json.encode(verdict), type=type(verdict))
    assert again == verdict
    assert line in {check.suspect.line for check in again.checks if check.suspect}


def test_a_call_is_traced_where_torch_is_forbidden(course: Course, grader: Grader) -> None:
    kata = course.find("compare/comparison_table")
    source = kata.solution.read_bytes()
    with contextlib.closing(Conversation(kata, source, grader.sandbox)) as conversation:
        checks = grader.prepared(kata).checks.values()
        check = next(one for one in checks if one.name == "follows_the_measured_difference")
        [body] = check.cases(seed=0, count=1)
        conversation.reload()
        conversation.allow(check.limits)
        log = traced(body, conversation)
        assert [exchange.error for exchange in log if exchange.error] == []
        conversation.reload()  # nothing that is forbidden was used
