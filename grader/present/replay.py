"""A failing case again: every exchange in full, or the learner's own code on it under pdb."""

import bdb
import importlib.util
import pdb
import signal
import sys
import tempfile
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from grader.course.kata import Kata
from grader.errors import UsageError
from grader.judge.conversation import Exchange, RemoteHandle
from grader.judge.counterexample import Story, described
from grader.present.report import Writer
from grader.submission.find import SubmissionFile
from grader.submission.notebook import places_for
from grader.submission.read import read_submission
from grader.wire.messages import Answer, Call, HandleRef
from grader.worker import chance
from grader.worker.cells import plan


def show(
    report: Writer, kata: Kata, exchanges: Sequence[Exchange], right: Sequence[Exchange]
) -> None:
    """Write every call of the case with its whole arguments, and what was answered.

    Args:
        report: where.
        kata: whose signatures name the arguments.
        exchanges: the case.
        right: what a right answer says to the same questions, as far as it could be asked.
    """
    story = Story(kata, exchanges)
    for number, exchange in enumerate(exchanges, 1):
        report.line(f"call {number}: {exchange.label}", style="bold", indent=2)
        if isinstance(exchange.call, Call):
            for name, value in story.named(exchange):
                for part in described(name, value, whole=True):
                    report.argument(part)
        other = right[number - 1] if number <= len(right) else None
        expected = other.answer if other is not None and other.label == exchange.label else None
        if exchange.error is not None:
            there = exchange.error.kind != "missing"  # else nothing was called
            report.line(f"raised {exchange.error}" if there else "not called", indent=8)
        _write_answer(report, exchange.answer, "answer", "gradients")
        if number == len(exchanges):
            _write_answer(report, expected, "expected", "expected gradients")


def _write_answer(report: Writer, answer: Answer | None, name: str, gradients: str) -> None:
    if answer is None:
        return
    for part in described(name, answer.value, whole=True):
        report.argument(part)
    if answer.gradients is not None:
        for part in described(gradients, answer.gradients, whole=True):
            report.argument(part)


def debug(found: SubmissionFile, exchanges: Sequence[Exchange]) -> None:
    """Run the case's calls in this process, unsandboxed, the last one under pdb.

    The cells of a notebook that the kata needs are run from a file of their own, since pdb shows
    lines of files.
    """
    # pdb hears Ctrl+C in its own way, and goes on to after it has ended.
    hears = signal.getsignal(signal.SIGINT)
    with tempfile.TemporaryDirectory() as folder:
        path = found.path
        if path.suffix != ".py":
            path = Path(folder, f"{found.kata.short}.py")
            path.write_bytes(_needed(found))
        try:
            _debug(found, path, exchanges)
        except bdb.BdbQuit:
            return
        except Exception:  # the learner's own, so its traceback is what they want to see
            traceback.print_exc()
            pdb.post_mortem()
        finally:
            signal.signal(signal.SIGINT, hears)


def _needed(found: SubmissionFile) -> bytes:
    """The code of the cells that the kata needs, in place; all of it for other files."""
    read = read_submission(found)
    if not read.cells:
        return read.source
    names = tuple(name for name in found.kata.signatures if "." not in name)
    return plan(read.source, read.file_name, places_for(found.kata.name, read.cells), names).source


def _debug(found: SubmissionFile, path: Path, exchanges: Sequence[Exchange]) -> None:
    spec = importlib.util.spec_from_file_location(found.kata.short, path)
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
