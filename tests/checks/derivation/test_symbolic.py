"""Proofs: what is proved is true, and what should be cheap to prove is proved."""

import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.checks.derivation.expressions import Binary, Expr
from grader.checks.derivation.model import World
from grader.checks.derivation.models import GRU, LSTM, RESIDUAL
from grader.checks.derivation.notation import parse
from grader.checks.derivation.numeric import Evaluator, Point, Work
from grader.checks.derivation.symbolic import proves_equal

WORDS = LSTM.vocabulary(("t", "T"))


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("(f[t] + g[t])**3", "f[t]**3 + 3*f[t]**2*g[t] + 3*f[t]*g[t]^2 + g[t]**3"),
        ("c[t]", "σ(b_f + u_f*h[t-1] + w_f*x[t])*c[t-1] + i[t]*g[t]"),
        ("h[t]", "o[t]*tanh(f[t]*c[t-1] + i[t]*g[t])"),
        ("σ'(a_f[t])", "f[t]*(1 - f[t])"),
        ("d(g[t], h[t-1])", "(1 - g[t]²)*u_g"),
        ("d(c[t], c[t-1], hold=h)", "f[t]"),
        ("d(c[t], c[t-1])", "f[t] + d(c[t], h[t-1])*d(h[t-1], c[t-1])"),
        ("1/(1/f[t] + 1/i[t])", "f[t]*i[t]/(f[t] + i[t])"),
        ("prod(f[s]*2, s, 1, T)", "prod(2*f[k], k, 1, T)"),
        ("prod(d(c[s], c[s-1], hold=h), s, 1, T)", "prod(f[s], s, 1, T)"),
        ("d(f[t]/i[t], f[t])", "1/i[t]"),
        ("d(exp(log(f[t])**2), f[t])", "2*exp(log(f[t])²)*log(f[t])/f[t]"),
    ],
)
def test_cheap_truths_are_proved(left: str, right: str) -> None:
    assert proves_equal(World(LSTM), parse(left, WORDS), parse(right, WORDS))


def test_other_models() -> None:
    gru, blocks = GRU.vocabulary(("t",)), RESIDUAL.vocabulary(("l",))
    assert proves_equal(World(GRU), parse("h[t]", gru), parse("n[t] + z[t]*(h[t-1] - n[t])", gru))
    assert proves_equal(
        World(RESIDUAL), parse("d(x[l], x[l-1])", blocks), parse("1 + F[l]'(x[l-1])", blocks)
    )


pieces = st.sampled_from(
    ["f[t]", "c[t-1]", "g[t]**2", "u_f", "σ(a_i[t])", "tanh'(c[t-1])**3", "2", "h[t-1]"]
)
polynomials = st.recursive(
    pieces.map(lambda text: parse(text, WORDS)),
    lambda inner: st.builds(Binary, st.sampled_from("+-*"), inner, inner),
    max_leaves=6,
)


@settings(max_examples=60, deadline=None)
@given(polynomials, polynomials, polynomials)
def test_a_proof_never_contradicts_the_numbers(a: Expr, b: Expr, c: Expr) -> None:
    distributed = Binary("+", Binary("*", a, c), Binary("*", b, c))
    factored = Binary("*", Binary("+", a, b), c)
    assert proves_equal(World(LSTM), distributed, factored)
    other = Binary("*", Binary("-", a, b), c)
    if proves_equal(World(LSTM), distributed, other):
        evaluator = Evaluator(World(LSTM), Point("n", {"t": 4, "T": 2}), Work())
        assert evaluator.value(distributed) == pytest.approx(evaluator.value(other), rel=1e-9)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("c[t]", "c[t-1]"),
        ("d(c[t], c[t-1])", "f[t]"),
        ("d(c[T], c[0])", "prod(f[s], s, 1, T)"),
        ("(f[t] + g[t] + c[t] + h[t] + x[t])**8", "(g[t] + f[t] + c[t] + h[t] + x[t])**8 + 1"),
    ],
)
def test_what_is_false_is_not_proved(left: str, right: str) -> None:
    assert not proves_equal(World(LSTM), parse(left, WORDS), parse(right, WORDS))


ALONE = """
import sys, types, pathlib, grader
for name in ("checks", "checks.derivation"):  # these need torch; the modules in them do not
    package = types.ModuleType(f"grader.{name}")
    package.__path__ = [str(pathlib.Path(grader.__file__).parent.joinpath(*name.split(".")))]
    sys.modules[f"grader.{name}"] = package
"""


@pytest.mark.parametrize(
    ("before", "modules", "heavy"),
    [
        (ALONE, "grader.checks.derivation.judge", {"sympy", "torch", "numpy", "hypothesis"}),
        (ALONE, "grader.checks.derivation.models", {"sympy", "torch", "numpy", "hypothesis"}),
        ("", "grader.checks.derivation, grader.checks.derivation.models", {"sympy"}),
    ],
    ids=["judge", "models", "all"],
)
def test_importing_it_imports_nothing_heavy(before: str, modules: str, heavy: set[str]) -> None:
    code = (
        f"{before}\nimport sys, {modules}\n"
        f"heavy = {heavy} & set(sys.modules)\n"
        "sys.exit(str(heavy) if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
