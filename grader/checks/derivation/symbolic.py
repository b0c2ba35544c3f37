"""A proof, where one is cheap: two expressions are equal because their difference expands to zero.

Derivatives are worked out on our own expressions (in the graph of the model's equations, as in
`numeric`), with the step kept as a letter. What is left is a polynomial or a quotient in
quantities, parameters and function values, which SymPy expands. If the difference is not zero as
it stands, the quantities of the newest step are replaced by their equations, and so on.

A proof that is not found means nothing: the numbers decide. Sizes are estimated before anything is
expanded, so the time is bounded. SymPy is imported with the first proof.
"""

import importlib
import math
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

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
    children,
    put,
    rebuild,
    show_index,
)
from grader.checks.derivation.model import World

MAX_TERMS = 1_500
MAX_PARTS = 4_000
MAX_QUOTIENTS = 4
MAX_DEGREE = 60
ROUNDS = 2

ZERO = Number(Fraction(0))
ONE = Number(Fraction(1))


class _TooHardError(Exception):
    """No proof within the bounds."""


def proves_equal(world: World, left: Expr, right: Expr) -> bool:
    """Return whether a cheap proof finds the two equal for all values, at every step from 1 on."""
    rewriter = _Rewriter(world)
    try:
        difference = _minus(rewriter.without_derivatives(left), rewriter.without_derivatives(right))
        for _ in range(ROUNDS):
            if _is_zero(difference):
                return True
            difference = rewriter.unfold(difference)
        return _is_zero(difference)
    except _TooHardError:
        return False


class _Rewriter:
    """Rewrites expressions in one world, and counts the parts that it makes."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.parts = 0

    def _count(self) -> None:
        self.parts += 1
        if self.parts > MAX_PARTS:
            raise _TooHardError

    def without_derivatives(self, expression: Expr) -> Expr:
        """Return the same with every d(...) worked out."""
        self._count()
        if isinstance(expression, Derivative):
            return self._slope(expression.of, expression.by, expression.held)
        return rebuild(expression, self.without_derivatives)

    def _slope(self, expression: Expr, by: Element | Symbol, held: frozenset[str]) -> Expr:
        """Return the total derivative of an expression without derivatives."""
        self._count()
        match expression:
            case Symbol():
                return ONE if expression == by else ZERO
            case Element():
                return self._element_slope(expression, by, held)
            case Negate(operand=inner):
                return _minus(ZERO, self._slope(inner, by, held))
            case Binary(operator=operator, left=left, right=right):
                d_left, d_right = self._slope(left, by, held), self._slope(right, by, held)
                if operator in "+-":
                    return _plus(d_left, d_right) if operator == "+" else _minus(d_left, d_right)
                if operator == "*":
                    return _plus(_times(d_left, right), _times(left, d_right))
                return _times(
                    _minus(_times(d_left, right), _times(left, d_right)), Power(right, -2)
                )
            case Power(base=base, exponent=exponent):
                factor = _times(Number(Fraction(exponent)), Power(base, exponent - 1))
                return _times(factor, self._slope(base, by, held))
            case Apply(function=function, index=index, prime=prime, argument=argument):
                slope = self._slope(argument, by, held)
                if prime and slope != ZERO:
                    raise _TooHardError
                return _times(Apply(function, index, True, argument), slope)
            case Fold():
                raise _TooHardError
        return ZERO

    def _element_slope(self, element: Element, by: Element | Symbol, held: frozenset[str]) -> Expr:
        if element == by:
            return ONE
        definition = self.world.definitions.get(element.name)
        if element.name in held or definition is None:
            return ZERO
        if isinstance(by, Symbol):
            raise _TooHardError  # a parameter acts at every step before: unfolding has no end
        distance = element.index.shifted(by.index, -1)
        if distance.variables:
            raise _TooHardError
        if distance.offset < 0:
            return ZERO
        return self._slope(put(definition.body, definition.step, element.index), by, held)

    def unfold(self, expression: Expr) -> Expr:
        """Return the same with the newest step's quantities replaced by their equations."""
        indices = {
            part.index
            for part in _open_parts(expression)
            if isinstance(part, Element) and self._is_defined(part)
        }
        newest = {
            index for index in indices if not any(_is_later(other, index) for other in indices)
        }
        return self._unfold(expression, newest)

    def _is_defined(self, element: Element) -> bool:
        return element.name in self.world.definitions and (
            bool(element.index.variables) or element.index.offset >= 1
        )

    def _unfold(self, expression: Expr, newest: set[Index]) -> Expr:
        self._count()
        if isinstance(expression, Fold):
            return expression
        if (
            isinstance(expression, Element)
            and expression.index in newest
            and self._is_defined(expression)
        ):
            definition = self.world.definitions[expression.name]
            return self._unfold(put(definition.body, definition.step, expression.index), newest)
        return rebuild(expression, lambda inner: self._unfold(inner, newest))


def _is_later(one: Index, other: Index) -> bool:
    ahead = one.shifted(other, -1)
    return not ahead.variables and ahead.offset > 0


def _open_parts(expression: Expr) -> Iterator[Expr]:
    """Every expression inside one, but for what is inside a product or sum over steps."""
    yield expression
    if not isinstance(expression, Fold):
        for child in children(expression):
            yield from _open_parts(child)


def _plus(left: Expr, right: Expr) -> Expr:
    return right if left == ZERO else left if right == ZERO else Binary("+", left, right)


def _minus(left: Expr, right: Expr) -> Expr:
    return left if right == ZERO else Negate(right) if left == ZERO else Binary("-", left, right)


def _times(left: Expr, right: Expr) -> Expr:
    if ZERO in (left, right):
        return ZERO
    return right if left == ONE else left if right == ONE else Binary("*", left, right)


def _is_zero(expression: Expr) -> bool:
    terms, degree, quotients = _estimate(expression)
    if terms > MAX_TERMS or degree > MAX_DEGREE or quotients > MAX_QUOTIENTS:
        raise _TooHardError
    sympy: Any = importlib.import_module("sympy")
    converted = _Converter(sympy).convert(expression)
    if quotients:
        converted = sympy.fraction(sympy.together(converted))[0]
    return bool(sympy.expand(converted) == 0)


def _estimate(expression: Expr) -> tuple[int, int, int]:
    """Upper bounds for a fully expanded expression: terms, degree, quotients."""
    match expression:
        case Binary(operator=operator, left=left, right=right):
            (terms, degree, quotients), (more, higher, others) = _estimate(left), _estimate(right)
            if operator in "+-":
                return terms + more, max(degree, higher), quotients + others
            return terms * more, degree + higher, quotients + others + (operator == "/")
        case Power(base=base, exponent=exponent):
            terms, degree, quotients = _estimate(base)
            size = max(abs(exponent), 1)
            expanded = math.comb(terms + size - 1, size)
            return min(expanded, MAX_TERMS + 1), degree * size, quotients + (exponent < 0)
        case Apply(argument=inner) | Fold(body=inner):
            if _estimate(inner)[0] > MAX_TERMS:
                raise _TooHardError
            primed = isinstance(expression, Apply) and expression.prime
            return 1 + primed, 1 + primed, 0
        case Negate(operand=inner):
            return _estimate(inner)
    return 1, 1, 0


class _Converter:
    """Our expressions as SymPy's: a quantity at a step is a letter, functions stay closed."""

    def __init__(self, sympy: Any) -> None:
        self.sympy = sympy
        self.depth = 0

    def convert(self, expression: Expr) -> Any:
        sympy = self.sympy
        match expression:
            case Number(value=value):
                return sympy.Rational(value.numerator, value.denominator)
            case Symbol(name=name):
                return sympy.Symbol(name)
            case Element(name=name, index=index):
                return sympy.Symbol(f"{name}[{show_index(index)}]")
            case Negate(operand=inner):
                return -self.convert(inner)
            case Binary(operator="+", left=left, right=right):
                return self.convert(left) + self.convert(right)
            case Binary(operator="-", left=left, right=right):
                return self.convert(left) - self.convert(right)
            case Binary(operator="*", left=left, right=right):
                return self.convert(left) * self.convert(right)
            case Binary(left=left, right=right):
                below = self.convert(right)
                if below == 0:
                    raise _TooHardError
                return self.convert(left) / below
            case Power(base=base, exponent=exponent):
                below = self.convert(base)
                if below == 0 and exponent < 0:
                    raise _TooHardError
                return below**exponent
            case Apply():
                return self._apply(expression)
            case Fold(kind=kind, body=body, variable=variable, low=low, high=high):
                self.depth += 1
                inside = sympy.expand(
                    self.convert(put(body, variable, Index(((f"#{self.depth}", 1),), 0)))
                )
                self.depth -= 1
                return sympy.Symbol(f"{kind}({inside}, {show_index(low)}, {show_index(high)})")
        raise _TooHardError

    def _apply(self, expression: Apply) -> Any:
        argument = self.sympy.expand(self.convert(expression.argument))
        name = expression.function
        at = "" if expression.index is None else f"[{show_index(expression.index)}]"
        value = self.sympy.Function(name + at)(argument)
        if not expression.prime or name == "exp":
            return value
        match name:
            case "sigma":
                return value * (1 - value)
            case "tanh":
                return 1 - value**2
            case "log":
                return 1 / argument
        return self.sympy.Function(f"{name}{at}'")(argument)
