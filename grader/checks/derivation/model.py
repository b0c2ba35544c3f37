"""What a derivation is about: a model, a question, and the approximations that may be made.

Everything an author writes here is in the notation of the learner's own lines.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property

from grader.checks.derivation.expressions import (
    Derivative,
    Element,
    Expr,
    Fold,
    Index,
    Symbol,
    show_index,
    walk,
)
from grader.checks.derivation.notation import (
    FUNCTIONS,
    NotationError,
    Vocabulary,
    parse,
    parse_line,
)


@dataclass(frozen=True)
class Definition:
    """One equation of a model: ``c[t] = f[t]*c[t-1] + i[t]*g[t]``, for every step from 1 on."""

    name: str
    step: str
    body: Expr


@dataclass(frozen=True)
class Model:
    """Quantities over steps and the equations between them, for one unit.

    Args:
        equations: one string per defined quantity, ``"c[t] = f[t]*c[t-1] + i[t]*g[t]"``. They hold
            from step 1 on; what an equation looks back at is free at step 0. They must not run in a
            circle.
        inputs: names of the quantities that have no equation, separated by spaces (``"x"``).
        parameters: names that carry no step (``"w_f u_f b_f"``).
        unknown: names of smooth functions of which nothing else is known (``"F"``); they may
            differ from step to step (``F[l](x[l-1])``).

    """

    equations: tuple[str, ...]
    inputs: str = ""
    parameters: str = ""
    unknown: str = ""

    def __post_init__(self) -> None:
        """Refuse names that collide with each other or with the notation's own.

        Raises:
            NotationError: a name is used twice.

        """
        words = (*self.sequences, *self.parameters.split(), *self.unknown.split())
        names = [*words, *FUNCTIONS, "d", "prod", "sum", "hold"]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise NotationError(f"names used twice: {', '.join(twice)}")

    @cached_property
    def sequences(self) -> tuple[str, ...]:
        """Names of the defined quantities, then of the inputs."""
        return tuple(equation.split("[", 1)[0].strip() for equation in self.equations) + tuple(
            self.inputs.split()
        )

    def vocabulary(self, indices: tuple[str, ...]) -> Vocabulary:
        """Return the names of the model, with a question's indices."""
        return Vocabulary(
            self.sequences, tuple(self.parameters.split()), indices, tuple(self.unknown.split())
        )

    def changed(self, *equations: str, parameters: str = "") -> "Model":
        """Return the model with some quantities defined otherwise.

        Args:
            equations: they replace the model's own of the same names.
            parameters: further names without a step that they use.

        Raises:
            NotationError: an equation defines a quantity that the model does not have.
        """
        new = {equation.split("[", 1)[0].strip(): equation for equation in equations}
        own = {equation.split("[", 1)[0].strip(): equation for equation in self.equations}
        if unknown := sorted(set(new) - set(own)):
            raise NotationError(f"the model has no {', '.join(unknown)} to change")
        both = f"{self.parameters} {parameters}".strip()
        return Model(tuple({**own, **new}.values()), self.inputs, both, self.unknown)

    def read(self, equation: str) -> Definition:
        """Return an equation as a definition.

        Raises:
            NotationError: it is not of the form ``name[step] = expression``.

        """
        step = equation.partition("[")[2].partition("]")[0].strip()
        match parse_line(equation, self.vocabulary((step,))):
            case [
                (None, Element(name=name, index=Index(variables=((variable, 1),), offset=0))),
                ("=", body),
            ]:
                odd = (Derivative, Fold)
                if any(isinstance(part, odd) or part == Symbol(variable) for part in walk(body)):
                    raise NotationError(
                        f"{equation!r}: an equation has no derivative, range or bare step in it"
                    )
                return Definition(name, variable, body)
        raise NotationError(f"{equation!r}: an equation of a model looks like 'c[t] = f[t]*c[t-1]'")


@dataclass(frozen=True)
class Approximation:
    """A step that leaves something out. From its line on, it holds.

    Args:
        name: the word that names it in a derivation ("direct path only").
        sentence: what it leaves out, for messages.
        hold: names of quantities that the question's derivatives no longer pass through. In the
            lines, d(...) goes on to mean the total derivative: what is held there says so.
        equations: equations that replace the model's own, from this line on.

    """

    name: str
    sentence: str
    hold: str = ""
    equations: tuple[str, ...] = ()


@dataclass(frozen=True)
class Form:
    """What a line may contain: the last one, or one on the way.

    Args:
        sentence: completes "the line is not ..." ("a product of forget gates").
        names: what may occur, separated by spaces: ``f`` is any ``f[...]``, ``c[t-1]`` only this
            one, ``u_f`` a parameter.
        derivatives: whether d(...) may be left.
        split: whether what is left of them must be derivatives of single quantities, so that sums
            and products have been taken apart.

    """

    sentence: str
    names: str
    derivatives: bool = False
    split: bool = False


@dataclass(frozen=True)
class Question:
    """One derivation that a kata asks for.

    Args:
        model: the equations that hold.
        start: the expression that the derivation begins with.
        last: the form of its last line.
        through: forms on the way: for each, some line before the last must have it.
        steps: the indices of the question, each with the smallest and the largest step at which
            lines are compared.
        approximations: those that may be made.

    """

    model: Model
    start: str
    last: Form
    through: tuple[Form, ...] = ()
    steps: tuple[tuple[str, int, int], ...] = (("t", 2, 4),)
    approximations: tuple[Approximation, ...] = field(default=())

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The names that may be used."""
        return self.model.vocabulary(tuple(name for name, _, _ in self.steps))

    @cached_property
    def first(self) -> Expr:
        """The expression that the derivation begins with."""
        return parse(self.start, self.vocabulary)

    def approximation(self, name: str) -> Approximation | None:
        """Return the approximation of that name, if the question knows it."""
        return next((known for known in self.approximations if known.name == name), None)

    def left_over(self, expression: Expr, form: Form) -> list[str]:
        """Return what a line of this form must not contain and the expression does."""
        allowed = set(form.names.split())
        found: list[str] = []
        for part in walk(expression):
            match part:
                case Derivative() if not form.derivatives:
                    text = "d(...)"
                case Derivative(of=of) if form.split and not isinstance(of, Element):
                    text = "d(...) of a sum or product"
                case Element(name=name, index=index) if name not in allowed:
                    text = f"{name}[{show_index(index)}]"
                case Symbol(name=name) if name in self.vocabulary.parameters:
                    text = name
                case _:
                    continue
            if text not in allowed and text not in found:
                found.append(text)
        return found


@dataclass(frozen=True)
class World:
    """A model together with the approximations made so far."""

    model: Model
    made: tuple[Approximation, ...] = ()

    @cached_property
    def held(self) -> frozenset[str]:
        """Quantities that no derivative of the question passes through any more."""
        return frozenset(name for approximation in self.made for name in approximation.hold.split())

    @cached_property
    def definitions(self) -> Mapping[str, Definition]:
        """The equations that hold, by name."""
        equations = [
            *self.model.equations,
            *(equation for approximation in self.made for equation in approximation.equations),
        ]
        return {
            definition.name: definition
            for definition in (_read(self.model, equation) for equation in equations)
        }

    @cached_property
    def states(self) -> frozenset[str]:
        """Quantities that some equation looks back at: they have a value at step 0, too."""
        return frozenset(
            part.name
            for definition in self.definitions.values()
            for part in walk(definition.body)
            if isinstance(part, Element) and part.index.offset < 0
        )

    def under(self, approximation: Approximation) -> "World":
        """Return the same world with one more approximation."""
        return World(self.model, (*self.made, approximation))


@cache
def _read(model: Model, equation: str) -> Definition:
    return model.read(equation)
