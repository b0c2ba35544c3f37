"""Calls what torch's inner modules hold, and prints what gives the answer of a kata.

Run by `test_delegation` in a process of its own, since the guard cannot be taken off again:

    python -m tests.worker.torch_walk norms before

The last word says whether the modules are imported before the guard stands, or behind it.
"""

import copy
import importlib
import pkgutil
import signal
import sys
import warnings
from collections.abc import Callable, Iterator
from types import ModuleType

import torch

from grader.course.catalog import built_in_course
from grader.worker import forbidden

PACKAGES = ("torch._refs", "torch._decomp", "torch._prims", "torch._prims_common", "torch.nn.utils")
MODULES = (
    *("torch._inductor.decomposition", "torch._inductor.fx_passes.fuse_attention"),
    *("torch._functorch.apis", "torch.nn.functional"),
    *("torch.functional", "torch.masked", "torch.linalg", "torch.special", "torch.nn.attention"),
)
AVOID = ("set_", "_init", "manual", "fork", "load", "save", "exit", "print", "compile", "register")
CALL_S = 2.0

rng = torch.Generator().manual_seed(0)
N, D, H = 3, 5, 4


def draw(*shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=rng)


x, h, c = draw(N, D), draw(N, H), draw(N, H)
w, b, eps = draw(D), draw(D), 1e-5
q, k, v = draw(2, 3, 4), draw(2, 6, 4), draw(2, 6, 4)
weights = [draw(4 * H, D), draw(4 * H, H), draw(4 * H), draw(4 * H)]
even = (x - x.mean(1, keepdim=True)) / (x.var(1, keepdim=True, correction=0) + eps).sqrt()
gates = x @ weights[0].T + weights[2] + h @ weights[1].T + weights[3]
i, f, g, o = gates.chunk(4, dim=1)
new_c = f.sigmoid() * c + i.sigmoid() * g.tanh()

ANSWERS = {
    "norms": [even, even * w, even * w + b],
    "attention": [torch.softmax(q @ k.mT / 2, -1) @ v],
    "recurrent": [new_c, o.sigmoid() * new_c.tanh()],
}
CALLS = {
    "norms": [
        *((x, dims, eps) for dims in (1, [1], (1,), [D])),
        *((x, dims) for dims in (1, [1], (D,), eps)),
        *((x, [D], w, b, eps), (x, [D], None, None, eps), (x, 1, w, b, eps), (x,)),
        *((x, w, b, N, 1, D, 1, eps), (x[None], N, w, b, eps)),
        *((x.T, None, None, None, None, True, 0.1, eps), (x.T, None, None, True, 0.1, eps)),
    ],
    "attention": [
        *((q, k, v), (q, k, v, None), (q[:, None], k[:, None], v[:, None])),
        *((q, k, v, torch.zeros(2, 3, 6)), (q, k, v, 2.0), (q, k, v, 2.0, 0.0)),
        *((q[:, None], k[:, None], v[:, None], 0.0, False), (q.mT, k.mT, v.mT)),
    ],
    "recurrent": [
        *((x, (h, c), *weights), (x, h, c, *weights), (x, h, c, weights), (gates, c)),
        (x[None], (h[None], c[None]), weights, True, 1, 0.0, False, False, False),
        (x[None], h[None], c[None], weights, False, False),
        (x[None], [h[None], c[None]], [weights], True, 1, 0.0, False, False, False),
    ],
}


def modules() -> Iterator[ModuleType]:
    names = [*PACKAGES, *MODULES]
    for package in PACKAGES:
        path = importlib.import_module(package).__path__ if package != "torch._prims_common" else []
        names += [found.name for found in pkgutil.walk_packages(path, f"{package}.")]
    for name in dict.fromkeys(names):
        try:
            yield importlib.import_module(name)
        except Exception:  # what cannot be imported gives nobody an answer
            continue


def tensors(value: object, depth: int = 4) -> Iterator[torch.Tensor]:
    if isinstance(value, torch.Tensor) and not value.is_meta:
        yield value
    elif isinstance(value, tuple | list) and depth:
        for part in value:
            yield from tensors(part, depth - 1)


def is_answer(value: torch.Tensor, group: str) -> bool:
    return any(
        value.numel() == answer.numel()
        and any(
            torch.allclose(form.reshape(answer.shape).to(answer.dtype), answer, atol=1e-4)
            for form in (value, value.mT if value.dim() > 1 else value)
        )
        for answer in ANSWERS[group]
    )


def gives(function: Callable[..., object], group: str) -> bool:
    """Whether one of the usual calls gives an answer of the kata."""
    for arguments in CALLS[group]:
        signal.setitimer(signal.ITIMER_REAL, CALL_S)
        try:
            found = function(*copy.deepcopy(arguments))
            if any(is_answer(one, group) for one in tensors(found)):
                return True
        except BaseException:  # whatever they raise for arguments that are not theirs
            continue
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
    return False


def walk(group: str, when: str) -> list[str]:
    """The names of the functions that give an answer while the guard stands."""
    rules = built_in_course().groups[group]
    found = list(modules()) if when == "before" else []
    forbidden.install(rules)
    seen: set[int] = set()
    names = []
    for module in found or modules():
        for name, function in list(vars(module).items()):
            home = getattr(function, "__module__", None) or ""
            skipped = isinstance(function, type) or any(word in name for word in AVOID)
            if not callable(function) or skipped or id(function) in seen:
                continue
            seen.add(id(function))
            if home.startswith("torch") and gives(function, group):
                names.append(f"{module.__name__}.{name}")
    sys.stdout.write(" ".join([str(len(seen)), *names, "\n"]))
    return names


if __name__ == "__main__":
    signal.signal(signal.SIGALRM, lambda *_: (_ for _ in ()).throw(TimeoutError()))
    warnings.simplefilter("ignore")
    walk(*sys.argv[1:])
