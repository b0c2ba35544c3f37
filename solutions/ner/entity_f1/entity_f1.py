"""Score a tagger by the entities that it finds, and sort its errors."""


def entity_f1(
    gold: list[list[str]], predicted: list[list[str]]
) -> tuple[tuple[float, float, float], dict[str, tuple[float, float, float]]]:
    """Give precision, recall and F1 of entities: over all of them, and for each type.

        precision = correct / predicted,   recall = correct / gold,   F1 = 2 P R / (P + R)

    An entity is correct if type, start and end are. It is read as in `ner/tag_schemes`: a B-TYPE
    and every I-TYPE of the same type right behind it; an I-TYPE that continues nothing is part of
    no entity. A quotient by 0 is 0.

    Args:
        gold: for each sentence its true tags in IOB2: O, B-TYPE or I-TYPE.
        predicted: for each sentence the tags of a model, in any order.

    Returns:
        micro: (precision, recall, F1) over all entities.
        per_type: (precision, recall, F1) for each type that occurs in gold or predicted entities.

    Raises:
        ValueError: the number of sentences differs, or the number of tags in one. The message
            holds both numbers, and in the second case the position of the sentence from 0.

    Source: Tjong Kim Sang and De Meulder (2003), section 2.4.
    """
    true, found = _entities(gold, predicted)
    kinds = sorted({kind for _, kind, _, _ in true | found})
    per_type = {
        kind: _rates({e for e in true if e[1] == kind}, {e for e in found if e[1] == kind})
        for kind in kinds
    }
    return _rates(true, found), per_type


def error_analysis(
    gold: list[list[str]], predicted: list[list[str]]
) -> list[tuple[str, int, tuple[str, int, int] | None, tuple[str, int, int] | None]]:
    """Sort the errors of a tagger into four kinds.

    Correct entities are left out first. Of what remains, in this order, each entity at most once:

        "type"       a gold and a predicted entity with the same start and end
        "boundary"   a gold and a predicted entity of the same type that share a token; each gold
                     entity, from left to right, takes the first such one that is left
        "missed"     a gold entity that is left
        "spurious"   a predicted entity that is left

    Args:
        gold: for each sentence its true tags in IOB2: O, B-TYPE or I-TYPE.
        predicted: for each sentence the tags of a model, in any order.

    Returns:
        An entry (kind, sentence, gold entity, predicted entity) for each error. An entity is (type,
        start, end), with the end exclusive, and None where there is none. Entries are sorted by
        sentence, then by the first token of either entity, then by kind.

    Raises:
        ValueError: the number of sentences differs, or the number of tags in one.

    Source: the kinds are those of Chinchor and Sundheim (1993), MUC-5 Evaluation Metrics, without
        its half points.
    """
    true, found = _entities(gold, predicted)
    errors = []
    for sentence in range(len(gold)):
        missed = sorted((e[1:] for e in true - found if e[0] == sentence), key=_start)
        spurious = sorted((e[1:] for e in found - true if e[0] == sentence), key=_start)
        for kind, pairs_up in (("type", _same_place), ("boundary", _overlaps)):
            for one in list(missed):
                other = next((p for p in spurious if pairs_up(one, p)), None)
                if other is not None:
                    errors.append((kind, sentence, one, other))
                    missed.remove(one)
                    spurious.remove(other)
        errors += [("missed", sentence, one, None) for one in missed]
        errors += [("spurious", sentence, None, one) for one in spurious]
    return sorted(errors, key=_order)


Span = tuple[str, int, int]


def _entities(
    gold: list[list[str]], predicted: list[list[str]]
) -> tuple[set[tuple[int, str, int, int]], set[tuple[int, str, int, int]]]:
    """Find the entities of both sides, each with its sentence.

    Args:
        gold: for each sentence its true tags.
        predicted: for each sentence the tags of a model.

    Returns:
        Two sets of (sentence, type, start, end).

    Raises:
        ValueError: the two have not the same form.
    """
    if len(gold) != len(predicted):
        raise ValueError(f"{len(gold)} sentences have gold tags, and {len(predicted)} predicted")
    for sentence, (true, found) in enumerate(zip(gold, predicted, strict=True)):
        if len(true) != len(found):
            raise ValueError(
                f"sentence {sentence} has {len(true)} gold tags, and {len(found)} predicted"
            )
    true, found = (
        {(n, *span) for n, tags in enumerate(side) for span in _spans(tags)}
        for side in (gold, predicted)
    )
    return true, found


def _spans(tags: list[str]) -> list[Span]:
    """Find the entities of one sentence.

    Args:
        tags: O, B-TYPE or I-TYPE, in any order.

    Returns:
        The entities (type, start, end), from left to right.
    """
    spans = []
    for start, tag in enumerate(tags):
        if tag.startswith("B-"):
            end = start + 1
            while end < len(tags) and tags[end] == "I" + tag[1:]:
                end += 1
            spans.append((tag[2:], start, end))
    return spans


def _rates(true: set, found: set) -> tuple[float, float, float]:
    """Compute precision, recall and F1.

    Args:
        true: the gold entities.
        found: the predicted entities.

    Returns:
        The three numbers.
    """
    correct = len(true & found)
    precision = correct / len(found) if found else 0.0
    recall = correct / len(true) if true else 0.0
    f1 = 2 * correct / (len(true) + len(found)) if correct else 0.0
    return precision, recall, f1


def _start(span: Span) -> int:
    return span[1]


def _same_place(one: Span, other: Span) -> bool:
    return one[1:] == other[1:]


def _overlaps(one: Span, other: Span) -> bool:
    return one[0] == other[0] and one[1] < other[2] and other[1] < one[2]


def _order(error: tuple) -> tuple[int, int, str]:
    kind, sentence, one, other = error
    return sentence, min(span[1] for span in (one, other) if span), kind
