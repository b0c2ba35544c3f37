"""Derivations from start to end: right ones by any route, wrong ones told where and why."""

import importlib
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.checks.derivation import Approximation, Form, Judgement, Question, judge
from grader.checks.derivation.models import LSTM, RESIDUAL
from grader.wire import HandleRef

DIRECT = Approximation(
    "direct path only", "no derivative passes through the hidden state h", hold="h"
)
ONE_STEP = Question(
    LSTM,
    "d(c[t], c[t-1])",
    Form(
        "free of derivatives, in gates, weights and c[t-1]",
        "f i g o c[t-1] u_f u_i u_g a_f a_i a_g",
    ),
    steps=(("t", 3, 5),),
    approximations=(DIRECT,),
)
OVER_TIME = Question(
    LSTM,
    "d(c[T], c[0])",
    Form("a product of forget gates", "f"),
    steps=(("T", 1, 5),),
    approximations=(DIRECT,),
)
DEPTH = Question(
    RESIDUAL, "d(x[L], x[0])", Form("a product over blocks", "x"), steps=(("L", 1, 4),)
)

START = ("d(c[t], c[t-1])", "start")
DEFINITION = ("= d(f[t]*c[t-1] + i[t]*g[t], c[t-1])", "definition: c[t]")
PRODUCT = (
    "= f[t] + c[t-1]*d(f[t], c[t-1]) + g[t]*d(i[t], c[t-1]) + i[t]*d(g[t], c[t-1])",
    "product rule",
)
CHAIN = (
    "= f[t] + (c[t-1]*d(f[t], h[t-1]) + g[t]*d(i[t], h[t-1]) + i[t]*d(g[t], h[t-1]))"
    "*d(h[t-1], c[t-1])",
    "chain rule",
)
SLOPES = (
    "= f[t] + (c[t-1]*σ'(a_f[t])*u_f + g[t]*σ'(a_i[t])*u_i + i[t]*tanh'(a_g[t])*u_g)"
    "*o[t-1]*tanh'(c[t-1])",
    "derivative",
)
LONG = [START, DEFINITION, PRODUCT, CHAIN, SLOPES]


@pytest.mark.parametrize(
    "lines",
    [
        LONG,
        [START, SLOPES],
        [(START[0] + SLOPES[0], "chain rule")],
        [DEFINITION, SLOPES],
        [(line.removeprefix("= "), word) for line, word in LONG],
        [START, *((f"d(c[t], c[t-1]) {line}", word) for line, word in LONG[1:])],
        [
            START,
            ("= d(c[t], c[t-1], hold=h) + d(c[t], h[t-1])*d(h[t-1], c[t-1])", "Chain  Rule"),
            ("= d(c[t], c[t-1], hold=(f, i, g)) + d(c[t], h[t-1])*d(h[t-1], c[t-1])", "algebra"),
            ("= f[t] + d(c[t], h[t-1])*o[t-1]*(1 - tanh(c[t-1])²)", "derivative"),
            (
                "= f[t] + o[t-1]·(1 - tanh(c[t-1])^2)·(c[t-1]·f[t]·(1 - f[t])·u_f"
                " + g[t]·i[t]·(1 - i[t])·u_i + i[t]·(1 - g[t]²)·u_g)",
                "substitute: d(c[t], h[t-1])",
            ),
        ],
        [START, PRODUCT, (SLOPES[0], "sum rule, Chain rule and derivative: all at once")],
        [START, (SLOPES[0], "definition/product rule; chain rule + derivative & algebra")],
    ],
)
def test_any_right_route_passes(lines: list[tuple[str, str]]) -> None:
    judgement = judge(ONE_STEP, lines)
    assert judgement.complete, judgement.message
    assert len(judgement.evidence) == len(lines)
    assert judge(ONE_STEP, [list(pair) for pair in lines]).complete


def test_a_product_over_time() -> None:
    lines = [
        ("d(c[T], c[0]) ≈ d(c[T], c[0], hold=h)", "direct path only"),
        ("= prod(d(c[s], c[s-1], hold=h), s, 1, T)", "chain rule"),
        ("= prod(f[s], s, 1, T)", "substitute"),
    ]
    judgement = judge(OVER_TIME, lines)
    assert judgement.complete, judgement.message
    assert judgement.evidence[-1] == "proved"
    for last in (
        "f[T]*prod(f[s], s, 1, T-1)",
        "exp(sum(log(f[s]), s, 1, T))",
        "prod(f[T-s], s, 0, T-1)",
        "prod(f[s]**2, s, 1, T)/prod(f[k], k, 1, T)",
    ):
        assert judge(OVER_TIME, [*lines[:2], ("= " + last, "algebra")]).complete


def test_after_an_approximation_a_derivative_still_means_the_total_one() -> None:
    product = "prod(d(c[s], c[s-1]), s, 1, T)"
    total = [(f"d(c[T], c[0]) ~ {product}", "direct path only")]
    assert not judge(OVER_TIME, total).sound
    direct = [
        (f"d(c[T], c[0]) ~ {product.replace(']),', '], hold=h),')}", "direct path only"),
        ("d(c[T], c[0]) ≈ prod(f[s], s, 1, T)", "substitute"),
    ]
    assert judge(OVER_TIME, direct).complete


def test_blocks_of_unknown_functions() -> None:
    lines = [
        ("d(x[L], x[0]) = prod(d(x[l], x[l-1]), l, 1, L)", "chain rule"),
        ("= prod(1 + F[l]'(x[l-1]), l, 1, L)", "sum rule"),
    ]
    assert judge(DEPTH, lines).complete
    for wrong in ("1 + F[l]'(x[l])", "1 + F[l](x[l-1])", "1 + F[l-1]'(x[l-1])", "1 + F'(x[l-1])"):
        assert not judge(DEPTH, [lines[0], (f"= prod({wrong}, l, 1, L)", "sum rule")]).sound


@pytest.mark.parametrize(
    ("lines", "line", "says"),
    [
        (
            [START, DEFINITION, (PRODUCT[0].replace("+ g[t]", "- g[t]"), "product rule")],
            3,
            "The term `d(i[t], c[t-1])*g[t]` of line 2 has changed its sign",
        ),
        (
            [START, DEFINITION, (PRODUCT[0].replace(" + i[t]*d(g[t], c[t-1])", ""), "sum rule")],
            3,
            "What is missing equals the term `i[t]*d(g[t], c[t-1])` of line 2",
        ),
        (
            [START, DEFINITION, (PRODUCT[0] + " + o[t]", "product rule")],
            3,
            "What is too much equals your term `o[t]`",
        ),
        ([START, ("= f[t]", "derivative")], 2, "≈, and the word 'direct path only'"),
        (
            [*LONG[:4], (SLOPES[0].replace("*tanh'(c[t-1])", ""), "derivative")],
            5,
            "Line 5 does not equal line 4",
        ),
        ([("d(h[t], h[t-1]) = f[t]", "start")], 1, "Line 1, part 1 does not equal the start"),
        ([("d(c[t], c[t-1]) = f[t]", "start")], 1, "Line 1, part 2 does not equal line 1, part 1"),
        (
            [START, ("≈ f[t] + c[t-1]*d(f[t], h[t-1])*d(h[t-1], c[t-1])", "direct path only")],
            2,
            "Just that must be gone",
        ),
        (
            [START, ("≈ f[t]", "direct path only"), ("= i[t]", "algebra")],
            3,
            "Line 3 does not equal line 2",
        ),
    ],
)
def test_the_first_wrong_line_is_named_with_numbers(
    lines: list[tuple[str, str]], line: int, says: str
) -> None:
    judgement = judge(ONE_STEP, [*lines, *LONG[1:]])
    assert judgement.problem is not None
    assert (judgement.problem.kind, judgement.problem.line) == ("differs", line)
    assert says in judgement.message
    assert "with t = " in judgement.message
    assert len(judgement.evidence) == line - 1


@pytest.mark.parametrize(
    ("lines", "kind", "says"),
    [
        ([START, ("≈ f[t]", "algebra")], "sign", "'algebra' is an exact step"),
        ([START, ("= f[t]", "direct path only")], "differs", "does not equal"),
        (
            [START, (SLOPES[0], "direct path only")],
            "sign",
            "write ≈ (or ~) instead of =",
        ),
        (
            [START, ("≈ f[t]", "direct path only"), ("d(c[t], c[t-1]) = f[t]", "algebra")],
            "sign",
            "no longer equal",
        ),
        ([START, ("= f[t]", "direct paht only")], "word", "Did you mean 'direct path only'?"),
        ([START, ("= f[t]", "because")], "word", "is no word for a step"),
        ([START, ("≈ f[t]", "only the direct path")], "word", "Did you mean 'direct path only'?"),
        ([START, ("= f[t]", "derivatives")], "word", "Did you mean 'derivative'?"),
        ([START, ("≈ f[t]", "algebra for the direct path")], "sign", "is an exact step"),
        ([START, (SLOPES[0], "chain rule, because")], "word", "is no word for a step"),
        ([START, (SLOPES[0], "chain rule,")], "word", "Did you mean 'chain rule'?"),
        ([START, ("≈ f[t]", "derivative, direct path only")], "word", "no word for a step"),
        ([START, DEFINITION], "form", "still in it  d(...)"),
        ([START, ("= c[t]/0", "algebra")], "notation", "divides by zero"),
        ([START, ("= c[t]/(1 - 1)", "algebra")], "value", "divides by zero"),
        ([START, ("= c[t-4]", "algebra")], "value", "begins at step 0"),
        ([], "answer", "0 lines"),
        ([START] * 41, "answer", "41 lines"),
        ("d(c[t], c[t-1])", "answer", "is a str, not a list"),
        (None, "answer", "is a NoneType"),
        (HandleRef(1, "Evil"), "answer", "not a list"),
        (["d(c[t], c[t-1])"], "answer", "Line 1 is not a pair"),
        ([("= f[t]", 1)], "answer", "Line 1 is not a pair"),
        ([("= f[t]", "start", "x")], "answer", "Line 1 is not a pair"),
        ([(b"= f[t]", "start")], "answer", "Line 1 is not a pair"),
    ],
)
def test_what_else_can_be_wrong(lines: object, kind: str, says: str) -> None:
    judgement = judge(ONE_STEP, lines)
    assert judgement.problem is not None
    assert judgement.problem.kind == kind
    assert says in judgement.message
    assert judgement.sound == (kind == "form")
    assert not judgement.complete


@pytest.mark.parametrize(
    "word",
    [
        "definition of f",
        "by definition",
        "by the product rule and by the chain rule",
        "using the chain rule",
        "Substitute f and g",
        "unroll down to step 1",
        "sum rule and chain rule (through h)",
        "algebra: anything, at all",
        "derivative of tanh, chain rule",
    ],
)
def test_a_word_may_go_on(word: str) -> None:
    assert judge(ONE_STEP, [START, (SLOPES[0], word)]).complete


def test_a_line_on_the_way_can_be_asked_for() -> None:
    two_steps = Form(
        "written in c[T-2] and two steps", "c[T-2] f[T] i[T] g[T] f[T-1] i[T-1] g[T-1]"
    )
    last = Form("written in one step", "f i g c[T-1]")
    question = Question(LSTM, "c[T]", last, through=(two_steps,), steps=(("T", 3, 6),))
    end = ("= f[T]*c[T-1] + i[T]*g[T]", "algebra")
    middle = ("= f[T]*(f[T-1]*c[T-2] + i[T-1]*g[T-1]) + i[T]*g[T]", "definition")
    assert judge(question, [("c[T]", "start"), middle, end]).complete
    assert judge(question, [(f"c[T] {middle[0]} {end[0]}", "definition")]).complete
    left_out = judge(question, [("c[T]", "start"), end])
    assert left_out.sound
    assert not left_out.complete
    assert "a line on the way that is written in c[T-2] and two steps" in left_out.message


def test_no_approximation_known_no_approximation_made() -> None:
    judgement = judge(DEPTH, [("d(x[L], x[0]) ≈ 1", "algebra")])
    assert "every step can be exact" in judgement.message


def test_the_same_wrong_turn_has_one_fingerprint_by_any_route() -> None:
    forgot_tanh = "(c[t-1]*σ'(a_f[t])*u_f + g[t]*σ'(a_i[t])*u_i + i[t]*tanh'(a_g[t])*u_g)*o[t-1]"
    one = judge(ONE_STEP, [START, DEFINITION, PRODUCT, (f"= f[t] + {forgot_tanh}", "derivative")])
    other = judge(
        ONE_STEP,
        [
            START,
            ("= f[t] + d(c[t], h[t-1])*d(h[t-1], c[t-1])", "chain rule"),
            ("= f[t] + o[t-1]*d(c[t], h[t-1])", "derivative"),
            *LONG[1:],
        ],
    )
    another = judge(ONE_STEP, [START, ("= f[t]", "derivative")])
    assert one.fingerprint == other.fingerprint
    assert another.fingerprint not in (one.fingerprint, "right")
    assert judge(ONE_STEP, LONG).fingerprint == "right"


def test_approximations_in_another_order_are_the_same_wrong_turn() -> None:
    question = Question(
        LSTM,
        "h[t]",
        Form("a mixture", "f[t] g[t] h[t-1]"),
        steps=(("t", 3, 5),),
        approximations=(
            Approximation("open output", "the output gate is 1", equations=("o[t] = 1",)),
            Approximation("no tanh", "the output is o*c", equations=("h[t] = o[t]*c[t]",)),
        ),
    )
    wrong = ("= f[t]*g[t]", "definition")
    routes = (
        [("≈ tanh(c[t])", "open output"), ("≈ c[t]", "no tanh"), wrong],
        [("≈ o[t]*c[t]", "no tanh"), ("≈ c[t]", "open output"), wrong],
    )
    one, other = (judge(question, [("h[t]", "start"), *route]) for route in routes)
    assert one.problem is not None
    assert one.problem.line == 4
    assert one.fingerprint == other.fingerprint
    once = judge(question, [("h[t]", "start"), ("≈ o[t]*c[t]", "no tanh"), wrong])
    assert once.fingerprint != one.fingerprint


def test_a_small_error_does_not_hide() -> None:
    almost = (SLOPES[0] + " + 0.0001*0.0001", "algebra")
    assert not judge(ONE_STEP, [*LONG, almost]).sound


HOSTILE = [
    "= " + "f[t]*" * 150 + "f[t]",
    "= " + "(" * 39 + "f[t]" + ")" * 39,
    "= sum(sum(sum(f[s]*f[r]*f[k], s, 0, 12), r, 0, 12), k, 0, 12)",
    "= " + " + ".join(f"d(h[t]*{k}, h[t-2])" for k in range(40)),
    "= " + "*".join(["(f[t] + g[t] + i[t] + c[t])"] * 12),
    "= ((((c[t] + f[t] + g[t] + x[t])**8 + h[t])**8 + c[t])**8)",
    "= d(" + "*".join(["h[t]"] * 120) + ", h[t-2])",
    "= " + "(1/(" * 18 + "c[t]" + "+2))" * 18,
    "= " + "tanh(" * 38 + "c[t]" + ")" * 38,
]


@pytest.mark.parametrize("line", HOSTILE)
def test_hostile_lines_take_a_bounded_time(line: str) -> None:
    judge(ONE_STEP, LONG)  # SymPy is imported
    begin = time.process_time()
    # Added and subtracted, it is equal to the start: every stage has to be gone through.
    body = line.removeprefix("= ")
    twice = [START, (f"= d(c[t], c[t-1]) + ({body}) - ({body})", "algebra")]
    judge(ONE_STEP, twice)
    judge(ONE_STEP, [START, (line, "algebra")])
    assert time.process_time() - begin < 3


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.text("dctfhgio_u[]()=+-*/'≈., 12σ", max_size=40)
            | st.sampled_from([line for line, _ in LONG]),
            st.sampled_from(["start", "algebra", "direct path only", "?"]),
        ),
        max_size=6,
    )
)
def test_anything_is_judged_and_nothing_raises(lines: list[tuple[str, str]]) -> None:
    judgement = judge(ONE_STEP, lines)
    assert isinstance(judgement, Judgement)
    assert judgement.complete == (judgement.message == "")


@pytest.mark.parametrize("index", range(len(LONG)))
@pytest.mark.parametrize("swap", [("+", "-"), ("f[t]", "i[t]"), ("[t-1]", "[t]"), ("u_f", "u_i")])
def test_every_small_change_to_a_right_line_is_caught(index: int, swap: tuple[str, str]) -> None:
    text, word = LONG[index]
    places = [place for place in range(len(text)) if text.startswith(swap[0], place)]
    for place in places:
        changed = text[:place] + swap[1] + text[place + len(swap[0]) :]
        lines = [*LONG[:index], (changed, word), *LONG[index + 1 :]]
        module = importlib.import_module("grader.checks.derivation.judge")
        module._judge.cache_clear()
        assert not judge(ONE_STEP, lines).sound, changed


@pytest.mark.parametrize("held", [1, 2, 3])
def test_the_lines_that_hold_are_said_before_the_first_wrong_one(held: int) -> None:
    lines = [("d(c[t], c[t-1])", "start")] * held
    wrongs = [("= 0*c[t]", "algebra"), ("= f[t] +", "algebra"), ("= 1/0", "algebra"), ("= 0", "no")]
    for wrong in wrongs:
        judgement = judge(ONE_STEP, [*lines, wrong])
        assert judgement.problem is not None
        assert judgement.problem.line == held + 1
        says = "Line 1 holds. " if held == 1 else f"Lines 1 to {held} hold. "
        assert judgement.message.startswith(f"{says}Line {held + 1}")
        assert judgement.fingerprint == judge(ONE_STEP, [*lines[:1], wrong]).fingerprint
