"""The parser: what it reads, what it refuses, and that nothing is ever evaluated."""

import contextlib
import time
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.checks.derivation.expressions import (
    Apply,
    Binary,
    Derivative,
    Element,
    Expr,
    Fold,
    Index,
    Negate,
    Number,
    Power,
    Symbol,
    show,
)
from grader.checks.derivation.models import LSTM, RESIDUAL
from grader.checks.derivation.notation import MAX_LINE_CHARACTERS, NotationError, parse, parse_line

WORDS = LSTM.vocabulary(("t", "T"))
BLOCKS = RESIDUAL.vocabulary(("l", "L"))

indices = st.builds(
    Index,
    st.sampled_from([(("t", 1),), (("T", 1),), (), (("T", 1), ("t", -1))]),
    st.integers(-3, 9),
)
elements = st.builds(Element, st.sampled_from(["c", "h", "f", "a_f"]), indices)
numbers = st.builds(Number, st.fractions(1, 20, max_denominator=1).map(Fraction))
parameters = st.sampled_from(["u_f", "w_i"]).map(Symbol)


def _compound(inner: st.SearchStrategy[Expr]) -> st.SearchStrategy[Expr]:
    return st.one_of(
        st.builds(Binary, st.sampled_from("+-*/"), inner, inner),
        st.builds(Negate, inner),
        st.builds(Power, inner, st.integers(-8, 8)),
        st.builds(
            Apply, st.sampled_from(["sigma", "tanh", "exp"]), st.none(), st.booleans(), inner
        ),
    )


plain = st.recursive(st.one_of(elements, numbers, parameters), _compound, max_leaves=12)
derivatives = st.builds(
    Derivative,
    plain,
    st.one_of(elements, parameters),
    st.sampled_from([frozenset(), frozenset({"h"}), frozenset({"f", "i"})]),
)
folds = st.builds(Fold, st.sampled_from(["prod", "sum"]), plain, st.just("s"), indices, indices)
expressions = st.one_of(
    plain, derivatives, folds, st.builds(Binary, st.just("*"), derivatives, folds)
)


@given(expressions)
def test_what_is_shown_is_read_back_as_the_same(expression: Expr) -> None:
    once = parse(show(expression), WORDS)
    assert parse(show(once), WORDS) == once
    assert show(once) == show(expression)


@given(st.text(max_size=80) | st.text("dctfh[]()=+-*/^'≈~.,_ 19σ", max_size=80))
def test_any_text_is_read_or_refused_in_words(text: str) -> None:
    with contextlib.suppress(NotationError):
        assert parse_line(text, WORDS)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("f[t] · c[t-1]", "f[t]*c[t-1]"),
        ("f[t] ⊙ c[t−1]", "f[t]*c[t-1]"),
        ("f[t] ∘ c[t-1]", "f[t]*c[t-1]"),
        ("ln(f[t])", "log(f[t])"),
        ("1 - g[t]²", "1 - g[t]**2"),
        ("1 - g[t]^2", "1 - g[t]**2"),
        ("σ(a_f[t])", "sigma(a_f[t])"),
        ("σ'(a_f[t])", "sigma ' (a_f[t])"),
        ("σ(a_f[t])", "sigmoid(a_f[t])"),
        ("σ'(a_f[t])", "sigmoid'(a_f[t])"),
        ("∏(f[s], s, 1, T)", "prod(f[s], s, 1, T)"),
        ("d(c[t], c[t-1], hold=(h,))", "d(c[t], c[t-1], hold=h)"),
        ("c[-1+t]", "c[t-1]"),
        ("c[T-(T-t)]", "c[t]"),
    ],
)
def test_spellings_of_one_thing(one: str, other: str) -> None:
    assert parse(one, WORDS) == parse(other, WORDS)


def test_a_function_with_a_step_and_a_prime() -> None:
    parsed = parse("1 + F[l]'(x[l-1])", BLOCKS)
    assert show(parsed) == "1 + F[l]'(x[l-1])"
    assert parse("F'(x[l])", BLOCKS) == Apply("F", None, True, Element("x", Index((("l", 1),), 0)))


def test_a_line_is_split_at_its_relations_only() -> None:
    pieces = parse_line("d(c[t], c[t-1], hold=h) = f[t] ≈ 1 ~ 1", WORDS)
    assert [relation for relation, _ in pieces] == [None, "=", "≈", "≈"]
    assert [relation for relation, _ in parse_line("= f[t]", WORDS)] == ["="]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "missing"),
        ("f[t] = ", "missing"),
        ("(f[t]", "never closed"),
        ("2 f[t]", "written with *"),
        ("f[t](1 - f[t])", "write * for a product"),
        ("tanh(c[t])(1 - f[t])", "side by side: a product is written with *"),
        ("(1 - f[t])(1 - c[t])", "side by side: a product is written with *"),
        ("tanh²(c[t])", "`tanh` needs its argument: tanh(...). A power stands behind it"),
        ("1 - σ", "`σ` needs its argument"),
        ("d c[t] / d c[t-1]", "a derivative is written d(what, by what)"),
        ("dc[t]/dc[t-1]", "a derivative is written d(what, by what)"),
        ("d(c[t])/d(c[t-1])", "a derivative is written d(what, by what)"),
        ("∂c[t]/∂c[t-1]", "a derivative is written d(what, by what)"),
        ("q[t]", "`q` is no symbol here"),
        ("q", "`q` is no symbol here"),
        ("f_t", "A step stands in brackets: f[t]"),
        ("c_0", "A step stands in brackets: c[0]"),
        ("f_t[t]", "A step stands in brackets: f[t]"),
        ("u_q", "`u_q` is no symbol here. Known are"),
        ("f", "needs its step: f[t]"),
        ("u_f[t]", "takes no index"),
        ("f(t)", "write * for a product"),
        ("c[q]", "`q` is no index"),
        ("c[2*t]", "is no step"),
        ("c[1000]", "is no step"),
        ("1/0", "divides by zero"),
        ("1e9", "larger than"),
        ("0.00001", "four decimals"),
        ("1e999", "no number"),
        ("1j", "no number"),
        ("True", "no number"),
        ("'a'", "no number"),
        ("9**9**9", "whole number from -8 to 8"),
        ("f[t]**T", "whole number from -8 to 8"),
        ("f[t]**-9", "whole number from -8 to 8"),
        ("__import__('os').system('true')", "is not part of the notation"),
        ("__import__('os')", "is no function here"),
        ("f[t].__class__", "a dot has no meaning"),
        ("(lambda: 1)()", "is not part of the notation"),
        ("lambda: 1", "is not part of the notation"),
        ("[f for f in f]", "is not part of the notation"),
        ("f[t] if 1 else 2", "is not part of the notation"),
        ("f[t] @ f[t]", "is not part of the notation"),
        ("f[t] + c[t] % 2", "is not part of the notation"),
        ("f[t] < 2", "is not part of the notation"),
        ("(x := 1)", "is not part of the notation"),
        ("f[t]; import os", "cannot be read"),
        ("tanh(f[t], 2)", "takes one argument"),
        ("tanh[t](f[t])", "takes no index"),
        ("tanh(*f)", "is not part of the notation"),
        ("d(c[t])", "a derivative is written"),
        ("d(c[t], c[t-1], keep=h)", "a derivative is written"),
        ("d(c[t], c[t-1], hold=u_f)", "hold= takes the names"),
        ("d(c[t], f[t]*2)", "one differentiates by one quantity"),
        ("d(d(c[t], c[t-1]), c[t-1])", "inside a derivative"),
        ("prod(f[s], s, 1)", "is written prod("),
        ("prod(f[t], t, 1, T)", "free letter"),
        ("prod(*f)", "a star"),
        ("sum(sum(sum(sum(f[s], s, 1, T), k, 1, T), r, 1, T), m, 1, T)", "more than 3 deep"),
        ("f[t]\0", "cannot be printed"),
        ("\ud800", "cannot be printed"),
        ("1+" * 250 + "1", "more than 400 parts"),
        ("-" * 500 + "f[t]", "nested"),
        ("(" * 300 + "f[t]" + ")" * 300, "cannot be read"),
        ("not " * 200 + "f", "is not part of the notation"),
        ("f[t] + " * 1_500 + "f[t]", "at most 1,000 are read"),
        ("9" * 10_000, "at most 1,000 are read"),
    ],
)
def test_what_is_refused_says_why_at_once(text: str, says: str) -> None:
    begin = time.process_time()
    with pytest.raises(NotationError) as caught:
        parse_line(text, WORDS)
    assert says in str(caught.value)
    assert time.process_time() - begin < 0.1
    assert len(str(caught.value)) < 400


def test_a_line_of_full_length_is_read() -> None:
    text = " + ".join(["f[t]"] * 130)
    assert len(text) <= MAX_LINE_CHARACTERS
    assert show(parse(text, WORDS)) == text
