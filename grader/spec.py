"""What a course's files say.

`kata.toml` and `misconceptions.toml` as typed records, with errors that name file and line.

Reading a specification executes nothing and imports neither torch nor NumPy.
"""

import ast
import re
import tomllib
from pathlib import Path
from typing import Literal, TypeVar

import msgspec
from msgspec import Struct

from grader.errors import SpecError
from grader.wire import Forbidden, Limits

MAX_SPEC_BYTES = 1 << 18

_RECURRENT = ("LSTM", "LSTMCell", "GRU", "GRUCell", "RNN", "RNNCell", "RNNBase", "RNNCellBase")
_OPERATORS = (
    *(
        "lstm",
        "lstm_cell",
        "gru",
        "gru_cell",
        "rnn_tanh",
        "rnn_tanh_cell",
        "rnn_relu",
        "rnn_relu_cell",
    ),
    *(
        "_thnn_fused_lstm_cell",
        "_thnn_fused_gru_cell",
        "_cudnn_rnn",
        "mkldnn_rnn_layer",
        "miopen_rnn",
        "_lstm_mps",
    ),
    *("quantized_lstm", "quantized_gru", "quantized_lstm_cell", "quantized_gru_cell"),
)
GROUPS: dict[str, Forbidden] = {
    "recurrent": Forbidden(
        names=(
            *(f"torch.nn.{name}" for name in _RECURRENT),
            *(f"torch.nn.modules.rnn.{name}" for name in _RECURRENT),
            *(f"torch.{name}" for name in _OPERATORS[:8]),
            *(f"torch.ops.aten.{name}" for name in _OPERATORS),
            "torch._VF",
            "torch._C._VariableFunctions",
            "torch.nn.quantized",
            "torch.ao.nn",
            "torch._decomp",
        ),
        operators=_OPERATORS,
        # torch has recurrences written in Python too, which reach no operator of their own.
        watched=(
            "torch._decomp.decompositions",
            "torch.ao.nn.quantizable.modules.rnn",
            "torch.ao.nn.quantized.modules.rnn",
            "torch.ao.nn.quantized.reference.modules.rnn",
        ),
    ),
    "autograd": Forbidden(
        names=(
            "torch.autograd",
            "torch.Tensor.backward",
            *(
                f"torch.func.{name}"
                for name in (
                    "grad",
                    "grad_and_value",
                    "vjp",
                    "jvp",
                    "jacrev",
                    "jacfwd",
                    "hessian",
                    "linearize",
                )
            ),
        ),
    ),
    "torch": Forbidden(names=("torch",), modules=("torch", "torchgen", "functorch")),
}


class ForbiddenSpec(Struct, frozen=True, forbid_unknown_fields=True):
    """The table `[forbidden]`: groups and dotted names, and why."""

    groups: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    why: str = "This is what the kata asks you to write yourself."

    @property
    def expanded(self) -> Forbidden:
        """Groups and names as the worker needs them."""
        parts = [GROUPS[group] for group in self.groups]
        return Forbidden(
            names=(*(name for part in parts for name in part.names), *self.names),
            operators=tuple(name for part in parts for name in part.operators),
            modules=tuple(name for part in parts for name in part.modules),
            watched=tuple(name for part in parts for name in part.watched),
        )


class ToleranceSpec(Struct, frozen=True, forbid_unknown_fields=True):
    """The table `[tolerance]`.

    `factor` times torch's own error, at least `floor` eps of the terms, and why.
    """

    factor: float = 10.0
    floor: float = 16.0
    why: str = ""


class KataSpec(Struct, frozen=True, forbid_unknown_fields=True):
    """A `kata.toml`."""

    title: str
    difficulty: int
    minutes: int
    hints: tuple[str, ...]
    after: tuple[str, ...] = ()
    arrays: Literal["torch", "numpy"] = "torch"
    preload: tuple[str, ...] = ()
    forbidden: ForbiddenSpec = ForbiddenSpec()
    tolerance: ToleranceSpec = ToleranceSpec()
    limits: Limits = Limits()


class Edit(Struct, frozen=True, forbid_unknown_fields=True):
    """One edit of the solution: `old` occurs there exactly once."""

    old: str
    new: str


class Misconception(Struct, frozen=True, forbid_unknown_fields=True):
    """A named wrong way.

    Edits of the solution or a whole file, the check that catches it, and what the learner is told.
    """

    id: str
    title: str
    caught_by: str
    message: str
    edits: tuple[Edit, ...] = ()
    file: str = ""
    aliases: tuple[str, ...] = ()
    untold: str = ""


class MisconceptionsSpec(Struct, frozen=True, forbid_unknown_fields=True):
    """A `misconceptions.toml`."""

    misconception: tuple[Misconception, ...] = ()


class Signature(Struct, frozen=True):
    """A public function, class or method of a stub.

    Its name and the names of its parameters, without `self`.
    """

    name: str
    parameters: tuple[str, ...]
    text: str
    line: int


Spec = TypeVar("Spec", bound=Struct)


def read_kata(path: Path) -> KataSpec:
    """Read a `kata.toml`.

    Raises:
        SpecError: it is missing, no TOML, or not what a kata.toml holds; with the line where that
            can be told.
    """
    text, spec = read_toml(path, KataSpec)
    for field, allowed in (("difficulty", range(1, 6)), ("minutes", range(1, 10_000))):
        if getattr(spec, field) not in allowed:
            raise SpecError(
                path,
                f"`{field}` is {getattr(spec, field)}, expected {allowed.start} to "
                f"{allowed.stop - 1}",
                line=line_of(text, field),
            )
    for group in spec.forbidden.groups:
        if group not in GROUPS:
            raise SpecError(
                path,
                f"`{group}` is no group of forbidden names; expected one of {', '.join(GROUPS)}",
                line=line_of(text, "groups"),
            )
    for name in (
        "wall_s",
        "check_s",
        "call_s",
        "load_s",
        "cpu_s",
        "memory_bytes",
        "file_bytes",
        "processes",
        "open_files",
        "answer_bytes",
    ):
        if getattr(spec.limits, name) <= 0:
            raise SpecError(
                path,
                f"`limits.{name}` is {getattr(spec.limits, name)}, expected more than 0",
                line=line_of(text, name),
            )
    return spec


def read_misconceptions(path: Path) -> tuple[Misconception, ...]:
    """Read a `misconceptions.toml`; an absent file is an empty bank.

    Raises:
        SpecError: it is no TOML, or not what a misconceptions.toml holds.
    """
    if not path.exists():
        return ()
    text, spec = read_toml(path, MisconceptionsSpec)
    seen: set[str] = set()
    for item in spec.misconception:
        line = line_of(text, item.id)
        if not re.fullmatch(r"[a-z0-9_]+", item.id):
            raise SpecError(
                path, f"id `{item.id}`: expected small letters, digits and underscores", line=line
            )
        if item.id in seen:
            line = line_of(text, item.id, last=True)
            raise SpecError(path, f"id `{item.id}` is there twice", line=line)
        if bool(item.edits) == bool(item.file):
            raise SpecError(
                path, f"`{item.id}` needs either edits or a file, and not both", line=line
            )
        seen.add(item.id)
    for item in spec.misconception:
        for alias in item.aliases:
            if alias not in seen:
                raise SpecError(
                    path,
                    f"`{item.id}` names the alias `{alias}`, which is not there",
                    line=line_of(text, item.id),
                )
    return spec.misconception


def mutant_source(item: Misconception, solution: Path, folder: Path) -> bytes:
    """The source of a misconception: the edited solution, or its own file.

    Raises:
        SpecError: an edit does not occur exactly once, or the file is missing.
    """
    toml = folder / "misconceptions.toml"
    if item.file:
        path = folder / item.file
        if not path.is_file():
            raise SpecError(
                toml,
                f"`{item.id}`: there is no file {item.file}",
                line=line_of(toml.read_text(), item.id),
            )
        return path.read_bytes()
    source = solution.read_text()
    for edit in item.edits:
        count = source.count(edit.old)
        if count != 1:
            raise SpecError(
                toml,
                f"`{item.id}`: the edit's `old` occurs {count} times in {solution.name}, "
                f"expected exactly once: {edit.old.strip()[:80]!r}",
                line=line_of(toml.read_text(), item.id),
            )
        source = source.replace(edit.old, edit.new)
    return source.encode()


def signatures(path: Path) -> dict[str, Signature]:
    """The public functions, classes and methods of a file of ours, read without running it.

    A class stands for its `__init__`; methods are `Class.method`.
    """
    found: dict[str, Signature] = {}

    def add(name: str, node: ast.FunctionDef, *, method: bool) -> None:
        arguments = node.args
        names = [a.arg for a in (*arguments.posonlyargs, *arguments.args)][1 if method else 0 :]
        names += [a.arg for a in arguments.kwonlyargs]
        text = ast.unparse(arguments)
        found[name] = Signature(name, tuple(names), text, node.lineno)

    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            add(node.name, node, method=False)
        elif isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            found[node.name] = Signature(node.name, (), "", node.lineno)
            for item in node.body:
                if isinstance(item, ast.FunctionDef) and item.name == "__init__":
                    add(node.name, item, method=True)
                elif isinstance(item, ast.FunctionDef) and not item.name.startswith("_"):
                    add(f"{node.name}.{item.name}", item, method=True)
    return found


def read_toml(path: Path, kind: type[Spec]) -> tuple[str, Spec]:
    """A TOML file's text, and what it holds.

    Raises:
        SpecError: it cannot be read, is no TOML, or not of this kind; with the line where that can
            be told.
    """
    try:
        if path.stat().st_size > MAX_SPEC_BYTES:
            raise SpecError(path, f"is larger than {MAX_SPEC_BYTES:,} bytes")
        text = path.read_bytes().decode()
        return text, msgspec.convert(tomllib.loads(text), kind)
    except OSError as error:
        raise SpecError(path, f"cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise SpecError(path, f"is not UTF-8 text (byte {error.start})") from None
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"line (\d+)", str(error))
        raise SpecError(
            path, f"is not TOML: {error}", line=int(line[1]) if line else None
        ) from None
    except msgspec.ValidationError as error:
        message, _, where = str(error).partition(" - at ")
        keys = re.findall(r"[A-Za-z_]\w*", where) + re.findall(r"field `(\w+)`", message)
        raise SpecError(
            path,
            f"{message}{f' (at {where})' if where else ''}",
            line=line_of(text, keys[-1]) if keys else None,
        ) from None


def line_of(text: str, key: str, *, last: bool = False) -> int | None:
    """The line that sets a key or gives an id, else the first that mentions it, else None."""
    name = re.escape(key)
    for pattern in (rf"\s*\[*{name}\]*\s*(=|$)", rf"\s*id\s*=\s*[\"']{name}[\"']", rf".*{name}"):
        found = [n for n, line in enumerate(text.splitlines(), 1) if re.match(pattern, line)]
        if found:
            return found[-1 if last else 0]
    return None
