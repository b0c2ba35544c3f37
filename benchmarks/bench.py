"""How fast it is, as ratios taken in one run: on a shared machine, seconds say little.

Run by hand on a quiet machine: `.venv/bin/python benchmarks/bench.py [--repeat 5]`. The bars are
those that the project sets itself; the figures go into benchmarks/README.md.
"""

import argparse
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from in_process import in_file

from grader.checks.check import derive
from grader.judge.opening import open_grader
from grader.submission.find import SubmissionFile

ROOT = Path(__file__).parents[1]
KATA = "lstm/lstm_cell"
KATA_COMMAND = str(Path(sys.executable).with_name("kata"))


def timed(call: Callable[[], object]) -> float:
    """Seconds that a call takes."""
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def command(*arguments: str) -> Callable[[], object]:
    """A command to be timed, from a cold start."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}

    def run() -> None:
        subprocess.run(arguments, cwd=ROOT, env=environment, capture_output=True, check=False)

    return run


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--repeat", type=int, default=5)
    repeat = parser.parse_args().repeat
    right = ROOT / "examples/submissions/right.py"
    wrong = ROOT / "examples/submissions/swapped_gates.py"
    cold: dict[str, list[float]] = {"import torch": [], "kata list": [], "cold check": []}
    runs = {
        "import torch": command(sys.executable, "-c", "import torch"),
        "kata list": command(KATA_COMMAND, "list"),
        "cold check": command(KATA_COMMAND, "check", KATA, "--submission", str(right)),
    }
    for run in runs.values():
        run()
    for _ in range(repeat):  # taken in turns, so that all see the same neighbours
        for name, run in runs.items():
            cold[name].append(timed(run))
    median = {name: statistics.median(times) for name, times in cold.items()}
    base = median["import torch"]
    warm = _warm(right, wrong, repeat)
    rows: list[tuple[str, float, float | None]] = [
        ("kata list / import torch", median["kata list"] / base, 0.3),
        ("cold kata check / import torch", median["cold check"] / base, 1.2),
        ("warm right / in one process, cases drawn", warm["right"] / warm["in process"], 2.0),
        ("warm right / in one process, cases known", warm["right"] / warm["cases known"], 2.0),
        ("warm wrong, told / import torch", warm["wrong"] / base, 0.2),
    ]
    print(f"{'seconds (median of ' + str(repeat) + ')':45} {'s':>8}")
    for name, seconds in {**median, **{f"warm {k}": v for k, v in warm.items()}}.items():
        print(f"{name:45} {seconds:8.3f}")
    print(f"\n{'ratio':45} {'is':>8} {'bar':>8}")
    for name, ratio, bar in rows:
        over = "" if bar is None or ratio <= bar else "  over"
        print(f"{name:45} {ratio:8.2f} {'' if bar is None else f'{bar:8.2f}'}{over}")
    katas = sorted(_every_kata(repeat).items(), key=lambda item: item[1])
    print(f"\n{'the solution of every kata, warm':45} {'s':>8}")
    print(f"{'median of ' + str(len(katas)):45} {statistics.median(t for _, t in katas):8.3f}")
    for name, seconds in katas[:-4:-1]:
        print(f"{name:45} {seconds:8.3f}")


def _warm(right: Path, wrong: Path, repeat: int) -> dict[str, float]:
    names = ("right", "wrong", "in process", "cases known")
    times: dict[str, list[float]] = {name: [] for name in names}
    with open_grader() as grader:
        kata = grader.course.find(KATA)
        plain = in_file(right)

        def in_process(*, known: bool) -> None:
            prepared = grader.prepared(kata)
            for check in prepared.checks.values():
                seed = derive(prepared.seed, kata.name, check.name)
                drawn = prepared.cases(check) if known else None
                check.run(seed=seed, each=lambda body: body(plain), drawn=drawn)

        runs = {
            "right": lambda: grader.grade(SubmissionFile(kata, right)),
            "wrong": lambda: grader.grade(SubmissionFile(kata, wrong)),
            "in process": lambda: in_process(known=False),
            "cases known": lambda: in_process(known=True),
        }
        for run in runs.values():
            run()
        for _ in range(repeat):
            for name, run in runs.items():
                times[name].append(timed(run))
    return {name: statistics.median(values) for name, values in times.items()}


def _every_kata(repeat: int) -> dict[str, float]:
    """Seconds that the solution of each kata takes, as a class' second submission."""
    found = {}
    with open_grader() as grader:
        for kata in grader.course.katas:
            grader.grade(SubmissionFile(kata, kata.solution))
            times = [grader.grade(SubmissionFile(kata, kata.solution)) for _ in range(repeat)]
            found[kata.name] = statistics.median(verdict.duration_s for verdict in times)
    return found


if __name__ == "__main__":
    main()
