"""A submission in the process that judges it: what the engine is compared with.

The questions and the checks are the engine's, without its sandbox, its counterexamples and its
diagnosis; cases are drawn by Hypothesis.
"""

import importlib.util
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import torch

from grader.checks.check import Check, derive
from grader.checks.load import load_checks
from grader.checks.submission import Target
from grader.course.catalog import built_in_course
from grader.wire.messages import Answer


class Functions:
    """A submission, as the functions of a module or of a notebook."""

    device = "cpu"

    def __init__(self, names: Mapping[str, Any]) -> None:
        self.names = names

    def __getitem__(self, name: str) -> Target:
        """A function."""
        return _Function(self.names[name])


def in_file(path: Path) -> Functions:
    """The functions of a file, which is run."""
    spec = importlib.util.spec_from_file_location("in_process", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return Functions(vars(module))


class _Function(Target):
    """A function of this process, asked as if it were in a worker."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function

    def ask(self, args: Sequence[Any], kwargs: Mapping[str, Any], **options: Any) -> Answer:
        """Call it on copies, where they are looked at afterwards."""
        cotangents = options.get("cotangents")
        if options.get("inputs") or cotangents is not None:
            args = tuple(a.clone() for a in args)
        if cotangents is None:
            return Answer(0, self.function(*args, **kwargs), args)
        leaves = [args[i].requires_grad_() for i in options["wrt"]]
        value = self.function(*args, **kwargs)
        total = sum((o * v).sum() for o, v in zip(value, cotangents, strict=True))
        return Answer(0, value, gradients=torch.autograd.grad(total, leaves, allow_unused=True))


@cache
def checks_of(kata: str) -> dict[str, Check]:
    """The checks of a kata of the built-in course, by name."""
    found = built_in_course().find(kata)
    checks = load_checks(
        found.checks_file,
        name="checks_here",
        parameters={name: one.parameters for name, one in found.signatures.items()},
    )
    return {check.name: check for check in checks}


def hold(kata: str, check: str, names: Mapping[str, Any]) -> None:
    """Run one check on functions of this process.

    Raises:
        Exception: what the check, or the submission, raises where it fails.
    """
    submission = Functions(names)
    seed = derive(0, built_in_course().find(kata).name, check)
    checks_of(kata)[check].run(seed=seed, each=lambda body: body(submission), drawn=None)
