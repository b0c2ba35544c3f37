"""A failing case again: every exchange in full, or the learner's own code on it under pdb."""

import bdb
import importlib.util
import pdb
import sys
import traceback
from collections.abc import Sequence
from typing import Any

import torch

from grader.errors import UsageError
from grader.judge.conversation import Exchange, RemoteHandle
from grader.judge.counterexample import describe_argument
from grader.present.report import Writer
from grader.submission.find import SubmissionFile
from grader.wire.messages import Call, HandleRef
from grader.worker import chance


def show(report: Writer, exchanges: Sequence[Exchange]) -> None:
    """Write every question of the case, with its whole arguments, and what was answered."""
    for number, exchange in enumerate(exchanges, 1):
        report.line(f"call {number}: {exchange.label}", style="bold", indent=2)
        if isinstance(exchange.call, Call):
            for index, value in enumerate(exchange.call.args):
                report.argument(describe_argument(f"argument {index + 1}", value, whole=True))
            for name, value in exchange.call.kwargs.items():
                report.argument(describe_argument(name, value, whole=True))
        if exchange.error is not None:
            report.line(f"raised {exchange.error}", indent=8)
        elif exchange.answer is not None:
            for name, value in (
                ("answer", exchange.answer.value),
                ("gradients", exchange.answer.gradients),
            ):
                if value is not None or name == "answer":
                    report.argument(describe_argument(name, value, whole=True))


def debug(found: SubmissionFile, exchanges: Sequence[Exchange]) -> None:
    """Run the case's calls in this process, unsandboxed, the last one under pdb.

    Raises:
        UsageError: the submission is a notebook (pdb needs a file of Python).
    """
    if found.path.suffix != ".py":
        raise UsageError("--pdb needs a .py file", advice="Export the notebook's code cells first.")
    try:
        _debug(found, exchanges)
    except bdb.BdbQuit:
        return
    except Exception:  # the learner's own, so its traceback is what they want to see
        traceback.print_exc()
        pdb.post_mortem()


def _debug(found: SubmissionFile, exchanges: Sequence[Exchange]) -> None:
    spec = importlib.util.spec_from_file_location(found.kata.short, found.path)
    if spec is None or spec.loader is None:
        raise UsageError(f"{found.path} cannot be imported")
    module = importlib.util.module_from_spec(spec)
    sys.modules[found.kata.short] = module
    spec.loader.exec_module(module)
    objects: dict[int, Any] = {}
    for number, exchange in enumerate(exchanges, 1):
        call = exchange.call
        if not isinstance(call, Call):
            continue
        target = (
            getattr(module, call.target) if isinstance(call.target, str) else objects[call.target]
        )
        if call.method is not None:
            target = getattr(target, call.method)
        if call.chance is not None:
            for start in chance.seeders():
                start(call.chance)
        if call.seed is not None:
            torch.manual_seed(call.seed)
        args = _local(call.args, objects)
        kwargs = _local(call.kwargs, objects)
        if number == len(exchanges):
            pdb.runcall(target, *args, **kwargs)
            return
        answer = target(*args, **kwargs)
        if exchange.answer is not None:
            _remember(exchange.answer.value, answer, objects)


def _local(value: Any, objects: dict[int, Any]) -> Any:
    """Arguments with handles replaced by the objects that they stand for."""
    if isinstance(value, HandleRef | RemoteHandle):
        return objects[value.number]
    if isinstance(value, tuple | list):
        return type(value)(_local(item, objects) for item in value)
    if isinstance(value, dict):
        return {key: _local(item, objects) for key, item in value.items()}
    return value


def _remember(recorded: Any, local: Any, objects: dict[int, Any]) -> None:
    """Pair the handles of a recorded answer with the objects of the same call made here."""
    if isinstance(recorded, RemoteHandle):
        objects[recorded.number] = local
    elif isinstance(recorded, tuple | list) and isinstance(local, tuple | list):
        for one, other in zip(recorded, local, strict=False):
            _remember(one, other, objects)
