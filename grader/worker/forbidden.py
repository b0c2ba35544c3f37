"""What a submission must not use: found in its source before it runs, and guarded while it runs.

The source is read with `ast`, in the worker, before anything of the submission has run (parsing
hostile text is not the judge's business). Only what can run counts: comments, strings, annotations
and `if __name__ == "__main__":` blocks are free.

The guard replaces the kernels of the forbidden operators in this process' dispatcher, so that
`nn.LSTM`, `torch.lstm_cell`, `_VF`, `ops.aten`, TorchScript and saved modules meet it alike. A
function that is written in Python loses its code, so whoever holds it holds nothing; that its file
is not run again, `reruns` sees to. A determined author could still copy the library's text or C++
under another name; what is caught here is delegation, not ingenuity.
"""

import _thread
import ast
import contextlib
import ctypes
import functools
import importlib.abc
import inspect
import sys
import threading
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from importlib.machinery import ModuleSpec, PathFinder
from types import FunctionType, ModuleType
from typing import Any, NamedTuple

from grader.wire.messages import ENGINE, Forbidden, Frame
from grader.worker import insiders, reruns


class ForbiddenCall(RuntimeError):
    """The submission called something that its kata asks it to write."""


_installed: list[Forbidden] = []
used: list[str] = []
"""What the guard has stopped so far:

the worker reports it even if the submission swallowed the exception.
"""


@functools.lru_cache(maxsize=4)
def find(source: bytes, forbidden: Forbidden) -> tuple[tuple[str, Frame], ...]:
    """Uses of forbidden names: (dotted name, where), in the order of the file.

    The same text is read once: a diagnosis loads a submission anew for each set of cases.

    Raises:
        SyntaxError, ValueError: the source does not parse (and something is forbidden).
    """
    if not forbidden.names:
        return ()
    # As text, whose encoding no comment can change: what is read is what runs.
    tree = ast.parse(source.decode("utf-8-sig"))
    lines = source.decode("utf-8", "replace").splitlines()
    found = []
    for node, name, function in _uses(tree):
        hit = next((f for f in forbidden.names if name == f or name.startswith(f + ".")), None)
        if hit is not None:
            text = lines[node.lineno - 1].strip() if node.lineno <= len(lines) else ""
            found.append((name, Frame(node.lineno, function, text[:200])))
    return tuple(found)


def _uses(tree: ast.Module) -> Iterator[tuple[ast.expr, str, str]]:
    """Every dotted name that the module can evaluate, resolved through its imports."""
    aliases: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for item in node.names:
                aliases[item.asname or item.name.split(".")[0]] = (
                    item.name if item.asname else item.name.split(".")[0]
                )
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for item in node.names:
                aliases[item.asname or item.name] = f"{node.module}.{item.name}"
    for node in ast.walk(tree):  # `Cell = nn.LSTMCell`, `F = torch.nn`
        if (
            isinstance(node, ast.Assign)
            and len(node.targets) == 1
            and isinstance(node.targets[0], ast.Name)
        ):
            name = _dotted(node.value, aliases)
            if name is not None and name.split(".")[0] in ("torch", "numpy", "importlib", "sys"):
                aliases[node.targets[0].id] = name
    yield from _walk(tree, aliases, "<module>")


def _walk(
    node: ast.AST, aliases: dict[str, str], function: str
) -> Iterator[tuple[ast.expr, str, str]]:
    if isinstance(node, ast.If) and _is_main_guard(node.test):
        for child in node.orelse:
            yield from _walk(child, aliases, function)
        return
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        function = node.name
    if isinstance(node, ast.Attribute | ast.Name | ast.Call | ast.Subscript):
        name = _dotted(node, aliases)
        if name is not None and not (
            isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
        ):
            yield node, name, function
            if not isinstance(node, ast.Call | ast.Subscript):
                return
    for field, value in ast.iter_fields(node):
        if field in ("annotation", "returns"):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield from _walk(child, aliases, function)


def _is_main_guard(test: ast.expr) -> bool:
    return (
        isinstance(test, ast.Compare)
        and len(test.ops) == 1
        and isinstance(test.ops[0], ast.Eq)
        and {"__name__", "__main__"}
        == {
            side.id
            if isinstance(side, ast.Name)
            else side.value
            if isinstance(side, ast.Constant)
            else None
            for side in (test.left, test.comparators[0])
        }
    )


def _dotted(node: ast.expr, aliases: dict[str, str]) -> str | None:
    """What an expression names (`nn.LSTM`, `getattr(nn, "LS" + "TM")`), dotted, else None."""
    if isinstance(node, ast.Name):
        return aliases.get(node.id, node.id)
    if isinstance(node, ast.Attribute):
        base = _dotted(node.value, aliases)
        return None if base is None else f"{base}.{node.attr}"
    if isinstance(node, ast.Subscript) and _dotted(node.value, aliases) == "sys.modules":
        return _constant_text(node.slice)
    if isinstance(node, ast.Call) and node.args:
        called = _dotted(node.func, aliases)
        if called == "getattr" and len(node.args) >= 2:
            base, attribute = _dotted(node.args[0], aliases), _constant_text(node.args[1])
            return None if base is None or attribute is None else f"{base}.{attribute}"
        if called in ("importlib.import_module", "__import__", "sys.modules.get"):
            return _constant_text(node.args[0])
    return None


def _constant_text(node: ast.expr) -> str | None:
    """The value of a string built of constants with `+`, else None."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = _constant_text(node.left), _constant_text(node.right)
        return None if left is None or right is None else left + right
    return None


def prepare(forbidden: Forbidden) -> None:
    """Look for what `install` replaces, so that every process forked from here knows it.

    That is half of the time that a worker takes to start: all operators and modules are gone
    through.
    """
    _operators(forbidden.words)
    _places(_functions(forbidden))


def forget() -> None:
    """Forget what `prepare` found: other modules have been imported since."""
    _operators.cache_clear()
    _places.cache_clear()


def install(forbidden: Forbidden, *, device: str = "cpu") -> None:
    """Guard this process.

    Operators by their kernels, functions by identity in every module, the engine for gradients
    wherever it is held, packages by an import hook.

    Args:
        forbidden: what.
        device: where it computes; kernels for CUDA matter only to a process that can reach a GPU.
    """
    if _installed:
        return
    _installed.append(forbidden)
    if forbidden.words:
        _override_kernels(forbidden.words, device)
    functions = _functions(forbidden)
    files = _homes(functions, forbidden.watched)
    _replace_functions(functions)
    for name in forbidden.names:
        insiders.leave_to_library(name, _stop(name))
    if forbidden.engine:
        _stop_engine()
    for name in forbidden.watched:
        if name in sys.modules:
            _stop_named(sys.modules[name], forbidden.words)
    first_run = reruns.refuse(files, forbidden.modules, _stop)
    if forbidden.watched:
        sys.meta_path.insert(0, _Watch(forbidden.watched, forbidden.words, first_run))
    if "torch" in forbidden.modules and "torch" in sys.modules:
        _stop_tensors(sys.modules["torch"])
    if forbidden.modules:
        for name in [n for n in sys.modules if n.split(".")[0] in forbidden.modules]:
            del sys.modules[name]
        sys.meta_path.insert(0, _Refuse(forbidden.modules))


def _functions(forbidden: Forbidden) -> tuple[str, ...]:
    """The names that are stopped as functions, and not by an operator's kernel."""
    names = tuple(name for name in forbidden.names if not _held(name, forbidden.words))
    return (*names, *_BELOW_MODES) if "torch" in forbidden.modules else names


def _held(name: str, words: Sequence[str]) -> bool:
    """Whether a name holds one of these words."""
    return any(word in name.rpartition(".")[2].lower() for word in words)


def _stop(name: str) -> Any:
    def forbidden(*_: object, **__: object) -> None:
        if name not in used:
            used.append(name)
        raise ForbiddenCall(name)

    return forbidden


def _without_code(*_: object, **__: object) -> object:
    stop: Any = "what stops it"
    return stop()


def _empty(function: object, stop: Callable[..., Any]) -> None:
    """Take a function's code away, and that of what it wraps.

    It is held by tables, partial functions and closures that no walk over modules finds.
    """
    while isinstance(function, FunctionType):
        code = _without_code.__code__
        function.__code__ = code.replace(
            co_consts=tuple(stop if one == "what stops it" else one for one in code.co_consts),
            co_freevars=function.__code__.co_freevars,
        )
        function = getattr(function, "__wrapped__", None)


SIDE_DOORS = (
    "FuncTorchBatched",
    "FuncTorchBatchedDecomposition",
    "FuncTorchVmapMode",
    "NestedTensorCPU",
    "NestedTensorCUDA",
    "QuantizedCPU",
    "QuantizedCUDA",
)
"""Where an operator can have a kernel that computes its answer and passes the usual ones by.

Under `torch.vmap`, say, attention is taken apart before it comes to the kernel of the processor.
"""


@functools.lru_cache(maxsize=64)
def _operators(words: tuple[str, ...]) -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    """The operators that are named after one of the words: namespace, name, and their kernels.

    By words and not by a list: a new release of torch brings new operators.
    """
    if not words:
        return ()
    import torch

    has_kernel = torch._C._dispatch_has_kernel_for_dispatch_key
    found = []
    for name in torch._C._dispatch_get_all_op_names():
        namespace, _, short = name.partition("::")
        if not _held(short.split(".")[0], words):
            continue
        kernels = ["CPU", "CUDA", "AutogradCPU", "AutogradCUDA"]
        if has_kernel(name, "CompositeImplicitAutograd"):
            kernels = ["CompositeImplicitAutograd", "CPU", "CUDA"]
        doors = (key for key in SIDE_DOORS if has_kernel(name, key))
        found.append((namespace, short, (*kernels, *doors)))
    return tuple(found)


def _override_kernels(words: tuple[str, ...], device: str) -> None:
    """Stop every operator that is named after one of the words, in every namespace."""
    import torch

    libraries: dict[str, Any] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for namespace, short, kernels in _operators(words):
            if namespace not in libraries:
                libraries[namespace] = _kernels(torch, namespace)
            for key in kernels:
                if "CUDA" in key and device != "cuda":
                    continue
                libraries[namespace].impl(short, key, _stop(f"torch.{short.split('.')[0]}"), False)


def _kernels(torch: Any, namespace: str) -> Any:
    """A library that holds kernels for good.

    A `torch.library.Library` is found among the objects that are alive, and gives its kernels up.
    """
    library = torch._C._dispatch_library("IMPL", namespace, "", __file__, 0)
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(library))
    return library


class _Places(NamedTuple):
    """Where some functions are held.

    Args:
        functions: for each its dotted name, by its id.
        own: the functions themselves, with their dotted names.
        held: by whom, under which name, and its dotted name.
        seen: the names of the modules that were looked through.
    """

    functions: dict[int, str]
    own: tuple[tuple[Any, str], ...]
    held: tuple[tuple[Any, str, str], ...]
    seen: frozenset[str]


@functools.lru_cache(maxsize=64)
def _places(names: tuple[str, ...]) -> _Places:
    """Where plain functions of torch or NumPy are held: by their owner, and by every module.

    Classes and modules are left to what is below them. Packets of operators are left alone too:
    torch itself reads their overloads when it imports its own modules, and their kernels are
    stopped anyway.
    """
    functions: dict[int, str] = {}
    own: list[tuple[Any, str]] = []
    held: list[tuple[Any, str, str]] = []
    for dotted in names:
        parts = dotted.split(".")
        owner: Any = sys.modules.get(parts[0])
        for part in parts[1:-1]:
            owner = getattr(owner, part, None)
        target = getattr(owner, parts[-1], None)
        plain = not isinstance(target, type) or dotted in _BELOW_MODES
        if callable(target) and plain and not hasattr(target, "overloads"):
            functions[id(target)] = dotted
            own.append((target, dotted))
            held.append((owner, parts[-1], dotted))
    modules = dict(sys.modules)
    everywhere = (*held, *_held_by(modules.values(), functions))
    return _Places(functions, tuple(own), everywhere, frozenset(modules))


def _held_by(
    modules: Iterable[ModuleType], functions: Mapping[int, str]
) -> Iterator[tuple[ModuleType, str, str]]:
    """Which modules hold some functions, and under which names."""
    for module in modules if functions else ():
        for name, value in list(getattr(module, "__dict__", {}).items()):
            if id(value) in functions:
                yield module, name, functions[id(value)]


def _replace_functions(names: tuple[str, ...]) -> None:
    """Replace plain functions of torch or NumPy wherever they are held."""
    places = _places(names)
    late = []
    if places.functions and len(sys.modules) > len(places.seen):
        late = [module for name, module in sys.modules.items() if name not in places.seen]
    stops = {dotted: _stop(dotted) for dotted in names}
    for function, dotted in places.own:
        _empty(function, stops[dotted])
    for owner, name, dotted in (*places.held, *_held_by(late, places.functions)):
        setattr(owner, name, stops[dotted])


def _homes(names: Sequence[str], watched: Sequence[str]) -> dict[str, str]:
    """The files whose code is not to be run again, each with what is forbidden of it.

    Those of functions in Python, and of watched modules, imported or not.
    """
    homes = {}
    for function, dotted in _places(tuple(names)).own:
        function = inspect.unwrap(function)
        if isinstance(function, FunctionType):
            homes[function.__code__.co_filename] = dotted
    for module in watched:
        top, *below = module.split(".")
        for folder in getattr(sys.modules.get(top), "__path__", ()):
            path = "/".join((folder, *below))
            homes |= {f"{path}.py": module, f"{path}/__init__.py": module}
    return homes


def _stop_engine() -> None:
    """Stop gradients, backward and forward, under whatever name they are asked for.

    Every function of torch's in Python that runs backwards calls the engine that `Variable` holds;
    forward mode makes dual numbers. What runs backwards in C++ (an operator, TorchScript) or calls
    the nodes of a graph one by one needs the tensors that the graph has saved, and is stopped when
    it takes one out. That is so in every thread, and below hooks of the submission's own. The
    worker keeps the engine's own method for the gradients that the judge asks for, and says so by
    `the_judge_asks`.
    """
    import torch
    from torch.autograd.variable import Variable

    stop = _stop(ENGINE)

    def take_out(saved: object) -> object:
        return saved if _judge_asks else stop()

    _hook_saved_tensors(torch, take_out)
    engine = type("StoppedEngine", (), {"__getattr__": lambda self, name: stop})()
    Variable._execution_engine = engine
    for name in ("_ImperativeEngine", "_EngineBase"):
        if hasattr(torch._C, name):
            setattr(torch._C, name, stop)
    library = _kernels(torch, "aten")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for key in ("CompositeExplicitAutograd", "AutogradCPU", "AutogradCUDA"):
            library.impl("_make_dual", key, stop, False)
        library.impl("_backward", "CompositeImplicitAutograd", stop, False)


def _hook_saved_tensors(torch: Any, take_out: Callable[[Any], Any]) -> None:
    """Have each tensor that a graph gives back pass `take_out` first.

    torch asks only the hooks that were pushed last, and each thread has its own.
    """
    push: Any = torch._C._autograd._push_saved_tensors_default_hooks
    pop: Any = torch._C._autograd._pop_saved_tensors_default_hooks
    own = threading.local()

    def push_own(pack: Callable[[Any], Any], unpack: Callable[[Any], Any]) -> None:
        push(pack, lambda saved: take_out(unpack(saved)))
        own.count = getattr(own, "count", 0) + 1

    def pop_own() -> None:
        if getattr(own, "count", 0):
            own.count -= 1
            pop()

    _in_each_thread(lambda: push(lambda saved: saved, take_out))
    for module in (torch._C._autograd, torch.autograd):
        module._push_saved_tensors_default_hooks = push_own
        module._pop_saved_tensors_default_hooks = pop_own
    torch._C._autograd._saved_tensors_hooks_set_tracing = lambda on: False  # hooks stay


def _stop_tensors(torch: Any) -> None:
    """Stop every operation on tensors: torch can be found among the classes that are alive.

    What would take a thread below the mode that stops them is stopped with the functions.
    """
    stop = _stop("torch")

    class Stopped(torch.utils._python_dispatch.TorchDispatchMode):  # type: ignore[misc]
        def __torch_dispatch__(self, *_: object, **__: object) -> Any:
            return stop()

    _in_each_thread(lambda: Stopped().__enter__())


_BELOW_MODES = tuple(
    f"torch._C.{name}"
    for name in (
        *("_DisableTorchDispatch", "_pop_torch_dispatch_stack", "_unset_dispatch_mode"),
        *("_dispatch_tls_set_dispatch_key_excluded", "_dispatch_tls_set_dispatch_key_included"),
        *("_ExcludeDispatchKeyGuard", "_IncludeDispatchKeyGuard", "_ForceDispatchKeyGuard"),
        *("_SetExcludeDispatchKeyGuard", "_RestorePythonTLSSnapshot"),
    )
)
"""What switches modes off in a thread."""


def _in_each_thread(prepare: Callable[[], Any]) -> None:
    """Call a function here, and in each thread that Python starts from here on, before its own."""

    def prepared(start: Callable[..., Any]) -> Callable[..., Any]:
        def start_prepared(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
            def begin(*args: Any, **kwargs: Any) -> Any:
                prepare()
                return function(*args, **kwargs)

            return start(begin, *args, **kwargs)

        return start_prepared

    prepare()
    for module in (_thread, threading):
        for name in _STARTS:
            if hasattr(module, name):
                setattr(module, name, prepared(getattr(module, name)))


_STARTS = (
    *("start_new", "start_new_thread", "_start_new_thread"),
    *("start_joinable_thread", "_start_joinable_thread"),  # since Python 3.13
)


_judge_asks: list[bool] = []


@contextlib.contextmanager
def the_judge_asks() -> Iterator[None]:
    """In this block gradients may be taken: the judge asks for them, and not the submission."""
    _judge_asks.append(True)
    try:
        yield
    finally:
        _judge_asks.pop()


def _stop_named(module: ModuleType, words: Sequence[str]) -> None:
    """Stop all in a module that is named after one of the words."""
    stopped = {}
    for name, value in list(vars(module).items()):
        # Operators of a higher order run functions of this module, and torch looks at them itself.
        if not _held(name, words) or not callable(value) or hasattr(value, "py_kernels"):
            continue
        stop = _stop(f"{module.__name__}.{name}")
        if isinstance(value, type):
            _empty(getattr(value, "forward", None), stop)
            value.forward = stop  # type: ignore[attr-defined]
        else:
            _empty(value, stop)
            stopped[value] = stop
            setattr(module, name, stop)
    tables = getattr(sys.modules.get("torch._decomp"), "global_decomposition_table", {})
    for table in tables.values():
        for operator, function in list(table.items()):
            if function in stopped:
                table[operator] = stopped[function]


class _Watch(importlib.abc.MetaPathFinder):
    """Stops what is named after the words in modules, as they are imported."""

    def __init__(
        self, names: tuple[str, ...], words: tuple[str, ...], first_run: reruns.FirstRun
    ) -> None:
        self.names = names
        self.words = words
        self.first_run = first_run

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Find a watched module as ever, and have it seen to once it is executed."""
        spec = PathFinder.find_spec(fullname, path) if fullname in self.names else None
        if spec is None or spec.loader is None:
            return spec
        execute = spec.loader.exec_module

        def exec_module(module: ModuleType) -> None:
            with self.first_run():
                execute(module)
            _stop_named(module, self.words)

        spec.loader.exec_module = exec_module  # type: ignore[method-assign]
        return spec


class _Refuse(importlib.abc.MetaPathFinder):
    """Refuses to import the forbidden packages, and says so."""

    def __init__(self, packages: tuple[str, ...]) -> None:
        self.packages = packages

    def find_spec(self, fullname: str, path: object = None, target: object = None) -> None:
        """Raise for a forbidden package; leave the rest to the ordinary finders."""
        if fullname.split(".")[0] in self.packages:
            _stop(fullname)()
