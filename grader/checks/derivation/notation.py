"""The notation of derivations: what may be written, and a parser that evaluates nothing.

A line such as ``d(c[t], c[t-1]) = f[t] + c[t-1]*σ'(a_f[t])*u_f`` is split at its relations, read by
`ast.parse`, and rebuilt, node by node from a whitelist, out of the few kinds of expression that
there are (`expressions`). Length, depth, numbers and exponents are bounded before anything is
computed.
"""

import ast
import math
import re
import warnings
from dataclasses import dataclass
from fractions import Fraction

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
    spell,
)

MAX_LINE_CHARACTERS = 1_000
MAX_NODES = 400
MAX_DEPTH = 40
MAX_EXPONENT = 8
MAX_NUMBER = 1_000_000
MAX_INDEX = 99

FUNCTIONS = ("sigma", "tanh", "exp", "log")

EXACT, APPROXIMATE = "=", "≈"


class NotationError(ValueError):
    """A line is not in the notation: what is wrong with it, in a sentence for the learner."""


@dataclass(frozen=True)
class Vocabulary:
    """The names that a question knows.

    `sequences` carry an index (`c[t]`), `parameters` do not (`u_f`), `indices` stand for steps
    (`t`), and `unknown` are functions of which nothing is known but that they are smooth (`F`).
    """

    sequences: tuple[str, ...]
    parameters: tuple[str, ...]
    indices: tuple[str, ...]
    unknown: tuple[str, ...] = ()

    def names(self) -> str:
        """Return the quantities, parameters and steps in one line, for messages."""
        step = self.indices[0] if self.indices else "t"
        return ", ".join(
            [*(f"{name}[{step}]" for name in self.sequences), *self.parameters, *self.indices]
        )

    def functions(self) -> str:
        """Return the functions in one line, for messages."""
        return ", ".join(
            f"{spell(name)}(...)" for name in (*FUNCTIONS, *self.unknown, "d", "prod", "sum")
        )


_SPELLINGS = str.maketrans(
    {
        "·": "*",
        "×": "*",
        "⊙": "*",
        "∙": "*",
        "⋅": "*",
        "•": "*",
        "∗": "*",
        "∘": "*",
        "−": "-",
        "–": "-",
        "^": "**",
        "²": "**2",
        "³": "**3",
        "σ": "sigma",
    }
    | {
        "∏": "prod",
        "Π": "prod",
        "∑": "sum",
        "Σ": "sum",
        "~": APPROXIMATE,
        "\n": " ",
        "\t": " ",
        "\r": " ",
        "′": "'",
        "’": "'",
    }
)
_SIGMA = re.compile(r"\bsigmoid\b")
_LN = re.compile(r"\bln\b(?=\s*\()")
_QUOTIENT = re.compile(r"∂|\bd\s*\(?\w+\[[^\]]*\]\)?\s*/\s*d")
"""A derivative as it stands on a whiteboard."""
_PRIME = re.compile(r"(?<=[\w\]])\s*'\s*(?=\()")
_PRIME_NAME = "prime"


def parse_line(text: str, vocabulary: Vocabulary) -> list[tuple[str | None, Expr]]:
    """Return the expressions of a line, each with the relation before it, if there is one.

    Raises:
        NotationError: the line is not in the notation.

    """
    if len(text) > MAX_LINE_CHARACTERS:
        raise NotationError(
            f"it has {len(text):,} characters; at most {MAX_LINE_CHARACTERS:,} are read. "
            "Break it into steps."
        )
    pieces: list[tuple[str | None, str]] = []
    relation: str | None = None
    depth = start = 0
    plain = _plain(text).replace("==", EXACT)
    for position, character in enumerate(plain):
        depth += (character in "([") - (character in ")]")
        if character in (EXACT, APPROXIMATE) and depth == 0:
            if position > start or pieces:
                pieces.append((relation, plain[start:position]))
            relation, start = character, position + 1
    pieces.append((relation, plain[start:]))
    if pieces[0][0] is None and not pieces[0][1].strip() and len(pieces) > 1:
        pieces.pop(0)
    return [(sign, _parse(piece, vocabulary)) for sign, piece in pieces]


def parse(text: str, vocabulary: Vocabulary) -> Expr:
    """Return one expression.

    Raises:
        NotationError: the text is not an expression of the notation.

    """
    if len(text) > MAX_LINE_CHARACTERS:
        raise NotationError(
            f"it has {len(text):,} characters; at most {MAX_LINE_CHARACTERS:,} are read"
        )
    return _parse(_plain(text), vocabulary)


def _plain(text: str) -> str:
    """A line in one spelling of each sign and function."""
    return _LN.sub("log", _SIGMA.sub("sigma", text)).translate(_SPELLINGS)


def _parse(text: str, vocabulary: Vocabulary) -> Expr:
    source = _PRIME.sub(f".{_PRIME_NAME}", text.strip())
    if not source:
        raise NotationError("an expression is missing beside = or ≈")
    if not source.isprintable():
        raise NotationError("it contains a character that cannot be printed")
    if _QUOTIENT.search(text):
        raise NotationError(
            f"{_quote(text)}: a derivative is written d(what, by what), as in d(c[t], c[t-1])"
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(source, mode="eval")
    except SyntaxError as error:
        raise NotationError(f"{_quote(text)} cannot be read: {_say(error)}") from None
    except (ValueError, MemoryError, RecursionError):
        raise NotationError(
            f"{_quote(text)} cannot be read: it is nested too deeply, or a number is too long"
        ) from None
    return _Reader(vocabulary, source).expression(tree.body, 0, ())


def _quote(text: str) -> str:
    text = " ".join(text.split())
    return f"`{text if len(text) <= 60 else text[:57] + '...'}`"


def _say(error: SyntaxError) -> str:
    message = error.msg or "invalid syntax"
    if "invalid syntax" in message:
        return "something is missing or left over (a product is written with *)"
    return message.replace("Perhaps you forgot a comma?", "Perhaps a * or a comma is missing?")


class _Reader:
    """Rebuilds Python's tree as ours, node by node; what is not listed is refused."""

    def __init__(self, vocabulary: Vocabulary, source: str) -> None:
        self.vocabulary = vocabulary
        self.source = source
        self.nodes = 0
        self.inside_derivative = False

    def _quote(self, node: ast.expr) -> str:
        return _quote(
            (ast.get_source_segment(self.source, node) or self.source).replace(
                f".{_PRIME_NAME}(", "'("
            )
        )

    def expression(self, node: ast.expr, depth: int, bound: tuple[str, ...]) -> Expr:
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise NotationError(f"it has more than {MAX_NODES} parts. Break it into steps.")
        if depth > MAX_DEPTH:
            raise NotationError(f"its brackets are nested more than {MAX_DEPTH} deep")
        match node:
            case ast.Constant():
                return Number(_number(node))
            case ast.Name():
                return self._name(node.id, bound)
            case ast.Subscript(value=ast.Name(id=name)):
                return self._element(name, node.slice, bound)
            case ast.UnaryOp(op=ast.USub()):
                return Negate(self.expression(node.operand, depth + 1, bound))
            case ast.UnaryOp(op=ast.UAdd()):
                return self.expression(node.operand, depth + 1, bound)
            case ast.BinOp(op=ast.Pow()):
                return Power(self.expression(node.left, depth + 1, bound), _exponent(node.right))
            case ast.BinOp(op=ast.Add() | ast.Sub() | ast.Mult() | ast.Div()):
                return self._binary(node, depth, bound)
            case ast.Call():
                return self._call(node, depth, bound)
            case ast.Attribute():
                raise NotationError(
                    "a dot has no meaning here (a derivative is written with a prime: tanh'(c[t]))"
                )
        raise NotationError(f"{self._quote(node)} is not part of the notation")

    def _binary(self, node: ast.BinOp, depth: int, bound: tuple[str, ...]) -> Expr:
        # A long sum is a chain that leans left: walk down it, or forty terms were forty levels.
        chain: list[ast.BinOp] = [node]
        while isinstance(inner := chain[-1].left, ast.BinOp) and not isinstance(inner.op, ast.Pow):
            chain.append(inner)
            if len(chain) > MAX_NODES:
                raise NotationError(f"it has more than {MAX_NODES} parts. Break it into steps.")
        result = self.expression(chain[-1].left, depth + 1, bound)
        for link in reversed(chain):
            operator = _OPERATORS.get(type(link.op))
            if operator is None:
                raise NotationError(
                    f"{self._quote(link)} uses a sign that the notation does not have (+ - * / **)"
                )
            right = self.expression(link.right, depth + 1, bound)
            if operator == "/" and isinstance(right, Number) and right.value == 0:
                raise NotationError(f"{self._quote(link)} divides by zero")
            self.nodes += 1
            result = Binary(operator, result, right)
        return result

    def _name(self, name: str, bound: tuple[str, ...]) -> Expr:
        if name in self.vocabulary.parameters or name in self.vocabulary.indices or name in bound:
            return Symbol(name)
        if name in self.vocabulary.sequences:
            step = self.vocabulary.indices[0] if self.vocabulary.indices else "t"
            raise NotationError(f"`{name}` needs its step: {name}[{step}]")
        if name in FUNCTIONS:
            shown = f"{spell(name)}(...)"
            raise NotationError(
                f"`{spell(name)}` needs its argument: {shown}. A power stands behind it: {shown}**2"
            )
        raise self._unknown(name)

    def _unknown(self, name: str) -> NotationError:
        base, line, step = name.rpartition("_")
        if (
            line
            and base in self.vocabulary.sequences
            and step[:1] in (*self.vocabulary.indices, *"0123456789")
        ):
            return NotationError(
                f"`{name[:40]}` is no symbol here. A step stands in brackets: {base}[{step[:20]}]"
            )
        return NotationError(
            f"`{name[:40]}` is no symbol here. Known are: {self.vocabulary.names()}"
        )

    def _element(self, name: str, index: ast.expr, bound: tuple[str, ...]) -> Element:
        if name not in self.vocabulary.sequences:
            if name in self.vocabulary.parameters:
                raise NotationError(f"`{name}` is the same at every step: it takes no index")
            raise self._unknown(name)
        return Element(name, self._index(index, bound))

    def _index(self, node: ast.expr, bound: tuple[str, ...], depth: int = 0) -> Index:
        if depth > 4:
            raise NotationError("an index is a step, such as t, t-1, s+1 or 3")
        match node:
            case ast.Name(id=name) if name in self.vocabulary.indices or name in bound:
                return Index(((name, 1),), 0)
            case ast.Name(id=name):
                known = ", ".join((*self.vocabulary.indices, *bound))
                raise NotationError(f"`{name[:40]}` is no index here; known: {known}")
            case ast.Constant(value=value) if type(value) is int and value <= MAX_INDEX:
                return Index((), value)
            case ast.UnaryOp(op=ast.USub()):
                return Index((), 0).shifted(self._index(node.operand, bound, depth + 1), -1)
            case ast.BinOp(op=ast.Add() | ast.Sub()):
                left = self._index(node.left, bound, depth + 1)
                return left.shifted(
                    self._index(node.right, bound, depth + 1),
                    1 if isinstance(node.op, ast.Add) else -1,
                )
        raise NotationError(f"{self._quote(node)} is no step; an index looks like t, t-1, s+1 or 3")

    def _call(self, node: ast.Call, depth: int, bound: tuple[str, ...]) -> Expr:
        function, prime = node.func, False
        if isinstance(function, ast.Attribute) and function.attr == _PRIME_NAME:
            function, prime = function.value, True
        index: ast.expr | None = None
        if isinstance(function, ast.Subscript):
            index, function = function.slice, function.value
        if isinstance(function, ast.Call | ast.BinOp | ast.UnaryOp | ast.Constant):
            raise NotationError(
                f"{self._quote(node)} has two factors side by side: a product is written with *"
            )
        if not isinstance(function, ast.Name):
            raise NotationError(f"{self._quote(node)} is not part of the notation")
        name = function.id
        if name in ("d", "prod", "sum") and not prime and index is None:
            if any(isinstance(argument, ast.Starred) for argument in node.args):
                raise NotationError("a star before an argument is not part of the notation")
            return (
                self._derivative(node, depth, bound)
                if name == "d"
                else self._fold(name, node, depth, bound)
            )
        if name in self.vocabulary.sequences or name in self.vocabulary.parameters:
            raise NotationError(
                f"`{name}` is followed by a bracket, as if it were a function: "
                "write * for a product, [t] for a step"
            )
        if name not in (*FUNCTIONS, *self.vocabulary.unknown):
            raise NotationError(
                f"`{name[:40]}` is no function here. Known are: {self.vocabulary.functions()}"
            )
        if index is not None and name not in self.vocabulary.unknown:
            raise NotationError(f"`{name}` takes no index: {name}(...)")
        if len(node.args) != 1 or node.keywords:
            raise NotationError(f"`{name}` takes one argument: {name}(...)")
        step = None if index is None else self._index(index, bound)
        return Apply(name, step, prime, self.expression(node.args[0], depth + 1, bound))

    def _derivative(self, node: ast.Call, depth: int, bound: tuple[str, ...]) -> Derivative:
        if (
            len(node.args) != 2
            or any(keyword.arg != "hold" for keyword in node.keywords)
            or len(node.keywords) > 1
        ):
            raise NotationError(
                "a derivative is written d(what, by what): d(c[t], c[t-1]), "
                "or with something held fixed: d(c[t], c[t-1], hold=h)"
            )
        if self.inside_derivative:
            raise NotationError("a derivative inside a derivative is not part of the notation")
        by = self.expression(node.args[1], depth + 1, bound)
        if not isinstance(by, Element | Symbol) or (
            isinstance(by, Symbol) and by.name not in self.vocabulary.parameters
        ):
            raise NotationError(
                f"{self._quote(node)}: one differentiates by one quantity, such as c[t-1] or u_f"
            )
        held = self._held(node.keywords[0].value) if node.keywords else frozenset()
        self.inside_derivative = True
        of = self.expression(node.args[0], depth + 1, bound)
        self.inside_derivative = False
        return Derivative(of, by, held)

    def _held(self, node: ast.expr) -> frozenset[str]:
        items = node.elts if isinstance(node, ast.Tuple | ast.List) else [node]
        names = [item.id for item in items if isinstance(item, ast.Name)]
        if (
            len(names) != len(items)
            or not names
            or any(name not in self.vocabulary.sequences for name in names)
        ):
            raise NotationError(
                "hold= takes the names of quantities without their step: hold=h, or hold=(f, i, g)"
            )
        return frozenset(names)

    def _fold(self, kind: str, node: ast.Call, depth: int, bound: tuple[str, ...]) -> Fold:
        example = f"{kind}(..., s, 1, T): what, over which index, from, to (both included)"
        if len(node.args) != 4 or node.keywords or not isinstance(node.args[1], ast.Name):
            raise NotationError(f"it is written {example}")
        variable = node.args[1].id
        vocabulary = self.vocabulary
        if len(variable) != 1 or variable in (
            *vocabulary.sequences,
            *vocabulary.parameters,
            *vocabulary.indices,
            *bound,
        ):
            raise NotationError(
                f"`{variable[:40]}` cannot count the steps of {kind}(...): "
                "take a free letter, such as s, k or r"
            )
        if len(bound) >= 3:
            raise NotationError("products and sums are nested more than 3 deep")
        low, high = (self._index(argument, bound) for argument in node.args[2:])
        return Fold(
            kind, self.expression(node.args[0], depth + 1, (*bound, variable)), variable, low, high
        )


_OPERATORS: dict[type[ast.operator], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
}


def _number(node: ast.Constant) -> Fraction:
    value = node.value
    if type(value) is int or (type(value) is float and math.isfinite(value)):
        if abs(value) > MAX_NUMBER:
            raise NotationError(f"a number is larger than {MAX_NUMBER:,}")
        number = Fraction(str(value))
        if number.denominator > 10_000:
            raise NotationError(f"{value} has more than four decimals: write an exact value")
        return number
    raise NotationError(f"{_quote(repr(value)[:100])} is no number of this notation")


def _exponent(node: ast.expr) -> int:
    sign = 1
    while isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
        sign, node = (-sign if isinstance(node.op, ast.USub) else sign), node.operand
    if isinstance(node, ast.Constant) and type(node.value) is int and node.value <= MAX_EXPONENT:
        return sign * node.value
    raise NotationError(
        f"an exponent must be a whole number from -{MAX_EXPONENT} to {MAX_EXPONENT} "
        "(a product over steps is written prod)"
    )
