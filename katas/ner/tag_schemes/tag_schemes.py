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
    raise NotImplementedError


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
    raise NotImplementedError


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
    raise NotImplementedError
