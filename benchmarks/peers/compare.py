"""`kata grade` beside otter-grader and nbgrader, on the same submissions and checks in one run.

    python benchmarks/peers/compare.py [--kata lstm_cell] [--count 20] [--few 5]
        [--jobs 1] [--otter VENV/bin] [--nbgrader VENV/bin]

Each peer has a virtual environment of its own, which also has to see torch and what this project
needs: the path of this project's site-packages in a .pth file of its own does that. What is
compared: right answers and wrong ones, no two equal, and every check of the kata on as many cases.
The peers run the checks in the submission's own process, without a sandbox, a smallest case or a
diagnosis. `kata grade` grades `--count` files, the peers `--few` of these, since they take seconds
for each, one after the other as they do it; what starts before the first file counts for all. The
points have to agree.
"""

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from classes import Spent, kata_command, spent
from in_process import checks_of
from with_nbgrader import Nbgrader
from with_otter import Otter

from grader.course.catalog import built_in_course
from grader.course.kata import Kata
from grader.course.misconceptions import mutant_source

BENCHMARKS, ROOT = Path(__file__).resolve().parents[1:3]


def sources_of(kata: Kata, count: int) -> dict[str, str]:
    """Submissions, right and wrong in turns; no two are equal."""
    right = [kata.solution, *kata.alternatives]
    found = {}
    for number in range(count):
        item = kata.misconceptions[number // 2 % len(kata.misconceptions)]
        data = (
            mutant_source(item, kata.solution, kata.solutions)
            if number % 2
            else right[number // 2 % len(right)].read_bytes()
        )
        found[f"student{number:04}"] = f"{data.decode()}\n# {number}\n"
    return found


def ours(
    place: Path, kata: Kata, sources: dict[str, str], jobs: int
) -> tuple[Spent, dict[str, float]]:
    """What `kata grade` takes, and the points."""
    for student, source in sources.items():
        path = place / "handed in" / student / f"{kata.short}.py"
        path.parent.mkdir(parents=True)
        path.write_text(source)
    book, out = place / "class.sqlite", place / "marks.json"
    with spent() as taken:
        kata_command("grade", place / "handed in", "--gradebook", book, "--jobs", str(jobs))
    kata_command("export", "--gradebook", book, "--format", "json", "-o", out)
    marks = json.loads(out.read_bytes())["marks"]
    return taken[0], {mark["student"]: mark["points"] for mark in marks}


def show(name: str, count: int, taken: Spent) -> None:
    """Print a row."""
    print(
        f"{name:24} {count:5} files {taken.wall_s / count:7.2f} s each, "
        f"{taken.cpu_s / count:7.2f} s of the processor",
        flush=True,
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--kata", default="lstm_cell")
    parser.add_argument("--count", type=int, default=20)
    parser.add_argument("--few", type=int, default=5)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--otter", type=Path)
    parser.add_argument("--nbgrader", type=Path)
    given = parser.parse_args()
    kata = built_in_course().find(given.kata)
    checks = {name: check.points for name, check in checks_of(kata.name).items()}
    sources = sources_of(kata, given.count)
    few = dict([*sources.items()][: given.few])
    peers = [Otter(given.otter)] if given.otter else []
    peers += [Nbgrader(given.nbgrader)] if given.nbgrader else []
    path = [str(BENCHMARKS), str(ROOT)]
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):  # as the engine has it
        os.environ[name] = "1"
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "ours"
        mine, marks = ours(place, kata, sources, given.jobs)
        show(f"kata grade --jobs {given.jobs}", given.count, mine)
        for peer in peers:
            place = Path(folder) / type(peer).__name__
            place.mkdir()
            peer.prepare(place, kata.name, checks, few, path)
            with spent() as taken:
                peer.grade()
            show(peer.name, given.few, taken[0])
            per = [taken[0].wall_s / given.few, taken[0].cpu_s / given.few]
            ratios = per[0] / (mine.wall_s / given.count), per[1] / (mine.cpu_s / given.count)
            print(f"  {ratios[0]:.1f} times ours, {ratios[1]:.1f} times of the processor")
            other = {who: points for who, points in peer.points().items() if points != marks[who]}
            print(f"  points: {'all the same' if not other else f'others for {other}'}")


if __name__ == "__main__":
    main()
