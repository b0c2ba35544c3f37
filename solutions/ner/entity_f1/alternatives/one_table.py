"""A table of entities with both sides in it; a regular expression over the tags; lists."""

import re
from dataclasses import dataclass, field


@dataclass
class _Entity:
    where: tuple
    sides: set = field(default_factory=set)


def _spans(tags):
    marks = "".join(tag[0] for tag in tags)
    for match in re.finditer("B(I*)", marks):
        begin = match.start()
        end = begin + 1
        for place in range(begin + 1, match.end()):
            if tags[place][2:] != tags[begin][2:]:
                break
            end = place + 1
        yield tags[begin][2:], begin, end


def _table(gold, predicted):
    if len(gold) != len(predicted):
        raise ValueError("sentences: %s, %s" % (len(gold), len(predicted)))  # noqa: UP031
    table = {}
    for n, both in enumerate(zip(gold, predicted, strict=True)):
        if len(set(map(len, both))) != 1:
            raise ValueError("sentence %s: tags %s, %s" % (n, *map(len, both)))  # noqa: UP031
        for side, tags in zip("gp", both, strict=True):
            for span in _spans(tags):
                table.setdefault((n, *span), _Entity((n, *span))).sides.add(side)
    return list(table.values())


def _rate(rows):
    both = sum(len(row.sides) == 2 for row in rows)
    gold = sum("g" in row.sides for row in rows)
    found = sum("p" in row.sides for row in rows)
    return [both / max(found, 1), both / max(gold, 1), 2 * both / max(gold + found, 1)]


def entity_f1(gold, predicted):
    """Return the rates."""
    table = _table(gold, predicted)
    kinds = {row.where[1] for row in table}
    return _rate(table), {k: _rate([row for row in table if row.where[1] == k]) for k in kinds}


def error_analysis(gold, predicted):
    """Return the errors."""
    rows = [row for row in _table(gold, predicted) if len(row.sides) == 1]
    rows.sort(key=lambda row: (row.where[0], row.where[2]))
    missed = [row.where for row in rows if row.sides == {"g"}]
    spurious = [row.where for row in rows if row.sides == {"p"}]
    tests = {
        "type": lambda a, b: (a[0], a[2], a[3]) == (b[0], b[2], b[3]),
        "boundary": lambda a, b: a[:2] == b[:2] and max(a[2], b[2]) < min(a[3], b[3]),
    }
    errors = []
    for kind, test in tests.items():
        for one in missed[:]:
            candidates = [other for other in spurious if test(one, other)]
            if candidates:
                missed.remove(one)
                spurious.remove(candidates[0])
                errors.append([kind, one[0], list(one[1:]), list(candidates[0][1:])])
    errors += [["missed", one[0], list(one[1:]), None] for one in missed]
    errors += [["spurious", one[0], None, list(one[1:])] for one in spurious]
    return sorted(errors, key=lambda e: (e[1], min(s[1] for s in e[2:] if s), e[0]))
