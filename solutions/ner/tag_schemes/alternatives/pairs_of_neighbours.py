"""Look at neighbours two by two; borders where an entity begins or ends; lists for tuples."""

import itertools


def _check(tags):
    for index in range(len(tags)):
        tag = tags[index]
        if tag != "O" and (tag[:2] not in ("B-", "I-") or tag[2:] == ""):
            raise ValueError(f"{tag} at {index}")


def _pairs(tags):
    _check(tags)
    return list(itertools.pairwise(["O", *tags]))


def iob1_to_iob2(tags):
    """Return the tags in IOB2."""
    out = []
    for index, (left, right) in enumerate(_pairs(tags)):
        same = left[2:] == right[2:]
        if right[0] == "B" and not same:
            raise ValueError(f"tag {right!r} at {index}")
        out.append(right if right == "O" or same else right.replace("I-", "B-", 1))
    return out


def iob2_to_iob1(tags):
    """Return the tags in IOB1."""
    out = []
    for index, (left, right) in enumerate(_pairs(tags)):
        same = left[2:] == right[2:]
        if right[0] == "I" and not same:
            raise ValueError(f"tag {right!r} at {index}")
        out.append("I" + right[1:] if right[0] == "B" and not same else right)
    return out


def to_spans(tags):
    """Return the entities."""
    _check(tags)
    starts = [index for index, tag in enumerate(tags) if tag.startswith("B")]
    found = []
    for start in starts:
        kind = tags[start].split("-", 1)[1]
        rest = itertools.takewhile(f"I-{kind}".__eq__, tags[start + 1 :])
        found.append([kind, start, start + 1 + sum(1 for _ in rest)])
    return found
