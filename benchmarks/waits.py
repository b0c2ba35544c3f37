"""How long a learner waits for the name of a mistake, where nobody has asked before them.

    python benchmarks/waits.py [--each 3] [KATA ...]

Some misconceptions of each kata are graded, each by a judge that has been asked nothing: so it is
with every `kata check`. Then each is graded once more, as in a class or in `kata watch`. What a
command takes to start is not in it.
"""

import argparse
import statistics
import subprocess
import sys
import time

from grader.course.catalog import built_in_course
from grader.course.kata import Kata
from grader.course.misconceptions import mutant_source
from grader.judge.grader import Grader
from grader.judge.opening import open_grader


def waits(grader: Grader, kata: Kata, each: int) -> list[tuple[float, float, str]]:
    """Of some misconceptions, spread over the bank: seconds at first and once more, and its id."""
    checks = grader.prepared(kata).checks
    items = [item for item in kata.misconceptions if not checks[item.caught_by].trains]
    chosen = items[:: max(1, len(items) // each)][:each]
    found = []
    for item in chosen:
        grader.close()  # what it knew of misconceptions and cases is forgotten
        source = mutant_source(item, kata.solution, kata.solutions)
        seconds = []
        for _ in range(2):
            began = time.perf_counter()
            grader.attempt_source(kata, source).verdict()
            seconds.append(time.perf_counter() - began)
        found.append((seconds[0], seconds[1], item.id))
    return found


def main() -> None:
    """Print a row for each kata, and the medians."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("katas", nargs="*", metavar="KATA")
    parser.add_argument("--each", type=int, default=3, help="misconceptions of each kata")
    arguments = parser.parse_args()
    course = built_in_course()
    katas = [course.find(name) for name in arguments.katas] or list(course.katas)
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import torch"], check=True)
    print(f"import torch: {time.perf_counter() - began:.2f} s")
    every: list[tuple[float, float, str]] = []
    with open_grader(course, training=False) as grader:
        _ = grader.sandbox.isolation
        for kata in katas:
            found = sorted(waits(grader, kata, arguments.each))
            every += found
            cold, warm = (statistics.median(row[n] for row in found) for n in (0, 1))
            longest = f"{found[-1][0]:.2f} s for {found[-1][2]}"
            print(f"{kata.name:36} {cold:6.2f} {warm:6.2f}   at most {longest}", flush=True)
    cold, warm = (statistics.median(row[n] for row in every) for n in (0, 1))
    print(f"{'median of all':36} {cold:6.2f} {warm:6.2f}")


if __name__ == "__main__":
    main()
