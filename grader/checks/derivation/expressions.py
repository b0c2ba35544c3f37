"""Expressions of derivations, as trees: what they are made of, and how they are taken apart."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Number:
    """A number, exactly."""

    value: Fraction


@dataclass(frozen=True, slots=True)
class Symbol:
    """A parameter (`u_f`) or an index used as a number (`T`)."""

    name: str


@dataclass(frozen=True, slots=True)
class Index:
    """A step: index variables and their factors, plus a number. `t-1` is ``((("t", 1),), -1)``."""

    variables: tuple[tuple[str, int], ...]
    offset: int

    def shifted(self, other: "Index", factor: int = 1) -> "Index":
        """Return this index plus `factor` times the other."""
        totals = dict(self.variables)
        for name, count in other.variables:
            totals[name] = totals.get(name, 0) + factor * count
        variables = tuple(sorted((name, count) for name, count in totals.items() if count))
        return Index(variables, self.offset + factor * other.offset)

    def put(self, variable: str, index: "Index") -> "Index":
        """Return this index with another one in the place of a variable."""
        count = dict(self.variables).get(variable, 0)
        rest = Index(tuple(pair for pair in self.variables if pair[0] != variable), self.offset)
        return rest.shifted(index, count)


@dataclass(frozen=True, slots=True)
class Element:
    """A quantity at a step: `c[t-1]`."""

    name: str
    index: Index


@dataclass(frozen=True, slots=True)
class Apply:
    """A function of one argument, or its derivative (`prime`): `σ(a_f[t])`, `F[l]'(x[l-1])`."""

    function: str
    index: Index | None
    prime: bool
    argument: "Expr"


@dataclass(frozen=True, slots=True)
class Binary:
    """A sum, difference, product or quotient of two."""

    operator: str
    left: "Expr"
    right: "Expr"


@dataclass(frozen=True, slots=True)
class Negate:
    """Minus an expression."""

    operand: "Expr"


@dataclass(frozen=True, slots=True)
class Power:
    """A power with a small whole exponent."""

    base: "Expr"
    exponent: int


@dataclass(frozen=True, slots=True)
class Derivative:
    """`d(of, by, hold=...)`: the total derivative, `held` quantities kept fixed."""

    of: "Expr"
    by: Element | Symbol
    held: frozenset[str]


@dataclass(frozen=True, slots=True)
class Fold:
    """A product or sum over a range, both ends included: `prod(f[s], s, 1, T)`."""

    kind: str
    body: "Expr"
    variable: str
    low: Index
    high: Index


Expr: TypeAlias = Number | Symbol | Element | Apply | Binary | Negate | Power | Derivative | Fold


def spell(function: str) -> str:
    """A function's name as it is written."""
    return "σ" if function == "sigma" else function


def children(expression: Expr) -> tuple[Expr, ...]:
    """Return the expressions directly inside one."""
    match expression:
        case Apply(argument=inner) | Negate(operand=inner) | Power(base=inner) | Fold(body=inner):
            return (inner,)
        case Binary(left=left, right=right):
            return (left, right)
        case Derivative(of=of, by=by):
            return (of, by)
    return ()


def rebuild(expression: Expr, change: Callable[[Expr], Expr]) -> Expr:
    """Return an expression with those directly inside it changed (not a derivative's `by`)."""
    match expression:
        case Binary(operator=operator, left=left, right=right):
            return Binary(operator, change(left), change(right))
        case Negate(operand=inner):
            return Negate(change(inner))
        case Power(base=base, exponent=exponent):
            return Power(change(base), exponent)
        case Apply(function=function, index=index, prime=prime, argument=argument):
            return Apply(function, index, prime, change(argument))
        case Fold(kind=kind, body=body, variable=variable, low=low, high=high):
            return Fold(kind, change(body), variable, low, high)
        case Derivative(of=of, by=by, held=held):
            return Derivative(change(of), by, held)
    return expression


def holding(expression: Expr, names: frozenset[str]) -> Expr:
    """Return an expression whose derivatives hold these quantities fixed, too."""
    if isinstance(expression, Derivative):
        return Derivative(expression.of, expression.by, expression.held | names)
    return rebuild(expression, lambda inner: holding(inner, names))


def put(expression: Expr, variable: str, index: Index) -> Expr:
    """Return an expression with a step in the place of an index variable."""
    match expression:
        case Symbol(name=name) if name == variable and len(index.variables) == 1:
            return Symbol(index.variables[0][0])
        case Element(name=name, index=at):
            return Element(name, at.put(variable, index))
        case Apply(function=function, index=Index() as at, prime=prime, argument=argument):
            return Apply(function, at.put(variable, index), prime, put(argument, variable, index))
        case Fold(kind=kind, body=body, variable=counter, low=low, high=high):
            return Fold(
                kind,
                put(body, variable, index),
                counter,
                low.put(variable, index),
                high.put(variable, index),
            )
        case Derivative(of=of, by=Element(name=name, index=at), held=held):
            return Derivative(
                put(of, variable, index), Element(name, at.put(variable, index)), held
            )
    return rebuild(expression, lambda inner: put(inner, variable, index))


def walk(expression: Expr) -> Iterator[Expr]:
    """Every expression inside one, itself included, from left to right."""
    stack = [expression]
    while stack:
        current = stack.pop()
        yield current
        stack.extend(reversed(children(current)))


def terms(expression: Expr, limit: int = 40) -> list[tuple[int, Expr]]:
    """Return the terms of a sum, each with its sign.

    Products of sums are multiplied out, and derivatives of sums and products taken apart, while
    there are at most `limit` terms.
    """
    match expression:
        case Binary(operator="+" | "-" as operator, left=left, right=right):
            other = terms(right, limit)
            return terms(left, limit) + (
                other if operator == "+" else [(-sign, term) for sign, term in other]
            )
        case Negate(operand=inner):
            return [(-sign, term) for sign, term in terms(inner, limit)]
        case Binary(operator="*", left=left, right=right):
            lefts, rights = terms(left, limit), terms(right, limit)
            if 1 < len(lefts) * len(rights) <= limit:
                return [(a * b, Binary("*", one, other)) for a, one in lefts for b, other in rights]
        case Derivative(
            of=Binary(operator="+" | "-" as operator, left=left, right=right), by=by, held=held
        ):
            return terms(
                Binary(operator, Derivative(left, by, held), Derivative(right, by, held)), limit
            )
        case Derivative(of=Binary(operator="*", left=left, right=right), by=by, held=held):
            first = Binary("*", Derivative(left, by, held), right)
            return terms(Binary("+", first, Binary("*", left, Derivative(right, by, held))), limit)
    return [(1, expression)]


_SUM, _PRODUCT, _UNARY, _ATOM = 1, 2, 3, 4


def show(expression: Expr) -> str:
    """Return the expression in the notation, as a person would write it."""
    return _show(expression)[0]


def show_index(index: Index) -> str:
    """Return a step in the notation."""
    text = ""
    for name, count in sorted(index.variables, key=lambda pair: (pair[1] < 0, pair[0])):
        text += ("-" if count < 0 else "+" if text else "") + name
    if index.offset or not text:
        text += f"{index.offset:+d}" if text else str(index.offset)
    return text


def _show(expression: Expr) -> tuple[str, int]:
    def inside(inner: Expr, least: int) -> str:
        text, level = _show(inner)
        return text if level >= least else f"({text})"

    match expression:
        case Number(value=value):
            return str(value), _ATOM if value.denominator == 1 and value >= 0 else _PRODUCT
        case Symbol(name=name):
            return name, _ATOM
        case Element(name=name, index=index):
            return f"{name}[{show_index(index)}]", _ATOM
        case Apply(function=function, index=index, prime=prime, argument=argument):
            at = "" if index is None else f"[{show_index(index)}]"
            return f"{spell(function)}{at}{chr(39) if prime else ''}({show(argument)})", _ATOM
        case Binary(operator="+" | "-" as operator, left=left, right=right):
            return f"{inside(left, _SUM)} {operator} {inside(right, _PRODUCT)}", _SUM
        case Binary(operator=operator, left=left, right=right):
            return f"{inside(left, _PRODUCT)}{operator}{inside(right, _UNARY)}", _PRODUCT
        case Negate(operand=inner):
            return f"-{inside(inner, _UNARY)}", _PRODUCT
        case Power(base=base, exponent=exponent):
            return f"{inside(base, _ATOM)}**{exponent}", _UNARY
        case Derivative(of=of, by=by, held=held):
            names = sorted(held)
            hold = (
                ""
                if not names
                else f", hold={names[0]}"
                if len(names) == 1
                else f", hold=({', '.join(names)})"
            )
            return f"d({show(of)}, {show(by)}{hold})", _ATOM
        case Fold(kind=kind, body=body, variable=variable, low=low, high=high):
            return f"{kind}({show(body)}, {variable}, {show_index(low)}, {show_index(high)})", _ATOM
