"""`kata check --example`: the worked example of the task, on the learner's own code."""

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

from grader.cli.common import INTERNAL, NOT_PASSED, OK, begun, progress
from grader.errors import UsageError
from grader.judge.opening import open_grader

if TYPE_CHECKING:
    from grader.course.catalog import Course
    from grader.submission.find import SubmissionFile


def work_examples(
    course: "Course", found: "Sequence[SubmissionFile]", arguments: argparse.Namespace
) -> int:
    """Show the worked examples of some submissions; nothing is kept, and no points are given.

    Raises:
        UsageError: an argument makes no sense here, or none of the tasks has a worked example.
    """
    _refuse_others(arguments)
    chosen = [item for item in found if item.kata.example_file.is_file()]
    if not chosen:
        why = found[0].kata.spec.no_example if len(found) == 1 else ""
        raise UsageError(f"{found[0].kata.name} has no worked example to run", advice=why)
    with begun(open_grader(course, level=arguments.isolation, training=False)) as grader:
        from grader.present.example import write_example
        from grader.present.report import Writer
        from grader.present.text import console
        from grader.verdict import Status

        writer = Writer(console(), verbose=arguments.verbose)
        statuses = set()
        for item in chosen:
            with progress(item.kata.name) as show:
                attempt = grader.attempt(item, progress=show)
                result = attempt.example()
                attempt.close()
            statuses.add(result.status)
            write_example(writer, item.kata, result, brief=len(chosen) > 1)
    if Status.INTERNAL_ERROR in statuses:
        return INTERNAL
    return OK if statuses == {Status.PASSED} else NOT_PASSED


def _refuse_others(arguments: argparse.Namespace) -> None:
    """What asks for a verdict, where there will be none."""
    asked = {
        "--json": arguments.json,
        "--format": arguments.format != "text",
        "--secret-seed": arguments.secret_seed is not None,
        "--svg": arguments.svg,
        "--data": arguments.data,
        "--device": arguments.device != "cpu",
    }
    for name, value in asked.items():
        if value:
            raise UsageError(
                f"--example gives no verdict, so it does not go with {name}",
                advice="Leave one of them out.",
            )
