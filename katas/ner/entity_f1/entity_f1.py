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
    raise NotImplementedError


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
    raise NotImplementedError
