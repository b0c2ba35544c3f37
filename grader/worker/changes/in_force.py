"""What puts changes in force: a part of each text that has changes in it, written at its top.

A change is on where its number is in `grader_on`. The numbers below 0 are sites, expressions that
several changes have in common: where none of them is on, they need not be looked at one by one.
"""

import copy as grader_copy
import hashlib as grader_hashlib

MOST_ROUNDS = 20_000
"""After so many rounds of its loops, a call with a change in force ends; see `grader_each`."""

grader_on: "frozenset[int] | grader_Noting" = frozenset()
grader_rounds = 0
grader_most = MOST_ROUNDS
grader_sites: dict[
    int, list[int]
] = {}  # by the number of a change: what else is on with it; the text has its own


class grader_Noting:
    """In the place of the changes in force: notes which ones are come to, and none is on."""

    def __init__(self) -> None:
        self.numbers: set[object] = set()

    def __contains__(self, number: object) -> bool:
        self.numbers.add(number)
        return False


def grader_choose(number: int) -> None:
    """Put a change in force; 0 none."""
    global grader_on, grader_rounds
    grader_on = frozenset((number, *grader_sites.get(number, ())))
    grader_rounds = 0


def grader_note() -> None:
    """From here on, with no change in force, note which ones are come to."""
    global grader_on, grader_rounds
    grader_on = grader_Noting()
    grader_rounds = 0


def grader_noted() -> list[int]:
    """The numbers of the changes that have been noted."""
    seen: set[object] = getattr(grader_on, "numbers", set())
    return [n for n in grader_sites if n in seen or not seen.isdisjoint(grader_sites[n])]


def grader_each(
    numbers: list[int], calls: list[tuple[str, tuple[object, ...], dict[str, object]]]
) -> list[tuple[int, str]]:
    """Ask some calls (name, args, kwargs) with each of some changes.

    For each it gives a number, equal for those that answer alike, and the `grader_hash` of all
    answers. A call may take ten times as many rounds of its loops as without any change.
    """
    global grader_most
    found: dict[tuple[str, ...], int] = {}
    alike = []
    grader_most = MOST_ROUNDS
    for number in (0, *numbers):
        whole, parts = [], []
        for name, args, kwargs in calls:
            grader_choose(number)
            try:
                args, kwargs = grader_copy.deepcopy((args, kwargs))
                answer = globals()[name](*args, **kwargs)
                answer = list(answer) if hasattr(answer, "__next__") else answer
                whole.append(repr(answer))
                parts.append(grader_told(answer))
            except Exception as error:
                whole.append(str(error))
                parts.append(f"{type(error).__name__}:")
        if number == 0:
            grader_most = 10 * grader_rounds + 1_000
        else:
            told = ";".join(parts)
            alike.append((found.setdefault((told, *whole), len(found)), grader_hash(told)))
    grader_most = MOST_ROUNDS
    grader_choose(0)
    return alike


def grader_round() -> None:
    """A loop goes round once more."""
    global grader_rounds
    grader_rounds += 1
    if grader_rounds > grader_most:
        raise RuntimeError("too many rounds")


def grader_copied(value: object) -> object:
    """A copy of a tensor, or of anything else."""
    return value.clone() if hasattr(value, "clone") else grader_copy.copy(value)


def grader_told(value: object) -> str:
    """An answer in words: the same for a list and a tuple, and for what differs by rounding."""
    if hasattr(value, "tolist"):
        return f"{tuple(getattr(value, 'shape', ()))}{grader_told(value.tolist())}"
    if isinstance(value, (list, tuple)):
        return f"[{','.join(map(grader_told, value))}]"
    if isinstance(value, dict):
        items = [f"{grader_told(key)}={grader_told(one)}" for key, one in value.items()]
        return f"dict[{','.join(sorted(items))}]"
    if isinstance(value, (float, int)) and not isinstance(value, bool):
        if not 1e-6 < abs(value) < 1e300:
            return "0" if abs(value) < 1 else str(value)
        return f"{float(value):.3g}"
    return repr(value)


def grader_hash(told: str) -> str:
    """A short word for a long one."""
    return grader_hashlib.sha256(told.encode("utf-8", "replace")).hexdigest()
