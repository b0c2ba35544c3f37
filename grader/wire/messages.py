"""What judge and worker say to each other."""

from enum import IntEnum
from typing import Annotated, Any, NamedTuple, TypeAlias

from msgspec import Meta, Struct

Value: TypeAlias = Any
"""A tree of plain values, tensors, arrays and handles."""


ENGINE = "torch.autograd"
"""What a worker says was used when torch's engine for gradients was stopped."""


class HandleRef(Struct, frozen=True):
    """An object that stays in the worker.

    Its number there, and the name of its type, for messages.
    """

    number: int
    type_name: str


class Frame(Struct, frozen=True):
    """One line of a traceback, in the submission's own file; `column` from 1, 0 if unknown."""

    line: int
    function: str
    source: str
    column: int = 0


class Forbidden(Struct, frozen=True, forbid_unknown_fields=True):
    """What a submission must not use.

    Args:
        names: dotted names; each forbids what is below it too.
        words: torch's operators whose names hold one of these are stopped, whatever their
            namespace, and so is what is named after one in `watched` modules.
        modules: packages that are not to be imported at all.
        watched: modules in which torch computes the same in Python.
        engine: torch's engine for gradients is stopped, under whatever name it is called.
    """

    names: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()
    watched: tuple[str, ...] = ()
    engine: bool = False


Seconds: TypeAlias = Annotated[float, Meta(gt=0, le=86_400)]
Count: TypeAlias = Annotated[int, Meta(gt=0)]


class Limits(Struct, frozen=True, forbid_unknown_fields=True):
    """What one submission may use: seconds (a day at most), bytes, counts, all more than 0."""

    wall_s: Seconds = 20.0
    check_s: Seconds = 10.0
    call_s: Seconds = 4.0
    load_s: Seconds = 10.0
    cpu_s: Seconds = 30.0
    memory_bytes: Count = 1 << 30
    file_bytes: Count = 1 << 24
    processes: Count = 24
    open_files: Count = 64
    output_bytes: Count = 1 << 16
    answer_bytes: Count = 1 << 23


class Kind(IntEnum):
    """How a change changes a text; the likeliest first."""

    WITHIN = 0
    """An operator, a constant, an argument or a part of an expression is another one."""
    NAME = 1
    """A name, an attribute or a word is another one of the text's."""
    STATEMENT = 2
    """A statement stands elsewhere, once more, or not at all."""
    FORCED = 3
    """A condition always holds, or never."""
    GUARD = 4
    """A statement stands under a condition, or a condition has one more part."""


class Words(NamedTuple):
    """Text and numbers that a source writes, and its attributes: they may be meant instead."""

    texts: tuple[str, ...] = ()
    numbers: tuple[float, ...] = ()
    attributes: tuple[str, ...] = ()


class Changes(Struct, frozen=True):
    """Which small changes of a submission's text are wanted.

    Args:
        kinds: how they change it.
        asked: names of functions and classes that are asked: what they come to is changed. Where
            there are none, everything is.
        words: of another source, in addition to its own.
    """

    kinds: tuple[Kind, ...] = tuple(Kind)
    asked: tuple[str, ...] = ()
    words: Words = Words()


class Change(Struct, frozen=True):
    """A place of a text, in lines and bytes from 1, and what is done there.

    `end` is the byte behind it, 0 where it goes on in another line.
    """

    kind: Kind
    line: int
    column: int
    end: int


class Load(Struct, frozen=True, tag=True):
    """Judge to worker: this is the submission; write it to a file and import it.

    `names` are what the kata asks for. `cells` are a notebook's cells: for each the line on which
    it begins, its number, and whether it is tagged as an answer to this kata (None: to others).
    Those that the kata needs are run, within `cells_s`, and one that fails counts only if a name is
    missing.
    `tf32`: products of float32 on CUDA may be rounded to TensorFloat-32.
    `changes`: import its text with all of these in it, none of them in force; see `worker/changes`.
    `stop_s`: after so many seconds it is interrupted, to tell where it stands; 0 for never.
    `given`: what the stub gives, for names that the submission leaves out.
    """

    number: int
    name: str
    source: bytes
    arrays: str
    device: str
    forbidden: Forbidden
    names: tuple[str, ...] = ()
    cells: tuple[tuple[int, int, bool | None], ...] = ()
    cells_s: float = 0.0
    tf32: bool = False
    changes: Changes | None = None
    stop_s: float = 0.0
    given: bytes = b""


class Call(Struct, frozen=True, tag=True):
    """Judge to worker: call a name of the submission, or a handle, or a handle's method.

    `keep`: True keeps the whole answer as a handle, a tuple of indices keeps those items of it.
    `cotangents` asks for the vector-Jacobian product with respect to `wrt` (positions among the
    tensors of the arguments, or parameter names). `inputs` asks for the arguments as they are
    afterwards, `warnings` for the warnings raised (NumPy's floating-point ones among them).
    `progress` names a keyword: under it the call gets a function `report(step, **numbers)`.
    `chance` comes with the first call of a case: Python's, NumPy's and torch's generators start
    from it. `seed` then seeds torch's. `trace` asks for the steps to the answer. Where `gradients`
    is False, the call is made under `torch.no_grad()`. `stop_s` is that of `Load`.
    """

    number: int
    target: str | int
    method: str | None = None
    args: Value = ()
    kwargs: Value = {}
    keep: bool | tuple[int, ...] = False
    inputs: bool = False
    warnings: bool = False
    cotangents: Value = None
    wrt: tuple[int | str, ...] = ()
    progress: str = ""
    chance: int | None = None
    seed: int | None = None
    trace: bool = False
    gradients: bool = True
    stop_s: float = 0.0


class Describe(Struct, frozen=True, tag=True):
    """Judge to worker: describe a Matplotlib figure (a handle) as plain values.

    `stop_s` is that of `Load`.
    """

    number: int
    target: int
    stop_s: float = 0.0


class Loaded(Struct, frozen=True, tag=True):
    """Worker to judge: the submission is imported.

    `notes` say what was met in a notebook. `changes` are those that were asked for, in the order of
    their numbers, from 1; none where it cannot be changed.
    """

    number: int
    notes: tuple[str, ...] = ()
    changes: tuple[Change, ...] = ()


class Step(Struct, frozen=True):
    """One operation that a submission's line asks of torch.

    Args:
        line: in the submission's file.
        function: around it.
        column: where its expression begins, in bytes of the line, from 1; 0 if unknown.
        end: the byte behind it; 0 if unknown.
        operation: torch's name of it.
        given: for each tensor that it was given its step, or -1 - n for the call's n-th tensor.
        called: the line from which the function around it was called, if that is in the
            submission's file too; 0 if not.
    """

    line: int
    function: str
    column: int
    end: int
    operation: str
    given: tuple[int, ...]
    called: int = 0


class Answer(Struct, frozen=True, tag=True):
    """Worker to judge.

    What the call returned, the arguments afterwards, and the gradients, as far as asked for.
    `tracked` are the positions, among the tensors of the arguments, of those that require gradients
    afterwards. Where the answer has no history at all, `cause` says how it was lost, and `frames`
    where; in a call that is traced also where a part of it has none, or its gradient is not finite,
    or an argument was written into.
    A call that is traced has its `steps`, what each gave in `step_values`, and `ends`: for each
    tensor of the answer its step, that of an argument (see `Step.given`), or the number of steps
    for neither.
    """

    number: int
    value: Value = None
    inputs: Value = None
    gradients: Value = None
    warnings: tuple[str, ...] = ()
    cause: str = ""
    frames: tuple[Frame, ...] = ()
    steps: tuple[Step, ...] = ()
    step_values: Value = None
    ends: tuple[int, ...] = ()
    tracked: tuple[int, ...] = ()


class Progress(Struct, frozen=True, tag=True):
    """Worker to judge, while a call runs: how far it is. Shown to a person, and never trusted."""

    number: int
    step: int
    numbers: dict[str, float] = {}


class Raised(Struct, frozen=True, tag=True):
    """Worker to judge: it did not work. `kind` says in which way, the rest is for the learner.

    Kinds: exception, not_implemented, missing, signature, forbidden, memory, syntax, import, late,
    gradient, answer, unavailable. `bases` names the classes that the exception's own derives from.
    """

    number: int
    kind: str
    exception: str
    message: str
    frames: tuple[Frame, ...] = ()
    bases: tuple[str, ...] = ()


Request: TypeAlias = Load | Call | Describe
Reply: TypeAlias = Loaded | Progress | Answer | Raised
