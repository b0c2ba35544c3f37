"""What one judge holds after many different wrong submissions of a class.

    python benchmarks/memory.py [1000] [--kata lstm_cell lstm_layer]

Two edits of the bank at once make as many different wrong submissions as are wanted, each with a
diagnosis of its own. One judge grades them all, the katas in turns. Prints the resident memory of
the judge and what the processes below it have of their own, after the first 50 and then after each
hundred, and the judge's own processor time for a verdict.
"""

import argparse
import random
import time
from collections.abc import Iterator
from itertools import islice

import psutil

from grader.course.catalog import built_in_course
from grader.course.kata import Kata
from grader.course.misconceptions import both_edited
from grader.judge.opening import open_grader

START = 50


def wrong_ones(kata: Kata) -> Iterator[bytes]:
    """Submissions with two mistakes, in an order of chance; no two are equal."""
    chance = random.Random(kata.name)
    solution = kata.solution.read_text(encoding="utf-8")
    edited = [item for item in kata.misconceptions if item.edits]
    seen = set()
    while True:
        made = both_edited(*chance.sample(edited, 2), {"": solution})
        if made is not None and made[2] not in seen:
            seen.add(made[2])
            yield made[2]


def memory_mib() -> tuple[float, float]:
    """What this process has in memory, and what those below it have on their own."""
    me = psutil.Process()
    below = 0
    for child in me.children(recursive=True):
        try:
            below += child.memory_full_info().uss
        except psutil.Error:
            continue
    return me.memory_info().rss / 2**20, below / 2**20


def main() -> None:
    """Print a row after each hundred."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("count", type=int, nargs="?", default=1000)
    parser.add_argument("--kata", nargs="+", default=["lstm_cell", "lstm_layer"])
    given = parser.parse_args()
    course = built_in_course()
    katas = [course.find(name) for name in given.kata]
    files = [wrong_ones(kata) for kata in katas]
    print(f"{'verdicts':>9} {'judge, MiB':>11} {'below it, MiB':>14} {'s a verdict':>12}")
    start = 0.0
    with open_grader(course, training=False) as grader:
        since = time.process_time()
        for number in range(1, given.count + 1):
            place = number % len(katas)
            [source] = islice(files[place], 1)
            grader.attempt_source(katas[place], source).verdict()
            if number == START or number % 100 == 0:
                judge, below = memory_mib()
                start = start or judge
                used = (time.process_time() - since) / number
                print(f"{number:9} {judge:11.0f} {below:14.0f} {used:12.2f}", flush=True)
    print(f"at the end {judge / start:.2f} times what it was after {START}")


if __name__ == "__main__":
    main()
