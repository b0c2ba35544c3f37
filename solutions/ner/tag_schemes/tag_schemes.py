"""Convert between two schemes of tags, and find the entities that tags describe."""


def iob1_to_iob2(tags: list[str]) -> list[str]:
    """Write the tags of one sentence in IOB2: every entity begins with B.

    Args:
        tags: T >= 1 tags of a sentence in IOB1: O, I-TYPE, and B-TYPE only for an entity that
            stands right after another one of its own type. The list is not modified.

    Returns:
        T tags in IOB2.

    Raises:
        ValueError: a tag is not O, B-TYPE or I-TYPE, or a B-TYPE stands where IOB1 has none. The
            message holds the tag and its position, counted from 0.

    Source: Ramshaw and Marcus (1995), section 4.1; the names are those of Tjong Kim Sang and
        Veenstra (1999), section 2.
    """
    converted = []
    before = ""  # the type of the tag before, nothing for O
    for position, tag in enumerate(tags):
        prefix, kind = _parts(tag, position)
        if prefix == "B" and kind != before:
            raise ValueError(
                f"{tag!r} at position {position} does not follow an entity of its own type, so "
                "this is not IOB1; are the tags in IOB2 already?"
            )
        begins = prefix == "I" and kind != before
        converted.append(f"B-{kind}" if begins else tag)
        before = kind
    return converted


def iob2_to_iob1(tags: list[str]) -> list[str]:
    """Write the tags of one sentence in IOB1: B only between two entities of the same type.

    Args:
        tags: T >= 1 tags of a sentence in IOB2: every entity begins with B. The list is not
            modified.

    Returns:
        T tags in IOB1.

    Raises:
        ValueError: a tag is not O, B-TYPE or I-TYPE, or an I-TYPE continues no entity of its type.
            The message holds the tag and its position, counted from 0.

    Source: Tjong Kim Sang and Veenstra (1999), section 2.
    """
    converted = []
    before = ""
    for position, tag in enumerate(tags):
        prefix, kind = _parts(tag, position)
        if prefix == "I" and kind != before:
            raise ValueError(
                f"{tag!r} at position {position} continues no entity of its type, so this is not "
                "IOB2; are the tags in IOB1?"
            )
        needs_no_b = prefix == "B" and kind != before
        converted.append(f"I-{kind}" if needs_no_b else tag)
        before = kind
    return converted


def to_spans(tags: list[str]) -> list[tuple[str, int, int]]:
    """Find the entities of one sentence in IOB2, whose tags may be in an illegal order.

    An entity is a B-TYPE and every I-TYPE of the same type right behind it. An I-TYPE that
    continues no entity is part of none.

    Args:
        tags: T >= 1 tags: O, B-TYPE or I-TYPE, in any order. The list is not modified.

    Returns:
        The entities from left to right, each as (type, start, end): its tokens are start to
        end - 1.

    Raises:
        ValueError: a tag is not O, B-TYPE or I-TYPE. The message holds the tag and its position,
            counted from 0.

    Source: the convention is that of seqeval (Nakayama 2018) with mode="strict", scheme=IOB2.
    """
    spans = []
    begun = None  # the entity that is being read: its type and its start
    for position, tag in enumerate([*tags, "O"]):
        prefix, kind = _parts(tag, position)
        if begun and not (prefix == "I" and kind == begun[0]):
            spans.append((*begun, position))
            begun = None
        if prefix == "B":
            begun = (kind, position)
    return spans


def _parts(tag: str, position: int) -> tuple[str, str]:
    """Take a tag apart.

    Args:
        tag: the tag.
        position: where it stands, for the message.

    Returns:
        "O" and nothing, or "B" or "I" and the type, which may hold hyphens itself.

    Raises:
        ValueError: it is no tag.
    """
    prefix, _, kind = tag.partition("-")
    if tag == "O" or (prefix in ("B", "I") and kind):
        return prefix, kind
    raise ValueError(f"{tag!r} at position {position} is not O, B-TYPE or I-TYPE")
