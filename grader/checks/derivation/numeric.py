"""Numbers for expressions: each quantity of a model at a random point, with exact derivatives.

A point is a drawn value for each parameter, input and initial value, and for each unknown function.
Everything else follows from the model's equations, so two expressions are compared *in the model*.
A derivative is the total derivative in the graph of the equations: the quantity that one
differentiates by is cut out of its own equation, and its change is carried forward along every path
but those through held quantities (forward-mode differentiation).
"""

import math
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

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
from grader.checks.derivation.model import World

LAST_STEP = 12
MAX_WORK = 200_000

Dual: TypeAlias = tuple[float, float]
"""A value, and how fast it changes with the quantity that one differentiates by."""


class CannotEvaluateError(ArithmeticError):
    """An expression has no value at a point: why, in a sentence for the learner.

    Args:
        message: the sentence, without its full stop.
        label: the same for the same mistake, however it is spelled; may be empty.

    """

    def __init__(self, message: str, label: str = "") -> None:
        super().__init__(message)
        self.label = label


def _no_such_step(
    element: Element, here: int, first: int, steps: dict[str, int]
) -> CannotEvaluateError:
    where = ", ".join(f"{name} = {step}" for name, step in steps.items())
    found = f"`{show(element)}` is step {here} where {where}"
    why = f"{element.name} begins at step {first}" if here < first else "that is too far"
    return CannotEvaluateError(f"{found}; {why}", f"{element.name} at {min(here, LAST_STEP + 1)}")


@dataclass
class Work:
    """How much may still be computed: one unit per visited node. It bounds a line's time."""

    left: int = MAX_WORK

    def spend(self) -> None:
        """One node is visited.

        Raises:
            CannotEvaluateError: nothing is left.

        """
        self.left -= 1
        if self.left < 0:
            raise CannotEvaluateError(
                "its products and sums take too long to work out. Break it into smaller steps."
            )


@dataclass(frozen=True)
class Seed:
    """What one differentiates by (a quantity at a step, or a parameter), and what is held fixed."""

    name: str
    step: int | None
    held: frozenset[str]


def _sigma(z: float) -> float:
    return 1 / (1 + math.exp(-z)) if z >= 0 else math.exp(z) / (1 + math.exp(z))


def _sigma_orders(z: float) -> tuple[float, float, float]:
    s = _sigma(z)
    return s, s * (1 - s), s * (1 - s) * (1 - 2 * s)


def _tanh_orders(z: float) -> tuple[float, float, float]:
    y = math.tanh(z)
    return y, 1 - y * y, -2 * y * (1 - y * y)


def _exp_orders(z: float) -> tuple[float, float, float]:
    y = math.exp(z)
    return y, y, y


def _log_orders(z: float) -> tuple[float, float, float]:
    return math.log(z), 1 / z, -1 / (z * z)


KNOWN: dict[str, Callable[[float], tuple[float, float, float]]] = {
    "sigma": _sigma_orders,
    "tanh": _tanh_orders,
    "exp": _exp_orders,
    "log": _log_orders,
}


@dataclass
class Point:
    """One random assignment: the values of the indices, and a seed for all that is drawn."""

    seed: str
    steps: dict[str, int]
    _drawn: dict[tuple[str, int | None], tuple[float, ...]] = field(default_factory=dict)

    def draw(self, name: str, step: int | None, count: int = 1) -> tuple[float, ...]:
        """Return values of size 0.2 to 1.2, always the same for one name and step."""
        key = (name, step)
        if key not in self._drawn:
            source = random.Random(f"{self.seed}|{name}|{step}")
            self._drawn[key] = tuple(
                round(source.uniform(0.2, 1.2) * source.choice((-1, 1)), 3) for _ in range(count)
            )
        return self._drawn[key]

    def unknown(self, name: str, step: int | None, z: float) -> tuple[float, float, float]:
        """Return an unknown function at z and two derivatives: a curve p + q z + r sin(s z)."""
        p, q, r, s = self.draw(name, step, 4)
        return (
            p + q * z + r * math.sin(s * z),
            q + r * s * math.cos(s * z),
            -r * s * s * math.sin(s * z),
        )


class Evaluator:
    """Evaluates expressions at one point of one world, remembering what it has worked out."""

    def __init__(self, world: World, point: Point, work: Work) -> None:
        self.world = world
        self.point = point
        self.work = work
        self._known: dict[tuple[str, int, Seed | None], Dual] = {}

    def value(self, expression: Expr) -> float:
        """Return the expression's value.

        Raises:
            CannotEvaluateError: it has none here (a division by zero, a step that does not
                exist, a number too large).

        """
        value, _ = self._evaluate(expression, self.point.steps, None)
        if not math.isfinite(value):
            raise CannotEvaluateError(f"`{show(expression)}` is no finite number")
        return value

    def _step(self, index: Index, steps: dict[str, int]) -> int:
        return sum(count * steps[name] for name, count in index.variables) + index.offset

    def _evaluate(self, expression: Expr, steps: dict[str, int], seed: Seed | None) -> Dual:
        self.work.spend()
        match expression:
            case Number(value=number):
                return float(number), 0.0
            case Symbol(name=name):
                if name in steps:
                    return float(steps[name]), 0.0
                return self.point.draw(name, None)[0], float(
                    seed is not None and seed.step is None and seed.name == name
                )
            case Element(name=name, index=index):
                here = self._step(index, steps)
                first = 0 if name in self.world.states else 1
                if not first <= here <= LAST_STEP:
                    raise _no_such_step(expression, here, first, steps)
                return self._element(name, here, seed)
            case Negate(operand=inner):
                value, slope = self._evaluate(inner, steps, seed)
                return -value, -slope
            case Binary():
                return self._binary(expression, steps, seed)
            case Power(base=base, exponent=exponent):
                return self._power(base, exponent, self._evaluate(base, steps, seed))
            case Apply():
                return self._apply(expression, steps, seed)
            case Derivative(of=of, by=by, held=held):
                step = None if isinstance(by, Symbol) else self._step(by.index, steps)
                inner_seed = Seed(by.name, step, held)
                return self._evaluate(of, steps, inner_seed)[1], 0.0
            case Fold(kind=kind, body=body, variable=variable, low=low, high=high):
                total: Dual = (1.0, 0.0) if kind == "prod" else (0.0, 0.0)
                first, last = self._step(low, steps), self._step(high, steps)
                if last - first > 2 * LAST_STEP:
                    raise CannotEvaluateError(
                        f"`{show(expression)}` runs over {last - first + 1} steps: too many"
                    )
                for count in range(first, last + 1):
                    value, slope = self._evaluate(body, {**steps, variable: count}, seed)
                    if kind == "prod":
                        total = total[0] * value, total[1] * value + total[0] * slope
                    else:
                        total = total[0] + value, total[1] + slope
                return total

    def _binary(self, expression: Binary, steps: dict[str, int], seed: Seed | None) -> Dual:
        a, da = self._evaluate(expression.left, steps, seed)
        b, db = self._evaluate(expression.right, steps, seed)
        match expression.operator:
            case "+":
                return a + b, da + db
            case "-":
                return a - b, da - db
            case "*":
                return a * b, da * b + a * db
        if abs(b) < 1e-12:
            raise CannotEvaluateError(f"it divides by zero: `{show(expression.right)}` is 0")
        return a / b, (da - a / b * db) / b

    def _power(self, base: Expr, exponent: int, dual: Dual) -> Dual:
        value, slope = dual
        if abs(value) < 1e-12 and exponent < 0:
            raise CannotEvaluateError(f"it divides by zero: `{show(base)}` is 0")
        try:
            result = value**exponent
            change = exponent * value ** (exponent - 1) * slope if exponent and slope else 0.0
        except (OverflowError, ZeroDivisionError):
            raise CannotEvaluateError(
                f"`{show(base)}` to the power {exponent} is no finite number"
            ) from None
        if result == 0 and value != 0:
            raise CannotEvaluateError(
                f"`{show(base)}` to the power {exponent} is too small to be told from 0"
            )
        return result, change

    def _apply(self, expression: Apply, steps: dict[str, int], seed: Seed | None) -> Dual:
        z, dz = self._evaluate(expression.argument, steps, seed)
        name = expression.function
        try:
            if name in KNOWN:
                orders = KNOWN[name](z)
            else:
                step = None if expression.index is None else self._step(expression.index, steps)
                orders = self.point.unknown(name, step, z)
        except (OverflowError, ValueError, ZeroDivisionError):
            raise CannotEvaluateError(
                f"`{show(expression)}` is no finite number: its argument is {z:.4g}"
            ) from None
        return (orders[1], orders[2] * dz) if expression.prime else (orders[0], orders[1] * dz)

    def _element(self, name: str, step: int, seed: Seed | None) -> Dual:
        key = (name, step, seed)
        known = self._known.get(key)
        if known is not None:
            return known
        definition = self.world.definitions.get(name)
        if seed is not None and seed.name == name and seed.step == step:
            result = self._element(name, step, None)[0], 1.0
        elif seed is not None and (
            name in seed.held or (seed.step is not None and step < seed.step)
        ):
            result = self._element(name, step, None)[0], 0.0
        elif definition is None or step < 1:
            result = self.point.draw(name, step)[0], 0.0
        else:
            result = self._evaluate(definition.body, {definition.step: step}, seed)
        self._known[key] = result
        return result
