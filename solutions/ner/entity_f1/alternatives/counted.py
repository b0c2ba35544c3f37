"""Counters in place of sets; F1 from precision and recall; errors token by token."""

from collections import Counter


def _spans(tags):
    spans, open_span = [], None
    for index, tag in enumerate([*list(tags), "O"]):
        if open_span is not None and tag != f"I-{open_span[0]}":
            spans.append((open_span[0], open_span[1], index))
            open_span = None
        if tag[:2] == "B-":
            open_span = (tag[2:], index)
    return spans


def _pairs(gold, predicted):
    if len(gold) != len(predicted):
        raise ValueError(f"{len(gold)} and {len(predicted)} sentences")
    for index in range(len(gold)):
        if len(gold[index]) != len(predicted[index]):
            raise ValueError(f"{index}: {len(gold[index])} and {len(predicted[index])} tags")
        yield index, _spans(gold[index]), _spans(predicted[index])


def _three(hits, found, true):
    p = hits / found if found else 0.0
    r = hits / true if true else 0.0
    return (p, r, 2 * p * r / (p + r) if p + r else 0.0)


def entity_f1(gold, predicted):
    """Return the rates."""
    hits, found, true = Counter(), Counter(), Counter()
    for _, one, other in _pairs(gold, predicted):
        true.update(span[0] for span in one)
        found.update(span[0] for span in other)
        hits.update(span[0] for span in one if span in other)
    per_type = {k: _three(hits[k], found[k], true[k]) for k in {**true, **found}}
    return _three(hits.total(), found.total(), true.total()), per_type


def error_analysis(gold, predicted):
    """Return the errors."""
    out = []
    for index, one, other in _pairs(gold, predicted):
        left = [span for span in one if span not in other]
        right = [span for span in other if span not in one]
        rows = []
        for kind in ("type", "boundary"):
            still = []
            for span in left:
                for candidate in right:
                    tokens = set(range(*span[1:])) & set(range(*candidate[1:]))
                    fits = (
                        span[1:] == candidate[1:]
                        if kind == "type"
                        else tokens and span[0] == candidate[0]
                    )
                    if fits:
                        right.remove(candidate)
                        rows.append((min(span[1], candidate[1]), kind, span, candidate))
                        break
                else:
                    still.append(span)
            left = still
        rows.extend((span[1], "missed", span, None) for span in left)
        rows.extend((span[1], "spurious", None, span) for span in right)
        rows.sort(key=lambda row: row[:2])
        out.extend((kind, index, a, b) for _, kind, a, b in rows)
    return out
