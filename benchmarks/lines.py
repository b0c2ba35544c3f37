"""How often the line that is shown is one that a mistake has changed.

    python benchmarks/lines.py [KATA ...]

Every misconception of the katas is graded. Of those whose values or gradients are wrong: how many
are shown at a line that their edit has changed, or at the line behind it; elsewhere; nowhere. What
is shown is the operation at which values leave those of every right answer, or else where a
gradient is cut or stops being finite.
"""

import difflib
import sys
from collections import Counter

from grader.course.catalog import built_in_course
from grader.course.misconceptions import mutant_source
from grader.judge.opening import open_grader

KATAS = (
    *("rnn_cell", "lstm_cell", "gru_cell", "reset_variants", "peephole_lstm", "layer_norm_lstm"),
    *("rnn_jacobian", "gate_layouts", "lstm_backward"),
)


def changed_lines(before: list[str], after: list[str]) -> set[int]:
    """The lines of `after` that an edit has changed, and the line behind each."""
    found: set[int] = set()
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    for tag, _, _, first, last in matcher.get_opcodes():
        if tag != "equal":
            found |= set(range(first + 1, max(last, first + 1) + 2))
    return found


def main() -> None:
    """Print a row for each kata, and the sum."""
    course = built_in_course()
    total: Counter[str] = Counter()
    with open_grader(course, training=False) as grader:
        for name in sys.argv[1:] or KATAS:
            kata = course.find(name)
            before = kata.solution.read_text(encoding="utf-8").splitlines()
            counts: Counter[str] = Counter()
            for item in kata.misconceptions:
                source = mutant_source(item, kata.solution, kata.solutions)
                checks = grader.attempt_source(kata, source).verdict().checks
                if not any(c.counterexample and c.counterexample.mismatched for c in checks):
                    continue
                places = [place for c in checks for place in (c.suspect, c.location) if place]
                lines = changed_lines(before, source.decode().splitlines())
                where = "elsewhere" if places else "nowhere"
                counts["there" if places and places[0].line in lines else where] += 1
                counts["wrong values"] += 1
            print(f"{kata.name:32} {dict(counts)}")
            total += counts
    print(f"{'in all':32} {dict(total)}")


if __name__ == "__main__":
    main()
