"""A soak: many mixed submissions through one judge, with random kills of zygote and workers.

    python benchmarks/soak.py 2000 [--seed 0] [--kill 0.05] [--json PATH]

Innocent submissions must get the verdict that they always get, byte for byte apart from times,
unless their own worker or zygote was killed; then CRASHED or INTERNAL_ERROR is right, and the next
one is graded as ever. Prints the figures, and exits with 1 if anything was otherwise.
"""

import argparse
import collections
import contextlib
import json
import os
import random
import signal
import sys
import tempfile
import threading
import time
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import msgspec

from grader.submission.find import SubmissionFile
from grader.verdict import Status, Verdict

ROOT = Path(__file__).parents[1]


def load_attacks():
    """The hostile submissions and their arena, from the tests."""
    spec = spec_from_file_location("attacks", ROOT / "tests" / "test_attacks.py")
    module = module_from_spec(spec)
    sys.modules["attacks"] = module
    spec.loader.exec_module(module)
    return module


def without_times(verdict: Verdict) -> bytes:
    """A verdict as it must always be."""
    return msgspec.json.encode(msgspec.structs.replace(verdict, duration_s=0))


class Killer:
    """Kills a process below the judge now and then: the zygote (with its sandbox), or a worker."""

    def __init__(self, attacks, chance: random.Random) -> None:
        self.attacks, self.chance = attacks, chance
        self.killed: collections.Counter[str] = collections.Counter()
        self.spared: set[int] = set()

    def strike(self, delay_s: float) -> threading.Timer:
        """Kill one of them after a while."""
        timer = threading.Timer(delay_s, self._kill)
        timer.start()
        return timer

    def _kill(self) -> None:
        left = [(p, n) for p, n in self.attacks._descendants().items() if p not in self.spared]
        if left:
            pid, name = self.chance.choice(left)
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
                self.killed[name] += 1


def main() -> int:
    """Run it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("count", type=int, nargs="?", default=300)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--kill", type=float, default=0.05, help="how often something is killed")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    attacks = load_attacks()
    chance = random.Random(arguments.seed)
    hostile = [a for a in attacks.attacks() if a.kind == "file" and not a.patient]
    innocent = sorted((ROOT / "tests" / "corpus" / "lstm" / "lstm_cell").glob("*.py"))
    odd = ("never_ends", "eats_memory_in_python", "chance", "random_numbers")  # slow, or by chance
    quick = [p for p in innocent if p.stem not in odd]
    with tempfile.TemporaryDirectory() as folder:
        arena = attacks.Arena(Path(folder))
        killer = Killer(attacks, chance)
        killer.spared = {arena.bystander.pid}
        expected: dict[Path, bytes] = {}
        for path in quick:
            verdict = arena.grader.grade(SubmissionFile(arena.kata, path))
            expected[path] = without_times(verdict)
        statuses: collections.Counter[str] = collections.Counter()
        wrong: list[str] = []
        longest, began = (0.0, ""), time.monotonic()
        start_memory, start_descriptors = attacks._resident(), attacks._descriptors()
        peaks, before = [start_memory], False
        for number in range(arguments.count):
            attack = chance.choice(hostile) if chance.random() < 0.25 else None
            path = attack.path if attack else chance.choice(quick)
            # what is killed between two submissions may still be dying during the second
            strike = chance.random() < arguments.kill
            struck, before = strike or before, strike
            timer = killer.strike(chance.uniform(0, 0.3)) if strike else None
            since = time.monotonic()
            if attack is not None:
                verdict = arena.grade(attack)
            else:
                verdict = arena.grader.grade(SubmissionFile(arena.kata, path))
            took = time.monotonic() - since
            longest = max(longest, (took, path.stem))
            if timer is not None:
                timer.join()
            statuses[verdict.status] += 1
            peaks.append(attacks._resident())
            name = f"{number} {path.stem}"
            if attack is not None:
                if verdict.points > attack.points:
                    wrong.append(f"{name}: {verdict.points} points")
                if verdict.status == Status.INTERNAL_ERROR and not struck:
                    wrong.append(f"{name}: INTERNAL_ERROR")
            elif without_times(verdict) != expected[path]:
                mishap = verdict.status in (Status.INTERNAL_ERROR, Status.CRASHED) or (
                    verdict.diagnosis is None  # the worker of the misconceptions was the one killed
                )
                if not (struck and mishap):
                    wrong.append(f"{name}: the verdict changed: {verdict.status}")
        figures = {
            "verdicts": arguments.count,
            "seconds": round(time.monotonic() - began, 1),
            "statuses": dict(statuses),
            "killed": dict(killer.killed),
            "zygotes restarted": arena.grader.sandbox.restarts,
            "memory at start, MiB": start_memory >> 20,
            "memory at end, MiB": attacks._resident() >> 20,
            "most memory, MiB": max(peaks) >> 20,
            "descriptors at start and end": [start_descriptors, attacks._descriptors()],
            "longest stall, s": [round(longest[0], 2), longest[1]],
            "wrong": [len(wrong), *wrong[:20]],
        }
        for name, value in figures.items():
            print(f"{name}: {value}", flush=True)
        if arguments.json:
            arguments.json.write_text(json.dumps(figures, indent=2) + "\n")
        arena.close()
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
